/* session/provider_admin.c - administration of the providers of a service: IProviderAdmin */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "session/section.h"
#include "session/service_admin.h"
#include "session/service_create.h"
#include "state/profiles.h"

struct provider_admin {
    IProviderAdmin IProviderAdmin_iface;
    struct mapi_object object;
    struct profiles *profiles; /* our reference */
    MAPIUID key, service;
    bool for_entry;
};

static const SizedSPropTagArray(10, provider_columns) = {
    10,
    {PR_PROVIDER_UID, PR_SERVICE_UID, PR_SERVICE_NAME_W, PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W,
     PR_PROVIDER_DLL_NAME_W, PR_RESOURCE_TYPE, PR_RESOURCE_FLAGS, PR_PROVIDER_ORDINAL,
     PR_INSTANCE_KEY}};

static HRESULT admin_GetProviderTable(struct provider_admin *admin, ULONG flags,
                                      LPMAPITABLE *ret_table)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    return section_table_open(admin->profiles, &admin->object, &admin->key,
                              PROFILE_SECTION_PROVIDER, &admin->service,
                              (const SPropTagArray *)&provider_columns, flags, ret_table);
}

/* --- Making and removing ---------------------------------------------------------------------- */

static HRESULT keep(struct provider_admin *admin, HRESULT hr, const struct error_info *error)
{
    return FAILED(hr) && error->hr == hr ? mapi_object_fail(&admin->object, error) : hr;
}

static HRESULT create_provider(struct provider_admin *admin, const struct service_place *place,
                               const char *name, const SPropValue *values, ULONG count,
                               MAPIUID *ret_uid)
{
    struct error_info error = {0};
    SPropValue *wide = mapi_alloc_array(NULL, count + 1, sizeof(*wide));
    HRESULT hr = wide ? propvals_widen(wide, values, count, wide) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = service_create_provider(place, &admin->service, name, wide, count, &error, ret_uid);
    mapi_free(wide);
    return keep(admin, hr, &error);
}

static HRESULT admin_CreateProvider(struct provider_admin *admin, LPTSTR provider, ULONG count,
                                    LPSPropValue values, ULONG_PTR ui_param, ULONG flags,
                                    MAPIUID *ret_uid)
{
    const struct service_place place = {.profiles = admin->profiles,
                                        .owner = &admin->object,
                                        .key = &admin->key,
                                        .ui_param = ui_param,
                                        .flags = flags};
    MAPIUID uid;
    char *name;
    HRESULT hr;

    if (!provider || (count && !values))
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)(MAPI_UNICODE | SERVICE_UI_ALWAYS | SERVICE_UI_ALLOWED))
        return MAPI_E_UNKNOWN_FLAGS;
    hr = text_from_argument(NULL, provider, flags, &name);
    if (FAILED(hr))
        return hr;
    hr = create_provider(admin, &place, name, values, count, &uid);
    if (SUCCEEDED(hr) && ret_uid)
        *ret_uid = uid;
    mapi_free(name);
    return hr;
}

static HRESULT admin_DeleteProvider(struct provider_admin *admin, LPMAPIUID uid)
{
    const struct profile_service service = {admin->profiles, &admin->object, &admin->key,
                                            &admin->service};
    const struct service_request request = {.context = MSG_SERVICE_PROVIDER_DELETE};
    struct error_info error = {0};
    struct profile_section section;
    struct profile_store *store;
    HRESULT hr;

    if (!uid)
        return MAPI_E_INVALID_PARAMETER;
    hr = profiles_store(admin->profiles, &error, &store);
    if (SUCCEEDED(hr))
        hr = profile_section_find(store, &admin->key, uid, &error, &section);
    if (SUCCEEDED(hr) && (section.kind != PROFILE_SECTION_PROVIDER ||
                          memcmp(&section.parent, &admin->service, sizeof(MAPIUID)) != 0))
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        hr = service_entry_tell(&service, &request, &error); /* PRF-091 */
    if (SUCCEEDED(hr))
        hr = profile_section_remove(store, &admin->key, uid, &error);
    return keep(admin, hr, &error);
}

/* --- Sections --------------------------------------------------------------------------------- */

static HRESULT admin_OpenProfileSection(struct provider_admin *admin, LPMAPIUID uid, LPCIID iid,
                                        ULONG flags, LPPROFSECT *ret_section)
{
    struct error_info error = {0};
    HRESULT hr;

    if (!ret_section || (!uid && !admin->for_entry)) /* PRF-048, PRF-049 */
        return MAPI_E_INVALID_PARAMETER;
    *ret_section = NULL;
    if (flags & ~(ULONG)(MAPI_MODIFY | MAPI_DEFERRED_ERRORS | MAPI_FORCE_ACCESS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (iid && !guid_equal(iid, &IID_IProfSect) && !guid_equal(iid, &IID_IMAPIProp))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = section_open(admin->profiles, &admin->object, &admin->key, uid ? uid : &admin->service,
                      admin->for_entry ? flags | MAPI_FORCE_ACCESS : flags, /* PRF-051 */
                      admin->for_entry ? SECTION_OF_PROVIDER : SECTION_OF_CLIENT, &error,
                      ret_section);
    return keep(admin, hr, &error);
}

/* @thunks IProviderAdmin provider_admin admin */
#include "session/provider_admin_thunks.inc"

static const struct mapi_face admin_faces[] = {
    MAPI_FACE(struct provider_admin, IID_IProviderAdmin, IProviderAdmin_iface),
};

static void admin_destroy(struct mapi_object *object)
{
    struct provider_admin *admin = container_of(object, struct provider_admin, object);

    profiles_unref(admin->profiles);
    mapi_object_clear(object);
    free(admin);
}

static const struct mapi_class admin_class = {
    .name = "provider_admin",
    .destroy = admin_destroy,
    .faces = admin_faces,
    .face_count = sizeof(admin_faces) / sizeof(admin_faces[0]),
};

HRESULT provider_admin_create(struct profiles *profiles, struct mapi_object *owner,
                              const MAPIUID *key, const MAPIUID *service, bool for_entry,
                              IProviderAdmin **ret_admin)
{
    struct provider_admin *admin = calloc(1, sizeof(*admin));

    if (!admin)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    admin->IProviderAdmin_iface.lpVtbl = &admin_vtbl;
    admin->profiles = profiles_ref(profiles);
    admin->key = *key;
    admin->service = *service;
    admin->for_entry = for_entry;
    mapi_object_init(&admin->object, &admin_class, owner);
    *ret_admin = &admin->IProviderAdmin_iface;
    return S_OK;
}
