/* mapi/restriction_match.c - restrictions: evaluate */
#include <string.h>

#include "mapi/anr.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/row_source.h"
#include "mapi/text.h"

bool relop_holds(ULONG relop, int comparison)
{
    switch (relop) {
    case RELOP_LT:
        return comparison < 0;
    case RELOP_LE:
        return comparison <= 0;
    case RELOP_GT:
        return comparison > 0;
    case RELOP_GE:
        return comparison >= 0;
    case RELOP_EQ:
        return comparison == 0;
    case RELOP_NE:
        return comparison != 0;
    default:
        return false;
    }
}

/* Is `part` in text[0..]: at the start, anywhere, or all of it? In units of `unit` bytes. */
static bool bytes_contain(const void *text, size_t size, const void *part, size_t part_size,
                          size_t unit, ULONG level)
{
    size_t at;

    if (part_size > size)
        return false;
    if (part_size == 0)
        return level != FL_FULLSTRING || size == 0;
    if (level == FL_FULLSTRING)
        return size == part_size && memcmp(text, part, size) == 0;
    if (level == FL_PREFIX)
        return memcmp(text, part, part_size) == 0;
    for (at = 0; at + part_size <= size; at += unit)
        if (memcmp((const char *)text + at, part, part_size) == 0)
            return true;
    return false;
}

static bool text_contains(const WCHAR *text, const WCHAR *part, ULONG fuzzy)
{
    struct arena arena = {0};
    const WCHAR *folded_text = text_fold(&arena, text, fuzzy);
    const WCHAR *folded_part = text_fold(&arena, part, fuzzy);
    bool contains = false;

    if (folded_text && folded_part)
        contains =
            bytes_contain(folded_text, utf16_length(folded_text) * sizeof(WCHAR), folded_part,
                          utf16_length(folded_part) * sizeof(WCHAR), sizeof(WCHAR), fuzzy & 0xFFFF);
    arena_clear(&arena);
    return contains;
}

static bool narrow_contains(const char *text, const char *part, ULONG fuzzy)
{
    WCHAR *wide_text = NULL, *wide_part = NULL;
    bool contains = false;

    if (!(fuzzy & ~(ULONG)0xFFFF))
        return bytes_contain(text, strlen(text), part, strlen(part), 1, fuzzy & 0xFFFF);
    if (SUCCEEDED(text_8bit_to_utf16(NULL, text, &wide_text)) &&
        SUCCEEDED(text_8bit_to_utf16(NULL, part, &wide_part)))
        contains = text_contains(wide_text, wide_part, fuzzy);
    mapi_free(wide_text);
    mapi_free(wide_part);
    return contains;
}

bool propval_contains(const SPropValue *value, const SPropValue *part, ULONG fuzzy)
{
    ULONG type = prop_base_type(value->ulPropTag);

    if (type != prop_base_type(part->ulPropTag))
        return false;
    switch (type) {
    case PT_UNICODE:
        return text_contains(value->Value.lpszW, part->Value.lpszW, fuzzy);
    case PT_STRING8:
        return narrow_contains(value->Value.lpszA, part->Value.lpszA, fuzzy);
    case PT_BINARY: /* loose matching means nothing here (TBL-087) */
        return bytes_contain(value->Value.bin.lpb, value->Value.bin.cb, part->Value.bin.lpb,
                             part->Value.bin.cb, 1, fuzzy & 0xFFFF);
    default:
        return false;
    }
}

/* The row's value: *ret_there false if it lacks the property. */
static HRESULT fetch(const struct restriction_row *row, ULONG tag, SPropValue *ret_value,
                     bool *ret_there)
{
    HRESULT hr;

    if (propval_type_is_string(prop_base_type(tag)))
        tag = CHANGE_PROP_TYPE(tag, PT_UNICODE | (PROP_TYPE(tag) & MVI_FLAG));
    hr = row->value(row->context, tag, ret_value);
    if (FAILED(hr))
        return hr;
    *ret_there = PROP_TYPE(ret_value->ulPropTag) != PT_ERROR;
    if (!*ret_there && ret_value->Value.err == ROW_NOT_PREPARED)
        return ROW_NOT_PREPARED;
    return S_OK;
}

/* Does one value, or any value of a multi-valued property, satisfy the test? */
static bool any_instance(const SPropValue *value, const SPropValue *constant, ULONG fuzzy,
                         ULONG relop, bool content)
{
    SPropValue single;
    size_t i;

    if (prop_base_type(value->ulPropTag) == prop_base_type(constant->ulPropTag))
        return content ? propval_contains(value, constant, fuzzy)
                       : relop_holds(relop, propval_compare(value, constant, fuzzy));
    if (!(PROP_TYPE(value->ulPropTag) & MV_FLAG))
        return false;
    for (i = 0; i < propval_count(value); i++) {
        propval_get_instance(value, i, &single);
        if (any_instance(&single, constant, fuzzy, relop, content))
            return true;
    }
    return false;
}

/* PR_ANR is no property: the row's column holds the words to look at (mapi/anr.h). */
static bool is_anr(const SRestriction *restriction)
{
    return restriction->rt == RES_PROPERTY &&
           PROP_ID(restriction->res.resProperty.ulPropTag) == PROP_ID(PR_ANR) &&
           restriction->res.resProperty.relop == RELOP_EQ;
}

