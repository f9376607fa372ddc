/* providers/imap/client/login.c - AUTHENTICATE, and LOGIN where there is nothing better
 *
 * The mechanisms are net/sasl's; here are IMAP's lines around them (RFC 3501, 6.2.2; RFC 4959).
 * Secrets go from one locked page to the connection; the trace shows none. A refused credential is
 * asked for once more, in case the first one came from a cache that has aged. */
#include "providers/imap/client/client_private.h"

#include <stdio.h>
#include <string.h>

#include "net/sasl.h"
#include "net/secret.h"

/* Sends one base64 line (or, in front, the command with its initial response). */
static WAITS HRESULT send_response(struct imap_session *session, const char *front,
                                   const struct secret *response)
{
    struct secret *encoded = NULL, *line = NULL;
    HRESULT hr = secret_base64(response, &encoded);
    size_t front_size = strlen(front), size;

    if (FAILED(hr))
        return hr;
    size = secret_size(encoded);
    /* An empty initial response is "=" (RFC 4959). */
    if (front_size > 0 && size == 0)
        size = 1;
    hr = secret_create_empty(front_size + size + 2, &line);
    if (SUCCEEDED(hr)) {
        char *at = secret_fill(line);

        memcpy(at, front, front_size);
        memcpy(at + front_size, secret_size(encoded) ? secret_bytes(encoded) : "=", size);
        memcpy(at + front_size + size, "\r\n", 2);
        hr = imap_session_write(session, at, front_size + size + 2, true);
    }
    secret_unref(line);
    secret_unref(encoded);
    return hr;
}

static WAITS HRESULT answer_challenge(struct imap_session *session, struct sasl *sasl,
                                      const struct wire_text *text, struct error_info *error,
                                      bool *ret_done)
{
    struct secret *challenge = NULL, *response = NULL;
    HRESULT hr = secret_from_base64(text->data ? text->data : "", text->size, &challenge);

    if (SUCCEEDED(hr))
        hr = sasl_step(sasl, secret_bytes(challenge), secret_size(challenge), error, &response,
                       ret_done);
    else
        error_set(error, MAPI_E_LOGON_FAILED, session->client->server,
                  "the server's challenge is no base64");
    if (SUCCEEDED(hr)) {
        hr = send_response(session, "", response);
        if (FAILED(hr))
            hr = imap_session_failed(session, hr, error);
    } else {
        imap_session_write(session, "*\r\n", 3, false); /* RFC 3501: give the exchange up */
        hr = MAPI_E_LOGON_FAILED;
    }
    secret_unref(response);
    secret_unref(challenge);
    return hr;
}

/* A NO to a login: is it this user who is refused, or is the server unable just now? */
static HRESULT login_refused(struct imap_session *session, const struct wire_status *status,
                             struct error_info *error)
{
    HRESULT hr = imap_session_refusal(session, status, "login refused", error);

    if (hr == MAPI_E_NETWORK_ERROR || hr == MAPI_E_BUSY || hr == MAPI_E_NOT_ENOUGH_RESOURCES ||
        (error && imap_connection_says_too_many(error)))
        hr = MAPI_E_NETWORK_ERROR; /* UNAVAILABLE, INUSE, LIMIT, "too many ...": it passes */
    else
        hr = MAPI_E_LOGON_FAILED;
    if (error)
        error->hr = hr;
    return hr;
}

static WAITS HRESULT authenticate(struct imap_session *session, struct sasl *sasl,
                                  struct error_info *error)
{
    const struct wire_response *response;
    struct imap_session_command command = {.what = "AUTHENTICATE"};
    struct secret *first = NULL;
    char tag[16], front[64];
    bool done = false, ir;
    HRESULT hr = S_OK, failed = S_OK;

    ir = sasl_client_first(sasl) && (session->capabilities & IMAP_CAP_SASL_IR);
    imap_session_begin(session, &command, session->deadline);
    imap_session_next_tag(session, tag);
    snprintf(front, sizeof(front), "%s AUTHENTICATE %s", tag, sasl_mechanism(sasl));
    if (ir) {
        strcat(front, " ");
        hr = sasl_step(sasl, NULL, 0, error, &first, &done);
        if (FAILED(hr))
            return hr;
        hr = send_response(session, front, first);
        secret_unref(first);
    } else {
        strcat(front, "\r\n");
        hr = imap_session_write(session, front, strlen(front), false);
    }
    for (;;) {
        if (SUCCEEDED(hr))
            hr = imap_session_read(session, tag, &response);
        if (FAILED(hr))
            return imap_session_failed(session, hr, error);
        if (response->kind == WIRE_TAGGED)
            break;
        if (FAILED(failed)) {
            hr = MAPI_E_CORRUPT_DATA; /* "+" to our "*" */
            continue;
        }
        failed = answer_challenge(session, sasl, &response->text, error, &done);
        if (session->broken)
            return failed;
    }
    if (FAILED(failed))
        return failed;
    if (response->status.condition != WIRE_OK)
        return login_refused(session, &response->status, error);
    if (!done)
        return error_set(error, MAPI_E_LOGON_FAILED, session->client->server,
                         "the server did not prove that it knows the password");
    return S_OK;
}

