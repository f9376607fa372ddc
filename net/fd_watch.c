/* net/fd_watch.c - news of one descriptor on the engine's loop */
#include "net/fd_watch.h"

#include <stdlib.h>

#include "mapi/mapicode.h"

struct fd_watch {
    uv_poll_t poll;
    int fd;
    unsigned wanted; /* what the owner asks for */
    unsigned armed;  /* what libuv watches: wanted, and perhaps what was wanted before */
    fd_watch_fn *ready;
    void *arg;
};

/* The bits are libuv's. */
_Static_assert(FD_READABLE == UV_READABLE && FD_WRITABLE == UV_WRITABLE, "libuv's own bits");

static void fd_watch_polled(uv_poll_t *poll, int status, int events);

static void fd_watch_arm(struct fd_watch *watch)
{
    watch->armed = watch->wanted;
    if (watch->armed == 0)
        uv_poll_stop(&watch->poll);
    else
        uv_poll_start(&watch->poll, (int)watch->armed, fd_watch_polled);
}

static void fd_watch_polled(uv_poll_t *poll, int status, int events)
{
    struct fd_watch *watch = poll->data;
    unsigned news = status < 0 ? FD_READABLE | FD_WRITABLE : (unsigned)events;

    if (status < 0) /* libuv has stopped it */
        watch->armed = 0;
    if (status < 0 || !(news & watch->wanted))
        fd_watch_arm(watch);
    if (!(news & watch->wanted))
        return;
    watch->ready(watch->arg, news & watch->wanted);
}

HRESULT fd_watch_create(struct engine *engine, int fd, fd_watch_fn *ready, void *arg,
                        struct fd_watch **ret_watch)
{
    struct fd_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (uv_poll_init(engine_loop(engine), &watch->poll, fd) != 0) {
        free(watch);
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    }

    watch->poll.data = watch;
    watch->fd = fd;
    watch->ready = ready;
    watch->arg = arg;
    *ret_watch = watch;
    return S_OK;
}

void fd_watch_set_owner(struct fd_watch *watch, fd_watch_fn *ready, void *arg)
{
    watch->ready = ready;
    watch->arg = arg;
}

void fd_watch_want(struct fd_watch *watch, unsigned events)
{
    watch->wanted = events;
    if (events & ~watch->armed)
        fd_watch_arm(watch);
}

int fd_watch_fd(const struct fd_watch *watch)
{
    return watch->fd;
}

static void fd_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void fd_watch_close(struct fd_watch *watch)
{
    if (!watch)
        return;
    watch->wanted = 0;
    uv_close((uv_handle_t *)&watch->poll, fd_watch_closed);
}
