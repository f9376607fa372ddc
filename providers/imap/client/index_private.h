/* providers/imap/client/index_private.h - what index.c, resync.c and watch.c share
 *
 * Private to this room. */
#ifndef IMAP_INDEX_PRIVATE_H
#define IMAP_INDEX_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/snapshot.h"

struct index_waiter {
    struct index_waiter *next;
    struct engine_event published;
};

struct imap_index {
    atomic_uint refs;

    pthread_mutex_t lock; /* leaf: what other threads see */
    struct imap_snapshot *snapshot;
    struct index_waiter *waiters;
    unsigned refreshing; /* refreshes that run or are about to */
    HRESULT failure;     /* of the last refresh; S_OK while one runs */
    struct error_info failure_words;

    /* The engine's. */
    struct imap_client *client; /* NULL: closed */
    char *mailbox;
    struct engine_mutex gate; /* one refresh at a time */
    uint64_t begun;           /* refreshes begun so far */
    uint64_t fresh;           /* the last one that succeeded, by its number */
    bool later;               /* a task is about to refresh */
    struct imap_index_listener *listeners;
};

/* Publishes what `edit` holds and tells listeners; clears the edit. `events` 0 with no UIDs listed
 * publishes quietly. The lists may be NULL. */
HRESULT index_publish(struct imap_index *index, struct imap_snapshot_edit *edit, unsigned events,
                      const struct imap_uids *added, const struct imap_uids *removed,
                      const struct imap_uids *changed);

/* The highest UID that is known, 0: none. */
uint32_t index_last_uid(const struct imap_index *index);

/* One refresh on a lease that has the mailbox selected (resync.c). `give_way` allows it to end and
 * begin the lease anew between ranges: *lease changes. */
WAITS HRESULT index_resync(struct imap_index *index, struct imap_lease **lease, bool give_way,
                           struct error_info *error);

/* Between these those who wait for rows are patient; what a failed attempt ends with is what they
 * get. An attempt is a refresh, or what leads to one: waiting for a connection, selecting. */
void index_attempt_begin(struct imap_index *index);
void index_attempt_end(struct imap_index *index, HRESULT hr, const struct error_info *why);

/* imap_index_refresh on a lease of the caller's. */
WAITS HRESULT index_refresh_on(struct imap_index *index, struct imap_lease **lease,
                               struct error_info *error);

#endif
