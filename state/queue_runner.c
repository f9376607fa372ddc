/* state/queue_runner.c - the submit queue: the steps of a runner
 *
 * A claim is one writing transaction, so that of all processes on the file one gets the row. Each
 * later step names row and owner in its WHERE: a runner that lost its lease changes nothing. */
#include "state/queue.h"

#include <stdlib.h>

#include "mapi/mapicode.h"
#include "state/queue_rows.h"
#include "state/room.h"

bool queue_is_held(const struct tx *tx, const char *owner, int64_t lease_until)
{
    return owner && lease_until > tx->now && !db_owner_is_dead(tx->db, owner);
}

/* --- Claiming --------------------------------------------------------------------------------- */

struct claim_call {
    int64_t mailbox;
    int64_t id; /* 0: the first that is due */
    struct block *result;
    uint64_t wait;
};

/* Frees the rows of one runner that is gone: one that awaited its 250 may have got it. */
static HRESULT free_row(struct tx *tx, int64_t id, int64_t stage)
{
    if (stage == QUEUE_AWAITING)
        return query_run(tx, NULL,
                         "UPDATE queue SET stage=5, owner=NULL, lease_until=0, words="
                         "'ended while the server''s answer to the message was awaited' "
                         "WHERE id=?1",
                         "i", id);
    if (stage == QUEUE_CLAIMED)
        stage = QUEUE_QUEUED;
    return query_run(tx, NULL, "UPDATE queue SET stage=?2, owner=NULL, lease_until=0 WHERE id=?1",
                     "ii", id, stage);
}

struct lapsed_row {
    int64_t id, stage;
};

static HRESULT free_lapsed(struct tx *tx, struct claim_call *call)
{
    struct block block;
    struct lapsed_row *row;
    struct query q;
    size_t count = 0;
    void *rows = NULL;
    HRESULT hr;

    block_init(&block, sizeof(*row));
    query_start(&q, tx,
                "SELECT id, stage, owner, lease_until FROM queue "
                "WHERE mailbox=?1 AND owner IS NOT NULL",
                "i", call->mailbox);
    while (query_row(&q)) {
        if (queue_is_held(tx, query_text(&q, 2), query_int(&q, 3)))
            continue;
        row = block_add_row(&block);
        if (!row)
            break;
        row->id = query_int(&q, 0);
        row->stage = query_int(&q, 1);
    }
    hr = query_end(&q);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, &count);
    block_clear(&block);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        row = (struct lapsed_row *)rows + i;
        hr = free_row(tx, row->id, row->stage);
    }
    free(rows);
    return hr;
}

/* Rows that a runner may have work with: queued, and sent or failed whose aftermath nobody does. */
#define CLAIMABLE "mailbox=?1 AND by_spooler=0 AND owner IS NULL AND stage IN (1, 4, 6)"
#define DUE_AT    "CASE WHEN deferred_until>next_try THEN deferred_until ELSE next_try END"

static HRESULT find_due(struct tx *tx, const struct claim_call *call, int64_t *ret_id)
{
    if (call->id)
        return query_one(tx, ret_id, "SELECT id FROM queue WHERE " CLAIMABLE " AND id=?2", "ii",
                         call->mailbox, call->id);
    return query_one(tx, ret_id,
                     "SELECT id FROM queue WHERE " CLAIMABLE " AND " DUE_AT "<=?2 "
                     "ORDER BY id LIMIT 1",
                     "ii", call->mailbox, tx->now);
}

/* When the next look may find something: a row's time, or the end of somebody's lease. */
static HRESULT find_wait(struct tx *tx, struct claim_call *call)
{
    int64_t due;
    HRESULT hr = query_one(tx, &due,
                           "SELECT CASE WHEN owner IS NULL THEN " DUE_AT " ELSE lease_until END "
                           "AS due FROM queue WHERE mailbox=?1 AND by_spooler=0 AND "
                           "(owner IS NOT NULL OR stage IN (1, 4, 6)) ORDER BY due LIMIT 1",
                           "i", call->mailbox);

    if (hr == MAPI_E_NOT_FOUND)
        call->wait = UINT64_MAX;
    else if (SUCCEEDED(hr))
        call->wait = due > tx->now ? (uint64_t)(due - tx->now) : 0;
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

/* Succeeds without a row as well: what it did about lapsed leases is to stay. */
static HRESULT claim_job(struct tx *tx, void *arg)
{
    struct claim_call *call = arg;
    int64_t id;
    HRESULT hr = free_lapsed(tx, call);

    if (FAILED(hr))
        return hr;
    hr = find_due(tx, call, &id);
    if (hr == MAPI_E_NOT_FOUND)
        return find_wait(tx, call);
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "UPDATE queue SET stage=CASE WHEN stage=1 THEN 2 ELSE stage END, owner=?2, "
                       "lease_until=?3 WHERE id=?1",
                       "isi", id, db_owner(tx->db), tx->now + QUEUE_LEASE_MS);
    return SUCCEEDED(hr) ? queue_read_row(tx, call->mailbox, id, call->result) : hr;
}

