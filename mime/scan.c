/* mime/scan.c - the parts of a message that is in memory */
#include "mime/scan.h"

#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mime/charset.h"
#include "mime/header.h"
#include "mime/header_text.h"
#include "mime/part_tree.h"

/* A multipart whose end has not come yet. */
struct open_multipart {
    struct mime_part *part, *last_child;
    const char *boundary;
    size_t boundary_size;
};

struct scan {
    struct part_tree *tree;
    const char *bytes;
    size_t size;
    size_t at;                 /* the line that comes next */
    struct mime_part *current; /* the innermost part that is open */
    bool in_header;
    struct open_multipart open[MIME_DEPTH_MAX];
    size_t open_count;
    unsigned depth; /* of `current` */
};

/* --- Header fields of a part ------------------------------------------------------------------ */

static bool apply_type(struct scan *scan, struct mime_part *part, const struct header_field *field)
{
    struct mime_param *params;
    const char *value, *slash, *type;
    size_t count;

    if (!header_value_parse(&scan->tree->arena, field->value, field->value_size, &value, &params,
                            &count))
        return false;
    slash = strchr(value, '/');
    if (!slash || slash == value || !slash[1]) /* "text", or nonsense: plain text (RFC 2045, 5.2) */
        return part_set_type(scan->tree, part, "text", "plain", params, count);
    type = arena_alloc(&scan->tree->arena, (size_t)(slash - value) + 1);
    if (!type)
        return false;
    memcpy((char *)type, value, (size_t)(slash - value));
    ((char *)type)[slash - value] = '\0';
    return part_set_type(scan->tree, part, type, slash + 1, params, count);
}

static bool apply_disposition(struct scan *scan, struct mime_part *part,
                              const struct header_field *field)
{
    struct mime_param *params;
    const char *value;
    size_t count;

    if (!header_value_parse(&scan->tree->arena, field->value, field->value_size, &value, &params,
                            &count))
        return false;
    part_set_disposition(part, value, strlen(value), params, count);
    return true;
}

static bool apply_encoding(struct scan *scan, struct mime_part *part,
                           const struct header_field *field)
{
    struct mime_param *params;
    const char *value;
    size_t count;

    return header_value_parse(&scan->tree->arena, field->value, field->value_size, &value, &params,
                              &count) &&
           part_set_encoding(scan->tree, part, value, strlen(value));
}

static bool apply_field(struct scan *scan, struct mime_part *part, const struct header_field *field)
{
    struct arena *arena = &scan->tree->arena;

    if (header_field_is(field, "Content-Type"))
        return apply_type(scan, part, field);
    if (header_field_is(field, "Content-Transfer-Encoding"))
        return apply_encoding(scan, part, field);
    if (header_field_is(field, "Content-Disposition"))
        return apply_disposition(scan, part, field);
    if (header_field_is(field, "Content-ID"))
        return part_set_id(scan->tree, part, field->value, field->value_size);
    if (header_field_is(field, "Content-Description"))
        return (part->description = header_text_decode(arena, field->value, field->value_size));
    if (header_field_is(field, "Content-Location"))
        return (part->location =
                    charset_to_utf8(arena, NULL, field->value, field->value_size, NULL));
    if (header_field_is(field, "Subject") && part->parent && part_is_message(part->parent))
        return (part->parent->subject = header_text_decode(arena, field->value, field->value_size));
    return true;
}

/* --- Going down and up ------------------------------------------------------------------------ */

static HRESULT descend(struct scan *scan, struct mime_part *parent, struct mime_part *last,
                       size_t offset)
{
    struct mime_part *part;
    HRESULT hr;

    if (scan->depth + 1 > MIME_DEPTH_MAX)
        return MAPI_E_TOO_COMPLEX;
    hr = part_tree_add(scan->tree, parent, last, &part);
    if (FAILED(hr))
        return hr;
    part->header_offset = offset;
    scan->current = part;
    scan->in_header = true;
    scan->depth++;
    return S_OK;
}

static bool open_multipart(struct scan *scan, struct mime_part *part)
{
    const char *boundary = mime_part_param(part, "boundary");

    if (strcmp(part->type, "multipart") != 0)
        return true;
    if (!boundary || !boundary[0]) /* its parts cannot be found */
        return part_set_type(scan->tree, part, "text", "plain", part->params, part->param_count);
    scan->open[scan->open_count++] = (struct open_multipart){
        .part = part, .boundary = boundary, .boundary_size = strlen(boundary)};
    return true;
}

/* The header block of the current part ends before `at`, its content begins there. */
static HRESULT end_header(struct scan *scan, size_t at)
{
    struct mime_part *part = scan->current;
    const char *field_at = scan->bytes + part->header_offset;
    struct header_field field;
    bool digest = part->parent && mime_part_is(part->parent, "multipart", "digest");

    part->header_size = at - part->header_offset;
    part->body_offset = at;
    scan->in_header = false;
    if (digest && !part_set_type(scan->tree, part, "message", "rfc822", NULL, 0))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (header_next(&field_at, scan->bytes + at, &field))
        if (!apply_field(scan, part, &field))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!open_multipart(scan, part))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return part_is_message(part) ? descend(scan, part, NULL, at) : S_OK;
}

