/* session/transport_logon.c - logging on to transports, on the spooler's thread
 *
 * Transports start with both directions off, are asked for their address types, and are then let
 * send (XPT-009, XPT-010, XPT-025). Mail arrives in stores: no inbound side is begun. What
 * AddressTypes answers belongs to the provider and is copied. */
#include <stdlib.h>
#include <strings.h>

#include "mapi/mapiaux.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/provider_error.h"
#include "session/session.h"

static WAITS HRESULT logon_transport(struct session_provider *provider,
                                     struct provider_objects *logon, struct error_info *error)
{
    ULONG flags = LOGON_NO_DIALOG | LOGON_NO_INBOUND | LOGON_NO_OUTBOUND | MAPI_UNICODE;
    MAPIERROR *words = NULL;
    WCHAR *name;
    HRESULT hr = provider_profile_name(provider, &name);

    if (FAILED(hr))
        return error_set(error, hr, "session", "out of memory");
    hr = IXPProvider_TransportLogon(provider->entry->transports, logon->support, 0, (LPTSTR)name,
                                    &flags, &words, &logon->transport);
    if (FAILED(hr))
        error_from_mapi(error, hr, words);
    mapi_free(words);
    mapi_free(name);
    return hr;
}

/* --- Address types ---------------------------------------------------------------------------- */

/* As UTF-8 in one block; `theirs` NULL: every type, and NULL is the answer (XPT-031). */
static HRESULT copy_types(LPTSTR *theirs, ULONG count, ULONG flags, char ***ret_types)
{
    char **types = NULL;
    HRESULT hr = S_OK;

    if (theirs) {
        types = mapi_alloc_array(NULL, (size_t)count + 1, sizeof(*types));
        if (!types)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    for (ULONG i = 0; types && i < count && SUCCEEDED(hr); i++)
        hr = text_from_argument(types, theirs[i], flags, &types[i]);
    if (FAILED(hr)) {
        mapi_free(types);
        return hr;
    }
    *ret_types = types;
    return S_OK;
}

static WAITS HRESULT ask_types(struct session_provider *provider, IXPLogon *transport,
                               struct error_info *error)
{
    ULONG flags = MAPI_UNICODE, count = 0, uid_count = 0;
    LPTSTR *theirs = NULL;
    MAPIUID **uids = NULL;
    char **types, **old;
    HRESULT hr = IXPLogon_AddressTypes(transport, &flags, &count, &theirs, &uid_count, &uids);

    if (SUCCEEDED(hr))
        hr = copy_types(theirs, count, flags, &types);
    if (FAILED(hr))
        return error_set(error, hr, provider->profile->dll_name,
                         "the transport does not tell its address types");
    pthread_mutex_lock(&provider->session->lock);
    old = provider->address_types;
    provider->address_types = types;
    provider->address_type_count = types ? count : 0;
    pthread_mutex_unlock(&provider->session->lock);
    mapi_free(old);
    return S_OK;
}

static bool is_listed(const char *const *types, ULONG count, const char *type)
{
    for (ULONG i = 0; i < count; i++)
        if (strcasecmp(types[i], type) == 0)
            return true;
    return false;
}

HRESULT session_address_types(struct session *session, ULONG flags, ULONG *ret_count,
                              LPTSTR **ret_types)
{
    const char **utf8 = NULL;
    LPTSTR *types = NULL;
    ULONG count = 0, space = 0;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&session->lock); /* memory only */
    for (size_t i = 0; i < session->provider_count; i++)
        space += session->providers[i].address_type_count;
    types = mapi_alloc_array(NULL, (size_t)space + 1, sizeof(*types));
    utf8 = calloc((size_t)space + 1, sizeof(*utf8));
    if (!types || !utf8)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *provider = &session->providers[i];

        for (ULONG at = 0; SUCCEEDED(hr) && at < provider->address_type_count; at++) {
            const char *type = provider->address_types[at];

            if (!type || !*type || is_listed(utf8, count, type))
                continue;
            utf8[count] = type;
            hr = text_to_result(types, type, flags, &types[count++]);
        }
    }
    pthread_mutex_unlock(&session->lock);
    free(utf8);
    if (FAILED(hr)) {
        mapi_free(types);
        return hr;
    }
    *ret_count = count;
    *ret_types = types;
    return S_OK;
}

