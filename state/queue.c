/* state/queue.c - the submit queue: rows, results, and what needs no lease
 *
 * The steps of a runner are in queue_runner.c. */
#include "state/queue.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapicode.h"
#include "state/queue_rows.h"
#include "state/room.h"

const char *state_queue_stage_name(enum state_queue_stage stage)
{
    static const char *const names[] = {
        [QUEUE_QUEUED] = "queued", [QUEUE_CLAIMED] = "claimed",     [QUEUE_AWAITING] = "awaiting",
        [QUEUE_SENT] = "sent",     [QUEUE_UNCERTAIN] = "uncertain", [QUEUE_FAILED] = "failed",
    };

    return stage >= QUEUE_QUEUED && stage <= QUEUE_FAILED ? names[stage] : "unknown";
}

/* --- Adding ----------------------------------------------------------------------------------- */

struct add_call {
    int64_t mailbox;
    const struct state_submission *submission;
    int64_t id;
};

static HRESULT add_recipients(struct tx *tx, int64_t queue, const struct state_submission *s)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < s->recipient_count; i++) {
        const struct state_recipient *r = &s->recipients[i];

        hr = query_run(tx, NULL,
                       "INSERT INTO queue_recipients (queue, position, row_id, address, "
                       "responsible, notify, stage, reply_code) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
                       "iiisiii", queue, (int64_t)i, (int64_t)r->row_id, r->address,
                       (int64_t)r->responsible, (int64_t)r->notify,
                       (int64_t)(r->responsible ? RECIPIENT_SENT : RECIPIENT_PENDING));
    }
    return hr;
}

static HRESULT add_job(struct tx *tx, void *arg)
{
    struct add_call *call = arg;
    const struct state_submission *s = call->submission;
    HRESULT hr = query_one(
        tx, &call->id,
        "INSERT INTO queue (mailbox, number, folder, stage, locked, by_spooler, delete_after, "
        "flags, sender, envelope_id, message_id, sent_mail_id, target_id, submitted_at, "
        "deferred_until, next_try, attempts, lease_until) VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, "
        "?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, 0) RETURNING id",
        "iiiiiiisssbbii", call->mailbox, (int64_t)s->number, (int64_t)s->folder, (int64_t)s->locked,
        (int64_t)s->by_spooler, (int64_t)s->delete_after, (int64_t)s->flags, s->sender,
        s->envelope_id, s->message_id, s->sent_mail_id.bytes, s->sent_mail_id.size,
        s->target_id.bytes, s->target_id.size, s->submitted_at ? s->submitted_at : tx->now,
        s->deferred_until);

    if (hr == MAPI_E_COLLISION)
        return error_set(&tx->error, MAPI_E_SUBMITTED, db_path(tx->db),
                         "the message is in the queue already");
    return SUCCEEDED(hr) ? add_recipients(tx, call->id, s) : hr;
}

static HRESULT check_submission(const struct state_submission *s, struct error_info *error)
{
    if (!s->number || !s->sender || (s->recipient_count && !s->recipients))
        return MAPI_E_INVALID_PARAMETER;
    if (s->recipient_count == 0)
        return error_set(error, MAPI_E_NO_RECIPIENTS, "queue", "the message has no recipient");
    if (s->recipient_count > QUEUE_RECIPIENTS_MAX)
        return error_set(error, MAPI_E_TOO_BIG, "queue", "more than %d recipients",
                         QUEUE_RECIPIENTS_MAX);
    if (s->sent_mail_id.size > QUEUE_BLOB_MAX || s->target_id.size > QUEUE_BLOB_MAX)
        return error_set(error, MAPI_E_TOO_BIG, "queue", "an entry id is too long");
    for (size_t i = 0; i < s->recipient_count; i++) {
        if (!s->recipients[i].address)
            return MAPI_E_INVALID_PARAMETER;
    }
    return S_OK;
}

HRESULT state_queue_add(struct state_mailbox *mailbox, const struct state_submission *submission,
                        struct error_info *error, int64_t *ret_id)
{
    struct add_call call = {mailbox_id(mailbox), submission, 0};
    HRESULT hr = check_submission(submission, error);

    if (SUCCEEDED(hr))
        hr = db_write(mailbox_db(mailbox), add_job, &call, error);
    if (SUCCEEDED(hr))
        *ret_id = call.id;
    return hr;
}

