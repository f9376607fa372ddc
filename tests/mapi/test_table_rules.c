/* tests/mapi/test_table_rules.c - the small print of IMAPITable, row by row of the catalogue */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "support/com.h"

static SizedSPropTagArray(5, columns) = {
    5,
    {PR_INSTANCE_KEY, PR_DISPLAY_NAME_W, PR_MESSAGE_SIZE, PR_LAST_MODIFICATION_TIME, PR_HASATTACH}};
enum { KEY, NAME, SIZE, TIME, ATTACH };

static struct row_list *list;
static IMAPITable *table;

static void put(unsigned key, const WCHAR *name, LONG size)
{
    SPropValue values[] = {
        propval_binary(PR_INSTANCE_KEY, &key, sizeof(key)),
        propval_unicode(PR_DISPLAY_NAME_W, name),
        propval_long(PR_MESSAGE_SIZE, size),
        {.ulPropTag = PR_LAST_MODIFICATION_TIME, .Value.ft = {.dwLowDateTime = key}},
        propval_bool(PR_HASATTACH, key % 2),
    };

    assert_hr(row_list_set(list, values, 5), S_OK);
}

static IMAPITable *open(ULONG type, bool is_snapshot)
{
    struct table_options options = {.source = row_list_source(list),
                                    .columns = (SPropTagArray *)&columns,
                                    .flags = MAPI_UNICODE,
                                    .type = type,
                                    .is_snapshot = is_snapshot};
    IMAPITable *made;

    assert_hr(table_create(&options, &made), S_OK);
    return made;
}

static void setup(void)
{
    static const WCHAR *const names[] = {u"delta", u"alpha", u"echo", u"bravo", u"charlie"};

    assert_hr(row_list_create(PR_INSTANCE_KEY, &list), S_OK);
    for (unsigned i = 0; i < 5; i++)
        put(i + 1, names[i], (LONG)(10 * (i + 1)));
    table = open(0, false);
}

static void teardown(void)
{
    table->lpVtbl->Release(table);
    row_source_unref(row_list_source(list));
}

TestSuite(table_rules, .init = setup, .fini = teardown);

/* The keys of the whole view, as digits. */
static const char *keys_of(IMAPITable *which)
{
    static char text[32];
    char *at = text;
    SRowSet *rows;

    assert_hr(which->lpVtbl->SeekRow(which, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(which->lpVtbl->QueryRows(which, 20, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        at += sprintf(at, "%d", rows->aRow[i].lpProps[KEY].Value.bin.lpb[0]);
    FreeProws(rows);
    return text;
}

static HRESULT sort_by(ULONG tag, ULONG order)
{
    SizedSSortOrderSet(1, by) = {1, 0, 0, {{tag, order}}};

    return table->lpVtbl->SortTable(table, (SSortOrderSet *)&by, 0);
}

static SRestriction smaller_than(SPropValue *constant, LONG size)
{
    *constant = propval_long(PR_MESSAGE_SIZE, size);
    return (SRestriction){.rt = RES_PROPERTY,
                          .res.resProperty = {RELOP_LT, PR_MESSAGE_SIZE, constant}};
}

Test(table_rules, a_table_always_has_a_column) /* TBL-002 */
{
    SizedSPropTagArray(1, none) = {0, {0}};

    expect_hr(table->lpVtbl->SetColumns(table, NULL, 0), MAPI_E_INVALID_PARAMETER);
    expect_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&none, 0),
              MAPI_E_INVALID_PARAMETER);
    cr_expect_str_eq(keys_of(table), "12345");
}

Test(table_rules, asynchronous_flags_are_taken_and_the_work_is_done) /* TBL-006 TBL-113 */
{
    SizedSSortOrderSet(1, by_name) = {1, 0, 0, {{PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND}}};
    SPropValue constant;
    SRestriction small = smaller_than(&constant, 40);
    ULONG status, type;

    assert_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&columns, TBL_BATCH), S_OK);
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&by_name, TBL_ASYNC), S_OK);
    assert_hr(table->lpVtbl->Restrict(table, &small, TBL_ASYNC), S_OK);
    assert_hr(table->lpVtbl->GetStatus(table, &status, &type), S_OK);
    cr_expect_eq(status, TBLSTAT_COMPLETE); /* our own doing is no change of the table */
    cr_expect_str_eq(keys_of(table), "213");
}

