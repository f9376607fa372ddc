/* mapi/row_list.c - a row source in memory
 *
 * Rows are immutable and shared between the list and its snapshots; a change replaces the row. A
 * snapshot is an array of rows, made when a table asks for a newer one. */
#include "mapi/row_list.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/propval.h"

struct list_row {
    atomic_uint refs;
    uint64_t id;
    SPropValue *values; /* one root, strings in UTF-16 */
    ULONG count;
};

struct list_snapshot {
    struct row_snapshot snapshot;
    struct row_list *list; /* reference: its change log */
    size_t count;
    size_t *by_id;           /* positions in order of ids; NULL: positions are in that order */
    struct list_row *rows[]; /* references */
};

struct row_list {
    struct row_source source;
    ULONG key;
    pthread_mutex_t lock; /* all below */
    struct list_row **rows;
    size_t count, capacity;
    uint64_t version, last_id;
    bool id_order; /* positions are in order of ids */
    struct change_log log;
    ULONG *columns; /* every tag ever seen (TBL-151) */
    size_t column_count, column_capacity;
};

/* ---- Rows ---- */

static void list_row_unref(struct list_row *row)
{
    if (!row || atomic_fetch_sub_explicit(&row->refs, 1, memory_order_acq_rel) > 1)
        return;
    mapi_free(row->values);
    free(row);
}

static bool value_is_kept(const SPropValue *value)
{
    ULONG type = prop_base_type(value->ulPropTag);

    return PROP_ID(value->ulPropTag) != PROP_ID_NULL && type != PT_ERROR && type != PT_NULL &&
           propval_type_is_known(type);
}

/* Copies what is worth keeping, strings in UTF-16. */
static HRESULT list_row_create(const SPropValue *values, size_t count, struct list_row **ret_row)
{
    struct list_row *row = calloc(1, sizeof(*row));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;
    size_t i;

    if (!row)
        return hr;
    atomic_init(&row->refs, 1);
    row->values = mapi_alloc_array(NULL, count ? count : 1, sizeof(*values));
    if (!row->values)
        goto fail;
    for (i = 0; i < count; i++) {
        SPropValue *kept = &row->values[row->count];

        if (!value_is_kept(&values[i]))
            continue;
        hr = propval_copy(row->values, kept, &values[i]);
        if (SUCCEEDED(hr))
            hr = propval_set_width(row->values, kept,
                                   PT_UNICODE | (PROP_TYPE(kept->ulPropTag) & MV_FLAG));
        if (FAILED(hr))
            goto fail;
        row->count++;
    }
    *ret_row = row;
    return S_OK;
fail:
    list_row_unref(row);
    return hr;
}

static bool list_row_equal(const struct list_row *a, const struct list_row *b)
{
    const SPropValue *other;
    ULONG i;

    if (a->count != b->count)
        return false;
    for (i = 0; i < a->count; i++) {
        other = propval_find(b->values, b->count, a->values[i].ulPropTag);
        if (!other || !propval_equal(&a->values[i], other))
            return false;
    }
    return true;
}

/* ---- Snapshots ---- */

static struct list_snapshot *from_snapshot(const struct row_snapshot *snapshot)
{
    return container_of((struct row_snapshot *)snapshot, struct list_snapshot, snapshot);
}

static void list_snapshot_destroy(struct row_snapshot *snapshot)
{
    struct list_snapshot *self = from_snapshot(snapshot);
    size_t i;

    for (i = 0; i < self->count; i++)
        list_row_unref(self->rows[i]);
    row_source_unref(&self->list->source);
    free(self->by_id);
    free(self);
}

static size_t list_snapshot_count(const struct row_snapshot *snapshot)
{
    return from_snapshot(snapshot)->count;
}

static uint64_t list_snapshot_id(const struct row_snapshot *snapshot, size_t position)
{
    return from_snapshot(snapshot)->rows[position]->id;
}

