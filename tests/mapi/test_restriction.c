/* tests/mapi/test_restriction.c - every kind of restriction */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "support/com.h"

static WCHAR *colours[] = {(WCHAR *)u"Red", (WCHAR *)u"green"};
static SPropValue row_values[8];

static void setup(void)
{
    row_values[0] = propval_long(PR_MESSAGE_SIZE, -5);
    row_values[1] = propval_unicode(PR_SUBJECT_W, u"Résumé of Work");
    row_values[2] = propval_binary(PR_SEARCH_KEY, "\1\2\3", 3);
    row_values[3] = propval_long(PR_MESSAGE_FLAGS, 5);
    row_values[4] =
        (SPropValue){.ulPropTag = PROP_TAG(PT_MV_UNICODE, 0x6001), .Value.MVszW = {2, colours}};
    row_values[5] = propval_unicode(PR_SENDER_NAME_W, u"ANNA");
    row_values[6] = propval_unicode(PR_DISPLAY_TO_W, u"anna");
    propval_set_error(&row_values[7], PR_BODY_W, MAPI_E_WAIT);
}

TestSuite(restriction, .init = setup);

static HRESULT value_of(void *context, ULONG tag, SPropValue *ret_value)
{
    size_t i;

    for (i = 0; i < 8; i++) {
        if (row_values[i].ulPropTag == tag || (PROP_ID(row_values[i].ulPropTag) == PROP_ID(tag) &&
                                               PROP_TYPE(row_values[i].ulPropTag) == PT_ERROR)) {
            *ret_value = row_values[i];
            return S_OK;
        }
    }
    propval_set_error(ret_value, tag, MAPI_E_NOT_FOUND);
    return S_OK;
}

static HRESULT sub_matches(void *context, ULONG tag, const SRestriction *restriction, bool *ret)
{
    *ret = tag == PR_MESSAGE_RECIPIENTS;
    return S_OK;
}

/* 1: matches, 0: does not, negative: the failure. */
static int64_t match(const SRestriction *restriction)
{
    struct restriction_row row = {value_of, sub_matches, NULL};
    SRestriction *compiled;
    bool matches = false;
    HRESULT hr;

    hr = restriction_compile(restriction, &compiled);
    if (FAILED(hr))
        return hr;
    hr = restriction_match(compiled, &row, &matches);
    mapi_free(compiled);
    return FAILED(hr) ? hr : matches;
}

static SRestriction property(ULONG relop, const SPropValue *value, ULONG tag)
{
    return (SRestriction){.rt = RES_PROPERTY, .res.resProperty = {relop, tag, (SPropValue *)value}};
}

static SRestriction content(ULONG fuzzy, const SPropValue *value, ULONG tag)
{
    return (SRestriction){.rt = RES_CONTENT, .res.resContent = {fuzzy, tag, (SPropValue *)value}};
}

static SRestriction exist(ULONG tag)
{
    return (SRestriction){.rt = RES_EXIST, .res.resExist = {0, tag, 0}};
}

#define EXPECT_MATCH(restriction, expected)                                                        \
    do {                                                                                           \
        SRestriction restriction_ = (restriction);                                                 \
        int64_t got_ = match(&restriction_);                                                       \
        cr_expect(got_ == (expected), "0x%llX", (long long)got_);                                  \
    } while (0)

Test(restriction, compares_with_every_operator) /* TBL-074 PRP-004 */
{
    static const int holds[6][3] = {/* value below, equal to, above the constant */
                                    {1, 0, 0}, {1, 1, 0}, {0, 0, 1},
                                    {0, 1, 1}, {0, 1, 0}, {1, 0, 1}};
    static const LONG constants[] = {7, -5, -9};
    ULONG relop;
    int i;

    for (relop = RELOP_LT; relop <= RELOP_NE; relop++) {
        for (i = 0; i < 3; i++) {
            SPropValue constant = propval_long(PR_MESSAGE_SIZE, constants[i]);

            EXPECT_MATCH(property(relop, &constant, PR_MESSAGE_SIZE), holds[relop][i]);
        }
    }
}

