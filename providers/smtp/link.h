/* providers/smtp/link.h - a transport logon's side on the engine: the account and the status row
 *
 * Private to providers/smtp. The link watches the account and writes the logon's status row; it is
 * the row's only writer. Created, closed and asked from the spooler's thread (or, in the daemon,
 * fiber); everything inside runs on the engine. */
#ifndef SMTP_LINK_H
#define SMTP_LINK_H

#include "mapi/mapispi.h"
#include "providers/account/account.h"
#include "providers/account/config.h"

struct smtp_link;

/* The columns that change, and those that never do, as the row and the status object have them. */
#define SMTP_ROW_LIVE   2
#define SMTP_ROW_STATIC 7

/* Opens the account of `settings` and publishes the row; never connects (docs/mail.md). A reference
 * on `support` is taken. `outbound` says whether that direction is enabled. Fails as account_open
 * and IMAPISupport::ModifyStatusRow do. */
WAITS HRESULT smtp_link_create(const struct account_settings *settings, IMAPISupport *support,
                               bool outbound, struct error_info *error,
                               struct smtp_link **ret_link);

/* Lets go of the account, then of the support object, which takes the row away. close waits and is
 * for TransportLogoff; drop never waits, for a last Release without it (XPT-023). NULL is accepted.
 */
WAITS void smtp_link_close(struct smtp_link *link);
void smtp_link_drop(struct smtp_link *link);

/* PR_STATUS_CODE and PR_STATUS_STRING now; then all columns. What they point at hangs off `root`.
 */
WAITS HRESULT smtp_link_live(struct smtp_link *link, void *root,
                             SPropValue ret_values[SMTP_ROW_LIVE]);
WAITS HRESULT smtp_link_static(struct smtp_link *link, void *root,
                               SPropValue ret_values[SMTP_ROW_STATIC], ULONG *ret_count);

IMAPISupport *smtp_link_support(const struct smtp_link *link); /* the link's */

/* TransportNotify's BEGIN and END of the outbound direction; the row is true on return. */
WAITS HRESULT smtp_link_enable_outbound(struct smtp_link *link, bool enable);

/* ValidateState and FlushQueues, flags as IMAPIStatus has them and checked by the caller. A flush
 * goes on by itself (STA-138). */
WAITS HRESULT smtp_link_validate(struct smtp_link *link, ULONG flags, struct error_info *error);
WAITS HRESULT smtp_link_flush(struct smtp_link *link, ULONG flags);

#endif
