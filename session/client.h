/* session/client.h - one client of a session: the IMAPISession it was given
 *
 * Private to session/. */
#ifndef SESSION_CLIENT_H
#define SESSION_CLIENT_H

#include "session/session.h"

/* Makes the client's object on `session` (a reference is taken) and counts it in. The caller's
 * reference. */
HRESULT client_create(struct session *session, IMAPISession **ret_session);

/* Keeps what went wrong at the logon for the client's GetLastError (MAPI_W_ERRORS_RETURNED). */
void client_keep_error(IMAPISession *session, const struct error_info *error);

#endif
