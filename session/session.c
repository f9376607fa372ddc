/* session/session.c - a session: its beginning and its end */
#include "session/session.h"

#include <stdlib.h>
#include <string.h>

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
        provider->builtin = builtin_provider_find(provider->profile->dll_name);
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
    struct session *session;
    HRESULT hr = session_create(subsystem, profile, no_mail, &session);

    if (FAILED(hr))
        return error_set(error, hr, "session", "out of memory");
    begin_stores(session, ui_param, error, ret_partial);
    if (!no_mail) {
        hr = spooler_start(session, &session->spooler);
        if (FAILED(hr)) {
            session_end(session);
            session_unref(session);
            return error_set(error, hr, "session", "the spooler could not be started");
        }
    }
    *ret_session = session;
    return S_OK;
}

void session_end(struct session *session)
{
    struct spooler *spooler = session->spooler;

    session->spooler = NULL;
    spooler_stop(spooler);
    for (size_t i = session->provider_count; i-- > 0;)
        provider_logoff(&session->providers[i]);
}

static WAITS HRESULT set_flag(struct session_provider *provider, ULONG flag, bool set,
                              bool permanent, struct error_info *error)
{
    struct session *session = provider->session;
    ULONG flags, row;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&session->lock);
    flags = set ? provider->resource_flags | flag : provider->resource_flags & ~flag;
    if (flags == provider->resource_flags) {
        pthread_mutex_unlock(&session->lock);
        return S_OK;
    }
    provider->resource_flags = flags;
    row = provider->row;
    pthread_mutex_unlock(&session->lock);
    if (permanent)
        hr = session_profile_set_resource_flags(session->profile, &provider->profile->uid,
                                                set ? flag : 0, set ? 0 : flag, error);
    if (SUCCEEDED(hr))
        hr = store_table_set_flags(session->stores, &provider->profile->uid, flags);
    if (SUCCEEDED(hr) && row)
        hr = status_table_set_flags(session->status, row, flags);
    return hr;
}

HRESULT session_set_store_flag(struct session *session, const MAPIUID *uid, ULONG flag,
                               bool permanent, struct error_info *error)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < session->provider_count && SUCCEEDED(hr); i++) {
        struct session_provider *provider = &session->providers[i];

        if (provider->profile->resource_type == MAPI_STORE_PROVIDER)
            hr = set_flag(provider, flag,
                          uid && memcmp(&provider->profile->uid, uid, sizeof(*uid)) == 0, permanent,
                          error);
    }
    return hr;
}
