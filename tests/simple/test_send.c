/* docs/requirements/simple_mapi.md, "MAPISendMail and MAPISendMailW" and "Structures", but for
 * files */
#include "tests/simple/sending.h"

#include <locale.h>
#include <unistd.h>

TestSuite(simple_send, .init = sending_begin, .fini = simple_end);
TestSuite(simple_send_alone, .init = sending_begin_alone, .fini = simple_end);

/* --- Sending ---------------------------------------------------------------------------------- */

Test(simple_send, a_message_needs_a_recipient) /* SMP-068 */
{
    MapiMessage message = {.lpszSubject = sent_subject};

    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_INVALID_RECIPS);
    expect_nothing_sent();
    expect_result(send_message(message), SUCCESS_SUCCESS);
    expect_sent_with("To: ");
}

Test(simple_send, recipients_and_their_number_go_together) /* SMP-069 */
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = sent_subject, .nRecipCount = 1};

    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    message = (MapiMessage){.lpszSubject = sent_subject, .lpRecips = &bob};
    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    expect_nothing_sent();
}

Test(simple_send, nobody_has_to_be_its_originator) /* SMP-070 */
{
    char from[64];

    snprintf(from, sizeof(from), "From: %s@example.test", mail.user);
    expect_result(send_message((MapiMessage){.lpszSubject = sent_subject, .lpOriginator = NULL}),
                  SUCCESS_SUCCESS);
    expect_sent_with(from);
}

Test(simple_send, neither_subject_nor_text_are_needed) /* SMP-071 */
{
    static const char body[] = "no subject, but this text";
    bool found = false;

    expect_result(send_message((MapiMessage){.lpszSubject = sent_subject}), SUCCESS_SUCCESS);
    expect_sent_without("no subject");
    expect_result(send_message((MapiMessage){.lpszNoteText = (LPSTR)body}), SUCCESS_SUCCESS);
    for (int tries = 0; tries < 1500 && !found; tries++, usleep(20000))
        for (unsigned n = test_servers_accepted(mail.servers); n > 0 && !found; n--) {
            unsigned long size;
            char *bytes = test_servers_read_accepted(mail.servers, n, &size);

            found = bytes && strstr(bytes, body);
            cr_expect(!found || !strstr(bytes, "\nSubject: S"), "%s", bytes);
            free(bytes);
        }
    cr_expect(found);
}

/* The class of the message in the folder of what was sent. */
static const char *class_of_sent(void)
{
    IMAPIFolder *sent = mail_folder("Sent");
    IMAPITable *contents = mail_contents(sent);
    IMessage *message;
    SPropValue *id;
    const char *class;

    mail_await_row(contents, sent_subject, true);
    id = find_message(sent, sent_subject);
    message = open_message(id, 0);
    class = text_of(message, PR_MESSAGE_CLASS_W);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(sent);
    return class;
}

Test(simple_send, without_a_type_it_is_a_note) /* SMP-072 */
{
    expect_result(send_message((MapiMessage){.lpszSubject = sent_subject, .lpszMessageType = ""}),
                  SUCCESS_SUCCESS);
    cr_expect_str_eq(class_of_sent(), "IPM.Note");
}

Test(simple_send, its_type_is_the_given_one)
{
    expect_result(send_message((MapiMessage){.lpszSubject = sent_subject,
                                             .lpszMessageType = "IPM.Note.Order"}),
                  SUCCESS_SUCCESS);
    cr_expect_str_eq(class_of_sent(), "IPM.Note.Order");
}

Test(simple_send_alone, accepted_is_enough) /* SMP-088 */
{
    MapiRecipDesc nobody = {.ulRecipClass = MAPI_TO, .lpszAddress = "SMTP:nobody@elsewhere.test"};

    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    expect_result(send_message_to(&nobody, (MapiMessage){.lpszSubject = sent_subject}),
                  SUCCESS_SUCCESS);
    test_server_start(mail.servers, TEST_SERVER_SMTP);
    expect_sent_with("nobody@elsewhere.test");
}

Test(simple_send, a_session_of_one_call_sends_before_it_ends)
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = sent_subject, .nRecipCount = 1, .lpRecips = &bob};

    mail_logoff(); /* nobody else is there to send it */
    expect_result(MAPILogoff(simple, 0, 0, 0), SUCCESS_SUCCESS);
    simple = 0;
    expect_result(MAPISendMail(0, 0, &message, 0, 0), SUCCESS_SUCCESS);
    cr_expect(was_sent(sent_subject)); /* already */
}

/* --- Recipients ------------------------------------------------------------------------------- */

