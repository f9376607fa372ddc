/* tests/mapi/test_util.c - the exported helpers */
#include <stdlib.h>
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapival.h"
#include "mapi/mapix.h"
#include "mapi/prop_object.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "support/com.h"

static SPropValue sample[3];

static void setup(void)
{
    sample[0] = propval_long(PR_IMPORTANCE, 2);
    sample[1] = propval_unicode(PR_SUBJECT_W, u"subject");
    sample[2] = propval_binary(PR_ENTRYID, "\1\2\3", 3);
}

TestSuite(util, .init = setup);

Test(util, props_are_counted_copied_and_relocated) /* UTL-009 UTL-013 UTL-014 UTL-016 MEM-024 */
{
    ULONG size, used;
    char *block, *moved;
    SPropValue *copy;

    assert_hr(ScCountProps(3, sample, &size), S_OK);
    block = malloc(size);
    assert_hr(ScCopyProps(3, sample, block, &used), S_OK);
    cr_expect_eq(size, used);
    copy = (SPropValue *)block;
    cr_expect((char *)copy[1].Value.lpszW > block && (char *)copy[1].Value.lpszW < block + size);
    moved = malloc(size);
    memcpy(moved, block, size);
    assert_hr(ScRelocProps(3, (SPropValue *)moved, block, moved, &used), S_OK);
    cr_expect_eq(size, used);
    free(block);
    copy = (SPropValue *)moved;
    cr_expect(propval_equal(&copy[1], &sample[1]));
    cr_expect(propval_equal(&copy[2], &sample[2]));
    free(moved);
}

Test(util, relocation_follows_multi_values) /* UTL-016 */
{
    char *texts[] = {"one", "two"};
    SPropValue multi = {.ulPropTag = PROP_TAG(PT_MV_STRING8, 0x6001), .Value.MVszA = {2, texts}};
    ULONG size;
    char *block, *moved;

    assert_hr(ScCountProps(1, &multi, &size), S_OK);
    block = malloc(size);
    moved = malloc(size);
    assert_hr(ScCopyProps(1, &multi, block, NULL), S_OK);
    memcpy(moved, block, size);
    assert_hr(ScRelocProps(1, (SPropValue *)moved, block, moved, NULL), S_OK);
    free(block);
    cr_expect(propval_equal((SPropValue *)moved, &multi));
    free(moved);
}

Test(util, relocation_does_not_tell_the_size_of_an_empty_multi_value) /* UTL-016 */
{
    SPropValue empty = {.ulPropTag = PROP_TAG(PT_MV_LONG, 0x6001)};
    ULONG size;

    empty.Value.MVl.lpl = (LONG *)&empty;
    expect_hr(ScRelocProps(1, &empty, &empty, &empty, &size), MAPI_E_INVALID_PARAMETER);
}

