/* net/password_command.c - a program that prints a password
 *
 * posix_spawn, two pipes and a pidfd, all watched by the loop: the host's SIGCHLD handling is left
 * alone. The command is the leader of a process group of its own, which a time-out kills. What it
 * prints is read into a secret at once. */
#include "net/password_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "net/engine-private.h"
#include "net/errno_error.h"
#include "net/fd_watch.h"

#define TIME_MAX   30000 /* ms */
#define OUTPUT_MAX ((size_t)64 * 1024)
#define WORDS_MAX  256

static const char component[] = "password command";

/* A pipe that the command writes to. */
struct capture {
    struct run *run;
    int fd; /* our end; -1: at its end */
    struct fd_watch *watch;
    char *bytes;
    size_t size, capacity;
    bool overflow;
};

struct run {
    struct fiber_wait *wait; /* of the fiber that runs the command */
    pid_t pid;
    int pidfd; /* -1: not started, or reaped */
    struct fd_watch *exit_watch;
    bool exited;
    struct capture output, errors;
};

/* ---- Starting ---- */

static int pipe_open(struct capture *capture, int *ret_child_end)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* our end only */
    capture->fd = ends[0];
    *ret_child_end = ends[1];
    return 0;
}

static int spawn_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETPGROUP);
}

/* Descriptors 0 to 2 and nothing else that the host has open. */
static int spawn_descriptors(posix_spawn_file_actions_t *actions, int output, int errors)
{
    int number = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, output, 1);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, errors, 2);
    if (number == 0)
        number = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    return number;
}

