/* session/spooler.c - the spooler: transports, on a thread of their own */
#include "session/spooler.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/memory.h"
#include "net/wait.h"

enum request_kind {
    REQUEST_VALIDATE,
    REQUEST_CONFIG_CHANGED, /* SpoolerNotify */
    REQUEST_FLUSH,
};

/* Asked for by another thread, which waits for `done` unless `async`: then the spooler frees it. */
struct request {
    struct engine_queue_node node;
    enum request_kind kind;
    MAPIUID target;
    bool has_target, async;
    ULONG flags;
    HRESULT result;
    struct engine_event done;
};

struct spooler {
    atomic_uint refs;
    struct session *session; /* no reference: it stops us before it ends; the thread's alone */
    pthread_t thread;
    struct engine_queue requests;
    struct engine_event started;
    atomic_bool flushing;
};

static bool is_transport(const struct session_provider *provider)
{
    return provider->profile->resource_type == MAPI_TRANSPORT_PROVIDER;
}

/* --- Each transport on a thread of its own ---------------------------------------------------- */

/* Foreign code may take its time: what is asked of all transports is asked of all at once. */
struct turn {
    struct session_provider *provider;
    HRESULT (*fn)(struct session_provider *provider, const void *arg);
    const void *arg;
    HRESULT result;
    pthread_t thread;
    bool has_thread;
};

static void *turn_main(void *arg)
{
    struct turn *turn = arg;

    turn->result = turn->fn(turn->provider, turn->arg);
    return NULL;
}

/* All are tried; the first failure, in the profile's order, is the answer. */
static WAITS HRESULT ask_all(struct spooler *spooler,
                             HRESULT (*fn)(struct session_provider *provider, const void *arg),
                             const void *arg)
{
    struct session *session = spooler->session;
    struct turn *turns = calloc(session->provider_count + 1, sizeof(*turns));
    size_t count = 0;
    HRESULT result = S_OK;

    if (!turns)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < session->provider_count; i++)
        if (is_transport(&session->providers[i]))
            turns[count++] =
                (struct turn){.provider = &session->providers[i], .fn = fn, .arg = arg};
    for (size_t i = 1; i < count; i++)
        turns[i].has_thread = engine_thread_create(&turns[i].thread, turn_main, &turns[i]) == 0;
    for (size_t i = 0; i < count; i++)
        if (!turns[i].has_thread)
            turn_main(&turns[i]);
    for (size_t i = 0; i < count; i++) {
        if (turns[i].has_thread)
            pthread_join(turns[i].thread, NULL);
        if (FAILED(turns[i].result) && SUCCEEDED(result))
            result = turns[i].result;
    }
    free(turns);
    return result;
}

static WAITS HRESULT logon_one(struct session_provider *provider, const void *arg)
{
    bool again = *(const bool *)arg;
    struct error_info error = {0};

    if (again)
        provider_pardon(provider);
    return provider_begin_transport(provider, again, &error);
}

/* `again`: the configuration has changed. */
static WAITS HRESULT logon_all(struct spooler *spooler, bool again)
{
    return ask_all(spooler, logon_one, &again);
}

static WAITS HRESULT validate_one(struct session_provider *provider, const void *arg)
{
    return provider_validate_transport(provider, 0, *(const ULONG *)arg);
}

static WAITS HRESULT validate_all(struct spooler *spooler, ULONG flags)
{
    HRESULT result = logon_all(spooler, flags & CONFIG_CHANGED);
    HRESULT hr = ask_all(spooler, validate_one, &flags);

    return FAILED(result) ? result : hr;
}

/* --- Requests --------------------------------------------------------------------------------- */

static WAITS HRESULT flush_all(struct spooler *spooler, const struct request *request)
{
    struct session *session = spooler->session;
    HRESULT result = request->has_target ? MAPI_E_NOT_FOUND : S_OK;

    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *provider = &session->providers[i];
        HRESULT hr;

        if (!is_transport(provider))
            continue;
        if (request->has_target &&
            memcmp(&provider->profile->uid, &request->target, sizeof(MAPIUID)) != 0)
            continue;
        hr = provider_flush_transport(provider, request->flags);
        if (request->has_target)
            return hr;
        if (FAILED(hr) && SUCCEEDED(result))
            result = hr;
    }
    return result;
}

