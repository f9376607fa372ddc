/* tests/state/test_store.c - the file: shared, killed over, damaged, busy, read-only; and callers
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "net/engine.h"
#include "net/fiber.h"
#include "state/aliases.h"
#include "state/props.h"
#include "state/queue.h"

TestSuite(store, .init = fixture_set_up, .fini = fixture_tear_down);
TestSuite(bare_store, .init = fixture_make_directory, .fini = fixture_tear_down);

static HRESULT open_with_words(struct error_info *error)
{
    struct state_options options = {.directory = fixture_directory, .busy_ms = 200};
    struct state *opened = NULL;
    HRESULT hr = state_open(&options, error, &opened);

    state_unref(opened);
    return hr;
}

static const char *database(void)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/state.db", fixture_directory);
    return path;
}

/* --- The file --------------------------------------------------------------------------------- */

Test(store, files_are_for_the_owner_alone)
{
    static const char *const names[] = {"state.db", "state.db-wal", "state.db-shm"};
    char path[128];
    struct stat st;

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture_directory, names[i]);
        cr_assert_eq(stat(path, &st), 0, "%s", path);
        cr_expect_eq(st.st_mode & 0777, 0600, "%s", path);
    }
    stat(fixture_directory, &st);
    cr_expect_eq(st.st_mode & 0777, 0700);
}

