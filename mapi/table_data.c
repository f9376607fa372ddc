/* mapi/table_data.c - ITableData: rows that a program keeps in memory, and tables on them
 *
 * A row_list does the work; here are ITableData's rules. Rows are kept with strings in UTF-16 and
 * given back in the width they came in. Rows that HrQueryRow and HrEnumRow return are one block of
 * the caller's allocator; what views return is MAPIAllocateBuffer's. Free-threaded.
 *
 * Requirements: TBL-136 to TBL-156, UTL-035 to UTL-037. */
#include <stdlib.h>
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/array.h"
#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/propval.h"
#include "mapi/table_data_private.h"

static void table_data_destroy(struct mapi_object *object)
{
    struct table_data *data = container_of(object, struct table_data, object);

    if (data->list)
        row_source_unref(row_list_source(data->list));
    mapi_free(data->columns);
    free(data->narrow);
    pthread_mutex_destroy(&data->lock);
    mapi_object_clear(&data->object);
    free(data);
}

/* ---- Widths ---- */

/* Lock held. */
bool table_data_is_narrow(const struct table_data *data, ULONG tag)
{
    size_t i;

    for (i = 0; i < data->narrow_count; i++)
        if (data->narrow[i] == tag)
            return true;
    return false;
}

static HRESULT note_widths(struct table_data *data, const SPropValue *values, ULONG count)
{
    HRESULT hr = S_OK;
    ULONG i, tag;

    pthread_mutex_lock(&data->lock);
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        tag = table_data_kept_tag(values[i].ulPropTag);
        if (tag == values[i].ulPropTag || table_data_is_narrow(data, tag))
            continue;
        if (!array_append(&data->narrow, &data->narrow_count, &tag))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    pthread_mutex_unlock(&data->lock);
    return hr;
}

static HRESULT restore_widths(struct table_data *data, SPropValue *values, ULONG count)
{
    HRESULT hr = S_OK;
    ULONG i;

    pthread_mutex_lock(&data->lock);
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        if (table_data_is_narrow(data, values[i].ulPropTag))
            hr = propval_set_width(values, &values[i],
                                   PT_STRING8 | (PROP_TYPE(values[i].ulPropTag) & MV_FLAG));
    pthread_mutex_unlock(&data->lock);
    return hr;
}

/* ---- Rows in ---- */

static bool has_no_value(const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag);

    return type == PT_ERROR || type == PT_NULL || type == PT_OBJECT ||
           PROP_ID(value->ulPropTag) == PROP_ID_NULL;
}

static HRESULT check_row(const SRow *row)
{
    ULONG i;

    if (!row || row->cValues == 0 || argument_row_is_bad(row))
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < row->cValues; i++)
        if (!has_no_value(&row->lpProps[i]) && propval_is_bad(&row->lpProps[i]))
            return MAPI_E_INVALID_PARAMETER;
    return S_OK;
}

/* The index value as the list keeps it, chained to `root`; MAPI_E_INVALID_PARAMETER for another
 * column (TBL-152). */
static HRESULT make_key(const struct table_data *data, void *root, const SPropValue *value,
                        SPropValue *ret_key)
{
    SPropValue key;
    HRESULT hr;

    if (!value || table_data_kept_tag(value->ulPropTag) != data->key || propval_is_bad(value))
        return MAPI_E_INVALID_PARAMETER;
    key = *value;
    hr = propval_set_width(root, &key, PROP_TYPE(data->key));
    if (SUCCEEDED(hr))
        *ret_key = key;
    return hr;
}

static HRESULT data_HrModifyRows(struct table_data *data, ULONG flags, LPSRowSet rows)
{
    HRESULT hr = S_OK;
    ULONG i;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!rows || argument_rows_are_bad(rows))
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; SUCCEEDED(hr) && i < rows->cRows; i++)
        hr = check_row(&rows->aRow[i]);
    for (i = 0; SUCCEEDED(hr) && i < rows->cRows; i++)
        hr = note_widths(data, rows->aRow[i].lpProps, rows->aRow[i].cValues);
    if (FAILED(hr) || rows->cRows == 0)
        return hr;
    return row_list_set_many(data->list, rows->aRow, rows->cRows); /* TBL-145, TBL-146 */
}

static HRESULT data_HrModifyRow(struct table_data *data, LPSRow row)
{
    HRESULT hr = check_row(row);

    if (SUCCEEDED(hr))
        hr = note_widths(data, row->lpProps, row->cValues);
    return FAILED(hr) ? hr : row_list_set(data->list, row->lpProps, row->cValues);
}

