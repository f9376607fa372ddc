/* state/profile_rows.h - what profiles.c and profile_sections.c share
 *
 * Private to state/. */
#ifndef MG_STATE_PROFILE_ROWS_H
#define MG_STATE_PROFILE_ROWS_H

#include "state/db.h"
#include "state/profiles.h"

struct db *profile_db(struct profile_store *store);

/* MAPI_E_NOT_FOUND unless the profile is there (deleted ones in use are). */
HRESULT profile_check(struct tx *tx, const MAPIUID *key);

#endif
