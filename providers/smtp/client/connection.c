/* providers/smtp/client/connection.c - the state of the connection to a server
 *
 * A state machine. smtp_connection_set_state is the only writer of client->state. What leads from
 * one state to another:
 *
 *     unconnected -> connecting -> logging in -> ready <-> sending
 *     ready -> unconnected         unused for a while
 *     any of these -> lost         unreachable, or out of protocol
 *     any of these -> refused      login or certificate refused
 *     lost -> unconnected          a probe succeeded
 *     lost, refused -> ready       somebody's try succeeded
 *     any -> offline, offline -> unconnected   by request
 *
 * While LOST or REFUSED, tries leave the state alone until they succeed; probes never show, only
 * what they find. Source: docs/mail.md, "Status rows are the connection"; docs/engine.md,
 * "Connections". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/smtp/client/private.h"

#define TRY_AGAIN_AFTER 1000u   /* ms between tries that callers cause */
#define RETRY_SOON      1000u   /* ms between probes of a server that accepts and then fails us */
#define RETRY_LATE      30000u  /* later */
#define RETRY_EAGER     120000u /* how long it is soon */

static const char *const state_names[] = {
    [SMTP_UNCONNECTED] = "unconnected", [SMTP_CONNECTING] = "connecting",
    [SMTP_LOGGING_IN] = "logging in",   [SMTP_READY] = "ready",
    [SMTP_SENDING] = "sending",         [SMTP_LOST] = "lost",
    [SMTP_REFUSED] = "refused",         [SMTP_OFFLINE] = "offline",
};

const char *smtp_state_name(enum smtp_state state)
{
    return state_names[state];
}

static uint64_t next_try_in(const struct smtp_client *client)
{
    uint64_t now = engine_now(), next = UINT64_MAX;

    if (client->prober)
        next = prober_next_try_in(client->prober);
    if (client->probe_at != NO_DEADLINE) {
        uint64_t planned = client->probe_at > now ? client->probe_at - now : 0;

        next = planned < next ? planned : next;
    }
    return next;
}

void smtp_client_status(const struct smtp_client *client, struct smtp_status_report *report)
{
    *report = (struct smtp_status_report){
        .state = client->state,
        .server = client->server,
        .tls = client->tls[0] ? client->tls : NULL,
        .error = &client->error,
    };
    if (client->state == SMTP_LOST)
        report->next_try_in = next_try_in(client);
}

static void log_change(const struct smtp_client *client, enum smtp_state old, enum smtp_state new)
{
    char line[sizeof(client->server) + ERROR_TEXT_MAX + 64];

    if (!client->options.log)
        return;
    snprintf(line, sizeof(line), "%s: %s -> %s%s%s", client->server, state_names[old],
             state_names[new], client->error.text[0] ? ": " : "", client->error.text);
    client->options.log(client->options.arg, line);
}

void smtp_connection_set_state(struct smtp_client *client, enum smtp_state state,
                               const struct error_info *why)
{
    enum smtp_state old = client->state;
    bool news = old != state || (why && strcmp(why->text, client->error.text) != 0);
    struct smtp_status_report report;

    client->state = state;
    if (why)
        client->error = *why;
    else
        error_clear(&client->error);
    if (state == SMTP_LOST && old != SMTP_LOST)
        client->lost_since = engine_now();
    if (old != state)
        log_change(client, old, state);
    if (news && client->options.state) {
        smtp_client_status(client, &report);
        client->options.state(client->options.arg, &report);
    }
}

void smtp_connection_phase(struct smtp_client *client, enum smtp_state phase)
{
    if (client->state == SMTP_UNCONNECTED || client->state == SMTP_CONNECTING ||
        client->state == SMTP_LOGGING_IN)
        smtp_connection_set_state(client, phase, NULL);
}

/* --- Failing ---------------------------------------------------------------------------------- */

void smtp_connection_plan_probe(struct smtp_client *client, uint64_t when)
{
    if (when < client->probe_at)
        client->probe_at = when;
    smtp_client_kick_keeper(client);
}

/* A port that does not answer is the prober's business, one for all users of the server; a server
 * that accepts and then fails us is asked again by ourselves, more and more seldom. */
static void plan_retry(struct smtp_client *client, bool reached)
{
    uint64_t delay = engine_now() - client->lost_since < RETRY_EAGER ? RETRY_SOON : RETRY_LATE;

    if (!reached && client->prober)
        prober_lost(client->prober, &client->prober_user);
    else
        smtp_connection_plan_probe(client, engine_now() + delay + (uint64_t)rand() % (delay / 4));
}

