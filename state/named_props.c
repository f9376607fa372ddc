/* state/named_props.c - numbers of named properties
 *
 * A name is kept as its set and a key of bytes: 'i' and four bytes for a number, 's' and UTF-16 for
 * a string, both little-endian; so that one unique index serves both kinds. */
#include "state/named_props.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "state/room.h"

struct name_key {
    size_t size; /* 0: a name that cannot have a number */
    uint8_t bytes[1 + 2 * NAMED_PROP_NAME_MAX];
};

struct ids_call {
    int64_t mailbox;
    const MAPINAMEID *const *names;
    size_t count;
    bool create;
    uint16_t *ids;
    HRESULT outcome;
};

static size_t text_units(const WCHAR *text)
{
    size_t units = 0;

    while (units <= NAMED_PROP_NAME_MAX && text[units])
        units++;
    return units;
}

static void make_key(const MAPINAMEID *name, struct name_key *key)
{
    uint32_t number;
    size_t units;

    key->size = 0;
    if (!name || !name->lpguid)
        return;
    if (name->ulKind == MNID_ID) {
        number = htole32((uint32_t)name->Kind.lID);
        key->bytes[0] = 'i';
        memcpy(key->bytes + 1, &number, sizeof(number));
        key->size = 1 + sizeof(number);
    } else if (name->ulKind == MNID_STRING && name->Kind.lpwstrName) {
        units = text_units(name->Kind.lpwstrName);
        if (units == 0 || units > NAMED_PROP_NAME_MAX)
            return;
        key->bytes[0] = 's';
        memcpy(key->bytes + 1, name->Kind.lpwstrName, units * sizeof(WCHAR));
        key->size = 1 + units * sizeof(WCHAR);
    }
}

static HRESULT find_id(struct tx *tx, int64_t mailbox, const GUID *set, const struct name_key *key,
                       int64_t *ret_id)
{
    return query_one(
        tx, ret_id, "SELECT prop FROM named_props WHERE mailbox=?1 AND prop_set=?2 AND name_key=?3",
        "ibb", mailbox, (const void *)set, sizeof(*set), (const void *)key->bytes, key->size);
}

static HRESULT make_id(struct tx *tx, int64_t mailbox, const GUID *set, const struct name_key *key,
                       int64_t *ret_id)
{
    uint64_t id;
    HRESULT hr = counter_take(tx, mailbox, COUNTER_NAMED, 1, &id);

    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "INSERT INTO named_props (mailbox, prop, prop_set, name_key) "
                       "VALUES (?1, ?2, ?3, ?4)",
                       "iibb", mailbox, (int64_t)id, (const void *)set, sizeof(*set),
                       (const void *)key->bytes, key->size);
    if (SUCCEEDED(hr))
        *ret_id = (int64_t)id;
    return hr;
}

static HRESULT ids_job(struct tx *tx, void *arg)
{
    struct ids_call *call = arg;
    struct name_key key;

    call->outcome = S_OK;
    for (size_t i = 0; i < call->count; i++) {
        int64_t id = 0;
        HRESULT hr = MAPI_E_NOT_FOUND;

        make_key(call->names[i], &key);
        if (key.size) {
            hr = find_id(tx, call->mailbox, call->names[i]->lpguid, &key, &id);
            if (hr == MAPI_E_NOT_FOUND && call->create)
                hr = make_id(tx, call->mailbox, call->names[i]->lpguid, &key, &id);
        }
        if (FAILED(hr) && hr != MAPI_E_NOT_FOUND)
            return hr;
        call->ids[i] = (uint16_t)id;
        if (!id)
            call->outcome = MAPI_W_ERRORS_RETURNED;
    }
    return S_OK;
}

HRESULT state_named_ids(struct state_mailbox *mailbox, const MAPINAMEID *const *names, size_t count,
                        bool create, struct error_info *error, uint16_t *ret_ids)
{
    struct ids_call call = {.mailbox = mailbox_id(mailbox), .names = names, .count = count};
    HRESULT hr;

    call.ids = calloc(count + 1, sizeof(*call.ids));
    if (!call.ids)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    /* Mostly all names are known, and a read needs no commit. */
    hr = db_read(mailbox_db(mailbox), ids_job, &call, error);
    if (hr == S_OK && call.outcome != S_OK && create) {
        call.create = true;
        hr = db_write(mailbox_db(mailbox), ids_job, &call, error);
    }
    if (SUCCEEDED(hr)) {
        memcpy(ret_ids, call.ids, count * sizeof(*ret_ids));
        hr = call.outcome;
    }
    free(call.ids);
    return hr;
}

/* --- Names ------------------------------------------------------------------------------------ */

struct list_call {
    int64_t mailbox;
    const GUID *set;
    struct block *result;
};

static HRESULT add_name(struct query *q, struct block *block)
{
    struct state_named_prop *row = block_add_row(block);
    size_t set_size, key_size, at;
    const void *set = query_bytes(q, 1, &set_size);
    const uint8_t *key = query_bytes(q, 2, &key_size);
    uint32_t number;

    if (!row)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (set_size != sizeof(GUID) || key_size < 1)
        return MAPI_E_CORRUPT_STORE;
    row->id = (uint16_t)query_int(q, 0);
    if (key[0] == 'i' && key_size == 1 + sizeof(number)) {
        memcpy(&number, key + 1, sizeof(number));
        row->name.ulKind = MNID_ID;
        row->name.Kind.lID = (LONG)le32toh(number);
    } else {
        row->name.ulKind = MNID_STRING;
        at = block_add_data(block, NULL, key_size - 1 + sizeof(WCHAR));
        if (!block->failed)
            memcpy(block_data(block, at), key + 1, key_size - 1);
        block_point_row(block, offsetof(struct state_named_prop, name.Kind.lpwstrName), at);
    }
    block_point_row(block, offsetof(struct state_named_prop, name.lpguid),
                    block_add_data(block, set, set_size));
    return S_OK;
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct list_call *call = arg;
    HRESULT hr = S_OK, ended;
    struct query q;

    query_start(&q, tx,
                "SELECT prop, prop_set, name_key FROM named_props WHERE mailbox=?1 "
                "AND (?2 IS NULL OR prop_set=?2) ORDER BY prop",
                "ib", call->mailbox, (const void *)call->set, call->set ? sizeof(GUID) : (size_t)0);
    while (SUCCEEDED(hr) && query_row(&q))
        hr = add_name(&q, call->result);
    ended = query_end(&q);
    return FAILED(hr) ? hr : ended;
}

HRESULT state_named_props_list(struct state_mailbox *mailbox, const GUID *set,
                               struct error_info *error, struct state_named_prop **ret_props,
                               size_t *ret_count)
{
    struct block block;
    struct list_call call = {mailbox_id(mailbox), set, &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_named_prop));
    hr = db_read(mailbox_db(mailbox), list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_props = rows;
    block_clear(&block);
    return hr;
}
