/* state/props.c - property rows */
#include "state/props.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "state/room.h"
#include "state/value.h"

bool tags_name(const ULONG *tags, size_t count, uint32_t id)
{
    if (!tags)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (PROP_ID(tags[i]) == id)
            return true;
    }
    return false;
}

HRESULT read_value_row(struct query *query, int column, struct block *block)
{
    ULONG tag = PROP_TAG((ULONG)query_int(query, column + 1), (ULONG)query_int(query, column));
    const void *bytes;
    size_t size;
    HRESULT hr;

    bytes = query_bytes(query, column + 2, &size);
    if (!block_add_row(block))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = value_decode(tag, bytes, size, block, false, 0);
    if (hr == MAPI_E_CORRUPT_DATA)
        error_set(&query->tx->error, hr, db_path(query->tx->db), "property %08X is damaged",
                  (unsigned)tag);
    return hr;
}

/* --- Setting ---------------------------------------------------------------------------------- */

struct encoded {
    ULONG tag;
    struct value_bytes value;
};

struct props_call {
    int64_t mailbox;
    uint64_t number, last;             /* or the second number of a move */
    const struct state_object *object; /* to be made */
    const ULONG *tags;
    size_t count;
    struct encoded *values;
    size_t value_count;
    struct encoded unchanged; /* bytes NULL: whatever there is */
    struct block *result;
};

static HRESULT set_values(struct tx *tx, const struct props_call *call)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < call->value_count; i++) {
        const struct encoded *value = &call->values[i];

        hr = query_run(tx, NULL,
                       "INSERT INTO props (mailbox, number, prop, type, value) "
                       "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (mailbox, number, prop) "
                       "DO UPDATE SET type=excluded.type, value=excluded.value",
                       "iiiib", call->mailbox, (int64_t)call->number, (int64_t)PROP_ID(value->tag),
                       (int64_t)PROP_TYPE(value->tag), (const void *)value->value.bytes,
                       value->value.size);
    }
    return hr;
}

static HRESULT delete_values(struct tx *tx, const struct props_call *call)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr =
            query_run(tx, NULL, "DELETE FROM props WHERE mailbox=?1 AND number=?2 AND prop=?3",
                      "iii", call->mailbox, (int64_t)call->number, (int64_t)PROP_ID(call->tags[i]));
    return hr;
}

/* Has nobody else changed it since the caller read it? */
static HRESULT check_unchanged(struct tx *tx, const struct props_call *call)
{
    const struct encoded *known = &call->unchanged;
    bool same = false;
    struct query q;
    HRESULT hr;

    query_start(&q, tx, "SELECT value FROM props WHERE mailbox=?1 AND number=?2 AND prop=?3", "iii",
                call->mailbox, (int64_t)call->number, (int64_t)PROP_ID(known->tag));
    while (query_row(&q)) {
        size_t size;
        const void *bytes = query_bytes(&q, 0, &size);

        same = size == known->value.size && memcmp(bytes, known->value.bytes, size) == 0;
    }
    hr = query_end(&q);
    if (SUCCEEDED(hr) && !same)
        hr = error_set(&tx->error, MAPI_E_OBJECT_CHANGED, "state",
                       "somebody else has saved it meanwhile");
    return hr;
}

static HRESULT change_job(struct tx *tx, void *arg)
{
    struct props_call *call = arg;
    struct state_object object;
    HRESULT hr = call->unchanged.value.bytes ? check_unchanged(tx, call) : S_OK;

    if (SUCCEEDED(hr) && call->object) {
        object = *call->object; /* a job may run again */
        hr = object_create_in_tx(tx, call->mailbox, &object);
        call->number = object.number;
    }
    if (SUCCEEDED(hr))
        hr = set_values(tx, call);
    return SUCCEEDED(hr) ? delete_values(tx, call) : hr;
}

/* Encoded before the job, not on the writer's thread: the values are the caller's. */
static HRESULT encode(struct props_call *call, const SPropValue *values, size_t count,
                      struct error_info *error)
{
    HRESULT hr = S_OK;

    call->values = calloc(count + 1, sizeof(*call->values));
    if (!call->values)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (call->value_count < count) {
        struct encoded *encoded = &call->values[call->value_count];

        encoded->tag = values[call->value_count].ulPropTag;
        hr = value_encode(&values[call->value_count], &encoded->value);
        if (FAILED(hr))
            return error_set(error, hr, "state", "property %08X cannot be stored",
                             (unsigned)encoded->tag);
        call->value_count++;
    }
    return S_OK;
}

