/* net/wait.h - mutex, event and queue that work from threads and from fibers
 *
 * The only things in the tree that wait for another part of the program. Fair (first come, first
 * served), with deadline. All functions are legal on any thread; the waiting ones not on the loop
 * and not in an engine_work job. Waits end with S_OK, MAPI_E_TIMEOUT at the deadline, or
 * MAPI_E_USER_CANCEL when the waiting fiber is cancelled. Embed by value: init, then clear when
 * nobody waits any more. */
#ifndef MG_WAIT_H
#define MG_WAIT_H

#include <pthread.h>

#include "net/engine.h"

struct waiter;
struct waiter_list {
    struct waiter *first, *last;
};

/* Mutual exclusion that may be held over waits. Not recursive. */
struct engine_mutex {
    pthread_mutex_t lock;
    bool held;
    struct waiter_list waiters;
};
void engine_mutex_init(struct engine_mutex *mutex);
void engine_mutex_clear(struct engine_mutex *mutex);
WAITS HRESULT engine_mutex_lock(struct engine_mutex *mutex, uint64_t deadline);
bool engine_mutex_try_lock(struct engine_mutex *mutex);
void engine_mutex_unlock(struct engine_mutex *mutex);

/* A flag that can be waited for. It stays set, and wakes all, until reset. */
struct engine_event {
    pthread_mutex_t lock;
    bool set;
    struct waiter_list waiters;
};
void engine_event_init(struct engine_event *event);
void engine_event_clear(struct engine_event *event);
WAITS HRESULT engine_event_wait(struct engine_event *event, uint64_t deadline);
/* Neither a deadline nor a cancel ends it: for a request that another thread answers and that lives
 * on the waiter's stack. Only where the answer is certain to come. */
WAITS void engine_event_wait_out(struct engine_event *event);
bool engine_event_is_set(struct engine_event *event);
void engine_event_set(struct engine_event *event);
void engine_event_reset(struct engine_event *event);

/* A first-in first-out queue of caller-owned nodes. Closing it wakes all: pops then drain what is
 * left and end with MAPI_E_CANCEL. */
struct engine_queue_node {
    struct engine_queue_node *next;
};
struct engine_queue {
    pthread_mutex_t lock;
    bool closed;
    size_t length;
    struct engine_queue_node *head, *tail;
    struct waiter_list waiters;
};
void engine_queue_init(struct engine_queue *queue);
void engine_queue_clear(struct engine_queue *queue);
/* False, and nothing queued, when the queue is closed. */
bool engine_queue_push(struct engine_queue *queue, struct engine_queue_node *node);
WAITS HRESULT engine_queue_pop(struct engine_queue *queue, uint64_t deadline,
                               struct engine_queue_node **ret_node);
void engine_queue_close(struct engine_queue *queue);

#endif
