/* state/aliases.c - messages whose number is not their generation and UID */
#include "state/aliases.h"

#include <stdlib.h>

#include "mapi/mapicode.h"
#include "state/room.h"

HRESULT alias_set_in_tx(struct tx *tx, int64_t mailbox, const struct state_alias *alias)
{
    HRESULT hr;

    /* Where arithmetic leads there anyhow, a row would be in the way of the next rewrite only. */
    if (alias->number == number_from_uid(alias->generation, alias->uid))
        return query_run(tx, NULL, "DELETE FROM aliases WHERE mailbox=?1 AND number=?2", "ii",
                         mailbox, (int64_t)alias->number);
    hr = query_run(tx, NULL,
                   "INSERT INTO aliases (mailbox, number, generation, uid) VALUES (?1, ?2, ?3, ?4) "
                   "ON CONFLICT (mailbox, number) DO UPDATE SET generation=excluded.generation, "
                   "uid=excluded.uid",
                   "iiii", mailbox, (int64_t)alias->number, (int64_t)alias->generation,
                   (int64_t)alias->uid);
    if (hr == MAPI_E_COLLISION)
        error_set(&tx->error, hr, db_path(tx->db), "that message has another number already");
    return hr;
}

struct alias_call {
    int64_t mailbox;
    struct state_alias alias;
    struct block *result;
};

static HRESULT set_job(struct tx *tx, void *arg)
{
    struct alias_call *call = arg;

    return alias_set_in_tx(tx, call->mailbox, &call->alias);
}

HRESULT state_alias_set(struct state_mailbox *mailbox, const struct state_alias *alias,
                        struct error_info *error)
{
    struct alias_call call = {.mailbox = mailbox_id(mailbox), .alias = *alias};
    enum number_kind kind = number_kind(alias->number);

    if ((kind != NUMBER_MESSAGE && kind != NUMBER_CLIENT) || alias->uid == 0 ||
        alias->generation < GENERATION_MIN || alias->generation > GENERATION_MAX)
        return MAPI_E_INVALID_PARAMETER;
    return db_write(mailbox_db(mailbox), set_job, &call, error);
}

static HRESULT remove_job(struct tx *tx, void *arg)
{
    struct alias_call *call = arg;

    return query_run(tx, NULL, "DELETE FROM aliases WHERE mailbox=?1 AND number=?2", "ii",
                     call->mailbox, (int64_t)call->alias.number);
}

HRESULT state_alias_remove(struct state_mailbox *mailbox, uint64_t number, struct error_info *error)
{
    struct alias_call call = {.mailbox = mailbox_id(mailbox), .alias.number = number};

    return db_write(mailbox_db(mailbox), remove_job, &call, error);
}

/* The number that a row gives to a place; 0: none. */
static HRESULT find_named(struct tx *tx, int64_t mailbox, uint16_t generation, uint32_t uid,
                          uint64_t *ret_number)
{
    int64_t number = 0;
    HRESULT hr = query_one(
        tx, &number, "SELECT number FROM aliases WHERE mailbox=?1 AND generation=?2 AND uid=?3",
        "iii", mailbox, (int64_t)generation, (int64_t)uid);

    *ret_number = (uint64_t)number;
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

static HRESULT resolve_job(struct tx *tx, void *arg)
{
    struct alias_call *call = arg;
    struct state_alias *alias = &call->alias;
    uint64_t named;
    struct query q;
    bool found;
    HRESULT hr;

    query_start(&q, tx, "SELECT generation, uid FROM aliases WHERE mailbox=?1 AND number=?2", "ii",
                call->mailbox, (int64_t)alias->number);
    found = query_row(&q);
    if (found) {
        alias->generation = (uint16_t)query_int(&q, 0);
        alias->uid = (uint32_t)query_int(&q, 1);
    }
    hr = query_end(&q);
    if (FAILED(hr) || found)
        return hr;
    if (number_kind(alias->number) != NUMBER_MESSAGE)
        return MAPI_E_NOT_FOUND;

    alias->generation = number_generation(alias->number);
    alias->uid = number_uid(alias->number);
    hr = find_named(tx, call->mailbox, alias->generation, alias->uid, &named);
    return SUCCEEDED(hr) && named ? MAPI_E_NOT_FOUND : hr;
}

HRESULT state_number_resolve(struct state_mailbox *mailbox, uint64_t number,
                             struct error_info *error, struct state_alias *ret_alias)
{
    struct alias_call call = {.mailbox = mailbox_id(mailbox), .alias.number = number};
    HRESULT hr = db_read(mailbox_db(mailbox), resolve_job, &call, error);

    if (SUCCEEDED(hr))
        *ret_alias = call.alias;
    return hr;
}

static HRESULT number_of_job(struct tx *tx, void *arg)
{
    struct alias_call *call = arg;

    return find_named(tx, call->mailbox, call->alias.generation, call->alias.uid,
                      &call->alias.number);
}

HRESULT state_number_of(struct state_mailbox *mailbox, uint16_t generation, uint32_t uid,
                        struct error_info *error, uint64_t *ret_number)
{
    struct alias_call call = {.mailbox = mailbox_id(mailbox),
                              .alias = {.generation = generation, .uid = uid}};
    HRESULT hr = db_read(mailbox_db(mailbox), number_of_job, &call, error);

    if (SUCCEEDED(hr))
        *ret_number = call.alias.number ? call.alias.number : number_from_uid(generation, uid);
    return hr;
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct alias_call *call = arg;
    struct state_alias *row;
    struct query q;

    query_start(&q, tx,
                "SELECT number, uid FROM aliases WHERE mailbox=?1 AND generation=?2 ORDER BY uid",
                "ii", call->mailbox, (int64_t)call->alias.generation);
    while (query_row(&q) && (row = block_add_row(call->result)) != NULL) {
        row->number = (uint64_t)query_int(&q, 0);
        row->generation = call->alias.generation;
        row->uid = (uint32_t)query_int(&q, 1);
    }
    return query_end(&q);
}

HRESULT state_aliases_list(struct state_mailbox *mailbox, uint16_t generation,
                           struct error_info *error, struct state_alias **ret_aliases,
                           size_t *ret_count)
{
    struct block block;
    struct alias_call call = {
        .mailbox = mailbox_id(mailbox), .alias.generation = generation, .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_alias));
    hr = db_read(mailbox_db(mailbox), list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_aliases = rows;
    block_clear(&block);
    return hr;
}
