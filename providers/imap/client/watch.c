/* providers/imap/client/watch.c - keeps an index current, by IDLE or by polling
 *
 * A watch is a small state machine moved by *rounds*: a round runs in a task, brings the index up
 * to date, enters IDLE (or notes when to poll next) and ends. While nothing happens there is no
 * fiber: the loop watches the socket of the idling session, the client's keeper looks at the
 * clock. Before a watch is left to the loop nothing may be buffered above the socket
 * (docs/libetpan.md, "Traps"). RFC 2177. */
#include "providers/imap/client/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/index_private.h"
#include "providers/imap/client/mailbox.h"

#define IDLE_RENEW   (28u * 60u * 1000u) /* RFC 2177: at least every 29 minutes */
#define DONE_TIMEOUT 10000u
#define POLLS_QUIET  10u    /* polls that see no change before flags are compared all the same */
#define RETRY_FAILED 10000u /* after a round that failed while the connection is ready */
#define STOP_GRACE                                                                                 \
    300u /* for a round to end by itself: one that is cancelled costs its session                  \
          */

enum watch_state {
    WATCH_RESTING, /* the connection is not ready */
    WATCH_WORKING, /* a round runs */
    WATCH_IDLING,  /* in IDLE; the loop has the socket */
    WATCH_POLLING, /* waits for its next poll */
};

struct imap_watch {
    struct imap_watch *next;
    unsigned refs; /* the owner's, and a round's */
    struct imap_client *client;
    struct imap_index *index; /* reference */
    enum watch_state state;
    struct fiber *fiber; /* of the round that runs */
    struct engine_event rested;
    bool stopping;
    bool again; /* something happened while a round ran */

    struct imap_lease *lease; /* the session that idles */
    bool in_idle;             /* IDLE has been sent and not ended */
    bool news;
    char tag[16];
    uint64_t idle_since;

    uint64_t poll_at;
    unsigned quiet; /* polls without a change */
    struct imap_mailbox_status polled;
};

static void watch_kick(struct imap_watch *watch);

static void watch_unref(struct imap_watch *watch)
{
    if (--watch->refs > 0)
        return;
    imap_index_unref(watch->index);
    engine_event_clear(&watch->rested);
    free(watch);
}

static unsigned watch_budget(const struct imap_client *client)
{
    return client->limit / 2;
}

/* --- IDLE ------------------------------------------------------------------------------------ */

static void observe_idle(void *arg, const struct wire_response *response)
{
    struct imap_watch *watch = arg;

    switch (response->kind) {
    case WIRE_EXISTS:
    case WIRE_EXPUNGE:
    case WIRE_VANISHED:
    case WIRE_FETCH:
        watch->news = true;
        break;
    default:
        break;
    }
}

static void idle_readable(void *arg)
{
    watch_kick(arg);
}

/* Gives the session back, or what is left of it. */
static void drop_lease(struct imap_watch *watch)
{
    struct imap_client *client = watch->client;

    if (!watch->lease)
        return;
    if (watch->lease->session) {
        conn_unwatch(watch->lease->session->conn);
        imap_session_end(watch->lease->session);
        /* In the middle of IDLE a session is of no use to anybody else. */
        if (watch->in_idle)
            imap_session_break(watch->lease->session, NULL);
    }
    imap_lease_end(watch->lease);
    watch->lease = NULL;
    watch->in_idle = false;
    client->live--;
    pool_dispatch(client);
}

static HRESULT idle_failed(struct imap_watch *watch, HRESULT hr)
{
    struct imap_session *session = watch->lease->session;
    struct error_info why = {0};

    hr = imap_session_failed(session, hr, &why);
    watch->in_idle = false;
    lease_lose(watch->lease, &why);
    return hr;
}

