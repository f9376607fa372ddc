/* tests/mapi/test_table.c - IMAPITable over a list of rows */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/sink.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "support/com.h"

static SizedSPropTagArray(3, default_columns) = {
    3, {PR_INSTANCE_KEY, PR_DISPLAY_NAME_W, PR_MESSAGE_SIZE}};

static struct row_list *list;
static struct dispatcher *queue;
static IMAPITable *table;

static void put_full(unsigned key, const WCHAR *name, LONG size)
{
    SPropValue values[] = {
        propval_binary(PR_INSTANCE_KEY, &key, sizeof(key)),
        propval_unicode(PR_DISPLAY_NAME_W, name),
        propval_long(PR_MESSAGE_SIZE, size),
    };

    assert_hr(row_list_set(list, values, name ? 3 : 1), S_OK);
}

static void drop(unsigned key)
{
    SPropValue value = propval_binary(PR_INSTANCE_KEY, &key, sizeof(key));

    assert_hr(row_list_remove(list, &value), S_OK);
}

static void setup(void)
{
    struct table_options options = {0};

    assert_hr(row_list_create(PR_INSTANCE_KEY, &list), S_OK);
    assert_hr(notify_queue_create(&queue), S_OK);
    options.source = row_list_source(list);
    options.dispatcher = queue;
    options.columns = (SPropTagArray *)&default_columns;
    options.flags = MAPI_UNICODE;
    assert_hr(table_create(&options, &table), S_OK);
}

static void teardown(void)
{
    if (table)
        table->lpVtbl->Release(table);
    row_source_unref(row_list_source(list));
    dispatcher_unref(queue);
}

TestSuite(table, .init = setup, .fini = teardown);

static void fill(unsigned count)
{
    WCHAR name[2] = u"a";
    unsigned i;

    for (i = 1; i <= count; i++) {
        name[0] = (WCHAR)('a' + (i * 7) % 26);
        put_full(i, name, (LONG)(i * 10));
    }
}

static void free_rows(SRowSet *rows)
{
    ULONG i;

    for (i = 0; i < rows->cRows; i++)
        MAPIFreeBuffer(rows->aRow[i].lpProps);
    MAPIFreeBuffer(rows);
}

static unsigned key_of(const SPropValue *value)
{
    unsigned key = 0;

    if (PROP_TYPE(value->ulPropTag) == PT_BINARY && value->Value.bin.cb == sizeof(key))
        memcpy(&key, value->Value.bin.lpb, sizeof(key));
    return key;
}