Test(table_rules, at_the_end_there_is_only_the_row_set_to_free) /* TBL-029 TBL-035 */
{
    SRowSet *rows;

    assert_hr(table->lpVtbl->SeekRow(table, BOOKMARK_END, 0, NULL), S_OK);
    assert_hr(table->lpVtbl->QueryRows(table, 10, 0, &rows), S_OK);
    cr_expect_eq(rows->cRows, 0);
    cr_expect_eq(MAPIFreeBuffer(rows), 0);
}

Test(table_rules, the_row_count_is_that_of_the_view) /* TBL-033 */
{
    SPropValue constant;
    SRestriction small = smaller_than(&constant, 30);
    ULONG count;

    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 5);
    assert_hr(table->lpVtbl->Restrict(table, &small, 0), S_OK);
    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 2);
}

Test(table_rules, find_row_says_how_its_bookmark_fared) /* TBL-057 */
{
    SPropValue constant;
    SRestriction any = smaller_than(&constant, 1000);
    unsigned key = 2;
    SPropValue second = propval_binary(PR_INSTANCE_KEY, &key, sizeof(key));
    BOOKMARK bookmark;

    assert_hr(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 1, NULL), S_OK);
    assert_hr(table->lpVtbl->CreateBookmark(table, &bookmark), S_OK);
    expect_hr(table->lpVtbl->FindRow(table, &any, bookmark, 0), S_OK);
    assert_hr(row_list_remove(list, &second), S_OK);
    expect_hr(table->lpVtbl->FindRow(table, &any, bookmark, 0), MAPI_W_POSITION_CHANGED);
    assert_hr(table->lpVtbl->FreeBookmark(table, bookmark), S_OK);
    expect_hr(table->lpVtbl->FindRow(table, &any, bookmark, 0), MAPI_E_INVALID_BOOKMARK);

    assert_hr(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 1, NULL), S_OK);
    key = 3; /* the cursor's row */
    assert_hr(row_list_remove(list, &second), S_OK);
    expect_hr(table->lpVtbl->FindRow(table, &any, BOOKMARK_CURRENT, 0), S_OK);
}

Test(table_rules, find_row_leaves_no_restriction_behind) /* TBL-053 TBL-060 */
{
    SPropValue constant;
    SRestriction small = smaller_than(&constant, 30);

    expect_hr(table->lpVtbl->FindRow(table, &small, BOOKMARK_BEGINNING, 0), S_OK);
    cr_expect_str_eq(keys_of(table), "12345");
}

Test(table_rules, every_column_of_the_set_can_be_restricted_and_sorted) /* TBL-066 TBL-093 */
{
    SPropValue value;
    SRowSet *rows;

    for (ULONG i = 0; i < columns.cValues; i++) {
        SRestriction same = {.rt = RES_PROPERTY,
                             .res.resProperty = {RELOP_EQ, columns.aulPropTag[i], &value}};

        assert_hr(table->lpVtbl->Restrict(table, NULL, 0), S_OK);
        assert_hr(table->lpVtbl->QueryRows(table, 1, 0, &rows), S_OK);
        value = rows->aRow[0].lpProps[i];
        assert_hr(table->lpVtbl->Restrict(table, &same, 0), S_OK);
        cr_expect(strchr(keys_of(table), '0' + rows->aRow[0].lpProps[KEY].Value.bin.lpb[0]),
                  "column %u", i);
        cr_expect(strlen(keys_of(table)) == (i == ATTACH ? 3 : 1), "column %u", i);
        FreeProws(rows);
    }
    assert_hr(table->lpVtbl->Restrict(table, NULL, 0), S_OK);
    assert_hr(sort_by(PR_DISPLAY_NAME_W, TABLE_SORT_DESCEND), S_OK);
    cr_expect_str_eq(keys_of(table), "31542");
    assert_hr(sort_by(PR_LAST_MODIFICATION_TIME, TABLE_SORT_DESCEND), S_OK);
    cr_expect_str_eq(keys_of(table), "54321");
    assert_hr(sort_by(PR_HASATTACH, TABLE_SORT_ASCEND), S_OK);
    cr_expect_str_eq(keys_of(table), "24135");
    assert_hr(sort_by(PR_INSTANCE_KEY, TABLE_SORT_DESCEND), S_OK);
    cr_expect_str_eq(keys_of(table), "54321");
}