Test(util, relocation_refuses_counts_that_cannot_be) /* UTL-016 UTL-017 */
{
    NOTIFICATION notification = {.ulEventType = fnevNewMail};

    expect_hr(ScRelocProps(ARGUMENT_COUNT_MAX + 1, sample, sample, sample, NULL),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(ScRelocNotifications(ARGUMENT_COUNT_MAX + 1, &notification, &notification,
                                   &notification, NULL),
              MAPI_E_INVALID_PARAMETER);
    notification.ulEventType = fnevStatusObjectModified;
    notification.info.statobj.cValues = ARGUMENT_COUNT_MAX + 1;
    notification.info.statobj.lpPropVals = sample;
    expect_hr(ScRelocNotifications(1, &notification, &notification, &notification, NULL),
              MAPI_E_INVALID_PARAMETER);
}

Test(util, arrays_are_checked) /* UTL-010 UTL-011 UTL-012 UTL-015 UTL-017 */
{
    SPropValue null_id = propval_long(PROP_TAG(PT_LONG, PROP_ID_NULL), 1);
    SPropValue invalid_id = propval_long(PROP_TAG(PT_LONG, PROP_ID_INVALID), 1);
    SPropValue no_values = {.ulPropTag = PROP_TAG(PT_MV_LONG, 0x6001)};
    SPropValue odd = {.ulPropTag = PROP_TAG(0x77, 0x6001)}, before;
    char block[64];

    before = propval_binary(PR_ENTRYID, block, 4); /* a pointer before the block */
    expect_hr(ScCountProps(1, &null_id, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScCountProps(1, &invalid_id, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScCountProps(1, &no_values, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScCopyProps(1, &odd, block, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScRelocProps(1, &odd, block, block, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScRelocProps(1, &before, block + 32, block, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScCountProps(3, sample, NULL), S_OK);
}

static ULONG own_blocks, own_size;

static SCODE STDAPICALLTYPE own_allocate(ULONG size, LPVOID *ret_block)
{
    own_blocks++;
    own_size = size;
    return MAPIAllocateBuffer(size, ret_block);
}

Test(util, a_set_is_copied_to_one_block) /* UTL-018 MEM-025 */
{
    SPropValue *copy;
    char *end;

    assert_hr(ScDupPropset(3, sample, own_allocate, &copy), S_OK);
    cr_expect_eq(own_blocks, 1);
    end = (char *)copy + own_size;
    cr_expect((char *)copy[1].Value.lpszW > (char *)copy && (char *)copy[1].Value.lpszW < end);
    cr_expect((char *)copy[2].Value.bin.lpb > (char *)copy && (char *)copy[2].Value.bin.lpb < end);
    for (int i = 0; i < 3; i++)
        cr_expect(propval_equal(&copy[i], &sample[i]));
    MAPIFreeBuffer(copy);
}

Test(util, one_value_is_chained) /* MEM-023 */
{
    SPropValue *root, odd = {.ulPropTag = PROP_TAG(0x77, 0x6001)};

    assert_hr(MAPIAllocateBuffer(sizeof(*root), (LPVOID *)&root), S_OK);
    assert_hr(PropCopyMore(root, &sample[1], MAPIAllocateMore, root), S_OK);
    cr_expect(propval_equal(root, &sample[1]));
    expect_hr(PropCopyMore(root, &odd, MAPIAllocateMore, root), MAPI_E_NO_SUPPORT);
    MAPIFreeBuffer(root);
}

Test(util, properties_are_found_by_tag_or_id) /* UTL-006 UTL-007 UTL-008 */
{
    ULONG any = CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_UNSPECIFIED);

    cr_expect_eq(PpropFindProp(sample, 3, PR_SUBJECT_W), &sample[1]);
    cr_expect_null(PpropFindProp(sample, 3, PR_SUBJECT_A));
    cr_expect_eq(PpropFindProp(sample, 3, any), &sample[1]);
    cr_expect_eq(LpValFindProp(any, 3, sample), &sample[1]);
    cr_expect_null(PpropFindProp(NULL, 0, any));
}

Test(util, one_property_of_an_object) /* UTL-001 UTL-002 UTL-003 UTL-004 UTL-005 */
{
    struct prop_object *object = prop_object_create(true);
    IMAPIProp *prop = &object->IMAPIProp_iface;
    SPropValue *value, computed = propval_long(PR_DEPTH, 1);

    expect_hr(HrGetOneProp(prop, PR_IMPORTANCE, &value), MAPI_E_NOT_FOUND);
    cr_expect_null(value);
    expect_hr(HrSetOneProp(prop, &sample[0]), S_OK);
    expect_hr(HrSetOneProp(prop, &computed), MAPI_E_COMPUTED);
    expect_hr(HrGetOneProp(prop, PR_IMPORTANCE, &value), S_OK);
    cr_expect_eq(value->Value.l, 2);
    MAPIFreeBuffer(value);
    cr_expect(FPropExists(prop, CHANGE_PROP_TYPE(PR_IMPORTANCE, PT_UNSPECIFIED)));
    cr_expect(FPropExists(prop, PR_IMPORTANCE));
    cr_expect(!FPropExists(prop, CHANGE_PROP_TYPE(PR_IMPORTANCE, PT_I2)));
    expect_last_release(prop);
}

Test(util, values_are_compared) /* TBL-086 TBL-087 TBL-088 UTL-019 */
{
    SPropValue more = propval_long(PR_IMPORTANCE, 3), part = propval_unicode(PR_SUBJECT_W, u"SUB");

    cr_expect(FPropCompareProp(&sample[0], RELOP_LT, &more));
    cr_expect(!FPropCompareProp(&sample[0], RELOP_LT, &sample[1]));
    cr_expect(LPropCompareProp(&more, &sample[0]) > 0);
    cr_expect(FPropContainsProp(&sample[1], &part, FL_PREFIX | FL_IGNORECASE));
    cr_expect(!FPropContainsProp(&sample[1], &part, FL_PREFIX));
    cr_expect(!FPropContainsProp(&sample[1], &part, FL_IGNORECASE));
    cr_expect_eq(UlPropSize(&sample[2]), 3);
}

Test(util, names_are_compared) /* UTL-020 UTL-021 */
{
    MAPINAMEID number = {.lpguid = (GUID *)&IID_IUnknown, .ulKind = MNID_ID, .Kind.lID = 5};
    MAPINAMEID text = {.lpguid = (GUID *)&IID_IUnknown,
                       .ulKind = MNID_STRING,
                       .Kind.lpwstrName = (WCHAR *)u"Name"};
    MAPINAMEID lower = text, foreign = text, other = number, foreign_number = number;

    lower.Kind.lpwstrName = (WCHAR *)u"name";
    foreign.lpguid = foreign_number.lpguid = (GUID *)&IID_IMAPIProp;
    other.Kind.lID = 6;
    cr_expect(!FEqualNames(&text, &foreign));
    cr_expect(!FEqualNames(&number, &foreign_number));
    cr_expect(!FEqualNames(&number, &other));
    cr_expect(FEqualNames(&number, &number));
    cr_expect(FEqualNames(&text, &text));
    cr_expect(!FEqualNames(&text, &lower));
    cr_expect(!FEqualNames(&text, &number));
}

static IMAPITable *make_table(unsigned rows)
{
    SizedSPropTagArray(2, columns) = {2, {PR_INSTANCE_KEY, PR_MESSAGE_SIZE}};
    struct table_options options = {.columns = (SPropTagArray *)&columns};
    struct row_list *list;
    IMAPITable *table;
    unsigned i;

    assert_hr(row_list_create(PR_INSTANCE_KEY, &list), S_OK);
    for (i = 0; i < rows; i++) {
        SPropValue values[] = {propval_binary(PR_INSTANCE_KEY, &i, sizeof(i)),
                               propval_long(PR_MESSAGE_SIZE, (LONG)(rows - i))};

        assert_hr(row_list_set(list, values, 2), S_OK);
    }
    options.source = row_list_source(list);
    assert_hr(table_create(&options, &table), S_OK);
    row_source_unref(row_list_source(list));
    return table;
}

Test(util, all_rows_are_read) /* TBL-134 TBL-135 MEM-015 */
{
    IMAPITable *table = make_table(1000);
    SizedSPropTagArray(1, columns) = {1, {PR_MESSAGE_SIZE}};
    SizedSSortOrderSet(1, sort) = {1, 0, 0, {{PR_MESSAGE_SIZE, TABLE_SORT_ASCEND}}};
    SPropValue ten = propval_long(PR_MESSAGE_SIZE, 500);
    SRestriction most = {.rt = RES_PROPERTY, .res.resProperty = {RELOP_LE, PR_MESSAGE_SIZE, &ten}};
    SRowSet *rows;

    assert_hr(
        HrQueryAllRows(table, (SPropTagArray *)&columns, &most, (SSortOrderSet *)&sort, 0, &rows),
        S_OK);
    cr_assert_eq(rows->cRows, 500);
    cr_expect_eq(rows->aRow[0].cValues, 1);
    cr_expect_eq(rows->aRow[499].lpProps[0].Value.l, 500);
    FreeProws(rows);
    expect_hr(HrQueryAllRows(table, NULL, NULL, NULL, 499, &rows), MAPI_E_TABLE_TOO_BIG);
    cr_expect_null(rows);
    expect_last_release(table);
}

Test(util, columns_are_put_in_front) /* UTL-029 UTL-030 UTL-031 */
{
    IMAPITable *table = make_table(1);
    SizedSPropTagArray(2, wanted) = {2, {PR_SUBJECT_W, PR_MESSAGE_SIZE}};
    SPropTagArray *now;

    assert_hr(HrAddColumns(table, (SPropTagArray *)&wanted, MAPIAllocateBuffer, MAPIFreeBuffer),
              S_OK);
    assert_hr(table->lpVtbl->QueryColumns(table, 0, &now), S_OK);
    cr_assert_eq(now->cValues, 3);
    cr_expect_eq(now->aulPropTag[0], PR_SUBJECT_W);
    cr_expect_eq(now->aulPropTag[1], PR_MESSAGE_SIZE);
    cr_expect_eq(now->aulPropTag[2], PR_INSTANCE_KEY);
    MAPIFreeBuffer(now);
    expect_last_release(table);
}

Test(util, address_lists_go_entry_by_entry) /* MEM-016 */
{
    ADRLIST *list;

    assert_hr(MAPIAllocateBuffer(CbNewADRLIST(2), (LPVOID *)&list), S_OK);
    memset(list, 0, CbNewADRLIST(2));
    list->cEntries = 2;
    assert_hr(MAPIAllocateBuffer(16, (LPVOID *)&list->aEntries[0].rgPropVals), S_OK);
    FreePadrlist(list);
    FreePadrlist(NULL);
    FreeProws(NULL);
}

Test(util, hexadecimal_there_and_back) /* UTL-078 UTL-079 UTL-080 UTL-081 UTL-082 */
{
    BYTE bytes[4] = {0, 0x1A, 0xFF, 0x80}, back[4] = {0};
    char text[9];

    HexFromBin(bytes, 4, (LPTSTR)text);
    cr_expect_str_eq(text, "001AFF80");
    cr_expect(FBinFromHex((LPTSTR)text, back));
    cr_expect_arr_eq(bytes, back, 4);
    cr_expect(!FBinFromHex((LPTSTR) "0G", back));
    cr_expect(!FBinFromHex((LPTSTR) "012", back));
    expect_hr(ScBinFromHexBounded((LPTSTR) "010203", back, 2), MAPI_E_CALL_FAILED);
    cr_expect_eq(UlFromSzHex((LPTSTR) "5g5h"), 5);
    cr_expect_eq(UlFromSzHex((LPTSTR) "fF"), 255);
    cr_expect_eq(UFromSz((LPTSTR) "123x"), 123);
    cr_expect_eq(UFromSz((LPTSTR) "x"), 0);
}

Test(util, entry_ids_have_a_text_form) /* UTL-038 UTL-039 UTL-040 */
{
    BYTE id[6] = {0, 0, 0, 0, 0xAB, 1};
    LPTSTR text;
    LPENTRYID back;
    ULONG size;

    assert_hr(HrSzFromEntryID(6, (LPENTRYID)id, &text), S_OK);
    assert_hr(HrEntryIDFromSz(text, &size, &back), S_OK);
    cr_assert_eq(size, 6);
    cr_expect_arr_eq(back, id, 6);
    MAPIFreeBuffer(text);
    MAPIFreeBuffer(back);
    expect_hr(HrEntryIDFromSz((LPTSTR) "xyz", &size, &back), MAPI_E_INVALID_ENTRYID);
    expect_hr(HrEntryIDFromSz((LPTSTR) "", &size, &back), MAPI_E_INVALID_ENTRYID);
}

Test(util, strings_are_searched) /* UTL-075 UTL-076 UTL-077 */
{
    LPTSTR text = (LPTSTR) "abcabc";

    cr_expect_eq(SzFindCh(text, 'b'), text + 1);
    cr_expect_null(SzFindCh(text, 'B'));
    cr_expect_eq(SzFindLastCh(text, 'b'), text + 4);
    cr_expect_eq(SzFindSz(text, (LPTSTR) "ca"), text + 2);
    cr_expect_null(SzFindSz((LPTSTR) "a", text));
    cr_expect_null(SzFindSz(NULL, text));
}

Test(util, times_are_64_bit) /* UTL-083 */
{
    FILETIME a = {0xFFFFFFFF, 0}, one = {1, 0}, sum = FtAddFt(a, one);
    WORD carry = 1;

    cr_expect(sum.dwLowDateTime == 0 && sum.dwHighDateTime == 1);
    sum = FtSubFt(sum, one);
    cr_expect(sum.dwLowDateTime == 0xFFFFFFFF && sum.dwHighDateTime == 0);
    sum = FtMulDwDw(0x10000, 0x10000);
    cr_expect(sum.dwLowDateTime == 0 && sum.dwHighDateTime == 1);
    sum = FtNegFt(one);
    cr_expect(sum.dwLowDateTime == 0xFFFFFFFF && sum.dwHighDateTime == 0xFFFFFFFF);
    sum = FtAdcFt(sum, (FILETIME){0, 0}, &carry);
    cr_expect(sum.dwLowDateTime == 0 && sum.dwHighDateTime == 0 && carry == 1);
}

Test(util, conversations_grow_by_five_bytes) /* UTL-073 UTL-074 PRP-051 */
{
    BYTE *header, *child;
    ULONG size, child_size;

    assert_hr(ScCreateConversationIndex(0, NULL, &size, &header), S_OK);
    cr_expect_eq(size, 22);
    cr_expect_eq(header[0], 1);
    assert_hr(ScCreateConversationIndex(size, header, &child_size, &child), S_OK);
    cr_expect_eq(child_size, 27);
    cr_expect_arr_eq(child, header, 22);
    MAPIFreeBuffer(header);
    MAPIFreeBuffer(child);
}

Test(util, references_are_counted) /* UTL-085 UTL-086 */
{
    struct prop_object *object = prop_object_create(true);

    cr_expect_eq(UlAddRef(&object->IMAPIProp_iface), 2);
    cr_expect_eq(UlRelease(&object->IMAPIProp_iface), 1);
    cr_expect_eq(UlRelease(&object->IMAPIProp_iface), 0);
    cr_expect_eq(UlRelease(NULL), 0);
}

Test(util, checks_say_true_for_bad) /* UTL-087 UTL-088 UTL-089 UTL-090 UTL-091 UTL-092 */
{
    SPropValue bad = {.ulPropTag = PR_SUBJECT_W};
    SRow bad_row = {.cValues = 1, .lpProps = &bad}, good_row = {.cValues = 3, .lpProps = sample};
    struct {
        ULONG count;
        SRow rows[1];
    } set = {1, {bad_row}};
    SRestriction part = {.rt = RES_PROPERTY, .res.resProperty = {RELOP_EQ, PR_SUBJECT_W, &bad}};
    SRestriction outer = {.rt = RES_NOT, .res.resNot = {0, &part}};
    SBinary ids[] = {{4, (BYTE *)"abcd"}, {0, NULL}};
    ENTRYLIST list = {1, ids};
    MAPINAMEID name = {.ulKind = MNID_ID}, *names[] = {&name};

    cr_expect(FBadPropTag(PROP_TAG(0x77, 1)) && !FBadPropTag(PR_SUBJECT_W));
    cr_expect(FBadProp(&bad) && !FBadProp(&sample[1]) && FBadProp(NULL));
    cr_expect(FBadRow(&bad_row) && !FBadRow(&good_row));
    cr_expect(FBadRowSet(NULL) && FBadRowSet((SRowSet *)(void *)&set));
    cr_expect(FBadRestriction(&outer));
    part.res.resProperty.lpProp = &sample[1];
    cr_expect(!FBadRestriction(&outer));
    part.res.resProperty.lpProp = NULL;
    cr_expect(FBadRestriction(&outer));
    part.rt = 0x77;
    cr_expect(FBadRestriction(&outer));
    cr_expect(!FBadEntryList(&list));
    list.cValues = 2;
    cr_expect(FBadEntryList(&list));
    cr_expect(FBadRglpNameID(names, 1));
    name.lpguid = (GUID *)&IID_IUnknown;
    cr_expect(!FBadRglpNameID(names, 1));
}
