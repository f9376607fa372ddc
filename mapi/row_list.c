/* mapi/row_list.c - a row source in memory: the calls */
#include <stdlib.h>
#include <string.h>

#include "mapi/row_list_private.h"

/* Publishes what was changed under the lock, and gives the lock back. */
static void publish_and_unlock(struct row_list *list, bool changed)
{
    if (changed)
        list->version++;
    pthread_mutex_unlock(&list->lock);
    if (changed)
        row_source_announce(&list->source);
}

/* Rows of our own from the caller's; each must have the key. */
static HRESULT make_rows(const struct row_list *list, const SRow *rows, size_t count,
                         struct list_row ***ret_made)
{
    struct list_row **made = calloc(count + 1, sizeof(*made));
    HRESULT hr = made ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    size_t i;

    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = list_row_create(rows[i].lpProps, rows[i].cValues, &made[i]);
        if (SUCCEEDED(hr) && !list_row_key(list, made[i]))
            hr = MAPI_E_INVALID_PARAMETER; /* TBL-138, TBL-146 */
    }
    if (FAILED(hr)) {
        for (i = 0; made && i < count; i++)
            list_row_unref(made[i]);
        free(made);
        return hr;
    }
    *ret_made = made;
    return S_OK;
}

static void drop_rows(struct list_row **rows, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        list_row_unref(rows[i]);
    free(rows);
}

HRESULT row_list_set_many(struct row_list *list, const SRow *rows, size_t count)
{
    struct list_row **made;
    bool changed = false;
    HRESULT hr;
    size_t i;

    hr = make_rows(list, rows, count, &made);
    if (FAILED(hr))
        return hr;
    pthread_mutex_lock(&list->lock);
    hr = list_reserve(list, list->count + count);
    if (FAILED(hr)) {
        pthread_mutex_unlock(&list->lock);
        drop_rows(made, count);
        return hr;
    }
    for (i = 0; i < count; i++)
        changed |= list_put(list, made[i]);
    publish_and_unlock(list, changed);
    free(made);
    return S_OK;
}

HRESULT row_list_set(struct row_list *list, const SPropValue *values, size_t count)
{
    SRow row = {.cValues = (ULONG)count, .lpProps = (SPropValue *)values};

    return row_list_set_many(list, &row, 1);
}

/* Is the content, in order, what `made` says? Rows that are equal keep their identity. */
static bool adopt_rows(struct row_list *list, struct list_row **made, size_t count)
{
    struct list_row **old = list->rows;
    size_t old_count = list->count, i, position, last = 0;
    bool changed = false, reordered = false;
    bool *kept = calloc(old_count + 1, sizeof(*kept));

    for (i = 0; i < count; i++) {
        if (!kept || !list_find(list, list_row_key(list, made[i]), &position) || kept[position]) {
            made[i]->id = ++list->last_id;
            list_note_columns(list, made[i]);
            change_log_add(&list->log, list->version + 1, ROW_ADDED, made[i]->id);
            changed = true;
            continue;
        }
        kept[position] = true;
        reordered |= position < last;
        last = position;
        if (list_row_equal(old[position], made[i])) {
            list_row_unref(made[i]);
            made[i] = old[position];
            atomic_fetch_add(&made[i]->refs, 1);
            continue;
        }
        made[i]->id = old[position]->id;
        list_note_columns(list, made[i]);
        change_log_add(&list->log, list->version + 1, ROW_MODIFIED, made[i]->id);
        changed = true;
    }
    for (i = 0; i < old_count; i++) {
        if (!kept || !kept[i]) {
            change_log_add(&list->log, list->version + 1, ROW_DELETED, old[i]->id);
            changed = true;
        }
        list_row_unref(old[i]);
    }
    free(kept);
    if (reordered) { /* views follow single rows, not a new order */
        change_log_break(&list->log, list->version + 1);
        changed = true;
    }
    free(old);
    list->rows = made;
    list->count = list->capacity = count;
    for (i = 1, list->id_order = true; i < count; i++)
        list->id_order &= made[i - 1]->id < made[i]->id;
    memset(list->buckets, 0, list->bucket_count * sizeof(*list->buckets));
    for (i = 0; i < count; i++)
        list_index_add(list, made[i]);
    return changed;
}

HRESULT row_list_replace(struct row_list *list, const SRow *rows, size_t count)
{
    struct list_row **made;
    HRESULT hr;

    hr = make_rows(list, rows, count, &made);
    if (FAILED(hr))
        return hr;
    pthread_mutex_lock(&list->lock);
    hr = list_index_reserve(list, count);
    if (FAILED(hr)) {
        pthread_mutex_unlock(&list->lock);
        drop_rows(made, count);
        return hr;
    }
    publish_and_unlock(list, adopt_rows(list, made, count));
    return S_OK;
}

/* The old row with `values` laid over it. */
static HRESULT merge_rows(const struct list_row *old, const SPropValue *values, size_t count,
                          struct list_row **ret_row)
{
    SPropValue *merged = calloc(old->count + count, sizeof(*merged));
    size_t kept = 0, i, j;
    HRESULT hr;

