/* providers/imap/kept.h - what a program sets on a folder or on the store
 *
 * For the prop_ops of objects without transactions whose computed properties are read-only in the
 * bag: everything else is kept in the side store, and written through at once. */
#ifndef IMAP_KEPT_H
#define IMAP_KEPT_H

#include "mapi/prop.h"
#include "providers/account/kept.h"
#include "providers/imap/link.h"

/* For `load`, after the computed ones: brings in what is kept of `number`, unless `tags` asks for
 * computed properties only. */
WAITS HRESULT kept_load(struct mapi_prop *prop, struct imap_link *link, uint64_t number,
                        const SPropTagArray *tags);

/* For `changed`: writes what is dirty. */
WAITS HRESULT kept_write(struct mapi_prop *prop, struct imap_link *link, uint64_t number);

/* The dirty items of a bag as a change; the values borrow from the bag. kept_change_clear in any
 * case. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT kept_change_of(const struct propbag *bag, struct kept_change *ret_change);
void kept_change_clear(struct kept_change *change);

#endif
