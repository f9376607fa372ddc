/* session/profile.c - one profile, as a session uses it
 *
 * Read once, at logon: what an administrator changes afterwards is for the next session (SES-184).
 */
#include "session/profile.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/resource_flags.h"
#include "session/section.h"
#include "session/service_admin.h"
#include "state/profiles.h"

struct session_profile {
    atomic_uint refs;
    atomic_bool in_use;
    struct profiles *profiles; /* our reference; not the last: the subsystem's outlives us */
    struct profile_store *store;
    MAPIUID key;
    char *name;
    void *root; /* the providers' strings */
    size_t count;
    struct profile_provider *providers;
};

void session_profile_unref(struct session_profile *profile)
{
    if (!profile || atomic_fetch_sub(&profile->refs, 1) != 1)
        return;
    profiles_unref(profile->profiles);
    free(profile->name);
    free(profile->providers);
    mapi_free(profile->root);
    free(profile);
}

void session_profile_end(struct session_profile *profile)
{
    if (atomic_exchange(&profile->in_use, false))
        profile_unuse(profile->store, &profile->key, NULL);
}

struct session_profile *session_profile_ref(struct session_profile *profile)
{
    atomic_fetch_add(&profile->refs, 1);
    return profile;
}

const char *session_profile_name(const struct session_profile *profile)
{
    return profile->name;
}

size_t session_profile_provider_count(const struct session_profile *profile)
{
    return profile->count;
}

const struct profile_provider *session_profile_provider(const struct session_profile *profile,
                                                        size_t at)
{
    return &profile->providers[at];
}

static const ULONG provider_tags[] = {PR_PROVIDER_DLL_NAME_W, PR_PROVIDER_DISPLAY_W,
                                      PR_RESOURCE_TYPE, PR_RESOURCE_FLAGS};

static HRESULT take_value(struct session_profile *profile, struct profile_provider *provider,
                          const SPropValue *value)
{
    switch (value->ulPropTag) {
    case PR_PROVIDER_DLL_NAME_W:
        return text_utf16_to_utf8(profile->root, value->Value.lpszW, (char **)&provider->dll_name);
    case PR_PROVIDER_DISPLAY_W:
        return text_utf16_to_utf8(profile->root, value->Value.lpszW, (char **)&provider->display);
    case PR_RESOURCE_TYPE:
        provider->resource_type = (ULONG)value->Value.l;
        break;
    case PR_RESOURCE_FLAGS:
        provider->resource_flags = (ULONG)value->Value.l;
        break;
    }
    return S_OK;
}

static WAITS HRESULT load_provider(struct session_profile *profile,
                                   const struct profile_section *section, struct error_info *error)
{
    struct profile_provider *provider = &profile->providers[profile->count];
    SPropValue *values;
    size_t count;
    HRESULT hr =
        profile_props_get(profile->store, &profile->key, &section->uid, provider_tags,
                          sizeof(provider_tags) / sizeof(provider_tags[0]), error, &values, &count);

    if (FAILED(hr))
        return hr;
    provider->uid = section->uid;
    provider->service = section->parent;
    provider->dll_name = provider->display = "";
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = take_value(profile, provider, &values[i]);
    free(values);
    if (SUCCEEDED(hr))
        profile->count++;
    return hr;
}

/* The order of logon: address books, stores, transports (SES-093). */
static int rank(ULONG type)
{
    return type == MAPI_AB_PROVIDER ? 0 : type == MAPI_STORE_PROVIDER ? 1 : 2;
}

static void sort_providers(struct session_profile *profile)
{
    for (size_t i = 1; i < profile->count; i++) { /* few, and in their order otherwise */
        struct profile_provider provider = profile->providers[i];
        size_t at = i;

        for (; at > 0 &&
               rank(profile->providers[at - 1].resource_type) > rank(provider.resource_type);
             at--)
            profile->providers[at] = profile->providers[at - 1];
        profile->providers[at] = provider;
    }
}

static WAITS HRESULT load_providers(struct session_profile *profile, struct error_info *error)
{
    struct profile_section *sections;
    size_t count;
    HRESULT hr = profile_sections_list(profile->store, &profile->key, PROFILE_SECTION_PROVIDER,
                                       NULL, error, &sections, &count);

    if (FAILED(hr))
        return hr;
    profile->root = mapi_alloc(NULL, 1);
    profile->providers = calloc(count + 1, sizeof(*profile->providers));
    if (!profile->root || !profile->providers)
        hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "profile", "out of memory");
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = load_provider(profile, &sections[i], error);
    free(sections);
    sort_providers(profile);
    return hr;
}

HRESULT session_profile_open(struct profiles *profiles, const char *name, struct error_info *error,
                             struct session_profile **ret_profile)
{
    struct session_profile *profile;
    struct profile_store *store;
    struct profile *found;
    HRESULT hr = profiles_store(profiles, error, &store);

    if (SUCCEEDED(hr))
        hr = profile_find(store, name, error, &found);
    if (FAILED(hr))
        return hr;
    profile = calloc(1, sizeof(*profile));
    if (!profile) {
        free(found);
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "profile", "out of memory");
    }
    atomic_init(&profile->refs, 1);
    profile->profiles = profiles_ref(profiles);
    profile->store = store;
    profile->key = found->key;
    hr = profile_use(store, &profile->key, error);
    if (SUCCEEDED(hr)) {
        atomic_store(&profile->in_use, true);
        profile->name = strdup(found->name);
        hr = profile->name ? load_providers(profile, error) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    free(found);
    if (FAILED(hr)) {
        session_profile_end(profile);
        session_profile_unref(profile);
        return hr;
    }
    *ret_profile = profile;
    return S_OK;
}

HRESULT session_profile_open_section(struct session_profile *profile, struct mapi_object *owner,
                                     const MAPIUID *uid, ULONG flags, enum section_user user,
                                     struct error_info *error, IProfSect **ret_section)
{
    if (!uid)
        return MAPI_E_INVALID_PARAMETER;
    return section_open(profile->profiles, owner, &profile->key, uid, flags, user, error,
                        ret_section);
}

HRESULT session_profile_get_props(struct session_profile *profile, const MAPIUID *uid,
                                  const ULONG *tags, size_t count, struct error_info *error,
                                  SPropValue **ret_values, size_t *ret_count)
{
    return profile_props_get(profile->store, &profile->key, uid, tags, count, error, ret_values,
                             ret_count);
}

HRESULT session_profile_set_props(struct session_profile *profile, const MAPIUID *uid,
                                  const SPropValue *values, size_t count, struct error_info *error)
{
    return profile_props_set(profile->store, &profile->key, uid, values, count, error);
}

HRESULT session_profile_set_resource_flags(struct session_profile *profile, const MAPIUID *uid,
                                           ULONG set, ULONG clear, struct error_info *error)
{
    return resource_flags_change(profile->store, &profile->key, uid, set, clear, error);
}

HRESULT session_profile_admin_services(struct session_profile *profile, struct mapi_object *owner,
                                       ULONG flags, IMsgServiceAdmin **ret_admin)
{
    (void)flags;
    return service_admin_create(profile->profiles, owner, &profile->key, ret_admin);
}

HRESULT session_profile_call_service(struct session_profile *profile, struct mapi_object *owner,
                                     const MAPIUID *service, const struct service_request *request,
                                     struct error_info *error)
{
    const struct profile_service called = {profile->profiles, owner, &profile->key, service};

    return service_entry_call(&called, request, error);
}