HRESULT state_props_change(struct state_mailbox *mailbox, const struct state_change *change,
                           struct error_info *error, uint64_t *ret_number)
{
    struct props_call call = {.mailbox = mailbox_id(mailbox),
                              .number = change->number,
                              .object = change->object,
                              .tags = change->deleted,
                              .count = change->deleted_count};
    HRESULT hr = encode(&call, change->set, change->set_count, error);

    if (SUCCEEDED(hr) && change->unchanged) {
        call.unchanged.tag = change->unchanged->ulPropTag;
        hr = value_encode(change->unchanged, &call.unchanged.value);
    }
    if (SUCCEEDED(hr))
        hr = db_write(mailbox_db(mailbox), change_job, &call, error);
    if (SUCCEEDED(hr) && ret_number)
        *ret_number = call.number;
    free(call.unchanged.value.bytes);
    while (call.value_count)
        free(call.values[--call.value_count].value.bytes);
    free(call.values);
    return hr;
}

HRESULT state_props_set(struct state_mailbox *mailbox, uint64_t number, const SPropValue *values,
                        size_t count, struct error_info *error)
{
    const struct state_change change = {.number = number, .set = values, .set_count = count};

    return count ? state_props_change(mailbox, &change, error, NULL) : S_OK;
}

/* --- Getting ---------------------------------------------------------------------------------- */

static HRESULT get_job(struct tx *tx, void *arg)
{
    struct props_call *call = arg;
    HRESULT hr = S_OK, ended;
    struct query q;

    query_start(&q, tx,
                "SELECT prop, type, value FROM props WHERE mailbox=?1 AND number=?2 ORDER BY prop",
                "ii", call->mailbox, (int64_t)call->number);
    while (SUCCEEDED(hr) && query_row(&q)) {
        if (tags_name(call->tags, call->count, (uint32_t)query_int(&q, 0)))
            hr = read_value_row(&q, 0, call->result);
    }
    ended = query_end(&q);
    return FAILED(hr) ? hr : ended;
}

