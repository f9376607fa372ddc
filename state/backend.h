/* state/backend.h - one connection to a database
 *
 * Private to state/: db.c and the one backend that is built in (sqlite.c). A connection is used by
 * one thread at a time. Failures fill `error` and are HRESULTs of state/state.h's list; a unique
 * key that is taken is MAPI_E_COLLISION. */
#ifndef MG_STATE_BACKEND_H
#define MG_STATE_BACKEND_H

#include "state/db.h"

struct backend_options {
    const char *path; /* NULL: in memory */
    const struct db_schema *schema;
    uint32_t busy_ms;
    bool read_only; /* a reader's connection: the file and its tables are there */
};

/* Opens the file, making it (0600) unless read_only. */
HRESULT backend_open(const struct backend_options *options, struct error_info *error,
                     struct backend **ret_backend);
void backend_close(struct backend *backend); /* NULL is accepted */

/* Brings the tables up to date, in one transaction. MAPI_E_VERSION: a newer release's file. */
HRESULT backend_migrate(struct backend *backend, const struct db_schema *schema,
                        struct error_info *error);

HRESULT backend_exec(struct backend *backend, const char *sql, struct error_info *error);

/* False when the backend has ended the transaction by itself (disk full and the like). */
bool backend_in_transaction(struct backend *backend);

#endif
