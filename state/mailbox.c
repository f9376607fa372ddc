/* state/mailbox.c - one account's mailbox in the side store, and its counters */
#include "state/mailbox.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "state/folders.h"
#include "state/named_props.h"
#include "state/room.h"

#define CHANGE_NUMBERS_AT_ONCE (UINT64_C(1) << 32)
#define CLIENT_NUMBERS_AT_ONCE (UINT32_C(1) << 24)

struct state_mailbox {
    atomic_uint refs;
    struct state *state; /* our reference */
    int64_t id;
    MAPIUID guid, mapping_signature;
    pthread_mutex_t lock; /* guards repl_guid */
    MAPIUID repl_guid;
};

/* --- Opening ---------------------------------------------------------------------------------- */

struct open_call {
    const char *key;
    struct state_mailbox *mailbox;
    bool created;
};

static bool read_uid(struct query *query, int column, MAPIUID *ret_uid)
{
    size_t size;
    const void *bytes = query_bytes(query, column, &size);

    if (size != sizeof(*ret_uid))
        return false;
    memcpy(ret_uid, bytes, size);
    return true;
}

static HRESULT find_mailbox(struct tx *tx, void *arg)
{
    struct open_call *call = arg;
    struct state_mailbox *mailbox = call->mailbox;
    bool found, sound = true;
    struct query q;
    HRESULT hr;

    query_start(&q, tx,
                "SELECT id, mailbox_guid, repl_guid, mapping_signature FROM mailboxes "
                "WHERE account_key=?1",
                "s", call->key);
    found = query_row(&q);
    if (found) {
        mailbox->id = query_int(&q, 0);
        sound = read_uid(&q, 1, &mailbox->guid) && read_uid(&q, 2, &mailbox->repl_guid) &&
                read_uid(&q, 3, &mailbox->mapping_signature);
    }
    hr = query_end(&q);
    if (SUCCEEDED(hr) && !found)
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr) && !sound)
        hr = error_set(&tx->error, MAPI_E_CORRUPT_STORE, db_path(tx->db), "a GUID is damaged");
    return hr;
}

static HRESULT make_mailbox(struct tx *tx, void *arg)
{
    struct open_call *call = arg;
    MAPIUID guid = random_uid(), repl_guid = random_uid(), signature = random_uid();
    HRESULT hr = find_mailbox(tx, arg);

    if (hr != MAPI_E_NOT_FOUND)
        return hr; /* another process was faster */

    hr =
        query_run(tx, NULL,
                  "INSERT INTO mailboxes (account_key, mailbox_guid, repl_guid, "
                  "mapping_signature, next_side, next_client, next_generation, next_change, "
                  "next_named) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)",
                  "sbbbiiii", call->key, &guid, sizeof(guid), &repl_guid, sizeof(repl_guid),
                  &signature, sizeof(signature), (int64_t)STATE_FIRST_FOLDER,
                  (int64_t)NUMBER_CLIENT_FIRST, (int64_t)GENERATION_MIN, (int64_t)NAMED_PROP_FIRST);
    if (SUCCEEDED(hr))
        hr = find_mailbox(tx, arg);
    call->created = SUCCEEDED(hr);
    return hr;
}

HRESULT state_mailbox_open(struct state *state, const char *account_key, bool create,
                           struct error_info *error, struct state_mailbox **ret_mailbox,
                           bool *ret_created)
{
    struct open_call call = {.key = account_key};
    HRESULT hr;

    if (!*account_key || strlen(account_key) > ACCOUNT_KEY_MAX)
        return error_set(error, MAPI_E_INVALID_PARAMETER, "account", "the account key is %s",
                         *account_key ? "too long" : "empty");
    call.mailbox = calloc(1, sizeof(*call.mailbox));
    if (!call.mailbox)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&call.mailbox->refs, 1);
    pthread_mutex_init(&call.mailbox->lock, NULL);
    call.mailbox->state = state_ref(state);

    hr = db_read(state_db(state), find_mailbox, &call, error);
    if (hr == MAPI_E_NOT_FOUND && create)
        hr = db_write(state_db(state), make_mailbox, &call, error);
    if (FAILED(hr)) {
        state_mailbox_unref(call.mailbox);
        return hr;
    }
    *ret_mailbox = call.mailbox;
    if (ret_created)
        *ret_created = call.created;
    return S_OK;
}

struct state_mailbox *state_mailbox_ref(struct state_mailbox *mailbox)
{
    atomic_fetch_add(&mailbox->refs, 1);
    return mailbox;
}

