/* state/queue_rows.h - what queue.c and queue_runner.c share
 *
 * Private to state/. */
#ifndef MG_STATE_QUEUE_ROWS_H
#define MG_STATE_QUEUE_ROWS_H

#include "state/block.h"
#include "state/db.h"

/* Appends a row with its recipients to a block of struct state_submission. */
HRESULT queue_read_row(struct tx *tx, int64_t mailbox, int64_t id, struct block *block);

/* True while a lease holds: not run out, and its owner not seen to be dead. */
bool queue_is_held(const struct tx *tx, const char *owner, int64_t lease_until);

#endif
