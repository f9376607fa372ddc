/* state/sqlite.c - the side store on SQLite
 *
 * The one file that knows SQLite: opening, migrating, statements, and its errors turned into
 * HRESULTs. WAL with synchronous=FULL: what is committed survives a power cut, and readers do not
 * wait for the writer. */
#include "state/backend.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/mapicode.h"

#define STATEMENTS_KEPT 128

struct kept_statement {
    const char *sql; /* its address is the key */
    sqlite3_stmt *statement;
    bool in_use;
};

struct backend {
    sqlite3 *sqlite;
    char *path; /* for messages */
    struct kept_statement kept[STATEMENTS_KEPT];
    size_t kept_count;
};

/* --- Errors ----------------------------------------------------------------------------------- */

static HRESULT hresult_from_sqlite(int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return S_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return MAPI_E_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
        return MAPI_E_CORRUPT_STORE;
    case SQLITE_FULL:
        return MAPI_E_NOT_ENOUGH_DISK;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return MAPI_E_NO_ACCESS;
    case SQLITE_IOERR:
        return code == SQLITE_IOERR_NOMEM ? MAPI_E_NOT_ENOUGH_MEMORY : MAPI_E_DISK_ERROR;
    case SQLITE_NOMEM:
        return MAPI_E_NOT_ENOUGH_MEMORY;
    case SQLITE_TOOBIG:
        return MAPI_E_TOO_BIG;
    case SQLITE_CONSTRAINT:
        return MAPI_E_COLLISION;
    default:
        return MAPI_E_CALL_FAILED;
    }
}

static const char *advice(HRESULT hr)
{
    switch (hr) {
    case MAPI_E_BUSY:
        return " (another process holds the database; try again)";
    case MAPI_E_CORRUPT_STORE:
        return " (the file is damaged: put back a copy, or move it away and lose what only it "
               "knew)";
    case MAPI_E_NO_ACCESS:
        return " (file and directory must be writable)";
    default:
        return "";
    }
}

static HRESULT fail(struct backend *backend, int code, struct error_info *error)
{
    HRESULT hr = hresult_from_sqlite(code);
    const char *words = backend->sqlite ? sqlite3_errmsg(backend->sqlite) : sqlite3_errstr(code);

    error_set(error, hr, backend->path, "%s%s", words, advice(hr));
    if (error)
        error->low_level = (uint32_t)code;
    return hr;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* Makes the file 0600, or narrows it. An existing file is never opened here: closing a descriptor
 * of it would drop the locks that other connections of this process hold. */
static HRESULT prepare_file(const char *path, struct error_info *error)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat st;

    if (fd >= 0) {
        close(fd);
        return S_OK;
    }
    if (errno != EEXIST)
        return error_set(error, errno == ENOSPC ? MAPI_E_NOT_ENOUGH_DISK : MAPI_E_NO_ACCESS, path,
                         "cannot make the file: %s", strerror(errno));
    if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return error_set(error, MAPI_E_NO_ACCESS, path, "not a regular file");
    if ((st.st_mode & 077) && chmod(path, 0600) < 0)
        return error_set(error, MAPI_E_NO_ACCESS, path,
                         "others may read it and it cannot be closed to them (chmod 0600): %s",
                         strerror(errno));
    return S_OK;
}

static HRESULT set_up(struct backend *backend, const struct backend_options *options,
                      struct error_info *error)
{
    HRESULT hr;

    sqlite3_busy_timeout(backend->sqlite, (int)options->busy_ms);
    sqlite3_extended_result_codes(backend->sqlite, 1);
    sqlite3_limit(backend->sqlite, SQLITE_LIMIT_ATTACHED, 0);
    /* Text that a file was prepared with must not run as a program of ours. */
    sqlite3_db_config(backend->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(backend->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);

    hr = backend_exec(backend,
                      "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
                      "PRAGMA cell_size_check=ON",
                      error);
    if (SUCCEEDED(hr) && options->schema->wipe)
        hr = backend_exec(backend, "PRAGMA secure_delete=ON", error);
    if (SUCCEEDED(hr) && options->path && !options->read_only)
        hr = backend_exec(backend, "PRAGMA journal_mode=WAL", error);
    return hr;
}

HRESULT backend_open(const struct backend_options *options, struct error_info *error,
                     struct backend **ret_backend)
{
    struct backend *backend = calloc(1, sizeof(*backend));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    HRESULT hr = S_OK;
    int code;

