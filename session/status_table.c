/* session/status_table.c - the status table: a row per resource, live
 *
 * A row list keyed by PR_INSTANCE_KEY, which is the row number. Behaviour: STA-001 to STA-062. */
#include "session/status_table.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "mapi/text.h"

#define LIBRARY_COLUMNS 8

struct status_table {
    struct row_list *rows;
    struct dispatcher *dispatcher; /* our reference */
    atomic_uint last_row;
};

/* Names the entry ids of status rows among all others. */
static const MAPIUID status_provider_uid = {{0x5D, 0x6B, 0x1E, 0x52, 0x8A, 0x0C, 0x4F, 0x11, 0xA3,
                                             0x70, 0x4E, 0xB8, 0x29, 0xC6, 0xD4, 0x01}};
const MAPIUID status_uid_subsystem = {{0x5D, 0x6B, 0x1E, 0x52, 0x8A, 0x0C, 0x4F, 0x11, 0xA3, 0x70,
                                       0x4E, 0xB8, 0x29, 0xC6, 0xD4, 0x02}};
const MAPIUID status_uid_spooler = {{0x5D, 0x6B, 0x1E, 0x52, 0x8A, 0x0C, 0x4F, 0x11, 0xA3, 0x70,
                                     0x4E, 0xB8, 0x29, 0xC6, 0xD4, 0x03}};
const MAPIUID status_uid_address_book = {{0x5D, 0x6B, 0x1E, 0x52, 0x8A, 0x0C, 0x4F, 0x11, 0xA3,
                                          0x70, 0x4E, 0xB8, 0x29, 0xC6, 0xD4, 0x04}};

HRESULT status_table_create(struct dispatcher *dispatcher, struct status_table **ret_table)
{
    struct status_table *table = calloc(1, sizeof(*table));
    HRESULT hr;

    if (!table)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    table->dispatcher = dispatcher_ref(dispatcher);
    hr = row_list_create(PR_INSTANCE_KEY, &table->rows);
    if (FAILED(hr)) {
        status_table_free(table);
        return hr;
    }
    *ret_table = table;
    return S_OK;
}

void status_table_free(struct status_table *table)
{
    if (!table)
        return;
    if (table->rows)
        row_source_unref(row_list_source(table->rows));
    dispatcher_unref(table->dispatcher);
    free(table);
}

/* --- Columns ---------------------------------------------------------------------------------- */

static bool is_librarys(ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_PROVIDER_DLL_NAME):
    case PROP_ID(PR_RESOURCE_FLAGS):
    case PROP_ID(PR_RESOURCE_TYPE):
    case PROP_ID(PR_ENTRYID):
    case PROP_ID(PR_INSTANCE_KEY):
    case PROP_ID(PR_ROWID):
    case PROP_ID(PR_OBJECT_TYPE):
        return true;
    }
    return false;
}

static SPropValue row_key(const ULONG *row)
{
    SPropValue key = {.ulPropTag = PR_INSTANCE_KEY};

    key.Value.bin.cb = sizeof(*row);
    key.Value.bin.lpb = (BYTE *)row;
    return key;
}

void status_entryid_make(const MAPIUID *uid, BYTE id[STATUS_ENTRYID_SIZE])
{
    memset(id, 0, 4);
    memcpy(id + 4, &status_provider_uid, sizeof(MAPIUID));
    memcpy(id + 4 + sizeof(MAPIUID), uid, sizeof(MAPIUID));
}

bool status_entryid_parse(ULONG size, const ENTRYID *id, MAPIUID *ret_uid)
{
    const BYTE *bytes = (const BYTE *)id;

    if (!id || size != STATUS_ENTRYID_SIZE ||
        memcmp(bytes + 4, &status_provider_uid, sizeof(MAPIUID)) != 0)
        return false;
    memcpy(ret_uid, bytes + 4 + sizeof(MAPIUID), sizeof(MAPIUID));
    return true;
}

/* The columns without the library's own; `out` has room for all. */
static ULONG leave_out_librarys(const SPropValue *columns, ULONG count, SPropValue *out)
{
    ULONG kept = 0;

    for (ULONG i = 0; i < count; i++)
        if (!is_librarys(columns[i].ulPropTag))
            out[kept++] = columns[i];
    return kept;
}

