/* providers/contacts/logon.h - one logon of the address book: IABLogon
 *
 * Private to providers/contacts. */
#ifndef CONTACTS_LOGON_H
#define CONTACTS_LOGON_H

#include "mapi/mapispi.h"
#include "mapi/object.h"
#include "providers/contacts/book.h"

/* Logs on: reads the provider's section of the profile, opens the account's part of the side store,
 * registers the book's MAPIUID, publishes the status row. `flags` are IABProvider::Logon's. On S_OK
 * *ret_logon is the caller's reference. Fails with MAPI_E_UNCONFIGURED, MAPI_E_UNKNOWN_FLAGS,
 * MAPI_E_FAILONEPROVIDER (bad settings; the service goes on), MAPI_E_NOT_ENOUGH_MEMORY. */
WAITS HRESULT contacts_logon_create(struct mapi_object *provider, IMAPISupport *support,
                                    ULONG flags, struct error_info *error, IABLogon **ret_logon);

/* For the logon's objects, whose owner `logon` is. */
struct book *contacts_logon_book(struct mapi_object *logon); /* the logon's */

/* OpenEntry: IABLogon's and IABContainer's. `size` 0: the root. */
WAITS HRESULT contacts_logon_open(struct mapi_object *logon, ULONG size, const ENTRYID *id,
                                  LPCIID iid, ULONG flags, ULONG *ret_type, IUnknown **ret_unknown);

/* Any address book's entry, ours too, through the session; the caller's reference. */
WAITS HRESULT contacts_logon_open_any(struct mapi_object *logon, ULONG size, const ENTRYID *id,
                                      IMAPIProp **ret_entry);

/* The row's columns now, and whether all is well: MAPI_E_* and `error` when a shelf cannot be read.
 * What the values point at hangs off `root`. */
#define CONTACTS_ROW 5
WAITS HRESULT contacts_logon_check(struct mapi_object *logon, void *root, struct error_info *error,
                                   SPropValue ret_values[CONTACTS_ROW]);

/* ValidateState: the same, and the status row says so. */
WAITS HRESULT contacts_logon_validate(struct mapi_object *logon, struct error_info *error);

/* PR_ENTRYID of the status row, in `root`. */
HRESULT contacts_logon_status_id(struct mapi_object *logon, void *root, SBinary *ret_id);

#endif
