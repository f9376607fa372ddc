/* tests/state/test_paths.c - where the side store lives (docs/architecture.md, "Names") */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"
#include "state/paths.h"

TestSuite(paths, .init = fixture_make_directory, .fini = fixture_tear_down);

static char *find(const char *configured, bool system)
{
    char *directory = NULL;

    assert_ok(state_directory_find(configured, system, NULL, &directory));
    return directory;
}

Test(paths, the_environment_goes_first_then_configuration_then_the_user)
{
    char base[128], *found;
    struct stat st;

    snprintf(base, sizeof(base), "%s/env/deep", fixture_directory);
    setenv("MAPIGATE_STATE", base, 1);
    found = find("/nonexistent", true);
    cr_expect_str_eq(found, base);
    cr_expect_eq(stat(found, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0700);
    free(found);

    unsetenv("MAPIGATE_STATE");
    setenv("XDG_STATE_HOME", fixture_directory, 1);
    snprintf(base, sizeof(base), "%s/configured", fixture_directory);
    found = find(base, true);
    cr_expect_str_eq(found, base);
    free(found);

    snprintf(base, sizeof(base), "%s/mapigate", fixture_directory);
    found = find(NULL, false);
    cr_expect_str_eq(found, base);
    free(found);

    setenv("XDG_STATE_HOME", "relative", 1); /* to be ignored */
    setenv("HOME", fixture_directory, 1);
    snprintf(base, sizeof(base), "%s/.local/state/mapigate", fixture_directory);
    found = find(NULL, false);
    cr_expect_str_eq(found, base);
    free(found);
}

Test(paths, bad_directories_are_refused_with_the_mend)
{
    struct error_info error = {0};
    char *found = NULL;

    unsetenv("MAPIGATE_STATE");
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    expect_hr(state_directory_find(NULL, false, &error, &found), MAPI_E_UNCONFIGURED);
    cr_expect_not_null(strstr(error.text, "MAPIGATE_STATE"));
    expect_hr(state_directory_find("relative", false, &error, &found), MAPI_E_UNCONFIGURED);
    expect_hr(state_directory_find("/proc/none/such", false, &error, &found), MAPI_E_NO_ACCESS);
    cr_expect_null(found);
    expect_hr(state_directory_check("/nonexistent", &error), MAPI_E_NOT_FOUND);
}

Test(paths, a_directory_open_to_others_is_narrowed)
{
    struct stat st;

    chmod(fixture_directory, 0755);
    assert_ok(state_directory_check(fixture_directory, NULL));
    stat(fixture_directory, &st);
    cr_expect_eq(st.st_mode & 0777, 0700);
}

Test(paths, network_file_systems_are_told_by_their_numbers)
{
    cr_expect(state_filesystem_is_network(0x6969, "nfs4"));
    cr_expect(state_filesystem_is_network(0xFF534D42, NULL));
    cr_expect(state_filesystem_is_network(0x65735546, "fuse.sshfs"));
    cr_expect(state_filesystem_is_network(0x65735546, NULL));
    cr_expect_not(state_filesystem_is_network(0x65735546, "fuseblk"));
    cr_expect_not(state_filesystem_is_network(0xEF53, "ext4"));
    cr_expect_not(state_filesystem_is_network(0x01021994, "tmpfs"));
}
