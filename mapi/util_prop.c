/* mapi/util_prop.c - the exported helpers for property values
 *
 * Thin: the work is in propval.c. Requirements: UTL-001 to UTL-028, MEM-023 to MEM-025. */
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/object.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/text.h"

/* Without the memory its type tells of. Any number is a boolean here. */
static bool lacks_memory(const SPropValue *value)
{
    return PROP_TYPE(value->ulPropTag) != PT_BOOLEAN && propval_is_bad(value);
}

ULONG STDAPICALLTYPE UlPropSize(LPSPropValue value)
{
    return value && !lacks_memory(value) ? (ULONG)propval_size(value) : 0;
}

/* Copies with a caller's allocator: one chained block for all that the value points to. */
SCODE STDAPICALLTYPE PropCopyMore(LPSPropValue dest, LPSPropValue source,
                                  ALLOCATEMORE *allocate_more, LPVOID object)
{
    size_t size;
    uint8_t *cursor = NULL;
    LPVOID block = NULL;
    SCODE sc;

    if (!dest || !source || !allocate_more || !object)
        return MAPI_E_INVALID_PARAMETER;
    if (!propval_type_is_known(prop_base_type(source->ulPropTag)))
        return MAPI_E_NO_SUPPORT; /* MEM-023 */
    if (lacks_memory(source))
        return MAPI_E_INVALID_PARAMETER;
    size = propval_packed_size(source);
    if (size > UINT32_MAX)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (size) {
        sc = allocate_more((ULONG)size, object, &block);
        if (FAILED(sc))
            return sc;
        cursor = block;
    }
    return propval_pack(dest, source, &cursor);
}

BOOL STDAPICALLTYPE FEqualNames(LPMAPINAMEID a, LPMAPINAMEID b)
{
    if (!a || !b || !a->lpguid || !b->lpguid || a->ulKind != b->ulKind ||
        !guid_equal(a->lpguid, b->lpguid))
        return FALSE;
    if (a->ulKind == MNID_ID)
        return a->Kind.lID == b->Kind.lID;
    return a->Kind.lpwstrName && b->Kind.lpwstrName &&
           utf16_compare(a->Kind.lpwstrName, b->Kind.lpwstrName) == 0;
}

void STDAPICALLTYPE GetInstance(LPSPropValue multi, LPSPropValue single, ULONG index)
{
    if (!multi || !single || propval_is_bad(multi) || !(PROP_TYPE(multi->ulPropTag) & MV_FLAG) ||
        !propval_type_is_known(prop_base_type(multi->ulPropTag)) || index >= propval_count(multi))
        return;
    propval_get_instance(multi, index, single);
}

BOOL STDAPICALLTYPE FPropContainsProp(LPSPropValue value, LPSPropValue part, ULONG fuzzy)
{
    ULONG level = fuzzy & 0xFFFF;

    if (!value || !part || propval_is_bad(value) || propval_is_bad(part))
        return FALSE;
    if (level != FL_PREFIX && level != FL_SUBSTRING)
        fuzzy &= ~(ULONG)0xFFFF; /* FL_FULLSTRING (TBL-087) */
    return propval_contains(value, part, fuzzy);
}

BOOL STDAPICALLTYPE FPropCompareProp(LPSPropValue a, ULONG relop, LPSPropValue b)
{
    if (!a || !b || prop_base_type(a->ulPropTag) != prop_base_type(b->ulPropTag))
        return FALSE; /* TBL-086 */
    if (lacks_memory(a) || lacks_memory(b))
        return FALSE;
    return relop_holds(relop, propval_compare(a, b, 0));
}

LONG STDAPICALLTYPE LPropCompareProp(LPSPropValue a, LPSPropValue b)
{
    if (!a || !b || lacks_memory(a) || lacks_memory(b))
        return 0;
    return propval_compare(a, b, 0);
}

LPSPropValue STDAPICALLTYPE PpropFindProp(LPSPropValue values, ULONG count, ULONG tag)
{
    return argument_count_is_bad(count) ? NULL : (LPSPropValue)propval_find(values, count, tag);
}

LPSPropValue STDAPICALLTYPE LpValFindProp(ULONG tag, ULONG count, LPSPropValue values)
{
    return argument_count_is_bad(count) ? NULL : (LPSPropValue)propval_find(values, count, tag);
}

/* ---- Arrays in one block ---- */

static SCODE check_array(int count, const SPropValue *values)
{
    ULONG id;
    int i;

    if (count <= 0 || argument_count_is_bad((ULONG)count) || !values)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < count; i++) {
        id = PROP_ID(values[i].ulPropTag);
        if (id == PROP_ID_NULL || id == PROP_ID_INVALID)
            return MAPI_E_INVALID_PARAMETER; /* UTL-010 */
        if (!propval_type_is_known(prop_base_type(values[i].ulPropTag)))
            return MAPI_E_INVALID_PARAMETER; /* UTL-015 */
        if ((PROP_TYPE(values[i].ulPropTag) & MV_FLAG) && propval_count(&values[i]) == 0)
            return MAPI_E_INVALID_PARAMETER; /* UTL-011 */
        if (lacks_memory(&values[i]))
            return MAPI_E_INVALID_PARAMETER;
    }
    return S_OK;
}

