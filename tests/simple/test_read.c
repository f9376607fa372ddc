/* docs/requirements/simple_mapi.md, "MAPIReadMail" */
#include "tests/simple/simple_rig.h"

#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void begin(void)
{
    simple_begin();
    use_temp_folder();
}

TestSuite(simple_read, .init = begin, .fini = simple_end);

/* A text, a text file and a message, as MIME. */
static const char with_files[] =
    "To: Ann <ann@example.test>\r\nCc: carol@example.test\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nthe text\r\n"
    "--b\r\nContent-Type: text/plain; name=\"list.txt\"\r\n"
    "Content-Disposition: attachment; filename=\"list.txt\"\r\n\r\nfirst\r\nsecond\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename=\"bytes.bin\"\r\n\r\nAAEC/w==\r\n"
    "--b--\r\n";

static MapiMessage *read_mail(const char *id, FLAGS flags)
{
    MapiMessage *message = NULL;

    assert_result(MAPIReadMail(simple, 0, (LPSTR)id, flags, 0, &message), SUCCESS_SUCCESS);
    cr_assert_not_null(message);
    return message;
}

static bool is_unread(const char *id)
{
    MapiMessage *message = read_mail(id, MAPI_PEEK | MAPI_ENVELOPE_ONLY);
    bool unread = message->flFlags & MAPI_UNREAD;

    MAPIFreeBuffer(message);
    return unread;
}

/* What a file of the message has, which then is deleted, as callers do. */
static char *take_file(const MapiFileDesc *file)
{
    char *content = file_content(file->lpszPathName);

    cr_assert_not_null(content, "%s", file->lpszPathName);
    cr_expect_eq(unlink(file->lpszPathName), 0);
    return content;
}

static void delete_files(MapiMessage *message)
{
    for (ULONG i = 0; i < message->nFileCount; i++)
        cr_expect_eq(unlink(message->lpFiles[i].lpszPathName), 0);
    MAPIFreeBuffer(message);
}

/* --- Arguments -------------------------------------------------------------------------------- */

Test(simple_read, needs_a_session_and_an_identifier) /* SMP-042 */
{
    const char *id = delivered_id("whole");
    MapiMessage *message = (MapiMessage *)&simple;

    expect_result(MAPIReadMail(0, 0, (LPSTR)id, 0, 0, &message), MAPI_E_INVALID_SESSION);
    cr_expect_null(message);
    expect_result(MAPIReadMail(simple + 99, 0, (LPSTR)id, 0, 0, &message), MAPI_E_INVALID_SESSION);
    expect_result(MAPIReadMail(simple, 0, NULL, 0, 0, &message), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIReadMail(simple, 0, "", 0, 0, &message), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIReadMail(simple, 0, "nothing", 0, 0, &message), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIDeleteMail(simple, 0, (LPSTR)id, 0, 0), SUCCESS_SUCCESS);
    expect_result(MAPIReadMail(simple, 0, (LPSTR)id, 0, 0, &message), MAPI_E_INVALID_MESSAGE);
    cr_expect_null(message);
}

/* --- What there is ---------------------------------------------------------------------------- */

Test(simple_read, a_message_is_one_block) /* SMP-009, SMP-043, SMP-056 */
{
    MapiMessage *message = read_mail(delivered_raw_id("all in one", with_files), 0);

    cr_expect_eq(message->ulReserved, 0);
    cr_expect_str_eq(message->lpszSubject, "all in one");
    cr_expect_str_eq(message->lpszNoteText, "the text");
    cr_expect_str_eq(message->lpszMessageType, "IPM.Note");
    cr_expect_null(message->lpszConversationID);
    cr_assert_eq(message->nRecipCount, 2);
    cr_expect_eq(message->lpRecips[0].ulRecipClass, MAPI_TO);
    cr_expect_str_eq(message->lpRecips[0].lpszName, "Ann");
    cr_expect_str_eq(message->lpRecips[0].lpszAddress, "SMTP:ann@example.test");
    cr_expect_eq(message->lpRecips[1].ulRecipClass, MAPI_CC);
    cr_expect_str_eq(message->lpRecips[1].lpszAddress, "SMTP:carol@example.test");
    cr_assert_eq(message->nFileCount, 2);
    for (ULONG i = 0; i < 2; i++)
        cr_expect_eq(unlink(message->lpFiles[i].lpszPathName), 0);
    expect_result(MAPIFreeBuffer(message), SUCCESS_SUCCESS); /* all of it: no leak is found */
}

