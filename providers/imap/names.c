/* providers/imap/names.c - named properties of a store's objects */
#include "providers/imap/names.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "state/named_props.h"

#define NAMES_MAX 32768 /* of one call; more than there can be */

static WAITS HRESULT run(struct mapi_prop *prop, engine_fn *fn, struct link_call *call)
{
    return imap_link_run(prop->context, prop->object, fn, call);
}

/* --- All names -------------------------------------------------------------------------------- */

struct list_call {
    struct link_call base;
    const GUID *set;
    struct state_named_prop *props; /* by number */
    size_t count;
};

static HRESULT list_on_engine(void *arg)
{
    struct list_call *call = arg;

    return state_named_props_list(account_state(call->base.account), call->set, &call->base.error,
                                  &call->props, &call->count);
}

static HRESULT all_tags(const struct list_call *list, SPropTagArray **ret_tags)
{
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(list->count ? list->count : 1));

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    tags->cValues = (ULONG)list->count;
    for (size_t i = 0; i < list->count; i++)
        tags->aulPropTag[i] = PROP_TAG(PT_UNSPECIFIED, list->props[i].id);
    *ret_tags = tags;
    return S_OK;
}

/* --- GetIDsFromNames -------------------------------------------------------------------------- */

struct ids_call {
    struct link_call base;
    const MAPINAMEID *const *names;
    size_t count;
    bool create;
    uint16_t *ids;
};

static HRESULT ids_on_engine(void *arg)
{
    struct ids_call *call = arg;

    return state_named_ids(account_state(call->base.account), call->names, call->count,
                           call->create, &call->base.error, call->ids);
}

static bool is_plain_id(const MAPINAMEID *name)
{
    return guid_equal(name->lpguid, &PS_MAPI) && name->ulKind == MNID_ID;
}

/* The state gets no PS_MAPI names: they have their numbers already. */
static WAITS HRESULT find_ids(struct mapi_prop *prop, struct ids_call *call, MAPINAMEID **names,
                              ULONG count)
{
    static const MAPINAMEID none = {0};
    const MAPINAMEID **asked = calloc(count, sizeof(*asked));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    call->ids = calloc(count, sizeof(*call->ids));
    if (asked && call->ids) {
        for (ULONG i = 0; i < count; i++)
            asked[i] = is_plain_id(names[i]) ? &none : names[i];
        call->names = asked;
        call->count = count;
        hr = run(prop, ids_on_engine, &call->base);
        for (ULONG i = 0; SUCCEEDED(hr) && i < count; i++)
            if (is_plain_id(names[i]) && (ULONG)names[i]->Kind.lID < NAMED_PROP_FIRST)
                call->ids[i] = (uint16_t)names[i]->Kind.lID;
    }
    free(asked);
    return hr;
}

HRESULT names_to_ids(struct mapi_prop *prop, ULONG count, MAPINAMEID **names, ULONG flags,
                     SPropTagArray **ret_tags)
{
    struct ids_call call = {.create = flags & MAPI_CREATE};
    struct list_call list = {0};
    SPropTagArray *tags;
    HRESULT hr;

    if (count == 0) { /* STO-279: all names */
        hr = run(prop, list_on_engine, &list.base);
        if (SUCCEEDED(hr))
            hr = all_tags(&list, ret_tags);
        free(list.props);
        return hr;
    }
    if (count > NAMES_MAX)
        return MAPI_E_TOO_BIG; /* PRP-011 */
    tags = mapi_alloc(NULL, CbNewSPropTagArray(count));
    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = find_ids(prop, &call, names, count);
    if (FAILED(hr)) {
        mapi_free(tags);
    } else {
        tags->cValues = count;
        hr = S_OK;
        for (ULONG i = 0; i < count; i++) {
            tags->aulPropTag[i] = PROP_TAG(call.ids[i] ? PT_UNSPECIFIED : PT_ERROR, call.ids[i]);
            if (!call.ids[i])
                hr = MAPI_W_ERRORS_RETURNED; /* STO-277 */
        }
        *ret_tags = tags;
    }
    free(call.ids);
    return hr;
}

/* --- GetNamesFromIDs -------------------------------------------------------------------------- */

static int compare_id(const void *key, const void *element)
{
    uint16_t id = *(const uint16_t *)key;
    const struct state_named_prop *named = element;

    return (id > named->id) - (id < named->id);
}

