/* providers/smtp/client/client.c - making and ending a client, and its keeper
 *
 * The keeper is one fiber that sleeps until there is something to do without a caller: close a
 * connection that nobody used for a while, look whether an idle server is still there, come back
 * after a loss. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/smtp/client/private.h"

#define REFUSED_FOR             1000u /* ms that a refused login is not repeated, whoever asks */
#define DEFAULT_COMMAND_TIMEOUT 120000u
#define DEFAULT_CONNECT_TIMEOUT 30000u
#define DEFAULT_KEEP_ALIVE      60000u
/* Together less than the 60 s within which an idle transport's row is true. */
#define DEFAULT_PROBE_INTERVAL 40000u

/* --- The keeper ------------------------------------------------------------------------------- */

static uint64_t later(uint64_t since, uint64_t interval)
{
    return since > UINT64_MAX - interval ? NO_DEADLINE : since + interval;
}

static uint64_t keep_alive_ends(const struct smtp_client *client)
{
    return client->session ? later(client->idle_since, client->options.keep_alive) : NO_DEADLINE;
}

/* When the server is to be asked: by a probe that was planned, or because nothing was heard of it
 * for so long, connected (and idle) or not. */
static uint64_t probe_due(const struct smtp_client *client)
{
    uint64_t regular = later(client->heard_at, client->options.probe_interval);
    bool idle =
        client->session ? client->idle_since != NO_DEADLINE : client->state == SMTP_UNCONNECTED;
    uint64_t due = client->session ? NO_DEADLINE : client->probe_at;

    if (client->state == SMTP_OFFLINE || client->state == SMTP_REFUSED)
        return NO_DEADLINE;
    return client->probing && idle && regular < due ? regular : due;
}

static uint64_t keeper_due(const struct smtp_client *client)
{
    uint64_t unused = keep_alive_ends(client), probe = probe_due(client);

    return unused < probe ? unused : probe;
}

/* With the turn: a NOOP on the session there is. Its words are in the session's wire. */
static WAITS HRESULT ask_session(struct smtp_client *client, uint64_t deadline)
{
    struct smtp_wire *wire = &client->session->wire;
    uint64_t limit = engine_now() + SMTP_ANSWER_TIMEOUT;
    HRESULT hr;

    wire->deadline = deadline < limit ? deadline : limit;
    hr = smtp_wire_command(wire, "NOOP");
    wire->deadline = NO_DEADLINE;
    client->heard_at = engine_now();
    return SUCCEEDED(hr) && wire->reply.code / 100 != 2 ? MAPI_E_NETWORK_ERROR : hr;
}

/* With the turn, for the idle connection: silence is a loss; of an end a probe tells the reason. */
static WAITS void look_after_session(struct smtp_client *client)
{
    uint64_t idle_since = client->idle_since;
    HRESULT hr;

    conn_unwatch(client->session->wire.conn);
    client->idle_since = NO_DEADLINE;
    hr = ask_session(client, NO_DEADLINE);
    if (SUCCEEDED(hr)) {
        smtp_connection_rest(client);
        if (client->session) /* not gone offline meanwhile */
            client->idle_since = idle_since;
    } else {
        struct error_info why = client->session->wire.error;

        smtp_connection_drop(client);
        if (hr == MAPI_E_TIMEOUT)
            smtp_connection_failed(client, hr, &why, true);
        else
            smtp_connection_probe(client);
    }
}

/* With the turn. */
static WAITS void keeper_look(struct smtp_client *client)
{
    if (client->session && client->stirred) { /* it was closed at the other end: why? */
        smtp_connection_drop(client);
        client->probe_at = engine_now();
    }
    if (engine_now() >= keep_alive_ends(client)) {
        conn_unwatch(client->session->wire.conn);
        client->idle_since = NO_DEADLINE;
        smtp_session_quit(client->session);
        smtp_connection_drop(client);
        if (client->state == SMTP_READY)
            smtp_connection_set_state(client, SMTP_UNCONNECTED, NULL);
    }
    if (client->connect_wanted && client->state != SMTP_OFFLINE) {
        client->connect_wanted = false;
        if (SUCCEEDED(smtp_connection_take(client, NO_DEADLINE, NULL)))
            smtp_connection_rest(client);
    }
    if (engine_now() < probe_due(client))
        return;
    if (client->session)
        look_after_session(client);
    else
        smtp_connection_probe(client);
}

