/* tests/mapi/test_propval.c - every property type, walked */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/propval.h"
#include "mapi/text.h"
#include "support/com.h"

#define TAG(type) PROP_TAG(type, 0x6001)

static short mv_i2[] = {-5, 7};
static LONG mv_long[] = {-70000, 70000};
static float mv_r4[] = {-1.5f, 2.25f};
static double mv_r8[] = {-1e100, 1e-100};
static CURRENCY mv_cur[] = {{.int64 = -10000}, {.int64 = 25000}};
static LARGE_INTEGER mv_i8[] = {{.QuadPart = -1}, {.QuadPart = 1ll << 40}};
static FILETIME mv_time[] = {{1, 2}, {3, 4}};
static char *mv_narrow[] = {"eins", "zwei"};
static WCHAR *mv_wide[] = {(WCHAR *)u"ü", (WCHAR *)u"zwei"};
static GUID guids[] = {{0x01020304, 0x0506, 0x0708, {9, 10, 11, 12, 13, 14, 15, 16}},
                       {0x11121314, 0x1516, 0x1718, {25, 26, 27, 28, 29, 30, 31, 32}}};
static BYTE bytes[] = {0, 255, 1};
static SBinary mv_bin[] = {{3, bytes}, {0, NULL}};

/* One value of each type, and one that is greater. */
static struct pair {
    SPropValue less, more;
} pairs[] = {
    {{.ulPropTag = TAG(PT_I2), .Value.i = -2}, {.ulPropTag = TAG(PT_I2), .Value.i = 1}},
    {{.ulPropTag = TAG(PT_LONG), .Value.l = -2}, {.ulPropTag = TAG(PT_LONG), .Value.l = 1}},
    {{.ulPropTag = TAG(PT_R4), .Value.flt = -2}, {.ulPropTag = TAG(PT_R4), .Value.flt = 1}},
    {{.ulPropTag = TAG(PT_DOUBLE), .Value.dbl = -2}, {.ulPropTag = TAG(PT_DOUBLE), .Value.dbl = 1}},
    {{.ulPropTag = TAG(PT_CURRENCY), .Value.cur.int64 = -2},
     {.ulPropTag = TAG(PT_CURRENCY), .Value.cur.int64 = 1}},
    {{.ulPropTag = TAG(PT_APPTIME), .Value.at = -2}, {.ulPropTag = TAG(PT_APPTIME), .Value.at = 1}},
    {{.ulPropTag = TAG(PT_ERROR), .Value.err = -2}, {.ulPropTag = TAG(PT_ERROR), .Value.err = 1}},
    {{.ulPropTag = TAG(PT_BOOLEAN), .Value.b = 0}, {.ulPropTag = TAG(PT_BOOLEAN), .Value.b = 1}},
    {{.ulPropTag = TAG(PT_I8), .Value.li.QuadPart = -2},
     {.ulPropTag = TAG(PT_I8), .Value.li.QuadPart = 1}},
    {{.ulPropTag = TAG(PT_STRING8), .Value.lpszA = "abc"},
     {.ulPropTag = TAG(PT_STRING8), .Value.lpszA = "abd"}},
    {{.ulPropTag = TAG(PT_UNICODE), .Value.lpszW = (WCHAR *)u"abü"},
     {.ulPropTag = TAG(PT_UNICODE), .Value.lpszW = (WCHAR *)u"abý"}},
    {{.ulPropTag = TAG(PT_SYSTIME), .Value.ft = {0xFFFFFFFF, 1}},
     {.ulPropTag = TAG(PT_SYSTIME), .Value.ft = {0, 2}}},
    {{.ulPropTag = TAG(PT_CLSID), .Value.lpguid = &guids[0]},
     {.ulPropTag = TAG(PT_CLSID), .Value.lpguid = &guids[1]}},
    {{.ulPropTag = TAG(PT_BINARY), .Value.bin = {2, bytes}},
     {.ulPropTag = TAG(PT_BINARY), .Value.bin = {3, bytes}}},
    {{.ulPropTag = TAG(PT_SVREID), .Value.bin = {1, bytes}},
     {.ulPropTag = TAG(PT_SVREID), .Value.bin = {3, bytes}}},
    {{.ulPropTag = TAG(PT_MV_I2), .Value.MVi = {1, mv_i2}},
     {.ulPropTag = TAG(PT_MV_I2), .Value.MVi = {2, mv_i2}}},
    {{.ulPropTag = TAG(PT_MV_LONG), .Value.MVl = {2, mv_long}},
     {.ulPropTag = TAG(PT_MV_LONG), .Value.MVl = {1, mv_long + 1}}},
    {{.ulPropTag = TAG(PT_MV_R4), .Value.MVflt = {1, mv_r4}},
     {.ulPropTag = TAG(PT_MV_R4), .Value.MVflt = {2, mv_r4}}},
    {{.ulPropTag = TAG(PT_MV_DOUBLE), .Value.MVdbl = {1, mv_r8}},
     {.ulPropTag = TAG(PT_MV_DOUBLE), .Value.MVdbl = {2, mv_r8}}},
    {{.ulPropTag = TAG(PT_MV_CURRENCY), .Value.MVcur = {1, mv_cur}},
     {.ulPropTag = TAG(PT_MV_CURRENCY), .Value.MVcur = {2, mv_cur}}},
    {{.ulPropTag = TAG(PT_MV_APPTIME), .Value.MVat = {1, mv_r8}},
     {.ulPropTag = TAG(PT_MV_APPTIME), .Value.MVat = {2, mv_r8}}},
    {{.ulPropTag = TAG(PT_MV_I8), .Value.MVli = {1, mv_i8}},
     {.ulPropTag = TAG(PT_MV_I8), .Value.MVli = {2, mv_i8}}},
    {{.ulPropTag = TAG(PT_MV_SYSTIME), .Value.MVft = {1, mv_time}},
     {.ulPropTag = TAG(PT_MV_SYSTIME), .Value.MVft = {2, mv_time}}},
    {{.ulPropTag = TAG(PT_MV_STRING8), .Value.MVszA = {1, mv_narrow}},
     {.ulPropTag = TAG(PT_MV_STRING8), .Value.MVszA = {2, mv_narrow}}},
    {{.ulPropTag = TAG(PT_MV_UNICODE), .Value.MVszW = {1, mv_wide}},
     {.ulPropTag = TAG(PT_MV_UNICODE), .Value.MVszW = {2, mv_wide}}},
    {{.ulPropTag = TAG(PT_MV_CLSID), .Value.MVguid = {1, guids}},
     {.ulPropTag = TAG(PT_MV_CLSID), .Value.MVguid = {2, guids}}},
    {{.ulPropTag = TAG(PT_MV_BINARY), .Value.MVbin = {1, mv_bin}},
     {.ulPropTag = TAG(PT_MV_BINARY), .Value.MVbin = {2, mv_bin}}},
};
#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

