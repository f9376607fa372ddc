/* tests/soak/kills_open.h - the folders and messages of the model, opened
 *
 * By the ids that the model knows, else by name and subject, and then their ids are learnt. */
#ifndef TESTS_KILLS_OPEN_H
#define TESTS_KILLS_OPEN_H

#include <stdbool.h>

#include "mapi/mapix.h"

/* As they are now. NULL and the reason noted (kills_fail) when they cannot be opened. */
IMAPIFolder *kills_open_folder(unsigned slot);
IMessage *kills_open_message(unsigned slot);

/* Takes PR_ENTRYID of an object as the slot's id, or finds that it has another one: noted. */
bool kills_learn_folder(unsigned slot, IMAPIFolder *folder);
bool kills_learn_message(unsigned slot, IMessage *message);

/* A list of that message alone; MAPIFreeBuffer. NULL and noted when it is not there. */
ENTRYLIST *kills_list_of(unsigned slot);

#endif
