/* mime/encode.c - a message out of properties, bodies and attachments */
#include "mime/encode.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mime/encode_private.h"

#define BOUNDARY_SIZE 64
#define READ_SIZE     4096
#define TEXT_LINE_MAX 990 /* RFC 5322, 2.1.1: 998, with something to spare */

static WAITS void write_message(struct encoder *encoder, const struct mime_outgoing *outgoing);

static void put(struct encoder *encoder, const char *text)
{
    writer_string(&encoder->writer, text);
}

/* --- Multiparts ------------------------------------------------------------------------------- */

static void open_multipart(struct encoder *encoder, const char *subtype, const char *type,
                           char boundary[BOUNDARY_SIZE])
{
    struct writer *writer = &encoder->writer;
    char value[40];

    /* "=_" is in no base64 and no quoted-printable text (RFC 2045, 6.7). */
    snprintf(boundary, BOUNDARY_SIZE, "=_%s_%u", encoder->seed, ++encoder->boundaries);
    snprintf(value, sizeof(value), "multipart/%s", subtype);
    writer_begin(writer, "Content-Type");
    writer_piece(writer, value);
    if (type)
        writer_param(writer, "type", type);
    writer_param(writer, "boundary", boundary);
    writer_end(writer);
    if (encoder->has_8bit)
        put(encoder, "Content-Transfer-Encoding: 8bit\r\n");
}

static void next_part(struct encoder *encoder, const char *boundary)
{
    put(encoder, "\r\n--");
    put(encoder, boundary);
    put(encoder, "\r\n");
}

static void close_multipart(struct encoder *encoder, const char *boundary)
{
    put(encoder, "\r\n--");
    put(encoder, boundary);
    put(encoder, "--");
}

/* --- Content ---------------------------------------------------------------------------------- */

static void put_encoded(struct encoder *encoder, struct transfer_encoder *transfer,
                        const void *bytes, size_t size, bool last)
{
    const char *at = bytes;
    char out[READ_SIZE];
    size_t used, made;

    do {
        transfer_encode(transfer, at, size, last, out, sizeof(out), &used, &made);
        writer_put(&encoder->writer, out, made);
        at += used;
        size -= used;
    } while (size > 0 || made == sizeof(out));
}

static WAITS void put_source(struct encoder *encoder, const struct mime_source *source,
                             enum transfer_encoding encoding)
{
    struct writer *writer = &encoder->writer;
    struct transfer_encoder transfer;
    char buffer[READ_SIZE];
    size_t size = 1;

    transfer_encoder_init(&transfer, encoding);
    if (!source->read)
        return;
    if (SUCCEEDED(writer->hr) && source->rewind)
        writer->hr = source->rewind(source->arg);
    while (SUCCEEDED(writer->hr) && size > 0) {
        HRESULT hr = source->read(source->arg, buffer, sizeof(buffer), &size);

        if (FAILED(hr))
            writer->hr = hr;
        else
            put_encoded(encoder, &transfer, buffer, size, size == 0);
    }
}

/* What text is like, to choose its encoding by. */
struct text_look {
    size_t longest_line, eight_bit;
    bool clean; /* CRLF only, no control characters, no line that mailboxes change */
};

static struct text_look look_at(const char *text, size_t size)
{
    struct text_look look = {.clean = true};
    size_t line = 0;

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (line == 0 && size - i >= 5 && memcmp(text + i, "From ", 5) == 0)
            look.clean = false;
        if (c == '\r' && i + 1 < size && text[i + 1] == '\n') {
            if (i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t') && line > TEXT_LINE_MAX)
                look.clean = false;
            i++;
            line = 0;
            continue;
        }
        look.eight_bit += c > 127;
        look.clean &= c >= ' ' || c == '\t';
        look.clean &= c != 127;
        if (++line > look.longest_line)
            look.longest_line = line;
    }
    return look;
}

static bool ends_line(const char *text, size_t size)
{
    return size >= 2 && text[size - 2] == '\r' && text[size - 1] == '\n';
}

