/* session/service_identity.c - which message service gives the primary identity */
#include "session/service_identity.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "session/service.h"

static WAITS HRESULT read_flags(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                                struct error_info *error, ULONG *ret_flags)
{
    const ULONG tag = PR_RESOURCE_FLAGS;
    SPropValue *values;
    size_t count;
    HRESULT hr = profile_props_get(store, key, uid, &tag, 1, error, &values, &count);

    if (FAILED(hr))
        return hr;
    *ret_flags = count ? (ULONG)values[0].Value.l : 0;
    free(values);
    return S_OK;
}

/* The primary service's flag and its providers' are set, others' cleared (STA-156, STA-159). */
static WAITS HRESULT mark(struct profile_store *store, const MAPIUID *key,
                          const struct profile_section *section, const MAPIUID *primary,
                          struct error_info *error)
{
    bool service = section->kind == PROFILE_SECTION_SERVICE;
    const MAPIUID *belongs = service ? &section->uid : &section->parent;
    bool chosen = primary && memcmp(belongs, primary, sizeof(*primary)) == 0;
    ULONG yes = service ? SERVICE_PRIMARY_IDENTITY : STATUS_PRIMARY_IDENTITY;
    ULONG no = service ? SERVICE_NO_PRIMARY_IDENTITY : STATUS_NO_PRIMARY_IDENTITY;
    SPropValue value = {.ulPropTag = PR_RESOURCE_FLAGS};
    ULONG flags;
    HRESULT hr = read_flags(store, key, &section->uid, error, &flags);

    if (FAILED(hr))
        return hr;
    value.Value.l = (LONG)((flags & ~(yes | no)) | (chosen ? yes : no));
    return profile_props_set(store, key, &section->uid, &value, 1, error);
}

/* A service that has lost its description may. */
static WAITS HRESULT may_give(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                              struct error_info *error, bool *ret_may)
{
    const ULONG tag = PR_SERVICE_NAME_W;
    const struct service_description *service;
    struct services *services = NULL;
    const SPropValue *flags;
    SPropValue *values;
    char *name = NULL;
    size_t count;
    HRESULT hr = profile_props_get(store, key, uid, &tag, 1, error, &values, &count);

    if (FAILED(hr))
        return hr;
    *ret_may = true;
    if (count)
        hr = text_utf16_to_utf8(NULL, values[0].Value.lpszW, &name);
    free(values);
    if (SUCCEEDED(hr))
        hr = services_read(&services);
    if (SUCCEEDED(hr) && name && SUCCEEDED(services_find(services, name, NULL, &service))) {
        flags = propval_find(service->own.values, service->own.value_count, PR_RESOURCE_FLAGS);
        *ret_may = !flags || !(flags->Value.l & SERVICE_NO_PRIMARY_IDENTITY);
    }
    services_free(services);
    mapi_free(name);
    return hr;
}

HRESULT service_identity_set(struct profile_store *store, const MAPIUID *key,
                             const MAPIUID *primary, struct error_info *error)
{
    struct profile_section *sections;
    size_t count;
    bool may = true;
    HRESULT hr = primary ? may_give(store, key, primary, error, &may) : S_OK;

    if (SUCCEEDED(hr) && !may)
        hr = error_set(error, MAPI_E_NO_ACCESS, "profile", "that service gives no identity");
    if (SUCCEEDED(hr))
        hr = profile_sections_list(store, key, 0, NULL, error, &sections, &count);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (sections[i].kind != PROFILE_SECTION_OTHER)
            hr = mark(store, key, &sections[i], primary, error);
    free(sections);
    return hr;
}

HRESULT service_identity_pass_on(struct profile_store *store, const MAPIUID *key,
                                 struct error_info *error)
{
    const MAPIUID *next = NULL;
    struct profile_section *services;
    bool is_given = false, may;
    size_t count;
    ULONG flags;
    HRESULT hr =
        profile_sections_list(store, key, PROFILE_SECTION_SERVICE, NULL, error, &services, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        hr = read_flags(store, key, &services[i].uid, error, &flags);
        if (SUCCEEDED(hr))
            hr = may_give(store, key, &services[i].uid, error, &may);
        is_given |= SUCCEEDED(hr) && flags & SERVICE_PRIMARY_IDENTITY;
        if (SUCCEEDED(hr) && may && !next)
            next = &services[i].uid;
    }
    if (SUCCEEDED(hr) && !is_given && next)
        hr = service_identity_set(store, key, next, error);
    free(services);
    return hr;
}
