/* tests/net/test_password_command.c - a program that prints a password, as a guest would run it */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "net/password_command.h"
#include "tests/net/engines.h"

struct command {
    const char *line;
    struct error_info error;
    struct secret *password;
};

static struct engine *engine;
static struct command command;

static void setup(void)
{
    memset(&command, 0, sizeof(command));
    engine = engine_make("test");
}

static void teardown(void)
{
    secret_unref(command.password);
    engine_end(engine);
}

TestSuite(password_command, .init = setup, .fini = teardown, .timeout = 60);

static HRESULT command_run(void *arg)
{
    struct command *run = arg;

    return password_command_run(run->line, &run->error, &run->password);
}

static void expect_password(const char *line, const char *password)
{
    HRESULT hr;

    command.line = line;
    hr = engine_call(engine, command_run, &command);
    cr_assert(hr == S_OK, "0x%08x: %s", (unsigned)hr, command.error.text);
    cr_expect_str_eq(secret_bytes(command.password), password);
    secret_unref(command.password);
    command.password = NULL;
}

static void expect_refusal(const char *line, const char *words)
{
    command.line = line;
    assert_hr(engine_call(engine, command_run, &command), MAPI_E_LOGON_FAILED);
    cr_expect_null(command.password);
    cr_expect_str_eq(command.error.component, "password command");
    cr_expect_not_null(strstr(command.error.text, words), "%s", command.error.text);
}

/* No child of ours is left, not even a dead one. */
static void expect_no_child(void)
{
    for (int i = 0; i < 30000; i++) {
        siginfo_t info = {0};

        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
            return;
        usleep(1000);
    }
    cr_expect(false, "a child is left");
}

Test(password_command, takes_the_first_line)
{
    expect_password("echo tanstaaf", "tanstaaf");
    expect_password("printf 'one\\ntwo\\n'", "one");
    expect_password("printf 'no newline'", "no newline");
    expect_password("sleep 0.1; echo late", "late");
    expect_no_child();
}

Test(password_command, says_how_it_failed_in_the_commands_own_words)
{
    expect_refusal("echo 'no such key' >&2; echo more >&2; exit 3",
                   "failed with exit code 3: no such key");
    cr_expect_null(strstr(command.error.text, "more"));
    expect_refusal("kill -9 $$", "killed by signal 9");
    expect_refusal("echo half a password; exit 1", "failed with exit code 1");
    expect_refusal("/no/such/program", "exit code 127");
    expect_no_child();
}

Test(password_command, an_empty_line_is_no_password)
{
    expect_refusal("true", "printed nothing");
    expect_refusal("echo; echo second", "printed nothing");
    expect_refusal("echo locked >&2", "printed nothing: locked");
}

Test(password_command, more_than_64_kib_is_refused_and_killed)
{
    expect_refusal("yes", "printed more than 65536 bytes");
    expect_no_child();
}

Test(password_command, much_on_standard_error_does_not_block_it)
{
    expect_password("head -c 1000000 /dev/zero >&2; echo fine", "fine");
}

/* ---- A guest's manners ---- */

static volatile sig_atomic_t children_heard;

static void hear_child(int signal)
{
    children_heard++;
}

Test(password_command, leaves_the_hosts_sigchld_handler_alone)
{
    struct sigaction now, mine = {.sa_handler = hear_child};

    sigaction(SIGCHLD, &mine, NULL);
    expect_password("echo x", "x");
    sigaction(SIGCHLD, NULL, &now);
    cr_expect_eq(now.sa_handler, hear_child);
}

Test(password_command, works_in_a_host_that_ignores_its_children)
{
    signal(SIGCHLD, SIG_IGN); /* the kernel reaps them: nobody hears how they ended */
    expect_password("echo x", "x");
    expect_refusal("echo broken >&2; exit 1", "printed nothing: broken");
}

Test(password_command, sees_descriptors_0_to_2_only)
{
    int fd = open("/dev/zero", O_RDONLY); /* without O_CLOEXEC, as many a host does */

    cr_assert(fd > 2);
    /* ls itself opens the folder as 3. */
    expect_password("echo $(ls /proc/self/fd)", "0 1 2 3");
    expect_password("readlink /proc/$$/fd/0", "/dev/null");
    close(fd);
}

Test(password_command, has_default_signals)
{
    unsigned long long blocked = 1, ignored = 1;

    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    command.line = "grep -E 'Sig(Blk|Ign)' /proc/$$/status | tr '\\t\\n' '  '";
    assert_hr(engine_call(engine, command_run, &command), S_OK);
    cr_assert_eq(
        sscanf(secret_bytes(command.password), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2,
        "%s", secret_bytes(command.password));
    cr_expect_eq(blocked, 0);
    cr_expect_eq(ignored & 0x7fffffff, 0); /* 32 and 33 are the C library's own */
}

Test(password_command, is_a_process_group_of_its_own)
{
    char *own = NULL;

    cr_assert(asprintf(&own, "%d", getpgrp()) > 0);
    command.line = "cut -d' ' -f5 /proc/$$/stat";
    assert_hr(engine_call(engine, command_run, &command), S_OK);
    cr_expect_str_neq(secret_bytes(command.password), own);
    free(own);
}

Test(password_command, does_not_wait_for_what_it_leaves_behind)
{
    pid_t agent;

    /* An agent in the background holds the pipes open. */
    command.line = "sleep 50 & echo $!";
    assert_hr(engine_call(engine, command_run, &command), S_OK);
    agent = (pid_t)atoi(secret_bytes(command.password));
    cr_assert(agent > 1);
    cr_expect_eq(kill(agent, SIGKILL), 0, "it lived on");
}

/* ---- Ending early ---- */

static HRESULT cancel_it(void *arg)
{
    struct fiber *fiber;
    struct stat status;
    char line[128], path[64];

    snprintf(path, sizeof(path), "/tmp/mapigate-test-pid.%d", getpid());
    snprintf(line, sizeof(line), "echo $$ > %s; sleep 50; sleep 50", path);
    command.line = line;
    assert_hr(engine_spawn(engine, command_run, &command, &fiber), S_OK);
    while (stat(path, &status) != 0)
        assert_hr(fiber_sleep_until(engine_now() + 1), S_OK);
    fiber_cancel(fiber);
    assert_hr(fiber_join(fiber), MAPI_E_USER_CANCEL);
    unlink(path);
    return S_OK;
}

Test(password_command, a_cancelled_one_is_killed_and_reaped)
{
    assert_hr(engine_call(engine, cancel_it, NULL), S_OK);
    expect_no_child();
}

Test(password_command, one_that_is_cancelled_by_the_engines_end_is_reaped)
{
    assert_hr(engine_call(engine, cancel_it, NULL), S_OK);
    engine_stop(engine);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
}
