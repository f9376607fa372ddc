/* tests/net/peer.c - a server of the test's own, with certificates made on the spot */
#include "tests/net/peer.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Certificates ---- */

static void extension_add(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    cr_assert_not_null(extension, "%s", value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

struct identity *identity_create(const struct identity_options *options)
{
    static atomic_long serial = 1;
    struct identity *identity = calloc(1, sizeof(*identity));
    X509 *certificate = X509_new();
    X509 *issuer = options->issuer ? options->issuer->certificate : certificate;
    X509_NAME *name = X509_get_subject_name(certificate);
    bool dated = options->from || options->to;

    identity->key = EVP_EC_gen("P-256");
    identity->certificate = certificate;
    cr_assert_not_null(identity->key);

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), atomic_fetch_add(&serial, 1));
    X509_gmtime_adj(X509_getm_notBefore(certificate), dated ? options->from : -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate), dated ? options->to : 86400);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               (const unsigned char *)options->common_name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    X509_set_pubkey(certificate, identity->key);
    extension_add(certificate, issuer, NID_basic_constraints,
                  options->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extension_add(certificate, issuer, NID_subject_key_identifier, "hash");
    if (options->names)
        extension_add(certificate, issuer, NID_subject_alt_name, options->names);
    cr_assert(X509_sign(certificate, options->issuer ? options->issuer->key : identity->key,
                        EVP_sha256()) > 0);
    return identity;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
    free(identity);
}

void identity_write(const struct identity *identity, const char *path)
{
    FILE *file = fopen(path, "w");

    cr_assert_not_null(file);
    cr_assert_eq(PEM_write_X509(file, identity->certificate), 1);
    fclose(file);
}

char *identity_file(const struct identity *identity)
{
    char *path = strdup("/tmp/mapigate-test-XXXXXX");
    int fd = mkstemp(path);

    cr_assert(fd >= 0);
    close(fd);
    identity_write(identity, path);
    return path;
}

/* ---- The server ---- */

struct peer {
    struct peer_options options;
    SSL_CTX *context;
    int listener;
    uint16_t port;
    atomic_uint accepted;
    atomic_bool stopping;
    pthread_t thread;
};

static int server_name_note(SSL *ssl, int *alert, void *arg)
{
    struct peer_stream *stream = SSL_get_app_data(ssl);
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    if (name)
        snprintf(stream->server_name, sizeof(stream->server_name), "%s", name);
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *context_create(const struct peer_options *options)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    SSL_CTX_set_security_level(context, 0); /* TLS 1.1 needs it */
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, options->max_version);
    SSL_CTX_set_tlsext_servername_callback(context, server_name_note);
    cr_assert_eq(SSL_CTX_use_certificate(context, options->identity->certificate), 1);
    cr_assert_eq(SSL_CTX_use_PrivateKey(context, options->identity->key), 1);
    return context;
}

static void stream_serve(struct peer *peer, int fd)
{
    struct peer_stream stream = {.fd = fd, .peer = peer};
    struct timeval guard = {.tv_sec = 30};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof(guard));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &guard, sizeof(guard));
    if (peer->options.serve && (!peer->options.tls_first || peer_tls(&stream)))
        peer->options.serve(&stream, peer->options.arg);
    SSL_free(stream.ssl);
    close(fd);
}

static void *peer_main(void *arg)
{
    struct peer *peer = arg;
    sigset_t all;

    sigfillset(&all); /* OpenSSL's write raises SIGPIPE: here it may */
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (;;) {
        int fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC);

        if (atomic_load(&peer->stopping)) {
            if (fd >= 0)
                close(fd);
            return NULL;
        }
        if (fd < 0)
            continue;
        atomic_fetch_add(&peer->accepted, 1);
        stream_serve(peer, fd);
    }
}

static void peer_listen(struct peer *peer)
{
    const char *address = peer->options.address ? peer->options.address : "127.0.0.1";
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(peer->options.port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(peer->options.port)};
    bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
    struct sockaddr *name = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    socklen_t size = is_six ? sizeof(six) : sizeof(four);

    if (!is_six)
        cr_assert_eq(inet_pton(AF_INET, address, &four.sin_addr), 1);
    peer->listener = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(peer->listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    cr_assert_eq(bind(peer->listener, name, size), 0, "%s", strerror(errno));
    cr_assert_eq(listen(peer->listener, 128), 0);
    getsockname(peer->listener, name, &size);
    peer->port = ntohs(is_six ? six.sin6_port : four.sin_port);
}

struct peer *peer_start(const struct peer_options *options)
{
    struct peer *peer = calloc(1, sizeof(*peer));

    peer->options = *options;
    if (options->identity)
        peer->context = context_create(options);
    peer_listen(peer);
    cr_assert_eq(pthread_create(&peer->thread, NULL, peer_main, peer), 0);
    return peer;
}

uint16_t peer_port(const struct peer *peer)
{
    return peer->port;
}

unsigned peer_accepted(struct peer *peer)
{
    return atomic_load(&peer->accepted);
}

void peer_stop(struct peer *peer)
{
    atomic_store(&peer->stopping, true);
    shutdown(peer->listener, SHUT_RDWR); /* wakes accept */
    pthread_join(peer->thread, NULL);
    close(peer->listener);
    SSL_CTX_free(peer->context);
    free(peer);
}

/* ---- Bytes ---- */

bool peer_tls(struct peer_stream *stream)
{
    stream->ssl = SSL_new(stream->peer->context);
    SSL_set_app_data(stream->ssl, stream);
    SSL_set_fd(stream->ssl, stream->fd);
    return SSL_accept(stream->ssl) == 1;
}

void peer_write(struct peer_stream *stream, const void *bytes, size_t size)
{
    const char *next = bytes;

    while (size > 0) {
        ssize_t sent = stream->ssl ? SSL_write(stream->ssl, next, (int)size)
                                   : send(stream->fd, next, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        next += sent;
        size -= (size_t)sent;
    }
}

void peer_say(struct peer_stream *stream, const char *text)
{
    peer_write(stream, text, strlen(text));
}

size_t peer_read(struct peer_stream *stream, void *buffer, size_t size)
{
    ssize_t got =
        stream->ssl ? SSL_read(stream->ssl, buffer, (int)size) : recv(stream->fd, buffer, size, 0);

    return got > 0 ? (size_t)got : 0;
}

bool peer_read_all(struct peer_stream *stream, void *buffer, size_t size)
{
    char *next = buffer;

    while (size > 0) {
        size_t got = peer_read(stream, next, size);

        if (got == 0)
            return false;
        next += got;
        size -= got;
    }
    return true;
}

void peer_reset(struct peer_stream *stream)
{
    struct linger linger = {.l_onoff = 1};

    setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}
