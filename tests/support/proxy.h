/* tests/support/proxy.h - between a client and an honest server, to lie when told
 *
 * Listens on a loopback port and passes bytes on in both directions. While there is a lie, a line
 * of the client that matches is not passed on; the lie is said instead. So a session meets a real
 * server that turns hostile at one point and behaves again later. For line protocols (IMAP, SMTP)
 * in the clear. One thread a connection. */
#ifndef TESTS_PROXY_H
#define TESTS_PROXY_H

#include <stdbool.h>
#include <stdint.h>

struct proxy;

/* For a server on that port of 127.0.0.1. */
struct proxy *proxy_start(uint16_t server_port);
uint16_t proxy_port(const struct proxy *proxy);

struct proxy_lie {
    const char *pattern; /* of a client's line (fnmatch), the first word (IMAP's tag) left out */
    const char *answer;  /* raw; %t becomes the first word of the line. Must stay */
    bool close;          /* and the connection ends */
    bool honest_too;     /* the line is passed on as well, behind the lie */
};

/* From now on; NULL: the server is honest again. */
void proxy_lie(struct proxy *proxy, const struct proxy_lie *lie);

/* How often the present lie has been told. */
unsigned proxy_told(struct proxy *proxy);

/* Connections accepted so far. */
unsigned proxy_accepted(struct proxy *proxy);

/* Ends all connections. NULL is accepted. */
void proxy_stop(struct proxy *proxy);

#endif