Test(simple_read, the_originator_is_the_sender) /* SMP-055 */
{
    MapiMessage *message = read_mail(delivered_id("from Bob"), 0);

    cr_assert_not_null(message->lpOriginator);
    cr_expect_eq(message->lpOriginator->ulRecipClass, MAPI_ORIG);
    cr_expect_str_eq(message->lpOriginator->lpszName, "Bob");
    cr_expect_str_eq(message->lpOriginator->lpszAddress, "SMTP:bob@example.test");
    cr_expect_gt(message->lpOriginator->ulEIDSize, 0);
    MAPIFreeBuffer(message);
}

Test(simple_read, the_date_of_reception_has_its_form) /* SMP-053 */
{
    time_t before = time(NULL) - 60, received;
    MapiMessage *message = read_mail(delivered_id("dated"), 0);
    struct tm date = {.tm_isdst = -1};
    const char *end = strptime(message->lpszDateReceived, "%Y/%m/%d %H:%M", &date);

    cr_assert_not_null(end, "%s", message->lpszDateReceived);
    cr_expect_str_empty(end);
    cr_expect_eq(strlen(message->lpszDateReceived), 16);
    received = mktime(&date);
    cr_expect(received >= before - before % 60 && received <= time(NULL) + 60, "%s",
              message->lpszDateReceived);
    MAPIFreeBuffer(message);
}

Test(simple_read, the_flags_tell_what_it_is) /* SMP-054 */
{
    const char *id =
        delivered_raw_id("asks", "To: ann@example.test\r\nReturn-Path: <bob@example.test>\r\n"
                                 "Disposition-Notification-To: bob@example.test\r\n\r\nhello\r\n");
    MapiMessage *message = read_mail(id, MAPI_PEEK);
    MapiMessage draft = {.lpszSubject = "a draft"};
    char draft_id[512] = "";

    cr_expect_eq(message->flFlags, MAPI_UNREAD | MAPI_RECEIPT_REQUESTED | MAPI_SENT);
    MAPIFreeBuffer(message);
    MAPIFreeBuffer(read_mail(id, 0));
    message = read_mail(id, 0);
    cr_expect_eq(message->flFlags & (MAPI_UNREAD | MAPI_SENT), MAPI_SENT);
    MAPIFreeBuffer(message);
    assert_result(MAPISaveMail(simple, 0, &draft, MAPI_LONG_MSGID, 0, draft_id), SUCCESS_SUCCESS);
    message = read_mail(draft_id, MAPI_PEEK);
    cr_expect_eq(message->flFlags, 0);
    MAPIFreeBuffer(message);
}

Test(simple_read, what_was_read_stays_as_it_was) /* SMP-052 */
{
    const char *id = delivered_id("kept");
    MapiMessage *message = read_mail(id, 0);

    expect_result(MAPIDeleteMail(simple, 0, (LPSTR)id, 0, 0), SUCCESS_SUCCESS);
    cr_expect_str_eq(message->lpszSubject, "kept");
    cr_expect_str_eq(message->lpszNoteText, "hello\r\n");
    MAPIFreeBuffer(message);
}

/* --- Read, unread ----------------------------------------------------------------------------- */

