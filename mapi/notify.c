/* mapi/notify.c - listeners: the queue between an event and a sink
 *
 * Thread rules in notify.h. A listener is in its dispatcher's queue at most once; delivery takes
 * all that may go in one OnNotify and queues the listener again if more has come, so that many busy
 * listeners take turns. */
#include "mapi/notify.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/notify_private.h"
#include "mapi/object.h"

struct queued_event {
    struct notice *notice; /* our reference */
    uint64_t call;         /* delivered when this call and all older ones have ended */
};

struct listener {
    atomic_uint refs;
    struct dispatcher *dispatcher; /* reference; NULL: synchronous */
    struct notify_hold *hold;      /* reference, or NULL */
    struct notice *overflow;       /* reference */
    struct listener *next_woken;   /* the dispatcher's, while queued */

    pthread_mutex_t lock;
    IMAPIAdviseSink *sink; /* reference; NULL once given back */
    struct queued_event events[NOTIFY_QUEUE_MAX];
    size_t first, count;
    bool queued;    /* in the dispatcher's queue */
    bool running;   /* in OnNotify */
    unsigned calls; /* in OnNotify, of a synchronous one */
    bool dead;      /* cancelled */
};

/* ---- Dispatchers ---- */

void dispatcher_init(struct dispatcher *dispatcher, const struct dispatcher_ops *ops)
{
    dispatcher->ops = ops;
    dispatcher->refs = 1;
}

struct dispatcher *dispatcher_ref(struct dispatcher *dispatcher)
{
    __atomic_fetch_add(&dispatcher->refs, 1, __ATOMIC_RELAXED);
    return dispatcher;
}

void dispatcher_unref(struct dispatcher *dispatcher)
{
    if (dispatcher && __atomic_fetch_sub(&dispatcher->refs, 1, __ATOMIC_ACQ_REL) == 1)
        dispatcher->ops->destroy(dispatcher);
}

void listener_queue_push(struct listener_queue *queue, struct listener *listener)
{
    listener->next_woken = NULL;
    if (queue->tail)
        queue->tail->next_woken = listener;
    else
        queue->head = listener;
    queue->tail = listener;
}

struct listener *listener_queue_pop(struct listener_queue *queue)
{
    struct listener *listener = queue->head;

    if (!listener)
        return NULL;
    queue->head = listener->next_woken;
    if (!queue->head)
        queue->tail = NULL;
    return listener;
}

/* ---- Listeners ---- */

HRESULT listener_create(struct dispatcher *dispatcher, struct notify_hold *hold,
                        IMAPIAdviseSink *sink, const NOTIFICATION *overflow,
                        struct listener **ret_listener)
{
    static const NOTIFICATION table_changed = {.ulEventType = fnevTableModified,
                                               .info.tab.ulTableEvent = TABLE_CHANGED};
    struct listener *listener = calloc(1, sizeof(*listener));
    HRESULT hr;

    if (!listener)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = notice_create(overflow ? overflow : &table_changed, &listener->overflow);
    if (FAILED(hr)) {
        free(listener);
        return hr;
    }
    atomic_init(&listener->refs, 1);
    pthread_mutex_init(&listener->lock, NULL);
    listener->dispatcher = dispatcher ? dispatcher_ref(dispatcher) : NULL;
    listener->hold = hold ? notify_hold_ref(hold) : NULL;
    unknown_addref(sink);
    listener->sink = sink;
    *ret_listener = listener;
    return S_OK;
}

struct listener *listener_ref(struct listener *listener)
{
    atomic_fetch_add_explicit(&listener->refs, 1, memory_order_relaxed);
    return listener;
}

/* Lock held. */
static void drop_events(struct listener *listener)
{
    while (listener->count > 0) {
        notice_unref(listener->events[listener->first].notice);
        listener->first = (listener->first + 1) % NOTIFY_QUEUE_MAX;
        listener->count--;
    }
}

void listener_unref(struct listener *listener)
{
    if (!listener || atomic_fetch_sub_explicit(&listener->refs, 1, memory_order_acq_rel) > 1)
        return;
    /* Whoever advised cancels first: a sink must not be released just anywhere. */
    assert(!listener->sink);
    drop_events(listener);
    notice_unref(listener->overflow);
    notify_hold_unref(listener->hold);
    dispatcher_unref(listener->dispatcher);
    pthread_mutex_destroy(&listener->lock);
    free(listener);
}

