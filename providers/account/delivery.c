/* providers/account/delivery.c - one row of the queue, sent and seen to its end
 *
 * The order of journal entries is what keeps the promise of docs/mail.md, "Sending": "awaiting"
 * before the final dot, the outcome after the answer, and the row goes last. */
#include "providers/account/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/account/messages.h"
#include "providers/account/outbox.h"
#include "providers/account/outgoing.h"
#include "providers/account/report.h"
#include "providers/smtp/client/send.h"

#define RENEW_EVERY_MS (QUEUE_LEASE_MS / 3)

struct delivery {
    struct account *account;
    struct state_submission *row;
    struct outgoing_stream *stream;
    uint64_t renewed_at;
    struct error_info error;
};

/* --- Sending ---------------------------------------------------------------------------------- */

static HRESULT delivery_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct delivery *delivery = arg;

    if (engine_now() - delivery->renewed_at > RENEW_EVERY_MS) {
        HRESULT hr =
            state_queue_renew(delivery->account->mailbox, delivery->row->id, &delivery->error);

        if (FAILED(hr))
            return hr;
        delivery->renewed_at = engine_now();
    }
    return outgoing_read(delivery->stream, buffer, size, &delivery->error, ret_size);
}

static HRESULT delivery_before_final_dot(void *arg)
{
    struct delivery *delivery = arg;
    HRESULT hr =
        state_queue_awaiting(delivery->account->mailbox, delivery->row->id, &delivery->error);

    if (SUCCEEDED(hr))
        delivery->account->runner.awaiting = true;
    return hr;
}

/* The pending recipients as the SMTP client wants them; recipients[i] is rows[i]. */
static size_t pending_recipients(const struct state_submission *row,
                                 struct smtp_recipient *recipients,
                                 const struct state_recipient **rows)
{
    size_t count = 0;

    for (size_t i = 0; i < row->recipient_count; i++) {
        const struct state_recipient *each = &row->recipients[i];

        if (each->stage != RECIPIENT_PENDING || each->responsible)
            continue;
        recipients[count] = (struct smtp_recipient){
            .address = each->address,
            .notify = each->notify,
            .original = each->notify ? each->address : NULL,
        };
        rows[count++] = each;
    }
    return count;
}

static enum state_recipient_stage stage_of(enum smtp_outcome outcome)
{
    switch (outcome) {
    case SMTP_ACCEPTED:
        return RECIPIENT_SENT;
    case SMTP_PERMANENT:
        return RECIPIENT_REFUSED;
    case SMTP_NOT_TRIED:
    case SMTP_TEMPORARY:
    case SMTP_UNCERTAIN:
        break;
    }
    return RECIPIENT_PENDING;
}

/* The server's words behind the reply code: its enhanced status first, if it gave one. */
struct said {
    char text[sizeof(((struct smtp_reply *)0)->status) + SMTP_WORDS_MAX];
};

static const char *said_by_server(const struct smtp_reply *reply, struct said *said)
{
    snprintf(said->text, sizeof(said->text), "%s%s%s", reply->status, reply->status[0] ? " " : "",
             reply->words);
    return said->text[0] ? said->text : NULL;
}

/* Journals the answers; the words of the row are the first refusal's. */
static WAITS HRESULT journal_outcome(struct delivery *delivery,
                                     const struct smtp_recipient *recipients,
                                     const struct state_recipient *const *rows, size_t count,
                                     int64_t next_try, enum state_queue_stage *ret_stage)
{
    struct state_recipient *results = calloc(count + 1, sizeof(*results));
    struct said *said = calloc(count + 1, sizeof(*said));
    const char *words = NULL;
    HRESULT hr;

    if (!results || !said) {
        free(results);
        free(said);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        results[i] = (struct state_recipient){
            .row_id = rows[i]->row_id,
            .address = rows[i]->address,
            .stage = stage_of(recipients[i].result),
            .reply_code = recipients[i].reply.code,
            .words = said_by_server(&recipients[i].reply, &said[i]),
        };
        if (recipients[i].result != SMTP_ACCEPTED && !words)
            words = results[i].words;
    }
    hr = state_queue_outcome(delivery->account->mailbox, delivery->row->id, results, count,
                             next_try, words, &delivery->error, ret_stage);
    free(results);
    free(said);
    return hr;
}

static bool any_answered(const struct smtp_recipient *recipients, size_t count,
                         enum smtp_outcome outcome)
{
    for (size_t i = 0; i < count; i++)
        if (recipients[i].result == outcome)
            return true;
    return false;
}

/* A server that is not there, or our own end (a logoff while we send), says nothing about the
 * message: it is due as soon as somebody can send. */
static int64_t due_again(HRESULT why, int64_t next_try)
{
    return why == MAPI_E_NETWORK_ERROR || why == MAPI_E_LOGON_FAILED || why == MAPI_E_USER_CANCEL
               ? 0
               : next_try;
}

