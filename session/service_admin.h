/* session/service_admin.h - administration of a profile's message services: IMsgServiceAdmin
 *
 * Private to session/. */
#ifndef SESSION_SERVICE_ADMIN_H
#define SESSION_SERVICE_ADMIN_H

#include "mapi/mapix.h"
#include "mapi/object.h"
#include "session/profiles.h"

/* IMsgServiceAdmin (and 2) on the profile `key`, owned by `owner` (NULL: none). The caller's
 * reference. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT service_admin_create(struct profiles *profiles, struct mapi_object *owner,
                             const MAPIUID *key, IMsgServiceAdmin **ret_admin);

/* IProviderAdmin on one service of it; `for_entry`: for the service's entry point, which may name
 * its own section by NULL (PRF-048, PRF-049). */
HRESULT provider_admin_create(struct profiles *profiles, struct mapi_object *owner,
                              const MAPIUID *key, const MAPIUID *service, bool for_entry,
                              IProviderAdmin **ret_admin);

/* A table of the sections of a kind, of one service if `service` is not NULL, with these columns
 * out of their properties (PR_INSTANCE_KEY, PR_SERVICE_UID and PR_PROVIDER_UID are made). */
WAITS HRESULT section_table_open(struct profiles *profiles, struct mapi_object *owner,
                                 const MAPIUID *key, int kind, const MAPIUID *service,
                                 const SPropTagArray *columns, ULONG flags, IMAPITable **ret_table);

#endif
