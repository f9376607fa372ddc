/* providers/imap/client/pool.c - who gets which session, in fair order
 *
 * Requests stand in one queue. The first is served by a free session, or, while there are fewer
 * than `limit`, by the permission to open one; while the connection is not READY only one of them
 * tries and the others wait for its outcome. Sessions are handed over directly, so nobody
 * overtakes. */
#include "providers/imap/client/client_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void session_readable(void *arg);

static void sessions_remove(struct imap_client *client, struct imap_session *session)
{
    struct imap_session **at = &client->sessions;

    while (*at && *at != session)
        at = &(*at)->next;
    if (*at)
        *at = session->next;
    session->next = NULL;
}

static void queue_remove(struct imap_client *client, struct pool_request *request)
{
    struct pool_request **at = &client->queue;

    while (*at && *at != request)
        at = &(*at)->next;
    if (*at)
        *at = request->next;
}

static void request_answer(struct imap_client *client, struct pool_request *request, HRESULT hr,
                           struct imap_session *session)
{
    queue_remove(client, request);
    request->done = true;
    request->hr = hr;
    request->session = session;
    engine_event_set(&request->answered);
}

void pool_fail_waiting(struct imap_client *client, HRESULT hr)
{
    while (client->queue)
        request_answer(client, client->queue, hr, NULL);
}

/* The free session that suits `mailbox` best: the one that has it selected, then one without a
 * selection, then the one that was used longest ago. */
static struct imap_session *pool_best(struct imap_client *client, const char *mailbox)
{
    struct imap_session *best = NULL;

    for (struct imap_session *session = client->sessions; session; session = session->next) {
        if (session->use != SESSION_FREE)
            continue;
        if (mailbox && session->mailbox && strcmp(session->mailbox, mailbox) == 0)
            return session;
        if (!best || (best->mailbox && !session->mailbox) ||
            (!best->mailbox == !session->mailbox && session->used_at < best->used_at))
            best = session;
    }
    return best;
}

void pool_dispatch(struct imap_client *client)
{
    struct pool_request *request;

    while ((request = client->queue)) {
        struct imap_session *session = pool_best(client, request->mailbox);
        bool selected = session && request->mailbox && session->mailbox &&
                        strcmp(session->mailbox, request->mailbox) == 0;
        bool room = client->places < client->limit && (client->ready > 0 || client->opening == 0);

        /* Another selection is not torn down while there is room for one more session. */
        if (session && (selected || !room || !request->mailbox || !session->mailbox)) {
            conn_unwatch(session->conn);
            session->use = SESSION_LEASED;
            request_answer(client, request, S_OK, session);
        } else if (room) {
            client->places++;
            client->opening++;
            request_answer(client, request, S_OK, NULL);
        } else {
            return;
        }
    }
}

/* Opens a session in the place that was kept for it. */
static HRESULT pool_open(struct imap_client *client, uint64_t deadline, struct error_info *error,
                         struct imap_session **ret_session)
{
    uint64_t latest = engine_now() + client->options.connect_timeout;
    struct error_info why = {0};
    struct imap_session *session = NULL;
    HRESULT hr = imap_session_open(client, deadline < latest ? deadline : latest, &why, &session);

    client->opening--;
    if (SUCCEEDED(hr) && (client->closing || client->state == IMAP_OFFLINE)) {
        imap_session_free(session);
        hr = error_set(&why, MAPI_E_NETWORK_ERROR, client->server, "working offline");
    }
    if (FAILED(hr)) {
        client->places--;
        imap_connection_open_failed(client, hr, &why);
        pool_dispatch(client);
        if (error)
            *error = why;
        return hr;
    }
    session->next = client->sessions;
    client->sessions = session;
    session->ready = true;
    client->ready++;
    imap_connection_opened(client, session);
    pool_dispatch(client); /* those that waited for the outcome may open theirs */
    *ret_session = session;
    return S_OK;
}

static HRESULT pool_wait(struct imap_client *client, struct pool_request *request,
                         uint64_t deadline, struct error_info *error)
{
    HRESULT hr;

    pool_dispatch(client);
    hr = engine_event_wait(&request->answered, deadline);
    if (!request->done) {
        queue_remove(client, request);
        return error_set(error, hr, client->server,
                         hr == MAPI_E_TIMEOUT ? "all connections are busy" : "cancelled");
    }
    if (FAILED(hr)) { /* answered and cancelled at the same time: pass it on */
        if (request->session) {
            pool_give(request->session);
        } else if (SUCCEEDED(request->hr)) {
            client->places--;
            client->opening--;
            pool_dispatch(client);
        }
        return error_set(error, hr, client->server, "cancelled");
    }
    if (FAILED(request->hr)) {
        if (client->error.hr != S_OK && error)
            *error = client->error;
        else
            error_set(error, request->hr, client->server, "%s",
                      client->state == IMAP_OFFLINE ? "working offline" : "connection lost");
    }
    return request->hr;
}

