/* net/conn-private.h - what the files of a connection share
 *
 * conn.c opens, closes and waits; conn_io.c reads, writes and watches; conn_tls.c is the TLS
 * layer. All of it on the engine's thread. */
#ifndef MG_CONN_PRIVATE_H
#define MG_CONN_PRIVATE_H

#include <openssl/ssl.h>

#include "net/conn.h"
#include "net/engine-private.h"
#include "net/fd_watch.h"

/* One of the two fibers that may wait on a connection. */
struct conn_side {
    struct fiber_wait *wait; /* while it waits */
    unsigned events;         /* what it waits for: TLS may want to write in order to read */
};

/* What certificate verification found, kept from inside OpenSSL's callback. */
struct conn_verdict {
    bool refused;
    uint32_t alert; /* the TLS alert that the server gets */
    char words[256];
};

struct conn {
    struct engine *engine; /* our reference */
    struct engine_hook hook;
    enum conn_tls tls;
    char *host;
    char *ca_file;
    char component[64]; /* "host:port", for errors */

    int fd;                 /* -1: not connected, or the engine has stopped */
    struct fd_watch *watch; /* lives with fd */
    SSL *ssl;               /* NULL: plain, or still plain */
    struct conn_verdict verdict;
    int io_errno;  /* of the last failed call under TLS */
    bool peer_eof; /* the socket has no more bytes */

    uint64_t deadline;
    bool aborted;
    HRESULT broken; /* the stream is over or out of step: every later call fails with this */
    struct error_info error;
    struct conn_side reader, writer;
    size_t since_yield; /* bytes moved since the last wait */

    void (*readable)(void *arg); /* conn_watch; NULL: not armed */
    void *readable_arg;
    struct engine_timer readable_soon; /* for what is buffered already */
};

/* ---- conn.c ---- */

/* What each waiting call checks first: broken, aborted, cancelled, too late. */
HRESULT conn_enter(struct conn *conn);

/* Waits for FD_ bits as `side`. S_OK may come early: try again. */
WAITS HRESULT conn_wait(struct conn *conn, struct conn_side *side, unsigned events);

/* Tells the loop what both sides and the watch wait for. */
void conn_update_wanted(struct conn *conn);

/* Notes the failure in conn->error, and that nothing can come after it. */
HRESULT conn_break(struct conn *conn, HRESULT hr, const char *words);
HRESULT conn_break_errno(struct conn *conn, int number);

/* ---- conn_io.c ---- */

/* On the loop: the socket has news for an armed conn_watch. */
void conn_watch_ready(struct conn *conn);

/* ---- conn_tls.c ---- */

/* Does the handshake on the connected socket; failures are in conn->error. */
WAITS HRESULT conn_tls_handshake(struct conn *conn);

/* Like recv and send: bytes moved; 0: wait for *ret_wanted; -1: conn_break has been called. */
ssize_t conn_tls_read(struct conn *conn, void *buffer, size_t size, unsigned *ret_wanted);
ssize_t conn_tls_write(struct conn *conn, const void *bytes, size_t size, unsigned *ret_wanted);

/* Would a read give data, or the end, without waiting? Consumes what is not data. */
bool conn_tls_readable(struct conn *conn);

/* Says good-bye if that does not wait, and frees. */
void conn_tls_end(struct conn *conn);

/* ---- tls_context.c ---- */

/* The engine's context for a CA file (NULL: the system's authorities), made or remade when the
 * file has changed; the caller's reference. MAPI_E_LOGON_FAILED when the file cannot be used. */
WAITS HRESULT tls_context_get(const char *ca_file, const char *component, struct error_info *error,
                              SSL_CTX **ret_context);

/* A BIO that moves bytes between OpenSSL and conn->fd without ever raising SIGPIPE. */
BIO *conn_bio_create(struct conn *conn);

/* ---- tls_verify.c ---- */

/* Sets what the certificate must hold: conn->host, by name or by address; sends SNI for a name. */
bool tls_verify_setup(struct conn *conn);

#endif