static WAITS void serve(struct spooler *spooler, struct request *request)
{
    bool async = request->async;

    switch (request->kind) {
    case REQUEST_VALIDATE:
        request->result = validate_all(spooler, request->flags);
        break;
    case REQUEST_CONFIG_CHANGED:
        request->result = logon_all(spooler, true);
        break;
    case REQUEST_FLUSH:
        request->result = flush_all(spooler, request);
        if (async)
            atomic_store(&spooler->flushing, false);
        break;
    }
    if (async)
        free(request);
    else
        engine_event_set(&request->done);
}

static void *spooler_main(void *arg)
{
    struct spooler *spooler = arg;
    struct engine_queue_node *node;

    logon_all(spooler, false); /* a failure shows in the status table */
    engine_event_set(&spooler->started);
    while (SUCCEEDED(engine_queue_pop(&spooler->requests, NO_DEADLINE, &node)))
        serve(spooler, container_of(node, struct request, node));
    return NULL;
}

/* Hands the request over and waits for its end. */
static WAITS HRESULT ask(struct spooler *spooler, struct request *request)
{
    HRESULT hr;

    engine_event_init(&request->done);
    if (engine_queue_push(&spooler->requests, &request->node)) {
        engine_event_wait_out(&request->done); /* it is on our stack */
        hr = request->result;
    } else {
        hr = MAPI_E_CANCEL;
    }
    engine_event_clear(&request->done);
    return hr;
}

struct spooler *spooler_ref(struct spooler *spooler)
{
    atomic_fetch_add(&spooler->refs, 1);
    return spooler;
}

void spooler_unref(struct spooler *spooler)
{
    if (!spooler || atomic_fetch_sub(&spooler->refs, 1) != 1)
        return;
    engine_queue_clear(&spooler->requests);
    engine_event_clear(&spooler->started);
    free(spooler);
}

HRESULT spooler_start(struct session *session, struct spooler **ret_spooler)
{
    struct spooler *spooler = calloc(1, sizeof(*spooler));

    if (!spooler)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&spooler->refs, 1);
    spooler->session = session;
    engine_queue_init(&spooler->requests);
    engine_event_init(&spooler->started);
    if (engine_thread_create(&spooler->thread, spooler_main, spooler) != 0) {
        spooler_unref(spooler);
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    }
    *ret_spooler = spooler;
    return S_OK;
}

static HRESULT join_thread(void *arg)
{
    pthread_join(*(pthread_t *)arg, NULL);
    return S_OK;
}

void spooler_stop(struct spooler *spooler)
{
    engine_queue_close(&spooler->requests);
    engine_work(join_thread, &spooler->thread); /* the thread may be in a call that waits */
}

void spooler_wait_started(struct spooler *spooler)
{
    if (spooler)
        engine_event_wait(&spooler->started, NO_DEADLINE);
}

HRESULT spooler_validate(struct spooler *spooler, ULONG flags)
{
    struct request request = {.kind = REQUEST_VALIDATE, .flags = flags};

    return spooler ? ask(spooler, &request) : MAPI_E_NO_SUPPORT;
}

HRESULT spooler_flush(struct spooler *spooler, const MAPIUID *target, ULONG flags)
{
    struct request asked = {.kind = REQUEST_FLUSH, .flags = flags, .has_target = target != NULL};
    struct request *later;

    if (!spooler)
        return MAPI_E_NO_SUPPORT;
    if (atomic_exchange(&spooler->flushing, true))
        return MAPI_E_BUSY; /* STA-126 */
    if (target)
        asked.target = *target;
    if (!(flags & FLUSH_ASYNC_OK)) {
        HRESULT hr = ask(spooler, &asked);

        atomic_store(&spooler->flushing, false);
        return hr;
    }
    later = malloc(sizeof(*later));
    if (later) {
        *later = asked;
        later->async = true;
        if (engine_queue_push(&spooler->requests, &later->node))
            return S_OK;
        free(later);
    }
    atomic_store(&spooler->flushing, false);
    return later ? MAPI_E_CANCEL : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT spooler_notify(struct spooler *spooler, ULONG flags)
{
    struct request *request;

    if (!spooler)
        return MAPI_E_NO_SUPPORT;
    if (!(flags & NOTIFY_CONFIG_CHANGE))
        return S_OK; /* nothing is queued here that the other notices could wake */
    request = calloc(1, sizeof(*request));
    if (!request)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    request->kind = REQUEST_CONFIG_CHANGED;
    request->async = true;
    if (engine_queue_push(&spooler->requests, &request->node))
        return S_OK;
    free(request);
    return MAPI_E_CANCEL;
}
