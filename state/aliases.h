/* state/aliases.h - messages whose number is not their generation and UID
 *
 * Number -> (generation, UID) is arithmetic (state/number.h) unless an alias row exists: for a
 * message that SaveChanges rewrote under a new UID, and for one that a client named. An index loads
 * the rows of a generation once; reading mail then asks nothing here. Conventions: state/state.h.
 * Source: docs/mail.md "Identity", "Saving". */
#ifndef MG_STATE_ALIASES_H
#define MG_STATE_ALIASES_H

#include "state/mailbox.h"

struct state_alias {
    uint64_t number;
    uint16_t generation; /* where the message lies now */
    uint32_t uid;
};

/* Sets (or changes) where `number` lies. Fails with MAPI_E_COLLISION when another number already
 * names that message, MAPI_E_INVALID_PARAMETER for a number that cannot be a message's. */
WAITS HRESULT state_alias_set(struct state_mailbox *mailbox, const struct state_alias *alias,
                              struct error_info *error);

/* Drops the row; none there is no error. */
WAITS HRESULT state_alias_remove(struct state_mailbox *mailbox, uint64_t number,
                                 struct error_info *error);

/* Where `number` lies: its alias row, else arithmetic. Fails with MAPI_E_NOT_FOUND for a client's
 * number without a row and for an arithmetic number whose message has another number. */
WAITS HRESULT state_number_resolve(struct state_mailbox *mailbox, uint64_t number,
                                   struct error_info *error, struct state_alias *ret_alias);

/* And back: the number of a message. */
WAITS HRESULT state_number_of(struct state_mailbox *mailbox, uint16_t generation, uint32_t uid,
                              struct error_info *error, uint64_t *ret_number);

/* All rows that lead into a generation, by UID. */
WAITS HRESULT state_aliases_list(struct state_mailbox *mailbox, uint16_t generation,
                                 struct error_info *error, struct state_alias **ret_aliases,
                                 size_t *ret_count);

#endif