static int shell_spawn(const char *command, int output, int errors, pid_t *ret_pid)
{
    char *const argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int number = posix_spawn_file_actions_init(&actions);

    if (number != 0)
        return number;
    number = posix_spawnattr_init(&attributes);
    if (number == 0) {
        number = spawn_attributes(&attributes);
        if (number == 0)
            number = spawn_descriptors(&actions, output, errors);
        if (number == 0)
            number = posix_spawn(ret_pid, "/bin/sh", &actions, &attributes, argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* The pipe's ends lie above 2 unless the host has closed its own 0 to 2: then dup2 onto the wrong
 * one would lose the other. */
static int move_above_stdio(int *fd)
{
    int moved;

    if (*fd > 2)
        return 0;
    moved = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    if (moved < 0)
        return errno;
    close(*fd);
    *fd = moved;
    return 0;
}

static int run_start(struct run *run, const char *command)
{
    int output = -1, errors = -1;
    int number = pipe_open(&run->output, &output);

    if (number == 0)
        number = pipe_open(&run->errors, &errors);
    if (number == 0)
        number = move_above_stdio(&output);
    if (number == 0)
        number = move_above_stdio(&errors);
    if (number == 0)
        number = shell_spawn(command, output, errors, &run->pid);
    if (output >= 0)
        close(output);
    if (errors >= 0)
        close(errors);
    if (number != 0)
        return number;

    run->pidfd = pidfd_open(run->pid, 0);
    if (run->pidfd < 0) {
        number = errno;
        if (number == ESRCH) { /* gone, and reaped by the host: see run_reap */
            run->exited = true;
            return 0;
        }
        kill(-run->pid, SIGKILL);
        waitpid(run->pid, NULL, 0);
        return number;
    }
    return 0;
}

/* ---- Reading ---- */

static void capture_end(struct capture *capture)
{
    fd_watch_close(capture->watch);
    capture->watch = NULL;
    if (capture->fd >= 0)
        close(capture->fd);
    capture->fd = -1;
}

/* Takes what is there. */
static void capture_read(struct capture *capture)
{
    char surplus[512];

    while (capture->fd >= 0) {
        bool full = capture->size == capture->capacity;
        ssize_t got = full ? read(capture->fd, surplus, sizeof(surplus))
                           : read(capture->fd, capture->bytes + capture->size,
                                  capture->capacity - capture->size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            break;
        if (got <= 0) {
            capture_end(capture);
        } else if (full) {
            secret_wipe(surplus, sizeof(surplus));
            capture->overflow = true;
            break; /* an endless writer must not hold the loop: it is killed, or drips on */
        } else {
            capture->size += (size_t)got;
        }
    }
}

static void run_wake(struct run *run)
{
    if (run->wait)
        fiber_wake(run->wait, S_OK);
}

static void capture_ready(void *arg, unsigned events)
{
    struct capture *capture = arg;

    capture_read(capture);
    run_wake(capture->run);
}

static void run_exited(void *arg, unsigned events)
{
    struct run *run = arg;

    run->exited = true;
    fd_watch_close(run->exit_watch);
    run->exit_watch = NULL;
    run_wake(run);
}

static HRESULT run_watch(struct run *run)
{
    struct engine *engine = engine_current();
    HRESULT hr =
        fd_watch_create(engine, run->output.fd, capture_ready, &run->output, &run->output.watch);

    if (SUCCEEDED(hr))
        hr = fd_watch_create(engine, run->errors.fd, capture_ready, &run->errors,
                             &run->errors.watch);
    if (SUCCEEDED(hr) && !run->exited)
        hr = fd_watch_create(engine, run->pidfd, run_exited, run, &run->exit_watch);
    if (FAILED(hr))
        return hr;

    fd_watch_want(run->output.watch, FD_READABLE);
    fd_watch_want(run->errors.watch, FD_READABLE);
    if (run->exit_watch)
        fd_watch_want(run->exit_watch, FD_READABLE);
    return S_OK;
}

/* Until the command has ended. Its children may live on with the pipes open (an agent that it
 * started, say): they are not waited for. */
static HRESULT run_wait(struct run *run, uint64_t deadline)
{
    HRESULT hr = run_watch(run);

    while (SUCCEEDED(hr) && !run->exited && !run->output.overflow) {
        struct fiber_wait wait = {0};

        run->wait = &wait;
        hr = fiber_wait(&wait, deadline);
        run->wait = NULL;
    }
    if (run->exited) {
        capture_read(&run->output);
        capture_read(&run->errors);
    }
    return hr;
}

/* ---- Ending ---- */

/* Waits for a killed command without a fiber. */
struct reaper {
    struct engine *engine; /* our reference */
    struct engine_hook hook;
    struct fd_watch *watch;
    pid_t pid;
    int pidfd;
};

static void reaper_end(struct reaper *reaper)
{
    engine_hook_remove(reaper->engine, &reaper->hook);
    fd_watch_close(reaper->watch);
    waitpid(reaper->pid, NULL, WNOHANG);
    close(reaper->pidfd);
    engine_unref(reaper->engine);
    free(reaper);
}

static void reaper_ready(void *arg, unsigned events)
{
    reaper_end(arg);
}

/* Killed as it is, it dies in no time: better than to leave the host a zombie. */
static void reaper_stop(struct engine_hook *hook)
{
    struct reaper *reaper = container_of(hook, struct reaper, hook);

    waitpid(reaper->pid, NULL, 0);
    reaper_end(reaper);
}

/* Kills the command and its group, and has it reaped when it is dead. Takes the pidfd. */
static void run_kill(struct run *run)
{
    struct reaper *reaper = calloc(1, sizeof(*reaper));

    kill(-run->pid, SIGKILL); /* not reaped yet: the number is still its own */
    if (reaper && SUCCEEDED(fd_watch_create(engine_current(), run->pidfd, reaper_ready, reaper,
                                            &reaper->watch))) {
        reaper->engine = engine_ref(engine_current());
        reaper->pid = run->pid;
        reaper->pidfd = run->pidfd;
        engine_hook_add(reaper->engine, &reaper->hook, reaper_stop);
        fd_watch_want(reaper->watch, FD_READABLE);
    } else {
        free(reaper);
        waitpid(run->pid, NULL, 0);
        close(run->pidfd);
    }
    run->pidfd = -1;
}

/* How it ended. A host that reaps all children (SIGCHLD ignored, waitpid(-1)) leaves nothing to be
 * told: then the output decides. */
static void run_reap(struct run *run, siginfo_t *ret_info)
{
    memset(ret_info, 0, sizeof(*ret_info));
    ret_info->si_code = CLD_EXITED;
    if (run->pidfd < 0)
        return;
    if (waitid(P_PIDFD, (id_t)run->pidfd, ret_info, WEXITED | WNOHANG) != 0)
        ret_info->si_code = CLD_EXITED;
    close(run->pidfd);
    run->pidfd = -1;
}

static void run_clear(struct run *run)
{
    fd_watch_close(run->exit_watch);
    run->exit_watch = NULL;
    capture_end(&run->output);
    capture_end(&run->errors);
    if (run->pidfd >= 0)
        run_kill(run);
}

/* ---- The result ---- */

static size_t first_line(const char *bytes, size_t size)
{
    const char *end = memchr(bytes, '\n', size);

    return end ? (size_t)(end - bytes) : size;
}

static HRESULT run_result(struct run *run, struct error_info *error, struct secret **ret_password)
{
    int words = (int)first_line(run->errors.bytes, run->errors.size);
    size_t size = first_line(run->output.bytes, run->output.size);
    const char *colon = words > 0 ? ": " : "";
    siginfo_t info;

    run_reap(run, &info);
    if (info.si_code != CLD_EXITED)
        return error_set(error, MAPI_E_LOGON_FAILED, component, "killed by signal %d%s%.*s",
                         info.si_status, colon, words, run->errors.bytes);
    if (info.si_status != 0)
        return error_set(error, MAPI_E_LOGON_FAILED, component, "failed with exit code %d%s%.*s",
                         info.si_status, colon, words, run->errors.bytes);
    if (size == 0)
        return error_set(error, MAPI_E_LOGON_FAILED, component, "printed nothing%s%.*s", colon,
                         words, run->errors.bytes);
    return secret_create(run->output.bytes, size, ret_password);
}

static HRESULT run_command(struct run *run, const char *command, struct error_info *error,
                           struct secret **ret_password)
{
    int number = run_start(run, command);
    HRESULT hr;

    if (number != 0) {
        hr = errno_error(error, component, "cannot be started", number);
        if (hr != MAPI_E_NETWORK_ERROR)
            return hr;
        if (error)
            error->hr = MAPI_E_LOGON_FAILED;
        return MAPI_E_LOGON_FAILED;
    }

    hr = run_wait(run, engine_now() + TIME_MAX);
    if (run->output.overflow)
        return error_set(error, MAPI_E_LOGON_FAILED, component, "printed more than %zu bytes",
                         OUTPUT_MAX);
    if (hr == MAPI_E_TIMEOUT)
        return error_set(error, hr, component, "did not end within %d seconds", TIME_MAX / 1000);
    if (FAILED(hr))
        return error_set(error, hr, component, "cancelled");
    return run_result(run, error, ret_password);
}

HRESULT password_command_run(const char *command, struct error_info *error,
                             struct secret **ret_password)
{
    char words[WORDS_MAX];
    struct secret *output;
    HRESULT hr = secret_create_empty(OUTPUT_MAX, &output);
    struct run run = {
        .pidfd = -1,
        .output = {.run = &run, .fd = -1},
        .errors = {.run = &run, .fd = -1, .bytes = words, .capacity = sizeof(words)},
    };

    if (FAILED(hr))
        return error_set(error, hr, component, "not enough memory");
    run.output.bytes = secret_fill(output);
    run.output.capacity = OUTPUT_MAX;

    hr = run_command(&run, command, error, ret_password);
    run_clear(&run);
    secret_wipe(words, sizeof(words));
    secret_unref(output);
    return hr;
}
