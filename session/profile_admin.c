/* session/profile_admin.c - administration of profiles: MAPIAdminProfiles and IProfAdmin
 *
 * Profiles have no passwords here (PRF): whoever may read the state directory may use them.
 * Behaviour: PRF-001 to PRF-036. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "session/service_admin.h"
#include "session/service_create.h"
#include "session/subsystem.h"
#include "state/profiles.h"

struct profile_admin {
    IProfAdmin IProfAdmin_iface;
    struct mapi_object object;
    struct mapi_subsystem *subsystem; /* our reference */
};

/* The arguments that most methods share. */
struct named {
    struct profile_store *store;
    char *name;
    struct profile *profile; /* when it was looked up */
    struct error_info error;
};

static void named_clear(struct named *named)
{
    mapi_free(named->name);
    free(named->profile);
}

static HRESULT named_init(struct profile_admin *admin, LPTSTR name, ULONG flags, bool look_up,
                          struct named *named)
{
    HRESULT hr;

    memset(named, 0, sizeof(*named));
    if (!name)
        return MAPI_E_INVALID_PARAMETER;
    hr = text_from_argument(NULL, name, flags, &named->name);
    if (SUCCEEDED(hr))
        hr = profiles_store(admin->subsystem->profiles, &named->error, &named->store);
    if (SUCCEEDED(hr) && look_up)
        hr = profile_find(named->store, named->name, &named->error, &named->profile);
    return hr;
}

static HRESULT finish(struct profile_admin *admin, struct named *named, HRESULT hr)
{
    named_clear(named);
    return FAILED(hr) && named->error.hr == hr ? mapi_object_fail(&admin->object, &named->error)
                                               : hr;
}

/* --- Table ------------------------------------------------------------------------------------ */

static const SizedSPropTagArray(3, profile_columns) = {
    3, {PR_DISPLAY_NAME_W, PR_DEFAULT_PROFILE, PR_INSTANCE_KEY}};

static HRESULT add_profile(struct row_list *rows, const struct profile *profile)
{
    SPropValue values[3] = {{.ulPropTag = PR_DISPLAY_NAME_W},
                            {.ulPropTag = PR_DEFAULT_PROFILE},
                            {.ulPropTag = PR_INSTANCE_KEY}};
    HRESULT hr = text_utf8_to_utf16(NULL, profile->name, &values[0].Value.lpszW);

    values[1].Value.b = profile->is_default;
    values[2].Value.bin.cb = sizeof(profile->key);
    values[2].Value.bin.lpb = (BYTE *)&profile->key;
    if (SUCCEEDED(hr))
        hr = row_list_set(rows, values, 3);
    mapi_free(values[0].Value.lpszW);
    return hr;
}

static HRESULT admin_GetProfileTable(struct profile_admin *admin, ULONG flags,
                                     LPMAPITABLE *ret_table)
{
    struct table_options options = {.owner = &admin->object,
                                    .columns = (const SPropTagArray *)&profile_columns,
                                    .flags = flags & MAPI_UNICODE};
    struct error_info error = {0};
    struct profile_store *store;
    struct profile *list = NULL;
    struct row_list *rows;
    size_t count = 0;
    HRESULT hr;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    hr = profiles_store(admin->subsystem->profiles, &error, &store);
    if (SUCCEEDED(hr))
        hr = profiles_list(store, &error, &list, &count);
    if (FAILED(hr))
        return error.hr == hr ? mapi_object_fail(&admin->object, &error) : hr;
    hr = row_list_create(PR_INSTANCE_KEY, &rows);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = add_profile(rows, &list[i]);
    free(list);
    if (FAILED(hr))
        return hr;
    options.source = row_list_source(rows);
    hr = table_create(&options, ret_table);
    row_source_unref(row_list_source(rows));
    return hr;
}

/* --- Profiles --------------------------------------------------------------------------------- */

/* Profiles have none: who gives one would take the profile to be guarded (PRF-006). */
static bool has_password(LPTSTR password, ULONG flags)
{
    return password && (flags & MAPI_UNICODE ? *(const WCHAR *)password != 0 : *password != 0);
}

static HRESULT admin_CreateProfile(struct profile_admin *admin, LPTSTR name, LPTSTR password,
                                   ULONG_PTR ui_param, ULONG flags)
{
    struct named named;
    MAPIUID key;
    const struct service_place place = {.profiles = admin->subsystem->profiles,
                                        .owner = &admin->object,
                                        .key = &key,
                                        .ui_param = ui_param,
                                        .flags = flags & MAPI_DIALOG ? SERVICE_UI_ALLOWED : 0};
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DEFAULT_SERVICES | MAPI_DIALOG))
        return MAPI_E_UNKNOWN_FLAGS;
    if (has_password(password, flags))
        return MAPI_E_INVALID_PARAMETER;
    hr = named_init(admin, name, flags, false, &named);
    if (SUCCEEDED(hr))
        hr = profile_create(named.store, named.name, &named.error, &key);
    if (SUCCEEDED(hr) && flags & MAPI_DEFAULT_SERVICES) { /* PRF-007, PRF-009 */
        hr = service_create_defaults(&place, &named.error);
        if (FAILED(hr))
            profile_delete(named.store, &key, NULL);
    }
    return finish(admin, &named, hr);
}

/* PRF-012: each service hears of it first. */
static WAITS HRESULT tell_services(struct profile_admin *admin, struct named *named)
{
    const struct service_request request = {.context = MSG_SERVICE_DELETE};
    const MAPIUID *key = &named->profile->key;
    struct profile_section *services;
    size_t count;
    HRESULT hr = profile_sections_list(named->store, key, PROFILE_SECTION_SERVICE, NULL,
                                       &named->error, &services, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        const struct profile_service service = {admin->subsystem->profiles, &admin->object, key,
                                                &services[i].uid};

        hr = service_entry_tell(&service, &request, &named->error);
    }
    free(services);
    return hr;
}

