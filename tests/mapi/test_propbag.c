/* tests/mapi/test_propbag.c - the properties of an object */
#include <criterion/criterion.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propbag.h"
#include "mapi/text.h"
#include "support/com.h"

static HRESULT get_size(void *context, struct arena *scratch, SPropValue *value)
{
    if (*(int *)context < 0)
        return MAPI_E_NOT_FOUND;
    value->Value.l = *(int *)context;
    return S_OK;
}

static HRESULT get_name(void *context, struct arena *scratch, SPropValue *value)
{
    value->Value.lpszW = arena_utf16(scratch, "größe", strlen("größe"));
    return S_OK;
}

static const struct prop_getter getters[] = {
    {PR_MESSAGE_SIZE, get_size, 0},
    {PR_DISPLAY_NAME_W, get_name, 0},
    {PR_BODY_W, NULL, 0},
    {PR_DEPTH, get_size, PROP_HIDDEN},
};

static struct propbag bag;
static int size;

static void setup(void)
{
    propbag_init(&bag, getters, 4, &size);
    size = 42;
}

static void teardown(void)
{
    propbag_clear(&bag);
}

TestSuite(propbag, .init = setup, .fini = teardown);

Test(propbag, sets_gets_and_deletes_by_id) /* STO-254 */
{
    SPropValue value = propval_long(PROP_TAG(PT_LONG, 0x6001), 7), got;
    struct arena scratch = {0};

    assert_hr(propbag_set(&bag, &value), S_OK);
    assert_hr(propbag_get(&bag, PROP_TAG(PT_UNSPECIFIED, 0x6001), 0, &scratch, &got), S_OK);
    cr_expect_eq(got.Value.l, 7);
    value = propval_unicode(PROP_TAG(PT_UNICODE, 0x6001), u"other type");
    assert_hr(propbag_set(&bag, &value), S_OK);
    expect_hr(propbag_get(&bag, PROP_TAG(PT_LONG, 0x6001), 0, &scratch, &got), MAPI_E_NOT_FOUND);
    cr_expect_eq(bag.count, 1);
    assert_hr(propbag_delete(&bag, PROP_TAG(PT_NULL, 0x6001)), S_OK);
    expect_hr(propbag_delete(&bag, PROP_TAG(PT_NULL, 0x6001)), MAPI_E_NOT_FOUND);
    cr_expect_null(propbag_find(&bag, PROP_TAG(0, 0x6001)));
    arena_clear(&scratch);
}

Test(propbag, gives_strings_in_the_width_asked_for) /* STO-245 STO-246 PRP-006 */
{
    SPropValue value = {.ulPropTag = PROP_TAG(PT_STRING8, 0x6001), .Value.lpszA = "ä"}, got;
    struct arena scratch = {0};

    assert_hr(propbag_set(&bag, &value), S_OK);
    assert_hr(propbag_get(&bag, PROP_TAG(PT_UNICODE, 0x6001), 0, &scratch, &got), S_OK);
    cr_expect(utf16_compare(got.Value.lpszW, u"ä") == 0);
    assert_hr(propbag_get(&bag, PROP_TAG(PT_UNSPECIFIED, 0x6001), 0, &scratch, &got), S_OK);
    cr_expect_eq(PROP_TYPE(got.ulPropTag), PT_STRING8);
    cr_expect_str_eq(got.Value.lpszA, "ä");
    assert_hr(propbag_get(&bag, PROP_TAG(0, 0x6001), MAPI_UNICODE, &scratch, &got), S_OK);
    cr_expect_eq(PROP_TYPE(got.ulPropTag), PT_UNICODE);
    arena_clear(&scratch);
}

Test(propbag, computed_properties_are_read_only)
{
    SPropValue value = propval_long(PR_MESSAGE_SIZE, 1), got;
    struct arena scratch = {0};

    expect_hr(propbag_set(&bag, &value), MAPI_E_COMPUTED);
    expect_hr(propbag_delete(&bag, PR_MESSAGE_SIZE), MAPI_E_COMPUTED);
    assert_hr(propbag_get(&bag, PR_MESSAGE_SIZE, 0, &scratch, &got), S_OK);
    cr_expect_eq(got.Value.l, 42);
    assert_hr(propbag_get(&bag, PR_DISPLAY_NAME_A, 0, &scratch, &got), S_OK);
    cr_expect_str_eq(got.Value.lpszA, "größe");
    expect_hr(propbag_get(&bag, PR_BODY_W, 0, &scratch, &got), MAPI_E_NOT_ENOUGH_MEMORY);
    arena_clear(&scratch);
}

