/* tests/net/peer.h - a server of the test's own, with certificates made on the spot
 *
 * One thread accepts and serves one connection after the other, with blocking calls and OpenSSL.
 * The guard of 30 s ends every wait: then reads give 0. */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

/* A key and its certificate. */
struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

struct identity_options {
    const char *common_name;
    const char *names;             /* as OpenSSL writes them: "DNS:localhost,IP:::1"; NULL: none */
    const struct identity *issuer; /* NULL: signs itself */
    bool authority;                /* may sign others */
    long from, to;                 /* seconds from now; both 0: from yesterday to tomorrow */
};

struct identity *identity_create(const struct identity_options *options);
void identity_free(struct identity *identity); /* NULL is accepted */

/* Writes the certificate as PEM to a new temporary file, whose name the caller unlinks and frees;
 * or over the file `path`. */
char *identity_file(const struct identity *identity);
void identity_write(const struct identity *identity, const char *path);

/* One accepted connection, in the peer's thread. */
struct peer_stream {
    int fd;
    SSL *ssl; /* NULL: plain, or not yet */
    struct peer *peer;
    char server_name[64]; /* what SNI said; "": nothing */
};

typedef void peer_fn(struct peer_stream *stream, void *arg);

struct peer_options {
    const char *address;             /* literal; NULL: 127.0.0.1 */
    uint16_t port;                   /* 0: any free one */
    const struct identity *identity; /* for TLS; borrowed */
    int max_version;                 /* TLS1_1_VERSION, say; 0: the newest */
    bool tls_first;                  /* handshake before `serve`; if that fails, it is not called */
    peer_fn *serve;                  /* NULL: the connection is closed at once */
    void *arg;
};

struct peer *peer_start(const struct peer_options *options);
uint16_t peer_port(const struct peer *peer);
unsigned peer_accepted(struct peer *peer);
void peer_stop(struct peer *peer); /* waits for the connection being served */

/* Handshake; false if it failed. */
bool peer_tls(struct peer_stream *stream);
void peer_write(struct peer_stream *stream, const void *bytes, size_t size);
void peer_say(struct peer_stream *stream, const char *text);
size_t peer_read(struct peer_stream *stream, void *buffer, size_t size); /* 0: the end */
bool peer_read_all(struct peer_stream *stream, void *buffer, size_t size);
void peer_reset(struct peer_stream *stream); /* RST when it is closed */

#endif
