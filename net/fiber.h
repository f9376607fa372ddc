/* net/fiber.h - a stack of its own that waits without blocking its thread
 *
 * A fiber belongs to one engine and never changes thread. Stack switching lives in context.c alone,
 * which tells the sanitizers; everybody else sees functions that wait. Cancelling is an ordinary
 * error: the wait in progress, and each wait after it, returns MAPI_E_USER_CANCEL, and the code
 * unwinds as from any failure. */
#ifndef MG_FIBER_H
#define MG_FIBER_H

#include "net/engine.h"

/* The running fiber, or NULL. */
struct fiber *fiber_current(void);

/* Asks `fiber` to end; on its engine's thread only. Does nothing when it has ended. */
void fiber_cancel(struct fiber *fiber);

/* True once the running fiber has been cancelled. */
bool fiber_cancelled(void);

/* Waits until `fiber` has ended, gives its reference back and returns what its function returned.
 * Not interrupted by a cancel of the waiter: a fiber is awaited, never abandoned. */
WAITS HRESULT fiber_join(struct fiber *fiber);

/* Waits until engine_now() >= deadline: S_OK, or MAPI_E_USER_CANCEL. From outside an engine it
 * blocks the thread. */
WAITS HRESULT fiber_sleep_until(uint64_t deadline);

/* Lets other ready fibers and the loop run once. */
WAITS HRESULT fiber_yield(void);

#endif
