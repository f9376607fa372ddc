/* mapi/table_columns.c - the columns of a table, and reading rows in them */
#include <stdlib.h>
#include <string.h>

#include "mapi/propval.h"
#include "mapi/table_private.h"

#define COLUMNS_MAX 2048

static HRESULT check_columns(const SPropTagArray *tags)
{
    ULONG i;

    if (!tags || tags->cValues == 0)
        return MAPI_E_INVALID_PARAMETER; /* TBL-002 */
    if (tags->cValues > COLUMNS_MAX)
        return MAPI_E_TOO_COMPLEX;
    for (i = 0; i < tags->cValues; i++) {
        if (PROP_ID(tags->aulPropTag[i]) == PROP_ID_INVALID)
            return MAPI_E_INVALID_PARAMETER;
        if ((tags->aulPropTag[i] & MV_INSTANCE) && !(tags->aulPropTag[i] & MV_FLAG))
            return MAPI_E_INVALID_PARAMETER;
    }
    return S_OK;
}

/* Columns that make other rows than the present ones do: the view is built anew, and bookmarks go
 * (TBL-009). */
static HRESULT redefine_instances(struct table *table, const SPropTagArray *columns)
{
    struct view_definition *present = table_definition(table), *wanted;
    HRESULT hr = view_definition_create(NULL, present->sort, columns, &wanted);

    if (SUCCEEDED(hr) && !view_definition_same_instances(present, wanted)) {
        view_definition_unref(wanted);
        hr = view_definition_create(present->restriction, present->sort, columns, &wanted);
        if (SUCCEEDED(hr))
            hr = table_redefine(table, wanted, TBLSTAT_SETCOL_ERROR);
    } else if (SUCCEEDED(hr)) {
        view_definition_unref(wanted);
    }
    view_definition_unref(present);
    return hr;
}

HRESULT table_SetColumns(struct table *table, LPSPropTagArray tags, ULONG flags)
{
    SPropTagArray *copy, *old;
    HRESULT hr;

    if (flags & ~(ULONG)(TBL_ASYNC | TBL_BATCH))
        return MAPI_E_UNKNOWN_FLAGS;
    hr = check_columns(tags);
    if (FAILED(hr))
        return hr;
    hr = redefine_instances(table, tags);
    if (FAILED(hr))
        return hr;
    copy = mapi_memdup(NULL, tags, CbSPropTagArray(tags));
    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    pthread_mutex_lock(&table->lock);
    /* What was announced until now is told in the old columns (TBL-129). */
    if (table->stack && advise_list_wants(&table->advises, fnevTableModified))
        table_follow(table);
    old = table->columns;
    table->columns = copy;
    table_unlock(table);
    if (old != table->default_columns)
        mapi_free(old);
    return S_OK;
}

/* All columns the source knows, in the table's width; the default ones if it does not say. */
static HRESULT all_columns(struct table *table, SPropTagArray **ret_tags)
{
    ULONG width = table->options.flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8, i, type;
    SPropTagArray *tags = NULL;
    HRESULT hr = S_OK;

    if (table->source->ops->columns)
        hr = table->source->ops->columns(table->source, &tags);
    if (FAILED(hr))
        return hr;
    if (!tags || tags->cValues == 0) { /* a table always has a column */
        mapi_free(tags);
        tags = mapi_memdup(NULL, table->default_columns, CbSPropTagArray(table->default_columns));
        if (!tags)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    for (i = 0; i < tags->cValues; i++) {
        type = PROP_TYPE(tags->aulPropTag[i]);
        if (propval_type_is_string(type))
            tags->aulPropTag[i] = CHANGE_PROP_TYPE(tags->aulPropTag[i], width | (type & MV_FLAG));
    }
    *ret_tags = tags;
    return S_OK;
}

HRESULT table_QueryColumns(struct table *table, ULONG flags, LPSPropTagArray *ret_tags)
{
    SPropTagArray *copy;

    if (!ret_tags)
        return MAPI_E_INVALID_PARAMETER;
    *ret_tags = NULL;
    if (flags & ~(ULONG)TBL_ALL_COLUMNS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & TBL_ALL_COLUMNS)
        return all_columns(table, ret_tags);
    pthread_mutex_lock(&table->lock);
    copy = mapi_memdup(NULL, table->columns, CbSPropTagArray(table->columns));
    table_unlock(table);
    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_tags = copy;
    return S_OK;
}

HRESULT table_source_tags(const SPropTagArray *columns, ULONG **ret_tags, size_t *ret_count)
{
    ULONG *tags = malloc((columns->cValues + 1) * sizeof(*tags));
    size_t count = 0, j;
    ULONG i, tag;

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < columns->cValues; i++) {
        tag = view_source_tag(columns->aulPropTag[i]);
        if (PROP_ID(tag) == PROP_ID_NULL)
            continue;
        for (j = 0; j < count && tags[j] != tag; j++)
            ;
        if (j == count)
            tags[count++] = tag;
    }
    *ret_tags = tags;
    *ret_count = count;
    return S_OK;
}

