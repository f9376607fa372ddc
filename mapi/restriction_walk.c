/* mapi/restriction_walk.c - restrictions: go through all parts, change them in place */
#include "mapi/propval.h"
#include "mapi/restriction.h"

static HRESULT walk_many(SRestriction *parts, ULONG count, restriction_visit *visit, void *arg)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = restriction_walk(&parts[i], visit, arg);
    return hr;
}

HRESULT restriction_walk(SRestriction *restriction, restriction_visit *visit, void *arg)
{
    HRESULT hr = visit(arg, restriction);

    if (hr != S_OK)
        return FAILED(hr) ? hr : S_OK;
    switch (restriction->rt) {
    case RES_AND:
    case RES_OR:
        return walk_many(restriction->res.resAnd.lpRes, restriction->res.resAnd.cRes, visit, arg);
    case RES_NOT:
        return restriction_walk(restriction->res.resNot.lpRes, visit, arg);
    case RES_SUBRESTRICTION:
        return restriction_walk(restriction->res.resSub.lpRes, visit, arg);
    case RES_COMMENT:
    case RES_ANNOTATION:
        return walk_many(restriction->res.resComment.lpRes,
                         restriction->res.resComment.lpRes ? 1 : 0, visit, arg);
    default:
        return S_OK;
    }
}

struct widening {
    void *root;
    ULONG type; /* PT_UNICODE or PT_STRING8 */
};

static ULONG widen_tag(const struct widening *widening, ULONG tag)
{
    if (!propval_type_is_string(prop_base_type(tag)))
        return tag;
    return CHANGE_PROP_TYPE(tag, widening->type | (PROP_TYPE(tag) & MVI_FLAG));
}

static HRESULT widen_values(const struct widening *widening, SPropValue *values, ULONG count)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; values && i < count && SUCCEEDED(hr); i++)
        hr = propval_set_width(widening->root, &values[i],
                               widening->type | (PROP_TYPE(values[i].ulPropTag) & MV_FLAG));
    return hr;
}

static HRESULT widen(void *arg, SRestriction *node)
{
    const struct widening *widening = arg;

    switch (node->rt) {
    case RES_CONTENT:
        node->res.resContent.ulPropTag = widen_tag(widening, node->res.resContent.ulPropTag);
        return widen_values(widening, node->res.resContent.lpProp, 1);
    case RES_PROPERTY:
        node->res.resProperty.ulPropTag = widen_tag(widening, node->res.resProperty.ulPropTag);
        return widen_values(widening, node->res.resProperty.lpProp, 1);
    case RES_COMPAREPROPS:
        node->res.resCompareProps.ulPropTag1 =
            widen_tag(widening, node->res.resCompareProps.ulPropTag1);
        node->res.resCompareProps.ulPropTag2 =
            widen_tag(widening, node->res.resCompareProps.ulPropTag2);
        return S_OK;
    case RES_SIZE:
        node->res.resSize.ulPropTag = widen_tag(widening, node->res.resSize.ulPropTag);
        return S_OK;
    case RES_EXIST:
        node->res.resExist.ulPropTag = widen_tag(widening, node->res.resExist.ulPropTag);
        return S_OK;
    case RES_COMMENT:
    case RES_ANNOTATION:
        return widen_values(widening, node->res.resComment.lpProp, node->res.resComment.cValues);
    default:
        return S_OK;
    }
}

HRESULT restriction_set_width(void *root, SRestriction *restriction, ULONG type)
{
    struct widening widening = {.root = root, .type = type};

    return restriction_walk(restriction, widen, &widening);
}
