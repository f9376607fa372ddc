/* mapi/view_sort.c - the rows of the view below in another order
 *
 * Keys are read and folded once for a whole sort; following a change reads those of the rows that a
 * binary search meets. Rows with equal keys keep the order of the snapshot. */
#include <stdlib.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/view.h"

struct view_sort {
    struct view view;
    const struct view_definition *definition;
    const struct view_hints *hints; /* while built for the first time */
    struct ref_array rows;
};

static struct view_sort *from_view(const struct view *view)
{
    return container_of((struct view *)view, struct view_sort, view);
}

static void sort_destroy(struct view *view)
{
    struct view_sort *self = from_view(view);

    free(self->rows.items);
    free(self);
}

/* ---- The whole ---- */

struct sort_row {
    struct row_ref ref;
    size_t position; /* in the snapshot: decides between equals */
    const SPropValue *keys;
};

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct sort_row *left = a, *right = b;
    int order = sort_compare(context, left->keys, right->keys);

    if (order)
        return order;
    if (left->position != right->position)
        return left->position > right->position ? 1 : -1;
    return (left->ref.instance > right->ref.instance) - (left->ref.instance < right->ref.instance);
}

static HRESULT read_row(struct view_sort *self, struct row_ref ref, struct arena *arena,
                        struct sort_row *row)
{
    const struct row_snapshot *snapshot = self->view.snapshot;
    SPropValue *keys;
    HRESULT hr;

    row->ref = ref;
    if (!snapshot->ops->find(snapshot, ref.id, &row->position))
        return MAPI_E_CALL_FAILED;
    keys = arena_alloc(arena, self->definition->order->cSorts * sizeof(*keys));
    if (!keys)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = view_row_keys(self->definition, snapshot, ref, arena, keys);
    row->keys = keys;
    return hr;
}

static HRESULT build_by_sorting(struct view_sort *self)
{
    struct view *below = self->view.below;
    size_t count = below->ops->count(below), i;
    struct sort_row *rows = calloc(count + 1, sizeof(*rows));
    struct arena arena = {0};
    HRESULT hr = rows ? ref_array_reserve(&self->rows, count) : MAPI_E_NOT_ENOUGH_MEMORY;

    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = read_row(self, below->ops->at(below, i), &arena, &rows[i]);
    if (SUCCEEDED(hr)) {
        qsort_r(rows, count, sizeof(*rows), compare_rows, self->definition->order);
        for (i = 0; i < count; i++)
            self->rows.items[i] = rows[i].ref;
        self->rows.count = count;
    }
    arena_clear(&arena);
    free(rows);
    return hr;
}

static HRESULT put_in(struct view_sort *self, const struct row_snapshot *now, struct row_ref ref,
                      size_t *ret_index);

/* The server has said the order of the rows it has; ours that it left out are put in. */
static HRESULT build_by_hint(struct view_sort *self, const struct view_hints *hints)
{
    struct view *below = self->view.below;
    size_t count = below->ops->count(below), index, i;
    bool *placed = calloc(count + 1, sizeof(*placed));
    struct row_ref ref = {0};
    HRESULT hr = placed ? ref_array_reserve(&self->rows, count) : MAPI_E_NOT_ENOUGH_MEMORY;

    for (i = 0; SUCCEEDED(hr) && i < hints->ordered_count; i++) {
        ref.id = hints->ordered[i];
        if (!below->ops->find(below, ref, &index) || placed[index])
            continue;
        placed[index] = true;
        self->rows.items[self->rows.count++] = ref;
    }
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        if (!placed[i])
            hr = put_in(self, self->view.snapshot, below->ops->at(below, i), &index);
    free(placed);
    return hr;
}

static HRESULT sort_build(struct view *view)
{
    struct view_sort *self = from_view(view);
    const struct view_hints *hints = self->hints;

    view->snapshot = view->below->snapshot;
    self->rows.count = 0;
    self->hints = NULL;
    return hints && hints->ordered ? build_by_hint(self, hints) : build_by_sorting(self);
}

static size_t sort_count(const struct view *view)
{
    return from_view(view)->rows.count;
}

static struct row_ref sort_at(const struct view *view, size_t index)
{
    return from_view(view)->rows.items[index];
}

