/* session/service_entry.c - calling the entry point of a message service */
#include "session/service_entry.h"

#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "session/module.h"
#include "session/provider_error.h"
#include "session/service_admin.h"
#include "session/service_support.h"
#include "state/profiles.h"

static WAITS HRESULT find_entry(const struct profile_service *service, struct error_info *error,
                                MSGSERVICEENTRY **ret_entry)
{
    static const ULONG tags[] = {PR_SERVICE_DLL_NAME_W, PR_SERVICE_ENTRY_NAME};
    const SPropValue *dll, *entry;
    const struct module *module;
    struct profile_store *store;
    SPropValue *values;
    char *name = NULL;
    size_t count;
    HRESULT hr = profiles_store(service->profiles, error, &store);

    if (SUCCEEDED(hr))
        hr = profile_props_get(store, service->key, service->uid, tags, 2, error, &values, &count);
    if (FAILED(hr))
        return hr;
    dll = propval_find(values, count, PR_SERVICE_DLL_NAME_W);
    entry = propval_find(values, count, PR_SERVICE_ENTRY_NAME);
    if (!dll || !entry) /* PRF-139 */
        hr = error_set(error, MAPI_E_NOT_INITIALIZED, "profile", "the service has no entry point");
    if (SUCCEEDED(hr))
        hr = text_utf16_to_utf8(NULL, dll->Value.lpszW, &name);
    if (SUCCEEDED(hr))
        hr = module_find(name, error, &module);
    if (SUCCEEDED(hr)) {
        *ret_entry = module_service_entry(module, entry->Value.lpszA);
        if (!*ret_entry)
            hr = error_set(error, MAPI_E_NOT_FOUND, name, "there is no function %s in it",
                           entry->Value.lpszA);
    }
    if (hr == MAPI_E_NOT_FOUND)
        hr = error->hr = MAPI_E_NOT_INITIALIZED;
    mapi_free(name);
    free(values);
    return hr;
}

HRESULT service_entry_call(const struct profile_service *service,
                           const struct service_request *request, struct error_info *error)
{
    const ULONG ui_flags = SERVICE_UI_ALLOWED | SERVICE_UI_ALWAYS;
    struct error_info own = {0};
    MSGSERVICEENTRY *entry;
    IProviderAdmin *admin = NULL;
    IMAPISupport *support = NULL;
    MAPIERROR *words = NULL;
    HRESULT hr = find_entry(service, error ? error : &own, &entry);

    if (SUCCEEDED(hr))
        hr = provider_admin_create(service->profiles, service->owner, service->key, service->uid,
                                   true, &admin);
    if (SUCCEEDED(hr))
        hr = service_support_create(service->profiles, service->owner, service->key, service->uid,
                                    &support);
    if (SUCCEEDED(hr)) {
        hr = entry(NULL, NULL, support, request->flags & ui_flags ? request->ui_param : 0,
                   request->flags, request->context, request->value_count, request->values, admin,
                   &words);
        if (FAILED(hr))
            error_from_mapi(error, hr, words);
    }
    mapi_free(words);
    if (support)
        IMAPISupport_Release(support);
    if (admin)
        IProviderAdmin_Release(admin);
    return hr;
}

HRESULT service_entry_tell(const struct profile_service *service,
                           const struct service_request *request, struct error_info *error)
{
    HRESULT hr = service_entry_call(service, request, error);

    if (hr != MAPI_E_NOT_INITIALIZED)
        return hr;
    error_clear(error);
    return S_OK;
}
