/* state/schema.h - the tables of state.db and profiles.db
 *
 * Private to state/. A released step is never edited: a change is a step of its own. */
#ifndef MG_STATE_SCHEMA_H
#define MG_STATE_SCHEMA_H

#include "state/db.h"

extern const struct db_schema state_schema;
extern const struct db_schema profile_schema;

#endif
