/* providers/account/quota.h - how much the store holds, and may hold
 *
 * Asked of the server (RFC 9208) when somebody wants to know, for the Inbox, and remembered for a
 * moment. Fiber of the account's engine. */
#ifndef MG_ACCOUNT_QUOTA_H
#define MG_ACCOUNT_QUOTA_H

#include "providers/account/account.h"
#include "providers/imap/client/quota.h"

/* *ret_quota without `has_storage`: the server has no limit, or could never be asked. */
WAITS void account_quota_ask(struct account *account, struct imap_quota *ret_quota);

/* This process has changed what the store holds. */
void account_quota_forget(struct account *account);

#endif
