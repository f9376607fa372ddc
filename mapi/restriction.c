/* mapi/restriction.c - restrictions: check, copy, list their tags
 *
 * One walk for each of the three. Depth and size are limited because restrictions come from
 * outside. */
#include "mapi/restriction.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/propval.h"

/* ---- Check ---- */

struct budget {
    unsigned depth;
    unsigned nodes;
};

static bool tag_is_usable(ULONG tag)
{
    ULONG type = prop_base_type(tag);

    return PROP_ID(tag) != PROP_ID_NULL && PROP_ID(tag) != PROP_ID_INVALID &&
           propval_type_is_known(type) && type != PT_NULL && type != PT_ERROR;
}

/* Both string widths are one type here. */
static ULONG comparable_type(ULONG tag)
{
    ULONG type = prop_base_type(tag);

    return propval_type_is_string(type) ? PT_UNICODE | (type & MV_FLAG) : type;
}

/* Can a value of `tag` be compared with this constant? A multi-valued property takes a
 * single-valued constant too (TBL-076). */
static HRESULT check_constant(ULONG tag, const SPropValue *constant)
{
    ULONG type = comparable_type(tag);

    if (!constant)
        return MAPI_E_INVALID_PARAMETER;
    if (!tag_is_usable(tag) || type == PT_OBJECT)
        return MAPI_E_TOO_COMPLEX;
    if (PROP_TYPE(constant->ulPropTag) != PT_BOOLEAN && propval_is_bad(constant))
        return MAPI_E_INVALID_PARAMETER;
    if (comparable_type(constant->ulPropTag) == type ||
        comparable_type(constant->ulPropTag) == (type & ~(ULONG)MV_FLAG))
        return S_OK;
    return MAPI_E_TOO_COMPLEX; /* TBL-073, TBL-075 */
}

static HRESULT check_relop(ULONG relop)
{
    return relop <= RELOP_NE ? S_OK : MAPI_E_TOO_COMPLEX; /* no regular expressions */
}

static HRESULT check_content(const SContentRestriction *content)
{
    ULONG level = content->ulFuzzyLevel & 0xFFFF;
    ULONG type = comparable_type(content->ulPropTag) & ~(ULONG)MV_FLAG;

    if (level != FL_FULLSTRING && level != FL_PREFIX && level != FL_SUBSTRING)
        return MAPI_E_TOO_COMPLEX; /* TBL-071 */
    if (type != PT_UNICODE && type != PT_BINARY)
        return MAPI_E_TOO_COMPLEX;
    return check_constant(content->ulPropTag, content->lpProp);
}

static HRESULT check_compare(const SComparePropsRestriction *compare)
{
    if (!tag_is_usable(compare->ulPropTag1) || !tag_is_usable(compare->ulPropTag2) ||
        comparable_type(compare->ulPropTag1) != comparable_type(compare->ulPropTag2))
        return MAPI_E_TOO_COMPLEX; /* TBL-077 */
    return check_relop(compare->relop);
}

static HRESULT check_node(const SRestriction *restriction, struct budget *budget);

static HRESULT check_many(const SRestriction *parts, ULONG count, struct budget *budget)
{
    HRESULT hr = S_OK;
    ULONG i;

    if (count && !parts)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = check_node(&parts[i], budget);
    return hr;
}

static HRESULT check_one(const SRestriction *part, struct budget *budget)
{
    return part ? check_node(part, budget) : MAPI_E_INVALID_PARAMETER;
}