HRESULT state_queue_claim(struct state_mailbox *mailbox, int64_t id, struct error_info *error,
                          struct state_submission **ret_row, uint64_t *ret_wait)
{
    struct block block;
    struct claim_call call = {.mailbox = mailbox_id(mailbox), .id = id, .result = &block};
    size_t count = 0;
    void *rows = NULL;
    HRESULT hr;

    block_init(&block, sizeof(struct state_submission));
    hr = db_write(mailbox_db(mailbox), claim_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, &count);
    block_clear(&block);
    if (FAILED(hr))
        return hr;
    if (count == 0) {
        if (ret_wait)
            *ret_wait = call.wait;
        return MAPI_E_NOT_FOUND;
    }
    *ret_row = rows;
    return S_OK;
}

/* --- With a lease ----------------------------------------------------------------------------- */

struct step_call {
    int64_t mailbox, id;
    int64_t next_try;
    const char *words;
    const struct state_recipient *results;
    size_t count;
    enum state_queue_stage stage;
};

/* What a step that changed no row means. */
static HRESULT lease_lost(struct tx *tx)
{
    return error_set(&tx->error, MAPI_E_OBJECT_CHANGED, db_path(tx->db),
                     "the lease on the submission was lost");
}

static HRESULT run_step(struct state_mailbox *mailbox, db_fn *job, struct step_call *call,
                        struct error_info *error)
{
    call->mailbox = mailbox_id(mailbox);
    return db_write(mailbox_db(mailbox), job, call, error);
}

static HRESULT renew_job(struct tx *tx, void *arg)
{
    struct step_call *call = arg;
    int64_t changed = 0;
    HRESULT hr =
        query_run(tx, &changed,
                  "UPDATE queue SET lease_until=?4 "
                  "WHERE mailbox=?1 AND id=?2 AND owner=?3",
                  "iisi", call->mailbox, call->id, db_owner(tx->db), tx->now + QUEUE_LEASE_MS);

    return SUCCEEDED(hr) && !changed ? lease_lost(tx) : hr;
}

HRESULT state_queue_renew(struct state_mailbox *mailbox, int64_t id, struct error_info *error)
{
    struct step_call call = {.id = id};

    return run_step(mailbox, renew_job, &call, error);
}

static HRESULT awaiting_job(struct tx *tx, void *arg)
{
    struct step_call *call = arg;
    int64_t changed = 0;
    HRESULT hr =
        query_run(tx, &changed,
                  "UPDATE queue SET stage=3, lease_until=?4 "
                  "WHERE mailbox=?1 AND id=?2 AND owner=?3 AND stage=2",
                  "iisi", call->mailbox, call->id, db_owner(tx->db), tx->now + QUEUE_LEASE_MS);

    return SUCCEEDED(hr) && !changed ? lease_lost(tx) : hr;
}

HRESULT state_queue_awaiting(struct state_mailbox *mailbox, int64_t id, struct error_info *error)
{
    struct step_call call = {.id = id};

    return run_step(mailbox, awaiting_job, &call, error);
}

static HRESULT store_results(struct tx *tx, const struct step_call *call)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr = query_run(tx, NULL,
                       "UPDATE queue_recipients SET stage=?3, reply_code=?4, words=?5 "
                       "WHERE queue=?1 AND row_id=?2",
                       "iiiis", call->id, (int64_t)call->results[i].row_id,
                       (int64_t)call->results[i].stage, (int64_t)call->results[i].reply_code,
                       call->results[i].words);
    return hr;
}

static HRESULT stage_from_results(struct tx *tx, const struct step_call *call,
                                  enum state_queue_stage *ret_stage)
{
    int64_t pending = 0, sent = 0;
    HRESULT hr =
        query_one(tx, &pending, "SELECT COUNT(*) FROM queue_recipients WHERE queue=?1 AND stage=1",
                  "i", call->id);

