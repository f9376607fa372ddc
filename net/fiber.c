/* net/fiber.c - fibers: who is ready, who waits, who has ended
 *
 * All of it runs on the engine's thread. Fibers switch to the loop's stack and back, never to one
 * another. */
#include "net/fiber.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "net/engine-struct.h"

#define POOL_MAX     64
#define IDLE_TRIM_MS 1000

/* ---- Stacks ---- */

static struct stack *stack_take(struct engine *engine)
{
    struct stack *stack = engine->pool;

    if (!stack)
        return stack_map(engine->stack_size);
    engine->pool = stack->next;
    engine->pool_size--;
    return stack;
}

static void trim_due(struct engine_timer *timer);

static void want_trim(struct engine *engine, uint64_t when)
{
    if (!engine->trim_timer.armed)
        engine_timer_start(engine, &engine->trim_timer, when, trim_due);
}

static void stack_give(struct engine *engine, struct stack *stack)
{
    if (engine->pool_size >= POOL_MAX) {
        stack_unmap(stack);
        return;
    }
    stack->next = engine->pool;
    engine->pool = stack;
    engine->pool_size++;
    want_trim(engine, uv_now(&engine->loop) + IDLE_TRIM_MS);
}

/* ---- Fibers that have been parked for long ---- */

static void idle_add(struct fiber *fiber)
{
    struct engine *engine = fiber->engine;

    fiber->parked_at = uv_now(&engine->loop);
    fiber->is_idle = true;
    fiber->next_idle = NULL;
    fiber->previous_idle = engine->last_idle_fiber;
    if (engine->last_idle_fiber)
        engine->last_idle_fiber->next_idle = fiber;
    else
        engine->idle_fibers = fiber;
    engine->last_idle_fiber = fiber;
    want_trim(engine, fiber->parked_at + IDLE_TRIM_MS);
}

static void idle_remove(struct fiber *fiber)
{
    struct engine *engine = fiber->engine;

    if (!fiber->is_idle)
        return;
    fiber->is_idle = false;
    if (fiber->previous_idle)
        fiber->previous_idle->next_idle = fiber->next_idle;
    else
        engine->idle_fibers = fiber->next_idle;
    if (fiber->next_idle)
        fiber->next_idle->previous_idle = fiber->previous_idle;
    else
        engine->last_idle_fiber = fiber->previous_idle;
}

static void trim_due(struct engine_timer *timer)
{
    struct engine *engine = container_of(timer, struct engine, trim_timer);
    uint64_t now = engine_now();
    struct fiber *fiber;
    struct stack *stack;

    while ((fiber = engine->idle_fibers) && fiber->parked_at + IDLE_TRIM_MS <= now) {
        context_trim(&fiber->context);
        idle_remove(fiber);
    }
    for (stack = engine->pool; stack; stack = stack->next)
        stack_trim(stack);
    if (engine->idle_fibers)
        want_trim(engine, engine->idle_fibers->parked_at + IDLE_TRIM_MS);
}

/* ---- Life ---- */

static void fiber_main(void *arg)
{
    struct fiber *fiber = arg;

    fiber->result = fiber->fn(fiber->arg);
    fiber->state = FIBER_ENDED;
    context_switch_for_good(&fiber->context, &fiber->engine->thread_context);
}

static void ready_turn(uv_idle_t *handle);

static void make_ready(struct fiber *fiber)
{
    struct engine *engine = fiber->engine;

    if (engine->winding_down)
        return; /* given up: it is never resumed */
    fiber->state = FIBER_READY;
    fiber->next_ready = NULL;
    if (engine->ready_tail)
        engine->ready_tail->next_ready = fiber;
    else
        engine->ready_head = fiber;
    engine->ready_tail = fiber;
    if (!uv_is_active((uv_handle_t *)&engine->ready_turn))
        uv_idle_start(&engine->ready_turn, ready_turn);
}

