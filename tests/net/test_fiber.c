#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

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

TestSuite(fiber, .init = setup, .fini = teardown);

static HRESULT in_fiber(engine_fn *fn)
{
    return engine_call(engine, fn, NULL);
}

/* ---- Join and turns ---- */

static HRESULT give_back(void *arg)
{
    return *(HRESULT *)arg;
}

static HRESULT join_early_and_late(void *arg)
{
    HRESULT first = 11, second = 22;
    struct fiber *a, *b;

    assert_hr(engine_spawn(engine, give_back, &first, &a), S_OK);
    assert_hr(engine_spawn(engine, give_back, &second, &b), S_OK);
    assert_hr(fiber_join(b), 22);
    assert_hr(fiber_join(a), 11); /* has long ended */
    return S_OK;
}

Test(fiber, join_returns_the_result)
{
    assert_hr(in_fiber(join_early_and_late), S_OK);
}

static char order[64];

static HRESULT write_letter(void *arg)
{
    unsigned i;

    for (i = 0; i < 3; i++) {
        strncat(order, arg, 1);
        fiber_yield();
    }
    return S_OK;
}

static HRESULT three_letters(void *arg)
{
    struct fiber *fibers[3];
    unsigned i;
    char *letters[] = {"a", "b", "c"};

    for (i = 0; i < 3; i++)
        assert_hr(engine_spawn(engine, write_letter, letters[i], &fibers[i]), S_OK);
    cr_assert_str_eq(order, ""); /* they start at the next turn */
    for (i = 0; i < 3; i++)
        fiber_join(fibers[i]);
    return S_OK;
}

Test(fiber, ready_fibers_take_turns)
{
    assert_hr(in_fiber(three_letters), S_OK);
    cr_expect_str_eq(order, "abcabcabc");
}

static bool hog_may_end;
static struct engine_event hog_begun;

static HRESULT hog(void *arg)
{
    engine_event_set(&hog_begun);
    while (!hog_may_end)
        fiber_yield();
    return S_OK;
}

static HRESULT end_hog(void *arg)
{
    hog_may_end = true;
    return S_OK;
}

static HRESULT sleep_beside_hog(void *arg)
{
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, hog, NULL, &fiber), S_OK);
    assert_hr(fiber_sleep_until(engine_now() + 5), S_OK); /* timers go on */
    fiber_yield();
    return fiber_join(fiber);
}

Test(fiber, yielding_fibers_starve_neither_timers_nor_posts)
{
    struct thread_call call = {engine, sleep_beside_hog, NULL, 0, 0};

    engine_event_init(&hog_begun);
    thread_call_start(&call);
    assert_hr(engine_event_wait(&hog_begun, GUARD), S_OK);
    assert_hr(in_fiber(end_hog), S_OK);
    assert_hr(thread_call_end(&call), S_OK);
}

/* ---- Sleep ---- */

static HRESULT sleep_thirty(void *arg)
{
    uint64_t until = engine_now() + 30;

    assert_hr(fiber_sleep_until(until), S_OK);
    cr_expect(engine_now() >= until);
    assert_hr(fiber_sleep_until(0), S_OK);
    return S_OK;
}

Test(fiber, sleep_ends_at_its_deadline)
{
    assert_hr(in_fiber(sleep_thirty), S_OK);
    assert_hr(sleep_thirty(NULL), S_OK); /* outside, too */
}

/* ---- Cancel ---- */

static HRESULT wait_thrice(void *arg)
{
    struct engine_event never;

    engine_event_init(&never);
    cr_expect(!fiber_cancelled());
    assert_hr(engine_event_wait(&never, NO_DEADLINE), MAPI_E_USER_CANCEL);
    cr_expect(fiber_cancelled());
    assert_hr(fiber_sleep_until(NO_DEADLINE), MAPI_E_USER_CANCEL);
    assert_hr(engine_event_wait(&never, NO_DEADLINE), MAPI_E_USER_CANCEL);
    assert_hr(fiber_yield(), MAPI_E_USER_CANCEL);
    engine_event_set(&never);
    assert_hr(engine_event_wait(&never, NO_DEADLINE), S_OK); /* no wait, no error */
    engine_event_clear(&never);
    return MAPI_E_BUSY;
}

