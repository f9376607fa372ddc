/* Status rows are the connection: servers go and come, sessions live. */
#include "tests/integration/mail_rig.h"

#include <string.h>
#include <unistd.h>

#define LIVE (STATUS_AVAILABLE | STATUS_OFFLINE | STATUS_FAILURE)

static void open_mail(void)
{
    mail_prepare(false);
    mail_open(0);
}

TestSuite(status_rows, .init = open_mail, .fini = mail_close);

Test(status_rows, a_killed_imap_server_is_offline_and_comes_back_by_itself) /* STA-036 */
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);

    mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    mail_await_row_event(STORE_ROW, LIVE, STATUS_OFFLINE);
    cr_expect_eq(mail_status(STORE_ROW) & LIVE, STATUS_OFFLINE);
    test_sink_forget(mail.sink);
    test_server_start(mail.servers, TEST_SERVER_IMAP);
    mail_await_row_event(STORE_ROW, LIVE, STATUS_AVAILABLE);

    mail_deliver("after the outage"); /* the table and its watch have survived */
    mail_await_row(contents, "after the outage", true);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

Test(status_rows, calls_while_offline_fail_and_work_again)
{
    IMAPIFolder *root = mail_folder(""), *made = NULL;
    MAPIERROR *error = NULL;

    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    mail_await_status(STORE_ROW, LIVE, STATUS_OFFLINE);
    expect_hr(IMAPIFolder_CreateFolder(root, FOLDER_GENERIC, (LPTSTR) "New", NULL, NULL, 0, &made),
              MAPI_E_NETWORK_ERROR);
    expect_hr(IMAPIFolder_GetLastError(root, MAPI_E_NETWORK_ERROR, 0, &error), S_OK);
    cr_expect(error && error->lpszError && ((char *)error->lpszError)[0]);
    MAPIFreeBuffer(error);

    test_server_start(mail.servers, TEST_SERVER_IMAP);
    mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    assert_hr(IMAPIFolder_CreateFolder(root, FOLDER_GENERIC, (LPTSTR) "New", NULL, NULL, 0, &made),
              S_OK);
    IMAPIFolder_Release(made);
    IMAPIFolder_Release(root);
}

Test(status_rows, a_stopped_smtp_server_shows_when_asked_and_comes_back)
{
    IMAPIStatus *status = mail_status_object(TRANSPORT_ROW);

    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), S_OK);
    mail_await_status(TRANSPORT_ROW, LIVE, STATUS_AVAILABLE);
    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI);
    mail_await_row_event(TRANSPORT_ROW, LIVE | STATUS_OUTBOUND_ENABLED,
                         STATUS_OFFLINE | STATUS_OUTBOUND_ENABLED);
    test_sink_forget(mail.sink);
    test_server_start(mail.servers, TEST_SERVER_SMTP);
    mail_await_row_event(TRANSPORT_ROW, LIVE, STATUS_AVAILABLE);
    cr_expect_eq(mail_status(STORE_ROW) & LIVE, STATUS_AVAILABLE); /* not its business */
    IMAPIStatus_Release(status);
}

Test(status_rows, a_transport_goes_offline_and_online_by_request) /* STA-107, STA-109 */
{
    IMAPIStatus *status = mail_status_object(TRANSPORT_ROW);

    assert_hr(IMAPIStatus_ValidateState(status, 0, FORCE_XP_DISCONNECT), S_OK);
    cr_expect_eq(mail_status(TRANSPORT_ROW) & LIVE, STATUS_OFFLINE);
    mail_await_row_event(TRANSPORT_ROW, LIVE, STATUS_OFFLINE);
    assert_hr(IMAPIStatus_ValidateState(status, 0, FORCE_XP_CONNECT), S_OK);
    cr_expect_eq(mail_status(TRANSPORT_ROW) & LIVE, STATUS_AVAILABLE);
    mail_await_row_event(TRANSPORT_ROW, LIVE, STATUS_AVAILABLE);
    IMAPIStatus_Release(status);
}

Test(status_rows, a_password_changed_meanwhile_is_a_failure_and_the_session_lives)
{
    IMAPIStatus *status = mail_status_object(STORE_ROW);

    test_servers_set_password(mail.servers, "alice", "other");
    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    test_server_start(mail.servers, TEST_SERVER_IMAP);
    mail_await_status(STORE_ROW, LIVE, STATUS_FAILURE);
    test_servers_set_password(mail.servers, "alice", "secret");
    for (int i = 0; i < 30 && FAILED(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI)); i++)
        usleep(1000000); /* one try a second */
    mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    IMAPIStatus_Release(status);
}

/* Stopped processes close nothing: only silence tells. 60 s is the promise (docs/mail.md). */
Test(status_rows, servers_that_hang_are_offline_and_come_back_by_themselves)
{
    IMAPIStatus *transport = mail_status_object(TRANSPORT_ROW);
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);

    mail.guard_ms = 90000;
    expect_hr(IMAPIStatus_ValidateState(transport, 0, SUPPRESS_UI), S_OK);
    mail_await_status(TRANSPORT_ROW, LIVE, STATUS_AVAILABLE);
    mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    test_sink_forget(mail.sink);
    test_server_freeze(mail.servers, TEST_SERVER_IMAP);
    test_server_freeze(mail.servers, TEST_SERVER_SMTP);
    mail_await_row_event(STORE_ROW, LIVE, STATUS_OFFLINE);
    mail_await_row_event(TRANSPORT_ROW, LIVE, STATUS_OFFLINE);

    test_server_thaw(mail.servers, TEST_SERVER_IMAP);
    test_server_thaw(mail.servers, TEST_SERVER_SMTP);
    mail_await_status(STORE_ROW, LIVE, STATUS_AVAILABLE);
    mail_await_status(TRANSPORT_ROW, LIVE, STATUS_AVAILABLE);
    mail_deliver("after the silence");
    mail_await_row(contents, "after the silence", true);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
    IMAPIStatus_Release(transport);
}

Test(status_rows, their_objects_end_with_the_session) /* STA-093 */
{
    IMAPIStatus *store = mail_status_object(STORE_ROW),
                *transport = mail_status_object(TRANSPORT_ROW);
    SPropTagArray *tags;

    mail_logoff();
    expect_hr(IMAPIStatus_ValidateState(store, 0, SUPPRESS_UI), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIStatus_GetPropList(store, 0, &tags), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIStatus_ValidateState(transport, 0, SUPPRESS_UI), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIStatus_FlushQueues(transport, 0, 0, NULL, FLUSH_UPLOAD), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIStatus_GetPropList(transport, 0, &tags), MAPI_E_INVALID_OBJECT);
    expect_last_release(store);
    expect_last_release(transport);
}

/* Whoever asks hears of now, not of the last time somebody asked. */
static void expect_true_answers(ULONG row, enum test_server server)
{
    IMAPIStatus *status = mail_status_object(row);

    test_server_kill(mail.servers, server);
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0), MAPI_E_NETWORK_ERROR);
    test_server_start(mail.servers, server);
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0), S_OK);
    IMAPIStatus_Release(status);
}

Test(status_rows, validate_state_tries_at_once) /* STA-095 */
{
    expect_true_answers(STORE_ROW, TEST_SERVER_IMAP);
    expect_true_answers(TRANSPORT_ROW, TEST_SERVER_SMTP);
}
