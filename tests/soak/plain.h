/* tests/soak/plain.h - a plain IMAP client beside ours: a thin hand on plain.py
 *
 * A process of its own that logs on once and lives until it is stopped. A forked child may use the
 * parent's, in turn with it. Checks in here abort the test. */
#ifndef TESTS_SOAK_PLAIN_H
#define TESTS_SOAK_PLAIN_H

#include <stdbool.h>

struct plain;

/* For mail.user on mail.servers. The caller's to stop. */
struct plain *plain_start(void);
void plain_stop(struct plain *plain); /* NULL is allowed */

/* One command at a time: tells it, waits for its answer, which is the caller's to free. */
void plain_tell(struct plain *plain, const char *command);
char *plain_answer(struct plain *plain);
/* Is the answer on its way? Does not wait. */
bool plain_has_answered(struct plain *plain);

#endif
