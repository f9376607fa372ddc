/* mime/header_address.c - address lists as mail programs write them */
#include <ctype.h>
#include <string.h>

#include "mime/charset.h"
#include "mime/header.h"
#include "mime/header_props.h"
#include "mime/header_text.h"

/* One mailbox while it is read. The buffers have room for the whole field. */
struct mailbox {
    char *phrase; /* what stands outside of <>, quotes taken off */
    char *raw;    /* the same with its quotes: an address in the plain form */
    char *angle;  /* what stands in <> */
    char *comment;
    size_t phrase_size, raw_size, angle_size, comment_size;
    bool has_angle;
};

struct list {
    struct arena *arena;
    const char *charset;
    struct header_address **next;
    size_t count;
    bool failed;
};

static void put(char *text, size_t *size, char c)
{
    text[(*size)++] = c;
}

/* Folds and runs of white space become one space. */
static void put_blank(char *text, size_t *size)
{
    if (*size && text[*size - 1] != ' ')
        put(text, size, ' ');
}

static void trim(char *text, size_t *size)
{
    while (*size && text[*size - 1] == ' ')
        --*size;
}

static const char *read_quoted(const char *at, const char *end, struct mailbox *box)
{
    put(box->raw, &box->raw_size, '"');
    for (at++; at < end && *at != '"'; at++) {
        if (*at == '\r' || *at == '\n')
            continue;
        if (*at == '\\' && at + 1 < end) {
            put(box->raw, &box->raw_size, '\\');
            at++;
        }
        put(box->phrase, &box->phrase_size, *at);
        put(box->raw, &box->raw_size, *at);
    }
    put(box->raw, &box->raw_size, '"');
    return at < end ? at + 1 : at;
}

static const char *read_comment(const char *at, const char *end, struct mailbox *box)
{
    int depth = 1;

    box->comment_size = 0; /* the last one counts */
    for (at++; at < end; at++) {
        if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at + 1;
        else if (*at == '\\' && at + 1 < end)
            at++;
        put(box->comment, &box->comment_size, *at);
    }
    return at;
}

/* Without white space and without a route ("@a,@b:local@domain"). */
static const char *read_angle(const char *at, const char *end, struct mailbox *box)
{
    bool quoted = false;

    box->has_angle = true;
    box->angle_size = 0;
    for (at++; at < end && (quoted || *at != '>'); at++) {
        if (*at == '"')
            quoted = !quoted;
        if (!quoted && *at == ':' && box->angle_size && box->angle[0] == '@')
            box->angle_size = 0;
        else if (quoted || !isspace((unsigned char)*at))
            put(box->angle, &box->angle_size, *at);
    }
    return at < end ? at + 1 : at;
}

static const char *decode(struct list *list, const char *bytes, size_t size)
{
    const char *text = header_text_decode_in(list->arena, list->charset, bytes, size);
    size_t length = text ? strlen(text) : 0;
    char *trimmed;

    if (!text || (length && (text[0] == ' ' || text[length - 1] == ' '))) {
        while (text && *text == ' ') {
            text++;
            length--;
        }
        trimmed = text ? arena_alloc(list->arena, length + 1) : NULL;
        if (!trimmed) {
            list->failed = true;
            return "";
        }
        memcpy(trimmed, text, length + 1);
        while (length && trimmed[length - 1] == ' ')
            trimmed[--length] = '\0';
        return trimmed;
    }
    return text;
}

/* Raw 8-bit addresses are UTF-8 (RFC 6532) or what the message's charset is. */
static const char *address_text(struct list *list, const char *bytes, size_t size)
{
    const char *text = charset_to_utf8(list->arena, NULL, bytes, size, NULL);

    if (!text)
        list->failed = true;
    return text ? text : "";
}

static void add(struct list *list, const char *name, const char *address)
{
    struct header_address *item = arena_alloc(list->arena, sizeof(*item));

    if (!item || list->failed) {
        list->failed = true;
        return;
    }
    *item = (struct header_address){.name = name, .address = address};
    *list->next = item;
    list->next = &item->next;
    list->count++;
}

/* Not in <>: "local@domain", "Name local@domain", or a name alone. */
static void add_plain(struct list *list, struct mailbox *box)
{
    const char *name = decode(list, box->comment, box->comment_size), *at;
    size_t start, length;

    if (box->raw[0] == '"' && box->raw[box->raw_size - 1] == '"') { /* quotes around all of it */
        memcpy(box->raw, box->phrase, box->phrase_size);
        box->raw_size = box->phrase_size;
    }
    at = memchr(box->raw, '@', box->raw_size);
    if (!at) {
        const char *text = decode(list, box->phrase, box->phrase_size);

        add(list, name[0] ? name : text, text);
        return;
    }
    length = box->raw_size;
    for (start = (size_t)(at - box->raw); start > 0 && box->raw[0] != '"'; start--)
        if (box->raw[start - 1] == ' ')
            break;
    if (box->raw[0] == '"')
        start = 0;
    if (start > 0 && !name[0])
        name = decode(list, box->raw, start - 1);
    if (box->raw[start] == '<' && box->raw[length - 1] == '>') { /* out of a quote left open */
        start++;
        length--;
    }
    add(list, name, address_text(list, box->raw + start, length - start));
}

static void finish(struct list *list, struct mailbox *box)
{
    trim(box->phrase, &box->phrase_size);
    trim(box->raw, &box->raw_size);
    if (list->count >= MIME_RECIPIENTS_MAX) {
        /* dropped */
    } else if (box->has_angle) {
        const char *name = box->phrase_size ? decode(list, box->phrase, box->phrase_size)
                                            : decode(list, box->comment, box->comment_size);
        const char *address = address_text(list, box->angle, box->angle_size);

        if (name[0] || address[0])
            add(list, name, address);
    } else if (box->phrase_size) {
        add_plain(list, box);
    }
    box->phrase_size = box->raw_size = box->angle_size = box->comment_size = 0;
    box->has_angle = false;
}

static const char *read_one(const char *at, const char *end, struct list *list, struct mailbox *box)
{
    switch (*at) {
    case '"':
        return read_quoted(at, end, box);
    case '(':
        return read_comment(at, end, box);
    case '<':
        return read_angle(at, end, box);
    case ',':
    case ';':
        finish(list, box);
        return at + 1;
    case ':': /* a group's name, unless an address has the colon */
        if (!box->has_angle && !memchr(box->raw, '@', box->raw_size)) {
            box->phrase_size = box->raw_size = box->comment_size = 0;
            return at + 1;
        }
        break;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        put_blank(box->phrase, &box->phrase_size);
        put_blank(box->raw, &box->raw_size);
        return at + 1;
    }
    put(box->phrase, &box->phrase_size, *at);
    put(box->raw, &box->raw_size, *at);
    return at + 1;
}

bool header_addresses_parse(struct arena *arena, const char *charset, const char *bytes,
                            size_t size, struct header_address **ret_list, size_t *ret_count)
{
    const char *at = bytes, *end = bytes + size;
    struct header_address *first = NULL;
    struct list list = {.arena = arena, .charset = charset, .next = &first};
    /* A quoted string that is not closed is one longer than it stands there, three are possible. */
    size_t space = size * 2 + 4;
    struct mailbox box = {.phrase = arena_alloc(arena, space * 4)};

    if (!box.phrase)
        return false;
    box.raw = box.phrase + space;
    box.angle = box.raw + space;
    box.comment = box.angle + space;
    while (at < end && !list.failed)
        at = read_one(at, end, &list, &box);
    finish(&list, &box);
    *ret_list = first;
    *ret_count = list.count;
    return !list.failed;
}
