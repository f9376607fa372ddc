/* state/state.c - opening and closing the side store, and its transactions */
#include "state/state.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#include "mapi/mapicode.h"
#include "state/room.h"
#include "state/schema.h"

struct state {
    atomic_uint refs;
    struct db *db;
};

HRESULT state_open(const struct state_options *options, struct error_info *error,
                   struct state **ret_state)
{
    struct state *state;
    HRESULT hr;

    if (!options->directory)
        return error_set(error, MAPI_E_INVALID_PARAMETER, "state", "no directory");
    state = calloc(1, sizeof(*state));
    if (!state)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&state->refs, 1);
    hr = db_open(&state_schema, options, error, &state->db);
    if (FAILED(hr)) {
        free(state);
        return hr;
    }
    *ret_state = state;
    return S_OK;
}

struct state *state_ref(struct state *state)
{
    atomic_fetch_add(&state->refs, 1);
    return state;
}

void state_unref(struct state *state)
{
    if (!state || atomic_fetch_sub(&state->refs, 1) != 1)
        return;
    db_close(state->db);
    free(state);
}

struct db *state_db(struct state *state)
{
    return state->db;
}

const char *state_path(const struct state *state)
{
    return db_path(state->db);
}

struct transaction {
    state_fn *fn;
    void *arg;
};

static HRESULT transaction_job(struct tx *tx, void *arg)
{
    struct transaction *transaction = arg;

    (void)tx; /* the functions that fn calls find it by their thread */
    return transaction->fn(transaction->arg);
}

HRESULT state_transaction(struct state *state, state_fn *fn, void *arg, struct error_info *error)
{
    struct transaction transaction = {fn, arg};

    return db_write(state->db, transaction_job, &transaction, error);
}

MAPIUID random_uid(void)
{
    MAPIUID uid;

    /* At most 256 bytes of it are given whole once the kernel's pool is ready; before, it waits. */
    if (getrandom(&uid, sizeof(uid), 0) != sizeof(uid))
        abort();
    uid.ab[7] = (BYTE)((uid.ab[7] & 0x0F) | 0x40);
    uid.ab[8] = (BYTE)((uid.ab[8] & 0x3F) | 0x80);
    return uid;
}
