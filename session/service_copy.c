/* session/service_copy.c - copying a message service, from a profile to the same or another */
#include "session/service_copy.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "session/profile_look.h"
#include "session/resource_flags.h"
#include "session/service_identity.h"
#include "session/service_order.h"
#include "session/support_basics.h"

struct copying {
    struct profile_store *store;
    const MAPIUID *from, *uid, *to;
    WCHAR *display;
    MAPIUID made; /* the copy */
    struct profile_look look;
    struct error_info *error;
};

static WAITS HRESULT clear_flags(struct copying *copying, const MAPIUID *uid, ULONG clear,
                                 ULONG set)
{
    return resource_flags_change(copying->store, copying->to, uid, set, clear, copying->error);
}

static WAITS HRESULT copy_section(struct copying *copying, const MAPIUID *uid,
                                  const struct profile_section *copy)
{
    HRESULT hr = profile_section_add(copying->store, copying->to, copy, copying->error);
    SPropValue name = {.ulPropTag = PR_DISPLAY_NAME_W};

    if (SUCCEEDED(hr))
        hr = profile_props_copy(copying->store, copying->from, uid, copying->to, &copy->uid,
                                copying->error);
    name.Value.lpszW = copying->display;
    if (SUCCEEDED(hr) && copying->display && copy->kind != PROFILE_SECTION_OTHER)
        hr = profile_props_set(copying->store, copying->to, &copy->uid, &name, 1, copying->error);
    return hr;
}

static WAITS HRESULT copy_provider(struct copying *copying, const struct profile_section *provider)
{
    struct profile_section copy = {.parent = copying->made, .kind = PROFILE_SECTION_PROVIDER};
    HRESULT hr = support_basics_uid(&copy.uid);

    if (SUCCEEDED(hr))
        hr = copy_section(copying, &provider->uid, &copy);
    if (SUCCEEDED(hr))
        hr = clear_flags(copying, &copy.uid,
                         STATUS_PRIMARY_IDENTITY |
                             (copying->look.has_store ? STATUS_DEFAULT_STORE : 0),
                         STATUS_NO_PRIMARY_IDENTITY);
    return SUCCEEDED(hr) ? service_order_added(copying->store, copying->to, copying->error) : hr;
}

/* Within a profile the further sections serve both services. */
static WAITS HRESULT copy_extras(struct copying *copying)
{
    const ULONG tag = PR_SERVICE_EXTRA_UIDS;
    SPropValue *values;
    size_t count;
    HRESULT hr = profile_props_get(copying->store, copying->from, copying->uid, &tag, 1,
                                   copying->error, &values, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; SUCCEEDED(hr) && count && i < values[0].Value.bin.cb / sizeof(MAPIUID);
         i++) {
        struct profile_section copy = {.kind = PROFILE_SECTION_OTHER};

        memcpy(&copy.uid, values[0].Value.bin.lpb + i * sizeof(MAPIUID), sizeof(MAPIUID));
        hr = copy_section(copying, &copy.uid, &copy);
        if (hr == MAPI_E_COLLISION || hr == MAPI_E_NOT_FOUND)
            hr = S_OK;
    }
    free(values);
    return hr;
}

static WAITS HRESULT check_single(struct copying *copying)
{
    static const ULONG tags[] = {PR_SERVICE_NAME_W, PR_RESOURCE_FLAGS};
    const SPropValue *name, *flags;
    SPropValue *values;
    size_t count;
    HRESULT hr = profile_props_get(copying->store, copying->from, copying->uid, tags, 2,
                                   copying->error, &values, &count);

    if (FAILED(hr))
        return hr;
    name = propval_find(values, count, PR_SERVICE_NAME_W);
    flags = propval_find(values, count, PR_RESOURCE_FLAGS);
    hr = profile_look(copying->store, copying->to, name ? name->Value.lpszW : u"", copying->error,
                      &copying->look);
    if (SUCCEEDED(hr) && copying->look.has_service && flags && flags->Value.l & SERVICE_SINGLE_COPY)
        hr = error_set(copying->error, MAPI_E_NO_ACCESS, "profile",
                       "the profile has that service, and may have one only");
    free(values);
    return hr;
}

static HRESULT copy_in_transaction(void *arg)
{
    struct copying *copying = arg;
    const struct profile_section copy = {.uid = copying->made, .kind = PROFILE_SECTION_SERVICE};
    struct profile_section *providers = NULL;
    size_t count = 0;
    HRESULT hr = check_single(copying);

    if (SUCCEEDED(hr))
        hr = copy_section(copying, copying->uid, &copy);
    if (SUCCEEDED(hr))
        hr = clear_flags(copying, &copying->made,
                         SERVICE_PRIMARY_IDENTITY |
                             (copying->look.has_store ? SERVICE_DEFAULT_STORE : 0),
                         SERVICE_NO_PRIMARY_IDENTITY);
    if (SUCCEEDED(hr))
        hr = profile_sections_list(copying->store, copying->from, PROFILE_SECTION_PROVIDER,
                                   copying->uid, copying->error, &providers, &count);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = copy_provider(copying, &providers[i]);
    free(providers);
    return SUCCEEDED(hr) ? copy_extras(copying) : hr;
}

HRESULT service_copy(struct profile_store *store, const MAPIUID *from, const MAPIUID *uid,
                     const MAPIUID *to, WCHAR *display, struct error_info *error)
{
    struct copying copying = {store, from, uid, to, display, .error = error};
    HRESULT hr = support_basics_uid(&copying.made);

    if (SUCCEEDED(hr))
        hr = profile_transaction(store, copy_in_transaction, &copying, error);
    return SUCCEEDED(hr) ? service_identity_pass_on(store, to, error) : hr;
}
