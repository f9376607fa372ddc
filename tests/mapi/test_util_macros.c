/* tests/mapi/test_util_macros.c - what the headers' macros make of tags, ids and results; columns
 * that a filter changes */
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "support/com.h"

Test(macros, tags_are_id_and_type) /* UTL-023 UTL-024 UTL-025 UTL-026 UTL-027 PRP-012 */
{
    ULONG tag = PROP_TAG(PT_UNICODE, 0x0037);

    cr_expect_eq(tag, 0x0037001F);
    cr_expect_eq(PROP_TYPE(tag), PT_UNICODE);
    cr_expect_eq(PROP_ID(tag), 0x0037);
    cr_expect_eq(CHANGE_PROP_TYPE(tag, PT_UNSPECIFIED), 0x00370000);
    cr_expect_eq(MVI_PROP(PROP_TAG(PT_MV_LONG, 0x6601)),
                 PROP_TAG(PT_MV_LONG | MV_INSTANCE, 0x6601));
    cr_expect_eq(PR_NULL, 1); /* id 0, PT_NULL */
    cr_expect_eq(PROP_ID(PR_NULL), PROP_ID_NULL);
    cr_expect_eq(PROP_ID_INVALID, 0xFFFF);
}

/* Whether all ids from `first` to `last` travel with a message, or none does. */
static void expect_transmitted(ULONG first, ULONG last, bool travels)
{
    for (ULONG id = first; id <= last; id++)
        cr_assert_eq(!!FIsTransmittable(PROP_TAG(PT_LONG, id)), travels, "0x%04X", (unsigned)id);
}

Test(macros, ranges_of_ids_say_what_is_transmitted) /* PRP-013 PRP-014 */
{
    expect_transmitted(0x0001, 0x0BFF, true); /* envelope */
    expect_transmitted(0x0C00, 0x0DFF, true); /* recipient */
    expect_transmitted(0x0E00, 0x0FFF, false);
    expect_transmitted(0x1000, 0x2FFF, true); /* content */
    expect_transmitted(0x4000, 0x57FF, true); /* transport envelope */
    expect_transmitted(0x5800, 0x5FFF, true); /* recipient */
    expect_transmitted(0x6000, 0x65FF, false);
    expect_transmitted(0x6600, 0x67FF, false);
    expect_transmitted(0x6800, 0x7BFF, true); /* content of a custom class */
    expect_transmitted(0x7C00, 0x7FFF, false);
    expect_transmitted(0x8000, 0xFFFE, true); /* by their names */
    cr_expect(FIsTransmittable(PR_SUBJECT) && FIsTransmittable(PR_RECIPIENT_TYPE) &&
              FIsTransmittable(PR_BODY));
    cr_expect(!FIsTransmittable(PR_MESSAGE_FLAGS) && !FIsTransmittable(PR_PARENT_ENTRYID));
}

Test(macros, other_objects_have_ranges_of_their_own) /* PRP-016 */
{
    static const ULONG tags[] = {PR_STORE_SUPPORT_MASK, PR_FOLDER_TYPE,    PR_CONTENT_COUNT,
                                 PR_ATTACH_METHOD,      PR_GIVEN_NAME,     PR_SERVICE_NAME,
                                 PR_STATUS_CODE,        PR_RESOURCE_FLAGS, PR_CONTROL_ID};
    static const ULONG of_profiles[] = {PR_DEFAULT_PROFILE, PR_SERVICE_NAME, PR_SERVICE_UID,
                                        PR_AB_PROVIDERS, PR_STORE_PROVIDERS};
    static const ULONG of_status[] = {PR_STATUS_CODE, PR_STATUS_STRING, PR_RESOURCE_METHODS,
                                      PR_RESOURCE_TYPE, PR_IDENTITY_ENTRYID};

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        cr_expect_eq(PROP_ID(tags[i]) & 0xF000, 0x3000);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(PROP_ID(of_profiles[i]) & 0xFF00, 0x3D00);
        cr_expect_eq(PROP_ID(of_status[i]) & 0xFF00, 0x3E00);
    }
    cr_expect_neq(PROP_ID(PR_BODY) & 0xF000, 0x3000);
    cr_expect_neq(PROP_ID(PR_RECIPIENT_TYPE) & 0xF000, 0x3000);
}

