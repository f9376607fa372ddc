/* bench/raw_peer.h - a bare IMAP client, the floor of the benchmarks
 *
 * One blocking socket to localhost, with or without TLS. A command is sent and its answer drained
 * until the tagged line; what is to be looked at goes to a sink. Failures end the program. */
#ifndef BENCH_RAW_PEER_H
#define BENCH_RAW_PEER_H

#include <stddef.h>

typedef struct ssl_st SSL;

struct raw_peer {
    int fd;
    SSL *ssl; /* NULL: plain */
    unsigned tag;
    size_t bytes; /* that have come */
    char buffer[65536];
};

/* The bytes of an answer as they come, the tagged line with them. */
typedef void raw_sink(void *arg, const char *bytes, size_t size);

/* Connects, reads the greeting and logs in; `ca_file` NULL: no TLS. */
void raw_open(struct raw_peer *peer, int port, const char *ca_file, const char *user,
              const char *password);
void raw_close(struct raw_peer *peer);

/* Ends the program unless the answer is OK. `sink` may be NULL. */
void raw_command(struct raw_peer *peer, const char *words, raw_sink *sink, void *arg);

#endif
