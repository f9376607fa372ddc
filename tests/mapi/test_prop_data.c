/* tests/mapi/test_prop_data.c - CreateIProp: properties in memory, with access marks */
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "support/com.h"

static IPropData *data;

static HRESULT create(LPCIID iid, IPropData **ret_data)
{
    return CreateIProp(iid, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer, NULL, ret_data);
}

static void setup(void)
{
    SPropValue values[2] = {propval_long(PR_IMPORTANCE, 1), propval_unicode(PR_SUBJECT_W, u"s")};

    assert_hr(create(NULL, &data), S_OK);
    assert_hr(IPropData_SetProps(data, 2, values, NULL), S_OK);
}

static void teardown(void)
{
    UlRelease(data);
}

TestSuite(prop_data, .init = setup, .fini = teardown);

static HRESULT set(ULONG tag, LONG number)
{
    SPropValue value = propval_long(tag, number);

    return HrSetOneProp((IMAPIProp *)data, &value);
}

static HRESULT set_access(ULONG tag, ULONG access)
{
    SizedSPropTagArray(1, tags) = {1, {tag}};

    return IPropData_HrSetPropAccess(data, (SPropTagArray *)&tags, &access);
}

static ULONG get_access(ULONG tag)
{
    SizedSPropTagArray(1, tags) = {1, {tag}};
    SPropTagArray *asked = (SPropTagArray *)&tags;
    ULONG *access, result;

    assert_hr(IPropData_HrGetPropAccess(data, &asked, &access), S_OK);
    cr_expect_eq(asked, (SPropTagArray *)&tags);
    result = access[0];
    MAPIFreeBuffer(access);
    return result;
}

static void delete (ULONG tag)
{
    SizedSPropTagArray(1, tags) = {1, {tag}};

    assert_hr(IPropData_DeleteProps(data, (SPropTagArray *)&tags, NULL), S_OK);
}

Test(prop_data, is_a_whole_com_object) /* MEM-022 */
{
    IPropData *other = data;

    expect_full_vtable(data);
    expect_interface(data, &IID_IMAPIPropData);
    expect_interface(data, &IID_IMAPIProp);
    expect_no_interface(data, &IID_IMessage);
    expect_hr(create(&IID_IMAPIProp, &other), MAPI_E_INTERFACE_NOT_SUPPORTED);
    cr_expect_null(other);
    assert_hr(create(&IID_IMAPIPropData, &other), S_OK);
    expect_last_release(other);
    expect_hr(CreateIProp(NULL, NULL, NULL, NULL, NULL, &other), MAPI_E_INVALID_PARAMETER);
}

Test(prop_data, a_read_only_object_takes_nothing) /* UTL-117 UTL-118 UTL-114 */
{
    SizedSPropTagArray(1, object) = {1, {PR_MESSAGE_ATTACHMENTS}};
    SizedSPropTagArray(1, subject) = {1, {PR_SUBJECT_W}};
    IUnknown *stream;

    expect_hr(IPropData_HrSetObjAccess(data, IPROP_READONLY), S_OK);
    expect_hr(set(PR_IMPORTANCE, 2), MAPI_E_NO_ACCESS);
    expect_hr(set(PR_PRIORITY, 2), MAPI_E_NO_ACCESS);
    expect_hr(IPropData_DeleteProps(data, (SPropTagArray *)&subject, NULL), MAPI_E_NO_ACCESS);
    expect_hr(set_access(PR_IMPORTANCE, IPROP_CLEAN), MAPI_E_NO_ACCESS);
    expect_hr(IPropData_HrAddObjProps(data, (SPropTagArray *)&object, NULL), MAPI_E_NO_ACCESS);
    expect_hr(IPropData_OpenProperty(data, PR_SUBJECT_W, &IID_IStream, 0, MAPI_MODIFY, &stream),
              MAPI_E_NO_ACCESS);
    assert_hr(IPropData_OpenProperty(data, PR_SUBJECT_W, &IID_IStream, 0, 0, &stream), S_OK);
    expect_last_release(stream);
    expect_hr(IPropData_HrSetObjAccess(data, IPROP_READWRITE), S_OK);
    expect_hr(set(PR_IMPORTANCE, 2), S_OK);
    expect_hr(IPropData_HrSetObjAccess(data, IPROP_READWRITE | IPROP_READONLY),
              MAPI_E_INVALID_PARAMETER);
}

