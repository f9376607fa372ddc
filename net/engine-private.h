/* net/engine-private.h - what the files of net/ share: the loop, parking, timers, slots
 *
 * For net/ only; every other room uses engine.h, fiber.h and wait.h. Everything here belongs to
 * the engine's thread (loop callback or fiber) unless it says otherwise. */
#ifndef MG_ENGINE_PRIVATE_H
#define MG_ENGINE_PRIVATE_H

#include <uv.h>

#include "net/engine.h"
#include "net/fiber.h"
#include "net/wait.h"

#ifndef container_of
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
#endif

/* The loop of the engine. Handles on it must be closed, by their owners, when the engine stops:
 * see engine_hook. */
uv_loop_t *engine_loop(struct engine *engine);

/* Is the caller on the engine's thread? */
bool engine_is_here(const struct engine *engine);

/* All fibers have ended, for good: the loop only closes what is left. The engine's thread. */
bool engine_is_at_rest(const struct engine *engine);

/* ---- Parking a fiber until a loop callback has news ----
 *
 * The waiting fiber keeps a `fiber_wait` on its stack ({0} at first), leaves a pointer to it where
 * the callback finds it, calls fiber_wait and takes the pointer away again:
 *
 *     struct fiber_wait wait = {0};
 *     conn->reader = &wait;
 *     hr = fiber_wait(&wait, deadline);
 *     conn->reader = NULL;
 *
 * and the callback does `if (conn->reader) fiber_wake(conn->reader, S_OK);`. The first of the
 * callback, the deadline (MAPI_E_TIMEOUT) and a cancel (MAPI_E_USER_CANCEL) decides what
 * fiber_wait returns; what comes later is ignored. Waking may come before the wait. */
struct fiber_wait {
    struct fiber *fiber;
    HRESULT result;
    bool done;
};
WAITS HRESULT fiber_wait(struct fiber_wait *wait, uint64_t deadline);
/* The same without deadline and not ended by a cancel: for what must not be abandoned. */
WAITS HRESULT fiber_wait_out(struct fiber_wait *wait);
void fiber_wake(struct fiber_wait *wait, HRESULT result);

/* ---- Timers ----
 *
 * Embedded by value and zeroed; no close callback, free to go once stopped or fired. fire(timer)
 * runs once on the loop when engine_now() >= deadline, at the next turn at the earliest. Equal
 * deadlines fire in the order of starting. */
struct engine_timer {
    struct engine_timer *child, *sibling, *previous; /* pairing heap */
    uint64_t deadline, sequence;
    void (*fire)(struct engine_timer *timer);
    bool armed;
};
/* Starts, or moves, `timer`. NO_DEADLINE stops it. */
void engine_timer_start(struct engine *engine, struct engine_timer *timer, uint64_t deadline,
                        void (*fire)(struct engine_timer *timer));
void engine_timer_stop(struct engine *engine, struct engine_timer *timer);

/* ---- State of other files, one of each per engine ---- */
enum engine_slot {
    ENGINE_SLOT_RESOLVER,
    ENGINE_SLOT_PROBERS,
    ENGINE_SLOT_TLS,
    ENGINE_SLOTS,
};
/* Where the slot's pointer is kept; NULL at first. Who fills it adds a hook that empties it. */
void **engine_slot(struct engine *engine, enum engine_slot slot);

/* ---- The end ----
 *
 * Whoever keeps uv handles, descriptors or timers on the engine embeds a hook. When the engine
 * stops, after its fibers have ended (or 5 s after they were cancelled), stop(hook) runs on the
 * loop, once, already removed from the list: close the handles and descriptors and become a husk
 * whose functions fail. Close callbacks still run afterwards. Objects may outlive the engine;
 * then their last owner frees them on some thread, one at a time, without loop
 * (engine_has_stopped). No byte is to leave from a stop hook of a broken or busy stream. */
struct engine_hook {
    struct engine_hook *next, *previous;
    void (*stop)(struct engine_hook *hook);
    bool added;
};
void engine_hook_add(struct engine *engine, struct engine_hook *hook,
                     void (*stop)(struct engine_hook *hook));
/* Does nothing when it is not in the list (never added, already stopped). */
void engine_hook_remove(struct engine *engine, struct engine_hook *hook);

/* The loop is gone (or this is a forked child): touch no uv handle. Any thread. */
bool engine_has_stopped(const struct engine *engine);

#endif
