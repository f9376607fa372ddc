/* providers/imap/client/index.c - the index of a mailbox: publication, waiting, listening
 *
 * How it is brought up to date is resync.c's; how rows are kept is snapshot.c's. */
#include "providers/imap/client/index.h"

#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/index_private.h"
#include "providers/imap/client/message.h"
#include "providers/imap/client/uids.h"

/* --- Making, references ---------------------------------------------------------------------- */

HRESULT imap_index_create(struct imap_client *client, const char *mailbox,
                          struct imap_index **ret_index)
{
    struct imap_index *index = calloc(1, sizeof(*index));

    if (!index)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&index->refs, 1);
    pthread_mutex_init(&index->lock, NULL);
    engine_mutex_init(&index->gate);
    index->client = client;
    index->mailbox = strdup(mailbox);
    index->snapshot = imap_snapshot_create_empty(0);
    if (!index->mailbox || !index->snapshot) {
        imap_index_unref(index);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    *ret_index = index;
    return S_OK;
}

struct imap_index *imap_index_ref(struct imap_index *index)
{
    atomic_fetch_add(&index->refs, 1);
    return index;
}

void imap_index_unref(struct imap_index *index)
{
    if (!index || atomic_fetch_sub(&index->refs, 1) != 1)
        return;
    imap_snapshot_unref(index->snapshot);
    engine_mutex_clear(&index->gate);
    pthread_mutex_destroy(&index->lock);
    free(index->mailbox);
    free(index);
}

void imap_index_close(struct imap_index *index)
{
    index->client = NULL;
    /* A refresh that runs sees this after its present command. Waiting for it may be cut short by
     * a cancel of ours; then it ends on its own, for it holds a reference. */
    if (SUCCEEDED(engine_mutex_lock(&index->gate, NO_DEADLINE)))
        engine_mutex_unlock(&index->gate);
}

struct imap_snapshot *imap_index_snapshot(struct imap_index *index)
{
    struct imap_snapshot *snapshot;

    pthread_mutex_lock(&index->lock);
    snapshot = imap_snapshot_ref(index->snapshot);
    pthread_mutex_unlock(&index->lock);
    return snapshot;
}

uint32_t index_last_uid(const struct imap_index *index)
{
    size_t count = imap_snapshot_count(index->snapshot);

    return count ? imap_snapshot_uid(index->snapshot, count - 1) : 0;
}

/* --- Publishing ------------------------------------------------------------------------------ */

/* The lock is held. */
static void wake_waiters(struct imap_index *index)
{
    for (struct index_waiter *waiter = index->waiters; waiter; waiter = waiter->next)
        engine_event_set(&waiter->published);
}

static void tell_listeners(struct imap_index *index, const struct imap_index_change *change)
{
    struct imap_index_listener *listener, *next;

    for (listener = index->listeners; listener; listener = next) {
        next = listener->next; /* it may leave */
        listener->changed(listener, change);
    }
}

HRESULT index_publish(struct imap_index *index, struct imap_snapshot_edit *edit, unsigned events,
                      const struct imap_uids *added, const struct imap_uids *removed,
                      const struct imap_uids *changed)
{
    static const struct imap_uids none = {0};
    struct imap_snapshot *snapshot = NULL, *before;
    struct imap_index_change change = {.events = events};
    HRESULT hr = imap_snapshot_edit_finish(edit, &snapshot);

    if (FAILED(hr)) {
        imap_snapshot_edit_clear(edit);
        return hr;
    }
    pthread_mutex_lock(&index->lock);
    before = index->snapshot;
    index->snapshot = imap_snapshot_ref(snapshot);
    wake_waiters(index);
    pthread_mutex_unlock(&index->lock);

    added = added ? added : &none;
    removed = removed ? removed : &none;
    changed = changed ? changed : &none;
    if (added->count && index->client)
        index->client->news++;
    if (added->count || removed->count || changed->count)
        change.events |= IMAP_INDEX_ROWS;
    if (change.events) {
        change.before = before;
        change.after = snapshot;
        change.added = added->uids;
        change.added_count = added->count;
        change.removed = removed->uids;
        change.removed_count = removed->count;
        change.changed = changed->uids;
        change.changed_count = changed->count;
        tell_listeners(index, &change);
    }
    imap_snapshot_unref(before);
    imap_snapshot_unref(snapshot);
    return S_OK;
}