/* --- Reading ---------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
    "id, number, folder, stage, locked, by_spooler, delete_after, flags, sender, envelope_id, "    \
    "message_id, sent_mail_id, target_id, submitted_at, deferred_until, next_try, attempts, words"

static void read_bytes(struct query *q, int column, struct block *block, size_t member)
{
    size_t size;
    const void *bytes = query_bytes(q, column, &size);

    if (bytes && size)
        block_point_row(block, member + offsetof(struct state_bytes, bytes),
                        block_add_data(block, bytes, size));
}

static void read_row(struct query *q, struct block *block, struct state_submission *row)
{
    row->id = query_int(q, 0);
    row->number = (uint64_t)query_int(q, 1);
    row->folder = (uint64_t)query_int(q, 2);
    row->stage = (enum state_queue_stage)query_int(q, 3);
    row->locked = query_int(q, 4) != 0;
    row->by_spooler = query_int(q, 5) != 0;
    row->delete_after = query_int(q, 6) != 0;
    row->flags = (uint32_t)query_int(q, 7);
    query_bytes(q, 11, &row->sent_mail_id.size);
    query_bytes(q, 12, &row->target_id.size);
    row->submitted_at = query_int(q, 13);
    row->deferred_until = query_int(q, 14);
    row->next_try = query_int(q, 15);
    row->attempts = (uint32_t)query_int(q, 16);
    block_row_string(block, offsetof(struct state_submission, sender), query_text(q, 8));
    block_row_string(block, offsetof(struct state_submission, envelope_id), query_text(q, 9));
    block_row_string(block, offsetof(struct state_submission, message_id), query_text(q, 10));
    read_bytes(q, 11, block, offsetof(struct state_submission, sent_mail_id));
    read_bytes(q, 12, block, offsetof(struct state_submission, target_id));
    block_row_string(block, offsetof(struct state_submission, words), query_text(q, 17));
}

/* The recipients stand side by side in the block's data: as many as there are is asked first. */
static HRESULT read_recipients(struct tx *tx, struct block *block, int64_t id)
{
    struct state_submission *submission;
    struct query q;
    int64_t count;
    size_t at, done = 0;
    HRESULT hr =
        query_one(tx, &count, "SELECT COUNT(*) FROM queue_recipients WHERE queue=?1", "i", id);

    if (FAILED(hr))
        return hr;
    at = block_add_data(block, NULL, (size_t)count * sizeof(struct state_recipient));
    if (block->failed)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    submission = (void *)(block->row_part.bytes + block->row_part.size - block->row_size);
    submission->recipient_count = (size_t)count;
    block_point_row(block, offsetof(struct state_submission, recipients), at);

    query_start(&q, tx,
                "SELECT row_id, address, responsible, notify, stage, reply_code, words "
                "FROM queue_recipients WHERE queue=?1 ORDER BY position",
                "i", id);
    while (query_row(&q) && !block->failed && done < (size_t)count) {
        size_t place = at + done++ * sizeof(struct state_recipient);
        struct state_recipient *r = block_data(block, place);

        r->row_id = (uint32_t)query_int(&q, 0);
        r->responsible = query_int(&q, 2) != 0;
        r->notify = (uint32_t)query_int(&q, 3);
        r->stage = (enum state_recipient_stage)query_int(&q, 4);
        r->reply_code = (uint32_t)query_int(&q, 5);
        /* r moves with the block from here on */
        block_data_string(block, place + offsetof(struct state_recipient, address),
                          query_text(&q, 1));
        block_data_string(block, place + offsetof(struct state_recipient, words),
                          query_text(&q, 6));
    }
    return query_end(&q);
}

HRESULT queue_read_row(struct tx *tx, int64_t mailbox, int64_t id, struct block *block)
{
    struct state_submission *row;
    struct query q;
    bool found;
    HRESULT hr;

    query_start(&q, tx, "SELECT " COLUMNS " FROM queue WHERE mailbox=?1 AND id=?2", "ii", mailbox,
                id);
    found = query_row(&q);
    if (found && (row = block_add_row(block)) != NULL)
        read_row(&q, block, row);
    hr = query_end(&q);
    if (FAILED(hr) || !found)
        return FAILED(hr) ? hr : MAPI_E_NOT_FOUND;
    return block->failed ? MAPI_E_NOT_ENOUGH_MEMORY : read_recipients(tx, block, id);
}

struct read_call {
    int64_t mailbox;
    uint64_t number; /* 0: all */
    struct block *result;
};

