/* session/address_book.c - the integrated address book: IAddrBook
 *
 * Methods check their arguments and hand the work to the files named in address_book.h. On a
 * machine without a screen nobody is asked: what needs a dialog is refused. Behaviour: ABK-001 to
 * ABK-064. */
#include "session/address_book.h"

#include <stdlib.h>

#include "mapi/adrlist.h"
#include "mapi/arguments.h"
#include "mapi/mapiaux.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/prop.h"
#include "mapi/propval.h"
#include "session/connections.h"
#include "session/open_entry.h"

struct address_book {
    IAddrBook IAddrBook_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct session *session;        /* our reference */
    struct advise_list events;      /* Advise without an entry id: critical errors */
    struct connections connections; /* Advise with one, handed on to providers */
};

static HRESULT keep(struct address_book *book, HRESULT hr, const struct error_info *error)
{
    return FAILED(hr) && error->hr == hr ? mapi_object_fail(&book->object, error) : hr;
}

/* --- Entries ---------------------------------------------------------------------------------- */

HRESULT address_entry_open(struct session *session, struct mapi_object *owner, ULONG size,
                           const ENTRYID *id, LPCIID iid, ULONG flags, struct error_info *error,
                           ULONG *ret_type, IUnknown **ret_unknown)
{
    if (!ret_unknown)
        return MAPI_E_INVALID_PARAMETER;
    *ret_unknown = NULL;
    if (!id && !size)
        return address_root_open(session, owner, iid, flags, ret_type, ret_unknown);
    return session_open_entry(session, owner, size, id, iid, flags, error, ret_type, ret_unknown);
}

static HRESULT book_OpenEntry(struct address_book *book, ULONG size, LPENTRYID id, LPCIID iid,
                              ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    struct error_info error = {0};
    HRESULT hr = address_entry_open(book->session, &book->object, size, id, iid, flags, &error,
                                    ret_type, ret_unknown);

    return keep(book, hr, &error);
}

static HRESULT book_CompareEntryIDs(struct address_book *book, ULONG size1, LPENTRYID id1,
                                    ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    return session_compare_entryids(book->session, size1, id1, size2, id2, flags, ret_result);
}

static HRESULT book_CreateOneOff(struct address_book *book, LPTSTR name, LPTSTR type,
                                 LPTSTR address, ULONG flags, ULONG *ret_size, LPENTRYID *ret_id)
{
    (void)book;
    return oneoff_from_arguments(name, type, address, flags, ret_size, ret_id);
}

static HRESULT book_NewEntry(struct address_book *book, ULONG_PTR ui_param, ULONG flags,
                             ULONG container_size, LPENTRYID container, ULONG template_size,
                             LPENTRYID template, ULONG *ret_size, LPENTRYID *ret_id)
{
    (void)ui_param;
    return session_new_entry(book->session, &book->object, flags, container_size, container,
                             template_size, template, ret_size, ret_id);
}

/* --- Notifications ---------------------------------------------------------------------------- */

static HRESULT advise_errors(struct address_book *book, ULONG mask, LPMAPIADVISESINK sink,
                             ULONG_PTR *ret_connection)
{
    struct listener *listener;
    HRESULT hr = listener_create(book->session->subsystem->dispatcher, NULL, sink, NULL, &listener);

    if (FAILED(hr))
        return hr;
    hr =
        advise_list_add(&book->events, listener, mask | fnevCriticalError, NULL, 0, ret_connection);
    listener_unref(listener);
    return hr;
}

static HRESULT book_Advise(struct address_book *book, ULONG size, LPENTRYID id, ULONG mask,
                           LPMAPIADVISESINK sink, ULONG_PTR *ret_connection)
{
    if (!sink || !ret_connection)
        return MAPI_E_INVALID_PARAMETER;
    if (!id)
        return advise_errors(book, mask, sink, ret_connection); /* ABK-012 */
    return session_advise_entry(book->session, &book->connections, size, id, mask, sink,
                                ret_connection);
}

static HRESULT book_Unadvise(struct address_book *book, ULONG_PTR connection)
{
    HRESULT hr = connections_remove(&book->connections, connection);

    return hr == MAPI_E_NOT_FOUND ? advise_list_remove(&book->events, connection) : hr;
}

/* --- Names and recipients --------------------------------------------------------------------- */

/* A dialog would ask about the names that are left: there is none, and they stay as they are
 * (docs/limits.md). */
static HRESULT book_ResolveName(struct address_book *book, ULONG_PTR ui_param, ULONG flags,
                                LPTSTR title, LPADRLIST list)
{
    const ULONG known = MAPI_DIALOG | AB_UNICODEUI | MAPI_UNICODE | MAPI_CACHE_ONLY;
    HRESULT hr;

    (void)ui_param;
    (void)title;
    if (flags & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!list || adrlist_is_bad(list))
        return MAPI_E_INVALID_PARAMETER;
    hr = address_resolve(book->session, &book->object, flags & MAPI_UNICODE, list);
    if (flags & MAPI_DIALOG && (hr == MAPI_E_AMBIGUOUS_RECIP || hr == MAPI_E_NOT_FOUND))
        return mapi_object_error(&book->object, hr, "address book",
                                 "there is no screen to ask on who is meant");
    return hr;
}

