/* providers/imap/origin.c - where an opened message comes from, and reading its parts */
#include "providers/imap/origin.h"

#include <stdlib.h>
#include <string.h>

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
    hr = mime_structure_parse(source->structure, &origin->root);
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

/* --- Part readers ----------------------------------------------------------------------------- */

struct part_reader {
    struct imap_body_reader *body;
    enum transfer_encoding encoding;
    struct transfer_decoder decoder;
    uint64_t offset; /* of the raw bytes, behind what is in `raw` */
    char *raw;
    size_t raw_at, raw_size;
    bool raw_ended, ended;
};

HRESULT part_reader_open(struct account *account, const struct message_origin *origin,
                         const char *section, enum transfer_encoding encoding,
                         struct part_reader **ret_reader)
{
    const struct message_place *place = &origin->source.place;
    struct part_reader *reader = calloc(1, sizeof(*reader));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (reader)
        reader->raw = malloc(RAW_WINDOW);
    if (reader && reader->raw)
        hr = imap_body_reader_create(account_imap(account), place->mailbox, place->uidvalidity,
                                     place->uid, section, &reader->body);
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
    reader->raw_at = reader->raw_size = 0;
    reader->raw_ended = reader->ended = false;
}

void part_reader_close(struct part_reader *reader)
{
    if (!reader)
        return;
    imap_body_reader_free(reader->body);
    free(reader->raw);
    free(reader);
}

static WAITS HRESULT take_raw(struct part_reader *reader, struct error_info *error)
{
    size_t got;
    HRESULT hr = imap_body_reader_read(reader->body, reader->offset, reader->raw, RAW_WINDOW,
                                       NO_DEADLINE, error, &got);

    if (FAILED(hr))
        return hr;
    reader->offset += got;
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
