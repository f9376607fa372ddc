/* mapi/adrlist.c - entries of address lists */
#include "mapi/adrlist.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"

bool adrlist_is_bad(const ADRLIST *list)
{
    for (ULONG i = 0; i < list->cEntries; i++)
        for (ULONG j = 0; j < list->aEntries[i].cValues; j++)
            if (propval_is_bad(&list->aEntries[i].rgPropVals[j]))
                return true;
    return false;
}

const SPropValue *adrentry_find(const ADRENTRY *entry, ULONG tag)
{
    for (ULONG i = 0; i < entry->cValues; i++)
        if (PROP_ID(entry->rgPropVals[i].ulPropTag) == PROP_ID(tag) &&
            PROP_TYPE(entry->rgPropVals[i].ulPropTag) != PT_ERROR)
            return &entry->rgPropVals[i];
    return NULL;
}

static bool came_before(const SPropValue *values, ULONG at)
{
    for (ULONG i = 0; i < at; i++)
        if (PROP_ID(values[i].ulPropTag) == PROP_ID(values[at].ulPropTag))
            return true;
    return false;
}

static HRESULT set_width(void *root, SPropValue *value, ULONG type)
{
    ULONG own = PROP_TYPE(value->ulPropTag);

    if (!type || !propval_type_is_string(own) ||
        PROP_ID(value->ulPropTag) == PROP_ID(PR_7BIT_DISPLAY_NAME))
        return S_OK;
    return propval_set_width(root, value, (own & MV_FLAG) | type);
}

HRESULT adrentry_set(ADRENTRY *entry, const SPropValue *values, ULONG count, ULONG type)
{
    SPropValue *copy = mapi_alloc_array(NULL, (size_t)count + 1, sizeof(*copy));
    HRESULT hr = copy ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    ULONG kept = 0;

    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        if (came_before(values, i))
            continue;
        hr = propval_copy(copy, &copy[kept], &values[i]);
        if (SUCCEEDED(hr))
            hr = set_width(copy, &copy[kept++], type);
    }
    if (FAILED(hr)) {
        mapi_free(copy);
        return hr;
    }
    mapi_free(entry->rgPropVals);
    entry->rgPropVals = copy;
    entry->cValues = kept;
    return S_OK;
}

HRESULT adrentry_put(ADRENTRY *entry, const SPropValue *values, ULONG count, ULONG type)
{
    SPropValue *all = malloc(((size_t)count + entry->cValues + 1) * sizeof(*all));
    HRESULT hr;

    if (!all)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (count)
        memcpy(all, values, count * sizeof(*all));
    if (entry->cValues)
        memcpy(all + count, entry->rgPropVals, entry->cValues * sizeof(*all));
    hr = adrentry_set(entry, all, count + entry->cValues, type);
    free(all);
    return hr;
}

/* By id, whatever the type. */
static const SPropValue *find_known(const SPropValue *known, ULONG count, ULONG tag)
{
    return propval_find(known, count, CHANGE_PROP_TYPE(tag, PT_UNSPECIFIED));
}

HRESULT adrentry_resolve(ADRENTRY *entry, const SPropTagArray *tags, const SPropValue *known,
                         ULONG count, ULONG type)
{
    SPropValue *values;
    ULONG wanted = 0;
    HRESULT hr;

    if (!tags)
        return adrentry_put(entry, known, count, type);
    values = malloc(((size_t)tags->cValues + 1) * sizeof(*values));
    if (!values)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    values[wanted++] = *find_known(known, count, PR_ENTRYID);
    for (ULONG i = 0; i < tags->cValues; i++) {
        const SPropValue *value = find_known(known, count, tags->aulPropTag[i]);

        if (value)
            values[wanted++] = *value;
        else if (!adrentry_find(entry, tags->aulPropTag[i]))
            propval_set_error(&values[wanted++], tags->aulPropTag[i], MAPI_E_NOT_FOUND);
    }
    hr = adrentry_put(entry, values, wanted, type);
    free(values);
    return hr;
}

/* One wanted property in the type of its tag; what is converted is in `root`. */
static HRESULT take_wanted(void *root, const ADRENTRY *entry, ULONG tag, const SPropValue *known,
                           ULONG count, SPropValue *ret_value)
{
    bool is_id = PROP_ID(tag) == PROP_ID(PR_ENTRYID);
    const SPropValue *value = is_id ? NULL : adrentry_find(entry, tag);
    ULONG type = PROP_TYPE(tag);
    HRESULT hr = S_OK;

    if (!value)
        value = find_known(known, count, tag);
    if (value)
        *ret_value = *value;
    if (value && propval_type_is_string(type))
        hr = propval_set_width(root, ret_value, type);
    if (!value || (type != PT_UNSPECIFIED && PROP_TYPE(ret_value->ulPropTag) != type))
        propval_set_error(ret_value, tag, MAPI_E_NOT_FOUND);
    return hr;
}

HRESULT adrentry_prepare(ADRENTRY *entry, const SPropTagArray *tags, const SPropValue *known,
                         ULONG count)
{
    ULONG wanted = tags ? tags->cValues : 0;
    SPropValue *values = mapi_alloc_array(NULL, (size_t)wanted + 1, sizeof(*values));
    HRESULT hr = values ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (ULONG i = 0; i < wanted && SUCCEEDED(hr); i++)
        hr = take_wanted(values, entry, tags->aulPropTag[i], known, count, &values[i]);
    if (SUCCEEDED(hr)) { /* behind the wanted ones, where it is wanted it came before */
        values[wanted] = *find_known(known, count, PR_ENTRYID);
        hr = adrentry_put(entry, values, wanted + 1, 0);
    }
    mapi_free(values);
    return hr;
}
