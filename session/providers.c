/* session/providers.c - logging on to the providers of a profile
 *
 * The only file that calls IMSProvider and IXPProvider. A provider is foreign code: it is called on
 * the thread of whoever needs it, under the provider's own gate and no lock. Behaviour: SES-092 to
 * SES-103, PVD-001 ff., docs/mail.md "Status rows are the connection" (store logon). */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/session.h"
#include "session/store_entryid.h"

/* --- Errors -------------------------------------------------------------------------------------
 */

void error_from_mapi(struct error_info *error, HRESULT hr, const MAPIERROR *words)
{
    char *component = NULL, *text = NULL;

    if (!words || FAILED(text_utf16_to_utf8(NULL, (WCHAR *)words->lpszComponent, &component)) ||
        FAILED(text_utf16_to_utf8(NULL, (WCHAR *)words->lpszError, &text))) {
        error_set(error, hr, component, "the provider gave no reason");
    } else {
        error_set(error, hr, component, "%s", text ? text : "");
        if (error)
            error->low_level = words->ulLowLevelError;
    }
    mapi_free(component);
    mapi_free(text);
}

static HRESULT not_there(struct session_provider *provider, struct error_info *error)
{
    return error_set(error, MAPI_E_NOT_FOUND, provider->profile->dll_name,
                     "no provider of that name is known");
}

/* --- Entry points -------------------------------------------------------------------------------
 */

static HRESULT init_stores(struct session_provider *provider, struct error_info *error)
{
    ULONG version = 0;
    HRESULT hr;

    if (provider->stores)
        return S_OK;
    if (!provider->builtin || !provider->builtin->store_init)
        return not_there(provider, error);
    hr = provider->builtin->store_init(NULL, NULL, MAPIAllocateBuffer, MAPIAllocateMore,
                                       MAPIFreeBuffer, 0, CURRENT_SPI_VERSION, &version,
                                       &provider->stores);
    if (FAILED(hr))
        return error_set(error, hr, provider->profile->dll_name, "MSProviderInit failed");
    return S_OK;
}

static HRESULT init_transports(struct session_provider *provider, struct error_info *error)
{
    ULONG version = 0;
    HRESULT hr;

    if (provider->transports)
        return S_OK;
    if (!provider->builtin || !provider->builtin->transport_init)
        return not_there(provider, error);
    hr = provider->builtin->transport_init(NULL, NULL, MAPIAllocateBuffer, MAPIAllocateMore,
                                           MAPIFreeBuffer, 0, CURRENT_SPI_VERSION, &version,
                                           &provider->transports);
    if (FAILED(hr))
        return error_set(error, hr, provider->profile->dll_name, "XPProviderInit failed");
    return S_OK;
}

static HRESULT wide_profile_name(struct session_provider *provider, WCHAR **ret_name)
{
    return text_utf8_to_utf16(NULL, session_profile_name(provider->session->profile), ret_name);
}

/* --- Stores -------------------------------------------------------------------------------------
 */

static WAITS HRESULT logon_store(struct session_provider *provider, IMAPISupport *support,
                                 const IID *iid, ULONG flags, ULONG_PTR ui_param,
                                 struct error_info *error, IMSLogon **ret_logon,
                                 IMsgStore **ret_store)
{
    MAPIERROR *words = NULL;
    BYTE *security = NULL;
    ULONG security_size = 0;
    WCHAR *name;
    HRESULT hr = wide_profile_name(provider, &name);

    if (FAILED(hr))
        return hr;
    hr = IMSProvider_Logon(provider->stores, support, ui_param, (LPTSTR)name, 0, NULL,
                           flags | MAPI_UNICODE, iid, &security_size, &security, &words, ret_logon,
                           ret_store);
    if (FAILED(hr))
        error_from_mapi(error, hr, words);
    mapi_free(words);
    mapi_free(security);
    mapi_free(name);
    return hr;
}

static void store_logon_free(struct store_logon *logon)
{
    if (!logon)
        return;
    if (logon->store)
        IMsgStore_Release(logon->store);
    if (logon->logon)
        IMSLogon_Release(logon->logon);
    if (logon->support)
        IMAPISupport_Release(logon->support);
    free(logon);
}

/* Logs on and keeps the logon for the end; under the provider's gate. *ret_store is the caller's.
 */
