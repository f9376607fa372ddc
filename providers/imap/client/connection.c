/* providers/imap/client/connection.c - the state of the connection to a server
 *
 * A state machine. imap_connection_set_state is the only writer of client->state; everything that
 * depends on a state (who waits is answered, the prober starts, watches go on) hangs on it. What
 * leads from one state to another:
 *
 *     unconnected -> connecting -> logging in -> ready
 *     ready -> lost           the last session died and a new one cannot be had at once
 *     connecting, logging in -> lost, refused, or back when the caller gave up
 *     lost -> ready           the prober (or somebody's try) found the server, and it let us in
 *     refused -> ready, lost  imap_client_try_now
 *     any -> offline, offline -> unconnected   by request
 *
 * While LOST or REFUSED, tries leave the state alone until they succeed, so that rows made from it
 * do not flicker. Source: docs/mail.md, "Status rows are the connection"; docs/engine.md,
 * "Connections". */
#include "providers/imap/client/client_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSED_FOR  1000u   /* ms that a refused login is not repeated, whoever asks */
#define RETRY_SOON   1000u   /* ms between logins at a server that accepts but refuses service */
#define RETRY_LATE   30000u  /* later */
#define RETRY_EAGER  120000u /* how long it is soon */
#define LIFE_SOUND   5000u   /* ms after which the death of a session says nothing about the next */
#define LIMIT_FORGET 300000u /* ms until a lowered limit is forgotten */

static const char *const state_names[] = {
    [IMAP_UNCONNECTED] = "unconnected",
    [IMAP_CONNECTING] = "connecting",
    [IMAP_LOGGING_IN] = "logging in",
    [IMAP_READY] = "ready",
    [IMAP_LOST] = "lost",
    [IMAP_REFUSED] = "refused",
    [IMAP_OFFLINE] = "offline",
};

const char *imap_state_name(enum imap_state state)
{
    return state_names[state];
}

void imap_client_status(const struct imap_client *client, struct imap_status_report *report)
{
    *report = (struct imap_status_report){
        .state = client->state,
        .server = client->server,
        .tls = client->tls[0] ? client->tls : NULL,
        .error = &client->error,
        .sessions = client->ready,
        .watching = client->watching,
    };
    if (client->state != IMAP_LOST)
        return;
    if (client->retry_at > engine_now())
        report->next_try_in = client->retry_at - engine_now();
    else if (!client->retrying && prober_next_try_in(client->prober) != UINT64_MAX)
        report->next_try_in = prober_next_try_in(client->prober);
}

void imap_connection_report(struct imap_client *client)
{
    struct imap_status_report report;

    if (!client->options.state)
        return;
    imap_client_status(client, &report);
    client->options.state(client->options.arg, &report);
}

static void log_change(const struct imap_client *client, enum imap_state old, enum imap_state new)
{
    char line[sizeof(client->server) + ERROR_TEXT_MAX + 64];

    if (!client->options.log)
        return;
    snprintf(line, sizeof(line), "%s: %s -> %s%s%s", client->server, state_names[old],
             state_names[new], client->error.text[0] ? ": " : "", client->error.text);
    client->options.log(client->options.arg, line);
}

static void retry_schedule(struct imap_client *client, bool after_probe);

void imap_connection_set_state(struct imap_client *client, enum imap_state state,
                               const struct error_info *why)
{
    enum imap_state old = client->state;
    bool news = old != state || (why && strcmp(why->text, client->error.text) != 0);

    client->state = state;
    if (why)
        client->error = *why;
    else
        error_clear(&client->error);
    if (old != state)
        log_change(client, old, state);
    if (state == IMAP_LOST && old != IMAP_LOST) {
        client->lost_since = engine_now();
        retry_schedule(client, false); /* before the report, which tells when */
    }
    if (news)
        imap_connection_report(client);
}

void imap_connection_phase(struct imap_client *client, enum imap_state phase)
{
    if (client->ready > 0 || client->state == IMAP_READY || client->state == phase)
        return;
    if (client->state == IMAP_UNCONNECTED || client->state == IMAP_CONNECTING ||
        client->state == IMAP_LOGGING_IN)
        imap_connection_set_state(client, phase, NULL);
}

