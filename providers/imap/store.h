/* providers/imap/store.h - the message store object: IMsgStore
 *
 * Private to providers/imap. */
#ifndef IMAP_STORE_H
#define IMAP_STORE_H

#include "mapi/prop.h"
#include "providers/imap/link.h"

/* Makes the store of a logon, owned by it. The caller's reference. */
HRESULT store_create(struct imap_link *link, struct mapi_object *logon, bool writable,
                     const IID *iid, IMsgStore **ret_store);

/* What the store, its folders and its messages have in common, as read-only properties:
 * PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK, PR_MAPPING_SIGNATURE. Memory only.
 */
HRESULT store_load_shared(struct mapi_prop *prop, struct imap_link *link);

#endif