static WAITS HRESULT add_store_logon(struct session_provider *provider, const IID *iid, ULONG flags,
                                     ULONG_PTR ui_param, struct error_info *error,
                                     IMsgStore **ret_store)
{
    struct store_logon *logon = calloc(1, sizeof(*logon));
    HRESULT hr = logon ? support_create(provider, &logon->support) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = logon_store(provider, logon->support, iid, flags, ui_param, error, &logon->logon,
                         ret_store);
    if (FAILED(hr)) {
        store_logon_free(logon);
        return hr;
    }
    pthread_mutex_lock(&provider->session->lock);
    if (provider->logons) { /* behind the session's own */
        logon->next = provider->logons->next;
        provider->logons->next = logon;
    } else {
        provider->logons = logon;
    }
    pthread_mutex_unlock(&provider->session->lock);
    return hr;
}

static const SPropValue *find_value(const SPropValue *values, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (values[i].ulPropTag == tag)
            return &values[i];
    return NULL;
}

/* The id that stands in the store table while the store itself has never answered. */
static HRESULT placeholder_entryid(struct session_provider *provider, ULONG *ret_size,
                                   ENTRYID **ret_id)
{
    BYTE id[4 + sizeof(MAPIUID)] = {0};

    memcpy(id + 4, &provider->profile->uid, sizeof(MAPIUID));
    return store_entryid_wrap(provider->profile->dll_name, sizeof(id), (ENTRYID *)id, ret_size,
                              ret_id);
}

