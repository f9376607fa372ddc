/* providers/imap/associated.h - folder associated messages: IMessage, and their table
 *
 * Private to providers/imap. They have properties alone: no recipients, no attachments, no read
 * state. Behaviour: STO-102, STO-113, STO-143, STO-188. */
#ifndef IMAP_ASSOCIATED_H
#define IMAP_ASSOCIATED_H

#include "providers/account/associated.h"
#include "providers/imap/link.h"

/* As message_open and message_create. */
WAITS HRESULT associated_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                              uint64_t number, const IID *iid, ULONG flags,
                              struct error_info *error, IMessage **ret_message);
HRESULT associated_create(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                          IMessage **ret_message);

/* GetContentsTable with MAPI_ASSOCIATED. */
WAITS HRESULT associated_table_open(struct imap_link *link, struct mapi_object *owner,
                                    uint64_t folder, ULONG flags, IMAPITable **ret_table);

/* What an associated message has beside its kept properties: ids, sizes, flags, read-only. The
 * values borrow from `scratch`; *ret_count of at most ASSOCIATED_COMPUTED_MAX. */
#define ASSOCIATED_COMPUTED_MAX 16
struct associated_view {
    const struct mailbox_guids *guids;
    uint64_t folder, number;
    const SPropValue *kept; /* for PR_MESSAGE_SIZE */
    size_t kept_count;
    bool writable;
};
HRESULT associated_computed(const struct associated_view *view, struct arena *scratch,
                            SPropValue *ret_values, ULONG *ret_count);

#endif
