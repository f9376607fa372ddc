/* mapi/view_categories_follow.c - from what showed to what shows: marks and changes
 *
 * Rows that did not change keep their order, and headings do, for it is by their keys. */
#include "mapi/view_categories.h"

struct comparison {
    const struct grouping *old, *now;
    const struct view_changes *below; /* or NULL */
};

bool categories_row_changed(const struct view_changes *changes, struct row_ref ref)
{
    size_t i;

    for (i = 0; i < changes->count; i++)
        if (changes->items[i].kind != VIEW_NONE && row_ref_equal(changes->items[i].ref, ref))
            return true;
    return false;
}

static bool is_modified(const struct comparison *comparison, struct row_ref ref)
{
    return comparison->below && categories_row_changed(comparison->below, ref);
}

/* ---- Marks ---- */

/* Where the row, or the next one that is still in its place, has gone. */
static size_t next_place(const struct comparison *comparison, size_t position)
{
    const struct ref_array *rows = &comparison->old->rows;
    size_t place;

    for (; position < rows->count; position++)
        if (ref_map_get(&comparison->now->places, rows->items[position], &place) &&
            !is_modified(comparison, rows->items[position]))
            return place;
    return comparison->now->rows.count;
}

/* A mark at the very end stays before what is appended. */
static size_t end_place(const struct comparison *comparison)
{
    const struct ref_array *rows = &comparison->old->rows;
    size_t i, place;

    for (i = rows->count; i-- > 0;)
        if (ref_map_get(&comparison->now->places, rows->items[i], &place))
            return place + 1;
    return 0;
}

static void move_marks(const struct comparison *comparison, struct marks *marks)
{
    const struct ref_array *rows = &comparison->old->rows;
    size_t i, place;

    for (i = 0; i < marks->count; i++) {
        struct mark *mark = &marks->items[i];

        if (mark->position >= rows->count) {
            mark->position = end_place(comparison);
        } else if (ref_map_get(&comparison->now->places, rows->items[mark->position], &place)) {
            mark->position = place;
        } else {
            mark->moved = true;
            mark->position = next_place(comparison, mark->position);
        }
    }
}

/* ---- Changes ---- */

static HRESULT tell_deleted(const struct comparison *comparison, struct view_changes *told)
{
    const struct ref_array *rows = &comparison->old->rows;
    struct row_ref prior = {0};
    HRESULT hr = S_OK;
    size_t i, place;

    for (i = 0; SUCCEEDED(hr) && i < rows->count; i++) {
        if (ref_map_get(&comparison->now->places, rows->items[i], &place))
            prior = rows->items[i];
        else
            hr = view_changes_add(
                told,
                (struct view_change){.kind = VIEW_DELETED, .ref = rows->items[i], .prior = prior});
    }
    return hr;
}

/* Is the heading's row another than before? */
static bool heading_differs(const struct comparison *comparison, size_t old_place, size_t place)
{
    const struct category *old = &comparison->old->categories[comparison->old->origins[old_place]];
    const struct category *now = &comparison->now->categories[comparison->now->origins[place]];

    const struct row_ref first = comparison->now->leaves[now->first].ref; /* its keys are shown */

    return old->count != now->count || old->unread != now->unread ||
           is_modified(comparison, first) ||
           !row_ref_equal(comparison->old->leaves[old->first].ref, first);
}

static HRESULT tell_shown(const struct comparison *comparison, struct view_changes *told)
{
    const struct ref_array *rows = &comparison->now->rows;
    HRESULT hr = S_OK;
    size_t i, old_place;

    for (i = 0; SUCCEEDED(hr) && i < rows->count; i++) {
        struct view_change change = {.kind = VIEW_NONE, .ref = rows->items[i], .index = i};

        if (!ref_map_get(&comparison->old->places, change.ref, &old_place))
            change.kind = VIEW_ADDED;
        else if (change.ref.instance & ROW_HEADING ? heading_differs(comparison, old_place, i)
                                                   : is_modified(comparison, change.ref))
            change.kind = VIEW_MODIFIED;
        if (change.kind != VIEW_NONE)
            hr = view_changes_add(told, change);
    }
    return hr;
}

HRESULT categories_compare(const struct grouping *old, const struct grouping *now,
                           struct view_changes *below, struct marks *marks)
{
    struct comparison comparison = {.old = old, .now = now, .below = below};
    struct view_changes told = {0};
    HRESULT hr = S_OK;

    if (below)
        hr = tell_deleted(&comparison, &told);
    if (SUCCEEDED(hr) && below)
        hr = tell_shown(&comparison, &told);
    if (SUCCEEDED(hr) && marks)
        move_marks(&comparison, marks);
    if (SUCCEEDED(hr) && below) {
        view_changes_clear(below);
        *below = told;
    } else {
        view_changes_clear(&told);
    }
    return hr;
}
