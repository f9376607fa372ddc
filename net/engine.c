/* net/engine.c - an engine's life: start, thread, stop, references, fork
 *
 * A guest in somebody's process: no signal handler, no signal delivered to our threads, nothing at
 * exit. Static state is what pthread_atfork leaves no other place for, and each thread's own. */
#include "net/engine.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "net/engine-struct.h"
#include "net/sanitizers.h"

#define STOP_AFTER_MS   5000
#define MAX_MAP_COUNT   65530 /* the kernel's default */
#define WIND_DOWN_TURNS 64
#define BUSY_WORKERS_MS 100

static _Thread_local struct engine *here; /* whose thread this is */
static _Thread_local bool here_is_worker;

/* ---- Fork ---- */

static pthread_once_t atfork_once = PTHREAD_ONCE_INIT;
static int atfork_error;
static atomic_uint fork_generation;

static void forked_child(void)
{
    atomic_fetch_add(&fork_generation, 1);
}

static void register_atfork(void)
{
    atfork_error = pthread_atfork(NULL, NULL, forked_child);
}

bool engine_is_forked(const struct engine *engine)
{
    return engine->fork_generation != atomic_load_explicit(&fork_generation, memory_order_relaxed);
}

/* ---- Who and where ---- */

uint64_t engine_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

struct engine *engine_current(void)
{
    return here && !engine_is_forked(here) ? here : NULL;
}

enum engine_place engine_place(void)
{
    struct engine *engine = engine_current();

    if (!engine)
        return ENGINE_OUTSIDE;
    if (here_is_worker)
        return ENGINE_WORKER;
    return engine->running ? ENGINE_FIBER : ENGINE_LOOP;
}

bool engine_is_here(const struct engine *engine)
{
    return engine_current() == engine && !here_is_worker;
}

void engine_enter_worker(struct engine *engine)
{
    here = engine;
    here_is_worker = true;
}

bool engine_is_running(const struct engine *engine)
{
    return engine && !engine_is_forked(engine) && atomic_load(&engine->state) == ENGINE_RUNNING;
}

bool engine_is_at_rest(const struct engine *engine)
{
    return engine->winding_down;
}

bool engine_has_stopped(const struct engine *engine)
{
    return engine_is_forked(engine) || atomic_load(&engine->state) == ENGINE_STOPPED;
}

uv_loop_t *engine_loop(struct engine *engine)
{
    return &engine->loop;
}

void **engine_slot(struct engine *engine, enum engine_slot slot)
{
    assert(engine_is_here(engine) || engine_has_stopped(engine));
    return &engine->slots[slot];
}

/* ---- Hooks ---- */

void engine_hook_add(struct engine *engine, struct engine_hook *hook,
                     void (*stop)(struct engine_hook *hook))
{
    assert(engine_is_here(engine) && !hook->added);
    hook->stop = stop;
    hook->added = true;
    hook->previous = NULL;
    hook->next = engine->hooks;
    if (engine->hooks)
        engine->hooks->previous = hook;
    engine->hooks = hook;
}

void engine_hook_remove(struct engine *engine, struct engine_hook *hook)
{
    if (!hook->added || engine_has_stopped(engine))
        return;
    assert(engine_is_here(engine));
    hook->added = false;
    if (hook->previous)
        hook->previous->next = hook->next;
    else
        engine->hooks = hook->next;
    if (hook->next)
        hook->next->previous = hook->previous;
}

/* ---- The thread ---- */

int engine_thread_create(pthread_t *thread, void *(*fn)(void *arg), void *arg)
{
    sigset_t all, old;
    int error;

    sigfillset(&all);
#if defined(WITH_ASAN) || defined(WITH_TSAN)
    /* Faults are blocked too, for a host's handler has no business on a fiber's stack; but a
     * sanitizer could not report one then. */
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGFPE);
#endif
    pthread_sigmask(SIG_SETMASK, &all, &old); /* a thread inherits its maker's */
    error = pthread_create(thread, NULL, fn, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return error;
}

