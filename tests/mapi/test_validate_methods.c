/* tests/mapi/test_validate_methods.c - the arguments of a method, checked at once */
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapival.h"
#include "mapi/propval.h"
#include "support/com.h"

#define NUMBER(value) ((LPVOID)(uintptr_t)(value))

static int something;

Test(validate_methods, missing_outputs_are_bad)
{
    SizedSPropTagArray(1, tags) = {1, {PR_SUBJECT_W}};
    LPVOID arguments[] = {&tags, NUMBER(MAPI_UNICODE), &something, &something};

    expect_hr(HrValidateParameters(IMAPIProp_GetProps, arguments), S_OK);
    expect_hr(__CPPValidateParameters(IMAPIProp_GetProps, arguments), S_OK);
    arguments[3] = NULL;
    expect_hr(HrValidateParameters(IMAPIProp_GetProps, arguments), MAPI_E_INVALID_PARAMETER);
    expect_hr(__CPPValidateParameters(IMAPIProp_GetProps, arguments), MAPI_E_INVALID_PARAMETER);
    arguments[3] = &something;
    arguments[0] = NULL; /* all properties */
    expect_hr(HrValidateParameters(IMAPIProp_GetProps, arguments), S_OK);
    arguments[0] = &tags;
    tags.aulPropTag[0] = PROP_TAG(0x77, 1);
    expect_hr(HrValidateParameters(IMAPIProp_GetProps, arguments), MAPI_E_INVALID_PARAMETER);
}

Test(validate_methods, the_object_counts_where_it_is_given)
{
    LPVOID arguments[] = {&something, NUMBER(0), &something};

    expect_hr(__ValidateParameters(IMAPIProp_GetPropList, arguments), S_OK);
    arguments[0] = NULL;
    expect_hr(__ValidateParameters(IMAPIProp_GetPropList, arguments), MAPI_E_INVALID_PARAMETER);
    expect_hr(__ValidateParameters(IMAPIProp_GetPropList, NULL), MAPI_E_INVALID_PARAMETER);
}

Test(validate_methods, counts_need_what_they_count)
{
    SPropValue value = propval_unicode(PR_SUBJECT_W, u"s");
    LPVOID set[] = {NUMBER(1), &value, NULL};
    LPVOID open[] = {NUMBER(4), NULL, NULL, NUMBER(0), &something, &something};

    expect_hr(HrValidateParameters(IMAPIProp_SetProps, set), S_OK);
    value.Value.lpszW = NULL;
    expect_hr(HrValidateParameters(IMAPIProp_SetProps, set), MAPI_E_INVALID_PARAMETER);
    value.Value.lpszW = (WCHAR *)u"s";
    set[0] = NUMBER(0);
    expect_hr(HrValidateParameters(IMAPIProp_SetProps, set), MAPI_E_INVALID_PARAMETER);
    expect_hr(HrValidateParameters(IMAPIContainer_OpenEntry, open), MAPI_E_INVALID_PARAMETER);
    open[0] = NUMBER(0); /* the root */
    expect_hr(HrValidateParameters(IMAPIContainer_OpenEntry, open), S_OK);
}

Test(validate_methods, structures_are_looked_into)
{
    SRestriction restriction = {.rt = RES_EXIST, .res.resExist = {0, PR_SUBJECT_W, 0}};
    SizedSSortOrderSet(1, sort) = {1, 0, 0, {{PR_SUBJECT_W, TABLE_SORT_ASCEND}}};
    SBinary id = {4, (BYTE *)"abcd"};
    ENTRYLIST list = {1, &id};
    LPVOID restrict_[] = {&restriction, NUMBER(0)}, sort_[] = {&sort, NUMBER(0)};
    LPVOID delete_[] = {&list, NUMBER(0), NULL, NUMBER(0)};

    expect_hr(HrValidateParameters(IMAPITable_Restrict, restrict_), S_OK);
    restriction.rt = 0x77;
    expect_hr(HrValidateParameters(IMAPITable_Restrict, restrict_), MAPI_E_INVALID_PARAMETER);
    restrict_[0] = NULL;
    expect_hr(HrValidateParameters(IMAPITable_Restrict, restrict_), S_OK);
    expect_hr(HrValidateParameters(IMAPITable_FindRow, restrict_), MAPI_E_INVALID_PARAMETER);
    expect_hr(HrValidateParameters(IMAPITable_SortTable, sort_), S_OK);
    sort.cCategories = 2;
    expect_hr(HrValidateParameters(IMAPITable_SortTable, sort_), MAPI_E_INVALID_PARAMETER);
    expect_hr(HrValidateParameters(IMAPIFolder_DeleteMessages, delete_), S_OK);
    id.lpb = NULL;
    expect_hr(HrValidateParameters(IMAPIFolder_DeleteMessages, delete_), MAPI_E_INVALID_PARAMETER);
}

Test(validate_methods, every_method_is_known_and_nothing_else)
{
    LPVOID nothing[16] = {NULL};
    HRESULT hr;

    for (int method = 0; method <= IMAPIAdviseSink_OnNotify; method++) {
        hr = HrValidateParameters((METHODS)method, nothing);
        cr_expect(hr == S_OK || hr == MAPI_E_INVALID_PARAMETER, "method %d", method);
    }
    expect_hr(HrValidateParameters((METHODS)(IMAPIAdviseSink_OnNotify + 1), nothing),
              MAPI_E_CALL_FAILED);
    expect_hr(HrValidateParameters(IMAPITable_Abort, nothing), S_OK);
}