/* Reads what has come, without waiting for more. */
static WAITS HRESULT idle_drain(struct imap_watch *watch, bool first)
{
    struct imap_session *session = watch->lease->session;
    const struct wire_response *response;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) &&
           (first || wire_buffered(session->wire) > 0 || conn_buffered(session->conn) > 0)) {
        first = false;
        wire_begin_command(session->wire, 0, 0);
        hr = wire_next(session->wire, &response);
        if (SUCCEEDED(hr) && (response->kind == WIRE_TAGGED || response->kind == WIRE_BYE))
            hr = MAPI_E_NETWORK_ERROR;
    }
    return FAILED(hr) ? idle_failed(watch, hr) : S_OK;
}

static WAITS HRESULT idle_begin(struct imap_watch *watch)
{
    struct imap_session_command command = {.what = "IDLE", .observe = observe_idle, .arg = watch};
    const struct wire_response *response = NULL;
    struct imap_session *session;
    char line[32];
    HRESULT hr = lease_session(watch->lease, NULL, &session);

    if (FAILED(hr))
        return hr;
    watch->news = false;
    imap_session_begin(session, &command, NO_DEADLINE);
    imap_session_next_tag(session, watch->tag);
    hr = imap_session_write(session, line,
                            (size_t)snprintf(line, sizeof(line), "%s IDLE\r\n", watch->tag), false);
    if (SUCCEEDED(hr))
        hr = imap_session_read(session, watch->tag, &response);
    if (FAILED(hr))
        return idle_failed(watch, hr);
    if (response->kind == WIRE_TAGGED) {
        imap_session_end(session);
        return MAPI_E_NO_SUPPORT;
    }
    watch->in_idle = true;
    watch->idle_since = engine_now();
    return idle_drain(watch, false);
}

static WAITS HRESULT idle_end(struct imap_watch *watch)
{
    struct imap_session *session = watch->lease->session;
    const struct wire_response *response = NULL;
    HRESULT hr;

    session->deadline = engine_now() + DONE_TIMEOUT;
    wire_begin_command(session->wire, 0, 0);
    hr = imap_session_write(session, "DONE\r\n", 6, false);
    if (SUCCEEDED(hr))
        hr = imap_session_read(session, watch->tag, &response);
    if (SUCCEEDED(hr) && response->kind != WIRE_TAGGED)
        hr = MAPI_E_CORRUPT_DATA;
    if (FAILED(hr))
        return idle_failed(watch, hr);
    watch->in_idle = false;
    imap_session_end(session);
    return S_OK;
}

/* --- Polling --------------------------------------------------------------------------------- */

static bool same_status(const struct imap_mailbox_status *a, const struct imap_mailbox_status *b)
{
    return a->known && b->known && a->messages == b->messages && a->unseen == b->unseen &&
           a->uidnext == b->uidnext && a->uidvalidity == b->uidvalidity &&
           a->highestmodseq == b->highestmodseq;
}

