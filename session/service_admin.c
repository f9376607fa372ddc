/* session/service_admin.c - administration of a profile's message services: IMsgServiceAdmin
 *
 * A service is a section with one section more for each of its providers; what ConfigureMsgService
 * is given lies in the service's section, where both providers find it. Behaviour: PRF. */
#include "session/service_admin.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/section.h"
#include "session/service.h"
#include "session/service_copy.h"
#include "session/service_create.h"
#include "session/service_identity.h"
#include "session/service_order.h"
#include "state/profiles.h"

struct service_admin {
    IMsgServiceAdmin2 IMsgServiceAdmin2_iface; /* begins with IMsgServiceAdmin's slots */
    struct mapi_object object;
    struct profiles *profiles; /* our reference */
    MAPIUID key;
};

static HRESULT keep(struct service_admin *admin, HRESULT hr, const struct error_info *error)
{
    return FAILED(hr) && error->hr == hr ? mapi_object_fail(&admin->object, error) : hr;
}

static struct service_place place_of(struct service_admin *admin, ULONG_PTR ui_param, ULONG flags)
{
    return (struct service_place){.profiles = admin->profiles,
                                  .owner = &admin->object,
                                  .key = &admin->key,
                                  .ui_param = ui_param,
                                  .flags = flags};
}

/* --- Tables ----------------------------------------------------------------------------------- */

static const SizedSPropTagArray(9, service_columns) = {
    9,
    {PR_SERVICE_UID, PR_SERVICE_NAME_W, PR_DISPLAY_NAME_W, PR_RESOURCE_FLAGS, PR_SERVICE_DLL_NAME_W,
     PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_SERVICE_ENTRY_NAME, PR_SERVICE_SUPPORT_FILES}};
static const SizedSPropTagArray(10, provider_columns) = {
    10,
    {PR_PROVIDER_UID, PR_SERVICE_UID, PR_SERVICE_NAME_W, PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W,
     PR_PROVIDER_DLL_NAME_W, PR_RESOURCE_TYPE, PR_RESOURCE_FLAGS, PR_PROVIDER_ORDINAL,
     PR_INSTANCE_KEY}};

static HRESULT admin_GetMsgServiceTable(struct service_admin *admin, ULONG flags,
                                        LPMAPITABLE *ret_table)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    return section_table_open(admin->profiles, &admin->object, &admin->key, PROFILE_SECTION_SERVICE,
                              NULL, (const SPropTagArray *)&service_columns, flags, ret_table);
}

static HRESULT admin_GetProviderTable(struct service_admin *admin, ULONG flags,
                                      LPMAPITABLE *ret_table)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    return section_table_open(admin->profiles, &admin->object, &admin->key,
                              PROFILE_SECTION_PROVIDER, NULL,
                              (const SPropTagArray *)&provider_columns, flags, ret_table);
}

/* --- Making and copying ----------------------------------------------------------------------- */

static HRESULT create_service(struct service_admin *admin, const struct service_place *place,
                              const char *name, const char *display, MAPIUID *ret_uid)
{
    struct error_info error = {0};
    const struct service_description *service;
    struct services *services;
    HRESULT hr = services_read(&services);

    if (FAILED(hr))
        return hr;
    hr = services_find(services, name, &error, &service);
    if (SUCCEEDED(hr))
        hr = service_create(place, service, display, &error, ret_uid);
    services_free(services);
    return keep(admin, hr, &error);
}

static HRESULT admin_CreateMsgServiceEx(struct service_admin *admin, LPTSTR service,
                                        LPTSTR display_name, ULONG_PTR ui_param, ULONG flags,
                                        LPMAPIUID ret_uid)
{
    const struct service_place place = place_of(admin, ui_param, flags);
    char *name = NULL, *display = NULL;
    MAPIUID uid;
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_UNICODE | SERVICE_UI_ALLOWED))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!service)
        return MAPI_E_INVALID_PARAMETER;
    hr = text_from_argument(NULL, service, flags, &name);
    if (SUCCEEDED(hr) && display_name)
        hr = text_from_argument(NULL, display_name, flags, &display);
    if (SUCCEEDED(hr))
        hr = create_service(admin, &place, name, display, &uid);
    if (SUCCEEDED(hr) && ret_uid)
        *ret_uid = uid;
    mapi_free(name);
    mapi_free(display);
    return hr;
}

static HRESULT admin_CreateMsgService(struct service_admin *admin, LPTSTR service,
                                      LPTSTR display_name, ULONG_PTR ui_param, ULONG flags)
{
    return admin_CreateMsgServiceEx(admin, service, display_name, ui_param, flags, NULL);
}

/* --- One service ------------------------------------------------------------------------------ */