static HRESULT check_kind(const SRestriction *restriction, struct budget *budget)
{
    switch (restriction->rt) {
    case RES_AND:
        return check_many(restriction->res.resAnd.lpRes, restriction->res.resAnd.cRes, budget);
    case RES_OR:
        return check_many(restriction->res.resOr.lpRes, restriction->res.resOr.cRes, budget);
    case RES_NOT:
        return check_one(restriction->res.resNot.lpRes, budget);
    case RES_CONTENT:
        return check_content(&restriction->res.resContent);
    case RES_PROPERTY: {
        HRESULT hr = check_constant(restriction->res.resProperty.ulPropTag,
                                    restriction->res.resProperty.lpProp);

        return FAILED(hr) ? hr : check_relop(restriction->res.resProperty.relop);
    }
    case RES_COMPAREPROPS:
        return check_compare(&restriction->res.resCompareProps);
    case RES_BITMASK:
        if (restriction->res.resBitMask.relBMR > BMR_NEZ)
            return MAPI_E_INVALID_PARAMETER;
        return PROP_TYPE(restriction->res.resBitMask.ulPropTag) == PT_LONG ? S_OK
                                                                           : MAPI_E_TOO_COMPLEX;
    case RES_SIZE:
        if (!tag_is_usable(restriction->res.resSize.ulPropTag))
            return MAPI_E_TOO_COMPLEX;
        return check_relop(restriction->res.resSize.relop);
    case RES_EXIST:
        if (prop_base_type(restriction->res.resExist.ulPropTag) == PT_OBJECT)
            return MAPI_E_TOO_COMPLEX; /* TBL-080 */
        return S_OK;
    case RES_SUBRESTRICTION:
        return check_one(restriction->res.resSub.lpRes, budget);
    case RES_COMMENT:
    case RES_ANNOTATION: /* the same structure; NULL means all rows */
        return restriction->res.resComment.lpRes
                   ? check_node(restriction->res.resComment.lpRes, budget)
                   : S_OK;
    default:
        return MAPI_E_TOO_COMPLEX; /* RES_COUNT too (TBL-083) */
    }
}

static HRESULT check_node(const SRestriction *restriction, struct budget *budget)
{
    HRESULT hr;

    if (budget->depth == RESTRICTION_DEPTH_MAX || budget->nodes == RESTRICTION_NODES_MAX)
        return MAPI_E_TOO_COMPLEX;
    budget->depth++;
    budget->nodes++;
    hr = check_kind(restriction, budget);
    budget->depth--;
    return hr;
}

HRESULT restriction_check(const SRestriction *restriction)
{
    struct budget budget = {0};

    return check_one(restriction, &budget);
}

/* ---- Copy ---- */

struct copier {
    void *root;
    bool compile; /* strings to UTF-16 */
    unsigned depth;
};

static HRESULT copy_node(struct copier *copier, SRestriction *dest,
                         const SRestriction *restriction);

static HRESULT copy_many(struct copier *copier, SRestriction **parts, ULONG count)
{
    const SRestriction *from = *parts;
    SRestriction *to;
    HRESULT hr = S_OK;
    ULONG i;

    if (count && !from)
        return MAPI_E_INVALID_PARAMETER;
    to = mapi_alloc_array(copier->root, count ? count : 1, sizeof(*to));
    if (!to)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = copy_node(copier, &to[i], &from[i]);
    *parts = to;
    return hr;
}

static HRESULT copy_values(struct copier *copier, SPropValue **values, ULONG count)
{
    const SPropValue *from = *values;
    SPropValue *to;
    HRESULT hr = S_OK;
    ULONG i;

    if (!from)
        return count ? MAPI_E_INVALID_PARAMETER : S_OK;
    to = mapi_alloc_array(copier->root, count ? count : 1, sizeof(*to));
    if (!to)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = propval_copy(copier->root, &to[i], &from[i]);
        if (SUCCEEDED(hr) && copier->compile)
            hr = propval_set_width(copier->root, &to[i],
                                   PT_UNICODE | (PROP_TYPE(to[i].ulPropTag) & MV_FLAG));
    }
    *values = to;
    return hr;
}

static HRESULT copy_parts(struct copier *copier, SRestriction *dest)
{
    HRESULT hr;

    switch (dest->rt) {
    case RES_AND:
        return copy_many(copier, &dest->res.resAnd.lpRes, dest->res.resAnd.cRes);
    case RES_OR:
        return copy_many(copier, &dest->res.resOr.lpRes, dest->res.resOr.cRes);
    case RES_NOT:
        return copy_many(copier, &dest->res.resNot.lpRes, 1);
    case RES_SUBRESTRICTION:
        return copy_many(copier, &dest->res.resSub.lpRes, 1);
    case RES_COUNT:
        return copy_many(copier, &dest->res.resCount.lpRes, 1);
    case RES_CONTENT:
        return copy_values(copier, &dest->res.resContent.lpProp, 1);
    case RES_PROPERTY:
        return copy_values(copier, &dest->res.resProperty.lpProp, 1);
    case RES_COMMENT:
    case RES_ANNOTATION:
        hr = copy_values(copier, &dest->res.resComment.lpProp, dest->res.resComment.cValues);
        if (SUCCEEDED(hr) && dest->res.resComment.lpRes)
            hr = copy_many(copier, &dest->res.resComment.lpRes, 1);
        return hr;
    case RES_COMPAREPROPS:
    case RES_BITMASK:
    case RES_SIZE:
    case RES_EXIST:
        return S_OK;
    default:
        return MAPI_E_INVALID_PARAMETER; /* who knows what it points to */
    }
}

