/* The store object: receive folders, the outgoing queue, logging off. */
#include "tests/integration/mail_rig.h"

#include <string.h>
#include <unistd.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiaux.h"
#include "tests/integration/mail_send.h"

static void open_mail(void)
{
    mail_prepare(false);
    mail_open(0);
}

TestSuite(store, .init = open_mail, .fini = mail_close);

static void restart(void)
{
    mail_logoff();
    MAPIUninitialize();
    mail_open(0);
}

/* --- Receive folders -------------------------------------------------------------------------- */

static SPropValue *id_of(const char *path)
{
    IMAPIFolder *folder = mail_folder(path);
    SPropValue *id;

    assert_hr(HrGetOneProp((IMAPIProp *)folder, PR_ENTRYID, &id), S_OK);
    IMAPIFolder_Release(folder);
    return id;
}

static HRESULT set_receive(const char *message_class, const SPropValue *id)
{
    return IMsgStore_SetReceiveFolder(mail.store, (LPTSTR)message_class, 0,
                                      id ? id->Value.bin.cb : 0,
                                      id ? (ENTRYID *)id->Value.bin.lpb : NULL);
}

/* The class is received in that folder, by the tie of class `tied`. */
static void expect_receive(const char *message_class, const SPropValue *folder, const char *tied)
{
    ENTRYID *id;
    ULONG size;
    char *explicit_class;

    assert_hr(IMsgStore_GetReceiveFolder(mail.store, (LPTSTR)message_class, 0, &size, &id,
                                         (LPTSTR *)&explicit_class),
              S_OK);
    cr_expect(size == folder->Value.bin.cb && memcmp(id, folder->Value.bin.lpb, size) == 0,
              "\"%s\" goes elsewhere", message_class ? message_class : "(null)");
    cr_expect_str_eq(explicit_class, tied);
    MAPIFreeBuffer(id); /* STO-057 */
    MAPIFreeBuffer(explicit_class);
}

Test(store, receive_folders_begin_as_documented) /* STO-054 STO-056 STO-057 STO-058 STO-059 */
{
    SPropValue *inbox = id_of("Inbox"), *root;
    IMAPIFolder *folder;
    ULONG type;

    assert_hr(IMsgStore_OpenEntry(mail.store, 0, NULL, NULL, 0, &type, (IUnknown **)&folder), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)folder, PR_ENTRYID, &root), S_OK);
    IMAPIFolder_Release(folder);
    expect_receive(NULL, inbox, "");
    expect_receive("", inbox, "");
    expect_receive("Anything.Else", inbox, "");
    expect_receive("IPM.Note", inbox, "IPM");
    expect_receive("REPORT.IPM.Note.NDR", inbox, "REPORT.IPM");
    expect_receive("IPC.Whatever", root, "IPC");
    MAPIFreeBuffer(inbox);
    MAPIFreeBuffer(root);
}

Test(store, the_longest_class_decides_and_is_kept) /* STO-051 STO-052 STO-053 STO-055 */
{
    SPropValue *inbox = id_of("Inbox"), *sent = id_of("Sent"), *trash = id_of("Trash");

    assert_hr(set_receive("IPM.Note.Faxes", sent), S_OK);
    assert_hr(set_receive("ipm.note", trash), S_OK);
    restart();
    expect_receive("IPM.Note.Faxes.Old", sent, "IPM.Note.Faxes");
    expect_receive("IPM.Note.FaxesToo", trash, "ipm.note"); /* a prefix ends at a dot */
    expect_receive("IPM.Notebook", inbox, "IPM");

    assert_hr(set_receive("IPM.Note", NULL), S_OK);
    expect_receive("IPM.Note", inbox, "IPM");
    assert_hr(set_receive("IPM.Never.There", NULL), S_OK);
    assert_hr(set_receive(NULL, trash), S_OK);
    expect_receive("Other", trash, "");
    assert_hr(set_receive("", NULL), S_OK);
    expect_receive("Other", inbox, "");

    expect_hr(set_receive("..", sent), MAPI_E_INVALID_PARAMETER);
    sent->Value.bin.lpb[8] ^= 1;
    expect_hr(set_receive("IPM.Note.Faxes", sent), MAPI_E_UNKNOWN_ENTRYID);
    sent->Value.bin.lpb[8] ^= 1;
    expect_receive("IPM.Note.Faxes", sent, "IPM.Note.Faxes");
    MAPIFreeBuffer(inbox);
    MAPIFreeBuffer(sent);
    MAPIFreeBuffer(trash);
}