void listener_wake(struct listener *listener)
{
    bool wake;

    pthread_mutex_lock(&listener->lock);
    wake = !listener->queued && !listener->dead && listener->count > 0;
    listener->queued |= wake;
    pthread_mutex_unlock(&listener->lock);
    if (wake)
        listener->dispatcher->ops->wake(listener->dispatcher, listener);
}

void listener_post(struct listener *listener, struct notice *notice)
{
    uint64_t call = listener->hold ? notify_hold_now(listener->hold) : 0;
    struct queued_event *event;

    if (listener_is_synchronous(listener))
        return;
    pthread_mutex_lock(&listener->lock);
    if (!listener->dead) {
        if (listener->count == NOTIFY_QUEUE_MAX) {
            drop_events(listener);
            notice = listener->overflow;
        }
        event = &listener->events[(listener->first + listener->count) % NOTIFY_QUEUE_MAX];
        event->notice = notice_ref(notice);
        event->call = call;
        listener->count++;
    }
    pthread_mutex_unlock(&listener->lock);
    listener_wake(listener);
}

bool listener_is_synchronous(const struct listener *listener)
{
    return !listener->dispatcher;
}

ULONG listener_call(struct listener *listener, ULONG count, NOTIFICATION *notifications)
{
    IMAPIAdviseSink *sink;
    ULONG answer;

    pthread_mutex_lock(&listener->lock);
    sink = listener->dead ? NULL : listener->sink;
    listener->calls += sink != NULL;
    pthread_mutex_unlock(&listener->lock);
    if (!sink)
        return 0;
    answer = sink->lpVtbl->OnNotify(sink, count, notifications); /* `calls` keeps it */
    pthread_mutex_lock(&listener->lock);
    if (--listener->calls == 0 && listener->dead)
        listener->sink = NULL;
    else
        sink = NULL;
    pthread_mutex_unlock(&listener->lock);
    unknown_release(sink);
    return answer;
}

void listener_cancel(struct listener *listener)
{
    IMAPIAdviseSink *sink = NULL;

    pthread_mutex_lock(&listener->lock);
    listener->dead = true;
    drop_events(listener);
    if (!listener->running && listener->calls == 0) { /* else the delivery gives it back */
        sink = listener->sink;
        listener->sink = NULL;
    }
    pthread_mutex_unlock(&listener->lock);
    unknown_release(sink);
}

/* Takes what may be delivered now into `batch`; lock held. */
static size_t take_batch(struct listener *listener, struct notice **batch)
{
    size_t taken = 0;

    while (listener->count > 0) {
        struct queued_event *event = &listener->events[listener->first];

        if (listener->hold && notify_hold_blocks(listener->hold, event->call, listener))
            break;
        batch[taken++] = event->notice;
        listener->first = (listener->first + 1) % NOTIFY_QUEUE_MAX;
        listener->count--;
    }
    return taken;
}

static void call_sink(IMAPIAdviseSink *sink, struct notice **batch, size_t count)
{
    NOTIFICATION *notifications = malloc(count * sizeof(*notifications));
    NOTIFICATION one;
    size_t i;

    if (!notifications) { /* one by one needs no memory */
        for (i = 0; i < count; i++) {
            one = *notice_get(batch[i]);
            sink->lpVtbl->OnNotify(sink, 1, &one);
        }
        return;
    }
    for (i = 0; i < count; i++)
        notifications[i] = *notice_get(batch[i]);
    sink->lpVtbl->OnNotify(sink, (ULONG)count, notifications);
    free(notifications);
}

bool listener_deliver(struct listener *listener)
{
    struct notice *batch[NOTIFY_QUEUE_MAX];
    IMAPIAdviseSink *sink = NULL;
    size_t count, i;

    pthread_mutex_lock(&listener->lock);
    listener->queued = false;
    count = listener->dead || listener->running ? 0 : take_batch(listener, batch);
    listener->running |= count > 0;
    pthread_mutex_unlock(&listener->lock);
    if (count == 0)
        return false;

    call_sink(listener->sink, batch, count); /* `running` keeps the sink */
    for (i = 0; i < count; i++)
        notice_unref(batch[i]);

    pthread_mutex_lock(&listener->lock);
    listener->running = false;
    if (listener->dead) {
        sink = listener->sink;
        listener->sink = NULL;
    }
    pthread_mutex_unlock(&listener->lock);
    unknown_release(sink);
    listener_wake(listener);
    return true;
}
