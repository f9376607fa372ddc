/* session/service_create.c - putting message services and providers into a profile */
#include "session/service_create.h"

#include <stdlib.h>
#include <strings.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "session/profile_look.h"
#include "session/resource_flags.h"
#include "session/service.h"
#include "session/service_identity.h"
#include "session/service_order.h"
#include "session/support_basics.h"
#include "state/profiles.h"

/* One service on its way into a profile: what runs in the transaction. */
struct creation {
    struct profile_store *store;
    const MAPIUID *key;
    const struct service_description *service;
    WCHAR *name, *display;
    MAPIUID uid;
    bool is_there;                    /* another of the same name */
    bool gives_identity, gives_store; /* nobody else in the profile does */
    struct error_info *error;
};

static HRESULT set_props(struct creation *creation, const MAPIUID *uid, const SPropValue *values,
                         size_t count)
{
    return profile_props_set(creation->store, creation->key, uid, values, count, creation->error);
}

/* --- Sections --------------------------------------------------------------------------------- */

static ULONG number_of(const struct service_section *section, ULONG tag)
{
    const SPropValue *value = propval_find(section->values, section->value_count, tag);

    return value ? (ULONG)value->Value.l : 0;
}

/* STA-074: SERVICE_NO_PRIMARY_IDENTITY is the description's to say, or the first one's to take. */
static WAITS HRESULT look_around(struct creation *creation)
{
    ULONG flags = number_of(&creation->service->own, PR_RESOURCE_FLAGS);
    struct profile_look look;
    HRESULT hr =
        profile_look(creation->store, creation->key, creation->name, creation->error, &look);

    creation->is_there = look.has_service;
    creation->gives_identity = !look.has_identity && !(flags & SERVICE_NO_PRIMARY_IDENTITY);
    creation->gives_store = !look.has_store;
    return hr;
}

/* What the description says; without a name of its own the section has the service's. */
static HRESULT copy_section(struct creation *creation, const MAPIUID *uid,
                            const struct service_section *section)
{
    SPropValue names[2] = {{.ulPropTag = PR_SERVICE_NAME_W}, {.ulPropTag = PR_DISPLAY_NAME_W}};
    bool is_named = propval_find(section->values, section->value_count, PR_DISPLAY_NAME_W);
    HRESULT hr = S_OK;

    names[0].Value.lpszW = creation->name;
    names[1].Value.lpszW = creation->display;
    if (section->value_count)
        hr = set_props(creation, uid, section->values, section->value_count);
    return SUCCEEDED(hr) ? set_props(creation, uid, names, is_named ? 1 : 2) : hr;
}

static HRESULT set_flags(struct creation *creation, const MAPIUID *uid, ULONG flags)
{
    SPropValue value = {.ulPropTag = PR_RESOURCE_FLAGS};

    value.Value.l = (LONG)flags;
    return set_props(creation, uid, &value, 1);
}

static HRESULT add_service_section(struct creation *creation)
{
    const struct service_section *described = &creation->service->own;
    const struct profile_section section = {.uid = creation->uid, .kind = PROFILE_SECTION_SERVICE};
    ULONG flags = number_of(described, PR_RESOURCE_FLAGS);
    HRESULT hr = profile_section_add(creation->store, creation->key, &section, creation->error);

    if (creation->gives_store)
        flags |= SERVICE_DEFAULT_STORE;
    flags |= creation->gives_identity ? SERVICE_PRIMARY_IDENTITY : SERVICE_NO_PRIMARY_IDENTITY;
    if (SUCCEEDED(hr))
        hr = copy_section(creation, &creation->uid, described);
    return SUCCEEDED(hr) ? set_flags(creation, &creation->uid, flags) : hr;
}

static ULONG provider_flags(struct creation *creation, const struct service_section *provider)
{
    ULONG flags = number_of(provider, PR_RESOURCE_FLAGS);

    if (!creation->gives_identity) /* STA-066 */
        flags = (flags & ~(ULONG)STATUS_PRIMARY_IDENTITY) | STATUS_NO_PRIMARY_IDENTITY;
    else if (!(flags & STATUS_NO_PRIMARY_IDENTITY))
        flags |= STATUS_PRIMARY_IDENTITY;
    if (number_of(provider, PR_RESOURCE_TYPE) != MAPI_STORE_PROVIDER)
        return flags;
    if (creation->gives_store && !(flags & STATUS_NO_DEFAULT_STORE)) {
        creation->gives_store = false; /* PRF-104: the first that can be */
        return flags | STATUS_DEFAULT_STORE;
    }
    return flags & ~(ULONG)STATUS_DEFAULT_STORE;
}