/* --- Trying again by itself ------------------------------------------------------------------ */

static void keeper_start(struct imap_client *client);

static void retry_start(struct imap_client *client, uint64_t delay);

/* What comes after a try that failed. A port that does not answer is the prober's business (one
 * for all users of the server); a server that accepts and then fails us, also right after a probe
 * that succeeded, is asked again by ourselves, more and more seldom. */
static void retry_schedule(struct imap_client *client, bool after_probe)
{
    uint64_t delay = engine_now() - client->lost_since < RETRY_EAGER ? RETRY_SOON : RETRY_LATE;

    if (client->closing || client->retrying || client->state != IMAP_LOST)
        return;
    if (client->unreachable && !after_probe && client->prober)
        prober_lost(client->prober, &client->prober_user);
    else
        retry_start(client, delay + (uint64_t)rand() % (delay / 4));
}

/* One try to be ready; pool_take tells imap_connection_opened or imap_connection_open_failed. */
static void retry_run(void *arg)
{
    struct imap_client *client = arg;
    struct imap_session *session = NULL;
    struct error_info error = {0};
    bool after_probe = client->probed;
    HRESULT hr = S_OK;
    bool reused;

    if (client->retry_at > engine_now())
        hr = fiber_sleep_until(client->retry_at);
    client->retry_at = 0;
    if (SUCCEEDED(hr) && client->ready == 0 && client->state != IMAP_OFFLINE &&
        client->state != IMAP_REFUSED) {
        hr = pool_take(client, NULL, POOL_FORCE, engine_now() + client->options.connect_timeout,
                       &error, &session, &reused);
        if (SUCCEEDED(hr))
            pool_give(session);
    }
    client->retrying = client->probed = false;
    if (hr != MAPI_E_USER_CANCEL && client->state == IMAP_LOST && !client->closing) {
        retry_schedule(client, after_probe);
        imap_connection_report(client); /* there is a time for the next try now */
    }
}

static void retry_start(struct imap_client *client, uint64_t delay)
{
    if (client->retrying || client->closing)
        return;
    client->retrying = true;
    client->retry_at = delay ? engine_now() + delay : 0;
    if (FAILED(imap_client_spawn(client, retry_run, client)))
        client->retrying = false;
}

static void prober_reachable(struct prober_user *user)
{
    struct imap_client *client =
        (struct imap_client *)((char *)user - offsetof(struct imap_client, prober_user));

    if (client->state != IMAP_LOST || client->retrying)
        return;
    client->probed = true;
    retry_start(client, 0);
}

HRESULT imap_connection_join_prober(struct imap_client *client)
{
    if (client->prober)
        return S_OK;
    client->prober_user.reachable = prober_reachable;
    return prober_join(client->options.host, client->options.port, &client->prober_user,
                       &client->prober);
}

/* --- What happened --------------------------------------------------------------------------- */

void imap_connection_opened(struct imap_client *client, const struct imap_session *session)
{
    const char *tls = conn_tls_version(session->conn);

    client->last_try = engine_now();
    client->heard_at = engine_now();
    client->opened_at = engine_now();
    client->again = false;
    snprintf(client->tls, sizeof(client->tls), "%s", tls ? tls : "");
    if (client->state != IMAP_OFFLINE && !client->closing) {
        bool news = client->state != IMAP_READY;

        if (news) /* a server that was away has forgotten whom it counted */
            client->limit = client->options.max_sessions;
        imap_connection_set_state(client, IMAP_READY, NULL);
        if (!news)
            imap_connection_report(client); /* one session more */
        keeper_start(client);
        if (news || client->ready == 1)
            watches_resume(client);
    }
}

bool imap_connection_says_too_many(const struct error_info *why)
{
    return strcasestr(why->text, "too many") || strcasestr(why->text, "maximum number of") ||
           strncasecmp(why->text, "LIMIT", 5) == 0;
}

/* Somebody could not log in while other sessions live: there are to be no more of them. */
static void connection_limit(struct imap_client *client)
{
    client->limit = client->ready;
    client->limited_at = engine_now();
    if (client->options.log) {
        char line[sizeof(client->server) + 64];

        snprintf(line, sizeof(line), "%s: keeping to %u sessions", client->server, client->limit);
        client->options.log(client->options.arg, line);
    }
}

