/* providers/account/receipt.h - read receipts: telling a sender that a message was read
 *
 * A receipt is pending while the message asks for one (Disposition-Notification-To) and carries
 * neither $MDNSent (RFC 3503) nor \Draft. The mark is set before the receipt goes, so that none
 * goes twice. Fiber of the account's engine. */
#ifndef MG_ACCOUNT_RECEIPT_H
#define MG_ACCOUNT_RECEIPT_H

#include "providers/account/messages.h"

/* Those of the messages whose receipt is pending; with `unread` the unread ones among them. free().
 */
WAITS HRESULT account_receipts_pending(struct account *account, uint64_t folder,
                                       const uint64_t *numbers, size_t count, bool unread,
                                       struct error_info *error, uint64_t **ret_numbers,
                                       size_t *ret_count);

/* Marks each and, with `send`, submits the receipt (RFC 8098). Goes on past failures and returns
 * the first. */
WAITS HRESULT account_receipts_settle(struct account *account, uint64_t folder,
                                      const uint64_t *numbers, size_t count, bool send,
                                      struct error_info *error);

/* The receipt's bytes, CRLF line ends; free(). NULL without memory. `now` is seconds since 1970,
 * `id` makes boundary and Message-ID unique; message_id and subject may be NULL. */
char *receipt_compose(const char *email, const char *to, const char *message_id,
                      const char *subject, int64_t now, const char *id, size_t *ret_size);

#endif
