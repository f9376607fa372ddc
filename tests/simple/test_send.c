/* docs/requirements/simple_mapi.md, "MAPISendMail and MAPISendMailW", "Structures",
 * "MAPISendDocuments" */
#include "tests/simple/simple_rig.h"

#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

static char subject[64]; /* of this test alone, on servers that others use too */

static void begin(void)
{
    simple_begin();
    snprintf(subject, sizeof(subject), "Simple to %s", mail.user);
}

/* On servers of its own, which the test may stop. */
static void begin_alone(void)
{
    mail_prepare(false);
    simple_open();
    snprintf(subject, sizeof(subject), "Alone to %s", mail.user);
}

TestSuite(simple_send, .init = begin, .fini = simple_end);
TestSuite(simple_send_alone, .init = begin_alone, .fini = simple_end);

/* Sends a message to Bob. */
static ULONG send_to(MapiRecipDesc *recipient, MapiMessage message)
{
    message.nRecipCount = 1;
    message.lpRecips = recipient;
    return MAPISendMail(simple, 0, &message, 0, 0);
}

static ULONG send(MapiMessage message)
{
    MapiRecipDesc bob = TO_BOB;

    return send_to(&bob, message);
}

/* It has not been sent, and nothing of it is left. */
static void expect_nothing_sent(void)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMAPITable *contents = contents_of(outbox);

    cr_expect_eq(count_of(contents), 0);
    cr_expect(!was_sent(subject));
    IMAPITable_Release(contents);
    IMAPIFolder_Release(outbox);
}

/* The message that was sent has this in it. */
static void expect_sent_with(const char *words)
{
    char *bytes = await_sent(subject);

    cr_expect(strstr(bytes, words), "no \"%s\" in: %s", words, bytes);
    free(bytes);
}

static void expect_sent_without(const char *words)
{
    char *bytes = await_sent(subject);

    cr_expect(!strstr(bytes, words), "\"%s\" in: %s", words, bytes);
    free(bytes);
}

/* --- Sending ---------------------------------------------------------------------------------- */

Test(simple_send, a_message_needs_a_recipient) /* SMP-068 */
{
    MapiMessage message = {.lpszSubject = subject};

    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_INVALID_RECIPS);
    expect_nothing_sent();
    expect_result(send(message), SUCCESS_SUCCESS);
    expect_sent_with("To: ");
}

Test(simple_send, recipients_and_their_number_go_together) /* SMP-069 */
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 1};

    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    message = (MapiMessage){.lpszSubject = subject, .lpRecips = &bob};
    expect_result(MAPISendMail(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    expect_nothing_sent();
}

Test(simple_send, nobody_has_to_be_its_originator) /* SMP-070 */
{
    char from[64];

    snprintf(from, sizeof(from), "From: %s@example.test", mail.user);
    expect_result(send((MapiMessage){.lpszSubject = subject, .lpOriginator = NULL}),
                  SUCCESS_SUCCESS);
    expect_sent_with(from);
}

Test(simple_send, neither_subject_nor_text_are_needed) /* SMP-071 */
{
    static const char body[] = "no subject, but this text";
    bool found = false;

    expect_result(send((MapiMessage){.lpszSubject = subject}), SUCCESS_SUCCESS);
    expect_sent_without("no subject");
    expect_result(send((MapiMessage){.lpszNoteText = (LPSTR)body}), SUCCESS_SUCCESS);
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

    mail_await_row(contents, subject, true);
    id = find_message(sent, subject);
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
    expect_result(send((MapiMessage){.lpszSubject = subject, .lpszMessageType = ""}),
                  SUCCESS_SUCCESS);
    cr_expect_str_eq(class_of_sent(), "IPM.Note");
}

Test(simple_send, its_type_is_the_given_one)
{
    expect_result(send((MapiMessage){.lpszSubject = subject, .lpszMessageType = "IPM.Note.Order"}),
                  SUCCESS_SUCCESS);
    cr_expect_str_eq(class_of_sent(), "IPM.Note.Order");
}

Test(simple_send_alone, accepted_is_enough) /* SMP-088 */
{
    MapiRecipDesc nobody = {.ulRecipClass = MAPI_TO, .lpszAddress = "SMTP:nobody@elsewhere.test"};

    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    expect_result(send_to(&nobody, (MapiMessage){.lpszSubject = subject}), SUCCESS_SUCCESS);
    test_server_start(mail.servers, TEST_SERVER_SMTP);
    expect_sent_with("nobody@elsewhere.test");
}

Test(simple_send, a_session_of_one_call_sends_before_it_ends)
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 1, .lpRecips = &bob};

    mail_logoff(); /* nobody else is there to send it */
    expect_result(MAPILogoff(simple, 0, 0, 0), SUCCESS_SUCCESS);
    simple = 0;
    expect_result(MAPISendMail(0, 0, &message, 0, 0), SUCCESS_SUCCESS);
    cr_expect(was_sent(subject)); /* already */
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
    expect_result(send_to(&recipient, (MapiMessage){.lpszSubject = subject}), SUCCESS_SUCCESS);
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
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 2, .lpRecips = both};
    IMAPIFolder *sent = mail_folder("Sent");
    IMAPITable *contents = mail_contents(sent);
    IMessage *copy;
    SPropValue *id;

    expect_result(MAPISendMail(simple, 0, &message, 0, 0), SUCCESS_SUCCESS);
    expect_sent_with("To: No name in any book <carol@example.test>");
    expect_sent_with("dave@example.test");
    mail_await_row(contents, subject, true);
    id = find_message(sent, subject);
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

    expect_result(send_to(&named, (MapiMessage){.lpszSubject = subject}), SUCCESS_SUCCESS);
    expect_sent_with("Carol <carol@example.test>");
}

