/* state/generations.h - the 16 bits that a (folder, UIDVALIDITY) gets
 *
 * Private to state/: folders.c. */
#ifndef MG_STATE_GENERATIONS_H
#define MG_STATE_GENERATIONS_H

#include "state/db.h"

/* The generation of a folder's UIDVALIDITY, made when it is new. Fails with
 * MAPI_E_NOT_ENOUGH_RESOURCES when all are used up. */
HRESULT generation_find_or_make(struct tx *tx, int64_t mailbox, uint64_t folder,
                                uint32_t uid_validity, uint16_t *ret_generation);

/* All are used up: gives the mailbox a new ReplGuid, living folders new generations from the lowest
 * up, and carries what hangs on their messages over to the new numbers; what hung on generations of
 * the past is dropped. Fails with MAPI_E_NOT_ENOUGH_RESOURCES if the living ones alone are too
 * many. */
HRESULT generations_begin_anew(struct tx *tx, int64_t mailbox, MAPIUID *ret_repl_guid);

#endif
