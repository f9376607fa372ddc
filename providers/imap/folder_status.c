/* providers/imap/folder_status.c - the status of messages in a folder: PR_MSG_STATUS
 *
 * Kept in the side store; the message itself does not change, and another folder's copy has its own
 * (STO-138, STO-157 to STO-161). */
#include <stdlib.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "providers/account/kept.h"
#include "providers/imap/folder_private.h"

/* Undefined bits of the lower half stay zero, the upper half is the client's (STO-160). */
#define STATUS_BITS                                                                                \
    (0xFFFF0000u | MSGSTATUS_HIGHLIGHTED | MSGSTATUS_TAGGED | MSGSTATUS_HIDDEN |                   \
     MSGSTATUS_DELMARKED | MSGSTATUS_DRAFT | MSGSTATUS_ANSWERED | MSGSTATUS_IN_CONFLICT |          \
     MSGSTATUS_REMOTE_DOWNLOAD | MSGSTATUS_REMOTE_DELETE | MSGSTATUS_MDNSENT)

struct status_call {
    struct folder_call folder;
    uint64_t number;
    ULONG status, mask, former;
};

/* A UID that is arithmetic may be nobody's: what is kept for it would become a later message's. */
static WAITS HRESULT check_there(struct folder_call *call, uint32_t uid)
{
    struct error_info *error = &call->base.error;
    struct imap_snapshot *snapshot = NULL;
    struct imap_index *index;
    size_t position;
    bool there = false;
    HRESULT hr = account_folder_watch(call->base.account, call->folder, error, &index);

    if (FAILED(hr))
        return hr;
    hr = imap_index_wait_rows(index, SIZE_MAX, NO_DEADLINE, error, &snapshot);
    if (SUCCEEDED(hr))
        there = imap_snapshot_find(snapshot, uid, &position);
    if (SUCCEEDED(hr) && !there) { /* it may have come a moment ago */
        hr = imap_index_refresh(index, NO_DEADLINE, error);
        imap_snapshot_unref(snapshot);
        snapshot = imap_index_snapshot(index);
        there = imap_snapshot_find(snapshot, uid, &position);
    }
    imap_snapshot_unref(snapshot);
    imap_index_unref(index);
    account_folder_unwatch(call->base.account, call->folder);
    if (FAILED(hr))
        return hr;
    return there ? S_OK : MAPI_E_NOT_FOUND;
}

static WAITS HRESULT read_status(struct status_call *call)
{
    const ULONG tag = PR_MSG_STATUS;
    struct folder_call *base = &call->folder;
    struct message_place place = {0};
    SPropValue *values = NULL;
    size_t count = 0;
    HRESULT hr =
        account_message_locate(base->base.account, call->number, &base->base.error, &place);

    if (SUCCEEDED(hr) && base->search) /* it has one where it really is */
        base->folder = place.folder;
    if (SUCCEEDED(hr) && place.folder != base->folder)
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        hr = check_there(base, place.uid);
    message_place_clear(&place);
    if (SUCCEEDED(hr))
        hr = state_props_get(account_state(base->base.account), call->number, &tag, 1,
                             &base->base.error, &values, &count);
    if (SUCCEEDED(hr))
        call->former = count ? values[0].Value.ul : 0;
    free(values);
    return hr;
}

static HRESULT get_on_engine(void *arg)
{
    return read_status(arg);
}

static HRESULT set_on_engine(void *arg)
{
    struct status_call *call = arg;
    SPropValue value = {.ulPropTag = PR_MSG_STATUS};
    const struct kept_change change = {.set = &value, .set_count = 1};
    HRESULT hr = read_status(call);

    if (FAILED(hr))
        return hr;
    value.Value.ul = ((call->former & ~call->mask) | (call->status & call->mask)) & STATUS_BITS;
    if (value.Value.ul == call->former)
        return S_OK;
    return account_kept_change_message(call->folder.base.account, call->folder.folder, call->number,
                                       &change, &call->folder.base.error);
}

HRESULT folder_GetMessageStatus(struct imap_folder *folder, ULONG size, LPENTRYID id, ULONG flags,
                                ULONG *ret_status)
{
    struct status_call call = {0};
    HRESULT hr;

    if (!ret_status)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = ids_number_of(imap_link_guids(folder->link), size, id, ENTRY_MESSAGE, &call.number);
    if (SUCCEEDED(hr))
        hr = folder_run(folder, get_on_engine, &call.folder);
    if (SUCCEEDED(hr))
        *ret_status = call.former;
    return hr;
}

HRESULT folder_SetMessageStatus(struct imap_folder *folder, ULONG size, LPENTRYID id, ULONG status,
                                ULONG mask, ULONG *ret_former)
{
    struct status_call call = {.status = status, .mask = mask};
    HRESULT hr;

    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = ids_number_of(imap_link_guids(folder->link), size, id, ENTRY_MESSAGE, &call.number);
    if (SUCCEEDED(hr))
        hr = folder_run(folder, set_on_engine, &call.folder);
    if (SUCCEEDED(hr) && ret_former)
        *ret_former = call.former;
    return hr;
}
