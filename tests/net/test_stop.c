/* How an engine ends. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/engine-private.h"
#include "tests/net/engines.h"

static struct engine *engine;
static struct engine_event begun;

static void setup(void)
{
    engine = engine_make("test");
    engine_event_init(&begun);
}

static void teardown(void)
{
    engine_end(engine);
}

TestSuite(stop, .init = setup, .fini = teardown);

static HRESULT nothing(void *arg)
{
    return S_OK;
}

static HRESULT sleep_for_ever(void *arg)
{
    engine_event_set(&begun);
    return fiber_sleep_until(NO_DEADLINE);
}

static void expect_refusals(void)
{
    cr_expect(!engine_is_running(engine));
    assert_hr(engine_call(engine, nothing, NULL), MAPI_E_NOT_INITIALIZED);
    assert_hr(engine_spawn(engine, nothing, NULL, NULL), MAPI_E_NOT_INITIALIZED);
}

Test(stop, wakes_waiting_callers)
{
    struct thread_call call = {engine, sleep_for_ever, NULL, 0, 0};

    thread_call_start(&call);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    engine_stop(engine);
    assert_hr(thread_call_end(&call), MAPI_E_CALL_FAILED);
    expect_refusals();
    engine_stop(engine); /* again: nothing */
}

static HRESULT unwind_slowly(void *arg)
{
    struct fiber *child;
    bool *unwound = arg;

    assert_hr(engine_spawn(engine, sleep_for_ever, NULL, &child), S_OK);
    assert_hr(fiber_sleep_until(NO_DEADLINE), MAPI_E_USER_CANCEL);
    assert_hr(fiber_join(child), MAPI_E_USER_CANCEL);
    assert_hr(engine_spawn(engine, nothing, NULL, NULL), MAPI_E_NOT_INITIALIZED);
    *unwound = true;
    return MAPI_E_BUSY;
}

Test(stop, awaits_cancelled_fibers)
{
    bool unwound = false;
    struct thread_call call = {engine, unwind_slowly, &unwound, 0, 0};

    thread_call_start(&call);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    engine_stop(engine);
    cr_expect(unwound);
    assert_hr(thread_call_end(&call), MAPI_E_BUSY); /* the call's own answer */
}

static HRESULT ignore_cancel(void *arg)
{
    engine_event_set(&begun);
    engine_event_wait_out(arg);
    cr_assert_fail("resumed after the end");
    return S_OK;
}

Test(stop, gives_up_on_fibers_that_ignore_it)
{
    static struct engine_event never; /* outlives the test, as the fiber does */
    struct engine_options options = {.name = "short", .stop_after = 50};
    struct thread_call call = {NULL, ignore_cancel, &never, 0, 0};
    static struct engine *stubborn;

    engine_event_init(&never);
    assert_hr(engine_create(&options, &stubborn), S_OK);
    call.engine = stubborn;
    thread_call_start(&call);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    engine_stop(stubborn);
    assert_hr(thread_call_end(&call), MAPI_E_CALL_FAILED);
    engine_unref(stubborn);
    engine_event_set(&never); /* its waiter is still in the list: wakes nobody, breaks nothing */
}

/* What a last Release posts: it closes in a fiber, or on the spot when no fiber runs any more. */
struct closer {
    struct engine_node node;
    struct engine_mutex gate;
    bool in_fiber, closed;
};

static HRESULT close_something(void *arg)
{
    struct closer *closer = arg;

    closer->in_fiber = fiber_current() != NULL;
    assert_hr(engine_mutex_lock(&closer->gate, NO_DEADLINE), S_OK);
    engine_mutex_unlock(&closer->gate);
    if (closer->in_fiber && !engine_is_running(engine))
        assert_hr(fiber_sleep_until(NO_DEADLINE), MAPI_E_USER_CANCEL);
    closer->closed = true;
    return S_OK;
}

static void close_on_loop(struct engine_node *node)
{
    struct closer *closer = container_of(node, struct closer, node);

    if (FAILED(engine_spawn_closing(engine, close_something, closer)))
        close_something(closer);
}