Test(prop_data, a_stream_cannot_pass_the_mark) /* UTL-117 */
{
    SPropValue *subject;
    IStream *stream;

    assert_hr(IPropData_OpenProperty(data, PR_SUBJECT_W, &IID_IStream, 0, MAPI_MODIFY,
                                     (IUnknown **)&stream),
              S_OK);
    assert_hr(IStream_Write(stream, u"X", 2, NULL), S_OK);
    assert_hr(IPropData_HrSetObjAccess(data, IPROP_READONLY), S_OK);
    expect_hr(IStream_Commit(stream, 0), MAPI_E_NO_ACCESS);
    expect_last_release(stream);
    assert_hr(HrGetOneProp((IMAPIProp *)data, PR_SUBJECT_W, &subject), S_OK);
    cr_expect_eq(subject->Value.lpszW[0], u's');
    MAPIFreeBuffer(subject);
}

Test(prop_data, single_properties_can_be_read_only) /* UTL-117 UTL-119 */
{
    expect_hr(set_access(PR_IMPORTANCE, IPROP_READONLY), S_OK);
    expect_hr(set(PR_IMPORTANCE, 5), MAPI_E_NO_ACCESS);
    expect_hr(set(PR_PRIORITY, 5), S_OK);
    cr_expect_eq(get_access(PR_IMPORTANCE) & (IPROP_READONLY | IPROP_READWRITE), IPROP_READONLY);
    cr_expect_eq(get_access(PR_PRIORITY) & (IPROP_READONLY | IPROP_READWRITE), IPROP_READWRITE);
    expect_hr(set_access(PR_IMPORTANCE, IPROP_READONLY | IPROP_READWRITE),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(set_access(PR_IMPORTANCE, IPROP_CLEAN | IPROP_DIRTY), MAPI_E_INVALID_PARAMETER);
    expect_hr(set_access(PR_IMPORTANCE, IPROP_READWRITE), S_OK);
    expect_hr(set(PR_IMPORTANCE, 5), S_OK);
}

Test(prop_data, what_changed_is_marked) /* UTL-121 */
{
    cr_expect(get_access(PR_IMPORTANCE) & IPROP_DIRTY);
    expect_hr(set_access(PR_IMPORTANCE, IPROP_CLEAN), S_OK);
    cr_expect_eq(get_access(PR_IMPORTANCE), IPROP_READWRITE | IPROP_CLEAN);
    expect_hr(set(PR_IMPORTANCE, 4), S_OK);
    cr_expect(get_access(PR_IMPORTANCE) & IPROP_DIRTY);
    assert_hr(IPropData_SaveChanges(data, KEEP_OPEN_READWRITE), S_OK);
    cr_expect(get_access(PR_IMPORTANCE) & IPROP_DIRTY);
    delete (PR_IMPORTANCE);
    cr_expect_eq(get_access(PR_IMPORTANCE), 0);
    cr_expect_eq(get_access(PR_SENSITIVITY), 0);
}

Test(prop_data, all_means_the_deleted_ones_too) /* UTL-120 */
{
    SPropTagArray *tags = NULL;
    ULONG *access;

    delete (PR_SUBJECT_W);
    assert_hr(IPropData_HrGetPropAccess(data, &tags, &access), S_OK);
    cr_assert_eq(tags->cValues, 2);
    cr_expect_eq(PROP_ID(tags->aulPropTag[0]), PROP_ID(PR_IMPORTANCE));
    cr_expect_eq(PROP_ID(tags->aulPropTag[1]), PROP_ID(PR_SUBJECT_W));
    cr_expect_eq(access[1], 0);
    MAPIFreeBuffer(tags);
    MAPIFreeBuffer(access);
    /* cleaned, they are forgotten */
    expect_hr(set_access(PR_SUBJECT_W, IPROP_CLEAN), S_OK);
    tags = NULL;
    assert_hr(IPropData_HrGetPropAccess(data, &tags, &access), S_OK);
    cr_expect_eq(tags->cValues, 1);
    MAPIFreeBuffer(tags);
    MAPIFreeBuffer(access);
}

Test(prop_data, what_is_deleted_can_be_set_anew) /* UTL-121 */
{
    SizedSPropTagArray(1, object) = {1, {PROP_TAG(PT_OBJECT, 0x6700)}};
    SizedSPropTagArray(2, tags) = {2, {PR_IMPORTANCE, PROP_TAG(PT_OBJECT, 0x6700)}};
    ULONG access[2] = {IPROP_READONLY, IPROP_READONLY};

    assert_hr(IPropData_HrAddObjProps(data, (SPropTagArray *)&object, NULL), S_OK);
    assert_hr(IPropData_DeleteProps(data, (SPropTagArray *)&tags, NULL), S_OK);
    /* There is nothing to be marked. */
    assert_hr(IPropData_HrSetPropAccess(data, (SPropTagArray *)&tags, access), S_OK);
    expect_hr(set(PR_IMPORTANCE, 2), S_OK);
    expect_hr(set(PROP_TAG(PT_LONG, 0x6700), 2), S_OK); /* no longer an object */
    cr_expect(FPropExists((IMAPIProp *)data, PROP_TAG(PT_LONG, 0x6700)));
}

Test(prop_data, a_stream_on_an_objects_number_writes_nothing) /* STO-265 */
{
    SizedSPropTagArray(1, tags) = {1, {PROP_TAG(PT_OBJECT, 0x6700)}};
    IStream *stream;

    assert_hr(IPropData_HrAddObjProps(data, (SPropTagArray *)&tags, NULL), S_OK);
    assert_hr(IPropData_OpenProperty(data, PROP_TAG(PT_BINARY, 0x6700), &IID_IStream,
                                     STGM_READWRITE, MAPI_CREATE | MAPI_MODIFY,
                                     (IUnknown **)&stream),
              S_OK);
    expect_hr(IStream_Commit(stream, STGC_DEFAULT), MAPI_E_NO_ACCESS); /* as SetProps says */
    IStream_Release(stream);
    cr_expect(!FPropExists((IMAPIProp *)data, PROP_TAG(PT_BINARY, 0x6700)));
}

Test(prop_data, more_tags_than_can_be_are_refused) /* UTL-120 */
{
    SizedSPropTagArray(1, tags) = {ARGUMENT_COUNT_MAX + 1, {PR_IMPORTANCE}};
    SPropTagArray *asked = (SPropTagArray *)&tags;
    ULONG *access;

    expect_hr(IPropData_HrGetPropAccess(data, &asked, &access), MAPI_E_INVALID_PARAMETER);
    cr_expect_null(access);
    cr_expect_eq(asked, (SPropTagArray *)&tags);
}

Test(prop_data, objects_are_listed) /* UTL-113 UTL-115 UTL-116 */
{
    SizedSPropTagArray(2, some) = {
        2, {PR_MESSAGE_ATTACHMENTS, CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_OBJECT)}};
    SizedSPropTagArray(1, wrong) = {1, {PR_SUBJECT_W}};
    SPropProblemArray *problems;
    SPropTagArray *tags;
    bool listed = false;

    expect_hr(IPropData_HrAddObjProps(data, (SPropTagArray *)&wrong, NULL), MAPI_E_INVALID_TYPE);
    expect_hr(IPropData_HrAddObjProps(data, (SPropTagArray *)&some, &problems),
              MAPI_W_PARTIAL_COMPLETION);
    cr_assert_not_null(problems);
    cr_expect_eq(problems->cProblem, 1);
    cr_expect_eq(problems->aProblem[0].ulIndex, 1);
    MAPIFreeBuffer(problems);
    assert_hr(IPropData_GetPropList(data, MAPI_UNICODE, &tags), S_OK);
    for (ULONG i = 0; i < tags->cValues; i++)
        listed |= tags->aulPropTag[i] == PR_MESSAGE_ATTACHMENTS;
    cr_expect(listed);
    MAPIFreeBuffer(tags);
    some.aulPropTag[1] = PR_MESSAGE_RECIPIENTS;
    expect_hr(IPropData_HrAddObjProps(data, (SPropTagArray *)&some, &problems), S_OK);
    cr_expect_null(problems);
}
