/* A server that is honest until it lies: calls fail with words, objects go on afterwards. */
#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/proxy.h"

#define FOLDERS 6
#define LIVE    (STATUS_AVAILABLE | STATUS_OFFLINE | STATUS_FAILURE)

static struct proxy *imap, *smtp;
static IMAPIFolder *inbox;
static char url[64], smtp_url[64];

static void open_mail(void)
{
    mail_prepare(false);
    mail_deliver("one");
    mail_deliver("two");
    for (int i = 0; i < FOLDERS; i++) {
        snprintf(url, sizeof(url), "mailbox create -u alice F%d", i);
        test_servers_doveadm(mail.servers, url);
        snprintf(url, sizeof(url), "copy -u alice F%d mailbox INBOX all", i);
        test_servers_doveadm(mail.servers, url);
    }
    imap = proxy_start(test_servers_port(mail.servers, "IMAP"));
    snprintf(url, sizeof(url), "imap://127.0.0.1:%u?tls=none", proxy_port(imap));
    mail.imap_url = url;
    smtp = proxy_start(test_servers_port(mail.servers, "SMTP"));
    snprintf(smtp_url, sizeof(smtp_url), "smtp://127.0.0.1:%u?tls=none", proxy_port(smtp));
    mail.smtp_url = smtp_url;
    mail_open(0);
    inbox = mail_folder("Inbox");
}

static void close_mail(void)
{
    IMAPIFolder_Release(inbox);
    mail_close();
    proxy_stop(imap);
    proxy_stop(smtp);
}

TestSuite(hostile_server, .init = open_mail, .fini = close_mail);

/* What the library may say of a server that lies; never success, never a crash. */
static bool is_documented(HRESULT hr)
{
    return hr == MAPI_E_NETWORK_ERROR || hr == MAPI_E_TIMEOUT || hr == MAPI_E_NOT_FOUND ||
           hr == MAPI_E_OBJECT_DELETED;
}

static void expect_words(IMAPIProp *object, HRESULT hr)
{
    MAPIERROR *error = NULL;

    expect_hr(IMAPIProp_GetLastError(object, hr, MAPI_UNICODE, &error), S_OK);
    cr_expect(error && error->lpszError && ((WCHAR *)error->lpszError)[0], "no words for 0x%08X",
              (unsigned)hr);
    MAPIFreeBuffer(error);
}

