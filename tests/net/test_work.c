#include <sched.h>
#include <unistd.h>

#include "tests/net/engines.h"

static struct engine *engine;
static struct engine_event begun;
static atomic_bool job_may_end;

static void setup(void)
{
    struct engine_options options = {.name = "test", .workers = 2};

    assert_hr(engine_create(&options, &engine), S_OK);
    engine_event_init(&begun);
}

static void teardown(void)
{
    engine_end(engine);
}

TestSuite(work, .init = setup, .fini = teardown);

static HRESULT note_thread(void *arg)
{
    *(pthread_t *)arg = pthread_self();
    return MAPI_E_BUSY;
}

static HRESULT work_elsewhere(void *arg)
{
    pthread_t thread;

    assert_hr(engine_work(note_thread, &thread), MAPI_E_BUSY);
    cr_expect(!pthread_equal(thread, pthread_self()));
    return S_OK;
}

Test(work, runs_off_the_loop_and_returns_the_result)
{
    pthread_t thread;

    assert_hr(engine_call(engine, work_elsewhere, NULL), S_OK);
    assert_hr(engine_work(note_thread, &thread), MAPI_E_BUSY); /* outside: here and now */
    cr_expect(pthread_equal(thread, pthread_self()));
}

static HRESULT block(void *arg)
{
    uint64_t guard = GUARD;

    engine_event_set(&begun);
    while (!atomic_load(&job_may_end) && engine_now() < guard)
        usleep(1000);
    return 5;
}

static HRESULT work_blocked(void *arg)
{
    return engine_work(block, NULL);
}

static HRESULT nothing(void *arg)
{
    return S_OK;
}

Test(work, loop_goes_on_while_a_job_blocks)
{
    struct thread_call call = {engine, work_blocked, NULL, 0, 0};

    thread_call_start(&call);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    assert_hr(engine_call(engine, nothing, NULL), S_OK);
    atomic_store(&job_may_end, true);
    assert_hr(thread_call_end(&call), 5);
}

static atomic_uint running, most;

static HRESULT count_running(void *arg)
{
    unsigned now = atomic_fetch_add(&running, 1) + 1, seen = atomic_load(&most);

    while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
        ;
    sched_yield();
    atomic_fetch_sub(&running, 1);
    return S_OK;
}

static HRESULT rendezvous(void *arg)
{
    pthread_barrier_wait(arg);
    return S_OK;
}

static HRESULT work_rendezvous(void *arg)
{
    return engine_work(rendezvous, arg);
}

Test(work, jobs_run_side_by_side)
{
    pthread_barrier_t barrier;
    struct thread_call one = {engine, work_rendezvous, &barrier, 0, 0};
    struct thread_call two = {engine, work_rendezvous, &barrier, 0, 0};

    pthread_barrier_init(&barrier, NULL, 2);
    thread_call_start(&one);
    thread_call_start(&two);
    assert_hr(thread_call_end(&one), S_OK);
    assert_hr(thread_call_end(&two), S_OK);
    pthread_barrier_destroy(&barrier);
}

static HRESULT work_fifty(void *arg)
{
    struct fiber *fibers[50];
    unsigned i;

    for (i = 0; i < 50; i++)
        assert_hr(engine_spawn(engine, arg, NULL, &fibers[i]), S_OK);
    for (i = 0; i < 50; i++)
        assert_hr(fiber_join(fibers[i]), S_OK);
    return S_OK;
}

static HRESULT work_count(void *arg)
{
    return engine_work(count_running, NULL);
}

Test(work, never_more_threads_than_asked_for)
{
    assert_hr(engine_call(engine, work_fifty, work_count), S_OK);
    cr_expect_leq(atomic_load(&most), 2);
}

static HRESULT work_twice(void *arg)
{
    HRESULT hr = engine_work(block, NULL);

    cr_expect(fiber_cancelled());
    assert_hr(engine_work(nothing, NULL), MAPI_E_USER_CANCEL);
    return hr;
}

static HRESULT cancel_worker(void *arg)
{
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, work_twice, NULL, &fiber), S_OK);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    fiber_cancel(fiber);
    fiber_yield();
    atomic_store(&job_may_end, true);
    return fiber_join(fiber);
}

Test(work, cancel_awaits_the_job)
{
    assert_hr(engine_call(engine, cancel_worker, NULL), 5);
}
