/* net/handle.h - objects across threads: a handle outside, a core on the engine
 *
 * An object that waits is two structs. The *handle* is what the program holds, on any thread:
 * atomic references and a leaf lock for its memory state. The *core* lives on the engine's thread
 * with plain references. A handle owns one core reference; the last Release posts the handle to
 * the engine, where that reference is given back: it allocates nothing, never waits, never fails
 * and is legal on any thread. Cores never point at handles (news goes up by subscription.h); code
 * of the engine touches no handle, and code of a handle touches no core except inside handle_call
 * or engine_call.
 *
 * Embed both by value as the first member. */
#ifndef MG_HANDLE_H
#define MG_HANDLE_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/engine.h"
#include "net/wait.h"

/* ---- Core: engine thread only ---- */
struct core {
    size_t refs;
    struct engine *engine; /* not a reference: handles hold it, and the engine's thread */
    /* At the last unref, on the loop or in a fiber: must not wait; may spawn. After the engine has
     * stopped it runs on whichever thread gave the last handle back, one at a time. */
    void (*free)(struct core *core);
};
/* One reference, the caller's. */
void core_init(struct core *core, struct engine *engine, void (*free)(struct core *core));
void core_ref(struct core *core);
/* NULL is accepted. */
void core_unref(struct core *core);

/* ---- Handle: any thread ---- */
struct handle;
struct handle_ops {
    /* Memory state goes here: at the last unref, on the releasing thread, before the core's
     * reference is given back. May release other handles. May be NULL. */
    void (*released)(struct handle *handle);
    /* The struct itself: later, on the engine's thread; a plain free. */
    void (*free)(struct handle *handle);
};

struct handle {
    struct engine_node node; /* posted by the last unref */
    const struct handle_ops *ops;
    atomic_uint refs;
    pthread_mutex_t lock;     /* leaf: no wait, foreign call or unref under it */
    struct engine_mutex gate; /* FIFO; held over waits: one waiting operation at a time */
    struct engine *engine;    /* reference */
    struct core *core;        /* reference; touched on the engine only */
};

/* Takes over the caller's reference on `core` and takes one on the core's engine. One reference,
 * the caller's. Engine thread. */
void handle_init(struct handle *handle, const struct handle_ops *ops, struct core *core);
/* Both return the new count, as AddRef and Release do. */
unsigned handle_ref(struct handle *handle);
unsigned handle_unref(struct handle *handle);

/* The operation gate. begin waits its turn (MAPI_E_TIMEOUT, MAPI_E_USER_CANCEL); try_begin answers
 * MAPI_E_BUSY instead of waiting. Threads and fibers. Who holds it may be another thread or fiber
 * than who ends it: an asynchronous operation begins on one and ends on another. */
WAITS HRESULT handle_begin(struct handle *handle, uint64_t deadline);
HRESULT handle_try_begin(struct handle *handle);
void handle_end(struct handle *handle);

/* Runs fn(arg) on the handle's engine with the gate held: the usual body of a method that waits.
 * Not recursive: fn must not call it on the same handle. Fails as engine_call does, at once when
 * the engine has stopped. */
WAITS HRESULT handle_call(struct handle *handle, engine_fn *fn, void *arg);

#endif
