/* state/objects.c - objects that live here alone */
#include "state/objects.h"

#include "mapi/mapicode.h"
#include "state/room.h"

struct object_call {
    int64_t mailbox;
    struct state_object object;
    struct block *result;
};

HRESULT object_create_in_tx(struct tx *tx, int64_t mailbox, struct state_object *object)
{
    HRESULT hr = S_OK;

    if (!object->number)
        hr = counter_take(tx, mailbox, COUNTER_SIDE, 1, &object->number);
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "INSERT INTO objects (mailbox, number, folder, kind) "
                       "VALUES (?1, ?2, ?3, ?4)",
                       "iiii", mailbox, (int64_t)object->number, (int64_t)object->folder,
                       (int64_t)object->kind);
    return hr;
}

static HRESULT create_job(struct tx *tx, void *arg)
{
    struct object_call *call = arg;

    return object_create_in_tx(tx, call->mailbox, &call->object);
}

HRESULT state_object_create(struct state_mailbox *mailbox, const struct state_object *object,
                            struct error_info *error, uint64_t *ret_number)
{
    struct object_call call = {.mailbox = mailbox_id(mailbox), .object = *object};
    HRESULT hr;

    if (object->number && number_kind(object->number) != NUMBER_CLIENT)
        return MAPI_E_INVALID_PARAMETER;
    hr = db_write(mailbox_db(mailbox), create_job, &call, error);
    if (SUCCEEDED(hr))
        *ret_number = call.object.number;
    return hr;
}

static HRESULT delete_job(struct tx *tx, void *arg)
{
    struct object_call *call = arg;
    int64_t changed = 0;
    HRESULT hr = query_run(tx, &changed, "DELETE FROM objects WHERE mailbox=?1 AND number=?2", "ii",
                           call->mailbox, (int64_t)call->object.number);

    if (SUCCEEDED(hr) && !changed)
        return MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL, "DELETE FROM props WHERE mailbox=?1 AND number=?2", "ii",
                       call->mailbox, (int64_t)call->object.number);
    return hr;
}

HRESULT state_object_delete(struct state_mailbox *mailbox, uint64_t number,
                            struct error_info *error)
{
    struct object_call call = {.mailbox = mailbox_id(mailbox), .object.number = number};

    return db_write(mailbox_db(mailbox), delete_job, &call, error);
}

static HRESULT find_job(struct tx *tx, void *arg)
{
    struct object_call *call = arg;
    struct query q;
    bool found;
    HRESULT hr;

    query_start(&q, tx, "SELECT folder, kind FROM objects WHERE mailbox=?1 AND number=?2", "ii",
                call->mailbox, (int64_t)call->object.number);
    found = query_row(&q);
    if (found) {
        call->object.folder = (uint64_t)query_int(&q, 0);
        call->object.kind = (enum state_object_kind)query_int(&q, 1);
    }
    hr = query_end(&q);
    return SUCCEEDED(hr) && !found ? MAPI_E_NOT_FOUND : hr;
}

HRESULT state_object_find(struct state_mailbox *mailbox, uint64_t number, struct error_info *error,
                          struct state_object *ret_object)
{
    struct object_call call = {.mailbox = mailbox_id(mailbox), .object.number = number};
    HRESULT hr = db_read(mailbox_db(mailbox), find_job, &call, error);

    if (SUCCEEDED(hr))
        *ret_object = call.object;
    return hr;
}

static HRESULT count_job(struct tx *tx, void *arg)
{
    struct object_call *call = arg;
    struct state_object_count *row;
    struct query q;

    query_start(&q, tx,
                "SELECT folder, COUNT(*) FROM objects WHERE mailbox=?1 AND kind=?2 "
                "GROUP BY folder ORDER BY folder",
                "ii", call->mailbox, (int64_t)call->object.kind);
    while (query_row(&q) && (row = block_add_row(call->result)) != NULL) {
        row->folder = (uint64_t)query_int(&q, 0);
        row->count = (size_t)query_int(&q, 1);
    }
    return query_end(&q);
}

HRESULT state_objects_count(struct state_mailbox *mailbox, enum state_object_kind kind,
                            struct error_info *error, struct state_object_count **ret_counts,
                            size_t *ret_count)
{
    struct block block;
    struct object_call call = {
        .mailbox = mailbox_id(mailbox), .object.kind = kind, .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_object_count));
    hr = db_read(mailbox_db(mailbox), count_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_counts = rows;
    block_clear(&block);
    return hr;
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct object_call *call = arg;
    struct state_object *row;
    struct query q;

    query_start(&q, tx,
                "SELECT number FROM objects WHERE mailbox=?1 AND folder=?2 AND kind=?3 "
                "ORDER BY number",
                "iii", call->mailbox, (int64_t)call->object.folder, (int64_t)call->object.kind);
    while (query_row(&q) && (row = block_add_row(call->result)) != NULL) {
        *row = call->object;
        row->number = (uint64_t)query_int(&q, 0);
    }
    return query_end(&q);
}

HRESULT state_objects_list(struct state_mailbox *mailbox, uint64_t folder,
                           enum state_object_kind kind, struct error_info *error,
                           struct state_object **ret_objects, size_t *ret_count)
{
    struct block block;
    struct object_call call = {.mailbox = mailbox_id(mailbox),
                               .object = {.folder = folder, .kind = kind},
                               .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_object));
    hr = db_read(mailbox_db(mailbox), list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_objects = rows;
    block_clear(&block);
    return hr;
}
