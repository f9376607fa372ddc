/* providers/contacts/provider.h - the address book provider's way in
 *
 * What the session's table of built-in providers names; a provider in a shared object would export
 * it as ABProviderInit. */
#ifndef CONTACTS_PROVIDER_H
#define CONTACTS_PROVIDER_H

#include "mapi/mapispi.h"

/* ABProviderInit as mapispi.h documents it: *ret_provider is the caller's reference. Fails with
 * MAPI_E_VERSION, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY. */
ABPROVIDERINIT contacts_provider_init;

#endif