Test(restriction, content_knows_its_levels_and_loosenesses) /* TBL-071 TBL-072 */
{
    SPropValue whole = propval_unicode(PR_SUBJECT_W, u"Résumé of Work");
    SPropValue start = propval_unicode(PR_SUBJECT_W, u"Résumé");
    SPropValue inside = propval_unicode(PR_SUBJECT_W, u"of");
    SPropValue plain = propval_unicode(PR_SUBJECT_W, u"RESUME");
    SPropValue narrow = {.ulPropTag = PR_SUBJECT_A, .Value.lpszA = "Résumé"};

    EXPECT_MATCH(content(FL_FULLSTRING, &whole, PR_SUBJECT_W), 1);
    EXPECT_MATCH(content(FL_FULLSTRING, &start, PR_SUBJECT_W), 0);
    EXPECT_MATCH(content(FL_PREFIX, &start, PR_SUBJECT_W), 1);
    EXPECT_MATCH(content(FL_PREFIX, &inside, PR_SUBJECT_W), 0);
    EXPECT_MATCH(content(FL_SUBSTRING, &inside, PR_SUBJECT_W), 1);
    EXPECT_MATCH(content(FL_PREFIX, &plain, PR_SUBJECT_W), 0);
    EXPECT_MATCH(content(FL_PREFIX | FL_IGNORECASE, &plain, PR_SUBJECT_W), 0);
    EXPECT_MATCH(content(FL_PREFIX | FL_IGNORECASE | FL_IGNORENONSPACE, &plain, PR_SUBJECT_W), 1);
    EXPECT_MATCH(content(FL_PREFIX | FL_LOOSE, &plain, PR_SUBJECT_W), 1);
    EXPECT_MATCH(content(FL_PREFIX, &narrow, PR_SUBJECT_A), 1); /* both widths are one */
    EXPECT_MATCH(content(0x7, &whole, PR_SUBJECT_W), (HRESULT)MAPI_E_TOO_COMPLEX);
}

Test(restriction, content_finds_bytes)
{
    SPropValue part = propval_binary(PR_SEARCH_KEY, "\2\3", 2);

    EXPECT_MATCH(content(FL_SUBSTRING, &part, PR_SEARCH_KEY), 1);
    EXPECT_MATCH(content(FL_SUBSTRING | FL_IGNORECASE, &part, PR_SEARCH_KEY), 1);
    EXPECT_MATCH(content(FL_PREFIX, &part, PR_SEARCH_KEY), 0);
}

Test(restriction, joins_and_negates) /* TBL-068 TBL-069 TBL-070 */
{
    SRestriction yes_no[] = {exist(PR_SUBJECT_W), exist(PR_SENDER_EMAIL_ADDRESS_W)};
    SRestriction both = {.rt = RES_AND, .res.resAnd = {2, yes_no}};
    SRestriction either = {.rt = RES_OR, .res.resOr = {2, yes_no}};
    SRestriction neither = {.rt = RES_NOT, .res.resNot = {0, &either}};
    SRestriction all_of_none = {.rt = RES_AND}, any_of_none = {.rt = RES_OR};

    EXPECT_MATCH(both, 0);
    EXPECT_MATCH(either, 1);
    EXPECT_MATCH(neither, 0);
    EXPECT_MATCH(all_of_none, 1);
    EXPECT_MATCH(any_of_none, 0);
}

Test(restriction, knows_bits_sizes_and_existence) /* TBL-078 TBL-079 TBL-080 */
{
    SRestriction bits = {.rt = RES_BITMASK, .res.resBitMask = {BMR_NEZ, PR_MESSAGE_FLAGS, 4}};
    SRestriction size = {.rt = RES_SIZE, .res.resSize = {RELOP_EQ, PR_SEARCH_KEY, 3}};

    EXPECT_MATCH(bits, 1);
    bits.res.resBitMask.relBMR = BMR_EQZ;
    EXPECT_MATCH(bits, 0);
    bits.res.resBitMask.ulMask = 2;
    EXPECT_MATCH(bits, 1);
    bits.res.resBitMask.ulPropTag = PR_SUBJECT_W;
    EXPECT_MATCH(bits, (HRESULT)MAPI_E_TOO_COMPLEX);
    EXPECT_MATCH(size, 1);
    size.res.resSize.relop = RELOP_GT;
    EXPECT_MATCH(size, 0);
    EXPECT_MATCH(exist(PR_SUBJECT_A), 1);
    EXPECT_MATCH(exist(PR_SENDER_EMAIL_ADDRESS_W), 0);
    EXPECT_MATCH(exist(PR_MESSAGE_ATTACHMENTS), (HRESULT)MAPI_E_TOO_COMPLEX); /* an object */
}

