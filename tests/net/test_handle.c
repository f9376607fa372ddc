#include <signal.h>
#include <stdlib.h>

#include "net/engine-private.h"
#include "net/handle.h"
#include "tests/net/engines.h"

static struct engine *engine;
static atomic_uint cores_freed, handles_freed, handles_released;
static struct engine_event freed;

static void setup(void)
{
    engine = engine_make("test");
    engine_event_init(&freed);
}

static void teardown(void)
{
    engine_end(engine);
}

TestSuite(handle, .init = setup, .fini = teardown);

/* A parent and its child, each a handle with a core; the child's core holds its parent's. */
struct test_core {
    struct core core;
    struct test_core *parent; /* reference */
};

struct test_handle {
    struct handle handle;
    struct test_handle *parent; /* reference */
    pthread_t released_on;
};

static pthread_t released_on;

static void test_core_free(struct core *core)
{
    struct test_core *self = container_of(core, struct test_core, core);

    cr_expect(engine_is_here(engine) || engine_has_stopped(engine));
    if (self->parent)
        core_unref(&self->parent->core);
    free(self);
    atomic_fetch_add(&cores_freed, 1);
}

static void test_handle_released(struct handle *handle)
{
    struct test_handle *self = container_of(handle, struct test_handle, handle);

    released_on = pthread_self();
    atomic_fetch_add(&handles_released, 1);
    if (self->parent)
        handle_unref(&self->parent->handle);
}

static void test_handle_free(struct handle *handle)
{
    free(container_of(handle, struct test_handle, handle));
    atomic_fetch_add(&handles_freed, 1);
    engine_event_set(&freed);
}

static const struct handle_ops test_handle_ops = {
    .released = test_handle_released,
    .free = test_handle_free,
};

struct make {
    struct test_handle *parent, *made;
};

static HRESULT make_on_engine(void *arg)
{
    struct make *make = arg;
    struct test_core *core = calloc(1, sizeof(*core));
    struct test_handle *handle = calloc(1, sizeof(*handle));

    core_init(&core->core, engine, test_core_free);
    if (make->parent) {
        core->parent = container_of(make->parent->handle.core, struct test_core, core);
        core_ref(&core->parent->core);
        handle->parent = make->parent;
        handle_ref(&handle->parent->handle);
    }
    handle_init(&handle->handle, &test_handle_ops, &core->core);
    make->made = handle;
    return S_OK;
}

static struct test_handle *make_handle(struct test_handle *parent)
{
    struct make make = {.parent = parent};

    assert_hr(engine_call(engine, make_on_engine, &make), S_OK);
    return make.made;
}

static HRESULT nothing(void *arg)
{
    return S_OK;
}

Test(handle, last_unref_gives_the_core_back_on_the_engine)
{
    struct test_handle *handle = make_handle(NULL);

    cr_expect_eq(handle_ref(&handle->handle), 2);
    cr_expect_eq(handle_unref(&handle->handle), 1);
    cr_expect_eq(atomic_load(&handles_released), 0);
    cr_expect_eq(handle_unref(&handle->handle), 0);
    cr_expect_eq(atomic_load(&handles_released), 1);
    cr_expect(pthread_equal(released_on, pthread_self()));
    assert_hr(engine_event_wait(&freed, GUARD), S_OK);
    assert_hr(engine_call(engine, nothing, NULL), S_OK);
    cr_expect_eq(atomic_load(&cores_freed), 1);
    cr_expect_eq(atomic_load(&handles_freed), 1);
}

Test(handle, child_keeps_its_parent)
{
    struct test_handle *parent = make_handle(NULL), *child = make_handle(parent);

    cr_expect_eq(handle_unref(&parent->handle), 1);
    assert_hr(engine_call(engine, nothing, NULL), S_OK);
    cr_expect_eq(atomic_load(&cores_freed), 0);
    handle_unref(&child->handle);
    assert_hr(engine_call(engine, nothing, NULL), S_OK);
    cr_expect_eq(atomic_load(&cores_freed), 2);
    cr_expect_eq(atomic_load(&handles_freed), 2);
}

