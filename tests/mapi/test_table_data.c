/* tests/mapi/test_table_data.c - CreateTable: rows in memory and tables on them */
#include <stdlib.h>
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/sink.h"
#include "support/com.h"

#define TAG_EXTRA PROP_TAG(PT_LONG, 0x6601)

static ITableData *data;
static struct dispatcher *dispatcher;

static SizedSPropTagArray(2, columns) = {2, {PR_ROWID, PR_DISPLAY_NAME_A}};

static struct dispatcher *get_dispatcher(void)
{
    return dispatcher ? dispatcher_ref(dispatcher) : NULL;
}

static HRESULT create(LPCIID iid, ULONG type, ULONG key, ITableData **ret_data)
{
    return CreateTable(iid, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer, NULL, type, key,
                       (SPropTagArray *)&columns, ret_data);
}

static void setup(void)
{
    assert_hr(create(NULL, TBLTYPE_DYNAMIC, PR_ROWID, &data), S_OK);
}

static void teardown(void)
{
    UlRelease(data);
    if (dispatcher) {
        notify_thread_stop(dispatcher);
        dispatcher_unref(dispatcher);
        dispatcher = NULL;
    }
}

TestSuite(table_data, .init = setup, .fini = teardown);

static void fill_row(SPropValue values[2], LONG id, const char *name)
{
    values[0] = propval_long(PR_ROWID, id);
    values[1] = (SPropValue){.ulPropTag = PR_DISPLAY_NAME_A, .Value.lpszA = (char *)name};
}

static HRESULT put(LONG id, const char *name)
{
    SPropValue values[2];
    SRow row = {.cValues = 2, .lpProps = values};

    fill_row(values, id, name);
    return ITableData_HrModifyRow(data, &row);
}

/* `count` rows with numbers from `first` on, in one call. */
static HRESULT put_many(LONG first, ULONG count)
{
    SRowSet *rows = calloc(1, CbNewSRowSet(count));
    SPropValue(*values)[2] = calloc(count, sizeof(*values));
    HRESULT hr;
    ULONG i;

    rows->cRows = count;
    for (i = 0; i < count; i++) {
        fill_row(values[i], first + (LONG)i, "many");
        rows->aRow[i] = (SRow){.cValues = 2, .lpProps = values[i]};
    }
    hr = ITableData_HrModifyRows(data, 0, rows);
    free(values);
    free(rows);
    return hr;
}