/* Where the content ends that a boundary line at `at` follows: the line end before it is the
 * boundary's (RFC 2046, 5.1.1). */
static size_t content_end(const struct scan *scan, size_t at, size_t start)
{
    if (at > start && scan->bytes[at - 1] == '\n')
        at--;
    if (at > start && scan->bytes[at - 1] == '\r')
        at--;
    return at;
}

/* Closes what is open within `until` (NULL: everything) at `at`. */
static HRESULT close_parts(struct scan *scan, const struct mime_part *until, size_t at)
{
    HRESULT hr;

    while (scan->in_header) { /* a header block without an end; the message in it has none either */
        hr = end_header(scan, at);
        if (FAILED(hr))
            return hr;
    }
    for (struct mime_part *part = scan->current; part && part != until; part = part->parent) {
        size_t end = until ? content_end(scan, at, part->body_offset) : at;

        part->body_size = end - part->body_offset;
        part->size = part->body_size;
        scan->depth--;
    }
    return S_OK;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static bool is_boundary(const struct open_multipart *open, const char *line, size_t size,
                        bool *ret_last)
{
    const char *rest = line + 2 + open->boundary_size;

    if (size < 2 + open->boundary_size ||
        memcmp(line + 2, open->boundary, open->boundary_size) != 0)
        return false;
    size -= 2 + open->boundary_size;
    *ret_last = size >= 2 && rest[0] == '-' && rest[1] == '-';
    if (*ret_last)
        return true; /* whatever follows */
    for (size_t i = 0; i < size; i++)
        if (!strchr(" \t\r\n", rest[i]) || rest[i] == '\0')
            return false;
    return true;
}

/* S_FALSE: the line is no boundary. */
static HRESULT try_boundary(struct scan *scan, const char *line, size_t size, size_t next)
{
    for (size_t i = scan->open_count; i-- > 0;) {
        struct open_multipart *open = &scan->open[i];
        struct mime_part *part = open->part;
        bool last;
        HRESULT hr;

        if (!is_boundary(open, line, size, &last))
            continue;
        hr = close_parts(scan, part, scan->at);
        if (FAILED(hr))
            return hr;
        scan->open_count = i + 1; /* those within are closed */
        scan->current = part;
        if (last) {
            scan->open_count--; /* its epilogue goes on to the end of the part around it */
            return S_OK;
        }
        hr = descend(scan, part, open->last_child, next);
        open->last_child = scan->current;
        return hr;
    }
    return S_FALSE;
}

static HRESULT scan_line(struct scan *scan)
{
    const char *line = scan->bytes + scan->at;
    size_t left = scan->size - scan->at;
    const char *newline = memchr(line, '\n', left);
    size_t size = newline ? (size_t)(newline - line) + 1 : left, next = scan->at + size;
    HRESULT hr = S_FALSE;

    if (size > 2 && line[0] == '-' && line[1] == '-')
        hr = try_boundary(scan, line, size, next);
    if (hr == S_FALSE && scan->in_header) {
        if (next - scan->current->header_offset > MIME_HEADER_MAX)
            return MAPI_E_TOO_BIG;
        hr = line[0] == '\n' || (line[0] == '\r' && size == 2) ? end_header(scan, next) : S_OK;
    }
    scan->at = next;
    return FAILED(hr) ? hr : S_OK;
}

HRESULT mime_scan(const void *message, size_t size, struct mime_part **ret_root)
{
    struct scan scan = {.bytes = message, .size = size, .in_header = true, .depth = 1};
    HRESULT hr = S_OK;

    scan.tree = part_tree_create();
    if (!scan.tree)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    scan.current = &scan.tree->root;
    while (SUCCEEDED(hr) && scan.at < size)
        hr = scan_line(&scan);
    if (SUCCEEDED(hr))
        hr = close_parts(&scan, NULL, size);
    if (SUCCEEDED(hr) && !part_tree_number(scan.tree))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr)) {
        mime_structure_free(&scan.tree->root);
        return hr;
    }
    *ret_root = &scan.tree->root;
    return S_OK;
}

/* Room for the decoded content. Only uuencode can make more of its input than it is: zeros at the
 * end of a line may have got lost as white space. */
static size_t content_space(const char *content, const struct mime_part *part)
{
    struct transfer_decoder decoder;
    size_t at = 0, total = 0, used, made;
    char out[1024];

    if (part->encoding != TRANSFER_UUENCODE)
        return part->body_size + 1;
    transfer_decoder_init(&decoder, part->encoding);
    do {
        transfer_decode(&decoder, content + at, part->body_size - at, true, out, sizeof(out), &used,
                        &made);
        at += used;
        total += made;
    } while (at < part->body_size || made == sizeof(out));
    return total + 1;
}

HRESULT mime_part_content(const void *message, const struct mime_part *part, void *root,
                          BYTE **ret_bytes, size_t *ret_size)
{
    const char *content = (const char *)message + part->body_offset;
    size_t space = content_space(content, part), used, made;
    BYTE *bytes = mapi_alloc(root, space);
    struct transfer_decoder decoder;

    if (!bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    transfer_decoder_init(&decoder, part->encoding);
    transfer_decode(&decoder, content, part->body_size, true, bytes, space, &used, &made);
    bytes[made] = 0;
    *ret_bytes = bytes;
    *ret_size = made;
    return S_OK;
}
