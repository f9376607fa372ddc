/* tests/support/runner.c - runs Criterion's test files without Criterion's sandbox
 *
 * The sandbox of Criterion 2.4.1 aborts under the thread sanitizer, so that build links this file
 * in place of libcriterion: it finds the tests where Criterion's macros put them (the sections
 * cr_tst and cr_sts), runs each in a process of its own, and defines the few functions that the
 * macros of criterion/criterion.h and criterion/parameterized.h call. Not here: criterion/new,
 * theories, report hooks, redirection.
 *
 *   test-ROOM [--tap=FILE] [--filter=PATTERN]... [--jobs=N] [--list] [PATTERN]...
 *
 * A pattern is a glob over suite/name. Prints TAP, with what a failed test wrote behind it. Exit
 * status: 0 all passed, 1 some failed, 2 bad use or no test fits.
 *
 * What a test says it expects holds as in Criterion: signal, exit_code, disabled and timeout of
 * the test, or else of its suite; init of suite then test before it, fini of test then suite
 * after it, also after a failed assertion. A failed check in fini fails the test (in Criterion it
 * does not), and so does any exit status that the test did not announce: that is how sanitizers
 * report. A test without a timeout has 300 seconds. */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <criterion/parameterized.h>

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SECONDS 300
#define MAX_JOBS        16
#define MAX_PATTERNS    64
#define MAX_PARAMETERS  10000

/* The exit statuses of a test's process that are the runner's own; a test that announces one of
 * them as its exit_code is refused. */
enum {
    STATUS_CHECK_FAILED = 101,
    STATUS_SKIPPED = 102,
};

/* Where the linker put the pointers of all tests and suites; a padding pointer is NULL. */
extern struct criterion_test *__start_cr_tst[] __attribute__((weak));
extern struct criterion_test *__stop_cr_tst[] __attribute__((weak));
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

/* The macros read full_stats only: false, so that passed checks cost nothing. */
struct criterion_options criterion_options;

/* One test, or one parameter of a parameterized test. */
struct item {
    const struct criterion_test *test;
    const struct criterion_suite *suite; /* NULL: the test names a suite nobody described */
    void *parameter;
    char name[256];
};

/* A running test. */
struct job {
    const struct item *item; /* NULL: free */
    pid_t pid;
    int pidfd;
    int output;      /* a memfd with all the test wrote */
    double started;  /* seconds, monotonic */
    double deadline; /* seconds, monotonic; 0 once it has been killed for being late */
};

struct run {
    struct item *items;
    unsigned item_count;
    const char *patterns[MAX_PATTERNS];
    unsigned pattern_count;
    FILE *tap;
    unsigned reported, failed;
};

/* The side of the test's own process. */
static const struct item *current;
static jmp_buf after_test;
static pthread_t test_thread;
static uintptr_t stack_low, stack_high;
static bool inside_test;
static atomic_int failed_checks;
static atomic_bool skipped;

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What Criterion's macros call, in the test's process. */

void cri_asserts_passed_incr(void)
{
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    if (stats->passed)
        return;
    atomic_fetch_add(&failed_checks, 1);
    fprintf(stderr, "%s:%u: check failed: %s\n", stats->file, stats->line, stats->message);
}

void criterion_continue_test(void)
{
}

/* Jumps back to the test's frame if it is ours to jump to: not from another thread, nor from a
 * fiber's stack. There the process ends, and with it the test. */
static void __attribute__((noreturn)) leave_test(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    if (inside_test && pthread_equal(pthread_self(), test_thread) && here >= stack_low &&
        here < stack_high)
        longjmp(after_test, 1);
    fflush(NULL);
    _exit(atomic_load(&failed_checks) > 0 ? STATUS_CHECK_FAILED : STATUS_SKIPPED);
}

void criterion_abort_test(void)
{
    atomic_fetch_add(&failed_checks, 1);
    leave_test();
}

void criterion_skip_test(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
    atomic_store(&skipped, true);
    leave_test();
}

void criterion_test_die(const char *message, ...)
{
    va_list words;

    va_start(words, message);
    vfprintf(stderr, message, words);
    va_end(words);
    fputc('\n', stderr);
    fflush(NULL);
    _exit(STATUS_CHECK_FAILED);
}

int cr_asprintf(char **text, const char *format, ...)
{
    va_list words;
    int length;

    va_start(words, format);
    length = vasprintf(text, format, words);
    va_end(words);
    return length;
}

int cr_vasprintf(char **text, const char *format, va_list words)
{
    return vasprintf(text, format, words);
}

void cr_asprintf_free(char *text)
{
    free(text);
}

void cr_log(enum criterion_severity severity, const char *format, ...)
{
    va_list words;

    (void)severity;
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
}

