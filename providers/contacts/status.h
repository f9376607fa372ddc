/* providers/contacts/status.h - the status object of one address book logon
 *
 * Private to providers/contacts: clients know it as an IMAPIStatus. */
#ifndef CONTACTS_STATUS_H
#define CONTACTS_STATUS_H

#include "mapi/mapidefs.h"
#include "mapi/object.h"
#include "net/engine.h"

/* Makes the status object of a logon, which it holds while it lives and with which it becomes
 * invalid. On S_OK *ret_status is the caller's reference. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
WAITS HRESULT contacts_status_create(struct mapi_object *logon, IMAPIStatus **ret_status);

#endif
