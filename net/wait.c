/* net/wait.c - mutex, event and queue that work from threads and from fibers
 *
 * A waiter lives on its own stack, linked into the object's list. Whoever grants it takes it out
 * under the object's lock; from then on the wait has succeeded, whatever deadline or cancel comes.
 * A thread is woken by its condition variable, under the lock. A fiber is woken on its engine's
 * thread, by a posted node where the granter is elsewhere, after the lock: the fiber does not
 * leave before that node has arrived. */
#include "net/wait.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#include "net/engine-private.h"

struct waiter {
    struct waiter *next, *previous;
    bool granted;
    HRESULT result;                 /* what the granted wait ends with */
    struct engine_queue_node *item; /* what a queue hands over */
    struct engine *engine;          /* NULL: a thread waits */
    pthread_cond_t cond;            /* thread */
    struct fiber_wait wait;         /* fiber */
    struct engine_node node;        /* brings the news to the fiber's engine */
    bool arrived;                   /* it has been brought; the engine's */
};

static void list_append(struct waiter_list *list, struct waiter *waiter)
{
    waiter->next = NULL;
    waiter->previous = list->last;
    if (list->last)
        list->last->next = waiter;
    else
        list->first = waiter;
    list->last = waiter;
}

static void list_remove(struct waiter_list *list, struct waiter *waiter)
{
    if (waiter->previous)
        waiter->previous->next = waiter->next;
    else
        list->first = waiter->next;
    if (waiter->next)
        waiter->next->previous = waiter->previous;
    else
        list->last = waiter->previous;
}

/* ---- Granting ---- */

/* Under the lock. Returns what wake_granted must be given after it, or NULL. */
static struct waiter *grant_first(struct waiter_list *list, HRESULT result,
                                  struct engine_queue_node *item)
{
    struct waiter *waiter = list->first;

    list_remove(list, waiter);
    waiter->next = NULL;
    waiter->result = result;
    waiter->item = item;
    waiter->granted = true;
    if (waiter->engine)
        return waiter;
    pthread_cond_signal(&waiter->cond);
    return NULL;
}

/* The same with all; they are chained by `next`. */
static struct waiter *grant_all(struct waiter_list *list, HRESULT result)
{
    struct waiter *first = NULL, **end = &first, *granted;

    while (list->first) {
        granted = grant_first(list, result, NULL);
        if (granted) {
            *end = granted;
            end = &granted->next;
        }
    }
    return first;
}

static void arrive(struct waiter *waiter)
{
    waiter->arrived = true;
    fiber_wake(&waiter->wait, waiter->result);
}

static void arrive_posted(struct engine_node *node)
{
    struct waiter *waiter = container_of(node, struct waiter, node);

    if (!engine_has_stopped(waiter->engine)) /* else it was given up */
        arrive(waiter);
}

/* Not under the lock: the object may go as soon as the last of them runs. */
static void wake_granted(struct waiter *waiter)
{
    struct waiter *next;

    for (; waiter; waiter = next) {
        next = waiter->next;
        if (engine_is_here(waiter->engine))
            arrive(waiter);
        else
            engine_post(waiter->engine, &waiter->node, arrive_posted);
    }
}

/* ---- Waiting ---- */

static void assert_may_wait(void)
{
    enum engine_place place = engine_place();

    /* Once all fibers have ended, what still closes does it on the loop, and finds nothing held. */
    assert(place == ENGINE_OUTSIDE || place == ENGINE_FIBER ||
           (place == ENGINE_LOOP && engine_is_at_rest(engine_current())));
    (void)place;
}

static HRESULT thread_wait(pthread_mutex_t *lock, struct waiter_list *list, struct waiter *self,
                           uint64_t deadline)
{
    struct timespec until = {
        .tv_sec = (time_t)(deadline / 1000),
        .tv_nsec = (long)(deadline % 1000) * 1000000,
    };
    pthread_condattr_t attr;
    int error = 0;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&self->cond, &attr);
    pthread_condattr_destroy(&attr);

    list_append(list, self);
    while (!self->granted && error != ETIMEDOUT)
        error = deadline == NO_DEADLINE ? pthread_cond_wait(&self->cond, lock)
                                        : pthread_cond_timedwait(&self->cond, lock, &until);
    if (!self->granted) {
        list_remove(list, self);
        self->result = MAPI_E_TIMEOUT;
    }
    pthread_mutex_unlock(lock);
    pthread_cond_destroy(&self->cond);
    return self->result;
}

static HRESULT fiber_wait_in(pthread_mutex_t *lock, struct waiter_list *list, struct waiter *self,
                             uint64_t deadline, bool is_out)
{
    HRESULT hr;
    bool granted;

    self->engine = engine_current();
    list_append(list, self);
    pthread_mutex_unlock(lock);

    hr = is_out ? fiber_wait_out(&self->wait) : fiber_wait(&self->wait, deadline);
    if (self->arrived)
        return self->result;

    pthread_mutex_lock(lock);
    granted = self->granted;
    if (!granted)
        list_remove(list, self);
    pthread_mutex_unlock(lock);
    if (!granted)
        return hr;
    /* Granted at the last moment: the node is on its way. */
    self->wait = (struct fiber_wait){0};
    return fiber_wait_out(&self->wait);
}

/* Called with the lock, returns without. */
static HRESULT wait_in(pthread_mutex_t *lock, struct waiter_list *list, struct waiter *self,
                       uint64_t deadline)
{
    if (engine_place() == ENGINE_FIBER)
        return fiber_wait_in(lock, list, self, deadline, false);
    return thread_wait(lock, list, self, deadline);
}