static HRESULT add_row(struct status_table *table, const struct status_resource *resource,
                       ULONG row, SPropValue *columns, ULONG count)
{
    BYTE id[STATUS_ENTRYID_SIZE];
    WCHAR *dll_name;
    HRESULT hr = text_utf8_to_utf16(NULL, resource->dll_name, &dll_name);

    if (FAILED(hr))
        return hr;
    status_entryid_make(&resource->uid, id);
    columns[count++] = row_key(&row);
    columns[count].ulPropTag = PR_ROWID;
    columns[count++].Value.l = (LONG)row;
    columns[count].ulPropTag = PR_ENTRYID;
    columns[count].Value.bin = (SBinary){.cb = sizeof(id), .lpb = id};
    count++;
    columns[count].ulPropTag = PR_OBJECT_TYPE;
    columns[count++].Value.l = MAPI_STATUS;
    columns[count].ulPropTag = PR_RESOURCE_TYPE;
    columns[count++].Value.l = (LONG)resource->type;
    columns[count].ulPropTag = PR_RESOURCE_FLAGS;
    columns[count++].Value.l = (LONG)resource->flags;
    columns[count].ulPropTag = PR_PROVIDER_DLL_NAME_W;
    columns[count++].Value.lpszW = dll_name;
    hr = row_list_set(table->rows, columns, count);
    mapi_free(dll_name);
    return hr;
}

HRESULT status_table_add(struct status_table *table, const struct status_resource *resource,
                         const SPropValue *columns, ULONG count, ULONG *ret_row)
{
    SPropValue *all = mapi_alloc_array(NULL, (size_t)count + LIBRARY_COLUMNS, sizeof(*all));
    ULONG row = atomic_fetch_add(&table->last_row, 1) + 1;
    HRESULT hr;

    if (!all)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = add_row(table, resource, row, all, leave_out_librarys(columns, count, all));
    mapi_free(all);
    if (SUCCEEDED(hr))
        *ret_row = row;
    return hr;
}

HRESULT status_table_merge(struct status_table *table, ULONG row, const SPropValue *columns,
                           ULONG count)
{
    SPropValue *kept = mapi_alloc_array(NULL, (size_t)count + 1, sizeof(*kept));
    SPropValue key = row_key(&row);
    HRESULT hr;

    if (!kept)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = row_list_merge(table->rows, &key, kept, leave_out_librarys(columns, count, kept));
    mapi_free(kept);
    return hr;
}

HRESULT status_table_set_flags(struct status_table *table, ULONG row, ULONG flags)
{
    SPropValue key = row_key(&row), value = {.ulPropTag = PR_RESOURCE_FLAGS};

    value.Value.l = (LONG)flags;
    return row_list_merge(table->rows, &key, &value, 1);
}

void status_table_remove(struct status_table *table, ULONG row)
{
    SPropValue key = row_key(&row);

    row_list_remove(table->rows, &key);
}

HRESULT status_table_row(struct status_table *table, ULONG row, SPropValue **ret_columns,
                         ULONG *ret_count)
{
    SPropValue key = row_key(&row);
    size_t position;

    return row_list_get(table->rows, &key, ret_columns, ret_count, &position);
}

HRESULT status_table_row_at(struct status_table *table, size_t position, SPropValue **ret_columns,
                            ULONG *ret_count)
{
    return row_list_get_at(table->rows, position, ret_columns, ret_count);
}

/* --- The view --------------------------------------------------------------------------------- */

/* The default column set of status-tables.md, then what stores and transports add. */
static const SizedSPropTagArray(16, default_columns) = {
    16,
    {PR_PROVIDER_DISPLAY_W, PR_DISPLAY_NAME_W, PR_PROVIDER_DLL_NAME_W, PR_RESOURCE_TYPE,
     PR_RESOURCE_METHODS, PR_RESOURCE_FLAGS, PR_STATUS_CODE, PR_STATUS_STRING_W, PR_ENTRYID,
     PR_INSTANCE_KEY, PR_ROWID, PR_OBJECT_TYPE, PR_IDENTITY_DISPLAY_W, PR_IDENTITY_ENTRYID,
     PR_IDENTITY_SEARCH_KEY, PR_OWN_STORE_ENTRYID}};

HRESULT status_table_open(struct status_table *table, struct mapi_object *owner, ULONG flags,
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