void imap_index_listen(struct imap_index *index, struct imap_index_listener *listener)
{
    listener->next = index->listeners;
    index->listeners = listener;
}

void imap_index_unlisten(struct imap_index *index, struct imap_index_listener *listener)
{
    struct imap_index_listener **at = &index->listeners;

    while (*at && *at != listener)
        at = &(*at)->next;
    if (*at)
        *at = listener->next;
}

/* --- Waiting --------------------------------------------------------------------------------- */

/* True when there is something to return; the lock is held. */
static bool rows_are_there(struct imap_index *index, size_t rows, struct error_info *error,
                           HRESULT *ret_hr)
{
    *ret_hr = S_OK;
    if (imap_snapshot_count(index->snapshot) > rows || imap_snapshot_complete(index->snapshot))
        return true;
    if (index->refreshing > 0 || SUCCEEDED(index->failure))
        return false;
    if (error)
        *error = index->failure_words;
    *ret_hr = index->failure;
    return true;
}

HRESULT imap_index_wait_rows(struct imap_index *index, size_t rows, uint64_t deadline,
                             struct error_info *error, struct imap_snapshot **ret_snapshot)
{
    struct index_waiter waiter = {0};
    struct index_waiter **at;
    HRESULT hr = S_OK, found;

    engine_event_init(&waiter.published);
    pthread_mutex_lock(&index->lock);
    waiter.next = index->waiters;
    index->waiters = &waiter;
    while (SUCCEEDED(hr) && !rows_are_there(index, rows, error, &found)) {
        engine_event_reset(&waiter.published);
        pthread_mutex_unlock(&index->lock);
        hr = engine_event_wait(&waiter.published, deadline);
        pthread_mutex_lock(&index->lock);
    }
    for (at = &index->waiters; *at != &waiter; at = &(*at)->next)
        ;
    *at = waiter.next;
    *ret_snapshot = imap_snapshot_ref(index->snapshot);
    pthread_mutex_unlock(&index->lock);
    engine_event_clear(&waiter.published);
    if (FAILED(hr))
        return error_set(error, hr, "", "the folder's contents did not come in time");
    return found;
}

/* --- Refreshing ------------------------------------------------------------------------------ */

void index_attempt_begin(struct imap_index *index)
{
    pthread_mutex_lock(&index->lock);
    index->refreshing++;
    index->failure = S_OK;
    pthread_mutex_unlock(&index->lock);
}

void index_attempt_end(struct imap_index *index, HRESULT hr, const struct error_info *why)
{
    pthread_mutex_lock(&index->lock);
    index->refreshing--;
    if (FAILED(hr)) {
        index->failure = hr;
        index->failure_words = *why;
    }
    wake_waiters(index);
    pthread_mutex_unlock(&index->lock);
}

static void tell_gone(struct imap_index *index)
{
    struct imap_snapshot *snapshot = imap_index_snapshot(index);
    struct imap_index_change change = {
        .events = IMAP_INDEX_GONE, .before = snapshot, .after = snapshot};

    tell_listeners(index, &change);
    imap_snapshot_unref(snapshot);
}

/* The gate is held. A lease of its own when *lease is NULL. */
static WAITS HRESULT refresh_now(struct imap_index *index, struct imap_lease **lease,
                                 uint64_t deadline, struct error_info *error)
{
    struct imap_lease *own = NULL;
    HRESULT hr = S_OK;

    if (!index->client)
        return error_set(error, MAPI_E_CANCEL, "", "the folder has been closed");
    if (!lease) {
        hr = imap_lease_begin(index->client, index->mailbox, 0, deadline, error, &own);
        lease = &own;
    }
    if (SUCCEEDED(hr))
        hr = index_resync(index, lease, lease == &own, error);
    imap_lease_end(own);
    if (hr == MAPI_E_NOT_FOUND)
        tell_gone(index);
    return hr;
}

