/* providers/imap/client/session_open.c - from a host name to a session that is logged in
 *
 * Connection, greeting, STARTTLS, login (login.c), capabilities, and what is switched on: QRESYNC
 * or CONDSTORE (RFC 5161, 7162). The first session of a client also asks who the server is (RFC
 * 2971) and for its namespaces (RFC 2342). */
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/utf7.h"

static WAITS HRESULT simple_command(struct imap_session *session, const char *words,
                                    void (*observe)(void *arg,
                                                    const struct wire_response *response),
                                    struct error_info *error)
{
    struct command_text text;
    struct imap_session_command command = {
        .text = &text, .what = words, .observe = observe, .arg = session};
    HRESULT hr;

    command_text_init(&text);
    command_text_add(&text, "%s", words);
    hr = imap_session_command(session, &command, session->deadline, error);
    command_text_clear(&text);
    return hr;
}

static WAITS HRESULT session_start_tls(struct imap_session *session, struct error_info *error)
{
    const char *server = session->client->server;
    HRESULT hr = S_OK;

    if (session->preauth)
        return error_set(error, MAPI_E_LOGON_FAILED, server,
                         "the server logs in before TLS can start; it is not to be trusted");
    if (!session->capabilities_known)
        hr = simple_command(session, "CAPABILITY", NULL, error);
    if (FAILED(hr))
        return hr;
    if (!(session->capabilities & IMAP_CAP_STARTTLS))
        return error_set(error, MAPI_E_LOGON_FAILED, server,
                         "the server offers no STARTTLS, and TLS is required");
    hr = simple_command(session, "STARTTLS", NULL, error);
    if (FAILED(hr))
        return hr == MAPI_E_CALL_FAILED ? MAPI_E_LOGON_FAILED : hr;
    hr = wire_check_before_tls(session->wire);
    if (FAILED(hr))
        return imap_session_failed(session, hr, error);
    hr = conn_start_tls(session->conn, error);
    if (FAILED(hr))
        return hr;
    /* What was said in the clear does not count. */
    session->capabilities_known = false;
    session->capabilities = 0;
    session->mechanisms[0] = '\0';
    return S_OK;
}

static void observe_id(void *arg, const struct wire_response *response)
{
    struct imap_session *session = arg;

    if (response->kind != WIRE_ID)
        return;
    for (size_t i = 0; i + 1 < response->words.count; i += 2) {
        if (wire_text_is(response->words.items[i], "name") &&
            wire_text_is(response->words.items[i + 1], "Dovecot"))
            session->capabilities |= IMAP_CAP_DOVECOT;
    }
}

static void learn_namespace(const struct wire_namespace_list *list, char **prefix, char *delimiter)
{
    char *name;

    if (list->count == 0 ||
        FAILED(utf7_to_utf8(list->items[0].prefix.data ? list->items[0].prefix.data : "",
                            list->items[0].prefix.size, &name)))
        return;
    free(*prefix);
    *prefix = name;
    if (delimiter)
        *delimiter = list->items[0].delimiter;
}

static void observe_namespace(void *arg, const struct wire_response *response)
{
    struct imap_client *client = ((struct imap_session *)arg)->client;

    if (response->kind != WIRE_NAMESPACE)
        return;
    learn_namespace(&response->namespaces.personal, &client->namespace_prefix,
                    &client->namespace_delimiter);
    learn_namespace(&response->namespaces.other_users, &client->others_prefix, NULL);
    learn_namespace(&response->namespaces.shared, &client->shared_prefix, NULL);
}

/* After login: what is there, and what we want switched on. A NO to any of these is no failure. */
static WAITS HRESULT session_settle(struct imap_session *session, struct error_info *error)
{
    struct imap_client *client = session->client;
    HRESULT hr = S_OK;

    if (!session->capabilities_known)
        hr = simple_command(session, "CAPABILITY", NULL, error);
    if (FAILED(hr))
        return hr;
    if (client->knows_server)
        session->capabilities |= client->capabilities & IMAP_CAP_DOVECOT;
    else if (session->capabilities & IMAP_CAP_ID)
        simple_command(session, "ID (\"name\" \"mapigate\")", observe_id, error);
    if (session->capabilities & IMAP_CAP_ENABLE) {
        if (session->capabilities & IMAP_CAP_QRESYNC)
            simple_command(session, "ENABLE QRESYNC", NULL, error);
        else if (session->capabilities & IMAP_CAP_CONDSTORE)
            simple_command(session, "ENABLE CONDSTORE", NULL, error);
    } else {
        session->capabilities &= ~(uint32_t)IMAP_CAP_QRESYNC;
    }
    if (!client->knows_server && (session->capabilities & IMAP_CAP_NAMESPACE))
        simple_command(session, "NAMESPACE", observe_namespace, error);
    if (session->broken)
        return imap_session_failed(session, session->error.hr, error);
    client->knows_server = true;
    client->capabilities = session->capabilities;
    return S_OK;
}

static WAITS HRESULT session_set_up(struct imap_session *session, struct error_info *error)
{
    struct imap_client *client = session->client;
    HRESULT hr;

    imap_connection_phase(client, IMAP_LOGGING_IN);
    hr = imap_session_greet(session, error);
    if (SUCCEEDED(hr) && client->options.tls == CONN_TLS_LATER)
        hr = session_start_tls(session, error);
    if (SUCCEEDED(hr) && !session->capabilities_known)
        hr = simple_command(session, "CAPABILITY", NULL, error);
    if (SUCCEEDED(hr) && !session->preauth) {
        hr = imap_session_login(session, error);
    }
    if (SUCCEEDED(hr))
        hr = session_settle(session, error);
    return hr;
}

HRESULT imap_session_open(struct imap_client *client, uint64_t deadline, struct error_info *error,
                          struct imap_session **ret_session)
{
    struct conn_options options = {
        .host = client->options.host,
        .port = client->options.port,
        .tls = client->options.tls,
        .ca_file = client->options.ca_file,
        .deadline = deadline,
    };
    struct imap_session *session;
    HRESULT hr;

    imap_connection_phase(client, IMAP_CONNECTING);
    client->unreachable = false;
    hr = imap_session_create(client, &session);
    if (FAILED(hr))
        return error_set(error, hr, client->server, "out of memory");
    session->deadline = session->open_deadline = deadline;
    hr = conn_open(&options, error, &session->conn);
    if (FAILED(hr)) {
        client->unreachable = hr != MAPI_E_LOGON_FAILED && hr != MAPI_E_USER_CANCEL;
        imap_session_free(session);
        return hr;
    }
    hr = session_set_up(session, error);
    if (FAILED(hr)) {
        imap_session_free(session);
        return hr;
    }
    session->deadline = session->open_deadline = NO_DEADLINE;
    *ret_session = session;
    return S_OK;
}
