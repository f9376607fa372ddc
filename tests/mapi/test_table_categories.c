/* tests/mapi/test_table_categories.c - categories and multi-value instances of a table */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/sink.h"
#include "mapi/table.h"
#include "support/com.h"

static SizedSPropTagArray(7,
                          columns) = {7,
                                      {PR_INSTANCE_KEY, PR_DISPLAY_NAME_A, PR_MESSAGE_SIZE,
                                       PR_ROW_TYPE, PR_DEPTH, PR_CONTENT_COUNT, PR_CONTENT_UNREAD}};
enum { KEY, NAME, SIZE, TYPE, DEPTH, COUNT, UNREAD };

static struct row_list *list;
static struct dispatcher *queue;
static IMAPITable *table;

static void put(unsigned key, const WCHAR *name, LONG size, LONG flags)
{
    SPropValue values[] = {
        propval_binary(PR_INSTANCE_KEY, &key, sizeof(key)),
        propval_long(PR_MESSAGE_SIZE, size),
        propval_long(PR_MESSAGE_FLAGS, flags),
        propval_unicode(PR_DISPLAY_NAME_W, name),
    };

    assert_hr(row_list_set(list, values, name ? 4 : 3), S_OK);
}

static void drop(unsigned key)
{
    SPropValue value = propval_binary(PR_INSTANCE_KEY, &key, sizeof(key));

    assert_hr(row_list_remove(list, &value), S_OK);
}

static void setup(void)
{
    struct table_options options = {.columns = (SPropTagArray *)&columns};

    assert_hr(row_list_create(PR_INSTANCE_KEY, &list), S_OK);
    assert_hr(notify_queue_create(&queue), S_OK);
    options.source = row_list_source(list);
    options.dispatcher = queue;
    assert_hr(table_create(&options, &table), S_OK);
    put(1, u"pear", 10, MSGFLAG_READ);
    put(2, u"apple", 20, 0);
    put(3, u"Pear", 30, 0);
    put(4, u"apple", 20, MSGFLAG_READ);
    put(5, u"fig", 5, MSGFLAG_READ);
}

static void teardown(void)
{
    table->lpVtbl->Release(table);
    row_source_unref(row_list_source(list));
    dispatcher_unref(queue);
}

TestSuite(categories, .init = setup, .fini = teardown);

/* By name, then by size. */
static HRESULT sort(ULONG categories, ULONG expanded, ULONG second)
{
    SizedSSortOrderSet(2, order) = {
        2,
        categories,
        expanded,
        {{PR_DISPLAY_NAME_A, TABLE_SORT_ASCEND}, {PR_MESSAGE_SIZE, second}}};

    return table->lpVtbl->SortTable(table, (SSortOrderSet *)&order, 0);
}

/* The whole view as a text: "+apple(2/1) 2 4 -fig(1/0)", deeper headings with more signs. */
static void write_row(char *text, const SRow *row)
{
    const SPropValue *values = row->lpProps;
    unsigned key;
    LONG depth;

    text += strlen(text);
    if (values[TYPE].Value.l == TBL_LEAF_ROW) {
        memcpy(&key, values[KEY].Value.bin.lpb, sizeof(key));
        sprintf(text, "%u ", key);
        return;
    }
    for (depth = 0; depth <= values[DEPTH].Value.l; depth++)
        text += sprintf(text, "%c", values[TYPE].Value.l == TBL_EXPANDED_CATEGORY ? '+' : '-');
    if (PROP_TYPE(values[SIZE].ulPropTag) == PT_LONG)
        text += sprintf(text, "%d", values[SIZE].Value.l);
    else if (PROP_TYPE(values[NAME].ulPropTag) == PT_STRING8)
        text += sprintf(text, "%s", values[NAME].Value.lpszA);
    sprintf(text, "(%d/%d) ", values[COUNT].Value.l, values[UNREAD].Value.l);
}

