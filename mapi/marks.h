/* mapi/marks.h - cursor and bookmarks of a table
 *
 * A mark is a place in the topmost view and the row that is there. Views report each row they take
 * out or put in, and marks keep to their rows; a mark whose row has left stands before the row that
 * followed it (TBL-049). Private to the table; its lock covers this. */
#ifndef MG_MARKS_H
#define MG_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

/* A row of a view: a row of the source (instance 0), one of its multi-value instances (counted from
 * 1), or the heading of a category (ROW_HEADING and its level; `id` is then the category's). */
#define ROW_HEADING (UINT64_C(1) << 63)
struct row_ref {
    uint64_t id;
    uint64_t instance;
};
static inline bool row_ref_equal(struct row_ref a, struct row_ref b)
{
    return a.id == b.id && a.instance == b.instance;
}

struct mark {
    BOOKMARK bookmark;  /* 0: the cursor */
    size_t position;    /* rows of the view before it */
    struct row_ref ref; /* while `away` */
    bool away;          /* its row is being put elsewhere */
    bool moved;         /* its row has left the view */
};

struct marks {
    struct mark *items; /* [0] is the cursor */
    size_t count, capacity;
    BOOKMARK last; /* bookmarks are not used twice */
};

HRESULT marks_init(struct marks *marks);
void marks_clear(struct marks *marks);

/* Cursor to the start, bookmarks gone. */
void marks_reset(struct marks *marks);

struct mark *marks_cursor(struct marks *marks);
struct mark *marks_find(struct marks *marks, BOOKMARK bookmark); /* NULL: none */
HRESULT marks_add(struct marks *marks, size_t position, BOOKMARK *ret_bookmark);
bool marks_remove(struct marks *marks, BOOKMARK bookmark);

/* The view took out row `ref` at `index`; `returns`: it will be put in again by this change. */
void marks_row_out(struct marks *marks, size_t index, struct row_ref ref, bool returns);
/* The view, of `count` rows before, put in row `ref` at `index`. */
void marks_row_in(struct marks *marks, size_t index, struct row_ref ref, size_t count);

#endif
