/* providers/imap/news.h - an account's events as MAPI notifications
 *
 * Private to providers/imap. */
#ifndef IMAP_NEWS_H
#define IMAP_NEWS_H

#include "mapi/mapispi.h"
#include "providers/account/account.h"

/* Posts the notifications that `event` means, each under the key of the object and under the
 * store's (Advise without an entry id). Engine thread; never waits. `logon` is as below. */
void news_post(IMAPISupport *support, const void *logon, const struct mailbox_guids *guids,
               const struct account_event *event);

/* The key that subscribers of an object use: the logon (by its address: every logon on an account
 * posts what it hears, and keys are the whole session's) and the entry id, or for the whole store
 * `size` 0. The caller frees it with mapi_free. NULL without memory. */
NOTIFKEY *news_key(const void *logon, const struct mailbox_guids *guids, const void *id,
                   ULONG size);

#endif
