/* tests/mapi/test_row_list.c - the row source in memory */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "support/com.h"

static struct row_list *list;
static int announcements;
static struct row_watch *watch;

static void count_announcement(void *context)
{
    announcements++;
}

static void setup(void)
{
    assert_hr(row_list_create(PR_ROWID, &list), S_OK);
    assert_hr(row_source_watch(row_list_source(list), count_announcement, NULL, &watch), S_OK);
}

static void teardown(void)
{
    row_watch_cancel(watch);
    row_source_unref(row_list_source(list));
}

TestSuite(row_list, .init = setup, .fini = teardown);

static SPropValue key(LONG id)
{
    return propval_long(PR_ROWID, id);
}

static void set(LONG id, LONG size)
{
    SPropValue values[] = {key(id), propval_long(PR_MESSAGE_SIZE, size)};

    assert_hr(row_list_set(list, values, 2), S_OK);
}

/* The keys, in order, are these. */
static void expect_order(const LONG *ids, size_t count)
{
    SPropValue *row;
    ULONG values;
    size_t i;

    cr_assert_eq(row_list_count(list), count);
    for (i = 0; i < count; i++) {
        assert_hr(row_list_get_at(list, i, &row, &values), S_OK);
        cr_expect(propval_find(row, values, PR_ROWID)->Value.l == ids[i], "place %zu: %d", i,
                  propval_find(row, values, PR_ROWID)->Value.l);
        mapi_free(row);
    }
}
#define EXPECT_ORDER(...)                                                                          \
    expect_order((const LONG[]){__VA_ARGS__}, sizeof((const LONG[]){__VA_ARGS__}) / sizeof(LONG))

Test(row_list, replaces_by_key_and_keeps_the_place) /* TBL-137 TBL-143 */
{
    SPropValue *row, second = key(2);
    ULONG values;
    size_t position;

    set(1, 10);
    set(2, 20);
    set(3, 30);
    set(2, 99);
    EXPECT_ORDER(1, 2, 3);
    assert_hr(row_list_get(list, &second, &row, &values, &position), S_OK);
    cr_expect_eq(position, 1);
    cr_expect_eq(propval_find(row, values, PR_MESSAGE_SIZE)->Value.l, 99);
    mapi_free(row);
    cr_expect_eq(announcements, 4);
    set(2, 99);
    cr_expect_eq(announcements, 4); /* nothing changed */
}

Test(row_list, rows_need_their_key) /* TBL-138 TBL-146 */
{
    SPropValue good[] = {key(1)}, bad[] = {propval_long(PR_MESSAGE_SIZE, 1)};
    SRow rows[] = {{.cValues = 1, .lpProps = good}, {.cValues = 1, .lpProps = bad}};

    expect_hr(row_list_set(list, bad, 1), MAPI_E_INVALID_PARAMETER);
    expect_hr(row_list_set_many(list, rows, 2), MAPI_E_INVALID_PARAMETER);
    cr_expect_eq(row_list_count(list), 0); /* all or nothing */
    cr_expect_eq(announcements, 0);
}

Test(row_list, inserts_at_a_place) /* TBL-140 */
{
    SPropValue value = key(9);

    set(1, 1);
    set(2, 2);
    assert_hr(row_list_insert(list, 1, &value, 1), S_OK);
    EXPECT_ORDER(1, 9, 2);
    expect_hr(row_list_insert(list, 0, &value, 1), MAPI_E_INVALID_PARAMETER);
    value = key(8);
    assert_hr(row_list_insert(list, 100, &value, 1), S_OK);
    EXPECT_ORDER(1, 9, 2, 8);
    value = key(9);
    assert_hr(row_list_remove(list, &value), S_OK);
    expect_hr(row_list_remove(list, &value), MAPI_E_NOT_FOUND); /* TBL-141 */
    EXPECT_ORDER(1, 2, 8);
}

Test(row_list, merges_columns)
{
    SPropValue changes[] = {propval_unicode(PR_DISPLAY_NAME_W, u"name"),
                            {.ulPropTag = CHANGE_PROP_TYPE(PR_MESSAGE_SIZE, PT_ERROR)}};
    SPropValue first = key(1), *row;
    ULONG values;

    set(1, 10);
    assert_hr(row_list_merge(list, &first, changes, 2), S_OK);
    assert_hr(row_list_get(list, &first, &row, &values, NULL), S_OK);
    cr_expect_not_null(propval_find(row, values, PR_DISPLAY_NAME_W));
    cr_expect_null(propval_find(row, values, PR_MESSAGE_SIZE)); /* taken away */
    mapi_free(row);
    cr_expect_eq(announcements, 2);
    assert_hr(row_list_merge(list, &first, changes, 2), S_OK);
    cr_expect_eq(announcements, 2);
    first = key(7);
    expect_hr(row_list_merge(list, &first, changes, 2), MAPI_E_NOT_FOUND);
}

