/* providers/contacts/container.h - the root and the shelves: IABContainer
 *
 * Private to providers/contacts. */
#ifndef CONTACTS_CONTAINER_H
#define CONTACTS_CONTAINER_H

#include "mapi/object.h"
#include "providers/contacts/book.h"

/* Opens a shelf (SHELF_NONE: the root), owned by the logon. MAPI_E_NOT_FOUND: this book has no such
 * shelf; MAPI_E_INTERFACE_NOT_SUPPORTED. The caller's reference. */
HRESULT contacts_container_open(struct mapi_object *logon, enum shelf shelf, LPCIID iid,
                                bool writable, IUnknown **ret_unknown);

/* --- container_entries.c: what changes the personal address book --- */

/* Arguments and flags checked. */
WAITS HRESULT contacts_create_entry(struct mapi_object *logon, ULONG size, const ENTRYID *template,
                                    ULONG flags, IMAPIProp **ret_entry);
WAITS HRESULT contacts_copy_entries(struct mapi_object *logon, const ENTRYLIST *entries,
                                    ULONG flags);
WAITS HRESULT contacts_delete_entries(struct mapi_object *logon, const ENTRYLIST *entries);

#define CREATE_FLAGS (CREATE_CHECK_DUP_STRICT | CREATE_CHECK_DUP_LOOSE | CREATE_REPLACE)

#endif
