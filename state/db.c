/* state/db.c - one database: its writer thread and its readers
 *
 * Writers queue jobs; the writer thread takes all that are there, runs each in a savepoint and
 * commits them together: a hundred callers pay for one fsync. A caller waits for the commit, not
 * for its own job. Readers borrow a connection of their own, so that the writer never holds them
 * up (WAL). */
#include "state/db.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mapi/mapicode.h"
#include "net/wait.h"
#include "state/backend.h"
#include "state/owner.h"
#include "state/paths.h"

#define BATCH_MAX        256
#define IDLE_READERS_MAX 4
#define BUSY_MS          5000

/* A writing job, on its caller's stack: the caller waits until it has been committed or has failed,
 * whatever happens to its fiber (a journal must be true also when its writer is cancelled). */
struct job {
    struct job *next;
    db_fn *fn;
    void *arg;
    HRESULT hr;
    struct error_info error;
    struct engine_event done;
};

struct db {
    const struct db_schema *schema;
    char *path;
    bool in_memory;
    uint32_t busy_ms;
    int64_t (*clock)(void);
    char owner[OWNER_NAME_MAX];

    pthread_t writer;
    bool writer_started;
    struct backend *backend; /* the writer thread's, once it runs */
    struct tx *tx;           /* the writer thread's: what its present job works in */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct job *first, *last;
    bool ending;
    struct engine_event ended; /* the writer has closed everything */
    struct backend *idle[IDLE_READERS_MAX];
    size_t idle_count;
};

static int64_t real_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* --- Jobs ------------------------------------------------------------------------------------- */

static HRESULT run_in_savepoint(struct tx *tx, db_fn *fn, void *arg)
{
    HRESULT hr = backend_exec(tx->backend, "SAVEPOINT job", &tx->error);

    if (FAILED(hr))
        return hr;
    hr = fn(tx, arg);
    if (FAILED(hr) && backend_in_transaction(tx->backend)) {
        HRESULT undo = backend_exec(tx->backend, "ROLLBACK TO job", NULL);

        if (FAILED(undo))
            backend_exec(tx->backend, "ROLLBACK", NULL); /* then the whole batch has failed */
    }
    if (backend_in_transaction(tx->backend)) {
        HRESULT released = backend_exec(tx->backend, "RELEASE job", NULL);

        if (SUCCEEDED(hr) && FAILED(released))
            hr = released;
    } else if (SUCCEEDED(hr)) {
        hr = MAPI_E_DISK_ERROR;
    }
    return hr;
}

static void run_job(struct db *db, struct job *job)
{
    struct tx tx = {.db = db, .backend = db->backend, .now = db->clock()};

    db->tx = &tx;
    job->hr = run_in_savepoint(&tx, job->fn, job->arg);
    db->tx = NULL;
    if (FAILED(job->hr)) {
        job->error = tx.error;
        job->error.hr = job->hr;
    }
}

/* Runs a batch in one transaction. Whatever fails as a whole fails each job of it, those before the
 * failure too: nothing of them is in the file. */
static void run_batch(struct db *db, struct job *batch)
{
    struct error_info error = {0};
    HRESULT hr = backend_exec(db->backend, "BEGIN IMMEDIATE", &error);

    for (struct job *job = batch; SUCCEEDED(hr) && job; job = job->next) {
        run_job(db, job);
        if (!backend_in_transaction(db->backend)) {
            hr = FAILED(job->hr) ? job->hr : MAPI_E_DISK_ERROR;
            error = job->error;
        }
    }
    if (SUCCEEDED(hr)) {
        hr = backend_exec(db->backend, "COMMIT", &error);
        if (FAILED(hr) && backend_in_transaction(db->backend))
            backend_exec(db->backend, "ROLLBACK", NULL);
    }
    for (struct job *job = batch; FAILED(hr) && job; job = job->next) {
        if (SUCCEEDED(job->hr)) {
            job->hr = hr;
            job->error = error;
        }
    }
}

static struct job *take_batch(struct db *db)
{
    struct job *batch, *last;
    unsigned count = 1;

    pthread_mutex_lock(&db->lock);
    while (!db->first && !db->ending)
        pthread_cond_wait(&db->wake, &db->lock);
    batch = db->first;
    if (batch) {
        for (last = batch; last->next && count < BATCH_MAX; count++)
            last = last->next;
        db->first = last->next;
        if (!db->first)
            db->last = NULL;
        last->next = NULL;
    }
    pthread_mutex_unlock(&db->lock);
    return batch;
}

static void *writer_main(void *arg)
{
    struct db *db = arg;
    struct job *batch;

    while ((batch = take_batch(db)) != NULL) {
        run_batch(db, batch);
        while (batch) {
            struct job *job = batch;

            batch = job->next;
            engine_event_set(&job->done);
        }
    }
    for (size_t i = 0; i < db->idle_count; i++)
        backend_close(db->idle[i]);
    db->idle_count = 0;
    backend_close(db->backend); /* the last one writes the log back into the file */
    db->backend = NULL;
    engine_event_set(&db->ended);
    return NULL;
}

static bool inside_own_job(const struct db *db)
{
    return db->writer_started && pthread_equal(pthread_self(), db->writer) && db->tx;
}

static HRESULT run_nested(struct db *db, db_fn *fn, void *arg, struct error_info *error)
{
    HRESULT hr = run_in_savepoint(db->tx, fn, arg);

    if (FAILED(hr) && error) {
        *error = db->tx->error;
        error->hr = hr;
    }
    return hr;
}

