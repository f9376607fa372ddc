/* mapi/row_list_source.c - a row list as a row source: its rows and its snapshots
 *
 * A snapshot is an array of rows, made when a table asks for a newer one. */
#include <stdlib.h>
#include <string.h>

#include "mapi/propval_tree.h"
#include "mapi/row_list_private.h"

struct list_snapshot {
    struct row_snapshot snapshot;
    struct row_list *list; /* reference: its change log */
    size_t count;
    size_t *by_id;           /* positions in order of ids; NULL: positions are in that order */
    struct list_row *rows[]; /* references */
};

/* ---- Rows ---- */

void list_row_unref(struct list_row *row)
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
           propval_is_copied(value);
}

/* Copies what is worth keeping, strings in UTF-16. */
HRESULT list_row_create(const SPropValue *values, size_t count, struct list_row **ret_row)
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

bool list_row_equal(const struct list_row *a, const struct list_row *b)
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
    free(list->buckets);
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