/* The next rows are those with these keys. */
static void expect_rows(LONG ask, const unsigned *keys, ULONG count)
{
    SRowSet *rows = NULL;
    ULONG i;

    assert_hr(table->lpVtbl->QueryRows(table, ask, 0, &rows), S_OK);
    cr_expect(rows->cRows == count, "%u rows, expected %u", rows->cRows, count);
    for (i = 0; i < rows->cRows && i < count; i++)
        cr_expect(key_of(&rows->aRow[i].lpProps[0]) == keys[i], "row %u is %u, expected %u", i,
                  key_of(&rows->aRow[i].lpProps[0]), keys[i]);
    free_rows(rows);
}
#define EXPECT_ROWS(ask, ...)                                                                      \
    expect_rows(ask, (const unsigned[]){__VA_ARGS__},                                              \
                sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

Test(table, is_a_whole_com_object)
{
    expect_full_vtable(table);
    expect_interface(table, &IID_IUnknown);
    expect_interface(table, &IID_IMAPITable);
    expect_no_interface(table, &IID_IMAPIProp);
    EXPECT_REF(table, 1);
    expect_last_release(table);
    table = NULL;
}

Test(table, reads_forward_and_back) /* TBL-020 TBL-021 TBL-022 TBL-023 TBL-024 TBL-035 */
{
    SRowSet *rows = NULL;

    fill(5);
    EXPECT_ROWS(2, 1, 2);
    EXPECT_ROWS(10, 3, 4, 5);
    expect_rows(10, NULL, 0);
    EXPECT_ROWS(-2, 4, 5); /* steps back, then reads on: the cursor is at the end again */
    assert_hr(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    expect_rows(-3, NULL, 0);
    expect_hr(table->lpVtbl->QueryRows(table, 0, 0, &rows), MAPI_E_INVALID_PARAMETER);
    expect_hr(table->lpVtbl->QueryRows(table, 1, 0x100, &rows), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(table->lpVtbl->QueryRows(table, 3, TBL_NOADVANCE, &rows), S_OK);
    free_rows(rows);
    EXPECT_ROWS(1, 1);
    expect_hr(table->lpVtbl->QueryRows(table, INT32_MIN, 0, &rows), S_OK);
    cr_expect_eq(rows->cRows, 1);
    free_rows(rows);
}

Test(table, rows_have_the_columns_asked_for) /* TBL-001 TBL-003 TBL-004 TBL-026 TBL-027 TBL-028 */
{
    SizedSPropTagArray(4, columns) = {4,
                                      {PR_NULL, PR_SUBJECT_W, PR_DISPLAY_NAME_A, PR_MESSAGE_SIZE}};
    SPropTagArray *now = NULL;
    SRowSet *rows = NULL;
    const SPropValue *row;

    put_full(1, u"Zürich", 7);
    assert_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    assert_hr(table->lpVtbl->QueryRows(table, 1, 0, &rows), S_OK);
    cr_assert_eq(rows->aRow[0].cValues, 4);
    row = rows->aRow[0].lpProps;
    cr_expect_eq(row[0].ulPropTag, PR_NULL);
    cr_expect_eq(row[1].ulPropTag, CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_ERROR));
    cr_expect_eq(row[1].Value.err, MAPI_E_NOT_FOUND);
    cr_expect_eq(row[2].ulPropTag, PR_DISPLAY_NAME_A);
    cr_expect_str_eq(row[2].Value.lpszA, "Zürich"); /* the C locale counts as UTF-8 */
    cr_expect_eq(row[3].Value.l, 7);
    free_rows(rows);
    assert_hr(table->lpVtbl->QueryColumns(table, 0, &now), S_OK);
    cr_expect_eq(now->cValues, 4);
    MAPIFreeBuffer(now);
    expect_hr(table->lpVtbl->SetColumns(table, NULL, 0), MAPI_E_INVALID_PARAMETER); /* TBL-002 */
}

Test(table, knows_default_and_all_columns) /* TBL-012 TBL-013 TBL-014 TBL-015 */
{
    SPropValue values[] = {propval_binary(PR_INSTANCE_KEY, "x", 1), propval_long(PR_DEPTH, 3)};
    SPropTagArray *columns = NULL;

    assert_hr(table->lpVtbl->QueryColumns(table, 0, &columns), S_OK);
    cr_expect_eq(columns->cValues, 3);
    cr_expect_eq(columns->aulPropTag[1], PR_DISPLAY_NAME_W);
    MAPIFreeBuffer(columns);
    assert_hr(row_list_set(list, values, 2), S_OK);
    assert_hr(table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &columns), S_OK);
    cr_expect_eq(columns->cValues, 2);
    MAPIFreeBuffer(columns);
}

Test(table, default_strings_have_the_width_of_the_table) /* TBL-016 */
{
    struct table_options options = {.source = row_list_source(list),
                                    .columns = (SPropTagArray *)&default_columns};
    SPropTagArray *columns;
    IMAPITable *narrow;

    assert_hr(table_create(&options, &narrow), S_OK);
    assert_hr(narrow->lpVtbl->QueryColumns(narrow, 0, &columns), S_OK);
    cr_expect_eq(columns->aulPropTag[1], PR_DISPLAY_NAME_A);
    MAPIFreeBuffer(columns);
    expect_last_release(narrow);
}

Test(table, seeks_within_its_rows) /* TBL-036 TBL-038 TBL-039 TBL-041 TBL-043 TBL-044 TBL-046 */
{
    ULONG row, numerator, denominator, count;
    LONG moved;

    fill(5);
    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), S_OK); /* TBL-033 */
    cr_expect_eq(count, 5);
    expect_hr(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 3, &moved), S_OK);
    cr_expect_eq(moved, 3);
    expect_hr(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator), S_OK);
    cr_expect_eq(row, 3);
    cr_expect(denominator != 0 && numerator <= denominator);
    expect_hr(table->lpVtbl->SeekRow(table, BOOKMARK_CURRENT, -10, &moved), S_OK);
    cr_expect_eq(moved, -3);
    expect_hr(table->lpVtbl->SeekRow(table, BOOKMARK_END, 10, &moved), S_OK);
    cr_expect_eq(moved, 0);
    expect_hr(table->lpVtbl->SeekRow(table, BOOKMARK_END, -1, NULL), S_OK);
    EXPECT_ROWS(3, 5);
    expect_hr(table->lpVtbl->SeekRowApprox(table, 0, 7), S_OK);
    EXPECT_ROWS(1, 1);
    expect_hr(table->lpVtbl->SeekRowApprox(table, 7, 7), S_OK);
    expect_rows(1, NULL, 0);
    expect_hr(table->lpVtbl->SeekRowApprox(table, 7, 0), MAPI_E_INVALID_PARAMETER);
    expect_hr(table->lpVtbl->SeekRow(table, 999, 0, NULL), MAPI_E_INVALID_BOOKMARK);
}

