/* providers/imap/names.h - named properties of a store's objects
 *
 * One mapping for all of them, the mailbox's (STO-280, STO-350); PS_MAPI names stand for the ids
 * below 0x8000. */
#ifndef IMAP_NAMES_H
#define IMAP_NAMES_H

#include "mapi/prop.h"
#include "providers/imap/link.h"

/* For prop_ops, of objects whose mapi_prop has the link as its context. */
WAITS HRESULT names_from_ids(struct mapi_prop *prop, SPropTagArray **tags, const GUID *set,
                             ULONG flags, ULONG *ret_count, MAPINAMEID ***ret_names);
WAITS HRESULT names_to_ids(struct mapi_prop *prop, ULONG count, MAPINAMEID **names, ULONG flags,
                           SPropTagArray **ret_tags);

#endif
