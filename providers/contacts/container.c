/* providers/contacts/container.c - the root and the shelves: IABContainer
 *
 * The root has a hierarchy and no people, a shelf has people and no hierarchy (ABK-077). Behaviour:
 * ABK-075 to ABK-098. */
#include "providers/contacts/container.h"

#include <stdlib.h>

#include "mapi/adrlist.h"
#include "mapi/emsabtag.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "providers/contacts/logon.h"
#include "providers/contacts/recipients.h"

struct contacts_container {
    IABContainer IABContainer_iface;
    struct mapi_object object; /* owned by the logon */
    struct mapi_prop props;
    struct book *book; /* the logon's */
    enum shelf shelf;
};

#define TABLE_FLAGS   (MAPI_UNICODE | MAPI_DEFERRED_ERRORS)
#define RESOLVE_FLAGS (MAPI_UNICODE | MAPI_CACHE_ONLY | EMS_AB_ADDRESS_LOOKUP)

static HRESULT keep(struct contacts_container *container, HRESULT hr,
                    const struct error_info *error)
{
    return FAILED(hr) && error->hr == hr ? mapi_object_fail(&container->object, error) : hr;
}

/* --- IMAPIContainer --------------------------------------------------------------------------- */

static HRESULT container_GetContentsTable(struct contacts_container *container, ULONG flags,
                                          LPMAPITABLE *ret_table)
{
    struct error_info error = {0};
    HRESULT hr;

    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    if (flags & ~(ULONG)(TABLE_FLAGS | MAPI_ASSOCIATED))
        return MAPI_E_UNKNOWN_FLAGS;
    if (container->shelf == SHELF_NONE || flags & MAPI_ASSOCIATED)
        return MAPI_E_NO_SUPPORT;
    hr = book_contents(container->book, container->shelf, &container->object, flags, &error,
                       ret_table);
    return keep(container, hr, &error);
}

static HRESULT container_GetHierarchyTable(struct contacts_container *container, ULONG flags,
                                           LPMAPITABLE *ret_table)
{
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    if (flags & ~(ULONG)(TABLE_FLAGS | CONVENIENT_DEPTH)) /* there is one level only */
        return MAPI_E_UNKNOWN_FLAGS;
    if (container->shelf != SHELF_NONE)
        return MAPI_E_NO_SUPPORT;
    return book_hierarchy(container->book, &container->object, flags, ret_table);
}

static HRESULT container_OpenEntry(struct contacts_container *container, ULONG size, LPENTRYID id,
                                   LPCIID iid, ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    if (flags & MAPI_GAL_ONLY) /* IAddrBook::OpenEntry's alone */
        return MAPI_E_UNKNOWN_FLAGS;
    return contacts_logon_open(container->object.owner, size, id, iid, flags, ret_type,
                               ret_unknown);
}

/* --- IABContainer ----------------------------------------------------------------------------- */

static HRESULT container_CreateEntry(struct contacts_container *container, ULONG size, LPENTRYID id,
                                     ULONG flags, LPMAPIPROP *ret_entry)
{
    if (!ret_entry)
        return MAPI_E_INVALID_PARAMETER;
    *ret_entry = NULL;
    if (flags & ~(ULONG)CREATE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!shelf_is_writable(container->shelf))
        return MAPI_E_NO_ACCESS;
    return contacts_create_entry(container->object.owner, size, id, flags, ret_entry);
}

/* AB_NO_DIALOG has the number of CREATE_CHECK_DUP_STRICT; no dialog is ever shown (ABK-108). */
static HRESULT container_CopyEntries(struct contacts_container *container, LPENTRYLIST entries,
                                     ULONG_PTR ui_param, LPMAPIPROGRESS progress, ULONG flags)
{
    (void)ui_param;
    (void)progress;
    if (!entries)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)CREATE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!shelf_is_writable(container->shelf))
        return MAPI_E_NO_ACCESS;
    return contacts_copy_entries(container->object.owner, entries, flags);
}

static HRESULT container_DeleteEntries(struct contacts_container *container, LPENTRYLIST entries,
                                       ULONG flags)
{
    if (!entries)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!shelf_is_writable(container->shelf))
        return MAPI_E_NO_ACCESS;
    return contacts_delete_entries(container->object.owner, entries);
}