static HRESULT admin_DeleteProfile(struct profile_admin *admin, LPTSTR name, ULONG flags)
{
    struct named named;
    HRESULT hr;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = named_init(admin, name, flags, true, &named);
    if (SUCCEEDED(hr))
        hr = tell_services(admin, &named);
    if (SUCCEEDED(hr))
        hr = profile_delete(named.store, &named.profile->key, &named.error);
    return finish(admin, &named, hr);
}

static HRESULT admin_CopyProfile(struct profile_admin *admin, LPTSTR old_name, LPTSTR password,
                                 LPTSTR new_name, ULONG_PTR ui_param, ULONG flags)
{
    struct named named;
    char *copy = NULL;
    MAPIUID key;
    HRESULT hr;

    (void)password;
    (void)ui_param;
    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DIALOG))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!new_name)
        return MAPI_E_INVALID_PARAMETER;
    hr = named_init(admin, old_name, flags, true, &named);
    if (SUCCEEDED(hr))
        hr = text_from_argument(NULL, new_name, flags, &copy);
    if (SUCCEEDED(hr))
        hr = profile_copy(named.store, &named.profile->key, copy, &named.error, &key);
    mapi_free(copy);
    return finish(admin, &named, hr);
}

static HRESULT admin_RenameProfile(struct profile_admin *admin, LPTSTR old_name, LPTSTR password,
                                   LPTSTR new_name, ULONG_PTR ui_param, ULONG flags)
{
    struct named named;
    char *renamed = NULL;
    HRESULT hr;

    (void)password;
    (void)ui_param;
    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DIALOG))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!new_name)
        return MAPI_E_INVALID_PARAMETER;
    hr = named_init(admin, old_name, flags, true, &named);
    if (SUCCEEDED(hr))
        hr = text_from_argument(NULL, new_name, flags, &renamed);
    if (SUCCEEDED(hr))
        hr = profile_rename(named.store, &named.profile->key, renamed, &named.error);
    mapi_free(renamed);
    return finish(admin, &named, hr);
}

static HRESULT admin_SetDefaultProfile(struct profile_admin *admin, LPTSTR name, ULONG flags)
{
    struct named named = {0};
    HRESULT hr;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (name)
        hr = named_init(admin, name, flags, true, &named);
    else
        hr = profiles_store(admin->subsystem->profiles, &named.error, &named.store);
    if (SUCCEEDED(hr)) /* NULL: no profile is the default (PRF-021) */
        hr = profile_set_default(named.store, named.profile ? &named.profile->key : NULL,
                                 &named.error);
    return finish(admin, &named, hr);
}

static HRESULT admin_AdminServices(struct profile_admin *admin, LPTSTR name, LPTSTR password,
                                   ULONG_PTR ui_param, ULONG flags, LPSERVICEADMIN *ret_admin)
{
    struct named named;
    HRESULT hr;

    (void)password;
    (void)ui_param;
    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DIALOG))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_admin)
        return MAPI_E_INVALID_PARAMETER;
    *ret_admin = NULL;
    hr = named_init(admin, name, flags, true, &named);
    if (hr == MAPI_E_NOT_FOUND) /* PRF-029 */
        named.error.hr = hr = MAPI_E_LOGON_FAILED;
    if (SUCCEEDED(hr))
        hr = service_admin_create(admin->subsystem->profiles, &admin->object, &named.profile->key,
                                  ret_admin);
    return finish(admin, &named, hr);
}

static HRESULT admin_ChangeProfilePassword(struct profile_admin *admin, LPTSTR name,
                                           LPTSTR old_password, LPTSTR new_password, ULONG flags)
{
    (void)admin;
    (void)name;
    (void)old_password;
    (void)new_password;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    return S_OK; /* by its documentation it does nothing (PRF-023) */
}

/* @thunks IProfAdmin profile_admin admin */
#include "session/profile_admin_thunks.inc"

static const struct mapi_face admin_faces[] = {
    MAPI_FACE(struct profile_admin, IID_IProfAdmin, IProfAdmin_iface),
};

static void admin_destroy(struct mapi_object *object)
{
    struct profile_admin *admin = container_of(object, struct profile_admin, object);

    subsystem_unref(admin->subsystem);
    mapi_object_clear(object);
    free(admin);
}

static const struct mapi_class admin_class = {
    .name = "profile_admin",
    .destroy = admin_destroy,
    .faces = admin_faces,
    .face_count = sizeof(admin_faces) / sizeof(admin_faces[0]),
};

MAPI_API HRESULT STDAPICALLTYPE MAPIAdminProfiles(ULONG flags, LPPROFADMIN *ret_admin)
{
    struct mapi_subsystem *subsystem = subsystem_get();
    struct profile_admin *admin;

    if (!subsystem)
        return MAPI_E_NOT_INITIALIZED;
    if (flags || !ret_admin) {
        subsystem_unref(subsystem);
        return flags ? MAPI_E_UNKNOWN_FLAGS : MAPI_E_INVALID_PARAMETER;
    }
    admin = calloc(1, sizeof(*admin));
    if (!admin) {
        subsystem_unref(subsystem);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    admin->IProfAdmin_iface.lpVtbl = &admin_vtbl;
    admin->subsystem = subsystem;
    mapi_object_init(&admin->object, &admin_class, &subsystem->object);
    *ret_admin = &admin->IProfAdmin_iface;
    return S_OK;
}