static HRESULT data_HrInsertRow(struct table_data *data, ULONG position, LPSRow row)
{
    HRESULT hr = check_row(row);

    if (SUCCEEDED(hr) && position > row_list_count(data->list))
        hr = MAPI_E_INVALID_PARAMETER;
    if (SUCCEEDED(hr))
        hr = note_widths(data, row->lpProps, row->cValues);
    return FAILED(hr) ? hr : row_list_insert(data->list, position, row->lpProps, row->cValues);
}

/* ---- Rows away ---- */

static HRESULT data_HrDeleteRow(struct table_data *data, LPSPropValue value)
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue key;
    HRESULT hr;

    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = make_key(data, root, value, &key);
    if (SUCCEEDED(hr))
        hr = row_list_remove(data->list, &key);
    mapi_free(root);
    return hr;
}

/* The index value of a row, whatever else it has. */
static const SPropValue *row_key(const struct table_data *data, const SRow *row)
{
    ULONG i;

    for (i = 0; row->lpProps && i < row->cValues; i++)
        if (table_data_kept_tag(row->lpProps[i].ulPropTag) == data->key)
            return &row->lpProps[i];
    return NULL;
}

static HRESULT delete_listed(struct table_data *data, const SRowSet *rows, size_t *ret_removed)
{
    SPropValue *keys = mapi_alloc_array(NULL, rows->cRows, sizeof(*keys));
    HRESULT hr = keys ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    ULONG i;

    for (i = 0; SUCCEEDED(hr) && i < rows->cRows; i++)
        hr = make_key(data, keys, row_key(data, &rows->aRow[i]), &keys[i]);
    if (SUCCEEDED(hr))
        row_list_remove_many(data->list, keys, rows->cRows, ret_removed);
    mapi_free(keys);
    return hr;
}

static HRESULT data_HrDeleteRows(struct table_data *data, ULONG flags, LPSRowSet rows,
                                 ULONG *ret_deleted)
{
    size_t removed = 0;
    HRESULT hr = S_OK;

    if (ret_deleted)
        *ret_deleted = 0;
    if (flags & ~(ULONG)TAD_ALL_ROWS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & TAD_ALL_ROWS)
        removed = row_list_reset(data->list); /* TBL-149 */
    else if (!rows || argument_rows_are_bad(rows))
        hr = MAPI_E_INVALID_PARAMETER;
    else if (rows->cRows > 0)
        hr = delete_listed(data, rows, &removed);
    if (SUCCEEDED(hr) && ret_deleted)
        *ret_deleted = (ULONG)removed;
    return hr;
}

/* ---- Rows out ---- */

/* A row with its values in one block of the caller's allocator. `values` is given back. */
static HRESULT hand_out_row(struct table_data *data, SPropValue *values, ULONG count,
                            LPSRow *ret_row)
{
    const size_t head = (sizeof(SRow) + 15) & ~(size_t)15;
    LPVOID block = NULL;
    ULONG size;
    HRESULT hr;

    hr = restore_widths(data, values, count);
    if (SUCCEEDED(hr))
        hr = ScCountProps((int)count, values, &size);
    if (SUCCEEDED(hr))
        hr = data->allocate((ULONG)head + size, &block);
    if (SUCCEEDED(hr)) {
        SRow *row = block;

        row->ulAdrEntryPad = 0;
        row->cValues = count;
        row->lpProps = (SPropValue *)((char *)block + head);
        hr = ScCopyProps((int)count, values, row->lpProps, NULL);
        *ret_row = row;
    }
    mapi_free(values);
    return hr;
}

static HRESULT data_HrQueryRow(struct table_data *data, LPSPropValue value, LPSRow *ret_row,
                               ULONG *ret_position)
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue key, *values;
    size_t position;
    ULONG count;
    HRESULT hr;

    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (ret_row)
        *ret_row = NULL;
    hr = ret_row ? make_key(data, root, value, &key) : MAPI_E_INVALID_PARAMETER;
    if (SUCCEEDED(hr))
        hr = row_list_get(data->list, &key, &values, &count, &position);
    mapi_free(root);
    if (SUCCEEDED(hr))
        hr = hand_out_row(data, values, count, ret_row);
    if (SUCCEEDED(hr) && ret_position)
        *ret_position = (ULONG)position;
    return hr;
}

static HRESULT data_HrEnumRow(struct table_data *data, ULONG position, LPSRow *ret_row)
{
    SPropValue *values;
    ULONG count;
    HRESULT hr;

    if (!ret_row)
        return MAPI_E_INVALID_PARAMETER;
    *ret_row = NULL;
    hr = row_list_get_at(data->list, position, &values, &count);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK; /* TBL-143 */
    return FAILED(hr) ? hr : hand_out_row(data, values, count, ret_row);
}

/* ---- Notify ---- */

