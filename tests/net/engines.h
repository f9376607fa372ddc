/* tests/net/engines.h - an engine, and another, for tests of net/ */
#ifndef TEST_ENGINES_H
#define TEST_ENGINES_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/engine.h"
#include "net/fiber.h"
#include "net/wait.h"

/* No test waits longer for what must come. */
#define GUARD (engine_now() + 30000)

#define assert_hr(expression, expected)                                                            \
    do {                                                                                           \
        HRESULT assert_hr_got = (expression);                                                      \
        cr_assert(assert_hr_got == (expected), "%s: 0x%08x, not %s", #expression,                  \
                  (unsigned)assert_hr_got, #expected);                                             \
    } while (0)

static inline struct engine *engine_make(const char *name)
{
    struct engine_options options = {.name = name};
    struct engine *engine;

    assert_hr(engine_create(&options, &engine), S_OK);
    return engine;
}

static inline void engine_end(struct engine *engine)
{
    engine_stop(engine);
    engine_unref(engine);
}

static inline pthread_t thread_start(void *(*fn)(void *arg), void *arg)
{
    pthread_t thread;

    cr_assert(pthread_create(&thread, NULL, fn, arg) == 0);
    return thread;
}

/* A call made by a thread of its own. */
struct thread_call {
    struct engine *engine;
    engine_fn *fn;
    void *arg;
    HRESULT result;
    pthread_t thread;
};

static inline void *thread_call_main(void *arg)
{
    struct thread_call *call = arg;

    call->result = engine_call(call->engine, call->fn, call->arg);
    return NULL;
}

static inline void thread_call_start(struct thread_call *call)
{
    call->thread = thread_start(thread_call_main, call);
}

static inline HRESULT thread_call_end(struct thread_call *call)
{
    pthread_join(call->thread, NULL);
    return call->result;
}

#endif