/* The service's section, checked to be one. */
static HRESULT find_service(struct service_admin *admin, const MAPIUID *uid,
                            struct profile_store **ret_store, struct error_info *error)
{
    struct profile_section section;
    HRESULT hr = profiles_store(admin->profiles, error, ret_store);

    if (SUCCEEDED(hr))
        hr = profile_section_find(*ret_store, &admin->key, uid, error, &section);
    if (SUCCEEDED(hr) && section.kind != PROFILE_SECTION_SERVICE)
        hr = error_set(error, MAPI_E_NOT_FOUND, "profile", "no message service has that uid");
    return hr;
}

static HRESULT admin_DeleteMsgService(struct service_admin *admin, LPMAPIUID uid)
{
    const struct service_place place = place_of(admin, 0, 0);
    struct error_info error = {0};
    struct profile_store *store;
    HRESULT hr;

    if (!uid)
        return MAPI_E_INVALID_PARAMETER;
    hr = find_service(admin, uid, &store, &error);
    if (SUCCEEDED(hr))
        hr = service_delete(&place, uid, &error);
    return keep(admin, hr, &error);
}

static HRESULT admin_ConfigureMsgService(struct service_admin *admin, LPMAPIUID uid,
                                         ULONG_PTR ui_param, ULONG flags, ULONG count,
                                         LPSPropValue values)
{
    const struct profile_service service = {admin->profiles, &admin->object, &admin->key, uid};
    const struct service_request request = {.context = MSG_SERVICE_CONFIGURE,
                                            .ui_param = ui_param,
                                            .flags = flags,
                                            .values = values,
                                            .value_count = count};
    struct error_info error = {0};
    struct profile_store *store;
    HRESULT hr;

    if (!uid || (count && !values))
        return MAPI_E_INVALID_PARAMETER;
    if (flags &
        ~(ULONG)(MAPI_UNICODE | MSG_SERVICE_UI_READ_ONLY | SERVICE_UI_ALLOWED | SERVICE_UI_ALWAYS))
        return MAPI_E_UNKNOWN_FLAGS;
    hr = find_service(admin, uid, &store, &error);
    if (SUCCEEDED(hr))
        hr = service_entry_call(&service, &request, &error);
    return keep(admin, hr, &error);
}

/* The administration that a copy goes to: the object itself, or a session's, which is what NULL
 * says (PRF-068). The object is asked what it is all the same. The caller's. */
static HRESULT find_target(LPCIID iid, void *object, IMsgServiceAdmin **ret_target)
{
    IMAPISession *session;
    HRESULT hr;

    if (iid && !guid_equal(iid, &IID_IMAPISession))
        return guid_equal(iid, &IID_IMsgServiceAdmin) || guid_equal(iid, &IID_IMsgServiceAdmin2)
                   ? IUnknown_QueryInterface((IUnknown *)object, &IID_IMsgServiceAdmin,
                                             (void **)ret_target)
                   : MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = IUnknown_QueryInterface((IUnknown *)object, &IID_IMAPISession, (void **)&session);
    if (FAILED(hr))
        return hr;
    hr = IMAPISession_AdminServices(session, 0, ret_target);
    IMAPISession_Release(session);
    return hr;
}

static struct service_admin *admin_of(IMsgServiceAdmin *iface);

static HRESULT copy_service(struct service_admin *admin, const MAPIUID *uid, WCHAR *display,
                            struct service_admin *target)
{
    struct error_info error = {0};
    struct profile_store *store;
    HRESULT hr = find_service(admin, uid, &store, &error);

    if (SUCCEEDED(hr))
        hr = service_copy(store, &admin->key, uid, &target->key, display, &error);
    return keep(admin, hr, &error);
}

static HRESULT admin_CopyMsgService(struct service_admin *admin, LPMAPIUID uid, LPTSTR display_name,
                                    LPCIID iid, LPCIID target_iid, LPVOID target_object,
                                    ULONG_PTR ui_param, ULONG flags)
{
    IMsgServiceAdmin *iface;
    struct service_admin *target;
    char *display = NULL;
    WCHAR *wide = NULL;
    HRESULT hr;

    (void)ui_param; /* nobody is asked: no entry point is called (PRF-065) */
    if (!uid || !target_object)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)(MAPI_UNICODE | SERVICE_UI_ALWAYS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (iid && !guid_equal(iid, &IID_IMsgServiceAdmin))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = find_target(target_iid, target_object, &iface);
    if (FAILED(hr))
        return hr;
    target = admin_of(iface);
    if (!target || target->profiles != admin->profiles)
        hr = MAPI_E_NO_SUPPORT; /* somebody else's profiles */
    if (SUCCEEDED(hr) && display_name)
        hr = text_from_argument(NULL, display_name, flags, &display);
    if (SUCCEEDED(hr) && display)
        hr = text_utf8_to_utf16(NULL, display, &wide);
    if (SUCCEEDED(hr))
        hr = copy_service(admin, uid, wide, target);
    mapi_free(display);
    mapi_free(wide);
    IMsgServiceAdmin_Release(iface);
    return hr;
}

