/* tests/net/dns_server.h - a DNS server of the test's own, on a loopback UDP port
 *
 * Answers from a table that the test changes as it goes. A name that the table lacks does not
 * exist. Any thread. */
#ifndef TEST_DNS_SERVER_H
#define TEST_DNS_SERVER_H

#include <stdint.h>

struct dns_server;

struct dns_server *dns_server_start(void);
void dns_server_stop(struct dns_server *server);

/* "127.0.0.1:54321", the server's own. */
const char *dns_server_address(const struct dns_server *server);

/* The addresses (literals of both families, separated by blanks) of `name` from now on. */
void dns_server_set(struct dns_server *server, const char *name, const char *addresses, int ttl);

/* How all queries fare from now on. */
enum dns_mood { DNS_ANSWERS, DNS_SILENT, DNS_SERVFAIL };
void dns_server_mood(struct dns_server *server, enum dns_mood mood);

/* Queries heard so far: for one type of record, 1 (A) or 28 (AAAA). */
unsigned dns_server_queries(struct dns_server *server, int type);

#endif
