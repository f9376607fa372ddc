/* providers/imap/search_contents.h - the contents table of a search folder */
#ifndef IMAP_SEARCH_CONTENTS_H
#define IMAP_SEARCH_CONTENTS_H

#include "providers/imap/link.h"

/* A table of what the search has found so far; it follows the search. Of a search that was kept
 * from an earlier run its first pass is waited for, 30 s at most. Fails like contents_open. */
WAITS HRESULT search_contents_open(struct imap_link *link, struct mapi_object *owner,
                                   uint64_t folder, ULONG flags, struct error_info *error,
                                   IMAPITable **ret_table);

#endif
