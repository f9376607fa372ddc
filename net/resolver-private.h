/* net/resolver-private.h - a resolver that asks other servers
 *
 * For tests: the servers of /etc/resolv.conf are replaced. */
#ifndef MG_RESOLVER_PRIVATE_H
#define MG_RESOLVER_PRIVATE_H

#include "net/resolver.h"

/* The running engine's resolver asks `servers` ("127.0.0.1:5353", comma-separated) from now on,
 * and waits `timeout` ms for each of two tries. Fiber or loop. */
HRESULT resolver_use_servers(const char *servers, unsigned timeout);

/* The running engine's resolver believes that `ms` more have passed: what is cached ages. */
void resolver_age(uint64_t ms);

#endif
