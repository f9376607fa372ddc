/* session/service_admin.c - administration of a profile's message services: IMsgServiceAdmin
 *
 * A service is a section with one section more for each of its providers; what ConfigureMsgService
 * is given lies in the service's section, where both providers find it. Behaviour: PRF. */
#include "session/service_admin.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/section.h"
#include "session/service.h"
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

static HRESULT make_uid(MAPIUID *uid)
{
    return RAND_bytes(uid->ab, sizeof(uid->ab)) == 1 ? S_OK : MAPI_E_NOT_ENOUGH_RESOURCES;
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

/* --- Making a service ------------------------------------------------------------------------- */

struct creation {
    struct profile_store *store;
    const MAPIUID *key;
    const struct service_description *service;
    WCHAR *display;
    MAPIUID uid;
    bool first; /* of the profile: default store, primary identity */
    struct error_info *error;
};

static HRESULT set_props(struct creation *creation, const MAPIUID *uid, SPropValue *values,
                         size_t count)
{
    return profile_props_set(creation->store, creation->key, uid, values, count, creation->error);
}

static HRESULT add_service_section(struct creation *creation)
{
    const struct profile_section section = {.uid = creation->uid, .kind = PROFILE_SECTION_SERVICE};
    SPropValue values[4] = {{.ulPropTag = PR_SERVICE_NAME_W},
                            {.ulPropTag = PR_DISPLAY_NAME_W},
                            {.ulPropTag = PR_RESOURCE_FLAGS},
                            {.ulPropTag = PR_SERVICE_DLL_NAME_W}};
    HRESULT hr = text_utf8_to_utf16(NULL, creation->service->name, &values[0].Value.lpszW);

    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(NULL, creation->service->providers[0].dll_name,
                                &values[3].Value.lpszW);
    values[1].Value.lpszW = creation->display;
    values[2].Value.l = creation->first ? SERVICE_DEFAULT_STORE | SERVICE_PRIMARY_IDENTITY
                                        : SERVICE_NO_PRIMARY_IDENTITY; /* STA-074 */
    if (SUCCEEDED(hr))
        hr = profile_section_add(creation->store, creation->key, &section, creation->error);
    if (SUCCEEDED(hr))
        hr = set_props(creation, &creation->uid, values, 4);
    mapi_free(values[0].Value.lpszW);
    mapi_free(values[3].Value.lpszW);
    return hr;
}

static ULONG provider_flags(const struct creation *creation,
                            const struct service_provider *provider)
{
    ULONG flags = provider->resource_flags;

    flags |= creation->first ? STATUS_PRIMARY_IDENTITY : STATUS_NO_PRIMARY_IDENTITY; /* STA-066 */
    if (creation->first && provider->resource_type == MAPI_STORE_PROVIDER)
        flags |= STATUS_DEFAULT_STORE;
    return flags;
}

static HRESULT add_provider_section(struct creation *creation,
                                    const struct service_provider *provider)
{
    struct profile_section section = {.parent = creation->uid, .kind = PROFILE_SECTION_PROVIDER};
    SPropValue values[6] = {
        {.ulPropTag = PR_PROVIDER_DLL_NAME_W}, {.ulPropTag = PR_PROVIDER_DISPLAY_W},
        {.ulPropTag = PR_RESOURCE_TYPE},       {.ulPropTag = PR_RESOURCE_FLAGS},
        {.ulPropTag = PR_DISPLAY_NAME_W},      {.ulPropTag = PR_SERVICE_NAME_W}};
    HRESULT hr = make_uid(&section.uid);

    values[2].Value.l = (LONG)provider->resource_type;
    values[3].Value.l = (LONG)provider_flags(creation, provider);
    values[4].Value.lpszW = creation->display;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(NULL, provider->dll_name, &values[0].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(NULL, provider->display, &values[1].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(NULL, creation->service->name, &values[5].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = profile_section_add(creation->store, creation->key, &section, creation->error);
    if (SUCCEEDED(hr))
        hr = set_props(creation, &section.uid, values, 6);
    mapi_free(values[0].Value.lpszW);
    mapi_free(values[1].Value.lpszW);
    mapi_free(values[5].Value.lpszW);
    return hr;
}

/* All or nothing, on the database's own thread. */
static HRESULT create_in_transaction(void *arg)
{
    struct creation *creation = arg;
    struct profile_section *sections;
    size_t count;
    HRESULT hr = profile_sections_list(creation->store, creation->key, PROFILE_SECTION_SERVICE,
                                       NULL, creation->error, &sections, &count);

    if (FAILED(hr))
        return hr;
    creation->first = count == 0;
    free(sections);
    hr = add_service_section(creation);
    for (size_t i = 0; i < creation->service->provider_count && SUCCEEDED(hr); i++)
        hr = add_provider_section(creation, &creation->service->providers[i]);
    return hr;
}

static HRESULT create_service(struct service_admin *admin, const char *name, WCHAR *display,
                              MAPIUID *ret_uid)
{
    struct error_info error = {0};
    struct creation creation = {.key = &admin->key, .display = display, .error = &error};
    HRESULT hr = profiles_store(admin->profiles, &error, &creation.store);

    if (SUCCEEDED(hr))
        creation.service = service_find(name);
    if (SUCCEEDED(hr) && !creation.service)
        hr = error_set(&error, MAPI_E_NOT_FOUND, "profile", "there is no message service \"%s\"",
                       name);
    if (SUCCEEDED(hr))
        hr = make_uid(&creation.uid);
    if (SUCCEEDED(hr))
        hr = profile_transaction(creation.store, create_in_transaction, &creation, &error);
    if (SUCCEEDED(hr) && ret_uid)
        *ret_uid = creation.uid;
    return keep(admin, hr, &error);
}

static HRESULT admin_CreateMsgServiceEx(struct service_admin *admin, LPTSTR service,
                                        LPTSTR display_name, ULONG_PTR ui_param, ULONG flags,
                                        LPMAPIUID ret_uid)
{
    char *name = NULL, *display = NULL;
    WCHAR *wide = NULL;
    HRESULT hr;

    (void)ui_param;
    if (flags & ~(ULONG)(MAPI_UNICODE | SERVICE_UI_ALLOWED))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!service)
        return MAPI_E_INVALID_PARAMETER;
    hr = text_from_argument(NULL, service, flags, &name);
    if (SUCCEEDED(hr))
        hr = text_from_argument(NULL, display_name ? display_name : service, flags, &display);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(NULL, display, &wide);
    if (SUCCEEDED(hr))
        hr = create_service(admin, name, wide, ret_uid);
    mapi_free(name);
    mapi_free(display);
    mapi_free(wide);
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
    struct error_info error = {0};
    struct profile_store *store;
    HRESULT hr;

    if (!uid)
        return MAPI_E_INVALID_PARAMETER;
    hr = find_service(admin, uid, &store, &error);
    if (SUCCEEDED(hr))
        hr = profile_section_remove(store, &admin->key, uid, &error);
    return keep(admin, hr, &error);
}

/* The description of an existing service, by its PR_SERVICE_NAME; NULL: none is known. */
static HRESULT describe(struct service_admin *admin, struct profile_store *store,
                        const MAPIUID *uid, const struct service_description **ret_service,
                        struct error_info *error)
{
    const ULONG tag = PR_SERVICE_NAME_W;
    SPropValue *values;
    size_t count;
    char *name = NULL;
    HRESULT hr = profile_props_get(store, &admin->key, uid, &tag, 1, error, &values, &count);

    if (FAILED(hr))
        return hr;
    if (count)
        hr = text_utf16_to_utf8(NULL, values[0].Value.lpszW, &name);
    *ret_service = name ? service_find(name) : NULL;
    mapi_free(name);
    free(values);
    return hr;
}

/* Strings are kept in UTF-16, whatever width they came in; the copies hang off `root`. */
static HRESULT widen(void *root, const SPropValue *values, ULONG count, SPropValue *wide)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        wide[i] = values[i];
        if (PROP_TYPE(values[i].ulPropTag) == PT_STRING8) {
            wide[i].ulPropTag = CHANGE_PROP_TYPE(values[i].ulPropTag, PT_UNICODE);
            hr = text_8bit_to_utf16(root, values[i].Value.lpszA, &wide[i].Value.lpszW);
        }
    }
    return hr;
}

static HRESULT admin_ConfigureMsgService(struct service_admin *admin, LPMAPIUID uid,
                                         ULONG_PTR ui_param, ULONG flags, ULONG count,
                                         LPSPropValue values)
{
    const struct service_description *service = NULL;
    struct error_info error = {0};
    struct profile_store *store;
    SPropValue *wide;
    HRESULT hr;

    (void)ui_param;
    if (!uid || (count && !values))
        return MAPI_E_INVALID_PARAMETER;
    if (flags &
        ~(ULONG)(MAPI_UNICODE | MSG_SERVICE_UI_READ_ONLY | SERVICE_UI_ALLOWED | SERVICE_UI_ALWAYS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!count) /* only a dialog could ask for the rest (FRM) */
        return MAPI_E_UNCONFIGURED;
    wide = mapi_alloc_array(NULL, count, sizeof(*wide));
    if (!wide)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = widen(wide, values, count, wide);
    if (SUCCEEDED(hr))
        hr = find_service(admin, uid, &store, &error);
    if (SUCCEEDED(hr))
        hr = describe(admin, store, uid, &service, &error);
    if (SUCCEEDED(hr) && service && service->check)
        hr = service->check(wide, count, &error);
    if (SUCCEEDED(hr))
        hr = profile_props_set(store, &admin->key, uid, wide, count, &error);
    mapi_free(wide);
    return keep(admin, hr, &error);
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

/* The primary identity belongs to one service, or with `primary` NULL to none: its flag and its
 * providers' are set, others' cleared (STA-156, STA-159). */
static HRESULT set_identity_flags(struct profile_store *store, const MAPIUID *key,
                                  const struct profile_section *section, const MAPIUID *primary,
                                  struct error_info *error)
{
    const ULONG tag = PR_RESOURCE_FLAGS;
    bool service = section->kind == PROFILE_SECTION_SERVICE;
    const MAPIUID *belongs = service ? &section->uid : &section->parent;
    bool chosen = primary && memcmp(belongs, primary, sizeof(*primary)) == 0;
    ULONG yes = service ? SERVICE_PRIMARY_IDENTITY : STATUS_PRIMARY_IDENTITY;
    ULONG no = service ? SERVICE_NO_PRIMARY_IDENTITY : STATUS_NO_PRIMARY_IDENTITY;
    SPropValue value = {.ulPropTag = tag}, *values;
    size_t count;
    HRESULT hr = profile_props_get(store, key, &section->uid, &tag, 1, error, &values, &count);

    if (FAILED(hr))
        return hr;
    value.Value.l = count ? values[0].Value.l : 0;
    free(values);
    value.Value.l = (LONG)(((ULONG)value.Value.l & ~(yes | no)) | (chosen ? yes : no));
    return profile_props_set(store, key, &section->uid, &value, 1, error);
}

static HRESULT admin_SetPrimaryIdentity(struct service_admin *admin, LPMAPIUID uid, ULONG flags)
{
    struct error_info error = {0};
    struct profile_section *sections;
    struct profile_store *store;
    size_t count;
    HRESULT hr;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS; /* STA-161 */
    hr = uid ? find_service(admin, uid, &store, &error)
             : profiles_store(admin->profiles, &error, &store);
    if (SUCCEEDED(hr))
        hr = profile_sections_list(store, &admin->key, 0, NULL, &error, &sections, &count);
    if (FAILED(hr))
        return keep(admin, hr, &error);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (sections[i].kind != PROFILE_SECTION_OTHER)
            hr = set_identity_flags(store, &admin->key, &sections[i], uid, &error);
    free(sections);
    return keep(admin, hr, &error);
}

static WAITS HRESULT is_transport(struct profile_store *store, const MAPIUID *key,
                                  const MAPIUID *uid, struct error_info *error, bool *ret_is)
{
    const ULONG tag = PR_RESOURCE_TYPE;
    SPropValue *values;
    size_t count;
    HRESULT hr = profile_props_get(store, key, uid, &tag, 1, error, &values, &count);

    if (FAILED(hr))
        return hr;
    *ret_is = count && values[0].Value.l == MAPI_TRANSPORT_PROVIDER;
    free(values);
    return S_OK;
}

/* Takes the uid out of the list, zeroing it there: named twice, the second is not found. */
static bool take_uid(MAPIUID *uids, size_t count, const MAPIUID *uid)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(&uids[i], uid, sizeof(*uid)) == 0) {
            memset(&uids[i], 0, sizeof(*uids));
            return true;
        }
    return false;
}

/* Puts `wanted` where the transports stand among all providers, which keep their places. */
static WAITS HRESULT order_transports(struct service_admin *admin, struct profile_store *store,
                                      const struct profile_section *sections, size_t count,
                                      const MAPIUID *wanted, ULONG wanted_count,
                                      struct error_info *error)
{
    MAPIUID *order = calloc(count + 1, sizeof(*order)), *left = calloc(count + 1, sizeof(*left));
    size_t transports = 0;
    bool is = false;
    HRESULT hr = order && left ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        hr = is_transport(store, &admin->key, &sections[i].uid, error, &is);
        order[i] = sections[i].uid;
        if (!is)
            continue;
        left[transports] = sections[i].uid;
        if (transports < wanted_count)
            order[i] = wanted[transports];
        transports++;
    }
    if (SUCCEEDED(hr) && transports != wanted_count) /* PRF-107 */
        hr = error_set(error, MAPI_E_BUSY, "profile", "the order must name each transport once");
    for (size_t i = 0; i < wanted_count && SUCCEEDED(hr); i++)
        if (!take_uid(left, transports, &wanted[i])) /* PRF-108 */
            hr = error_set(error, MAPI_E_NOT_FOUND, "profile", "no transport has that uid");
    if (SUCCEEDED(hr))
        hr = profile_sections_order(store, &admin->key, PROFILE_SECTION_PROVIDER, order, count,
                                    error);
    free(order);
    free(left);
    return hr;
}

static HRESULT admin_MsgServiceTransportOrder(struct service_admin *admin, ULONG count,
                                              LPMAPIUID uids, ULONG flags)
{
    struct error_info error = {0};
    struct profile_section *sections;
    struct profile_store *store;
    size_t section_count;
    HRESULT hr;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (count && !uids)
        return MAPI_E_INVALID_PARAMETER;
    hr = profiles_store(admin->profiles, &error, &store);
    if (SUCCEEDED(hr))
        hr = profile_sections_list(store, &admin->key, PROFILE_SECTION_PROVIDER, NULL, &error,
                                   &sections, &section_count);
    if (FAILED(hr))
        return keep(admin, hr, &error);
    hr = order_transports(admin, store, sections, section_count, uids, count, &error);
    free(sections);
    return keep(admin, hr, &error);
}

/* RenameMsgService never is (PRF-071). */
/* @thunks IMsgServiceAdmin2 service_admin admin none=CopyMsgService,RenameMsgService */
#include "session/service_admin_thunks.inc"

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
