/* net/fd_watch.h - news of one descriptor on the engine's loop
 *
 * A uv_poll_t whose memory looks after itself, and which libuv is told about lazily: an event that
 * nobody wants any more costs nothing until it happens, because each start and stop is a system
 * call. For net/ only, on the engine's thread. */
#ifndef MG_FD_WATCH_H
#define MG_FD_WATCH_H

#include "net/engine-private.h"

struct fd_watch;

/* Bits of `events`. Trouble on the descriptor (POLLERR) reads as both: try, and errno tells. */
#define FD_READABLE 1u
#define FD_WRITABLE 2u

typedef void fd_watch_fn(void *arg, unsigned events);

/* Watches `fd` (a socket or pipe; made non-blocking) for nothing yet. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY, or MAPI_E_NOT_ENOUGH_RESOURCES when libuv cannot watch it. */
HRESULT fd_watch_create(struct engine *engine, int fd, fd_watch_fn *ready, void *arg,
                        struct fd_watch **ret_watch);

/* Another owner. */
void fd_watch_set_owner(struct fd_watch *watch, fd_watch_fn *ready, void *arg);

/* From now on these events call `ready`, again and again while they hold. */
void fd_watch_want(struct fd_watch *watch, unsigned events);

int fd_watch_fd(const struct fd_watch *watch);

/* Ends and frees it, also from its own `ready`; NULL is accepted. The descriptor stays open. */
void fd_watch_close(struct fd_watch *watch);

#endif
