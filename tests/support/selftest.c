/* tests/support/selftest.c - tests that must pass and tests that must fail, for the runner itself
 *
 * Linked with runner.c in every build; selftest.sh compares what the runner says with the names:
 * each test of the suites pass* must be reported "ok", each of fail* "not ok", each of skip*
 * skipped. In the thread sanitizer's build that includes a planted race, in the address
 * sanitizer's a planted leak and a use after free. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int order[8], order_count;

static void suite_begins(void)
{
    order[order_count++] = 1;
}

static void test_begins(void)
{
    order[order_count++] = 2;
}

static void test_ends(void)
{
    order[order_count++] = 3;
}

static void suite_ends(void)
{
    cr_assert_eq(order_count, 3);
    cr_assert(order[0] == 1 && order[1] == 2 && order[2] == 3);
    puts("suite ended");
}

TestSuite(pass_fixture, .init = suite_begins, .fini = suite_ends);

Test(pass_fixture, runs_in_order, .init = test_begins, .fini = test_ends)
{
    cr_assert_eq(order_count, 2);
}

static void fini_fails(void)
{
    cr_expect(false, "a check in fini counts");
}

Test(fail, check_in_fini, .fini = fini_fails)
{
}

static void init_fails(void)
{
    cr_assert(false);
}

Test(fail, check_in_init, .init = init_fails)
{
}

Test(pass, plain)
{
    cr_assert(true);
    cr_expect_str_eq("a", "a");
}

Test(fail, assertion)
{
    cr_assert_eq(1, 2);
    exit(0); /* never reached: the assertion leaves the test */
}

Test(fail, expectation)
{
    cr_expect(false);
}

static void *failing_thread(void *nothing)
{
    cr_assert(false, "from another thread");
    return nothing;
}

Test(fail, assertion_in_thread)
{
    pthread_t thread;

    pthread_create(&thread, NULL, failing_thread, NULL);
    pthread_join(thread, NULL);
}

Test(pass, announced_signal, .signal = SIGTERM)
{
    raise(SIGTERM);
}

Test(fail, other_signal, .signal = SIGTERM)
{
    raise(SIGUSR1);
}

Test(fail, no_signal, .signal = SIGTERM)
{
}

Test(fail, unannounced_signal)
{
    raise(SIGKILL);
}

TestSuite(pass_suite, .exit_code = 3);

Test(pass_suite, announced_exit)
{
    exit(3);
}

Test(fail, other_exit, .exit_code = 3)
{
    exit(4);
}

Test(fail, unannounced_exit)
{
    exit(1);
}

Test(fail, timeout, .timeout = 0.2)
{
    pause();
}

Test(skip, disabled, .disabled = true)
{
    abort();
}

Test(skip, by_word)
{
    cr_skip_test("for no reason");
}

ParameterizedTestParameters(pass, parameters)
{
    static int numbers[] = {1, 2, 3};

    return cr_make_param_array(int, numbers, 3);
}

ParameterizedTest(int *number, pass, parameters)
{
    cr_assert(*number >= 1 && *number <= 3);
}

#ifdef __SANITIZE_THREAD__

static int contended;

static void *count_up(void *nothing)
{
    for (int i = 0; i < 1000; i++)
        contended++;
    return nothing;
}

Test(fail, race)
{
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, count_up, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

#endif

#ifdef __SANITIZE_ADDRESS__

static void *volatile kept;

Test(fail, leak)
{
    kept = malloc(1234);
    kept = NULL;
}

Test(fail, use_after_free)
{
    kept = malloc(16);
    free(kept);
    ((volatile char *)kept)[3] = 1;
}

#endif