static HRESULT add_provider_section(struct creation *creation,
                                    const struct service_section *provider, MAPIUID *ret_uid)
{
    struct profile_section section = {.parent = creation->uid, .kind = PROFILE_SECTION_PROVIDER};
    HRESULT hr = support_basics_uid(&section.uid);

    if (SUCCEEDED(hr))
        hr = profile_section_add(creation->store, creation->key, &section, creation->error);
    if (SUCCEEDED(hr))
        hr = copy_section(creation, &section.uid, provider);
    if (SUCCEEDED(hr))
        hr = set_flags(creation, &section.uid, provider_flags(creation, provider));
    if (SUCCEEDED(hr))
        hr = service_order_added(creation->store, creation->key, creation->error);
    if (SUCCEEDED(hr) && ret_uid)
        *ret_uid = section.uid;
    return hr;
}

/* A further section is made once, whoever asks for it first (PRF-137). */
static HRESULT add_extra_section(struct creation *creation, const struct service_section *extra)
{
    const struct profile_section section = {.uid = extra->uid, .kind = PROFILE_SECTION_OTHER};
    HRESULT hr = profile_section_add(creation->store, creation->key, &section, creation->error);

    if (hr == MAPI_E_COLLISION)
        return S_OK;
    return SUCCEEDED(hr) && extra->value_count
               ? set_props(creation, &extra->uid, extra->values, extra->value_count)
               : hr;
}

/* PRF-085: what belongs to the service beside its providers. */
static HRESULT name_extra_sections(struct creation *creation)
{
    const struct service_description *service = creation->service;
    MAPIUID *uids = calloc(service->extra_count, sizeof(*uids));
    SPropValue value = {.ulPropTag = PR_SERVICE_EXTRA_UIDS};
    HRESULT hr;

    if (!uids)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < service->extra_count; i++)
        uids[i] = service->extras[i].uid;
    value.Value.bin.cb = (ULONG)(service->extra_count * sizeof(*uids));
    value.Value.bin.lpb = (BYTE *)uids;
    hr = set_props(creation, &creation->uid, &value, 1);
    free(uids);
    return hr;
}

/* All or nothing, on the database's own thread. */
static HRESULT create_in_transaction(void *arg)
{
    struct creation *creation = arg;
    const struct service_description *service = creation->service;
    HRESULT hr = look_around(creation);

    if (SUCCEEDED(hr) && creation->is_there &&
        number_of(&service->own, PR_RESOURCE_FLAGS) & SERVICE_SINGLE_COPY) /* PRF-064 */
        hr = error_set(creation->error, MAPI_E_NO_ACCESS, "profile",
                       "the profile has a service \"%s\", and may have one only", service->name);
    if (SUCCEEDED(hr))
        hr = add_service_section(creation);
    for (size_t i = 0; i < service->provider_count && SUCCEEDED(hr); i++)
        hr = add_provider_section(creation, &service->providers[i], NULL);
    for (size_t i = 0; i < service->extra_count && SUCCEEDED(hr); i++)
        hr = add_extra_section(creation, &service->extras[i]);
    if (SUCCEEDED(hr) && service->extra_count)
        hr = name_extra_sections(creation);
    return hr;
}

/* --- A service -------------------------------------------------------------------------------- */

static void creation_clear(struct creation *creation)
{
    mapi_free(creation->name);
    mapi_free(creation->display);
}

static WAITS HRESULT creation_init(struct creation *creation, const struct service_place *place,
                                   const struct service_description *service, const char *display,
                                   struct error_info *error)
{
    HRESULT hr = profiles_store(place->profiles, error, &creation->store);

    creation->key = place->key;
    creation->service = service;
    creation->error = error;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(NULL, service->name, &creation->name);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(NULL, display ? display : service->display, &creation->display);
    return hr;
}

static WAITS HRESULT put_sections(const struct service_place *place,
                                  const struct service_description *service, const char *display,
                                  struct error_info *error, MAPIUID *ret_uid)
{
    struct creation creation = {0};
    HRESULT hr = creation_init(&creation, place, service, display, error);

    if (SUCCEEDED(hr))
        hr = support_basics_uid(&creation.uid);
    if (SUCCEEDED(hr))
        hr = profile_transaction(creation.store, create_in_transaction, &creation, error);
    if (SUCCEEDED(hr))
        *ret_uid = creation.uid;
    creation_clear(&creation);
    return hr;
}

static WAITS HRESULT tell(const struct service_place *place, const MAPIUID *uid, ULONG context,
                          struct error_info *error)
{
    const struct profile_service service = {place->profiles, place->owner, place->key, uid};
    const struct service_request request = {
        .context = context, .ui_param = place->ui_param, .flags = place->flags};

    return service_entry_tell(&service, &request, error);
}

static WAITS void take_out(const struct service_place *place, const MAPIUID *uid)
{
    struct profile_store *store;

    if (SUCCEEDED(profiles_store(place->profiles, NULL, &store)))
        profile_section_remove(store, place->key, uid, NULL);
}