Test(simple_read, reading_marks_as_read_and_sends_the_receipt) /* SMP-044 */
{
    static const char asks[] = "To: ann@example.test\r\nReturn-Path: <bob@example.test>\r\n"
                               "Disposition-Notification-To: bob@example.test\r\n\r\nhello\r\n";
    char subject[64];
    const char *id;
    bool sent = false;

    snprintf(subject, sizeof(subject), "receipt %s", mail.user);
    id = delivered_raw_id(subject, asks);
    MAPIFreeBuffer(read_mail(id, MAPI_PEEK));
    cr_expect(is_unread(id));
    MAPIFreeBuffer(read_mail(id, 0));
    cr_expect(!is_unread(id));
    for (int tries = 0; tries < 1500 && !sent; tries++) {
        for (unsigned n = test_servers_accepted(mail.servers); n > 0 && !sent; n--) {
            unsigned long size;
            char *bytes = test_servers_read_accepted(mail.servers, n, &size);

            sent = bytes && strstr(bytes, subject) && strstr(bytes, "disposition-notification");
            free(bytes);
        }
        usleep(20000);
    }
    cr_expect(sent, "no receipt came");
}

Test(simple_read, a_call_that_fails_leaves_it_unread) /* SMP-045, SMP-050 */
{
    const char *id = delivered_raw_id("nowhere to write", with_files);
    MapiMessage *message = (MapiMessage *)&simple;

    setenv("TMPDIR", "/nonexistent", 1);
    expect_result(MAPIReadMail(simple, 0, (LPSTR)id, 0, 0, &message),
                  MAPI_E_ATTACHMENT_WRITE_FAILURE);
    cr_expect_null(message);
    cr_expect(is_unread(id));
}

/* A file that may not grow is what a full disk is. */
Test(simple_read, a_full_disk_is_told) /* SMP-050 */
{
    enum { SIZE = 1 << 20, LIMIT = SIZE / 2 };
    struct rlimit limit = {LIMIT, RLIM_INFINITY}, before;
    MapiMessage *message = (MapiMessage *)&simple;
    char *rest = malloc(SIZE + 1024), *at = rest;
    const char *id;
    ULONG result;

    at += sprintf(at, "MIME-Version: 1.0\r\nContent-Type: application/x\r\n"
                      "Content-Disposition: attachment; filename=large\r\n\r\n");
    while (at < rest + SIZE)
        at += sprintf(at, "%060d\r\n", 0);
    id = delivered_raw_id("large", rest);
    free(rest);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &limit);
    result = MAPIReadMail(simple, 0, (LPSTR)id, MAPI_PEEK, 0, &message);
    setrlimit(RLIMIT_FSIZE, &before);
    expect_result(result, MAPI_E_DISK_FULL);
    cr_expect_null(message);
    cr_expect_eq(temp_file_count(), 0); /* what was begun has gone */
}

/* --- Parts ------------------------------------------------------------------------------------ */

Test(simple_read, the_envelope_alone) /* SMP-046 */
{
    const char *id = delivered_raw_id("envelope", with_files);

    for (int i = 0; i < 3; i++) {
        static const FLAGS more[] = {0, MAPI_SUPPRESS_ATTACH, MAPI_BODY_AS_FILE};
        MapiMessage *message = read_mail(id, MAPI_ENVELOPE_ONLY | more[i]);

        cr_expect_str_eq(message->lpszSubject, "envelope");
        cr_expect_eq(message->nRecipCount, 2);
        cr_expect_str_eq(message->lpOriginator->lpszName, "Bob");
        cr_expect_null(message->lpszNoteText);
        cr_expect_eq(message->nFileCount, 0);
        cr_expect_null(message->lpFiles);
        MAPIFreeBuffer(message);
    }
    cr_expect_eq(temp_file_count(), 0);
}

Test(simple_read, the_text_without_attachments) /* SMP-047 */
{
    MapiMessage *message = read_mail(delivered_raw_id("text", with_files), MAPI_SUPPRESS_ATTACH);

    cr_expect_str_eq(message->lpszNoteText, "the text");
    cr_expect_eq(message->nFileCount, 0);
    cr_expect_eq(temp_file_count(), 0);
    MAPIFreeBuffer(message);
    message = read_mail(find_id("text"), MAPI_SUPPRESS_ATTACH | MAPI_ENVELOPE_ONLY);
    cr_expect_null(message->lpszNoteText); /* ignored */
    MAPIFreeBuffer(message);
}