void state_mailbox_unref(struct state_mailbox *mailbox)
{
    if (!mailbox || atomic_fetch_sub(&mailbox->refs, 1) != 1)
        return;
    state_unref(mailbox->state);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static HRESULT delete_mailbox(struct tx *tx, void *arg)
{
    return query_run(tx, NULL, "DELETE FROM mailboxes WHERE account_key=?1", "s",
                     (const char *)arg);
}

HRESULT state_mailbox_delete(struct state *state, const char *account_key, struct error_info *error)
{
    return db_write(state_db(state), delete_mailbox, (void *)account_key, error);
}

/* --- What it is ------------------------------------------------------------------------------- */

struct state *state_mailbox_state(struct state_mailbox *mailbox)
{
    return mailbox->state;
}

const MAPIUID *state_mailbox_guid(const struct state_mailbox *mailbox)
{
    return &mailbox->guid;
}

const MAPIUID *state_mailbox_mapping_signature(const struct state_mailbox *mailbox)
{
    return &mailbox->mapping_signature;
}

MAPIUID state_mailbox_repl_guid(struct state_mailbox *mailbox)
{
    MAPIUID guid;

    pthread_mutex_lock(&mailbox->lock);
    guid = mailbox->repl_guid;
    pthread_mutex_unlock(&mailbox->lock);
    return guid;
}

void mailbox_set_repl_guid(struct state_mailbox *mailbox, const MAPIUID *guid)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->repl_guid = *guid;
    pthread_mutex_unlock(&mailbox->lock);
}

struct db *mailbox_db(const struct state_mailbox *mailbox)
{
    return state_db(mailbox->state);
}

int64_t mailbox_id(const struct state_mailbox *mailbox)
{
    return mailbox->id;
}

/* --- Counters --------------------------------------------------------------------------------- */

HRESULT counter_take(struct tx *tx, int64_t mailbox, enum mailbox_counter counter, uint64_t count,
                     uint64_t *ret_first)
{
    static const struct {
        const char *advance; /* gives the number behind those taken */
        uint64_t last;       /* the last one there is */
    } counters[COUNTER_COUNT] = {
        [COUNTER_SIDE] = {"UPDATE mailboxes SET next_side=next_side+?2 WHERE id=?1 "
                          "RETURNING next_side",
                          0xFFFFFFFFu},
        [COUNTER_CLIENT] = {"UPDATE mailboxes SET next_client=next_client+?2 WHERE id=?1 "
                            "RETURNING next_client",
                            NUMBER_CLIENT_LAST},
        [COUNTER_GENERATION] = {"UPDATE mailboxes SET next_generation=next_generation+?2 "
                                "WHERE id=?1 RETURNING next_generation",
                                GENERATION_MAX},
        [COUNTER_CHANGE] = {"UPDATE mailboxes SET next_change=next_change+?2 WHERE id=?1 "
                            "RETURNING next_change",
                            NUMBER_MAX},
        [COUNTER_NAMED] = {"UPDATE mailboxes SET next_named=next_named+?2 WHERE id=?1 "
                           "RETURNING next_named",
                           NAMED_PROP_LAST},
    };
    int64_t next;
    HRESULT hr = query_one(tx, &next, counters[counter].advance, "ii", mailbox, (int64_t)count);

    if (FAILED(hr))
        return hr;
    if ((uint64_t)next - 1 > counters[counter].last)
        return error_set(&tx->error, MAPI_E_NOT_ENOUGH_RESOURCES, db_path(tx->db),
                         "the mailbox has no numbers of this kind left");
    *ret_first = (uint64_t)next - count;
    return S_OK;
}

struct take_call {
    int64_t mailbox;
    enum mailbox_counter counter;
    uint64_t count, first;
};

static HRESULT take_job(struct tx *tx, void *arg)
{
    struct take_call *call = arg;

    return counter_take(tx, call->mailbox, call->counter, call->count, &call->first);
}

static HRESULT take(struct state_mailbox *mailbox, enum mailbox_counter counter, uint64_t count,
                    struct error_info *error, uint64_t *ret_first)
{
    struct take_call call = {mailbox->id, counter, count, 0};
    HRESULT hr = db_write(mailbox_db(mailbox), take_job, &call, error);

    if (SUCCEEDED(hr))
        *ret_first = call.first;
    return hr;
}

HRESULT state_mailbox_change_numbers(struct state_mailbox *mailbox, uint64_t count,
                                     struct error_info *error, uint64_t *ret_first)
{
    if (count < 1 || count > CHANGE_NUMBERS_AT_ONCE)
        return MAPI_E_INVALID_PARAMETER;
    return take(mailbox, COUNTER_CHANGE, count, error, ret_first);
}

HRESULT state_mailbox_client_numbers(struct state_mailbox *mailbox, uint32_t count,
                                     struct error_info *error, uint64_t *ret_first)
{
    if (count < 1 || count > CLIENT_NUMBERS_AT_ONCE)
        return MAPI_E_INVALID_PARAMETER;
    return take(mailbox, COUNTER_CLIENT, count, error, ret_first);
}

HRESULT state_mailbox_side_number(struct state_mailbox *mailbox, struct error_info *error,
                                  uint64_t *ret_number)
{
    return take(mailbox, COUNTER_SIDE, 1, error, ret_number);
}