static HRESULT post_closer(void *arg)
{
    struct closer *closer = arg;

    engine_event_set(&begun);
    assert_hr(fiber_sleep_until(NO_DEADLINE), MAPI_E_USER_CANCEL);
    engine_post(engine, &closer->node, close_on_loop); /* and this was the last fiber */
    return S_OK;
}

Test(stop, what_closes_may_start_a_fiber_while_stopping)
{
    struct closer closer = {0};
    struct thread_call call = {engine, post_closer, &closer, 0, 0};

    engine_mutex_init(&closer.gate);
    thread_call_start(&call);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    engine_stop(engine);
    cr_expect(closer.closed);
    cr_expect(closer.in_fiber);
    thread_call_end(&call);
}

Test(stop, what_closes_after_the_end_runs_on_the_spot)
{
    struct closer closer = {0};

    engine_mutex_init(&closer.gate);
    engine_stop(engine);
    engine_post(engine, &closer.node, close_on_loop);
    cr_expect(closer.closed);
    cr_expect(!closer.in_fiber);
}

static HRESULT end_at_once(void *arg)
{
    struct fiber **ret_fiber = arg;

    return engine_spawn(engine, nothing, NULL, ret_fiber);
}

Test(stop, an_ended_fiber_can_be_joined_after_the_end)
{
    struct fiber *fiber = NULL;

    assert_hr(engine_call(engine, end_at_once, &fiber), S_OK);
    engine_stop(engine);
    fiber_cancel(fiber);
    assert_hr(fiber_join(fiber), S_OK);
}

static atomic_bool job_may_end, job_ended;

static HRESULT slow_job(void *arg)
{
    uint64_t guard = GUARD;

    engine_event_set(&begun);
    while (!atomic_load(&job_may_end) && engine_now() < guard)
        usleep(1000);
    atomic_store(&job_ended, true);
    return S_OK;
}

static HRESULT work_slowly(void *arg)
{
    return engine_work(slow_job, NULL);
}

static void *end_job_later(void *arg)
{
    usleep(200000); /* longer than stop_after */
    atomic_store(&job_may_end, true);
    return NULL;
}

Test(stop, awaits_running_jobs)
{
    struct engine_options options = {.name = "short", .stop_after = 20};
    struct thread_call call = {NULL, work_slowly, NULL, 0, 0};
    struct engine *worker;
    pthread_t thread;

    assert_hr(engine_create(&options, &worker), S_OK);
    call.engine = worker;
    thread_call_start(&call);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    thread = thread_start(end_job_later, NULL);
    engine_stop(worker);
    cr_expect(atomic_load(&job_ended));
    assert_hr(thread_call_end(&call), S_OK);
    pthread_join(thread, NULL);
    engine_unref(worker);
}

/* By the links of a folder: no descriptor, which TSan would see pass between unordered threads. */
static unsigned threads_alive(void)
{
    struct stat status;

    cr_assert(stat("/proc/self/task", &status) == 0);
    return (unsigned)status.st_nlink - 2;
}

static HRESULT stop_own(void *arg)
{
    engine_stop(engine);
    return fiber_sleep_until(NO_DEADLINE);
}

static void await_threads(unsigned count)
{
    uint64_t guard = GUARD;

    while (threads_alive() > count && engine_now() < guard)
        usleep(1000);
    cr_expect_eq(threads_alive(), count);
}

Test(stop, from_a_fiber_defers_the_join)
{
    unsigned before = threads_alive();

    assert_hr(engine_call(engine, stop_own, NULL), MAPI_E_CALL_FAILED);
    await_threads(before - 1);
    expect_refusals();
}

static void stop_from_loop(struct engine_node *node)
{
    engine_stop(engine);
    engine_unref(engine); /* of the test: the thread keeps its own until it has ended */
}

Test(stop, from_the_loop_defers_the_join)
{
    static struct engine_node node;
    unsigned before = threads_alive();

    engine_ref(engine);
    engine_post(engine, &node, stop_from_loop);
    await_threads(before - 1);
}

static HRESULT stop_other(void *arg)
{
    engine_stop(arg);
    return S_OK;
}

Test(stop, from_a_fiber_of_another_engine)
{
    struct engine *other = engine_make("other");
    struct thread_call call = {engine, sleep_for_ever, NULL, 0, 0};

    thread_call_start(&call);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    assert_hr(engine_call(other, stop_other, engine), S_OK);
    assert_hr(thread_call_end(&call), MAPI_E_CALL_FAILED);
    engine_end(other);
}