HRESULT service_create(const struct service_place *place, const struct service_description *service,
                       const char *display, struct error_info *error, MAPIUID *ret_uid)
{
    HRESULT hr = put_sections(place, service, display, error, ret_uid);

    if (FAILED(hr))
        return hr;
    hr = tell(place, ret_uid, MSG_SERVICE_CREATE, error);
    if (FAILED(hr))
        take_out(place, ret_uid);
    return hr;
}

HRESULT service_create_defaults(const struct service_place *place, struct error_info *error)
{
    struct services *services;
    MAPIUID *uids;
    size_t made = 0;
    HRESULT hr = services_read(&services);

    if (FAILED(hr))
        return hr;
    uids = calloc(services->count + 1, sizeof(*uids));
    if (!uids)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < services->count && SUCCEEDED(hr); i++)
        if (services->list[i].is_default) {
            hr = put_sections(place, &services->list[i], NULL, error, &uids[made]);
            made += SUCCEEDED(hr);
        }
    for (size_t i = 0; i < made && SUCCEEDED(hr); i++)
        hr = tell(place, &uids[i], MSG_SERVICE_CREATE, error);
    free(uids);
    services_free(services);
    return hr;
}

HRESULT service_delete(const struct service_place *place, const MAPIUID *uid,
                       struct error_info *error)
{
    struct profile_store *store;
    ULONG flags = 0;
    HRESULT hr = profiles_store(place->profiles, error, &store);

    if (SUCCEEDED(hr))
        hr = resource_flags_get(store, place->key, uid, error, &flags);
    if (SUCCEEDED(hr))
        hr = tell(place, uid, MSG_SERVICE_DELETE, error);
    if (SUCCEEDED(hr))
        hr = profile_section_remove(store, place->key, uid, error);
    return SUCCEEDED(hr) && flags & SERVICE_PRIMARY_IDENTITY
               ? service_identity_pass_on(store, place->key, error)
               : hr;
}

/* --- A provider ------------------------------------------------------------------------------- */

struct addition {
    struct creation creation;
    const struct service_section *provider;
    const SPropValue *values;
    ULONG count;
    MAPIUID made;
};

static HRESULT add_in_transaction(void *arg)
{
    struct addition *addition = arg;
    HRESULT hr = look_around(&addition->creation);

    addition->creation.gives_identity = false; /* that is decided with the service */
    if (SUCCEEDED(hr))
        hr = add_provider_section(&addition->creation, addition->provider, &addition->made);
    if (SUCCEEDED(hr) && addition->count)
        hr = set_props(&addition->creation, &addition->made, addition->values, addition->count);
    return hr;
}

static HRESULT find_provider(const struct service_description *service, const char *name,
                             struct error_info *error, const struct service_section **ret_provider)
{
    for (size_t i = 0; i < service->provider_count; i++)
        if (strcasecmp(service->providers[i].name, name) == 0) {
            *ret_provider = &service->providers[i];
            return S_OK;
        }
    return error_set(error, MAPI_E_NOT_FOUND, "profile",
                     "the service \"%s\" has no provider \"%s\"", service->name, name);
}

static WAITS HRESULT put_provider(const struct service_place *place,
                                  const struct service_description *service, const MAPIUID *uid,
                                  struct addition *addition, struct error_info *error)
{
    HRESULT hr = creation_init(&addition->creation, place, service, NULL, error);

    addition->creation.uid = *uid;
    if (SUCCEEDED(hr))
        hr = profile_transaction(addition->creation.store, add_in_transaction, addition, error);
    creation_clear(&addition->creation);
    if (FAILED(hr))
        return hr;
    hr = tell(place, uid, MSG_SERVICE_PROVIDER_CREATE, error);
    if (FAILED(hr))
        take_out(place, &addition->made);
    return hr;
}

HRESULT service_create_provider(const struct service_place *place, const MAPIUID *uid,
                                const char *name, const SPropValue *values, ULONG count,
                                struct error_info *error, MAPIUID *ret_provider)
{
    struct addition addition = {.values = values, .count = count};
    const struct service_description *service;
    struct services *services = NULL;
    struct profile_store *store;
    char *called = NULL;
    HRESULT hr = profiles_store(place->profiles, error, &store);

    if (SUCCEEDED(hr))
        hr = profile_service_name(store, place->key, uid, error, &called);
    if (SUCCEEDED(hr))
        hr = services_read(&services);
    if (SUCCEEDED(hr))
        hr = services_find(services, called, error, &service);
    if (SUCCEEDED(hr))
        hr = find_provider(service, name, error, &addition.provider);
    if (SUCCEEDED(hr))
        hr = put_provider(place, service, uid, &addition, error);
    if (SUCCEEDED(hr))
        *ret_provider = addition.made;
    services_free(services);
    mapi_free(called);
    return hr;
}