static void unref_on_loop(struct engine_node *node)
{
    handle_unref(&(*(struct test_handle **)(node + 1))->handle);
}

static HRESULT unref_in_job(void *arg)
{
    handle_unref(&((struct test_handle *)arg)->handle);
    return S_OK;
}

static HRESULT unref_in_fiber_and_job(void *arg)
{
    struct test_handle **handles = arg;

    handle_unref(&handles[0]->handle);
    return engine_work(unref_in_job, handles[1]);
}

Test(handle, last_unref_is_legal_anywhere)
{
    struct {
        struct engine_node node;
        struct test_handle *handle;
    } on_loop = {.handle = make_handle(NULL)};
    struct test_handle *handles[2] = {make_handle(NULL), make_handle(NULL)};

    engine_post(engine, &on_loop.node, unref_on_loop);
    assert_hr(engine_call(engine, unref_in_fiber_and_job, handles), S_OK);
    assert_hr(engine_call(engine, nothing, NULL), S_OK);
    cr_expect_eq(atomic_load(&handles_freed), 3);
}

Test(handle, outlives_the_engines_thread)
{
    struct test_handle *parent = make_handle(NULL), *child = make_handle(parent);

    handle_unref(&parent->handle);
    engine_stop(engine);
    assert_hr(handle_call(&child->handle, nothing, NULL), MAPI_E_NOT_INITIALIZED);
    handle_unref(&child->handle); /* no loop: cores go on this thread */
    cr_expect_eq(atomic_load(&cores_freed), 2);
    cr_expect_eq(atomic_load(&handles_freed), 2);
}

#define RELEASES 400
static struct test_handle *shared[RELEASES];

static void *release_all(void *arg)
{
    unsigned i;

    for (i = 0; i < RELEASES; i++)
        handle_unref(&shared[i]->handle);
    return NULL;
}

Test(handle, releases_race_with_the_end)
{
    struct test_handle *parent = make_handle(NULL);
    pthread_t threads[3];
    unsigned i;

    for (i = 0; i < RELEASES; i++) {
        shared[i] = make_handle(parent);
        handle_ref(&shared[i]->handle);
        handle_ref(&shared[i]->handle);
    }
    handle_unref(&parent->handle);
    for (i = 0; i < 3; i++)
        threads[i] = thread_start(release_all, NULL);
    engine_stop(engine);
    for (i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(atomic_load(&cores_freed), RELEASES + 1);
    cr_expect_eq(atomic_load(&handles_freed), RELEASES + 1);
}

static void core_unref_outside(struct core *core)
{
    core_unref(core);
}

Test(handle, touching_a_core_outside_asserts, .signal = SIGABRT)
{
    core_unref_outside(make_handle(NULL)->handle.core);
}

/* ---- The gate ---- */

static struct engine_event begun, may_end;
static unsigned operations, at_once;

static HRESULT operate(void *arg)
{
    cr_expect_eq(++at_once, 1);
    engine_event_set(&begun);
    assert_hr(engine_event_wait(&may_end, GUARD), S_OK);
    cr_expect_eq(at_once--, 1);
    operations++;
    return S_OK;
}

static void *operate_outside(void *arg)
{
    assert_hr(handle_call(arg, operate, NULL), S_OK);
    return NULL;
}

Test(handle, one_waiting_operation_at_a_time)
{
    struct test_handle *handle = make_handle(NULL);
    pthread_t one, two;

    engine_event_init(&begun);
    engine_event_init(&may_end);
    one = thread_start(operate_outside, handle);
    two = thread_start(operate_outside, handle);
    assert_hr(engine_event_wait(&begun, GUARD), S_OK);
    assert_hr(handle_try_begin(&handle->handle), MAPI_E_BUSY);
    assert_hr(handle_begin(&handle->handle, engine_now() + 5), MAPI_E_TIMEOUT);
    engine_event_set(&may_end);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    cr_expect_eq(operations, 2);
    assert_hr(handle_try_begin(&handle->handle), S_OK);
    handle_end(&handle->handle);
    handle_unref(&handle->handle);
}