static HRESULT cancel_waiting(void *arg)
{
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, wait_thrice, NULL, &fiber), S_OK);
    fiber_yield();
    fiber_yield();
    fiber_cancel(fiber);
    fiber_cancel(fiber);
    return fiber_join(fiber);
}

Test(fiber, cancel_ends_this_wait_and_each_after_it)
{
    assert_hr(in_fiber(cancel_waiting), MAPI_E_BUSY);
}

static HRESULT note_cancelled(void *arg)
{
    *(bool *)arg = fiber_cancelled();
    return S_OK;
}

static HRESULT cancel_before_start_and_after_end(void *arg)
{
    struct fiber *fiber;
    bool was_cancelled = false;

    assert_hr(engine_spawn(engine, note_cancelled, &was_cancelled, &fiber), S_OK);
    fiber_cancel(fiber);
    fiber_yield();
    fiber_yield();
    cr_expect(was_cancelled); /* it ran all the same: it may have something to give back */
    fiber_cancel(fiber);
    return fiber_join(fiber);
}

Test(fiber, cancel_before_start_and_after_end)
{
    assert_hr(in_fiber(cancel_before_start_and_after_end), S_OK);
}

static HRESULT sleep_for_ever(void *arg)
{
    return fiber_sleep_until(NO_DEADLINE);
}

static HRESULT join_while_cancelled(void *arg)
{
    struct fiber *fiber;
    HRESULT hr;

    assert_hr(engine_spawn(engine, sleep_for_ever, NULL, &fiber), S_OK);
    *(struct fiber **)arg = fiber;
    hr = fiber_join(fiber);
    cr_expect(fiber_cancelled());
    return hr == MAPI_E_USER_CANCEL ? MAPI_E_BUSY : hr;
}

static HRESULT cancel_joiner_first(void *arg)
{
    struct fiber *joiner, *joined = NULL;

    assert_hr(engine_spawn(engine, join_while_cancelled, &joined, &joiner), S_OK);
    while (!joined)
        fiber_yield();
    fiber_yield();
    fiber_cancel(joiner);
    fiber_yield();
    fiber_cancel(joined);
    return fiber_join(joiner);
}

Test(fiber, join_is_not_interrupted_by_a_cancel)
{
    assert_hr(in_fiber(cancel_joiner_first), MAPI_E_BUSY);
}

/* ---- Stacks ---- */

static HRESULT nothing(void *arg)
{
    return S_OK;
}

static HRESULT spawn_too_many(void *arg)
{
    struct engine *small = arg;
    struct fiber *fibers[3];
    unsigned i;

    for (i = 0; i < 3; i++)
        assert_hr(engine_spawn(small, nothing, NULL, &fibers[i]), S_OK);
    assert_hr(engine_spawn(small, nothing, NULL, NULL), MAPI_E_NOT_ENOUGH_RESOURCES);
    for (i = 0; i < 3; i++)
        assert_hr(fiber_join(fibers[i]), S_OK);
    assert_hr(engine_spawn(small, nothing, NULL, NULL), S_OK);
    return S_OK;
}

Test(fiber, number_of_fibers_is_limited)
{
    struct engine_options options = {.name = "small", .max_fibers = 4};
    struct engine *small;

    assert_hr(engine_create(&options, &small), S_OK);
    assert_hr(engine_call(small, spawn_too_many, small), S_OK);
    engine_end(small);
}

static HRESULT call_own_limit(void *arg)
{
    struct engine *small = arg;
    struct thread_call call = {small, nothing, NULL, 0, 0};
    struct engine_event never;

    engine_event_init(&never);
    thread_call_start(&call);
    assert_hr(engine_event_wait(&never, engine_now() + 50), MAPI_E_TIMEOUT);
    return thread_call_end(&call);
}

Test(fiber, call_beyond_the_limit_is_refused)
{
    struct engine_options options = {.name = "small", .max_fibers = 1};
    struct engine *small;

    assert_hr(engine_create(&options, &small), S_OK);
    assert_hr(engine_call(small, call_own_limit, small), MAPI_E_NOT_ENOUGH_RESOURCES);
    engine_end(small);
}

