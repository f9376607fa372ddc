/* providers/contacts/user.h - a person of the address book: IMailUser
 *
 * Private to providers/contacts. */
#ifndef CONTACTS_USER_H
#define CONTACTS_USER_H

#include "mapi/object.h"
#include "providers/contacts/book.h"

/* Opens the person that `ref` names, owned by the logon. MAPI_E_NOT_FOUND: there is none any more;
 * MAPI_E_INTERFACE_NOT_SUPPORTED; what reading the shelf fails with. The caller's reference. */
WAITS HRESULT contacts_user_open(struct mapi_object *logon, const struct contacts_ref *ref,
                                 LPCIID iid, bool writable, IUnknown **ret_unknown);

/* A new one of the personal address book, writable and empty; it is there once it was saved, which
 * looks for duplicates as `create_flags` (CREATE_*) say (ABK-088). The caller's reference. */
HRESULT contacts_user_create(struct mapi_object *logon, ULONG create_flags, IMAPIProp **ret_entry);

#endif
