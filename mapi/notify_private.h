/* mapi/notify_private.h - what the notify_*.c files share */
#ifndef MG_NOTIFY_PRIVATE_H
#define MG_NOTIFY_PRIVATE_H

#include "mapi/notify.h"

/* Does a call that ran when the event was posted still run? If so `listener` is woken when one
 * ends. Own leaf lock. */
bool notify_hold_blocks(struct notify_hold *hold, uint64_t call, struct listener *listener);

/* The number of the youngest running call, 0: none runs. */
uint64_t notify_hold_now(struct notify_hold *hold);

/* Puts the listener in its dispatcher's queue unless it is there. */
void listener_wake(struct listener *listener);

/* A first-in first-out list of woken listeners, each with a reference, for dispatchers; the
 * dispatcher's lock covers it. */
struct listener_queue {
    struct listener *head, *tail;
};
void listener_queue_push(struct listener_queue *queue, struct listener *listener);
struct listener *listener_queue_pop(struct listener_queue *queue); /* NULL: empty */

#endif
