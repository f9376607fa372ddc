/* providers/imap/client/uids.h - growing arrays of UIDs
 *
 * Private to the client half. */
#ifndef IMAP_UIDS_H
#define IMAP_UIDS_H

#include "providers/imap/client/message.h"
#include "providers/imap/client/response.h"

#define UIDS_TEXT_MAX 8000u     /* bytes of a set in one command (servers take 8 KB lines) */
#define UIDS_MAX      20000000u /* numbers a server may list in one answer */

/* Adds every number of the ranges in their order. MAPI_E_TOO_BIG above UIDS_MAX,
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT uids_add_ranges(struct imap_uids *uids, const struct wire_ranges *ranges);
HRESULT uids_add(struct imap_uids *uids, uint32_t uid);
void uids_sort(struct imap_uids *uids);

/* STORE of a set in parts (flags.c); `how` is "+FLAGS" and so on. */
struct imap_lease;
WAITS HRESULT flags_store_set(struct imap_lease *lease, const struct uidset *set, const char *how,
                              uint32_t flags, const char *const *keywords, uint64_t unchanged_since,
                              struct error_info *error, struct imap_uids *modified_uids);

#endif