Test(macros, values_are_aligned_to_eight) /* UTL-022 */
{
    SPropValue values[2], copy;
    ULONG size;

    cr_expect_eq(offsetof(SPropValue, Value), 8);
    cr_expect_eq(sizeof(SPropValue) % 8, 0);
    memset(values, 0xFF, sizeof(values)); /* the padding is ignored */
    values[0].ulPropTag = PR_IMPORTANCE;
    values[0].Value.l = 3;
    copy = propval_long(PR_IMPORTANCE, 3);
    cr_expect(propval_equal(&values[0], &copy));
    expect_hr(ScCountProps(1, values, &size), S_OK);
}

Test(macros, uids_are_sixteen_bytes) /* UTL-028 MEM-092 */
{
    MAPIUID a = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}, b = a;

    cr_expect_eq(sizeof(MAPIUID), 16);
    for (int i = 0; i < 16; i++) {
        cr_expect(IsEqualMAPIUID(&a, &b));
        b.ab[i] ^= 1;
        cr_expect(!IsEqualMAPIUID(&a, &b));
        b.ab[i] ^= 1;
    }
}

Test(macros, results_are_judged_by_their_high_bit) /* UTL-093 MEM-046 */
{
    static const HRESULT good[] = {S_OK, S_FALSE, MAPI_W_ERRORS_RETURNED,
                                   MAPI_W_PARTIAL_COMPLETION};
    static const HRESULT bad[] = {MAPI_E_NOT_FOUND, MAPI_E_NO_SUPPORT, MAPI_E_CALL_FAILED};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        cr_expect(SUCCEEDED(good[i]), "0x%08X", (unsigned)good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect(FAILED(bad[i]), "0x%08X", (unsigned)bad[i]);
}

/* ---- HrAddColumnsEx ---- */

static IMAPITable *table;
static SPropTagArray *seen; /* what the filter got */
static ULONG then_first;    /* the table's first column at that time */

static IMAPITable *make_table(void)
{
    static SizedSPropTagArray(2, columns) = {2, {PR_ROWID, PR_DISPLAY_NAME_A}};
    SPropValue values[2] = {propval_long(PR_ROWID, 1),
                            {.ulPropTag = PR_DISPLAY_NAME_A, .Value.lpszA = "one"}};
    SRow row = {.cValues = 2, .lpProps = values};
    ITableData *data;
    IMAPITable *view;

    assert_hr(CreateTable(NULL, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer, NULL,
                          TBLTYPE_DYNAMIC, PR_ROWID, (SPropTagArray *)&columns, &data),
              S_OK);
    assert_hr(ITableData_HrModifyRow(data, &row), S_OK);
    assert_hr(ITableData_HrGetView(data, NULL, NULL, 0, &view), S_OK);
    ITableData_Release(data);
    return view;
}

static void drop_name(LPSPropTagArray tags)
{
    SPropTagArray *now;

    seen = tags;
    cr_expect_eq(tags->cValues, 2); /* the old ones */
    assert_hr(IMAPITable_QueryColumns(table, 0, &now), S_OK);
    then_first = now->aulPropTag[0];
    MAPIFreeBuffer(now);
    tags->aulPropTag[1] = PR_NULL;
}

Test(macros, a_filter_may_empty_old_columns) /* UTL-032 UTL-033 UTL-034 MEM-014 */
{
    SizedSPropTagArray(1, wanted) = {1, {PR_IMPORTANCE}};
    SRowSet *rows;

    table = make_table();
    assert_hr(HrAddColumnsEx(table, (SPropTagArray *)&wanted, MAPIAllocateBuffer, MAPIFreeBuffer,
                             drop_name),
              S_OK);
    cr_expect_not_null(seen);
    cr_expect_eq(then_first, PR_ROWID); /* it ran before SetColumns */
    assert_hr(IMAPITable_QueryRows(table, 1, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, 1);
    cr_assert_eq(rows->aRow[0].cValues, 3);
    cr_expect_eq(rows->aRow[0].lpProps[0].ulPropTag, CHANGE_PROP_TYPE(PR_IMPORTANCE, PT_ERROR));
    cr_expect_eq(rows->aRow[0].lpProps[1].Value.l, 1);
    cr_expect_eq(rows->aRow[0].lpProps[2].ulPropTag, PR_NULL);
    MAPIFreeBuffer(rows->aRow[0].lpProps); /* a block of its own */
    MAPIFreeBuffer(rows);
    expect_last_release(table);
}
