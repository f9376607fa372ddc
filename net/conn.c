/* net/conn.c - opening, closing and waiting on a connection
 *
 * The socket's news arrives in conn_ready on the loop and wakes the reading or the writing fiber,
 * which tries again. Lifetime: the connection is its opener's; an engine that stops takes socket
 * and watch away and leaves a husk that fails. */
#include "net/conn-private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "net/errno_error.h"
#include "net/openssl_init.h"
#include "net/tcp_connect.h"

/* ---- Failing ---- */

HRESULT conn_break(struct conn *conn, HRESULT hr, const char *words)
{
    conn->broken = error_set(&conn->error, hr, conn->component, "%s", words);
    return conn->broken;
}

HRESULT conn_break_errno(struct conn *conn, int number)
{
    conn->broken = errno_error(&conn->error, conn->component, NULL, number);
    return conn->broken;
}

const struct error_info *conn_error(const struct conn *conn)
{
    return &conn->error;
}

/* A wait that ended without news from the socket. */
static HRESULT conn_fail(struct conn *conn, HRESULT hr)
{
    if (conn->aborted || conn->fd < 0)
        return conn_break(conn, MAPI_E_NETWORK_ERROR, "the connection was given up");
    return error_set(&conn->error, hr, conn->component, "%s",
                     hr == MAPI_E_TIMEOUT ? "the server did not answer in time" : "cancelled");
}

HRESULT conn_enter(struct conn *conn)
{
    if (FAILED(conn->broken))
        return conn->broken;
    if (conn->aborted || conn->fd < 0)
        return conn_fail(conn, MAPI_E_NETWORK_ERROR);
    if (fiber_cancelled())
        return conn_fail(conn, MAPI_E_USER_CANCEL);
    if (engine_now() >= conn->deadline)
        return conn_fail(conn, MAPI_E_TIMEOUT);
    return S_OK;
}

/* ---- Waiting ---- */

void conn_update_wanted(struct conn *conn)
{
    unsigned events = conn->reader.events | conn->writer.events;

    if (conn->readable)
        events |= FD_READABLE;
    if (conn->watch)
        fd_watch_want(conn->watch, events);
}

static void side_wake(struct conn_side *side)
{
    side->events = 0;
    if (side->wait)
        fiber_wake(side->wait, S_OK);
}

/* Wakes both, to look at the connection again. */
static void conn_wake(struct conn *conn)
{
    side_wake(&conn->reader);
    side_wake(&conn->writer);
}

static void conn_ready(void *arg, unsigned events)
{
    struct conn *conn = arg;

    if (conn->reader.events & events)
        side_wake(&conn->reader);
    if (conn->writer.events & events)
        side_wake(&conn->writer);
    if (conn->readable && (events & FD_READABLE)) {
        conn_watch_ready(conn); /* may close the connection */
        return;
    }
    conn_update_wanted(conn);
}

HRESULT conn_wait(struct conn *conn, struct conn_side *side, unsigned events)
{
    struct fiber_wait wait = {0};
    HRESULT hr = conn_enter(conn);

    if (FAILED(hr))
        return hr;

    side->wait = &wait;
    side->events = events;
    conn_update_wanted(conn);
    hr = fiber_wait(&wait, conn->deadline);
    side->wait = NULL;
    side->events = 0;
    conn->since_yield = 0;

    if (FAILED(hr)) {
        conn_update_wanted(conn);
        return conn_fail(conn, hr);
    }
    return S_OK;
}

void conn_set_deadline(struct conn *conn, uint64_t deadline)
{
    conn->deadline = deadline;
    conn_wake(conn);
}

void conn_abort(struct conn *conn)
{
    conn->aborted = true;
    conn_wake(conn);
    if (conn->readable) /* its reader is to find out */
        engine_timer_start(conn->engine, &conn->readable_soon, engine_now(),
                           conn->readable_soon.fire);
}

/* ---- Opening and closing ---- */

static void conn_detach(struct conn *conn)
{
    fd_watch_close(conn->watch);
    conn->watch = NULL;
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
}

static void conn_engine_stops(struct engine_hook *hook)
{
    struct conn *conn = container_of(hook, struct conn, hook);

    engine_timer_stop(conn->engine, &conn->readable_soon);
    conn->readable = NULL;
    conn_detach(conn);
    conn_wake(conn);
}

static HRESULT conn_create(const struct conn_options *options, struct conn **ret_conn)
{
    struct conn *conn = calloc(1, sizeof(*conn));
    bool literal = strchr(options->host, ':') != NULL;

    if (!conn)
        return MAPI_E_NOT_ENOUGH_MEMORY;

    conn->engine = engine_ref(engine_current());
    conn->fd = -1;
    conn->tls = options->tls;
    conn->deadline = options->deadline;
    conn->host = strdup(options->host);
    if (options->ca_file)
        conn->ca_file = strdup(options->ca_file);
    snprintf(conn->component, sizeof(conn->component), literal ? "[%.55s]:%u" : "%.57s:%u",
             options->host, options->port);
    if (!conn->host || (options->ca_file && !conn->ca_file)) {
        conn_close(conn);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }

    *ret_conn = conn;
    return S_OK;
}

static HRESULT conn_connect(struct conn *conn, uint16_t port)
{
    struct resolved addresses;
    HRESULT hr = resolver_lookup(conn->host, port, conn->deadline, &conn->error, &addresses);

    if (FAILED(hr))
        return hr;
    hr = tcp_connect(&addresses, conn->component, conn->deadline, &conn->error, &conn->fd);
    if (FAILED(hr))
        return hr;
    hr = fd_watch_create(conn->engine, conn->fd, conn_ready, conn, &conn->watch);
    if (FAILED(hr))
        return error_set(&conn->error, hr, conn->component, "cannot watch the socket");
    engine_hook_add(conn->engine, &conn->hook, conn_engine_stops);
    return S_OK;
}

HRESULT conn_open(const struct conn_options *options, struct error_info *error,
                  struct conn **ret_conn)
{
    struct conn *conn;
    HRESULT hr = conn_create(options, &conn);

    if (FAILED(hr))
        return error_set(error, hr, options->host, "not enough memory");

    hr = conn_connect(conn, options->port);
    if (SUCCEEDED(hr) && options->tls == CONN_TLS_FIRST)
        hr = conn_tls_handshake(conn);
    if (FAILED(hr)) {
        if (error)
            *error = conn->error;
        conn_close(conn);
        return hr;
    }

    conn->deadline = NO_DEADLINE;
    *ret_conn = conn;
    return S_OK;
}

void conn_close(struct conn *conn)
{
    if (!conn)
        return;

    conn_tls_end(conn);
    if (!engine_has_stopped(conn->engine)) {
        engine_timer_stop(conn->engine, &conn->readable_soon);
        engine_hook_remove(conn->engine, &conn->hook);
        conn_detach(conn);
    } else if (conn->fd >= 0) {
        close(conn->fd); /* a forked child's copy */
    }
    free(conn->host);
    free(conn->ca_file);
    engine_unref(conn->engine);
    free(conn);
}