HRESULT pool_take(struct imap_client *client, const char *mailbox, unsigned flags,
                  uint64_t deadline, struct error_info *error, struct imap_session **ret_session,
                  bool *ret_reused)
{
    HRESULT hr;

    for (;;) {
        struct pool_request request = {.mailbox = mailbox};
        struct pool_request **at = &client->queue;
        unsigned places;

        hr = flags & POOL_FORCE ? S_OK : imap_connection_may_try(client, error);
        if (FAILED(hr))
            return hr;
        while (*at)
            at = &(*at)->next;
        *at = &request;
        engine_event_init(&request.answered);
        hr = pool_wait(client, &request, deadline, error);
        engine_event_clear(&request.answered);
        if (FAILED(hr))
            return hr;
        if (request.session) {
            *ret_session = request.session;
            *ret_reused = true;
            return S_OK;
        }
        *ret_reused = false;
        places = client->limit;
        hr = pool_open(client, deadline, error, ret_session);
        /* No more sessions for us, but there are others: stand in line for one of them. */
        if (FAILED(hr) && hr != MAPI_E_USER_CANCEL && client->ready > 0 && client->limit < places)
            continue;
        return hr;
    }
}

/* --- Coming back ----------------------------------------------------------------------------- */

static void pool_drop(struct imap_session *session)
{
    struct imap_client *client = session->client;
    struct error_info why = session->error;

    sessions_remove(client, session);
    client->places--;
    if (session->ready)
        client->ready--;
    imap_session_free(session);
    if (why.hr != S_OK)
        imap_connection_session_died(client, why.hr, &why);
    pool_dispatch(client);
}

void pool_give(struct imap_session *session)
{
    struct imap_client *client = session->client;

    if (session->broken || client->closing || client->state == IMAP_OFFLINE) {
        pool_drop(session);
        return;
    }
    session->use = SESSION_FREE;
    session->used_at = engine_now();
    pool_dispatch(client);
    if (session->use == SESSION_FREE) {
        wire_rest(session->wire);
        conn_watch(session->conn, session_readable, session);
    }
}

void pool_drop_all(struct imap_client *client, const struct error_info *why)
{
    struct imap_session *session, *next;

    for (session = client->sessions; session; session = next) {
        next = session->next;
        imap_session_break(session, why);
        if (session->use == SESSION_FREE) {
            sessions_remove(client, session);
            client->places--;
            imap_session_free(session);
        }
    }
    watches_dropped(client);
}

static bool is_or_below(const char *selected, const char *mailbox)
{
    size_t size = strlen(mailbox);

    return selected && strncmp(selected, mailbox, size) == 0 &&
           (selected[size] == '\0' || !isalnum((unsigned char)selected[size]));
}

HRESULT pool_forget_mailbox(struct imap_lease *lease, const char *mailbox, struct error_info *error)
{
    struct imap_client *client = lease->client;
    struct imap_session *session, *next;
    struct command_text text;
    struct imap_session_command command = {.text = &text, .what = "UNSELECT", .repeatable = true};
    HRESULT hr;

    for (session = client->sessions; session; session = next) {
        next = session->next;
        if (session->use != SESSION_FREE || !is_or_below(session->mailbox, mailbox))
            continue;
        conn_unwatch(session->conn);
        session->use = SESSION_LEASED;
        imap_session_break(session, NULL);
        pool_drop(session);
    }
    session = lease->session;
    if (!session || !is_or_below(session->mailbox, mailbox))
        return S_OK;
    command_text_init(&text);
    if (session->capabilities & IMAP_CAP_UNSELECT)
        command_text_add(&text, "UNSELECT");
    else /* of a mailbox that does not exist: RFC 3501 unselects by a SELECT that fails */
        command_text_add(&text, "EXAMINE \"mapigate no such mailbox\"");
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    if (lease->session) {
        free(lease->session->mailbox);
        lease->session->mailbox = NULL;
        return S_OK;
    }
    return hr;
}

/* A free session has something to read: the server closed it, says good-bye, or tells news of the
 * selected mailbox. A NOOP finds out which. */
static void check_run(void *arg)
{
    struct imap_session *session = arg;
    struct error_info error = {0};
    imap_session_command(session, &imap_session_noop, engine_now() + SESSION_PING_TIMEOUT, &error);
    pool_give(session);
}

static void session_readable(void *arg)
{
    struct imap_session *session = arg;

    if (session->use != SESSION_FREE)
        return;
    session->use = SESSION_LEASED;
    if (FAILED(imap_client_spawn(session->client, check_run, session))) {
        imap_session_break(session, NULL);
        pool_drop(session);
    }
}