Test(restriction, compares_two_properties) /* TBL-077 */
{
    SRestriction same = {.rt = RES_COMPAREPROPS,
                         .res.resCompareProps = {RELOP_EQ, PR_SENDER_NAME_W, PR_DISPLAY_TO_W}};

    EXPECT_MATCH(same, 1); /* without regard to case */
    same.res.resCompareProps.relop = RELOP_NE;
    EXPECT_MATCH(same, 0);
    same.res.resCompareProps.ulPropTag2 = PR_MESSAGE_SIZE;
    EXPECT_MATCH(same, (HRESULT)MAPI_E_TOO_COMPLEX);
}

Test(restriction, asks_subobjects_and_ignores_comments) /* TBL-081 TBL-082 */
{
    SRestriction inner = exist(PR_SUBJECT_W);
    SRestriction sub = {.rt = RES_SUBRESTRICTION, .res.resSub = {PR_MESSAGE_RECIPIENTS, &inner}};
    SPropValue note = propval_long(PR_DEPTH, 1);
    SRestriction comment = {.rt = RES_COMMENT, .res.resComment = {1, &inner, &note}};

    EXPECT_MATCH(sub, 1);
    sub.res.resSub.ulSubObject = PR_MESSAGE_ATTACHMENTS;
    EXPECT_MATCH(sub, 0);
    EXPECT_MATCH(comment, 1);
    comment.res.resComment.lpRes = NULL;
    EXPECT_MATCH(comment, 1);
}

Test(restriction, any_of_several_values_may_match) /* TBL-076 TBL-065 */
{
    ULONG tag = PROP_TAG(PT_MV_UNICODE, 0x6001);
    SPropValue red = propval_unicode(PROP_TAG(PT_UNICODE, 0x6001), u"RED");
    SPropValue blue = propval_unicode(PROP_TAG(PT_UNICODE, 0x6001), u"blue");
    SPropValue part = propval_unicode(PROP_TAG(PT_UNICODE, 0x6001), u"ree");
    SPropValue both = row_values[4];

    EXPECT_MATCH(property(RELOP_EQ, &red, tag), 1);
    EXPECT_MATCH(property(RELOP_EQ, &blue, tag), 0);
    EXPECT_MATCH(content(FL_SUBSTRING, &part, tag), 1);
    EXPECT_MATCH(property(RELOP_EQ, &both, tag), 1);
    both.Value.MVszW.cValues = 1; /* the shorter one counts as less */
    EXPECT_MATCH(property(RELOP_GT, &both, tag), 1);
}

Test(restriction, absent_properties_match_nothing) /* TBL-084 TBL-085 */
{
    SPropValue constant = propval_long(PR_PRIORITY, 0);
    ULONG relop;

    for (relop = RELOP_LT; relop <= RELOP_NE; relop++)
        EXPECT_MATCH(property(relop, &constant, PR_PRIORITY), 0);
}

Test(restriction, unprepared_values_are_told)
{
    SPropValue text = propval_unicode(PR_BODY_W, u"x");

    EXPECT_MATCH(content(FL_SUBSTRING, &text, PR_BODY_W), (HRESULT)MAPI_E_WAIT);
}

Test(restriction, malformed_and_endless_ones_are_refused) /* TBL-073 TBL-075 */
{
    SRestriction deep[100] = {0}, loop = {.rt = RES_NOT}, odd = {.rt = 77};
    SPropValue text = propval_unicode(PR_SUBJECT_W, u"x");
    SPropValue bytes = propval_binary(PR_SEARCH_KEY, "x", 1);
    int i;

    for (i = 0; i < 99; i++)
        deep[i] = (SRestriction){.rt = RES_NOT, .res.resNot = {0, &deep[i + 1]}};
    deep[99] = exist(PR_SUBJECT_W);
    EXPECT_MATCH(deep[0], (HRESULT)MAPI_E_TOO_COMPLEX);
    EXPECT_MATCH(loop, (HRESULT)MAPI_E_INVALID_PARAMETER);
    loop.res.resNot.lpRes = &loop;
    EXPECT_MATCH(loop, (HRESULT)MAPI_E_TOO_COMPLEX);
    EXPECT_MATCH(odd, (HRESULT)MAPI_E_TOO_COMPLEX);
    EXPECT_MATCH(property(RELOP_EQ, NULL, PR_SUBJECT_W), (HRESULT)MAPI_E_INVALID_PARAMETER);
    EXPECT_MATCH(property(RELOP_EQ, &text, PR_MESSAGE_SIZE), (HRESULT)MAPI_E_TOO_COMPLEX);
    EXPECT_MATCH(content(FL_PREFIX, &bytes, PR_SUBJECT_W), (HRESULT)MAPI_E_TOO_COMPLEX);
    EXPECT_MATCH(content(FL_PREFIX, &text, PR_SEARCH_KEY), (HRESULT)MAPI_E_TOO_COMPLEX);
    EXPECT_MATCH(property(RELOP_RE, &text, PR_SUBJECT_W), (HRESULT)MAPI_E_TOO_COMPLEX);
}

