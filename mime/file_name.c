/* mime/file_name.c - names for attachments */
#include "mime/file_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *type, *extension;
} extensions[] = {
    {"text/plain", ".txt"},
    {"text/html", ".html"},
    {"text/calendar", ".ics"},
    {"text/vcard", ".vcf"},
    {"text/x-vcard", ".vcf"},
    {"text/directory", ".vcf"},
    {"text/csv", ".csv"},
    {"text/xml", ".xml"},
    {"text/rfc822-headers", ".txt"},
    {"image/jpeg", ".jpg"},
    {"image/png", ".png"},
    {"image/gif", ".gif"},
    {"image/bmp", ".bmp"},
    {"image/tiff", ".tif"},
    {"image/webp", ".webp"},
    {"image/svg+xml", ".svg"},
    {"audio/mpeg", ".mp3"},
    {"audio/wav", ".wav"},
    {"audio/x-wav", ".wav"},
    {"video/mp4", ".mp4"},
    {"application/pdf", ".pdf"},
    {"application/zip", ".zip"},
    {"application/gzip", ".gz"},
    {"application/json", ".json"},
    {"application/xml", ".xml"},
    {"application/rtf", ".rtf"},
    {"application/ics", ".ics"},
    {"application/msword", ".doc"},
    {"application/vnd.ms-excel", ".xls"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
    {"application/pgp-signature", ".asc"},
    {"application/pgp-encrypted", ".asc"},
    {"message/rfc822", ".eml"},
    {"message/global", ".eml"},
    {"message/delivery-status", ".txt"},
    {"message/disposition-notification", ".txt"},
};

static const char *extension_of_type(const char *type)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        if (strcasecmp(extensions[i].type, type) == 0)
            return extensions[i].extension;
    return strncasecmp(type, "text/", 5) == 0 ? ".txt" : ".bin";
}

static size_t cut(const char *text, size_t size)
{
    while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--; /* not within a character */
    return size;
}

/* NULL without memory, "" where nothing is left of it. */
static char *clean(struct arena *arena, const char *name)
{
    size_t size, count = 0;
    char *text;

    for (const char *at = name; *at; at++)
        if (*at == '/' || *at == '\\')
            name = at + 1;
    size = strlen(name);
    if (size > FILE_NAME_MAX) { /* the end says what it is: that stays */
        const char *dot = strrchr(name, '.');
        size_t tail = dot ? strlen(dot) : 0;

        if (tail == 0 || tail > 16)
            tail = 0;
        text = arena_alloc(arena, FILE_NAME_MAX + 1);
        if (!text)
            return NULL;
        count = cut(name, FILE_NAME_MAX - tail);
        memcpy(text, name, count);
        memcpy(text + count, name + size - tail, tail + 1);
        size = count + tail;
        count = 0;
    } else {
        text = arena_alloc(arena, size + 1);
        if (!text)
            return NULL;
        memcpy(text, name, size + 1);
    }
    for (size_t i = 0; i < size; i++)
        text[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? '_' : text[i];
    while (size > 0 && text[size - 1] == ' ')
        text[--size] = '\0';
    while (text[count] == ' ')
        count++;
    text += count;
    return strcmp(text, ".") == 0 || strcmp(text, "..") == 0 ? text + strlen(text) : text;
}

static char *concat(struct arena *arena, const char *a, const char *b, const char *c)
{
    size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = arena_alloc(arena, size);

    if (text)
        snprintf(text, size, "%s%s%s", a, b, c);
    return text;
}

static const char *made_up(struct arena *arena, const struct mime_attachment *attachment)
{
    const struct mime_part *part = attachment->part;
    const char *extension = extension_of_type(attachment->mime_type);
    const char *subject;

    if (attachment->kind == MIME_ATTACHMENT_ENTITY)
        return "smime.p7m";
    if (strcasecmp(attachment->mime_type, "application/pkcs7-mime") == 0 ||
        strcasecmp(attachment->mime_type, "application/x-pkcs7-mime") == 0)
        return "smime.p7m";
    if (strcasecmp(attachment->mime_type, "application/pkcs7-signature") == 0 ||
        strcasecmp(attachment->mime_type, "application/x-pkcs7-signature") == 0)
        return "smime.p7s";
    subject = attachment->kind == MIME_ATTACHMENT_MESSAGE && part->subject ? part->subject : "";
    subject = clean(arena, subject);
    if (!subject)
        return NULL;
    if (subject[0] && strlen(subject) + strlen(extension) <= FILE_NAME_MAX)
        return concat(arena, subject, extension, "");
    return concat(arena, attachment->kind == MIME_ATTACHMENT_MESSAGE ? "message" : "attachment",
                  extension, "");
}

bool attachment_name(struct arena *arena, struct mime_attachment *attachment)
{
    const struct mime_part *part = attachment->part;
    const char *name = part->filename && part->filename[0] ? part->filename : part->name;
    const char *dot;

    attachment->mime_type = concat(arena, part->type, "/", part->subtype);
    if (!attachment->mime_type)
        return false;
    if (attachment->kind == MIME_ATTACHMENT_ENTITY)
        name = NULL; /* MS-OXOSMIME: always the same */
    attachment->name = clean(arena, name ? name : "");
    if (attachment->name && !attachment->name[0])
        attachment->name = made_up(arena, attachment);
    if (!attachment->name)
        return false;
    dot = strrchr(attachment->name, '.');
    attachment->extension = dot && dot != attachment->name && dot[1] ? dot : "";
    return true;
}

void file_name_short(const char *name, char ret_short[13])
{
    const char *dot = strrchr(name, '.');
    size_t base = 0, size = 0, count = 0;
    bool exact = true;
    char stem[9];

    if (dot == name)
        dot = NULL;
    for (const char *at = name; *at && at != dot; at++, size++) {
        if (!isalnum((unsigned char)*at) && !strchr("_-~!#$%&()@^{}'", *at))
            exact = false;
        else if (base < 8)
            stem[base++] = (char)toupper((unsigned char)*at);
    }
    exact = exact && size <= 8 && base == size && base > 0;
    if (base == 0)
        stem[base++] = '_';
    if (!exact) {
        base = base > 6 ? 6 : base;
        stem[base++] = '~';
        stem[base++] = '1';
    }
    memcpy(ret_short, stem, base);
    if (dot && dot[1])
        ret_short[base++] = '.';
    for (const char *at = dot ? dot + 1 : ""; *at && count < 3; at++) {
        if (isalnum((unsigned char)*at)) {
            ret_short[base++] = (char)toupper((unsigned char)*at);
            count++;
        }
    }
    if (base && ret_short[base - 1] == '.')
        base--;
    ret_short[base] = '\0';
}
