/* session/service_identity.h - which message service gives the primary identity
 *
 * Private to session/. Kept in the profile as flags of services and providers. Behaviour: STA-155
 * to STA-161. */
#ifndef SESSION_SERVICE_IDENTITY_H
#define SESSION_SERVICE_IDENTITY_H

#include "state/profiles.h"

/* Makes the service `primary` the one that gives it (NULL: none does). Fails with MAPI_E_NO_ACCESS
 * when its description says that it has none to give (STA-160). */
WAITS HRESULT service_identity_set(struct profile_store *store, const MAPIUID *key,
                                   const MAPIUID *primary, struct error_info *error);

/* A service has gone: if it gave the identity, the next that can does (STA-157). */
WAITS HRESULT service_identity_pass_on(struct profile_store *store, const MAPIUID *key,
                                       struct error_info *error);

#endif
