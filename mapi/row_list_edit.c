/* mapi/row_list_edit.c - changing a row list; its lock is held in all of this */
#include <stdlib.h>
#include <string.h>

#include "mapi/row_list_private.h"

const SPropValue *list_row_key(const struct row_list *list, const struct list_row *row)
{
    return propval_find(row->values, row->count, list->key);
}

static struct list_row **bucket_of(const struct row_list *list, uint64_t hash)
{
    return &list->buckets[(hash ^ hash >> 32) & (list->bucket_count - 1)];
}

void list_index_add(struct row_list *list, struct list_row *row)
{
    struct list_row **bucket;

    row->hash = propval_hash(list_row_key(list, row));
    bucket = bucket_of(list, row->hash);
    row->in_bucket = *bucket;
    *bucket = row;
}

static void index_remove(struct row_list *list, struct list_row *row)
{
    struct list_row **link = bucket_of(list, row->hash);

    while (*link != row)
        link = &(*link)->in_bucket;
    *link = row->in_bucket;
}

/* Makes room in the index for `count` rows. */
HRESULT list_index_reserve(struct row_list *list, size_t count)
{
    size_t wanted = list->bucket_count ? list->bucket_count : 16, i;
    struct list_row **buckets;

    while (wanted < count)
        wanted *= 2;
    if (wanted == list->bucket_count)
        return S_OK;
    buckets = calloc(wanted, sizeof(*buckets));
    if (!buckets)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    free(list->buckets);
    list->buckets = buckets;
    list->bucket_count = wanted;
    for (i = 0; i < list->count; i++)
        list_index_add(list, list->rows[i]);
    return S_OK;
}

static size_t position_of(const struct row_list *list, const struct list_row *row)
{
    size_t low = 0, high = list->count, middle;

    if (!list->id_order) {
        while (list->rows[low] != row)
            low++;
        return low;
    }
    while (low < high) {
        middle = low + (high - low) / 2;
        if (list->rows[middle]->id < row->id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool list_find(const struct row_list *list, const SPropValue *key, size_t *ret_position)
{
    uint64_t hash = propval_hash(key);
    const struct list_row *row = list->bucket_count ? *bucket_of(list, hash) : NULL;

    for (; row; row = row->in_bucket) {
        if (row->hash == hash && propval_equal(list_row_key(list, row), key)) {
            *ret_position = position_of(list, row);
            return true;
        }
    }
    return false;
}

HRESULT list_reserve(struct row_list *list, size_t count)
{
    size_t capacity = list->capacity ? list->capacity : 16;
    struct list_row **rows;

    while (capacity < count)
        capacity *= 2;
    if (capacity == list->capacity)
        return list_index_reserve(list, count);
    rows = realloc(list->rows, capacity * sizeof(*rows));
    if (!rows)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    list->rows = rows;
    list->capacity = capacity;
    return list_index_reserve(list, count);
}

/* Remembers the row's tags; without memory a column is missing from TBL_ALL_COLUMNS only. */
void list_note_columns(struct row_list *list, const struct list_row *row)
{
    size_t i, j, capacity;
    ULONG *columns;

    for (i = 0; i < row->count; i++) {
        for (j = 0; j < list->column_count; j++)
            if (list->columns[j] == row->values[i].ulPropTag)
                break;
        if (j < list->column_count)
            continue;
        if (list->column_count == list->column_capacity) {
            capacity = list->column_capacity ? list->column_capacity * 2 : 16;
            columns = realloc(list->columns, capacity * sizeof(*columns));
            if (!columns)
                return;
            list->columns = columns;
            list->column_capacity = capacity;
        }
        list->columns[list->column_count++] = row->values[i].ulPropTag;
    }
}

void list_replace_at(struct row_list *list, size_t position, struct list_row *row)
{
    row->id = list->rows[position]->id;
    list_note_columns(list, row);
    index_remove(list, list->rows[position]);
    list_index_add(list, row);
    list_row_unref(list->rows[position]);
    list->rows[position] = row;
    change_log_add(&list->log, list->version + 1, ROW_MODIFIED, row->id);
}

/* Room has been made. */
void list_insert_at(struct row_list *list, size_t position, struct list_row *row)
{
    row->id = ++list->last_id;
    list_note_columns(list, row);
    list_index_add(list, row);
    memmove(&list->rows[position + 1], &list->rows[position],
            (list->count - position) * sizeof(list->rows[0]));
    list->rows[position] = row;
    if (position < list->count)
        list->id_order = false;
    list->count++;
    change_log_add(&list->log, list->version + 1, ROW_ADDED, row->id);
}

void list_remove_at(struct row_list *list, size_t position)
{
    change_log_add(&list->log, list->version + 1, ROW_DELETED, list->rows[position]->id);
    index_remove(list, list->rows[position]);
    list_row_unref(list->rows[position]);
    list->count--;
    memmove(&list->rows[position], &list->rows[position + 1],
            (list->count - position) * sizeof(list->rows[0]));
    if (list->count == 0)
        list->id_order = true;
}

/* Adds or replaces, taking the row over; true if something changed. Room has been made. */
bool list_put(struct row_list *list, struct list_row *row)
{
    size_t position;

    if (!list_find(list, list_row_key(list, row), &position)) {
        list_insert_at(list, list->count, row);
        return true;
    }
    if (list_row_equal(list->rows[position], row)) {
        list_row_unref(row);
        return false;
    }
    list_replace_at(list, position, row);
    return true;
}