static bool list_snapshot_find(const struct row_snapshot *snapshot, uint64_t id,
                               size_t *ret_position)
{
    const struct list_snapshot *self = from_snapshot(snapshot);
    size_t low = 0, high = self->count, middle, position;

    while (low < high) {
        middle = low + (high - low) / 2;
        position = self->by_id ? self->by_id[middle] : middle;
        if (self->rows[position]->id == id) {
            *ret_position = position;
            return true;
        }
        if (self->rows[position]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* The row's value for a column; strings are found in either width. */
static const SPropValue *find_column(const struct list_row *row, ULONG tag)
{
    ULONG type = prop_base_type(tag);

    if (propval_type_is_string(type))
        tag = CHANGE_PROP_TYPE(tag, PT_UNICODE | (type & MV_FLAG));
    return propval_find(row->values, row->count, tag);
}

static HRESULT list_snapshot_row(const struct row_snapshot *snapshot, size_t position,
                                 const ULONG *tags, size_t count, struct arena *scratch,
                                 SPropValue *values)
{
    const struct list_row *row = from_snapshot(snapshot)->rows[position];
    const SPropValue *value;
    size_t i;

    for (i = 0; i < count; i++) {
        value = find_column(row, tags[i]);
        if (value)
            values[i] = *value;
        else
            propval_set_error(&values[i], tags[i], MAPI_E_NOT_FOUND);
    }
    return S_OK;
}

static HRESULT list_snapshot_changes(const struct row_snapshot *snapshot, uint64_t since,
                                     struct row_change *changes, size_t capacity, size_t *ret_count)
{
    struct row_list *list = from_snapshot(snapshot)->list;
    HRESULT hr;

    pthread_mutex_lock(&list->lock);
    hr = change_log_read(&list->log, since, snapshot->version, changes, capacity, ret_count);
    pthread_mutex_unlock(&list->lock);
    return hr;
}

static const struct row_snapshot_ops list_snapshot_ops = {
    .destroy = list_snapshot_destroy,
    .count = list_snapshot_count,
    .id = list_snapshot_id,
    .find = list_snapshot_find,
    .row = list_snapshot_row,
    .changes = list_snapshot_changes,
};

static int compare_by_id(const void *a, const void *b, void *context)
{
    struct list_row **rows = context;
    uint64_t left = rows[*(const size_t *)a]->id, right = rows[*(const size_t *)b]->id;

    return (left > right) - (left < right);
}

/* Lock held. */
static struct list_snapshot *make_snapshot(struct row_list *list)
{
    struct list_snapshot *made = calloc(1, sizeof(*made) + list->count * sizeof(made->rows[0]));
    size_t i;

    if (!made)
        return NULL;
    if (!list->id_order) {
        made->by_id = malloc((list->count + 1) * sizeof(*made->by_id));
        if (!made->by_id) {
            free(made);
            return NULL;
        }
    }
    row_snapshot_init(&made->snapshot, &list_snapshot_ops, list->version);
    row_source_ref(&list->source);
    made->list = list;
    made->count = list->count;
    for (i = 0; i < list->count; i++) {
        made->rows[i] = list->rows[i];
        atomic_fetch_add_explicit(&made->rows[i]->refs, 1, memory_order_relaxed);
        if (made->by_id)
            made->by_id[i] = i;
    }
    if (made->by_id)
        qsort_r(made->by_id, made->count, sizeof(*made->by_id), compare_by_id, made->rows);
    return made;
}

/* ---- The source ---- */

static struct row_list *from_source(struct row_source *source)
{
    return container_of(source, struct row_list, source);
}

static void row_list_destroy(struct row_source *source)
{
    struct row_list *list = from_source(source);
    size_t i;

    for (i = 0; i < list->count; i++)
        list_row_unref(list->rows[i]);
    free(list->rows);
    free(list->columns);
    pthread_mutex_destroy(&list->lock);
    row_source_clear(source);
    free(list);
}

static HRESULT row_list_snapshot(struct row_source *source, struct row_snapshot **ret_snapshot)
{
    struct row_list *list = from_source(source);
    struct list_snapshot *snapshot;

    pthread_mutex_lock(&list->lock);
    snapshot = make_snapshot(list);
    pthread_mutex_unlock(&list->lock);
    if (!snapshot)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_snapshot = &snapshot->snapshot;
    return S_OK;
}

static HRESULT row_list_columns(struct row_source *source, SPropTagArray **ret_tags)
{
    struct row_list *list = from_source(source);
    SPropTagArray *tags;

    pthread_mutex_lock(&list->lock);
    tags = mapi_alloc(NULL, CbNewSPropTagArray(list->column_count + 1));
    if (tags) {
        tags->cValues = (ULONG)list->column_count;
        if (list->column_count)
            memcpy(tags->aulPropTag, list->columns, list->column_count * sizeof(ULONG));
    }
    pthread_mutex_unlock(&list->lock);
    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_tags = tags;
    return S_OK;
}

static const struct row_source_ops row_list_ops = {
    .destroy = row_list_destroy,
    .snapshot = row_list_snapshot,
    .columns = row_list_columns,
};

HRESULT row_list_create(ULONG key, struct row_list **ret_list)
{
    struct row_list *list = calloc(1, sizeof(*list));

    if (!list)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    row_source_init(&list->source, &row_list_ops);
    pthread_mutex_init(&list->lock, NULL);
    if (propval_type_is_string(PROP_TYPE(key)))
        key = CHANGE_PROP_TYPE(key, PT_UNICODE);
    list->key = key;
    list->version = 1;
    list->id_order = true;
    *ret_list = list;
    return S_OK;
}

struct row_source *row_list_source(struct row_list *list)
{
    return &list->source;
}

/* ---- Changing; lock held in all these ---- */

static const SPropValue *row_key(const struct row_list *list, const struct list_row *row)
{
    return propval_find(row->values, row->count, list->key);
}

static bool find_key(const struct row_list *list, const SPropValue *key, size_t *ret_position)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        if (propval_equal(row_key(list, list->rows[i]), key)) {
            *ret_position = i;
            return true;
        }
    }
    return false;
}

static HRESULT reserve_rows(struct row_list *list, size_t count)
{
    size_t capacity = list->capacity ? list->capacity : 16;
    struct list_row **rows;

    while (capacity < count)
        capacity *= 2;
    if (capacity == list->capacity)
        return S_OK;
    rows = realloc(list->rows, capacity * sizeof(*rows));
    if (!rows)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    list->rows = rows;
    list->capacity = capacity;
    return S_OK;
}

/* Remembers the row's tags; without memory a column is missing from TBL_ALL_COLUMNS only. */
static void note_columns(struct row_list *list, const struct list_row *row)
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

static void replace_at(struct row_list *list, size_t position, struct list_row *row)
{
    row->id = list->rows[position]->id;
    note_columns(list, row);
    list_row_unref(list->rows[position]);
    list->rows[position] = row;
    change_log_add(&list->log, list->version + 1, ROW_MODIFIED, row->id);
}

/* Room has been made. */
static void insert_at(struct row_list *list, size_t position, struct list_row *row)
{
    row->id = ++list->last_id;
    note_columns(list, row);
    memmove(&list->rows[position + 1], &list->rows[position],
            (list->count - position) * sizeof(list->rows[0]));
    list->rows[position] = row;
    if (position < list->count)
        list->id_order = false;
    list->count++;
    change_log_add(&list->log, list->version + 1, ROW_ADDED, row->id);
}

static void remove_at(struct row_list *list, size_t position)
{
    change_log_add(&list->log, list->version + 1, ROW_DELETED, list->rows[position]->id);
    list_row_unref(list->rows[position]);
    list->count--;
    memmove(&list->rows[position], &list->rows[position + 1],
            (list->count - position) * sizeof(list->rows[0]));
    if (list->count == 0)
        list->id_order = true;
}

/* Adds or replaces, taking the row over; true if something changed. Room has been made. */
static bool put_row(struct row_list *list, struct list_row *row)
{
    size_t position;

    if (!find_key(list, row_key(list, row), &position)) {
        insert_at(list, list->count, row);
        return true;
    }
    if (list_row_equal(list->rows[position], row)) {
        list_row_unref(row);
        return false;
    }
    replace_at(list, position, row);
    return true;
}

/* Publishes what was changed under the lock, and gives the lock back. */
static void publish_and_unlock(struct row_list *list, bool changed)
{
    if (changed)
        list->version++;
    pthread_mutex_unlock(&list->lock);
    if (changed)
        row_source_announce(&list->source);
}

/* ---- Public ---- */

/* Rows of our own from the caller's; each must have the key. */
static HRESULT make_rows(const struct row_list *list, const SRow *rows, size_t count,
                         struct list_row ***ret_made)
{
    struct list_row **made = calloc(count + 1, sizeof(*made));
    HRESULT hr = made ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    size_t i;

    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = list_row_create(rows[i].lpProps, rows[i].cValues, &made[i]);
        if (SUCCEEDED(hr) && !row_key(list, made[i]))
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
    hr = reserve_rows(list, list->count + count);
    if (FAILED(hr)) {
        pthread_mutex_unlock(&list->lock);
        drop_rows(made, count);
        return hr;
    }
    for (i = 0; i < count; i++)
        changed |= put_row(list, made[i]);
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
        if (!kept || !find_key(list, row_key(list, made[i]), &position) || kept[position]) {
            made[i]->id = ++list->last_id;
            note_columns(list, made[i]);
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
        note_columns(list, made[i]);
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
    hr = find_key(list, key, &position) ? S_OK : MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        hr = merge_rows(list->rows[position], values, count, &row);
    if (SUCCEEDED(hr) && (!row_key(list, row) || !propval_equal(row_key(list, row), key)))
        hr = MAPI_E_INVALID_PARAMETER;
    if (FAILED(hr) || list_row_equal(list->rows[position], row)) {
        pthread_mutex_unlock(&list->lock);
        list_row_unref(row);
        return hr;
    }
    replace_at(list, position, row);
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
    if (!row_key(list, row) || find_key(list, row_key(list, row), &existing))
        hr = MAPI_E_INVALID_PARAMETER; /* TBL-140 */
    else
        hr = reserve_rows(list, list->count + 1);
    if (FAILED(hr)) {
        pthread_mutex_unlock(&list->lock);
        list_row_unref(row);
        return hr;
    }
    insert_at(list, position < list->count ? position : list->count, row);
    publish_and_unlock(list, true);
    return S_OK;
}

HRESULT row_list_remove(struct row_list *list, const SPropValue *key)
{
    size_t position;

    pthread_mutex_lock(&list->lock);
    if (!find_key(list, key, &position)) {
        pthread_mutex_unlock(&list->lock);
        return MAPI_E_NOT_FOUND;
    }
    remove_at(list, position);
    publish_and_unlock(list, true);
    return S_OK;
}

void row_list_remove_all(struct row_list *list)
{
    bool changed;

    pthread_mutex_lock(&list->lock);
    changed = list->count > 0;
    while (list->count > 0)
        remove_at(list, list->count - 1);
    publish_and_unlock(list, changed);
}

HRESULT row_list_touch(struct row_list *list, const SPropValue *key)
{
    size_t position;

    pthread_mutex_lock(&list->lock);
    if (!find_key(list, key, &position)) {
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
    if (find_key(list, key, &position)) {
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
