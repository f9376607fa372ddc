/* tests/integration/mail_send.h - messages that tests make and submit
 *
 * Texts are UTF-8. Checks in here abort the test. */
#ifndef TESTS_MAIL_SEND_H
#define TESTS_MAIL_SEND_H

#include "mapi/mapix.h"

extern const char *const mail_to_bob[]; /* one address */

/* Makes a message in the Outbox of mail.store, and submits it; it is to go to Sent. */
void mail_send(const char *subject, const char *body, const char *const *addresses, ULONG count);

/* Parts of it: a PT_UNICODE property; SMTP recipients of type To, four at the most. */
void mail_set_text(IMessage *message, ULONG tag, const char *utf8);
void mail_add_recipients(IMessage *message, const char *const *addresses, ULONG count);

#endif