/* The arguments are the strings that the message with that index speaks of. */
char *cr_translate_assert_msg(int index, ...)
{
    static const struct {
        const char *before, *between, *after;
        unsigned arguments;
    } texts[] = {
        [CRITERION_ASSERT_MSG_FAIL] = {"it was to fail here", "", "", 0},
        [CRITERION_ASSERT_MSG_EXPR_FALSE] = {"", "", " is false", 1},
        [CRITERION_ASSERT_MSG_EXPR_AS_STRINGS_FALSE] = {"as strings, ", "", " is false", 1},
        [CRITERION_ASSERT_MSG_IS_NULL] = {"", "", " is not NULL", 1},
        [CRITERION_ASSERT_MSG_IS_NOT_NULL] = {"", "", " is NULL", 1},
        [CRITERION_ASSERT_MSG_IS_EMPTY] = {"", "", " is not empty", 1},
        [CRITERION_ASSERT_MSG_IS_NOT_EMPTY] = {"", "", " is empty", 1},
        [CRITERION_ASSERT_MSG_FILE_STR_MATCH] = {"file ", " does not hold ", "", 2},
        [CRITERION_ASSERT_MSG_FILE_MATCH] = {"files ", " and ", " differ", 2},
    };
    char *text = NULL;
    va_list words;

    va_start(words, index);
    if (index < 0 || (size_t)index >= sizeof(texts) / sizeof(texts[0]) ||
        texts[index].before == NULL) {
        text = strdup("check failed");
    } else {
        const char *first = texts[index].arguments > 0 ? va_arg(words, const char *) : "";
        const char *second = texts[index].arguments > 1 ? va_arg(words, const char *) : "";

        if (asprintf(&text, "%s%s%s%s%s", texts[index].before, first, texts[index].between, second,
                     texts[index].after) < 0)
            text = NULL;
    }
    va_end(words);
    return text;
}

void criterion_internal_test_setup(void)
{
    inside_test = true;
    if (setjmp(after_test) != 0)
        return;
    if (current->suite != NULL && current->suite->data->init != NULL)
        current->suite->data->init();
    if (current->test->data->init != NULL)
        current->test->data->init();
}

void criterion_internal_test_main(void (*function)(void))
{
    /* After a failed assertion in init the test itself makes no sense. */
    if (atomic_load(&failed_checks) > 0 || atomic_load(&skipped))
        return;
    if (setjmp(after_test) != 0)
        return;
    if (current->test->data->kind_ == CR_TEST_PARAMETERIZED)
        ((void (*)(void *))(void (*)(void))function)(current->parameter);
    else
        function();
}

void criterion_internal_test_teardown(void)
{
    if (setjmp(after_test) != 0)
        return;
    if (current->test->data->fini != NULL)
        current->test->data->fini();
    if (current->suite != NULL && current->suite->data->fini != NULL)
        current->suite->data->fini();
}

/* The test's process. */

static void note_stack(void)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;

    test_thread = pthread_self();
    if (pthread_getattr_np(test_thread, &attributes) != 0)
        return;
    if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
        stack_low = (uintptr_t)low;
        stack_high = stack_low + size;
    }
    pthread_attr_destroy(&attributes);
}

static void __attribute__((noreturn)) run_item(const struct item *item, int output, pid_t runner)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != runner)
        _exit(1);
    setpgid(0, 0);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    setvbuf(stdout, NULL, _IOLBF, 0);
    note_stack();
    current = item;
    item->test->test();
    inside_test = false;
    /* exit, not _exit: leaks and races are looked for on the way out. */
    if (atomic_load(&failed_checks) > 0)
        exit(STATUS_CHECK_FAILED);
    exit(atomic_load(&skipped) ? STATUS_SKIPPED : 0);
}

/* The runner's side. */

/* What the test says of itself, or else its suite. */
#define SAID(item, field)                                                                          \
    ((item)->test->data->field != 0 ? (item)->test->data->field                                    \
     : (item)->suite != NULL        ? (item)->suite->data->field                                   \
                                    : 0)

static bool is_disabled(const struct item *item)
{
    return item->test->data->disabled || (item->suite != NULL && item->suite->data->disabled);
}

static void copy_output(const struct job *job, FILE *to)
{
    char buffer[4096];
    ssize_t size;
    bool at_start = true;
    off_t offset = 0;

    while ((size = pread(job->output, buffer, sizeof(buffer), offset)) > 0) {
        offset += size;
        for (ssize_t i = 0; i < size; i++) {
            if (at_start)
                fputs("  # ", to);
            at_start = buffer[i] == '\n';
            fputc(buffer[i], to);
        }
    }
    if (!at_start)
        fputc('\n', to);
}

static void report_line(struct run *run, const struct item *item, const char *verdict,
                        const char *remark)
{
    run->reported++;
    fprintf(run->tap, "%s %u - %s%s\n", verdict, run->reported, item->name, remark);
    if (run->tap != stdout)
        printf("%s %u - %s%s\n", verdict, run->reported, item->name, remark);
}

