/* tests/soak/kills_check.h - is the mailbox what the model says, and what came of the last change?
 */
#ifndef TESTS_KILLS_CHECK_H
#define TESTS_KILLS_CHECK_H

#include <stdbool.h>

#include "tests/soak/plain.h"

/* With mail's session, after a kill. Waits (30 s at the most) until MAPI and the plain client see
 * the same, which is the mailbox before or after the interrupted change; opens every message and
 * folder by its id and reads it. The model then holds what was found. False: a failure is noted. */
bool kills_check(struct plain *plain);

#endif