static bool match_anr(const SPropValue *value, const SPropValue *name)
{
    return PROP_TYPE(value->ulPropTag) == PT_UNICODE && PROP_TYPE(name->ulPropTag) == PT_UNICODE &&
           anr_matches(value->Value.lpszW, name->Value.lpszW);
}

static HRESULT match_node(const SRestriction *restriction, const struct restriction_row *row,
                          bool *ret_matches);

static HRESULT match_many(const SRestriction *parts, ULONG count, bool all,
                          const struct restriction_row *row, bool *ret_matches)
{
    HRESULT hr;
    ULONG i;

    *ret_matches = all;
    for (i = 0; i < count && *ret_matches == all; i++) {
        hr = match_node(&parts[i], row, ret_matches);
        if (FAILED(hr))
            return hr;
    }
    return S_OK;
}

static HRESULT match_compare(const SComparePropsRestriction *compare,
                             const struct restriction_row *row, bool *ret_matches)
{
    SPropValue a, b;
    bool a_there, b_there;
    HRESULT hr;

    hr = fetch(row, compare->ulPropTag1, &a, &a_there);
    if (SUCCEEDED(hr))
        hr = fetch(row, compare->ulPropTag2, &b, &b_there);
    if (FAILED(hr))
        return hr;
    *ret_matches =
        a_there && b_there && relop_holds(compare->relop, propval_compare(&a, &b, TABLE_FUZZY));
    return S_OK;
}

/* The kinds that look at one property. */
static HRESULT match_value(const SRestriction *restriction, const struct restriction_row *row,
                           bool *ret_matches)
{
    ULONG tag;
    SPropValue value;
    bool there;
    size_t size;
    HRESULT hr;

    switch (restriction->rt) {
    case RES_CONTENT:
        tag = restriction->res.resContent.ulPropTag;
        break;
    case RES_PROPERTY:
        tag = restriction->res.resProperty.ulPropTag;
        break;
    case RES_BITMASK:
        tag = restriction->res.resBitMask.ulPropTag;
        break;
    case RES_SIZE:
        tag = restriction->res.resSize.ulPropTag;
        break;
    default:
        tag = restriction->res.resExist.ulPropTag;
        break;
    }
    hr = fetch(row, tag, &value, &there);
    if (FAILED(hr))
        return hr;
    if (!there) {
        *ret_matches = false; /* TBL-085 */
        return S_OK;
    }
    if (is_anr(restriction)) {
        *ret_matches = match_anr(&value, restriction->res.resProperty.lpProp);
        return S_OK;
    }
    switch (restriction->rt) {
    case RES_CONTENT:
        *ret_matches = any_instance(&value, restriction->res.resContent.lpProp,
                                    restriction->res.resContent.ulFuzzyLevel, 0, true);
        break;
    case RES_PROPERTY:
        *ret_matches = any_instance(&value, restriction->res.resProperty.lpProp, TABLE_FUZZY,
                                    restriction->res.resProperty.relop, false);
        break;
    case RES_BITMASK:
        *ret_matches = ((value.Value.ul & restriction->res.resBitMask.ulMask) != 0) ==
                       (restriction->res.resBitMask.relBMR == BMR_NEZ);
        break;
    case RES_SIZE:
        size = propval_size(&value);
        *ret_matches =
            relop_holds(restriction->res.resSize.relop, (size > restriction->res.resSize.cb) -
                                                            (size < restriction->res.resSize.cb));
        break;
    default:
        *ret_matches = true;
        break;
    }
    return S_OK;
}

static HRESULT match_node(const SRestriction *restriction, const struct restriction_row *row,
                          bool *ret_matches)
{
    HRESULT hr;

    switch (restriction->rt) {
    case RES_AND:
        return match_many(restriction->res.resAnd.lpRes, restriction->res.resAnd.cRes, true, row,
                          ret_matches);
    case RES_OR:
        return match_many(restriction->res.resOr.lpRes, restriction->res.resOr.cRes, false, row,
                          ret_matches);
    case RES_NOT:
        hr = match_node(restriction->res.resNot.lpRes, row, ret_matches);
        *ret_matches = !*ret_matches;
        return hr;
    case RES_COMPAREPROPS:
        return match_compare(&restriction->res.resCompareProps, row, ret_matches);
    case RES_SUBRESTRICTION:
        if (!row->sub)
            return MAPI_E_TOO_COMPLEX;
        return row->sub(row->context, restriction->res.resSub.ulSubObject,
                        restriction->res.resSub.lpRes, ret_matches);
    case RES_COMMENT:
    case RES_ANNOTATION:
        *ret_matches = true;
        if (!restriction->res.resComment.lpRes)
            return S_OK;
        return match_node(restriction->res.resComment.lpRes, row, ret_matches);
    default:
        return match_value(restriction, row, ret_matches);
    }
}

HRESULT restriction_match(const SRestriction *restriction, const struct restriction_row *row,
                          bool *ret_matches)
{
    return match_node(restriction, row, ret_matches);
}
