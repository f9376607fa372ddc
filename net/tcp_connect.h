/* net/tcp_connect.h - a TCP connection to the first of several addresses that answers
 *
 * For net/ only. */
#ifndef MG_TCP_CONNECT_H
#define MG_TCP_CONNECT_H

#include "net/resolver.h"

/* Tries the addresses in turn, the families alternating; the next begins when one has failed or
 * 250 ms after the last (RFC 8305). On S_OK *ret_fd is a non-blocking, close-on-exec socket of the
 * caller's, with keepalive and user time-out set so that a silent peer is noticed within 60 s.
 * Fails with MAPI_E_NETWORK_ERROR, MAPI_E_TIMEOUT, MAPI_E_USER_CANCEL,
 * MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_E_NOT_ENOUGH_MEMORY. */
WAITS HRESULT tcp_connect(const struct resolved *addresses, const char *component,
                          uint64_t deadline, struct error_info *error, int *ret_fd);

#endif