    if (!backend)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    backend->path = strdup(options->path ? options->path : ":memory:");
    if (!backend->path)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr) && options->path && !options->read_only)
        hr = prepare_file(options->path, error);
    if (SUCCEEDED(hr)) {
        code = sqlite3_open_v2(backend->path, &backend->sqlite, flags, NULL);
        hr = code == SQLITE_OK ? set_up(backend, options, error) : fail(backend, code, error);
    }
    if (FAILED(hr)) {
        backend_close(backend);
        return hr;
    }
    *ret_backend = backend;
    return S_OK;
}

void backend_close(struct backend *backend)
{
    if (!backend)
        return;
    for (size_t i = 0; i < backend->kept_count; i++)
        sqlite3_finalize(backend->kept[i].statement);
    sqlite3_close(backend->sqlite);
    free(backend->path);
    free(backend);
}

/* --- Tables ----------------------------------------------------------------------------------- */

static HRESULT pragma_number(struct backend *backend, const char *sql, struct error_info *error,
                             int *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(backend->sqlite, sql, -1, &statement, NULL);
    HRESULT hr = S_OK;

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret_number = sqlite3_column_int(statement, 0);
    else
        hr = fail(backend, code, error);
    sqlite3_finalize(statement);
    return hr;
}

static HRESULT migrate_in_transaction(struct backend *backend, const struct db_schema *schema,
                                      struct error_info *error)
{
    int version = 0, application_id = 0;
    char marks[96];
    HRESULT hr = pragma_number(backend, "PRAGMA user_version", error, &version);

    if (SUCCEEDED(hr))
        hr = pragma_number(backend, "PRAGMA application_id", error, &application_id);
    if (FAILED(hr))
        return hr;
    if (version && application_id != schema->application_id)
        return error_set(error, MAPI_E_CORRUPT_STORE, backend->path,
                         "a database, but not one of ours");
    if (version > schema->step_count)
        return error_set(error, MAPI_E_VERSION, backend->path,
                         "written by a newer release (format %d, this one knows %d)", version,
                         schema->step_count);
    if (version == schema->step_count)
        return S_OK;

    for (int i = version; SUCCEEDED(hr) && i < schema->step_count; i++)
        hr = backend_exec(backend, schema->steps[i], error);
    snprintf(marks, sizeof(marks), "PRAGMA application_id=%d; PRAGMA user_version=%d",
             (int)schema->application_id, schema->step_count);
    return SUCCEEDED(hr) ? backend_exec(backend, marks, error) : hr;
}

HRESULT backend_migrate(struct backend *backend, const struct db_schema *schema,
                        struct error_info *error)
{
    HRESULT hr = backend_exec(backend, "BEGIN IMMEDIATE", error);

    if (FAILED(hr))
        return hr;
    hr = migrate_in_transaction(backend, schema, error);
    if (SUCCEEDED(hr))
        hr = backend_exec(backend, "COMMIT", error);
    if (FAILED(hr) && backend_in_transaction(backend))
        backend_exec(backend, "ROLLBACK", NULL);
    return hr;
}

