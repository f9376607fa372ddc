/* tests/net/test_secret.c - what a secret's pages promise */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "net/secret.h"

/* Sets `flags` to the kernel's VmFlags of the page that `address` is in. */
static void page_flags(const void *address, char *flags, size_t size)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    unsigned long start, end, wanted = (unsigned long)address;
    bool inside = false;
    char line[512];

    flags[0] = '\0';
    cr_assert_not_null(maps);
    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            inside = wanted >= start && wanted < end;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(flags, size, "%.200s", line + 8);
    }
    fclose(maps);
}

static struct secret *make(const char *text)
{
    struct secret *secret = NULL;

    cr_assert_eq(secret_create(text, strlen(text), &secret), S_OK);
    return secret;
}

Test(secret, holds_its_bytes_and_a_terminator)
{
    struct secret *secret = make("pencil");

    cr_expect_eq(secret_size(secret), 6);
    cr_expect_str_eq(secret_bytes(secret), "pencil");
    secret_unref(secret);
}

Test(secret, may_be_empty)
{
    struct secret *secret = NULL;

    cr_assert_eq(secret_create(NULL, 0, &secret), S_OK);
    cr_expect_eq(secret_size(secret), 0);
    cr_expect_str_eq(secret_bytes(secret), "");
    secret_unref(secret);
    secret_unref(NULL);
}

Test(secret, lives_as_long_as_its_last_reference)
{
    struct secret *secret = make("pencil");
    struct secret *again = secret_ref(secret);

    secret_unref(secret);
    cr_expect_str_eq(secret_bytes(again), "pencil");
    secret_unref(again);
}

Test(secret, takes_64_kib_and_no_more)
{
    struct secret *secret = NULL;

    cr_assert_eq(secret_create_empty(64 * 1024, &secret), S_OK);
    memset(secret_fill(secret), 'x', 64 * 1024);
    cr_expect_eq(secret_bytes(secret)[64 * 1024], '\0');
    secret_unref(secret);

    secret = NULL;
    cr_expect_eq(secret_create_empty(64 * 1024 + 1, &secret), MAPI_E_TOO_BIG);
    cr_expect_null(secret);
}

Test(secret, is_left_out_of_core_dumps_and_wiped_on_fork)
{
    struct secret *secret = make("pencil");
    char flags[256];

    page_flags(secret_bytes(secret), flags, sizeof(flags));
    cr_expect_not_null(strstr(flags, " dd"), "%s", flags);
    cr_expect_not_null(strstr(flags, " wf"), "%s", flags);
    secret_unref(secret);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they turn mlock off */
Test(secret, is_locked_where_the_limit_allows)
{
    struct secret *secret = make("pencil");
    struct rlimit limit;
    char flags[256];

    getrlimit(RLIMIT_MEMLOCK, &limit);
    page_flags(secret_bytes(secret), flags, sizeof(flags));
    if (limit.rlim_cur > 64 * 1024)
        cr_expect_not_null(strstr(flags, " lo"), "%s", flags);
    secret_unref(secret);
}
#endif

Test(secret, is_not_seen_by_a_forked_child)
{
    struct secret *secret = make("pencil");
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        bool seen = memcmp(secret_bytes(secret), "pencil", 6) == 0;

        secret_unref(secret); /* legal there, too */
        _exit(seen ? 1 : 0);
    }
    cr_assert(child > 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
    cr_expect_str_eq(secret_bytes(secret), "pencil");
    secret_unref(secret);
}

Test(secret, wipe_clears)
{
    char bytes[] = "pencil";

    secret_wipe(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        cr_expect_eq(bytes[i], 0);
    secret_wipe(NULL, 0);
}