/* A call, until the account has found its server again. */
#define expect_soon(call)                                                                          \
    do {                                                                                           \
        HRESULT soon_ = MAPI_E_CALL_FAILED;                                                        \
        for (int try_ = 0; try_ < 300 && soon_ != S_OK; try_++) {                                  \
            soon_ = (call);                                                                        \
            if (soon_ != S_OK)                                                                     \
                usleep(100000);                                                                    \
        }                                                                                          \
        cr_assert(soon_ == S_OK, "%s: 0x%08X", #call, (unsigned)soon_);                            \
    } while (0)

/* --- A message -------------------------------------------------------------------------------- */

static HRESULT read_message(const SBinary *id, bool *ret_is_ours)
{
    IMessage *message = NULL;
    SPropValue *body = NULL;
    ULONG type;
    HRESULT hr = IMsgStore_OpenEntry(mail.store, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                                     (IUnknown **)&message);

    if (FAILED(hr)) {
        expect_words((IMAPIProp *)mail.store, hr);
        return hr;
    }
    hr = HrGetOneProp((IMAPIProp *)message, PR_BODY_W, &body);
    if (SUCCEEDED(hr))
        *ret_is_ours = strstr(mail_text(body), "hello") != NULL;
    else
        expect_words((IMAPIProp *)message, hr);
    MAPIFreeBuffer(body);
    IMessage_Release(message);
    return hr;
}

struct kept_id {
    SBinary id;
    BYTE bytes[128];
};

static void keep_id(IMAPITable *contents, const char *subject, struct kept_id *ret_id)
{
    const SBinary *id;
    SRowSet *rows;

    mail_await_row(contents, subject, true);
    rows = mail_rows(contents);
    id = &rows->aRow[mail_find_row(rows, subject)].lpProps[ROW_ENTRYID].Value.bin;
    cr_assert(id->cb <= sizeof(ret_id->bytes));
    memcpy(ret_id->bytes, id->lpb, id->cb);
    ret_id->id = (SBinary){.cb = id->cb, .lpb = ret_id->bytes};
    FreeProws(rows);
}

/* The table of docs/libetpan.md, and what else a server may do in the middle of a message. */
static const struct proxy_lie message_lies[] = {
    {.answer = "* 1 FETCH (UID 1 BODY[] {18446744073709551620}\r\nabcd)\r\n%t OK x\r\n"},
    {.answer = "* 1 FETCH (UID 1 BODY[]<0> {4294967296}\r\nabcd"},
    {.answer = "* 1 FETCH (UID 4294967296 BODY[] {4}\r\nabcd)\r\n%t OK x\r\n"},
    {.answer =
         "* 1 FETCH (UID 1 BODYSTRUCTURE ((((((((((((((((((((((((((((((((((((((((((((((((((((("
         "((((((((((((((((((((((((((\r\n%t OK x\r\n"},
    {.answer = "* 1 FETCH (UID 1 BODY[] {262144}\r\nhalf of it", .close = true},
    {.answer = "* 1 FETCH (UID 1 BODY[] {262144}\r\nhalf\r\n* BYE going down\r\n", .close = true},
    {.answer = "* BYE going down\r\n", .close = true},
    {.answer = "other OK done\r\n"},
    {.answer = "+ more?\r\n"},
    {.answer = "* 9 FETCH (UID 99 BODY[]<0> {5}\r\nWRONG BODYSTRUCTURE (\"text\" \"plain\" NIL NIL "
               "NIL \"7bit\" 5 1))\r\n%t OK x\r\n"},
    {.answer = "* 1 FETCH (BODY[\r\n* STATUS\r\n* OK [PERMANENTFLAGS (((] x\r\nnonsense\r\n"
               "%t OK x\r\n"},
    {.answer = "%t NO [UNAVAILABLE] not today\r\n"},
    {.answer = "", .close = true},
};

/* --- An attachment that is being read -------------------------------------------------------- */

#define DATA_SIZE 1200000u /* several windows (docs/engine.md, "Connections") */

/* Byte `at` of the attachment. */
static char data_byte(size_t at)
{
    return (char)('a' + at % 23);
}

static void deliver_attachment(void)
{
    static const char head[] = "From: Bob <bob@example.test>\r\nTo: alice@example.test\r\n"
                               "Subject: big\r\nMIME-Version: 1.0\r\n"
                               "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                               "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
                               "--b\r\nContent-Type: application/octet-stream\r\n"
                               "Content-Disposition: attachment; filename=x\r\n\r\n";
    char *text = malloc(sizeof(head) + 2 * DATA_SIZE), *at;

    cr_assert(text);
    at = stpcpy(text, head);
    for (size_t i = 0; i < DATA_SIZE; i++) {
        *at++ = data_byte(i);
        if (i % 69 == 68) /* three times 23: lines begin alike */
            at = stpcpy(at, "\r\n");
    }
    strcpy(at, "\r\n--b--\r\n");
    test_servers_deliver(mail.servers, "alice", text);
    free(text);
}

static IMessage *open_by_subject(IMAPITable *contents, const char *subject)
{
    IMessage *message = NULL;
    const SBinary *id;
    SRowSet *rows;
    ULONG type;

    mail_await_row(contents, subject, true);
    rows = mail_rows(contents);
    id = &rows->aRow[mail_find_row(rows, subject)].lpProps[ROW_ENTRYID].Value.bin;
    assert_hr(IMsgStore_OpenEntry(mail.store, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                                  (IUnknown **)&message),
              S_OK);
    FreeProws(rows);
    return message;
}

/* A small message is asked for whole, of a large one structure and header, then the body. */
Test(hostile_server, lies_about_a_message_fail_the_call_and_nothing_else)
{
    static const struct {
        const char *subject, *pattern;
    } asked[] = {
        {"one", "UID FETCH * (UID FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK*"},
        {"big", "UID FETCH * (UID FLAGS RFC822.SIZE INTERNALDATE BODYSTRUCTURE*"},
        {"big", "UID FETCH * (UID BODY.PEEK*"},
    };
    const size_t ways = sizeof(asked) / sizeof(asked[0]),
                 count = ways * sizeof(message_lies) / sizeof(message_lies[0]);
    IMAPITable *contents = mail_contents(inbox);
    bool is_ours = false;
    unsigned told = 0;

    deliver_attachment();
    for (size_t i = 0; i < count; i++) {
        struct proxy_lie lie = message_lies[i / ways];
        struct kept_id kept;
        HRESULT hr;

        keep_id(contents, asked[i % ways].subject, &kept);
        lie.pattern = asked[i % ways].pattern;
        proxy_lie(imap, &lie);
        hr = read_message(&kept.id, &is_ours);
        told += proxy_told(imap) > 0;
        cr_expect(proxy_told(imap) == 0 || is_documented(hr), "lie %zu: 0x%08X", i, (unsigned)hr);
        proxy_lie(imap, NULL);
        is_ours = false;
        expect_soon(read_message(&kept.id, &is_ours));
        cr_expect(is_ours, "lie %zu", i);
        mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    }
    cr_expect_eq(told, count);
    IMAPITable_Release(contents);
}

/* From `offset` on; the content's line ends count. */
static HRESULT read_at(IStream *stream, int64_t offset, char *buffer, ULONG size, ULONG *ret_got)
{
    LARGE_INTEGER to = {.QuadPart = offset};

    assert_hr(IStream_Seek(stream, to, STREAM_SEEK_SET, NULL), S_OK);
    return IStream_Read(stream, buffer, size, ret_got);
}

static const struct proxy_lie stream_lies[] = {
    {.answer = "* 3 FETCH (UID 3 BODY[2]<1000> {200000}\r\nhalf\r\n* BYE going down\r\n",
     .close = true},
    {.answer = "* 3 FETCH (UID 3 BODY[2]<1000> {4294967296}\r\nabcd"},
    {.answer = "* 9 FETCH (UID 99 BODY[2]<0> {5}\r\nWRONG)\r\n%t OK x\r\n"},
};

/* The stream that a program holds fails where the server fails, and goes on where it was. */
Test(hostile_server, lies_within_an_attachment_leave_its_stream_alive)
{
    IMAPITable *contents = mail_contents(inbox);
    IStream *stream = NULL;
    IMessage *message;
    IAttach *attach;

    deliver_attachment();
    message = open_by_subject(contents, "big");
    assert_hr(IMessage_OpenAttach(message, 0, NULL, 0, &attach), S_OK);
    assert_hr(
        IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, (IUnknown **)&stream),
        S_OK);
    for (unsigned i = 0; i < sizeof(stream_lies) / sizeof(stream_lies[0]); i++) {
        struct proxy_lie lie = stream_lies[i];
        static const int64_t lines[] = {4000, 1, 13000}; /* in a window that is not kept */
        int64_t offset = lines[i] * 71;
        char bytes[69] = "";
        ULONG got = 0;
        HRESULT hr;

        lie.pattern = "UID FETCH * (UID BODY.PEEK*";
        proxy_lie(imap, &lie);
        hr = read_at(stream, offset, bytes, sizeof(bytes), &got);
        cr_expect(proxy_told(imap) > 0, "lie %u was not told", i);
        cr_expect(is_documented(hr), "lie %u: 0x%08X", i, (unsigned)hr);
        cr_expect_eq(got, 0);
        proxy_lie(imap, NULL);
        expect_soon(read_at(stream, offset, bytes, sizeof(bytes), &got));
        cr_assert_eq(got, sizeof(bytes));
        for (size_t n = 0; n < sizeof(bytes); n++)
            cr_assert_eq(bytes[n], data_byte(n), "lie %u, byte %zu", i, n);
        mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    }
    IStream_Release(stream);
    IAttach_Release(attach);
    IMessage_Release(message);
    IMAPITable_Release(contents);
}