static const char *rest(void)
{
    static char text[1000];
    SRowSet *rows;

    text[0] = '\0';
    assert_hr(table->lpVtbl->QueryRows(table, 100, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        write_row(text, &rows->aRow[i]);
    FreeProws(rows);
    if (text[0])
        text[strlen(text) - 1] = '\0';
    return text;
}

static const char *view(void)
{
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    return rest();
}

/* The instance key of the row at `position`; the last one asked for stays. */
static SBinary key_at(LONG position)
{
    static BYTE bytes[64];
    SRowSet *rows;
    SBinary key;

    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, position, NULL);
    assert_hr(table->lpVtbl->QueryRows(table, 1, 0, &rows), S_OK);
    key = rows->aRow[0].lpProps[KEY].Value.bin;
    memcpy(bytes, key.lpb, key.cb);
    key.lpb = bytes;
    FreeProws(rows);
    return key;
}

static ULONG expand(LONG position)
{
    SBinary key = key_at(position);
    ULONG more = 99;

    assert_hr(table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 0, 0, NULL, &more), S_OK);
    return more;
}

static ULONG collapse(LONG position)
{
    SBinary key = key_at(position);
    ULONG count = 99;

    assert_hr(table->lpVtbl->CollapseRow(table, key.cb, key.lpb, 0, &count), S_OK);
    return count;
}

/* ---- Categories ---- */

Test(categories, all_expanded_shows_all_rows) /* TBL-097 TBL-098 TBL-099 TBL-101 */
{
    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    cr_expect_str_eq(view(), "+apple(2/1) 2 4 +fig(1/0) 5 +pear(2/1) 1 3");
}

Test(categories, none_expanded_shows_the_top_headings_only) /* TBL-031 TBL-098 TBL-100 */
{
    ULONG count;

    assert_hr(sort(2, 0, TABLE_SORT_ASCEND), S_OK);
    cr_expect_str_eq(view(), "-apple(2/1) -fig(1/0) -pear(2/1)");
    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 3);
}

Test(categories, levels_stand_within_one_another) /* TBL-097 TBL-102 */
{
    assert_hr(sort(2, 2, TABLE_SORT_DESCEND), S_OK);
    cr_expect_str_eq(view(), "+apple(2/1) ++20(2/1) 2 4 +fig(1/0) ++5(1/0) 5 "
                             "+Pear(2/1) ++30(1/1) 3 ++10(1/0) 1");
    assert_hr(sort(2, 1, TABLE_SORT_DESCEND), S_OK);
    cr_expect_str_eq(view(), "+apple(2/1) --20(2/1) +fig(1/0) --5(1/0) "
                             "+Pear(2/1) --30(1/1) --10(1/0)");
}

Test(categories, a_combined_key_makes_one_category_with_the_one_before) /* TBL-095 */
{
    SizedSSortOrderSet(2, first) = {
        2, 1, 1, {{PR_MESSAGE_SIZE, TABLE_SORT_COMBINE}, {PR_DISPLAY_NAME_A, TABLE_SORT_ASCEND}}};

    assert_hr(sort(1, 1, TABLE_SORT_COMBINE), S_OK);
    cr_expect_str_eq(view(), "+20(2/1) 2 4 +5(1/0) 5 +10(1/0) 1 +30(1/1) 3");
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&first, 0),
              MAPI_E_INVALID_PARAMETER);
}

Test(categories, rows_without_the_key_have_a_category_of_their_own_at_the_end) /* TBL-094 */
{
    put(6, NULL, 7, 0);
    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    cr_expect_str_eq(view(), "+apple(2/1) 2 4 +fig(1/0) 5 +pear(2/1) 1 3 +(1/1) 6");
}

Test(categories, a_heading_has_its_keys_and_nothing_of_its_rows) /* TBL-099 */
{
    SizedSPropTagArray(3, asked) = {3, {PR_DISPLAY_NAME_W, PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS}};
    SRowSet *rows;

    assert_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&asked, 0), S_OK);
    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    assert_hr(table->lpVtbl->QueryRows(table, 1, 0, &rows), S_OK);
    cr_expect_eq(rows->aRow[0].lpProps[0].ulPropTag, PR_DISPLAY_NAME_W);
    cr_expect_eq(rows->aRow[0].lpProps[1].ulPropTag, CHANGE_PROP_TYPE(PR_MESSAGE_SIZE, PT_ERROR));
    cr_expect_eq(rows->aRow[0].lpProps[2].ulPropTag, CHANGE_PROP_TYPE(PR_MESSAGE_FLAGS, PT_ERROR));
    FreeProws(rows);
}