Test(simple_read, the_text_as_the_first_file) /* SMP-048 */
{
    MapiMessage *message = read_mail(delivered_raw_id("file", with_files), MAPI_BODY_AS_FILE);
    char *content;

    cr_expect_null(message->lpszNoteText);
    cr_assert_eq(message->nFileCount, 3);
    content = take_file(&message->lpFiles[0]);
    cr_expect_str_eq(content, "the text");
    free(content);
    cr_expect_str_eq(message->lpFiles[1].lpszFileName, "list.txt");
    cr_expect_eq(unlink(message->lpFiles[1].lpszPathName), 0);
    cr_expect_eq(unlink(message->lpFiles[2].lpszPathName), 0);
    MAPIFreeBuffer(message);
    message = read_mail(find_id("file"), MAPI_BODY_AS_FILE | MAPI_SUPPRESS_ATTACH);
    cr_expect_eq(message->nFileCount, 1);
    delete_files(message);
    cr_expect_eq(temp_file_count(), 0);
}

Test(simple_read, attachments_become_files_of_the_caller_s) /* SMP-049 */
{
    MapiMessage *message = read_mail(delivered_raw_id("files", with_files), 0);
    struct stat stat_of;
    char *content;

    cr_assert_eq(message->nFileCount, 2);
    cr_expect_eq(temp_file_count(), 2);
    for (ULONG i = 0; i < 2; i++) {
        cr_assert_eq(stat(message->lpFiles[i].lpszPathName, &stat_of), 0);
        cr_expect_eq(stat_of.st_mode & 0777, 0600);
        cr_expect_eq(message->lpFiles[i].ulReserved, 0);
        cr_expect_eq(message->lpFiles[i].flFlags, 0);
    }
    cr_expect_str_eq(message->lpFiles[0].lpszFileName, "list.txt");
    cr_expect_str_eq(message->lpFiles[1].lpszFileName, "bytes.bin");
    cr_expect_str_eq(strrchr(message->lpFiles[1].lpszPathName, '.'), ".bin");
    cr_expect_eq(stat_of.st_size, 4);
    content = take_file(&message->lpFiles[1]);
    cr_expect_arr_eq(content, "\x00\x01\x02\xFF", 4);
    free(content);
    content = take_file(&message->lpFiles[0]);
    cr_expect_str_eq(content, "first\r\nsecond");
    free(content);
    MAPIFreeBuffer(message);
    cr_expect_eq(temp_file_count(), 0);
}

Test(simple_read, names_do_not_leave_their_folder)
{
    MapiMessage *message = read_mail(
        delivered_raw_id("odd names",
                         "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                         "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
                         "--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; "
                         "filename=\"../../../tmp/evil.sh/x\"\r\n\r\nx\r\n"
                         "--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; "
                         "filename=\"x.a;b c\"\r\n\r\nx\r\n"
                         "--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; "
                         "filename=\"..\"\r\n\r\nx\r\n--b--\r\n"),
        0);

    cr_assert_eq(message->nFileCount, 3);
    cr_expect_eq(temp_file_count(), 3);
    for (ULONG i = 0; i < 3; i++) {
        cr_expect_str_neq(message->lpFiles[i].lpszFileName, "..");
        cr_expect_null(strchr(message->lpFiles[i].lpszFileName, '/'));
        cr_expect_null(strpbrk(strrchr(message->lpFiles[i].lpszPathName, '/'), "; "));
    }
    delete_files(message);
}

