/* providers/account/outgoing.c - a stored message as the bytes that go to the SMTP server */
#include "providers/account/outgoing.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/account/account-private.h"

#define HEADER_MAX (1024 * 1024)

struct outgoing_stream {
    char *header;
    size_t header_size, header_read;
    uint64_t size; /* of all that leaves; 0: the server did not tell */
    struct imap_body_reader *body;
    uint64_t offset;
};

static const char *const private_fields[] = {"Bcc", "X-Mapigate-Token"};

static bool is_private(const char *line, size_t size)
{
    for (size_t i = 0; i < sizeof(private_fields) / sizeof(private_fields[0]); i++) {
        size_t length = strlen(private_fields[i]);

        if (size > length && line[length] == ':' &&
            strncasecmp(line, private_fields[i], length) == 0)
            return true;
    }
    return false;
}

size_t outgoing_filter_header(char *header, size_t size)
{
    bool dropping = false;
    size_t kept = 0;

    for (size_t at = 0; at < size;) {
        const char *end = memchr(header + at, '\n', size - at);
        size_t length = end ? (size_t)(end - (header + at)) + 1 : size - at;

        if (header[at] != ' ' && header[at] != '\t') /* not a folded line of the field before */
            dropping = is_private(header + at, length);
        if (!dropping) {
            memmove(header + kept, header + at, length);
            kept += length;
        }
        at += length;
    }
    return kept;
}

static void take_size(void *arg, const struct imap_row *row)
{
    struct outgoing_stream *stream = arg;

    stream->size = row->size;
}

static WAITS HRESULT fetch_header(struct account *account, const struct message_place *place,
                                  struct error_info *error, struct outgoing_stream *stream)
{
    struct imap_lease *lease;
    HRESULT hr;

    stream->header = malloc(HEADER_MAX);
    if (!stream->header)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    hr = imap_lease_begin(account->imap, place->mailbox, 0, NO_DEADLINE, error, &lease);
    if (FAILED(hr))
        return hr;
    if (imap_lease_selected(lease)->uidvalidity != place->uidvalidity)
        hr = MAPI_E_NOT_FOUND;
    else
        hr = imap_fetch_row(lease, place->uid, take_size, stream, error);
    if (SUCCEEDED(hr))
        hr = imap_fetch_body(lease, place->uid, "HEADER", 0, stream->header, HEADER_MAX, error,
                             &stream->header_size);
    imap_lease_end(lease);
    if (hr == MAPI_E_NOT_FOUND)
        return error_set(error, MAPI_E_OBJECT_DELETED, account->key, "the message is gone");
    if (SUCCEEDED(hr) && stream->header_size >= HEADER_MAX)
        return error_set(error, MAPI_E_TOO_BIG, account->key, "the header is above 1 MiB");
    return hr;
}

HRESULT outgoing_open(struct account *account, const struct message_place *place,
                      struct error_info *error, struct outgoing_stream **ret_stream)
{
    struct outgoing_stream *stream = calloc(1, sizeof(*stream));
    HRESULT hr;

    if (!stream)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    hr = fetch_header(account, place, error, stream);
    if (SUCCEEDED(hr)) {
        size_t filtered = outgoing_filter_header(stream->header, stream->header_size);

        if (stream->size >= stream->header_size)
            stream->size -= stream->header_size - filtered;
        stream->header_size = filtered;
        hr = imap_body_reader_create(account->imap, place->mailbox, place->uidvalidity, place->uid,
                                     "TEXT", &stream->body);
    }
    if (FAILED(hr)) {
        outgoing_close(stream);
        return hr;
    }
    *ret_stream = stream;
    return S_OK;
}

void outgoing_close(struct outgoing_stream *stream)
{
    if (!stream)
        return;
    imap_body_reader_free(stream->body);
    free(stream->header);
    free(stream);
}

const char *outgoing_header(const struct outgoing_stream *stream, size_t *ret_size)
{
    *ret_size = stream->header_size;
    return stream->header;
}

uint64_t outgoing_size(const struct outgoing_stream *stream)
{
    return stream->size;
}

bool outgoing_header_is_utf8(const struct outgoing_stream *stream)
{
    for (size_t i = 0; i < stream->header_size; i++)
        if ((unsigned char)stream->header[i] > 127)
            return true;
    return false;
}

HRESULT outgoing_read(struct outgoing_stream *stream, void *buffer, size_t size,
                      struct error_info *error, size_t *ret_size)
{
    size_t left = stream->header_size - stream->header_read;
    HRESULT hr;

    if (left > 0) {
        if (size > left)
            size = left;
        memcpy(buffer, stream->header + stream->header_read, size);
        stream->header_read += size;
        *ret_size = size;
        return S_OK;
    }
    hr = imap_body_reader_read(stream->body, stream->offset, buffer, size, NO_DEADLINE, error,
                               ret_size);
    if (SUCCEEDED(hr))
        stream->offset += *ret_size;
    return hr;
}
