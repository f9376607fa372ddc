/* session/service_identity.c - which message service gives the primary identity */
#include "session/service_identity.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "session/profile_look.h"
#include "session/resource_flags.h"
#include "session/service.h"

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

    return resource_flags_change(store, key, &section->uid, chosen ? yes : no, chosen ? no : yes,
                                 error);
}

/* A service that has lost its description may. */
static WAITS HRESULT may_give(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                              const struct services *services, struct error_info *error,
                              bool *ret_may)
{
    const struct service_description *service;
    const SPropValue *flags;
    char *name;
    HRESULT hr = profile_service_name(store, key, uid, error, &name);

    *ret_may = true;
    if (FAILED(hr))
        return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
    if (SUCCEEDED(services_find(services, name, NULL, &service))) {
        flags = propval_find(service->own.values, service->own.value_count, PR_RESOURCE_FLAGS);
        *ret_may = !flags || !(flags->Value.l & SERVICE_NO_PRIMARY_IDENTITY);
    }
    mapi_free(name);
    return S_OK;
}

/* Nobody is asked whether the service may. */
static WAITS HRESULT mark_all(struct profile_store *store, const MAPIUID *key,
                              const MAPIUID *primary, struct error_info *error)
{
    struct profile_section *sections;
    size_t count;
    HRESULT hr = profile_sections_list(store, key, 0, NULL, error, &sections, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (sections[i].kind != PROFILE_SECTION_OTHER)
            hr = mark(store, key, &sections[i], primary, error);
    free(sections);
    return hr;
}

HRESULT service_identity_set(struct profile_store *store, const MAPIUID *key,
                             const MAPIUID *primary, struct error_info *error)
{
    struct services *services = NULL;
    bool may = true;
    HRESULT hr = primary ? services_read(&services) : S_OK;

    if (SUCCEEDED(hr) && primary)
        hr = may_give(store, key, primary, services, error, &may);
    services_free(services);
    if (SUCCEEDED(hr) && !may)
        hr = error_set(error, MAPI_E_NO_ACCESS, "profile", "that service gives no identity");
    return SUCCEEDED(hr) ? mark_all(store, key, primary, error) : hr;
}

HRESULT service_identity_pass_on(struct profile_store *store, const MAPIUID *key,
                                 struct error_info *error)
{
    const MAPIUID *next = NULL;
    struct profile_section *sections;
    struct services *services;
    bool is_given = false, may;
    size_t count;
    ULONG flags;
    HRESULT hr = services_read(&services);

    if (FAILED(hr))
        return hr;
    hr = profile_sections_list(store, key, PROFILE_SECTION_SERVICE, NULL, error, &sections, &count);
    if (FAILED(hr)) {
        services_free(services);
        return hr;
    }
    for (size_t i = 0; i < count && SUCCEEDED(hr) && !is_given; i++) {
        hr = resource_flags_get(store, key, &sections[i].uid, error, &flags);
        is_given = SUCCEEDED(hr) && flags & SERVICE_PRIMARY_IDENTITY;
        if (SUCCEEDED(hr) && !next) {
            hr = may_give(store, key, &sections[i].uid, services, error, &may);
            if (SUCCEEDED(hr) && may)
                next = &sections[i].uid;
        }
    }
    if (SUCCEEDED(hr) && !is_given && next)
        hr = mark_all(store, key, next, error);
    free(sections);
    services_free(services);
    return hr;
}