static HRESULT copy_node(struct copier *copier, SRestriction *dest, const SRestriction *restriction)
{
    HRESULT hr;

    *dest = *restriction;
    if (copier->depth == RESTRICTION_DEPTH_MAX)
        return MAPI_E_TOO_COMPLEX;
    copier->depth++;
    hr = copy_parts(copier, dest);
    copier->depth--;
    return hr;
}

static HRESULT copy_tree(void *root, const SRestriction *restriction, bool compile,
                         SRestriction **ret_restriction)
{
    struct copier copier = {.compile = compile};
    SRestriction *copy = mapi_alloc(root, sizeof(*copy));
    HRESULT hr;

    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    copier.root = root ? root : copy;
    hr = copy_node(&copier, copy, restriction);
    if (FAILED(hr)) {
        if (!root)
            mapi_free(copy);
        return hr;
    }
    *ret_restriction = copy;
    return S_OK;
}

HRESULT restriction_copy(void *root, const SRestriction *restriction,
                         SRestriction **ret_restriction)
{
    struct budget budget = {0};
    HRESULT hr = check_one(restriction, &budget);

    /* What no table can evaluate can still be copied, if it is sound. */
    if (FAILED(hr) && hr != MAPI_E_TOO_COMPLEX)
        return hr;
    return copy_tree(root, restriction, false, ret_restriction);
}

HRESULT restriction_compile(const SRestriction *restriction, SRestriction **ret_restriction)
{
    HRESULT hr = restriction_check(restriction);

    return FAILED(hr) ? hr : copy_tree(NULL, restriction, true, ret_restriction);
}

/* ---- Tags ---- */

struct tag_list {
    ULONG *tags;
    size_t count, capacity;
};

static HRESULT add_tag(struct tag_list *list, ULONG tag)
{
    ULONG *bigger;
    size_t i;

    if (propval_type_is_string(prop_base_type(tag)))
        tag = CHANGE_PROP_TYPE(tag, PT_UNICODE | (PROP_TYPE(tag) & MVI_FLAG));
    for (i = 0; i < list->count; i++)
        if (list->tags[i] == tag)
            return S_OK;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        bigger = realloc(list->tags, list->capacity * sizeof(*bigger));
        if (!bigger)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        list->tags = bigger;
    }
    list->tags[list->count++] = tag;
    return S_OK;
}

static HRESULT collect_tags(const SRestriction *restriction, struct tag_list *list)
{
    const SRestriction *parts = NULL;
    ULONG count = 0, i;
    HRESULT hr = S_OK;

    switch (restriction->rt) {
    case RES_AND:
        parts = restriction->res.resAnd.lpRes;
        count = restriction->res.resAnd.cRes;
        break;
    case RES_OR:
        parts = restriction->res.resOr.lpRes;
        count = restriction->res.resOr.cRes;
        break;
    case RES_NOT:
        return collect_tags(restriction->res.resNot.lpRes, list);
    case RES_COMMENT:
    case RES_ANNOTATION:
        parts = restriction->res.resComment.lpRes;
        count = parts ? 1 : 0;
        break;
    case RES_SUBRESTRICTION:
        return add_tag(list, restriction->res.resSub.ulSubObject);
    case RES_COMPAREPROPS:
        hr = add_tag(list, restriction->res.resCompareProps.ulPropTag1);
        return FAILED(hr) ? hr : add_tag(list, restriction->res.resCompareProps.ulPropTag2);
    case RES_CONTENT:
        return add_tag(list, restriction->res.resContent.ulPropTag);
    case RES_PROPERTY:
        return add_tag(list, restriction->res.resProperty.ulPropTag);
    case RES_BITMASK:
        return add_tag(list, restriction->res.resBitMask.ulPropTag);
    case RES_SIZE:
        return add_tag(list, restriction->res.resSize.ulPropTag);
    case RES_EXIST:
        return add_tag(list, restriction->res.resExist.ulPropTag);
    default:
        break;
    }
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = collect_tags(&parts[i], list);
    return hr;
}

HRESULT restriction_tags(const SRestriction *restriction, ULONG **ret_tags, size_t *ret_count)
{
    struct tag_list list = {0};
    HRESULT hr = collect_tags(restriction, &list);

    if (FAILED(hr)) {
        free(list.tags);
        return hr;
    }
    *ret_tags = list.tags;
    *ret_count = list.count;
    return S_OK;
}
