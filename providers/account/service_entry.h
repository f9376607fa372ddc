/* providers/account/service_entry.h - the entry point of the message service IMAPSMTP
 *
 * Called by whoever administers a profile, on its own thread: foreign code in both directions, so
 * never on an engine thread. */
#ifndef MG_ACCOUNT_SERVICE_ENTRY_H
#define MG_ACCOUNT_SERVICE_ENTRY_H

#include "mapi/mapispi.h"

/* MSG_SERVICE_CONFIGURE checks the values and puts them into the service's section, where both
 * providers find them (docs/architecture.md, "Names that outsiders depend on"). No dialog is shown
 * (PRF-130): MAPI_E_UNCONFIGURED says that server, user or password command is missing and no value
 * was given; MAPI_E_INVALID_PARAMETER that a URL is none, and *lppMapiError says why.
 * MSG_SERVICE_PROVIDER_CREATE is MAPI_E_NO_SUPPORT (PRF-122): an account has one of each. The rest
 * has nothing to do and is S_OK. */
MSGSERVICEENTRY imapsmtp_service_entry;

#endif