/* Gives a string value the width of its column, with memory of the arena. */
static HRESULT set_width(struct arena *arena, ULONG column, SPropValue *value)
{
    ULONG type = PROP_TYPE(column) & ~(ULONG)MV_INSTANCE;
    SPropValue *root, converted;
    uint8_t *cursor;
    HRESULT hr;

    if ((column & MV_INSTANCE) && !(PROP_TYPE(value->ulPropTag) & MV_FLAG))
        type &= ~(ULONG)MV_FLAG; /* a single value of it */
    if (!propval_type_is_string(type) || PROP_TYPE(value->ulPropTag) == PT_ERROR ||
        PROP_TYPE(value->ulPropTag) == type)
        return S_OK;
    root = mapi_alloc(NULL, sizeof(*root));
    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    converted = *value;
    hr = propval_set_width(root, &converted, type);
    if (SUCCEEDED(hr)) {
        cursor = arena_alloc(arena, propval_packed_size(&converted));
        hr = cursor ? propval_pack(value, &converted, &cursor) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    mapi_free(root);
    return hr;
}

HRESULT table_read_row(struct table *table, const struct row_snapshot *snapshot, struct row_ref ref,
                       const SPropTagArray *columns, struct arena *arena, SPropValue *values,
                       bool *ret_complete)
{
    ULONG *tags = arena_alloc(arena, columns->cValues * sizeof(*tags)), i;
    HRESULT hr;

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < columns->cValues; i++)
        tags[i] = view_tag(columns->aulPropTag[i]);
    hr = view_stack_row(table->stack, snapshot, ref, tags, columns->cValues, arena, values);
    *ret_complete = true;
    for (i = 0; SUCCEEDED(hr) && i < columns->cValues; i++) {
        ULONG column = columns->aulPropTag[i];

        if (PROP_ID(column) == PROP_ID_NULL) { /* an empty slot (TBL-003) */
            values[i] = (SPropValue){.ulPropTag = PR_NULL};
            continue;
        }
        if (PROP_TYPE(values[i].ulPropTag) == PT_ERROR && values[i].Value.err == ROW_NOT_PREPARED)
            *ret_complete = false;
        if (PROP_TYPE(column) == PT_UNSPECIFIED &&
            propval_type_is_string(PROP_TYPE(values[i].ulPropTag)))
            column = CHANGE_PROP_TYPE(
                column, (table->options.flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8) |
                            (PROP_TYPE(values[i].ulPropTag) & MV_FLAG));
        hr = set_width(arena, column, &values[i]);
    }
    return hr;
}

bool table_row_has_key(struct table *table, struct row_ref ref, const SBinary *key)
{
    SizedSPropTagArray(1, column) = {1, {table->options.index_tag}};
    struct arena arena = {0};
    SPropValue value;
    bool complete, has;

    has = SUCCEEDED(table_read_row(table, table->stack->snapshot, ref, (SPropTagArray *)&column,
                                   &arena, &value, &complete)) &&
          PROP_TYPE(value.ulPropTag) == PT_BINARY && value.Value.bin.cb == key->cb &&
          memcmp(value.Value.bin.lpb, key->lpb, key->cb) == 0;
    arena_clear(&arena);
    return has;
}

/* Lays one row down as an allocation of its own (TBL-028). */
static HRESULT make_row(struct table *table, struct row_ref ref, bool last_try, struct arena *arena,
                        SPropValue *values, SRow *row, bool *ret_complete)
{
    ULONG i, count = table->columns->cValues;
    HRESULT hr;

    arena_reset(arena);
    hr = table_read_row(table, table->stack->snapshot, ref, table->columns, arena, values,
                        ret_complete);
    if (FAILED(hr) || (!*ret_complete && !last_try))
        return hr;
    for (i = 0; !*ret_complete && i < count; i++)
        if (PROP_TYPE(values[i].ulPropTag) == PT_ERROR && values[i].Value.err == ROW_NOT_PREPARED)
            values[i].Value.err = MAPI_E_NOT_FOUND;
    hr = propval_dup(values, count, &row->lpProps);
    if (SUCCEEDED(hr))
        row->cValues = count;
    return hr;
}

static void free_rows(SRowSet *rows)
{
    ULONG i;

    for (i = 0; i < rows->cRows; i++)
        mapi_free(rows->aRow[i].lpProps);
    mapi_free(rows);
}

HRESULT table_read_rows(struct table *table, size_t first, size_t count, bool last_try,
                        SRowSet **ret_rows, uint64_t **ret_missing, size_t *ret_missing_count)
{
    SRowSet *rows = mapi_alloc(NULL, CbNewSRowSet(count ? count : 1));
    SPropValue *values = malloc((table->columns->cValues + 1) * sizeof(*values));
    uint64_t *missing = malloc((count + 1) * sizeof(*missing));
    struct view *top = table->stack->top;
    struct arena arena = {0};
    size_t missing_count = 0, i;
    HRESULT hr = rows && values && missing ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        struct row_ref ref = top->ops->at(top, first + i);
        bool complete = true;

        hr = make_row(table, ref, last_try, &arena, values, &rows->aRow[i], &complete);
        if (SUCCEEDED(hr))
            rows->cRows = (ULONG)i + 1;
        if (!complete && !last_try)
            missing[missing_count++] = ref.id;
    }
    arena_clear(&arena);
    free(values);
    if (SUCCEEDED(hr) && missing_count == 0) {
        free(missing);
        *ret_rows = rows;
        return S_OK;
    }
    if (rows)
        free_rows(rows);
    if (FAILED(hr)) {
        free(missing);
        return hr;
    }
    *ret_missing = missing;
    *ret_missing_count = missing_count;
    return ROW_NOT_PREPARED;
}
