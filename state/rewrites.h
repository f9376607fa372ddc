/* state/rewrites.h - the journal of messages that SaveChanges replaces
 *
 * begin -> APPEND -> commit (alias, change number) -> UID EXPUNGE of the old -> close. At each
 * point where the process may die the old number opens a whole message; start-up lists what is open
 * and finishes or undoes it: APPENDING means search for the token and expunge what is found, or
 * nothing happened; REPLACED means expunge the old one. Conventions: state/state.h. Source:
 * docs/mail.md "Saving". */
#ifndef MG_STATE_REWRITES_H
#define MG_STATE_REWRITES_H

#include "state/mailbox.h"

#define REWRITE_TOKEN_MAX 128

enum state_rewrite_stage {
    REWRITE_APPENDING = 1, /* the new message may or may not have reached the server */
    REWRITE_REPLACED = 2,  /* the number names the new message; the old one is to be expunged */
};

struct state_rewrite {
    int64_t id;
    uint64_t number;         /* the message's, before and after */
    uint16_t old_generation; /* where it lay */
    uint32_t old_uid;
    uint16_t new_generation; /* 0 until REPLACED */
    uint32_t new_uid;
    enum state_rewrite_stage stage;
    const char *token; /* in a header of the new message */
};

/* Opens a journal row from number, old_generation, old_uid and token. Fails with
 * MAPI_E_COLLISION when one is open for the number (two writers of one message). */
WAITS HRESULT state_rewrite_begin(struct state_mailbox *mailbox,
                                  const struct state_rewrite *rewrite, struct error_info *error,
                                  int64_t *ret_id);

/* The new message lies at (new_generation, new_uid): sets the alias row, takes a change number and
 * moves the journal to REPLACED, in one transaction (with property rows: inside state_transaction).
 * Fails with MAPI_E_NOT_FOUND when the row is not there or already REPLACED. */
WAITS HRESULT state_rewrite_commit(struct state_mailbox *mailbox, int64_t id,
                                   uint16_t new_generation, uint32_t new_uid,
                                   struct error_info *error, uint64_t *ret_change_number);

/* Drops the row: the old message is expunged, or the rewrite was undone. */
WAITS HRESULT state_rewrite_close(struct state_mailbox *mailbox, int64_t id,
                                  struct error_info *error);

/* All open rows, oldest first. */
WAITS HRESULT state_rewrites_list(struct state_mailbox *mailbox, struct error_info *error,
                                  struct state_rewrite **ret_rewrites, size_t *ret_count);

#endif