/* Has the row all of these values? */
static bool row_matches(const SPropValue *row, ULONG row_count, const SPropValue *values,
                        ULONG count)
{
    const SPropValue *found;
    ULONG i;

    for (i = 0; i < count; i++) {
        found = propval_find(row, row_count, values[i].ulPropTag);
        if (!found || !propval_equal(found, &values[i]))
            return false;
    }
    return true;
}

static HRESULT touch_matching(struct table_data *data, const SPropValue *wanted, ULONG count)
{
    SPropValue *row;
    ULONG row_count;
    size_t i;
    HRESULT hr;

    for (i = 0; SUCCEEDED(hr = row_list_get_at(data->list, i, &row, &row_count)); i++) {
        bool found = row_matches(row, row_count, wanted, count);

        if (found)
            hr = row_list_touch(data->list, propval_find(row, row_count, data->key));
        mapi_free(row);
        if (found)
            return hr;
    }
    return hr;
}

/* The first row that has all the values; the index value alone names it best. */
static HRESULT data_HrNotify(struct table_data *data, ULONG flags, ULONG count, LPSPropValue values)
{
    SPropValue *wanted;
    HRESULT hr = S_OK;
    ULONG i;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (count == 0 || !values)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < count; i++)
        if (propval_is_bad(&values[i]))
            return MAPI_E_INVALID_PARAMETER;
    wanted = mapi_alloc_array(NULL, count, sizeof(*wanted));
    if (!wanted)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        wanted[i] = values[i];
        hr = propval_set_width(wanted, &wanted[i],
                               PROP_TYPE(table_data_kept_tag(values[i].ulPropTag)));
    }
    if (SUCCEEDED(hr) && count == 1 && wanted[0].ulPropTag == data->key)
        hr = row_list_touch(data->list, &wanted[0]);
    else if (SUCCEEDED(hr))
        hr = touch_matching(data, wanted, count);
    mapi_free(wanted);
    return hr;
}

static HRESULT data_HrGetView(struct table_data *data, LPSSortOrderSet sort,
                              CALLERRELEASE *caller_release, ULONG_PTR caller_data,
                              LPMAPITABLE *ret_view)
{
    if (!ret_view)
        return MAPI_E_INVALID_PARAMETER;
    *ret_view = NULL;
    return table_data_view(data, sort, caller_release, caller_data, ret_view);
}

/* ---- Creation ---- */

/* @thunks ITableData table_data data */
#include "mapi/table_data_thunks.inc"

static const struct mapi_face table_data_faces[] = {
    MAPI_FACE(struct table_data, IID_IMAPITableData, ITableData_iface),
};

static const struct mapi_class table_data_class = {
    .name = "table_data",
    .destroy = table_data_destroy,
    .faces = table_data_faces,
    .face_count = 1,
};

static bool is_index_column(ULONG tag)
{
    ULONG type = PROP_TYPE(tag);

    return propval_type_is_known(type) && !(type & MV_FLAG) && type != PT_NULL &&
           type != PT_OBJECT && type != PT_ERROR && PROP_ID(tag) != PROP_ID_NULL &&
           PROP_ID(tag) != PROP_ID_INVALID;
}

SCODE STDAPICALLTYPE CreateTable(LPCIID iid, ALLOCATEBUFFER *allocate, ALLOCATEMORE *allocate_more,
                                 FREEBUFFER *free_buffer, LPVOID reserved, ULONG type,
                                 ULONG index_column, LPSPropTagArray columns, LPTABLEDATA *ret_data)
{
    struct table_data *data;
    HRESULT hr;

    if (!ret_data)
        return MAPI_E_INVALID_PARAMETER;
    *ret_data = NULL;
    if (iid && !guid_equal(iid, &IID_IMAPITableData))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (!allocate || !allocate_more || !free_buffer || type > TBLTYPE_DYNAMIC ||
        !is_index_column(index_column) || !columns || columns->cValues == 0 ||
        columns->cValues > 1u << 16)
        return MAPI_E_INVALID_PARAMETER;
    data = calloc(1, sizeof(*data));
    if (!data)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    data->ITableData_iface.lpVtbl = &data_vtbl;
    mapi_object_init(&data->object, &table_data_class, NULL);
    pthread_mutex_init(&data->lock, NULL);
    data->allocate = allocate;
    data->type = type;
    data->key = table_data_kept_tag(index_column);
    data->columns = mapi_memdup(NULL, columns, CbSPropTagArray(columns));
    hr = data->columns ? row_list_create(data->key, &data->list) : MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr)) {
        mapi_object_unref(&data->object);
        return hr;
    }
    *ret_data = &data->ITableData_iface;
    return S_OK;
}