/* Says why the test failed; leaves `why` empty if it did not. */
static void judge(const struct job *job, int status, char *why, size_t size)
{
    int wanted_signal = SAID(job->item, signal);
    int wanted_exit = SAID(job->item, exit_code);

    why[0] = '\0';
    if (job->deadline == 0)
        snprintf(why, size, " (timed out)");
    else if (WIFSIGNALED(status) && WTERMSIG(status) != wanted_signal)
        snprintf(why, size, " (signal %d: %s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_CHECK_FAILED)
        snprintf(why, size, " (check failed)");
    else if (WIFEXITED(status) && wanted_signal != 0)
        snprintf(why, size, " (no signal %d)", wanted_signal);
    else if (WIFEXITED(status) && WEXITSTATUS(status) != wanted_exit)
        snprintf(why, size, " (exit status %d)", WEXITSTATUS(status));
}

static void finish(struct run *run, struct job *job, int status)
{
    char why[128], remark[192];
    double seconds = seconds_now() - job->started;

    judge(job, status, why, sizeof(why));
    if (job->deadline != 0 && WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED) {
        report_line(run, job->item, "ok", " # SKIP");
        copy_output(job, stdout);
    } else if (why[0] != '\0') {
        run->failed++;
        report_line(run, job->item, "not ok", why);
        copy_output(job, stdout);
        if (run->tap != stdout)
            copy_output(job, run->tap);
    } else {
        snprintf(remark, sizeof(remark), " (%.2fs)", seconds);
        report_line(run, job->item, "ok", remark);
    }
    fflush(NULL);
    kill(-job->pid, SIGKILL); /* what the test left running in its group */
    close(job->pidfd);
    close(job->output);
    job->item = NULL;
}

static void begin(struct job *job, const struct item *item)
{
    double limit = SAID(item, timeout);
    pid_t runner = getpid();

    fflush(NULL);
    job->item = item;
    job->output = memfd_create("test output", MFD_CLOEXEC);
    job->started = seconds_now();
    job->deadline = job->started + (limit > 0 ? limit : DEFAULT_SECONDS);
    job->pid = fork();
    if (job->pid == 0)
        run_item(item, job->output, runner);
    job->pidfd = job->pid < 0 ? -1 : pidfd_open(job->pid, 0);
    if (job->output < 0 || job->pidfd < 0) {
        perror("runner");
        exit(2);
    }
}

/* Waits until a job ends or is late, and finishes those that ended. */
static void wait_for_jobs(struct run *run, struct job *jobs, unsigned job_count)
{
    struct pollfd ends[MAX_JOBS];
    double now = seconds_now(), next = now + 60;

    for (unsigned i = 0; i < job_count; i++) {
        ends[i].fd = jobs[i].item == NULL ? -1 : jobs[i].pidfd;
        ends[i].events = POLLIN;
        ends[i].revents = 0;
        if (jobs[i].item != NULL && jobs[i].deadline != 0 && jobs[i].deadline < next)
            next = jobs[i].deadline;
    }
    poll(ends, job_count, next <= now ? 0 : (int)((next - now) * 1000) + 1);
    now = seconds_now();
    for (unsigned i = 0; i < job_count; i++) {
        int status;

        if (jobs[i].item == NULL)
            continue;
        if (waitpid(jobs[i].pid, &status, WNOHANG) == jobs[i].pid) {
            finish(run, &jobs[i], status);
        } else if (jobs[i].deadline != 0 && now >= jobs[i].deadline) {
            jobs[i].deadline = 0;
            kill(jobs[i].pid, SIGKILL);
        }
    }
}

static void run_all(struct run *run, unsigned job_count)
{
    struct job jobs[MAX_JOBS] = {0};
    unsigned next = 0, busy;

    do {
        busy = 0;
        for (unsigned i = 0; i < job_count; i++) {
            while (jobs[i].item == NULL && next < run->item_count) {
                const struct item *item = &run->items[next++];

                if (is_disabled(item))
                    report_line(run, item, "ok", " # SKIP disabled");
                else
                    begin(&jobs[i], item);
            }
            busy += jobs[i].item != NULL;
        }
        if (busy > 0)
            wait_for_jobs(run, jobs, job_count);
    } while (busy > 0);
}

/* Finding the tests. */

static const struct criterion_suite *suite_find(const char *name)
{
    for (struct criterion_suite **suite = __start_cr_sts; suite < __stop_cr_sts; suite++)
        if (*suite != NULL && (*suite)->data != NULL && strcmp((*suite)->name, name) == 0)
            return *suite;
    return NULL;
}

static bool is_wanted(const struct run *run, const char *name)
{
    for (unsigned i = 0; i < run->pattern_count; i++)
        if (fnmatch(run->patterns[i], name, FNM_EXTMATCH) == 0)
            return true;
    return run->pattern_count == 0;
}

static void add_item(struct run *run, const struct criterion_test *test, void *parameter,
                     const char *suffix)
{
    struct item *item;

    run->items = reallocarray(run->items, run->item_count + 1, sizeof(*run->items));
    if (run->items == NULL) {
        perror("runner");
        exit(2);
    }
    item = &run->items[run->item_count++];
    item->test = test;
    item->suite = suite_find(test->category);
    item->parameter = parameter;
    snprintf(item->name, sizeof(item->name), "%s::%s%s", test->category, test->name, suffix);
    if (SAID(item, exit_code) == STATUS_CHECK_FAILED || SAID(item, exit_code) == STATUS_SKIPPED) {
        fprintf(stderr, "runner: %s: exit codes %d and %d are taken\n", item->name,
                STATUS_CHECK_FAILED, STATUS_SKIPPED);
        exit(2);
    }
}

static void add_parameters(struct run *run, const struct criterion_test *test)
{
    struct criterion_test_params parameters = test->data->param_();
    char suffix[32];

    if (parameters.length > MAX_PARAMETERS) {
        fprintf(stderr, "runner: %s: too many parameters\n", test->name);
        exit(2);
    }
    for (size_t i = 0; i < parameters.length; i++) {
        snprintf(suffix, sizeof(suffix), "[%zu]", i);
        add_item(run, test, (char *)parameters.params + i * parameters.size, suffix);
    }
}

static int by_name(const void *left, const void *right)
{
    const struct criterion_test *const *a = left, *const *b = right;
    int order = strcmp((*a)->category, (*b)->category);

    return order != 0 ? order : strcmp((*a)->name, (*b)->name);
}

static void find_tests(struct run *run)
{
    size_t space = (size_t)(__stop_cr_tst - __start_cr_tst), count = 0;
    const struct criterion_test **tests = calloc(space + 1, sizeof(struct criterion_test *));

    if (tests == NULL) {
        perror("runner");
        exit(2);
    }
    for (size_t i = 0; i < space; i++) {
        char path[256];

        if (__start_cr_tst[i] == NULL)
            continue;
        snprintf(path, sizeof(path), "%s/%s", __start_cr_tst[i]->category, __start_cr_tst[i]->name);
        if (is_wanted(run, path))
            tests[count++] = __start_cr_tst[i];
    }
    qsort(tests, count, sizeof(tests[0]), by_name);
    for (size_t i = 0; i < count; i++) {
        if (tests[i]->data->kind_ == CR_TEST_PARAMETERIZED)
            add_parameters(run, tests[i]);
        else
            add_item(run, tests[i], NULL, "");
    }
    free(tests);
}

static void add_pattern(struct run *run, const char *pattern)
{
    if (run->pattern_count == MAX_PATTERNS) {
        fprintf(stderr, "runner: more than %d patterns\n", MAX_PATTERNS);
        exit(2);
    }
    run->patterns[run->pattern_count++] = pattern;
}

static unsigned default_jobs(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors < 1 ? 1 : processors > MAX_JOBS ? MAX_JOBS : (unsigned)processors;
}

int main(int count, char **words)
{
    static const struct option options[] = {
        {"tap", required_argument, NULL, 't'},
        {"filter", required_argument, NULL, 'f'},
        {"jobs", required_argument, NULL, 'j'},
        {"list", no_argument, NULL, 'l'},
        {NULL, 0, NULL, 0},
    };
    struct run run = {.tap = stdout};
    unsigned job_count = default_jobs();
    bool list = false;
    int option;

    while ((option = getopt_long(count, words, "j:", options, NULL)) != -1) {
        if (option == 'f') {
            add_pattern(&run, optarg);
        } else if (option == 'j' && atoi(optarg) > 0 && atoi(optarg) <= MAX_JOBS) {
            job_count = (unsigned)atoi(optarg);
        } else if (option == 'l') {
            list = true;
        } else if (option != 't' || (run.tap = fopen(optarg, "we")) == NULL) {
            fprintf(stderr, "runner: cannot do %s\n", optarg == NULL ? "that" : optarg);
            return 2;
        }
    }
    for (int i = optind; i < count; i++)
        add_pattern(&run, words[i]);
    find_tests(&run);
    if (list) {
        for (unsigned i = 0; i < run.item_count; i++)
            puts(run.items[i].name);
        free(run.items);
        return 0;
    }
    fprintf(run.tap, "TAP version 13\n1..%u\n", run.item_count);
    run_all(&run, job_count);
    if (run.tap != stdout)
        fclose(run.tap);
    printf("# %u of %u failed\n", run.failed, run.item_count);
    free(run.items);
    return run.failed > 0 ? 1 : run.item_count == 0 ? 2 : 0;
}