/* ---- Mutex ---- */

void engine_mutex_init(struct engine_mutex *mutex)
{
    *mutex = (struct engine_mutex){0};
    pthread_mutex_init(&mutex->lock, NULL);
}

void engine_mutex_clear(struct engine_mutex *mutex)
{
    assert(!mutex->held && !mutex->waiters.first);
    pthread_mutex_destroy(&mutex->lock);
}

HRESULT engine_mutex_lock(struct engine_mutex *mutex, uint64_t deadline)
{
    struct waiter self = {0};

    assert_may_wait();
    pthread_mutex_lock(&mutex->lock);
    if (mutex->held)
        return wait_in(&mutex->lock, &mutex->waiters, &self, deadline);
    mutex->held = true;
    pthread_mutex_unlock(&mutex->lock);
    return S_OK;
}

bool engine_mutex_try_lock(struct engine_mutex *mutex)
{
    bool taken;

    pthread_mutex_lock(&mutex->lock);
    taken = !mutex->held;
    mutex->held = true;
    pthread_mutex_unlock(&mutex->lock);
    return taken;
}

void engine_mutex_unlock(struct engine_mutex *mutex)
{
    struct waiter *woken = NULL;

    pthread_mutex_lock(&mutex->lock);
    assert(mutex->held);
    if (mutex->waiters.first)
        woken = grant_first(&mutex->waiters, S_OK, NULL); /* it stays held, by the next */
    else
        mutex->held = false;
    pthread_mutex_unlock(&mutex->lock);
    wake_granted(woken);
}

/* ---- Event ---- */

void engine_event_init(struct engine_event *event)
{
    *event = (struct engine_event){0};
    pthread_mutex_init(&event->lock, NULL);
}

void engine_event_clear(struct engine_event *event)
{
    assert(!event->waiters.first);
    pthread_mutex_destroy(&event->lock);
}

HRESULT engine_event_wait(struct engine_event *event, uint64_t deadline)
{
    struct waiter self = {0};

    assert_may_wait();
    pthread_mutex_lock(&event->lock);
    if (!event->set)
        return wait_in(&event->lock, &event->waiters, &self, deadline);
    pthread_mutex_unlock(&event->lock);
    return S_OK;
}

void engine_event_wait_out(struct engine_event *event)
{
    struct waiter self = {0};

    assert_may_wait();
    pthread_mutex_lock(&event->lock);
    if (event->set)
        pthread_mutex_unlock(&event->lock);
    else if (engine_place() == ENGINE_FIBER)
        fiber_wait_in(&event->lock, &event->waiters, &self, NO_DEADLINE, true);
    else
        thread_wait(&event->lock, &event->waiters, &self, NO_DEADLINE);
}

bool engine_event_is_set(struct engine_event *event)
{
    bool is_set;

    pthread_mutex_lock(&event->lock);
    is_set = event->set;
    pthread_mutex_unlock(&event->lock);
    return is_set;
}

void engine_event_set(struct engine_event *event)
{
    struct waiter *woken;

    pthread_mutex_lock(&event->lock);
    event->set = true;
    woken = grant_all(&event->waiters, S_OK);
    pthread_mutex_unlock(&event->lock);
    wake_granted(woken);
}

void engine_event_reset(struct engine_event *event)
{
    pthread_mutex_lock(&event->lock);
    event->set = false;
    pthread_mutex_unlock(&event->lock);
}

/* ---- Queue ---- */

void engine_queue_init(struct engine_queue *queue)
{
    *queue = (struct engine_queue){0};
    pthread_mutex_init(&queue->lock, NULL);
}

void engine_queue_clear(struct engine_queue *queue)
{
    assert(!queue->waiters.first && !queue->head);
    pthread_mutex_destroy(&queue->lock);
}

bool engine_queue_push(struct engine_queue *queue, struct engine_queue_node *node)
{
    struct waiter *woken = NULL;
    bool is_open;

    node->next = NULL;
    pthread_mutex_lock(&queue->lock);
    is_open = !queue->closed;
    if (!is_open) {
        /* nothing */
    } else if (queue->waiters.first) {
        woken = grant_first(&queue->waiters, S_OK, node);
    } else {
        if (queue->tail)
            queue->tail->next = node;
        else
            queue->head = node;
        queue->tail = node;
        queue->length++;
    }
    pthread_mutex_unlock(&queue->lock);
    wake_granted(woken);
    return is_open;
}

HRESULT engine_queue_pop(struct engine_queue *queue, uint64_t deadline,
                         struct engine_queue_node **ret_node)
{
    struct waiter self = {0};
    HRESULT hr;

    assert_may_wait();
    pthread_mutex_lock(&queue->lock);
    if (queue->head) {
        self.item = queue->head;
        queue->head = self.item->next;
        if (!queue->head)
            queue->tail = NULL;
        queue->length--;
        hr = S_OK;
        pthread_mutex_unlock(&queue->lock);
    } else if (queue->closed) {
        hr = MAPI_E_CANCEL;
        pthread_mutex_unlock(&queue->lock);
    } else {
        hr = wait_in(&queue->lock, &queue->waiters, &self, deadline);
    }
    if (hr == S_OK)
        *ret_node = self.item;
    return hr;
}

void engine_queue_close(struct engine_queue *queue)
{
    struct waiter *woken;

    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    woken = grant_all(&queue->waiters, MAPI_E_CANCEL);
    pthread_mutex_unlock(&queue->lock);
    wake_granted(woken);
}