HRESULT db_write(struct db *db, db_fn *fn, void *arg, struct error_info *error)
{
    struct job job = {.fn = fn, .arg = arg};

    if (inside_own_job(db))
        return run_nested(db, fn, arg, error);

    engine_event_init(&job.done);
    pthread_mutex_lock(&db->lock);
    assert(!db->ending);
    if (db->last)
        db->last->next = &job;
    else
        db->first = &job;
    db->last = &job;
    pthread_cond_signal(&db->wake);
    pthread_mutex_unlock(&db->lock);

    engine_event_wait_out(&job.done);
    engine_event_clear(&job.done);
    if (FAILED(job.hr) && error) {
        *error = job.error;
        error->hr = job.hr;
    }
    return job.hr;
}

/* --- Readers ---------------------------------------------------------------------------------- */

static HRESULT borrow_reader(struct db *db, struct error_info *error, struct backend **ret_backend)
{
    struct backend_options options = {
        .path = db->path, .schema = db->schema, .busy_ms = db->busy_ms, .read_only = true};

    pthread_mutex_lock(&db->lock);
    if (db->idle_count) {
        *ret_backend = db->idle[--db->idle_count];
        pthread_mutex_unlock(&db->lock);
        return S_OK;
    }
    pthread_mutex_unlock(&db->lock);
    return backend_open(&options, error, ret_backend);
}

static void give_reader_back(struct db *db, struct backend *backend, bool sound)
{
    pthread_mutex_lock(&db->lock);
    if (sound && db->idle_count < IDLE_READERS_MAX) {
        db->idle[db->idle_count++] = backend;
        backend = NULL;
    }
    pthread_mutex_unlock(&db->lock);
    backend_close(backend);
}

struct read_call {
    struct db *db;
    db_fn *fn;
    void *arg;
    struct error_info *error;
};

static HRESULT read_job(void *arg)
{
    struct read_call *call = arg;
    struct tx tx = {.db = call->db, .now = call->db->clock()};
    HRESULT hr = borrow_reader(call->db, call->error, &tx.backend);

    if (FAILED(hr))
        return hr;
    hr = backend_exec(tx.backend, "BEGIN", &tx.error);
    if (SUCCEEDED(hr)) {
        hr = call->fn(&tx, call->arg);
        backend_exec(tx.backend, "ROLLBACK", NULL); /* nothing was written */
    }
    give_reader_back(call->db, tx.backend, !backend_in_transaction(tx.backend));
    if (FAILED(hr) && call->error) {
        *call->error = tx.error;
        call->error->hr = hr;
    }
    return hr;
}

HRESULT db_read(struct db *db, db_fn *fn, void *arg, struct error_info *error)
{
    struct read_call call = {db, fn, arg, error};

    if (inside_own_job(db))
        return run_nested(db, fn, arg, error);
    if (db->in_memory) /* each connection would have a database of its own */
        return db_write(db, fn, arg, error);
    return engine_work(read_job, &call);
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static HRESULT start_writer(struct db *db, struct error_info *error)
{
    sigset_t all, before;
    int code;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    code = pthread_create(&db->writer, NULL, writer_main, db);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code)
        return error_set(error, MAPI_E_NOT_ENOUGH_RESOURCES, db->path, "no thread: %s",
                         strerror(code));
    pthread_setname_np(db->writer, "mg-state");
    db->writer_started = true;
    return S_OK;
}

static void db_free(struct db *db)
{
    engine_event_clear(&db->ended);
    pthread_cond_destroy(&db->wake);
    pthread_mutex_destroy(&db->lock);
    free(db->path);
    free(db);
}

struct open_call {
    struct db *db;
    const struct state_options *options;
    struct error_info *error;
};

static HRESULT open_job(void *arg)
{
    struct open_call *call = arg;
    struct db *db = call->db;
    struct backend_options options = {
        .path = db->in_memory ? NULL : db->path, .schema = db->schema, .busy_ms = db->busy_ms};
    HRESULT hr = S_OK;

    if (!db->in_memory)
        hr = state_directory_check(call->options->directory, call->error);
    if (SUCCEEDED(hr))
        hr = backend_open(&options, call->error, &db->backend);
    if (SUCCEEDED(hr))
        hr = backend_migrate(db->backend, db->schema, call->error);
    if (SUCCEEDED(hr))
        hr = start_writer(db, call->error);
    if (FAILED(hr))
        backend_close(db->backend);
    return hr;
}

HRESULT db_open(const struct db_schema *schema, const struct state_options *options,
                struct error_info *error, struct db **ret_db)
{
    struct db *db = calloc(1, sizeof(*db));
    struct open_call call = {db, options, error};
    HRESULT hr;

    if (!db)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    pthread_mutex_init(&db->lock, NULL);
    pthread_cond_init(&db->wake, NULL);
    engine_event_init(&db->ended);
    db->schema = schema;
    db->in_memory = !options->directory;
    db->busy_ms = options->busy_ms ? options->busy_ms : BUSY_MS;
    db->clock = options->clock ? options->clock : real_clock;
    owner_name_create(db->owner);
    if (db->in_memory)
        db->path = strdup(":memory:");
    else if (asprintf(&db->path, "%s/%s", options->directory, schema->file_name) < 0)
        db->path = NULL;

    hr = db->path ? engine_work(open_job, &call) : MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr)) {
        db_free(db);
        return hr;
    }
    *ret_db = db;
    return S_OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    pthread_mutex_lock(&db->lock);
    db->ending = true;
    pthread_cond_signal(&db->wake);
    pthread_mutex_unlock(&db->lock);
    engine_event_wait_out(&db->ended);
    pthread_join(db->writer, NULL); /* it has nothing left to do */
    db_free(db);
}

const char *db_path(const struct db *db)
{
    return db->path;
}

const char *db_owner(const struct db *db)
{
    return db->owner;
}

bool db_owner_is_dead(const struct db *db, const char *owner)
{
    return strcmp(owner, db->owner) != 0 && owner_name_is_dead(owner);
}
