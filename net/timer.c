/* net/timer.c - the timers of an engine: a pairing heap under one uv_timer_t */
#include <assert.h>

#include "net/engine-struct.h"

static bool earlier(const struct engine_timer *a, const struct engine_timer *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->sequence < b->sequence;
}

/* Of two roots the later becomes the first child of the earlier. Either may be NULL. */
static struct engine_timer *merge(struct engine_timer *a, struct engine_timer *b)
{
    struct engine_timer *swap;

    if (!a)
        return b;
    if (!b)
        return a;
    if (earlier(b, a)) {
        swap = a;
        a = b;
        b = swap;
    }
    b->sibling = a->child;
    if (a->child)
        a->child->previous = b;
    b->previous = a;
    a->child = b;
    a->sibling = a->previous = NULL;
    return a;
}

/* Merges a list of siblings: in pairs from the left, then the pairs from the right. */
static struct engine_timer *merge_siblings(struct engine_timer *first)
{
    struct engine_timer *pairs = NULL, *root = NULL, *second, *rest;

    while (first) {
        second = first->sibling;
        rest = second ? second->sibling : NULL;
        first->sibling = first->previous = NULL;
        if (second)
            second->sibling = second->previous = NULL;
        first = merge(first, second);
        first->sibling = pairs;
        pairs = first;
        first = rest;
    }
    while (pairs) {
        rest = pairs->sibling;
        pairs->sibling = NULL;
        root = merge(root, pairs);
        pairs = rest;
    }
    return root;
}

static void heap_remove(struct engine *engine, struct engine_timer *timer)
{
    struct engine_timer *children = merge_siblings(timer->child);

    if (timer == engine->timers) {
        engine->timers = children;
    } else {
        if (timer->previous->child == timer)
            timer->previous->child = timer->sibling;
        else
            timer->previous->sibling = timer->sibling;
        if (timer->sibling)
            timer->sibling->previous = timer->previous;
        engine->timers = merge(engine->timers, children);
    }
    timer->child = timer->sibling = timer->previous = NULL;
    timer->armed = false;
}

static void timers_due(uv_timer_t *handle);

/* libuv 1.44 runs a timer that is armed with 0 ms inside a timer callback in the same turn, and so
 * for ever: never less than 1. */
static void arm(struct engine *engine)
{
    uint64_t now = engine_now();

    if (!engine->timers)
        uv_timer_stop(&engine->timer);
    else
        uv_timer_start(&engine->timer, timers_due,
                       engine->timers->deadline > now ? engine->timers->deadline - now : 1, 0);
}

static void timers_due(uv_timer_t *handle)
{
    struct engine *engine = handle->data;
    uint64_t now = engine_now(), end = engine->timer_sequence;
    struct engine_timer *timer;

    /* What is started meanwhile waits for the next turn. */
    while ((timer = engine->timers) && timer->deadline <= now && timer->sequence < end) {
        heap_remove(engine, timer);
        timer->fire(timer);
    }
    arm(engine);
}

void engine_timer_start(struct engine *engine, struct engine_timer *timer, uint64_t deadline,
                        void (*fire)(struct engine_timer *timer))
{
    engine_timer_stop(engine, timer);
    if (deadline == NO_DEADLINE || engine_has_stopped(engine))
        return;
    assert(engine_is_here(engine));
    timer->deadline = deadline;
    timer->sequence = engine->timer_sequence++;
    timer->fire = fire;
    timer->armed = true;
    timer->child = timer->sibling = timer->previous = NULL;
    engine->timers = merge(engine->timers, timer);
    if (engine->timers == timer)
        arm(engine);
}

void engine_timer_stop(struct engine *engine, struct engine_timer *timer)
{
    if (!timer->armed || engine_has_stopped(engine))
        return;
    assert(engine_is_here(engine));
    heap_remove(engine, timer); /* at worst the loop wakes once for nothing */
}

int timers_init(struct engine *engine)
{
    engine->timer.data = engine;
    return uv_timer_init(&engine->loop, &engine->timer);
}

void timers_clear(struct engine *engine)
{
    while (engine->timers)
        heap_remove(engine, engine->timers);
}