Test(table, has_room_for_so_many_bookmarks) /* TBL-047 */
{
    BOOKMARK first, next;

    fill(3);
    EXPECT_ROWS(1, 1);
    assert_hr(table->lpVtbl->CreateBookmark(table, &first), S_OK);
    for (int i = 1; i < TABLE_BOOKMARKS_MAX; i++)
        assert_hr(table->lpVtbl->CreateBookmark(table, &next), S_OK);
    expect_hr(table->lpVtbl->CreateBookmark(table, &next), MAPI_E_UNABLE_TO_COMPLETE);
    expect_hr(table->lpVtbl->FreeBookmark(table, next), S_OK);
    assert_hr(table->lpVtbl->CreateBookmark(table, &next), S_OK);
    drop(1); /* `first` is tied to its object, not to a place */
    expect_hr(table->lpVtbl->SeekRow(table, first, 0, NULL), S_OK);
    EXPECT_ROWS(1, 2);
}

Test(table, bookmarks_keep_to_their_rows) /* TBL-040 TBL-049 TBL-050 TBL-051 */
{
    BOOKMARK third, end;

    fill(5);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 2, NULL);
    assert_hr(table->lpVtbl->CreateBookmark(table, &third), S_OK);
    table->lpVtbl->SeekRow(table, BOOKMARK_END, 0, NULL);
    assert_hr(table->lpVtbl->CreateBookmark(table, &end), S_OK);
    drop(1);
    expect_hr(table->lpVtbl->SeekRow(table, third, 0, NULL), S_OK);
    EXPECT_ROWS(1, 3);
    drop(3);
    expect_hr(table->lpVtbl->SeekRow(table, third, 0, NULL), MAPI_W_POSITION_CHANGED);
    EXPECT_ROWS(1, 4);
    expect_hr(table->lpVtbl->FreeBookmark(table, third), S_OK);
    expect_hr(table->lpVtbl->FreeBookmark(table, third), MAPI_E_INVALID_BOOKMARK);
    expect_hr(table->lpVtbl->FreeBookmark(table, BOOKMARK_END), S_OK);
    expect_hr(table->lpVtbl->SeekRow(table, end, 0, NULL), S_OK);
    expect_rows(1, NULL, 0);
}

Test(table, cursor_stays_on_its_row_when_others_change) /* TBL-052 */
{
    fill(5);
    EXPECT_ROWS(2, 1, 2);
    drop(1);
    put_full(9, u"new", 1);
    EXPECT_ROWS(2, 3, 4);
    drop(5);
    EXPECT_ROWS(5, 9);
}

Test(table, restricts_and_forgets_bookmarks) /* TBL-061 TBL-062 TBL-063 TBL-030 */
{
    SPropValue limit = propval_long(PR_MESSAGE_SIZE, 30);
    SRestriction small = {.rt = RES_PROPERTY,
                          .res.resProperty = {RELOP_LE, PR_MESSAGE_SIZE, &limit}};
    BOOKMARK bookmark;

    fill(5);
    EXPECT_ROWS(3, 1, 2, 3);
    assert_hr(table->lpVtbl->CreateBookmark(table, &bookmark), S_OK);
    assert_hr(table->lpVtbl->Restrict(table, &small, 0), S_OK);
    expect_hr(table->lpVtbl->SeekRow(table, bookmark, 0, NULL), MAPI_E_INVALID_BOOKMARK);
    EXPECT_ROWS(9, 1, 2, 3);
    put_full(7, u"seven", 5);
    put_full(2, u"grown", 500);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    EXPECT_ROWS(9, 1, 3, 7);
    assert_hr(table->lpVtbl->Restrict(table, NULL, 0), S_OK);
    EXPECT_ROWS(9, 1, 2, 3, 4, 5, 7);
    cr_expect_eq(row_list_count(list), 6);
}