/* All at once: what is read for each row would disturb a query that is still open. */
static HRESULT list_ids(struct tx *tx, int64_t mailbox, int64_t **ret_ids, size_t *ret_count)
{
    struct query q;
    bool kept = true;
    HRESULT hr;

    *ret_ids = NULL;
    *ret_count = 0;
    query_start(&q, tx, "SELECT id FROM queue WHERE mailbox=?1 ORDER BY id", "i", mailbox);
    while (kept && query_row(&q)) {
        int64_t id = query_int(&q, 0);

        kept = array_append(ret_ids, ret_count, &id);
    }
    hr = query_end(&q);
    return SUCCEEDED(hr) && !kept ? MAPI_E_NOT_ENOUGH_MEMORY : hr;
}

static HRESULT read_job(struct tx *tx, void *arg)
{
    struct read_call *call = arg;
    int64_t id = 0, *ids;
    size_t count;
    HRESULT hr;

    if (call->number) {
        hr = query_one(tx, &id, "SELECT id FROM queue WHERE mailbox=?1 AND number=?2", "ii",
                       call->mailbox, (int64_t)call->number);
        return SUCCEEDED(hr) ? queue_read_row(tx, call->mailbox, id, call->result) : hr;
    }
    hr = list_ids(tx, call->mailbox, &ids, &count);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = queue_read_row(tx, call->mailbox, ids[i], call->result);
    free(ids);
    return hr;
}

static HRESULT read_rows(struct state_mailbox *mailbox, uint64_t number, struct error_info *error,
                         struct state_submission **ret_rows, size_t *ret_count)
{
    struct block block;
    struct read_call call = {mailbox_id(mailbox), number, &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_submission));
    hr = db_read(mailbox_db(mailbox), read_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_rows = rows;
    block_clear(&block);
    return hr;
}

HRESULT state_queue_list(struct state_mailbox *mailbox, struct error_info *error,
                         struct state_submission **ret_rows, size_t *ret_count)
{
    return read_rows(mailbox, 0, error, ret_rows, ret_count);
}

struct count_call {
    int64_t mailbox, count;
};

static HRESULT count_job(struct tx *tx, void *arg)
{
    struct count_call *call = arg;

    return query_one(tx, &call->count, "SELECT COUNT(*) FROM queue WHERE mailbox=?1 AND stage=1",
                     "i", call->mailbox);
}

HRESULT state_queue_count(struct state_mailbox *mailbox, struct error_info *error,
                          size_t *ret_waiting)
{
    struct count_call call = {.mailbox = mailbox_id(mailbox)};
    HRESULT hr = db_read(mailbox_db(mailbox), count_job, &call, error);

    *ret_waiting = SUCCEEDED(hr) ? (size_t)call.count : 0;
    return hr;
}

HRESULT state_queue_find(struct state_mailbox *mailbox, uint64_t number, struct error_info *error,
                         struct state_submission **ret_row)
{
    HRESULT hr;

    if (!number)
        return MAPI_E_NOT_IN_QUEUE;
    hr = read_rows(mailbox, number, error, ret_row, NULL);
    return hr == MAPI_E_NOT_FOUND ? MAPI_E_NOT_IN_QUEUE : hr;
}

/* --- Without a lease -------------------------------------------------------------------------- */

struct row_call {
    int64_t mailbox;
    uint64_t number;
    int64_t id;
    bool flag;
};

/* The row's stage as far as others are concerned: what its runner holds is kept apart. */
static HRESULT find_row(struct tx *tx, const struct row_call *call, int64_t *ret_stage,
                        bool *ret_locked, bool *ret_held)
{
    struct query q;
    bool found;
    HRESULT hr;

    query_start(&q, tx,
                "SELECT stage, locked, owner, lease_until FROM queue WHERE mailbox=?1 AND "
                "number=?2",
                "ii", call->mailbox, (int64_t)call->number);
    found = query_row(&q);
    if (found) {
        *ret_stage = query_int(&q, 0);
        *ret_locked = query_int(&q, 1) != 0;
        *ret_held = queue_is_held(tx, query_text(&q, 2), query_int(&q, 3));
    }
    hr = query_end(&q);
    return SUCCEEDED(hr) && !found ? MAPI_E_NOT_IN_QUEUE : hr;
}

static HRESULT delete_row(struct tx *tx, const struct row_call *call)
{
    return query_run(tx, NULL, "DELETE FROM queue WHERE mailbox=?1 AND number=?2", "ii",
                     call->mailbox, (int64_t)call->number);
}