static HRESULT admin_OpenProfileSection(struct service_admin *admin, LPMAPIUID uid, LPCIID iid,
                                        ULONG flags, LPPROFSECT *ret_section)
{
    struct error_info error = {0};
    HRESULT hr;

    if (!uid || !ret_section)
        return MAPI_E_INVALID_PARAMETER;
    *ret_section = NULL;
    if (flags & ~(ULONG)(MAPI_MODIFY | MAPI_DEFERRED_ERRORS | MAPI_FORCE_ACCESS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (iid && !guid_equal(iid, &IID_IProfSect) && !guid_equal(iid, &IID_IMAPIProp))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = section_open(admin->profiles, &admin->object, &admin->key, uid, flags, SECTION_OF_CLIENT,
                      &error, ret_section); /* PRF-047 */
    return keep(admin, hr, &error);
}

static HRESULT admin_AdminProviders(struct service_admin *admin, LPMAPIUID uid, ULONG flags,
                                    LPPROVIDERADMIN *ret_admin)
{
    struct error_info error = {0};
    struct profile_store *store;
    HRESULT hr;

    if (!uid || !ret_admin)
        return MAPI_E_INVALID_PARAMETER;
    *ret_admin = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = find_service(admin, uid, &store, &error);
    if (SUCCEEDED(hr))
        hr = provider_admin_create(admin->profiles, &admin->object, &admin->key, uid, false,
                                   ret_admin);
    return keep(admin, hr, &error);
}

/* --- Order and identity ----------------------------------------------------------------------- */

static HRESULT admin_SetPrimaryIdentity(struct service_admin *admin, LPMAPIUID uid, ULONG flags)
{
    struct error_info error = {0};
    struct profile_store *store;
    HRESULT hr;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS; /* STA-161 */
    hr = uid ? find_service(admin, uid, &store, &error)
             : profiles_store(admin->profiles, &error, &store);
    if (SUCCEEDED(hr))
        hr = service_identity_set(store, &admin->key, uid, &error);
    return keep(admin, hr, &error);
}

static HRESULT admin_MsgServiceTransportOrder(struct service_admin *admin, ULONG count,
                                              LPMAPIUID uids, ULONG flags)
{
    struct error_info error = {0};
    struct profile_store *store;
    HRESULT hr;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (count && !uids)
        return MAPI_E_INVALID_PARAMETER;
    hr = profiles_store(admin->profiles, &error, &store);
    if (SUCCEEDED(hr))
        hr = service_order_transports(store, &admin->key, uids, count, &error);
    return keep(admin, hr, &error);
}

/* RenameMsgService never is (PRF-071). */
/* @thunks IMsgServiceAdmin2 service_admin admin none=RenameMsgService */
#include "session/service_admin_thunks.inc"

static struct service_admin *admin_of(IMsgServiceAdmin *iface)
{
    return iface->lpVtbl == (const IMsgServiceAdminVtbl *)&admin_vtbl
               ? admin_from_IMsgServiceAdmin2((IMsgServiceAdmin2 *)iface)
               : NULL;
}

static const struct mapi_face admin_faces[] = {
    MAPI_FACE(struct service_admin, IID_IMsgServiceAdmin, IMsgServiceAdmin2_iface),
    MAPI_FACE(struct service_admin, IID_IMsgServiceAdmin2, IMsgServiceAdmin2_iface),
};

static void admin_destroy(struct mapi_object *object)
{
    struct service_admin *admin = container_of(object, struct service_admin, object);

    profiles_unref(admin->profiles);
    mapi_object_clear(object);
    free(admin);
}

static const struct mapi_class admin_class = {
    .name = "service_admin",
    .destroy = admin_destroy,
    .faces = admin_faces,
    .face_count = sizeof(admin_faces) / sizeof(admin_faces[0]),
};

HRESULT service_admin_create(struct profiles *profiles, struct mapi_object *owner,
                             const MAPIUID *key, IMsgServiceAdmin **ret_admin)
{
    struct service_admin *admin = calloc(1, sizeof(*admin));

    if (!admin)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    admin->IMsgServiceAdmin2_iface.lpVtbl = &admin_vtbl;
    admin->profiles = profiles_ref(profiles);
    admin->key = *key;
    mapi_object_init(&admin->object, &admin_class, owner);
    *ret_admin = (IMsgServiceAdmin *)&admin->IMsgServiceAdmin2_iface;
    return S_OK;
}
