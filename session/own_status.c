/* session/own_status.c - the status objects of the library's own three rows
 *
 * Subsystem and address book validate; the spooler also flushes. Their properties are the columns
 * of their rows. */
#include "session/own_status.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/text.h"
#include "session/address_book.h"
#include "session/spooler.h"

enum own_kind {
    OWN_SUBSYSTEM,
    OWN_SPOOLER,
    OWN_ADDRESS_BOOK,
};

struct own_status {
    IMAPIStatus IMAPIStatus_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct session *session; /* our reference */
    enum own_kind kind;
};

#define VALIDATE_FLAGS (SUPPRESS_UI | CONFIG_CHANGED)
#define FLUSH_FLAGS    (FLUSH_UPLOAD | FLUSH_DOWNLOAD | FLUSH_FORCE | FLUSH_NO_UI | FLUSH_ASYNC_OK)

static const struct own_resource {
    const MAPIUID *uid;
    ULONG type, methods;
    const char *display; /* NULL: the profile's name (STA-017) */
} own_resources[] = {
    [OWN_SUBSYSTEM] = {&status_uid_subsystem, MAPI_SUBSYSTEM, STATUS_VALIDATE_STATE, NULL},
    [OWN_SPOOLER] = {&status_uid_spooler, MAPI_SPOOLER, STATUS_VALIDATE_STATE | STATUS_FLUSH_QUEUES,
                     "Spooler"},
    [OWN_ADDRESS_BOOK] = {&status_uid_address_book, MAPI_AB, STATUS_VALIDATE_STATE, "Address book"},
};
#define OWN_COUNT (sizeof(own_resources) / sizeof(own_resources[0]))

/* --- Rows ------------------------------------------------------------------------------------- */

static HRESULT add_row(struct session *session, enum own_kind kind)
{
    const struct own_resource *own = &own_resources[kind];
    const struct status_resource resource = {
        .uid = *own->uid, .type = own->type, .dll_name = "mapigate"};
    bool failed = kind == OWN_SPOOLER && session->no_mail; /* SES-071 */
    SPropValue values[5];
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = root ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    values[0].ulPropTag = PR_DISPLAY_NAME_W;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(
            root, own->display ? own->display : session_profile_name(session->profile),
            &values[0].Value.lpszW);
    values[1].ulPropTag = PR_PROVIDER_DISPLAY_W;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, "Mapigate", &values[1].Value.lpszW);
    values[2].ulPropTag = PR_STATUS_CODE;
    values[2].Value.l = failed ? STATUS_FAILURE : STATUS_AVAILABLE;
    values[3].ulPropTag = PR_RESOURCE_METHODS;
    values[3].Value.l = (LONG)own->methods;
    values[4].ulPropTag = PR_STATUS_STRING_W;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, failed ? "no mail in this session" : "ready",
                                &values[4].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = status_table_add(session->status, &resource, values, 5, &session->own_rows[kind]);
    mapi_free(root);
    return hr;
}

HRESULT own_status_rows_add(struct session *session)
{
    HRESULT hr = S_OK;

    for (size_t kind = 0; kind < OWN_COUNT && SUCCEEDED(hr); kind++)
        hr = add_row(session, (enum own_kind)kind);
    return hr;
}

/* --- Methods ---------------------------------------------------------------------------------- */

/* Validates what the active stores have (STA-097); the first failure is the answer, after all have
 * been asked. */
static WAITS HRESULT validate_stores(struct session *session, ULONG_PTR ui_param, ULONG flags)
{
    HRESULT result = S_OK;

    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *provider = &session->providers[i];
        IMAPIStatus *status;
        HRESULT hr;

        if (provider->profile->resource_type != MAPI_STORE_PROVIDER ||
            FAILED(provider_open_status(provider, NULL, 0, &status)))
            continue; /* not active */
        hr = IMAPIStatus_ValidateState(status, ui_param, flags);
        IMAPIStatus_Release(status);
        if (FAILED(hr) && SUCCEEDED(result))
            result = hr;
    }
    return result;
}

static WAITS HRESULT validate_spooler(struct session *session, ULONG flags)
{
    struct spooler *spooler = session_spooler(session);
    HRESULT hr = spooler_validate(spooler, flags);

    spooler_unref(spooler);
    return hr;
}

