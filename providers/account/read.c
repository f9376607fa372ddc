/* providers/account/read.c - one message, as the server has it */
#include "providers/account/read.h"

#include <stdlib.h>
#include <string.h>

#include "providers/account/account-private.h"

void message_source_clear(struct message_source *source)
{
    message_place_clear(&source->place);
    free(source->header);
    free(source->structure);
    source->header = source->structure = NULL;
}

static void take_row(void *arg, const struct imap_row *row)
{
    struct message_source *source = arg;

    source->flags = row->flags;
    source->size = row->size;
    source->internaldate = row->internaldate;
    source->has_attachment = row->has_attachment;
}

/* Header blocks are short: the first window is nearly always all of it. */
static WAITS HRESULT read_header(struct imap_lease *lease, struct message_source *source,
                                 struct error_info *error)
{
    size_t window = 16 * 1024, got = 0;
    HRESULT hr;

    do {
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
    } while (got == window);
    return S_OK;
}

static WAITS HRESULT read_selected(struct account *account, struct imap_lease *lease,
                                   struct message_source *source, struct error_info *error)
{
    HRESULT hr;

    if (imap_lease_selected(lease)->uidvalidity != source->place.uidvalidity) {
        account_poll_now(account);
        return error_set(error, MAPI_E_NOT_FOUND, account->key,
                         "the mailbox has been made anew (another UIDVALIDITY)");
    }
    hr = imap_fetch_row(lease, source->place.uid, take_row, source, error);
    if (SUCCEEDED(hr))
        hr = read_header(lease, source, error);
    if (SUCCEEDED(hr))
        hr = imap_fetch_bodystructure(lease, source->place.uid, error, &source->structure);
    return hr;
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