Test(table, refuses_restrictions_beyond_it) /* TBL-064 */
{
    SPropValue text = propval_unicode(PR_DISPLAY_NAME_W, u"x");
    SRestriction mixed = {.rt = RES_PROPERTY,
                          .res.resProperty = {RELOP_EQ, PR_MESSAGE_SIZE, &text}};
    ULONG status, type;

    fill(2);
    expect_hr(table->lpVtbl->Restrict(table, &mixed, 0), MAPI_E_TOO_COMPLEX);
    EXPECT_ROWS(5, 1, 2);
    expect_hr(table->lpVtbl->GetStatus(table, &status, &type), S_OK); /* TBL-112 */
    cr_expect_eq(status, TBLSTAT_COMPLETE);
    cr_expect_eq(type, TBLTYPE_DYNAMIC);
    expect_hr(table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT); /* TBL-115 */
    expect_hr(table->lpVtbl->WaitForCompletion(table, 0, 1000, &status), S_OK);
}

Test(table, sorts_by_several_keys) /* TBL-089 TBL-090 TBL-092 TBL-093 TBL-094 */
{
    SizedSSortOrderSet(2, order) = {
        2, 0, 0, {{PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND}, {PR_MESSAGE_SIZE, TABLE_SORT_DESCEND}}};
    SizedSSortOrderSet(1, none) = {0, 0, 0, {{0, 0}}};
    SSortOrderSet *now;

    put_full(1, u"beta", 1);
    put_full(2, u"Alpha", 1);
    put_full(3, u"alpha", 2);
    put_full(4, NULL, 0);
    put_full(5, u"Ä", 1);
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&order, 0), S_OK);
    EXPECT_ROWS(9, 5, 3, 2, 1, 4);
    put_full(6, u"ALPHA", 3); /* finds its place */
    put_full(1, u"aa", 1);    /* moves */
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    EXPECT_ROWS(9, 5, 1, 6, 3, 2, 4);
    assert_hr(table->lpVtbl->QuerySortOrder(table, &now), S_OK);
    cr_expect_eq(now->cSorts, 2);
    MAPIFreeBuffer(now);
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&none, 0), S_OK);
    EXPECT_ROWS(9, 1, 2, 3, 4, 5, 6);
}

Test(table, finds_rows_in_both_directions) /* TBL-054 TBL-055 TBL-056 TBL-053 TBL-058 */
{
    SPropValue size = propval_long(PR_MESSAGE_SIZE, 30);
    SRestriction at_least = {.rt = RES_PROPERTY,
                             .res.resProperty = {RELOP_GE, PR_MESSAGE_SIZE, &size}};
    unsigned key = 2;
    SPropValue instance = propval_binary(PR_INSTANCE_KEY, &key, sizeof(key));
    SRestriction by_key = {.rt = RES_PROPERTY,
                           .res.resProperty = {RELOP_EQ, PR_INSTANCE_KEY, &instance}};

    fill(5);
    expect_hr(table->lpVtbl->FindRow(table, &at_least, BOOKMARK_BEGINNING, 0), S_OK);
    EXPECT_ROWS(1, 3);
    expect_hr(table->lpVtbl->FindRow(table, &at_least, BOOKMARK_CURRENT, 0), S_OK);
    EXPECT_ROWS(1, 4);
    expect_hr(table->lpVtbl->FindRow(table, &at_least, BOOKMARK_END, DIR_BACKWARD), S_OK);
    EXPECT_ROWS(1, 5);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 3, NULL);
    expect_hr(table->lpVtbl->FindRow(table, &at_least, BOOKMARK_CURRENT, DIR_BACKWARD), S_OK);
    EXPECT_ROWS(1, 3);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 2, NULL);
    expect_hr(table->lpVtbl->FindRow(table, &at_least, BOOKMARK_CURRENT, DIR_BACKWARD),
              MAPI_E_NOT_FOUND);
    expect_hr(table->lpVtbl->FindRow(table, &by_key, BOOKMARK_BEGINNING, 0), S_OK);
    EXPECT_ROWS(9, 2, 3, 4, 5);
}

