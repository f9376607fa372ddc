/* tests/providers/imap/client/test_uidset.c - sets of UIDs */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/imap/client/uidset.h"

static void expect_set(const struct uidset *set, const char *expected)
{
    char text[256];
    size_t range = 0;

    cr_expect_eq(uidset_format(set, &range, text, sizeof(text)), strlen(expected));
    cr_expect_str_eq(text, expected);
}

Test(uidset, adds_and_joins)
{
    struct uidset set = UIDSET_INIT;

    expect_set(&set, "");
    cr_expect_eq(uidset_add(&set, 5), S_OK);
    cr_expect_eq(uidset_add(&set, 7), S_OK);
    expect_set(&set, "5,7");
    cr_expect_eq(uidset_add(&set, 6), S_OK);
    expect_set(&set, "5:7");
    cr_expect_eq(uidset_add(&set, 6), S_OK);
    cr_expect_eq(uidset_add_range(&set, 20, 10), S_OK);
    cr_expect_eq(uidset_add(&set, 1), S_OK);
    expect_set(&set, "1,5:7,10:20");
    cr_expect_eq(uidset_add_range(&set, 2, 12), S_OK);
    expect_set(&set, "1:20");
    cr_expect_eq(uidset_add(&set, UINT32_MAX), S_OK);
    cr_expect_eq(uidset_add(&set, UINT32_MAX - 1), S_OK);
    expect_set(&set, "1:20,4294967294:4294967295");
    cr_expect_eq(uidset_add_range(&set, 1, UINT32_MAX), S_OK);
    expect_set(&set, "1:4294967295");
    cr_expect_eq(uidset_size(&set), UINT32_MAX);
    cr_expect_eq(uidset_add(&set, 0), MAPI_E_INVALID_PARAMETER);
    uidset_clear(&set);
}

Test(uidset, removes_and_splits)
{
    struct uidset set = UIDSET_INIT;

    cr_expect_eq(uidset_remove(&set, 3), S_OK);
    cr_expect_eq(uidset_add_range(&set, 1, 10), S_OK);
    cr_expect_eq(uidset_remove(&set, 5), S_OK);
    expect_set(&set, "1:4,6:10");
    cr_expect_eq(uidset_remove_range(&set, 9, 4), S_OK);
    expect_set(&set, "1:3,10");
    cr_expect_eq(uidset_remove(&set, 10), S_OK);
    cr_expect_eq(uidset_remove(&set, 1), S_OK);
    expect_set(&set, "2:3");
    cr_expect_eq(uidset_remove_range(&set, 1, UINT32_MAX), S_OK);
    expect_set(&set, "");
    uidset_clear(&set);
}

/* Against a plain array of bits, with every operation. */
Test(uidset, agrees_with_a_bitmap)
{
    struct uidset set = UIDSET_INIT;
    bool bits[65] = {false};
    unsigned seed = 1;

    for (unsigned step = 0; step < 20000; step++) {
        uint32_t a, b;
        bool add;
        size_t ranges = 0, size = 0;

        seed = seed * 1103515245u + 12345u;
        a = seed >> 16 & 63;
        b = seed >> 22 & 63;
        add = seed >> 28 & 1;
        a++;
        b++;
        cr_assert_eq(add ? uidset_add_range(&set, a, b) : uidset_remove_range(&set, a, b), S_OK);
        for (uint32_t i = a < b ? a : b; i <= (a < b ? b : a); i++)
            bits[i] = add;
        for (uint32_t i = 1; i <= 64; i++) {
            cr_assert_eq(uidset_contains(&set, i), bits[i]);
            size += bits[i];
            ranges += bits[i] && !bits[i - 1];
        }
        cr_assert_eq(set.count, ranges);
        cr_assert_eq(uidset_size(&set), size);
    }
    uidset_clear(&set);
}

Test(uidset, walks)
{
    struct uidset set = UIDSET_INIT;
    struct uidset_walk walk = {0};
    uint32_t number, expected[] = {3, 4, 5, 9, UINT32_MAX};

    cr_expect_eq(uidset_parse(&set, "4294967295,5:3,9", 16), S_OK);
    for (size_t i = 0; i < 5; i++) {
        cr_assert(uidset_next(&set, &walk, &number));
        cr_expect_eq(number, expected[i]);
    }
    cr_expect(!uidset_next(&set, &walk, &number));
    uidset_clear(&set);
}

Test(uidset, parses_and_refuses)
{
    static const char *const bad[] = {"",     "0",  "1:0", "*",          "1:*",
                                      "1,",   ",1", "1:",  "a",          "1 ",
                                      "1::2", "-1", "+1",  "4294967296", "1:4294967296"};
    struct uidset set = UIDSET_INIT;

    cr_expect_eq(uidset_parse(&set, "7,1:3,5,4", 9), S_OK);
    expect_set(&set, "1:5,7");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(uidset_parse(&set, bad[i], strlen(bad[i])), MAPI_E_INVALID_PARAMETER, "%s",
                     bad[i]);
    expect_set(&set, "1:5,7");
    uidset_clear(&set);
}

Test(uidset, takes_arrays_in_any_order)
{
    static const uint32_t numbers[] = {9, 1, 5, 2, 9, 6, 3};
    struct uidset set = UIDSET_INIT;

    cr_expect_eq(uidset_add_array(&set, numbers, 7), S_OK);
    expect_set(&set, "1:3,5:6,9");
    cr_expect_eq(uidset_add_array(&set, numbers, 0), S_OK);
    uidset_clear(&set);
}

Test(uidset, long_sets_go_out_in_pieces)
{
    struct uidset set = UIDSET_INIT, again = UIDSET_INIT;
    size_t range = 0, pieces = 0, size;
    char text[64];

    for (uint32_t i = 1; i < 2000; i += 3)
        cr_assert_eq(uidset_add_range(&set, i * 1000000, i * 1000000 + 1), S_OK);
    while ((size = uidset_format(&set, &range, text, sizeof(text))) > 0) {
        cr_expect_lt(size, sizeof(text));
        cr_assert_eq(uidset_parse(&again, text, size), S_OK);
        pieces++;
    }
    cr_expect_gt(pieces, 100);
    cr_expect_eq(again.count, set.count);
    cr_expect_eq(memcmp(again.ranges, set.ranges, set.count * sizeof(*set.ranges)), 0);
    uidset_clear(&set);
    uidset_clear(&again);
}
