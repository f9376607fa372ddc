/* mapi/view_instances.c - a row for each value of the columns with MVI_FLAG
 *
 * Two such columns with M and N values make M times N rows (TBL-008). Changes are not followed one
 * by one: the table builds anew and says TABLE_CHANGED (TBL-127). */
#include <stdlib.h>

#include "mapi/view.h"

struct view_instances {
    struct view view;
    const struct view_definition *definition;
    struct ref_array rows;
};

static struct view_instances *from_view(const struct view *view)
{
    return container_of((struct view *)view, struct view_instances, view);
}

static void instances_destroy(struct view *view)
{
    free(from_view(view)->rows.items);
    free(from_view(view));
}

static HRESULT append(struct view_instances *self, uint64_t id, size_t count)
{
    HRESULT hr = ref_array_reserve(&self->rows, self->rows.count + count);
    size_t i;

    for (i = 1; SUCCEEDED(hr) && i <= count; i++)
        self->rows.items[self->rows.count++] = (struct row_ref){.id = id, .instance = i};
    return hr;
}

static HRESULT instances_build(struct view *view)
{
    struct view_instances *self = from_view(view);
    const struct row_snapshot *snapshot = view->below->snapshot;
    size_t count = snapshot->ops->count(snapshot), instances, i;
    struct arena arena = {0};
    HRESULT hr = S_OK;

    view->snapshot = snapshot;
    self->rows.count = 0;
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        arena_reset(&arena);
        hr = view_instances_count(self->definition, snapshot, i, &arena, &instances);
        if (SUCCEEDED(hr))
            hr = append(self, snapshot->ops->id(snapshot, i), instances);
    }
    arena_clear(&arena);
    return hr;
}

static size_t instances_total(const struct view *view)
{
    return from_view(view)->rows.count;
}

static struct row_ref instances_at(const struct view *view, size_t index)
{
    return from_view(view)->rows.items[index];
}

static bool instances_find(const struct view *view, struct row_ref ref, size_t *ret_index)
{
    const struct view_instances *self = from_view(view);
    size_t low = 0, high = self->rows.count, middle, position;
    int order;

    if (!view->snapshot->ops->find(view->snapshot, ref.id, &position))
        return false;
    while (low < high) {
        middle = low + (high - low) / 2;
        order = view_row_order(view->snapshot, self->rows.items[middle], ref);
        if (order == 0) {
            *ret_index = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static HRESULT instances_follow(struct view *view, const struct row_snapshot *now,
                                struct view_changes *changes, struct marks *marks)
{
    if (changes->count > 0)
        return MAPI_E_TOO_COMPLEX;
    view->snapshot = now;
    return S_OK;
}

HRESULT view_instances_create(struct view *below, const struct view_definition *definition,
                              struct view **ret_view)
{
    static const struct view_ops ops = {
        .destroy = instances_destroy,
        .build = instances_build,
        .count = instances_total,
        .at = instances_at,
        .find = instances_find,
        .follow = instances_follow,
    };
    struct view_instances *self = calloc(1, sizeof(*self));

    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    self->view.ops = &ops;
    self->view.below = below;
    self->definition = definition;
    *ret_view = &self->view;
    return S_OK;
}
