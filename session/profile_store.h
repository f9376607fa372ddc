/* session/profile_store.h - where profiles are kept
 *
 * Profiles live in the side store (state/profiles.h), or in memory alone: for the gateway, whose
 * accounts are not a user's configuration. One set of operations serves both. Any thread or fiber
 * that may wait. */
#ifndef SESSION_PROFILE_STORE_H
#define SESSION_PROFILE_STORE_H

#include "mapi/error.h"
#include "net/engine.h"

struct profile_store;

/* The store on the state directory; opened at the first use, so that this never waits nor fails for
 * what is wrong there. On S_OK one reference. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT profile_store_create(struct profile_store **ret_store);

/* A store in memory. Fails likewise. */
HRESULT profile_store_create_memory(struct profile_store **ret_store);

struct profile_store *profile_store_ref(struct profile_store *store);
void profile_store_unref(struct profile_store *store); /* NULL is accepted; never waits long */

/* The name of the default profile, UTF-8, to free(). MAPI_E_NOT_FOUND: there is none. */
WAITS HRESULT profile_store_default(struct profile_store *store, struct error_info *error,
                                    char **ret_name);

#endif
