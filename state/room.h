/* state/room.h - what the files of this room share
 *
 * Private to state/. */
#ifndef MG_STATE_ROOM_H
#define MG_STATE_ROOM_H

#include "state/aliases.h"
#include "state/block.h"
#include "state/db.h"
#include "state/mailbox.h"

struct db *state_db(struct state *state);
struct db *mailbox_db(const struct state_mailbox *mailbox);
int64_t mailbox_id(const struct state_mailbox *mailbox); /* key of its rows */

/* After a transaction that began a new ReplGuid was committed. */
void mailbox_set_repl_guid(struct state_mailbox *mailbox, const MAPIUID *guid);

/* Takes `count` numbers from one of the mailbox's counters, inside a job. */
enum mailbox_counter {
    COUNTER_SIDE,
    COUNTER_CLIENT,
    COUNTER_GENERATION,
    COUNTER_CHANGE,
    COUNTER_NAMED,
    COUNTER_COUNT,
};
HRESULT counter_take(struct tx *tx, int64_t mailbox, enum mailbox_counter counter, uint64_t count,
                     uint64_t *ret_first);

/* A random MAPIUID, marked as a version 4 UUID. */
MAPIUID random_uid(void);

/* Sets the alias row inside a job (aliases.c, for the rewrites). */
HRESULT alias_set_in_tx(struct tx *tx, int64_t mailbox, const struct state_alias *alias);

/* Makes an object inside a job (objects.c); number 0 takes the next. */
struct state_object;
HRESULT object_create_in_tx(struct tx *tx, int64_t mailbox, struct state_object *object);

/* Reads a props-like query (prop, type, value in columns `column`...) into a block of SPropValue.
 */
HRESULT read_value_row(struct query *query, int column, struct block *block);

/* True if `tags` (NULL: all) names the property id. */
bool tags_name(const ULONG *tags, size_t count, uint32_t id);

#endif