static HRESULT keeper_main(void *arg)
{
    struct smtp_client *client = arg;

    while (!client->closing) {
        HRESULT hr = engine_event_wait(&client->kick, keeper_due(client));

        engine_event_reset(&client->kick);
        if ((FAILED(hr) && hr != MAPI_E_TIMEOUT) || client->closing)
            break;
        if (engine_now() < keeper_due(client) && !client->stirred && !client->connect_wanted)
            continue;
        if (FAILED(engine_mutex_lock(&client->turn, NO_DEADLINE)))
            break;
        if (!client->closing)
            keeper_look(client);
        engine_mutex_unlock(&client->turn);
    }
    return S_OK;
}

void smtp_client_kick_keeper(struct smtp_client *client)
{
    if (client->closing)
        return;
    /* Without a fiber to be had the next kick tries again; callers work all the same. */
    if (!client->keeper &&
        FAILED(engine_spawn(client->engine, keeper_main, client, &client->keeper)))
        client->keeper = NULL;
    engine_event_set(&client->kick);
}

void smtp_client_start_probing(struct smtp_client *client)
{
    if (client->probing || client->options.probe_interval == UINT64_MAX)
        return;
    client->probing = true;
    if (!client->session && client->state == SMTP_UNCONNECTED)
        smtp_connection_plan_probe(client, engine_now());
    smtp_client_kick_keeper(client);
}

/* --- Making ----------------------------------------------------------------------------------- */

static HRESULT copy_string(const char **field)
{
    if (!*field)
        return S_OK;
    *field = strdup(*field);
    return *field ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static uint64_t or_default(uint64_t value, uint64_t fallback)
{
    return value ? value : fallback;
}

static void client_free(struct smtp_client *client)
{
    if (client->prober)
        prober_leave(client->prober, &client->prober_user);
    engine_event_clear(&client->kick);
    engine_mutex_clear(&client->turn);
    free((char *)client->options.host);
    free((char *)client->options.ca_file);
    free((char *)client->options.user);
    free((char *)client->options.auth);
    free((char *)client->options.helo);
    engine_unref(client->engine);
    free(client);
}

static HRESULT copy_options(struct smtp_client *client)
{
    struct smtp_client_options *own = &client->options;
    const char **fields[] = {&own->host, &own->ca_file, &own->user, &own->auth, &own->helo};
    HRESULT hr = S_OK, copied;

    if (!own->auth)
        own->auth = "auto";
    if (!own->helo)
        own->helo = "[127.0.0.1]";
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        copied = copy_string(fields[i]); /* each: none may be left that is not ours */
        hr = FAILED(copied) ? copied : hr;
    }
    own->command_timeout = or_default(own->command_timeout, DEFAULT_COMMAND_TIMEOUT);
    own->connect_timeout = or_default(own->connect_timeout, DEFAULT_CONNECT_TIMEOUT);
    own->keep_alive = or_default(own->keep_alive, DEFAULT_KEEP_ALIVE);
    own->probe_interval = or_default(own->probe_interval, DEFAULT_PROBE_INTERVAL);
    return hr;
}

HRESULT smtp_client_create(const struct smtp_client_options *options,
                           struct smtp_client **ret_client)
{
    struct smtp_client *client = calloc(1, sizeof(*client));
    HRESULT hr;

    if (!client)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    client->engine = engine_ref(engine_current());
    client->options = *options;
    client->probe_at = client->idle_since = NO_DEADLINE;
    client->heard_at = engine_now();
    engine_mutex_init(&client->turn);
    engine_event_init(&client->kick);
    hr = copy_options(client);
    if (SUCCEEDED(hr)) {
        snprintf(client->server, sizeof(client->server), "%s:%u", options->host,
                 (unsigned)options->port);
        hr = smtp_connection_join_prober(client);
    }
    if (FAILED(hr)) {
        client_free(client);
        return hr;
    }
    *ret_client = client;
    return S_OK;
}

/* --- Ending ----------------------------------------------------------------------------------- */

/* Ends the waits of whoever uses the connection. */
static void interrupt(struct smtp_client *client)
{
    if (client->opening)
        conn_abort(client->opening);
    if (client->session)
        conn_abort(client->session->wire.conn);
}