static size_t array_size(int count, const SPropValue *values)
{
    size_t size = (size_t)count * sizeof(*values);
    int i;

    for (i = 0; i < count; i++)
        size += propval_packed_size(&values[i]);
    return size;
}

SCODE STDAPICALLTYPE ScCountProps(int count, LPSPropValue values, ULONG *ret_size)
{
    SCODE sc = check_array(count, values);

    if (SUCCEEDED(sc) && ret_size)
        *ret_size = (ULONG)array_size(count, values);
    return sc;
}

SCODE STDAPICALLTYPE ScCopyProps(int count, LPSPropValue values, LPVOID dest, ULONG *ret_size)
{
    SPropValue *copies = dest;
    uint8_t *cursor;
    SCODE sc;
    int i;

    sc = check_array(count, values);
    if (FAILED(sc))
        return sc;
    if (!dest)
        return MAPI_E_INVALID_PARAMETER;
    cursor = (uint8_t *)(copies + count);
    for (i = 0; i < count; i++)
        propval_pack(&copies[i], &values[i], &cursor);
    if (ret_size)
        *ret_size = (ULONG)(cursor - (uint8_t *)dest);
    return S_OK;
}

SCODE STDAPICALLTYPE ScDupPropset(int count, LPSPropValue values, LPALLOCATEBUFFER allocate,
                                  LPSPropValue *ret_values)
{
    LPVOID block = NULL;
    SCODE sc;

    if (!allocate || !ret_values)
        return MAPI_E_INVALID_PARAMETER;
    sc = check_array(count, values);
    if (FAILED(sc))
        return sc;
    sc = allocate((ULONG)array_size(count, values), &block);
    if (FAILED(sc))
        return sc;
    ScCopyProps(count, values, block, NULL);
    *ret_values = block;
    return S_OK;
}

/* ---- One property of an object ---- */

HRESULT STDAPICALLTYPE HrGetOneProp(LPMAPIPROP object, ULONG tag, LPSPropValue *ret_value)
{
    SizedSPropTagArray(1, tags) = {1, {tag}};
    SPropValue *value = NULL;
    ULONG count = 0;
    HRESULT hr;

    if (!object || !ret_value)
        return MAPI_E_INVALID_PARAMETER;
    *ret_value = NULL;
    hr = object->lpVtbl->GetProps(object, (LPSPropTagArray)&tags, 0, &count, &value);
    if (FAILED(hr))
        return hr;
    if (!value || count == 0)
        hr = MAPI_E_NOT_FOUND;
    else if (PROP_TYPE(value->ulPropTag) == PT_ERROR)
        hr = value->Value.err; /* UTL-001 */
    else
        hr = S_OK; /* UTL-002 */
    if (FAILED(hr))
        MAPIFreeBuffer(value);
    else
        *ret_value = value;
    return hr;
}

HRESULT STDAPICALLTYPE HrSetOneProp(LPMAPIPROP object, LPSPropValue value)
{
    SPropProblemArray *problems = NULL;
    HRESULT hr;

    if (!object || !value)
        return MAPI_E_INVALID_PARAMETER;
    hr = object->lpVtbl->SetProps(object, 1, value, &problems);
    if (FAILED(hr))
        return hr;
    hr = problems && problems->cProblem ? problems->aProblem[0].scode : S_OK; /* UTL-003 */
    MAPIFreeBuffer(problems);
    return hr;
}

BOOL STDAPICALLTYPE FPropExists(LPMAPIPROP object, ULONG tag)
{
    SPropTagArray *tags = NULL;
    BOOL exists = FALSE;
    ULONG i;

    if (!object || FAILED(object->lpVtbl->GetPropList(object, MAPI_UNICODE, &tags)) || !tags)
        return FALSE;
    for (i = 0; i < tags->cValues && !exists; i++) {
        ULONG listed = tags->aulPropTag[i];

        if (PROP_ID(listed) != PROP_ID(tag))
            continue;
        exists =
            PROP_TYPE(tag) == PT_UNSPECIFIED || PROP_TYPE(tag) == PROP_TYPE(listed) ||
            /* the object has it in the other width too */
            (propval_type_is_string(PROP_TYPE(tag)) && propval_type_is_string(PROP_TYPE(listed)) &&
             (PROP_TYPE(tag) & MV_FLAG) == (PROP_TYPE(listed) & MV_FLAG));
    }
    MAPIFreeBuffer(tags);
    return exists;
}

ULONG STDAPICALLTYPE UlAddRef(LPVOID unknown)
{
    return unknown ? ((IUnknown *)unknown)->lpVtbl->AddRef(unknown) : 0;
}

ULONG STDAPICALLTYPE UlRelease(LPVOID unknown)
{
    return unknown ? ((IUnknown *)unknown)->lpVtbl->Release(unknown) : 0; /* UTL-086 */
}