static HRESULT book_PrepareRecips(struct address_book *book, ULONG flags, LPSPropTagArray tags,
                                  LPADRLIST list)
{
    if (flags & ~(ULONG)MAPI_CACHE_ONLY)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!list || adrlist_is_bad(list))
        return MAPI_E_INVALID_PARAMETER;
    return address_prepare(book->session, flags, tags, list);
}

/* --- Settings --------------------------------------------------------------------------------- */

static HRESULT book_GetPAB(struct address_book *book, ULONG *ret_size, LPENTRYID *ret_id)
{
    if (!ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    *ret_size = 0;
    *ret_id = NULL;
    return address_get_pab(book->session, ret_size, ret_id);
}

static HRESULT book_SetPAB(struct address_book *book, ULONG size, LPENTRYID id)
{
    return address_set_pab(book->session, size, id);
}

static HRESULT book_GetDefaultDir(struct address_book *book, ULONG *ret_size, LPENTRYID *ret_id)
{
    if (!ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    *ret_size = 0;
    *ret_id = NULL;
    return address_get_default_dir(book->session, ret_size, ret_id);
}

static HRESULT book_SetDefaultDir(struct address_book *book, ULONG size, LPENTRYID id)
{
    return address_set_default_dir(book->session, size, id);
}

static HRESULT book_GetSearchPath(struct address_book *book, ULONG flags, LPSRowSet *ret_path)
{
    if (!ret_path)
        return MAPI_E_INVALID_PARAMETER;
    *ret_path = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    return address_get_search_path(book->session, flags, ret_path);
}

static HRESULT book_SetSearchPath(struct address_book *book, ULONG flags, LPSRowSet path)
{
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!path || argument_rows_are_bad(path))
        return MAPI_E_INVALID_PARAMETER;
    return address_set_search_path(book->session, path);
}

/* @thunks IAddrBook address_book book props=props
 * none=Address,Details,RecipOptions,QueryDefaultRecipOpt */
#include "session/address_book_thunks.inc"

/* --- The object ------------------------------------------------------------------------------- */

static const struct mapi_face book_faces[] = {
    MAPI_FACE(struct address_book, IID_IAddrBook, IAddrBook_iface),
    MAPI_FACE(struct address_book, IID_IMAPIProp, IAddrBook_iface),
};

static void book_destroy(struct mapi_object *object)
{
    struct address_book *book = container_of(object, struct address_book, object);

    if (!atomic_load(&book->session->subsystem->left_behind)) {
        advise_list_clear(&book->events);
        connections_clear(&book->connections);
        session_unref(book->session);
    }
    prop_clear(&book->props);
    mapi_object_clear(object);
    free(book);
}

static const struct mapi_class book_class = {
    .name = "address_book",
    .destroy = book_destroy,
    .faces = book_faces,
    .face_count = sizeof(book_faces) / sizeof(book_faces[0]),
};

static HRESULT create(struct session *session, struct mapi_object *owner, LPCIID iid,
                      IAddrBook **ret_book)
{
    const SPropValue type = propval_long(PR_OBJECT_TYPE, MAPI_ADDRBOOK);
    struct address_book *book = calloc(1, sizeof(*book));
    HRESULT hr;

    if (!book)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    book->IAddrBook_iface.lpVtbl = &book_vtbl;
    book->session = session_ref(session);
    advise_list_init(&book->events);
    connections_init(&book->connections);
    mapi_object_init(&book->object, &book_class, owner);
    prop_init(&book->props, &book->object, &book->IAddrBook_iface, &IID_IAddrBook, NULL, NULL, 0,
              book); /* and not writable (ABK-002) */
    hr = mapi_object_gives(&book->object, iid) ? prop_load_value(&book->props, &type, PROP_READONLY)
                                               : MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (FAILED(hr)) {
        mapi_object_unref(&book->object);
        return hr;
    }
    *ret_book = &book->IAddrBook_iface;
    return S_OK;
}

HRESULT session_open_address_book(struct session *session, struct mapi_object *owner,
                                  ULONG_PTR ui_param, LPCIID iid, ULONG flags,
                                  struct error_info *error, IAddrBook **ret_book)
{
    bool partial;
    HRESULT hr;

    if (!ret_book)
        return MAPI_E_INVALID_PARAMETER;
    *ret_book = NULL;
    if (flags & ~(ULONG)AB_NO_DIALOG)
        return MAPI_E_UNKNOWN_FLAGS;
    session_begin_address_books(session, ui_param, error, &partial);
    hr = create(session, owner, iid, ret_book);
    return SUCCEEDED(hr) && partial ? MAPI_W_ERRORS_RETURNED : hr;
}
