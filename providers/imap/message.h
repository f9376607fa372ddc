/* providers/imap/message.h - messages of a store: IMessage
 *
 * Private to providers/imap: folders and the logon open and make messages through this. */
#ifndef IMAP_MESSAGE_OBJECT_H
#define IMAP_MESSAGE_OBJECT_H

#include "providers/imap/link.h"

/* Opens the message of that number, owned by `owner`. Fetches its header and structure; bodies and
 * attachments when they are asked for. `flags`: MAPI_MODIFY, MAPI_BEST_ACCESS,
 * MAPI_DEFERRED_ERRORS. The caller's reference. Fails with MAPI_E_NOT_FOUND, MAPI_E_NETWORK_ERROR,
 * MAPI_E_INTERFACE_NOT_SUPPORTED (`iid` is neither NULL nor one of IMessage's). */
WAITS HRESULT message_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                           uint64_t number, const IID *iid, ULONG flags, struct error_info *error,
                           IMessage **ret_message);

/* Makes a new message in `folder`, which is not there before SaveChanges. */
HRESULT message_create(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                       IMessage **ret_message);

#endif