/* Every type of PRP-001 and its multi-valued form is in the list above. */
Test(propval, knows_every_type) /* PRP-001 PRP-002 */
{
    static const ULONG single[] = {PT_I2,       PT_LONG,    PT_R4,    PT_DOUBLE,
                                   PT_CURRENCY, PT_APPTIME, PT_I8,    PT_STRING8,
                                   PT_UNICODE,  PT_SYSTIME, PT_CLSID, PT_BINARY};
    size_t i, j;
    bool found, found_multi;

    for (i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        found = found_multi = false;
        for (j = 0; j < PAIRS; j++) {
            found |= PROP_TYPE(pairs[j].less.ulPropTag) == single[i];
            found_multi |= PROP_TYPE(pairs[j].less.ulPropTag) == (single[i] | MV_FLAG);
        }
        cr_expect(found && found_multi, "type 0x%04X", single[i]);
        cr_expect(propval_type_is_known(single[i]) && propval_type_is_known(single[i] | MV_FLAG));
    }
    cr_expect(propval_type_is_known(PT_NULL) && propval_type_is_known(PT_OBJECT));
    cr_expect(!propval_type_is_known(PT_UNSPECIFIED) && !propval_type_is_known(0x77));
    cr_expect(!propval_type_is_known(PT_BOOLEAN | MV_FLAG));
}

