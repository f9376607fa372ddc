/* session/spooler.h - the spooler: transports, on a thread of their own
 *
 * Private to session/. Logs on to the transports of the profile after MAPILogonEx has returned
 * (SES-094), keeps them logged on, and carries out what is asked of all of them. It uses providers
 * as a client would. The account of a tightly coupled service sends by itself (docs/mail.md), so
 * there is no outgoing queue here yet. NULL stands for "no spooler" (MAPI_NO_MAIL) in all
 * functions. */
#ifndef SESSION_SPOOLER_H
#define SESSION_SPOOLER_H

#include "session/session.h"

/* Starts the thread, which starts the transports. The session ends the spooler before itself. Fails
 * with MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT spooler_start(struct session *session, struct spooler **ret_spooler);
/* Ends the thread; the transports are logged off by the session. */
WAITS void spooler_stop(struct spooler *spooler);

/* Waits until each transport has been tried (SES-186). */
WAITS void spooler_wait_started(struct spooler *spooler);

/* Logs on all transports, whether logged on already or not (STA-098): the first failure.
 * MAPI_E_NO_SUPPORT without a spooler. */
WAITS HRESULT spooler_logon_all(struct spooler *spooler);

/* Flushes all transports, or the one whose section is `target`, one after another in the profile's
 * order (STA-122, STA-127); returns when done unless FLUSH_ASYNC_OK. MAPI_E_BUSY: one is under way.
 */
WAITS HRESULT spooler_flush(struct spooler *spooler, const MAPIUID *target, ULONG flags);

/* IMAPISupport::SpoolerNotify. */
HRESULT spooler_notify(struct spooler *spooler, ULONG flags);

#endif
