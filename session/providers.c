/* session/providers.c - the providers of a session: their entry points, their objects, their end
 *
 * A provider is foreign code: it is called on the thread of whoever needs it, and no lock is held.
 * What begins or ends something is done under the provider's gate; every other call pins the
 * objects it uses. Logons are in store_logon.c, transport_logon.c and
 * address_logon.c. Behaviour: PVD, SES-097. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/provider_error.h"
#include "session/service_entry.h"
#include "session/session.h"

/* --- Failure ---------------------------------------------------------------------------------- */

HRESULT provider_profile_name(struct session_provider *provider, WCHAR **ret_name)
{
    return text_utf8_to_utf16(NULL, session_profile_name(provider->session->profile), ret_name);
}

void provider_failed(struct session_provider *provider, HRESULT hr, const struct error_info *error)
{
    struct session *session = provider->session;
    const MAPIUID *service = &provider->profile->service;

    pthread_mutex_lock(&session->lock);
    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *other = &session->providers[i];
        bool same = memcmp(&other->profile->service, service, sizeof(*service)) == 0;

        if (other == provider || (same && hr != MAPI_E_FAILONEPROVIDER)) {
            other->disabled = hr != MAPI_E_FAILONEPROVIDER;
            other->error = *error;
        }
    }
    pthread_mutex_unlock(&session->lock);
}

HRESULT provider_check_enabled(struct session_provider *provider, struct error_info *error)
{
    struct error_info why;
    bool disabled;

    pthread_mutex_lock(&provider->session->lock);
    disabled = provider->disabled;
    why = provider->error;
    pthread_mutex_unlock(&provider->session->lock);
    if (!disabled)
        return S_OK;
    why.hr = MAPI_E_LOGON_FAILED;
    if (error)
        *error = why;
    return why.hr;
}

void provider_pardon(struct session_provider *provider)
{
    pthread_mutex_lock(&provider->session->lock);
    provider->disabled = false;
    pthread_mutex_unlock(&provider->session->lock);
}

/* --- Objects ---------------------------------------------------------------------------------- */

struct provider_objects *provider_objects_create(void)
{
    struct provider_objects *objects = calloc(1, sizeof(*objects));

    if (objects)
        atomic_init(&objects->refs, 1);
    return objects;
}

static struct provider_objects *objects_ref(struct provider_objects *objects)
{
    if (objects)
        atomic_fetch_add(&objects->refs, 1);
    return objects;
}

/* The support object goes last (XPT-022). */
void provider_objects_unref(struct provider_objects *objects)
{
    if (!objects || atomic_fetch_sub(&objects->refs, 1) != 1)
        return;
    unknown_release(objects->store);
    unknown_release(objects->logon);
    unknown_release(objects->transport);
    unknown_release(objects->address);
    unknown_release(objects->stores);
    unknown_release(objects->transports);
    unknown_release(objects->addresses);
    unknown_release(objects->support);
    free(objects);
}

struct provider_objects *provider_get_entry(struct session_provider *provider)
{
    struct provider_objects *objects;

    pthread_mutex_lock(&provider->session->lock);
    objects = objects_ref(provider->entry);
    pthread_mutex_unlock(&provider->session->lock);
    return objects;
}

struct provider_objects *provider_get_logon(struct session_provider *provider)
{
    struct provider_objects *objects;

    pthread_mutex_lock(&provider->session->lock);
    objects = objects_ref(provider->logons);
    pthread_mutex_unlock(&provider->session->lock);
    return objects;
}

static bool has_uid(const struct session_provider *provider, const MAPIUID *uid)
{
    for (size_t i = 0; i < provider->uid_count; i++)
        if (memcmp(&provider->uids[i], uid, sizeof(*uid)) == 0)
            return true;
    return false;
}

struct provider_objects *session_find_uid(struct session *session, const MAPIUID *uid)
{
    struct provider_objects *found = NULL;

    pthread_mutex_lock(&session->lock);
    for (size_t i = 0; i < session->provider_count && !found; i++) {
        struct session_provider *provider = &session->providers[i];

        if (provider->logons && (provider->logons->logon || provider->logons->address) &&
            has_uid(provider, uid))
            found = objects_ref(provider->logons); /* PRF-150: the first of them */
    }
    pthread_mutex_unlock(&session->lock);
    return found;
}

void provider_keep_logon(struct session_provider *provider, struct provider_objects *logon)
{
    pthread_mutex_lock(&provider->session->lock);
    if (provider->logons) {
        logon->next = provider->logons->next;
        provider->logons->next = logon;
    } else {
        provider->logons = logon;
    }
    pthread_mutex_unlock(&provider->session->lock);
}

/* --- Entry points ----------------------------------------------------------------------------- */

static HRESULT call_entry_point(struct session_provider *provider, const struct module *module,
                                struct provider_objects *objects, ULONG *ret_version)
{
    ULONG flags = provider->session->subsystem->is_service ? MAPI_NT_SERVICE : 0; /* PVD-006 */

