/* tests/state/test_used_addresses.c - addresses that mail was sent to */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "state/used_addresses.h"

TestSuite(used_addresses, .init = fixture_set_up, .fini = fixture_tear_down);

static void add(const char *address, const char *name)
{
    const struct state_used_address used = {.address = address, .name = name};

    fixture_now++;
    assert_ok(state_used_addresses_add(mailbox, &used, 1, NULL));
}

static struct state_used_address *list(size_t *ret_count)
{
    struct state_used_address *all = NULL;

    assert_ok(state_used_addresses_list(mailbox, NULL, &all, ret_count));
    return all;
}

Test(used_addresses, come_the_last_used_first)
{
    struct state_used_address *all;
    size_t count;

    add("ann@example.org", "Ann");
    add("bob@example.org", NULL);
    add("ANN@example.org", "");
    fixture_reopen();
    all = list(&count);
    cr_assert_eq(count, 2);
    cr_expect_str_eq(all[0].address, "ann@example.org");
    cr_expect_str_eq(all[0].name, "Ann", "an empty name is no name");
    cr_expect_str_eq(all[1].address, "bob@example.org");
    cr_expect_null(all[1].name);
    cr_expect_neq(all[0].number, all[1].number);
    free(all);
}

Test(used_addresses, are_a_mailbox_s_own)
{
    struct state_used_address *all = NULL;
    struct state_mailbox *other;
    size_t count = 1;

    add("ann@example.org", "Ann");
    assert_ok(state_mailbox_open(state, "other@example.org", true, NULL, &other, NULL));
    assert_ok(state_used_addresses_list(other, NULL, &all, &count));
    cr_expect_eq(count, 0);
    cr_expect_null(all);
    state_mailbox_unref(other);
}

Test(used_addresses, leave_out_what_is_no_address)
{
    static char huge[STATE_USED_TEXT_MAX + 2];
    size_t count;

    memset(huge, 'x', sizeof(huge) - 1);
    add("", "nobody");
    add(huge, "too long");
    free(list(&count));
    cr_expect_eq(count, 0);
}

Test(used_addresses, only_the_newest_stay)
{
    static struct state_used_address many[STATE_USED_ADDRESSES_MAX + 10];
    static char texts[STATE_USED_ADDRESSES_MAX + 10][32];
    struct state_used_address *all;
    size_t count;

    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
        snprintf(texts[i], sizeof(texts[i]), "u%zu@example.org", i);
        many[i].address = texts[i];
    }
    add("old@example.org", NULL);
    fixture_now++;
    assert_ok(state_used_addresses_add(mailbox, many, sizeof(many) / sizeof(many[0]), NULL));
    all = list(&count);
    cr_assert_eq(count, STATE_USED_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++)
        cr_expect_str_neq(all[i].address, "old@example.org");
    free(all);
}
