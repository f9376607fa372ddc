/* mapi/view.c - stacks of views, and the lowest: the source's rows as they come */
#include "mapi/view.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/memory.h"

/* ---- Arrays of rows ---- */

HRESULT ref_array_reserve(struct ref_array *array, size_t count)
{
    size_t capacity = array->capacity ? array->capacity : 64;
    struct row_ref *items;

    while (capacity < count)
        capacity += capacity / 2;
    if (capacity == array->capacity)
        return S_OK;
    items = realloc(array->items, capacity * sizeof(*items));
    if (!items)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    array->items = items;
    array->capacity = capacity;
    return S_OK;
}

HRESULT ref_array_insert(struct ref_array *array, size_t index, struct row_ref ref)
{
    HRESULT hr = ref_array_reserve(array, array->count + 1);

    if (FAILED(hr))
        return hr;
    memmove(&array->items[index + 1], &array->items[index],
            (array->count - index) * sizeof(array->items[0]));
    array->items[index] = ref;
    array->count++;
    return S_OK;
}

void ref_array_remove(struct ref_array *array, size_t index)
{
    array->count--;
    memmove(&array->items[index], &array->items[index + 1],
            (array->count - index) * sizeof(array->items[0]));
}

/* ---- Changes ---- */

HRESULT view_changes_add(struct view_changes *changes, struct view_change change)
{
    return array_append(&changes->items, &changes->count, &change) ? S_OK
                                                                   : MAPI_E_NOT_ENOUGH_MEMORY;
}

void view_changes_clear(struct view_changes *changes)
{
    free(changes->items);
    *changes = (struct view_changes){0};
}

/* ---- The source's rows ---- */

static void rows_destroy(struct view *view)
{
    free(view);
}

static HRESULT rows_build(struct view *view)
{
    return S_OK;
}

static size_t rows_count(const struct view *view)
{
    return view->snapshot->ops->count(view->snapshot);
}

static struct row_ref rows_at(const struct view *view, size_t index)
{
    return (struct row_ref){.id = view->snapshot->ops->id(view->snapshot, index)};
}

static bool rows_find(const struct view *view, struct row_ref ref, size_t *ret_index)
{
    return ref.instance == 0 && view->snapshot->ops->find(view->snapshot, ref.id, ret_index);
}

/* Takes the rows that go out of the marks, last first, so that indexes stay true. */
static void rows_take_out(const struct row_snapshot *old, struct view_changes *list,
                          struct marks *marks)
{
    struct view_change *changes = list->items, *next;
    size_t count = list->count, i, position, highest, bound = SIZE_MAX;

    for (;;) {
        next = NULL;
        highest = 0;
        for (i = 0; i < count; i++) {
            if (changes[i].kind != VIEW_DELETED ||
                !old->ops->find(old, changes[i].ref.id, &position))
                continue;
            if (position < bound && (!next || position > highest)) {
                next = &changes[i];
                highest = position;
            }
        }
        if (!next)
            return;
        if (highest > 0)
            next->prior.id = old->ops->id(old, highest - 1);
        marks_row_out(marks, highest, next->ref, false);
        bound = highest;
    }
}

/* Puts new rows in, first to last. */
static void rows_put_in(const struct row_snapshot *now, struct view_changes *list,
                        struct marks *marks)
{
    struct view_change *changes = list->items, *next;
    size_t count = list->count, i, position, lowest, least = 0, before;

    before = now->ops->count(now);
    for (i = 0; i < count; i++)
        before -= changes[i].kind == VIEW_ADDED;
    for (;;) {
        next = NULL;
        lowest = 0;
        for (i = 0; i < count; i++) {
            if (changes[i].kind != VIEW_ADDED || !now->ops->find(now, changes[i].ref.id, &position))
                continue;
            if (position >= least && (!next || position < lowest)) {
                next = &changes[i];
                lowest = position;
            }
        }
        if (!next)
            return;
        marks_row_in(marks, lowest, next->ref, before++);
        least = lowest + 1;
    }
}

static HRESULT rows_follow(struct view *view, const struct row_snapshot *now,
                           struct view_changes *changes, struct marks *marks)
{
    struct view_change *change;

    if (marks) {
        rows_take_out(view->snapshot, changes, marks);
        rows_put_in(now, changes, marks);
    }
    view->snapshot = now;
    for (change = changes->items; change < changes->items + changes->count; change++)
        if (change->kind == VIEW_ADDED || change->kind == VIEW_MODIFIED)
            if (!rows_find(view, change->ref, &change->index))
                return MAPI_E_CALL_FAILED; /* the source contradicts itself */
    return S_OK;
}

