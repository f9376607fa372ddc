/* session/address_root.c - the root of the address book: all providers' containers
 *
 * A container of the library's own, without an entry id: NULL names it (ABK-004). Its hierarchy is
 * put together when a table of it is opened. Behaviour: ABK-003, ABK-013, ABK-079. */
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "session/address_book.h"

static const SizedSPropTagArray(CONTAINER_COLUMNS, container_columns) = {
    CONTAINER_COLUMNS,
    {
        [CONTAINER_ENTRYID] = PR_ENTRYID,
        [CONTAINER_NAME] = PR_DISPLAY_NAME_W,
        [CONTAINER_OBJECT_TYPE] = PR_OBJECT_TYPE,
        [CONTAINER_DISPLAY_TYPE] = PR_DISPLAY_TYPE,
        [CONTAINER_FLAGS] = PR_CONTAINER_FLAGS,
        [CONTAINER_DEPTH] = PR_DEPTH,
        [CONTAINER_INSTANCE_KEY] = PR_INSTANCE_KEY,
        [CONTAINER_RECORD_KEY] = PR_RECORD_KEY,
        [CONTAINER_PROVIDER] = PR_AB_PROVIDER_ID,
    }};

/* --- Containers of all providers -------------------------------------------------------------- */

/* The rows of one provider's root. */
static WAITS HRESULT rows_of(IABLogon *logon, bool deep, SRowSet **ret_rows)
{
    IABContainer *root;
    IMAPITable *table;
    ULONG type;
    HRESULT hr =
        IABLogon_OpenEntry(logon, 0, NULL, &IID_IABContainer, 0, &type, (IUnknown **)&root);

    if (FAILED(hr))
        return hr;
    hr = IABContainer_GetHierarchyTable(root, MAPI_UNICODE | (deep ? CONVENIENT_DEPTH : 0), &table);
    IABContainer_Release(root);
    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&container_columns, NULL, NULL, 0, ret_rows);
    IMAPITable_Release(table);
    return hr;
}

static bool is_new_container(const SRow *row, const SRow *rows, size_t count)
{
    const SPropValue *id = &row->lpProps[CONTAINER_ENTRYID];

    if (id->ulPropTag != PR_ENTRYID)
        return false;
    for (size_t i = 0; i < count; i++)
        if (propval_equal(id, &rows[i].lpProps[CONTAINER_ENTRYID]))
            return false;
    return true;
}

/* Takes the rows over; what is no container's row goes, and what another service has already shown
 * (two on one account). */
static HRESULT take_rows(SRowSet *from, SRow **rows, size_t *count)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < from->cRows && SUCCEEDED(hr); i++) {
        if (!is_new_container(&from->aRow[i], *rows, *count))
            continue;
        if (!array_append(rows, count, &from->aRow[i]))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        else
            from->aRow[i] = (SRow){0};
    }
    FreeProws(from);
    return hr;
}

static HRESULT as_row_set(const SRow *rows, size_t count, SRowSet **ret_rows)
{
    SRowSet *set = mapi_alloc(NULL, CbNewSRowSet(count + 1));

    if (!set)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    set->cRows = (ULONG)count;
    if (count)
        memcpy(set->aRow, rows, count * sizeof(*rows));
    *ret_rows = set;
    return S_OK;
}

HRESULT address_containers(struct session *session, bool deep, SRowSet **ret_rows)
{
    struct provider_objects **books;
    SRow *rows = NULL;
    SRowSet *some;
    size_t count = 0, book_count;
    HRESULT hr = session_address_books(session, &books, &book_count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < book_count && SUCCEEDED(hr); i++)
        if (SUCCEEDED(rows_of(books[i]->address, deep, &some)))
            hr = take_rows(some, &rows, &count);
    address_books_free(books, book_count);
    if (SUCCEEDED(hr))
        hr = as_row_set(rows, count, ret_rows);
    for (size_t i = 0; i < count && FAILED(hr); i++)
        mapi_free(rows[i].lpProps);
    free(rows);
    return hr;
}

/* --- IABContainer ----------------------------------------------------------------------------- */

struct address_root {
    IABContainer IABContainer_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct session *session; /* our reference */
};

/* A list of rows that lives as long as its table. */
static HRESULT list_containers(struct session *session, bool deep, struct row_list **ret_list)
{
    struct row_list *list;
    SRowSet *rows = NULL;
    HRESULT hr = address_containers(session, deep, &rows);

    if (FAILED(hr))
        return hr;
    hr = row_list_create(PR_ENTRYID, &list);
    if (SUCCEEDED(hr)) {
        hr = row_list_replace(list, rows->aRow, rows->cRows);
        if (FAILED(hr))
            row_source_unref(row_list_source(list));
    }
    FreeProws(rows);
    if (SUCCEEDED(hr))
        *ret_list = list;
    return hr;
}

