/* A guest in somebody's process: signals, fork, beginning and end. The end of the process itself
 * is tried by guest.c. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/sanitizers.h"
#include "tests/net/engines.h"

static struct engine *engine;

static HRESULT nothing(void *arg)
{
    return S_OK;
}

static HRESULT work(void *arg)
{
    return engine_work(nothing, NULL);
}

/* An engine with a worker thread. */
static void setup(void)
{
    engine = engine_make("guest");
    assert_hr(engine_call(engine, work, NULL), S_OK);
}

static void teardown(void)
{
    engine_end(engine);
}

TestSuite(guest, .init = setup, .fini = teardown);

/* ---- Signals ---- */

/* The blocked signals of a thread, as the kernel has them. */
static unsigned long long blocked_signals(const char *tid, char name[32])
{
    char path[300], line[256];
    unsigned long long blocked = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%s/status", tid);
    file = fopen(path, "re");
    cr_assert(file != NULL);
    while (fgets(line, sizeof(line), file)) {
        sscanf(line, "Name: %31s", name);
        sscanf(line, "SigBlk: %llx", &blocked);
    }
    fclose(file);
    return blocked;
}

static bool has(unsigned long long signals, int number)
{
    return signals >> (number - 1) & 1;
}

Test(guest, threads_block_all_signals)
{
    DIR *dir = opendir("/proc/self/task");
    unsigned ours = 0;
    struct dirent *entry;
    unsigned long long blocked;
    char name[32] = "";
    int i;

    cr_assert(dir != NULL);
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        blocked = blocked_signals(entry->d_name, name);
        if (strncmp(name, "guest", 5) != 0)
            continue;
        ours++;
        for (i = 1; i <= SIGRTMAX; i++) {
            if (i == SIGKILL || i == SIGSTOP || (i > SIGSYS && i < SIGRTMIN))
                continue; /* the kernel's and glibc's own */
            if (i == SIGSEGV || i == SIGBUS || i == SIGILL || i == SIGFPE)
                continue; /* left to a sanitizer where there is one */
            cr_expect(has(blocked, i), "signal %d can reach thread %s", i, name);
        }
    }
    closedir(dir);
    cr_expect_eq(ours, 2, "engine and worker were not both seen");
}

static volatile sig_atomic_t child_ended;

static void on_child(int number)
{
    child_ended = 1;
}

static void expect_handlers(struct sigaction before[65])
{
    struct sigaction now;
    int i;

    for (i = 1; i <= 64; i++) {
        if (sigaction(i, NULL, &now) < 0)
            continue;
        cr_expect(now.sa_handler == before[i].sa_handler, "handler of signal %d", i);
        cr_expect_eq(now.sa_flags, before[i].sa_flags);
    }
}

Test(guest_arriving, no_handler_is_installed)
{
    struct sigaction before[65] = {0};
    sigset_t mask, mask_now;
    int i;

    signal(SIGCHLD, on_child);
    for (i = 1; i <= 64; i++)
        sigaction(i, NULL, &before[i]);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    setup();
    expect_handlers(before);
    pthread_sigmask(SIG_SETMASK, NULL, &mask_now);
    for (i = 1; i <= 64; i++)
        cr_expect_eq(sigismember(&mask, i), sigismember(&mask_now, i), "mask of signal %d", i);
    teardown();
    expect_handlers(before);
}

Test(guest, hosts_sigchld_handler_still_hears)
{
    pid_t child;
    int status;

    signal(SIGCHLD, on_child);
    child = fork();
    if (child == 0)
        _exit(7);
    cr_assert_eq(waitpid(child, &status, 0), child); /* nobody else reaps it */
    cr_expect_eq(WEXITSTATUS(status), 7);
    cr_expect(child_ended);
    assert_hr(engine_call(engine, nothing, NULL), S_OK);
}

/* ---- Fork ---- */

/* Runs check() in a forked child; its result is the child's exit status. */
static void expect_in_child(int (*check)(void))
{
    pid_t child = fork();
    int status;

    cr_assert_geq(child, 0);
    if (child == 0) {
        alarm(30);
        _exit(check());
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status 0x%x", (unsigned)status);
}

static void must_not_run(struct engine_node *node)
{
    _exit(99);
}

static int everything_is_refused(void)
{
    static struct engine_node node;

    if (engine_is_running(engine))
        return 1;
    if (engine_call(engine, nothing, NULL) != MAPI_E_NOT_INITIALIZED)
        return 2;
    if (engine_spawn(engine, nothing, NULL, NULL) != MAPI_E_NOT_INITIALIZED)
        return 3;
    engine_post(engine, &node, must_not_run);
    if (node.run)
        return 4;
    engine_stop(engine);
    engine_unref(engine);
    return engine_place() == ENGINE_OUTSIDE ? 0 : 5;
}

static int new_engine_works(void)
{
    struct engine_options options = {.name = "child"};
    struct engine *fresh;

    if (engine_create(&options, &fresh) != S_OK)
        return 1;
    if (engine_call(fresh, work, NULL) != S_OK)
        return 2;
    engine_stop(fresh);
    engine_unref(fresh);
    return 0;
}

Test(guest, forked_child_is_refused_at_once)
{
    expect_in_child(everything_is_refused);
    assert_hr(engine_call(engine, work, NULL), S_OK); /* the parent's goes on */
}

Test(guest, forked_child_may_start_anew)
{
#ifdef WITH_TSAN
    cr_skip_test("TSan knows no threads after a fork");
#endif
    expect_in_child(new_engine_works);
    assert_hr(engine_call(engine, work, NULL), S_OK);
}

static HRESULT fork_in_fiber(void *arg)
{
    expect_in_child(everything_is_refused);
    return S_OK;
}

Test(guest, fork_on_the_engines_own_thread)
{
    assert_hr(engine_call(engine, fork_in_fiber, NULL), S_OK);
}

/* ---- Again and again ---- */

static unsigned count_entries(const char *path)
{
    DIR *dir = opendir(path);
    unsigned count = 0;

    cr_assert(dir != NULL);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

Test(guest, initialise_stop_initialise_again)
{
    unsigned descriptors, threads, i;

    teardown();
    descriptors = count_entries("/proc/self/fd");
    threads = count_entries("/proc/self/task");
    for (i = 0; i < 20; i++) {
        setup();
        teardown();
    }
    cr_expect_eq(count_entries("/proc/self/fd"), descriptors);
    cr_expect_eq(count_entries("/proc/self/task"), threads);
    setup();
}

Test(guest, engine_outlives_its_thread)
{
    engine_ref(engine);
    engine_stop(engine);
    engine_unref(engine);
    assert_hr(engine_call(engine, nothing, NULL), MAPI_E_NOT_INITIALIZED);
}

/* ---- What the bench reads ---- */

static HRESULT burn(void *arg)
{
    uint64_t until = engine_now() + 20;

    while (engine_now() < until)
        ;
    return S_OK;
}

Test(guest, longest_turn_is_measured)
{
    struct engine_stats stats;

    assert_hr(engine_call(engine, burn, NULL), S_OK);
    assert_hr(engine_call(engine, nothing, NULL), S_OK); /* the turn is over */
    engine_stats(engine, &stats);
    cr_expect_gt(stats.turns, 0);
    cr_expect_geq(stats.longest_wall_ns, 19000000);
    cr_expect_gt(stats.longest_cpu_ns, 0);
    cr_expect_leq(stats.wall_p999_ns, stats.longest_wall_ns * 9 / 8 + 8);
    engine_stats_reset(engine);
    engine_stats(engine, &stats);
    cr_expect_lt(stats.turns, 10);
}