static bool sort_find(const struct view *view, struct row_ref ref, size_t *ret_index)
{
    const struct view_sort *self = from_view(view);
    size_t i;

    for (i = 0; i < self->rows.count; i++) {
        if (row_ref_equal(self->rows.items[i], ref)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

/* ---- Single changes ---- */

/* Finds the row's place by its keys in `now` and puts it there; all our rows are in `now` and in
 * order. */
static HRESULT put_in(struct view_sort *self, const struct row_snapshot *now, struct row_ref ref,
                      size_t *ret_index)
{
    size_t low = 0, high = self->rows.count, middle;
    SPropValue own_keys[SORT_KEYS_MAX], keys[SORT_KEYS_MAX];
    struct arena own_arena = {0}, arena = {0};
    struct sort_row own = {.ref = ref, .keys = own_keys}, other = {.keys = keys};
    HRESULT hr;

    hr = now->ops->find(now, ref.id, &own.position) ? S_OK : MAPI_E_CALL_FAILED;
    if (SUCCEEDED(hr))
        hr = view_row_keys(self->definition, now, ref, &own_arena, own_keys);
    while (SUCCEEDED(hr) && low < high) {
        middle = low + (high - low) / 2;
        arena_reset(&arena);
        other.ref = self->rows.items[middle];
        if (!now->ops->find(now, other.ref.id, &other.position))
            hr = MAPI_E_CALL_FAILED;
        else
            hr = view_row_keys(self->definition, now, other.ref, &arena, keys);
        if (SUCCEEDED(hr) && compare_rows(&other, &own, self->definition->order) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (SUCCEEDED(hr))
        hr = ref_array_insert(&self->rows, low, ref);
    if (SUCCEEDED(hr))
        *ret_index = low;
    arena_clear(&own_arena);
    arena_clear(&arena);
    return hr;
}

static void take_out(struct view_sort *self, struct view_change *change, struct marks *marks)
{
    size_t index;

    if (!sort_find(&self->view, change->ref, &index))
        return;
    if (change->kind == VIEW_DELETED && index > 0)
        change->prior = self->rows.items[index - 1];
    ref_array_remove(&self->rows, index);
    if (marks)
        marks_row_out(marks, index, change->ref, change->kind == VIEW_MODIFIED);
}

static HRESULT put_back(struct view_sort *self, const struct row_snapshot *now,
                        struct view_change *changes, size_t at, struct marks *marks)
{
    size_t index, i;
    HRESULT hr;

    hr = put_in(self, now, changes[at].ref, &index);
    if (FAILED(hr))
        return hr;
    if (marks)
        marks_row_in(marks, index, changes[at].ref, self->rows.count - 1);
    changes[at].index = index;
    for (i = 0; i < at; i++)
        if ((changes[i].kind == VIEW_ADDED || changes[i].kind == VIEW_MODIFIED) &&
            changes[i].index >= index)
            changes[i].index++;
    return S_OK;
}

static HRESULT sort_follow(struct view *view, const struct row_snapshot *now,
                           struct view_changes *list, struct marks *marks)
{
    struct view_sort *self = from_view(view);
    struct view_change *changes = list->items;
    size_t count = list->count, i;
    HRESULT hr = S_OK;

    /* Rows whose keys may have changed are out of order: none may be met by a search. */
    for (i = 0; i < count; i++)
        if (changes[i].kind == VIEW_MODIFIED || changes[i].kind == VIEW_DELETED)
            take_out(self, &changes[i], marks);
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        if (changes[i].kind == VIEW_ADDED || changes[i].kind == VIEW_MODIFIED)
            hr = put_back(self, now, changes, i, marks);
    view->snapshot = now;
    return hr;
}

HRESULT view_sort_create(struct view *below, const struct view_definition *definition,
                         const struct view_hints *hints, struct view **ret_view)
{
    static const struct view_ops ops = {
        .destroy = sort_destroy,
        .build = sort_build,
        .count = sort_count,
        .at = sort_at,
        .find = sort_find,
        .follow = sort_follow,
    };
    struct view_sort *self = calloc(1, sizeof(*self));

    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    self->view.ops = &ops;
    self->view.below = below;
    self->definition = definition;
    self->hints = hints;
    *ret_view = &self->view;
    return S_OK;
}
