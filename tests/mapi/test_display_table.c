/* tests/mapi/test_display_table.c - BuildDisplayTable */
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/text.h"
#include "support/com.h"

static DTBLPAGE page = {sizeof(DTBLPAGE), 0, 0, 5};
static DTBLLABEL label = {sizeof(DTBLLABEL), 0}; /* no text follows: dialogs have it */
static DTBLEDIT edit = {sizeof(DTBLEDIT), 0, 40, PR_DISPLAY_NAME_A};

static DTCTL controls[] = {
    {DTCT_PAGE, 0, NULL, 0, NULL, 0, {&page}},
    {DTCT_LABEL, 0, NULL, 0, NULL, 1, {&label}},
    {DTCT_EDIT, DT_EDITABLE | DT_REQUIRED, (LPBYTE) "id", 2, (LPTSTR) "[0-9]", 2, {&edit}},
};

static DTPAGE pages[] = {{3, NULL, {(LPTSTR) "help"}, controls}};

static HRESULT build(ULONG flags, IMAPITable **ret_table, ITableData **ret_data)
{
    return BuildDisplayTable(MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer, NULL, NULL, 1,
                             pages, flags, ret_table, ret_data);
}

static SRowSet *rows_of(IMAPITable *table)
{
    SizedSPropTagArray(8, columns) = {8,
                                      {PR_CONTROL_TYPE, PR_CONTROL_FLAGS, PR_CONTROL_STRUCTURE,
                                       PR_CONTROL_ID, PR_XPOS, PR_YPOS, PR_DELTAX, PR_DELTAY}};
    SRowSet *rows;

    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        for (ULONG j = 0; j < 8; j++)
            cr_expect_eq(rows->aRow[i].lpProps[j].ulPropTag, columns.aulPropTag[j]);
    return rows;
}

static const SRow *row_at(const SRowSet *rows, ULONG index)
{
    return &rows->aRow[index];
}

/* The text that a field of a row's structure leads to. */
static const char *text_at(const SRow *row, size_t field)
{
    const SBinary *structure = &row->lpProps[2].Value.bin;
    ULONG offset;

    memcpy(&offset, structure->lpb + field, sizeof(offset));
    cr_assert_lt(offset, structure->cb);
    cr_assert_not_null(memchr(structure->lpb + offset, 0, structure->cb - offset));
    return (const char *)structure->lpb + offset;
}

Test(display_table, controls_become_rows) /* FRM-046 FRM-048 FRM-050 */
{
    IMAPITable *table;
    SRowSet *rows;
    DTBLEDIT back;

    assert_hr(build(0, &table, NULL), S_OK);
    rows = rows_of(table);
    cr_assert_eq(rows->cRows, 3);
    for (ULONG i = 0; i < 3; i++)
        cr_expect_eq(rows->aRow[i].lpProps[0].Value.l, (LONG)controls[i].ulCtlType);
    cr_expect_eq(row_at(rows, 2)->lpProps[1].Value.l, DT_EDITABLE | DT_REQUIRED);
    cr_expect_eq(row_at(rows, 2)->lpProps[3].Value.bin.cb, 2);
    cr_expect_arr_eq(row_at(rows, 2)->lpProps[3].Value.bin.lpb, "id", 2);
    memcpy(&back, row_at(rows, 2)->lpProps[2].Value.bin.lpb, sizeof(back));
    cr_expect_eq(back.ulNumCharsAllowed, 40);
    cr_expect_eq(back.ulPropTag, PR_DISPLAY_NAME_A);
    cr_expect_str_eq(text_at(row_at(rows, 2), offsetof(DTBLEDIT, ulbLpszCharsAllowed)), "[0-9]");
    cr_expect_str_eq(text_at(row_at(rows, 0), offsetof(DTBLPAGE, ulbLpszComponent)), "help");
    cr_expect_str_eq(text_at(row_at(rows, 1), offsetof(DTBLLABEL, ulbLpszLabelName)), "");
    FreeProws(rows);
    expect_last_release(table);
}

Test(display_table, comes_with_its_data_if_asked_for) /* FRM-052 FRM-053 */
{
    SPropValue id = {.ulPropTag = PR_CONTROL_ID, .Value.bin = {2, (LPBYTE) "id"}};
    ITableData *data;
    IMAPITable *table;
    SRow *row;

    assert_hr(build(0, &table, &data), S_OK);
    assert_hr(ITableData_HrQueryRow(data, &id, &row, NULL), S_OK);
    MAPIFreeBuffer(row);
    expect_hr(ITableData_HrNotify(data, 0, 1, &id), S_OK);
    ITableData_Release(data);
    expect_last_release(table);
}

Test(display_table, texts_are_as_wide_as_they_came)
{
    IMAPITable *table;
    SRowSet *rows;
    DTBLEDIT back;

    controls[2].lpszFilter = (LPTSTR)u"[0-9]";
    pages[0].lpszComponent = (LPTSTR)u"help";
    assert_hr(build(MAPI_UNICODE, &table, NULL), S_OK);
    rows = rows_of(table);
    memcpy(&back, row_at(rows, 2)->lpProps[2].Value.bin.lpb, sizeof(back));
    cr_expect_eq(back.ulFlags, MAPI_UNICODE);
    cr_expect_eq(utf16_compare((const WCHAR *)(row_at(rows, 2)->lpProps[2].Value.bin.lpb +
                                               back.ulbLpszCharsAllowed),
                               u"[0-9]"),
                 0);
    FreeProws(rows);
    expect_last_release(table);
}

Test(display_table, arguments_are_checked)
{
    IMAPITable *table = (IMAPITable *)pages;

    expect_hr(build(1, &table, NULL), MAPI_E_UNKNOWN_FLAGS);
    cr_expect_null(table);
    controls[1].ulCtlType = 10;
    expect_hr(build(0, &table, NULL), MAPI_E_INVALID_PARAMETER);
    controls[1].ulCtlType = DTCT_LABEL;
    controls[1].ctl.lpv = NULL;
    expect_hr(build(0, &table, NULL), MAPI_E_INVALID_PARAMETER);
    controls[1].ctl.lpv = &label;
    controls[1].lpbNotif = (LPBYTE) "id"; /* twice */
    controls[1].cbNotif = 2;
    expect_hr(build(0, &table, NULL), MAPI_E_INVALID_PARAMETER);
    cr_expect_null(table);
}
