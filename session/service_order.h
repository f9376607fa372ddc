/* session/service_order.h - the order of a profile's transports
 *
 * Private to session/. It is kept in the profile and holds for later sessions. Behaviour: PRF-105
 * to PRF-109. */
#ifndef SESSION_SERVICE_ORDER_H
#define SESSION_SERVICE_ORDER_H

#include "state/profiles.h"

/* Puts the transports into this order; other providers keep their places. Fails with MAPI_E_BUSY
 * (not each transport once, PRF-107), MAPI_E_NOT_FOUND (PRF-108). */
WAITS HRESULT service_order_transports(struct profile_store *store, const MAPIUID *key,
                                       const MAPIUID *wanted, ULONG wanted_count,
                                       struct error_info *error);

/* A provider has been added last: if it is a transport, it goes before the STATUS_XP_PREFER_LAST
 * ones that stand at the end, unless it is one itself (PRF-105). An order that somebody has given
 * is not touched otherwise (PRF-109). */
WAITS HRESULT service_order_added(struct profile_store *store, const MAPIUID *key,
                                  struct error_info *error);

#endif
