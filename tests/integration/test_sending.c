/* Sending: through queue, runner and SMTP, to Sent; refusals come back with the server's words. */
#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void open_mail(void)
{
    mail_prepare(false);
    mail_open(0);
}

TestSuite(sending, .init = open_mail, .fini = mail_close);

static void await_accepted(unsigned count)
{
    for (int i = 0; i < 3000 && test_servers_accepted(mail.servers) < count; i++)
        usleep(10000);
    cr_assert_eq(test_servers_accepted(mail.servers), count);
}

/* The row of that subject comes into the folder. */
static void await_in(const char *path, const char *subject)
{
    IMAPIFolder *folder = mail_folder(path);
    IMAPITable *contents = mail_contents(folder);

    mail_await_row(contents, subject, true);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
}

Test(sending, a_message_leaves_arrives_and_is_filed_under_sent)
{
    unsigned long size;
    IMAPIFolder *folder;
    IMAPITable *contents;
    ENTRYID *id;
    SPropValue *body;
    IMessage *message;
    SRowSet *rows;
    char *bytes;
    ULONG type;
    int at;

    mail_send("Grüße", "Zeile eins\r\n.Punkt am Anfang\r\nZürich", mail_to_bob, 1);
    await_accepted(1);
    bytes = test_servers_read_accepted(mail.servers, 1, &size);
    cr_assert(bytes);
    cr_expect(strstr(bytes, "bob@example.test"));
    cr_expect(strstr(bytes, "alice@example.test"));
    cr_expect(strcasestr(bytes, "\nMessage-ID: <"));
    cr_expect(strcasestr(bytes, "\nMIME-Version: 1.0"));
    free(bytes);
    await_in("Sent", "Grüße");

    folder = mail_folder("Sent");
    contents = mail_contents(folder);
    rows = mail_rows(contents);
    at = mail_find_row(rows, "Grüße");
    cr_expect_eq(rows->aRow[at].lpProps[ROW_FLAGS].Value.l & MSGFLAG_UNSENT, 0);
    id = (ENTRYID *)rows->aRow[at].lpProps[ROW_ENTRYID].Value.bin.lpb;
    assert_hr(IMsgStore_OpenEntry(mail.store, rows->aRow[at].lpProps[ROW_ENTRYID].Value.bin.cb, id,
                                  NULL, 0, &type, (IUnknown **)&message),
              S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_BODY_W, &body), S_OK);
    cr_expect_str_eq(mail_text(body), "Zeile eins\r\n.Punkt am Anfang\r\nZürich");
    MAPIFreeBuffer(body);
    IMessage_Release(message);
    FreeProws(rows);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
    mail_await_status(TRANSPORT_ROW, STATUS_OUTBOUND_ACTIVE, 0);
}

Test(sending, a_refused_recipient_comes_back_with_the_servers_words)
{
    static const char *const addresses[] = {"bob@example.test", "refuse550.x@example.test"};
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);
    SPropValue *text = NULL;
    SRowSet *rows = NULL;
    IMessage *report;
    ULONG type;

    mail_send("To two", "hello", addresses, 2);
    await_accepted(1); /* for mail_to_bob */
    await_in("Sent", "To two");
    for (int i = 0; i < 3000; i++) {
        rows = mail_rows(contents);
        if (rows->cRows == 1)
            break;
        FreeProws(rows);
        rows = NULL;
        usleep(10000);
    }
    cr_assert(rows, "no report came");
    assert_hr(IMsgStore_OpenEntry(mail.store, rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin.cb,
                                  (ENTRYID *)rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin.lpb, NULL,
                                  0, &type, (IUnknown **)&report),
              S_OK);
    FreeProws(rows);
    assert_hr(HrGetOneProp((IMAPIProp *)report, PR_BODY_W, &text), S_OK);
    cr_expect(strstr(mail_text(text), "refuse550.x@example.test"), "%s", mail_text(text));
    cr_expect(strstr(mail_text(text), "550 "), "%s", mail_text(text));
    MAPIFreeBuffer(text);
    IMessage_Release(report);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

Test(sending, what_is_submitted_while_the_server_is_away_leaves_when_it_is_back)
{
    IMAPIStatus *status = mail_status_object(TRANSPORT_ROW);

    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    mail_send("Patience", "hello", mail_to_bob, 1);
    mail_await_status(TRANSPORT_ROW, STATUS_OFFLINE | STATUS_OUTBOUND_ENABLED,
                      STATUS_OFFLINE | STATUS_OUTBOUND_ENABLED);
    test_server_start(mail.servers, TEST_SERVER_SMTP);
    mail_await_status(TRANSPORT_ROW, STATUS_OFFLINE, 0);
    /* The row may be due later: a flush does not mind. */
    expect_hr(IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD), S_OK);
    await_accepted(1);
    await_in("Sent", "Patience");
    IMAPIStatus_Release(status);
}

/* The server has the message and has not answered yet. */
static void submit_to_a_slow_server(const char *milliseconds)
{
    test_servers_say(mail.servers, "SLOW", milliseconds);
    mail_send("Unhurried", "hello", mail_to_bob, 1);
    await_accepted(1);
}

static void expect_sent_once(void)
{
    mail_open(0);
    await_in("Sent", "Unhurried");
    cr_expect_eq(test_servers_accepted(mail.servers), 1);
}

Test(sending, a_logoff_waits_for_the_answer_to_the_message)
{
    submit_to_a_slow_server("6500");
    mail_logoff();
    MAPIUninitialize();
    expect_sent_once();
}

Test(sending, a_program_that_only_releases_leaves_no_message_in_doubt)
{
    submit_to_a_slow_server("1500");
    IMsgStore_Release(mail.store);
    IMAPITable_Release(mail.status);
    IMAPISession_Release(mail.session);
    test_sink_release(mail.sink);
    mail.store = NULL, mail.status = NULL, mail.session = NULL, mail.sink = NULL;
    MAPIUninitialize();
    expect_sent_once();
}

Test(sending, without_recipients_nothing_is_submitted)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(outbox, NULL, 0, &message), S_OK);
    mail_set_text(message, PR_SUBJECT_W, "to nobody");
    expect_hr(IMessage_SubmitMessage(message, 0), MAPI_E_NO_RECIPIENTS);
    IMessage_Release(message);
    IMAPIFolder_Release(outbox);
}
