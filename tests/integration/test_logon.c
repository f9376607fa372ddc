/* Logging on to servers that are there, refuse, or are away. */
#include "tests/integration/mail_rig.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIVE (STATUS_AVAILABLE | STATUS_OFFLINE | STATUS_FAILURE)

static void prepare(void)
{
    mail_prepare(false);
}

TestSuite(logon, .init = prepare);

/* The server is asked once a second at the most, and delays those who have just failed. */
static void open_store_soon(void)
{
    HRESULT hr = MAPI_E_CALL_FAILED;

    for (int i = 0; i < 30 && hr != S_OK; i++) {
        sleep(1);
        hr = mail_open_store(&mail.store);
    }
    cr_assert(hr == S_OK, "0x%08X", (unsigned)hr);
}

Test(logon, a_wrong_password_leaves_a_session_without_the_store) /* SES-118 */
{
    IMsgStore *store = NULL;
    const char *words;

    mail_begin("wrong");
    assert_hr(mail_logon(0), MAPI_W_ERRORS_RETURNED);
    words = mail_words(MAPI_W_ERRORS_RETURNED);
    cr_expect(strstr(words, "uthentication"), "\"%s\"", words); /* Dovecot's own */
    mail_open_status();
    cr_expect_eq(mail_status(STORE_ROW), -1);
    cr_expect(FAILED(mail_open_store(&store)));

    test_servers_set_password(mail.servers, "alice", "wrong");
    open_store_soon();
    cr_expect_eq(mail_status(STORE_ROW) & LIVE, STATUS_AVAILABLE);
    mail_close();
}

Test(logon, an_unreachable_server_and_an_unknown_mailbox_make_no_store)
{
    IMsgStore *store = NULL;

    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    mail_begin("secret");
    assert_hr(mail_logon(0), MAPI_W_ERRORS_RETURNED);
    cr_expect(mail_words(MAPI_W_ERRORS_RETURNED)[0]);
    mail_open_status();
    cr_expect_eq(mail_status(STORE_ROW), -1);
    expect_hr(mail_open_store(&store), MAPI_E_NETWORK_ERROR);

    test_server_start(mail.servers, TEST_SERVER_IMAP);
    open_store_soon();
    cr_expect_eq(mail_status(STORE_ROW) & LIVE, STATUS_AVAILABLE);
    mail_close();
}

Test(logon, a_known_mailbox_opens_offline)
{
    IMAPIFolder *inbox, *made = NULL;
    IMAPITable *contents = NULL;

    mail_open(0);
    mail_logoff();
    MAPIUninitialize();

    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    mail_open(0);
    cr_expect_eq(mail_status(STORE_ROW) & LIVE, STATUS_OFFLINE);
    inbox = mail_folder("Inbox");
    expect_hr(IMAPIFolder_CreateFolder(inbox, FOLDER_GENERIC, (LPTSTR) "x", NULL, NULL, 0, &made),
              MAPI_E_NETWORK_ERROR);
    /* Never looked at before: there is nothing to show, and no reason to wait. */
    expect_hr(IMAPIFolder_GetContentsTable(inbox, 0, &contents), MAPI_E_NETWORK_ERROR);
    test_server_start(mail.servers, TEST_SERVER_IMAP);
    mail_await_row_event(STORE_ROW, LIVE, STATUS_AVAILABLE);
    assert_hr(IMAPIFolder_CreateFolder(inbox, FOLDER_GENERIC, (LPTSTR) "x", NULL, NULL, 0, &made),
              S_OK);
    IMAPIFolder_Release(made);
    assert_hr(IMAPIFolder_GetContentsTable(inbox, 0, &contents), S_OK);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
    mail_close();
}

Test(logon, a_service_without_a_spooler_has_the_same_rows) /* SES-074, SES-087 */
{
    IMAPIFolder *inbox;
    IMAPITable *contents;

    mail_open(MAPI_NT_SERVICE | MAPI_NO_MAIL);
    cr_expect_eq(mail_status(STORE_ROW) & LIVE, STATUS_AVAILABLE);
    inbox = mail_folder("Inbox");
    contents = mail_contents(inbox);
    mail_deliver("for a service");
    mail_await_row(contents, "for a service", true);
    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    mail_await_row_event(STORE_ROW, LIVE, STATUS_OFFLINE);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
    mail_close();
}

Test(logon, objects_released_after_the_end_do_no_harm)
{
    IMAPIFolder *inbox;
    IMAPITable *contents;

    mail_open(0);
    inbox = mail_folder("Inbox");
    contents = mail_contents(inbox);
    mail_close();
    cr_expect(FAILED(IMAPIFolder_GetHierarchyTable(inbox, 0, &(IMAPITable *){NULL})));
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}