/* The numbers of a view's rows, in order. */
static void expect_rows(IMAPITable *view, ULONG count, const LONG *ids)
{
    SRowSet *rows;
    ULONG i;

    assert_hr(IMAPITable_SeekRow(view, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(IMAPITable_QueryRows(view, 100, 0, &rows), S_OK);
    cr_expect_eq(rows->cRows, count);
    for (i = 0; i < rows->cRows && i < count; i++)
        cr_expect_eq(rows->aRow[i].lpProps[0].Value.l, ids[i]);
    FreeProws(rows);
}

static IMAPITable *get_view(void)
{
    IMAPITable *view;

    assert_hr(ITableData_HrGetView(data, NULL, NULL, 0, &view), S_OK);
    return view;
}

Test(table_data, is_a_whole_com_object) /* UTL-035 */
{
    ITableData *other = data;

    expect_full_vtable(data);
    expect_interface(data, &IID_IMAPITableData);
    expect_no_interface(data, &IID_IMAPITable);
    expect_hr(create(&IID_IMAPITable, TBLTYPE_DYNAMIC, PR_ROWID, &other),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    cr_expect_null(other);
    assert_hr(create(&IID_IMAPITableData, TBLTYPE_DYNAMIC, PR_ROWID, &other), S_OK);
    expect_last_release(other);
    expect_hr(create(NULL, TBLTYPE_DYNAMIC, PR_NULL, &other), MAPI_E_INVALID_PARAMETER);
    expect_hr(create(NULL, TBLTYPE_DYNAMIC, PROP_TAG(PT_MV_LONG, 0x6601), &other),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(create(NULL, 3, PR_ROWID, &other), MAPI_E_INVALID_PARAMETER);
}

Test(table_data, views_say_the_type_that_was_given) /* UTL-036 */
{
    static const ULONG types[] = {TBLTYPE_SNAPSHOT, TBLTYPE_KEYSET, TBLTYPE_DYNAMIC};
    ULONG status, type;
    ITableData *other;
    IMAPITable *view;

    for (size_t i = 0; i < 3; i++) {
        assert_hr(create(NULL, types[i], PR_ROWID, &other), S_OK);
        assert_hr(ITableData_HrGetView(other, NULL, NULL, 0, &view), S_OK);
        assert_hr(IMAPITable_GetStatus(view, &status, &type), S_OK);
        cr_expect_eq(type, types[i]);
        ITableData_Release(other);
        expect_last_release(view); /* the view held its data */
    }
}

Test(table_data, a_row_is_replaced_or_appended) /* TBL-137 TBL-138 */
{
    IMAPITable *view = get_view();
    SPropValue no_key = propval_long(TAG_EXTRA, 1);
    SRow row = {.cValues = 1, .lpProps = &no_key};

    expect_hr(put(2, "two"), S_OK);
    expect_hr(put(1, "one"), S_OK);
    expect_hr(put(2, "deux"), S_OK);
    expect_hr(ITableData_HrModifyRow(data, &row), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrModifyRow(data, NULL), MAPI_E_INVALID_PARAMETER);
    expect_rows(view, 2, (LONG[]){2, 1});
    expect_last_release(view);
}

Test(table_data, rows_come_back_as_they_went_in) /* TBL-152 TBL-153 TBL-143 */
{
    SPropValue key = propval_long(PR_ROWID, 7), other = propval_long(TAG_EXTRA, 7);
    ULONG position = 99;
    SRow *row;

    put(5, "five");
    put(7, "seven");
    assert_hr(ITableData_HrQueryRow(data, &key, &row, &position), S_OK);
    cr_expect_eq(position, 1);
    cr_expect_eq(row->cValues, 2);
    cr_expect_eq(row->lpProps[1].ulPropTag, PR_DISPLAY_NAME_A);
    cr_expect_str_eq(row->lpProps[1].Value.lpszA, "seven");
    cr_expect_eq(key.Value.l, 7);
    MAPIFreeBuffer(row); /* one block */
    assert_hr(ITableData_HrQueryRow(data, &key, &row, NULL), S_OK);
    MAPIFreeBuffer(row);
    expect_hr(ITableData_HrQueryRow(data, &other, &row, NULL), MAPI_E_INVALID_PARAMETER);
    key.Value.l = 8;
    expect_hr(ITableData_HrQueryRow(data, &key, &row, NULL), MAPI_E_NOT_FOUND);
    cr_expect_null(row);

    assert_hr(ITableData_HrEnumRow(data, 0, &row), S_OK);
    cr_expect_eq(row->lpProps[0].Value.l, 5);
    MAPIFreeBuffer(row);
    expect_hr(ITableData_HrEnumRow(data, 2, &row), S_OK);
    cr_expect_null(row);
}

Test(table_data, an_index_of_8_bit_strings) /* TBL-152 */
{
    SPropValue values[2], key;
    SRow row = {.cValues = 2, .lpProps = values}, *back;
    ITableData *other;

    fill_row(values, 1, "name");
    key = values[1];
    assert_hr(create(NULL, TBLTYPE_DYNAMIC, PR_DISPLAY_NAME_A, &other), S_OK);
    assert_hr(ITableData_HrModifyRow(other, &row), S_OK);
    assert_hr(ITableData_HrQueryRow(other, &key, &back, NULL), S_OK);
    cr_expect_str_eq(back->lpProps[1].Value.lpszA, "name");
    MAPIFreeBuffer(back);
    expect_hr(ITableData_HrNotify(other, 0, 1, &key), S_OK);
    expect_hr(ITableData_HrDeleteRow(other, &key), S_OK);
    expect_last_release(other);
}

Test(table_data, rows_are_inserted_before_a_position) /* TBL-140 */
{
    IMAPITable *view = get_view();
    SPropValue values[2];
    SRow row = {.cValues = 2, .lpProps = values};

    put(1, "one");
    put(2, "two");
    fill_row(values, 3, "three");
    expect_hr(ITableData_HrInsertRow(data, 0, &row), S_OK);
    expect_hr(ITableData_HrInsertRow(data, 1, &row), MAPI_E_INVALID_PARAMETER);
    fill_row(values, 4, "four");
    expect_hr(ITableData_HrInsertRow(data, 4, &row), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrInsertRow(data, 3, &row), S_OK);
    expect_rows(view, 4, (LONG[]){3, 1, 2, 4});
    expect_last_release(view);
}

Test(table_data, rows_are_deleted_one_by_one) /* TBL-141 */
{
    SPropValue key = propval_long(PR_ROWID, 1);
    IMAPITable *view = get_view();

    put(1, "one");
    put(2, "two");
    expect_hr(ITableData_HrDeleteRow(data, &key), S_OK);
    expect_hr(ITableData_HrDeleteRow(data, &key), MAPI_E_NOT_FOUND);
    expect_hr(ITableData_HrDeleteRow(data, NULL), MAPI_E_INVALID_PARAMETER);
    expect_rows(view, 1, (LONG[]){2});
    expect_last_release(view);
}

Test(table_data, rows_are_deleted_in_sets) /* TBL-149 TBL-150 */
{
    SPropValue keys[2] = {propval_long(PR_ROWID, 1), propval_long(PR_ROWID, 9)};
    struct {
        ULONG count;
        SRow rows[2];
    } set = {2, {{0, 1, &keys[0]}, {0, 1, &keys[1]}}};
    IMAPITable *view = get_view();
    ULONG deleted;

    assert_hr(put_many(1, 3), S_OK);
    assert_hr(ITableData_HrDeleteRows(data, 0, (SRowSet *)(void *)&set, &deleted), S_OK);
    cr_expect_eq(deleted, 1);
    expect_hr(ITableData_HrDeleteRows(data, 0, NULL, &deleted), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrDeleteRows(data, 8, NULL, &deleted), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(ITableData_HrDeleteRows(data, TAD_ALL_ROWS, NULL, &deleted), S_OK);
    cr_expect_eq(deleted, 2);
    expect_rows(view, 0, NULL);
    expect_last_release(view);
}

Test(table_data, a_set_without_index_changes_nothing) /* TBL-145 TBL-146 */
{
    SPropValue good = propval_long(PR_ROWID, 1), bad = propval_long(TAG_EXTRA, 1);
    struct {
        ULONG count;
        SRow rows[2];
    } set = {2, {{0, 1, &good}, {0, 1, &bad}}};
    IMAPITable *view = get_view();

    expect_hr(ITableData_HrModifyRows(data, 0, (SRowSet *)(void *)&set), MAPI_E_INVALID_PARAMETER);
    expect_rows(view, 0, NULL);
    assert_hr(put_many(1, 3), S_OK);
    assert_hr(put_many(3, 2), S_OK);
    expect_rows(view, 4, (LONG[]){1, 2, 3, 4});
    expect_last_release(view);
}

Test(table_data, counts_that_cannot_be_are_refused) /* TBL-145 TBL-146 */
{
    SPropValue value = propval_long(PR_ROWID, 1);
    SRow row = {.cValues = ARGUMENT_COUNT_MAX + 1, .lpProps = &value};
    SizedSRowSet(1, set) = {1, {row}};
    LPSRowSet rows = (SRowSet *)&set;

    expect_hr(ITableData_HrModifyRow(data, &row), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrInsertRow(data, 0, &row), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrModifyRows(data, 0, rows), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrDeleteRows(data, 0, rows, NULL), MAPI_E_INVALID_PARAMETER);
    rows->cRows = ARGUMENT_COUNT_MAX + 1;
    rows->aRow[0].cValues = 1;
    expect_hr(ITableData_HrModifyRows(data, 0, rows), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrDeleteRows(data, 0, rows, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ITableData_HrDeleteRows(data, TAD_ALL_ROWS, rows, NULL), S_OK);
}

static bool has_column(IMAPITable *view, ULONG flags, ULONG tag)
{
    SPropTagArray *tags;
    bool found = false;

    assert_hr(IMAPITable_QueryColumns(view, flags, &tags), S_OK);
    for (ULONG i = 0; i < tags->cValues; i++)
        found |= tags->aulPropTag[i] == tag;
    MAPIFreeBuffer(tags);
    return found;
}

Test(table_data, new_columns_join_later_views) /* TBL-139 TBL-148 TBL-151 */
{
    SPropValue values[2] = {propval_long(TAG_EXTRA, 4), propval_long(PR_ROWID, 1)};
    SRow row = {.cValues = 2, .lpProps = values};
    IMAPITable *before = get_view(), *after;

    assert_hr(ITableData_HrModifyRow(data, &row), S_OK);
    cr_expect(!has_column(before, 0, TAG_EXTRA));
    cr_expect(has_column(before, TBL_ALL_COLUMNS, TAG_EXTRA));
    assert_hr(ITableData_HrDeleteRow(data, &values[1]), S_OK);
    after = get_view();
    cr_expect(has_column(after, 0, TAG_EXTRA));
    cr_expect(has_column(after, 0, PR_DISPLAY_NAME_A)); /* as declared */
    expect_last_release(before);
    expect_last_release(after);
}

static int releases;

static IMAPITable *released_view;

static void STDAPICALLTYPE note_release(ULONG_PTR caller_data, LPTABLEDATA of, LPMAPITABLE view)
{
    releases++;
    cr_expect_eq(caller_data, 42);
    cr_expect_eq(of, data);
    released_view = view;
}

Test(table_data, a_view_is_sorted_and_says_when_it_goes) /* TBL-144 UTL-037 */
{
    SizedSSortOrderSet(1, sort) = {1, 0, 0, {{PR_ROWID, TABLE_SORT_DESCEND}}};
    IMAPITable *view, *first;

    put(1, "one");
    put(2, "two");
    assert_hr(ITableData_HrGetView(data, (SSortOrderSet *)&sort, note_release, 42, &view), S_OK);
    first = view;
    expect_rows(view, 2, (LONG[]){2, 1});
    IMAPITable_AddRef(view);
    IMAPITable_Release(view);
    cr_expect_eq(releases, 0);
    expect_last_release(view);
    cr_expect_eq(releases, 1);
    cr_expect_eq(released_view, first);
}

static struct test_sink *listen(IMAPITable *view)
{
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection;

    assert_hr(IMAPITable_Advise(view, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    return sink;
}

static void start_delivery(void)
{
    assert_hr(notify_thread_create(&dispatcher), S_OK);
    notify_default_from(get_dispatcher);
}

static ULONG event_at(struct test_sink *sink, size_t index)
{
    return test_sink_at(sink, index)->info.tab.ulTableEvent;
}

Test(table_data, eight_changes_are_told_nine_are_not) /* TBL-147 TBL-154 */
{
    struct test_sink *sink;
    IMAPITable *view;

    start_delivery();
    view = get_view();
    sink = listen(view);
    assert_hr(put_many(1, 8), S_OK);
    cr_assert(test_sink_wait(sink, 8));
    for (size_t i = 0; i < 8; i++)
        cr_expect_eq(event_at(sink, i), TABLE_ROW_ADDED);
    cr_expect_eq(test_sink_at(sink, 3)->info.tab.propIndex.ulPropTag, PR_ROWID);
    cr_expect_eq(test_sink_at(sink, 3)->info.tab.propIndex.Value.l, 4);
    assert_hr(put_many(20, 9), S_OK);
    assert_hr(put(1, "changed"), S_OK);
    cr_assert(test_sink_wait(sink, 9));
    cr_expect_eq(event_at(sink, 8), TABLE_CHANGED);
    expect_last_release(view);
    test_sink_release(sink);
}

Test(table_data, a_reload_ends_bookmarks_and_position) /* TBL-124 */
{
    IMAPITable *view = get_view();
    ULONG row, numerator, denominator;
    BOOKMARK second, again;

    assert_hr(put_many(1, 3), S_OK);
    assert_hr(IMAPITable_SeekRow(view, BOOKMARK_BEGINNING, 1, NULL), S_OK);
    assert_hr(IMAPITable_CreateBookmark(view, &second), S_OK);
    assert_hr(put_many(10, 9), S_OK); /* TABLE_CHANGED, if somebody listened, ends nothing */
    expect_hr(IMAPITable_SeekRow(view, second, 0, NULL), S_OK);
    assert_hr(ITableData_HrDeleteRows(data, TAD_ALL_ROWS, NULL, NULL), S_OK);
    assert_hr(put_many(1, 3), S_OK);
    expect_hr(IMAPITable_SeekRow(view, second, 0, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_hr(IMAPITable_QueryPosition(view, &row, &numerator, &denominator), S_OK);
    cr_expect_eq(row, 0); /* from the start again */
    assert_hr(IMAPITable_CreateBookmark(view, &again), S_OK);
    expect_hr(IMAPITable_SeekRow(view, again, 0, NULL), S_OK);
    expect_last_release(view);
}

Test(table_data, emptying_is_one_reload) /* TBL-149 */
{
    struct test_sink *sink;
    IMAPITable *view;

    start_delivery();
    assert_hr(put_many(1, 3), S_OK);
    view = get_view();
    sink = listen(view);
    assert_hr(ITableData_HrDeleteRows(data, TAD_ALL_ROWS, NULL, NULL), S_OK);
    cr_assert(test_sink_wait(sink, 1));
    cr_expect_eq(event_at(sink, 0), TABLE_RELOAD);
    expect_rows(view, 0, NULL);
    assert_hr(put(1, "again"), S_OK);
    cr_assert(test_sink_wait(sink, 2));
    cr_expect_eq(event_at(sink, 1), TABLE_ROW_ADDED);
    expect_last_release(view);
    test_sink_release(sink);
}

Test(table_data, a_row_can_be_told_without_a_change) /* TBL-142 */
{
    SPropValue key = propval_long(PR_ROWID, 2), both[2];
    struct test_sink *sink;
    IMAPITable *view;

    start_delivery();
    assert_hr(put_many(1, 3), S_OK);
    view = get_view();
    sink = listen(view);
    expect_hr(ITableData_HrNotify(data, 0, 1, &key), S_OK);
    fill_row(both, 3, "many");
    expect_hr(ITableData_HrNotify(data, 0, 2, both), S_OK);
    cr_assert(test_sink_wait(sink, 2));
    cr_expect_eq(event_at(sink, 0), TABLE_ROW_MODIFIED);
    cr_expect_eq(test_sink_at(sink, 0)->info.tab.propIndex.Value.l, 2);
    cr_expect_eq(test_sink_at(sink, 1)->info.tab.propIndex.Value.l, 3);
    key.Value.l = 9;
    expect_hr(ITableData_HrNotify(data, 0, 1, &key), MAPI_E_NOT_FOUND);
    expect_hr(ITableData_HrNotify(data, 1, 1, &key), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(ITableData_HrNotify(data, 0, 0, NULL), MAPI_E_INVALID_PARAMETER);
    expect_last_release(view);
    test_sink_release(sink);
}

Test(table_data, without_initialization_nobody_is_told) /* TBL-156 */
{
    struct test_sink *sink = test_sink_create();
    IMAPITable *view = get_view();
    ULONG_PTR connection;

    expect_hr(IMAPITable_Advise(view, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
              MAPI_E_NO_SUPPORT);
    expect_last_release(view);
    test_sink_release(sink);
}

static ULONG own_blocks;

static SCODE STDAPICALLTYPE own_allocate(ULONG size, LPVOID *ret_block)
{
    own_blocks++;
    *ret_block = malloc(size);
    return *ret_block ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

Test(table_data, single_rows_come_from_the_callers_allocator)
{
    SPropValue values[2];
    SRow row = {.cValues = 2, .lpProps = values}, *back;
    ITableData *other;

    assert_hr(CreateTable(NULL, own_allocate, MAPIAllocateMore, MAPIFreeBuffer, NULL,
                          TBLTYPE_DYNAMIC, PR_ROWID, (SPropTagArray *)&columns, &other),
              S_OK);
    fill_row(values, 1, "one");
    assert_hr(ITableData_HrModifyRow(other, &row), S_OK);
    assert_hr(ITableData_HrEnumRow(other, 0, &back), S_OK);
    cr_expect_str_eq(back->lpProps[1].Value.lpszA, "one");
    cr_expect_eq(own_blocks, 1);
    free(back);
    expect_last_release(other);
}
