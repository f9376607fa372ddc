/* providers/smtp/status.c - the status object of one transport logon
 *
 * Shows the columns of the logon's row and passes ValidateState and FlushQueues on to the link,
 * which has the connection. Behaviour: STA-083 to STA-147. */
#include "providers/smtp/status.h"
#include "providers/account/identity.h"

#include <stdlib.h>

#include "mapi/dispatch_source.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "providers/smtp/logon.h"

#define VALIDATE_FLAGS                                                                             \
    (SUPPRESS_UI | CONFIG_CHANGED | FORCE_XP_CONNECT | FORCE_XP_DISCONNECT | HEADER_FLAGS)
/* Header folders are for transports that fetch: mail arrives in the store here. */
#define HEADER_FLAGS                                                                               \
    (REFRESH_XP_HEADER_CACHE | PROCESS_XP_HEADER_CACHE | ABORT_XP_HEADER_OPERATION |               \
     SHOW_XP_SESSION_UI)
#define FLUSH_FLAGS (FLUSH_UPLOAD | FLUSH_DOWNLOAD | FLUSH_FORCE | FLUSH_NO_UI | FLUSH_ASYNC_OK)

struct smtp_status {
    IMAPIStatus IMAPIStatus_iface;
    struct mapi_object object; /* owned by the logon */
    struct mapi_prop props;
    struct smtp_link *link; /* the logon's, valid while the logon is alive */
};

static HRESULT status_ValidateState(struct smtp_status *status, ULONG_PTR ui_param, ULONG flags)
{
    struct error_info error = {0};
    HRESULT hr;

    (void)ui_param; /* no window is ever shown (STA-100) */
    if (flags & ~(ULONG)VALIDATE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS; /* STA-096 */
    if (flags & HEADER_FLAGS)
        return MAPI_E_NO_SUPPORT;
    if (flags & FORCE_XP_CONNECT && flags & FORCE_XP_DISCONNECT)
        return MAPI_E_INVALID_PARAMETER;
    hr = smtp_link_validate(status->link, flags, &error);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&status->object, &error) : hr;
}

static HRESULT status_FlushQueues(struct smtp_status *status, ULONG_PTR ui_param, ULONG target_size,
                                  LPENTRYID target, ULONG flags)
{
    (void)ui_param;
    if (flags & ~(ULONG)FLUSH_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (target_size || target || !(flags & (FLUSH_UPLOAD | FLUSH_DOWNLOAD)))
        return MAPI_E_INVALID_PARAMETER; /* STA-121 */
    return smtp_link_flush(status->link, flags);
}

/* @thunks IMAPIStatus smtp_status status props=props none=SettingsDialog,ChangePassword */
#include "providers/smtp/status_thunks.inc"

struct smtp_status *smtp_status_of(IMAPIStatus *iface)
{
    return status_from_IMAPIStatus(iface);
}

IMAPIStatus *smtp_status_try_ref(struct smtp_status *status)
{
    return mapi_object_try_ref(&status->object) ? &status->IMAPIStatus_iface : NULL;
}

/* The live columns are fetched at each GetProps; the others once, at creation. */
static HRESULT load_live(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct smtp_status *status = container_of(prop, struct smtp_status, props);
    SPropValue values[SMTP_ROW_LIVE];
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = root ? smtp_link_live(status->link, root, values) : MAPI_E_NOT_ENOUGH_MEMORY;

    (void)tags;
    for (ULONG i = 0; i < SMTP_ROW_LIVE && SUCCEEDED(hr); i++)
        hr = prop_load_value(prop, &values[i], PROP_READONLY);
    mapi_free(root);
    return hr;
}

static const struct prop_ops status_prop_ops = {.load = load_live};

static HRESULT load_static(struct smtp_status *status)
{
    SPropValue values[SMTP_ROW_STATIC + 3];
    void *root = mapi_alloc(NULL, 1);
    ULONG count = 0;
    HRESULT hr =
        root ? smtp_link_static(status->link, root, values, &count) : MAPI_E_NOT_ENOUGH_MEMORY;

    values[count].ulPropTag = PR_OBJECT_TYPE;
    values[count++].Value.l = MAPI_STATUS;
    values[count].ulPropTag = PR_RESOURCE_TYPE;
    values[count++].Value.l = MAPI_TRANSPORT_PROVIDER;
    values[count].ulPropTag = PR_ENTRYID;
    if (SUCCEEDED(hr) && SUCCEEDED(status_entryid_of((IUnknown *)smtp_link_support(status->link),
                                                     root, &values[count].Value.bin)))
        count++;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        if (!account_identity_has(values[i].ulPropTag))
            hr = prop_load_value(&status->props, &values[i], PROP_READONLY);
    mapi_free(root);
    return hr;
}

static const struct mapi_face status_faces[] = {
    MAPI_FACE(struct smtp_status, IID_IMAPIStatus, IMAPIStatus_iface),
    MAPI_FACE(struct smtp_status, IID_IMAPIProp, IMAPIStatus_iface),
};

static void status_destroy(struct mapi_object *object)
{
    struct smtp_status *status = container_of(object, struct smtp_status, object);

    smtp_logon_forget_status(object->owner, status);
    prop_clear(&status->props);
    mapi_object_clear(object);
    free(status);
}

static const struct mapi_class status_class = {
    .name = "smtp_status",
    .destroy = status_destroy,
    .faces = status_faces,
    .face_count = sizeof(status_faces) / sizeof(status_faces[0]),
};

HRESULT smtp_status_create(struct mapi_object *logon, struct smtp_link *link,
                           IMAPIStatus **ret_status)
{
    struct smtp_status *status = calloc(1, sizeof(*status));
    HRESULT hr;

    if (!status)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    status->IMAPIStatus_iface.lpVtbl = &status_vtbl;
    status->link = link;
    mapi_object_init(&status->object, &status_class, logon);
    prop_init(&status->props, &status->object, &status->IMAPIStatus_iface, &IID_IMAPIStatus,
              &status_prop_ops, NULL, 0, status);
    hr = load_static(status);
    if (FAILED(hr)) {
        mapi_object_unref(&status->object);
        return hr;
    }
    *ret_status = &status->IMAPIStatus_iface;
    return S_OK;
}
