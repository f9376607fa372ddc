/* mapi/notify.h - events on their way to advise sinks
 *
 * Whoever has news posts a `notice` to `listener`s: memory only, any thread, never foreign
 * code. A dispatcher decides where the sinks run. There are three: the library's notification
 * thread and a queue that one thread drains (both here), and the daemon's fiber queue (gateway).
 * Rules of docs/engine.md, "Notifications":
 *
 *  - order within a subscription is the order of posting; several events may come in one OnNotify;
 *  - after listener_cancel no new OnNotify begins; one that runs is not waited for, and its
 * sink is released when it ends, also when cancel is called from inside it;
 *  - at most NOTIFY_QUEUE_MAX events wait; then they give way to one `overflow` event;
 *  - a slow sink delays its own subscription only;
 *  - events posted while a call holds a `notify_hold` wait until that call has ended.
 *
 * Locks: each is a leaf here and may be taken under a table's lock. Sinks are called with none. */
#ifndef MG_NOTIFY_H
#define MG_NOTIFY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

#define NOTIFY_QUEUE_MAX 256

/* An event: an immutable deep copy of one NOTIFICATION, shared by all who get it. */
struct notice;
HRESULT notice_create(const NOTIFICATION *notification, struct notice **ret_notice);
struct notice *notice_ref(struct notice *notice);
void notice_unref(struct notice *notice); /* NULL is accepted */
const NOTIFICATION *notice_get(const struct notice *notice);

/* Bytes for a deep copy of `count` notifications, and the copy into such a block at *cursor (8-byte
 * aligned). MAPI_E_INVALID_PARAMETER for unknown events or malformed content (MEM-026, MEM-027). */
HRESULT notification_size(const NOTIFICATION *notifications, size_t count, size_t *ret_size);
HRESULT notification_copy(NOTIFICATION *dest, const NOTIFICATION *notifications, size_t count);

struct listener;

/* Where sinks run. wake: `listener` has events; arrange that listener_deliver is called
 * from the right place (take a reference until then). Memory only, any thread, may be called with
 * locks held. */
struct dispatcher;
struct dispatcher_ops {
    void (*wake)(struct dispatcher *dispatcher, struct listener *listener);
    void (*destroy)(struct dispatcher *dispatcher);
};
struct dispatcher {
    const struct dispatcher_ops *ops;
    unsigned refs; /* __atomic */
};
void dispatcher_init(struct dispatcher *dispatcher, const struct dispatcher_ops *ops);
struct dispatcher *dispatcher_ref(struct dispatcher *dispatcher);
void dispatcher_unref(struct dispatcher *dispatcher); /* NULL is accepted */

/* First delivery: the library's notification thread (MAPI_MULTITHREAD_NOTIFICATIONS). All signals
 * blocked, started at the first event. stop ends delivery, drops what waits and joins; called from
 * inside a sink it leaves the joining to the thread itself. */
HRESULT notify_thread_create(struct dispatcher **ret_dispatcher);
void notify_thread_stop(struct dispatcher *dispatcher);

/* Second delivery: a queue that belongs to one thread and is drained there, by
 * HrDispatchNotifications and when a MAPI call of that thread ends. bind makes it the calling
 * thread's own (mapi_object_leave drains it); NULL unbinds. drain is a no-op inside a sink that it
 * called. */
HRESULT notify_queue_create(struct dispatcher **ret_dispatcher);
void notify_queue_drain(struct dispatcher *dispatcher);
void notify_queue_bind(struct dispatcher *dispatcher);
/* The calling thread's queue, made and bound if there is none; a reference for the caller. */
HRESULT notify_queue_of_thread(struct dispatcher **ret_dispatcher);
/* Its thread is going: drops what waits and takes nothing more. */
void notify_queue_close(struct dispatcher *dispatcher);
void notify_queue_drain_bound(void);

