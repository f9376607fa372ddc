/* session/spooler.c - the spooler: transports, on a thread of their own */
#include "session/spooler.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/memory.h"
#include "net/wait.h"

enum request_kind {
    REQUEST_LOGON,
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
    struct session *session; /* no reference: it ends us first */
    pthread_t thread;
    struct engine_queue requests;
    struct engine_event started;
    atomic_bool flushing;
};

static bool is_transport(const struct session_provider *provider)
{
    return provider->profile->resource_type == MAPI_TRANSPORT_PROVIDER;
}

static WAITS HRESULT logon_all(struct spooler *spooler)
{
    struct session *session = spooler->session;
    HRESULT result = S_OK;

    for (size_t i = 0; i < session->provider_count; i++) {
        struct error_info error = {0};
        HRESULT hr;

        if (!is_transport(&session->providers[i]))
            continue;
        hr = provider_begin_transport(&session->providers[i], &error);
        if (FAILED(hr) && SUCCEEDED(result))
            result = hr;
    }
    return result;
}

/* One transport: what was asked for, then the END flags that close it (STA-132, STA-134). */
static WAITS HRESULT flush_one(struct session_provider *provider, ULONG flags)
{
    IMAPIStatus *status;
    HRESULT hr = provider_open_status(provider, NULL, 0, &status);

    if (FAILED(hr))
        return hr == MAPI_E_NOT_FOUND ? S_OK : hr; /* not logged on: nothing to flush */
    hr = IMAPIStatus_FlushQueues(status, 0, 0, NULL, flags);
    IMAPIStatus_Release(status);
    return hr;
}

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
        hr = flush_one(provider, request->flags);
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
    case REQUEST_LOGON:
        request->result = logon_all(spooler);
        break;
    case REQUEST_FLUSH:
        request->result = flush_all(spooler, request);
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

    logon_all(spooler); /* a failure shows in the status table */
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
        while (FAILED(engine_event_wait(&request->done, NO_DEADLINE)))
            ; /* a cancelled fiber still waits: the request is on its stack */
        hr = request->result;
    } else {
        hr = MAPI_E_CANCEL;
    }
    engine_event_clear(&request->done);
    return hr;
}

HRESULT spooler_start(struct session *session, struct spooler **ret_spooler)
{
    struct spooler *spooler = calloc(1, sizeof(*spooler));

    if (!spooler)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    spooler->session = session;
    engine_queue_init(&spooler->requests);
    engine_event_init(&spooler->started);
    if (engine_thread_create(&spooler->thread, spooler_main, spooler) != 0) {
        engine_queue_clear(&spooler->requests);
        engine_event_clear(&spooler->started);
        free(spooler);
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
    if (!spooler)
        return;
    engine_queue_close(&spooler->requests);
    engine_work(join_thread, &spooler->thread); /* the thread may be in a call that waits */
    engine_queue_clear(&spooler->requests);
    engine_event_clear(&spooler->started);
    free(spooler);
}

void spooler_wait_started(struct spooler *spooler)
{
    if (spooler)
        engine_event_wait(&spooler->started, NO_DEADLINE);
}

HRESULT spooler_logon_all(struct spooler *spooler)
{
    struct request request = {.kind = REQUEST_LOGON};

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
    if (!(flags & FLUSH_ASYNC_OK))
        return ask(spooler, &asked);
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
    request->kind = REQUEST_LOGON;
    request->async = true;
    if (engine_queue_push(&spooler->requests, &request->node))
        return S_OK;
    free(request);
    return MAPI_E_CANCEL;
}