Test(table_rules, an_order_that_is_refused_leaves_the_former_one) /* TBL-091 */
{
    SSortOrderSet *now;

    assert_hr(sort_by(PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND), S_OK);
    expect_hr(sort_by(PR_MESSAGE_SIZE, TABLE_SORT_CATEG_MAX), MAPI_E_TOO_COMPLEX);
    expect_hr(sort_by(PR_MESSAGE_ATTACHMENTS, TABLE_SORT_ASCEND), MAPI_E_TOO_COMPLEX);
    cr_expect_str_eq(keys_of(table), "24513");
    assert_hr(table->lpVtbl->QuerySortOrder(table, &now), S_OK);
    cr_assert_eq(now->cSorts, 1);
    cr_expect_eq(now->aSort[0].ulPropTag, PR_DISPLAY_NAME_W);
    MAPIFreeBuffer(now);
}

static void expect_type(IMAPITable *which, ULONG wanted)
{
    ULONG status, type;

    assert_hr(which->lpVtbl->GetStatus(which, &status, &type), S_OK);
    cr_expect_eq(status, TBLSTAT_COMPLETE);
    cr_expect_eq(type, wanted);
    expect_hr(which->lpVtbl->GetStatus(which, NULL, &type), MAPI_E_INVALID_PARAMETER);
    which->lpVtbl->Release(which);
}

Test(table_rules, the_status_is_one_state_and_one_type) /* TBL-112 */
{
    expect_type(open(0, false), TBLTYPE_DYNAMIC);
    expect_type(open(TBLTYPE_KEYSET, false), TBLTYPE_KEYSET);
    expect_type(open(0, true), TBLTYPE_SNAPSHOT);
}

Test(table_rules, there_is_never_anything_to_abort) /* TBL-115 */
{
    expect_hr(table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);
    assert_hr(sort_by(PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND), S_OK);
    expect_hr(table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);
    cr_expect_str_eq(keys_of(table), "24513");
}

Test(table_rules, columns_restriction_and_order_give_the_same_in_any_order) /* TBL-136 */
{
    SizedSPropTagArray(2, few) = {2, {PR_INSTANCE_KEY, PR_DISPLAY_NAME_W}};
    SPropValue constant;
    SRestriction small = smaller_than(&constant, 50);
    IMAPITable *other = open(0, false);
    char wanted[32];

    assert_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&few, 0), S_OK);
    assert_hr(table->lpVtbl->Restrict(table, &small, 0), S_OK);
    assert_hr(sort_by(PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND), S_OK);
    strcpy(wanted, keys_of(table));
    cr_expect_str_eq(wanted, "2413");
    table->lpVtbl->Release(table);
    table = other;
    assert_hr(sort_by(PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND), S_OK);
    assert_hr(table->lpVtbl->Restrict(table, &small, 0), S_OK);
    assert_hr(table->lpVtbl->SetColumns(table, (SPropTagArray *)&few, 0), S_OK);
    cr_expect_str_eq(keys_of(table), wanted);
}

Test(table_rules, long_values_come_whole) /* TBL-017 */
{
    static WCHAR text[5001];
    SRowSet *rows;

    for (size_t i = 0; i < 5000; i++)
        text[i] = (WCHAR)('a' + i % 26);
    put(1, text, 1);
    assert_hr(table->lpVtbl->QueryRows(table, 1, 0, &rows), S_OK);
    cr_expect_eq(memcmp(rows->aRow[0].lpProps[NAME].Value.lpszW, text, sizeof(text)), 0);
    FreeProws(rows);
}