/* Of a message that came whole nothing is asked for again. */
Test(hostile_server, a_small_message_is_read_without_the_server)
{
    static const struct proxy_lie refusal = {.pattern = "UID FETCH *",
                                             .answer = "%t NO [UNAVAILABLE] not today\r\n"};
    IMAPITable *contents = mail_contents(inbox);
    char bytes[16] = "";
    SPropValue *body;
    IStream *stream;
    IMessage *message;
    IAttach *attach;
    ULONG got = 0;

    mail_deliver_raw("From: Bob <bob@example.test>\r\nTo: alice@example.test\r\n"
                     "Subject: small\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                     "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
                     "--b\r\nContent-Type: application/octet-stream\r\n"
                     "Content-Transfer-Encoding: base64\r\n"
                     "Content-Disposition: attachment; filename=x\r\n\r\n"
                     "AAECAwQF\r\n--b--\r\n");
    message = open_by_subject(contents, "small");
    proxy_lie(imap, &refusal);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_BODY_W, &body), S_OK);
    cr_expect_str_eq(mail_text(body), "hello");
    MAPIFreeBuffer(body);
    assert_hr(IMessage_OpenAttach(message, 0, NULL, 0, &attach), S_OK);
    assert_hr(
        IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, (IUnknown **)&stream),
        S_OK);
    assert_hr(IStream_Read(stream, bytes, sizeof(bytes), &got), S_OK);
    cr_expect_eq(got, 6u);
    cr_expect_eq(memcmp(bytes, "\0\1\2\3\4\5", 6), 0);
    cr_expect_eq(proxy_told(imap), 0);
    proxy_lie(imap, NULL);
    IStream_Release(stream);
    IAttach_Release(attach);
    IMessage_Release(message);
    IMAPITable_Release(contents);
}

