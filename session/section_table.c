/* session/section_table.c - the service table and the provider tables of a profile
 *
 * As the database has them now: administration tables do not follow later changes (PRF). */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "session/service_admin.h"
#include "state/profiles.h"

static SPropValue uid_value(ULONG tag, const MAPIUID *uid)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.bin.cb = sizeof(*uid);
    value.Value.bin.lpb = (BYTE *)uid;
    return value;
}

static WAITS HRESULT add_section(struct profile_store *store, const MAPIUID *key,
                                 const struct profile_section *section,
                                 const SPropTagArray *columns, struct row_list *rows)
{
    SPropValue *values, *all;
    size_t count, made = 0;
    HRESULT hr = profile_props_get(store, key, &section->uid, columns->aulPropTag, columns->cValues,
                                   NULL, &values, &count);

    if (FAILED(hr))
        return hr;
    all = mapi_alloc_array(NULL, count + 5, sizeof(*all));
    if (!all) {
        free(values);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    all[made++] = uid_value(PR_INSTANCE_KEY, &section->uid);
    if (section->kind == PROFILE_SECTION_PROVIDER) {
        all[made++] = uid_value(PR_PROVIDER_UID, &section->uid);
        all[made++] = uid_value(PR_SERVICE_UID, &section->parent);
        all[made].ulPropTag = PR_PROVIDER_ORDINAL;
        all[made++].Value.l = (LONG)section->order;
    } else {
        all[made++] = uid_value(PR_SERVICE_UID, &section->uid);
    }
    memcpy(all + made, values, count * sizeof(*values));
    hr = row_list_set(rows, all, made + count);
    mapi_free(all);
    free(values);
    return hr;
}

HRESULT section_table_open(struct profiles *profiles, struct mapi_object *owner, const MAPIUID *key,
                           int kind, const MAPIUID *service, const SPropTagArray *columns,
                           ULONG flags, IMAPITable **ret_table)
{
    struct table_options options = {
        .owner = owner, .columns = columns, .flags = flags & MAPI_UNICODE};
    struct profile_section *sections;
    struct profile_store *store;
    struct row_list *rows;
    size_t count;
    HRESULT hr = profiles_store(profiles, NULL, &store);

    if (SUCCEEDED(hr))
        hr = profile_sections_list(store, key, (enum profile_section_kind)kind, service, NULL,
                                   &sections, &count);
    if (FAILED(hr))
        return hr;
    hr = row_list_create(PR_INSTANCE_KEY, &rows);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = add_section(store, key, &sections[i], columns, rows);
    free(sections);
    if (FAILED(hr))
        return hr;
    options.source = row_list_source(rows);
    hr = table_create(&options, ret_table);
    row_source_unref(row_list_source(rows));
    return hr;
}