void imap_connection_open_failed(struct imap_client *client, HRESULT hr,
                                 const struct error_info *why)
{
    if (client->state == IMAP_OFFLINE || client->closing)
        return;
    if (hr == MAPI_E_USER_CANCEL) {
        if (client->state == IMAP_CONNECTING || client->state == IMAP_LOGGING_IN)
            imap_connection_set_state(client, IMAP_UNCONNECTED, NULL);
        return;
    }
    client->last_try = engine_now();
    if (client->ready > 0) {
        if (hr != MAPI_E_TIMEOUT) /* silence says nothing about a limit */
            connection_limit(client);
        return;
    }
    if (hr == MAPI_E_LOGON_FAILED || hr == MAPI_E_UNCONFIGURED || hr == MAPI_E_NO_SUPPORT) {
        imap_connection_set_state(client, IMAP_REFUSED, why);
        pool_fail_waiting(client, hr);
        return;
    }
    imap_connection_set_state(client, IMAP_LOST, why);
    pool_fail_waiting(client, MAPI_E_NETWORK_ERROR);
    retry_schedule(client, false); /* if it was lost before */
}

/* Runs beside the try to connect again: says LOST when that takes longer than a blink. */
static void fuse_run(void *arg)
{
    struct imap_client *client = arg;
    struct error_info why;

    if (FAILED(fiber_sleep_until(engine_now() + LOST_FUSE)))
        return;
    why = client->last_death; /* another one may have died meanwhile */
    if (client->state == IMAP_READY && client->ready == 0 && !client->closing)
        imap_connection_set_state(client, IMAP_LOST, &why);
}

/* After the last session died: at once, but a server that lets us in only to fail us is asked more
 * and more seldom. */
static uint64_t pause_after_death(struct imap_client *client)
{
    uint64_t pause = RETRY_SOON;

    if (engine_now() - client->opened_at >= LIFE_SOUND)
        client->short_lives = 0;
    for (unsigned i = 1; i < client->short_lives && pause < RETRY_LATE; i++)
        pause *= 2;
    return client->short_lives++ == 0 ? 0 : pause < RETRY_LATE ? pause : RETRY_LATE;
}

void imap_connection_session_died(struct imap_client *client, HRESULT hr,
                                  const struct error_info *why)
{
    if (client->closing || client->state != IMAP_READY)
        return;
    if (client->ready > 0) {
        imap_connection_report(client);
        return;
    }
    if (hr == MAPI_E_USER_CANCEL) /* our own doing says nothing about the server */
        return;
    retry_start(client, pause_after_death(client));
    if (hr == MAPI_E_TIMEOUT) { /* silent: connecting again would only be silent longer */
        imap_connection_set_state(client, IMAP_LOST, why);
    } else {
        client->last_death = *why; /* what the fuse will say */
        imap_client_spawn(client, fuse_run, client);
    }
}

HRESULT imap_connection_may_try(struct imap_client *client, struct error_info *error)
{
    if (client->closing)
        return error_set(error, MAPI_E_NETWORK_ERROR, client->server, "closing");
    switch (client->state) {
    case IMAP_OFFLINE:
        return error_set(error, MAPI_E_NETWORK_ERROR, client->server, "working offline");
    case IMAP_REFUSED:
        if (error)
            *error = client->error;
        return MAPI_E_LOGON_FAILED;
    case IMAP_LOST:
        /* Our own next try may be half a minute away: that is no reason to wait for it. */
        if (engine_now() - client->last_try >= 1000 &&
            (!client->retrying || client->retry_at > engine_now()))
            return S_OK;
        if (error)
            *error = client->error;
        return MAPI_E_NETWORK_ERROR;
    default:
        return S_OK;
    }
}

/* --- By request ------------------------------------------------------------------------------ */

void imap_client_go_offline(struct imap_client *client)
{
    struct error_info why = {0};

    if (client->state == IMAP_OFFLINE || client->closing)
        return;
    error_set(&why, MAPI_E_NETWORK_ERROR, client->server, "working offline");
    imap_connection_set_state(client, IMAP_OFFLINE, NULL);
    pool_fail_waiting(client, MAPI_E_NETWORK_ERROR);
    pool_drop_all(client, &why);
}