/* The store's id as clients hold it: as the provider gives it, wrapped if it is not. */
static HRESULT wrapped_entryid(struct session_provider *provider, const SPropValue *id,
                               ULONG *ret_size, ENTRYID **ret_id)
{
    const ENTRYID *inner;
    const char *dll_name;
    ULONG inner_size;

    if (!id)
        return placeholder_entryid(provider, ret_size, ret_id);
    if (FAILED(store_entryid_unwrap(id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, &dll_name,
                                    &inner_size, &inner)))
        return store_entryid_wrap(provider->profile->dll_name, id->Value.bin.cb,
                                  (ENTRYID *)id->Value.bin.lpb, ret_size, ret_id);
    *ret_id = mapi_memdup(NULL, id->Value.bin.lpb, id->Value.bin.cb);
    *ret_size = id->Value.bin.cb;
    return *ret_id ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT set_store_row(struct session_provider *provider, const SPropValue *values,
                             ULONG count)
{
    const SPropValue *name = find_value(values, count, PR_DISPLAY_NAME_W);
    const SPropValue *record_key = find_value(values, count, PR_RECORD_KEY);
    struct store_row row = {
        .uid = provider->profile->uid,
        .display = provider->profile->display,
        .provider = provider->profile->display,
        .flags = provider->resource_flags,
    };
    ENTRYID *id = NULL;
    char *display = NULL;
    HRESULT hr =
        wrapped_entryid(provider, find_value(values, count, PR_ENTRYID), &row.entryid.cb, &id);

    if (SUCCEEDED(hr) && name)
        hr = text_utf16_to_utf8(NULL, name->Value.lpszW, &display);
    if (display)
        row.display = display;
    if (record_key)
        row.record_key = record_key->Value.bin;
    row.entryid.lpb = (BYTE *)id;
    if (SUCCEEDED(hr))
        hr = store_table_set(provider->session->stores, &row);
    mapi_free(id);
    mapi_free(display);
    return hr;
}

static const SizedSPropTagArray(3, store_columns) = {
    3, {PR_ENTRYID, PR_DISPLAY_NAME_W, PR_RECORD_KEY}};

/* Keeps what a store says of itself in its section, so that its row is right while it is away. */
static WAITS void remember_store(struct session_provider *provider, SPropValue *values)
{
    IProfSect *section;
    ULONG kept = 0;

    if (FAILED(session_profile_open_section(provider->session->profile, NULL,
                                            &provider->profile->uid,
                                            MAPI_MODIFY | MAPI_FORCE_ACCESS, NULL, &section)))
        return;
    for (ULONG i = 0; i < store_columns.cValues; i++)
        if (PROP_TYPE(values[i].ulPropTag) != PT_ERROR && values[i].ulPropTag != PR_DISPLAY_NAME_W)
            values[kept++] = values[i];
    if (SUCCEEDED(IProfSect_SetProps(section, kept, values, NULL)))
        IProfSect_SaveChanges(section, 0);
    IProfSect_Release(section);
}

static WAITS void show_store(struct session_provider *provider, IMsgStore *store)
{
    SPropValue *values = NULL;
    ULONG count = 0;

    if (SUCCEEDED(IMsgStore_GetProps(store, (SPropTagArray *)&store_columns, MAPI_UNICODE, &count,
                                     &values))) {
        set_store_row(provider, values, count);
        remember_store(provider, values);
    }
    mapi_free(values);
}

/* The row of a store that did not answer: what its section remembers. */
static WAITS void show_absent_store(struct session_provider *provider)
{
    IProfSect *section;
    SPropValue *values = NULL;
    ULONG count = 0;

    if (SUCCEEDED(session_profile_open_section(provider->session->profile, NULL,
                                               &provider->profile->uid, MAPI_FORCE_ACCESS, NULL,
                                               &section))) {
        if (FAILED(IProfSect_GetProps(section, (SPropTagArray *)&store_columns, MAPI_UNICODE,
                                      &count, &values)))
            count = 0;
        IProfSect_Release(section);
    }
    set_store_row(provider, values, count);
    mapi_free(values);
}

/* MAPI_E_UNCONFIGURED is the service's to mend; then the logon is tried once more (SES-103). */
static WAITS HRESULT configure_service(struct session_provider *provider)
{
    MAPIERROR *words = NULL;
    HRESULT hr;

    if (!provider->builtin->service_entry)
        return MAPI_E_UNCONFIGURED;
    hr = provider->builtin->service_entry(NULL, NULL, NULL, 0, 0, MSG_SERVICE_CONFIGURE, 0, NULL,
                                          NULL, &words);
    mapi_free(words);
    return hr;
}

HRESULT provider_begin_store(struct session_provider *provider, ULONG_PTR ui_param,
                             struct error_info *error)
{
    const ULONG flags = MDB_NO_DIALOG | MDB_WRITE;
    IMsgStore *store = NULL;
    HRESULT hr = engine_mutex_lock(&provider->gate, NO_DEADLINE);

    if (FAILED(hr))
        return hr;
    hr = init_stores(provider, error);
    if (SUCCEEDED(hr))
        hr = add_store_logon(provider, NULL, flags, ui_param, error, &store);
    if (hr == MAPI_E_UNCONFIGURED && SUCCEEDED(configure_service(provider)))
        hr = add_store_logon(provider, NULL, flags, ui_param, error, &store);
    if (FAILED(hr) && error)
        provider->error = *error;
    if (SUCCEEDED(hr)) {
        provider->logons->store = store;
        show_store(provider, store);
    } else {
        show_absent_store(provider);
        /* SES-097, PVD: only this code leaves the service enabled. */
        provider->disabled = hr != MAPI_E_FAILONEPROVIDER;
    }
    engine_mutex_unlock(&provider->gate);
    return hr;
}

HRESULT provider_open_store(struct session_provider *provider, const IID *iid, ULONG flags,
                            ULONG_PTR ui_param, struct error_info *error, IMsgStore **ret_store)
{
    HRESULT hr;

    *ret_store = NULL;
    hr = engine_mutex_lock(&provider->gate, NO_DEADLINE);
    if (FAILED(hr))
        return error_set(error, hr, "session", "given up waiting for another logon");
    hr = init_stores(provider, error);
    if (SUCCEEDED(hr))
        hr = add_store_logon(provider, iid, flags, ui_param, error, ret_store);
    if (SUCCEEDED(hr)) {
        provider->disabled = false;
        show_store(provider, *ret_store);
    }
    engine_mutex_unlock(&provider->gate);
    return hr;
}

HRESULT provider_store_entryid(struct session_provider *provider, ULONG *ret_size, ENTRYID **ret_id)
{
    return store_table_entryid(provider->session->stores, &provider->profile->uid, ret_size,
                               ret_id);
}

struct session_provider *session_find_uid(struct session *session, const MAPIUID *uid,
                                          IMSLogon **ret_logon)
{
    struct session_provider *found = NULL;

    pthread_mutex_lock(&session->lock);
    for (size_t i = 0; i < session->provider_count && !found; i++) {
        struct session_provider *provider = &session->providers[i];

        for (size_t at = 0; at < provider->uid_count && provider->logons; at++)
            if (memcmp(&provider->uids[at], uid, sizeof(*uid)) == 0)
                found = provider;
    }
    if (found) {
        *ret_logon = found->logons->logon;
        IMSLogon_AddRef(*ret_logon);
    }
    pthread_mutex_unlock(&session->lock);
    return found;
}

/* --- Transports ---------------------------------------------------------------------------------
 */

static WAITS HRESULT logon_transport(struct session_provider *provider, struct error_info *error)
{
    ULONG flags =
        LOGON_NO_DIALOG | LOGON_NO_INBOUND | LOGON_NO_OUTBOUND | MAPI_UNICODE; /* XPT-010 */
    MAPIERROR *words = NULL;
    WCHAR *name;
    HRESULT hr = wide_profile_name(provider, &name);

    if (FAILED(hr))
        return hr;
    hr = support_create(provider, &provider->transport_support);
    if (SUCCEEDED(hr))
        hr = IXPProvider_TransportLogon(provider->transports, provider->transport_support, 0,
                                        (LPTSTR)name, &flags, &words, &provider->transport);
    if (FAILED(hr)) {
        error_from_mapi(error, hr, words);
        if (provider->transport_support)
            IMAPISupport_Release(provider->transport_support);
        provider->transport_support = NULL;
    }
    mapi_free(words);
    mapi_free(name);
    return hr;
}

/* AddressTypes right after the logon, then transfer is enabled (XPT-025). */
static WAITS HRESULT enable_transport(struct session_provider *provider)
{
    ULONG flags = MAPI_UNICODE, uid_count = 0, notify = NOTIFY_BEGIN_OUTBOUND;
    MAPIUID **uids = NULL;
    HRESULT hr = IXPLogon_AddressTypes(provider->transport, &flags, &provider->address_type_count,
                                       &provider->address_types, &uid_count, &uids);

    if (SUCCEEDED(hr))
        hr = IXPLogon_TransportNotify(provider->transport, &notify, NULL);
    return hr;
}

HRESULT provider_begin_transport(struct session_provider *provider, struct error_info *error)
{
    HRESULT hr = engine_mutex_lock(&provider->gate, NO_DEADLINE);

    if (FAILED(hr))
        return hr;
    if (!provider->transport) {
        hr = init_transports(provider, error);
        if (SUCCEEDED(hr))
            hr = logon_transport(provider, error);
        if (SUCCEEDED(hr))
            hr = enable_transport(provider);
        if (FAILED(hr) && error)
            provider->error = *error;
        provider->disabled = FAILED(hr) && hr != MAPI_E_FAILONEPROVIDER; /* XPT-015 */
    }
    engine_mutex_unlock(&provider->gate);
    return hr;
}

HRESULT provider_open_status(struct session_provider *provider, const IID *iid, ULONG flags,
                             IMAPIStatus **ret_status)
{
    IMSLogon *logon = NULL;
    IXPLogon *transport = NULL;
    HRESULT hr = MAPI_E_NOT_FOUND;
    ULONG type;

    pthread_mutex_lock(&provider->session->lock);
    if (provider->logons) {
        logon = provider->logons->logon;
        IMSLogon_AddRef(logon);
    } else if (provider->transport) {
        transport = provider->transport;
        IXPLogon_AddRef(transport);
    }
    pthread_mutex_unlock(&provider->session->lock);
    if (logon) {
        hr = IMSLogon_OpenStatusEntry(logon, iid, flags, &type, (LPVOID *)ret_status);
        IMSLogon_Release(logon);
    } else if (transport) {
        hr = IXPLogon_OpenStatusEntry(transport, iid, flags, &type, ret_status);
        IXPLogon_Release(transport);
    }
    return hr;
}

/* --- The end ------------------------------------------------------------------------------------
 */

static WAITS void logoff_stores(struct session_provider *provider)
{
    struct store_logon *logon;
    ULONG flags;

    for (;;) {
        pthread_mutex_lock(&provider->session->lock);
        logon = provider->logons;
        if (logon)
            provider->logons = logon->next;
        pthread_mutex_unlock(&provider->session->lock);
        if (!logon)
            return;
        flags = LOGOFF_NO_WAIT;
        if (logon->store)
            IMsgStore_StoreLogoff(logon->store, &flags);
        flags = 0;
        IMSLogon_Logoff(logon->logon, &flags);
        store_logon_free(logon);
    }
}

static WAITS void logoff_transport(struct session_provider *provider)
{
    IXPLogon *transport;

    pthread_mutex_lock(&provider->session->lock);
    transport = provider->transport;
    provider->transport = NULL;
    pthread_mutex_unlock(&provider->session->lock);
    if (!transport)
        return;
    IXPLogon_TransportLogoff(transport, 0);
    IXPLogon_Release(transport);
    IMAPISupport_Release(provider->transport_support);
    provider->transport_support = NULL;
    provider->address_types = NULL;
    provider->address_type_count = 0;
}

void provider_logoff(struct session_provider *provider)
{
    ULONG flags = 0;

    if (FAILED(engine_mutex_lock(&provider->gate, NO_DEADLINE)))
        return;
    logoff_stores(provider);
    logoff_transport(provider);
    if (provider->stores) {
        IMSProvider_Shutdown(provider->stores, &flags);
        IMSProvider_Release(provider->stores);
        provider->stores = NULL;
    }
    if (provider->transports) {
        IXPProvider_Shutdown(provider->transports, &flags);
        IXPProvider_Release(provider->transports);
        provider->transports = NULL;
    }
    store_table_remove(provider->session->stores, &provider->profile->uid);
    engine_mutex_unlock(&provider->gate);
}
