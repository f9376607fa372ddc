/* mapi/view.h - the views that a table is stacked of
 *
 * Each view turns the rows of the one below into rows of its own, from the bottom: the source's
 * rows as they come, one row for each value of a multi-valued column, those that match a
 * restriction, those in another order, those with category headings between. A stack belongs to one
 * snapshot at a time. It is built whole outside the table's lock, then follows single changes under
 * it.
 *
 * Private to the table. Memory only: values that are not prepared make build and follow fail with
 * ROW_NOT_PREPARED, and the table prepares them and builds anew. */
#ifndef MG_VIEW_H
#define MG_VIEW_H

#include "mapi/marks.h"
#include "mapi/row_source.h"
#include "mapi/sort.h"

/* A change on its way up. A view drops what its rows do not show (kind VIEW_NONE) and rewrites what
 * looks different from above: a row that matches no longer is deleted there. */
enum view_change_kind { VIEW_NONE, VIEW_ADDED, VIEW_MODIFIED, VIEW_DELETED };
struct view_change {
    enum view_change_kind kind;
    struct row_ref ref;
    size_t index;         /* in the view, after all changes; not for deleted rows */
    struct row_ref prior; /* deleted rows: the one before it; id 0: none */
};

struct view_changes {
    struct view_change *items; /* array_append */
    size_t count;
};
HRESULT view_changes_add(struct view_changes *changes, struct view_change change);
void view_changes_clear(struct view_changes *changes);

struct view;
struct view_ops {
    void (*destroy)(struct view *view);

    /* Makes all rows anew from the view below, which is built. May be long. */
    HRESULT (*build)(struct view *view);

    size_t (*count)(const struct view *view);
    struct row_ref (*at)(const struct view *view, size_t index);
    bool (*find)(const struct view *view, struct row_ref ref, size_t *ret_index);

    /* The view below stands on the newer snapshot `now` already and `changes` are what its rows
     * did. On failure the view is unusable until built again. */
    HRESULT(*follow)
    (struct view *view, const struct row_snapshot *now, struct view_changes *changes,
     struct marks *marks);
};
struct view {
    const struct view_ops *ops;
    struct view *below;                  /* owned; NULL: the bottom */
    const struct row_snapshot *snapshot; /* the stack's */
};

/* What a stack shows; immutable, shared between a table and its stacks. */
struct view_level { /* of categories: the keys [first_key, end_key) */
    ULONG first_key, end_key;
    bool expanded; /* at first */
};
struct view_definition {
    atomic_uint refs;
    SRestriction *restriction; /* compiled; NULL: all rows */
    SSortOrderSet *sort;       /* as it was given; cSorts 0: the order of the source */
    SSortOrderSet *order;      /* what the rows are sorted by: directions only */
    ULONG *instances;          /* multi-valued tags (strings in PT_UNICODE, no MVI bit) of which
                                  each value makes a row of its own */
    size_t instance_count;
    struct view_level levels[SORT_KEYS_MAX]; /* of categories, the outermost first */
    size_t level_count;
};
/* `columns`: their MVI_FLAG tags make instances, as those of the sort order do; NULL: none.
 * MAPI_E_TOO_COMPLEX: more than INSTANCE_COLUMNS_MAX of them. */
#define INSTANCE_COLUMNS_MAX 4
HRESULT view_definition_create(const SRestriction *restriction, const SSortOrderSet *sort,
                               const SPropTagArray *columns,
                               struct view_definition **ret_definition);
struct view_definition *view_definition_ref(struct view_definition *definition);
void view_definition_unref(struct view_definition *definition);

/* True when the rows are the source's as they come. */
bool view_definition_is_plain(const struct view_definition *definition);
bool view_definition_same_instances(const struct view_definition *a,
                                    const struct view_definition *b);

/* All tags that building reads, as the source is asked for them: malloc'd. */
HRESULT view_definition_tags(const struct view_definition *definition, ULONG **ret_tags,
                             size_t *ret_count);

struct view_stack {
    struct row_snapshot *snapshot; /* reference */
    struct view_definition *definition;
    struct view *top;
};

/* What the server has answered, to be used by the views (row_source.h, search and order): sorted by
 * the server, ids not in the snapshot ignored. NULL arrays: the views do it themselves. */
struct view_hints {
    uint64_t *matching;
    size_t matching_count;
    uint64_t *ordered;
    size_t ordered_count;
};

/* Builds a stack on `snapshot` (a reference is taken). */
HRESULT view_stack_create(struct row_snapshot *snapshot, struct view_definition *definition,
                          const struct view_hints *hints, struct view_stack **ret_stack);
void view_stack_destroy(struct view_stack *stack); /* NULL is accepted */