Test(categories, collapsing_hides_the_rows_of_one_category) /* TBL-100 TBL-106 */
{
    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    cr_expect_eq(collapse(3), 1);
    cr_expect_str_eq(view(), "+apple(2/1) 2 4 -fig(1/0) +pear(2/1) 1 3");
    cr_expect_eq(collapse(3), 0);
    cr_expect_eq(collapse(0), 2);
    cr_expect_str_eq(view(), "-apple(2/1) -fig(1/0) +pear(2/1) 1 3");
    cr_expect_eq(expand(1), 1);
    cr_expect_str_eq(view(), "-apple(2/1) +fig(1/0) 5 +pear(2/1) 1 3");
}

Test(categories, what_is_collapsed_within_stays_so) /* TBL-100 */
{
    assert_hr(sort(2, 2, TABLE_SORT_ASCEND), S_OK);
    cr_expect_eq(collapse(1), 2); /* the sizes of apple */
    cr_expect_eq(collapse(0), 1);
    cr_expect_eq(expand(0), 1);
    cr_expect_str_eq(view(), "+apple(2/1) --20(2/1) +fig(1/0) ++5(1/0) 5 "
                             "+pear(2/1) ++10(1/0) 1 ++30(1/1) 3");
}

Test(categories, expand_row_gives_the_first_rows_and_stands_behind_them) /* TBL-103 TBL-104 */
{
    SRowSet *rows;
    ULONG more;
    SBinary key;

    assert_hr(sort(1, 0, TABLE_SORT_ASCEND), S_OK);
    key = key_at(2);
    assert_hr(table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 1, 0, &rows, &more), S_OK);
    cr_expect_eq(more, 2);
    cr_expect_eq(rows->cRows, 1);
    FreeProws(rows);
    cr_expect_str_eq(rest(), "3");

    key = key_at(0);
    assert_hr(table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 50, 0, &rows, &more), S_OK);
    cr_expect_eq(rows->cRows, 2);
    FreeProws(rows);
    cr_expect_str_eq(rest(), "-fig(1/0) +pear(2/1) 1 3");

    key = key_at(3);
    assert_hr(table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 0, 0, NULL, NULL), S_OK);
    cr_expect_str_eq(rest(), "5 +pear(2/1) 1 3");
}

Test(categories, unknown_keys_are_not_found) /* TBL-105 TBL-107 TBL-111 */
{
    SBinary key = key_at(0);
    ULONG count, size;
    BYTE *state;
    SRowSet *rows;

    cr_expect_eq(table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 0, 0, NULL, &count),
                 MAPI_E_NO_SUPPORT);
    cr_expect_eq(table->lpVtbl->GetCollapseState(table, 0, key.cb, key.lpb, &size, &state),
                 MAPI_E_NO_SUPPORT);
    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    key = key_at(1); /* a leaf's */
    cr_expect_eq(table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 1, 0, &rows, &count),
                 MAPI_E_NOT_FOUND);
    key = key_at(0);
    key.lpb[20]++;
    cr_expect_eq(table->lpVtbl->CollapseRow(table, key.cb, key.lpb, 0, &count), MAPI_E_NOT_FOUND);
    cr_expect_eq(table->lpVtbl->CollapseRow(table, key.cb, NULL, 0, &count),
                 MAPI_E_INVALID_PARAMETER);
    cr_expect_eq(table->lpVtbl->CollapseRow(table, key.cb, key.lpb, 1, &count),
                 MAPI_E_UNKNOWN_FLAGS);
}

Test(categories, a_bookmark_in_a_collapsed_category_leads_to_the_next_row) /* TBL-042 TBL-049 */
{
    BOOKMARK bookmark;

    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 2, NULL);
    assert_hr(table->lpVtbl->CreateBookmark(table, &bookmark), S_OK);
    collapse(0);
    assert_hr(table->lpVtbl->SeekRow(table, bookmark, 0, NULL), MAPI_W_POSITION_CHANGED);
    cr_expect_str_eq(rest(), "+fig(1/0) 5 +pear(2/1) 1 3");
}

