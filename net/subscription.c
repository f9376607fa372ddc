/* net/subscription.c - the way news travels up, from a core to a handle */
#include "net/subscription.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct subscription {
    atomic_uint refs;
    const struct subscription_ops *ops;
    pthread_mutex_t lock; /* guards all below */
    void *arg;
    bool ended;
    bool reload; /* to be told before what is queued: those came after it */
    size_t length;
    struct subscription_event *head, *tail;
};

struct subscription *subscription_create(const struct subscription_ops *ops, void *arg)
{
    struct subscription *subscription = calloc(1, sizeof(*subscription));

    if (!subscription)
        return NULL;
    atomic_init(&subscription->refs, 1);
    subscription->ops = ops;
    subscription->arg = arg;
    pthread_mutex_init(&subscription->lock, NULL);
    return subscription;
}

struct subscription *subscription_ref(struct subscription *subscription)
{
    atomic_fetch_add_explicit(&subscription->refs, 1, memory_order_relaxed);
    return subscription;
}

static void free_events(const struct subscription_ops *ops, struct subscription_event *event)
{
    struct subscription_event *next;

    for (; event; event = next) {
        next = event->next;
        ops->free_event(event);
    }
}

/* Under the lock; the caller frees what it returns after it. */
static struct subscription_event *take_all(struct subscription *subscription)
{
    struct subscription_event *events = subscription->head;

    subscription->head = subscription->tail = NULL;
    subscription->length = 0;
    return events;
}

void subscription_unref(struct subscription *subscription)
{
    if (!subscription || atomic_fetch_sub(&subscription->refs, 1) != 1)
        return;
    free_events(subscription->ops, take_all(subscription));
    pthread_mutex_destroy(&subscription->lock);
    free(subscription);
}

/* Under the lock, before the change: will the first news come? */
static bool is_empty(const struct subscription *subscription)
{
    return !subscription->reload && !subscription->head;
}

static bool push(struct subscription *subscription, struct subscription_event *event)
{
    struct subscription_event *dropped = NULL;
    bool was_empty, ended;

    pthread_mutex_lock(&subscription->lock);
    was_empty = is_empty(subscription);
    ended = subscription->ended;
    if (ended) {
        dropped = event;
    } else if (!event || subscription->length == SUBSCRIPTION_EVENTS_MAX) {
        dropped = take_all(subscription);
        if (event) {
            event->next = dropped;
            dropped = event;
        }
        subscription->reload = true;
    } else {
        if (subscription->tail)
            subscription->tail->next = event;
        else
            subscription->head = event;
        subscription->tail = event;
        subscription->length++;
    }
    if (!ended && was_empty && subscription->ops->ready)
        subscription->ops->ready(subscription->arg);
    pthread_mutex_unlock(&subscription->lock);
    free_events(subscription->ops, dropped);
    return !ended;
}

bool subscription_push(struct subscription *subscription, struct subscription_event *event)
{
    assert(event);
    event->next = NULL;
    return push(subscription, event);
}

bool subscription_push_reload(struct subscription *subscription)
{
    return push(subscription, NULL);
}

enum subscription_news subscription_pop(struct subscription *subscription,
                                        struct subscription_event **ret_event)
{
    enum subscription_news news = SUBSCRIPTION_NOTHING;
    struct subscription_event *event;

    pthread_mutex_lock(&subscription->lock);
    event = subscription->head;
    if (subscription->ended) {
        news = SUBSCRIPTION_ENDED;
    } else if (subscription->reload) {
        subscription->reload = false;
        news = SUBSCRIPTION_RELOAD;
    } else if (event) {
        subscription->head = event->next;
        if (!subscription->head)
            subscription->tail = NULL;
        subscription->length--;
        event->next = NULL;
        *ret_event = event;
        news = SUBSCRIPTION_EVENT;
    }
    pthread_mutex_unlock(&subscription->lock);
    return news;
}

void subscription_end(struct subscription *subscription)
{
    struct subscription_event *events;

    pthread_mutex_lock(&subscription->lock);
    subscription->ended = true;
    subscription->arg = NULL;
    subscription->reload = false;
    events = take_all(subscription);
    pthread_mutex_unlock(&subscription->lock);
    free_events(subscription->ops, events);
}

bool subscription_ended(struct subscription *subscription)
{
    bool ended;

    pthread_mutex_lock(&subscription->lock);
    ended = subscription->ended;
    pthread_mutex_unlock(&subscription->lock);
    return ended;
}
