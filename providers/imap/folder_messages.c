/* providers/imap/folder_messages.c - the messages of a folder: making, copying, deleting, flags */
#include "providers/imap/folder_private.h"

#include "mapi/edkmdb.h"
#include "mapi/memory.h"
#include "providers/account/rights.h"
#include "providers/imap/associated.h"
#include "providers/imap/message.h"
#include "providers/imap/read_flag.h"

/* The numbers of the listed messages, mapi_free; MAPI_E_INVALID_ENTRYID for what is no message of
 * this store. In which folder they are is asked of the server. */
static HRESULT take_numbers(struct imap_folder *folder, const ENTRYLIST *list,
                            uint64_t **ret_numbers)
{
    return ids_numbers_of(imap_link_guids(folder->link), list, ENTRY_MESSAGE, ret_numbers);
}

/* What a call on many says: some were gone, or left alone (MAPI_W_PARTIAL_COMPLETION). */
static HRESULT partial(HRESULT hr, const struct folder_call *call)
{
    return SUCCEEDED(hr) && call->missing + call->busy > 0 ? MAPI_W_PARTIAL_COMPLETION : hr;
}

static HRESULT may_create_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_rights_need(call->base.account, call->folder, IMAP_RIGHT_INSERT,
                               &call->base.error);
}

