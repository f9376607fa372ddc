/* session/profiles.h - where the subsystem's profiles are kept
 *
 * The side store's profile database (state/profiles.h), opened when it is first needed, or a store
 * in memory: for the gateway, whose accounts are not a user's configuration. Reference-counted; any
 * thread or fiber that may wait. */
#ifndef SESSION_PROFILES_H
#define SESSION_PROFILES_H

#include <stdbool.h>

#include "mapi/error.h"
#include "net/engine.h"

struct profiles;
struct profile_store;

/* The profiles of the state directory, or in memory; nothing is opened yet. One reference. Fail
 * with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT profiles_create(struct profiles **ret_profiles);
HRESULT profiles_create_memory(struct profiles **ret_profiles);

struct profiles *profiles_ref(struct profiles *profiles);
WAITS void profiles_unref(struct profiles *profiles); /* NULL is accepted */

/* The database, opened now if need be; the profiles' own. Fails as profile_store_open. */
WAITS HRESULT profiles_store(struct profiles *profiles, struct error_info *error,
                             struct profile_store **ret_store);

/* The name of the default profile, UTF-8, to free(). MAPI_E_NOT_FOUND: there is none. */
WAITS HRESULT profiles_default(struct profiles *profiles, struct error_info *error,
                               char **ret_name);

/* Who has which section open: many readers or one writer (SES-177). Memory only. enter answers
 * MAPI_E_NO_ACCESS when somebody is in the way, MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT profiles_section_enter(struct profiles *profiles, const MAPIUID *key, const MAPIUID *uid,
                               bool writes);
void profiles_section_leave(struct profiles *profiles, const MAPIUID *key, const MAPIUID *uid,
                            bool writes);

#endif
