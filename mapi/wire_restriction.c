/* mapi/wire_restriction.c - restrictions as bytes: HrSerializeSRestriction and its way back
 *
 * The form of PidTagExtendedRuleMessageCondition (MS-OXORULE 2.2.4.1.10): the names that are used,
 * then the restriction of MS-OXCDATA 2.12 with counts of four bytes. Depth and number of nodes are
 * those of any restriction. */
#include "mapi/edkmdb.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/restriction.h"
#include "mapi/wire.h"

struct budget {
    unsigned depth, nodes;
};

static bool enter(struct budget *budget)
{
    return ++budget->nodes <= RESTRICTION_NODES_MAX && ++budget->depth <= RESTRICTION_DEPTH_MAX;
}

/* ---- Writing ---- */

static void put(struct wire_writer *writer, const SRestriction *restriction, struct budget *budget);

static void put_many(struct wire_writer *writer, ULONG count, const SRestriction *parts,
                     struct budget *budget)
{
    if (count && !parts)
        writer->hr = MAPI_E_INVALID_PARAMETER;
    wire_put(writer, count, 4);
    for (ULONG i = 0; i < count && SUCCEEDED(writer->hr); i++)
        put(writer, &parts[i], budget);
}

static void put_comment(struct wire_writer *writer, const SCommentRestriction *comment,
                        struct budget *budget)
{
    if (comment->cValues > UINT8_MAX || (comment->cValues && !comment->lpProp)) {
        writer->hr = MAPI_E_INVALID_PARAMETER;
        return;
    }
    wire_put(writer, comment->cValues, 1);
    for (ULONG i = 0; i < comment->cValues; i++)
        wire_put_value(writer, &comment->lpProp[i]);
    wire_put(writer, comment->lpRes != NULL, 1);
    if (comment->lpRes)
        put(writer, comment->lpRes, budget);
}

static void put_leaf(struct wire_writer *writer, const SRestriction *restriction)
{
    switch (restriction->rt) {
    case RES_CONTENT:
        wire_put(writer, restriction->res.resContent.ulFuzzyLevel, 4);
        wire_put_tag(writer, restriction->res.resContent.ulPropTag);
        wire_put_value(writer, restriction->res.resContent.lpProp);
        break;
    case RES_PROPERTY:
        wire_put(writer, restriction->res.resProperty.relop, 1);
        wire_put_tag(writer, restriction->res.resProperty.ulPropTag);
        wire_put_value(writer, restriction->res.resProperty.lpProp);
        break;
    case RES_COMPAREPROPS:
        wire_put(writer, restriction->res.resCompareProps.relop, 1);
        wire_put_tag(writer, restriction->res.resCompareProps.ulPropTag1);
        wire_put_tag(writer, restriction->res.resCompareProps.ulPropTag2);
        break;
    case RES_BITMASK:
        wire_put(writer, restriction->res.resBitMask.relBMR, 1);
        wire_put_tag(writer, restriction->res.resBitMask.ulPropTag);
        wire_put(writer, restriction->res.resBitMask.ulMask, 4);
        break;
    case RES_SIZE:
        wire_put(writer, restriction->res.resSize.relop, 1);
        wire_put_tag(writer, restriction->res.resSize.ulPropTag);
        wire_put(writer, restriction->res.resSize.cb, 4);
        break;
    case RES_EXIST:
        wire_put_tag(writer, restriction->res.resExist.ulPropTag);
        break;
    default:
        writer->hr = MAPI_E_TOO_COMPLEX;
    }
}

static void put(struct wire_writer *writer, const SRestriction *restriction, struct budget *budget)
{
    if (SUCCEEDED(writer->hr) && !restriction)
        writer->hr = MAPI_E_INVALID_PARAMETER;
    if (SUCCEEDED(writer->hr) && !enter(budget))
        writer->hr = MAPI_E_TOO_COMPLEX;
    if (FAILED(writer->hr))
        return;
    wire_put(writer, restriction->rt, 1);
    switch (restriction->rt) {
    case RES_AND:
    case RES_OR:
        put_many(writer, restriction->res.resAnd.cRes, restriction->res.resAnd.lpRes, budget);
        break;
    case RES_NOT:
        put(writer, restriction->res.resNot.lpRes, budget);
        break;
    case RES_SUBRESTRICTION:
        wire_put_tag(writer, restriction->res.resSub.ulSubObject);
        put(writer, restriction->res.resSub.lpRes, budget);
        break;
    case RES_COMMENT:
        put_comment(writer, &restriction->res.resComment, budget);
        break;
    case RES_COUNT:
        wire_put(writer, restriction->res.resCount.ulCount, 4);
        put(writer, restriction->res.resCount.lpRes, budget);
        break;
    default:
        put_leaf(writer, restriction);
    }
    budget->depth--;
}

void wire_put_restriction(struct wire_writer *writer, const SRestriction *restriction)
{
    struct budget budget = {0};

    put(writer, restriction, &budget);
}

/* ---- Reading ---- */

static void get(struct wire_reader *reader, SRestriction *ret_restriction, struct budget *budget);

static SRestriction *get_one(struct wire_reader *reader, struct budget *budget)
{
    SRestriction *part = wire_alloc(reader, 1, sizeof(*part));

    if (part)
        get(reader, part, budget);
    return part;
}

static SPropValue *get_values(struct wire_reader *reader, ULONG count)
{
    SPropValue *values = wire_alloc(reader, count, sizeof(*values));

    for (ULONG i = 0; values && i < count && SUCCEEDED(reader->hr); i++)
        wire_get_value(reader, &values[i]);
    return values;
}