Test(table, find_row_meets_prefixes_of_the_sorted_column) /* TBL-059 */
{
    SizedSSortOrderSet(1, order) = {1, 0, 0, {{PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND}}};
    SPropValue prefix = propval_unicode(PR_DISPLAY_NAME_W, u"MEY");
    SRestriction restriction = {.rt = RES_PROPERTY,
                                .res.resProperty = {RELOP_GE, PR_DISPLAY_NAME_W, &prefix}};

    put_full(1, u"Schmidt", 1);
    put_full(2, u"meyer", 1);
    put_full(3, u"Bauer", 1);
    put_full(4, u"Maier", 1);
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&order, 0), S_OK);
    expect_hr(table->lpVtbl->FindRow(table, &restriction, BOOKMARK_BEGINNING, 0), S_OK);
    EXPECT_ROWS(1, 2);
}

/* ---- Events ---- */

static struct test_sink *sink;
static ULONG_PTR connection;

static void listen(void)
{
    sink = test_sink_create();
    assert_hr(
        table->lpVtbl->Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    cr_assert_neq(connection, 0);
}

static void expect_event(size_t index, ULONG event, unsigned key, unsigned prior)
{
    const NOTIFICATION *notification = test_sink_at(sink, index);

    cr_assert(notification, "no event %zu", index);
    cr_expect_eq(notification->ulEventType, fnevTableModified);
    cr_expect(notification->info.tab.ulTableEvent == event, "event %zu is %u, expected %u", index,
              notification->info.tab.ulTableEvent, event);
    cr_expect(key_of(&notification->info.tab.propIndex) == key, "event %zu: row %u", index,
              key_of(&notification->info.tab.propIndex));
    cr_expect(key_of(&notification->info.tab.propPrior) == prior, "event %zu: prior %u", index,
              key_of(&notification->info.tab.propPrior));
    if (prior == 0 && event <= TABLE_ROW_MODIFIED && event >= TABLE_ROW_ADDED)
        cr_expect_eq(notification->info.tab.propPrior.ulPropTag, PR_NULL); /* TBL-122 */
}

Test(table, tells_of_rows_added_modified_and_deleted) /* TBL-119 TBL-121 TBL-122 TBL-123 */
{
    const NOTIFICATION *notification;

    fill(3);
    listen();
    put_full(4, u"four", 44);
    put_full(1, u"one", 11);
    drop(2);
    notify_queue_drain(queue);
    cr_assert_eq(sink->count, 3);
    expect_event(0, TABLE_ROW_ADDED, 4, 3);
    expect_event(1, TABLE_ROW_MODIFIED, 1, 0);
    expect_event(2, TABLE_ROW_DELETED, 2, 1);
    notification = test_sink_at(sink, 0);
    cr_expect_eq(notification->info.tab.row.cValues, 3);
    cr_expect_eq(notification->info.tab.row.lpProps[2].Value.l, 44);
    cr_expect_eq(test_sink_at(sink, 2)->info.tab.row.cValues, 0);
    test_sink_release(sink);
}

Test(table, events_have_the_columns_of_their_moment) /* TBL-129 */
{
    SizedSPropTagArray(1, columns) = {1, {PR_MESSAGE_SIZE}};

    listen();
    put_full(1, u"one", 11);
    assert_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    put_full(2, u"two", 22);
    notify_queue_drain(queue);
    cr_assert_eq(sink->count, 2);
    cr_expect_eq(test_sink_at(sink, 0)->info.tab.row.cValues, 3);
    cr_expect_eq(test_sink_at(sink, 1)->info.tab.row.cValues, 1);
    test_sink_release(sink);
}

Test(table, tells_only_of_rows_in_the_view) /* TBL-128 */
{
    SPropValue limit = propval_long(PR_MESSAGE_SIZE, 30);
    SRestriction small = {.rt = RES_PROPERTY,
                          .res.resProperty = {RELOP_LE, PR_MESSAGE_SIZE, &limit}};

    fill(5);
    assert_hr(table->lpVtbl->Restrict(table, &small, 0), S_OK);
    listen();
    put_full(4, u"hidden", 41);
    drop(5);
    put_full(2, u"grows out", 99);
    put_full(4, u"shrinks in", 4);
    put_full(6, u"never seen", 100);
    notify_queue_drain(queue);
    cr_assert_eq(sink->count, 2);
    expect_event(0, TABLE_ROW_DELETED, 2, 1);
    expect_event(1, TABLE_ROW_ADDED, 4, 3);
    test_sink_release(sink);
}

Test(table, events_of_one_change_come_in_view_order) /* TBL-130 MEM-074 */
{
    SizedSSortOrderSet(1, order) = {1, 0, 0, {{PR_MESSAGE_SIZE, TABLE_SORT_DESCEND}}};
    unsigned keys[] = {11, 12, 13};
    SPropValue values[3][2];
    SRow rows[3];
    int i;

    fill(2); /* sizes 10 and 20 */
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&order, 0), S_OK);
    listen();
    for (i = 0; i < 3; i++) {
        values[i][0] = propval_binary(PR_INSTANCE_KEY, &keys[i], sizeof(keys[i]));
        values[i][1] = propval_long(PR_MESSAGE_SIZE, i * 10 + 5); /* 5, 15, 25 */
        rows[i] = (SRow){.cValues = 2, .lpProps = values[i]};
    }
    assert_hr(row_list_set_many(list, rows, 3), S_OK);
    notify_queue_drain(queue);
    cr_assert_eq(sink->count, 3);
    expect_event(0, TABLE_ROW_ADDED, 13, 0);
    expect_event(1, TABLE_ROW_ADDED, 12, 2);
    expect_event(2, TABLE_ROW_ADDED, 11, 1);
    test_sink_release(sink);
}

