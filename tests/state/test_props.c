/* tests/state/test_props.c - property rows and values as bytes */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "state/props.h"
#include "state/value.h"

TestSuite(props, .init = fixture_set_up, .fini = fixture_tear_down);
TestSuite(values);

#define NUMBER UINT64_C(0x000300000005)

static SPropValue *get(uint64_t number, const ULONG *tags, size_t count, size_t *ret_count)
{
    SPropValue *values = NULL;

    assert_ok(state_props_get(mailbox, number, tags, count, NULL, &values, ret_count));
    return values;
}

/* One value of each type that is stored. */
static short shorts[] = {1, -2, 3};
static LONG longs[] = {100000, -7};
static LARGE_INTEGER bigs[] = {{.QuadPart = INT64_C(1) << 60}, {.QuadPart = -1}};
static double doubles[] = {0.5, -2.25};
static GUID guids[] = {{.Data1 = 1, .Data2 = 2}, {.Data1 = 3}};
static char *texts[] = {(char *)"one", (char *)"", (char *)"drei"};
static LPWSTR wides[] = {(LPWSTR)u"\u4e2d\u6587", (LPWSTR)u""};
static BYTE bytes[] = {0, 1, 2, 0xFF};
static SBinary binaries[] = {{4, bytes}, {0, NULL}, {2, bytes}};

#define TAG(type, id) PROP_TAG(type, id)
static SPropValue samples[] = {
    {.ulPropTag = TAG(PT_I2, 0x6601), .Value.i = -5},
    {.ulPropTag = TAG(PT_LONG, 0x6602), .Value.l = -100000},
    {.ulPropTag = TAG(PT_R4, 0x6603), .Value.flt = 1.5f},
    {.ulPropTag = TAG(PT_DOUBLE, 0x6604), .Value.dbl = 1.25},
    {.ulPropTag = TAG(PT_BOOLEAN, 0x6605), .Value.b = 1},
    {.ulPropTag = TAG(PT_I8, 0x6606), .Value.li = {.QuadPart = -3}},
    {.ulPropTag = TAG(PT_SYSTIME, 0x6607), .Value.ft = {1, 2}},
    {.ulPropTag = TAG(PT_CLSID, 0x6608), .Value.lpguid = &guids[0]},
    {.ulPropTag = TAG(PT_STRING8, 0x6609), .Value.lpszA = (char *)"plain"},
    {.ulPropTag = TAG(PT_UNICODE, 0x660A), .Value.lpszW = (LPWSTR)u"Gr\u00fc\u00dfe"},
    {.ulPropTag = TAG(PT_BINARY, 0x660B), .Value.bin = {4, bytes}},
    {.ulPropTag = TAG(PT_BINARY, 0x660C), .Value.bin = {0, NULL}},
    {.ulPropTag = TAG(PT_MV_I2, 0x660D), .Value.MVi = {3, shorts}},
    {.ulPropTag = TAG(PT_MV_LONG, 0x660E), .Value.MVl = {2, longs}},
    {.ulPropTag = TAG(PT_MV_I8, 0x660F), .Value.MVli = {2, bigs}},
    {.ulPropTag = TAG(PT_MV_DOUBLE, 0x6610), .Value.MVdbl = {2, doubles}},
    {.ulPropTag = TAG(PT_MV_CLSID, 0x6611), .Value.MVguid = {2, guids}},
    {.ulPropTag = TAG(PT_MV_STRING8, 0x6612), .Value.MVszA = {3, texts}},
    {.ulPropTag = TAG(PT_MV_UNICODE, 0x6613), .Value.MVszW = {2, wides}},
    {.ulPropTag = TAG(PT_MV_BINARY, 0x6614), .Value.MVbin = {3, binaries}},
    {.ulPropTag = TAG(PT_MV_LONG, 0x6615), .Value.MVl = {0, NULL}},
    {.ulPropTag = TAG(PT_CURRENCY, 0x6616), .Value.cur = {.int64 = 12345}},
    {.ulPropTag = TAG(PT_APPTIME, 0x6617), .Value.at = 2.5},
    {.ulPropTag = TAG(PT_SVREID, 0x6618), .Value.bin = {4, bytes}},
};
#define SAMPLES (sizeof(samples) / sizeof(*samples))