Test(categories, a_collapse_state_comes_back_on_another_table) /* TBL-109 TBL-110 */
{
    struct table_options options = {.columns = (SPropTagArray *)&columns,
                                    .source = row_list_source(list)};
    BOOKMARK bookmark;
    BYTE *state;
    ULONG size;
    SBinary key;

    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    collapse(0);
    key = key_at(4); /* row 1 */
    assert_hr(table->lpVtbl->GetCollapseState(table, 0, key.cb, key.lpb, &size, &state), S_OK);
    table->lpVtbl->Release(table);

    assert_hr(table_create(&options, &table), S_OK);
    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    assert_hr(table->lpVtbl->SetCollapseState(table, 0, size, state, &bookmark), S_OK);
    cr_expect_str_eq(view(), "-apple(2/1) +fig(1/0) 5 +pear(2/1) 1 3");
    assert_hr(table->lpVtbl->SeekRow(table, bookmark, 0, NULL), S_OK);
    cr_expect_str_eq(rest(), "1 3");
    cr_expect_eq(table->lpVtbl->SetCollapseState(table, 0, size - key.cb - 1, state, &bookmark),
                 MAPI_E_INVALID_PARAMETER);
    state[0]++;
    cr_expect_eq(table->lpVtbl->SetCollapseState(table, 0, size, state, &bookmark),
                 MAPI_E_INVALID_PARAMETER);
    MAPIFreeBuffer(state);
}

Test(categories, changes_reach_rows_and_headings_that_show) /* TBL-108 TBL-121 TBL-128 TBL-130 */
{
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection;
    static const ULONG wanted[] = {TABLE_ROW_ADDED, TABLE_ROW_ADDED, TABLE_ROW_MODIFIED,
                                   TABLE_ROW_DELETED, TABLE_ROW_DELETED};
    char row[100] = "";

    assert_hr(sort(1, 1, TABLE_SORT_ASCEND), S_OK);
    collapse(0);
    assert_hr(
        table->lpVtbl->Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    expand(0);
    collapse(0);
    put(9, u"banana", 1, 0);  /* a heading and a row */
    put(10, u"apple", 50, 0); /* the heading of what is collapsed */
    drop(5);                  /* the last fig */
    notify_queue_drain(queue);
    cr_assert_eq(sink->count, 5);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(test_sink_at(sink, i)->info.tab.ulTableEvent, wanted[i], "event %zu", i);
    write_row(row, &test_sink_at(sink, 2)->info.tab.row);
    cr_expect_str_eq(row, "-apple(3/2) ");
    cr_expect_str_eq(view(), "-apple(3/2) +banana(1/1) 9 +pear(2/1) 1 3");
    table->lpVtbl->Unadvise(table, connection);
    test_sink_release(sink);
}

Test(categories, largest_and_smallest_of_a_category_are_too_complex)
{
    cr_expect_eq(sort(1, 1, TABLE_SORT_CATEG_MAX), MAPI_E_TOO_COMPLEX);
    cr_expect_str_eq(view(), "1 2 3 4 5"); /* TBL-091 */
}

/* ---- Multi-value instances ---- */

#define PR_COLORS PROP_TAG(PT_MV_UNICODE, 0x6800)
#define PR_SIZES  PROP_TAG(PT_MV_LONG, 0x6801)

static void put_many(unsigned key, LONG color_count, LONG size_count)
{
    static const WCHAR *const colors[] = {u"red", u"green", u"blue"};
    static LONG sizes[] = {3, 1, 2};
    SPropValue values[3] = {propval_binary(PR_INSTANCE_KEY, &key, sizeof(key))};
    ULONG count = 1;

    if (color_count) {
        values[count].ulPropTag = PR_COLORS;
        values[count].Value.MVszW.cValues = (ULONG)color_count;
        values[count++].Value.MVszW.lppszW = (WCHAR **)colors;
    }
    if (size_count) {
        values[count].ulPropTag = PR_SIZES;
        values[count].Value.MVl.cValues = (ULONG)size_count;
        values[count++].Value.MVl.lpl = sizes;
    }
    assert_hr(row_list_set(list, values, count), S_OK);
}

static const char *instances(void)
{
    static char text[1000];
    char *at = text;
    SRowSet *rows;

    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    assert_hr(table->lpVtbl->QueryRows(table, 100, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;

        at += sprintf(at, "%u", values[0].Value.bin.lpb[0]);
        if (values[1].ulPropTag == CHANGE_PROP_TYPE(PR_COLORS, PT_STRING8))
            at += sprintf(at, "%s", values[1].Value.lpszA);
        if (values[2].ulPropTag == CHANGE_PROP_TYPE(PR_SIZES, PT_LONG))
            at += sprintf(at, "%d", values[2].Value.l);
        at += sprintf(at, " ");
    }
    FreeProws(rows);
    *at = '\0';
    return text;
}

static void set_instance_columns(bool colors, bool sizes)
{
    SizedSPropTagArray(3, wanted) = {3, {PR_INSTANCE_KEY, PR_COLORS, PR_SIZES}};

    wanted.aulPropTag[1] = CHANGE_PROP_TYPE(PR_COLORS, PT_MV_STRING8 | (colors ? MV_INSTANCE : 0));
    wanted.aulPropTag[2] |= sizes ? MV_INSTANCE : 0;
    assert_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&wanted, 0), S_OK);
}

