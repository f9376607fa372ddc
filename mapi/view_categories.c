/* mapi/view_categories.c - headings between the rows of the sorted view below
 *
 * A category is named by a hash of its keys and those of the categories around it, so that its name
 * outlives rebuilding and, in a collapse state, the table. The keys of a row are read once; a
 * change reads those of the rows that changed, then groups all rows anew in memory. */
#include "mapi/view_categories.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"

/* Beyond so many rows a change is not followed row by row: the engine must not be kept for long. */
#define FOLLOW_ROWS_MAX 20000

static struct view_categories *from_view(const struct view *view)
{
    return container_of((struct view *)view, struct view_categories, view);
}

void grouping_clear(struct grouping *grouping)
{
    free(grouping->leaves);
    free(grouping->paths);
    free(grouping->categories);
    free(grouping->rows.items);
    free(grouping->origins);
    ref_map_clear(&grouping->places);
    *grouping = (struct grouping){0};
}

/* ---- Leaves ---- */

static HRESULT leaves_init(struct grouping *grouping, size_t count, size_t levels)
{
    grouping->leaves = calloc(count + 1, sizeof(*grouping->leaves));
    grouping->paths = calloc(count * levels + 1, sizeof(*grouping->paths));
    grouping->leaf_count = count;
    return grouping->leaves && grouping->paths ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* Hashes a key onto that of what is around it; never 0. */
static uint64_t hash_key(uint64_t around, const SPropValue *key)
{
    uint64_t hash = PROP_TYPE(key->ulPropTag) == PT_ERROR ? 1 : propval_hash(key);

    hash = (around ^ hash) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
    return hash ? hash : 1;
}

static void make_path(const struct view_definition *definition, const SPropValue *keys,
                      uint64_t *path)
{
    uint64_t hash = 0;
    size_t level;
    ULONG i;

    for (level = 0; level < definition->level_count; level++) {
        for (i = definition->levels[level].first_key; i < definition->levels[level].end_key; i++)
            hash = hash_key(hash, &keys[i]);
        path[level] = hash;
    }
}

static HRESULT read_unread(const struct view_categories *self, struct row_ref ref,
                           struct arena *arena, bool *ret_unread)
{
    const ULONG tag = PR_MESSAGE_FLAGS;
    SPropValue flags;
    HRESULT hr = view_row(self->definition, self->view.snapshot, ref, &tag, 1, arena, &flags);

    if (FAILED(hr))
        return hr;
    if (PROP_TYPE(flags.ulPropTag) == PT_ERROR) {
        *ret_unread = false;
        return flags.Value.err == ROW_NOT_PREPARED ? ROW_NOT_PREPARED : S_OK;
    }
    *ret_unread = !(flags.Value.l & MSGFLAG_READ);
    return S_OK;
}

static HRESULT read_leaf(const struct view_categories *self, struct row_ref ref,
                         struct arena *arena, struct leaf *leaf, uint64_t *path)
{
    SPropValue keys[SORT_KEYS_MAX];
    HRESULT hr;

    arena_reset(arena);
    leaf->ref = ref;
    hr = view_row_keys(self->definition, self->view.snapshot, ref, arena, keys);
    if (SUCCEEDED(hr))
        hr = read_unread(self, ref, arena, &leaf->unread);
    if (SUCCEEDED(hr))
        make_path(self->definition, keys, path);
    return hr;
}

/* All leaves; those in `known`, a map into `old`, are taken from there. */
static HRESULT read_leaves(const struct view_categories *self, const struct grouping *old,
                           const struct ref_map *known, struct grouping *grouping)
{
    const struct view *below = self->view.below;
    size_t levels = self->definition->level_count, at, i;
    struct arena arena = {0};
    HRESULT hr = leaves_init(grouping, below->ops->count(below), levels);

    for (i = 0; SUCCEEDED(hr) && i < grouping->leaf_count; i++) {
        struct row_ref ref = below->ops->at(below, i);

        if (known && ref_map_get(known, ref, &at)) {
            grouping->leaves[i] = old->leaves[at];
            memcpy(&grouping->paths[i * levels], &old->paths[at * levels],
                   levels * sizeof(*old->paths));
        } else {
            hr = read_leaf(self, ref, &arena, &grouping->leaves[i], &grouping->paths[i * levels]);
        }
    }
    arena_clear(&arena);
    return hr;
}

/* ---- Categories ---- */

static HRESULT add_category(struct grouping *grouping, uint64_t id, size_t level, size_t first)
{
    struct category category = {
        .ref = {.id = id, .instance = ROW_HEADING | level},
        .first = first,
    };

    return array_append(&grouping->categories, &grouping->category_count, &category)
               ? S_OK
               : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* Runs of leaves with equal paths become categories. */
static HRESULT group(const struct view_categories *self, struct grouping *grouping)
{
    size_t levels = self->definition->level_count, open[SORT_KEYS_MAX] = {0}, level, i;
    const uint64_t *path, *before = NULL;
    HRESULT hr = S_OK;

    for (i = 0; i < grouping->leaf_count; i++, before = path) {
        path = &grouping->paths[i * levels];
        for (level = 0; before && level < levels && path[level] == before[level]; level++)
            ;
        for (; level < levels; level++) {
            open[level] = grouping->category_count;
            hr = add_category(grouping, path[level], level, i);
            if (FAILED(hr))
                return hr;
        }
        for (level = 0; level < levels; level++) {
            grouping->categories[open[level]].count++;
            grouping->categories[open[level]].unread += grouping->leaves[i].unread;
        }
    }
    return S_OK;
}

/* ---- What shows ---- */

static size_t level_of(const struct category *category)
{
    return (size_t)(category->ref.instance & ~ROW_HEADING);
}

/* What shows is filled once: `rows`, `places` and `origins` are empty. */
static HRESULT rows_init(struct grouping *grouping)
{
    size_t most = grouping->leaf_count + grouping->category_count;
    HRESULT hr = ref_array_reserve(&grouping->rows, most);

    if (SUCCEEDED(hr))
        hr = ref_map_init(&grouping->places, most);
    if (FAILED(hr))
        return hr;
    grouping->origins = malloc((most + 1) * sizeof(*grouping->origins));
    return grouping->origins ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static void put_row(struct grouping *grouping, struct row_ref ref, size_t origin)
{
    ref_map_put(&grouping->places, ref, grouping->rows.count);
    grouping->origins[grouping->rows.count] = origin;
    grouping->rows.items[grouping->rows.count++] = ref;
}

static HRESULT show(const struct view_categories *self, struct grouping *grouping)
{
    size_t levels = self->definition->level_count, level, i, j;
    bool open[SORT_KEYS_MAX] = {false};
    HRESULT hr = rows_init(grouping);

    for (i = 0; SUCCEEDED(hr) && i < grouping->category_count; i++) {
        struct category *category = &grouping->categories[i];

        level = level_of(category);
        category->expanded = self->definition->levels[level].expanded !=
                             view_toggles_have(&self->toggles, category->ref.id);
        open[level] = category->expanded && (level == 0 || open[level - 1]);
        if (level == 0 || open[level - 1])
            put_row(grouping, category->ref, i);
        for (j = 0; open[level] && level == levels - 1 && j < category->count; j++)
            put_row(grouping, grouping->leaves[category->first + j].ref, category->first + j);
    }
    return hr;
}

static HRESULT make_grouping(const struct view_categories *self, const struct grouping *old,
                             const struct ref_map *known, struct grouping *grouping)
{
    HRESULT hr = read_leaves(self, old, known, grouping);

    if (SUCCEEDED(hr))
        hr = group(self, grouping);
    if (SUCCEEDED(hr))
        hr = show(self, grouping);
    if (FAILED(hr))
        grouping_clear(grouping);
    return hr;
}

/* ---- The view ---- */

static void categories_destroy(struct view *view)
{
    struct view_categories *self = from_view(view);

    grouping_clear(&self->grouping);
    view_toggles_clear(&self->toggles);
    free(self);
}

static HRESULT categories_build(struct view *view)
{
    struct view_categories *self = from_view(view);

    view->snapshot = view->below->snapshot;
    grouping_clear(&self->grouping);
    return make_grouping(self, NULL, NULL, &self->grouping);
}

static size_t categories_count(const struct view *view)
{
    return from_view(view)->grouping.rows.count;
}

static struct row_ref categories_at(const struct view *view, size_t index)
{
    return from_view(view)->grouping.rows.items[index];
}

static bool categories_find(const struct view *view, struct row_ref ref, size_t *ret_index)
{
    return ref_map_get(&from_view(view)->grouping.places, ref, ret_index);
}

/* The leaves that are as they were. */
static HRESULT map_known(const struct grouping *old, const struct view_changes *changes,
                         struct ref_map *known)
{
    HRESULT hr = ref_map_init(known, old->leaf_count);
    size_t i;

    for (i = 0; SUCCEEDED(hr) && i < old->leaf_count; i++)
        if (!categories_row_changed(changes, old->leaves[i].ref))
            ref_map_put(known, old->leaves[i].ref, i);
    return hr;
}

static HRESULT categories_follow(struct view *view, const struct row_snapshot *now,
                                 struct view_changes *changes, struct marks *marks)
{
    struct view_categories *self = from_view(view);
    struct grouping fresh = {0};
    struct ref_map known = {0};
    HRESULT hr;

    view->snapshot = now;
    if (changes->count == 0)
        return S_OK;
    if (self->grouping.leaf_count > FOLLOW_ROWS_MAX)
        return MAPI_E_TOO_BIG;
    hr = map_known(&self->grouping, changes, &known);
    if (SUCCEEDED(hr))
        hr = make_grouping(self, &self->grouping, &known, &fresh);
    if (SUCCEEDED(hr))
        hr = categories_compare(&self->grouping, &fresh, changes, marks);
    ref_map_clear(&known);
    if (FAILED(hr)) {
        grouping_clear(&fresh);
        return hr;
    }
    grouping_clear(&self->grouping);
    self->grouping = fresh;
    return S_OK;
}

HRESULT view_categories_create(struct view *below, const struct view_definition *definition,
                               struct view **ret_view)
{
    static const struct view_ops ops = {
        .destroy = categories_destroy,
        .build = categories_build,
        .count = categories_count,
        .at = categories_at,
        .find = categories_find,
        .follow = categories_follow,
    };
    struct view_categories *self = calloc(1, sizeof(*self));

    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    self->view.ops = &ops;
    self->view.below = below;
    self->definition = definition;
    *ret_view = &self->view;
    return S_OK;
}

/* ---- Expanding and collapsing ---- */

static HRESULT copy_toggles(const struct view_toggles *toggles, struct view_toggles *copy)
{
    copy->ids = malloc((toggles->count + 1) * sizeof(*copy->ids));
    if (!copy->ids)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (toggles->count)
        memcpy(copy->ids, toggles->ids, toggles->count * sizeof(*copy->ids));
    copy->count = copy->capacity = toggles->count;
    return S_OK;
}

HRESULT view_categories_toggle(struct view *view, const struct view_toggles *toggles,
                               struct marks *marks)
{
    struct view_categories *self = from_view(view);
    struct grouping before = self->grouping; /* with what shows as its own */
    struct view_toggles copy;
    HRESULT hr;

    if (toggles->count == 0 && self->toggles.count == 0)
        return S_OK; /* it shows so already */
    hr = copy_toggles(toggles, &copy);
    if (FAILED(hr))
        return hr;
    view_toggles_clear(&self->toggles);
    self->toggles = copy;
    self->grouping.rows = (struct ref_array){0};
    self->grouping.places = (struct ref_map){0};
    self->grouping.origins = NULL;
    hr = show(self, &self->grouping);
    if (SUCCEEDED(hr) && marks)
        hr = categories_compare(&before, &self->grouping, NULL, marks);
    free(before.rows.items);
    free(before.origins);
    ref_map_clear(&before.places);
    return hr;
}

bool view_categories_expanded(const struct view *view, size_t index)
{
    const struct grouping *grouping = &from_view(view)->grouping;

    return grouping->categories[grouping->origins[index]].expanded;
}

/* ---- Headings ---- */

static const uint8_t heading_mark[8] = {'h', 'e', 'a', 'd', 'i', 'n', 'g', 0};
#define HEADING_KEY_SIZE (sizeof(heading_mark) + 2 * sizeof(uint64_t))

static HRESULT heading_key(struct row_ref heading, struct arena *arena, SPropValue *value)
{
    uint8_t *key = arena_alloc(arena, HEADING_KEY_SIZE);

    if (!key)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(key, heading_mark, sizeof(heading_mark));
    memcpy(key + 8, &heading.instance, sizeof(uint64_t));
    memcpy(key + 16, &heading.id, sizeof(uint64_t));
    *value = propval_binary(PR_INSTANCE_KEY, key, HEADING_KEY_SIZE);
    return S_OK;
}

bool view_stack_find_heading(const struct view_stack *stack, const SBinary *key, size_t *ret_index,
                             struct row_ref *ret_ref, bool *ret_expanded)
{
    if (stack->definition->level_count == 0 || key->cb != HEADING_KEY_SIZE ||
        memcmp(key->lpb, heading_mark, sizeof(heading_mark)) != 0)
        return false;
    memcpy(&ret_ref->instance, key->lpb + 8, sizeof(uint64_t));
    memcpy(&ret_ref->id, key->lpb + 16, sizeof(uint64_t));
    if (!(ret_ref->instance & ROW_HEADING) ||
        !stack->top->ops->find(stack->top, *ret_ref, ret_index))
        return false;
    *ret_expanded = view_categories_expanded(stack->top, *ret_index);
    return true;
}

/* The key columns of the category and those around it, as its first row has them (TBL-099). */
static bool is_key(const struct view_definition *definition, size_t level, ULONG tag)
{
    ULONG i;

    for (i = 0; i < definition->levels[level].end_key; i++)
        if (view_tag(definition->order->aSort[i].ulPropTag) == tag)
            return true;
    return false;
}

static HRESULT heading_value(const struct view_categories *self, const struct category *category,
                             ULONG tag, struct arena *arena, SPropValue *value)
{
    switch (tag) {
    case PR_ROW_TYPE:
        *value =
            propval_long(tag, category->expanded ? TBL_EXPANDED_CATEGORY : TBL_COLLAPSED_CATEGORY);
        return S_OK;
    case PR_DEPTH:
        *value = propval_long(tag, (LONG)level_of(category));
        return S_OK;
    case PR_CONTENT_COUNT:
        *value = propval_long(tag, (LONG)category->count);
        return S_OK;
    case PR_CONTENT_UNREAD:
        *value = propval_long(tag, (LONG)category->unread);
        return S_OK;
    default:
        if (is_key(self->definition, level_of(category), tag))
            return view_row(self->definition, self->view.snapshot,
                            self->grouping.leaves[category->first].ref, &tag, 1, arena, value);
        propval_set_error(value, tag, MAPI_E_NOT_FOUND);
        return S_OK;
    }
}

HRESULT view_categories_row(const struct view *view, struct row_ref heading, const ULONG *tags,
                            size_t count, struct arena *arena, SPropValue *values)
{
    const struct view_categories *self = from_view(view);
    const struct category *category = NULL;
    size_t index, i;
    HRESULT hr = S_OK;

    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        if (tags[i] == PR_INSTANCE_KEY) {
            hr = heading_key(heading, arena, &values[i]);
            continue;
        }
        if (!category && categories_find(view, heading, &index))
            category = &self->grouping.categories[self->grouping.origins[index]];
        if (category)
            hr = heading_value(self, category, tags[i], arena, &values[i]);
        else
            propval_set_error(&values[i], tags[i], MAPI_E_NOT_FOUND);
    }
    return hr;
}