#ifdef __x86_64__
static HRESULT use_odd_rounding(void *arg)
{
    _MM_SET_ROUNDING_MODE(_MM_ROUND_UP);
    fiber_yield();
    cr_expect_eq(_MM_GET_ROUNDING_MODE(), _MM_ROUND_UP);
    return S_OK;
}

static HRESULT keep_usual_rounding(void *arg)
{
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, use_odd_rounding, NULL, &fiber), S_OK);
    fiber_yield();
    fiber_yield();
    cr_expect_eq(_MM_GET_ROUNDING_MODE(), _MM_ROUND_NEAREST);
    return fiber_join(fiber);
}

Test(fiber, floating_point_control_is_each_fibers_own)
{
    assert_hr(in_fiber(keep_usual_rounding), S_OK);
}
#endif

static HRESULT aligned_frame(void *arg)
{
    char __attribute__((aligned(16))) local[64];
    long double x = 1.5L; /* movaps is what a misaligned stack trips over */

    memset(local, 1, sizeof(local));
    cr_expect_eq((uintptr_t)local % 16, 0);
    cr_expect_eq((uintptr_t)__builtin_frame_address(0) % 16, 0);
    cr_expect(x * 2 == 3);
    return S_OK;
}

Test(fiber, stack_is_aligned)
{
    assert_hr(in_fiber(aligned_frame), S_OK);
}

/* How many pages of a range are in memory. */
static size_t resident(const char *from, size_t pages)
{
    unsigned char *in_core = malloc(pages);
    size_t i, count = 0, page = (size_t)sysconf(_SC_PAGESIZE);

    cr_assert(mincore((void *)((uintptr_t)from & ~(page - 1)), pages * page, in_core) == 0);
    for (i = 0; i < pages; i++)
        count += in_core[i] & 1;
    free(in_core);
    return count;
}

static char *deepest;

static __attribute__((noinline)) int use_stack(unsigned frames)
{
    volatile char frame[4096];

    memset((char *)frame, (int)frames, sizeof(frame));
    deepest = (char *)frame;
    return frames == 0 ? frame[17] : use_stack(frames - 1) + frame[42];
}

static HRESULT go_deep_and_park(void *arg)
{
    char local[128];
    size_t depth;

    memset(local, 'x', sizeof(local));
    use_stack(30); /* 120 KiB and more */
    depth = resident(deepest, 16);
    cr_assert_eq(depth, 16);
    fiber_sleep_until(engine_now() + 100);
    cr_expect_eq(resident(deepest, 16), 16, "given back too early");
    while (resident(deepest, 16) > 0 && engine_now() < *(uint64_t *)arg)
        fiber_sleep_until(engine_now() + 1500);
    cr_expect_eq(resident(deepest, 16), 0);
    cr_expect_eq(local[100], 'x');
    return S_OK;
}

Test(fiber, parked_fiber_gives_its_unused_stack_back)
{
    uint64_t guard = GUARD;

    assert_hr(engine_call(engine, go_deep_and_park, &guard), S_OK);
}

static HRESULT park_thousands(void *arg)
{
    enum { COUNT = 2000 };
    struct fiber **fibers = calloc(COUNT, sizeof(*fibers));
    unsigned i;

    for (i = 0; i < COUNT; i++)
        assert_hr(engine_spawn(engine, sleep_for_ever, NULL, &fibers[i]), S_OK);
    fiber_yield();
    fiber_yield();
    for (i = 0; i < COUNT; i++)
        fiber_cancel(fibers[i]);
    for (i = 0; i < COUNT; i++)
        assert_hr(fiber_join(fibers[i]), MAPI_E_USER_CANCEL);
    free(fibers);
    return S_OK;
}

Test(fiber, two_thousand_at_once)
{
    struct engine_stats stats;

    assert_hr(in_fiber(park_thousands), S_OK);
    engine_stats(engine, &stats);
    cr_expect_geq(stats.fibers_peak, 2001);
}