Test(propval, orders_every_type) /* PRP-004 TBL-065 TBL-088 */
{
    size_t i;

    for (i = 0; i < PAIRS; i++) {
        ULONG type = PROP_TYPE(pairs[i].less.ulPropTag);

        cr_expect(propval_compare(&pairs[i].less, &pairs[i].more, 0) < 0, "type 0x%04X", type);
        cr_expect(propval_compare(&pairs[i].more, &pairs[i].less, 0) > 0, "type 0x%04X", type);
        cr_expect(propval_compare(&pairs[i].less, &pairs[i].less, 0) == 0, "type 0x%04X", type);
        cr_expect(propval_equal(&pairs[i].less, &pairs[i].less), "type 0x%04X", type);
        cr_expect(!propval_equal(&pairs[i].less, &pairs[i].more), "type 0x%04X", type);
    }
}

Test(propval, copies_every_type_deeply) /* MEM-024 MEM-025 UTL-013 UTL-014 */
{
    SPropValue *copy, single;
    size_t i;

    for (i = 0; i < PAIRS; i++) {
        assert_hr(propval_dup(&pairs[i].more, 1, &copy), S_OK);
        cr_expect(propval_equal(copy, &pairs[i].more), "type 0x%04X", PROP_TYPE(copy->ulPropTag));
        if (PROP_TYPE(copy->ulPropTag) & MV_FLAG)
            cr_expect_neq(copy->Value.MVl.lpl, pairs[i].more.Value.MVl.lpl);
        mapi_free(copy);
        copy = mapi_alloc(NULL, 1);
        assert_hr(propval_copy(copy, &single, &pairs[i].more), S_OK);
        cr_expect(propval_equal(&single, &pairs[i].more));
        mapi_free(copy);
    }
    assert_hr(propval_dup((SPropValue *)pairs, 2 * PAIRS, &copy), S_OK);
    for (i = 0; i < 2 * PAIRS; i++)
        cr_expect(propval_equal(&copy[i], &((SPropValue *)pairs)[i]));
    mapi_free(copy);
}

Test(propval, unknown_types_are_not_copied) /* MEM-023 */
{
    SPropValue odd = {.ulPropTag = TAG(0x77)}, *copy, dest = {.ulPropTag = 7};

    expect_hr(propval_dup(&odd, 1, &copy), MAPI_E_NO_SUPPORT);
    expect_hr(propval_copy(NULL, &dest, &odd), MAPI_E_NO_SUPPORT);
    cr_expect_eq(dest.ulPropTag, 7);
}

Test(propval, measures_every_type) /* UTL-019 */
{
    static const struct {
        ULONG type;
        size_t size;
    } sizes[] = {{PT_I2, 2},          {PT_LONG, 4},      {PT_R4, 4},        {PT_DOUBLE, 8},
                 {PT_BOOLEAN, 2},     {PT_I8, 8},        {PT_STRING8, 4},   {PT_UNICODE, 8},
                 {PT_SYSTIME, 8},     {PT_CLSID, 16},    {PT_BINARY, 3},    {PT_MV_I2, 4},
                 {PT_MV_STRING8, 10}, {PT_MV_CLSID, 32}, {PT_MV_BINARY, 3}, {PT_MV_UNICODE, 14}};
    size_t i, j;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (j = 0; j < PAIRS; j++)
            if (PROP_TYPE(pairs[j].more.ulPropTag) == sizes[i].type)
                cr_expect(propval_size(&pairs[j].more) == sizes[i].size, "type 0x%04X: %zu",
                          sizes[i].type, propval_size(&pairs[j].more));
}

Test(propval, survives_the_side_store)
{
    uint8_t *blob;
    size_t size, i, cut;
    SPropValue back, *root;

    for (i = 0; i < 2 * PAIRS; i++) {
        const SPropValue *value = &((SPropValue *)pairs)[i];

        assert_hr(propval_encode(value, &blob, &size), S_OK);
        root = mapi_alloc(NULL, 1);
        assert_hr(propval_decode(root, blob, size, &back), S_OK);
        cr_expect(propval_equal(&back, value), "type 0x%04X", PROP_TYPE(value->ulPropTag));
        for (cut = 0; cut < size; cut++) {
            uint8_t *part = malloc(cut + 1);

            memcpy(part, blob, cut);
            cr_expect(propval_decode(root, part, cut, &back) == MAPI_E_CORRUPT_DATA,
                      "type 0x%04X cut at %zu", PROP_TYPE(value->ulPropTag), cut);
            free(part);
        }
        blob[0] = 2;
        expect_hr(propval_decode(root, blob, size, &back), MAPI_E_CORRUPT_DATA);
        mapi_free(root);
        mapi_free(blob);
    }
}

