/* tests/soak/kills_content.h - what messages and folders of `./dev soak kills` consist of
 *
 * Everything follows from a key and a version, so that what is read back is known to be one whole
 * version or a mixture. Putting aborts the test when MAPI refuses; reading notes it (kills_fail).
 */
#ifndef TESTS_KILLS_CONTENT_H
#define TESTS_KILLS_CONTENT_H

#include <stdbool.h>

#include "mapi/mapix.h"

/* Text, importance, none to two attachments in the place of those that are there; not saved. */
void content_put(IMessage *message, unsigned key, unsigned version);
/* A number, a named text, some bytes: properties for the side store; not saved. */
void content_put_side(IMessage *message, unsigned key, unsigned version);
/* Which versions it has, each whole. False: it has none, or is a mixture. */
bool content_read(IMessage *message, unsigned key, unsigned *ret_content, unsigned *ret_side);

/* The same properties on a folder, in one SetProps. */
void content_put_folder(IMAPIFolder *folder, unsigned key, unsigned version);
bool content_read_folder(IMAPIFolder *folder, unsigned key, unsigned *ret_version);

#endif
