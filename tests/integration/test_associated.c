/* Folder associated messages: they live in the side store, beside the mail. */
#include "tests/integration/mail_rig.h"

#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiguid.h"
#include "tests/integration/mail_send.h"

static IMAPIFolder *inbox;

static void open_mail(void)
{
    mail_prepare(false);
    mail_open(0);
    inbox = mail_folder("Inbox");
}

static void close_mail(void)
{
    IMAPIFolder_Release(inbox);
    mail_close();
}

TestSuite(associated, .init = open_mail, .fini = close_mail);

static void restart(void)
{
    IMAPIFolder_Release(inbox);
    mail_logoff();
    MAPIUninitialize();
    mail_open(0);
    inbox = mail_folder("Inbox");
}

#define PR_OWN_BLOB PROP_TAG(PT_BINARY, 0x7C07)

static IMessage *make(const char *subject)
{
    SPropValue blob = {.ulPropTag = PR_OWN_BLOB};
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(inbox, NULL, MAPI_ASSOCIATED, &message), S_OK);
    mail_set_text(message, PR_SUBJECT_W, subject);
    mail_set_text(message, PR_MESSAGE_CLASS_W, "IPM.Configuration.Test");
    blob.Value.bin = (SBinary){.cb = 4, .lpb = (BYTE *)"\0\1\2\3"};
    assert_hr(IMessage_SetProps(message, 1, &blob, NULL), S_OK);
    return message;
}

static SPropValue *save(IMessage *message)
{
    SPropValue *id;

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_ENTRYID, &id), S_OK);
    return id;
}

static HRESULT open(const SPropValue *id, ULONG flags, IMessage **ret_message)
{
    ULONG type;

    return IMsgStore_OpenEntry(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                               flags, &type, (IUnknown **)ret_message);
}

static IMAPITable *table_of(void)
{
    SizedSPropTagArray(4, columns) = {
        4, {PR_SUBJECT_W, PR_MESSAGE_FLAGS, PR_OWN_BLOB, PR_MESSAGE_CLASS_W}};
    IMAPITable *table;

    assert_hr(IMAPIFolder_GetContentsTable(inbox, MAPI_ASSOCIATED | MAPI_UNICODE, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    return table;
}

static ULONG rows_of(IMAPITable *table)
{
    ULONG count;

    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    return count;
}

static LONG count_property(void)
{
    SPropValue *value;
    LONG count;

    assert_hr(HrGetOneProp((IMAPIProp *)inbox, PR_ASSOC_CONTENT_COUNT, &value), S_OK);
    count = value->Value.l;
    MAPIFreeBuffer(value);
    return count;
}

Test(associated, they_are_kept_beside_the_mail) /* STO-102 STO-113 STO-143 STO-185 STO-188 */
{
    IMessage *message = make("Settings");
    IMAPITable *table = table_of(), *mails = mail_contents(inbox);
    SPropValue *value, *id;
    SRowSet *rows;

    cr_expect_eq(rows_of(table), 0); /* not before it is saved */
    id = save(message);
    IMessage_Release(message);
    IMAPITable_Release(table);
    restart();

    table = table_of();
    assert_hr(IMAPITable_QueryRows(table, 10, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[0]), "Settings");
    cr_expect(rows->aRow[0].lpProps[1].Value.l & MSGFLAG_ASSOCIATED);
    cr_expect_eq(memcmp(rows->aRow[0].lpProps[2].Value.bin.lpb, "\0\1\2\3", 4), 0);
    FreeProws(rows);
    cr_expect_eq(count_property(), 1);
    IMAPITable_Release(mails);
    mails = mail_contents(inbox);
    cr_expect_eq(rows_of(mails), 0);

    assert_hr(open(id, MAPI_MODIFY, &message), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_OWN_BLOB, &value), S_OK);
    cr_expect_eq(value->Value.bin.cb, 4);
    MAPIFreeBuffer(value);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_MESSAGE_FLAGS, &value), S_OK);
    cr_expect(value->Value.l & MSGFLAG_ASSOCIATED);
    MAPIFreeBuffer(value);
    assert_hr(HrGetOneProp((IMAPIProp *)inbox, PR_ACCESS, &value), S_OK);
    cr_expect(value->Value.l & MAPI_ACCESS_CREATE_ASSOCIATED);
    MAPIFreeBuffer(value);
    expect_hr(IMessage_SetReadFlag(message, CLEAR_READ_FLAG), S_OK);
    MAPIFreeBuffer(id);
    IMessage_Release(message);
    IMAPITable_Release(table);
    IMAPITable_Release(mails);
}

