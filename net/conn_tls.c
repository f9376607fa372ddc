/* net/conn_tls.c - the TLS layer of a connection
 *
 * TLS 1.2 or newer, always verified. OpenSSL's error queue belongs to the thread and fibers share
 * it: it is cleared before each call, and read before the fiber waits. */
#include "net/conn-private.h"

#include <limits.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "mapi/mapicode.h"
#include "net/openssl_init.h"

/* ---- Words ---- */

/* No common version. What else OpenSSL calls a wrong version is an answer that is not TLS. */
static bool is_version_refusal(int reason)
{
    return reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION ||
           reason == SSL_R_VERSION_TOO_LOW || reason == SSL_R_WRONG_SSL_VERSION ||
           reason == SSL_R_NO_PROTOCOLS_AVAILABLE;
}

static HRESULT break_protocol(struct conn *conn, bool handshake)
{
    unsigned long code = ERR_peek_error();
    int reason = ERR_GET_REASON(code);
    const char *words = ERR_reason_error_string(code);

    if (handshake && is_version_refusal(reason))
        return conn_break(conn, MAPI_E_LOGON_FAILED, "the server offers no TLS 1.2 or newer");
    if (handshake && (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST))
        return conn_break(conn, MAPI_E_NETWORK_ERROR, "the server does not speak TLS on this port");
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return conn_break(conn, MAPI_E_NETWORK_ERROR, "closed by peer");

    conn->broken = error_set(&conn->error, MAPI_E_NETWORK_ERROR, conn->component, "TLS %s: %s",
                             handshake ? "handshake" : "failed", words ? words : "unknown error");
    if (reason >= SSL_AD_REASON_OFFSET) /* the server's alert */
        conn->error.low_level = (uint32_t)(reason - SSL_AD_REASON_OFFSET);
    return conn->broken;
}

static HRESULT break_verdict(struct conn *conn)
{
    conn_break(conn, MAPI_E_LOGON_FAILED, conn->verdict.words);
    conn->error.low_level = conn->verdict.alert;
    return conn->broken;
}

/* Looks at what an SSL call that gave `result` <= 0 wants: FD_ bits, or 0 after conn_break. */
static unsigned tls_outcome(struct conn *conn, int result, bool handshake)
{
    switch (SSL_get_error(conn->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return FD_READABLE;
    case SSL_ERROR_WANT_WRITE:
        return FD_WRITABLE;
    case SSL_ERROR_ZERO_RETURN:
        conn_break(conn, MAPI_E_NETWORK_ERROR, "closed by peer");
        break;
    case SSL_ERROR_SYSCALL:
        if (conn->peer_eof || conn->io_errno == 0)
            conn_break(conn, MAPI_E_NETWORK_ERROR, "closed by peer");
        else
            conn_break_errno(conn, conn->io_errno);
        break;
    default:
        if (conn->verdict.refused)
            break_verdict(conn);
        else
            break_protocol(conn, handshake);
    }
    ERR_clear_error();
    return 0;
}

static void tls_prepare(struct conn *conn)
{
    ERR_clear_error();
    conn->io_errno = 0;
}

/* ---- Handshake ---- */

static HRESULT tls_setup(struct conn *conn)
{
    SSL_CTX *context;
    BIO *bio;
    HRESULT hr = tls_context_get(conn->ca_file, conn->component, &conn->error, &context);

    if (FAILED(hr))
        return hr;
    conn->ssl = SSL_new(context);
    SSL_CTX_free(context); /* the SSL has its own reference */
    bio = conn_bio_create(conn);
    if (!conn->ssl || !bio) {
        BIO_free(bio);
        return conn_break(conn, MAPI_E_NOT_ENOUGH_MEMORY, "not enough memory");
    }
    SSL_set_bio(conn->ssl, bio, bio);
    if (!tls_verify_setup(conn))
        return conn_break(conn, MAPI_E_LOGON_FAILED, "the server's name cannot be verified");
    return S_OK;
}

HRESULT conn_tls_handshake(struct conn *conn)
{
    HRESULT hr;

    openssl_init_once();
    hr = tls_setup(conn);
    while (SUCCEEDED(hr)) {
        unsigned wanted;
        int result;

        hr = conn_enter(conn); /* setting up may have waited */
        if (FAILED(hr))
            break;
        tls_prepare(conn);
        result = SSL_connect(conn->ssl);
        if (result == 1)
            return S_OK;
        wanted = tls_outcome(conn, result, true);
        hr = wanted ? conn_wait(conn, &conn->reader, wanted) : conn->broken;
    }
    conn->broken = hr; /* half a handshake is of no use */
    return hr;
}

/* A server speaks next when it has our ClientHello. Bytes that are here before were put behind its
 * answer by somebody who wants them to be taken for encrypted ones (CVE-2011-0411). */
static bool is_injected(struct conn *conn)
{
    char byte;

    return recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

HRESULT conn_start_tls(struct conn *conn, struct error_info *error)
{
    HRESULT hr = conn_enter(conn);

    if (SUCCEEDED(hr) && (conn->tls != CONN_TLS_LATER || conn->ssl))
        hr = conn_break(conn, MAPI_E_CALL_FAILED, "TLS was not to be started here");
    if (SUCCEEDED(hr) && is_injected(conn))
        hr = conn_break(conn, MAPI_E_NETWORK_ERROR,
                        "unencrypted bytes follow the server's answer to STARTTLS");
    if (SUCCEEDED(hr)) {
        conn_unwatch(conn);
        hr = conn_tls_handshake(conn);
    }
    if (FAILED(hr) && error)
        *error = conn->error;
    return hr;
}

/* ---- Bytes ---- */

ssize_t conn_tls_read(struct conn *conn, void *buffer, size_t size, unsigned *ret_wanted)
{
    int got;

    tls_prepare(conn);
    got = SSL_read(conn->ssl, buffer, size < INT_MAX ? (int)size : INT_MAX);
    if (got > 0)
        return got;
    *ret_wanted = tls_outcome(conn, got, false);
    return *ret_wanted ? 0 : -1;
}

ssize_t conn_tls_write(struct conn *conn, const void *bytes, size_t size, unsigned *ret_wanted)
{
    int sent;

    tls_prepare(conn);
    sent = SSL_write(conn->ssl, bytes, size < INT_MAX ? (int)size : INT_MAX);
    if (sent > 0)
        return sent;
    *ret_wanted = tls_outcome(conn, sent, false);
    return *ret_wanted ? 0 : -1;
}

bool conn_tls_readable(struct conn *conn)
{
    char byte;
    int got;

    tls_prepare(conn);
    got = SSL_peek(conn->ssl, &byte, 1);
    return got > 0 || tls_outcome(conn, got, false) == 0;
}

const char *conn_tls_version(const struct conn *conn)
{
    return conn->ssl && SSL_is_init_finished(conn->ssl) ? SSL_get_version(conn->ssl) : NULL;
}

void conn_tls_end(struct conn *conn)
{
    if (!conn->ssl)
        return;
    if (SUCCEEDED(conn->broken) && !conn->aborted && conn->fd >= 0 &&
        !engine_has_stopped(conn->engine) && SSL_is_init_finished(conn->ssl)) {
        tls_prepare(conn);
        SSL_shutdown(conn->ssl);
        ERR_clear_error();
    }
    SSL_free(conn->ssl);
    conn->ssl = NULL;
}
