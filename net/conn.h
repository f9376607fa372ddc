/* net/conn.h - a byte stream to a server: TCP, and TLS by OpenSSL
 *
 * A connection belongs to the engine it was opened on; its functions run in fibers of that engine,
 * one reader and one writer at a time. TLS is 1.2 or newer with certificate and host name verified
 * and SNI sent, always. Addresses of both families are tried in turn (a fallback starts after
 * 250 ms). A silent peer is noticed within 60 s by keepalive and TCP_USER_TIMEOUT. Reading gives
 * way to other fibers every 64 KiB. No write raises SIGPIPE.
 *
 * Errors: MAPI_E_NETWORK_ERROR, MAPI_E_TIMEOUT, MAPI_E_USER_CANCEL; MAPI_E_LOGON_FAILED for a
 * server that cannot be trusted (its certificate does not hold, it has no TLS 1.2, the CA file
 * cannot be read), which no further try will mend; MAPI_E_NOT_ENOUGH_RESOURCES and
 * MAPI_E_NOT_ENOUGH_MEMORY. The words go to `error`. A read that timed out or was cancelled may be
 * tried again; after any other failure every call fails with the same error. */
#ifndef MG_CONN_H
#define MG_CONN_H

#include "mapi/error.h"
#include "net/engine.h"

struct conn;

enum conn_tls {
    CONN_TLS_NONE,  /* plain, as the URL says tls=none */
    CONN_TLS_FIRST, /* TLS from the first byte: imaps, smtps */
    CONN_TLS_LATER, /* plain until conn_start_tls: STARTTLS */
};

struct conn_options {
    const char *host; /* name or literal address; also the name to verify */
    uint16_t port;
    enum conn_tls tls;
    const char *ca_file; /* PEM; NULL: the system's */
    uint64_t deadline;   /* for look-up, connect and handshake together */
};

WAITS HRESULT conn_open(const struct conn_options *options, struct error_info *error,
                        struct conn **ret_conn);

/* Reads 1 to `size` bytes. The end of the stream is MAPI_E_NETWORK_ERROR with the words "closed by
 * peer". `conn_error` tells the reason after a failure of read, write or start_tls. */
WAITS HRESULT conn_read(struct conn *conn, void *buffer, size_t size, size_t *ret_size);

/* Writes all of it. */
WAITS HRESULT conn_write(struct conn *conn, const void *bytes, size_t size);

const struct error_info *conn_error(const struct conn *conn);

/* Ends the waits of reads and writes that follow, and of those in progress. */
void conn_set_deadline(struct conn *conn, uint64_t deadline);

/* Handshake on a CONN_TLS_LATER connection. Refused with MAPI_E_NETWORK_ERROR when bytes have
 * already arrived behind the server's answer (plaintext injection); what the caller has read but
 * not yet looked at, in libetpan's buffer say, the caller must refuse. */
WAITS HRESULT conn_start_tls(struct conn *conn, struct error_info *error);

/* Bytes that conn_read gives without waiting for the socket (decrypted, not yet read). */
size_t conn_buffered(const struct conn *conn);

/* While nothing is read: calls readable(arg) once on the loop when bytes, the end of the stream or
 * an error arrive (at once if some are buffered). A read or conn_close disarms it. This is how
 * IMAP IDLE waits without a fiber. */
void conn_watch(struct conn *conn, void (*readable)(void *arg), void *arg);
void conn_unwatch(struct conn *conn);

/* "TLSv1.3", or NULL on a plain connection. The connection's own. */
const char *conn_tls_version(const struct conn *conn);

/* Makes each wait on the connection fail with MAPI_E_NETWORK_ERROR; loop or fiber. */
void conn_abort(struct conn *conn);

/* Closes (close_notify where it does not wait) and frees; NULL is accepted. Nobody may be reading
 * or writing. */
void conn_close(struct conn *conn);

#endif