/* How MAPIInitialize said that sinks are called, for objects that belong to no session (tables of
 * CreateTable). The session says once where to ask; `get` gives a reference, or NULL while MAPI is
 * not initialised. */
void notify_default_from(struct dispatcher *(*get)(void));
struct dispatcher *notify_default(void); /* a reference for the caller; NULL: nobody delivers */

/* A group of objects whose changing calls hold back events about them until they have returned: one
 * per store logon or session, referenced by subscriptions. begin/end bracket a changing call, on
 * any threads; calls that change nothing need none. */
struct notify_hold;
HRESULT notify_hold_create(struct notify_hold **ret_hold);
struct notify_hold *notify_hold_ref(struct notify_hold *hold);
void notify_hold_unref(struct notify_hold *hold);
uint64_t notify_hold_begin(struct notify_hold *hold); /* hold NULL: 0, and end does nothing */
void notify_hold_end(struct notify_hold *hold, uint64_t call);

/* One sink's registration. Takes references on sink, dispatcher and hold (may be NULL). `overflow`
 * is copied; NULL: TABLE_CHANGED. Without a dispatcher it is synchronous: nothing is queued for it,
 * listener_call runs its sink where the event is told (NOTIFY_SYNC). */
HRESULT listener_create(struct dispatcher *dispatcher, struct notify_hold *hold,
                        IMAPIAdviseSink *sink, const NOTIFICATION *overflow,
                        struct listener **ret_listener);
struct listener *listener_ref(struct listener *listener);
void listener_unref(struct listener *listener); /* NULL is accepted */

bool listener_is_synchronous(const struct listener *listener);
/* Runs a synchronous sink, what OnNotify answered; 0 after cancel. No lock held. */
ULONG listener_call(struct listener *listener, ULONG count, NOTIFICATION *notifications);

/* Queues an event; nothing happens after cancel. */
void listener_post(struct listener *listener, struct notice *notice);

/* Unadvise. Drops what is queued. May call the sink's Release: not on an engine thread, no lock
 * held. Calling it again does nothing. */
void listener_cancel(struct listener *listener);

/* Calls the sink with what is queued; for dispatchers. False: held back or being delivered
 * elsewhere, a wake will come. */
bool listener_deliver(struct listener *listener);

/* The Advise side of an object: connections, each with an event mask and a key (an entry id; size
 * 0: all). Embed by value; own lock. */
struct advise_list {
    pthread_mutex_t lock;
    struct advise_entry *entries;
    size_t count, capacity;
    ULONG_PTR last_connection;
};
void advise_list_init(struct advise_list *list);
/* Cancels all; at the object's last Release or Logoff. Not on an engine thread. */
void advise_list_clear(struct advise_list *list);
/* Takes over nothing: references `listener`. Connections are non-zero and not used again. */
HRESULT advise_list_add(struct advise_list *list, struct listener *listener, ULONG mask,
                        const void *key, size_t key_size, ULONG_PTR *ret_connection);
/* MAPI_E_NOT_FOUND for an unknown connection (MEM-072). Cancels the subscription. */
HRESULT advise_list_remove(struct advise_list *list, ULONG_PTR connection);
/* Whether anybody listens to one of `events`. */
bool advise_list_wants(struct advise_list *list, ULONG events);
/* Posts to those whose mask has the event and whose key is empty or equal to `key`. Any thread. */
void advise_list_post(struct advise_list *list, const NOTIFICATION *notification, const void *key,
                      size_t key_size);
/* Calls the synchronous ones, in the order of their subscription, each with those of the
 * notifications that it wants; false when one of them answered CALLBACK_DISCONTINUE, which ends it
 * there (MEM-070). No lock held; foreign code runs. */
bool advise_list_call(struct advise_list *list, const NOTIFICATION *notifications, ULONG count,
                      const void *key, size_t key_size);

/* Whether HrThisThreadAdviseSink made the sink: it cannot be called synchronously (MEM-071). */
bool sink_has_thread(IMAPIAdviseSink *sink);

#endif
