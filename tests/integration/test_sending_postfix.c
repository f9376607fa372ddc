/* Sending through a real Postfix: TLS of both kinds, its refusals, its absence. As root only. */
#include "tests/integration/mail_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/integration/mail_send.h"

static const char *const to_alice[] = {"alice@example.test"};

/* Skips where Postfix cannot be started. */
static void open_mail(const char *scheme, const char *port)
{
    static char url[64];

    if (geteuid() != 0)
        cr_skip_test("Postfix starts as root only");
    mail_prepare_servers("--postfix");
    snprintf(url, sizeof(url), "%s://localhost:%d", scheme, test_servers_port(mail.servers, port));
    mail.smtp_url = url;
    mail_open(0);
}

static void close_mail(void)
{
    if (mail.servers)
        mail_close();
}

TestSuite(sending_postfix, .fini = close_mail);

static void expect_round_trip(const char *subject, const char *body)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);
    SPropValue *text;
    IMessage *message;
    SRowSet *rows;
    SBinary id;
    ULONG type;

    mail_send(subject, body, to_alice, 1);
    mail_await_row(contents, subject, true);
    rows = mail_rows(contents);
    id = rows->aRow[mail_find_row(rows, subject)].lpProps[ROW_ENTRYID].Value.bin;
    assert_hr(IMsgStore_OpenEntry(mail.store, id.cb, (ENTRYID *)id.lpb, NULL, 0, &type,
                                  (IUnknown **)&message),
              S_OK);
    FreeProws(rows);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_BODY_W, &text), S_OK);
    cr_expect_str_eq(mail_text(text), body);
    MAPIFreeBuffer(text);
    IMessage_Release(message);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

Test(sending_postfix, with_tls_from_the_first_byte)
{
    open_mail("smtps", "POSTFIX_TLS");
    expect_round_trip("Grüße über TLS", ".Punkt\r\n..zwei\r\nZürich 日本");
    mail_await_status(TRANSPORT_ROW, STATUS_OUTBOUND_ACTIVE | STATUS_OFFLINE | STATUS_FAILURE, 0);
}

Test(sending_postfix, with_starttls)
{
    open_mail("smtp", "POSTFIX");
    expect_round_trip("By STARTTLS", "hello");
}

Test(sending_postfix, its_refusal_comes_back_in_its_words)
{
    static const char *const nobody[] = {"nobody@example.test"};
    IMAPIFolder *inbox;
    IMAPITable *contents;
    SPropValue *text;
    IMessage *report;
    SRowSet *rows = NULL;
    SBinary id;
    ULONG type;

    open_mail("smtps", "POSTFIX_TLS");
    inbox = mail_folder("Inbox");
    contents = mail_contents(inbox);
    mail_send("To nobody", "hello", nobody, 1);
    for (int i = 0; i < 3000 && (!rows || rows->cRows == 0); i++) {
        if (rows)
            FreeProws(rows);
        usleep(10000);
        rows = mail_rows(contents);
    }
    cr_assert_eq(rows->cRows, 1);
    id = rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin;
    assert_hr(IMsgStore_OpenEntry(mail.store, id.cb, (ENTRYID *)id.lpb, NULL, 0, &type,
                                  (IUnknown **)&report),
              S_OK);
    FreeProws(rows);
    assert_hr(HrGetOneProp((IMAPIProp *)report, PR_BODY_W, &text), S_OK);
    cr_expect(strstr(mail_text(text), "550 5.1.1"), "%s", mail_text(text));
    cr_expect(strstr(mail_text(text), "nobody@example.test"), "%s", mail_text(text));
    MAPIFreeBuffer(text);
    IMessage_Release(report);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

Test(sending_postfix, what_waits_for_it_leaves_when_it_is_back)
{
    IMAPIFolder *inbox;
    IMAPITable *contents;

    open_mail("smtps", "POSTFIX_TLS");
    inbox = mail_folder("Inbox");
    contents = mail_contents(inbox);
    test_server_kill(mail.servers, TEST_SERVER_POSTFIX);
    mail_send("Patience", "hello", to_alice, 1);
    mail_await_status(TRANSPORT_ROW, STATUS_OFFLINE, STATUS_OFFLINE);
    test_server_start(mail.servers, TEST_SERVER_POSTFIX);
    mail_await_row(contents, "Patience", true);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}
