/* providers/smtp/status.h - the status object of one transport logon
 *
 * Private to providers/smtp: clients know it as an IMAPIStatus. */
#ifndef SMTP_STATUS_H
#define SMTP_STATUS_H

#include "mapi/mapidefs.h"
#include "mapi/object.h"
#include "providers/smtp/link.h"

struct smtp_status;

/* Makes the status object of a logon, which it holds while it lives (STA-091) and with which it
 * becomes invalid (STA-093). On S_OK *ret_status is the caller's reference. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT smtp_status_create(struct mapi_object *logon, struct smtp_link *link,
                           IMAPIStatus **ret_status);

/* The object behind the interface; and the interface with a reference, NULL when the last has gone
 * (its destruction waits for the caller's lock). */
struct smtp_status *smtp_status_of(IMAPIStatus *status);
IMAPIStatus *smtp_status_try_ref(struct smtp_status *status);

#endif