Test(table, no_change_is_no_event)
{
    fill(2);
    listen();
    fill(2);
    notify_queue_drain(queue);
    cr_expect_eq(sink->count, 0);
    test_sink_release(sink);
}

Test(table, many_changes_at_once_become_one) /* TBL-124 TBL-127 */
{
    SRow rows[100];
    SPropValue values[100];
    unsigned keys[100], i;
    BOOKMARK second;

    fill(3);
    EXPECT_ROWS(1, 1);
    assert_hr(table->lpVtbl->CreateBookmark(table, &second), S_OK);
    EXPECT_ROWS(1, 2);
    listen();
    for (i = 0; i < 100; i++) {
        keys[i] = i + 3;
        values[i] = propval_binary(PR_INSTANCE_KEY, &keys[i], sizeof(keys[i]));
        rows[i] = (SRow){.cValues = 1, .lpProps = &values[i]};
    }
    assert_hr(row_list_set_many(list, rows, 100), S_OK);
    notify_queue_drain(queue);
    cr_assert_eq(sink->count, 1);
    expect_event(0, TABLE_CHANGED, 0, 0);
    EXPECT_ROWS(2, 3, 4); /* the position holds (TBL-124), and so do bookmarks */
    expect_hr(table->lpVtbl->SeekRow(table, second, 0, NULL), S_OK);
    EXPECT_ROWS(1, 2);
    test_sink_release(sink);
}

Test(table, unadvise_ends_it_and_gives_the_sink_back) /* TBL-120 MEM-076 */
{
    listen();
    cr_expect_eq(test_sink_refs(sink), 2);
    put_full(1, u"queued and dropped", 1);
    expect_hr(table->lpVtbl->Unadvise(table, connection), S_OK);
    cr_expect_eq(test_sink_refs(sink), 1);
    put_full(2, u"two", 2);
    notify_queue_drain(queue);
    cr_expect_eq(sink->count, 0);
    test_sink_release(sink);
}

Test(table, releasing_the_table_gives_sinks_back)
{
    listen();
    put_full(1, u"one", 1);
    expect_last_release(table);
    table = NULL;
    cr_expect_eq(test_sink_refs(sink), 1);
    notify_queue_drain(queue);
    cr_expect_eq(sink->count, 0);
    test_sink_release(sink);
}

Test(table, two_tables_have_two_cursors) /* TBL-052 MEM-054 */
{
    struct table_options options = {.source = row_list_source(list),
                                    .columns = (SPropTagArray *)&default_columns};
    IMAPITable *other;
    ULONG row, numerator, denominator;

    fill(3);
    assert_hr(table_create(&options, &other), S_OK);
    EXPECT_ROWS(2, 1, 2);
    assert_hr(other->lpVtbl->QueryPosition(other, &row, &numerator, &denominator), S_OK);
    cr_expect_eq(row, 0);
    expect_last_release(other);
}

Test(table, dead_owner_makes_calls_fail) /* MEM-036 */
{
    ULONG count;
    struct mapi_object *object;

    /* The table is its own owner's stand-in: only liveness counts. */
    object = (struct mapi_object *)((char *)table + sizeof(IMAPITable));
    mapi_object_invalidate(object);
    expect_hr(table->lpVtbl->GetRowCount(table, 0, &count), MAPI_E_INVALID_OBJECT);
    expect_hr(table->lpVtbl->ExpandRow(table, 0, NULL, 0, 0, NULL, NULL), MAPI_E_INVALID_OBJECT);
}
