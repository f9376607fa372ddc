/* session/service_copy.h - copying a message service, from a profile to the same or another
 *
 * Private to session/. Behaviour: PRF-065 to PRF-068, PRF-085. */
#ifndef SESSION_SERVICE_COPY_H
#define SESSION_SERVICE_COPY_H

#include "state/profiles.h"

/* Copies the service `uid` of the profile `from`, its providers and its further sections with all
 * their settings, secure ones too. `display` (NULL: as it is) names the copy; nobody's entry point
 * hears of it. The copy is not the default store and gives no identity where the profile `to` has
 * them. Fails with MAPI_E_NO_ACCESS (SERVICE_SINGLE_COPY, and there is one), MAPI_E_NOT_FOUND. */
WAITS HRESULT service_copy(struct profile_store *store, const MAPIUID *from, const MAPIUID *uid,
                           const MAPIUID *to, WCHAR *display, struct error_info *error);

#endif