/* --- A folder --------------------------------------------------------------------------------- */

static HRESULT read_rows(IMAPIFolder *folder, ULONG *ret_count)
{
    IMAPITable *contents = NULL;
    SRowSet *rows = NULL;
    HRESULT hr = IMAPIFolder_GetContentsTable(folder, 0, &contents);

    if (FAILED(hr)) {
        expect_words((IMAPIProp *)folder, hr);
        return hr;
    }
    hr = IMAPITable_QueryRows(contents, 100, 0, &rows);
    if (SUCCEEDED(hr))
        *ret_count = rows->cRows;
    else
        expect_words((IMAPIProp *)contents, hr); /* the same slot */
    FreeProws(rows);
    IMAPITable_Release(contents);
    return hr;
}

/* Each lie about a folder that has not been read before. */
static const struct proxy_lie folder_lies[FOLDERS] = {
    {.pattern = "UID FETCH *", .answer = "* 1 FETCH (UID 4294967296 FLAGS ())\r\n%t OK x\r\n"},
    {.pattern = "UID FETCH *", .answer = "* 1 FETCH (UID 1 FLAGS () ENVELOPE ({2147483648}\r\n"},
    {.pattern = "UID FETCH *", .answer = "* BYE going down\r\n", .close = true},
    {.pattern = "SELECT *", .answer = "* OK [UIDVALIDITY 99999999999] x\r\n%t OK x\r\n"},
    {.pattern = "SELECT *", .answer = "* 2 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\n%t OK x\r\n"},
    {.pattern = "SELECT *", .answer = "other OK x\r\n"},
};

Test(hostile_server, lies_about_a_folder_fail_the_call_and_nothing_else)
{
    for (unsigned i = 0; i < FOLDERS; i++) {
        IMAPIFolder *folder;
        ULONG count = 0;
        HRESULT hr;
        char name[8];

        snprintf(name, sizeof(name), "F%u", i);
        folder = mail_folder(name);
        proxy_lie(imap, &folder_lies[i]);
        hr = read_rows(folder, &count);
        cr_expect(proxy_told(imap) > 0, "lie %u was not told", i);
        cr_expect(is_documented(hr) || hr == MAPI_E_NO_SUPPORT, "lie %u: 0x%08X", i, (unsigned)hr);
        proxy_lie(imap, NULL);
        expect_soon(read_rows(folder, &count));
        cr_expect_eq(count, 2);
        mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
        IMAPIFolder_Release(folder);
    }
}

/* Dovecot copies none when one has been expunged since it was looked for. */
Test(hostile_server, a_copy_that_meets_an_expunge_is_tried_again)
{
    static const struct proxy_lie lie = {.pattern = "UID COPY *",
                                         .answer = "%t NO [EXPUNGEISSUED] some are gone\r\n"};
    IMAPIFolder *target = mail_folder("F0");
    IMAPITable *contents = mail_contents(inbox);
    SRowSet *rows = mail_rows(contents);
    ENTRYLIST list = {.cValues = 1, .lpbin = &rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin};

    proxy_lie(imap, &lie);
    expect_hr(IMAPIFolder_CopyMessages(inbox, &list, NULL, target, 0, NULL, 0),
              MAPI_E_OBJECT_DELETED);
    cr_expect(proxy_told(imap) > 1, "it gave up after %u", proxy_told(imap));
    proxy_lie(imap, NULL);
    expect_hr(IMAPIFolder_CopyMessages(inbox, &list, NULL, target, 0, NULL, 0), S_OK);
    FreeProws(rows);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(target);
}