void imap_client_go_online(struct imap_client *client)
{
    if (client->state != IMAP_OFFLINE || client->closing)
        return;
    client->last_try = 0;
    imap_connection_set_state(client, IMAP_UNCONNECTED, NULL);
    retry_start(client, 0);
}

HRESULT imap_client_try_now(struct imap_client *client, uint64_t deadline, struct error_info *error)
{
    struct imap_session *session;
    bool reused;
    HRESULT hr;

    if (client->state == IMAP_OFFLINE || client->closing)
        return imap_connection_may_try(client, error);
    if (client->state == IMAP_REFUSED && client->last_try &&
        engine_now() - client->last_try < REFUSED_FOR) {
        if (error)
            *error = client->error;
        return MAPI_E_LOGON_FAILED;
    }
    if (deadline == NO_DEADLINE)
        deadline = engine_now() + client->options.connect_timeout;
    hr = pool_take(client, NULL, POOL_FORCE, deadline, error, &session, &reused);
    if (FAILED(hr))
        return hr;
    if (reused)
        hr = imap_session_command(session, &imap_session_noop, deadline, error);
    pool_give(session);
    return hr;
}

/* --- The keeper: one sleeping fiber per connected client ------------------------------------- */

static void connection_silent(struct imap_client *client, const struct error_info *why)
{
    if (client->state != IMAP_READY)
        return;
    retry_start(client, 0);
    imap_connection_set_state(client, IMAP_LOST, why);
    pool_drop_all(client, why);
}

/* A silent server (stopped, or behind a dead line) is found by a NOOP that stays unanswered. */
static void keeper_ping(struct imap_client *client)
{
    struct imap_session *session = client->sessions;
    struct error_info error = {0};
    HRESULT hr = S_OK;

    while (session && session->use != SESSION_FREE)
        session = session->next;
    if (!session) {
        /* All are busy (their commands have deadlines) or in watches: then ask with a new one. */
        if (client->places < client->limit)
            hr = imap_client_try_now(client, engine_now() + SESSION_PING_TIMEOUT, &error);
        if (hr == MAPI_E_TIMEOUT)
            connection_silent(client, &error);
        return;
    }
    conn_unwatch(session->conn);
    session->use = SESSION_LEASED;
    hr = imap_session_command(session, &imap_session_noop, engine_now() + SESSION_PING_TIMEOUT,
                              &error);
    if (hr == MAPI_E_TIMEOUT)
        connection_silent(client, &error);
    pool_give(session);
}

static void keeper_close_unused(struct imap_client *client)
{
    unsigned free_sessions = 0;

    for (struct imap_session *session = client->sessions; session; session = session->next)
        free_sessions += session->use == SESSION_FREE;
    for (struct imap_session *session = client->sessions, *next; session; session = next) {
        next = session->next;
        if (session->use != SESSION_FREE || free_sessions < 2 ||
            engine_now() - session->used_at < SESSION_CLOSE_AFTER)
            continue;
        free_sessions--;
        conn_unwatch(session->conn);
        session->use = SESSION_LEASED;
        imap_session_break(session, NULL); /* nothing happened to the server */
        pool_give(session);
    }
}

static void keeper_run(void *arg)
{
    struct imap_client *client = arg;
    uint64_t tick = client->options.ping_interval / 4;

    if (client->options.poll_interval / 4 < tick)
        tick = client->options.poll_interval / 4;
    if (tick < 10)
        tick = 10;
    while (!client->closing && SUCCEEDED(fiber_sleep_until(engine_now() + tick))) {
        if (client->limit < client->options.max_sessions &&
            engine_now() - client->limited_at > LIMIT_FORGET) {
            client->limit = client->options.max_sessions;
            pool_dispatch(client);
        }
        if (client->state != IMAP_READY)
            continue;
        if (engine_now() - client->heard_at >= client->options.ping_interval)
            keeper_ping(client);
        keeper_close_unused(client);
        watches_tick(client);
    }
    client->keeper_runs = false;
}

static void keeper_start(struct imap_client *client)
{
    if (!client->keeper_runs && SUCCEEDED(imap_client_spawn(client, keeper_run, client)))
        client->keeper_runs = true;
}