void smtp_connection_failed(struct smtp_client *client, HRESULT hr, const struct error_info *why,
                            bool reached)
{
    if (client->state == SMTP_OFFLINE || client->closing)
        return;
    if (hr == MAPI_E_USER_CANCEL) { /* our own doing says nothing about the server */
        if (client->state != SMTP_LOST && client->state != SMTP_REFUSED)
            smtp_connection_set_state(client, SMTP_UNCONNECTED, NULL);
        return;
    }
    client->last_try = engine_now();
    if (hr == MAPI_E_LOGON_FAILED || hr == MAPI_E_UNCONFIGURED || hr == MAPI_E_NO_SUPPORT) {
        smtp_connection_set_state(client, SMTP_REFUSED, why);
        return;
    }
    smtp_connection_set_state(client, SMTP_LOST, why);
    plan_retry(client, reached);
}

static void prober_reachable(struct prober_user *user)
{
    struct smtp_client *client =
        (struct smtp_client *)((char *)user - offsetof(struct smtp_client, prober_user));

    if (client->state == SMTP_LOST)
        smtp_connection_plan_probe(client, engine_now());
}

HRESULT smtp_connection_join_prober(struct smtp_client *client)
{
    client->prober_user.reachable = prober_reachable;
    return prober_join(client->options.host, client->options.port, &client->prober_user,
                       &client->prober);
}

HRESULT smtp_connection_may_try(struct smtp_client *client, struct error_info *error)
{
    if (client->closing)
        return error_set(error, MAPI_E_NETWORK_ERROR, client->server, "closing");
    if (client->state == SMTP_OFFLINE)
        return error_set(error, MAPI_E_NETWORK_ERROR, client->server, "working offline");
    if (client->state == SMTP_REFUSED ||
        (client->state == SMTP_LOST && engine_now() - client->last_try < TRY_AGAIN_AFTER)) {
        if (error)
            *error = client->error;
        return client->error.hr != S_OK ? client->error.hr : MAPI_E_NETWORK_ERROR;
    }
    return S_OK;
}

/* --- With the turn ---------------------------------------------------------------------------- */

static void learn(struct smtp_client *client, const struct smtp_session *session)
{
    const char *tls = conn_tls_version(session->wire.conn);

    client->capabilities = session->capabilities;
    client->size_limit = session->size_limit;
    client->heard_at = engine_now();
    client->probe_at = NO_DEADLINE;
    snprintf(client->tls, sizeof(client->tls), "%s", tls ? tls : "");
}

HRESULT smtp_connection_take(struct smtp_client *client, uint64_t deadline,
                             struct error_info *error)
{
    struct error_info why = {0};
    bool reached = false;
    HRESULT hr;

    if (client->session && client->stirred)
        smtp_connection_drop(client);
    if (client->session) {
        conn_unwatch(client->session->wire.conn);
        client->idle_since = NO_DEADLINE;
        client->session->used = true;
        return S_OK;
    }
    smtp_connection_phase(client, SMTP_CONNECTING);
    hr = smtp_session_open(client, true, deadline, &why, &client->session, &reached);
    if (SUCCEEDED(hr) && client->state != SMTP_OFFLINE && !client->closing) {
        client->last_try = engine_now();
        learn(client, client->session);
        smtp_connection_set_state(client, SMTP_READY, NULL);
        return S_OK;
    }
    if (SUCCEEDED(hr)) {
        smtp_connection_drop(client);
        hr = error_set(&why, MAPI_E_NETWORK_ERROR, client->server, "working offline");
    }
    why.hr = hr;
    smtp_connection_failed(client, hr, &why, reached);
    if (error)
        *error = why;
    return hr;
}

void smtp_connection_drop(struct smtp_client *client)
{
    smtp_session_free(client->session);
    client->session = NULL;
    client->stirred = false;
    client->idle_since = NO_DEADLINE;
}

static void session_stirs(void *arg)
{
    struct smtp_client *client = arg;

    client->stirred = true;
    smtp_client_kick_keeper(client);
}

void smtp_connection_rest(struct smtp_client *client)
{
    if (client->state == SMTP_OFFLINE || client->closing) {
        smtp_connection_drop(client);
        return;
    }
    client->heard_at = client->idle_since = engine_now();
    smtp_connection_set_state(client, SMTP_READY, NULL);
    client->stirred = !smtp_wire_is_quiet(&client->session->wire);
    if (!client->stirred)
        conn_watch(client->session->wire.conn, session_stirs, client);
    smtp_client_kick_keeper(client);
}

void smtp_connection_probe(struct smtp_client *client)
{
    struct smtp_session *session = NULL;
    struct error_info why = {0};
    bool reached = false;
    HRESULT hr;

    client->probe_at = NO_DEADLINE;
    hr = smtp_session_open(client, false, engine_now() + SMTP_ANSWER_TIMEOUT, &why, &session,
                           &reached);
    if (FAILED(hr)) {
        why.hr = hr;
        smtp_connection_failed(client, hr, &why, reached);
        client->heard_at = engine_now();
        return;
    }
    learn(client, session);
    smtp_session_quit(session);
    smtp_session_free(session);
    if (client->state != SMTP_OFFLINE && client->state != SMTP_REFUSED)
        smtp_connection_set_state(client, SMTP_UNCONNECTED, NULL);
}
