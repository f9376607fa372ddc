/* state/mailbox.h - one account's mailbox in the side store
 *
 * A mailbox gets its MailboxGuid and ReplGuid once, at random, and keeps them under its account key
 * (the configured id, else lower-case user@imap-host). All other nouns hang on this handle.
 * Conventions and common errors: state/state.h. Source: docs/mail.md "Identity". */
#ifndef MG_STATE_MAILBOX_H
#define MG_STATE_MAILBOX_H

#include "state/number.h"
#include "state/state.h"

#define ACCOUNT_KEY_MAX 512

struct state_mailbox;

/* Finds the mailbox of `account_key`, or makes it when `create`. The handle holds a reference on
 * `state`; state_mailbox_unref gives it back. *ret_created (may be NULL) tells whether this call
 * made it: a mailbox that is known can be opened while its server is away. Fails with
 * MAPI_E_NOT_FOUND (not `create`), MAPI_E_INVALID_PARAMETER (empty, or above ACCOUNT_KEY_MAX). */
WAITS HRESULT state_mailbox_open(struct state *state, const char *account_key, bool create,
                                 struct error_info *error, struct state_mailbox **ret_mailbox,
                                 bool *ret_created);
struct state_mailbox *state_mailbox_ref(struct state_mailbox *mailbox);
WAITS void state_mailbox_unref(struct state_mailbox *mailbox); /* NULL is accepted */

/* The store it belongs to, for state_transaction; the mailbox's own. */
struct state *state_mailbox_state(struct state_mailbox *mailbox);

/* MailboxGuid: PR_STORE_RECORD_KEY, RopLogon's MailboxGuid, the UID that store logons register.
 * Never changes. */
const MAPIUID *state_mailbox_guid(const struct state_mailbox *mailbox);

/* ReplGuid: the database GUID inside entry ids and source keys. It changes only when all
 * generations are used up (MAPI_W_ERRORS_RETURNED from a folder function tells). */
MAPIUID state_mailbox_repl_guid(struct state_mailbox *mailbox);

/* PR_MAPPING_SIGNATURE: names the map of named properties. Never changes. */
const MAPIUID *state_mailbox_mapping_signature(const struct state_mailbox *mailbox);

/* Takes `count` change numbers (1 to 2^32) from the mailbox's one persistent counter; *ret_first is
 * the first of them. They only ever grow and are never given twice. Who reads much takes a block
 * and hands it out, so that reading mail needs no commit; numbers lost with the process are gaps.
 */
WAITS HRESULT state_mailbox_change_numbers(struct state_mailbox *mailbox, uint64_t count,
                                           struct error_info *error, uint64_t *ret_first);

/* Takes `count` (1 to 2^24) consecutive numbers 0xC000-0xFFFE for a client
 * (RopGetLocalReplicaIds). Fails with MAPI_E_NOT_ENOUGH_RESOURCES when they are used up. */
WAITS HRESULT state_mailbox_client_numbers(struct state_mailbox *mailbox, uint32_t count,
                                           struct error_info *error, uint64_t *ret_first);

/* Takes a number for a side-stored object (state/objects.h makes the object as well). */
WAITS HRESULT state_mailbox_side_number(struct state_mailbox *mailbox, struct error_info *error,
                                        uint64_t *ret_number);

/* Forgets the mailbox and all that hangs on it, ids included: for a deleted account. */
WAITS HRESULT state_mailbox_delete(struct state *state, const char *account_key,
                                   struct error_info *error);

#endif
