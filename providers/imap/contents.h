/* providers/imap/contents.h - the contents table of a folder
 *
 * Private to providers/imap. */
#ifndef IMAP_CONTENTS_H
#define IMAP_CONTENTS_H

#include "providers/imap/link.h"

/* A table of the messages in `folder`, whose mailbox is watched while the table lives. Waits until
 * the rows are there. A folder without a mailbox gives an empty table. The caller's reference. */
WAITS HRESULT contents_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                            ULONG flags, struct error_info *error, IMAPITable **ret_table);

#endif
