/* mapi/view.h - the views that a table is stacked of
 *
 * Each view turns the rows of the one below into rows of its own: the source's rows as they come,
 * those that match a restriction, those in another order; later categories and multi-value
 * instances. A stack belongs to one snapshot at a time. It is built whole outside the table's lock,
 * then follows single changes under it.
 *
 * Private to the table. Memory only: values that are not prepared make build and follow fail with
 * ROW_NOT_PREPARED, and the table prepares them and builds anew. */
#ifndef MG_VIEW_H
#define MG_VIEW_H

#include "mapi/marks.h"
#include "mapi/row_source.h"

/* A change on its way up. A view drops what its rows do not show (kind VIEW_NONE) and rewrites what
 * looks different from above: a row that matches no longer is deleted there. */
enum view_change_kind { VIEW_NONE, VIEW_ADDED, VIEW_MODIFIED, VIEW_DELETED };
struct view_change {
    enum view_change_kind kind;
    struct row_ref ref;
    size_t index;         /* in the view, after all changes; not for deleted rows */
    struct row_ref prior; /* deleted rows: the one before it; id 0: none */
};

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
    (struct view *view, const struct row_snapshot *now, struct view_change *changes, size_t count,
     struct marks *marks);
};
struct view {
    const struct view_ops *ops;
    struct view *below;                  /* owned; NULL: the bottom */
    const struct row_snapshot *snapshot; /* the stack's */
};

/* What a stack shows; immutable, shared between a table and its stacks. */
struct view_definition {
    atomic_uint refs;
    SRestriction *restriction; /* compiled; NULL: all rows */
    SSortOrderSet *sort;       /* cSorts 0: the order of the source */
};
HRESULT view_definition_create(const SRestriction *restriction, const SSortOrderSet *sort,
                               struct view_definition **ret_definition);
struct view_definition *view_definition_ref(struct view_definition *definition);
void view_definition_unref(struct view_definition *definition);

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
                          struct view_change *changes, size_t count, struct marks *marks);

/* Puts the marks, which stand in `old`, to the same rows in `now`. */
void view_stack_carry_marks(const struct view_stack *old, const struct view_stack *now,
                            struct marks *marks);

/* The single views. On S_OK `below` is taken over. */
HRESULT view_rows_create(const struct row_snapshot *snapshot, struct view **ret_view);
HRESULT view_restrict_create(struct view *below, const SRestriction *restriction,
                             const struct view_hints *hints, struct view **ret_view);
HRESULT view_sort_create(struct view *below, const SSortOrderSet *sort,
                         const struct view_hints *hints, struct view **ret_view);

/* An array of rows, as views keep them. */
struct ref_array {
    struct row_ref *items;
    size_t count, capacity;
};
HRESULT ref_array_reserve(struct ref_array *array, size_t count);
HRESULT ref_array_insert(struct ref_array *array, size_t index, struct row_ref ref);
void ref_array_remove(struct ref_array *array, size_t index);

#endif