Test(store, the_receive_folder_table_lists_the_ties) /* STO-060 STO-061 */
{
    SizedSPropTagArray(2, columns) = {2, {PR_MESSAGE_CLASS_A, PR_ENTRYID}};
    SPropValue *sent = id_of("Sent"), *key;
    IMAPIFolder *folder = mail_folder("Sent");
    SRestriction is_it = {.rt = RES_PROPERTY, .res.resProperty = {RELOP_EQ, PR_RECORD_KEY, NULL}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(set_receive("IPM.Note.Faxes", sent), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)folder, PR_RECORD_KEY, &key), S_OK);
    is_it.res.resProperty.lpProp = key;
    assert_hr(IMsgStore_GetReceiveFolderTable(mail.store, 0, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    assert_hr(IMAPITable_QueryRows(table, 10, 0, &rows), S_OK);
    cr_expect_eq(rows->cRows, 5);
    FreeProws(rows);
    assert_hr(IMAPITable_Restrict(table, &is_it, 0), S_OK);
    assert_hr(IMAPITable_QueryRows(table, 10, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_str_eq(rows->aRow[0].lpProps[0].Value.lpszA, "IPM.Note.Faxes");
    cr_expect_eq(
        memcmp(rows->aRow[0].lpProps[1].Value.bin.lpb, sent->Value.bin.lpb, sent->Value.bin.cb), 0);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
    MAPIFreeBuffer(sent);
    MAPIFreeBuffer(key);
}

Test(store, the_receive_folder_table_never_changes_once_opened) /* TBL-132 */
{
    SPropValue *sent = id_of("Sent");
    ULONG status, type, count;
    IMAPITable *table;

    assert_hr(IMsgStore_GetReceiveFolderTable(mail.store, 0, &table), S_OK);
    assert_hr(IMAPITable_GetStatus(table, &status, &type), S_OK);
    cr_expect_eq(type, TBLTYPE_SNAPSHOT);
    assert_hr(set_receive("IPM.Note.Faxes", sent), S_OK);
    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 4);
    IMAPITable_Release(table);
    MAPIFreeBuffer(sent);
}

Test(store, attachment_tables_have_no_bookmarks) /* TBL-048 */
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    BOOKMARK bookmark;
    IMessage *message;
    IMAPITable *table;

    assert_hr(IMAPIFolder_CreateMessage(inbox, NULL, 0, &message), S_OK);
    assert_hr(IMessage_GetAttachmentTable(message, 0, &table), S_OK);
    expect_hr(IMAPITable_CreateBookmark(table, &bookmark), MAPI_E_NO_SUPPORT);
    IMAPITable_Release(table);
    IMessage_Release(message);
    IMAPIFolder_Release(inbox);
}

/* --- The queue -------------------------------------------------------------------------------- */

// While the spooler tries to send it, a message cannot be taken back.
static HRESULT abort_between_attempts(const SBinary *id)
{
    HRESULT hr;
    int tries = 0;

    while ((hr = IMsgStore_AbortSubmit(mail.store, id->cb, (ENTRYID *)id->lpb, 0)) ==
               MAPI_E_UNABLE_TO_ABORT &&
           tries++ < 500)
        usleep(10000);
    return hr;
}

Test(store, the_outgoing_queue_is_a_live_table) /* STO-062 STO-063 STO-064 STO-070 STO-071 */
{
    SizedSPropTagArray(6, columns) = {6,
                                      {PR_SUBJECT_W, PR_ENTRYID, PR_DISPLAY_TO_W, PR_MESSAGE_FLAGS,
                                       PR_MESSAGE_SIZE, PR_SUBMIT_FLAGS}};
    struct test_sink *sink = test_sink_create();
    ULONG added = TABLE_ROW_ADDED, deleted = TABLE_ROW_DELETED;
    ULONG_PTR connection;
    IMAPITable *table;
    SRowSet *rows;
    SBinary id;

    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    mail_send("First", "hello", mail_to_bob, 1);
    assert_hr(IMsgStore_GetOutgoingQueue(mail.store, 0, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    mail_send("Second", "hello", mail_to_bob, 1);
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &added);
    assert_hr(IMAPITable_QueryRows(table, 10, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, 2);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[0]), "First");
    cr_expect_str_eq(mail_text(&rows->aRow[1].lpProps[0]), "Second");
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[2]), "bob@example.test");
    cr_expect(rows->aRow[0].lpProps[3].Value.l & MSGFLAG_SUBMIT);
    cr_expect(rows->aRow[0].lpProps[4].Value.l > 0);
    cr_expect_eq(rows->aRow[0].lpProps[5].Value.l & SUBMITFLAG_LOCKED, 0);

    id = rows->aRow[0].lpProps[1].Value.bin;
    assert_hr(abort_between_attempts(&id), S_OK);
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &deleted);
    expect_hr(IMsgStore_AbortSubmit(mail.store, id.cb, (ENTRYID *)id.lpb, 0), MAPI_E_NOT_IN_QUEUE);
    FreeProws(rows);
    IMAPITable_Unadvise(table, connection);
    IMAPITable_Release(table);
    test_sink_release(sink);
}