Test(simple_read, a_message_in_a_message_is_a_msg_file) /* SMP-101 */
{
    MapiMessage *message = read_mail(
        delivered_raw_id("outer",
                         "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                         "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
                         "--b\r\nContent-Type: message/rfc822\r\n\r\n"
                         "From: carol@example.test\r\nSubject: inner\r\n\r\ninner words\r\n"
                         "--b--\r\n"),
        0);
    const char *name;
    char *content;

    cr_assert_eq(message->nFileCount, 1);
    name = message->lpFiles[0].lpszFileName;
    cr_assert_gt(strlen(name), 4);
    cr_expect_str_eq(name + strlen(name) - 4, ".MSG");
    content = take_file(&message->lpFiles[0]);
    cr_expect(strstr(content, "inner words"), "%s", content);
    cr_expect(strstr(content, "Subject: inner"), "%s", content);
    free(content);
    MAPIFreeBuffer(message);
}

/* --- Limits ----------------------------------------------------------------------------------- */

/* Delivers a message and reads what the walk finds of it; the code. */
static ULONG read_delivered(const char *raw, const char *subject)
{
    MapiMessage *message = (MapiMessage *)&simple;
    char id[512] = "";
    ULONG result;

    mail_deliver_raw(raw);
    await_inbox(subject, true);
    for (int tries = 0; tries < 1500 && !id[0]; tries++, usleep(20000))
        MAPIFindNext(simple, 0, NULL, NULL, MAPI_LONG_MSGID, 0, id);
    result = MAPIReadMail(simple, 0, id, MAPI_PEEK, 0, &message);
    cr_expect_null(message);
    return result;
}

Test(simple_read, too_many_recipients_are_told) /* SMP-051 */
{
    enum { COUNT = 4097 };
    char *raw = malloc(COUNT * 32 + 256), *at = raw;

    at += sprintf(at, "From: bob@example.test\r\nSubject: to many\r\nTo: a0@example.test");
    for (int i = 1; i < COUNT; i++)
        at += sprintf(at, ",\r\n a%d@example.test", i);
    strcpy(at, "\r\n\r\nhello\r\n");
    expect_result(read_delivered(raw, "to many"), MAPI_E_TOO_MANY_RECIPIENTS);
    free(raw);
}

Test(simple_read, too_many_files_are_told) /* SMP-051 */
{
    enum { COUNT = 1025 };
    char *raw = malloc(COUNT * 128 + 256), *at = raw;

    at += sprintf(at, "From: bob@example.test\r\nSubject: of many\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (int i = 0; i < COUNT; i++)
        at += sprintf(at,
                      "--b\r\nContent-Type: application/x\r\n"
                      "Content-Disposition: attachment; filename=\"%d\"\r\n\r\nx\r\n",
                      i);
    strcpy(at, "--b--\r\n");
    expect_result(read_delivered(raw, "of many"), MAPI_E_TOO_MANY_FILES);
    cr_expect_eq(temp_file_count(), 0);
    free(raw);
}

/* --- Code pages ------------------------------------------------------------------------------- */

Test(simple_read, texts_are_in_the_caller_s_code_page) /* SMP-001 */
{
    static const char raw[] =
        "From: bob@example.test\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
        "To: =?UTF-8?Q?J=C3=BCrgen?= <j@example.test>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "sch\xC3\xB6n \xE2\x82\xAC\r\n";
    MapiMessage *message;
    const char *id;

    mail_deliver_raw(raw);
    id = await_id("Gr\xC3\xBC\xC3\x9F"
                  "e");
    message = read_mail(id, 0);
    cr_expect_str_eq(message->lpszSubject, "Gr\xC3\xBC\xC3\x9F"
                                           "e");
    cr_expect_str_eq(message->lpRecips[0].lpszName, "J\xC3\xBCrgen");
    MAPIFreeBuffer(message);
    cr_assert_not_null(setlocale(LC_CTYPE, "de_DE.ISO-8859-1"));
    message = read_mail(id, 0);
    cr_expect_str_eq(message->lpszSubject, "Gr\xFC\xDF"
                                           "e");
    cr_expect_str_eq(message->lpRecips[0].lpszName, "J\xFCrgen");
    cr_expect_str_eq(message->lpszNoteText, "sch\xF6n ?\r\n");
    MAPIFreeBuffer(message);
    setlocale(LC_CTYPE, "C");
}