static void fill_many(void)
{
    for (unsigned key = 1; key <= 5; key++)
        drop(key);
    put_many(1, 2, 0);
    put_many(2, 0, 2);
    put_many(3, 3, 2);
}

Test(categories, each_value_of_a_column_makes_a_row) /* TBL-007 TBL-011 */
{
    fill_many();
    set_instance_columns(true, false);
    cr_expect_str_eq(instances(), "1red 1green 2 3red 3green 3blue ");
    set_instance_columns(false, false);
    cr_expect_str_eq(instances(), "1 2 3 ");
}

Test(categories, two_such_columns_multiply) /* TBL-008 */
{
    fill_many();
    set_instance_columns(true, true);
    cr_expect_str_eq(instances(), "1red 1green 23 21 3red3 3red1 3green3 3green1 3blue3 3blue1 ");
}

Test(categories, instances_have_keys_of_their_own) /* TBL-007 TBL-058 TBL-133 */
{
    SPropValue key = {.ulPropTag = PR_INSTANCE_KEY};
    SRestriction is_it = {.rt = RES_PROPERTY, .res.resProperty = {RELOP_EQ, PR_INSTANCE_KEY, &key}};
    ULONG row, numerator, denominator;

    fill_many();
    set_instance_columns(true, false);
    for (LONG i = 0; i < 6; i++) {
        key.Value.bin = key_at(i);
        table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
        assert_hr(table->lpVtbl->FindRow(table, &is_it, BOOKMARK_BEGINNING, 0), S_OK);
        table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator);
        cr_expect_eq(row, (ULONG)i);
    }
}

Test(categories, instances_are_sorted_and_restricted_one_by_one) /* TBL-007 TBL-065 */
{
    SizedSSortOrderSet(1, by_color) = {
        1, 0, 0, {{CHANGE_PROP_TYPE(PR_COLORS, PT_MV_UNICODE | MV_INSTANCE), TABLE_SORT_ASCEND}}};
    SPropValue red = propval_unicode(CHANGE_PROP_TYPE(PR_COLORS, PT_UNICODE), u"red");
    SRestriction is_red = {
        .rt = RES_PROPERTY,
        .res.resProperty = {RELOP_EQ, CHANGE_PROP_TYPE(PR_COLORS, PT_MV_UNICODE | MV_INSTANCE),
                            &red}};

    fill_many();
    set_instance_columns(true, false);
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&by_color, 0), S_OK);
    cr_expect_str_eq(instances(), "3blue 1green 3green 1red 3red 2 ");
    assert_hr(table->lpVtbl->Restrict(table, &is_red, 0), S_OK);
    cr_expect_str_eq(instances(), "1red 3red ");
    put_many(2, 1, 0);
    cr_expect_str_eq(instances(), "1red 2red 3red ");
}

Test(categories, bookmarks_go_when_instances_make_other_rows) /* TBL-009 */
{
    BOOKMARK bookmark;

    fill_many();
    set_instance_columns(false, false);
    assert_hr(table->lpVtbl->CreateBookmark(table, &bookmark), S_OK);
    set_instance_columns(false, false);
    assert_hr(table->lpVtbl->SeekRow(table, bookmark, 0, NULL), S_OK);
    set_instance_columns(true, false);
    cr_expect_eq(table->lpVtbl->SeekRow(table, bookmark, 0, NULL), MAPI_E_INVALID_BOOKMARK);
}

Test(categories, a_value_is_a_category_of_its_own) /* TBL-007 TBL-097 */
{
    SizedSSortOrderSet(1, by_color) = {
        1, 1, 1, {{CHANGE_PROP_TYPE(PR_COLORS, PT_MV_UNICODE | MV_INSTANCE), TABLE_SORT_ASCEND}}};
    ULONG count;

    fill_many();
    set_instance_columns(true, false);
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&by_color, 0), S_OK);
    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 6 + 4);
}
