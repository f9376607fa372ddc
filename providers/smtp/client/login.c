/* providers/smtp/client/login.c - AUTH
 *
 * The mechanisms are net/sasl's; here are SMTP's lines around them (RFC 4954). Secrets go from one
 * locked page to the connection; the trace shows none. */
#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "net/sasl.h"
#include "net/secret.h"
#include "providers/smtp/client/private.h"

#define CHALLENGES_MAX 10 /* no mechanism has as many */

/* Sends one base64 line; `front` is the command when the response is an initial one. */
static WAITS HRESULT send_response(struct smtp_wire *wire, const char *front,
                                   const struct secret *response)
{
    struct secret *encoded = NULL, *line = NULL;
    char shown[80];
    HRESULT hr = secret_base64(response, &encoded);
    size_t front_size = strlen(front), size;
    const char *bytes;
    char *at;

    if (FAILED(hr))
        return hr;
    bytes = secret_bytes(encoded);
    size = secret_size(encoded);
    if (front_size && !size) { /* an empty initial response is "=" (RFC 4954, 4) */
        bytes = "=";
        size = 1;
    }
    hr = secret_create_empty(front_size + size + 2, &line);
    if (SUCCEEDED(hr)) {
        at = secret_fill(line);
        memcpy(at, front, front_size);
        memcpy(at + front_size, bytes, size);
        memcpy(at + front_size + size, "\r\n", 2);
        snprintf(shown, sizeof(shown), "%s(secret)", front);
        hr = smtp_wire_write(wire, at, front_size + size + 2, shown);
    }
    secret_unref(line);
    secret_unref(encoded);
    return hr;
}

static WAITS HRESULT answer_challenge(struct smtp_session *session, struct sasl *sasl,
                                      struct error_info *error, bool *ret_done)
{
    struct smtp_wire *wire = &session->wire;
    struct secret *challenge = NULL, *response = NULL;
    HRESULT hr = secret_from_base64(wire->reply.text, wire->reply.text_size, &challenge), given_up;

    if (FAILED(hr))
        hr = error_set(error, MAPI_E_LOGON_FAILED, wire->server,
                       "the server's challenge is no base64");
    else
        hr = sasl_step(sasl, secret_bytes(challenge), secret_size(challenge), error, &response,
                       ret_done);
    if (SUCCEEDED(hr)) {
        hr = send_response(wire, "", response);
        if (FAILED(hr) && wire->broken && error)
            *error = wire->error;
    } else {
        given_up = smtp_wire_write(wire, "*\r\n", 3, "*");
        if (SUCCEEDED(given_up))
            smtp_wire_read(wire); /* 501; `error` has the reason */
    }
    secret_unref(response);
    secret_unref(challenge);
    return hr;
}

static WAITS HRESULT send_auth(struct smtp_session *session, struct sasl *sasl,
                               struct error_info *error, bool *ret_done)
{
    struct secret *first = NULL;
    char front[64];
    HRESULT hr;

    *ret_done = false;
    snprintf(front, sizeof(front), "AUTH %s", sasl_mechanism(sasl));
    if (!sasl_client_first(sasl)) {
        strcat(front, "\r\n");
        return smtp_wire_write(&session->wire, front, strlen(front), front);
    }
    strcat(front, " ");
    hr = sasl_step(sasl, NULL, 0, error, &first, ret_done);
    if (SUCCEEDED(hr))
        hr = send_response(&session->wire, front, first);
    secret_unref(first);
    return hr;
}

static WAITS HRESULT authenticate(struct smtp_session *session, struct sasl *sasl,
                                  struct error_info *error)
{
    struct smtp_wire *wire = &session->wire;
    bool done = false;
    HRESULT hr = send_auth(session, sasl, error, &done);

    for (int i = 0; SUCCEEDED(hr) && i < CHALLENGES_MAX; i++) {
        hr = smtp_wire_read(wire);
        if (FAILED(hr) || wire->reply.code != 334)
            break;
        hr = answer_challenge(session, sasl, error, &done);
        if (FAILED(hr))
            return hr;
    }
    if (FAILED(hr)) {
        if (wire->broken && error)
            *error = wire->error;
        return hr;
    }
    if (wire->reply.code == 235)
        return done ? S_OK
                    : error_set(error, MAPI_E_LOGON_FAILED, wire->server,
                                "the server did not prove that it knows the password");
    if (wire->reply.code >= 500)
        return smtp_wire_refusal(wire, MAPI_E_LOGON_FAILED, error);
    if (wire->reply.code >= 400)
        return smtp_wire_refusal(wire, MAPI_E_NETWORK_ERROR, error); /* not now */
    return smtp_session_refused(session, error);
}

static WAITS HRESULT login_with(struct smtp_client *client, struct smtp_session *session,
                                const struct secret *password, struct error_info *error)
{
    const struct smtp_client_options *options = &client->options;
    /* In the clear only where the URL says so in so many words (tls=none). */
    bool private = conn_tls_version(session->wire.conn) || options->tls == CONN_TLS_NONE;
    struct sasl_identity identity = {.service = "smtp",
                                     .host = options->host,
                                     .port = options->port,
                                     .user = options->user,
                                     .password = password};
    struct sasl *sasl = NULL;
    HRESULT hr = sasl_create(session->mechanisms, options->auth, private, &identity, error, &sasl);

    if (SUCCEEDED(hr))
        hr = authenticate(session, sasl, error);
    sasl_free(sasl);
    return hr;
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
    return secret_size(a) == secret_size(b) &&
           memcmp(secret_bytes(a), secret_bytes(b), secret_size(a)) == 0;
}

/* A refused credential is asked for once more: the first may have come from an aged cache. */
HRESULT smtp_session_login(struct smtp_client *client, struct smtp_session *session,
                           struct error_info *error)
{
    const struct smtp_client_options *options = &client->options;
    struct secret *password = NULL, *another = NULL;
    HRESULT hr;

    if (!options->credential)
        return error_set(error, MAPI_E_UNCONFIGURED, client->server, "no password is configured");
    hr = options->credential(options->arg, client->again, error, &password);
    if (FAILED(hr))
        return hr;
    hr = login_with(client, session, password, error);
    if (hr == MAPI_E_LOGON_FAILED && !session->wire.broken && !client->again &&
        SUCCEEDED(options->credential(options->arg, true, NULL, &another)) &&
        !same_secret(password, another))
        hr = login_with(client, session, another, error);
    client->again = hr == MAPI_E_LOGON_FAILED;
    secret_unref(another);
    secret_unref(password);
    return hr;
}