static HRESULT root_GetHierarchyTable(struct address_root *root, ULONG flags,
                                      LPMAPITABLE *ret_table)
{
    const ULONG known = MAPI_UNICODE | MAPI_DEFERRED_ERRORS | CONVENIENT_DEPTH;
    struct table_options options = {
        .owner = &root->object,
        .dispatcher = root->session->subsystem->dispatcher,
        .columns = (const SPropTagArray *)&container_columns,
        .flags = flags & MAPI_UNICODE,
    };
    struct row_list *list;
    HRESULT hr;

    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    if (flags & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = list_containers(root->session, flags & CONVENIENT_DEPTH, &list);
    if (FAILED(hr))
        return hr;
    options.source = row_list_source(list);
    hr = table_create(&options, ret_table);
    row_source_unref(options.source);
    return hr;
}

static HRESULT root_OpenEntry(struct address_root *root, ULONG size, LPENTRYID id, LPCIID iid,
                              ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    struct error_info error = {0};
    HRESULT hr;

    if (flags & MAPI_GAL_ONLY) /* IAddrBook::OpenEntry's alone */
        return MAPI_E_UNKNOWN_FLAGS;
    hr = address_entry_open(root->session, &root->object, size, id, iid, flags, &error, ret_type,
                            ret_unknown);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&root->object, &error) : hr;
}

/* The root has no entries of its own, and nobody can put any there. */
/* @thunks IABContainer address_root root props=props
 * none=GetContentsTable,SetSearchCriteria,GetSearchCriteria,CreateEntry,CopyEntries,DeleteEntries,
 * ResolveNames */
#include "session/address_root_thunks.inc"

static const struct mapi_face root_faces[] = {
    MAPI_FACE(struct address_root, IID_IABContainer, IABContainer_iface),
    MAPI_FACE(struct address_root, IID_IMAPIContainer, IABContainer_iface),
    MAPI_FACE(struct address_root, IID_IMAPIProp, IABContainer_iface),
};

static void root_destroy(struct mapi_object *object)
{
    struct address_root *root = container_of(object, struct address_root, object);

    prop_clear(&root->props);
    session_unref(root->session);
    mapi_object_clear(object);
    free(root);
}

static const struct mapi_class root_class = {
    .name = "address_root",
    .destroy = root_destroy,
    .faces = root_faces,
    .face_count = sizeof(root_faces) / sizeof(root_faces[0]),
};

static HRESULT load_props(struct address_root *root)
{
    const SPropValue values[] = {
        propval_long(PR_OBJECT_TYPE, MAPI_ABCONT),
        propval_long(PR_DISPLAY_TYPE, DT_NOT_SPECIFIC),
        propval_long(PR_CONTAINER_FLAGS, AB_SUBCONTAINERS | AB_UNMODIFIABLE),
        propval_unicode(PR_DISPLAY_NAME_W, u"Address book"),
    };
    HRESULT hr = S_OK;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && SUCCEEDED(hr); i++)
        hr = prop_load_value(&root->props, &values[i], PROP_READONLY);
    return hr;
}

HRESULT address_root_open(struct session *session, struct mapi_object *owner, LPCIID iid,
                          ULONG flags, ULONG *ret_type, IUnknown **ret_unknown)
{
    const ULONG known = MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS | MAPI_CACHE_ONLY |
                        MAPI_NO_CACHE | MAPI_GAL_ONLY;
    struct address_root *root;
    HRESULT hr;

    if (flags & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & MAPI_MODIFY)
        return MAPI_E_NO_ACCESS;
    root = calloc(1, sizeof(*root));
    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    root->IABContainer_iface.lpVtbl = &root_vtbl;
    root->session = session_ref(session);
    mapi_object_init(&root->object, &root_class, owner);
    prop_init(&root->props, &root->object, &root->IABContainer_iface, &IID_IABContainer, NULL, NULL,
              0, root);
    hr = mapi_object_gives(&root->object, iid) ? load_props(root) : MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (FAILED(hr)) {
        mapi_object_unref(&root->object);
        return hr;
    }
    if (ret_type)
        *ret_type = MAPI_ABCONT;
    *ret_unknown = (IUnknown *)&root->IABContainer_iface;
    return S_OK;
}