static void get_many(struct wire_reader *reader, SAndRestriction *and, struct budget *budget)
{
    ULONG count = wire_get_count(reader, 1);

    if (count > RESTRICTION_NODES_MAX)
        wire_fail(reader, MAPI_E_TOO_COMPLEX);
    and->lpRes = wire_alloc(reader, count, sizeof(*and->lpRes));
    and->cRes = and->lpRes ? count : 0;
    for (ULONG i = 0; i < and->cRes && SUCCEEDED(reader->hr); i++)
        get(reader, &and->lpRes[i], budget);
}

static void get_comment(struct wire_reader *reader, SCommentRestriction *comment,
                        struct budget *budget)
{
    comment->cValues = (ULONG)wire_get(reader, 1);
    comment->lpProp = get_values(reader, comment->cValues);
    if (wire_get(reader, 1))
        comment->lpRes = get_one(reader, budget);
}

static void get_leaf(struct wire_reader *reader, SRestriction *restriction)
{
    switch (restriction->rt) {
    case RES_CONTENT:
        restriction->res.resContent.ulFuzzyLevel = (ULONG)wire_get(reader, 4);
        restriction->res.resContent.ulPropTag = wire_get_tag(reader);
        restriction->res.resContent.lpProp = get_values(reader, 1);
        break;
    case RES_PROPERTY:
        restriction->res.resProperty.relop = (ULONG)wire_get(reader, 1);
        restriction->res.resProperty.ulPropTag = wire_get_tag(reader);
        restriction->res.resProperty.lpProp = get_values(reader, 1);
        break;
    case RES_COMPAREPROPS:
        restriction->res.resCompareProps.relop = (ULONG)wire_get(reader, 1);
        restriction->res.resCompareProps.ulPropTag1 = wire_get_tag(reader);
        restriction->res.resCompareProps.ulPropTag2 = wire_get_tag(reader);
        break;
    case RES_BITMASK:
        restriction->res.resBitMask.relBMR = (ULONG)wire_get(reader, 1);
        restriction->res.resBitMask.ulPropTag = wire_get_tag(reader);
        restriction->res.resBitMask.ulMask = (ULONG)wire_get(reader, 4);
        break;
    case RES_SIZE:
        restriction->res.resSize.relop = (ULONG)wire_get(reader, 1);
        restriction->res.resSize.ulPropTag = wire_get_tag(reader);
        restriction->res.resSize.cb = (ULONG)wire_get(reader, 4);
        break;
    case RES_EXIST:
        restriction->res.resExist.ulPropTag = wire_get_tag(reader);
        break;
    default:
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    }
}

static void get(struct wire_reader *reader, SRestriction *ret_restriction, struct budget *budget)
{
    SRestriction *restriction = ret_restriction;

    if (SUCCEEDED(reader->hr) && !enter(budget))
        wire_fail(reader, MAPI_E_TOO_COMPLEX);
    restriction->rt = (ULONG)wire_get(reader, 1);
    if (FAILED(reader->hr))
        return;
    switch (restriction->rt) {
    case RES_AND:
    case RES_OR:
        get_many(reader, &restriction->res.resAnd, budget);
        break;
    case RES_NOT:
        restriction->res.resNot.lpRes = get_one(reader, budget);
        break;
    case RES_SUBRESTRICTION:
        restriction->res.resSub.ulSubObject = wire_get_tag(reader);
        restriction->res.resSub.lpRes = get_one(reader, budget);
        break;
    case RES_COMMENT:
        get_comment(reader, &restriction->res.resComment, budget);
        break;
    case RES_COUNT:
        restriction->res.resCount.ulCount = (ULONG)wire_get(reader, 4);
        restriction->res.resCount.lpRes = get_one(reader, budget);
        break;
    default:
        get_leaf(reader, restriction);
    }
    budget->depth--;
}

void wire_get_restriction(struct wire_reader *reader, SRestriction *ret_restriction)
{
    struct budget budget = {0};

    get(reader, ret_restriction, &budget);
}

/* ---- The calls ---- */

HRESULT STDAPICALLTYPE HrSerializeSRestriction(IMAPIProp *prop, LPSRestriction restriction,
                                               BYTE **ret_bytes, ULONG *ret_size)
{
    struct wire_writer writer = {0};
    HRESULT hr;

    if (!restriction || !ret_bytes || !ret_size)
        return MAPI_E_INVALID_PARAMETER;
    *ret_bytes = NULL;
    *ret_size = 0;
    wire_put_restriction(&writer, restriction);
    hr = wire_writer_finish(&writer, prop, ret_bytes, ret_size);
    wire_writer_clear(&writer);
    return hr;
}

HRESULT wire_pack_restriction(const SRestriction *restriction, BYTE **ret_bytes, ULONG *ret_size)
{
    struct wire_writer writer = {0};
    HRESULT hr;

    wire_put_restriction(&writer, restriction);
    writer.named_count = 0;
    hr = wire_writer_finish(&writer, NULL, ret_bytes, ret_size);
    wire_writer_clear(&writer);
    return hr;
}

static void get_root(struct wire_reader *reader, void *root)
{
    wire_get_restriction(reader, root);
}

HRESULT STDAPICALLTYPE HrDeserializeSRestriction(IMAPIProp *prop, BYTE *bytes, ULONG size,
                                                 LPSRestriction *ret_restriction)
{
    void *root = NULL;
    HRESULT hr;

    if (!ret_restriction)
        return MAPI_E_INVALID_PARAMETER;
    hr = wire_decode(bytes, size, prop, sizeof(SRestriction), get_root, &root);
    *ret_restriction = root;
    return hr;
}
