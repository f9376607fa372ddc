/* net/openssl_init.h - OpenSSL made ready as a guest in somebody's process
 *
 * Without OPENSSL_INIT_NO_ATEXIT OpenSSL frees its tables when the host's main returns, under the
 * feet of engine threads that still run. Called by everything here before its first use of
 * OpenSSL; any thread, as often as one likes. */
#ifndef MG_OPENSSL_INIT_H
#define MG_OPENSSL_INIT_H

void openssl_init_once(void);

#endif
