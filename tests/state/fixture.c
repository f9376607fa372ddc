/* tests/state/fixture.c - a store in a directory of its own, and a clock that is turned by hand */
#include "fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char fixture_directory[64];
int64_t fixture_now;
uint32_t fixture_busy_ms; /* 0: as in real life */
struct state *state;
struct state_mailbox *mailbox;

static int64_t turned_clock(void)
{
    return fixture_now;
}

void fixture_make_directory(void)
{
    strcpy(fixture_directory, "/tmp/mapigate-state-XXXXXX");
    cr_assert_not_null(mkdtemp(fixture_directory));
    fixture_now = 1700000000000;
}

struct state *fixture_open(void)
{
    struct state_options options = {
        .directory = fixture_directory, .busy_ms = fixture_busy_ms, .clock = turned_clock};
    struct error_info error = {0};
    struct state *opened = NULL;
    HRESULT hr = state_open(&options, &error, &opened);

    cr_assert_eq(hr, S_OK, "%08X %s", (unsigned)hr, error.text);
    return opened;
}

struct state_mailbox *fixture_open_mailbox(struct state *of)
{
    struct state_mailbox *opened = NULL;

    assert_ok(state_mailbox_open(of, ACCOUNT, true, NULL, &opened, NULL));
    return opened;
}

void fixture_set_up(void)
{
    fixture_make_directory();
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
}

void fixture_reopen(void)
{
    state_mailbox_unref(mailbox);
    state_unref(state);
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

void fixture_tear_down(void)
{
    state_mailbox_unref(mailbox);
    state_unref(state);
    nftw(fixture_directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
