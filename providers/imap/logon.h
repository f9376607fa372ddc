/* providers/imap/logon.h - one logon of the store provider: IMSLogon
 *
 * Private to providers/imap. */
#ifndef IMAP_LOGON_H
#define IMAP_LOGON_H

#include "mapi/mapispi.h"
#include "mapi/object.h"

struct imap_status;

/* Logs on: reads the provider's section of the profile, opens and starts the account, publishes the
 * status row, makes the store. Both results are the caller's references. Fails as imap_link_create,
 * and with MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_UNKNOWN_FLAGS. */
HRESULT imap_logon_create(struct mapi_object *provider, IMAPISupport *support, ULONG flags,
                          const IID *iid, struct error_info *error, IMSLogon **ret_logon,
                          IMsgStore **ret_store);

/* The status object of the logon that `logon` is part of is going. */
void imap_logon_forget_status(struct mapi_object *logon, struct imap_status *status);

#endif