/* Sends "{n}" and, when the server is ready for it, the bytes. */
static WAITS HRESULT send_literal(struct imap_session *session, const char *tag, const char *front,
                                  const char *bytes, size_t size, bool secret,
                                  const struct wire_response **ret_response)
{
    char line[64];
    HRESULT hr = imap_session_write(
        session, line, (size_t)snprintf(line, sizeof(line), "%s{%zu}\r\n", front, size), false);

    if (SUCCEEDED(hr))
        hr = imap_session_read(session, tag, ret_response);
    if (SUCCEEDED(hr) && (*ret_response)->kind == WIRE_CONTINUATION)
        hr = imap_session_write(session, bytes, size, secret);
    return hr;
}

/* LOGIN user password: for servers that list no mechanism we know. As literals, so that neither
 * needs quoting and the password is not copied. */
static WAITS HRESULT plain_login(struct imap_session *session, const struct secret *password,
                                 struct error_info *error)
{
    const char *user = session->client->options.user;
    struct imap_session_command command = {.what = "LOGIN"};
    const struct wire_response *response = NULL;
    char tag[16], front[32];
    HRESULT hr;

    imap_session_begin(session, &command, session->deadline);
    imap_session_next_tag(session, tag);
    snprintf(front, sizeof(front), "%s LOGIN ", tag);
    hr = send_literal(session, tag, front, user, strlen(user), false, &response);
    if (SUCCEEDED(hr) && response->kind == WIRE_CONTINUATION)
        hr = send_literal(session, tag, " ", secret_bytes(password), secret_size(password), true,
                          &response);
    if (SUCCEEDED(hr) && response->kind == WIRE_CONTINUATION) {
        hr = imap_session_write(session, "\r\n", 2, false);
        if (SUCCEEDED(hr))
            hr = imap_session_read(session, tag, &response);
    }
    if (SUCCEEDED(hr) && response->kind != WIRE_TAGGED)
        hr = MAPI_E_CORRUPT_DATA;
    if (FAILED(hr))
        return imap_session_failed(session, hr, error);
    return response->status.condition == WIRE_OK ? S_OK
                                                 : login_refused(session, &response->status, error);
}

static WAITS HRESULT login_with(struct imap_session *session, const struct secret *password,
                                struct error_info *error)
{
    const struct imap_client_options *options = &session->client->options;
    /* In the clear only where the URL says so in so many words (tls=none). */
    bool private = conn_tls_version(session->conn) || options->tls == CONN_TLS_NONE;
    struct sasl_identity identity = {.service = "imap",
                                     .host = options->host,
                                     .port = options->port,
                                     .user = options->user,
                                     .password = password};
    struct sasl *sasl = NULL;
    HRESULT hr = sasl_create(session->mechanisms, options->auth, private, &identity, error, &sasl);

    if (SUCCEEDED(hr)) {
        session->hush = true;
        hr = authenticate(session, sasl, error);
        session->hush = false;
        imap_session_end(session);
        sasl_free(sasl);
    } else if (hr == MAPI_E_NO_SUPPORT && private &&
               !(session->capabilities & IMAP_CAP_LOGINDISABLED) &&
               (strcasecmp(options->auth, "auto") == 0 ||
                strcasecmp(options->auth, "LOGIN") == 0)) {
        hr = plain_login(session, password, error);
        imap_session_end(session);
    }
    return hr;
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
    return secret_size(a) == secret_size(b) &&
           memcmp(secret_bytes(a), secret_bytes(b), secret_size(a)) == 0;
}

HRESULT imap_session_login(struct imap_session *session, struct error_info *error)
{
    struct imap_client *client = session->client;
    const struct imap_client_options *options = &client->options;
    struct secret *password = NULL, *another = NULL;
    HRESULT hr;

    if (!options->user || !options->user[0])
        return error_set(error, MAPI_E_UNCONFIGURED, client->server, "no user name is configured");
    hr = options->credential(options->arg, client->again, error, &password);
    if (FAILED(hr))
        return hr;
    session->capabilities_known = false; /* what is offered may change with the login */
    hr = login_with(session, password, error);
    if (hr == MAPI_E_LOGON_FAILED && !session->broken && !client->again) {
        if (SUCCEEDED(options->credential(options->arg, true, NULL, &another)) &&
            !same_secret(password, another))
            hr = login_with(session, another, error);
    }
    if (hr == MAPI_E_LOGON_FAILED)
        client->again = true;
    secret_unref(another);
    secret_unref(password);
    if (FAILED(hr))
        return hr;
    session->imap->imap_state = MAILIMAP_STATE_AUTHENTICATED;
    return S_OK;
}