static HRESULT abort_job(struct tx *tx, void *arg)
{
    const struct row_call *call = arg;
    bool locked, held;
    int64_t stage;
    HRESULT hr = find_row(tx, call, &stage, &locked, &held);

    if (FAILED(hr))
        return hr;
    if (locked || held ||
        (stage != QUEUE_QUEUED && stage != QUEUE_CLAIMED && stage != QUEUE_FAILED &&
         stage != QUEUE_UNCERTAIN)) /* that one may have gone; it will not go again */
        return error_set(&tx->error, MAPI_E_UNABLE_TO_ABORT, db_path(tx->db),
                         "the message is on its way (%s)",
                         state_queue_stage_name((enum state_queue_stage)stage));
    return delete_row(tx, call);
}

HRESULT state_queue_abort(struct state_mailbox *mailbox, uint64_t number, struct error_info *error)
{
    struct row_call call = {.mailbox = mailbox_id(mailbox), .number = number};

    return db_write(mailbox_db(mailbox), abort_job, &call, error);
}

static HRESULT remove_job(struct tx *tx, void *arg)
{
    const struct row_call *call = arg;
    bool locked, held;
    int64_t stage;
    HRESULT hr = find_row(tx, call, &stage, &locked, &held);

    if (SUCCEEDED(hr) && held)
        return error_set(&tx->error, MAPI_E_BUSY, db_path(tx->db), "the message is being sent");
    return SUCCEEDED(hr) ? delete_row(tx, call) : hr;
}

HRESULT state_queue_remove(struct state_mailbox *mailbox, uint64_t number, struct error_info *error)
{
    struct row_call call = {.mailbox = mailbox_id(mailbox), .number = number};

    return db_write(mailbox_db(mailbox), remove_job, &call, error);
}

static HRESULT lock_job(struct tx *tx, void *arg)
{
    const struct row_call *call = arg;
    int64_t changed = 0;
    HRESULT hr =
        query_run(tx, &changed, "UPDATE queue SET locked=?3 WHERE mailbox=?1 AND number=?2", "iii",
                  call->mailbox, (int64_t)call->number, (int64_t)call->flag);

    return SUCCEEDED(hr) && !changed ? MAPI_E_NOT_IN_QUEUE : hr;
}

HRESULT state_queue_lock(struct state_mailbox *mailbox, uint64_t number, bool locked,
                         struct error_info *error)
{
    struct row_call call = {.mailbox = mailbox_id(mailbox), .number = number, .flag = locked};

    return db_write(mailbox_db(mailbox), lock_job, &call, error);
}

static HRESULT retry_job(struct tx *tx, void *arg)
{
    const struct row_call *call = arg;
    int64_t stage;
    HRESULT hr = query_one(tx, &stage,
                           "SELECT stage FROM queue WHERE mailbox=?1 AND id=?2 AND stage IN (5, 6)",
                           "ii", call->mailbox, call->id);

    if (SUCCEEDED(hr) && stage == QUEUE_FAILED)
        hr = query_run(tx, NULL, "UPDATE queue_recipients SET stage=1 WHERE queue=?1 AND stage=3",
                       "i", call->id);
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "UPDATE queue SET stage=1, next_try=0, owner=NULL, lease_until=0 "
                       "WHERE id=?1",
                       "i", call->id);
    return hr;
}

HRESULT state_queue_retry(struct state_mailbox *mailbox, int64_t id, struct error_info *error)
{
    struct row_call call = {.mailbox = mailbox_id(mailbox), .id = id};

    return db_write(mailbox_db(mailbox), retry_job, &call, error);
}

static HRESULT decide_job(struct tx *tx, void *arg)
{
    const struct row_call *call = arg;
    int64_t changed = 0;
    HRESULT hr = query_run(tx, &changed,
                           "UPDATE queue SET stage=?3, owner=NULL, lease_until=0 "
                           "WHERE mailbox=?1 AND id=?2 AND stage=5",
                           "iii", call->mailbox, call->id,
                           (int64_t)(call->flag ? QUEUE_SENT : QUEUE_FAILED));

    if (SUCCEEDED(hr) && !changed)
        return MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL, "UPDATE queue_recipients SET stage=?2 WHERE queue=?1 AND stage=1",
                       "ii", call->id, (int64_t)(call->flag ? RECIPIENT_SENT : RECIPIENT_REFUSED));
    return hr;
}

HRESULT state_queue_decide(struct state_mailbox *mailbox, int64_t id, bool sent,
                           struct error_info *error)
{
    struct row_call call = {.mailbox = mailbox_id(mailbox), .id = id, .flag = sent};

    return db_write(mailbox_db(mailbox), decide_job, &call, error);
}
