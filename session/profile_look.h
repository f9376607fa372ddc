/* session/profile_look.h - what a profile has already
 *
 * Private to session/. */
#ifndef SESSION_PROFILE_LOOK_H
#define SESSION_PROFILE_LOOK_H

#include "state/profiles.h"

struct profile_look {
    bool has_service;  /* of that name */
    bool has_identity; /* a service gives the primary identity */
    bool has_store;    /* a store is the default one */
};

/* `name` is compared with PR_SERVICE_NAME. Also inside a transaction. */
WAITS HRESULT profile_look(struct profile_store *store, const MAPIUID *key, const WCHAR *name,
                           struct error_info *error, struct profile_look *ret_look);

/* PR_SERVICE_NAME of a service, UTF-8; to free with mapi_free. MAPI_E_NOT_FOUND: it has none. */
WAITS HRESULT profile_service_name(struct profile_store *store, const MAPIUID *key,
                                   const MAPIUID *uid, struct error_info *error, char **ret_name);

#endif
