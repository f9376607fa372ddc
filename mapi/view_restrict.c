/* mapi/view_restrict.c - the rows that match a restriction, in the order below */
#include <stdlib.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/view.h"

struct view_restrict {
    struct view view;
    const struct view_definition *definition;
    const struct view_hints *hints; /* while built for the first time */
    ULONG *tags;                    /* what the restriction reads */
    size_t tag_count;
    struct ref_array rows; /* in the order of the snapshot */
};

static struct view_restrict *from_view(const struct view *view)
{
    return container_of((struct view *)view, struct view_restrict, view);
}

/* ---- One row ---- */

struct matcher {
    const struct view_restrict *self;
    SPropValue *values; /* one for each tag */
    struct arena scratch;
};

static HRESULT matcher_init(struct matcher *matcher, const struct view_restrict *self)
{
    memset(matcher, 0, sizeof(*matcher));
    matcher->self = self;
    matcher->values = calloc(self->tag_count + 1, sizeof(*matcher->values));
    return matcher->values ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static void matcher_clear(struct matcher *matcher)
{
    free(matcher->values);
    arena_clear(&matcher->scratch);
}

static HRESULT matcher_value(void *context, ULONG tag, SPropValue *ret_value)
{
    const struct matcher *matcher = context;
    size_t i;

    for (i = 0; i < matcher->self->tag_count; i++) {
        if (matcher->self->tags[i] == tag) {
            *ret_value = matcher->values[i];
            return S_OK;
        }
    }
    propval_set_error(ret_value, tag, MAPI_E_NOT_FOUND);
    return S_OK;
}

static HRESULT matcher_try(struct matcher *matcher, const struct row_snapshot *snapshot,
                           struct row_ref ref, bool *ret_matches)
{
    const struct restriction_row row = {.value = matcher_value, .context = matcher};
    const struct view_restrict *self = matcher->self;
    HRESULT hr;

    arena_reset(&matcher->scratch);
    hr = view_row(self->definition, snapshot, ref, self->tags, self->tag_count, &matcher->scratch,
                  matcher->values);
    return FAILED(hr) ? hr : restriction_match(self->definition->restriction, &row, ret_matches);
}

/* ---- The view ---- */

static void restrict_destroy(struct view *view)
{
    struct view_restrict *self = from_view(view);

    free(self->tags);
    free(self->rows.items);
    free(self);
}

static HRESULT build_by_matching(struct view_restrict *self)
{
    const struct view *below = self->view.below;
    size_t count = below->ops->count(below), i;
    struct matcher matcher;
    bool matches = false;
    HRESULT hr;

    hr = matcher_init(&matcher, self);
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        struct row_ref ref = below->ops->at(below, i);

        hr = matcher_try(&matcher, self->view.snapshot, ref, &matches);
        if (SUCCEEDED(hr) && matches)
            hr = ref_array_insert(&self->rows, self->rows.count, ref);
    }
    matcher_clear(&matcher);
    return hr;
}

static int compare_sizes(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;

    return (left > right) - (left < right);
}

/* The server has said which rows match. */
static HRESULT build_by_hint(struct view_restrict *self, const struct view_hints *hints)
{
    const struct row_snapshot *snapshot = self->view.snapshot;
    size_t *positions = malloc((hints->matching_count + 1) * sizeof(*positions));
    size_t count = 0, i;
    HRESULT hr;

    if (!positions)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < hints->matching_count; i++)
        if (snapshot->ops->find(snapshot, hints->matching[i], &positions[count]))
            count++;
    qsort(positions, count, sizeof(*positions), compare_sizes);
    hr = ref_array_reserve(&self->rows, count);
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        if (i > 0 && positions[i] == positions[i - 1])
            continue;
        self->rows.items[self->rows.count++].id = snapshot->ops->id(snapshot, positions[i]);
        self->rows.items[self->rows.count - 1].instance = 0;
    }
    free(positions);
    return hr;
}

static HRESULT restrict_build(struct view *view)
{
    struct view_restrict *self = from_view(view);
    const struct view_hints *hints = self->hints;

    view->snapshot = view->below->snapshot;
    self->rows.count = 0;
    self->hints = NULL;
    return hints && hints->matching ? build_by_hint(self, hints) : build_by_matching(self);
}

static size_t restrict_count(const struct view *view)
{
    return from_view(view)->rows.count;
}

