/* tests/simple/sending.c - what the tests that send by Simple MAPI have in common */
#include "tests/simple/sending.h"

char sent_subject[64];

void sending_begin(void)
{
    simple_begin();
    snprintf(sent_subject, sizeof(sent_subject), "Simple to %s", mail.user);
}

void sending_begin_alone(void)
{
    mail_prepare(false);
    simple_open();
    snprintf(sent_subject, sizeof(sent_subject), "Alone to %s", mail.user);
}

ULONG send_message_to(MapiRecipDesc *recipient, MapiMessage message)
{
    message.nRecipCount = 1;
    message.lpRecips = recipient;
    return MAPISendMail(simple, 0, &message, 0, 0);
}

ULONG send_message(MapiMessage message)
{
    MapiRecipDesc bob = TO_BOB;

    return send_message_to(&bob, message);
}

void expect_nothing_sent(void)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMAPITable *contents = contents_of(outbox);

    cr_expect_eq(count_of(contents), 0);
    cr_expect(!was_sent(sent_subject));
    IMAPITable_Release(contents);
    IMAPIFolder_Release(outbox);
}

void expect_sent_with(const char *words)
{
    char *bytes = await_sent(sent_subject);

    cr_expect(strstr(bytes, words), "no \"%s\" in: %s", words, bytes);
    free(bytes);
}

void expect_sent_without(const char *words)
{
    char *bytes = await_sent(sent_subject);

    cr_expect(!strstr(bytes, words), "\"%s\" in: %s", words, bytes);
    free(bytes);
}