/* Brings the stack to the newer snapshot (the reference is taken over, also on failure). */
HRESULT view_stack_follow(struct view_stack *stack, struct row_snapshot *now,
                          struct view_changes *changes, struct marks *marks);

/* Puts the marks, which stand in `old`, to the same rows in `now`. */
void view_stack_carry_marks(const struct view_stack *old, const struct view_stack *now,
                            struct marks *marks);

/* ---- Values ---- */

/* A column's tag as views read it: strings in PT_UNICODE, the MVI bit kept. */
ULONG view_tag(ULONG tag);
/* As the source is asked for it: without the MVI bit too. */
ULONG view_source_tag(ULONG tag);

/* Values of a row, as row_snapshot_ops.row gives them, for tags made by view_tag: of an instance
 * the single value with the single type; PR_DEPTH and PR_ROW_TYPE; not for headings. The row is one
 * of `snapshot`. MAPI_E_CALL_FAILED: it is not. */
HRESULT view_row(const struct view_definition *definition, const struct row_snapshot *snapshot,
                 struct row_ref ref, const ULONG *tags, size_t count, struct arena *arena,
                 SPropValue *values);

/* The same for any row of the stack, headings included. Of a heading that has gone only
 * PR_INSTANCE_KEY is known. */
HRESULT view_stack_row(const struct view_stack *stack, const struct row_snapshot *snapshot,
                       struct row_ref ref, const ULONG *tags, size_t count, struct arena *arena,
                       SPropValue *values);

/* How many rows the source's row makes. ROW_NOT_PREPARED; MAPI_E_TOO_COMPLEX: too many. */
HRESULT view_instances_count(const struct view_definition *definition,
                             const struct row_snapshot *snapshot, size_t position,
                             struct arena *arena, size_t *ret_count);

/* What the row is sorted by, folded for comparison; keys[i] for order->aSort[i]. ROW_NOT_PREPARED.
 */
HRESULT view_row_keys(const struct view_definition *definition, const struct row_snapshot *snapshot,
                      struct row_ref ref, struct arena *arena, SPropValue *keys);

/* Positions in the snapshot, then instances. */
int view_row_order(const struct row_snapshot *snapshot, struct row_ref a, struct row_ref b);

/* ---- Categories ---- */

/* The categories that are not as their level is at first: expanded or collapsed by request. */
struct view_toggles {
    uint64_t *ids; /* ascending */
    size_t count, capacity;
};
bool view_toggles_have(const struct view_toggles *toggles, uint64_t id);
/* MAPI_E_NOT_ENOUGH_MEMORY; MAPI_E_TOO_BIG beyond VIEW_TOGGLES_MAX. */
#define VIEW_TOGGLES_MAX 65536
HRESULT view_toggles_flip(struct view_toggles *toggles, uint64_t id);
void view_toggles_clear(struct view_toggles *toggles);

/* Shows the stack as `toggles` say; marks keep to their rows, those of hidden rows go to the next
 * that shows. Nothing without categories. */
HRESULT view_stack_toggle(struct view_stack *stack, const struct view_toggles *toggles,
                          struct marks *marks);

/* The heading of this PR_INSTANCE_KEY: its place, and whether it is expanded. False: there is none
 * that shows. */
bool view_stack_find_heading(const struct view_stack *stack, const SBinary *key, size_t *ret_index,
                             struct row_ref *ret_ref, bool *ret_expanded);

/* ---- The single views; on S_OK `below` is taken over ---- */

HRESULT view_rows_create(const struct row_snapshot *snapshot, struct view **ret_view);
HRESULT view_instances_create(struct view *below, const struct view_definition *definition,
                              struct view **ret_view);
HRESULT view_restrict_create(struct view *below, const struct view_definition *definition,
                             const struct view_hints *hints, struct view **ret_view);
HRESULT view_sort_create(struct view *below, const struct view_definition *definition,
                         const struct view_hints *hints, struct view **ret_view);
HRESULT view_categories_create(struct view *below, const struct view_definition *definition,
                               struct view **ret_view);

/* view_categories.c, for the functions of the stack above. */
HRESULT view_categories_row(const struct view *view, struct row_ref heading, const ULONG *tags,
                            size_t count, struct arena *arena, SPropValue *values);
HRESULT view_categories_toggle(struct view *view, const struct view_toggles *toggles,
                               struct marks *marks);
bool view_categories_expanded(const struct view *view, size_t index);

/* An array of rows, as views keep them. */
struct ref_array {
    struct row_ref *items;
    size_t count, capacity;
};
HRESULT ref_array_reserve(struct ref_array *array, size_t count);
HRESULT ref_array_insert(struct ref_array *array, size_t index, struct row_ref ref);
void ref_array_remove(struct ref_array *array, size_t index);

#endif