Test(simple_send, a_name_that_nobody_has_is_told)
{
    MapiRecipDesc named = {.ulRecipClass = MAPI_TO, .lpszName = "Nobody that is known"};

    expect_result(send_to(&named, (MapiMessage){.lpszSubject = subject}), MAPI_E_UNKNOWN_RECIPIENT);
    named = (MapiRecipDesc){.ulRecipClass = MAPI_TO, .lpszName = "RE: a name with a colon"};
    expect_result(send_to(&named, (MapiMessage){.lpszSubject = subject}), MAPI_E_UNKNOWN_RECIPIENT);
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
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 3, .lpRecips = three};

    for (size_t i = 0; i < 4; i++) {
        MapiRecipDesc bob = TO_BOB;

        bob.ulRecipClass = wrong[i];
        expect_result(send_to(&bob, (MapiMessage){.lpszSubject = subject}), MAPI_E_BAD_RECIPTYPE);
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

    expect_result(send_to(&split, (MapiMessage){.lpszSubject = subject}), MAPI_E_INVALID_RECIPS);
    split.lpszAddress = "FAX:1\r\nBcc: evil@example.test";
    expect_result(send_to(&split, (MapiMessage){.lpszSubject = subject}), MAPI_E_INVALID_RECIPS);
    split.lpszAddress = "SMTP:";
    expect_result(send_to(&split, (MapiMessage){.lpszSubject = subject}), MAPI_E_INVALID_RECIPS);
    expect_nothing_sent();
}

/* --- Text ------------------------------------------------------------------------------------- */

Test(simple_send, too_much_text_is_told) /* SMP-079 */
{
    size_t size = (16u << 20) + 2;
    char *text = malloc(size);

    memset(text, 'x', size);
    text[size - 1] = '\0';
    expect_result(send((MapiMessage){.lpszSubject = subject, .lpszNoteText = text}),
                  MAPI_E_TEXT_TOO_LARGE);
    free(text);
    expect_nothing_sent();
}

Test(simple_send, three_line_ends_end_a_line) /* SMP-080 */
{
    expect_result(
        send((MapiMessage){.lpszSubject = subject, .lpszNoteText = "one\rtwo\nthree\r\nfour\r\r"}),
        SUCCESS_SUCCESS);
    expect_sent_with("\r\none\r\ntwo\r\nthree\r\nfour\r\n\r\n");
}

