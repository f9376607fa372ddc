/* session/client.h - one client of a session: the IMAPISession it was given
 *
 * Private to session/. */
#ifndef SESSION_CLIENT_H
#define SESSION_CLIENT_H

#include "session/session.h"

/* Makes the client's object on `session` (a reference is taken) and counts it in. The caller's
 * reference. MAPI_E_END_OF_SESSION: the last client has just left it; MAPI_E_NOT_INITIALIZED: the
 * library is being uninitialised. */
HRESULT client_create(struct session *session, IMAPISession **ret_session);

/* Logs off all clients of the session as if they had done it. */
WAITS void clients_log_off(struct session *session);

/* Keeps what went wrong at the logon for the client's GetLastError (MAPI_W_ERRORS_RETURNED). */
void client_keep_error(IMAPISession *session, const struct error_info *error);

#endif