Test(propval, blob_of_version_1_is_for_ever)
{
    static const uint8_t expected[] = {1, 0x1F, 0x00, 0x01, 0x60, 2, 0, 0, 0, 'a', 0, 0xFC, 0};
    SPropValue value = propval_unicode(TAG(PT_UNICODE), u"aü");
    uint8_t *blob;
    size_t size;

    assert_hr(propval_encode(&value, &blob, &size), S_OK);
    cr_assert_eq(size, sizeof(expected));
    cr_expect_arr_eq(blob, expected, size);
    mapi_free(blob);
}

Test(propval, damaged_blobs_are_refused)
{
    static const uint8_t huge[] = {1, 0x02, 0x11, 0x01, 0x60, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0};
    static const uint8_t zero_inside[] = {1, 0x1E, 0, 1, 0x60, 2, 0, 0, 0, 'a', 0};
    static const uint8_t empty_multi[] = {1, 0x03, 0x10, 0x01, 0x60, 0, 0, 0, 0};
    static const uint8_t trailing[] = {1, 0x03, 0, 1, 0x60, 1, 0, 0, 0, 9};
    SPropValue value, *root = mapi_alloc(NULL, 1);

    expect_hr(propval_decode(root, huge, sizeof(huge), &value), MAPI_E_CORRUPT_DATA);
    expect_hr(propval_decode(root, zero_inside, sizeof(zero_inside), &value), MAPI_E_CORRUPT_DATA);
    expect_hr(propval_decode(root, empty_multi, sizeof(empty_multi), &value), MAPI_E_CORRUPT_DATA);
    expect_hr(propval_decode(root, trailing, sizeof(trailing), &value), MAPI_E_CORRUPT_DATA);
    mapi_free(root);
}

Test(propval, converts_between_widths) /* PRP-006 */
{
    SPropValue *root = mapi_alloc(NULL, 1), value = propval_unicode(TAG(PT_UNICODE), u"Zürich");
    SPropValue multi = {.ulPropTag = TAG(PT_MV_STRING8), .Value.MVszA = {2, mv_narrow}};

    assert_hr(propval_set_width(root, &value, PT_STRING8), S_OK);
    cr_expect_eq(value.ulPropTag, TAG(PT_STRING8));
    cr_expect_str_eq(value.Value.lpszA, "Zürich");
    assert_hr(propval_set_width(root, &multi, PT_MV_UNICODE), S_OK);
    cr_expect(utf16_compare(multi.Value.MVszW.lppszW[1], u"zwei") == 0);
    value = propval_long(TAG(PT_LONG), 5);
    assert_hr(propval_set_width(root, &value, PT_UNICODE), S_OK);
    cr_expect_eq(value.Value.l, 5);
    mapi_free(root);
}

Test(propval, tells_bad_values) /* UTL-087 UTL-088 */
{
    SPropValue bad[] = {
        {.ulPropTag = TAG(0x77)},
        {.ulPropTag = PROP_TAG(PT_LONG, PROP_ID_INVALID)},
        {.ulPropTag = TAG(PT_BOOLEAN), .Value.b = 2},
        {.ulPropTag = TAG(PT_STRING8)},
        {.ulPropTag = TAG(PT_UNICODE)},
        {.ulPropTag = TAG(PT_CLSID)},
        {.ulPropTag = TAG(PT_BINARY), .Value.bin = {1, NULL}},
        {.ulPropTag = TAG(PT_MV_LONG), .Value.MVl = {0, mv_long}},
        {.ulPropTag = TAG(PT_MV_LONG), .Value.MVl = {1, NULL}},
    };
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect(propval_is_bad(&bad[i]), "case %zu", i);
    for (i = 0; i < 2 * PAIRS; i++)
        cr_expect(!propval_is_bad(&((SPropValue *)pairs)[i]), "pair %zu", i / 2);
}
