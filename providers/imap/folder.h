/* providers/imap/folder.h - folders of a store: IMAPIFolder
 *
 * Private to providers/imap. */
#ifndef IMAP_FOLDER_H
#define IMAP_FOLDER_H

#include "providers/imap/link.h"

/* Opens the folder of that number, owned by `owner`; it asks nobody. `flags` as message_open. The
 * caller's reference. MAPI_E_NOT_FOUND, MAPI_E_INTERFACE_NOT_SUPPORTED. */
HRESULT folder_open(struct imap_link *link, struct mapi_object *owner, uint64_t number,
                    const IID *iid, ULONG flags, IMAPIFolder **ret_folder);

#endif
