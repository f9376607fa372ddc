/* session/section.c - a section of a profile: IProfSect
 *
 * Values are read from the database when they are asked for and written when they are set: there is
 * nothing to save. */
#include "session/section.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "state/profiles.h"

struct section {
    IProfSect IProfSect_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct profiles *profiles; /* our reference */
    struct profile_store *store;
    MAPIUID key, uid, service; /* the service's section, read after ours */
    bool has_service;
};

/* @thunks IProfSect section section props=props */
#include "session/section_thunks.inc"

static bool is_secure(ULONG tag)
{
    return PROP_ID(tag) >= PROFILE_SECURE_FIRST && PROP_ID(tag) <= PROFILE_SECURE_LAST;
}

/* --- Reading
 * -------------------------------------------------------------------------------------- */

static WAITS HRESULT load_from(struct section *section, const MAPIUID *uid, const ULONG *tags,
                               size_t count)
{
    struct error_info error = {0};
    SPropValue *values;
    size_t value_count;
    HRESULT hr = profile_props_get(section->store, &section->key, uid, tags, count, &error, &values,
                                   &value_count);

    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (FAILED(hr))
        return mapi_object_fail(&section->object, &error);
    for (size_t i = 0; i < value_count && SUCCEEDED(hr); i++)
        hr = prop_load_value(&section->props, &values[i],
                             is_secure(values[i].ulPropTag) ? PROP_HIDDEN : 0);
    free(values);
    return hr;
}

static HRESULT section_load(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct section *section = container_of(prop, struct section, props);
    const ULONG *wanted = tags ? tags->aulPropTag : NULL;
    size_t count = tags ? tags->cValues : 0;
    HRESULT hr = S_OK;

    if (section->has_service) /* ours come last and win */
        hr = load_from(section, &section->service, wanted, count);
    if (SUCCEEDED(hr))
        hr = load_from(section, &section->uid, wanted, count);
    return hr;
}

/* --- Writing
 * -------------------------------------------------------------------------------------- */

/* The dirty items by what is to be done with them; values are borrowed from the snapshot. */
static HRESULT sort_dirty(const struct propbag *bag, SPropValue **ret_set, size_t *ret_set_count,
                          ULONG **ret_deleted, size_t *ret_deleted_count)
{
    const struct propbag_item *item;

    for (size_t at = 0; (item = propbag_dirty(bag, at)); at++) {
        bool kept = item->attributes & PROP_DELETED
                        ? array_append(ret_deleted, ret_deleted_count, &item->value->ulPropTag)
                        : array_append(ret_set, ret_set_count, item->value);

        if (!kept)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

static WAITS HRESULT write_dirty(struct section *section, const struct propbag *bag)
{
    struct error_info error = {0};
    SPropValue *set = NULL;
    ULONG *deleted = NULL;
    size_t set_count = 0, deleted_count = 0;
    HRESULT hr = sort_dirty(bag, &set, &set_count, &deleted, &deleted_count);

    if (SUCCEEDED(hr) && set_count)
        hr =
            profile_props_set(section->store, &section->key, &section->uid, set, set_count, &error);
    if (SUCCEEDED(hr) && deleted_count)
        hr = profile_props_delete(section->store, &section->key, &section->uid, deleted,
                                  deleted_count, &error);
    free(set);
    free(deleted);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&section->object, &error) : hr;
}

static HRESULT section_changed(struct mapi_prop *prop)
{
    struct section *section = container_of(prop, struct section, props);
    struct propbag snapshot = {0};
    HRESULT hr;

    pthread_mutex_lock(&prop->lock);
    hr = propbag_snapshot(&prop->bag, &snapshot);
    pthread_mutex_unlock(&prop->lock);
    if (SUCCEEDED(hr))
        hr = write_dirty(section, &snapshot);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&prop->lock);
        propbag_commit(&prop->bag, &snapshot);
        pthread_mutex_unlock(&prop->lock);
    }
    propbag_clear(&snapshot);
    return hr;
}

static HRESULT section_save(struct mapi_prop *prop, ULONG flags)
{
    (void)prop;
    (void)flags;
    return S_OK; /* all is written already (PRF-037) */
}

static const struct prop_ops section_prop_ops = {
    .load = section_load,
    .changed = section_changed,
    .save = section_save,
};

/* --- The object
 * ------------------------------------------------------------------------------------ */

static const struct mapi_face section_faces[] = {
    MAPI_FACE(struct section, IID_IProfSect, IProfSect_iface),
    MAPI_FACE(struct section, IID_IMAPIProp, IProfSect_iface),
};

static void section_destroy(struct mapi_object *object)
{
    struct section *section = container_of(object, struct section, object);

    prop_clear(&section->props);
    profiles_unref(section->profiles);
    mapi_object_clear(object);
    free(section);
}

static const struct mapi_class section_class = {
    .name = "profile_section",
    .destroy = section_destroy,
    .faces = section_faces,
    .face_count = sizeof(section_faces) / sizeof(section_faces[0]),
};

/* Finds the section, or makes one of its own when it is missing and may be written. */
static WAITS HRESULT find_or_make(struct profile_store *store, const MAPIUID *key,
                                  const MAPIUID *uid, ULONG flags, struct error_info *error,
                                  struct profile_section *ret_found)
{
    HRESULT hr = profile_section_find(store, key, uid, error, ret_found);

    if (hr == MAPI_E_NOT_FOUND && flags & MAPI_MODIFY) {
        *ret_found = (struct profile_section){.uid = *uid, .kind = PROFILE_SECTION_OTHER};
        hr = profile_section_add(store, key, ret_found, error);
    }
    if (SUCCEEDED(hr) && ret_found->kind != PROFILE_SECTION_OTHER &&
        !(flags & MAPI_FORCE_ACCESS)) /* SES-182 */
        return error_set(error, MAPI_E_NO_ACCESS, "profile", "the section is a provider's");
    return hr;
}

HRESULT section_open(struct profiles *profiles, struct mapi_object *owner, const MAPIUID *key,
                     const MAPIUID *uid, ULONG flags, struct error_info *error,
                     IProfSect **ret_section)
{
    struct profile_section found;
    struct profile_store *store;
    struct section *section;
    HRESULT hr = profiles_store(profiles, error, &store);

    if (SUCCEEDED(hr))
        hr = find_or_make(store, key, uid, flags, error, &found);
    if (FAILED(hr))
        return hr;
    section = calloc(1, sizeof(*section));
    if (!section)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "profile", "out of memory");
    section->IProfSect_iface.lpVtbl = &section_vtbl;
    section->profiles = profiles_ref(profiles);
    section->store = store;
    section->key = *key;
    section->uid = *uid;
    section->has_service = found.kind == PROFILE_SECTION_PROVIDER;
    section->service = found.parent;
    mapi_object_init(&section->object, &section_class, owner);
    prop_init(&section->props, &section->object, &section->IProfSect_iface, &IID_IProfSect,
              &section_prop_ops, NULL, 0, section);
    section->props.writable = flags & MAPI_MODIFY; /* SES-176 */
    *ret_section = &section->IProfSect_iface;
    return S_OK;
}