Test(restriction, copies_are_deep_and_list_their_tags)
{
    SPropValue *text = mapi_alloc(NULL, sizeof(*text));
    SRestriction parts[] = {property(RELOP_EQ, text, PR_SUBJECT_A), exist(PR_SUBJECT_W),
                            exist(PR_MESSAGE_SIZE)};
    SRestriction all = {.rt = RES_AND, .res.resAnd = {3, parts}}, *copy;
    ULONG *tags;
    size_t count;

    *text = (SPropValue){.ulPropTag = PR_SUBJECT_A, .Value.lpszA = "anna"};
    assert_hr(restriction_compile(&all, &copy), S_OK);
    mapi_free(text);
    memset(parts, 0xEE, sizeof(parts));
    cr_expect_eq(copy->res.resAnd.lpRes[0].res.resProperty.lpProp->ulPropTag, PR_SUBJECT_W);
    assert_hr(restriction_tags(copy, &tags, &count), S_OK);
    cr_assert_eq(count, 2);
    cr_expect_eq(tags[0], PR_SUBJECT_W);
    free(tags);
    mapi_free(copy);
}

static HRESULT count_nodes(void *arg, SRestriction *node)
{
    unsigned *counted = arg;

    ++*counted;
    return node->rt == RES_NOT ? S_FALSE : S_OK;
}

Test(restriction, a_walk_visits_all_parts_but_those_that_are_left_out)
{
    SRestriction inner = exist(PR_SUBJECT_W), left_out = {.rt = RES_NOT, .res.resNot = {0, &inner}};
    SRestriction sub = {.rt = RES_SUBRESTRICTION, .res.resSub = {PR_MESSAGE_RECIPIENTS, &inner}};
    SRestriction parts[] = {left_out, sub, {.rt = RES_COMMENT}};
    SRestriction all = {.rt = RES_AND, .res.resAnd = {3, parts}};
    unsigned counted = 0;

    parts[2].res.resComment.lpRes = &inner;
    assert_hr(restriction_walk(&all, count_nodes, &counted), S_OK);
    cr_expect_eq(counted, 6); /* all, NOT, SUB and its part, COMMENT and its part */
}

Test(restriction, all_strings_get_the_width_that_is_asked_for)
{
    SPropValue wide = propval_unicode(PR_SUBJECT_W, u"anna"),
               size = propval_long(PR_MESSAGE_SIZE, 1);
    SRestriction parts[] = {property(RELOP_EQ, &wide, PR_SUBJECT_W), exist(PR_SUBJECT_W),
                            property(RELOP_EQ, &size, PR_MESSAGE_SIZE)};
    SRestriction all = {.rt = RES_AND, .res.resAnd = {3, parts}}, *copy;
    const SRestriction *got;

    assert_hr(restriction_copy(NULL, &all, &copy), S_OK);
    assert_hr(restriction_set_width(copy, copy, PT_STRING8), S_OK);
    got = copy->res.resAnd.lpRes;
    cr_expect_eq(got[0].res.resProperty.ulPropTag, PR_SUBJECT_A);
    cr_expect_str_eq(got[0].res.resProperty.lpProp->Value.lpszA, "anna");
    cr_expect_eq(got[1].res.resExist.ulPropTag, PR_SUBJECT_A);
    cr_expect_eq(got[2].res.resProperty.ulPropTag, PR_MESSAGE_SIZE);
    mapi_free(copy);
}

Test(restriction, ambiguous_names_are_looked_for_by_word)
{
    SPropValue words = propval_unicode(PR_ANR_W, u"anna smi");
    SRestriction anr = {.rt = RES_PROPERTY};

    row_values[6] = propval_unicode(PR_ANR_W, u"Smith, Anna anna@example.org");
    anr.res.resProperty.relop = RELOP_EQ;
    anr.res.resProperty.ulPropTag = PR_ANR_W;
    anr.res.resProperty.lpProp = &words;
    cr_expect_eq(match(&anr), 1);
    words.Value.lpszW = (WCHAR *)u"anna smits";
    cr_expect_eq(match(&anr), 0);
    words = (SPropValue){.ulPropTag = PR_ANR_A, .Value.lpszA = (char *)"EXAMPLE"};
    anr.res.resProperty.ulPropTag = PR_ANR_A;
    cr_expect_eq(match(&anr), 1);
}
