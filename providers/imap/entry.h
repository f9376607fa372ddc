/* providers/imap/entry.h - opening and comparing by entry id, for every object of a store
 *
 * Private to providers/imap: IMSLogon, IMsgStore and IMAPIFolder have the same methods. Behaviour:
 * STO, "OpenEntry"; SES-118 to SES-136. */
#ifndef IMAP_ENTRY_H
#define IMAP_ENTRY_H

#include "providers/imap/link.h"

/* Opens the folder or message of `id`, owned by `owner`; `id` NULL: the root folder. The failure is
 * kept with `owner` for GetLastError. */
WAITS HRESULT entry_open(struct imap_link *link, struct mapi_object *owner, ULONG size,
                         const ENTRYID *id, const IID *iid, ULONG flags, ULONG *ret_type,
                         IUnknown **ret_unknown);

HRESULT entry_compare(struct imap_link *link, ULONG size1, const ENTRYID *id1, ULONG size2,
                      const ENTRYID *id2, ULONG flags, ULONG *ret_result);

/* Advise on a folder or message (`id` NULL: the store), through IMAPISupport::Subscribe. */
HRESULT entry_advise(struct imap_link *link, ULONG size, const ENTRYID *id, ULONG mask,
                     IMAPIAdviseSink *sink, ULONG_PTR *ret_connection);

#endif
