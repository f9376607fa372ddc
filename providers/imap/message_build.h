/* providers/imap/message_build.h - a message object as what mime/ encodes
 *
 * Private to providers/imap. Gathers, on the caller's thread, what the object has now; the contents
 * of attachments that lie on the server are read while it is encoded, in a fiber of the engine. */
#ifndef IMAP_MESSAGE_BUILD_H
#define IMAP_MESSAGE_BUILD_H

#include "mime/encode.h"
#include "mime/spool.h"
#include "providers/imap/message_private.h"

struct message_build;

/* Everything it borrows is its own copy. Fails with MAPI_E_NO_SUPPORT (a signed message cannot be
 * written anew), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT message_build_create(struct imap_message *message, struct message_build **ret_build);
void message_build_free(struct message_build *build); /* NULL is accepted */

/* Encodes into a spool. Fiber of the account's engine. */
WAITS HRESULT message_build_encode(struct message_build *build, struct account *account,
                                   struct error_info *error, struct mime_spool **ret_spool);

/* The Message-ID, as encoded; the build's. */
const char *message_build_id(const struct message_build *build);

#endif
