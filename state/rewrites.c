/* state/rewrites.c - the journal of messages that SaveChanges replaces */
#include "state/rewrites.h"

#include <string.h>

#include "mapi/mapicode.h"
#include "state/room.h"

struct rewrite_call {
    int64_t mailbox;
    struct state_rewrite rewrite;
    uint64_t change_number;
    struct block *result;
};

static HRESULT begin_job(struct tx *tx, void *arg)
{
    struct rewrite_call *call = arg;
    const struct state_rewrite *rewrite = &call->rewrite;
    HRESULT hr =
        query_one(tx, &call->rewrite.id,
                  "INSERT INTO rewrites (mailbox, number, old_generation, old_uid, "
                  "new_generation, new_uid, stage, token) "
                  "VALUES (?1, ?2, ?3, ?4, 0, 0, 1, ?5) RETURNING id",
                  "iiiis", call->mailbox, (int64_t)rewrite->number,
                  (int64_t)rewrite->old_generation, (int64_t)rewrite->old_uid, rewrite->token);

    if (hr == MAPI_E_COLLISION)
        error_set(&tx->error, hr, db_path(tx->db), "the message is being saved already");
    return hr;
}

HRESULT state_rewrite_begin(struct state_mailbox *mailbox, const struct state_rewrite *rewrite,
                            struct error_info *error, int64_t *ret_id)
{
    struct rewrite_call call = {.mailbox = mailbox_id(mailbox), .rewrite = *rewrite};
    HRESULT hr;

    if (!rewrite->token || !*rewrite->token || strlen(rewrite->token) > REWRITE_TOKEN_MAX)
        return MAPI_E_INVALID_PARAMETER;
    hr = db_write(mailbox_db(mailbox), begin_job, &call, error);
    if (SUCCEEDED(hr))
        *ret_id = call.rewrite.id;
    return hr;
}

static HRESULT commit_job(struct tx *tx, void *arg)
{
    struct rewrite_call *call = arg;
    struct state_rewrite *rewrite = &call->rewrite;
    struct state_alias alias = {.generation = rewrite->new_generation, .uid = rewrite->new_uid};
    int64_t number;
    HRESULT hr = query_one(tx, &number,
                           "UPDATE rewrites SET stage=2, new_generation=?3, new_uid=?4 "
                           "WHERE mailbox=?1 AND id=?2 AND stage=1 RETURNING number",
                           "iiii", call->mailbox, rewrite->id, (int64_t)rewrite->new_generation,
                           (int64_t)rewrite->new_uid);

    if (FAILED(hr))
        return hr;
    alias.number = (uint64_t)number;
    hr = alias_set_in_tx(tx, call->mailbox, &alias);
    if (SUCCEEDED(hr))
        hr = counter_take(tx, call->mailbox, COUNTER_CHANGE, 1, &call->change_number);
    return hr;
}

HRESULT state_rewrite_commit(struct state_mailbox *mailbox, int64_t id, uint16_t new_generation,
                             uint32_t new_uid, struct error_info *error,
                             uint64_t *ret_change_number)
{
    struct rewrite_call call = {
        .mailbox = mailbox_id(mailbox),
        .rewrite = {.id = id, .new_generation = new_generation, .new_uid = new_uid}};
    HRESULT hr;

    if (new_generation < GENERATION_MIN || new_generation > GENERATION_MAX || !new_uid)
        return MAPI_E_INVALID_PARAMETER;
    hr = db_write(mailbox_db(mailbox), commit_job, &call, error);
    if (SUCCEEDED(hr))
        *ret_change_number = call.change_number;
    return hr;
}

static HRESULT close_job(struct tx *tx, void *arg)
{
    struct rewrite_call *call = arg;

    return query_run(tx, NULL, "DELETE FROM rewrites WHERE mailbox=?1 AND id=?2", "ii",
                     call->mailbox, call->rewrite.id);
}

HRESULT state_rewrite_close(struct state_mailbox *mailbox, int64_t id, struct error_info *error)
{
    struct rewrite_call call = {.mailbox = mailbox_id(mailbox), .rewrite.id = id};

    return db_write(mailbox_db(mailbox), close_job, &call, error);
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct rewrite_call *call = arg;
    struct state_rewrite *row;
    struct query q;

    query_start(&q, tx,
                "SELECT id, number, old_generation, old_uid, new_generation, new_uid, stage, token "
                "FROM rewrites WHERE mailbox=?1 ORDER BY id",
                "i", call->mailbox);
    while (query_row(&q) && (row = block_add_row(call->result)) != NULL) {
        row->id = query_int(&q, 0);
        row->number = (uint64_t)query_int(&q, 1);
        row->old_generation = (uint16_t)query_int(&q, 2);
        row->old_uid = (uint32_t)query_int(&q, 3);
        row->new_generation = (uint16_t)query_int(&q, 4);
        row->new_uid = (uint32_t)query_int(&q, 5);
        row->stage = (enum state_rewrite_stage)query_int(&q, 6);
        block_row_string(call->result, offsetof(struct state_rewrite, token), query_text(&q, 7));
    }
    return query_end(&q);
}

HRESULT state_rewrites_list(struct state_mailbox *mailbox, struct error_info *error,
                            struct state_rewrite **ret_rewrites, size_t *ret_count)
{
    struct block block;
    struct rewrite_call call = {.mailbox = mailbox_id(mailbox), .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_rewrite));
    hr = db_read(mailbox_db(mailbox), list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_rewrites = rows;
    block_clear(&block);
    return hr;
}
