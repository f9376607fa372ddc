// Criterion starts each test by fork, some allocations, and execve. It has threads of its own: now
// and then one of them is inside malloc at the fork, and the child waits for ever for a lock of the
// address sanitizer that nobody holds (its allocator learned to take its locks around a fork only
// in later versions). Seen once in some tens of thousands of forks, and then the whole test program
// stands still until its time-out. So a child that has not come as far as execve in time is
// replaced by another. Linked into the test programs, this fork stands before the C library's.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// From fork to execve are some milliseconds; on a machine that is overloaded, some more.
#define EXEC_TIMEOUT_MS 30000
#define ATTEMPTS_MAX    3

static pid_t (*libc_fork)(void);

__attribute__((constructor)) static void find_libc_fork(void)
{
    libc_fork = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
}

// The code under test may fork and not execve: it gets the plain fork.
static bool is_criterion(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libcriterion");
}

// The child's end of the pipe closes at its execve, and at its death.
static bool reaches_execve(int pipe_end)
{
    struct pollfd closed = {.fd = pipe_end, .events = POLLIN};
    return poll(&closed, 1, EXEC_TIMEOUT_MS) != 0;
}

static pid_t fork_watched(bool *stuck)
{
    int ends[2];
    *stuck = false;
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    pid_t child = libc_fork();
    if (child == 0)
        return 0;
    close(ends[1]);
    *stuck = child > 0 && !reaches_execve(ends[0]);
    close(ends[0]);
    return child;
}

__attribute__((visibility("default"))) pid_t fork(void)
{
    if (!is_criterion(__builtin_return_address(0)))
        return libc_fork();
    for (int attempt = 1;; attempt++) {
        bool stuck;
        pid_t child = fork_watched(&stuck);
        if (!stuck || attempt == ATTEMPTS_MAX)
            return child;
        fprintf(stderr, "fork_guard: a child stood still before execve, starting another\n");
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
}
