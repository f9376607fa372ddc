/* Who may call what: each row of the table in docs/engine.md. */
#include <signal.h>

#include "tests/net/engines.h"

static struct engine *engine, *other;

static void setup(void)
{
    engine = engine_make("one");
    other = engine_make("two");
}

static void teardown(void)
{
    engine_end(engine);
    engine_end(other);
}

TestSuite(callers, .init = setup, .fini = teardown);

static HRESULT place_is_fiber(void *arg)
{
    pthread_t *thread = arg;

    *thread = pthread_self();
    cr_expect(engine_place() == ENGINE_FIBER);
    cr_expect(engine_current() == engine);
    cr_expect(fiber_current() != NULL);
    return MAPI_E_BUSY;
}

Test(callers, outside_thread_is_served_by_a_fiber)
{
    pthread_t thread;

    cr_expect(engine_place() == ENGINE_OUTSIDE);
    cr_expect_null(engine_current());
    cr_expect_null(fiber_current());
    assert_hr(engine_call(engine, place_is_fiber, &thread), MAPI_E_BUSY);
    cr_expect(!pthread_equal(thread, pthread_self()));
}

static HRESULT is_same_fiber(void *arg)
{
    cr_expect(fiber_current() == arg);
    return MAPI_E_BUSY;
}

static HRESULT call_own_engine(void *arg)
{
    return engine_call(engine, is_same_fiber, fiber_current());
}

Test(callers, fiber_of_the_engine_just_calls)
{
    assert_hr(engine_call(engine, call_own_engine, NULL), MAPI_E_BUSY);
}

static struct engine_event other_works, may_end;

static HRESULT work_on_other(void *arg)
{
    cr_expect(engine_current() == other);
    engine_event_set(&other_works);
    assert_hr(engine_event_wait(&may_end, GUARD), S_OK);
    return MAPI_E_BUSY;
}

static HRESULT call_other_engine(void *arg)
{
    struct fiber *self = fiber_current();
    HRESULT hr = engine_call(other, work_on_other, NULL);

    cr_expect(fiber_current() == self);
    cr_expect(engine_current() == engine);
    return hr;
}

static HRESULT nothing(void *arg)
{
    return S_OK;
}

Test(callers, fiber_of_another_engine_waits_alone)
{
    struct thread_call call = {engine, call_other_engine, NULL, 0, 0};

    engine_event_init(&other_works);
    engine_event_init(&may_end);
    thread_call_start(&call);
    assert_hr(engine_event_wait(&other_works, GUARD), S_OK);
    assert_hr(engine_call(engine, nothing, NULL), S_OK); /* the first engine goes on */
    engine_event_set(&may_end);
    assert_hr(thread_call_end(&call), MAPI_E_BUSY);
}

static HRESULT sleep_on_other(void *arg)
{
    engine_event_set(&other_works);
    return fiber_sleep_until(NO_DEADLINE);
}

static HRESULT call_sleep_on_other(void *arg)
{
    return engine_call(other, sleep_on_other, NULL);
}

static HRESULT cancel_caller_of_other(void *arg)
{
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, call_sleep_on_other, NULL, &fiber), S_OK);
    assert_hr(engine_event_wait(&other_works, GUARD), S_OK);
    fiber_cancel(fiber);
    return fiber_join(fiber);
}

Test(callers, cancel_reaches_the_call_on_the_other_engine)
{
    engine_event_init(&other_works);
    assert_hr(engine_call(engine, cancel_caller_of_other, NULL), MAPI_E_USER_CANCEL);
}

static struct engine_node node;

static void call_from_loop(struct engine_node *posted)
{
    cr_expect(engine_place() == ENGINE_LOOP);
    engine_call(engine, nothing, NULL);
}

Test(callers, loop_callback_asserts, .signal = SIGABRT)
{
    engine_post(engine, &node, call_from_loop);
    fiber_sleep_until(GUARD);
}

static struct engine_event event;

static void wait_on_loop(struct engine_node *posted)
{
    engine_event_wait(&event, GUARD);
}

Test(callers, waiting_on_the_loop_asserts, .signal = SIGABRT)
{
    engine_event_init(&event);
    engine_event_set(&event); /* even where it would not have to wait */
    engine_post(engine, &node, wait_on_loop);
    fiber_sleep_until(GUARD);
}

static HRESULT call_from_job(void *arg)
{
    cr_expect(engine_place() == ENGINE_WORKER);
    return engine_call(engine, nothing, NULL);
}

static HRESULT start_job(void *arg)
{
    return engine_work(call_from_job, NULL);
}

Test(callers, job_asserts, .signal = SIGABRT)
{
    engine_call(engine, start_job, NULL);
}

static HRESULT spawn_here(void *arg)
{
    return engine_spawn(engine, nothing, NULL, NULL);
}

Test(callers, spawning_from_outside_asserts, .signal = SIGABRT)
{
    spawn_here(NULL);
}

struct place_node {
    struct engine_node node;
    struct engine *target;
    struct engine_event done;
};

static void note_place(struct engine_node *posted)
{
    struct place_node *self = (struct place_node *)posted;

    cr_expect(engine_place() == ENGINE_LOOP);
    cr_expect(engine_current() == self->target);
    engine_event_set(&self->done);
}

static struct place_node from_job, from_loop;

static HRESULT post_from_job(void *arg)
{
    engine_post(other, &from_job.node, note_place);
    return S_OK;
}

static void post_from_loop(struct engine_node *posted)
{
    engine_post(other, &from_loop.node, note_place);
}

static HRESULT work_that_posts(void *arg)
{
    return engine_work(post_from_job, NULL);
}

Test(callers, post_works_from_jobs_and_from_the_loop)
{
    from_job.target = from_loop.target = other;
    engine_event_init(&from_job.done);
    engine_event_init(&from_loop.done);
    assert_hr(engine_call(engine, work_that_posts, NULL), S_OK);
    engine_post(engine, &node, post_from_loop);
    assert_hr(engine_event_wait(&from_job.done, GUARD), S_OK);
    assert_hr(engine_event_wait(&from_loop.done, GUARD), S_OK);
}

struct numbered {
    struct engine_node node;
    unsigned number;
};

#define POSTS 1000
static struct numbered posts[POSTS];
static unsigned seen;

static void check_order(struct engine_node *posted)
{
    struct numbered *self = (struct numbered *)posted;

    cr_assert_eq(self->number, seen);
    seen++;
}

static HRESULT how_many_seen(void *arg)
{
    return (HRESULT)seen;
}

Test(callers, posts_run_in_order_and_before_a_later_call)
{
    unsigned i;

    for (i = 0; i < POSTS; i++) {
        posts[i].number = i;
        engine_post(engine, &posts[i].node, check_order);
    }
    assert_hr(engine_call(engine, how_many_seen, NULL), POSTS);
}

static atomic_uint calls_made;

static HRESULT count_call(void *arg)
{
    fiber_yield();
    atomic_fetch_add(&calls_made, 1);
    return S_OK;
}

static void *call_often(void *arg)
{
    unsigned i;

    for (i = 0; i < 100; i++)
        assert_hr(engine_call(i % 2 ? engine : other, count_call, NULL), S_OK);
    return NULL;
}

Test(callers, many_threads_call_at_once)
{
    pthread_t threads[8];
    unsigned i;

    for (i = 0; i < 8; i++)
        threads[i] = thread_start(call_often, NULL);
    for (i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(atomic_load(&calls_made), 800);
}
