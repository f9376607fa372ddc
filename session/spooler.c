/* session/spooler.c - the spooler: transports, on a thread of their own */
#include "session/spooler.h"

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

/* All are tried; the first failure is the answer. `again`: the configuration has changed. */
static WAITS HRESULT logon_all(struct spooler *spooler, bool again)
{
    struct session *session = spooler->session;
    HRESULT result = S_OK;

    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *provider = &session->providers[i];
        struct error_info error = {0};
        HRESULT hr;

        if (!is_transport(provider))
            continue;
        if (again)
            provider_pardon(provider);
        hr = provider_begin_transport(provider, again, &error);
        if (FAILED(hr) && SUCCEEDED(result))
            result = hr;
    }
    return result;
}

static WAITS HRESULT validate_all(struct spooler *spooler, ULONG flags)
{
    struct session *session = spooler->session;
    HRESULT result = logon_all(spooler, flags & CONFIG_CHANGED);

    for (size_t i = 0; i < session->provider_count; i++) {
        HRESULT hr;

        if (!is_transport(&session->providers[i]))
            continue;
        hr = provider_validate_transport(&session->providers[i], 0, flags);
        if (FAILED(hr) && SUCCEEDED(result))
            result = hr;
    }
    return result;
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
