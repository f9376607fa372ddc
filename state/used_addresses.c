/* state/used_addresses.c - addresses that mail was sent to */
#include "state/used_addresses.h"

#include <stddef.h>
#include <string.h>

#include "state/room.h"

struct used_call {
    int64_t mailbox;
    const struct state_used_address *addresses;
    size_t count;
    struct block *result;
};

static bool is_kept(const struct state_used_address *address)
{
    return address->address && address->address[0] &&
           strlen(address->address) <= STATE_USED_TEXT_MAX;
}

static HRESULT add_one(struct tx *tx, int64_t mailbox, const struct state_used_address *address)
{
    const char *name = address->name;

    if (!is_kept(address))
        return S_OK;
    if (name && (!name[0] || strlen(name) > STATE_USED_TEXT_MAX))
        name = NULL;
    return query_run(tx, NULL,
                     "INSERT INTO used_addresses (mailbox, folded, address, name, last_used) "
                     "VALUES (?1, lower(?2), ?2, ?3, ?4) "
                     "ON CONFLICT (mailbox, folded) DO UPDATE SET last_used=excluded.last_used, "
                     "name=coalesce(excluded.name, used_addresses.name)",
                     "issi", mailbox, address->address, name, tx->now);
}

static HRESULT add_job(struct tx *tx, void *arg)
{
    struct used_call *call = arg;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < call->count && SUCCEEDED(hr); i++)
        hr = add_one(tx, call->mailbox, &call->addresses[i]);
    if (FAILED(hr))
        return hr;
    return query_run(tx, NULL,
                     "DELETE FROM used_addresses WHERE mailbox=?1 AND id NOT IN (SELECT id FROM "
                     "used_addresses WHERE mailbox=?1 ORDER BY last_used DESC, id DESC LIMIT ?2)",
                     "ii", call->mailbox, (int64_t)STATE_USED_ADDRESSES_MAX);
}

HRESULT state_used_addresses_add(struct state_mailbox *mailbox,
                                 const struct state_used_address *addresses, size_t count,
                                 struct error_info *error)
{
    struct used_call call = {
        .mailbox = mailbox_id(mailbox), .addresses = addresses, .count = count};

    return count ? db_write(mailbox_db(mailbox), add_job, &call, error) : S_OK;
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct used_call *call = arg;
    struct state_used_address *row;
    struct query q;

    query_start(&q, tx,
                "SELECT id, address, name, last_used FROM used_addresses WHERE mailbox=?1 "
                "ORDER BY last_used DESC, id DESC",
                "i", call->mailbox);
    while (query_row(&q) && (row = block_add_row(call->result)) != NULL) {
        row->number = (uint64_t)query_int(&q, 0);
        row->last_used = query_int(&q, 3);
        block_row_string(call->result, offsetof(struct state_used_address, address),
                         query_text(&q, 1));
        block_row_string(call->result, offsetof(struct state_used_address, name),
                         query_text(&q, 2));
    }
    return query_end(&q);
}

HRESULT state_used_addresses_list(struct state_mailbox *mailbox, struct error_info *error,
                                  struct state_used_address **ret_addresses, size_t *ret_count)
{
    struct block block;
    struct used_call call = {.mailbox = mailbox_id(mailbox), .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_used_address));
    hr = db_read(mailbox_db(mailbox), list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_addresses = rows;
    block_clear(&block);
    return hr;
}
