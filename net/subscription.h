/* net/subscription.h - the way news travels up, from a core to a handle
 *
 * Reference-counted: core and handle hold one each and never each other. The core pushes events,
 * the handle's side pops them; either may end it. A queue that overflows is emptied and answers
 * "reload" once. Any thread, never waits. */
#ifndef MG_SUBSCRIPTION_H
#define MG_SUBSCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#define SUBSCRIPTION_EVENTS_MAX 256

/* First member of an event; heap memory that the subscription owns while queued. */
struct subscription_event {
    struct subscription_event *next;
};

struct subscription_ops {
    void (*free_event)(struct subscription_event *event);
    /* Something can be popped where nothing could before. Called with the subscription's lock held,
     * so that none comes after subscription_end has returned: post or queue a node, nothing more
     * (no wait, no call of the subscription, no foreign code). May be NULL. */
    void (*ready)(void *arg);
};

enum subscription_news {
    SUBSCRIPTION_NOTHING,
    SUBSCRIPTION_EVENT,  /* *ret_event is the caller's to free */
    SUBSCRIPTION_RELOAD, /* events were lost: look at everything again */
    SUBSCRIPTION_ENDED,
};

struct subscription;

/* One reference; NULL without memory. `arg` is given to ready, until the end. */
struct subscription *subscription_create(const struct subscription_ops *ops, void *arg);
struct subscription *subscription_ref(struct subscription *subscription);
/* NULL is accepted. */
void subscription_unref(struct subscription *subscription);

/* Takes `event` over. False when the subscription has ended: then the event has been freed and the
 * core may drop its reference. */
bool subscription_push(struct subscription *subscription, struct subscription_event *event);
/* Asks for a reload without an event (no memory for one). False as above. */
bool subscription_push_reload(struct subscription *subscription);
enum subscription_news subscription_pop(struct subscription *subscription,
                                        struct subscription_event **ret_event);

/* Drops what is queued; nothing is delivered any more and `ready` is not called again. */
void subscription_end(struct subscription *subscription);
bool subscription_ended(struct subscription *subscription);

#endif
