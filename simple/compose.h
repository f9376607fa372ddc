/* simple/compose.h - a caller's letter written into a message */
#ifndef MG_SIMPLE_COMPOSE_H
#define MG_SIMPLE_COMPOSE_H

#include "simple/letter.h"
#include "simple/session.h"

/* Sets what the letter has and deletes what it has not: class, subject, text, the wish for a
 * receipt, recipients and attachments. The message is not saved. Fails with
 * MAPI_E_UNKNOWN_RECIPIENT, MAPI_E_AMBIGUOUS_RECIPIENT, MAPI_E_INVALID_RECIPS, and as compose_files
 * and simple_result. */
ULONG compose(struct simple_session *session, const struct letter *letter, IMessage *message);

#endif