/* --- Logging off ------------------------------------------------------------------------------ */

Test(store, a_store_logoff_says_what_goes_on) /* STO-081 STO-082 */
{
    ULONG flags = LOGOFF_ORDERLY | LOGOFF_QUIET;

    expect_hr(IMsgStore_StoreLogoff(mail.store, &flags), MAPI_E_INVALID_PARAMETER);
    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    mail_send("Waits", "hello", mail_to_bob, 1);
    mail_await_status(TRANSPORT_ROW, STATUS_OFFLINE, STATUS_OFFLINE);
    flags = LOGOFF_ORDERLY;
    expect_hr(IMsgStore_StoreLogoff(mail.store, &flags), S_OK);
    /* The next attempt may be under way, and the mailbox may be being read. */
    cr_expect_eq(flags & ~(ULONG)(LOGOFF_OUTBOUND | LOGOFF_INBOUND), LOGOFF_OUTBOUND_QUEUE);
    expect_hr(IMsgStore_StoreLogoff(mail.store, &flags), MAPI_E_INVALID_OBJECT);
}

Test(store, a_quiet_logoff_waits_until_nothing_is_sent) /* STO-085 */
{
    ULONG flags = LOGOFF_QUIET;

    test_servers_say(mail.servers, "SLOW", "2000");
    mail_send("Slow", "hello", mail_to_bob, 1);
    mail_await_status(TRANSPORT_ROW, STATUS_OUTBOUND_ACTIVE, STATUS_OUTBOUND_ACTIVE);
    expect_hr(IMsgStore_StoreLogoff(mail.store, &flags), S_OK);
    cr_expect(flags & LOGOFF_OUTBOUND);
    mail_await_status(TRANSPORT_ROW, STATUS_OUTBOUND_ACTIVE, 0);
    flags = LOGOFF_QUIET;
    expect_hr(IMsgStore_StoreLogoff(mail.store, &flags), S_OK); /* it was still there */
    cr_expect_eq(flags & LOGOFF_OUTBOUND, 0);
    expect_hr(IMsgStore_StoreLogoff(mail.store, &flags), MAPI_E_INVALID_OBJECT);
}
