/* bench/raw_peer.c - a bare IMAP client, the floor of the benchmarks */
#include "bench/raw_peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEPT 300 /* a tagged line is not longer */

static void need(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s: raw: %s failed\n", program_invocation_short_name, what);
    exit(1);
}

static size_t peer_read(struct raw_peer *peer, size_t keep)
{
    size_t room = sizeof(peer->buffer) - keep;
    ssize_t got = peer->ssl ? SSL_read(peer->ssl, peer->buffer + keep, (int)room)
                            : read(peer->fd, peer->buffer + keep, room);

    need(got > 0 && (size_t)got <= room, "read");
    peer->bytes += (size_t)got;
    return (size_t)got;
}

static void start_tls(struct raw_peer *peer, const char *ca_file)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    need(SSL_CTX_load_verify_locations(context, ca_file, NULL) == 1, "the CA file");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    peer->ssl = SSL_new(context);
    SSL_set_fd(peer->ssl, peer->fd);
    need(SSL_connect(peer->ssl) == 1, "TLS");
    SSL_CTX_free(context);
}

void raw_open(struct raw_peer *peer, int port, const char *ca_file, const char *user,
              const char *password)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char login[256];
    int one = 1;

    memset(peer, 0, offsetof(struct raw_peer, buffer));
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (ca_file)
        start_tls(peer, ca_file);
    peer_read(peer, 0); /* greeting */
    snprintf(login, sizeof(login), "LOGIN %s %s", user, password);
    raw_command(peer, login, NULL, NULL);
}

void raw_close(struct raw_peer *peer)
{
    SSL_free(peer->ssl);
    close(peer->fd);
}

static void peer_write(struct raw_peer *peer, const char *line, size_t size)
{
    need((peer->ssl ? SSL_write(peer->ssl, line, (int)size) : write(peer->fd, line, size)) ==
             (ssize_t)size,
         "write");
}

void raw_command(struct raw_peer *peer, const char *words, raw_sink *sink, void *arg)
{
    char tag[16], good[24];
    char *line = NULL;
    size_t keep = 0;
    int size;

    snprintf(tag, sizeof(tag), "r%u", ++peer->tag);
    snprintf(good, sizeof(good), "\n%s OK", tag);
    size = asprintf(&line, "%s %s\r\n", tag, words);
    need(size > 0, "memory");
    peer_write(peer, line, (size_t)size);
    free(line);
    peer->buffer[keep++] = '\n';
    for (;;) {
        size_t got = peer_read(peer, keep), have = keep + got;
        const char *end = peer->buffer + have, *last;

        if (sink)
            sink(arg, peer->buffer + keep, got);
        /* The tagged line is the last one and no longer than what is kept. */
        keep = have < KEPT ? have : KEPT;
        if (end[-1] == '\n') {
            last = memrchr(peer->buffer, '\n', have - 1);
            if (last && strncmp(last, good, strlen(good)) == 0)
                return;
            need(!last || strncmp(last + 1, tag, strlen(tag)) != 0, words);
        }
        memmove(peer->buffer, end - keep, keep);
    }
}
