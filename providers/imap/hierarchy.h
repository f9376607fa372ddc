/* providers/imap/hierarchy.h - the hierarchy table of a folder
 *
 * Private to providers/imap. */
#ifndef IMAP_HIERARCHY_H
#define IMAP_HIERARCHY_H

#include "providers/imap/link.h"

/* A table of the folders below `folder`: its children, or with CONVENIENT_DEPTH all below it with
 * PR_DEPTH. `flags` are GetHierarchyTable's. It follows the account. The caller's reference. */
WAITS HRESULT hierarchy_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                             ULONG flags, IMAPITable **ret_table);

#endif