HRESULT state_props_get(struct state_mailbox *mailbox, uint64_t number, const ULONG *tags,
                        size_t count, struct error_info *error, SPropValue **ret_values,
                        size_t *ret_count)
{
    struct block block;
    struct props_call call = {.mailbox = mailbox_id(mailbox),
                              .number = number,
                              .tags = tags,
                              .count = count,
                              .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(SPropValue));
    hr = db_read(mailbox_db(mailbox), get_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_values = rows;
    block_clear(&block);
    return hr;
}

/* Rows come by number; the values of one object have to stand side by side in the data, but how
 * many they are is known at its last row only. So counts first, then the values. */
static HRESULT count_objects(struct tx *tx, struct props_call *call)
{
    struct state_object_props *object = NULL;
    struct query q;

    query_start(&q, tx,
                "SELECT number, prop FROM props WHERE mailbox=?1 AND number BETWEEN ?2 AND ?3 "
                "ORDER BY number, prop",
                "iii", call->mailbox, (int64_t)call->number, (int64_t)call->last);
    while (query_row(&q)) {
        uint64_t number = (uint64_t)query_int(&q, 0);

        if (!tags_name(call->tags, call->count, (uint32_t)query_int(&q, 1)))
            continue;
        if (!object || object->number != number) {
            object = block_add_row(call->result);
            if (!object)
                break;
            object->number = number;
        }
        object->count++;
    }
    return query_end(&q);
}

static HRESULT range_job(struct tx *tx, void *arg)
{
    struct props_call *call = arg;
    struct block *block = call->result;
    size_t object = 0, value = 0, values_at = 0;
    HRESULT hr = count_objects(tx, call), ended;
    struct state_object_props *objects;
    struct query q;

    if (FAILED(hr) || block->failed)
        return FAILED(hr) ? hr : MAPI_E_NOT_ENOUGH_MEMORY;
    objects = (struct state_object_props *)block->row_part.bytes; /* no row is added any more */

    query_start(&q, tx,
                "SELECT prop, type, value FROM props WHERE mailbox=?1 AND "
                "number BETWEEN ?2 AND ?3 ORDER BY number, prop",
                "iii", call->mailbox, (int64_t)call->number, (int64_t)call->last);
    while (SUCCEEDED(hr) && query_row(&q)) {
        ULONG tag = PROP_TAG((ULONG)query_int(&q, 1), (ULONG)query_int(&q, 0));
        const void *bytes;
        size_t size;

        if (!tags_name(call->tags, call->count, PROP_ID(tag)))
            continue;
        if (value == 0) {
            values_at = block_add_data(block, NULL, objects[object].count * sizeof(SPropValue));
            block_point_any_row(block, object, offsetof(struct state_object_props, values),
                                values_at);
        }
        bytes = query_bytes(&q, 2, &size);
        hr = block->failed ? MAPI_E_NOT_ENOUGH_MEMORY
                           : value_decode(tag, bytes, size, block, true,
                                          values_at + value * sizeof(SPropValue));
        if (++value == objects[object].count) {
            value = 0;
            object++;
        }
    }
    ended = query_end(&q);
    return FAILED(hr) ? hr : ended;
}

HRESULT state_props_range(struct state_mailbox *mailbox, uint64_t first, uint64_t last,
                          const ULONG *tags, size_t count, struct error_info *error,
                          struct state_object_props **ret_objects, size_t *ret_count)
{
    struct block block;
    struct props_call call = {.mailbox = mailbox_id(mailbox),
                              .number = first,
                              .last = last,
                              .tags = tags,
                              .count = count,
                              .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_object_props));
    hr = db_read(mailbox_db(mailbox), range_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_objects = rows;
    block_clear(&block);
    return hr;
}

/* --- Deleting and moving ---------------------------------------------------------------------- */

static HRESULT delete_job(struct tx *tx, void *arg)
{
    struct props_call *call = arg;
    HRESULT hr = S_OK;

    if (!call->tags) {
        hr = query_run(tx, NULL, "DELETE FROM props WHERE mailbox=?1 AND number=?2", "ii",
                       call->mailbox, (int64_t)call->number);
        if (SUCCEEDED(hr))
            hr = query_run(tx, NULL, "DELETE FROM match_keys WHERE mailbox=?1 AND number=?2", "ii",
                           call->mailbox, (int64_t)call->number);
        return hr;
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr =
            query_run(tx, NULL, "DELETE FROM props WHERE mailbox=?1 AND number=?2 AND prop=?3",
                      "iii", call->mailbox, (int64_t)call->number, (int64_t)PROP_ID(call->tags[i]));
    return hr;
}

HRESULT state_props_delete(struct state_mailbox *mailbox, uint64_t number, const ULONG *tags,
                           size_t count, struct error_info *error)
{
    struct props_call call = {
        .mailbox = mailbox_id(mailbox), .number = number, .tags = tags, .count = count};

    return db_write(mailbox_db(mailbox), delete_job, &call, error);
}

static HRESULT move_job(struct tx *tx, void *arg)
{
    static const char *const steps[] = {
        "UPDATE props SET number=?3 WHERE mailbox=?1 AND number=?2",
        "UPDATE match_keys SET number=?3 WHERE mailbox=?1 AND number=?2",
    };
    struct props_call *call = arg;
    struct props_call replaced = {.mailbox = call->mailbox, .number = call->last};
    HRESULT hr = delete_job(tx, &replaced);

    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(steps) / sizeof(*steps); i++)
        hr = query_run(tx, NULL, steps[i], "iii", call->mailbox, (int64_t)call->number,
                       (int64_t)call->last);
    return hr;
}

HRESULT state_props_move(struct state_mailbox *mailbox, uint64_t from, uint64_t to,
                         struct error_info *error)
{
    struct props_call call = {.mailbox = mailbox_id(mailbox), .number = from, .last = to};

    if (from == to)
        return S_OK;
    return db_write(mailbox_db(mailbox), move_job, &call, error);
}

/* --- Messages that moved or went -------------------------------------------------------------- */

struct transfer_call {
    int64_t mailbox;
    struct state_transfer transfer;
};

static HRESULT forget_one(struct tx *tx, int64_t mailbox, uint64_t number)
{
    HRESULT hr = query_run(tx, NULL, "DELETE FROM props WHERE mailbox=?1 AND number=?2", "ii",
                           mailbox, (int64_t)number);

    return FAILED(hr) ? hr
                      : query_run(tx, NULL, "DELETE FROM match_keys WHERE mailbox=?1 AND number=?2",
                                  "ii", mailbox, (int64_t)number);
}

static HRESULT transfer_one(struct tx *tx, const struct transfer_call *call, uint64_t from,
                            uint64_t to)
{
    HRESULT hr = query_run(tx, NULL,
                           "INSERT INTO props (mailbox, number, prop, type, value) "
                           "SELECT mailbox, ?3, prop, type, value FROM props "
                           "WHERE mailbox=?1 AND number=?2 ON CONFLICT (mailbox, number, prop) "
                           "DO UPDATE SET type=excluded.type, value=excluded.value",
                           "iii", call->mailbox, (int64_t)from, (int64_t)to);

    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "INSERT INTO match_keys (mailbox, number, message_id, size, internal_date) "
                       "SELECT mailbox, ?3, message_id, size, internal_date FROM match_keys "
                       "WHERE mailbox=?1 AND number=?2 ON CONFLICT (mailbox, number) DO NOTHING",
                       "iii", call->mailbox, (int64_t)from, (int64_t)to);
    for (size_t i = 0; SUCCEEDED(hr) && i < call->transfer.left_count; i++)
        hr = query_run(tx, NULL, "DELETE FROM props WHERE mailbox=?1 AND number=?2 AND prop=?3",
                       "iii", call->mailbox, (int64_t)to, (int64_t)PROP_ID(call->transfer.left[i]));
    return SUCCEEDED(hr) && call->transfer.move ? forget_one(tx, call->mailbox, from) : hr;
}