Test(associated, changes_wait_for_save_changes) /* STO-256 */
{
    IMessage *message = make("First"), *other;
    SPropValue *id = save(message), *value;
    SBinary entry = id->Value.bin;
    ENTRYLIST list = {1, &entry};

    mail_set_text(message, PR_SUBJECT_W, "Second");
    assert_hr(open(id, 0, &other), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)other, PR_SUBJECT_W, &value), S_OK);
    cr_expect_str_eq(mail_text(value), "First");
    MAPIFreeBuffer(value);
    expect_hr(IMessage_SaveChanges(other, 0), MAPI_E_NO_ACCESS);
    IMessage_Release(other);
    MAPIFreeBuffer(save(message));
    assert_hr(open(id, 0, &other), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)other, PR_SUBJECT_W, &value), S_OK);
    cr_expect_str_eq(mail_text(value), "Second");
    MAPIFreeBuffer(value);
    IMessage_Release(other);

    assert_hr(IMAPIFolder_DeleteMessages(inbox, &list, 0, NULL, 0), S_OK);
    mail_set_text(message, PR_SUBJECT_W, "Third");
    expect_hr(IMessage_SaveChanges(message, 0), MAPI_E_OBJECT_DELETED);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(associated, tables_and_sinks_hear_of_them) /* STO-113 STO-303 STO-304 */
{
    struct test_sink *table_sink = test_sink_create(), *store_sink = test_sink_create();
    ULONG added = TABLE_ROW_ADDED, deleted = TABLE_ROW_DELETED;
    IMAPITable *table = table_of();
    ULONG_PTR connections[2];
    const NOTIFICATION *told;
    IMessage *message;
    SPropValue *id;
    ENTRYLIST list = {.cValues = 1};

    assert_hr(IMAPITable_Advise(table, fnevTableModified, &table_sink->IMAPIAdviseSink_iface,
                                &connections[0]),
              S_OK);
    assert_hr(IMsgStore_Advise(mail.store, 0, NULL, fnevObjectCreated | fnevObjectDeleted,
                               &store_sink->IMAPIAdviseSink_iface, &connections[1]),
              S_OK);
    message = make("Heard of");
    id = save(message);
    IMessage_Release(message);
    mail_await_event(table_sink, fnevTableModified, mail_is_table_event, &added);
    told = mail_await_event(store_sink, fnevObjectCreated, NULL, NULL);
    cr_expect_eq(told->info.obj.ulObjType, MAPI_MESSAGE);

    list.lpbin = &id->Value.bin;
    assert_hr(IMAPIFolder_DeleteMessages(inbox, &list, 0, NULL, 0), S_OK);
    mail_await_event(table_sink, fnevTableModified, mail_is_table_event, &deleted);
    mail_await_event(store_sink, fnevObjectDeleted, NULL, NULL);
    expect_hr(open(id, 0, &message), MAPI_E_NOT_FOUND);
    expect_hr(IMAPIFolder_DeleteMessages(inbox, &list, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    IMAPITable_Unadvise(table, connections[0]);
    IMsgStore_Unadvise(mail.store, connections[1]);
    IMAPITable_Release(table);
    test_sink_release(table_sink);
    test_sink_release(store_sink);
    MAPIFreeBuffer(id);
}

Test(associated, empty_folder_takes_them_when_told_to) /* STO-114 STO-152 */
{
    IMessage *message = make("Settings");

    MAPIFreeBuffer(save(message));
    IMessage_Release(message);
    assert_hr(IMAPIFolder_EmptyFolder(inbox, 0, NULL, 0), S_OK);
    cr_expect_eq(count_property(), 1);
    assert_hr(IMAPIFolder_EmptyFolder(inbox, 0, NULL, DEL_ASSOCIATED), S_OK);
    cr_expect_eq(count_property(), 0);
}

Test(associated, their_table_opens_as_a_property) /* STO-105 */
{
    IMessage *message = make("Settings");
    IMAPITable *table;

    MAPIFreeBuffer(save(message));
    IMessage_Release(message);
    assert_hr(IMAPIFolder_OpenProperty(inbox, PR_FOLDER_ASSOCIATED_CONTENTS, &IID_IMAPITable,
                                       MAPI_UNICODE, 0, (IUnknown **)&table),
              S_OK);
    cr_expect_eq(rows_of(table), 1);
    IMAPITable_Release(table);
}