static HRESULT container_ResolveNames(struct contacts_container *container, LPSPropTagArray tags,
                                      ULONG flags, LPADRLIST list, LPFlagList marks)
{
    struct error_info error = {0};
    HRESULT hr;

    if (flags & ~(ULONG)RESOLVE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!list || adrlist_is_bad(list) || !marks || marks->cFlags < list->cEntries) /* ABK-093 */
        return MAPI_E_INVALID_PARAMETER;
    if (container->shelf == SHELF_NONE)
        return MAPI_E_NO_SUPPORT;
    hr = contacts_resolve(container->book, container->shelf, tags, flags, list, marks, &error);
    return keep(container, hr, &error);
}

/* @thunks IABContainer contacts_container container props=props
 * none=SetSearchCriteria,GetSearchCriteria */
#include "providers/contacts/container_thunks.inc"

static const struct mapi_face container_faces[] = {
    MAPI_FACE(struct contacts_container, IID_IABContainer, IABContainer_iface),
    MAPI_FACE(struct contacts_container, IID_IMAPIContainer, IABContainer_iface),
    MAPI_FACE(struct contacts_container, IID_IMAPIProp, IABContainer_iface),
};

static void container_destroy(struct mapi_object *object)
{
    struct contacts_container *container = container_of(object, struct contacts_container, object);

    prop_clear(&container->props);
    mapi_object_clear(object);
    free(container);
}

static const struct mapi_class container_class = {
    .name = "contacts_container",
    .destroy = container_destroy,
    .faces = container_faces,
    .face_count = sizeof(container_faces) / sizeof(container_faces[0]),
};

/* What it says of itself; nothing of it can be changed. */
static HRESULT load_props(struct contacts_container *container, const struct shelf_info *info)
{
    const struct contacts_ref ref = {.kind = container->shelf ? CONTACTS_SHELF : CONTACTS_ROOT,
                                     .shelf = container->shelf};
    const struct contacts_ref template = {.kind = CONTACTS_TEMPLATE, .shelf = container->shelf};
    BYTE id[CONTACTS_ID_MAX], template_id[CONTACTS_ID_MAX];
    ULONG size = contacts_entryid(book_uid(container->book), &ref, id);
    SPropValue values[] = {
        propval_binary(PR_ENTRYID, id, size),
        propval_binary(PR_RECORD_KEY, id, size),
        propval_long(PR_OBJECT_TYPE, MAPI_ABCONT),
        propval_long(PR_DISPLAY_TYPE, (LONG)info->display_type),
        propval_long(PR_CONTAINER_FLAGS, (LONG)info->flags),
        propval_binary(PR_AB_PROVIDER_ID, book_uid(container->book), sizeof(MAPIUID)),
        {.ulPropTag = PR_DISPLAY_NAME_W},
        propval_binary(PR_DEF_CREATE_MAILUSER, template_id,
                       contacts_entryid(book_uid(container->book), &template, template_id)),
    };
    size_t count = sizeof(values) / sizeof(values[0]);
    HRESULT hr = text_utf8_to_utf16(NULL, info->name, &values[6].Value.lpszW);

    if (!shelf_is_writable(container->shelf))
        count--;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = prop_load_value(&container->props, &values[i], PROP_READONLY);
    mapi_free(values[6].Value.lpszW);
    return hr;
}

HRESULT contacts_container_open(struct mapi_object *logon, enum shelf shelf, LPCIID iid,
                                bool writable, IUnknown **ret_unknown)
{
    struct book *book = contacts_logon_book(logon);
    struct contacts_container *container;
    struct shelf_info info;
    HRESULT hr;

    if (!book_shelf(book, shelf, &info))
        return MAPI_E_NOT_FOUND;
    container = calloc(1, sizeof(*container));
    if (!container)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    container->IABContainer_iface.lpVtbl = &container_vtbl;
    container->book = book;
    container->shelf = shelf;
    mapi_object_init(&container->object, &container_class, logon);
    prop_init(&container->props, &container->object, &container->IABContainer_iface,
              &IID_IABContainer, NULL, NULL, 0, container);
    container->props.writable = writable;
    hr = mapi_object_gives(&container->object, iid) ? load_props(container, &info)
                                                    : MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (FAILED(hr)) {
        mapi_object_unref(&container->object);
        return hr;
    }
    *ret_unknown = (IUnknown *)&container->IABContainer_iface;
    return S_OK;
}
