/* session/store_table.c - the message store table: a row per store of the profile */
#include "session/store_table.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "mapi/text.h"

struct store_table {
    struct row_list *rows;
    struct dispatcher *dispatcher; /* our reference */
};

HRESULT store_table_create(struct dispatcher *dispatcher, struct store_table **ret_table)
{
    struct store_table *table = calloc(1, sizeof(*table));
    HRESULT hr;

    if (!table)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    table->dispatcher = dispatcher_ref(dispatcher);
    hr = row_list_create(PR_INSTANCE_KEY, &table->rows);
    if (FAILED(hr)) {
        store_table_free(table);
        return hr;
    }
    *ret_table = table;
    return S_OK;
}

void store_table_free(struct store_table *table)
{
    if (!table)
        return;
    if (table->rows)
        row_source_unref(row_list_source(table->rows));
    dispatcher_unref(table->dispatcher);
    free(table);
}

static SPropValue row_key(const MAPIUID *uid)
{
    SPropValue key = {.ulPropTag = PR_INSTANCE_KEY};

    key.Value.bin.cb = sizeof(*uid);
    key.Value.bin.lpb = (BYTE *)uid;
    return key;
}

HRESULT store_table_set(struct store_table *table, const struct store_row *row)
{
    SPropValue values[11];
    ULONG count = 0;
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = root ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    values[count++] = row_key(&row->uid);
    values[count].ulPropTag = PR_DISPLAY_NAME_W;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, row->display, &values[count++].Value.lpszW);
    values[count].ulPropTag = PR_PROVIDER_DISPLAY_W;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, row->provider, &values[count++].Value.lpszW);
    values[count].ulPropTag = PR_ENTRYID;
    values[count++].Value.bin = row->entryid;
    values[count].ulPropTag = PR_DEFAULT_STORE;
    values[count++].Value.b = (row->flags & STATUS_DEFAULT_STORE) != 0;
    values[count].ulPropTag = PR_RESOURCE_FLAGS;
    values[count++].Value.l = (LONG)row->flags;
    values[count].ulPropTag = PR_RESOURCE_TYPE;
    values[count++].Value.l = MAPI_STORE_PROVIDER;
    values[count].ulPropTag = PR_OBJECT_TYPE;
    values[count++].Value.l = MAPI_STORE;
    if (row->record_key.cb) {
        values[count].ulPropTag = PR_RECORD_KEY;
        values[count++].Value.bin = row->record_key;
    }
    if (row->mdb_provider.cb) {
        values[count].ulPropTag = PR_MDB_PROVIDER;
        values[count++].Value.bin = row->mdb_provider;
    }
    if (SUCCEEDED(hr))
        hr = row_list_set(table->rows, values, count);
    mapi_free(root);
    return hr;
}

HRESULT store_table_set_flags(struct store_table *table, const MAPIUID *uid, ULONG flags)
{
    SPropValue key = row_key(uid), values[2];

    values[0].ulPropTag = PR_RESOURCE_FLAGS;
    values[0].Value.l = (LONG)flags;
    values[1].ulPropTag = PR_DEFAULT_STORE;
    values[1].Value.b = (flags & STATUS_DEFAULT_STORE) != 0;
    return row_list_merge(table->rows, &key, values, 2);
}

void store_table_remove(struct store_table *table, const MAPIUID *uid)
{
    SPropValue key = row_key(uid);

    row_list_remove(table->rows, &key);
}

static const SPropValue *find_value(const SPropValue *values, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (values[i].ulPropTag == tag)
            return &values[i];
    return NULL;
}

bool store_table_find(struct store_table *table, ULONG size, const ENTRYID *id, MAPIUID *ret_uid)
{
    SPropValue *values;
    bool found = false;
    ULONG count;

    for (size_t at = 0; !found && SUCCEEDED(row_list_get_at(table->rows, at, &values, &count));
         at++) {
        const SPropValue *entryid = find_value(values, count, PR_ENTRYID);
        const SPropValue *key = find_value(values, count, PR_INSTANCE_KEY);

        found = entryid && key && entryid->Value.bin.cb == size &&
                memcmp(entryid->Value.bin.lpb, id, size) == 0;
        if (found)
            memcpy(ret_uid, key->Value.bin.lpb, sizeof(*ret_uid));
        mapi_free(values);
    }
    return found;
}

HRESULT store_table_entryid(struct store_table *table, const MAPIUID *uid, ULONG *ret_size,
                            ENTRYID **ret_id)
{
    SPropValue key = row_key(uid), *values;
    const SPropValue *id;
    size_t position;
    ULONG count;
    HRESULT hr = row_list_get(table->rows, &key, &values, &count, &position);

    if (FAILED(hr))
        return hr;
    id = find_value(values, count, PR_ENTRYID);
    *ret_id = id ? mapi_memdup(NULL, id->Value.bin.lpb, id->Value.bin.cb) : NULL;
    if (*ret_id)
        *ret_size = id->Value.bin.cb;
    else
        hr = id ? MAPI_E_NOT_ENOUGH_MEMORY : MAPI_E_NOT_FOUND;
    mapi_free(values);
    return hr;
}

static const SizedSPropTagArray(10, default_columns) = {
    10,
    {PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_DEFAULT_STORE,
     PR_RESOURCE_FLAGS, PR_RESOURCE_TYPE, PR_OBJECT_TYPE, PR_RECORD_KEY, PR_MDB_PROVIDER}};

HRESULT store_table_open(struct store_table *table, struct mapi_object *owner, ULONG flags,
                         IMAPITable **ret_view)
{
    const struct table_options options = {
        .source = row_list_source(table->rows),
        .owner = owner,
        .dispatcher = table->dispatcher,
        .columns = (const SPropTagArray *)&default_columns,
        .flags = flags & MAPI_UNICODE,
    };

    return table_create(&options, ret_view);
}
