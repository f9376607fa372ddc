/* net/call.c - engine_call: a function that runs in a fiber while its caller waits
 *
 * The call lives on the caller's stack. It is over when the fiber has ended and, if the caller's
 * own fiber was cancelled meanwhile, when the news of that has arrived too. */
#include <assert.h>

#include "net/engine-struct.h"

struct call {
    struct engine_node node;        /* brings it to the engine */
    struct engine_node cancel_node; /* brings the caller's cancel after it */
    struct call *next, *previous;   /* engine->calls */
    struct engine *engine;
    engine_fn *fn;
    void *arg;
    HRESULT result;
    struct fiber *fiber;          /* which runs it; NULL before and after */
    atomic_uint pending;          /* what must arrive before it is over */
    struct engine_event answered; /* nothing of the call is touched afterwards */
};

static void call_arrived(struct call *call)
{
    if (atomic_fetch_sub(&call->pending, 1) == 1)
        engine_event_set(&call->answered);
}

static void call_answer(struct call *call, HRESULT result)
{
    call->result = result;
    call->fiber = NULL;
    if (call->previous)
        call->previous->next = call->next;
    else
        call->engine->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    call_arrived(call);
}

static HRESULT call_main(void *arg)
{
    struct call *call = arg;
    HRESULT hr = call->fn(call->arg);

    if (hr == MAPI_E_USER_CANCEL && !engine_is_running(call->engine))
        hr = MAPI_E_CALL_FAILED; /* nobody but engine_stop cancelled it */
    call_answer(call, hr);
    return S_OK;
}

static void call_run(struct engine_node *node)
{
    struct call *call = container_of(node, struct call, node);
    struct engine *engine = call->engine;
    HRESULT hr;

    if (engine_has_stopped(engine)) {
        call->result = MAPI_E_CALL_FAILED;
        call_arrived(call);
        return;
    }
    call->previous = NULL;
    call->next = engine->calls;
    if (engine->calls)
        engine->calls->previous = call;
    engine->calls = call;
    if (!engine_is_running(engine))
        hr = MAPI_E_CALL_FAILED;
    else
        hr = fiber_create(engine, call_main, call, &call->fiber);
    if (FAILED(hr))
        call_answer(call, hr);
}

static void call_cancel(struct engine_node *node)
{
    struct call *call = container_of(node, struct call, cancel_node);

    if (call->fiber && !engine_has_stopped(call->engine))
        fiber_cancel(call->fiber);
    call_arrived(call);
}

/* A fiber of another engine has been cancelled while it waits for `call`: so is the call, and
 * awaited. */
static void call_pass_cancel_on(struct call *call)
{
    unsigned pending = atomic_load(&call->pending);

    do {
        if (pending == 0)
            return; /* answered just now */
    } while (!atomic_compare_exchange_weak(&call->pending, &pending, pending + 1));
    engine_post(call->engine, &call->cancel_node, call_cancel);
}

HRESULT engine_call(struct engine *engine, engine_fn *fn, void *arg)
{
    struct call call = {.engine = engine, .fn = fn, .arg = arg};
    enum engine_place place = engine_place();

    assert(place == ENGINE_OUTSIDE || place == ENGINE_FIBER);
    if (place == ENGINE_FIBER && engine_is_here(engine))
        return fn(arg);
    if (!engine_is_running(engine))
        return MAPI_E_NOT_INITIALIZED;

    atomic_init(&call.pending, 1);
    engine_event_init(&call.answered);
    engine_post(engine, &call.node, call_run);
    if (engine_event_wait(&call.answered, NO_DEADLINE) == MAPI_E_USER_CANCEL) {
        call_pass_cancel_on(&call);
        engine_event_wait_out(&call.answered);
    }
    engine_event_clear(&call.answered);
    return call.result;
}

void calls_fail(struct engine *engine)
{
    struct call *call;

    while ((call = engine->calls))
        call_answer(call, MAPI_E_CALL_FAILED);
}