/* The net changes between two versions, by number of each kind. */
static HRESULT changes_since(uint64_t version, size_t *counts)
{
    struct row_change changes[16];
    struct row_snapshot *snapshot;
    size_t count, i;
    HRESULT hr;

    memset(counts, 0, 3 * sizeof(*counts));
    assert_hr(row_list_source(list)->ops->snapshot(row_list_source(list), &snapshot), S_OK);
    hr = snapshot->ops->changes(snapshot, version, changes, 16, &count);
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        counts[changes[i].kind]++;
    row_snapshot_unref(snapshot);
    return hr;
}

static uint64_t version_now(void)
{
    struct row_snapshot *snapshot;
    uint64_t version;

    assert_hr(row_list_source(list)->ops->snapshot(row_list_source(list), &snapshot), S_OK);
    version = snapshot->version;
    row_snapshot_unref(snapshot);
    return version;
}

Test(row_list, tells_net_changes)
{
    size_t counts[3];
    uint64_t version;
    SPropValue value;
    LONG i;

    set(1, 1);
    set(2, 2);
    version = version_now();
    set(1, 11);
    set(1, 12);
    set(3, 3);
    set(4, 4);
    set(4, 5);
    value = key(3);
    row_list_remove(list, &value); /* came and went */
    value = key(2);
    row_list_remove(list, &value);
    assert_hr(changes_since(version, counts), S_OK);
    cr_expect_eq(counts[ROW_ADDED], 1);
    cr_expect_eq(counts[ROW_MODIFIED], 1);
    cr_expect_eq(counts[ROW_DELETED], 1);
    for (i = 0; i < 17; i++)
        set(100 + i, 1);
    expect_hr(changes_since(version, counts), MAPI_E_TOO_BIG); /* more than there is room for */
    for (i = 0; i < CHANGE_LOG_SIZE; i++)
        set(100, i + 2);
    expect_hr(changes_since(version, counts), MAPI_E_TOO_BIG); /* forgotten */
    assert_hr(changes_since(version_now(), counts), S_OK);
    cr_expect_eq(counts[ROW_ADDED] + counts[ROW_MODIFIED] + counts[ROW_DELETED], 0);
}

static void replace(const LONG *ids, size_t count)
{
    SPropValue *values = calloc(count + 1, sizeof(*values));
    SRow *rows = calloc(count + 1, sizeof(*rows));
    size_t i;

    for (i = 0; i < count; i++) {
        values[i] = key(ids[i]);
        rows[i] = (SRow){.cValues = 1, .lpProps = &values[i]};
    }
    assert_hr(row_list_replace(list, rows, count), S_OK);
    free(rows);
    free(values);
}

Test(row_list, replacing_all_tells_only_what_differs)
{
    static const LONG first[] = {1, 2, 3}, second[] = {1, 7, 3}, turned[] = {3, 7, 1};
    size_t counts[3];
    uint64_t version;

    replace(first, 3);
    version = version_now();
    replace(first, 3);
    cr_expect_eq(announcements, 1);
    replace(second, 3);
    EXPECT_ORDER(1, 7, 3);
    assert_hr(changes_since(version, counts), S_OK);
    cr_expect_eq(counts[ROW_ADDED], 1);
    cr_expect_eq(counts[ROW_MODIFIED], 0);
    cr_expect_eq(counts[ROW_DELETED], 1);
    replace(turned, 3);
    EXPECT_ORDER(3, 7, 1);
    expect_hr(changes_since(version, counts), MAPI_E_TOO_BIG); /* a new order cannot be told */
    replace(NULL, 0);
    cr_expect_eq(row_list_count(list), 0);
    set(5, 5);
    EXPECT_ORDER(5);
}

Test(row_list, many_rows_are_found_by_key)
{
    LONG *ids = calloc(20000, sizeof(*ids)), i;
    SPropValue value, *row;
    ULONG values;
    size_t position;

    for (i = 0; i < 20000; i++)
        ids[i] = (i * 7919) % 20011;
    replace(ids, 20000);
    for (i = 0; i < 20000; i += 97) {
        value = key(ids[i]);
        assert_hr(row_list_get(list, &value, &row, &values, &position), S_OK);
        cr_expect_eq(position, (size_t)i);
        mapi_free(row);
    }
    free(ids);
}

Test(row_list, snapshots_stay_as_they_were)
{
    struct row_snapshot *snapshot;
    struct arena scratch = {0};
    ULONG tag = PR_MESSAGE_SIZE;
    SPropValue value;
    size_t position;

    set(1, 10);
    set(2, 20);
    assert_hr(row_list_source(list)->ops->snapshot(row_list_source(list), &snapshot), S_OK);
    set(1, 99);
    row_list_remove_all(list);
    cr_expect_eq(snapshot->ops->count(snapshot), 2);
    assert_hr(snapshot->ops->row(snapshot, 0, &tag, 1, &scratch, &value), S_OK);
    cr_expect_eq(value.Value.l, 10);
    cr_assert(snapshot->ops->find(snapshot, snapshot->ops->id(snapshot, 1), &position));
    cr_expect_eq(position, 1);
    row_snapshot_unref(snapshot);
    arena_clear(&scratch);
}