/* Two values are equal if they have the same bytes. */
static void expect_same(const SPropValue *a, const SPropValue *b)
{
    struct value_bytes x = {0}, y = {0};

    cr_expect_eq(a->ulPropTag, b->ulPropTag);
    assert_ok(value_encode(a, &x));
    assert_ok(value_encode(b, &y));
    cr_expect_eq(x.size, y.size, "%08X", (unsigned)a->ulPropTag);
    cr_expect(x.size == y.size && memcmp(x.bytes, y.bytes, x.size) == 0, "%08X",
              (unsigned)a->ulPropTag);
    free(x.bytes);
    free(y.bytes);
}

Test(props, every_type_comes_back_as_it_was)
{
    SPropValue *values;
    size_t count = 0;

    assert_ok(state_props_set(mailbox, NUMBER, samples, SAMPLES, NULL));
    fixture_reopen();
    values = get(NUMBER, NULL, 0, &count);
    cr_assert_eq(count, SAMPLES);
    for (size_t i = 0; i < count; i++)
        expect_same(&values[i], &samples[i]);
    cr_expect_eq(values[0].Value.i, -5);
    cr_expect_eq(values[7].Value.lpguid->Data2, 2);
    cr_expect_str_eq(values[8].Value.lpszA, "plain");
    cr_expect_eq(values[9].Value.lpszW[5], 0);
    cr_expect_eq(values[14].Value.MVli.lpli[1].QuadPart, -1);
    cr_expect_str_eq(values[17].Value.MVszA.lppszA[2], "drei");
    cr_expect_eq(values[19].Value.MVbin.lpbin[2].cb, 2);
    free(values);
}

Test(props, a_tag_of_another_type_replaces_the_row)
{
    SPropValue value = {.ulPropTag = TAG(PT_STRING8, 0x6602), .Value.lpszA = (char *)"text"},
               *values;
    ULONG tag = TAG(PT_UNSPECIFIED, 0x6602);
    size_t count = 0;

    assert_ok(state_props_set(mailbox, NUMBER, samples, SAMPLES, NULL));
    assert_ok(state_props_set(mailbox, NUMBER, &value, 1, NULL));
    values = get(NUMBER, &tag, 1, &count);
    cr_assert_eq(count, 1);
    cr_expect_eq(values[0].ulPropTag, value.ulPropTag);
    free(values);
}

Test(props, what_cannot_be_stored_is_refused_whole)
{
    SPropValue pair[] = {samples[0], {.ulPropTag = TAG(PT_OBJECT, 0x6620)}};
    struct error_info error = {0};
    size_t count = 9;

    expect_hr(state_props_set(mailbox, NUMBER, pair, 2, &error), MAPI_E_INVALID_TYPE);
    cr_expect_not_null(strstr(error.text, "6620000D"));
    get(NUMBER, NULL, 0, &count);
    cr_expect_eq(count, 0);
    pair[1] = (SPropValue){.ulPropTag = TAG(PT_UNICODE, 0x6620)};
    expect_hr(state_props_set(mailbox, NUMBER, pair, 2, NULL), MAPI_E_INVALID_PARAMETER);
}

Test(props, delete_takes_what_is_named_or_all)
{
    ULONG tags[] = {samples[0].ulPropTag, TAG(PT_LONG, 0x7000)};
    size_t count = 0;

    assert_ok(state_props_set(mailbox, NUMBER, samples, 3, NULL));
    assert_ok(state_props_delete(mailbox, NUMBER, tags, 2, NULL));
    free(get(NUMBER, NULL, 0, &count));
    cr_expect_eq(count, 2);
    assert_ok(state_props_delete(mailbox, NUMBER, NULL, 0, NULL));
    get(NUMBER, NULL, 0, &count);
    cr_expect_eq(count, 0);
}

