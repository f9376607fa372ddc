/* session/section.c - a section of a profile: IProfSect
 *
 * Values are read from the database when they are asked for and written when they are set: there is
 * nothing to save. */
#include "session/section.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/text.h"
#include "state/profiles.h"

struct section {
    IProfSect IProfSect_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct profiles *profiles; /* our reference */
    struct profile_store *store;
    MAPIUID key, uid, service; /* the service's section, read after ours */
    bool has_service;
    bool counted, writes; /* profiles_section_enter */
    WCHAR *profile_name;  /* ours; NULL: the profile has been deleted meanwhile */
};

/* PRF-038: whatever the access, there is nothing to save. */
static HRESULT section_SaveChanges(struct section *section, ULONG flags)
{
    (void)section;
    return flags & ~(ULONG)PROP_SAVE_FLAGS ? MAPI_E_UNKNOWN_FLAGS : S_OK;
}

/* @thunks IProfSect section section props=props */
#include "session/section_thunks.inc"

static bool is_secure(ULONG tag)
{
    return PROP_ID(tag) >= PROFILE_SECURE_FIRST && PROP_ID(tag) <= PROFILE_SECURE_LAST;
}

/* --- Reading ---------------------------------------------------------------------------------- */

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

/* What the library knows of each section, and of the one that stands for the profile (PRF-036,
 * PRF-044). */
static HRESULT load_computed(struct section *section)
{
    SPropValue type = {.ulPropTag = PR_OBJECT_TYPE}, name = {.ulPropTag = PR_PROFILE_NAME_W},
               key = {.ulPropTag = PR_SEARCH_KEY};
    HRESULT hr;

    type.Value.l = MAPI_PROFSECT;
    name.Value.lpszW = section->profile_name;
    key.Value.bin.cb = sizeof(section->key);
    key.Value.bin.lpb = section->key.ab;
    hr = prop_load_value(&section->props, &type, PROP_READONLY);
    if (SUCCEEDED(hr) && section->profile_name)
        hr = prop_load_value(&section->props, &name, PROP_READONLY);
    if (SUCCEEDED(hr) && guid_equal((const GUID *)&section->uid, &MUID_PROFILE_INSTANCE))
        hr = prop_load_value(&section->props, &key, PROP_READONLY);
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
    return SUCCEEDED(hr) ? load_computed(section) : hr;
}

/* PRF-040: named properties have no home here. */
static HRESULT section_change(struct mapi_prop *prop, ULONG tag, SPropValue *value)
{
    (void)prop;
    (void)value;
    return PROP_ID(tag) >= 0x8000 ? MAPI_E_NO_SUPPORT : S_OK;
}

/* --- Writing ---------------------------------------------------------------------------------- */

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

/* What SetProps put into the bag is listed like anything else: secure values are not to be
 * (PRF-041). Lock held. */
static void hide_secure(struct propbag *bag, const struct propbag *written)
{
    const struct propbag_item *item;

    for (size_t at = 0; (item = propbag_dirty(written, at)); at++)
        if (is_secure(item->value->ulPropTag))
            propbag_mark(bag, item->value->ulPropTag, PROP_HIDDEN, 0); /* unless it was deleted */
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
        hide_secure(&prop->bag, &snapshot);
        propbag_commit(&prop->bag, &snapshot);
        pthread_mutex_unlock(&prop->lock);
    }
    propbag_clear(&snapshot);
    return hr;
}

static const struct prop_ops section_prop_ops = {
    .load = section_load,
    .change = section_change,
    .changed = section_changed,
};

/* --- The object ------------------------------------------------------------------------------- */

static const struct mapi_face section_faces[] = {
    MAPI_FACE(struct section, IID_IProfSect, IProfSect_iface),
    MAPI_FACE(struct section, IID_IMAPIProp, IProfSect_iface),
};

static void section_destroy(struct mapi_object *object)
{
    struct section *section = container_of(object, struct section, object);

    if (section->counted)
        profiles_section_leave(section->profiles, &section->key, &section->uid, section->writes);
    prop_clear(&section->props);
    mapi_free(section->profile_name);
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

    if (hr == MAPI_E_NOT_FOUND &&
        (flags & MAPI_MODIFY || guid_equal((const GUID *)uid, &MUID_PROFILE_INSTANCE))) {
        *ret_found = (struct profile_section){.uid = *uid, .kind = PROFILE_SECTION_OTHER};
        hr = profile_section_add(store, key, ret_found, error);
    }
    if (SUCCEEDED(hr) && ret_found->kind != PROFILE_SECTION_OTHER &&
        !(flags & MAPI_FORCE_ACCESS)) /* SES-182 */
        return error_set(error, MAPI_E_NO_ACCESS, "profile", "the section is a provider's");
    return hr;
}

static WAITS HRESULT find_name(struct section *section, struct error_info *error)
{
    struct profile *list;
    size_t count;
    HRESULT hr = profiles_list(section->store, error, &list, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (memcmp(&list[i].key, &section->key, sizeof(section->key)) == 0)
            hr = text_utf8_to_utf16(NULL, list[i].name, &section->profile_name);
    free(list);
    return hr;
}

static HRESULT enter(struct section *section, struct error_info *error)
{
    HRESULT hr =
        profiles_section_enter(section->profiles, &section->key, &section->uid, section->writes);

    section->counted = SUCCEEDED(hr);
    return FAILED(hr) ? error_set(error, hr, "profile", "somebody else has the section open") : hr;
}

HRESULT section_open(struct profiles *profiles, struct mapi_object *owner, const MAPIUID *key,
                     const MAPIUID *uid, ULONG flags, enum section_user user,
                     struct error_info *error, IProfSect **ret_section)
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
    section->writes = flags & MAPI_MODIFY;
    mapi_object_init(&section->object, &section_class, owner);
    prop_init(&section->props, &section->object, &section->IProfSect_iface, &IID_IProfSect,
              &section_prop_ops, NULL, 0, section);
    section->props.writable = section->writes; /* SES-176 */
    hr = find_name(section, error);
    if (SUCCEEDED(hr) && user == SECTION_OF_CLIENT)
        hr = enter(section, error);
    if (FAILED(hr)) {
        mapi_object_unref(&section->object);
        return hr;
    }
    *ret_section = &section->IProfSect_iface;
    return S_OK;
}
