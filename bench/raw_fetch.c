/* bench/raw_fetch.c - the floor: the same FETCH, drained from a bare socket
 *
 *   raw_fetch PORT USER PASSWORD [CA-FILE]
 *
 * Connects to localhost (TLS when a CA file is given), logs in, selects INBOX, asks in one command
 * for what imap/client/rows.c asks for, and reads until the tagged answer, looking at nothing else.
 * Prints seconds=, from connect to the answer, and mb=. */
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KEPT  300
#define ITEMS "UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE MODSEQ"

struct peer {
    int fd;
    SSL *ssl; /* NULL: plain */
    char buffer[65536];
    size_t bytes;
};

static void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "raw_fetch: %s failed\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void peer_open(struct peer *peer, int port, const char *ca_file)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
    if (ca_file) {
        SSL_CTX *context = SSL_CTX_new(TLS_client_method());

        must(SSL_CTX_load_verify_locations(context, ca_file, NULL) == 1, "the CA file");
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        peer->ssl = SSL_new(context);
        SSL_set_fd(peer->ssl, peer->fd);
        must(SSL_connect(peer->ssl) == 1, "TLS");
    }
}

static size_t peer_read(struct peer *peer, size_t keep)
{
    size_t room = sizeof(peer->buffer) - keep;
    ssize_t got = peer->ssl ? SSL_read(peer->ssl, peer->buffer + keep, (int)room)
                            : read(peer->fd, peer->buffer + keep, room);

    must(got > 0 && (size_t)got <= room, "read");
    peer->bytes += (size_t)got;
    return (size_t)got;
}

/* Sends a command and drains its answer: the end is the last line that comes. */
static void peer_command(struct peer *peer, const char *tag, const char *words)
{
    char line[512], good[16];
    size_t size = (size_t)snprintf(line, sizeof(line), "%s %s\r\n", tag, words), keep = 0;

    snprintf(good, sizeof(good), "\n%s OK", tag);
    must((peer->ssl ? SSL_write(peer->ssl, line, (int)size) : write(peer->fd, line, size)) ==
             (ssize_t)size,
         "write");
    peer->buffer[keep++] = '\n';
    for (;;) {
        size_t have = keep + peer_read(peer, keep);
        const char *end = peer->buffer + have, *last;

        /* The tagged line is the last one and no longer than what is kept. */
        keep = have < KEPT ? have : KEPT;
        if (end[-1] == '\n') {
            last = memrchr(peer->buffer, '\n', have - 1);
            if (last && strncmp(last, good, strlen(good)) == 0)
                return;
            must(!last || strncmp(last + 1, tag, strlen(tag)) != 0, words);
        }
        memmove(peer->buffer, end - keep, keep);
    }
}

int main(int argc, char **argv)
{
    static struct peer peer;
    double begun = now();
    char login[256];

    if (argc < 4) {
        fprintf(stderr, "usage: raw_fetch PORT USER PASSWORD [CA-FILE]\n");
        return 2;
    }
    snprintf(login, sizeof(login), "LOGIN %s %s", argv[2], argv[3]);
    peer_open(&peer, atoi(argv[1]), argc > 4 ? argv[4] : NULL);
    peer_read(&peer, 0); /* greeting */
    peer_command(&peer, "a1", login);
    peer_command(&peer, "a2", "SELECT INBOX");
    peer_command(&peer, "a3", "UID FETCH 1:* (" ITEMS ")");
    printf("seconds=%.3f mb=%.1f\n", now() - begun, (double)peer.bytes / 1e6);
    return 0;
}
