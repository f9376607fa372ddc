/* net/resolver.h - host names to addresses, by c-ares on the engine's loop
 *
 * Literals and /etc/hosts first. One query in flight per name; answers are cached by their TTL and
 * the last good answer serves for an hour while the resolver fails. */
#ifndef MG_RESOLVER_H
#define MG_RESOLVER_H

#include <sys/socket.h>

#include "mapi/error.h"
#include "net/engine.h"

#define RESOLVER_ADDRESSES_MAX 16

struct resolved {
    size_t count;
    struct sockaddr_storage addresses[RESOLVER_ADDRESSES_MAX]; /* in the order to try (RFC 6724) */
};

/* Fiber of an engine. Fails with MAPI_E_NETWORK_ERROR (no such host, no answer), MAPI_E_TIMEOUT,
 * MAPI_E_USER_CANCEL. */
WAITS HRESULT resolver_lookup(const char *host, uint16_t port, uint64_t deadline,
                              struct error_info *error, struct resolved *ret);

#endif
