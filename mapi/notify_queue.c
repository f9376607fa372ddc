/* mapi/notify_queue.c - notifications on a thread that asks for them
 *
 * Stands in for the hidden window of other systems (MEM-085): woken listeners wait here until the
 * owning thread drains, in HrDispatchNotifications or at the end of a MAPI call. */
#include <stdlib.h>

#include "mapi/memory.h"
#include "mapi/notify_private.h"

struct notify_queue {
    struct dispatcher dispatcher;
    pthread_mutex_t lock;
    struct listener_queue woken;
    bool draining, closed;
};

static _Thread_local struct dispatcher *bound; /* a reference */

/* Threads end without telling: the key's destructor gives their queue back. */
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool key_made;

static void drop_at_thread_end(void *queue)
{
    bound = NULL;
    notify_queue_close(queue);
    dispatcher_unref(queue);
}

static void make_key(void)
{
    key_made = pthread_key_create(&key, drop_at_thread_end) == 0;
}

static void notify_queue_wake(struct dispatcher *dispatcher, struct listener *listener)
{
    struct notify_queue *self = container_of(dispatcher, struct notify_queue, dispatcher);

    pthread_mutex_lock(&self->lock);
    if (!self->closed)
        listener_queue_push(&self->woken, listener_ref(listener));
    pthread_mutex_unlock(&self->lock);
}

static void notify_queue_destroy(struct dispatcher *dispatcher)
{
    struct notify_queue *self = container_of(dispatcher, struct notify_queue, dispatcher);

    /* A woken listener has a reference on us: the queue is empty. */
    pthread_mutex_destroy(&self->lock);
    free(self);
}

HRESULT notify_queue_create(struct dispatcher **ret_dispatcher)
{
    static const struct dispatcher_ops ops = {notify_queue_wake, notify_queue_destroy};
    struct notify_queue *self = calloc(1, sizeof(*self));

    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    dispatcher_init(&self->dispatcher, &ops);
    pthread_mutex_init(&self->lock, NULL);
    *ret_dispatcher = &self->dispatcher;
    return S_OK;
}

void notify_queue_drain(struct dispatcher *dispatcher)
{
    struct notify_queue *self = container_of(dispatcher, struct notify_queue, dispatcher);
    struct listener *listener;

    dispatcher_ref(dispatcher); /* a sink may give back the last one */
    pthread_mutex_lock(&self->lock);
    if (!self->draining) {
        self->draining = true;
        while ((listener = listener_queue_pop(&self->woken))) {
            pthread_mutex_unlock(&self->lock);
            listener_deliver(listener);
            listener_unref(listener);
            pthread_mutex_lock(&self->lock);
        }
        self->draining = false;
    }
    pthread_mutex_unlock(&self->lock);
    dispatcher_unref(dispatcher);
}

void notify_queue_close(struct dispatcher *dispatcher)
{
    struct notify_queue *self = container_of(dispatcher, struct notify_queue, dispatcher);
    struct listener_queue dropped;
    struct listener *listener;

    pthread_mutex_lock(&self->lock);
    self->closed = true;
    dropped = self->woken;
    self->woken = (struct listener_queue){0};
    pthread_mutex_unlock(&self->lock);
    while ((listener = listener_queue_pop(&dropped)))
        listener_unref(listener);
}

void notify_queue_bind(struct dispatcher *dispatcher)
{
    struct dispatcher *old = bound;

    pthread_once(&key_once, make_key);
    bound = dispatcher ? dispatcher_ref(dispatcher) : NULL;
    if (key_made)
        pthread_setspecific(key, bound);
    dispatcher_unref(old);
}

HRESULT notify_queue_of_thread(struct dispatcher **ret_dispatcher)
{
    struct dispatcher *made;
    HRESULT hr;

    if (!bound) {
        hr = notify_queue_create(&made);
        if (FAILED(hr))
            return hr;
        notify_queue_bind(made);
        dispatcher_unref(made);
    }
    *ret_dispatcher = dispatcher_ref(bound);
    return S_OK;
}

void notify_queue_drain_bound(void)
{
    if (bound)
        notify_queue_drain(bound);
}
