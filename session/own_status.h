/* session/own_status.h - the status objects of the library's own three rows
 *
 * Private to session/. Behaviour: STA-053, STA-054, STA-085, STA-095 to STA-104, STA-119 to
 * STA-128. */
#ifndef SESSION_OWN_STATUS_H
#define SESSION_OWN_STATUS_H

#include "session/session.h"

/* Opens the object of the row of `uid`, owned by `owner`. MAPI_E_NOT_FOUND: no row of ours has it.
 */
HRESULT own_status_open(struct session *session, struct mapi_object *owner, const MAPIUID *uid,
                        LPCIID iid, IMAPIStatus **ret_status);

/* Adds the three rows at the beginning of a session. */
HRESULT own_status_rows_add(struct session *session);

#endif
