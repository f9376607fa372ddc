/* providers/imap/client/router.h - what of a response libetpan gets to see
 *
 * Responses are told to the client's handler, all of them. libetpan is given only what moves its
 * own session on, written anew (wire.h says why): see the table in README.md. Private to the wire;
 * memory only. */
#ifndef IMAP_WIRE_ROUTER_H
#define IMAP_WIRE_ROUTER_H

#include "providers/imap/client/response.h"

#define ROUTER_TAG_MAX  15
#define ROUTER_LINE_MAX 64

enum router_verdict {
    ROUTER_HIDE,  /* not for libetpan */
    ROUTER_SHOW,  /* `line` is */
    ROUTER_WRONG, /* the completion of a command that was never sent */
    ROUTER_END,   /* a greeting that turns us away: libetpan meets the end of the stream */
};

/* What libetpan is doing, as its writes show. */
struct router {
    char tag[ROUTER_TAG_MAX + 1]; /* of the command under way; "": none */
    bool in_command;              /* its tag has been written */
    bool wants_continuation;      /* the last bytes written were a literal's header */
};

/* libetpan writes `bytes`. It flushes behind each command and each literal header. */
void router_written(struct router *router, const char *bytes, size_t size);

/* `response` came while libetpan reads. ROUTER_SHOW: `line` holds *ret_size bytes, CRLF included.
 */
enum router_verdict router_route(struct router *router, const struct wire_response *response,
                                 char line[ROUTER_LINE_MAX], size_t *ret_size);

#endif
