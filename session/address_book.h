/* session/address_book.h - the integrated address book: IAddrBook
 *
 * Private to session/. One object for each OpenAddressBook; what it shows is the session's: the
 * logons of all address book providers, and the settings in the profile. */
#ifndef SESSION_ADDRESS_BOOK_H
#define SESSION_ADDRESS_BOOK_H

#include "session/session.h"

/* OpenAddressBook, IMAPISession's and IMAPISupport's: logs on to what is not there yet and makes
 * the object, owned by `owner` (SES-170 to SES-174). MAPI_W_ERRORS_RETURNED: an address book
 * failed, `error` has the words. The caller's reference. */
WAITS HRESULT session_open_address_book(struct session *session, struct mapi_object *owner,
                                        ULONG_PTR ui_param, LPCIID iid, ULONG flags,
                                        struct error_info *error, IAddrBook **ret_book);

/* IAddrBook::OpenEntry and the root container's: NULL opens the root (ABK-003); else what the
 * address book's provider, or a one-off, makes of the id (ABK-005 to ABK-007). `error` may be NULL.
 */
WAITS HRESULT address_entry_open(struct session *session, struct mapi_object *owner, ULONG size,
                                 const ENTRYID *id, LPCIID iid, ULONG flags,
                                 struct error_info *error, ULONG *ret_type, IUnknown **ret_unknown);

/* NewEntry, IAddrBook's and IMAPISupport's: what needs no dialog. With a container, an entry there
 * that is a copy of the one `template` names; without, a one-off of it (ABK-059, ABK-117). *ret_id
 * is a root. MAPI_E_NO_SUPPORT: there would have to be a dialog (ABK-060). */
WAITS HRESULT session_new_entry(struct session *session, struct mapi_object *owner, ULONG flags,
                                ULONG container_size, const ENTRYID *container, ULONG template_size,
                                const ENTRYID *template, ULONG *ret_size, ENTRYID **ret_id);

/* --- address_root.c --------------------------------------------------------------------------- */

/* The root container: its hierarchy is all providers' containers (ABK-003, ABK-013). Owned by
 * `owner`, read-only. MAPI_E_NO_ACCESS, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_UNKNOWN_FLAGS. */
HRESULT address_root_open(struct session *session, struct mapi_object *owner, LPCIID iid,
                          ULONG flags, ULONG *ret_type, IUnknown **ret_unknown);

/* All containers of all providers, in the profile's order, with the columns below; FreeProws. A
 * provider that fails is left out. */
enum {
    CONTAINER_ENTRYID,
    CONTAINER_NAME,
    CONTAINER_OBJECT_TYPE,
    CONTAINER_DISPLAY_TYPE,
    CONTAINER_FLAGS,
    CONTAINER_DEPTH,
    CONTAINER_INSTANCE_KEY,
    CONTAINER_RECORD_KEY,
    CONTAINER_PROVIDER,
    CONTAINER_COLUMNS,
};
WAITS HRESULT address_containers(struct session *session, bool deep, SRowSet **ret_rows);

/* --- address_settings.c ----------------------------------------------------------------------- */

/* Kept in the profile's section of the address book, where they hold at once (ABK-015 to ABK-022).
 * What is read is a root, size 0 and NULL for none. */
WAITS HRESULT address_get_pab(struct session *session, ULONG *ret_size, ENTRYID **ret_id);
WAITS HRESULT address_set_pab(struct session *session, ULONG size, const ENTRYID *id);
WAITS HRESULT address_get_default_dir(struct session *session, ULONG *ret_size, ENTRYID **ret_id);
WAITS HRESULT address_set_default_dir(struct session *session, ULONG size, const ENTRYID *id);
/* Rows with the columns of address_containers, strings in the width of `flags`; FreeProws. */
WAITS HRESULT address_get_search_path(struct session *session, ULONG flags, SRowSet **ret_path);
WAITS HRESULT address_set_search_path(struct session *session, const SRowSet *path);

/* Whether all that is set is there (STA-099): MAPI_E_NOT_FOUND with words. */
WAITS HRESULT address_settings_check(struct session *session, struct error_info *error);

/* --- address_resolve.c, address_recips.c ------------------------------------------------------ */

/* ResolveName without a dialog: `flags` MAPI_UNICODE. Fails with MAPI_E_AMBIGUOUS_RECIP,
 * MAPI_E_NOT_FOUND; names that were resolved stay so (ABK-031). */
WAITS HRESULT address_resolve(struct session *session, struct mapi_object *owner, ULONG flags,
                              ADRLIST *list);

/* PrepareRecips (ABK-053 to ABK-058). */
WAITS HRESULT address_prepare(struct session *session, ULONG flags, const SPropTagArray *tags,
                              ADRLIST *list);

#endif
