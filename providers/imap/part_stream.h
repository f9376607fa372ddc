/* providers/imap/part_stream.h - the content of a part of an opened message, as an IStream
 *
 * Private to providers/imap. Read-only; fetched in windows and decoded as it is read, nothing is
 * kept. Seeking back begins anew. */
#ifndef IMAP_PART_STREAM_H
#define IMAP_PART_STREAM_H

#include "providers/imap/origin.h"

/* Owned by `owner`. The caller's reference. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT part_stream_create(struct message_origin *origin, struct mapi_object *owner,
                           const char *section, enum transfer_encoding encoding,
                           IStream **ret_stream);

#endif
