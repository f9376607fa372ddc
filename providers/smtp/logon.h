/* providers/smtp/logon.h - one logon of the transport: IXPLogon
 *
 * Private to providers/smtp. */
#ifndef SMTP_LOGON_H
#define SMTP_LOGON_H

#include "mapi/mapispi.h"
#include "mapi/object.h"
#include "providers/smtp/link.h"

/* Logs on: reads the provider's section of the profile, opens the account, publishes the status
 * row, connects nothing. `flags` are TransportLogon's. On S_OK *ret_logon is the caller's
 * reference. Fails with MAPI_E_UNCONFIGURED, MAPI_E_FAILONEPROVIDER (bad settings; the service goes
 * on), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT smtp_logon_create(struct mapi_object *provider, IMAPISupport *support, ULONG flags,
                          struct error_info *error, IXPLogon **ret_logon);

/* The status object of the logon that `logon` is part of is going. */
struct smtp_status;
void smtp_logon_forget_status(struct mapi_object *logon, struct smtp_status *status);

#endif
