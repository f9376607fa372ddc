/* session/session.c - a session: its beginning and its end */
#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#include "session/client.h"
#include "session/own_status.h"
#include "session/spooler.h"

struct session *session_ref(struct session *session)
{
    atomic_fetch_add(&session->refs, 1);
    return session;
}

void session_unref(struct session *session)
{
    if (!session || atomic_fetch_sub(&session->refs, 1) != 1)
        return;
    for (size_t i = 0; i < session->provider_count; i++)
        engine_mutex_clear(&session->providers[i].gate);
    free(session->providers);
    spooler_unref(session->spooler);
    status_table_free(session->status);
    store_table_free(session->stores);
    advise_list_clear(&session->notify_keys);
    session_profile_unref(session->profile);
    subsystem_unref(session->subsystem);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

static HRESULT take_providers(struct session *session)
{
    size_t count = session_profile_provider_count(session->profile);

    session->providers = calloc(count + 1, sizeof(*session->providers));
    if (!session->providers)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    session->provider_count = count;
    for (size_t i = 0; i < count; i++) {
        struct session_provider *provider = &session->providers[i];

        provider->session = session;
        provider->profile = session_profile_provider(session->profile, i);
        provider->resource_flags = provider->profile->resource_flags;
        engine_mutex_init(&provider->gate);
    }
    return S_OK;
}

static HRESULT session_create(struct mapi_subsystem *subsystem, struct session_profile *profile,
                              bool no_mail, struct session **ret_session)
{
    struct session *session = calloc(1, sizeof(*session));
    HRESULT hr;

    if (!session)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&session->refs, 1);
    pthread_mutex_init(&session->lock, NULL);
    advise_list_init(&session->notify_keys);
    session->subsystem = subsystem_ref(subsystem);
    session->profile = session_profile_ref(profile);
    session->no_mail = no_mail;
    hr = status_table_create(subsystem->dispatcher, &session->status);
    if (SUCCEEDED(hr))
        hr = store_table_create(subsystem->dispatcher, &session->stores);
    if (SUCCEEDED(hr))
        hr = take_providers(session);
    if (SUCCEEDED(hr))
        hr = own_status_rows_add(session);
    if (FAILED(hr)) {
        session_unref(session);
        return hr;
    }
    *ret_session = session;
    return S_OK;
}

/* All stores are tried; the words of the first that fails are kept. */
static WAITS void begin_stores(struct session *session, ULONG_PTR ui_param,
                               struct error_info *error, bool *ret_partial)
{
    *ret_partial = false;
    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *provider = &session->providers[i];
        struct error_info own = {0};

        if (provider->profile->resource_type != MAPI_STORE_PROVIDER)
            continue;
        if (FAILED(provider_begin_store(provider, ui_param, &own))) {
            if (!*ret_partial && error)
                *error = own;
            *ret_partial = true;
        }
    }
}

HRESULT session_begin(struct mapi_subsystem *subsystem, struct session_profile *profile,
                      bool no_mail, ULONG_PTR ui_param, struct error_info *error, bool *ret_partial,
                      struct session **ret_session)
{
    struct spooler *spooler;
    struct session *session;
    HRESULT hr = session_create(subsystem, profile, no_mail, &session);

    if (FAILED(hr)) {
        session_profile_end(profile);
        return error_set(error, hr, "session", "out of memory");
    }
    begin_stores(session, ui_param, error, ret_partial);
    if (!no_mail) {
        hr = spooler_start(session, &spooler);
        if (FAILED(hr)) {
            session_end(session);
            session_unref(session);
            return error_set(error, hr, "session", "the spooler could not be started");
        }
        pthread_mutex_lock(&session->lock);
        session->spooler = spooler;
        pthread_mutex_unlock(&session->lock);
    }
    *ret_session = session;
    return S_OK;
}

struct spooler *session_spooler(struct session *session)
{
    struct spooler *spooler;

    pthread_mutex_lock(&session->lock);
    spooler = session->spooler ? spooler_ref(session->spooler) : NULL;
    pthread_mutex_unlock(&session->lock);
    return spooler;
}

void session_end(struct session *session)
{
    struct spooler *spooler;

    pthread_mutex_lock(&session->lock);
    spooler = session->spooler;
    session->spooler = NULL;
    session->ended = true;
    pthread_mutex_unlock(&session->lock);
    if (spooler)
        spooler_stop(spooler);
    spooler_unref(spooler);
    for (size_t i = session->provider_count; i-- > 0;) /* transports, then stores */
        provider_logoff(&session->providers[i]);
    advise_list_clear(&session->notify_keys);
    session_profile_end(session->profile);
}

void sessions_end_all(struct mapi_subsystem *subsystem)
{
    struct session *session;

    do {
        pthread_mutex_lock(&subsystem->lock);
        session = subsystem->sessions;
        if (session) {
            subsystem->sessions = session->next;
            session->next = NULL;
            session_ref(session);
        }
        pthread_mutex_unlock(&subsystem->lock);
        if (session)
            clients_log_off(session);
        session_unref(session);
    } while (session);
}
