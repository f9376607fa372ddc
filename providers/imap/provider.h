/* providers/imap/provider.h - the message store provider's way in
 *
 * What the session's table of built-in providers names; a provider in a shared object would export
 * it as MSProviderInit. */
#ifndef IMAP_PROVIDER_H
#define IMAP_PROVIDER_H

#include "mapi/mapispi.h"

/* MSProviderInit as mapispi.h documents it: *ret_provider is the caller's reference. Fails with
 * MAPI_E_VERSION, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY. */
MSPROVIDERINIT imap_provider_init;

#endif
