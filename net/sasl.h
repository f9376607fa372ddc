/* net/sasl.h - SASL mechanisms, as bytes in and bytes out
 *
 * PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER are written out here, SCRAM-SHA-1 and SCRAM-SHA-256 go
 * through libgsasl. No I/O: IMAP's AUTHENTICATE and SMTP's AUTH carry the (base64) lines. Cyrus
 * SASL is never used: it has process-wide state that the host shares. */
#ifndef MG_SASL_H
#define MG_SASL_H

#include "mapi/error.h"
#include "net/engine.h"
#include "net/secret.h"

struct sasl;

struct sasl_identity {
    const char *service; /* "imap" or "smtp" */
    const char *host;    /* the server's name as configured */
    uint16_t port;
    const char *user;              /* authentication identity, UTF-8 */
    const struct secret *password; /* or the access token, for a Bearer mechanism */
};

/* Chooses the best mechanism that both `offered` (space-separated, upper case, as the server lists
 * them) and `wanted` ("auto", or one mechanism name: the PR_MG_AUTH setting) allow; clear-text ones
 * only if `tls`. "auto" prefers SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN. `identity` is copied
 * but for the secret, which is referenced. Fails with MAPI_E_NO_SUPPORT (no common mechanism; the
 * words list both sides), MAPI_E_UNCONFIGURED (no user or password), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT sasl_create(const char *offered, const char *wanted, bool tls,
                    const struct sasl_identity *identity, struct error_info *error,
                    struct sasl **ret_sasl);
void sasl_free(struct sasl *sasl); /* NULL is accepted */

/* The mechanism's name, the sasl's own. */
const char *sasl_mechanism(const struct sasl *sasl);

/* True if the client speaks first, so that an initial response (SASL-IR) can be sent. */
bool sasl_client_first(const struct sasl *sasl);

/* Answers the server's challenge (decoded bytes; size 0 for the initial response) with the decoded
 * bytes to send, the caller's reference. *ret_done says that the mechanism expects nothing more: a
 * success that the server reports earlier is a lie (in SCRAM, a server that has not proved that it
 * knows the password). A server that refuses a Bearer token still sends one challenge then: step
 * on, send the answer, and expect its no; `error` holds its reason although the step gives S_OK.
 * Fails with MAPI_E_LOGON_FAILED when the server's challenge is wrong, MAPI_E_UNCONFIGURED (a user
 * or token that the mechanism cannot carry), MAPI_E_TOO_BIG, MAPI_E_NOT_ENOUGH_MEMORY. */
WAITS HRESULT sasl_step(struct sasl *sasl, const void *challenge, size_t size,
                        struct error_info *error, struct secret **ret_response, bool *ret_done);

/* Standard base64 of a secret and back, in secrets. Text that is not base64 (also: white space,
 * missing padding) is MAPI_E_CORRUPT_DATA. */
HRESULT secret_base64(const struct secret *secret, struct secret **ret_encoded);
HRESULT secret_from_base64(const char *text, size_t size, struct secret **ret_decoded);

#endif