void smtp_client_abort(struct smtp_client *client)
{
    if (client->closing)
        return;
    client->closing = true;
    interrupt(client);
    if (client->keeper)
        fiber_cancel(client->keeper);
}

void smtp_client_close(struct smtp_client *client)
{
    if (!client)
        return;
    if (!client->closing && client->session && engine_mutex_try_lock(&client->turn)) {
        conn_unwatch(client->session->wire.conn);
        client->idle_since = NO_DEADLINE;
        if (!client->stirred)
            smtp_session_quit(client->session);
        engine_mutex_unlock(&client->turn);
    }
    smtp_client_abort(client);
    if (client->keeper)
        fiber_join(client->keeper);
    smtp_connection_drop(client);
    client_free(client);
}

/* --- By request ------------------------------------------------------------------------------- */

/* Closes the session if nobody uses it. */
static void drop_idle(struct smtp_client *client)
{
    if (!engine_mutex_try_lock(&client->turn))
        return;
    smtp_connection_drop(client);
    engine_mutex_unlock(&client->turn);
}

void smtp_client_go_offline(struct smtp_client *client)
{
    if (client->state == SMTP_OFFLINE || client->closing)
        return;
    client->connect_wanted = false;
    client->probe_at = NO_DEADLINE;
    smtp_connection_set_state(client, SMTP_OFFLINE, NULL);
    drop_idle(client);
    interrupt(client);
}

void smtp_client_go_online(struct smtp_client *client)
{
    if (client->state != SMTP_OFFLINE || client->closing)
        return;
    client->last_try = 0;
    client->connect_wanted = true;
    smtp_connection_set_state(client, SMTP_UNCONNECTED, NULL);
    smtp_client_kick_keeper(client);
}

HRESULT smtp_client_reconfigure(struct smtp_client *client, const char *user, const char *auth)
{
    const char *old_user = client->options.user;
    char *new_user = user ? strdup(user) : old_user ? strdup(old_user) : NULL;
    char *new_auth = strdup(auth ? auth : client->options.auth);

    if ((!new_user && (user || old_user)) || !new_auth) {
        free(new_user);
        free(new_auth);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    free((char *)client->options.user);
    free((char *)client->options.auth);
    client->options.user = new_user;
    client->options.auth = new_auth;
    client->again = true;
    client->last_try = 0;
    drop_idle(client); /* it was logged in as somebody else, perhaps */
    if (client->state == SMTP_REFUSED || client->state == SMTP_READY)
        smtp_connection_set_state(client, SMTP_UNCONNECTED, NULL);
    return S_OK;
}

/* --- Trying ----------------------------------------------------------------------------------- */

/* What ended since `asked` answers for us; a login that was just refused is not repeated at once.
 */
static bool has_answer(const struct smtp_client *client, uint64_t asked)
{
    if (client->state == SMTP_REFUSED)
        return client->last_try && engine_now() - client->last_try < REFUSED_FOR;
    return client->state == SMTP_LOST && client->last_try > asked;
}

static WAITS HRESULT try_now(struct smtp_client *client, uint64_t asked, uint64_t deadline,
                             struct error_info *error)
{
    HRESULT hr;

    if (client->closing || client->state == SMTP_OFFLINE)
        return smtp_connection_may_try(client, error);
    if (has_answer(client, asked)) {
        if (error)
            *error = client->error;
        return client->error.hr;
    }
    hr = smtp_connection_take(client, deadline, error);
    if (SUCCEEDED(hr) && client->session->used && FAILED(ask_session(client, deadline))) {
        smtp_connection_drop(client);
        hr = smtp_connection_take(client, deadline, error);
    }
    if (SUCCEEDED(hr))
        smtp_connection_rest(client);
    return hr;
}

HRESULT smtp_client_try_now(struct smtp_client *client, uint64_t deadline, struct error_info *error)
{
    uint64_t asked = engine_now();
    HRESULT hr = engine_mutex_lock(&client->turn, deadline);

    if (FAILED(hr))
        return error_set(error, hr, client->server, "waiting for the connection");
    hr = try_now(client, asked, deadline, error);
    engine_mutex_unlock(&client->turn);
    return hr;
}

uint32_t smtp_client_capabilities(const struct smtp_client *client)
{
    return client->capabilities;
}

uint64_t smtp_client_size_limit(const struct smtp_client *client)
{
    return client->size_limit;
}
