/* session/profile_look.c - what a profile has already */
#include "session/profile_look.h"

#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/text.h"

static void look_at(const struct profile_section *section, const SPropValue *values, size_t count,
                    const WCHAR *name, struct profile_look *look)
{
    const SPropValue *called = propval_find(values, count, PR_SERVICE_NAME_W);
    const SPropValue *flags = propval_find(values, count, PR_RESOURCE_FLAGS);
    ULONG bits = flags ? (ULONG)flags->Value.l : 0;

    if (section->kind == PROFILE_SECTION_SERVICE) {
        look->has_identity |= (bits & SERVICE_PRIMARY_IDENTITY) != 0;
        look->has_service |= called && utf16_compare(called->Value.lpszW, name) == 0;
    } else if (section->kind == PROFILE_SECTION_PROVIDER) {
        look->has_store |= (bits & STATUS_DEFAULT_STORE) != 0;
    }
}

HRESULT profile_look(struct profile_store *store, const MAPIUID *key, const WCHAR *name,
                     struct error_info *error, struct profile_look *ret_look)
{
    static const ULONG tags[] = {PR_SERVICE_NAME_W, PR_RESOURCE_FLAGS};
    struct profile_section *sections;
    SPropValue *values;
    size_t count, value_count;
    HRESULT hr = profile_sections_list(store, key, 0, NULL, error, &sections, &count);

    *ret_look = (struct profile_look){0};
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        hr = profile_props_get(store, key, &sections[i].uid, tags, 2, error, &values, &value_count);
        if (FAILED(hr))
            continue;
        look_at(&sections[i], values, value_count, name, ret_look);
        free(values);
    }
    free(sections);
    return hr;
}

HRESULT profile_service_name(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                             struct error_info *error, char **ret_name)
{
    const ULONG tag = PR_SERVICE_NAME_W;
    SPropValue *values;
    size_t count;
    HRESULT hr = profile_props_get(store, key, uid, &tag, 1, error, &values, &count);

    if (FAILED(hr))
        return hr;
    hr = count ? text_utf16_to_utf8(NULL, values[0].Value.lpszW, ret_name) : MAPI_E_NOT_FOUND;
    free(values);
    return hr;
}
