/* providers/imap/status.h - the status object of one store logon
 *
 * Private to providers/imap: clients know it as an IMAPIStatus. */
#ifndef IMAP_STATUS_OBJECT_H
#define IMAP_STATUS_OBJECT_H

#include "mapi/mapidefs.h"
#include "mapi/object.h"
#include "providers/imap/link.h"

struct imap_status;

/* Makes the status object of a logon, which it holds while it lives (STA-091) and with which it
 * becomes invalid (STA-093). On S_OK *ret_status is the caller's reference. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT imap_status_create(struct mapi_object *logon, struct imap_link *link,
                           IMAPIStatus **ret_status);

/* The object behind the interface; and the interface with a reference, NULL when the last has gone
 * (its destruction waits for the caller's lock). */
struct imap_status *imap_status_of(IMAPIStatus *status);
IMAPIStatus *imap_status_try_ref(struct imap_status *status);

#endif
