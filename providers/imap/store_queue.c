/* providers/imap/store_queue.c - the outgoing queue of a store (STO-062 to STO-071) */
#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/filetime.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "providers/account/message_columns.h"
#include "providers/account/messages.h"
#include "providers/account/outbox.h"
#include "providers/account/rights.h"
#include "providers/imap/live_rows.h"
#include "providers/imap/message_private.h"
#include "providers/imap/store_private.h"
#include "state/queue.h"

/* --- Taking a message out --------------------------------------------------------------------- */

struct message_call {
    struct link_call base;
    uint64_t message;
};

static HRESULT abort_on_engine(void *arg)
{
    struct message_call *call = arg;

    return account_abort_submit(call->base.account, call->message, &call->base.error);
}

HRESULT store_AbortSubmit(struct imap_store *store, ULONG size, LPENTRYID id, ULONG flags)
{
    struct message_call call = {0};
    HRESULT hr;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = ids_number_of(imap_link_guids(store->link), size, id, ENTRY_MESSAGE, &call.message);
    if (FAILED(hr))
        return hr;
    return store_run(store, abort_on_engine, &call.base);
}

struct lock_call {
    struct link_call base;
    uint64_t message;
    bool locked;
};

static HRESULT lock_on_engine(void *arg)
{
    struct lock_call *call = arg;

    return account_lock_submit(call->base.account, call->message, call->locked, &call->base.error);
}

HRESULT store_SetLockState(struct imap_store *store, LPMESSAGE iface, ULONG lock_state)
{
    struct imap_message *message = iface ? message_of(iface) : NULL;
    struct lock_call call = {.locked = lock_state == MSG_LOCKED};
    HRESULT hr = S_OK;

    if (!message || (lock_state != MSG_LOCKED && lock_state != MSG_UNLOCKED))
        return MAPI_E_INVALID_PARAMETER;
    call.message = message->number;
    if (message->writable && call.locked) /* STO-067 */
        hr = IMessage_SaveChanges(iface, KEEP_OPEN_READWRITE);
    return FAILED(hr) ? hr : store_run(store, lock_on_engine, &call.base);
}

/* --- The table -------------------------------------------------------------------------------- */

static const SizedSPropTagArray(13, columns) = {
    13,
    {PR_ENTRYID, PR_INSTANCE_KEY, PR_CLIENT_SUBMIT_TIME, PR_SUBMIT_FLAGS, PR_DISPLAY_TO_W,
     PR_DISPLAY_CC_W, PR_DISPLAY_BCC_W, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_PRIORITY,
     PR_SENDER_NAME_W, PR_SUBJECT_W, PR_MESSAGE_CLASS_W}};

/* What the queue itself knows. */
static HRESULT add_queue_values(const struct mailbox_guids *guids,
                                const struct state_submission *submission, void *root, SRow *row)
{
    BYTE id[MESSAGE_ENTRYID_SIZE], instance[INSTANCE_KEY_SIZE];
    SPropValue values[4] = {
        propval_binary(PR_ENTRYID, id, sizeof(id)),
        propval_binary(PR_INSTANCE_KEY, instance, sizeof(instance)),
        {.ulPropTag = PR_CLIENT_SUBMIT_TIME,
         .Value.ft = filetime_from_unix(submission->submitted_at / 1000)},
        propval_long(PR_SUBMIT_FLAGS, submission->locked ? SUBMITFLAG_LOCKED : 0),
    };
    HRESULT hr = S_OK;

    ids_message_entryid(guids, submission->folder, submission->number, id);
    ids_instance_key(submission->number, 0, instance);
    for (size_t i = 0; SUCCEEDED(hr) && i < 4; i++)
        hr = propval_copy(root, &row->lpProps[row->cValues++], &values[i]);
    return hr;
}

static bool has_value(const SRow *row, ULONG tag)
{
    for (ULONG i = 0; i < row->cValues; i++)
        if (row->lpProps[i].ulPropTag == tag)
            return true;
    return false;
}

static HRESULT add_mail_values(const struct message_view *view, void *root, SRow *row)
{
    struct arena scratch = {0};
    HRESULT hr = S_OK;

    for (ULONG i = 0; SUCCEEDED(hr) && i < columns.cValues; i++) {
        SPropValue value;

        if (has_value(row, columns.aulPropTag[i]))
            continue;
        hr = message_column(view, columns.aulPropTag[i], &scratch, &value);
        if (SUCCEEDED(hr))
            hr = propval_copy(root, &row->lpProps[row->cValues++], &value);
        else if (hr == MAPI_E_NOT_FOUND)
            hr = S_OK;
    }
    arena_clear(&scratch);
    return hr;
}

/* What the folder's index knows of the message, if it is there. */
static WAITS HRESULT add_index_values(const struct live_rows *rows, struct account *account,
                                      const struct state_submission *submission, void *root,
                                      SRow *row)
{
    struct imap_snapshot *snapshot = NULL;
    struct message_place place = {0};
    struct imap_index *index;
    struct imap_row mail;
    struct message_view view = {.guids = imap_link_guids(rows->link),
                                .folder = submission->folder,
                                .number = submission->number,
                                .row = &mail,
                                .rights = account_rights_now(account, submission->folder)};
    size_t position;
    HRESULT hr = S_OK;

    if (FAILED(account_folder_watch(account, submission->folder, NULL, &index)))
        return S_OK;
    if (SUCCEEDED(imap_index_wait_rows(index, SIZE_MAX, NO_DEADLINE, NULL, &snapshot)) &&
        SUCCEEDED(account_message_locate(account, submission->number, NULL, &place)) &&
        imap_snapshot_find(snapshot, place.uid, &position)) {
        imap_snapshot_row(snapshot, position, &mail);
        mail.flags |= IMAP_FLAG_SUBMITTED;
        hr = add_mail_values(&view, root, row);
    }
    message_place_clear(&place);
    imap_snapshot_unref(snapshot);
    imap_index_unref(index);
    account_folder_unwatch(account, submission->folder);
    return hr;
}

static HRESULT fill(const struct live_rows *rows, struct account *account, struct error_info *error,
                    struct live_filling *filling)
{
    struct state_submission *queue;
    size_t count;
    HRESULT hr = state_queue_list(account_state(account), error, &queue, &count);

    if (FAILED(hr))
        return hr;
    hr = live_filling_reserve(filling, count);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        SRow *row = &filling->rows[filling->count++];

        row->lpProps = mapi_alloc_array(filling->root, columns.cValues, sizeof(SPropValue));
        hr = row->lpProps
                 ? add_queue_values(imap_link_guids(rows->link), &queue[i], filling->root, row)
                 : MAPI_E_NOT_ENOUGH_MEMORY;
        if (SUCCEEDED(hr))
            hr = add_index_values(rows, account, &queue[i], filling->root, row);
    }
    free(queue);
    return hr;
}

static bool wants(const struct live_rows *rows, const struct account_event *event)
{
    (void)rows;
    return event->kind == ACCOUNT_QUEUE_CHANGED;
}

static const struct live_rows_ops ops = {
    .columns = (const SPropTagArray *)&columns, .wants = wants, .fill = fill};

HRESULT store_GetOutgoingQueue(struct imap_store *store, ULONG flags, LPMAPITABLE *ret_table)
{
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    return live_rows_open(store->link, &store->object, 0, &ops, flags, ret_table);
}
