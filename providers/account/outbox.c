/* providers/account/outbox.c - handing messages to the submit queue */
#include "providers/account/outbox.h"

#include <stdlib.h>

#include "providers/account/account-private.h"
#include "providers/account/contents.h"
#include "providers/smtp/client/send.h"
#include "state/queue.h"

void account_queue_changed(struct account *account)
{
    const struct account_event event = {.kind = ACCOUNT_QUEUE_CHANGED};

    account_emit(account, &event);
}

static uint32_t notify_flags(const struct outgoing_recipient *recipient)
{
    uint32_t notify = 0;

    if (recipient->notify_success)
        notify |= SMTP_NOTIFY_SUCCESS;
    if (recipient->notify_failure)
        notify |= SMTP_NOTIFY_FAILURE;
    return notify;
}

static WAITS HRESULT add_row(struct account *account, const struct outgoing *outgoing,
                             struct state_recipient *recipients, struct error_info *error)
{
    BYTE sent_id[FOLDER_ENTRYID_SIZE];
    struct state_submission row = {
        .number = outgoing->message,
        .folder = outgoing->folder,
        .delete_after = outgoing->delete_after,
        .flags = outgoing->sent_folder ? 0 : OUTGOING_STAYS,
        .sender = outgoing->sender ? outgoing->sender : account->email,
        .envelope_id = outgoing->envelope_id,
        .message_id = outgoing->message_id,
        .deferred_until = outgoing->not_before * 1000,
        .recipient_count = outgoing->recipient_count,
        .recipients = recipients,
    };
    int64_t id;

    for (size_t i = 0; i < outgoing->recipient_count; i++)
        recipients[i] = (struct state_recipient){
            .row_id = (uint32_t)i,
            .address = outgoing->recipients[i].address,
            .notify = notify_flags(&outgoing->recipients[i]),
            .stage = RECIPIENT_PENDING,
        };
    if (outgoing->sent_folder) {
        ids_folder_entryid(&account->guids, outgoing->sent_folder, sent_id);
        row.sent_mail_id = (struct state_bytes){.bytes = sent_id, .size = sizeof(sent_id)};
    }
    return state_queue_add(account->mailbox, &row, error, &id);
}

HRESULT account_submit(struct account *account, const struct outgoing *outgoing,
                       struct error_info *error)
{
    struct state_recipient *recipients;
    HRESULT hr;

    if (!account->smtp)
        return error_set(error, MAPI_E_NO_SUPPORT, account->key, "no SMTP server is configured");
    if (outgoing->recipient_count == 0)
        return error_set(error, MAPI_E_NO_RECIPIENTS, account->key, "the message has no recipient");
    recipients = calloc(outgoing->recipient_count, sizeof(*recipients));
    if (!recipients)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    hr = add_row(account, outgoing, recipients, error);
    free(recipients);
    if (FAILED(hr))
        return hr;
    /* A mark for people in other programs, never a lock; the queue row is what counts. */
    account_messages_flag(account, outgoing->folder, &outgoing->message, 1, IMAP_STORE_ADD,
                          IMAP_FLAG_SUBMITTED | IMAP_FLAG_DRAFT, NULL, NULL); /* STO-187 */
    account_queue_changed(account);
    engine_event_set(&account->runner.wake);
    return S_OK;
}

HRESULT account_abort_submit(struct account *account, uint64_t message, struct error_info *error)
{
    struct state_submission *row;
    uint64_t folder;
    HRESULT hr = state_queue_find(account->mailbox, message, error, &row);

    if (FAILED(hr))
        return hr;
    folder = row->folder;
    free(row);
    hr = state_queue_abort(account->mailbox, message, error);
    if (FAILED(hr))
        return hr;
    account_messages_flag(account, folder, &message, 1, IMAP_STORE_REMOVE, IMAP_FLAG_SUBMITTED,
                          NULL, NULL);
    account_queue_changed(account);
    return S_OK;
}

HRESULT account_lock_submit(struct account *account, uint64_t message, bool locked,
                            struct error_info *error)
{
    HRESULT hr = state_queue_lock(account->mailbox, message, locked, error);

    if (SUCCEEDED(hr))
        account_queue_changed(account);
    return hr;
}

HRESULT account_flush_out(struct account *account, uint64_t deadline, struct error_info *error)
{
    struct account_runner *runner = &account->runner;
    unsigned round = runner->rounds;
    HRESULT hr;

    if (!account->smtp)
        return error_set(error, MAPI_E_NO_SUPPORT, account->key, "no SMTP server is configured");
    runner->flushing = true;
    account_status_changed(account, ACCOUNT_TRANSPORT);
    hr = smtp_client_try_now(account->smtp, deadline, error);
    engine_event_set(&runner->wake);
    while (SUCCEEDED(hr) && runner->rounds == round && runner->fiber && !runner->stopping) {
        engine_event_reset(&runner->round_ended);
        hr = engine_event_wait(&runner->round_ended, deadline);
        if (FAILED(hr))
            error_set(error, hr, account->key, "the queue is still being sent");
    }
    runner->flushing = false;
    account_status_changed(account, ACCOUNT_TRANSPORT);
    return hr;
}

HRESULT account_flush_in(struct account *account, uint64_t deadline, struct error_info *error)
{
    HRESULT hr;

    account->flush_in = true;
    account_status_changed(account, ACCOUNT_TRANSPORT);
    hr = account_folders_refresh(account, deadline, error);
    for (struct contents *contents = account->contents; contents && SUCCEEDED(hr);) {
        uint64_t folder = contents->folder;

        if (contents->watch)
            hr = imap_index_refresh(contents->index, deadline, error);
        contents = account_contents_find(account, folder); /* it waited */
        contents = contents ? contents->next : NULL;
    }
    account->flush_in = false;
    account_status_changed(account, ACCOUNT_TRANSPORT);
    return hr;
}