static HRESULT status_ValidateState(struct own_status *status, ULONG_PTR ui_param, ULONG flags)
{
    struct error_info error = {0};
    HRESULT hr, stores;

    if (flags & ~(ULONG)VALIDATE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS; /* STA-096 */
    switch (status->kind) {
    case OWN_SUBSYSTEM: /* what is active: a session without spooler has no transports */
        stores = validate_stores(status->session, ui_param, flags);
        hr = status->session->no_mail ? S_OK : validate_spooler(status->session, flags);
        return FAILED(stores) ? stores : hr;
    case OWN_SPOOLER:
        return validate_spooler(status->session, flags); /* STA-098, STA-117 */
    case OWN_ADDRESS_BOOK:
        hr = address_settings_check(status->session, &error); /* STA-099 */
        return FAILED(hr) && error.hr == hr ? mapi_object_fail(&status->object, &error) : hr;
    }
    return MAPI_E_CALL_FAILED;
}

static HRESULT status_FlushQueues(struct own_status *status, ULONG_PTR ui_param, ULONG target_size,
                                  LPENTRYID target, ULONG flags)
{
    struct spooler *spooler;
    MAPIUID uid;
    HRESULT hr;

    (void)ui_param;
    if (status->kind != OWN_SPOOLER)
        return MAPI_E_NO_SUPPORT; /* STA-119 */
    if (flags & ~(ULONG)FLUSH_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!(flags & (FLUSH_UPLOAD | FLUSH_DOWNLOAD)))
        return MAPI_E_INVALID_PARAMETER;
    if (target_size && !status_entryid_parse(target_size, target, &uid))
        return MAPI_E_INVALID_ENTRYID;
    spooler = session_spooler(status->session);
    hr = spooler_flush(spooler, target_size ? &uid : NULL, flags);
    spooler_unref(spooler);
    return hr;
}

/* @thunks IMAPIStatus own_status status props=props none=SettingsDialog,ChangePassword */
#include "session/own_status_thunks.inc"

/* --- The object ------------------------------------------------------------------------------- */

static HRESULT load_row(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct own_status *status = container_of(prop, struct own_status, props);
    SPropValue *values;
    ULONG count;
    HRESULT hr = status_table_row(status->session->status, status->session->own_rows[status->kind],
                                  &values, &count);

    (void)tags;
    if (FAILED(hr))
        return hr;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        if (PROP_TYPE(values[i].ulPropTag) != PT_ERROR)
            hr = prop_load_value(prop, &values[i], PROP_READONLY);
    mapi_free(values);
    return hr;
}

static const struct prop_ops status_prop_ops = {.load = load_row};

static const struct mapi_face status_faces[] = {
    MAPI_FACE(struct own_status, IID_IMAPIStatus, IMAPIStatus_iface),
    MAPI_FACE(struct own_status, IID_IMAPIProp, IMAPIStatus_iface),
};

static void status_destroy(struct mapi_object *object)
{
    struct own_status *status = container_of(object, struct own_status, object);

    prop_clear(&status->props);
    session_unref(status->session);
    mapi_object_clear(object);
    free(status);
}

static const struct mapi_class status_class = {
    .name = "own_status",
    .destroy = status_destroy,
    .faces = status_faces,
    .face_count = sizeof(status_faces) / sizeof(status_faces[0]),
};

HRESULT own_status_open(struct session *session, struct mapi_object *owner, const MAPIUID *uid,
                        LPCIID iid, IMAPIStatus **ret_status)
{
    struct own_status *status;
    size_t kind = 0;

    while (kind < OWN_COUNT && memcmp(own_resources[kind].uid, uid, sizeof(*uid)) != 0)
        kind++;
    if (kind == OWN_COUNT)
        return MAPI_E_NOT_FOUND;
    if (iid && !guid_equal(iid, &IID_IMAPIStatus) && !guid_equal(iid, &IID_IMAPIProp) &&
        !guid_equal(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    status = calloc(1, sizeof(*status));
    if (!status)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    status->IMAPIStatus_iface.lpVtbl = &status_vtbl;
    status->kind = (enum own_kind)kind;
    status->session = session_ref(session);
    mapi_object_init(&status->object, &status_class, owner);
    prop_init(&status->props, &status->object, &status->IMAPIStatus_iface, &IID_IMAPIStatus,
              &status_prop_ops, NULL, 0, status);
    *ret_status = &status->IMAPIStatus_iface;
    return S_OK;
}