Test(simple_send, an_entry_id_beats_all) /* SMP-073 */
{
    MapiRecipDesc *found, recipient;

    assert_result(MAPIResolveName(simple, 0, "Carol <carol@example.test>", 0, 0, &found),
                  SUCCESS_SUCCESS);
    recipient = (MapiRecipDesc){.ulRecipClass = MAPI_TO,
                                .lpszName = "Somebody else",
                                .lpszAddress = "SMTP:bob@example.test",
                                .ulEIDSize = found->ulEIDSize,
                                .lpEntryID = found->lpEntryID};
    expect_result(send_message_to(&recipient, (MapiMessage){.lpszSubject = sent_subject}),
                  SUCCESS_SUCCESS);
    MAPIFreeBuffer(found);
    expect_sent_with("Carol <carol@example.test>");
    expect_sent_without("bob@example.test");
}

Test(simple_send, an_address_is_not_resolved) /* SMP-074, SMP-092 */
{
    MapiRecipDesc named = {.ulRecipClass = MAPI_TO,
                           .lpszName = "No name in any book",
                           .lpszAddress = "SMTP:carol@example.test"},
                  bare = {.ulRecipClass = MAPI_CC, .lpszAddress = "smtp:dave@example.test"};
    MapiRecipDesc both[] = {named, bare};
    MapiMessage message = {.lpszSubject = sent_subject, .nRecipCount = 2, .lpRecips = both};
    IMAPIFolder *sent = mail_folder("Sent");
    IMAPITable *contents = mail_contents(sent);
    IMessage *copy;
    SPropValue *id;

    expect_result(MAPISendMail(simple, 0, &message, 0, 0), SUCCESS_SUCCESS);
    expect_sent_with("To: No name in any book <carol@example.test>");
    expect_sent_with("dave@example.test");
    mail_await_row(contents, sent_subject, true);
    id = find_message(sent, sent_subject);
    copy = open_message(id, 0);
    cr_expect_str_eq(text_of(copy, PR_DISPLAY_CC_W), "dave@example.test");
    IMessage_Release(copy);
    MAPIFreeBuffer(id);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(sent);
}

Test(simple_send, a_name_that_is_an_address_is_one)
{
    MapiRecipDesc named = {.ulRecipClass = MAPI_TO, .lpszName = "Carol <carol@example.test>"};

    expect_result(send_message_to(&named, (MapiMessage){.lpszSubject = sent_subject}),
                  SUCCESS_SUCCESS);
    expect_sent_with("Carol <carol@example.test>");
}

Test(simple_send, a_name_that_nobody_has_is_told)
{
    MapiRecipDesc named = {.ulRecipClass = MAPI_TO, .lpszName = "Nobody that is known"};

    expect_result(send_message_to(&named, (MapiMessage){.lpszSubject = sent_subject}),
                  MAPI_E_UNKNOWN_RECIPIENT);
    named = (MapiRecipDesc){.ulRecipClass = MAPI_TO, .lpszName = "RE: a name with a colon"};
    expect_result(send_message_to(&named, (MapiMessage){.lpszSubject = sent_subject}),
                  MAPI_E_UNKNOWN_RECIPIENT);
    expect_nothing_sent();
}

Test(simple_send, recipients_have_three_classes) /* SMP-076, SMP-093 */
{
    static const ULONG wrong[] = {MAPI_ORIG, 4, 0x10000001, 0xFFFFFFFF};
    MapiRecipDesc three[] = {
        {.ulRecipClass = MAPI_TO, .lpszAddress = "SMTP:to@elsewhere.test"},
        {.ulRecipClass = MAPI_CC, .lpszAddress = "SMTP:cc@elsewhere.test"},
        {.ulRecipClass = MAPI_BCC, .lpszAddress = "SMTP:bcc@elsewhere.test"},
    };
    MapiMessage message = {.lpszSubject = sent_subject, .nRecipCount = 3, .lpRecips = three};

    for (size_t i = 0; i < 4; i++) {
        MapiRecipDesc bob = TO_BOB;

        bob.ulRecipClass = wrong[i];
        expect_result(send_message_to(&bob, (MapiMessage){.lpszSubject = sent_subject}),
                      MAPI_E_BAD_RECIPTYPE);
    }
    expect_nothing_sent();
    expect_result(MAPISendMail(simple, 0, &message, 0, 0), SUCCESS_SUCCESS);
    expect_sent_with("To: to@elsewhere.test");
    expect_sent_with("Cc: cc@elsewhere.test");
    expect_sent_without("\r\nBcc:");
}

