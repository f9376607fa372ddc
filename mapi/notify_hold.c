/* mapi/notify_hold.c - events wait until the call that caused them has returned
 *
 * Calls are numbered as they begin. An event remembers the youngest call of its moment; it may go
 * once no call that old runs any more. Calls that begin later do not hold it back, so a busy client
 * starves nobody. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/notify_private.h"

struct notify_hold {
    atomic_uint refs;
    pthread_mutex_t lock;
    uint64_t last_call;
    uint64_t *running; /* ascending */
    size_t running_count, running_capacity;
    struct listener **waiting; /* references */
    size_t waiting_count, waiting_capacity;
};

HRESULT notify_hold_create(struct notify_hold **ret_hold)
{
    struct notify_hold *hold = calloc(1, sizeof(*hold));

    if (!hold)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&hold->refs, 1);
    pthread_mutex_init(&hold->lock, NULL);
    *ret_hold = hold;
    return S_OK;
}

struct notify_hold *notify_hold_ref(struct notify_hold *hold)
{
    atomic_fetch_add(&hold->refs, 1);
    return hold;
}

static void wake_all(struct listener **listeners, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        listener_wake(listeners[i]);
        listener_unref(listeners[i]);
    }
}

void notify_hold_unref(struct notify_hold *hold)
{
    if (!hold || atomic_fetch_sub(&hold->refs, 1) > 1)
        return;
    /* A waiting listener has a reference on us: none can be left. */
    pthread_mutex_destroy(&hold->lock);
    free(hold->waiting);
    free(hold->running);
    free(hold);
}

/* Grows an array of pointers or numbers by one place. */
static bool grow(void *array, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity ? *capacity * 2 : 8;
    void *bigger;

    if (count < *capacity)
        return true;
    bigger = realloc(*(void **)array, wanted * size);
    if (!bigger)
        return false;
    *(void **)array = bigger;
    *capacity = wanted;
    return true;
}

uint64_t notify_hold_begin(struct notify_hold *hold)
{
    uint64_t call = 0;

    if (!hold)
        return 0;
    pthread_mutex_lock(&hold->lock);
    /* Without memory the call holds nothing back: early news is better than none. */
    if (grow(&hold->running, &hold->running_capacity, hold->running_count,
             sizeof(*hold->running))) {
        call = ++hold->last_call;
        hold->running[hold->running_count++] = call;
    }
    pthread_mutex_unlock(&hold->lock);
    return call;
}

void notify_hold_end(struct notify_hold *hold, uint64_t call)
{
    struct listener **waiting = NULL;
    size_t count = 0, i;

    if (!hold || call == 0)
        return;
    pthread_mutex_lock(&hold->lock);
    for (i = 0; i < hold->running_count && hold->running[i] != call; i++)
        ;
    if (i < hold->running_count) {
        hold->running_count--;
        memmove(&hold->running[i], &hold->running[i + 1],
                (hold->running_count - i) * sizeof(*hold->running));
    }
    if (i == 0) { /* the oldest has ended: somebody may go */
        waiting = hold->waiting;
        count = hold->waiting_count;
        hold->waiting = NULL;
        hold->waiting_count = hold->waiting_capacity = 0;
    }
    pthread_mutex_unlock(&hold->lock);
    wake_all(waiting, count);
    free(waiting);
}

uint64_t notify_hold_now(struct notify_hold *hold)
{
    uint64_t call;

    pthread_mutex_lock(&hold->lock);
    call = hold->running_count ? hold->running[hold->running_count - 1] : 0;
    pthread_mutex_unlock(&hold->lock);
    return call;
}

bool notify_hold_blocks(struct notify_hold *hold, uint64_t call, struct listener *listener)
{
    bool blocks;
    size_t i;

    pthread_mutex_lock(&hold->lock);
    blocks = call && hold->running_count && hold->running[0] <= call;
    if (blocks) {
        for (i = 0; i < hold->waiting_count && hold->waiting[i] != listener; i++)
            ;
        if (i == hold->waiting_count) {
            if (grow(&hold->waiting, &hold->waiting_capacity, hold->waiting_count,
                     sizeof(*hold->waiting)))
                hold->waiting[hold->waiting_count++] = listener_ref(listener);
            else
                blocks = false; /* nobody could wake it later */
        }
    }
    pthread_mutex_unlock(&hold->lock);
    return blocks;
}