HRESULT backend_exec(struct backend *backend, const char *sql, struct error_info *error)
{
    int code = sqlite3_exec(backend->sqlite, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? S_OK : fail(backend, code, error);
}

bool backend_in_transaction(struct backend *backend)
{
    return !sqlite3_get_autocommit(backend->sqlite);
}

/* --- Statements ------------------------------------------------------------------------------- */

/* The kept statement of `sql` if it is free; else one made for this use. */
static int find_statement(struct query *query, struct backend *backend, const char *sql)
{
    struct kept_statement *kept = NULL;
    sqlite3_stmt *statement = NULL;
    bool keep;
    int code;

    for (size_t i = 0; i < backend->kept_count && !kept; i++) {
        if (backend->kept[i].sql == sql)
            kept = &backend->kept[i];
    }
    if (kept && !kept->in_use) {
        kept->in_use = true;
        query->statement = kept->statement;
        query->cached = true;
        return SQLITE_OK;
    }
    keep = !kept && backend->kept_count < STATEMENTS_KEPT;
    code = sqlite3_prepare_v3(backend->sqlite, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0,
                              &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    query->statement = statement;
    query->cached = keep;
    if (keep)
        backend->kept[backend->kept_count++] = (struct kept_statement){sql, statement, true};
    return SQLITE_OK;
}

static int bind_all(sqlite3_stmt *statement, const char *types, va_list arguments)
{
    int code = SQLITE_OK;
    const void *bytes;
    size_t size;

    for (int i = 1; *types && code == SQLITE_OK; types++, i++) {
        switch (*types) {
        case 'i':
            code = sqlite3_bind_int64(statement, i, va_arg(arguments, int64_t));
            break;
        case 's':
            code = sqlite3_bind_text(statement, i, va_arg(arguments, const char *), -1,
                                     SQLITE_TRANSIENT);
            break;
        case 'b':
            bytes = va_arg(arguments, const void *);
            size = va_arg(arguments, size_t);
            code = sqlite3_bind_blob64(statement, i, bytes, size, SQLITE_TRANSIENT);
            break;
        default:
            assert(!"a letter that query_start does not know");
        }
    }
    return code;
}

static void query_vstart(struct query *query, struct tx *tx, const char *sql, const char *types,
                         va_list arguments)
{
    int code;

    *query = (struct query){.tx = tx};
    code = find_statement(query, tx->backend, sql);
    if (code == SQLITE_OK)
        code = bind_all(query->statement, types, arguments);
    if (code != SQLITE_OK)
        query->hr = fail(tx->backend, code, &tx->error);
}

void query_start(struct query *query, struct tx *tx, const char *sql, const char *types, ...)
{
    va_list arguments;

    va_start(arguments, types);
    query_vstart(query, tx, sql, types, arguments);
    va_end(arguments);
}

bool query_row(struct query *query)
{
    int code;

    if (FAILED(query->hr))
        return false;
    code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        query->hr = fail(query->tx->backend, code, &query->tx->error);
    return false;
}

int64_t query_int(struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

const char *query_text(struct query *query, int column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

const void *query_bytes(struct query *query, int column, size_t *ret_size)
{
    const void *bytes = sqlite3_column_blob(query->statement, column);

    *ret_size = (size_t)sqlite3_column_bytes(query->statement, column);
    return bytes;
}

bool query_is_null(struct query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

HRESULT query_end(struct query *query)
{
    struct backend *backend = query->tx->backend;

    if (!query->cached) {
        sqlite3_finalize(query->statement);
        return query->hr;
    }
    sqlite3_reset(query->statement);
    sqlite3_clear_bindings(query->statement);
    for (size_t i = 0; i < backend->kept_count; i++) {
        if (backend->kept[i].statement == query->statement)
            backend->kept[i].in_use = false;
    }
    return query->hr;
}

HRESULT query_run(struct tx *tx, int64_t *ret_changed, const char *sql, const char *types, ...)
{
    struct query query;
    va_list arguments;
    HRESULT hr;

    va_start(arguments, types);
    query_vstart(&query, tx, sql, types, arguments);
    va_end(arguments);
    while (query_row(&query))
        ;
    hr = query_end(&query);
    if (SUCCEEDED(hr) && ret_changed)
        *ret_changed = sqlite3_changes64(tx->backend->sqlite);
    return hr;
}

HRESULT query_one(struct tx *tx, int64_t *ret_value, const char *sql, const char *types, ...)
{
    struct query query;
    va_list arguments;
    int64_t value = 0;
    bool found;
    HRESULT hr;

    va_start(arguments, types);
    query_vstart(&query, tx, sql, types, arguments);
    va_end(arguments);
    found = query_row(&query);
    if (found)
        value = query_int(&query, 0);
    hr = query_end(&query);
    if (FAILED(hr))
        return hr;
    if (!found)
        return MAPI_E_NOT_FOUND;
    *ret_value = value;
    return S_OK;
}