Test(simple_send, an_address_is_one_line)
{
    MapiRecipDesc split = {.ulRecipClass = MAPI_TO,
                           .lpszAddress = "SMTP:bob@example.test\r\nBcc: evil@example.test"};

    expect_result(send_message_to(&split, (MapiMessage){.lpszSubject = sent_subject}),
                  MAPI_E_INVALID_RECIPS);
    split.lpszAddress = "FAX:1\r\nBcc: evil@example.test";
    expect_result(send_message_to(&split, (MapiMessage){.lpszSubject = sent_subject}),
                  MAPI_E_INVALID_RECIPS);
    split.lpszAddress = "SMTP:";
    expect_result(send_message_to(&split, (MapiMessage){.lpszSubject = sent_subject}),
                  MAPI_E_INVALID_RECIPS);
    expect_nothing_sent();
}

/* --- Text ------------------------------------------------------------------------------------- */

Test(simple_send, too_much_text_is_told) /* SMP-079 */
{
    size_t size = (16u << 20) + 2;
    char *text = malloc(size);

    memset(text, 'x', size);
    text[size - 1] = '\0';
    expect_result(send_message((MapiMessage){.lpszSubject = sent_subject, .lpszNoteText = text}),
                  MAPI_E_TEXT_TOO_LARGE);
    free(text);
    expect_nothing_sent();
}

Test(simple_send, three_line_ends_end_a_line) /* SMP-080 */
{
    expect_result(send_message((MapiMessage){.lpszSubject = sent_subject,
                                             .lpszNoteText = "one\rtwo\nthree\r\nfour\r\r"}),
                  SUCCESS_SUCCESS);
    expect_sent_with("\r\none\r\ntwo\r\nthree\r\nfour\r\n\r\n");
}

Test(simple_send, a_receipt_is_asked_for) /* SMP-081 */
{
    expect_result(
        send_message((MapiMessage){.lpszSubject = sent_subject, .flFlags = MAPI_RECEIPT_REQUESTED}),
        SUCCESS_SUCCESS);
    expect_sent_with("Disposition-Notification-To:");
    snprintf(sent_subject, sizeof(sent_subject), "Without to %s", mail.user);
    expect_result(send_message((MapiMessage){.lpszSubject = sent_subject}), SUCCESS_SUCCESS);
    expect_sent_without("Disposition-Notification-To:");
}

Test(simple_send, narrow_texts_are_in_the_caller_s_code_page) /* SMP-086 */
{
    MapiRecipDesc named = {
        .ulRecipClass = MAPI_TO, .lpszName = "J\xFCrgen", .lpszAddress = "SMTP:bob@example.test"};

    cr_assert_not_null(setlocale(LC_CTYPE, "de_DE.ISO-8859-1"));
    expect_result(send_message_to(&named, (MapiMessage){.lpszSubject = sent_subject,
                                                        .lpszNoteText = "gr\xFCn"}),
                  SUCCESS_SUCCESS);
    setlocale(LC_CTYPE, "C");
    expect_sent_with("J=C3=BCrgen");
    expect_sent_with("Z3LDvG4="); /* grün in base64 */
}

/* SMP-090: the name stays in the code page, the five strings are UTF-8. */
Test(simple_send, cp_utf8_makes_the_message_s_own_texts_utf8) /* SMP-090 */
{
    MapiRecipDesc named = {
        .ulRecipClass = MAPI_TO, .lpszName = "J\xFCrgen", .lpszAddress = "SMTP:bob@example.test"};

    cr_assert_not_null(setlocale(LC_CTYPE, "de_DE.ISO-8859-1"));
    expect_result(send_message_to(&named, (MapiMessage){.ulReserved = 65001,
                                                        .lpszSubject = sent_subject,
                                                        .lpszNoteText = "gr\xC3\xBCn"}),
                  SUCCESS_SUCCESS);
    expect_result(
        send_message_to(&named, (MapiMessage){.ulReserved = 1252, .lpszSubject = sent_subject}),
        MAPI_E_FAILURE);
    setlocale(LC_CTYPE, "C");
    expect_sent_with("J=C3=BCrgen");
    expect_sent_with("Z3LDvG4="); /* grün in base64 */
}

/* --- Wide ------------------------------------------------------------------------------------- */

