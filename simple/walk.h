/* simple/walk.h - from message to message of a folder, as MAPIFindNext goes
 *
 * A session keeps the contents table of the folder it walked last, and its position, so that a step
 * does not look for its seed among all rows. The table is the whole folder: what a program reads
 * between two steps is no longer unread, and has to stay a seed (SMP-029, SMP-034). One lock, held
 * over a step. */
#ifndef MG_SIMPLE_WALK_H
#define MG_SIMPLE_WALK_H

#include <pthread.h>
#include <stdbool.h>

#include "mapi/mapix.h"

struct walk {
    pthread_mutex_t lock;
    IMAPITable *table; /* our reference; NULL: none yet */
    SBinary folder;    /* its entry id, mapi_free */
    bool fifo;         /* in order of reception, else in the table's own */
};

/* What a step looks for. */
struct walk_step {
    const char *message_class; /* 8-bit, "" matches all: classes that begin so (SMP-032) */
    bool unread_only, fifo;
    const SBinary *after; /* the seed's entry id; NULL: from the beginning */
};

void walk_init(struct walk *walk);
void walk_clear(struct walk *walk);

/* The entry id of the next message in the receive folder of the class, to free with mapi_free.
 * Fails with MAPI_E_NO_MESSAGES, MAPI_E_INVALID_MESSAGE (the seed is not in the folder), or as what
 * the store answers. */
ULONG walk_next(struct walk *walk, IMsgStore *store, const struct walk_step *step,
                SBinary *ret_entry_id);

#endif