Test(props, a_range_gives_each_object_its_values)
{
    struct state_object_props *objects = NULL;
    ULONG tags[] = {samples[1].ulPropTag, samples[8].ulPropTag};
    size_t count = 0;

    assert_ok(state_props_set(mailbox, NUMBER, samples, SAMPLES, NULL));
    assert_ok(state_props_set(mailbox, NUMBER + 3, samples + 8, 2, NULL));
    assert_ok(state_props_set(mailbox, NUMBER + 4, samples + 3, 1, NULL));
    assert_ok(state_props_set(mailbox, NUMBER + 100, samples, 2, NULL));
    assert_ok(state_props_range(mailbox, NUMBER, NUMBER + 50, tags, 2, NULL, &objects, &count));
    cr_assert_eq(count, 2);
    cr_expect_eq(objects[0].number, NUMBER);
    cr_assert_eq(objects[0].count, 2);
    expect_same(&objects[0].values[0], &samples[1]);
    expect_same(&objects[0].values[1], &samples[8]);
    cr_expect_eq(objects[1].number, NUMBER + 3);
    cr_assert_eq(objects[1].count, 1);
    cr_expect_str_eq(objects[1].values[0].Value.lpszA, "plain");
    free(objects);
}

Test(props, rows_and_match_key_move_together)
{
    struct state_match_key key = {NUMBER, "<1@example.org>", 1234, 1700000000}, *keys = NULL;
    size_t count = 0;

    assert_ok(state_props_set(mailbox, NUMBER, samples, 2, NULL));
    assert_ok(state_props_set(mailbox, NUMBER + 1, samples, 5, NULL));
    assert_ok(state_match_key_set(mailbox, &key, NULL));
    assert_ok(state_match_keys_list(mailbox, NUMBER, NUMBER + 9, NULL, &keys, &count));
    cr_assert_eq(count, 1);
    cr_expect_str_eq(keys[0].message_id, "<1@example.org>");
    free(keys);

    assert_ok(state_props_move(mailbox, NUMBER, NUMBER + 1, NULL));
    get(NUMBER, NULL, 0, &count);
    cr_expect_eq(count, 0);
    free(get(NUMBER + 1, NULL, 0, &count));
    cr_expect_eq(count, 2);
    assert_ok(state_match_keys_list(mailbox, NUMBER, NUMBER + 9, NULL, &keys, &count));
    cr_assert_eq(count, 1);
    cr_expect_eq(keys[0].number, NUMBER + 1);
    cr_expect_eq(keys[0].size, 1234);
    free(keys);
}

/* --- Damaged bytes ---------------------------------------------------------------------------- */

static HRESULT decode(ULONG tag, const void *encoded, size_t size)
{
    struct block block;
    HRESULT hr;
    void *copy = malloc(size ? size : 1); /* exactly as long: the sanitizer sees a read beyond */

    memcpy(copy, encoded, size);
    block_init(&block, sizeof(SPropValue));
    block_add_row(&block);
    hr = value_decode(tag, copy, size, &block, false, 0);
    block_clear(&block);
    free(copy);
    return hr;
}

Test(values, every_cut_of_every_value_is_refused)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct value_bytes value = {0};

        assert_ok(value_encode(&samples[i], &value));
        assert_ok(decode(samples[i].ulPropTag, value.bytes, value.size));
        for (size_t cut = 0; cut < value.size; cut++)
            expect_hr(decode(samples[i].ulPropTag, value.bytes, cut), MAPI_E_CORRUPT_DATA);
        free(value.bytes);
    }
}

Test(values, a_count_beyond_the_bytes_is_refused_before_memory_is_taken)
{
    const uint8_t flood[] = {1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0};
    const uint8_t odd[] = {1, 3, 0, 0, 0, 'a', 0, 'b'};
    const uint8_t version[] = {2, 0, 0, 0, 0};

    expect_hr(decode(TAG(PT_MV_LONG, 1), flood, sizeof(flood)), MAPI_E_CORRUPT_DATA);
    expect_hr(decode(TAG(PT_MV_BINARY, 1), flood, sizeof(flood)), MAPI_E_CORRUPT_DATA);
    expect_hr(decode(TAG(PT_BINARY, 1), flood, sizeof(flood)), MAPI_E_CORRUPT_DATA);
    expect_hr(decode(TAG(PT_UNICODE, 1), odd, sizeof(odd)), MAPI_E_CORRUPT_DATA);
    expect_hr(decode(TAG(PT_LONG, 1), version, sizeof(version)), MAPI_E_CORRUPT_DATA);
    expect_hr(decode(TAG(PT_OBJECT, 1), version, sizeof(version)), MAPI_E_CORRUPT_DATA);
}