static void woken(uv_poll_t *handle, int status, int events)
{
    struct engine *engine = handle->data;
    uint64_t count;

    (void)status;
    (void)events;
    if (read(engine->wake_fd, &count, sizeof(count)) < 0)
        count = 0; /* nothing was there: the nodes are looked at all the same */
    posts_run(engine);
}

static void turn_ended(uv_prepare_t *handle)
{
    stats_turn(handle->data);
}

static void close_own_handles(struct engine *engine)
{
    uv_close((uv_handle_t *)&engine->wake, NULL);
    uv_close((uv_handle_t *)&engine->ready_turn, NULL);
    uv_close((uv_handle_t *)&engine->timer, NULL);
    uv_close((uv_handle_t *)&engine->turn_end, NULL);
}

/* After uv_stop: closes what is left on the loop, then runs what is posted until nobody can post
 * to this thread any more. */
static void wind_down(struct engine *engine)
{
    struct engine_hook *hook;
    unsigned turns = 0;
    int error;

    workers_end(&engine->workers);
    engine->winding_down = true;
    while ((hook = engine->hooks)) {
        engine_hook_remove(engine, hook);
        hook->stop(hook);
    }
    posts_run(engine);
    timers_clear(engine);
    close_own_handles(engine);
    while (uv_run(&engine->loop, UV_RUN_NOWAIT) && turns++ < WIND_DOWN_TURNS)
        ;
    error = uv_loop_close(&engine->loop);
    assert(error == 0 || engine->abandoned); /* else somebody's hook did not close a handle */
    (void)error;
    fibers_clear(engine);

    /* From here on nobody touches the loop, here or in nodes that other threads run. */
    atomic_store(&engine->state, ENGINE_STOPPED);
    do
        posts_run(engine);
    while (!posts_end(engine));
    calls_fail(engine);
}

static void *engine_main(void *arg)
{
    struct engine *engine = arg;

    pthread_setname_np(pthread_self(), engine->name);
    here = engine;
    context_init_thread(&engine->thread_context);
    /* What is posted while the last fiber ends may start one more, to close something. */
    do {
        uv_run(&engine->loop, UV_RUN_DEFAULT);
        posts_run(engine);
    } while (engine->fibers && !engine->abandoned);
    wind_down(engine);
    here = NULL;
    if (engine->abandoned)
        engine_ref(engine); /* for ever: somebody may still point at a fiber that never ended */
    engine_event_set(&engine->stopped);
    engine_unref(engine);
    return NULL;
}

/* ---- Start ---- */

static size_t default_max_fibers(void)
{
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    size_t count = 0;

    if (file) {
        if (fscanf(file, "%zu", &count) != 1)
            count = 0;
        fclose(file);
    }
    return (count ? count : MAX_MAP_COUNT) / 4;
}

/* The loop and our handles on it; all or nothing. */
static int loop_init(struct engine *engine)
{
    int error = uv_loop_init(&engine->loop);

    if (error)
        return error;
    uv_loop_configure(&engine->loop, UV_METRICS_IDLE_TIME);
    error = uv_poll_init(&engine->loop, &engine->wake, engine->wake_fd);
    if (error) {
        uv_loop_close(&engine->loop);
        return error;
    }
    engine->wake.data = engine->ready_turn.data = engine->turn_end.data = engine;
    /* None of these can fail. */
    uv_poll_start(&engine->wake, UV_READABLE, woken);
    uv_idle_init(&engine->loop, &engine->ready_turn);
    uv_prepare_init(&engine->loop, &engine->turn_end);
    uv_prepare_start(&engine->turn_end, turn_ended);
    timers_init(engine);
    return 0;
}

static void loop_clear(struct engine *engine)
{
    close_own_handles(engine);
    uv_run(&engine->loop, UV_RUN_NOWAIT);
    uv_loop_close(&engine->loop);
}

