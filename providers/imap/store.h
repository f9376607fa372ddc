/* providers/imap/store.h - the message store object: IMsgStore
 *
 * Private to providers/imap. */
#ifndef IMAP_STORE_H
#define IMAP_STORE_H

#include "providers/imap/link.h"

/* Makes the store of a logon, owned by it. The caller's reference. */
HRESULT store_create(struct imap_link *link, struct mapi_object *logon, bool writable,
                     const IID *iid, IMsgStore **ret_store);

#endif