HRESULT folder_CreateMessage(struct imap_folder *folder, LPCIID iid, ULONG flags,
                             LPMESSAGE *ret_message)
{
    struct folder_call call = {0};
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_ASSOCIATED | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_message)
        return MAPI_E_INVALID_PARAMETER;
    *ret_message = NULL;
    if (iid && !guid_equal(iid, &IID_IMessage) && !guid_equal(iid, &IID_IMAPIProp) &&
        !guid_equal(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (folder->search) /* it has no messages of its own (STO-168) */
        return MAPI_E_NO_SUPPORT;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    if (flags & MAPI_ASSOCIATED)
        return associated_create(folder->link, &folder->object, folder->number, ret_message);
    hr = folder_run(folder, may_create_on_engine, &call);
    if (FAILED(hr))
        return hr;
    return message_create(folder->link, &folder->object, folder->number, ret_message);
}

static HRESULT copy_there(void *arg)
{
    struct folder_call *call = arg;

    return account_messages_copy(call->base.account, call->folder, call->numbers, call->count,
                                 call->target, call->move, &call->base.error, NULL, &call->missing);
}

static HRESULT copy_on_engine(void *arg)
{
    return folder_run_real(arg, copy_there);
}

HRESULT folder_CopyMessages(struct imap_folder *folder, LPENTRYLIST list, LPCIID iid, LPVOID dest,
                            ULONG_PTR ui_param, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder_call call = {.move = flags & MESSAGE_MOVE};
    uint64_t *numbers;
    bool readonly;
    HRESULT hr;

    if (flags & ~(ULONG)(MESSAGE_MOVE | MESSAGE_DIALOG | MAPI_DECLINE_OK))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!dest)
        return MAPI_E_INVALID_PARAMETER;
    if (!folder->writable && call.move)
        return MAPI_E_NO_ACCESS;
    if (!folder_own(folder, dest, &call.target,
                    &readonly)) { /* into another store: message by message */
        if (flags & MAPI_DECLINE_OK)
            return MAPI_E_DECLINE_COPY;
        return IMAPISupport_CopyMessages(imap_link_support(folder->link), &IID_IMAPIFolder,
                                         &folder->IMAPIFolder_iface, list, iid, dest, ui_param,
                                         progress, flags);
    }
    if (!mapi_object_gives(&folder->object, iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (readonly) /* SES-157, STO-317 */
        return MAPI_E_NO_ACCESS;
    if (folder_is_search(folder, call.target))
        return MAPI_E_NO_SUPPORT;
    hr = take_numbers(folder, list, &numbers);
    if (FAILED(hr))
        return hr;
    call.numbers = numbers;
    call.count = list->cValues;
    hr = partial(folder_run(folder, copy_on_engine, &call), &call);
    mapi_free(numbers);
    return hr;
}

/* Takes out what others are at: those open for writing, and those that wait to be sent. */
static WAITS HRESULT leave_busy(struct folder_call *call)
{
    size_t before = call->count;
    HRESULT hr;

    call->count =
        open_messages_leave(imap_link_open_messages(call->base.link), call->numbers, call->count);
    hr = account_messages_leave_queued(call->base.account, call->numbers, &call->count,
                                       &call->base.error);
    call->busy = before - call->count;
    return hr;
}

/* Ordinary and associated messages may stand in one list. */
static HRESULT delete_there(void *arg)
{
    struct folder_call *call = arg;
    size_t mail = 0, side = 0, missing = 0;
    uint64_t *associated;
    HRESULT hr = leave_busy(call);

    if (FAILED(hr))
        return hr;
    associated = mapi_alloc_array(NULL, call->count + 1, sizeof(*associated));
    if (!associated)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < call->count; i++)
        if (number_kind(call->numbers[i]) == NUMBER_SIDE)
            associated[side++] = call->numbers[i];
        else
            call->numbers[mail++] = call->numbers[i];
    if (mail)
        hr = account_messages_delete(call->base.account, call->folder, call->numbers, mail,
                                     &call->base.error, &call->missing);
    if (SUCCEEDED(hr) && side)
        hr = account_associated_delete(call->base.account, call->folder, associated, side,
                                       &call->base.error, &missing);
    call->missing += missing;
    mapi_free(associated);
    return hr;
}

static HRESULT delete_on_engine(void *arg)
{
    return folder_run_real(arg, delete_there);
}

HRESULT folder_delete_numbers(struct imap_folder *folder, uint64_t *numbers, size_t count)
{
    struct folder_call call = {.numbers = numbers, .count = count};

    return count ? partial(folder_run(folder, delete_on_engine, &call), &call) : S_OK;
}

HRESULT folder_DeleteMessages(struct imap_folder *folder, LPENTRYLIST list, ULONG_PTR ui_param,
                              LPMAPIPROGRESS progress, ULONG flags)
{
    uint64_t *numbers;
    HRESULT hr;

    (void)ui_param;
    (void)progress; /* one command: nothing to show */
    if (flags & ~(ULONG)(MESSAGE_DIALOG | DELETE_HARD_DELETE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = take_numbers(folder, list, &numbers);
    if (FAILED(hr))
        return hr;
    hr = folder_delete_numbers(folder, numbers, list->cValues);
    mapi_free(numbers);
    return hr;
}

struct all_call {
    struct link_call base;
    uint64_t folder;
    uint64_t *numbers;
    size_t count;
};

static HRESULT all_on_engine(void *arg)
{
    struct all_call *call = arg;
    const struct folder_numbers *numbers = NULL;
    struct imap_snapshot *snapshot = NULL;
    struct imap_index *index;
    HRESULT hr = account_folder_watch(call->base.account, call->folder, &call->base.error, &index);

    if (FAILED(hr))
        return hr == MAPI_E_NO_SUPPORT ? S_OK : hr; /* no mail, no messages */
    hr = imap_index_wait_rows(index, SIZE_MAX, NO_DEADLINE, &call->base.error, &snapshot);
    if (SUCCEEDED(hr))
        hr = account_folder_numbers(call->base.account, call->folder, &call->base.error, &numbers);
    if (SUCCEEDED(hr)) {
        size_t count = imap_snapshot_count(snapshot);

        call->numbers = mapi_alloc_array(NULL, count + 1, sizeof(*call->numbers));
        for (size_t i = 0; call->numbers && i < count; i++) {
            uint64_t number = folder_numbers_of_uid(numbers, imap_snapshot_uid(snapshot, i));

            if (number)
                call->numbers[call->count++] = number;
        }
        if (!call->numbers)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    imap_snapshot_unref(snapshot);
    folder_numbers_unref(numbers);
    imap_index_unref(index);
    account_folder_unwatch(call->base.account, call->folder);
    return hr;
}

HRESULT folder_take_all(struct imap_folder *folder, uint64_t **ret_numbers, size_t *ret_count)
{
    struct all_call call = {.folder = folder->number};
    HRESULT hr;

    if (folder->search)
        return folder_take_found(folder, ret_numbers, ret_count);
    hr = imap_link_run(folder->link, &folder->object, all_on_engine, &call.base);
    if (FAILED(hr))
        return hr;
    *ret_numbers = call.numbers;
    *ret_count = call.count;
    return hr;
}

/* Those that others are at keep their flag (STO-224). */
static HRESULT read_flags_there(void *arg)
{
    struct folder_call *call = arg;
    struct read_flag_call read = {.flag = *call->flag, .folder = call->folder};
    HRESULT hr = leave_busy(call);

    if (FAILED(hr))
        return hr;
    read.base = call->base;
    read.numbers = call->numbers;
    read.count = call->count;
    hr = read_flag_on_engine(&read);
    call->base.error = read.base.error;
    call->missing += read.missing;
    return hr;
}

static HRESULT read_flags_on_engine(void *arg)
{
    return folder_run_real(arg, read_flags_there);
}

HRESULT folder_SetReadFlags(struct imap_folder *folder, LPENTRYLIST list, ULONG_PTR ui_param,
                            LPMAPIPROGRESS progress, ULONG flags)
{
    struct read_flag flag;
    struct folder_call call = {.flag = &flag};
    HRESULT hr = read_flag_parse(flags & ~(ULONG)MESSAGE_DIALOG, &flag);

    (void)ui_param;
    (void)progress;
    if (FAILED(hr))
        return hr;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = list ? take_numbers(folder, list, &call.numbers)
              : folder_take_all(folder, &call.numbers, &call.count);
    if (FAILED(hr))
        return hr;
    if (list)
        call.count = list->cValues;
    if (call.count)
        hr = partial(folder_run(folder, read_flags_on_engine, &call), &call);
    mapi_free(call.numbers);
    return hr;
}
