/* mapi/notify_thread.c - the library's notification thread
 *
 * One thread calls sinks. While it is inside one, another stands by; if the sink takes longer than
 * SLOW_MS and others have news, the one standing by goes on, so that a slow sink delays its own
 * events only. Threads are started when first needed and have all signals blocked. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "mapi/memory.h"
#include "mapi/notify_private.h"

#define SLOW_MS     100
#define THREADS_MAX 32

struct notify_thread {
    struct dispatcher dispatcher;
    pthread_mutex_t lock;
    pthread_cond_t news; /* events, a thread that became free, or the end */
    pthread_cond_t gone; /* a thread ended */
    struct listener_queue woken;
    bool stopping;
    unsigned threads; /* started and not ended; each holds a reference on the dispatcher */
    unsigned idle;
    bool busy;             /* the leading thread is inside a sink */
    uint64_t leader;       /* number of the call that leads */
    struct timespec since; /* when it began */
};

static _Thread_local struct notify_thread *running_for; /* inside a sink of this dispatcher */

static void *notify_thread_main(void *arg);

/* Lock held. Without a thread the events wait for the next attempt. */
static void start_thread(struct notify_thread *self)
{
    pthread_attr_t attributes;
    sigset_t all, old;
    pthread_t thread;

    dispatcher_ref(&self->dispatcher);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    if (pthread_create(&thread, &attributes, notify_thread_main, self) == 0) {
        pthread_setname_np(thread, "mapi-notify");
        self->threads++;
    } else {
        __atomic_fetch_sub(&self->dispatcher.refs, 1, __ATOMIC_RELAXED); /* the caller has one */
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
}

static struct timespec slow_after(const struct timespec *since)
{
    struct timespec time = *since;

    time.tv_nsec += SLOW_MS * 1000000L;
    if (time.tv_nsec >= 1000000000L) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000L;
    }
    return time;
}

/* Waits until there is a listener for this thread to serve; false: the end. Lock held. */
static bool wait_for_turn(struct notify_thread *self)
{
    struct timespec deadline;
    bool in_time = true;

    for (;;) {
        if (self->stopping)
            return false;
        if (!self->woken.head) {
            pthread_cond_wait(&self->news, &self->lock);
            in_time = true;
            continue;
        }
        if (!self->busy || !in_time)
            return true;
        deadline = slow_after(&self->since);
        in_time = pthread_cond_timedwait(&self->news, &self->lock, &deadline) != ETIMEDOUT;
    }
}

static void serve_one(struct notify_thread *self)
{
    struct listener *listener = listener_queue_pop(&self->woken);
    uint64_t call;

    self->busy = true;
    call = ++self->leader;
    clock_gettime(CLOCK_MONOTONIC, &self->since);
    if (self->idle == 0 && self->threads < THREADS_MAX)
        start_thread(self); /* to stand by */
    pthread_mutex_unlock(&self->lock);

    listener_deliver(listener);
    listener_unref(listener);

    pthread_mutex_lock(&self->lock);
    if (self->leader == call) { /* else it took long and another leads */
        self->busy = false;
        pthread_cond_signal(&self->news);
    }
}

static void *notify_thread_main(void *arg)
{
    struct notify_thread *self = arg;
    bool turn;

    running_for = self;
    pthread_mutex_lock(&self->lock);
    for (;;) {
        if (self->idle > 1)
            break; /* enough stand by */
        self->idle++;
        turn = wait_for_turn(self);
        self->idle--;
        if (!turn)
            break;
        serve_one(self);
    }
    self->threads--;
    pthread_cond_broadcast(&self->gone);
    pthread_mutex_unlock(&self->lock);
    dispatcher_unref(&self->dispatcher);
    return NULL;
}

static void notify_thread_wake(struct dispatcher *dispatcher, struct listener *listener)
{
    struct notify_thread *self = container_of(dispatcher, struct notify_thread, dispatcher);

    pthread_mutex_lock(&self->lock);
    if (!self->stopping) {
        listener_queue_push(&self->woken, listener_ref(listener));
        if (self->threads == 0)
            start_thread(self);
        pthread_cond_signal(&self->news);
    }
    pthread_mutex_unlock(&self->lock);
}

static void notify_thread_destroy(struct dispatcher *dispatcher)
{
    struct notify_thread *self = container_of(dispatcher, struct notify_thread, dispatcher);

    pthread_cond_destroy(&self->news);
    pthread_cond_destroy(&self->gone);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

HRESULT notify_thread_create(struct dispatcher **ret_dispatcher)
{
    static const struct dispatcher_ops ops = {notify_thread_wake, notify_thread_destroy};
    struct notify_thread *self = calloc(1, sizeof(*self));
    pthread_condattr_t attributes;

    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    dispatcher_init(&self->dispatcher, &ops);
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->news, &attributes);
    pthread_cond_init(&self->gone, &attributes);
    pthread_condattr_destroy(&attributes);
    *ret_dispatcher = &self->dispatcher;
    return S_OK;
}

void notify_thread_stop(struct dispatcher *dispatcher)
{
    struct notify_thread *self = container_of(dispatcher, struct notify_thread, dispatcher);
    unsigned own = running_for == self ? 1 : 0; /* called by a sink: its thread ends by itself */
    struct listener_queue dropped;
    struct listener *listener;

    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    dropped = self->woken;
    self->woken = (struct listener_queue){0};
    pthread_cond_broadcast(&self->news);
    while (self->threads > own)
        pthread_cond_wait(&self->gone, &self->lock);
    pthread_mutex_unlock(&self->lock);
    while ((listener = listener_queue_pop(&dropped)))
        listener_unref(listener);
}
