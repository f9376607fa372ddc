/* providers/imap/status.c - the status object of one store logon
 *
 * Shows the columns of the logon's row and passes ValidateState on to the account, which has the
 * connection. Behaviour: STA-083 to STA-104, STA-119. */
#include "providers/imap/status.h"
#include "providers/account/identity.h"

#include <stdlib.h>

#include "mapi/dispatch_source.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "providers/imap/logon.h"

#define VALIDATE_FLAGS (SUPPRESS_UI | CONFIG_CHANGED)

struct imap_status {
    IMAPIStatus IMAPIStatus_iface;
    struct mapi_object object; /* owned by the logon */
    struct mapi_prop props;
    struct imap_link *link; /* our reference */
};

static HRESULT validate_on_engine(void *arg)
{
    struct link_call *call = arg;

    return account_try_now(call->account, ACCOUNT_STORE, NO_DEADLINE, &call->error);
}

static HRESULT status_ValidateState(struct imap_status *status, ULONG_PTR ui_param, ULONG flags)
{
    struct link_call call = {0};
    HRESULT hr;

    (void)ui_param; /* no window is ever shown (STA-100) */
    if (flags & ~(ULONG)VALIDATE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS; /* STA-096 */
    hr = imap_link_call(status->link, validate_on_engine, &call);
    return FAILED(hr) && call.error.hr == hr ? mapi_object_fail(&status->object, &call.error) : hr;
}

/* @thunks IMAPIStatus imap_status status props=props none=SettingsDialog,ChangePassword,FlushQueues
 */
#include "providers/imap/status_thunks.inc"

struct imap_status *imap_status_of(IMAPIStatus *iface)
{
    return status_from_IMAPIStatus(iface);
}

IMAPIStatus *imap_status_try_ref(struct imap_status *status)
{
    return mapi_object_try_ref(&status->object) ? &status->IMAPIStatus_iface : NULL;
}

/* The live columns are fetched at each GetProps; the others once, at creation. */
static HRESULT load_live(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct imap_status *status = container_of(prop, struct imap_status, props);
    SPropValue values[STORE_ROW_LIVE];
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = root ? imap_link_live(status->link, root, values) : MAPI_E_NOT_ENOUGH_MEMORY;

    (void)tags;
    for (ULONG i = 0; i < STORE_ROW_LIVE && SUCCEEDED(hr); i++)
        hr = prop_load_value(prop, &values[i], PROP_READONLY);
    mapi_free(root);
    return hr;
}

static const struct prop_ops status_prop_ops = {.load = load_live};

static HRESULT load_static(struct imap_status *status)
{
    SPropValue values[STORE_ROW_STATIC + 3];
    void *root = mapi_alloc(NULL, 1);
    ULONG count = 0;
    HRESULT hr =
        root ? imap_link_static(status->link, root, values, &count) : MAPI_E_NOT_ENOUGH_MEMORY;

    values[count].ulPropTag = PR_OBJECT_TYPE;
    values[count++].Value.l = MAPI_STATUS;
    values[count].ulPropTag = PR_RESOURCE_TYPE;
    values[count++].Value.l = MAPI_STORE_PROVIDER;
    values[count].ulPropTag = PR_ENTRYID;
    if (SUCCEEDED(hr) && SUCCEEDED(status_entryid_of((IUnknown *)imap_link_support(status->link),
                                                     root, &values[count].Value.bin)))
        count++;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        if (!account_identity_has(values[i].ulPropTag))
            hr = prop_load_value(&status->props, &values[i], PROP_READONLY);
    mapi_free(root);
    return hr;
}

static const struct mapi_face status_faces[] = {
    MAPI_FACE(struct imap_status, IID_IMAPIStatus, IMAPIStatus_iface),
    MAPI_FACE(struct imap_status, IID_IMAPIProp, IMAPIStatus_iface),
};

static void status_destroy(struct mapi_object *object)
{
    struct imap_status *status = container_of(object, struct imap_status, object);

    imap_logon_forget_status(object->owner, status);
    prop_clear(&status->props);
    imap_link_unref(status->link);
    mapi_object_clear(object);
    free(status);
}

static const struct mapi_class status_class = {
    .name = "imap_status",
    .destroy = status_destroy,
    .faces = status_faces,
    .face_count = sizeof(status_faces) / sizeof(status_faces[0]),
};

HRESULT imap_status_create(struct mapi_object *logon, struct imap_link *link,
                           IMAPIStatus **ret_status)
{
    struct imap_status *status = calloc(1, sizeof(*status));
    HRESULT hr;

    if (!status)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    status->IMAPIStatus_iface.lpVtbl = &status_vtbl;
    status->link = imap_link_ref(link);
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