Test(propbag, lists_what_has_a_value) /* STO-249 */
{
    SPropValue value = propval_unicode(PR_SUBJECT_W, u"s");
    SPropTagArray *tags;

    propbag_set(&bag, &value);
    propbag_load(&bag, &(SPropValue){.ulPropTag = PR_ATTACH_DATA_OBJ}, PROP_OBJECT);
    propbag_load(&bag, &(SPropValue){.ulPropTag = PR_ACCESS}, PROP_HIDDEN);
    size = -1;
    assert_hr(propbag_list(&bag, 0, &tags), S_OK);
    cr_assert_eq(tags->cValues, 4);
    cr_expect_eq(tags->aulPropTag[0], PR_SUBJECT_A);
    cr_expect_eq(tags->aulPropTag[1], PR_ATTACH_DATA_OBJ);
    cr_expect_eq(tags->aulPropTag[2], PR_DISPLAY_NAME_A);
    cr_expect_eq(tags->aulPropTag[3], PR_BODY_A);
    mapi_free(tags);
}

Test(propbag, get_props_keeps_the_order_and_tells_errors) /* STO-240 STO-243 STO-244 STO-248 */
{
    SizedSPropTagArray(5, tags) = {
        5, {PR_SENDER_NAME_W, PR_MESSAGE_SIZE, PR_NULL, PR_SUBJECT_W, PR_BODY_W}};
    SPropValue value = propval_unicode(PR_SUBJECT_W, u"more than ten bytes"), *values;
    ULONG count;

    propbag_set(&bag, &value);
    expect_hr(propbag_get_props(&bag, (SPropTagArray *)&tags, 0, 10, &count, &values),
              MAPI_W_ERRORS_RETURNED);
    cr_assert_eq(count, 5);
    cr_expect_eq(values[0].ulPropTag, CHANGE_PROP_TYPE(PR_SENDER_NAME_W, PT_ERROR));
    cr_expect_eq(values[0].Value.err, MAPI_E_NOT_FOUND);
    cr_expect_eq(values[1].Value.l, 42);
    cr_expect_eq(values[2].ulPropTag, PR_NULL);
    cr_expect_eq(values[3].Value.err, MAPI_E_NOT_ENOUGH_MEMORY);
    cr_expect_eq(values[4].Value.err, MAPI_E_NOT_ENOUGH_MEMORY);
    mapi_free(values);
}

Test(propbag, marks_what_changed)
{
    SPropValue value = propval_long(PR_IMPORTANCE, 1);

    assert_hr(propbag_load(&bag, &value, 0), S_OK);
    cr_expect(!propbag_is_dirty(&bag));
    propbag_set(&bag, &value); /* the same value is no change */
    cr_expect(!propbag_is_dirty(&bag));
    value.Value.l = 2;
    propbag_set(&bag, &value);
    cr_assert_not_null(propbag_dirty(&bag, 0));
    cr_expect_eq(propbag_dirty(&bag, 0)->value->Value.l, 2);
    cr_expect_null(propbag_dirty(&bag, 1));
    propbag_clean(&bag);
    cr_expect(!propbag_is_dirty(&bag));
    propbag_delete(&bag, PR_IMPORTANCE);
    cr_expect(propbag_dirty(&bag, 0)->attributes & PROP_DELETED);
    propbag_clean(&bag);
    cr_expect_eq(bag.count, 0);
}

Test(propbag, commit_clears_only_what_the_snapshot_took)
{
    SPropValue a = propval_long(PR_IMPORTANCE, 1), b = propval_long(PR_PRIORITY, 1);
    struct propbag snapshot;

    propbag_set(&bag, &a);
    propbag_set(&bag, &b);
    assert_hr(propbag_snapshot(&bag, &snapshot), S_OK);
    b.Value.l = 2;
    propbag_set(&bag, &b); /* while the save was on its way */
    propbag_commit(&bag, &snapshot);
    cr_assert_not_null(propbag_dirty(&bag, 0));
    cr_expect_eq(propbag_dirty(&bag, 0)->value->ulPropTag, PR_PRIORITY);
    cr_expect_null(propbag_dirty(&bag, 1));
    propbag_clear(&snapshot);
}

Test(propbag, any_true_is_true) /* PRP-003 */
{
    SPropValue value = {.ulPropTag = PR_RTF_IN_SYNC, .Value.b = 0xFFFF};

    assert_hr(propbag_set(&bag, &value), S_OK);
    cr_expect_eq(propbag_find(&bag, PR_RTF_IN_SYNC)->Value.b, 1);
}
