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
struct spooler *spooler_ref(struct spooler *spooler);
void spooler_unref(struct spooler *spooler); /* memory only, any thread; NULL is accepted */

/* Answers what has been asked already and ends the thread; what is asked from now on answers
 * MAPI_E_CANCEL. The transports are logged off by the session. */
WAITS void spooler_stop(struct spooler *spooler);

/* Waits until each transport has been tried (SES-186). */
WAITS void spooler_wait_started(struct spooler *spooler);

/* Logs on all transports, whether logged on already or not (STA-098), and has each validate its
 * state (STA-117): the first failure. With CONFIG_CHANGED they are asked for their address types
 * again, and those that failed get another chance (STA-103, STA-104). MAPI_E_NO_SUPPORT without a
 * spooler. */
WAITS HRESULT spooler_validate(struct spooler *spooler, ULONG flags);

/* Flushes all transports, or the one whose section is `target`, one after another in the profile's
 * order (STA-122, STA-127); returns when done unless FLUSH_ASYNC_OK. MAPI_E_BUSY: one is under way.
 */
WAITS HRESULT spooler_flush(struct spooler *spooler, const MAPIUID *target, ULONG flags);

/* IMAPISupport::SpoolerNotify. */
HRESULT spooler_notify(struct spooler *spooler, ULONG flags);

#endif