static struct row_ref restrict_at(const struct view *view, size_t index)
{
    return from_view(view)->rows.items[index];
}

/* Where the row is, or belongs; it and all our rows are in `snapshot`. */
static size_t find_place(const struct view_restrict *self, const struct row_snapshot *snapshot,
                         struct row_ref ref)
{
    size_t low = 0, high = self->rows.count, middle;

    while (low < high) {
        middle = low + (high - low) / 2;
        if (view_row_order(snapshot, self->rows.items[middle], ref) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool find_in(const struct view_restrict *self, const struct row_snapshot *snapshot,
                    struct row_ref ref, size_t *ret_index)
{
    size_t position, place;

    if (!snapshot->ops->find(snapshot, ref.id, &position))
        return false;
    place = find_place(self, snapshot, ref);
    if (place == self->rows.count || !row_ref_equal(self->rows.items[place], ref))
        return false;
    *ret_index = place;
    return true;
}

static bool restrict_find(const struct view *view, struct row_ref ref, size_t *ret_index)
{
    return find_in(from_view(view), view->snapshot, ref, ret_index);
}

/* First half of following: what shows no longer goes; the rest is told what it is from above. */
static HRESULT take_out(struct view_restrict *self, const struct row_snapshot *now,
                        struct matcher *matcher, struct view_change *change, struct marks *marks)
{
    bool present, matches = false;
    size_t index = 0, position;
    HRESULT hr = S_OK;

    present = change->kind != VIEW_ADDED && find_in(self, self->view.snapshot, change->ref, &index);
    if (change->kind != VIEW_DELETED && now->ops->find(now, change->ref.id, &position))
        hr = matcher_try(matcher, now, change->ref, &matches);
    if (FAILED(hr))
        return hr;

    if (present && !matches) {
        change->kind = VIEW_DELETED;
        if (index > 0)
            change->prior = self->rows.items[index - 1];
        ref_array_remove(&self->rows, index);
        if (marks)
            marks_row_out(marks, index, change->ref, false);
    } else if (present) {
        change->kind = VIEW_MODIFIED;
    } else {
        change->kind = matches ? VIEW_ADDED : VIEW_NONE;
    }
    return S_OK;
}

static HRESULT put_in(struct view_restrict *self, const struct row_snapshot *now,
                      struct view_change *change, struct marks *marks)
{
    size_t place = find_place(self, now, change->ref);
    HRESULT hr;

    hr = ref_array_insert(&self->rows, place, change->ref);
    if (SUCCEEDED(hr) && marks)
        marks_row_in(marks, place, change->ref, self->rows.count - 1);
    return hr;
}

static HRESULT restrict_follow(struct view *view, const struct row_snapshot *now,
                               struct view_changes *list, struct marks *marks)
{
    struct view_restrict *self = from_view(view);
    struct view_change *changes = list->items;
    size_t count = list->count;
    struct matcher matcher;
    HRESULT hr;
    size_t i;

    hr = matcher_init(&matcher, self);
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        if (changes[i].kind != VIEW_NONE)
            hr = take_out(self, now, &matcher, &changes[i], marks);
    matcher_clear(&matcher);
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        if (changes[i].kind == VIEW_ADDED)
            hr = put_in(self, now, &changes[i], marks);
    if (FAILED(hr))
        return hr;
    view->snapshot = now;
    for (i = 0; i < count; i++)
        if (changes[i].kind == VIEW_ADDED || changes[i].kind == VIEW_MODIFIED)
            restrict_find(view, changes[i].ref, &changes[i].index);
    return S_OK;
}

HRESULT view_restrict_create(struct view *below, const struct view_definition *definition,
                             const struct view_hints *hints, struct view **ret_view)
{
    static const struct view_ops ops = {
        .destroy = restrict_destroy,
        .build = restrict_build,
        .count = restrict_count,
        .at = restrict_at,
        .find = restrict_find,
        .follow = restrict_follow,
    };
    struct view_restrict *self = calloc(1, sizeof(*self));
    HRESULT hr;

    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY; /* below stays the stack's */
    self->view.ops = &ops;
    self->definition = definition;
    self->hints = hints;
    hr = restriction_tags(definition->restriction, &self->tags, &self->tag_count);
    if (FAILED(hr)) {
        free(self);
        return hr;
    }
    self->view.below = below;
    *ret_view = &self->view;
    return S_OK;
}
