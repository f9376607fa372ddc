/* docs/requirements/simple_mapi.md: names that the session's address book resolves
 *
 * The people in it are those to whom a message was sent before. */
#include "tests/simple/simple_rig.h"

#include <unistd.h>

static char subject[64];

static void send_to(MapiRecipDesc recipient)
{
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 1, .lpRecips = &recipient};

    assert_result(MAPISendMail(simple, 0, &message, 0, 0), SUCCESS_SUCCESS);
}

static ULONG resolve(const char *name, MapiRecipDesc **ret_recipient)
{
    *ret_recipient = NULL;
    return MAPIResolveName(simple, 0, (LPSTR)name, 0, 0, ret_recipient);
}

static void await_name(const char *name)
{
    MapiRecipDesc *found = NULL;

    for (int tries = 0; tries < 1500 && resolve(name, &found) == MAPI_E_UNKNOWN_RECIPIENT; tries++)
        usleep(20000);
    MAPIFreeBuffer(found);
}

/* Two people of one first name, known from messages. */
static void begin(void)
{
    simple_begin();
    snprintf(subject, sizeof(subject), "Known to %s", mail.user);
    send_to((MapiRecipDesc){.ulRecipClass = MAPI_TO,
                            .lpszName = "Wilma Weber",
                            .lpszAddress = "SMTP:wilma@elsewhere.test"});
    send_to((MapiRecipDesc){.ulRecipClass = MAPI_TO,
                            .lpszName = "Wilma Winter",
                            .lpszAddress = "SMTP:winter@elsewhere.test"});
    await_name("Wilma Weber");
    await_name("Wilma Winter");
}

TestSuite(simple_address_book, .init = begin, .fini = simple_end);

Test(simple_address_book, a_name_is_resolved_if_it_is_one_person_s) /* SMP-103 */
{
    MapiRecipDesc *found;

    assert_result(resolve("Wilma Winter", &found), SUCCESS_SUCCESS);
    cr_expect_str_eq(found->lpszName, "Wilma Winter");
    cr_expect_str_eq(found->lpszAddress, "SMTP:winter@elsewhere.test");
    cr_expect_gt(found->ulEIDSize, 0);
    expect_result(MAPIDetails(simple, 0, found, 0, 0), MAPI_E_NOT_SUPPORTED); /* it is known */
    MAPIFreeBuffer(found);
    expect_result(resolve("Wilma", &found), MAPI_E_AMBIGUOUS_RECIPIENT);
    cr_expect_null(found);
    expect_result(resolve("Xaver", &found), MAPI_E_UNKNOWN_RECIPIENT);
    cr_expect_null(found);
}

Test(simple_address_book, a_recipient_with_a_name_alone_is_resolved) /* SMP-075 */
{
    MapiRecipDesc named = {.ulRecipClass = MAPI_TO, .lpszName = "Wilma Weber"};
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 1, .lpRecips = &named};
    char *bytes;

    snprintf(subject, sizeof(subject), "By name to %s", mail.user);
    expect_result(MAPISendMail(simple, 0, &message, 0, 0), SUCCESS_SUCCESS);
    bytes = await_sent(subject);
    cr_expect(strstr(bytes, "Wilma Weber <wilma@elsewhere.test>"), "%s", bytes);
    free(bytes);
    snprintf(subject, sizeof(subject), "In vain to %s", mail.user);
    named.lpszName = "Wilma";
    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_AMBIGUOUS_RECIPIENT);
    named.lpszName = "Xaver";
    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_UNKNOWN_RECIPIENT);
    cr_expect(!was_sent(subject));
}

Test(simple_address_book, an_entry_of_the_book_is_a_recipient)
{
    MapiRecipDesc *found, recipient;
    char *bytes;

    assert_result(resolve("Wilma Winter", &found), SUCCESS_SUCCESS);
    recipient = (MapiRecipDesc){
        .ulRecipClass = MAPI_TO, .ulEIDSize = found->ulEIDSize, .lpEntryID = found->lpEntryID};
    snprintf(subject, sizeof(subject), "By entry to %s", mail.user);
    send_to(recipient);
    MAPIFreeBuffer(found);
    bytes = await_sent(subject);
    cr_expect(strstr(bytes, "Wilma Winter <winter@elsewhere.test>"), "%s", bytes);
    free(bytes);
}