static void engine_free(struct engine *engine)
{
    engine_locals_release(engine);
    workers_clear(&engine->workers);
    engine_event_clear(&engine->stopped);
    pthread_mutex_destroy(&engine->late_lock);
    if (engine->wake_fd >= 0)
        close(engine->wake_fd);
    free(engine);
}

HRESULT engine_create(const struct engine_options *options, struct engine **ret_engine)
{
    struct engine *engine;
    int error;

    pthread_once(&atfork_once, register_atfork);
    if (atfork_error)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    engine = calloc(1, sizeof(*engine));
    if (!engine)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&engine->refs, 2); /* the caller's and the thread's */
    engine->fork_generation = atomic_load(&fork_generation);
    snprintf(engine->name, sizeof(engine->name), "%s", options->name ? options->name : "engine");
    engine->stop_after = options->stop_after ? options->stop_after : STOP_AFTER_MS;
    engine->stack_size = options->stack_size ? options->stack_size : context_default_stack_size();
    engine->max_fibers = options->max_fibers ? options->max_fibers : default_max_fibers();
    pthread_mutex_init(&engine->late_lock, NULL);
    engine_event_init(&engine->stopped);
    workers_init(&engine->workers, options->workers);

    engine->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (engine->wake_fd < 0)
        goto out_free;
    error = loop_init(engine);
    if (error)
        goto out_free;
    error = engine_thread_create(&engine->thread, engine_main, engine);
    if (error)
        goto out_loop;
    *ret_engine = engine;
    return S_OK;

out_loop:
    loop_clear(engine);
out_free:
    engine_free(engine);
    return MAPI_E_NOT_ENOUGH_RESOURCES;
}

struct engine *engine_ref(struct engine *engine)
{
    atomic_fetch_add_explicit(&engine->refs, 1, memory_order_relaxed);
    return engine;
}

void engine_unref(struct engine *engine)
{
    if (!engine || atomic_fetch_sub(&engine->refs, 1) != 1)
        return;
    /* A forked child has no thread that could have brought the loop to rest: let it be. */
    if (!engine_is_forked(engine))
        engine_free(engine);
}

/* ---- Stop ---- */

void engine_fiber_ended(struct engine *engine)
{
    if (engine->stop_begun && !engine->fibers)
        uv_stop(&engine->loop);
}

static void stop_timed_out(struct engine_timer *timer)
{
    struct engine *engine = container_of(timer, struct engine, stop_timer);

    /* A running job uses its fiber's memory, and its caller's. It ends by itself. */
    if (workers_busy(&engine->workers)) {
        engine_timer_start(engine, timer, engine_now() + BUSY_WORKERS_MS, stop_timed_out);
        return;
    }
    engine->abandoned = true;
    uv_stop(&engine->loop);
}

static void stop_begin(struct engine_node *node)
{
    struct engine *engine = container_of(node, struct engine, stop_node);

    engine->stop_begun = true;
    fibers_cancel_all(engine);
    engine_timer_start(engine, &engine->stop_timer, engine_now() + engine->stop_after,
                       stop_timed_out);
    engine_fiber_ended(engine);
}

void engine_stop(struct engine *engine)
{
    enum engine_state running = ENGINE_RUNNING;
    enum engine_place place = engine_place();
    bool is_own;

    if (!engine || engine_is_forked(engine))
        return;
    is_own = engine_is_here(engine);
    assert(is_own || place == ENGINE_OUTSIDE || place == ENGINE_FIBER);
    if (!atomic_compare_exchange_strong(&engine->state, &running, ENGINE_STOPPING))
        return;
    engine_post(engine, &engine->stop_node, stop_begin);
    if (is_own) {
        pthread_detach(pthread_self());
        return;
    }
    engine_event_wait_out(&engine->stopped);
    pthread_join(engine->thread, NULL);
}
