/* tests/mapi/test_idle.c - the idle engine: who is called at an idle moment, and in which order */
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mapi/idle.h"
#include "mapi/mapiutil.h"
#include "support/com.h"

#define NEVER 0x7FFFFFFFu /* centiseconds */

static char order[64];
static FTG own; /* for a routine that changes itself */

static BOOL STDAPICALLTYPE note(LPVOID param)
{
    strncat(order, param, sizeof(order) - strlen(order) - 1);
    return FALSE;
}

static BOOL STDAPICALLTYPE note_and_go(LPVOID param)
{
    DeregisterIdleRoutine(own);
    return note(param);
}

static BOOL STDAPICALLTYPE run_again(LPVOID param)
{
    idle_run();
    return note(param);
}

static void setup(void)
{
    cr_assert_eq(MAPIInitIdle(NULL), 0);
}

static void teardown(void)
{
    MAPIDeinitIdle();
}

TestSuite(idle, .init = setup, .fini = teardown);

static FTG add(const char *name, short priority, ULONG centiseconds, USHORT options)
{
    return FtgRegisterIdleRoutine(note, (LPVOID)name, priority, centiseconds, options);
}

static void expect_run(const char *expected)
{
    order[0] = '\0';
    idle_run();
    cr_expect_str_eq(order, expected);
}

Test(idle_engine, nothing_works_before_it_is_begun) /* UTL-098 UTL-099 */
{
    cr_expect_null(add("a", 1, 0, 0));
    expect_run("");
    MAPIDeinitIdle(); /* one too many does no harm */
    cr_expect_eq(MAPIInitIdle(NULL), 0);
    cr_expect_not_null(add("a", 1, 0, 0));
    MAPIDeinitIdle();
}

Test(idle, is_counted) /* UTL-096 UTL-097 */
{
    cr_expect_eq(MAPIInitIdle(NULL), 0);
    cr_expect_not_null(add("a", 1, 0, 0));
    MAPIDeinitIdle();
    expect_run("a");
    MAPIDeinitIdle();
    expect_run("");
    cr_expect_eq(MAPIInitIdle(NULL), 0);
    expect_run(""); /* it has forgotten them */
}

Test(idle, what_cannot_be_registered_has_no_tag) /* UTL-099 UTL-100 */
{
    cr_expect_null(add("a", 0, 0, 0));
    cr_expect_null(add("a", 1, 0, 0x100));
    cr_expect_null(FtgRegisterIdleRoutine(NULL, NULL, 1, 0, 0));
    expect_run("");
}

Test(idle, priorities_go_first) /* UTL-106 */
{
    add("c", -1, 0, 0);
    add("b", 1, 0, 0);
    add("d", -5, 0, 0);
    add("a", 9, 0, 0);
    expect_run("abcd");
    expect_run("abcd");
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Not sooner: how much later is the machine's affair. */
Test(idle, twenty_are_a_fifth_of_a_second) /* UTL-101 */
{
    double begun = seconds_now(), guard = begun + 30;

    add("a", 1, 20, FIROWAIT);
    order[0] = '\0';
    while (!order[0] && seconds_now() < guard) {
        usleep(1000);
        idle_run();
    }
    cr_expect_str_eq(order, "a");
    cr_expect_geq(seconds_now() - begun, 0.19);
}

Test(idle, times_hold_it_back) /* UTL-102 */
{
    add("w", 5, NEVER, FIROWAIT);
    add("n", 4, 0, FIROWAIT);
    add("i", 3, NEVER, FIROINTERVAL);
    add("o", 2, 0, FIROINTERVAL);
    expect_run("nio"); /* the first call of an interval does not wait */
    expect_run("no");
}

Test(idle, routines_are_switched) /* UTL-103 UTL-109 */
{
    FTG tag = add("a", 1, 0, FIRODISABLED);

    expect_run("");
    EnableIdleRoutine(tag, TRUE);
    expect_run("a");
    EnableIdleRoutine(tag, FALSE);
    expect_run("");
    EnableIdleRoutine((FTG)99, TRUE);
}

Test(idle, only_what_is_named_changes) /* UTL-110 */
{
    FTG tag = add("a", 1, 0, 0);

    add("m", 5, 0, 0);
    ChangeIdleRoutine(tag, NULL, "b", 9, NEVER, FIROINTERVAL, FIRCPV);
    expect_run("mb");
    expect_run("mb");
    ChangeIdleRoutine(tag, NULL, NULL, 9, 0, 0, FIRCPRI);
    expect_run("bm");
    ChangeIdleRoutine(tag, NULL, NULL, 0, NEVER, FIROINTERVAL, FIRCCSEC | FIRCIRO);
    expect_run("m");
    ChangeIdleRoutine(tag, NULL, NULL, 0, 0, 0, FIRCIRO);
    expect_run("bm");
}

Test(idle, a_routine_goes_while_it_runs) /* UTL-111 */
{
    own = FtgRegisterIdleRoutine(note_and_go, "a", 1, 0, 0);
    add("b", -1, 0, 0);
    expect_run("ab");
    expect_run("b");
    DeregisterIdleRoutine(own); /* a stale tag */
    expect_run("b");
}

Test(idle, a_routine_that_dispatches_is_not_called_again)
{
    FtgRegisterIdleRoutine(run_again, "a", 1, 0, 0);
    expect_run("a");
}

static BOOL STDAPICALLTYPE note_and_insist(LPVOID param)
{
    note(param);
    return TRUE; /* against the rules */
}

Test(idle, what_a_routine_returns_means_nothing) /* UTL-107 */
{
    FtgRegisterIdleRoutine(note_and_insist, "a", 1, 0, 0);
    add("b", -1, 0, 0);
    expect_run("ab");
    expect_run("ab");
}

static void *run_elsewhere(void *arg)
{
    idle_run();
    return NULL;
}

Test(idle, it_runs_on_its_thread_alone) /* UTL-105 */
{
    pthread_t thread;

    add("a", 1, 0, 0);
    order[0] = '\0';
    cr_assert_eq(pthread_create(&thread, NULL, run_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    cr_expect_str_eq(order, "");
    expect_run("a");
}
