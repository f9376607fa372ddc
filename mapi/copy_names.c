/* mapi/copy_names.c - named properties on their way to another object */
#include "mapi/copy_names.h"

#include <stdbool.h>
#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"

/* The object's PR_MAPPING_SIGNATURE; NULL: none. One MAPIFreeBuffer. */
static SPropValue *mapping_signature(IMAPIProp *object)
{
    SizedSPropTagArray(1, tags) = {1, {PR_MAPPING_SIGNATURE}};
    SPropValue *value = NULL;
    ULONG count;

    if (FAILED(object->lpVtbl->GetProps(object, (SPropTagArray *)&tags, 0, &count, &value)))
        return NULL;
    if (value && PROP_TYPE(value->ulPropTag) == PT_ERROR) {
        mapi_free(value);
        return NULL;
    }
    return value;
}

static bool same_mapping(IMAPIProp *a, IMAPIProp *b)
{
    SPropValue *left = mapping_signature(a), *right = mapping_signature(b);
    bool same = left && right && propval_equal(left, right);

    mapi_free(left);
    mapi_free(right);
    return same;
}

/* The destination's ids for those of `count` names that there are, each in its place; 0: none. */
static HRESULT ids_of_names(IMAPIProp *dest, MAPINAMEID *const *names, ULONG count, ULONG *ret_ids)
{
    MAPINAMEID **known = calloc(count, sizeof(*known));
    SPropTagArray *theirs = NULL;
    ULONG known_count = 0, i;
    HRESULT hr = S_OK;

    if (!known)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < count; i++)
        if (names[i])
            known[known_count++] = names[i];
    if (known_count)
        hr = dest->lpVtbl->GetIDsFromNames(dest, known_count, known, MAPI_CREATE, &theirs);
    if (SUCCEEDED(hr) && known_count && theirs->cValues != known_count)
        hr = MAPI_E_CALL_FAILED;
    for (known_count = 0, i = 0; SUCCEEDED(hr) && i < count; i++)
        ret_ids[i] = names[i] ? PROP_ID(theirs->aulPropTag[known_count++]) : 0;
    mapi_free(theirs);
    free(known);
    return hr;
}

HRESULT copy_ids_there(IMAPIProp *source, IMAPIProp *dest, SPropTagArray *tags, ULONG *ret_ids)
{
    SPropTagArray *asked = tags;
    MAPINAMEID **names = NULL;
    ULONG count = 0, i;
    HRESULT hr;

    for (i = 0; i < tags->cValues; i++)
        ret_ids[i] = 0;
    if (same_mapping(source, dest)) {
        for (i = 0; i < tags->cValues; i++)
            ret_ids[i] = PROP_ID(tags->aulPropTag[i]);
        return S_OK;
    }
    hr = source->lpVtbl->GetNamesFromIDs(source, &asked, NULL, 0, &count, &names);
    if (SUCCEEDED(hr) && count == tags->cValues)
        hr = ids_of_names(dest, names, count, ret_ids);
    mapi_free(names);
    return hr == MAPI_E_NOT_ENOUGH_MEMORY ? hr : S_OK;
}
