/* providers/account/read.c - one message, as the server has it */
#include "providers/account/read.h"

#include <stdlib.h>
#include <string.h>

#include "providers/account/contents.h"
#include "providers/imap/client/index.h"

void message_source_clear(struct message_source *source)
{
    message_place_clear(&source->place);
    free(source->header);
    free(source->structure);
    free(source->whole);
    source->header = source->structure = source->whole = NULL;
}

/* By what the index of a folder that somebody looks at knows of it. */
static bool is_small(struct account *account, const struct message_place *place)
{
    struct contents *contents = account_contents_find(account, place->folder);
    struct imap_snapshot *snapshot;
    struct imap_row row = {.size = UINT32_MAX};
    size_t position;

    if (!contents || !contents->index)
        return false;
    snapshot = imap_index_snapshot(contents->index);
    if (imap_snapshot_uidvalidity(snapshot) == place->uidvalidity &&
        imap_snapshot_find(snapshot, place->uid, &position))
        imap_snapshot_row(snapshot, position, &row);
    imap_snapshot_unref(snapshot);
    return row.size < IMAP_WHOLE_WINDOW;
}

/* Up to and with the empty line. */
static size_t header_length(const char *bytes, size_t size)
{
    const char *at = bytes, *end = bytes + size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        bool empty = *at == '\n' || (*at == '\r' && newline == at + 1);

        if (!newline)
            return size;
        at = newline + 1;
        if (empty)
            break;
    }
    return (size_t)(at - bytes);
}

static void take_numbers(struct message_source *source, const struct imap_content *content)
{
    source->flags = content->flags;
    source->size = content->size;
    source->internaldate = content->internaldate;
}

/* *ret_done false: it is not so small after all. */
static WAITS HRESULT read_whole(struct imap_lease *lease, struct message_source *source,
                                struct error_info *error, bool *ret_done)
{
    struct imap_content content;
    HRESULT hr = imap_fetch_content(lease, source->place.uid, true, error, &content);

    if (FAILED(hr))
        return hr;
    *ret_done = content.byte_count < IMAP_WHOLE_WINDOW;
    if (!*ret_done) {
        imap_content_clear(&content);
        return S_OK;
    }
    take_numbers(source, &content);
    source->whole = content.bytes;
    source->whole_size = content.byte_count;
    source->header_size = header_length(content.bytes, content.byte_count);
    source->header = malloc(source->header_size + 1);
    if (!source->header)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, NULL, "out of memory");
    memcpy(source->header, content.bytes, source->header_size);
    source->header[source->header_size] = '\0';
    return S_OK;
}

/* Header blocks are short: the first window is nearly always all of it. */
static WAITS HRESULT read_rest_of_header(struct imap_lease *lease, struct message_source *source,
                                         struct error_info *error)
{
    size_t window = IMAP_HEADER_WINDOW, got = source->header_size;
    HRESULT hr;

    while (got == window) {
        char *grown = realloc(source->header, source->header_size + window + 1);

        if (!grown)
            return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, NULL, "out of memory");
        source->header = grown;
        hr = imap_fetch_body(lease, source->place.uid, "HEADER", source->header_size,
                             source->header + source->header_size, window, error, &got);
        if (FAILED(hr))
            return hr;
        source->header_size += got;
        source->header[source->header_size] = '\0';
        if (source->header_size > MESSAGE_HEADER_MAX)
            return error_set(error, MAPI_E_TOO_BIG, NULL, "the header is above 1 MiB");
    }
    return S_OK;
}

static WAITS HRESULT read_described(struct imap_lease *lease, struct message_source *source,
                                    struct error_info *error)
{
    struct imap_content content;
    HRESULT hr = imap_fetch_content(lease, source->place.uid, false, error, &content);

    if (FAILED(hr))
        return hr;
    take_numbers(source, &content);
    source->structure = content.structure;
    source->header = content.bytes;
    source->header_size = content.byte_count;
    return read_rest_of_header(lease, source, error);
}

static WAITS HRESULT read_selected(struct account *account, struct imap_lease *lease,
                                   struct message_source *source, struct error_info *error)
{
    bool done = false;
    HRESULT hr = S_OK;

    if (imap_lease_selected(lease)->uidvalidity != source->place.uidvalidity) {
        account_poll_now(account);
        return error_set(error, MAPI_E_NOT_FOUND, account->key,
                         "the mailbox has been made anew (another UIDVALIDITY)");
    }
    if (is_small(account, &source->place))
        hr = read_whole(lease, source, error, &done);
    return SUCCEEDED(hr) && !done ? read_described(lease, source, error) : hr;
}

HRESULT account_message_read(struct account *account, uint64_t number, struct error_info *error,
                             struct message_source *ret_source)
{
    struct imap_lease *lease;
    HRESULT hr;

    memset(ret_source, 0, sizeof(*ret_source));
    hr = account_message_locate(account, number, error, &ret_source->place);
    if (SUCCEEDED(hr))
        hr = imap_lease_begin(account->imap, ret_source->place.mailbox, 0, NO_DEADLINE, error,
                              &lease);
    if (FAILED(hr))
        return hr;
    hr = read_selected(account, lease, ret_source, error);
    imap_lease_end(lease);
    return hr;
}