    if (!merged)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < old->count; i++) {
        for (j = 0; j < count; j++)
            if (PROP_ID(values[j].ulPropTag) == PROP_ID(old->values[i].ulPropTag))
                break;
        if (j == count)
            merged[kept++] = old->values[i];
    }
    for (j = 0; j < count; j++)
        merged[kept++] = values[j]; /* errors are not kept */
    hr = list_row_create(merged, kept, ret_row);
    free(merged);
    return hr;
}

HRESULT row_list_merge(struct row_list *list, const SPropValue *key, const SPropValue *values,
                       size_t count)
{
    struct list_row *row = NULL;
    size_t position;
    HRESULT hr;

    pthread_mutex_lock(&list->lock);
    hr = list_find(list, key, &position) ? S_OK : MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        hr = merge_rows(list->rows[position], values, count, &row);
    if (SUCCEEDED(hr) && (!list_row_key(list, row) || !propval_equal(list_row_key(list, row), key)))
        hr = MAPI_E_INVALID_PARAMETER;
    if (FAILED(hr) || list_row_equal(list->rows[position], row)) {
        pthread_mutex_unlock(&list->lock);
        list_row_unref(row);
        return hr;
    }
    list_replace_at(list, position, row);
    publish_and_unlock(list, true);
    return S_OK;
}

HRESULT row_list_insert(struct row_list *list, size_t position, const SPropValue *values,
                        size_t count)
{
    struct list_row *row;
    size_t existing;
    HRESULT hr;

    hr = list_row_create(values, count, &row);
    if (FAILED(hr))
        return hr;
    pthread_mutex_lock(&list->lock);
    if (!list_row_key(list, row) || list_find(list, list_row_key(list, row), &existing))
        hr = MAPI_E_INVALID_PARAMETER; /* TBL-140 */
    else
        hr = list_reserve(list, list->count + 1);
    if (FAILED(hr)) {
        pthread_mutex_unlock(&list->lock);
        list_row_unref(row);
        return hr;
    }
    list_insert_at(list, position < list->count ? position : list->count, row);
    publish_and_unlock(list, true);
    return S_OK;
}

HRESULT row_list_remove(struct row_list *list, const SPropValue *key)
{
    size_t position;

    pthread_mutex_lock(&list->lock);
    if (!list_find(list, key, &position)) {
        pthread_mutex_unlock(&list->lock);
        return MAPI_E_NOT_FOUND;
    }
    list_remove_at(list, position);
    publish_and_unlock(list, true);
    return S_OK;
}

void row_list_remove_all(struct row_list *list)
{
    bool changed;

    pthread_mutex_lock(&list->lock);
    changed = list->count > 0;
    while (list->count > 0)
        list_remove_at(list, list->count - 1);
    publish_and_unlock(list, changed);
}

void row_list_remove_many(struct row_list *list, const SPropValue *keys, size_t count,
                          size_t *ret_removed)
{
    size_t removed = 0, position, i;

    pthread_mutex_lock(&list->lock);
    for (i = 0; i < count; i++) {
        if (!list_find(list, &keys[i], &position))
            continue;
        list_remove_at(list, position);
        removed++;
    }
    publish_and_unlock(list, removed > 0);
    *ret_removed = removed;
}

size_t row_list_reset(struct row_list *list)
{
    size_t count;

    pthread_mutex_lock(&list->lock);
    count = list->count;
    while (list->count > 0)
        list_remove_at(list, list->count - 1);
    change_log_reload(&list->log, list->version + 1);
    publish_and_unlock(list, true);
    return count;
}

HRESULT row_list_touch(struct row_list *list, const SPropValue *key)
{
    size_t position;

    pthread_mutex_lock(&list->lock);
    if (!list_find(list, key, &position)) {
        pthread_mutex_unlock(&list->lock);
        return MAPI_E_NOT_FOUND;
    }
    change_log_add(&list->log, list->version + 1, ROW_MODIFIED, list->rows[position]->id);
    publish_and_unlock(list, true);
    return S_OK;
}

static HRESULT dup_row(const struct list_row *row, SPropValue **ret_values, ULONG *ret_count)
{
    HRESULT hr = propval_dup(row->values, row->count, ret_values);

    if (SUCCEEDED(hr))
        *ret_count = row->count;
    return hr;
}

HRESULT row_list_get(struct row_list *list, const SPropValue *key, SPropValue **ret_values,
                     ULONG *ret_count, size_t *ret_position)
{
    size_t position;
    HRESULT hr = MAPI_E_NOT_FOUND;

    pthread_mutex_lock(&list->lock);
    if (list_find(list, key, &position)) {
        hr = dup_row(list->rows[position], ret_values, ret_count);
        if (SUCCEEDED(hr) && ret_position)
            *ret_position = position;
    }
    pthread_mutex_unlock(&list->lock);
    return hr;
}

HRESULT row_list_get_at(struct row_list *list, size_t position, SPropValue **ret_values,
                        ULONG *ret_count)
{
    HRESULT hr = MAPI_E_NOT_FOUND;

    pthread_mutex_lock(&list->lock);
    if (position < list->count)
        hr = dup_row(list->rows[position], ret_values, ret_count);
    pthread_mutex_unlock(&list->lock);
    return hr;
}

size_t row_list_count(struct row_list *list)
{
    size_t count;

    pthread_mutex_lock(&list->lock);
    count = list->count;
    pthread_mutex_unlock(&list->lock);
    return count;
}