/* A text part. At the root of a message nothing follows that would end its last line, so that the
 * encoding has to hide the line end that is put there. */
static void write_text(struct encoder *encoder, const struct mime_outgoing *outgoing,
                       const char *subtype, const char *charset, const char *text, size_t size,
                       bool is_root)
{
    struct text_look look = look_at(text, size);
    bool fits = look.clean && look.longest_line <= TEXT_LINE_MAX &&
                (!is_root || size == 0 || ends_line(text, size)) &&
                (look.eight_bit == 0 || outgoing->flags & MIME_ENCODE_8BIT);
    bool ascii_based = !charset || strncasecmp(charset, "utf-16", 6) != 0;
    struct transfer_encoder transfer;
    char type[40];

    snprintf(type, sizeof(type), "text/%s", subtype);
    writer_begin(&encoder->writer, "Content-Type");
    writer_piece(&encoder->writer, type);
    writer_param(&encoder->writer, "charset",
                 charset               ? charset
                 : look.eight_bit == 0 ? "us-ascii"
                                       : "utf-8");
    writer_end(&encoder->writer);
    if (fits && ascii_based) {
        put(encoder, look.eight_bit ? "Content-Transfer-Encoding: 8bit\r\n\r\n"
                                    : "Content-Transfer-Encoding: 7bit\r\n\r\n");
        writer_put(&encoder->writer, text, size);
    } else if (look.eight_bit > size / 3 || !ascii_based) {
        put(encoder, "Content-Transfer-Encoding: base64\r\n\r\n");
        transfer_encoder_init(&transfer, TRANSFER_BASE64);
        put_encoded(encoder, &transfer, text, size, true);
        put(encoder, is_root ? "\r\n" : "");
    } else {
        put(encoder, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        transfer_encoder_init(&transfer, TRANSFER_QUOTED_PRINTABLE);
        put_encoded(encoder, &transfer, text, size, true);
        put(encoder, is_root && !ends_line(text, size) ? "=\r\n" : "");
    }
}

/* PR_BODY's line ends are CRLF; what programs set may have LF alone. */
static void write_plain(struct encoder *encoder, const struct mime_outgoing *outgoing, bool is_root)
{
    const char *text = outgoing->text ? outgoing->text : "";
    size_t size = outgoing->text ? outgoing->text_size : 0, made = 0;
    char *lines = arena_alloc(&encoder->arena, size * 2 + 1);

    if (!lines) {
        encoder->writer.hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
            lines[made++] = '\r';
        lines[made++] = text[i];
    }
    write_text(encoder, outgoing, "plain", NULL, lines, made, is_root);
}

static void write_html(struct encoder *encoder, const struct mime_outgoing *outgoing, bool is_root)
{
    write_text(encoder, outgoing, "html", outgoing->html_charset ? outgoing->html_charset : "utf-8",
               outgoing->html, outgoing->html_size, is_root);
}

/* --- Attachments ------------------------------------------------------------------------------ */

static bool is_message(const struct mime_outgoing_attachment *attachment)
{
    return attachment->message || attachment->raw_message;
}

/* "type/subtype", perhaps with parameters, that may carry base64 (RFC 2045, 6.4). */
static bool is_content_type(const char *type)
{
    const char *slash = type ? strchr(type, '/') : NULL;

    if (!slash || slash == type || !slash[1] || strlen(type) > 200)
        return false;
    for (const char *at = type; *at; at++)
        if (*at < ' ' || *at > 126)
            return false;
    return strncasecmp(type, "multipart/", 10) != 0 && strncasecmp(type, "message/", 8) != 0;
}

static void date_param(struct encoder *encoder, const char *name, int64_t seconds)
{
    char text[DATE_SIZE];

    if (seconds == 0 || seconds == INT64_MIN)
        return;
    outgoing_date(seconds, text);
    writer_param(&encoder->writer, name, text);
}

static void write_attachment_fields(struct encoder *encoder,
                                    const struct mime_outgoing_attachment *attachment, bool related)
{
    struct writer *writer = &encoder->writer;
    const char *type = attachment->mime_type;

    if (is_message(attachment))
        type = "message/rfc822";
    else if (!is_content_type(type))
        type = "application/octet-stream";
    writer_begin(writer, "Content-Type");
    writer_piece(writer, type);
    if (attachment->name && !strcasestr(type, "name="))
        writer_param(writer, "name", attachment->name);
    writer_end(writer);
    writer_begin(writer, "Content-Disposition");
    writer_piece(writer, related ? "inline" : "attachment");
    if (attachment->name)
        writer_param(writer, "filename", attachment->name);
    date_param(encoder, "creation-date", attachment->created);
    date_param(encoder, "modification-date", attachment->modified);
    writer_end(writer);
    if (attachment->content_id && attachment->content_id[0]) {
        char id[256];

        snprintf(id, sizeof(id), "<%s>", attachment->content_id);
        writer_token_field(writer, "Content-ID", id);
    }
    if (attachment->content_location && attachment->content_location[0])
        writer_token_field(writer, "Content-Location", attachment->content_location);
}

static WAITS void write_attachment(struct encoder *encoder,
                                   const struct mime_outgoing_attachment *attachment, bool related)
{
    write_attachment_fields(encoder, attachment, related);
    if (attachment->message) {
        put(encoder, encoder->has_8bit ? "Content-Transfer-Encoding: 8bit\r\n\r\n"
                                       : "Content-Transfer-Encoding: 7bit\r\n\r\n");
        write_message(encoder, attachment->message);
    } else if (attachment->raw_message) {
        put(encoder, "Content-Transfer-Encoding: 8bit\r\n\r\n");
        put_source(encoder, &attachment->content, TRANSFER_IDENTITY);
    } else {
        put(encoder, "Content-Transfer-Encoding: base64\r\n\r\n");
        put_source(encoder, &attachment->content, TRANSFER_BASE64);
    }
}

/* Beside the HTML that names it. */
static bool is_related(const struct mime_outgoing *outgoing,
                       const struct mime_outgoing_attachment *attachment)
{
    return attachment->inline_in_html && outgoing->html && !is_message(attachment) &&
           ((attachment->content_id && attachment->content_id[0]) ||
            (attachment->content_location && attachment->content_location[0]));
}

static size_t count_attachments(const struct mime_outgoing *outgoing, bool related)
{
    size_t count = 0;

    for (size_t i = 0; i < outgoing->attachment_count; i++)
        count += is_related(outgoing, &outgoing->attachments[i]) == related;
    return count;
}

static WAITS void write_attachments(struct encoder *encoder, const struct mime_outgoing *outgoing,
                                    bool related, const char *boundary)
{
    for (size_t i = 0; i < outgoing->attachment_count; i++) {
        if (is_related(outgoing, &outgoing->attachments[i]) != related)
            continue;
        next_part(encoder, boundary);
        write_attachment(encoder, &outgoing->attachments[i], related);
    }
}

/* --- The nest: mixed(alternative(text, related(html, inline...)), attachments...) ------------- */

static WAITS void write_related(struct encoder *encoder, const struct mime_outgoing *outgoing,
                                bool is_root)
{
    char boundary[BOUNDARY_SIZE];

    if (count_attachments(outgoing, true) == 0) {
        write_html(encoder, outgoing, is_root);
        return;
    }
    open_multipart(encoder, "related", "text/html", boundary);
    next_part(encoder, boundary);
    write_html(encoder, outgoing, false);
    write_attachments(encoder, outgoing, true, boundary);
    close_multipart(encoder, boundary);
}

static WAITS void write_bodies(struct encoder *encoder, const struct mime_outgoing *outgoing,
                               bool is_root)
{
    char boundary[BOUNDARY_SIZE];

    if (!outgoing->html) {
        write_plain(encoder, outgoing, is_root);
    } else if (!outgoing->text) {
        write_related(encoder, outgoing, is_root);
    } else {
        open_multipart(encoder, "alternative", NULL, boundary);
        next_part(encoder, boundary);
        write_plain(encoder, outgoing, false);
        next_part(encoder, boundary);
        write_related(encoder, outgoing, false);
        close_multipart(encoder, boundary);
    }
}

static WAITS void write_mixed(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    char boundary[BOUNDARY_SIZE];

    if (count_attachments(outgoing, false) == 0) {
        write_bodies(encoder, outgoing, true);
        return;
    }
    open_multipart(encoder, "mixed", NULL, boundary);
    if (outgoing->text || outgoing->html) {
        next_part(encoder, boundary);
        write_bodies(encoder, outgoing, false);
    }
    write_attachments(encoder, outgoing, false, boundary);
    close_multipart(encoder, boundary);
}

/* MS-OXOSMIME: the one attachment is the content of the message. A signed one is a whole entity
 * with its Content-Type field, untouched. False: it is no such message. */
static WAITS bool write_smime(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    static const char class_prefix[] = "IPM.Note.SMIME";
    const char *class =
        outgoing_string(&encoder->arena, outgoing->props, outgoing->prop_count, PR_MESSAGE_CLASS_W);

    if (!class || strncasecmp(class, class_prefix, sizeof(class_prefix) - 1) != 0 ||
        outgoing->attachment_count != 1 || is_message(&outgoing->attachments[0]))
        return false;
    if (strcasestr(class, ".MultipartSigned")) {
        put_source(encoder, &outgoing->attachments[0].content, TRANSFER_IDENTITY);
    } else {
        write_attachment(encoder, &outgoing->attachments[0], false);
        put(encoder, "\r\n");
    }
    return true;
}

static void write_message(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    if (++encoder->depth > MIME_DEPTH_MAX) {
        encoder->writer.hr = MAPI_E_TOO_COMPLEX;
        return;
    }
    encode_header(encoder, outgoing);
    if (!write_smime(encoder, outgoing)) {
        write_mixed(encoder, outgoing);
        if (outgoing->attachment_count || (outgoing->text && outgoing->html))
            put(encoder, "\r\n"); /* behind the last boundary */
    }
    encoder->depth--;
}

/* --- The whole -------------------------------------------------------------------------------- */

/* What the multiparts around it have to say (RFC 2045, 6.4). A raw message may have any bytes. */
static bool has_8bit(const struct mime_outgoing *outgoing, unsigned depth)
{
    bool found = outgoing->flags & MIME_ENCODE_8BIT;

    for (size_t i = 0; !found && depth < MIME_DEPTH_MAX && i < outgoing->attachment_count; i++) {
        const struct mime_outgoing_attachment *attachment = &outgoing->attachments[i];

        found = attachment->raw_message ||
                (attachment->message && has_8bit(attachment->message, depth + 1));
    }
    return found;
}

HRESULT mime_encode(const struct mime_outgoing *outgoing, mime_write_fn write, void *arg)
{
    struct encoder *encoder = mapi_alloc(NULL, sizeof(*encoder));
    HRESULT hr;

    if (!encoder)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    writer_init(&encoder->writer, write, arg);
    encoder->seed = outgoing->seed;
    encoder->has_8bit = has_8bit(outgoing, 1);
    write_message(encoder, outgoing);
    writer_flush(&encoder->writer);
    hr = encoder->writer.hr;
    arena_clear(&encoder->arena);
    mapi_free(encoder);
    return hr;
}

static HRESULT count_bytes(void *arg, const void *bytes, size_t size)
{
    uint64_t *total = arg;

    (void)bytes;
    *total += size;
    return S_OK;
}

HRESULT mime_encode_size(const struct mime_outgoing *outgoing, uint64_t *ret_size)
{
    uint64_t total = 0;
    HRESULT hr = mime_encode(outgoing, count_bytes, &total);

    if (SUCCEEDED(hr))
        *ret_size = total;
    return hr;
}