Test(bare_store, a_file_open_to_others_is_narrowed)
{
    struct error_info error = {0};
    struct stat st;

    close(open(database(), O_CREAT | O_WRONLY, 0644));
    expect_hr(open_with_words(&error), S_OK);
    stat(database(), &st);
    cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(bare_store, a_link_in_place_of_the_file_is_refused)
{
    struct error_info error = {0};
    char target[128];

    snprintf(target, sizeof(target), "%s/elsewhere", fixture_directory);
    cr_assert_eq(symlink(target, database()), 0);
    expect_hr(open_with_words(&error), MAPI_E_NO_ACCESS);
}

Test(bare_store, a_damaged_file_is_told)
{
    struct error_info error = {0};
    FILE *file = fopen(database(), "w");

    fputs("this is no database, whatever its name says; and it is longer than a header\n", file);
    for (int i = 0; i < 100; i++)
        fputs("----------------------------------------------------------------\n", file);
    fclose(file);
    expect_hr(open_with_words(&error), MAPI_E_CORRUPT_STORE);
    cr_expect_not_null(strstr(error.component, "state.db"));
    cr_expect_not_null(strstr(error.text, "damaged"));
}

Test(bare_store, damage_inside_is_told_when_it_is_met)
{
    SPropValue value = {.ulPropTag = 0x66010102, .Value.bin = {3000, NULL}}, *values = NULL;
    struct error_info error = {0};
    HRESULT hr = S_OK;
    size_t count = 0;
    char junk[4096];
    struct stat st;
    int fd;

    value.Value.bin.lpb = calloc(1, 3000);
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
    for (int i = 1; i < 200; i++)
        assert_ok(state_props_set(mailbox, (uint64_t)i, &value, 1, NULL));
    free(value.Value.bin.lpb);
    state_mailbox_unref(mailbox);
    state_unref(state);

    memset(junk, 0xA5, sizeof(junk));
    fd = open(database(), O_WRONLY);
    fstat(fd, &st);
    for (off_t at = 80 * 4096; at < st.st_size; at += 4096) /* the tables' roots stay whole */
        cr_assert_eq(pwrite(fd, junk, sizeof(junk), at), (ssize_t)sizeof(junk));
    close(fd);

    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
    for (int i = 1; i < 200 && hr == S_OK; i++) {
        hr = state_props_get(mailbox, (uint64_t)i, NULL, 0, &error, &values, &count);
        if (SUCCEEDED(hr))
            free(values);
    }
    cr_expect(hr == MAPI_E_CORRUPT_STORE || hr == MAPI_E_CORRUPT_DATA, "%08X", (unsigned)hr);
}

static void run_sql(const char *sql)
{
    sqlite3 *db = NULL;

    cr_assert_eq(sqlite3_open(database(), &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

Test(store, a_newer_format_is_refused)
{
    struct error_info error = {0};

    run_sql("PRAGMA user_version=99");
    expect_hr(open_with_words(&error), MAPI_E_VERSION);
    cr_expect_not_null(strstr(error.text, "newer release"));
}

Test(bare_store, a_foreign_database_is_refused)
{
    struct error_info error = {0};

    run_sql("CREATE TABLE t(x); PRAGMA user_version=1");
    expect_hr(open_with_words(&error), MAPI_E_CORRUPT_STORE);
}

Test(store, a_database_held_by_another_is_busy_for_writers_only)
{
    SPropValue value = {.ulPropTag = 0x66010003, .Value.l = 1}, *values = NULL;
    struct error_info error = {0};
    sqlite3 *db = NULL;
    size_t count = 0;

    fixture_busy_ms = 200;
    fixture_reopen();
    assert_ok(state_props_set(mailbox, 5, &value, 1, NULL));
    cr_assert_eq(sqlite3_open(database(), &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    expect_hr(state_props_set(mailbox, 6, &value, 1, &error), MAPI_E_BUSY);
    cr_expect_not_null(strstr(error.text, "another process"));
    assert_ok(state_props_get(mailbox, 5, NULL, 0, NULL, &values, &count));
    cr_expect_eq(count, 1);
    free(values);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_ok(state_props_set(mailbox, 6, &value, 1, NULL));
}

Test(bare_store, a_read_only_directory_is_told)
{
    struct error_info error = {0};

    if (geteuid() == 0) { /* root writes everywhere: be somebody else, in this process of its own */
        cr_assert_eq(chown(fixture_directory, 65534, 65534), 0);
        cr_assert_eq(chmod(fixture_directory, 0500), 0);
        cr_assert_eq(setresuid(65534, 65534, 0), 0);
    } else {
        cr_assert_eq(chmod(fixture_directory, 0500), 0);
    }
    expect_hr(open_with_words(&error), MAPI_E_NO_ACCESS);
    cr_expect_not_null(strstr(error.component, "state.db"));
    if (getuid() == 65534)
        cr_assert_eq(setresuid(0, 0, 0), 0);
}

/* --- Several processes, and killed ones ------------------------------------------------------- */

#define WORKERS 4
#define STEPS   40

/* Takes change numbers and writes them down as aliases; each number must be had by one only. */
static void work_in_a_process(int which)
{
    struct state *own = fixture_open();
    struct state_mailbox *box = fixture_open_mailbox(own);
    uint64_t first;

    for (int i = 0; i < STEPS; i++) {
        struct state_alias alias = {.generation = 1};

        if (state_mailbox_change_numbers(box, 1, NULL, &first) != S_OK)
            _exit(2);
        alias.number = NUMBER_CLIENT_FIRST + first;
        alias.uid = (uint32_t)(which * STEPS + i + 1);
        if (state_alias_set(box, &alias, NULL) != S_OK)
            _exit(3);
    }
    state_mailbox_unref(box);
    state_unref(own);
    _exit(0);
}

Test(bare_store, processes_share_a_file)
{
    struct state_alias *rows = NULL;
    size_t count = 0;
    pid_t children[WORKERS];
    int status;

    for (int i = 0; i < WORKERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            fixture_now++;
            work_in_a_process(i);
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        cr_assert_eq(waitpid(children[i], &status, 0), children[i]);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", status);
    }
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
    assert_ok(state_aliases_list(mailbox, 1, NULL, &rows, &count));
    cr_expect_eq(count, WORKERS * STEPS); /* the table's key makes each number unique */
    free(rows);
}

/* Writes pairs that belong together until it is killed; says on the pipe what has been promised. */
static HRESULT write_pair(void *arg)
{
    uint64_t number = *(uint64_t *)arg;
    SPropValue value = {.ulPropTag = 0x66010014, .Value.li.QuadPart = (int64_t)number};
    HRESULT hr = state_props_set(mailbox, number, &value, 1, NULL);
    uint64_t change;

    if (SUCCEEDED(hr))
        hr = state_mailbox_change_numbers(mailbox, 1, NULL, &change);
    if (SUCCEEDED(hr))
        hr = state_props_set(mailbox, number + 100000, &value, 1, NULL);
    return hr;
}

static void write_until_killed(int pipe_end, uint64_t number)
{
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
    for (;; number++) {
        if (state_transaction(state, write_pair, &number, NULL) != S_OK)
            _exit(1);
        if (write(pipe_end, &number, sizeof(number)) != sizeof(number))
            _exit(2);
    }
}

static uint64_t kill_after(unsigned promises, uint64_t number)
{
    uint64_t promised = 0, got;
    int pipes[2], status;
    pid_t child;

    cr_assert_eq(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        close(pipes[0]);
        write_until_killed(pipes[1], number);
    }
    close(pipes[1]);
    for (unsigned i = 0; i < promises; i++) {
        cr_assert_eq(read(pipes[0], &got, sizeof(got)), (ssize_t)sizeof(got));
        promised = got;
    }
    kill(child, SIGKILL);
    while (read(pipes[0], &got, sizeof(got)) == sizeof(got))
        promised = got;
    close(pipes[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status), "%x", status);
    return promised;
}

Test(bare_store, what_was_promised_survives_kill_and_nothing_is_half_done)
{
    struct state_object_props *objects = NULL, *halves = NULL;
    uint64_t promised = 0, change = 0;
    size_t count = 0, half_count = 0;

    for (unsigned round = 0; round < 6; round++)
        promised = kill_after(1 + round * 7 % 5, promised + 2);

    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
    assert_ok(state_props_range(mailbox, 1, 99999, NULL, 0, NULL, &objects, &count));
    assert_ok(state_props_range(mailbox, 100000, 199999, NULL, 0, NULL, &halves, &half_count));
    cr_assert_eq(count, half_count);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(objects[i].number + 100000, halves[i].number);
    cr_expect_geq(objects[count - 1].number, promised);
    assert_ok(state_mailbox_change_numbers(mailbox, 1, NULL, &change));
    cr_expect_eq(change, count + 1);
    free(objects);
    free(halves);
}

/* --- Callers ---------------------------------------------------------------------------------- */

static void *write_in_a_thread(void *arg)
{
    uintptr_t base = (uintptr_t)arg;
    SPropValue value = {.ulPropTag = 0x66010003};

    for (unsigned i = 0; i < 25; i++) {
        value.Value.l = (LONG)i;
        assert_ok(state_props_set(mailbox, base + i, &value, 1, NULL));
    }
    return NULL;
}

Test(store, many_threads_write_at_once)
{
    struct state_object_props *objects = NULL;
    pthread_t threads[8];
    size_t count = 0;

    for (uintptr_t i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, write_in_a_thread, (void *)(1000 * (i + 1)));
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    assert_ok(state_props_range(mailbox, 1, 99999, NULL, 0, NULL, &objects, &count));
    cr_expect_eq(count, 200);
    free(objects);
}

static HRESULT write_in_a_fiber(void *arg)
{
    (void)arg;
    write_in_a_thread((void *)5000);
    return S_OK;
}

static HRESULT in_fibers(void *arg)
{
    struct fiber *fibers[10];
    SPropValue *values = NULL;
    size_t count = 0;
    HRESULT hr;

    (void)arg;
    for (int i = 0; i < 10; i++)
        assert_ok(engine_spawn(engine_current(), write_in_a_fiber, NULL, &fibers[i]));
    for (int i = 0; i < 10; i++)
        assert_ok(fiber_join(fibers[i]));
    hr = state_props_get(mailbox, 5024, NULL, 0, NULL, &values, &count);
    cr_expect_eq(count, 1);
    free(values);
    return hr;
}

Test(store, fibers_wait_without_their_thread)
{
    struct engine_options options = {.name = "test"};
    struct engine *engine = NULL;

    assert_ok(engine_create(&options, &engine));
    assert_ok(engine_call(engine, in_fibers, NULL));
    engine_stop(engine);
    engine_unref(engine);
}

static HRESULT write_although_cancelled(void *arg)
{
    SPropValue value = {.ulPropTag = 0x66010003, .Value.l = 1}, *values = NULL;
    size_t count;
    HRESULT *written = arg;

    fiber_yield();
    cr_expect(fiber_cancelled());
    *written = state_props_set(mailbox, 9, &value, 1, NULL);
    expect_hr(state_props_get(mailbox, 9, NULL, 0, NULL, &values, &count), MAPI_E_USER_CANCEL);
    return S_OK;
}

static HRESULT cancel_a_writer(void *arg)
{
    struct fiber *fiber = NULL;

    assert_ok(engine_spawn(engine_current(), write_although_cancelled, arg, &fiber));
    fiber_cancel(fiber);
    return fiber_join(fiber);
}

Test(store, a_cancelled_fiber_still_journals)
{
    struct engine_options options = {.name = "test"};
    struct engine *engine = NULL;
    HRESULT written = E_FAIL;

    assert_ok(engine_create(&options, &engine));
    engine_call(engine, cancel_a_writer, &written);
    cr_expect_eq(written, S_OK);
    engine_stop(engine);
    engine_unref(engine);
}
