/* tests/mapi/test_prop.c - IMAPIProp, object contracts, copying */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/prop_object.h"
#include "mapi/stream.h"
#include "mapi/text.h"
#include "support/com.h"

static struct prop_object *object, *other;
static IMAPIProp *prop, *other_prop;

static void setup(void)
{
    object = prop_object_create(true);
    other = prop_object_create(true);
    other->signature = 1;
    prop = &object->IMAPIProp_iface;
    other_prop = &other->IMAPIProp_iface;
}

static void teardown(void)
{
    UlRelease(prop);
    UlRelease(other_prop);
}

TestSuite(prop, .init = setup, .fini = teardown);

static void set_long(IMAPIProp *at, ULONG tag, LONG number)
{
    SPropValue value = propval_long(tag, number);

    assert_hr(HrSetOneProp(at, &value), S_OK);
}

static void expect_long(IMAPIProp *at, ULONG tag, LONG number)
{
    SPropValue *value = NULL;

    assert_hr(HrGetOneProp(at, tag, &value), S_OK);
    cr_expect(value->Value.l == number, "%d, expected %d", value->Value.l, number);
    MAPIFreeBuffer(value);
}

Test(prop, is_a_whole_com_object) /* MEM-029 MEM-030 MEM-032 */
{
    expect_full_vtable(prop);
    expect_interface(prop, &IID_IUnknown);
    expect_interface(prop, &IID_IMAPIProp);
    expect_no_interface(prop, &IID_IMAPITable);
    EXPECT_REF(prop, 1);
    expect_last_release(prop);
    cr_expect_eq(prop_objects_alive, 1);
    prop = NULL;
}