HRESULT view_rows_create(const struct row_snapshot *snapshot, struct view **ret_view)
{
    static const struct view_ops ops = {
        .destroy = rows_destroy,
        .build = rows_build,
        .count = rows_count,
        .at = rows_at,
        .find = rows_find,
        .follow = rows_follow,
    };
    struct view *view = calloc(1, sizeof(*view));

    if (!view)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    view->ops = &ops;
    view->snapshot = snapshot;
    *ret_view = view;
    return S_OK;
}

/* ---- Stacks ---- */

static void view_destroy_all(struct view *view)
{
    struct view *below;

    for (; view; view = below) {
        below = view->below;
        view->ops->destroy(view);
    }
}

void view_stack_destroy(struct view_stack *stack)
{
    if (!stack)
        return;
    view_destroy_all(stack->top);
    view_definition_unref(stack->definition);
    row_snapshot_unref(stack->snapshot);
    free(stack);
}

static HRESULT build_upwards(struct view *view)
{
    HRESULT hr = view->below ? build_upwards(view->below) : S_OK;

    return FAILED(hr) ? hr : view->ops->build(view);
}

HRESULT view_stack_create(struct row_snapshot *snapshot, struct view_definition *definition,
                          const struct view_hints *hints, struct view_stack **ret_stack)
{
    static const struct view_hints no_hints;
    struct view_stack *stack = calloc(1, sizeof(*stack));
    HRESULT hr;

    if (!stack)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hints = hints ? hints : &no_hints;
    stack->snapshot = row_snapshot_ref(snapshot);
    stack->definition = view_definition_ref(definition);
    hr = view_rows_create(snapshot, &stack->top);
    if (SUCCEEDED(hr) && definition->instance_count)
        hr = view_instances_create(stack->top, definition, &stack->top);
    if (SUCCEEDED(hr) && definition->restriction)
        hr = view_restrict_create(stack->top, definition, hints, &stack->top);
    if (SUCCEEDED(hr) && definition->sort->cSorts)
        hr = view_sort_create(stack->top, definition, hints, &stack->top);
    if (SUCCEEDED(hr) && definition->level_count)
        hr = view_categories_create(stack->top, definition, &stack->top);
    if (SUCCEEDED(hr))
        hr = build_upwards(stack->top);
    if (FAILED(hr)) {
        view_stack_destroy(stack);
        return hr;
    }
    *ret_stack = stack;
    return S_OK;
}

static HRESULT follow_upwards(struct view *view, const struct row_snapshot *now,
                              struct view_changes *changes, struct marks *marks)
{
    HRESULT hr = view->below ? follow_upwards(view->below, now, changes, NULL) : S_OK;

    return FAILED(hr) ? hr : view->ops->follow(view, now, changes, marks);
}

HRESULT view_stack_follow(struct view_stack *stack, struct row_snapshot *now,
                          struct view_changes *changes, struct marks *marks)
{
    struct row_snapshot *old = stack->snapshot;
    HRESULT hr;

    hr = follow_upwards(stack->top, now, changes, marks);
    stack->snapshot = now;
    row_snapshot_unref(old);
    return hr;
}

HRESULT view_stack_toggle(struct view_stack *stack, const struct view_toggles *toggles,
                          struct marks *marks)
{
    return stack->definition->level_count ? view_categories_toggle(stack->top, toggles, marks)
                                          : S_OK;
}

/* ---- Marks over a rebuild ---- */

/* How far to look for a row that is still there. */
#define CARRY_STEPS 64

/* The end of rows that were still coming in is behind the last one that is still there. */
static size_t partial_end(const struct view_stack *old, size_t old_count,
                          const struct view_stack *now)
{
    size_t step, index;

    for (step = 1; step <= CARRY_STEPS && step <= old_count; step++)
        if (now->top->ops->find(now->top, old->top->ops->at(old->top, old_count - step), &index))
            return index + 1;
    return 0;
}

void view_stack_carry_marks(const struct view_stack *old, const struct view_stack *now,
                            struct marks *marks)
{
    size_t old_count = old->top->ops->count(old->top);
    size_t now_count = now->top->ops->count(now->top);
    size_t i, step, index;
    bool found;

    for (i = 0; i < marks->count; i++) {
        struct mark *mark = &marks->items[i];

        if (mark->position >= old_count) {
            mark->position = old->snapshot->partial ? partial_end(old, old_count, now) : now_count;
            continue;
        }
        found = false;
        for (step = 0; step < CARRY_STEPS && !found && mark->position + step < old_count; step++) {
            found = now->top->ops->find(now->top,
                                        old->top->ops->at(old->top, mark->position + step), &index);
            mark->moved |= !found && step == 0;
        }
        if (found)
            mark->position = index;
        else if (mark->position > now_count)
            mark->position = now_count;
    }
}
