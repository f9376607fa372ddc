/* providers/smtp/client/wire.h - lines and replies on one SMTP connection
 *
 * Private to this room. What a server says is measured before anybody keeps it (reply.h); a server
 * that breaks these rules breaks the stream, with MAPI_E_NETWORK_ERROR and words. Deadlines are for
 * whole replies, so that a server that drips gets no longer than one that is silent. */
#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H

#include "providers/smtp/client/client.h"
#include "providers/smtp/client/reply.h"

#define WIRE_COMMAND_MAX 2048

struct smtp_wire {
    struct conn *conn; /* the wire's */
    const char *server;
    void (*trace)(void *arg, enum smtp_trace direction, const char *line, size_t size);
    void *trace_arg;
    uint64_t timeout;        /* milliseconds for a reply, and for a write */
    uint64_t deadline;       /* of the whole undertaking; NO_DEADLINE: none */
    bool broken;             /* out of step, or gone: only to be closed */
    struct error_info error; /* why */

    char in[4096];
    size_t in_at, in_end;

    struct reply reply; /* the last one */
};

/* Takes over the connection. */
void smtp_wire_init(struct smtp_wire *wire, struct conn *conn, const char *server);

/* Closes the connection; a zeroed wire is accepted. */
void smtp_wire_clear(struct smtp_wire *wire);

/* Reads a reply, within `timeout` from now. It is then in wire->reply. */
WAITS HRESULT smtp_wire_read(struct smtp_wire *wire);

/* Writes bytes; lines of `shown` (NULL: nothing) go to the trace. */
WAITS HRESULT smtp_wire_write(struct smtp_wire *wire, const void *bytes, size_t size,
                              const char *shown);

/* Writes one command line (CRLF is added) and reads its reply. */
WAITS HRESULT smtp_wire_command(struct smtp_wire *wire, const char *line);

/* True if nothing has been received that nobody has read. */
bool smtp_wire_is_quiet(const struct smtp_wire *wire);

/* Fills `error` with the last reply as a refusal (low_level: its code) and returns `hr`. */
HRESULT smtp_wire_refusal(const struct smtp_wire *wire, HRESULT hr, struct error_info *error);

/* Gives the stream up; returns `hr`. */
HRESULT smtp_wire_break(struct smtp_wire *wire, HRESULT hr, const char *words);

/* The same for a server that broke the protocol: MAPI_E_NETWORK_ERROR; `fault`: "3xx to MAIL". */
HRESULT smtp_wire_break_protocol(struct smtp_wire *wire, const char *fault);

#endif