Test(simple_send, both_widths_do_the_same) /* SMP-087 */
{
    MapiRecipDescW wide_bob = {.ulRecipClass = MAPI_TO,
                               .lpszName = mail_wide("Jürgen"),
                               .lpszAddress = mail_wide("SMTP:bob@example.test")};
    MapiRecipDesc bob = {
        .ulRecipClass = MAPI_TO, .lpszName = "Jürgen", .lpszAddress = "SMTP:bob@example.test"};
    MapiFileDescW wide_file = {.nPosition = (ULONG)-1,
                               .lpszPathName = mail_wide(new_file("a file", "content")),
                               .lpszFileName = mail_wide("größer.txt")};
    MapiFileDesc file = {.nPosition = (ULONG)-1,
                         .lpszPathName = (LPSTR)new_file("a file", "content"),
                         .lpszFileName = "größer.txt"};
    MapiMessageW wide = {.lpszSubject = mail_wide(sent_subject),
                         .lpszNoteText = mail_wide("grün ☃"),
                         .nRecipCount = 1,
                         .lpRecips = &wide_bob,
                         .nFileCount = 1,
                         .lpFiles = &wide_file};
    MapiMessage narrow = {.lpszSubject = sent_subject,
                          .lpszNoteText = "grün ☃",
                          .nRecipCount = 1,
                          .lpRecips = &bob,
                          .nFileCount = 1,
                          .lpFiles = &file};
    static const char *const parts[] = {"J=C3=BCrgen", "Z3LDvG4g4piD" /* the text */,
                                        "gr%C3%B6%C3%9Fer", "Y29udGVudA"};

    expect_result(MAPISendMailW(simple, 0, &wide, 0, 0), SUCCESS_SUCCESS);
    for (int width = 0; width < 2; width++) {
        char *bytes = await_sent(sent_subject);

        for (size_t i = 0; i < 4; i++)
            cr_expect(strstr(bytes, parts[i]), "no %s in: %s", parts[i], bytes);
        free(bytes);
        snprintf(sent_subject, sizeof(sent_subject), "Narrow to %s", mail.user);
        if (width == 0)
            expect_result(MAPISendMail(simple, 0, &narrow, 0, 0), SUCCESS_SUCCESS);
    }
}

Test(simple_send, unicode_is_kept_where_it_has_to_be) /* SMP-083 */
{
    MapiRecipDescW bob = {.ulRecipClass = MAPI_TO,
                          .lpszAddress = mail_wide("SMTP:bob@example.test")};
    MapiMessageW message = {.lpszSubject = mail_wide(sent_subject),
                            .lpszNoteText = mail_wide("☃"),
                            .nRecipCount = 1,
                            .lpRecips = &bob};

    cr_assert_not_null(setlocale(LC_CTYPE, "de_DE.ISO-8859-1"));
    expect_result(MAPISendMailW(simple, 0, &message, MAPI_FORCE_UNICODE, 0), SUCCESS_SUCCESS);
    setlocale(LC_CTYPE, "C");
    expect_sent_with("4piD"); /* the snowman, in base64 */
}

Test(simple_send, wide_messages_have_nothing_reserved) /* SMP-091 */
{
    MapiRecipDescW bob = {.ulRecipClass = MAPI_TO,
                          .lpszAddress = mail_wide("SMTP:bob@example.test")};
    MapiMessageW message = {.ulReserved = 65001,
                            .lpszSubject = mail_wide(sent_subject),
                            .nRecipCount = 1,
                            .lpRecips = &bob};

    expect_result(MAPISendMailW(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    message.ulReserved = 1;
    expect_result(MAPISendMailW(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    expect_nothing_sent();
}

/* --- Dialogs ---------------------------------------------------------------------------------- */

Test(simple_send, there_is_no_dialog_to_show)
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = sent_subject, .nRecipCount = 1, .lpRecips = &bob};

    expect_result(MAPISendMail(simple, 0, &message, MAPI_DIALOG, 0), MAPI_E_FAILURE);
    expect_result(MAPISendMail(0, 0, &message, MAPI_DIALOG | MAPI_LOGON_UI, 0), MAPI_E_FAILURE);
    expect_nothing_sent();
}

Test(simple_send, a_modeless_dialog_has_no_session) /* SMP-082 */
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = sent_subject, .nRecipCount = 1, .lpRecips = &bob};

    expect_result(MAPISendMail(simple, 0, &message, MAPI_DIALOG_MODELESS, 0),
                  MAPI_E_INVALID_SESSION);
    expect_result(MAPISendMail(0, 0, &message, MAPI_DIALOG_MODELESS, 0), MAPI_E_FAILURE);
    set_default_profile(false); /* with a new session it would be MAPI_E_LOGIN_FAILURE */
    expect_result(MAPISendMail(0, 0, &message, MAPI_DIALOG_MODELESS | MAPI_NEW_SESSION, 0),
                  MAPI_E_FAILURE);
    expect_nothing_sent();
}