HRESULT fiber_create(struct engine *engine, engine_fn *fn, void *arg, struct fiber **ret_fiber)
{
    size_t count = atomic_load_explicit(&engine->fiber_count, memory_order_relaxed);
    struct fiber *fiber;

    if (count >= engine->max_fibers)
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    fiber = calloc(1, sizeof(*fiber));
    if (!fiber)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    fiber->stack = stack_take(engine);
    if (!fiber->stack) {
        free(fiber);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    fiber->engine = engine;
    fiber->fn = fn;
    fiber->arg = arg;
    fiber->refs = 1;
    context_init(&fiber->context, fiber->stack, fiber_main, fiber);

    fiber->next = engine->fibers;
    if (engine->fibers)
        engine->fibers->previous = fiber;
    engine->fibers = fiber;
    atomic_store_explicit(&engine->fiber_count, ++count, memory_order_relaxed);
    if (count > atomic_load_explicit(&engine->fiber_peak, memory_order_relaxed))
        atomic_store_explicit(&engine->fiber_peak, count, memory_order_relaxed);
    make_ready(fiber);
    *ret_fiber = fiber;
    return S_OK;
}

static void fiber_unref(struct fiber *fiber)
{
    assert(fiber->refs > 0);
    if (--fiber->refs == 0)
        free(fiber);
}

/* On the loop's stack, after the fiber has left its own for good. */
static void fiber_end(struct fiber *fiber)
{
    struct engine *engine = fiber->engine;

    context_clear(&fiber->context);
    stack_give(engine, fiber->stack);
    fiber->stack = NULL;
    if (fiber->previous)
        fiber->previous->next = fiber->next;
    else
        engine->fibers = fiber->next;
    if (fiber->next)
        fiber->next->previous = fiber->previous;
    atomic_fetch_sub_explicit(&engine->fiber_count, 1, memory_order_relaxed);
    if (fiber->joiner)
        fiber_wake(fiber->joiner, S_OK);
    fiber_unref(fiber);
    engine_fiber_ended(engine);
}

static void fiber_resume(struct fiber *fiber)
{
    struct engine *engine = fiber->engine;

    assert(!engine->running && fiber->state == FIBER_READY);
    fiber->state = FIBER_RUNNING;
    engine->running = fiber;
    context_switch(&engine->thread_context, &fiber->context);
    engine->running = NULL;
    if (fiber->state == FIBER_ENDED)
        fiber_end(fiber);
    else if (fiber->state == FIBER_PARKED)
        idle_add(fiber);
}

static void ready_turn(uv_idle_t *handle)
{
    struct engine *engine = handle->data;
    struct fiber *fiber, *last = engine->ready_tail;

    /* Who becomes ready meanwhile runs at the next turn, after sockets and timers. */
    do {
        fiber = engine->ready_head;
        if (!fiber)
            break;
        engine->ready_head = fiber->next_ready;
        if (!engine->ready_head)
            engine->ready_tail = NULL;
        fiber_resume(fiber);
    } while (fiber != last);
    if (!engine->ready_head)
        uv_idle_stop(&engine->ready_turn);
}

void fibers_cancel_all(struct engine *engine)
{
    struct fiber *fiber;

    for (fiber = engine->fibers; fiber; fiber = fiber->next)
        fiber_cancel(fiber);
}

void fibers_clear(struct engine *engine)
{
    struct stack *stack;

    while ((stack = engine->pool)) {
        engine->pool = stack->next;
        stack_unmap(stack);
    }
    engine->pool_size = 0;
}

/* ---- Parking ---- */

struct fiber *fiber_current(void)
{
    struct engine *engine = engine_current();

    return engine && engine_is_here(engine) ? engine->running : NULL;
}

static void park(struct fiber *fiber)
{
    assert(fiber->state == FIBER_RUNNING);
    fiber->state = FIBER_PARKED;
    context_switch(&fiber->context, &fiber->engine->thread_context);
}

void fiber_wake(struct fiber_wait *wait, HRESULT result)
{
    struct fiber *fiber = wait->fiber;

    if (wait->done)
        return;
    wait->done = true;
    wait->result = result;
    if (!fiber || engine_has_stopped(fiber->engine))
        return;
    assert(engine_is_here(fiber->engine));
    if (fiber->state == FIBER_PARKED) {
        idle_remove(fiber);
        make_ready(fiber);
    }
}

HRESULT fiber_wait_out(struct fiber_wait *wait)
{
    struct fiber *fiber = fiber_current();

    assert(fiber);
    wait->fiber = fiber;
    while (!wait->done)
        park(fiber);
    return wait->result;
}

struct timed_wait {
    struct engine_timer timer;
    struct fiber_wait *wait;
};

static void wait_timed_out(struct engine_timer *timer)
{
    fiber_wake(container_of(timer, struct timed_wait, timer)->wait, MAPI_E_TIMEOUT);
}

HRESULT fiber_wait(struct fiber_wait *wait, uint64_t deadline)
{
    struct timed_wait timed = {.wait = wait};
    struct fiber *fiber = fiber_current();

    assert(fiber);
    if (wait->done)
        return wait->result;
    if (fiber->cancelled)
        return MAPI_E_USER_CANCEL;
    if (deadline <= engine_now())
        return MAPI_E_TIMEOUT;
    engine_timer_start(fiber->engine, &timed.timer, deadline, wait_timed_out);
    fiber->wait = wait;
    fiber_wait_out(wait);
    fiber->wait = NULL;
    engine_timer_stop(fiber->engine, &timed.timer);
    return wait->result;
}

/* ---- What everybody may call ---- */

HRESULT engine_spawn(struct engine *engine, engine_fn *fn, void *arg, struct fiber **ret_fiber)
{
    struct fiber *fiber;
    HRESULT hr;

    if (!engine_is_running(engine))
        return MAPI_E_NOT_INITIALIZED;
    assert(engine_is_here(engine));
    hr = fiber_create(engine, fn, arg, &fiber);
    if (FAILED(hr))
        return hr;
    if (ret_fiber) {
        fiber->refs++;
        *ret_fiber = fiber;
    }
    return S_OK;
}

HRESULT engine_spawn_closing(struct engine *engine, engine_fn *fn, void *arg)
{
    struct fiber *fiber;
    HRESULT hr;

    if (engine_has_stopped(engine) || engine->winding_down)
        return MAPI_E_NOT_INITIALIZED;
    assert(engine_is_here(engine));
    hr = fiber_create(engine, fn, arg, &fiber);
    if (SUCCEEDED(hr) && engine->stop_begun)
        fiber->cancelled = true;
    return hr;
}

/* On the engine's thread, or when the engine has stopped and no fiber runs any more. */
static bool may_touch(const struct fiber *fiber)
{
    return engine_is_here(fiber->engine) || engine_has_stopped(fiber->engine);
}

void fiber_cancel(struct fiber *fiber)
{
    assert(may_touch(fiber));
    if (fiber->state == FIBER_ENDED || fiber->cancelled)
        return;
    fiber->cancelled = true;
    if (fiber->wait)
        fiber_wake(fiber->wait, MAPI_E_USER_CANCEL);
}

bool fiber_cancelled(void)
{
    struct fiber *fiber = fiber_current();

    return fiber && fiber->cancelled;
}

HRESULT fiber_join(struct fiber *fiber)
{
    struct fiber_wait wait = {0};
    HRESULT result;

    assert(may_touch(fiber) && fiber != fiber_current());
    assert(!fiber->joiner);
    if (fiber->state != FIBER_ENDED) {
        if (fiber->engine->winding_down)
            return MAPI_E_CALL_FAILED; /* given up: it never ends, and keeps its memory */
        fiber->joiner = &wait;
        fiber_wait_out(&wait);
        fiber->joiner = NULL;
    }
    result = fiber->result;
    fiber_unref(fiber);
    return result;
}

HRESULT fiber_sleep_until(uint64_t deadline)
{
    struct timespec until = {
        .tv_sec = (time_t)(deadline / 1000),
        .tv_nsec = (long)(deadline % 1000) * 1000000,
    };
    struct fiber_wait wait = {0};
    HRESULT hr;

    switch (engine_place()) {
    case ENGINE_FIBER:
        if (fiber_cancelled())
            return MAPI_E_USER_CANCEL;
        hr = fiber_wait(&wait, deadline);
        return hr == MAPI_E_TIMEOUT ? S_OK : hr;
    case ENGINE_OUTSIDE:
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
            ;
        return S_OK;
    default:
        assert(!"waits on the loop or in a job");
        return MAPI_E_CALL_FAILED;
    }
}

HRESULT fiber_yield(void)
{
    struct fiber *fiber = fiber_current();

    if (!fiber) {
        assert(engine_place() == ENGINE_OUTSIDE);
        sched_yield();
        return S_OK;
    }
    if (fiber->cancelled)
        return MAPI_E_USER_CANCEL;
    make_ready(fiber);
    context_switch(&fiber->context, &fiber->engine->thread_context);
    return fiber->cancelled ? MAPI_E_USER_CANCEL : S_OK;
}