Test(simple_send, a_receipt_is_asked_for) /* SMP-081 */
{
    expect_result(send((MapiMessage){.lpszSubject = subject, .flFlags = MAPI_RECEIPT_REQUESTED}),
                  SUCCESS_SUCCESS);
    expect_sent_with("Disposition-Notification-To:");
    snprintf(subject, sizeof(subject), "Without to %s", mail.user);
    expect_result(send((MapiMessage){.lpszSubject = subject}), SUCCESS_SUCCESS);
    expect_sent_without("Disposition-Notification-To:");
}

Test(simple_send, narrow_texts_are_in_the_caller_s_code_page) /* SMP-086 */
{
    MapiRecipDesc named = {
        .ulRecipClass = MAPI_TO, .lpszName = "J\xFCrgen", .lpszAddress = "SMTP:bob@example.test"};

    cr_assert_not_null(setlocale(LC_CTYPE, "de_DE.ISO-8859-1"));
    expect_result(send_to(&named, (MapiMessage){.lpszSubject = subject, .lpszNoteText = "gr\xFCn"}),
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
    expect_result(send_to(&named, (MapiMessage){.ulReserved = 65001,
                                                .lpszSubject = subject,
                                                .lpszNoteText = "gr\xC3\xBCn"}),
                  SUCCESS_SUCCESS);
    expect_result(send_to(&named, (MapiMessage){.ulReserved = 1252, .lpszSubject = subject}),
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
    MapiMessageW wide = {.lpszSubject = mail_wide(subject),
                         .lpszNoteText = mail_wide("grün ☃"),
                         .nRecipCount = 1,
                         .lpRecips = &wide_bob,
                         .nFileCount = 1,
                         .lpFiles = &wide_file};
    MapiMessage narrow = {.lpszSubject = subject,
                          .lpszNoteText = "grün ☃",
                          .nRecipCount = 1,
                          .lpRecips = &bob,
                          .nFileCount = 1,
                          .lpFiles = &file};
    static const char *const parts[] = {"J=C3=BCrgen", "Z3LDvG4g4piD" /* the text */,
                                        "gr%C3%B6%C3%9Fer", "Y29udGVudA"};

    expect_result(MAPISendMailW(simple, 0, &wide, 0, 0), SUCCESS_SUCCESS);
    for (int width = 0; width < 2; width++) {
        char *bytes = await_sent(subject);

        for (size_t i = 0; i < 4; i++)
            cr_expect(strstr(bytes, parts[i]), "no %s in: %s", parts[i], bytes);
        free(bytes);
        snprintf(subject, sizeof(subject), "Narrow to %s", mail.user);
        if (width == 0)
            expect_result(MAPISendMail(simple, 0, &narrow, 0, 0), SUCCESS_SUCCESS);
    }
}

Test(simple_send, unicode_is_kept_where_it_has_to_be) /* SMP-083 */
{
    MapiRecipDescW bob = {.ulRecipClass = MAPI_TO,
                          .lpszAddress = mail_wide("SMTP:bob@example.test")};
    MapiMessageW message = {.lpszSubject = mail_wide(subject),
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
    MapiMessageW message = {
        .ulReserved = 65001, .lpszSubject = mail_wide(subject), .nRecipCount = 1, .lpRecips = &bob};

    expect_result(MAPISendMailW(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    message.ulReserved = 1;
    expect_result(MAPISendMailW(simple, 0, &message, 0, 0), MAPI_E_FAILURE);
    expect_nothing_sent();
}

/* --- Dialogs ---------------------------------------------------------------------------------- */

Test(simple_send, there_is_no_dialog_to_show)
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 1, .lpRecips = &bob};

    expect_result(MAPISendMail(simple, 0, &message, MAPI_DIALOG, 0), MAPI_E_FAILURE);
    expect_result(MAPISendMail(0, 0, &message, MAPI_DIALOG | MAPI_LOGON_UI, 0), MAPI_E_FAILURE);
    expect_nothing_sent();
}

Test(simple_send, a_modeless_dialog_has_no_session) /* SMP-082 */
{
    MapiRecipDesc bob = TO_BOB;
    MapiMessage message = {.lpszSubject = subject, .nRecipCount = 1, .lpRecips = &bob};

    expect_result(MAPISendMail(simple, 0, &message, MAPI_DIALOG_MODELESS, 0),
                  MAPI_E_INVALID_SESSION);
    expect_result(MAPISendMail(0, 0, &message, MAPI_DIALOG_MODELESS, 0), MAPI_E_FAILURE);
    set_default_profile(false); /* with a new session it would be MAPI_E_LOGIN_FAILURE */
    expect_result(MAPISendMail(0, 0, &message, MAPI_DIALOG_MODELESS | MAPI_NEW_SESSION, 0),
                  MAPI_E_FAILURE);
    expect_nothing_sent();
}

/* --- Files ------------------------------------------------------------------------------------ */

static ULONG send_file(MapiFileDesc file)
{
    return send((MapiMessage){.lpszSubject = subject, .nFileCount = 1, .lpFiles = &file});
}

Test(simple_send_alone, files_are_copied_before_the_call_returns) /* SMP-077 */
{
    const char *path = new_file("gone.txt", "its content");

    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    expect_result(send_file((MapiFileDesc){.lpszPathName = (LPSTR)path}), SUCCESS_SUCCESS);
    cr_expect_eq(unlink(path), 0);
    test_server_start(mail.servers, TEST_SERVER_SMTP);
    expect_sent_with("aXRzIGNvbnRlbnQ="); /* its content, in base64 */
}

Test(simple_send, files_that_cannot_be_had_are_told) /* SMP-078, SMP-089 */
{
    const char *path = new_file("large", "");
    char pipe[256], folder[256];

    snprintf(pipe, sizeof(pipe), "%s/pipe", mail.state);
    snprintf(folder, sizeof(folder), "%s/folder", mail.state);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    cr_assert_eq(mkdir(folder, 0700), 0);
    expect_result(send_file((MapiFileDesc){.lpszPathName = "/nonexistent"}),
                  MAPI_E_ATTACHMENT_NOT_FOUND);
    expect_result(send_file((MapiFileDesc){.lpszPathName = NULL}), MAPI_E_ATTACHMENT_NOT_FOUND);
    expect_result(send_file((MapiFileDesc){.lpszPathName = pipe}), MAPI_E_ATTACHMENT_OPEN_FAILURE);
    expect_result(send_file((MapiFileDesc){.lpszPathName = folder}),
                  MAPI_E_ATTACHMENT_OPEN_FAILURE);
    cr_assert_eq(truncate(path, (128 << 20) + 1), 0);
    expect_result(send_file((MapiFileDesc){.lpszPathName = (LPSTR)path}),
                  MAPI_E_ATTACHMENT_TOO_LARGE);
    expect_nothing_sent();
}

Test(simple_send, a_file_has_its_own_name_or_the_path_s) /* SMP-096 */
{
    const char *path = new_file("from the path.txt", "content");

    expect_result(send_file((MapiFileDesc){.lpszPathName = (LPSTR)path, .lpszFileName = ""}),
                  SUCCESS_SUCCESS);
    expect_sent_with("filename=\"from the path.txt\"");
    snprintf(subject, sizeof(subject), "Named to %s", mail.user);
    expect_result(
        send_file((MapiFileDesc){.lpszPathName = (LPSTR)path, .lpszFileName = "given.txt"}),
        SUCCESS_SUCCESS);
    expect_sent_with("filename=given.txt");
    expect_sent_without("from the path");
}

/* Saves a message with that file; it, opened by the other session, and its first attachment. */
static IAttach *saved_attachment(MapiFileDesc file, IMessage **ret_message)
{
    MapiMessage message = {.lpszSubject = "attached", .lpszNoteText = "text", .nFileCount = 1};
    char id[512] = "";
    IAttach *attach;

    message.lpFiles = &file;
    assert_result(MAPISaveMail(simple, 0, &message, MAPI_LONG_MSGID, 0, id), SUCCESS_SUCCESS);
    *ret_message = open_by_id(id, 0);
    assert_hr(IMessage_OpenAttach(*ret_message, 0, NULL, 0, &attach), S_OK);
    return attach;
}

Test(simple_send, attachments_are_data_files) /* SMP-097, SMP-098 */
{
    MapiFileDesc file = {.lpszPathName = (LPSTR)new_file("x.bin", "data"), .nPosition = (ULONG)-1};
    IMessage *message;
    IAttach *attach = saved_attachment(file, &message);

    cr_expect_eq(number_of(attach, PR_ATTACH_METHOD), ATTACH_BY_VALUE);
    IAttach_Release(attach);
    IMessage_Release(message);
    file.flFlags = MAPI_OLE;
    expect_result(send_file(file), MAPI_E_NOT_SUPPORTED);
    file.flFlags = MAPI_OLE | MAPI_OLE_STATIC;
    expect_result(send_file(file), MAPI_E_NOT_SUPPORTED);
    expect_nothing_sent();
}

/* The store is MIME, which has neither: both are taken, and the whole file arrives behind the text.
 */
Test(simple_send, a_place_and_a_type_do_no_harm)
{
    static BYTE tag[] = {0x2A, 0x86, 0x48}, encoding[] = {0x2A, 0x86};
    MapiFileTagExt type = {.cbTag = 3, .lpTag = tag, .cbEncoding = 2, .lpEncoding = encoding};
    MapiFileDesc file = {
        .lpszPathName = (LPSTR)new_file("x.bin", "data"), .nPosition = 2, .lpFileType = &type};
    IMessage *message;
    IAttach *attach = saved_attachment(file, &message);
    MapiMessage *read;
    char id[512];

    cr_expect_str_eq(text_of(message, PR_BODY_W), "text");
    IAttach_Release(attach);
    IMessage_Release(message);
    strcpy(id, find_id("attached"));
    assert_result(MAPIReadMail(simple, 0, id, 0, 0, &read), SUCCESS_SUCCESS);
    cr_expect_eq(read->lpFiles[0].nPosition, (ULONG)-1);
    cr_expect_null(read->lpFiles[0].lpFileType);
    cr_expect_eq(unlink(read->lpFiles[0].lpszPathName), 0);
    MAPIFreeBuffer(read);
}

/* --- MAPISendDocuments ------------------------------------------------------------------------ */

static ULONG send_documents(const char *delimiter, const char *paths)
{
    return MAPISendDocuments(0, (LPSTR)delimiter, (LPSTR)paths, NULL, 0);
}

Test(simple_send, documents_that_cannot_be_opened_are_told) /* SMP-114 */
{
    char paths[512];

    snprintf(paths, sizeof(paths), "%s;/nonexistent", new_file("one", "1"));
    expect_result(send_documents(";", paths), MAPI_E_ATTACHMENT_OPEN_FAILURE);
    expect_result(send_documents("|", paths), MAPI_E_ATTACHMENT_OPEN_FAILURE); /* one odd name */
    snprintf(paths, sizeof(paths), "%s|%s", new_file("one", "1"), new_file("two", "2"));
    expect_result(send_documents(";", paths), MAPI_E_ATTACHMENT_OPEN_FAILURE);
    expect_result(send_documents("|", paths), MAPI_E_FAILURE); /* no screen */
    expect_nothing_sent();
}

Test(simple_send, documents_need_a_session_for_a_moment) /* SMP-115 */
{
    LHANDLE handle;

    expect_result(send_documents(NULL, new_file("one", "1")), MAPI_E_FAILURE);
    expect_result(logon_result(NULL, NULL, 0), MAPI_E_LOGIN_FAILURE); /* it has ended */
    assert_result(MAPILogon(0, NULL, NULL, MAPI_LOGON_UI, 0, &handle), SUCCESS_SUCCESS);
    set_default_profile(false);
    expect_result(send_documents(NULL, new_file("one", "1")), MAPI_E_FAILURE); /* the shared one */
    assert_result(MAPILogoff(handle, 0, 0, 0), SUCCESS_SUCCESS);
    expect_result(send_documents(NULL, new_file("one", "1")), MAPI_E_LOGIN_FAILURE);
}

Test(simple_send, documents_stay_where_they_are) /* SMP-117, SMP-118 */
{
    const char *path = new_file("one", "1");

    expect_result(send_documents(";", path), MAPI_E_FAILURE);
    cr_expect_eq(access(path, R_OK), 0);
}
