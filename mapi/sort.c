/* mapi/sort.c - sort orders: check, copy, compare */
#include "mapi/sort.h"

#include <string.h>

#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/text.h"

HRESULT sort_check(const SSortOrderSet *sort)
{
    ULONG i, type, order;

    if (!sort || sort->cExpanded > sort->cCategories || sort->cCategories > sort->cSorts)
        return MAPI_E_INVALID_PARAMETER; /* TBL-097 */
    if (sort->cSorts > SORT_KEYS_MAX)
        return MAPI_E_TOO_COMPLEX;
    for (i = 0; i < sort->cSorts; i++) {
        type = prop_base_type(sort->aSort[i].ulPropTag);
        order = sort->aSort[i].ulOrder;
        if (!propval_type_is_known(type) || type == PT_NULL || type == PT_OBJECT ||
            type == PT_ERROR)
            return MAPI_E_TOO_COMPLEX;
        if (order == TABLE_SORT_ASCEND || order == TABLE_SORT_DESCEND)
            continue;
        if (order == TABLE_SORT_COMBINE && i == 0)
            return MAPI_E_INVALID_PARAMETER; /* TBL-095 */
        if (order == TABLE_SORT_CATEG_MAX || order == TABLE_SORT_CATEG_MIN)
            return MAPI_E_TOO_COMPLEX; /* TBL-096 */
        if (order != TABLE_SORT_COMBINE)
            return MAPI_E_INVALID_PARAMETER;
    }
    return S_OK;
}

HRESULT sort_copy(const SSortOrderSet *sort, SSortOrderSet **ret_sort)
{
    ULONG count = sort ? sort->cSorts : 0;
    SSortOrderSet *copy = mapi_alloc(NULL, CbNewSSortOrderSet(count ? count : 1));

    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (sort)
        memcpy(copy, sort, CbNewSSortOrderSet(count));
    *ret_sort = copy;
    return S_OK;
}

HRESULT sort_key(const SPropValue *value, struct arena *arena, SPropValue *ret_key)
{
    const WCHAR *folded;

    *ret_key = *value;
    if (PROP_TYPE(value->ulPropTag) != PT_UNICODE)
        return S_OK;
    folded = text_sort_key(arena, value->Value.lpszW); /* as TABLE_FUZZY compares */
    if (!folded)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    ret_key->Value.lpszW = (WCHAR *)folded;
    return S_OK;
}

int sort_compare(const SSortOrderSet *sort, const SPropValue *a, const SPropValue *b)
{
    bool a_missing, b_missing;
    int order;
    ULONG i;

    for (i = 0; i < sort->cSorts; i++) {
        a_missing = PROP_TYPE(a[i].ulPropTag) == PT_ERROR;
        b_missing = PROP_TYPE(b[i].ulPropTag) == PT_ERROR;
        if (a_missing || b_missing) { /* last in either direction (TBL-094) */
            if (a_missing != b_missing)
                return a_missing ? 1 : -1;
            continue;
        }
        order = propval_compare(&a[i], &b[i], 0);
        if (order)
            return sort->aSort[i].ulOrder == TABLE_SORT_DESCEND ? -order : order;
    }
    return 0;
}
