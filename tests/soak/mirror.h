/* tests/soak/mirror.h - a table's rows as its notifications tell them
 *
 * Reads the table once. From then on it does as it is told, event by event (TBL-130), and reads
 * again only after TABLE_CHANGED or TABLE_RELOAD. What a table may not tell - a row added that is
 * there, one changed or deleted that is not, a prior row that nobody knows - is a failure.
 * Thread-safe. Checks in here abort the test. */
#ifndef TESTS_SOAK_MIRROR_H
#define TESTS_SOAK_MIRROR_H

#include "mapi/mapix.h"
#include "tests/soak/view.h"

struct mirror;

/* The text of a row in the table's columns; malloc. */
typedef char *mirror_line_fn(const char *path, const SPropValue *row);

/* Takes the table over, with its columns set; PR_INSTANCE_KEY stands in column `key`. */
struct mirror *mirror_open(IMAPITable *table, unsigned key, const char *path, mirror_line_fn *line);
void mirror_close(struct mirror *mirror);

/* Reads anew if the table said so. */
void mirror_follow(struct mirror *mirror);

/* A quiet point: from here on nothing that was read can be told again. */
void mirror_settled(struct mirror *mirror);

/* The lines in their order, as told, and as the table has them now. The caller's to free. */
char *mirror_text(struct mirror *mirror);
char *mirror_table_text(struct mirror *mirror);
/* The same as told, one by one. */
void mirror_add_lines(struct mirror *mirror, struct view_lines *lines);

/* What was told against the rules; "": nothing. The mirror's. */
const char *mirror_failure(struct mirror *mirror);

struct mirror_tally {
    unsigned added, modified, deleted, read_again;
};
void mirror_count(struct mirror *mirror, struct mirror_tally *tally);

#endif