static HRESULT transfer_job(struct tx *tx, void *arg)
{
    const struct transfer_call *call = arg;
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < call->transfer.count; i++)
        if (call->transfer.from[i] && call->transfer.to[i])
            hr = transfer_one(tx, call, call->transfer.from[i], call->transfer.to[i]);
    return hr;
}

HRESULT state_props_transfer(struct state_mailbox *mailbox, const struct state_transfer *transfer,
                             struct error_info *error)
{
    struct transfer_call call = {mailbox_id(mailbox), *transfer};

    return db_write(mailbox_db(mailbox), transfer_job, &call, error);
}

static HRESULT forget_job(struct tx *tx, void *arg)
{
    const struct transfer_call *call = arg;
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < call->transfer.count; i++)
        hr = forget_one(tx, call->mailbox, call->transfer.from[i]);
    return hr;
}

HRESULT state_props_forget(struct state_mailbox *mailbox, const uint64_t *numbers, size_t count,
                           struct error_info *error)
{
    struct transfer_call call = {mailbox_id(mailbox), {.from = numbers, .count = count}};

    return db_write(mailbox_db(mailbox), forget_job, &call, error);
}

/* --- Match keys ------------------------------------------------------------------------------- */

struct key_call {
    int64_t mailbox;
    const struct state_match_key *key;
};

static HRESULT key_set_job(struct tx *tx, void *arg)
{
    struct key_call *call = arg;

    return query_run(tx, NULL,
                     "INSERT INTO match_keys (mailbox, number, message_id, size, internal_date) "
                     "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (mailbox, number) DO UPDATE SET "
                     "message_id=excluded.message_id, size=excluded.size, "
                     "internal_date=excluded.internal_date",
                     "iisii", call->mailbox, (int64_t)call->key->number, call->key->message_id,
                     (int64_t)call->key->size, call->key->internal_date);
}

HRESULT state_match_key_set(struct state_mailbox *mailbox, const struct state_match_key *key,
                            struct error_info *error)
{
    struct key_call call = {mailbox_id(mailbox), key};

    return db_write(mailbox_db(mailbox), key_set_job, &call, error);
}

static HRESULT keys_list_job(struct tx *tx, void *arg)
{
    struct props_call *call = arg;
    struct state_match_key *row;
    struct query q;

    query_start(&q, tx,
                "SELECT number, message_id, size, internal_date FROM match_keys "
                "WHERE mailbox=?1 AND number BETWEEN ?2 AND ?3 ORDER BY number",
                "iii", call->mailbox, (int64_t)call->number, (int64_t)call->last);
    while (query_row(&q) && (row = block_add_row(call->result)) != NULL) {
        row->number = (uint64_t)query_int(&q, 0);
        row->size = (uint32_t)query_int(&q, 2);
        row->internal_date = query_int(&q, 3);
        block_row_string(call->result, offsetof(struct state_match_key, message_id),
                         query_text(&q, 1));
    }
    return query_end(&q);
}

HRESULT state_match_keys_list(struct state_mailbox *mailbox, uint64_t first, uint64_t last,
                              struct error_info *error, struct state_match_key **ret_keys,
                              size_t *ret_count)
{
    struct block block;
    struct props_call call = {
        .mailbox = mailbox_id(mailbox), .number = first, .last = last, .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_match_key));
    hr = db_read(mailbox_db(mailbox), keys_list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_keys = rows;
    block_clear(&block);
    return hr;
}
