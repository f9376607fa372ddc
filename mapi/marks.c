/* mapi/marks.c - cursor and bookmarks of a table */
#include "mapi/marks.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BOOKMARK ((BOOKMARK)16) /* the predefined ones are 0 to 2 */

HRESULT marks_init(struct marks *marks)
{
    marks->items = calloc(4, sizeof(*marks->items));
    if (!marks->items)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    marks->capacity = 4;
    marks->count = 1;
    marks->last = FIRST_BOOKMARK;
    return S_OK;
}

void marks_clear(struct marks *marks)
{
    free(marks->items);
    memset(marks, 0, sizeof(*marks));
}

void marks_reset(struct marks *marks)
{
    marks->count = 1;
    marks->items[0] = (struct mark){0};
}

struct mark *marks_cursor(struct marks *marks)
{
    return &marks->items[0];
}

struct mark *marks_find(struct marks *marks, BOOKMARK bookmark)
{
    size_t i;

    for (i = 1; i < marks->count; i++)
        if (marks->items[i].bookmark == bookmark)
            return &marks->items[i];
    return NULL;
}

HRESULT marks_add(struct marks *marks, size_t position, BOOKMARK *ret_bookmark)
{
    struct mark *bigger;

    if (marks->count == marks->capacity) {
        bigger = realloc(marks->items, marks->capacity * 2 * sizeof(*bigger));
        if (!bigger)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        marks->items = bigger;
        marks->capacity *= 2;
    }
    marks->items[marks->count++] = (struct mark){.bookmark = ++marks->last, .position = position};
    *ret_bookmark = marks->last;
    return S_OK;
}

bool marks_remove(struct marks *marks, BOOKMARK bookmark)
{
    struct mark *mark = marks_find(marks, bookmark);

    if (!mark)
        return false;
    *mark = marks->items[--marks->count];
    return true;
}

void marks_row_out(struct marks *marks, size_t index, struct row_ref ref, bool returns)
{
    size_t i;

    for (i = 0; i < marks->count; i++) {
        struct mark *mark = &marks->items[i];

        if (mark->position > index) {
            mark->position--;
        } else if (mark->position == index && !mark->away) {
            mark->ref = ref;
            mark->away = returns;
            mark->moved |= !returns;
        }
    }
}

void marks_row_in(struct marks *marks, size_t index, struct row_ref ref, size_t count)
{
    size_t i;

    for (i = 0; i < marks->count; i++) {
        struct mark *mark = &marks->items[i];

        if (mark->away && row_ref_equal(mark->ref, ref)) {
            mark->position = index;
            mark->away = false;
        } else if (mark->position > index) {
            mark->position++;
        } else if (mark->position == index && (index < count || mark->away)) {
            mark->position++; /* a mark at the very end stays before what is appended */
        }
    }
}
