/* tests/soak/view.h - what MAPI shows of INBOX and the folders below Soak, in plain.py's words
 *
 * Checks in here abort the test. Texts are the caller's to free. */
#ifndef TESTS_SOAK_VIEW_H
#define TESTS_SOAK_VIEW_H

#include "mapi/mapix.h"
#include "tests/soak/plain.h"

#define VIEW_BASE "Soak"

/* The folders as their hierarchy tables show them now, and their contents tables' rows, opened for
 * this. A folder that goes meanwhile is left out. */
char *view_of_mapi(void);
char *view_of_plain(struct plain *plain);

/* Lines, sorted by bytes. */
struct view_lines {
    char **items;
    size_t count;
};
void view_add(struct view_lines *lines, char *line); /* which it takes */
char *view_text(struct view_lines *lines);           /* sorts, gives the text, forgets all */

/* A message's line out of a row, which begins with these columns. */
extern const SPropTagArray *const view_columns;
char *view_row_line(const char *path, const SPropValue *row);

/* The lines without UID and size. */
char *view_brief(const char *view);
/* The first line that only one of the two has; "" when they are equal; good until the next call. */
const char *view_difference(const char *left, const char *right);

#endif
