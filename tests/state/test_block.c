/* tests/state/test_block.c - results in one block */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "state/block.h"

struct row {
    const char *name;
    struct row *inner;
};

Test(block, pointers_survive_growth)
{
    struct block block;
    struct row *rows;
    size_t count = 0, inner;
    char name[16];
    void *all = NULL;

    block_init(&block, sizeof(struct row));
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "row %d", i);
        block_add_row(&block);
        block_row_string(&block, offsetof(struct row, name), name);
        inner = block_add_data(&block, NULL, sizeof(struct row));
        block_point_row(&block, offsetof(struct row, inner), inner);
        block_data_string(&block, inner + offsetof(struct row, name), name);
    }
    assert_ok(block_finish(&block, &all, &count));
    cr_assert_eq(count, 1000);
    rows = all;
    cr_expect_str_eq(rows[0].name, "row 0");
    cr_expect_str_eq(rows[999].name, "row 999");
    cr_expect_str_eq(rows[500].inner->name, "row 500");
    cr_expect_null(rows[500].inner->inner);
    free(all);
}

Test(block, nothing_is_null)
{
    struct block block;
    void *all = &block;
    size_t count = 9;

    block_init(&block, sizeof(struct row));
    assert_ok(block_finish(&block, &all, &count));
    cr_expect_null(all);
    cr_expect_eq(count, 0);
}