/* Sends, and journals what came of it. */
static WAITS HRESULT send_to(struct delivery *delivery, struct smtp_recipient *recipients,
                             const struct state_recipient *const *rows, size_t count,
                             int64_t next_try, enum state_queue_stage *ret_stage)
{
    struct account *account = delivery->account;
    const struct state_submission *row = delivery->row;
    struct smtp_message message = {
        .sender = row->sender,
        .envelope_id = row->envelope_id,
        .size = outgoing_size(delivery->stream),
        .eight_bit = true, /* as stored; a server without 8BITMIME is told nothing */
        .utf8 = outgoing_header_is_utf8(delivery->stream),
        .recipient_count = count,
        .recipients = recipients,
        .arg = delivery,
        .read = delivery_read,
        .before_final_dot = delivery_before_final_dot,
    };
    HRESULT hr = smtp_client_send(account->smtp, &message, NO_DEADLINE, &delivery->error);

    if (SUCCEEDED(hr))
        return journal_outcome(delivery, recipients, rows, count, next_try, ret_stage);
    if (account->runner.awaiting && any_answered(recipients, count, SMTP_UNCERTAIN)) {
        *ret_stage = QUEUE_UNCERTAIN;
        state_queue_uncertain(account->mailbox, row->id, delivery->error.text, NULL);
        return hr;
    }
    *ret_stage = QUEUE_QUEUED;
    state_queue_release(account->mailbox, row->id, due_again(hr, next_try), delivery->error.text,
                        NULL);
    return hr;
}

/* The message cannot be had: gone for good, or not now. */
static WAITS HRESULT give_up_reading(struct delivery *delivery, HRESULT why, int64_t next_try,
                                     enum state_queue_stage *ret_stage)
{
    struct account *account = delivery->account;
    const struct state_submission *row = delivery->row;

    if (why == MAPI_E_OBJECT_DELETED || why == MAPI_E_NOT_FOUND) {
        *ret_stage = QUEUE_FAILED;
        state_queue_finish(account->mailbox, row->id,
                           NULL); /* somebody deleted it: nothing to send */
        return why;
    }
    *ret_stage = QUEUE_QUEUED;
    if (why ==
        MAPI_E_USER_CANCEL) /* a lost IMAP server has no such haste: nothing guards the loop */
        next_try = 0;
    state_queue_release(account->mailbox, row->id, next_try, delivery->error.text, NULL);
    return why;
}

HRESULT delivery_send(struct account *account, struct state_submission *row, int64_t next_try,
                      enum state_queue_stage *ret_stage)
{
    struct delivery delivery = {.account = account, .row = row, .renewed_at = engine_now()};
    struct smtp_recipient *recipients = calloc(row->recipient_count + 1, sizeof(*recipients));
    const struct state_recipient **rows = calloc(row->recipient_count + 1, sizeof(*rows));
    struct message_place place = {0};
    HRESULT hr;

    if (!recipients || !rows) {
        hr = give_up_reading(&delivery, MAPI_E_NOT_ENOUGH_MEMORY, next_try, ret_stage);
        goto out;
    }
    hr = account_message_locate(account, row->number, &delivery.error, &place);
    if (SUCCEEDED(hr))
        hr = outgoing_open(account, &place, &delivery.error, &delivery.stream);
    if (FAILED(hr)) {
        hr = give_up_reading(&delivery, hr, next_try, ret_stage);
        goto out;
    }
    hr = send_to(&delivery, recipients, rows, pending_recipients(row, recipients, rows), next_try,
                 ret_stage);
    account->runner.awaiting = false;
out:
    outgoing_close(delivery.stream);
    message_place_clear(&place);
    free(recipients);
    free(rows);
    return hr;
}

/* --- What follows sending --------------------------------------------------------------------- */

static WAITS HRESULT put_away(struct account *account, const struct state_submission *row)
{
    uint64_t sent = ROLE_SENT;
    struct entry_ref ref;
    HRESULT hr;

    if (row->delete_after)
        return account_messages_delete(account, row->folder, &row->number, 1, NULL, NULL);
    if (row->sent_mail_id.size > 0) {
        hr = ids_parse_entryid(&account->guids, (ULONG)row->sent_mail_id.size,
                               row->sent_mail_id.bytes, &ref);
        if (SUCCEEDED(hr) && ref.kind == ENTRY_FOLDER)
            sent = ref.folder;
    } else if (row->flags & OUTGOING_STAYS) {
        sent = row->folder;
    }
    hr = account_messages_flag(account, row->folder, &row->number, 1, IMAP_STORE_REMOVE,
                               IMAP_FLAG_DRAFT | IMAP_FLAG_SUBMITTED, NULL, NULL);
    if (SUCCEEDED(hr))
        hr = account_messages_flag(account, row->folder, &row->number, 1, IMAP_STORE_ADD,
                                   IMAP_FLAG_SEEN, NULL, NULL);
    if (SUCCEEDED(hr) && sent != row->folder)
        hr = account_messages_copy(account, row->folder, &row->number, 1, sent, true, NULL, NULL,
                                   NULL);
    return hr;
}

static bool any_refused(const struct state_submission *row)
{
    for (size_t i = 0; i < row->recipient_count; i++)
        if (row->recipients[i].stage == RECIPIENT_REFUSED)
            return true;
    return false;
}

HRESULT delivery_conclude(struct account *account, uint64_t number, enum state_queue_stage stage)
{
    struct state_submission *row; /* as the answers have left it */
    HRESULT hr = state_queue_find(account->mailbox, number, NULL, &row);

    if (FAILED(hr))
        return hr;
    /* Each step may be done again after a crash; the report comes late for it cannot see itself. */
    if (stage == QUEUE_SENT)
        hr = put_away(account, row);
    else
        hr = account_messages_flag(account, row->folder, &row->number, 1, IMAP_STORE_REMOVE,
                                   IMAP_FLAG_SUBMITTED, NULL, NULL);
    if (SUCCEEDED(hr) && any_refused(row))
        hr = report_non_delivery(account, row, NULL);
    if (SUCCEEDED(hr))
        hr = state_queue_finish(account->mailbox, row->id, NULL);
    free(row);
    return hr;
}
