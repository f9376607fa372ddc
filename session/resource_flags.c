/* session/resource_flags.c - PR_RESOURCE_FLAGS of a profile's section */
#include "session/resource_flags.h"

#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"

HRESULT resource_flags_get(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                           struct error_info *error, ULONG *ret_flags)
{
    const ULONG tag = PR_RESOURCE_FLAGS;
    SPropValue *values;
    size_t count;
    HRESULT hr = profile_props_get(store, key, uid, &tag, 1, error, &values, &count);

    if (FAILED(hr))
        return hr;
    *ret_flags = count ? (ULONG)values[0].Value.l : 0;
    free(values);
    return S_OK;
}

HRESULT resource_flags_change(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                              ULONG set, ULONG clear, struct error_info *error)
{
    SPropValue value;
    ULONG flags;
    HRESULT hr = resource_flags_get(store, key, uid, error, &flags);

    if (FAILED(hr))
        return hr;
    value = propval_long(PR_RESOURCE_FLAGS, (LONG)((flags | set) & ~clear));
    return profile_props_set(store, key, uid, &value, 1, error);
}
