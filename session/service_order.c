/* session/service_order.c - the order of a profile's transports */
#include "session/service_order.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"

/* A profile's providers in their order, and which of them are transports. */
struct providers {
    struct provider_place {
        MAPIUID uid;
        bool is_transport, prefers_last;
    } * places;
    size_t count;
};

static WAITS HRESULT read_place(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                                struct error_info *error, struct provider_place *ret_place)
{
    static const ULONG tags[] = {PR_RESOURCE_TYPE, PR_RESOURCE_FLAGS};
    const SPropValue *type, *flags;
    SPropValue *values;
    size_t count;
    HRESULT hr = profile_props_get(store, key, uid, tags, 2, error, &values, &count);

    if (FAILED(hr))
        return hr;
    type = propval_find(values, count, PR_RESOURCE_TYPE);
    flags = propval_find(values, count, PR_RESOURCE_FLAGS);
    *ret_place = (struct provider_place){
        .uid = *uid,
        .is_transport = type && type->Value.l == MAPI_TRANSPORT_PROVIDER,
        .prefers_last = flags && flags->Value.l & STATUS_XP_PREFER_LAST,
    };
    free(values);
    return S_OK;
}

static WAITS HRESULT read_places(struct profile_store *store, const MAPIUID *key,
                                 struct error_info *error, struct providers *ret_providers)
{
    struct profile_section *sections;
    HRESULT hr = profile_sections_list(store, key, PROFILE_SECTION_PROVIDER, NULL, error, &sections,
                                       &ret_providers->count);

    if (FAILED(hr))
        return hr;
    ret_providers->places = calloc(ret_providers->count + 1, sizeof(*ret_providers->places));
    if (!ret_providers->places)
        hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "profile", "out of memory");
    for (size_t i = 0; i < ret_providers->count && SUCCEEDED(hr); i++)
        hr = read_place(store, key, &sections[i].uid, error, &ret_providers->places[i]);
    free(sections);
    if (FAILED(hr))
        free(ret_providers->places);
    return hr;
}

static WAITS HRESULT write_order(struct profile_store *store, const MAPIUID *key,
                                 const struct providers *providers, struct error_info *error)
{
    MAPIUID *order = calloc(providers->count + 1, sizeof(*order));
    HRESULT hr;

    if (!order)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "profile", "out of memory");
    for (size_t i = 0; i < providers->count; i++)
        order[i] = providers->places[i].uid;
    hr = profile_sections_order(store, key, PROFILE_SECTION_PROVIDER, order, providers->count,
                                error);
    free(order);
    return hr;
}

/* --- An order that somebody gives ------------------------------------------------------------- */

static bool take_transport(struct providers *left, const MAPIUID *uid)
{
    for (size_t i = 0; i < left->count; i++)
        if (left->places[i].is_transport && memcmp(&left->places[i].uid, uid, sizeof(*uid)) == 0) {
            left->places[i].is_transport = false; /* named twice, the second is not found */
            return true;
        }
    return false;
}

static HRESULT check_wanted(struct providers *providers, const MAPIUID *wanted, ULONG wanted_count,
                            struct error_info *error)
{
    size_t transports = 0;

    for (size_t i = 0; i < providers->count; i++)
        transports += providers->places[i].is_transport;
    if (transports != wanted_count)
        return error_set(error, MAPI_E_BUSY, "profile", "the order must name each transport once");
    for (ULONG i = 0; i < wanted_count; i++)
        if (!take_transport(providers, &wanted[i]))
            return error_set(error, MAPI_E_NOT_FOUND, "profile", "no transport has that uid");
    return S_OK;
}

HRESULT service_order_transports(struct profile_store *store, const MAPIUID *key,
                                 const MAPIUID *wanted, ULONG wanted_count,
                                 struct error_info *error)
{
    struct providers providers, left;
    size_t next = 0;
    HRESULT hr = read_places(store, key, error, &providers);

    if (FAILED(hr))
        return hr;
    left.count = providers.count;
    left.places = calloc(providers.count + 1, sizeof(*left.places));
    if (left.places) {
        memcpy(left.places, providers.places, providers.count * sizeof(*left.places));
        hr = check_wanted(&left, wanted, wanted_count, error);
    } else {
        hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "profile", "out of memory");
    }
    free(left.places);
    for (size_t i = 0; i < providers.count && SUCCEEDED(hr); i++)
        if (providers.places[i].is_transport)
            providers.places[i].uid = wanted[next++];
    if (SUCCEEDED(hr))
        hr = write_order(store, key, &providers, error);
    free(providers.places);
    return hr;
}

/* --- A transport that is new ------------------------------------------------------------------ */

HRESULT service_order_added(struct profile_store *store, const MAPIUID *key,
                            struct error_info *error)
{
    struct providers providers;
    struct provider_place *places, added;
    size_t at;
    HRESULT hr = read_places(store, key, error, &providers);

    if (FAILED(hr))
        return hr;
    places = providers.places;
    at = providers.count - 1;
    added = places[at];
    if (added.is_transport && !added.prefers_last) {
        for (; at > 0 && (!places[at - 1].is_transport || places[at - 1].prefers_last); at--)
            places[at] = places[at - 1];
        places[at] = added;
    }
    if (at != providers.count - 1)
        hr = write_order(store, key, &providers, error);
    free(providers.places);
    return hr;
}
