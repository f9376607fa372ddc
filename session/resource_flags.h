/* session/resource_flags.h - PR_RESOURCE_FLAGS of a profile's section
 *
 * Private to session/. Also inside a transaction. */
#ifndef SESSION_RESOURCE_FLAGS_H
#define SESSION_RESOURCE_FLAGS_H

#include "state/profiles.h"

/* 0: it has none. */
WAITS HRESULT resource_flags_get(struct profile_store *store, const MAPIUID *key,
                                 const MAPIUID *uid, struct error_info *error, ULONG *ret_flags);

/* Sets bits and clears others; a bit in both is cleared. */
WAITS HRESULT resource_flags_change(struct profile_store *store, const MAPIUID *key,
                                    const MAPIUID *uid, ULONG set, ULONG clear,
                                    struct error_info *error);

#endif