    if (provider->profile->resource_type == MAPI_STORE_PROVIDER && module->store_init)
        return module->store_init(NULL, NULL, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer,
                                  flags, CURRENT_SPI_VERSION, ret_version, &objects->stores);
    if (provider->profile->resource_type == MAPI_TRANSPORT_PROVIDER && module->transport_init)
        return module->transport_init(NULL, NULL, MAPIAllocateBuffer, MAPIAllocateMore,
                                      MAPIFreeBuffer, flags, CURRENT_SPI_VERSION, ret_version,
                                      &objects->transports);
    if (provider->profile->resource_type == MAPI_AB_PROVIDER && module->address_init)
        return module->address_init(NULL, NULL, MAPIAllocateBuffer, MAPIAllocateMore,
                                    MAPIFreeBuffer, flags, CURRENT_SPI_VERSION, ret_version,
                                    &objects->addresses);
    return MAPI_E_NOT_FOUND;
}

HRESULT provider_init(struct session_provider *provider, struct error_info *error)
{
    const char *name = provider->profile->dll_name;
    struct provider_objects *objects;
    const struct module *module;
    ULONG version = 0;
    HRESULT hr;

    if (provider->entry) /* only the gate's holder writes it */
        return S_OK;
    hr = module_find(name, error, &module);
    if (FAILED(hr))
        return hr;
    objects = provider_objects_create();
    if (!objects)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, name, "out of memory");
    hr = call_entry_point(provider, module, objects, &version);
    if (hr == MAPI_E_NOT_FOUND)
        error_set(error, hr, name, "the module has no entry point for this kind of provider");
    else if (FAILED(hr))
        error_set(error, hr, name, "the provider's entry point failed");
    else if (version != CURRENT_SPI_VERSION) /* PVD-003, XPT-003 */
        hr = error_set(error, MAPI_E_VERSION, name, "the provider is of another MAPI version");
    if (FAILED(hr)) {
        provider_objects_unref(objects);
        return hr;
    }
    pthread_mutex_lock(&provider->session->lock);
    provider->entry = objects;
    pthread_mutex_unlock(&provider->session->lock);
    return S_OK;
}

HRESULT provider_configure(struct session_provider *provider)
{
    const struct service_request request = {.context = MSG_SERVICE_CONFIGURE};

    return session_profile_call_service(provider->session->profile,
                                        &provider->session->subsystem->object,
                                        &provider->profile->service, &request, NULL);
}

/* --- Status objects --------------------------------------------------------------------------- */

HRESULT provider_open_status(struct session_provider *provider, const IID *iid, ULONG flags,
                             IMAPIStatus **ret_status)
{
    struct provider_objects *logon = provider_get_logon(provider);
    HRESULT hr = MAPI_E_NOT_FOUND;
    ULONG type;

    if (logon && logon->logon)
        hr = IMSLogon_OpenStatusEntry(logon->logon, iid, flags, &type, (LPVOID *)ret_status);
    else if (logon && logon->transport)
        hr = IXPLogon_OpenStatusEntry(logon->transport, iid, flags, &type, ret_status);
    else if (logon && logon->address)
        hr = IABLogon_OpenStatusEntry(logon->address, iid, flags, &type, ret_status);
    provider_objects_unref(logon);
    return hr;
}

/* --- The end ---------------------------------------------------------------------------------- */

static struct provider_objects *take_first(struct session_provider *provider)
{
    struct provider_objects *logon;

    pthread_mutex_lock(&provider->session->lock);
    logon = provider->logons;
    if (logon)
        provider->logons = logon->next;
    pthread_mutex_unlock(&provider->session->lock);
    return logon;
}

static WAITS void end_logon(struct provider_objects *logon)
{
    ULONG flags = LOGOFF_NO_WAIT;

    if (logon->store)
        IMsgStore_StoreLogoff(logon->store, &flags);
    flags = 0;
    if (logon->logon)
        IMSLogon_Logoff(logon->logon, &flags);
    if (logon->transport)
        provider_end_transport(logon);
    if (logon->address)
        IABLogon_Logoff(logon->address, 0);
    support_invalidate(logon->support);
    provider_objects_unref(logon);
}

/* What is left when the support objects have taken the status row along (STA-028). */
static struct provider_objects *forget(struct session_provider *provider)
{
    struct session *session = provider->session;
    struct provider_objects *entry;
    char **types;

    pthread_mutex_lock(&session->lock);
    entry = provider->entry;
    types = provider->address_types;
    provider->entry = NULL;
    provider->address_types = NULL;
    provider->address_type_count = 0;
    provider->uid_count = 0;
    pthread_mutex_unlock(&session->lock);
    mapi_free(types);
    store_table_remove(session->stores, &provider->profile->uid);
    return entry;
}

void provider_logoff(struct session_provider *provider)
{
    struct provider_objects *logon, *entry;
    ULONG flags = 0;

    if (FAILED(engine_mutex_lock(&provider->gate, NO_DEADLINE)))
        return;
    while ((logon = take_first(provider)))
        end_logon(logon);
    entry = forget(provider);
    if (entry && entry->stores)
        IMSProvider_Shutdown(entry->stores, &flags);
    if (entry && entry->transports)
        IXPProvider_Shutdown(entry->transports, &flags);
    if (entry && entry->addresses)
        IABProvider_Shutdown(entry->addresses, &flags);
    provider_objects_unref(entry);
    engine_mutex_unlock(&provider->gate);
}
