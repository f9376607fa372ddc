/* providers/imap/origin.c - where an opened message comes from, and reading its parts */
#include "providers/imap/origin.h"

#include <stdlib.h>
#include <string.h>

#include "mime/scan.h"

#define RAW_WINDOW (64u * 1024u) /* bytes taken from the body reader at a time */

HRESULT message_origin_create(struct imap_link *link, struct message_source *source,
                              struct message_origin **ret_origin)
{
    struct message_origin *origin = calloc(1, sizeof(*origin));
    HRESULT hr;

    if (!origin) {
        message_source_clear(source);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&origin->refs, 1);
    origin->link = imap_link_ref(link);
    origin->source = *source;
    hr = source->whole ? mime_scan(source->whole, source->whole_size, &origin->root)
                       : mime_structure_parse(source->structure, &origin->root);
    if (FAILED(hr)) {
        message_origin_unref(origin);
        return hr;
    }
    *ret_origin = origin;
    return S_OK;
}

struct message_origin *message_origin_ref(struct message_origin *origin)
{
    atomic_fetch_add(&origin->refs, 1);
    return origin;
}

void message_origin_unref(struct message_origin *origin)
{
    if (!origin || atomic_fetch_sub(&origin->refs, 1) != 1)
        return;
    mime_structure_free(origin->root);
    message_source_clear(&origin->source);
    imap_link_unref(origin->link);
    free(origin);
}

HRESULT message_origin_call(const struct message_origin *origin, engine_fn *fn,
                            struct link_call *call)
{
    return origin->source.whole ? fn(call) : imap_link_call(origin->link, fn, call);
}

HRESULT message_origin_run(const struct message_origin *origin, struct mapi_object *object,
                           engine_fn *fn, struct link_call *call)
{
    HRESULT hr = message_origin_call(origin, fn, call);

    return FAILED(hr) && call->error.hr == hr ? mapi_object_fail(object, &call->error) : hr;
}

/* --- Part readers ----------------------------------------------------------------------------- */

struct part_reader {
    struct imap_body_reader *body; /* NULL: all of the part is in `here` */
    const char *here;              /* the origin's */
    size_t here_size;
    enum transfer_encoding encoding;
    struct transfer_decoder decoder;
    uint64_t offset; /* of the raw bytes, behind what is in `raw` */
    char *window;    /* for `raw`, of a body */
    const char *raw;
    size_t raw_at, raw_size;
    bool raw_ended, ended;
};

/* The section of a message that is here; false: it has none of that name. */
static bool find_section(const struct message_origin *origin, const char *section,
                         struct part_reader *reader)
{
    for (const struct mime_part *part = origin->root; part; part = mime_part_next(part)) {
        bool body = strcmp(part->section, section) == 0;

        if (!body && strcmp(part->header_section, section) != 0)
            continue;
        reader->here = origin->source.whole + (body ? part->body_offset : part->header_offset);
        reader->here_size = body ? part->body_size : part->header_size;
        return true;
    }
    return false;
}

static HRESULT open_body(struct account *account, const struct message_origin *origin,
                         const char *section, struct part_reader *reader)
{
    const struct message_place *place = &origin->source.place;

    if (!(reader->window = malloc(RAW_WINDOW)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return imap_body_reader_create(account_imap(account), place->mailbox, place->uidvalidity,
                                   place->uid, section, &reader->body);
}

HRESULT part_reader_open(struct account *account, const struct message_origin *origin,
                         const char *section, enum transfer_encoding encoding,
                         struct part_reader **ret_reader)
{
    struct part_reader *reader = calloc(1, sizeof(*reader));
    HRESULT hr = S_OK;

    if (!reader)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!origin->source.whole)
        hr = open_body(account, origin, section, reader);
    else if (!find_section(origin, section, reader))
        hr = MAPI_E_CORRUPT_DATA; /* sections are named by the tree they are found in */
    if (FAILED(hr)) {
        part_reader_close(reader);
        return hr;
    }
    reader->encoding = encoding;
    part_reader_rewind(reader);
    *ret_reader = reader;
    return S_OK;
}

void part_reader_rewind(struct part_reader *reader)
{
    transfer_decoder_init(&reader->decoder, reader->encoding);
    reader->offset = 0;
    reader->raw = reader->here;
    reader->raw_at = 0;
    reader->raw_size = reader->here_size;
    reader->raw_ended = !reader->body;
    reader->ended = false;
}

void part_reader_close(struct part_reader *reader)
{
    if (!reader)
        return;
    imap_body_reader_free(reader->body);
    free(reader->window);
    free(reader);
}

static WAITS HRESULT take_raw(struct part_reader *reader, struct error_info *error)
{
    size_t got;
    HRESULT hr = imap_body_reader_read(reader->body, reader->offset, reader->window, RAW_WINDOW,
                                       NO_DEADLINE, error, &got);

    if (FAILED(hr))
        return hr;
    reader->offset += got;
    reader->raw = reader->window;
    reader->raw_at = 0;
    reader->raw_size = got;
    reader->raw_ended = got == 0;
    return S_OK;
}

HRESULT part_reader_read(struct part_reader *reader, void *buffer, size_t size,
                         struct error_info *error, size_t *ret_size)
{
    size_t used, made = 0;

    while (made == 0 && !reader->ended && size > 0) {
        if (reader->raw_at == reader->raw_size && !reader->raw_ended) {
            HRESULT hr = take_raw(reader, error);

            if (FAILED(hr))
                return hr;
        }
        transfer_decode(&reader->decoder, reader->raw + reader->raw_at,
                        reader->raw_size - reader->raw_at, reader->raw_ended, buffer, size, &used,
                        &made);
        reader->raw_at += used;
        reader->ended = reader->raw_ended && reader->raw_at == reader->raw_size && made < size;
    }
    *ret_size = made;
    return S_OK;
}

HRESULT part_read_all(struct account *account, const struct message_origin *origin,
                      const char *section, enum transfer_encoding encoding, size_t limit,
                      struct error_info *error, char **ret_bytes, size_t *ret_size)
{
    size_t size = 0, space = 16 * 1024, got = 0;
    struct part_reader *reader;
    char *bytes = NULL;
    HRESULT hr = part_reader_open(account, origin, section, encoding, &reader);

    if (FAILED(hr))
        return hr;
    do {
        char *grown = realloc(bytes, space + 1);

        if (!grown) {
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
            break;
        }
        bytes = grown;
        hr = part_reader_read(reader, bytes + size, space - size, error, &got);
        size += SUCCEEDED(hr) ? got : 0;
        if (size > limit)
            hr = error_set(error, MAPI_E_TOO_BIG, NULL, "the body is above %zu bytes", limit);
        if (size == space)
            space *= 2;
    } while (SUCCEEDED(hr) && got > 0);
    part_reader_close(reader);
    if (FAILED(hr)) {
        free(bytes);
        return hr;
    }
    bytes[size] = '\0';
    *ret_bytes = bytes;
    *ret_size = size;
    return S_OK;
}