Test(prop, dead_objects_answer_invalid_object) /* MEM-033 MEM-036 */
{
    SPropTagArray *tags;
    IUnknown *unknown;

    mapi_object_invalidate(&object->object);
    expect_hr(prop->lpVtbl->GetPropList(prop, 0, &tags), MAPI_E_INVALID_OBJECT);
    expect_hr(prop->lpVtbl->SaveChanges(prop, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(prop->lpVtbl->QueryInterface(prop, &IID_IMAPIProp, (void **)&unknown),
              MAPI_E_INVALID_OBJECT);
    expect_interface(prop, &IID_IUnknown); /* identity and counting go on */
    EXPECT_REF(prop, 1);
}

Test(prop, a_childs_life_ends_with_its_owners)
{
    struct mapi_object child = {0};
    static const struct mapi_face faces[] = {{&IID_IUnknown, 0}};
    static const struct mapi_class type = {"child", NULL, faces, 1};

    mapi_object_init(&child, &type, &object->object);
    EXPECT_REF(prop, 2);
    cr_expect(mapi_object_is_alive(&child));
    mapi_object_invalidate(&object->object);
    expect_hr(mapi_object_enter(&child), MAPI_E_INVALID_OBJECT);
    mapi_object_clear(&child);
    EXPECT_REF(prop, 1);
}

Test(prop, last_error_comes_in_both_widths) /* MEM-041 MEM-043 MEM-047 PRP-067 STO-288 */
{
    MAPIERROR *error;

    mapi_object_error(&object->object, MAPI_E_NETWORK_ERROR, "imap.example.org", "refusé: %d", 7);
    assert_hr(prop->lpVtbl->GetLastError(prop, MAPI_E_NETWORK_ERROR, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_eq(error->ulVersion, 0);
    cr_expect_str_eq((char *)error->lpszError, "refusé: 7");
    cr_expect_str_eq((char *)error->lpszComponent, "imap.example.org");
    MAPIFreeBuffer(error);
    assert_hr(prop->lpVtbl->GetLastError(prop, MAPI_E_NETWORK_ERROR, MAPI_UNICODE, &error), S_OK);
    cr_expect(utf16_compare((WCHAR *)error->lpszError, u"refusé: 7") == 0);
    MAPIFreeBuffer(error);
    assert_hr(prop->lpVtbl->GetLastError(prop, MAPI_E_BUSY, 0, &error), S_OK);
    cr_expect_null(error); /* another failure's */
    expect_hr(prop->lpVtbl->GetLastError(prop, MAPI_E_BUSY, 1, &error), MAPI_E_UNKNOWN_FLAGS);
}

Test(prop, get_props_checks_its_arguments) /* STO-241 STO-242 STO-247 */
{
    SizedSPropTagArray(1, none) = {0, {0}};
    SPropValue empty = {.ulPropTag = PROP_TAG(PT_MV_LONG, 0x6001)}, *values = NULL;
    ULONG count;

    expect_hr(prop->lpVtbl->GetProps(prop, (SPropTagArray *)&none, 0, &count, &values),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->GetProps(prop, NULL, 1, &count, &values), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(prop->lpVtbl->GetProps(prop, NULL, 0, NULL, &values), MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->GetProps(prop, NULL, 0, &count, &values), S_OK);
    cr_expect_eq(count, 2);
    MAPIFreeBuffer(values);
    cr_expect_eq(object->loads, 1);
    /* no way in for an empty array: the program's is refused (STO-251), a provider's likewise */
    expect_hr(prop_load_value(&object->props, &empty, 0), MAPI_E_INVALID_PARAMETER);
    expect_hr(HrGetOneProp(prop, empty.ulPropTag, &values), MAPI_E_NOT_FOUND);
}

Test(prop, set_props_tells_each_problem) /* STO-250 STO-252 PRP-009 PRP-010 */
{
    SPropValue values[] = {
        propval_long(PR_IMPORTANCE, 1),
        propval_long(PR_DEPTH, 1),
        propval_binary(PR_ICON, "x", 1),
        {.ulPropTag = PR_NULL},
        {.ulPropTag = CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_ERROR), .Value.err = MAPI_E_NOT_FOUND},
    };
    SPropProblemArray *problems = NULL;

    assert_hr(prop->lpVtbl->SetProps(prop, 5, values, &problems), S_OK);
    cr_assert_not_null(problems);
    cr_assert_eq(problems->cProblem, 2);
    cr_expect_eq(problems->aProblem[0].ulIndex, 1);
    cr_expect_eq(problems->aProblem[0].ulPropTag, PR_DEPTH);
    cr_expect_eq(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    cr_expect_eq(problems->aProblem[1].scode, MAPI_E_NO_ACCESS);
    MAPIFreeBuffer(problems);
    assert_hr(prop->lpVtbl->SetProps(prop, 1, values, &problems), S_OK);
    cr_expect_null(problems);
    assert_hr(prop->lpVtbl->SetProps(prop, 5, values, NULL), S_OK);
    cr_expect_eq(object->changes, 3);
    expect_long(prop, PR_IMPORTANCE, 1);
}

Test(prop, set_props_refuses_what_is_malformed) /* STO-251 */
{
    LONG one = 1;
    SPropValue bad[] = {
        {.ulPropTag = PR_ATTACH_DATA_OBJ},
        {.ulPropTag = PROP_TAG(PT_MV_LONG, 0x6001), .Value.MVl = {0, &one}},
        {.ulPropTag = PR_SUBJECT_W},
    };
    int i;

    for (i = 0; i < 3; i++)
        expect_hr(prop->lpVtbl->SetProps(prop, 1, &bad[i], NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->SetProps(prop, 0, bad, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->SetProps(prop, 1, NULL, NULL), MAPI_E_INVALID_PARAMETER);
}

Test(prop, read_only_objects_stay_as_they_are) /* STO-255 */
{
    struct prop_object *fixed = prop_object_create(false);
    IMAPIProp *iface = &fixed->IMAPIProp_iface;
    SizedSPropTagArray(1, tags) = {1, {PR_IMPORTANCE}};
    SPropValue value = propval_long(PR_IMPORTANCE, 1);
    IStream *stream;

    expect_hr(iface->lpVtbl->SetProps(iface, 1, &value, NULL), MAPI_E_NO_ACCESS);
    expect_hr(iface->lpVtbl->DeleteProps(iface, (SPropTagArray *)&tags, NULL), MAPI_E_NO_ACCESS);
    expect_hr(iface->lpVtbl->SaveChanges(iface, 0), MAPI_E_NO_ACCESS);
    expect_hr(iface->lpVtbl->OpenProperty(iface, PR_SUBJECT_W, &IID_IStream, 0,
                                          MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&stream),
              MAPI_E_NO_ACCESS);
    expect_last_release(iface);
}

Test(prop, deletes_by_id) /* STO-254 */
{
    SizedSPropTagArray(2, tags) = {2, {CHANGE_PROP_TYPE(PR_IMPORTANCE, PT_NULL), PR_DEPTH}};
    SPropProblemArray *problems;

    set_long(prop, PR_IMPORTANCE, 1);
    assert_hr(prop->lpVtbl->DeleteProps(prop, (SPropTagArray *)&tags, &problems), S_OK);
    cr_assert_eq(problems->cProblem, 1);
    cr_expect_eq(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    MAPIFreeBuffer(problems);
    cr_expect(!FPropExists(prop, PR_IMPORTANCE));
    expect_hr(prop->lpVtbl->DeleteProps(prop, NULL, NULL), MAPI_E_INVALID_PARAMETER);
}

Test(prop, save_changes_checks_flags) /* STO-256 */
{
    expect_hr(prop->lpVtbl->SaveChanges(prop, KEEP_OPEN_READWRITE | FORCE_SAVE), S_OK);
    expect_hr(prop->lpVtbl->SaveChanges(prop, 0x08000000), MAPI_E_UNKNOWN_FLAGS);
    cr_expect_eq(object->saves, 1);
}

/* ---- Streams on properties ---- */

static HRESULT open_stream(ULONG tag, ULONG flags, IStream **stream)
{
    return prop->lpVtbl->OpenProperty(prop, tag, &IID_IStream, 0, flags, (IUnknown **)stream);
}

Test(prop, streams_read_and_write_properties) /* STO-263 STO-264 STO-265 STO-266 STO-267 */
{
    IStream *stream = NULL;
    SPropValue *value;
    uint8_t *data;
    size_t size;

    expect_hr(open_stream(PR_BODY_W, 0, &stream), MAPI_E_NOT_FOUND);
    cr_expect_null(stream);
    expect_hr(open_stream(CHANGE_PROP_TYPE(PR_BODY_W, PT_UNSPECIFIED), 0, &stream),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(open_stream(PR_DEPTH, 0, &stream), MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_hr(open_stream(PR_BODY_W, MAPI_CREATE | MAPI_MODIFY, &stream), S_OK);
    expect_full_vtable(stream);
    assert_hr(stream_write_all(stream, u"größe", 10), S_OK);
    assert_hr(stream->lpVtbl->Commit(stream, 0), S_OK);
    expect_last_release(stream);
    assert_hr(HrGetOneProp(prop, PR_BODY_A, &value), S_OK);
    cr_expect_str_eq(value->Value.lpszA, "größe");
    MAPIFreeBuffer(value);

    assert_hr(open_stream(PR_BODY_A, 0, &stream), S_OK);
    expect_hr(stream->lpVtbl->Write(stream, "x", 1, NULL), STG_E_ACCESSDENIED);
    assert_hr(stream_read_all(stream, 100, &data, &size), S_OK);
    cr_expect_eq(size, strlen("größe"));
    cr_expect_arr_eq(data, "größe", size);
    mapi_free(data);
    expect_last_release(stream);
}

Test(prop, create_discards_the_old_value_even_unwritten)
{
    SPropValue value = propval_unicode(PR_BODY_W, u"old"), *now;
    IStream *stream;

    assert_hr(HrSetOneProp(prop, &value), S_OK);
    assert_hr(open_stream(PR_BODY_W, MAPI_CREATE | MAPI_MODIFY, &stream), S_OK);
    expect_last_release(stream);
    assert_hr(HrGetOneProp(prop, PR_BODY_W, &now), S_OK);
    cr_expect_eq(now->Value.lpszW[0], 0);
    MAPIFreeBuffer(now);
}

Test(prop, large_values_are_left_to_streams) /* STO-244 STO-290 PRP-008 */
{
    SPropValue value = {.ulPropTag = PR_BODY_A}, *got = NULL;
    IStream *stream;
    uint8_t *data;
    size_t size;

    value.Value.lpszA = calloc(1, 100001);
    memset(value.Value.lpszA, 'x', 100000);
    assert_hr(HrSetOneProp(prop, &value), S_OK);
    expect_hr(HrGetOneProp(prop, PR_BODY_A, &got), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_hr(open_stream(PR_BODY_A, 0, &stream), S_OK);
    assert_hr(stream_read_all(stream, 1 << 20, &data, &size), S_OK);
    cr_expect_eq(size, 100000);
    mapi_free(data);
    expect_last_release(stream);
    free(value.Value.lpszA);
}

/* ---- Copying ---- */

Test(prop, copies_all_but_what_is_excluded) /* STO-268 STO-273 */
{
    SizedSPropTagArray(1, exclude) = {1, {PR_PRIORITY}};
    SPropProblemArray *problems = NULL;
    ULONG i;

    set_long(prop, PR_IMPORTANCE, 2);
    set_long(prop, PR_PRIORITY, 1);
    assert_hr(prop->lpVtbl->CopyTo(prop, 0, NULL, (SPropTagArray *)&exclude, 0, NULL,
                                   &IID_IMAPIProp, other_prop, 0, &problems),
              S_OK);
    expect_long(other_prop, PR_IMPORTANCE, 2);
    cr_expect(!FPropExists(other_prop, PR_PRIORITY));
    cr_assert_not_null(problems); /* the computed ones */
    for (i = 0; i < problems->cProblem; i++)
        cr_expect_eq(problems->aProblem[i].scode, MAPI_E_COMPUTED);
    MAPIFreeBuffer(problems);
}

Test(prop, copies_what_is_listed) /* STO-274 */
{
    SizedSPropTagArray(2, include) = {2, {PR_SUBJECT_W, PR_IMPORTANCE}};
    SizedSPropTagArray(1, null_tag) = {1, {PR_NULL}};
    SPropProblemArray *problems = NULL;

    set_long(prop, PR_IMPORTANCE, 2);
    set_long(prop, PR_PRIORITY, 1);
    assert_hr(prop->lpVtbl->CopyProps(prop, (SPropTagArray *)&include, 0, NULL, &IID_IMAPIProp,
                                      other_prop, 0, &problems),
              S_OK);
    cr_assert_not_null(problems);
    cr_expect_eq(problems->cProblem, 1);
    cr_expect_eq(problems->aProblem[0].ulIndex, 0);
    cr_expect_eq(problems->aProblem[0].scode, MAPI_E_NOT_FOUND);
    MAPIFreeBuffer(problems);
    expect_long(other_prop, PR_IMPORTANCE, 2);
    cr_expect(!FPropExists(other_prop, PR_PRIORITY));
    expect_hr(prop->lpVtbl->CopyProps(prop, NULL, 0, NULL, &IID_IMAPIProp, other_prop, 0, NULL),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->CopyProps(prop, (SPropTagArray *)&null_tag, 0, NULL, &IID_IMAPIProp,
                                      other_prop, 0, NULL),
              MAPI_E_INVALID_PARAMETER);
}

static HRESULT copy_to(ULONG flags)
{
    return prop->lpVtbl->CopyTo(prop, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, other_prop, flags,
                                NULL);
}

Test(prop, copies_large_values_by_stream)
{
    SPropValue value = propval_binary(PR_HTML, NULL, 0), *got;
    char *bytes = calloc(1, 50000);

    bytes[49999] = 7;
    value = propval_binary(PR_HTML, bytes, 50000);
    assert_hr(HrSetOneProp(prop, &value), S_OK);
    assert_hr(copy_to(0), S_OK);
    assert_hr(prop_dup_value(&other->props, PR_HTML, &got), S_OK);
    cr_expect(propval_equal(got, &value));
    MAPIFreeBuffer(got);
    free(bytes);
}

Test(prop, a_long_multi_value_is_given_for_it_has_no_stream) /* PRP-008 */
{
    SPropValue numbers = {.ulPropTag = PROP_TAG(PT_MV_LONG, 0x6700)}, *value;
    LONG *list = calloc(3000, sizeof(*list));

    list[2999] = 7;
    numbers.Value.MVl.cValues = 3000;
    numbers.Value.MVl.lpl = list;
    assert_hr(HrSetOneProp(prop, &numbers), S_OK);
    assert_hr(copy_to(0), S_OK);
    assert_hr(HrGetOneProp(other_prop, numbers.ulPropTag, &value), S_OK);
    cr_assert_eq(value->Value.MVl.cValues, 3000);
    cr_expect_eq(value->Value.MVl.lpl[2999], 7);
    MAPIFreeBuffer(value);
    free(list);
}

Test(prop, noreplace_keeps_and_move_deletes) /* STO-272 */
{
    set_long(prop, PR_IMPORTANCE, 2);
    set_long(prop, PR_PRIORITY, 1);
    set_long(other_prop, PR_IMPORTANCE, 5);
    assert_hr(copy_to(MAPI_NOREPLACE | MAPI_MOVE), S_OK);
    expect_long(other_prop, PR_IMPORTANCE, 5);
    expect_long(other_prop, PR_PRIORITY, 1);
    cr_expect(FPropExists(prop, PR_IMPORTANCE)); /* was not copied */
    cr_expect(!FPropExists(prop, PR_PRIORITY));
}

Test(prop, a_move_tells_what_the_source_would_not_give_away) /* PRP-009 */
{
    SizedSPropTagArray(3, tags) = {3, {PR_IMPORTANCE, PR_MAPPING_SIGNATURE, PR_IMPORTANCE}};
    SPropProblemArray *problems = NULL;
    IPropData *data;

    assert_hr(CreateIProp(&IID_IMAPIPropData, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer,
                          NULL, &data),
              S_OK);
    set_long(prop, PR_IMPORTANCE, 2);
    assert_hr(prop->lpVtbl->CopyProps(prop, (SPropTagArray *)&tags, 0, NULL, &IID_IMAPIProp, data,
                                      MAPI_MOVE, &problems),
              S_OK);
    cr_expect(FPropExists((IMAPIProp *)data, PR_MAPPING_SIGNATURE));
    cr_expect(!FPropExists(prop, PR_IMPORTANCE)); /* listed twice, gone once */
    cr_assert_not_null(problems);
    cr_assert_eq(problems->cProblem, 1);
    cr_expect_eq(problems->aProblem[0].ulIndex, 1);
    cr_expect_eq(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    MAPIFreeBuffer(problems);
    data->lpVtbl->Release(data);
}

Test(prop, what_is_given_stays_the_callers) /* MEM-009 */
{
    WCHAR *text = malloc(4 * sizeof(*text)); /* by whichever allocator */
    SPropValue *values = calloc(2, sizeof(*values)), *got;
    SPropTagArray *tags = calloc(1, CbNewSPropTagArray(1));
    BYTE bytes[3] = {1, 2, 3}; /* or none */
    ULONG count;

    memcpy(text, u"abc", 8);
    values[0] = propval_unicode(PR_SUBJECT_W, text);
    values[1] = propval_binary(PR_HTML, bytes, 3);
    assert_hr(prop->lpVtbl->SetProps(prop, 2, values, NULL), S_OK);
    memset(text, 0xFF, 8);
    memset(bytes, 0xFF, 3);
    memset(values, 0xFF, 2 * sizeof(*values));
    free(text);
    free(values);
    tags->cValues = 1;
    tags->aulPropTag[0] = PR_SUBJECT_W;
    assert_hr(prop->lpVtbl->GetProps(prop, tags, 0, &count, &got), S_OK);
    free(tags); /* what came back does not lean on what went in */
    cr_expect_eq(got[0].Value.lpszW[2], 'c');
    MAPIFreeBuffer(got);
    assert_hr(HrGetOneProp(prop, PR_HTML, &got), S_OK);
    cr_expect_arr_eq(got->Value.bin.lpb, ((BYTE[]){1, 2, 3}), 3);
    MAPIFreeBuffer(got);
}

static pthread_t copier;
static int elsewhere;

static void see_thread(void)
{
    elsewhere += !pthread_equal(copier, pthread_self());
}

Test(prop, a_destination_is_used_on_the_callers_thread_alone) /* MEM-052 */
{
    char *bytes = calloc(1, 50000);
    SPropValue large = propval_binary(PR_HTML, bytes, 50000);

    copier = pthread_self();
    other->watch = see_thread;
    set_long(prop, PR_IMPORTANCE, 2);
    assert_hr(HrSetOneProp(prop, &large), S_OK);
    assert_hr(copy_to(0), S_OK);
    assert_hr(other_prop->lpVtbl->SaveChanges(other_prop, 0), S_OK);
    cr_expect(other->changes > 0 && other->saves > 0);
    cr_expect_eq(elsewhere, 0);
    free(bytes);
}

Test(prop, named_properties_keep_their_names) /* PRP-015 PRP-017 STO-285 */
{
    other->name_base = 0x9000;
    set_long(prop, PROP_TAG(PT_LONG, 0x7BFF), 54); /* has no name */
    set_long(prop, PROP_TAG(PT_LONG, 0x8000), 56);
    set_long(prop, PROP_TAG(PT_LONG, 0x8005), 55);
    assert_hr(copy_to(0), S_OK);
    expect_long(other_prop, PROP_TAG(PT_LONG, 0x7BFF), 54);
    expect_long(other_prop, PROP_TAG(PT_LONG, 0x9000), 56);
    expect_long(other_prop, PROP_TAG(PT_LONG, 0x9005), 55);
    cr_expect(!FPropExists(other_prop, PROP_TAG(PT_LONG, 0x8000)));
    cr_expect(!FPropExists(other_prop, PROP_TAG(PT_LONG, 0x8005)));
    other->signature = object->signature; /* one mapping: numbers mean the same */
    assert_hr(copy_to(0), S_OK);
    expect_long(other_prop, PROP_TAG(PT_LONG, 0x8005), 55);
}

Test(prop, what_has_no_name_does_not_keep_named_properties_back) /* PRP-017 */
{
    SPropProblemArray *problems = NULL;
    ULONG i, told = 0;

    other->name_base = 0x9000;
    set_long(prop, PROP_TAG(PT_LONG, 0x8005), 55);
    set_long(prop, PROP_TAG(PT_LONG, 0x8000 + PROP_OBJECT_NAMES), 56);
    assert_hr(prop->lpVtbl->CopyTo(prop, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, other_prop, 0,
                                   &problems),
              S_OK);
    expect_long(other_prop, PROP_TAG(PT_LONG, 0x9005), 55);
    for (i = 0; i < problems->cProblem; i++)
        told += problems->aProblem[i].scode == MAPI_E_UNEXPECTED_ID;
    cr_expect_eq(told, 1);
    MAPIFreeBuffer(problems);
}

Test(prop, destinations_without_names_get_a_problem) /* STO-284 */
{
    SPropProblemArray *problems = NULL;
    bool told = false;
    ULONG i;

    other->with_names = false;
    set_long(prop, PROP_TAG(PT_LONG, 0x8005), 55);
    set_long(prop, PR_IMPORTANCE, 2);
    assert_hr(prop->lpVtbl->CopyTo(prop, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, other_prop, 0,
                                   &problems),
              S_OK);
    for (i = 0; i < problems->cProblem; i++)
        told |= problems->aProblem[i].scode == MAPI_E_UNEXPECTED_ID;
    cr_expect(told);
    expect_long(other_prop, PR_IMPORTANCE, 2);
    MAPIFreeBuffer(problems);
}

Test(prop, copying_refuses_bad_arguments) /* STO-269 STO-270 STO-271 */
{
    SizedSPropTagArray(1, none) = {0, {0}};

    expect_hr(prop->lpVtbl->CopyTo(prop, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, prop, 0, NULL),
              MAPI_E_NO_ACCESS);
    expect_hr(prop->lpVtbl->CopyTo(prop, 0, NULL, NULL, 0, NULL, NULL, other_prop, 0, NULL),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->CopyTo(prop, 0, NULL, (SPropTagArray *)&none, 0, NULL, &IID_IMAPIProp,
                                   other_prop, 0, NULL),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->CopyTo(prop, 1, &IID_IMAPIProp, NULL, 0, NULL, &IID_IMAPIProp,
                                   other_prop, 0, NULL),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    expect_hr(copy_to(0x40000000), MAPI_E_UNKNOWN_FLAGS);
}

Test(prop, names_are_checked) /* STO-279 PRP-066 */
{
    MAPINAMEID name = {.lpguid = (GUID *)&IID_IUnknown, .ulKind = MNID_STRING}, *names[] = {&name};
    SPropTagArray *tags;

    expect_hr(prop->lpVtbl->GetIDsFromNames(prop, 1, names, 0, &tags), MAPI_E_INVALID_PARAMETER);
    name.Kind.lpwstrName = (WCHAR *)u"name";
    name.ulKind = 2;
    expect_hr(prop->lpVtbl->GetIDsFromNames(prop, 1, names, 0, &tags), MAPI_E_INVALID_PARAMETER);
    name.ulKind = MNID_ID;
    name.Kind.lID = 5;
    name.lpguid = NULL;
    expect_hr(prop->lpVtbl->GetIDsFromNames(prop, 1, names, 0, &tags), MAPI_E_INVALID_PARAMETER);
    name.lpguid = (GUID *)&IID_IUnknown;
    assert_hr(prop->lpVtbl->GetIDsFromNames(prop, 1, names, MAPI_CREATE, &tags), S_OK);
    MAPIFreeBuffer(tags);
    expect_hr(prop->lpVtbl->GetIDsFromNames(prop, 0, NULL, MAPI_CREATE, &tags),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(prop->lpVtbl->GetIDsFromNames(prop, 1, names, 4, &tags), MAPI_E_UNKNOWN_FLAGS);
}