static HRESULT copy_name(void *root, const MAPINAMEID *name, MAPINAMEID **ret_name)
{
    MAPINAMEID *copy = mapi_memdup(root, name, sizeof(*name));

    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    copy->lpguid = mapi_memdup(root, name->lpguid, sizeof(GUID));
    if (name->ulKind == MNID_STRING)
        copy->Kind.lpwstrName = mapi_memdup(
            root, name->Kind.lpwstrName, (utf16_length(name->Kind.lpwstrName) + 1) * sizeof(WCHAR));
    if (!copy->lpguid || (name->ulKind == MNID_STRING && !copy->Kind.lpwstrName))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_name = copy;
    return S_OK;
}

static bool is_wanted(const MAPINAMEID *name, const GUID *set, ULONG flags)
{
    if (set && !guid_equal(name->lpguid, set))
        return false;
    return !(flags & (name->ulKind == MNID_ID ? MAPI_NO_IDS : MAPI_NO_STRINGS)); /* STO-282 */
}

/* The name of one id; *ret_name NULL: it has none, or not a wanted one. */
static HRESULT name_of(const struct list_call *list, ULONG id, const GUID *set, ULONG flags,
                       void *root, MAPINAMEID **ret_name)
{
    const MAPINAMEID plain = {.lpguid = (GUID *)&PS_MAPI, .ulKind = MNID_ID, .Kind.lID = (LONG)id};
    uint16_t key = (uint16_t)id;
    const struct state_named_prop *found =
        id < NAMED_PROP_FIRST || list->count == 0
            ? NULL
            : bsearch(&key, list->props, list->count, sizeof(*list->props), compare_id);
    const MAPINAMEID *name = id < NAMED_PROP_FIRST ? &plain : found ? &found->name : NULL;

    *ret_name = NULL;
    return name && is_wanted(name, set, flags) ? copy_name(root, name, ret_name) : S_OK;
}

/* Names for the tags asked for, in their order. */
static HRESULT names_of_tags(const struct list_call *list, const SPropTagArray *tags,
                             const GUID *set, ULONG flags, ULONG *ret_count,
                             MAPINAMEID ***ret_names)
{
    MAPINAMEID **names = mapi_alloc_array(NULL, tags->cValues ? tags->cValues : 1, sizeof(*names));
    HRESULT hr = names ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    bool missing = false;

    for (ULONG i = 0; SUCCEEDED(hr) && i < tags->cValues; i++) {
        hr = name_of(list, PROP_ID(tags->aulPropTag[i]), set, flags, names, &names[i]);
        missing |= !names[i];
    }
    if (FAILED(hr)) {
        mapi_free(names);
        return hr;
    }
    *ret_count = tags->cValues;
    *ret_names = names;
    return missing ? MAPI_W_ERRORS_RETURNED : S_OK; /* STO-281 */
}

/* All wanted names, with their tags. */
static HRESULT names_of_all(struct list_call *list, const GUID *set, ULONG flags,
                            SPropTagArray **ret_tags, ULONG *ret_count, MAPINAMEID ***ret_names)
{
    size_t kept = 0;
    HRESULT hr;

    for (size_t i = 0; i < list->count; i++)
        if (is_wanted(&list->props[i].name, set, flags))
            list->props[kept++] = list->props[i];
    list->count = kept;
    if (kept == 0)
        return S_OK; /* STO-283 */
    hr = all_tags(list, ret_tags);
    if (SUCCEEDED(hr))
        hr = names_of_tags(list, *ret_tags, NULL, 0, ret_count, ret_names);
    if (FAILED(hr)) {
        mapi_free(*ret_tags);
        *ret_tags = NULL;
    }
    return hr;
}

HRESULT names_from_ids(struct mapi_prop *prop, SPropTagArray **tags, const GUID *set, ULONG flags,
                       ULONG *ret_count, MAPINAMEID ***ret_names)
{
    struct list_call list = {.set = *tags ? NULL : set};
    HRESULT hr;

    if (*tags && (*tags)->cValues > NAMES_MAX)
        return MAPI_E_TOO_BIG; /* PRP-011 */
    hr = run(prop, list_on_engine, &list.base);
    if (FAILED(hr))
        return hr;
    hr = *tags ? names_of_tags(&list, *tags, set, flags, ret_count, ret_names)
               : names_of_all(&list, set, flags, tags, ret_count, ret_names);
    free(list.props);
    return hr;
}
