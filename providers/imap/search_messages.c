/* providers/imap/search_messages.c - what is done to messages that a search folder shows
 *
 * It is done where they really are, folder by folder (STO-168, STO-170). */
#include "mapi/memory.h"
#include "providers/imap/folder_private.h"

/* The folder that the message is in now; 0: there is no such message. */
static WAITS HRESULT real_folder(struct link_call *call, uint64_t number, uint64_t *ret_folder)
{
    struct message_place place = {0};
    HRESULT hr = account_message_locate(call->account, number, &call->error, &place);

    *ret_folder = SUCCEEDED(hr) ? place.folder : 0;
    message_place_clear(&place);
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

/* Takes the messages of one folder out of those that are left; `folders` tells where each is. */
static size_t take_part(const struct folder_call *call, uint64_t *folders, uint64_t folder,
                        uint64_t *part)
{
    size_t size = 0;

    for (size_t i = 0; i < call->count; i++)
        if (folders[i] == folder) {
            part[size++] = call->numbers[i];
            folders[i] = 0;
        }
    return size;
}

static WAITS HRESULT run_parts(struct folder_call *call, engine_fn *fn, uint64_t *folders,
                               uint64_t *room)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < call->count && SUCCEEDED(hr); i++) {
        struct folder_call part = *call;

        if (!folders[i])
            continue;
        part.folder = folders[i];
        part.search = false;
        part.numbers = room;
        part.missing = part.busy = 0;
        part.count = take_part(call, folders, part.folder, room);
        hr = fn(&part);
        call->missing += part.missing;
        call->busy += part.busy;
        call->base.error = part.base.error;
    }
    return hr;
}

HRESULT folder_run_real(struct folder_call *call, engine_fn *fn)
{
    uint64_t *folders, *room;
    HRESULT hr = S_OK;

    if (!call->search)
        return fn(call);
    folders = mapi_alloc_array(NULL, call->count + 1, sizeof(*folders));
    room = mapi_alloc_array(NULL, call->count + 1, sizeof(*room));
    if (!folders || !room)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < call->count && SUCCEEDED(hr); i++) {
        hr = real_folder(&call->base, call->numbers[i], &folders[i]);
        call->missing += folders[i] == 0;
    }
    if (SUCCEEDED(hr))
        hr = run_parts(call, fn, folders, room);
    mapi_free(room);
    mapi_free(folders);
    return hr;
}