static WAITS HRESULT refresh_in_turn(struct imap_index *index, struct imap_lease **lease,
                                     uint64_t deadline, struct error_info *error)
{
    uint64_t called_at = index->begun;
    struct error_info why = {0};
    HRESULT hr;

    imap_index_ref(index);
    index_attempt_begin(index);
    hr = engine_mutex_lock(&index->gate, deadline);
    if (FAILED(hr)) {
        error_set(&why, hr, "", "the folder is being read");
    } else {
        /* One that began after we were called will do for us, too. */
        if (index->fresh <= called_at) {
            uint64_t number = ++index->begun;

            hr = refresh_now(index, lease, deadline, &why);
            if (SUCCEEDED(hr))
                index->fresh = number;
        }
        engine_mutex_unlock(&index->gate);
    }
    index_attempt_end(index, hr, &why);
    imap_index_unref(index);
    if (FAILED(hr) && error)
        *error = why;
    return hr;
}

HRESULT imap_index_refresh(struct imap_index *index, uint64_t deadline, struct error_info *error)
{
    return refresh_in_turn(index, NULL, deadline, error);
}

HRESULT index_refresh_on(struct imap_index *index, struct imap_lease **lease,
                         struct error_info *error)
{
    return refresh_in_turn(index, lease, NO_DEADLINE, error);
}

static void later_run(void *arg)
{
    struct imap_index *index = arg;
    struct error_info error = {0};
    HRESULT hr;

    index->later = false;
    hr = imap_index_refresh(index, NO_DEADLINE, &error);
    index_attempt_end(index, hr, &error);
    imap_index_unref(index);
}

HRESULT imap_index_refresh_later(struct imap_index *index)
{
    HRESULT hr;

    if (!index->client)
        return MAPI_E_CANCEL;
    if (index->later)
        return S_OK;
    /* Counted from now on: who waits for rows waits for this one. */
    index_attempt_begin(index);
    imap_index_ref(index);
    index->later = true;
    hr = imap_client_spawn(index->client, later_run, index);
    if (FAILED(hr)) {
        struct error_info why = {.hr = hr};

        index->later = false;
        index_attempt_end(index, hr, &why);
        imap_index_unref(index);
    }
    return hr;
}

/* --- Our own commands' doings ---------------------------------------------------------------- */

void imap_index_flags_stored(struct imap_index *index, const uint32_t *uids, size_t count, int how,
                             uint32_t flags)
{
    struct imap_snapshot_edit edit;
    struct imap_uids changed = {0};
    HRESULT hr = imap_snapshot_edit_init(&edit, index->snapshot);

    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        size_t position;
        uint32_t now, next;
        bool is_changed = false;

        if (!imap_snapshot_find(index->snapshot, uids[i], &position))
            continue;
        now = imap_snapshot_flags(index->snapshot, position);
        next = how == IMAP_STORE_ADD      ? now | flags
               : how == IMAP_STORE_REMOVE ? now & ~flags
                                          : (now & IMAP_FLAG_RECENT) | flags;
        hr = imap_snapshot_edit_state(&edit, uids[i], next, NULL, 0, &is_changed);
        if (SUCCEEDED(hr) && is_changed)
            hr = uids_add(&changed, uids[i]);
    }
    uids_sort(&changed);
    if (SUCCEEDED(hr) && changed.count > 0)
        index_publish(index, &edit, 0, NULL, NULL, &changed);
    else
        imap_snapshot_edit_clear(&edit); /* the next refresh brings it */
    free(changed.uids);
}

void imap_index_removed(struct imap_index *index, const uint32_t *uids, size_t count)
{
    struct imap_snapshot_edit edit;
    struct imap_uids removed = {0};
    HRESULT hr = imap_snapshot_edit_init(&edit, index->snapshot);

    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        bool is_removed = false;

        hr = imap_snapshot_edit_remove(&edit, uids[i], &is_removed);
        if (SUCCEEDED(hr) && is_removed)
            hr = uids_add(&removed, uids[i]);
    }
    uids_sort(&removed);
    if (SUCCEEDED(hr) && removed.count > 0)
        index_publish(index, &edit, 0, NULL, &removed, NULL);
    else
        imap_snapshot_edit_clear(&edit);
    free(removed.uids);
}
