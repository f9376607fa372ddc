/* mapi/view_categories.h - what the two files of the view of categories share
 *
 * Private to view_categories*.c. The rows below, sorted, fall into categories: for each level a run
 * of rows with equal keys. `rows` is what shows of headings and rows. */
#ifndef MG_VIEW_CATEGORIES_H
#define MG_VIEW_CATEGORIES_H

#include "mapi/ref_map.h"
#include "mapi/view.h"

/* A row below. */
struct leaf {
    struct row_ref ref;
    bool unread;
};

/* One category; `categories` has them in the order of their headings. */
struct category {
    struct row_ref ref;  /* of its heading */
    size_t first, count; /* rows below: leaves[first..first+count) */
    size_t unread;
    bool expanded;
};

struct grouping {
    struct leaf *leaves;
    uint64_t *paths; /* of each leaf, the categories it is in, one a level */
    size_t leaf_count;
    struct category *categories; /* array_append */
    size_t category_count;
    struct ref_array rows; /* what shows */
    struct ref_map places; /* of the rows */
    size_t *origins;       /* of rows[i]: its number in categories or leaves */
};

struct view_categories {
    struct view view;
    const struct view_definition *definition;
    struct view_toggles toggles; /* a copy */
    struct grouping grouping;
};

void grouping_clear(struct grouping *grouping);

/* Did the row itself change? */
bool categories_row_changed(const struct view_changes *changes, struct row_ref ref);

/* Brings marks and changes from what showed in `old` to what shows in `now`. `below`: what the rows
 * below did, NULL with `marks` alone. It becomes what our rows did. */
HRESULT categories_compare(const struct grouping *old, const struct grouping *now,
                           struct view_changes *below, struct marks *marks);

#endif
