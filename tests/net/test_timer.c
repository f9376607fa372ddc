#include "net/engine-private.h"
#include "tests/net/engines.h"

static struct engine *engine;

static void setup(void)
{
    engine = engine_make("test");
}

static void teardown(void)
{
    engine_end(engine);
}

TestSuite(timer, .init = setup, .fini = teardown);

#define TIMERS 500

struct test_timer {
    struct engine_timer timer;
    bool is_stopped;
};
static struct test_timer timers[TIMERS];
static struct engine_timer *last_fired;
static unsigned fired;
static struct engine_event all_fired;

static void check_order(struct engine_timer *timer)
{
    cr_expect(engine_place() == ENGINE_LOOP);
    cr_expect(engine_now() >= timer->deadline);
    cr_expect(!timer->armed);
    cr_expect(!((struct test_timer *)timer)->is_stopped);
    if (last_fired)
        cr_expect(
            timer->deadline > last_fired->deadline ||
            (timer->deadline == last_fired->deadline && timer->sequence > last_fired->sequence));
    last_fired = timer;
    if (++fired == TIMERS - TIMERS / 5)
        engine_event_set(&all_fired);
}

static HRESULT start_many(void *arg)
{
    uint64_t base = engine_now() + 10;
    unsigned i;

    for (i = 0; i < TIMERS; i++)
        engine_timer_start(engine, &timers[i].timer, base + i * 7919 % 61, check_order);
    for (i = 0; i < TIMERS; i += 3) /* moved, both ways */
        engine_timer_start(engine, &timers[i].timer, base + i * 31 % 47, check_order);
    for (i = 0; i < TIMERS; i += 5) {
        timers[i].is_stopped = true;
        engine_timer_stop(engine, &timers[i].timer);
        engine_timer_stop(engine, &timers[i].timer);
    }
    return engine_event_wait(&all_fired, GUARD);
}

Test(timer, fires_in_the_order_of_deadlines)
{
    engine_event_init(&all_fired);
    assert_hr(engine_call(engine, start_many, NULL), S_OK);
    cr_expect_eq(fired, TIMERS - TIMERS / 5);
}

static unsigned rounds;

static void start_again(struct engine_timer *timer)
{
    rounds++;
    engine_timer_start(engine, timer, 0, start_again);
}

static HRESULT watch_restarts(void *arg)
{
    struct engine_timer timer = {0};
    uint64_t guard = GUARD;

    engine_timer_start(engine, &timer, 0, start_again);
    while (rounds < 5 && engine_now() < guard)
        fiber_yield(); /* starved, if it never came back */
    engine_timer_stop(engine, &timer);
    return S_OK;
}

Test(timer, restarting_in_the_callback_does_not_starve_the_loop)
{
    assert_hr(engine_call(engine, watch_restarts, NULL), S_OK);
    cr_expect_geq(rounds, 5);
}

static void never(struct engine_timer *timer)
{
    cr_assert_fail();
}

static HRESULT start_without_deadline(void *arg)
{
    struct engine_timer timer = {0};

    engine_timer_start(engine, &timer, engine_now() + 1, never);
    engine_timer_start(engine, &timer, NO_DEADLINE, never);
    cr_expect(!timer.armed);
    return fiber_sleep_until(engine_now() + 10);
}

Test(timer, no_deadline_stops)
{
    assert_hr(engine_call(engine, start_without_deadline, NULL), S_OK);
}
