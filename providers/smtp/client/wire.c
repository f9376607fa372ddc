/* providers/smtp/client/wire.c - lines and replies on one SMTP connection */
#include "providers/smtp/client/wire.h"

#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"

void smtp_wire_init(struct smtp_wire *wire, struct conn *conn, const char *server)
{
    wire->conn = conn;
    wire->server = server;
    wire->deadline = NO_DEADLINE;
    wire->in_at = wire->in_end = 0;
    wire->broken = false;
    error_clear(&wire->error);
}

void smtp_wire_clear(struct smtp_wire *wire)
{
    conn_close(wire->conn);
    wire->conn = NULL;
}

HRESULT smtp_wire_break(struct smtp_wire *wire, HRESULT hr, const char *words)
{
    wire->broken = true;
    return error_set(&wire->error, hr, wire->server, "%s", words);
}

HRESULT smtp_wire_break_protocol(struct smtp_wire *wire, const char *fault)
{
    wire->broken = true;
    return error_set(&wire->error, MAPI_E_NETWORK_ERROR, wire->server,
                     "the server broke the SMTP protocol: %s", fault);
}

/* The connection failed: its own words tell. */
static HRESULT stream_failed(struct smtp_wire *wire, HRESULT hr)
{
    const struct error_info *why = conn_error(wire->conn);

    wire->broken = true;
    if (why && why->hr != S_OK)
        wire->error = *why;
    else
        error_set(&wire->error, hr, wire->server, "the connection failed");
    wire->error.hr = hr;
    return hr;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void start_clock(struct smtp_wire *wire)
{
    conn_set_deadline(wire->conn, earlier(engine_now() + wire->timeout, wire->deadline));
}

/* --- Reading ---------------------------------------------------------------------------------- */

static WAITS HRESULT fill(struct smtp_wire *wire)
{
    HRESULT hr;

    wire->in_at = wire->in_end = 0;
    hr = conn_read(wire->conn, wire->in, sizeof(wire->in), &wire->in_end);
    return FAILED(hr) ? stream_failed(wire, hr) : S_OK;
}

HRESULT smtp_wire_read(struct smtp_wire *wire)
{
    struct reply *reply = &wire->reply;
    enum reply_event event;
    size_t used;
    HRESULT hr;

    if (wire->broken)
        return wire->error.hr;
    reply_begin(reply);
    start_clock(wire);
    do {
        if (wire->in_at == wire->in_end) {
            hr = fill(wire);
            if (FAILED(hr))
                return hr;
        }
        event = reply_feed(reply, wire->in + wire->in_at, wire->in_end - wire->in_at, &used);
        wire->in_at += used;
        if (event == REPLY_FAULT)
            return smtp_wire_break_protocol(wire, reply->fault);
        if (event != REPLY_MORE && wire->trace)
            wire->trace(wire->trace_arg, SMTP_TRACE_RECEIVED, reply->line, reply->line_size);
    } while (event != REPLY_DONE);
    return S_OK;
}

bool smtp_wire_is_quiet(const struct smtp_wire *wire)
{
    return wire->in_at == wire->in_end && conn_buffered(wire->conn) == 0;
}

/* --- Writing ---------------------------------------------------------------------------------- */

HRESULT smtp_wire_write(struct smtp_wire *wire, const void *bytes, size_t size, const char *shown)
{
    HRESULT hr;

    if (wire->broken)
        return wire->error.hr;
    while (shown && *shown && wire->trace) {
        size_t length = strcspn(shown, "\r\n");

        wire->trace(wire->trace_arg, SMTP_TRACE_SENT, shown, length);
        shown += length + strspn(shown + length, "\r\n");
    }
    start_clock(wire);
    hr = conn_write(wire->conn, bytes, size);
    return SUCCEEDED(hr) ? S_OK : stream_failed(wire, hr);
}

HRESULT smtp_wire_command(struct smtp_wire *wire, const char *line)
{
    char text[WIRE_COMMAND_MAX];
    int size = snprintf(text, sizeof(text), "%s\r\n", line);
    HRESULT hr;

    if (size < 0 || (size_t)size >= sizeof(text))
        return MAPI_E_TOO_BIG;
    hr = smtp_wire_write(wire, text, (size_t)size, text);
    return SUCCEEDED(hr) ? smtp_wire_read(wire) : hr;
}

/* --- Telling ---------------------------------------------------------------------------------- */

HRESULT smtp_wire_refusal(const struct smtp_wire *wire, HRESULT hr, struct error_info *error)
{
    struct smtp_reply reply;

    reply_tell(&wire->reply, &reply);
    error_set(error, hr, wire->server, "%u %s%s%s", reply.code, reply.status,
              reply.status[0] ? " " : "", reply.words);
    if (error)
        error->low_level = reply.code;
    return hr;
}
