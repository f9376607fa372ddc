/* tests/soak/two_clients_change.h - what our client does in `./dev soak two_clients` */
#ifndef TESTS_TWO_CLIENTS_CHANGE_H
#define TESTS_TWO_CLIENTS_CHANGE_H

#include "mapi/mapix.h"

#define FIXED_FOLDERS 4

/* INBOX and three that nobody deletes, as both clients name them. */
extern const char *const fixed_imap_names[FIXED_FOLDERS];
extern const char *const fixed_mapi_names[FIXED_FOLDERS];

struct change_tally {
    unsigned done, refused; /* refused: somebody else was faster */
};

/* Opens and closes what changes need; mail's session. */
void change_begin(unsigned seed);
void change_end(void);

/* One random change. Aborts the test when it fails in a way that the other client cannot explain.
 */
void change_one(struct change_tally *tally);

#endif
