/* session/service_support.h - what a message service's entry point may ask: IMAPISupport
 *
 * Private to session/. */
#ifndef SESSION_SERVICE_SUPPORT_H
#define SESSION_SERVICE_SUPPORT_H

#include "mapi/mapispi.h"
#include "mapi/object.h"
#include "session/profiles.h"

/* The support object of one call of the entry point of `service` in the profile `key` (PRF-116):
 * memory, ids, errors and the profile's sections, NULL naming the service's own. There is no
 * session behind it: the rest answers MAPI_E_NO_SUPPORT. The caller's reference. */
HRESULT service_support_create(struct profiles *profiles, struct mapi_object *owner,
                               const MAPIUID *key, const MAPIUID *service,
                               IMAPISupport **ret_support);

#endif