/* ---- Nodes after the end ---- */

static struct engine_node first, second;
static char order[8];
static size_t ran;

static void run_second(struct engine_node *node)
{
    order[ran++] = '2';
}

static void run_first(struct engine_node *node)
{
    engine_post(engine, &second, run_second);
    order[ran++] = '1'; /* not nested: the second waits its turn */
}

Test(stop, later_posts_run_on_the_caller_one_at_a_time)
{
    engine_stop(engine);
    engine_post(engine, &first, run_first);
    cr_expect_str_eq(order, "12");
}

static unsigned late_runs; /* no lock: they exclude each other */

static void count_late(struct engine_node *node)
{
    late_runs++;
    free(node);
}

static void *post_late(void *arg)
{
    unsigned i;

    for (i = 0; i < 500; i++)
        engine_post(engine, calloc(1, sizeof(struct engine_node)), count_late);
    return NULL;
}

Test(stop, posts_race_with_the_end_and_none_is_lost)
{
    pthread_t threads[4];
    unsigned i;

    for (i = 0; i < 4; i++)
        threads[i] = thread_start(post_late, NULL);
    engine_stop(engine);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(late_runs, 2000);
}

static void *call_until_refused(void *arg)
{
    HRESULT hr;

    do
        hr = engine_call(engine, nothing, NULL);
    while (hr == S_OK);
    cr_expect(hr == MAPI_E_NOT_INITIALIZED || hr == MAPI_E_CALL_FAILED);
    return NULL;
}

Test(stop, calls_race_with_the_end_and_all_return)
{
    pthread_t threads[4];
    unsigned i;

    for (i = 0; i < 4; i++)
        threads[i] = thread_start(call_until_refused, NULL);
    fiber_sleep_until(engine_now() + 5);
    engine_stop(engine);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

/* ---- Hooks ---- */

struct hooked {
    struct engine_hook hook;
    uv_timer_t handle;
    bool stopped, closed;
};

static void hooked_closed(uv_handle_t *handle)
{
    ((struct hooked *)handle->data)->closed = true;
}

static void hooked_stop(struct engine_hook *hook)
{
    struct hooked *self = container_of(hook, struct hooked, hook);

    cr_expect(!hook->added);
    engine_hook_remove(engine, hook); /* as its owner might: nothing */
    self->stopped = true;
    uv_close((uv_handle_t *)&self->handle, hooked_closed);
}

static void hooked_fire(uv_timer_t *handle)
{
}

static HRESULT add_hooks(void *arg)
{
    struct hooked *hooked = arg;
    unsigned i;

    for (i = 0; i < 3; i++) {
        uv_timer_init(engine_loop(engine), &hooked[i].handle);
        hooked[i].handle.data = &hooked[i];
        uv_timer_start(&hooked[i].handle, hooked_fire, 1000000, 0);
        engine_hook_add(engine, &hooked[i].hook, hooked_stop);
    }
    engine_hook_remove(engine, &hooked[1].hook);
    uv_close((uv_handle_t *)&hooked[1].handle, NULL);
    *engine_slot(engine, ENGINE_SLOT_RESOLVER) = hooked;
    cr_expect(*engine_slot(engine, ENGINE_SLOT_PROBERS) == NULL);
    return S_OK;
}

Test(stop, hooks_close_what_is_on_the_loop)
{
    struct hooked hooked[3] = {0};

    assert_hr(engine_call(engine, add_hooks, hooked), S_OK);
    engine_stop(engine);
    cr_expect(hooked[0].stopped && hooked[0].closed);
    cr_expect(!hooked[1].stopped);
    cr_expect(hooked[2].stopped && hooked[2].closed);
    cr_expect(engine_has_stopped(engine));
}

static HRESULT leave_handle(void *arg)
{
    return uv_timer_init(engine_loop(engine), arg);
}

Test(stop, handle_left_on_the_loop_asserts, .signal = SIGABRT)
{
    static uv_timer_t handle;

    engine_call(engine, leave_handle, &handle);
    engine_stop(engine);
}
