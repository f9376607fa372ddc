/* state/db.h - one database: its writer thread, its readers, its statements
 *
 * Private to state/. Nouns are written against this header in plain SQL that SQLite and PostgreSQL
 * both understand, with parameters ?1, ?2...; the backend behind it (sqlite.c) can be exchanged.
 *
 * A job is a function that works inside a transaction. Writing jobs of all callers run one after
 * another on the database's writer thread, each in a savepoint, many in one commit; reading jobs
 * run on pool threads (engine_work) in a snapshot of their own. A job that is started inside a
 * writing job of the same database runs at once in a savepoint of it. */
#ifndef MG_STATE_DB_H
#define MG_STATE_DB_H

#include "mapi/error.h"
#include "net/engine.h"
#include "state/state.h"

struct db;
struct backend;

/* A database's tables, by version: steps[n] turns version n into n + 1. */
struct db_schema {
    const char *file_name; /* in the directory */
    int32_t application_id;
    const char *const *steps;
    int step_count;
    bool wipe; /* overwrite what is deleted */
};

/* Opens DIRECTORY/file_name, or a database in memory when there is no directory. */
WAITS HRESULT db_open(const struct db_schema *schema, const struct state_options *options,
                      struct error_info *error, struct db **ret_db);

/* Lets queued jobs end, ends the thread, frees. NULL is accepted. */
WAITS void db_close(struct db *db);

const char *db_path(const struct db *db);

/* Names this opened database among all that have the file open, so that a lease shows whose it is.
 * The name tells the process, and db_owner_is_dead whether that is seen to be gone: only ever true
 * for a process of this host and PID namespace. */
const char *db_owner(const struct db *db);
bool db_owner_is_dead(const struct db *db, const char *owner);

/* A transaction as a job sees it. */
struct tx {
    struct db *db;
    struct backend *backend;
    int64_t now;             /* the clock when the job began */
    struct error_info error; /* of the failure that the job returns; may stay empty */
};

typedef HRESULT db_fn(struct tx *tx, void *arg);
WAITS HRESULT db_write(struct db *db, db_fn *fn, void *arg, struct error_info *error);
WAITS HRESULT db_read(struct db *db, db_fn *fn, void *arg, struct error_info *error);

/* One statement. Failures stick and come out of query_end, so a reader is
 *
 *     query_start(&q, tx, "SELECT a FROM t WHERE b=?1", "i", b);
 *     while (query_row(&q))
 *         use(query_int(&q, 0));
 *     return query_end(&q);
 *
 * The letters say what is bound: i int64_t, s const char * (NULL is NULL), b const void *, size_t
 * (NULL is NULL). `sql` must be a string that lives for ever: statements are kept by its address.
 */
struct query {
    struct tx *tx;
    void *statement; /* the backend's */
    bool cached;
    HRESULT hr;
};
void query_start(struct query *query, struct tx *tx, const char *sql, const char *types, ...);
bool query_row(struct query *query);
int64_t query_int(struct query *query, int column);
const char *query_text(struct query *query, int column); /* until the next row; or NULL */
const void *query_bytes(struct query *query, int column, size_t *ret_size);
bool query_is_null(struct query *query, int column);
HRESULT query_end(struct query *query);

/* Runs a statement without result; ret_changed (may be NULL) is the number of rows it touched. */
HRESULT query_run(struct tx *tx, int64_t *ret_changed, const char *sql, const char *types, ...);

/* Runs a statement that gives one integer; MAPI_E_NOT_FOUND without a row. */
HRESULT query_one(struct tx *tx, int64_t *ret_value, const char *sql, const char *types, ...);

#endif
