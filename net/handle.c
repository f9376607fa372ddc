/* net/handle.c - objects across threads: a handle outside, a core on the engine */
#include "net/handle.h"

#include <assert.h>

#include "net/engine-private.h"

/* ---- Core ---- */

static void assert_core_thread(const struct core *core)
{
    assert(engine_is_here(core->engine) || engine_has_stopped(core->engine));
    (void)core;
}

void core_init(struct core *core, struct engine *engine, void (*free)(struct core *core))
{
    core->refs = 1;
    core->engine = engine;
    core->free = free;
    assert_core_thread(core);
}

void core_ref(struct core *core)
{
    assert_core_thread(core);
    assert(core->refs > 0);
    core->refs++;
}

void core_unref(struct core *core)
{
    if (!core)
        return;
    assert_core_thread(core);
    assert(core->refs > 0);
    if (--core->refs == 0)
        core->free(core);
}

/* ---- Handle ---- */

void handle_init(struct handle *handle, const struct handle_ops *ops, struct core *core)
{
    handle->ops = ops;
    atomic_init(&handle->refs, 1);
    pthread_mutex_init(&handle->lock, NULL);
    engine_mutex_init(&handle->gate);
    handle->engine = engine_ref(core->engine);
    handle->core = core;
}

unsigned handle_ref(struct handle *handle)
{
    return atomic_fetch_add_explicit(&handle->refs, 1, memory_order_relaxed) + 1;
}

static void handle_end_posted(struct engine_node *node)
{
    struct handle *handle = container_of(node, struct handle, node);
    struct engine *engine = handle->engine;

    core_unref(handle->core);
    handle->ops->free(handle);
    engine_unref(engine);
}

unsigned handle_unref(struct handle *handle)
{
    unsigned refs = atomic_fetch_sub(&handle->refs, 1);

    assert(refs > 0);
    if (--refs > 0)
        return refs;
    if (handle->ops->released)
        handle->ops->released(handle);
    engine_mutex_clear(&handle->gate);
    pthread_mutex_destroy(&handle->lock);
    engine_post(handle->engine, &handle->node, handle_end_posted);
    return 0;
}

HRESULT handle_begin(struct handle *handle, uint64_t deadline)
{
    return engine_mutex_lock(&handle->gate, deadline);
}

HRESULT handle_try_begin(struct handle *handle)
{
    return engine_mutex_try_lock(&handle->gate) ? S_OK : MAPI_E_BUSY;
}

void handle_end(struct handle *handle)
{
    engine_mutex_unlock(&handle->gate);
}

HRESULT handle_call(struct handle *handle, engine_fn *fn, void *arg)
{
    HRESULT hr;

    if (!engine_is_running(handle->engine))
        return MAPI_E_NOT_INITIALIZED;
    hr = handle_begin(handle, NO_DEADLINE);
    if (FAILED(hr))
        return hr;
    hr = engine_call(handle->engine, fn, arg);
    handle_end(handle);
    return hr;
}