/* A server that lets us in only to fail us, each time: the open table waits, the row says why, and
 * all goes on when the server comes to its senses. */
Test(hostile_server, a_server_that_always_lies_is_offline_with_its_fault)
{
    static const struct proxy_lie lie = {.pattern = "UID FETCH *",
                                         .answer = "* 1 FETCH (UID 4294967296)\r\n%t OK x\r\n"};
    IMAPITable *contents = mail_contents(inbox);

    mail_await_row(contents, "two", true);
    proxy_lie(imap, &lie);
    mail_deliver("three");
    mail_await_row_event(STORE_ROW, LIVE, STATUS_OFFLINE);
    cr_expect(strstr(mail_status_text(STORE_ROW), "broke the IMAP protocol"), "%s",
              mail_status_text(STORE_ROW));
    proxy_lie(imap, NULL);
    mail_await_row(contents, "three", true);
    mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    IMAPITable_Release(contents);
}

/* EXISTS that shrinks without EXPUNGE, EXPUNGE of what never was, rows nobody asked for. */
Test(hostile_server, lies_in_passing_change_no_row_that_is_there)
{
    static const struct proxy_lie lie = {
        .pattern = "UID FETCH *",
        .answer = "* 0 EXISTS\r\n* 7 EXPUNGE\r\n* 0 EXPUNGE\r\n* 77 FETCH (UID 4000000 FLAGS "
                  "(\\Seen))\r\n"
                  "* 0 FETCH (UID 0 FLAGS ())\r\n* VANISHED 500:600\r\n* 4 EXISTS\r\n",
        .honest_too = true};
    IMAPITable *contents = mail_contents(inbox);
    struct kept_id kept;
    bool is_ours = false;
    SRowSet *rows;

    keep_id(contents, "one", &kept);
    proxy_lie(imap, &lie);
    expect_hr(read_message(&kept.id, &is_ours), S_OK);
    cr_expect(is_ours);
    cr_expect(proxy_told(imap) > 0);
    mail_deliver("three");
    mail_await_row(contents, "three", true);
    proxy_lie(imap, NULL);
    rows = mail_rows(contents);
    cr_expect_eq(rows->cRows, 3);
    FreeProws(rows);
    IMAPITable_Release(contents);
}

/* --- Sending ---------------------------------------------------------------------------------- */

static const struct proxy_lie sending_lies[] = {
    {.pattern = "FROM:*", .answer = "who are you?\r\n"},
    {.pattern = "FROM:*", .answer = "354 go\r\n"},
    {.pattern = "TO:*", .answer = "250-fine\r\n550 or not\r\n"},
    {.pattern = "TO:*", .answer = "", .close = true},
};

/* What is submitted meanwhile stays in the queue and leaves once, when the server is honest. */
Test(hostile_server, lies_while_sending_neither_lose_nor_double)
{
    IMAPIStatus *status = mail_status_object(TRANSPORT_ROW);

    for (unsigned i = 0; i < sizeof(sending_lies) / sizeof(sending_lies[0]); i++) {
        proxy_lie(smtp, &sending_lies[i]);
        mail_send("Patience", "hello", mail_to_bob, 1);
        mail_await_status(TRANSPORT_ROW, LIVE, STATUS_OFFLINE);
        cr_expect(proxy_told(smtp) > 0);
        cr_expect(mail_status_text(TRANSPORT_ROW)[0]);
        cr_expect_eq(test_servers_accepted(mail.servers), i);
        proxy_lie(smtp, NULL);
        mail_await_status(TRANSPORT_ROW, LIVE, STATUS_AVAILABLE);
        expect_hr(IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD), S_OK);
        for (int t = 0; t < 3000 && test_servers_accepted(mail.servers) <= i; t++)
            usleep(10000);
        cr_assert_eq(test_servers_accepted(mail.servers), i + 1, "lie %u", i);
    }
    IMAPIStatus_Release(status);
}
