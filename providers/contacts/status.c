/* providers/contacts/status.c - the status object of one address book logon
 *
 * Shows the columns of the logon's row; ValidateState reads all shelves. Behaviour: ABK-068,
 * ABK-069, STA-082. */
#include "providers/contacts/status.h"

#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "providers/contacts/logon.h"

#define VALIDATE_FLAGS (SUPPRESS_UI | CONFIG_CHANGED)

struct contacts_status {
    IMAPIStatus IMAPIStatus_iface;
    struct mapi_object object; /* owned by the logon */
    struct mapi_prop props;
};

static HRESULT status_ValidateState(struct contacts_status *status, ULONG_PTR ui_param, ULONG flags)
{
    struct error_info error = {0};
    HRESULT hr;

    (void)ui_param; /* no window is ever shown (STA-100) */
    if (flags & ~(ULONG)VALIDATE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS; /* STA-096 */
    hr = contacts_logon_validate(status->object.owner, &error);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&status->object, &error) : hr;
}

/* @thunks IMAPIStatus contacts_status status props=props
 * none=SettingsDialog,ChangePassword,FlushQueues */
#include "providers/contacts/status_thunks.inc"

static HRESULT load_row(struct mapi_prop *prop, const SPropTagArray *tags)
{
    SPropValue values[CONTACTS_ROW] = {0};
    struct error_info error;
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = root ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    (void)tags;
    if (SUCCEEDED(hr))
        contacts_logon_check(prop->object->owner, root, &error, values);
    for (ULONG i = 0; i < CONTACTS_ROW && SUCCEEDED(hr); i++)
        hr = prop_load_value(prop, &values[i], PROP_READONLY);
    mapi_free(root);
    return hr;
}

static const struct prop_ops status_prop_ops = {.load = load_row};

static HRESULT load_static(struct contacts_status *status)
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue values[3];
    ULONG count = 2;
    HRESULT hr = root ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    values[0] = (SPropValue){.ulPropTag = PR_OBJECT_TYPE, .Value.l = MAPI_STATUS};
    values[1] = (SPropValue){.ulPropTag = PR_RESOURCE_TYPE, .Value.l = MAPI_AB_PROVIDER};
    values[2].ulPropTag = PR_ENTRYID;
    if (SUCCEEDED(hr) &&
        SUCCEEDED(contacts_logon_status_id(status->object.owner, root, &values[2].Value.bin)))
        count++;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = prop_load_value(&status->props, &values[i], PROP_READONLY);
    mapi_free(root);
    return hr;
}

static const struct mapi_face status_faces[] = {
    MAPI_FACE(struct contacts_status, IID_IMAPIStatus, IMAPIStatus_iface),
    MAPI_FACE(struct contacts_status, IID_IMAPIProp, IMAPIStatus_iface),
};

static void status_destroy(struct mapi_object *object)
{
    struct contacts_status *status = container_of(object, struct contacts_status, object);

    prop_clear(&status->props);
    mapi_object_clear(object);
    free(status);
}

static const struct mapi_class status_class = {
    .name = "contacts_status",
    .destroy = status_destroy,
    .faces = status_faces,
    .face_count = sizeof(status_faces) / sizeof(status_faces[0]),
};

HRESULT contacts_status_create(struct mapi_object *logon, IMAPIStatus **ret_status)
{
    struct contacts_status *status = calloc(1, sizeof(*status));
    HRESULT hr;

    if (!status)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    status->IMAPIStatus_iface.lpVtbl = &status_vtbl;
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
