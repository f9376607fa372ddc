/* providers/imap/attach.h - one attachment: IAttach
 *
 * Private to providers/imap. Changes are the message's only after SaveChanges on both (STO). */
#ifndef IMAP_ATTACH_H
#define IMAP_ATTACH_H

#include "providers/imap/message_private.h"

/* Opens an entry of `message`. The caller's reference. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT attach_open(struct imap_message *message, struct attachment_entry *entry, bool writable,
                    IAttach **ret_attach);

/* A new attachment of that number, which the message has after SaveChanges. */
HRESULT attach_create(struct imap_message *message, ULONG number, IAttach **ret_attach);

#endif
