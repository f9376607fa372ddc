/* net/engine.h - one thread, one libuv loop, its fibers
 *
 * Everything that waits for the network runs in a fiber of an engine and reads top to bottom. This
 * header is the door between the caller's threads and the engine: who may call what stands in
 * docs/engine.md. An engine is reference-counted and outlives its thread: handles that programs
 * still hold after the last MAPIUninitialize keep it, and every call on it then fails with
 * MAPI_E_NOT_INITIALIZED. */
#ifndef MG_ENGINE_H
#define MG_ENGINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

/* Marks a function that may wait: after it returns, look again at what others may have changed.
 * It must not be called on the loop itself nor in an engine_work job (both assert). */
#if defined(__clang__)
#define WAITS __attribute__((annotate("waits")))
#else
#define WAITS
#endif

struct engine;
struct fiber;

/* Deadlines are absolute times of engine_now(), in milliseconds; waits end at them with
 * MAPI_E_TIMEOUT. */
#define NO_DEADLINE UINT64_MAX

struct engine_options {
    const char *name;    /* thread name, at most 15 bytes */
    unsigned workers;    /* threads for engine_work, 1 to 4; 0: 2; started when first needed */
    size_t stack_size;   /* bytes of a fiber's stack; 0: 256 KiB, more under a sanitizer */
    size_t max_fibers;   /* 0: a quarter of vm.max_map_count */
    unsigned stop_after; /* ms that engine_stop awaits cancelled fibers; 0: 5,000 */
};

/* Starts an engine and its thread (all signals blocked). On S_OK *ret_engine holds one reference.
 * Fails with MAPI_E_NOT_ENOUGH_MEMORY or MAPI_E_NOT_ENOUGH_RESOURCES (no thread, no descriptor). */
HRESULT engine_create(const struct engine_options *options, struct engine **ret_engine);

/* References, any thread. The last unref frees; the engine must have been stopped. NULL is
 * accepted by unref. */
struct engine *engine_ref(struct engine *engine);
void engine_unref(struct engine *engine);

/* Refuses new calls, cancels and awaits all fibers (5 s) and all running jobs, wakes callers that
 * still wait with MAPI_E_CALL_FAILED, joins the thread. Called on the engine's own thread (loop or
 * fiber) it defers all that: it returns at once and the thread ends by itself. Calling it again
 * does nothing, nor does it in a forked child. NULL is accepted. */
WAITS void engine_stop(struct engine *engine);

/* False from engine_stop on, and in a child forked from the engine's process: each entry of the
 * library asks this first and answers MAPI_E_NOT_INITIALIZED, before it takes a lock that a lost
 * thread may hold. Any thread; NULL answers false. */
bool engine_is_running(const struct engine *engine);

enum engine_place {
    ENGINE_OUTSIDE, /* a thread that is no engine's: application, spooler, notification thread */
    ENGINE_FIBER,   /* in a fiber */
    ENGINE_LOOP,    /* on an engine's thread, in a loop callback */
    ENGINE_WORKER,  /* in an engine_work job */
};

/* Where the caller runs, and on which engine (NULL outside). */
enum engine_place engine_place(void);
struct engine *engine_current(void);

/* Monotonic milliseconds, any thread. */
uint64_t engine_now(void);

/* Runs fn(arg) in a fiber of `engine` and returns what it returns: from an outside thread by
 * sending it there and waiting, from a fiber of the same engine as a plain call, from a fiber of
 * another engine by posting it while only this fiber waits. Fails with MAPI_E_NOT_INITIALIZED
 * after engine_stop or in a forked child, MAPI_E_CALL_FAILED when the engine stops meanwhile,
 * MAPI_E_NOT_ENOUGH_RESOURCES when there are too many fibers. */
typedef HRESULT engine_fn(void *arg);
WAITS HRESULT engine_call(struct engine *engine, engine_fn *fn, void *arg);

/* A caller-owned node that is posted to an engine: allocates nothing, never waits, never fails,
 * legal on any thread and in any place. run(node) is called once on the engine's loop, in the order
 * of posting; it may spawn and post but not wait. Once the engine has stopped it is called on the
 * caller's thread, or, while another thread is running such nodes, by that one: they stay one at a
 * time and in order, so cores need no lock. In a forked child it is never called. The node may be
 * posted again, or freed, from run on. */
struct engine_node {
    struct engine_node *next; /* the engine's while posted */
    void (*run)(struct engine_node *node);
};
void engine_post(struct engine *engine, struct engine_node *node,
                 void (*run)(struct engine_node *node));

/* Starts fn(arg) in a new fiber. From the engine's own thread only (loop or fiber); fn starts at
 * the loop's next turn. ret_fiber may be NULL (detached); otherwise it holds a reference that
 * fiber_join gives back. Fails with MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_E_NOT_ENOUGH_MEMORY,
 * MAPI_E_NOT_INITIALIZED after engine_stop. */
HRESULT engine_spawn(struct engine *engine, engine_fn *fn, void *arg, struct fiber **ret_fiber);

/* Like engine_spawn, for what closes things: it works while the engine is stopping as well. The
 * fiber then starts cancelled, and engine_stop awaits it. When this fails with
 * MAPI_E_NOT_INITIALIZED all fibers have ended: the caller closes on the spot, where the waiting
 * functions are legal then. */
HRESULT engine_spawn_closing(struct engine *engine, engine_fn *fn, void *arg);

/* What a room above keeps per engine, named by the address `key` (of a static const object). Engine
 * thread. release(value) runs with the last engine_unref, on its thread, outside any engine; it may
 * wait. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
void *engine_local(struct engine *engine, const void *key); /* NULL: not set */
HRESULT engine_set_local(struct engine *engine, const void *key, void *value,
                         void (*release)(void *value));

/* A thread outside all engines, with all signals blocked as every thread of ours has them. Returns
 * pthread_create's error. Any thread. */
int engine_thread_create(pthread_t *thread, void *(*fn)(void *arg), void *arg);

/* Runs fn(arg) on a worker thread of the calling fiber's engine and returns its result; the fiber
 * waits. For CPU-heavy or blocking work (MIME, SQLite). Outside an engine it just calls fn. The
 * job always runs to its end, also when the fiber is cancelled meanwhile: then this still waits
 * for it. */
WAITS HRESULT engine_work(engine_fn *fn, void *arg);

/* How long one turn of the loop kept others waiting, since the start or the last reset. Any
 * thread. */
struct engine_stats {
    uint64_t turns;
    uint64_t longest_cpu_ns;  /* CPU time of the engine's thread in its longest turn */
    uint64_t longest_wall_ns; /* wall time of the longest turn, waiting in the kernel left out */
    uint64_t wall_p999_ns;    /* 99.9 % of the turns took at most this (12 % coarse) */
    size_t fibers;            /* alive now */
    size_t fibers_peak;       /* most at one time, since the start */
};
void engine_stats(const struct engine *engine, struct engine_stats *ret_stats);
void engine_stats_reset(struct engine *engine);

#endif
