/* net/conn_io.c - reading, writing and watching a connection */
#include "net/conn-private.h"

#include <errno.h>
#include <sys/socket.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"

#define YIELD_AFTER ((size_t)64 * 1024)

/* A peer that sends faster than we read would keep the loop to itself: give way. */
static HRESULT conn_begin(struct conn *conn)
{
    HRESULT hr = conn_enter(conn);

    if (SUCCEEDED(hr) && conn->since_yield >= YIELD_AFTER) {
        conn->since_yield = 0;
        (void)fiber_yield(); /* conn_enter tells whether it was cancelled */
        hr = conn_enter(conn);
    }
    return hr;
}

/* ---- Plain sockets, in the manner of conn_tls_read ---- */

static bool would_wait(int number)
{
    return number == EAGAIN || number == EWOULDBLOCK;
}

static ssize_t plain_read(struct conn *conn, void *buffer, size_t size, unsigned *ret_wanted)
{
    ssize_t got;

    do
        got = recv(conn->fd, buffer, size, 0);
    while (got < 0 && errno == EINTR);

    if (got > 0)
        return got;
    if (got < 0 && would_wait(errno)) {
        *ret_wanted = FD_READABLE;
        return 0;
    }
    if (got == 0)
        conn_break(conn, MAPI_E_NETWORK_ERROR, "closed by peer");
    else
        conn_break_errno(conn, errno);
    return -1;
}

static ssize_t plain_write(struct conn *conn, const void *bytes, size_t size, unsigned *ret_wanted)
{
    ssize_t sent;

    do
        sent = send(conn->fd, bytes, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);

    if (sent > 0)
        return sent;
    if (sent < 0 && would_wait(errno)) {
        *ret_wanted = FD_WRITABLE;
        return 0;
    }
    conn_break_errno(conn, sent < 0 ? errno : EPIPE);
    return -1;
}

/* ---- Reading and writing ---- */

HRESULT conn_read(struct conn *conn, void *buffer, size_t size, size_t *ret_size)
{
    HRESULT hr = conn_begin(conn);

    conn_unwatch(conn);
    if (FAILED(hr))
        return hr;

    for (;;) {
        unsigned wanted = FD_READABLE;
        ssize_t got = conn->ssl ? conn_tls_read(conn, buffer, size, &wanted)
                                : plain_read(conn, buffer, size, &wanted);

        if (got < 0)
            return conn->broken;
        if (got > 0) {
            conn->since_yield += (size_t)got;
            *ret_size = (size_t)got;
            return S_OK;
        }
        hr = conn_wait(conn, &conn->reader, wanted);
        if (FAILED(hr))
            return hr;
    }
}

HRESULT conn_write(struct conn *conn, const void *bytes, size_t size)
{
    const char *next = bytes;
    HRESULT hr = conn_begin(conn);

    while (SUCCEEDED(hr) && size > 0) {
        size_t piece = size < YIELD_AFTER ? size : YIELD_AFTER;
        unsigned wanted = FD_WRITABLE;
        ssize_t sent = conn->ssl ? conn_tls_write(conn, next, piece, &wanted)
                                 : plain_write(conn, next, piece, &wanted);

        if (sent < 0)
            return conn->broken;
        if (sent == 0) {
            hr = conn_wait(conn, &conn->writer, wanted);
            continue;
        }
        next += sent;
        size -= (size_t)sent;
        conn->since_yield += (size_t)sent;
        if (size > 0)
            hr = conn_begin(conn);
    }

    /* What was to be written is written in part: nothing sensible can follow. */
    if (FAILED(hr))
        conn->broken = hr;
    return hr;
}

size_t conn_buffered(const struct conn *conn)
{
    return conn->ssl ? (size_t)SSL_pending(conn->ssl) : 0;
}

/* ---- Watching ---- */

static void watch_fire(struct conn *conn)
{
    void (*readable)(void *) = conn->readable;
    void *arg = conn->readable_arg;

    conn->readable = NULL;
    engine_timer_stop(conn->engine, &conn->readable_soon);
    conn_update_wanted(conn);
    if (readable)
        readable(arg); /* may close the connection */
}

static void watch_fire_soon(struct engine_timer *timer)
{
    watch_fire(container_of(timer, struct conn, readable_soon));
}

/* TLS has news that is none for the reader, such as session tickets. */
static bool has_news(struct conn *conn)
{
    return FAILED(conn->broken) || conn->aborted || !conn->ssl || conn_tls_readable(conn);
}

void conn_watch_ready(struct conn *conn)
{
    if (has_news(conn))
        watch_fire(conn);
    else
        conn_update_wanted(conn);
}

void conn_watch(struct conn *conn, void (*readable)(void *arg), void *arg)
{
    bool now = conn->fd < 0 || FAILED(conn->broken) || conn->aborted ||
               (conn->ssl && conn_tls_readable(conn));

    conn->readable = readable;
    conn->readable_arg = arg;
    conn->readable_soon.fire = watch_fire_soon;
    if (now)
        engine_timer_start(conn->engine, &conn->readable_soon, engine_now(), watch_fire_soon);
    else
        conn_update_wanted(conn);
}

void conn_unwatch(struct conn *conn)
{
    if (!conn->readable)
        return;
    conn->readable = NULL;
    engine_timer_stop(conn->engine, &conn->readable_soon);
    conn_update_wanted(conn);
}
