/* providers/account/uid_search.h - which of these messages are there, or have words in their body?
 *
 * Private to providers/account. */
#ifndef MG_ACCOUNT_UID_SEARCH_H
#define MG_ACCOUNT_UID_SEARCH_H

#include "providers/imap/client/message.h"
#include "providers/imap/client/uidset.h"

/* Asks the server, in several commands when they are many, for those of the UIDs (0 is passed over)
 * that are there and, unless `words` (UTF-8) is NULL, have them in the body (SEARCH BODY).
 * Ascending. Fails as imap_search does. */
WAITS HRESULT account_search_uids(struct imap_lease *lease, const uint32_t *wanted, size_t count,
                                  const char *words, struct error_info *error,
                                  struct imap_uids *ret_present);

/* The same for any question: `refine` (may be NULL) adds to each command what else is asked. */
typedef void uid_search_fn(struct imap_query *query, const void *arg);
WAITS HRESULT account_search_uidset(struct imap_lease *lease, const struct uidset *set,
                                    uid_search_fn *refine, const void *arg,
                                    struct error_info *error, struct imap_uids *ret_found);

#endif
