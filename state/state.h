/* state/state.h - the side store: what IMAP has no home for
 *
 * Ids, named property numbers, property rows, the save journal and the submit queue of all
 * mailboxes, in one database (SQLite: state.db in the state directory). It is state, not cache: it
 * cannot be made again from the server. A header per noun says what there is; this one opens,
 * closes and brackets. Several processes may share the file.
 *
 * Who may call: application threads and fibers; not a loop callback, not an engine_work job. Every
 * function marked WAITS is a transaction of its own, durable when it returns S_OK; several become
 * one inside state_transaction. Writes of many callers share a commit.
 *
 * What comes back through a `ret_` pointer is one block, the caller's to free() unless a header
 * says otherwise; strings and arrays inside point into the same block.
 *
 * Errors of every function, beside those that its own comment names: MAPI_E_BUSY (another process
 * held the database for 5 s; try again), MAPI_E_CORRUPT_STORE (the file is damaged), MAPI_E_VERSION
 * (a newer release wrote it), MAPI_E_NOT_ENOUGH_DISK, MAPI_E_NO_ACCESS (read-only file or
 * directory), MAPI_E_DISK_ERROR, MAPI_E_NOT_ENOUGH_MEMORY. What only reads, and opening, also fails
 * with MAPI_E_USER_CANCEL in a cancelled fiber; what writes is seen through, so that a journal is
 * true whatever happens to its writer. `error` may be NULL.
 * Source: docs/engine.md "Side store", docs/mail.md. */
#ifndef MG_STATE_H
#define MG_STATE_H

#include "mapi/error.h"
#include "net/engine.h"

struct state;

/* Times in this room are milliseconds since 1970-01-01 UTC: processes share them. 0: none. */

struct state_options {
    const char *directory;  /* from state_directory_find */
    uint32_t busy_ms;       /* 0: 5000 */
    int64_t (*clock)(void); /* NULL: the real-time clock; tests turn it by hand */
};

/* Opens the store, making it when missing (0600), and brings an older schema up to date. On S_OK
 * *ret_state has one reference. Fails also as state_directory_check. */
WAITS HRESULT state_open(const struct state_options *options, struct error_info *error,
                         struct state **ret_state);

/* References. The last unref finishes what is queued and ends the writer thread; NULL is accepted.
 */
struct state *state_ref(struct state *state);
WAITS void state_unref(struct state *state);

/* Runs fn(arg) on the store's writer thread, with all state calls that it makes on this store as
 * one transaction: all or nothing when it fails. fn may call functions of this room only, must not
 * keep what it got from them beyond its failure, and must not touch anything its caller's other
 * threads touch. A call that failed inside leaves nothing behind by itself. */
typedef HRESULT state_fn(void *arg);
WAITS HRESULT state_transaction(struct state *state, state_fn *fn, void *arg,
                                struct error_info *error);

/* The path of the database file, the state's own: for messages. */
const char *state_path(const struct state *state);

#endif