/* Flags other than \Seen do not show in STATUS without mod-sequences: now and then look anyway. */
static WAITS HRESULT poll_once(struct imap_watch *watch, struct error_info *error,
                               bool *ret_changed)
{
    struct imap_mailbox_status status;
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(watch->client, NULL, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    hr = imap_mailbox_status(lease, watch->index->mailbox, error, &status);
    imap_lease_end(lease);
    if (FAILED(hr))
        return hr;
    *ret_changed = !same_status(&status, &watch->polled) ||
                   (status.highestmodseq == 0 && ++watch->quiet >= POLLS_QUIET);
    if (*ret_changed)
        watch->quiet = 0;
    watch->polled = status;
    return S_OK;
}

/* --- Rounds ---------------------------------------------------------------------------------- */

/* Ends or goes on with an IDLE that something woke. *ret_rest: back to the loop with it. */
static WAITS HRESULT round_wake(struct imap_watch *watch, bool readable, bool *ret_rest)
{
    HRESULT hr = readable ? idle_drain(watch, true) : S_OK;

    *ret_rest = false;
    if (FAILED(hr))
        return hr;
    if (!watch->news && !watch->stopping && watch->client->live <= watch_budget(watch->client) &&
        engine_now() - watch->idle_since < IDLE_RENEW) {
        *ret_rest = true;
        return S_OK;
    }
    return idle_end(watch);
}

static WAITS HRESULT round_lease(struct imap_watch *watch, struct error_info *error)
{
    struct imap_client *client = watch->client;
    HRESULT hr;

    if (client->live > watch_budget(client))
        drop_lease(watch);
    if (!client->knows_server) { /* whether it has IDLE */
        struct imap_lease *first;

        hr = imap_lease_begin(client, NULL, 0, NO_DEADLINE, error, &first);
        if (FAILED(hr))
            return hr;
        imap_lease_end(first);
    }
    if (watch->lease || !(client->capabilities & IMAP_CAP_IDLE) ||
        client->live >= watch_budget(client))
        return S_OK;
    client->live++;
    hr = imap_lease_begin(client, watch->index->mailbox, 0, NO_DEADLINE, error, &watch->lease);
    if (FAILED(hr))
        client->live--;
    return hr;
}

static WAITS HRESULT round_run(struct imap_watch *watch, bool readable, struct error_info *error)
{
    bool rest = false, changed = true;
    HRESULT hr = S_OK;

    if (watch->in_idle)
        hr = round_wake(watch, readable, &rest);
    if (FAILED(hr) || rest || watch->stopping)
        return hr;
    hr = round_lease(watch, error);
    if (SUCCEEDED(hr) && !watch->lease)
        hr = poll_once(watch, error, &changed);
    if (SUCCEEDED(hr) && changed)
        hr = watch->lease ? index_refresh_on(watch->index, &watch->lease, error)
                          : imap_index_refresh(watch->index, NO_DEADLINE, error);
    if (FAILED(hr) || !watch->lease || watch->stopping)
        return hr;
    hr = idle_begin(watch);
    if (hr == MAPI_E_NO_SUPPORT) {
        watch->client->capabilities &= ~(uint32_t)IMAP_CAP_IDLE;
        drop_lease(watch);
        return S_OK;
    }
    if (SUCCEEDED(hr) && watch->stopping)
        return idle_end(watch); /* the session goes back to the pool */
    if (SUCCEEDED(hr) && watch->news)
        watch->again = true; /* it came between the refresh and IDLE */
    return hr;
}

/* Where a watch is left when its round is over. */
static void round_over(struct imap_watch *watch, HRESULT hr)
{
    struct imap_client *client = watch->client;

    watch->poll_at = engine_now() + (FAILED(hr) ? RETRY_FAILED : client->options.poll_interval);
    if (watch->lease && (FAILED(hr) || watch->stopping || !watch->in_idle))
        drop_lease(watch);
    if (client->state != IMAP_READY || client->closing || watch->stopping) {
        watch->state = WATCH_RESTING;
    } else if (watch->lease) {
        watch->state = WATCH_IDLING;
        wire_rest(watch->lease->session->wire);
        conn_watch(watch->lease->session->conn, idle_readable, watch);
    } else {
        watch->state = WATCH_POLLING;
    }
}

static void watch_run(void *arg)
{
    struct imap_watch *watch = arg;
    struct error_info why = {0};
    HRESULT hr;
    bool readable = true;

    watch->fiber = fiber_current();
    do {
        watch->again = false;
        hr = watch->stopping ? MAPI_E_USER_CANCEL : round_run(watch, readable, &why);
        readable = false;
    } while (SUCCEEDED(hr) && watch->again && !watch->stopping);
    watch->fiber = NULL;
    round_over(watch, hr);
    index_attempt_end(watch->index, hr, &why);
    engine_event_set(&watch->rested);
    watch_unref(watch);
}

/* Starts a round, or makes the one that runs go round again. */
static void watch_kick(struct imap_watch *watch)
{
    const struct error_info why = {.hr = MAPI_E_NOT_ENOUGH_RESOURCES};

    if (watch->state == WATCH_WORKING) {
        watch->again = true;
        return;
    }
    if (watch->stopping || watch->client->closing)
        return;
    if (watch->lease && watch->lease->session)
        conn_unwatch(watch->lease->session->conn);
    watch->state = WATCH_WORKING;
    engine_event_reset(&watch->rested);
    watch->refs++;
    index_attempt_begin(watch->index);
    if (FAILED(imap_client_spawn(watch->client, watch_run, watch))) {
        round_over(watch, MAPI_E_NOT_ENOUGH_RESOURCES);
        index_attempt_end(watch->index, MAPI_E_NOT_ENOUGH_RESOURCES, &why);
        engine_event_set(&watch->rested);
        watch->refs--;
    }
}

/* --- The client's calls ---------------------------------------------------------------------- */

void watches_resume(struct imap_client *client)
{
    for (struct imap_watch *watch = client->watches; watch; watch = watch->next) {
        if (watch->state == WATCH_RESTING || watch->state == WATCH_POLLING)
            watch_kick(watch);
    }
}

void watches_dropped(struct imap_client *client)
{
    for (struct imap_watch *watch = client->watches; watch; watch = watch->next) {
        if (watch->state == WATCH_IDLING && watch->lease->session->broken)
            watch_kick(watch);
    }
}

void watches_tick(struct imap_client *client)
{
    uint64_t now = engine_now();

    for (struct imap_watch *watch = client->watches; watch; watch = watch->next) {
        bool room = (client->capabilities & IMAP_CAP_IDLE) && client->live < watch_budget(client);

        if ((watch->state == WATCH_IDLING &&
             (now - watch->idle_since >= IDLE_RENEW || client->live > watch_budget(client))) ||
            (watch->state == WATCH_POLLING && (now >= watch->poll_at || room)) ||
            (watch->state == WATCH_RESTING && now >= watch->poll_at))
            watch_kick(watch);
    }
}

/* --- Starting, stopping ---------------------------------------------------------------------- */

HRESULT imap_watch_start(struct imap_index *index, struct imap_watch **ret_watch)
{
    struct imap_client *client = index->client;
    struct imap_watch *watch;

    if (!client)
        return MAPI_E_CANCEL;
    watch = calloc(1, sizeof(*watch));
    if (!watch)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    watch->refs = 1;
    watch->client = client;
    watch->index = imap_index_ref(index);
    engine_event_init(&watch->rested);
    engine_event_set(&watch->rested);
    watch->next = client->watches;
    client->watches = watch;
    client->watching++;
    imap_connection_report(client);
    watch_kick(watch); /* without a connection too: who waits for rows is told why there are none */
    *ret_watch = watch;
    return S_OK;
}

bool imap_watch_is_live(const struct imap_watch *watch)
{
    return watch->state == WATCH_IDLING || (watch->lease && watch->in_idle);
}

void imap_watch_stop(struct imap_watch *watch)
{
    struct imap_watch **at;

    if (!watch)
        return;
    watch->stopping = true;
    if (!watch->client->closing)
        engine_event_wait(&watch->rested, engine_now() + STOP_GRACE);
    if (watch->fiber)
        fiber_cancel(watch->fiber);
    engine_event_wait(&watch->rested, NO_DEADLINE);
    if (watch->state == WATCH_IDLING) {
        conn_unwatch(watch->lease->session->conn);
        watch->state = WATCH_RESTING;
        if (!watch->lease->session->broken)
            idle_end(watch); /* so that the session goes back to the pool, not to waste */
        drop_lease(watch);
    }
    for (at = &watch->client->watches; *at != watch; at = &(*at)->next)
        ;
    *at = watch->next;
    watch->client->watching--;
    if (!watch->client->closing)
        imap_connection_report(watch->client);
    watch_unref(watch);
}
