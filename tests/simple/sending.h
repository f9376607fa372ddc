/* tests/simple/sending.h - what the tests that send by Simple MAPI have in common
 *
 * Around simple_rig.h: each test has a subject of its own, for the SMTP server keeps what all tests
 * of a run sent. */
#ifndef TESTS_SIMPLE_SENDING_H
#define TESTS_SIMPLE_SENDING_H

#include "tests/simple/simple_rig.h"

extern char sent_subject[64];

/* .init of the suites: on the run's servers, or on the test's own, which it may stop. */
void sending_begin(void);
void sending_begin_alone(void);

/* MAPISendMail of the message, to Bob or to that recipient alone. */
ULONG send_message(MapiMessage message);
ULONG send_message_to(MapiRecipDesc *recipient, MapiMessage message);

/* No message of sent_subject was sent, and nothing of one is left in the Outbox. */
void expect_nothing_sent(void);
/* Waits for the message of sent_subject at the SMTP server: it has these words in it, or has not.
 */
void expect_sent_with(const char *words);
void expect_sent_without(const char *words);

#endif