/* --- Logging on and off ----------------------------------------------------------------------- */

/* AddressTypes right after the logon, then transfer is enabled (XPT-025). */
static WAITS HRESULT enable(struct session_provider *provider, struct provider_objects *logon,
                            struct error_info *error)
{
    ULONG notify = NOTIFY_BEGIN_OUTBOUND;
    HRESULT hr = ask_types(provider, logon->transport, error);

    if (FAILED(hr))
        return hr;
    hr = IXPLogon_TransportNotify(logon->transport, &notify, NULL);
    return FAILED(hr) ? error_set(error, hr, provider->profile->dll_name,
                                  "the transport does not begin to send")
                      : hr;
}

/* Under the gate, the entry point called. */
static WAITS HRESULT add_logon(struct session_provider *provider, struct error_info *error)
{
    struct provider_objects *logon = provider_objects_create();
    HRESULT hr = logon ? support_create(provider, &logon->support) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (FAILED(hr))
        error_set(error, hr, "session", "out of memory");
    else
        hr = logon_transport(provider, logon, error);
    if (SUCCEEDED(hr)) {
        hr = enable(provider, logon, error);
        if (FAILED(hr))
            IXPLogon_TransportLogoff(logon->transport, 0);
    }
    if (FAILED(hr)) {
        if (logon && logon->support)
            support_invalidate(logon->support);
        provider_objects_unref(logon);
        return hr;
    }
    provider_keep_logon(provider, logon);
    return hr;
}

static WAITS HRESULT begin(struct session_provider *provider, struct error_info *error)
{
    HRESULT hr = provider_init(provider, error);

    if (SUCCEEDED(hr))
        hr = add_logon(provider, error);
    if (hr == MAPI_E_UNCONFIGURED && SUCCEEDED(provider_configure(provider))) /* XPT-014 */
        hr = add_logon(provider, error);
    if (FAILED(hr))
        provider_failed(provider, hr, error);
    return hr;
}

HRESULT provider_begin_transport(struct session_provider *provider, bool again,
                                 struct error_info *error)
{
    HRESULT hr = engine_mutex_lock(&provider->gate, NO_DEADLINE);

    if (FAILED(hr))
        return error_set(error, hr, "session", "given up waiting for another logon");
    if (provider->logons) {
        if (again)
            hr = ask_types(provider, provider->logons->transport, error);
    } else {
        hr = provider_check_enabled(provider, error);
        if (SUCCEEDED(hr))
            hr = begin(provider, error);
    }
    engine_mutex_unlock(&provider->gate);
    return hr;
}

void provider_end_transport(struct provider_objects *logon)
{
    ULONG notify = NOTIFY_END_INBOUND_FLUSH | NOTIFY_END_OUTBOUND_FLUSH; /* STA-137 */

    IXPLogon_TransportNotify(logon->transport, &notify, NULL);
    IXPLogon_TransportLogoff(logon->transport, 0);
}

/* --- Requests --------------------------------------------------------------------------------- */

HRESULT provider_validate_transport(struct session_provider *provider, ULONG_PTR ui_param,
                                    ULONG flags)
{
    struct provider_objects *logon = provider_get_logon(provider);
    HRESULT hr = S_OK;

    if (logon && logon->transport)
        hr = IXPLogon_ValidateState(logon->transport, ui_param, flags); /* STA-117 */
    provider_objects_unref(logon);
    return hr;
}

/* The spooler has no messages of its own to hand over: what was asked for has been done once the
 * transport knows, and the END notices close it (STA-128, STA-132, STA-134). */
HRESULT provider_flush_transport(struct session_provider *provider, ULONG flags)
{
    struct provider_objects *logon = provider_get_logon(provider);
    ULONG notify = 0;
    HRESULT hr = S_OK;

    if (logon && logon->transport) {
        hr = IXPLogon_FlushQueues(logon->transport, 0, 0, NULL, flags);
        if (flags & FLUSH_UPLOAD)
            notify |= NOTIFY_END_OUTBOUND_FLUSH;
        if (flags & FLUSH_DOWNLOAD)
            notify |= NOTIFY_END_INBOUND_FLUSH;
        if (SUCCEEDED(hr))
            IXPLogon_TransportNotify(logon->transport, &notify, NULL);
    }
    provider_objects_unref(logon);
    return hr;
}
