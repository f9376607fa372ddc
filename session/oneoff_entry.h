/* session/oneoff_entry.h - one-off entry ids as entries of the address book
 *
 * Private to session/. Behaviour: ABK-036, ABK-042 to ABK-044. */
#ifndef SESSION_ONEOFF_ENTRY_H
#define SESSION_ONEOFF_ENTRY_H

#include "mapi/object.h"
#include "mapi/oneoff.h"

/* What such a recipient has; strings wide, all chained to `root`, the id borrowed. */
#define ONEOFF_VALUES 11
HRESULT oneoff_values(void *root, const struct oneoff *oneoff, ULONG size, const ENTRYID *id,
                      SPropValue ret_values[ONEOFF_VALUES]);

/* The IMailUser that an id opens as, read-only, owned by `owner`; the caller's reference. Fails
 * with MAPI_E_UNKNOWN_ENTRYID (no one-off), MAPI_E_INVALID_ENTRYID (malformed), MAPI_E_NO_ACCESS
 * (MAPI_MODIFY), MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_UNKNOWN_FLAGS. */
HRESULT oneoff_entry_open(struct mapi_object *owner, ULONG size, const ENTRYID *id, LPCIID iid,
                          ULONG flags, ULONG *ret_type, IUnknown **ret_unknown);

/* Whether both ids are one-offs, and then whether they name the same: name, type and address, in
 * whichever form. MAPI_E_UNKNOWN_ENTRYID: one is none; MAPI_E_INVALID_ENTRYID. */
HRESULT oneoff_entries_compare(ULONG size1, const ENTRYID *id1, ULONG size2, const ENTRYID *id2,
                               ULONG *ret_same);

/* Whether an id says that it is a one-off. */
bool oneoff_entryid(ULONG size, const ENTRYID *id);

#endif