    if (SUCCEEDED(hr))
        hr = query_one(tx, &sent,
                       "SELECT COUNT(*) FROM queue_recipients WHERE queue=?1 AND stage=2 AND "
                       "responsible=0",
                       "i", call->id);
    if (SUCCEEDED(hr))
        *ret_stage = pending ? QUEUE_QUEUED : sent ? QUEUE_SENT : QUEUE_FAILED;
    return hr;
}

static HRESULT outcome_job(struct tx *tx, void *arg)
{
    struct step_call *call = arg;
    bool again;
    int64_t id;
    HRESULT hr = query_one(tx, &id,
                           "SELECT id FROM queue WHERE mailbox=?1 AND id=?2 AND owner=?3 AND "
                           "stage IN (2, 3)",
                           "iis", call->mailbox, call->id, db_owner(tx->db));

    if (hr == MAPI_E_NOT_FOUND)
        return lease_lost(tx);
    if (SUCCEEDED(hr))
        hr = store_results(tx, call);
    if (SUCCEEDED(hr))
        hr = stage_from_results(tx, call, &call->stage);
    if (FAILED(hr))
        return hr;

    again = call->stage == QUEUE_QUEUED;
    return query_run(tx, NULL,
                     "UPDATE queue SET stage=?2, attempts=attempts+1, words=?3, next_try=?4, "
                     "owner=?5, lease_until=?6 WHERE id=?1",
                     "iisisi", call->id, (int64_t)call->stage, call->words,
                     again ? call->next_try : 0, again ? NULL : db_owner(tx->db),
                     again ? 0 : tx->now + QUEUE_LEASE_MS);
}

HRESULT state_queue_outcome(struct state_mailbox *mailbox, int64_t id,
                            const struct state_recipient *results, size_t count, int64_t next_try,
                            const char *words, struct error_info *error,
                            enum state_queue_stage *ret_stage)
{
    struct step_call call = {
        .id = id, .results = results, .count = count, .next_try = next_try, .words = words};
    HRESULT hr = run_step(mailbox, outcome_job, &call, error);

    if (SUCCEEDED(hr) && ret_stage)
        *ret_stage = call.stage;
    return hr;
}

static HRESULT release_job(struct tx *tx, void *arg)
{
    struct step_call *call = arg;
    int64_t changed = 0;
    HRESULT hr =
        query_run(tx, &changed,
                  "UPDATE queue SET attempts=attempts+CASE WHEN stage IN (2, 3) THEN 1 "
                  "ELSE 0 END, stage=CASE WHEN stage IN (2, 3) THEN 1 ELSE stage END, "
                  "words=?4, next_try=?5, owner=NULL, lease_until=0 "
                  "WHERE mailbox=?1 AND id=?2 AND owner=?3",
                  "iissi", call->mailbox, call->id, db_owner(tx->db), call->words, call->next_try);

    return SUCCEEDED(hr) && !changed ? lease_lost(tx) : hr;
}

HRESULT state_queue_release(struct state_mailbox *mailbox, int64_t id, int64_t next_try,
                            const char *words, struct error_info *error)
{
    struct step_call call = {.id = id, .next_try = next_try, .words = words};

    return run_step(mailbox, release_job, &call, error);
}

static HRESULT uncertain_job(struct tx *tx, void *arg)
{
    struct step_call *call = arg;
    int64_t changed = 0;
    HRESULT hr = query_run(tx, &changed,
                           "UPDATE queue SET stage=5, attempts=attempts+1, words=?4, owner=NULL, "
                           "lease_until=0 WHERE mailbox=?1 AND id=?2 AND owner=?3 AND stage=3",
                           "iiss", call->mailbox, call->id, db_owner(tx->db), call->words);

    return SUCCEEDED(hr) && !changed ? lease_lost(tx) : hr;
}

HRESULT state_queue_uncertain(struct state_mailbox *mailbox, int64_t id, const char *words,
                              struct error_info *error)
{
    struct step_call call = {.id = id, .words = words};

    return run_step(mailbox, uncertain_job, &call, error);
}

static HRESULT finish_job(struct tx *tx, void *arg)
{
    struct step_call *call = arg;
    int64_t changed = 0;
    HRESULT hr = query_run(tx, &changed,
                           "DELETE FROM queue WHERE mailbox=?1 AND id=?2 AND owner=?3 AND "
                           "stage IN (2, 4, 6)",
                           "iis", call->mailbox, call->id, db_owner(tx->db));

    return SUCCEEDED(hr) && !changed ? lease_lost(tx) : hr;
}

HRESULT state_queue_finish(struct state_mailbox *mailbox, int64_t id, struct error_info *error)
{
    struct step_call call = {.id = id};

    return run_step(mailbox, finish_job, &call, error);
}
