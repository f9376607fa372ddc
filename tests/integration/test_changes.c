/* What changes in an open folder: by mail, by other programs, by ourselves. */
#include "tests/integration/mail_rig.h"

#include <string.h>

static IMAPIFolder *inbox;
static IMAPITable *contents;
static struct test_sink *sink, *store_sink;

static void open_inbox(void)
{
    ULONG_PTR connection;

    mail_prepare(false);
    mail_open(0);
    inbox = mail_folder("Inbox");
    mail_deliver("one");
    mail_deliver("two");
    contents = mail_contents(inbox);
    mail_await_row(contents, "two", true);
    sink = test_sink_create();
    assert_hr(
        IMAPITable_Advise(contents, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    store_sink = test_sink_create();
    assert_hr(
        IMsgStore_Advise(mail.store, 0, NULL,
                         fnevNewMail | fnevObjectMoved | fnevObjectDeleted | fnevObjectModified,
                         &store_sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
}

static void close_inbox(void)
{
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
    mail_close();
    test_sink_release(sink);
    test_sink_release(store_sink);
}

TestSuite(changes, .init = open_inbox, .fini = close_inbox);

static LONG flags_of(const char *subject)
{
    SRowSet *rows = mail_rows(contents);
    int at = mail_find_row(rows, subject);
    LONG flags = at < 0 ? -1 : rows->aRow[at].lpProps[ROW_FLAGS].Value.l;

    FreeProws(rows);
    return flags;
}

/* A list of one: the id of the row of that subject; MAPIFreeBuffer. */
static ENTRYLIST *entry_list(IMAPITable *table, const char *subject)
{
    SRowSet *rows = mail_rows(table);
    int at = mail_find_row(rows, subject);
    ENTRYLIST *list;
    const SBinary *id;

    cr_assert(at >= 0, "no \"%s\"", subject);
    id = &rows->aRow[at].lpProps[ROW_ENTRYID].Value.bin;
    assert_hr(MAPIAllocateBuffer(sizeof(*list), (void **)&list), S_OK);
    assert_hr(MAPIAllocateMore(sizeof(SBinary), list, (void **)&list->lpbin), S_OK);
    assert_hr(MAPIAllocateMore(id->cb, list, (void **)&list->lpbin->lpb), S_OK);
    list->cValues = 1;
    list->lpbin->cb = id->cb;
    memcpy(list->lpbin->lpb, id->lpb, id->cb);
    FreeProws(rows);
    return list;
}

static void await_table(ULONG event)
{
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &event);
}

Test(changes, delivered_mail_is_a_row_and_new_mail)
{
    const NOTIFICATION *heard;
    IMessage *message = NULL;
    SPropValue *subject;
    ULONG type;

    mail_deliver("three");
    await_table(TABLE_ROW_ADDED);
    heard = mail_await_event(store_sink, fnevNewMail, NULL, NULL);
    mail_await_row(contents, "three", true);
    assert_hr(IMsgStore_OpenEntry(mail.store, heard->info.newmail.cbEntryID,
                                  heard->info.newmail.lpEntryID, NULL, 0, &type,
                                  (IUnknown **)&message),
              S_OK);
    cr_expect_eq(type, MAPI_MESSAGE);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_SUBJECT_W, &subject), S_OK);
    cr_expect_str_eq(mail_text(subject), "three");
    MAPIFreeBuffer(subject);
    IMessage_Release(message);
}

Test(changes, flags_that_others_set_modify_the_row)
{
    cr_expect_eq(flags_of("one") & MSGFLAG_READ, 0);
    test_servers_doveadm(mail.servers, "flags add -u alice '\\Seen' mailbox INBOX subject one");
    await_table(TABLE_ROW_MODIFIED);
    cr_expect_eq(flags_of("one") & MSGFLAG_READ, MSGFLAG_READ);
    cr_expect_eq(flags_of("two") & MSGFLAG_READ, 0);
}

Test(changes, what_others_expunge_loses_its_row)
{
    test_servers_doveadm(mail.servers, "expunge -u alice mailbox INBOX subject one");
    await_table(TABLE_ROW_DELETED);
    mail_await_row(contents, "one", false);
    cr_expect(flags_of("two") >= 0);
    mail_await_event(store_sink, fnevObjectDeleted, NULL, NULL);
}

Test(changes, read_flags_are_set_and_cleared)
{
    ENTRYLIST *list = entry_list(contents, "one");

    assert_hr(IMAPIFolder_SetReadFlags(inbox, list, 0, NULL, 0), S_OK);
    cr_expect_eq(flags_of("one") & MSGFLAG_READ, MSGFLAG_READ); /* at once */
    await_table(TABLE_ROW_MODIFIED);
    assert_hr(IMAPIFolder_SetReadFlags(inbox, list, 0, NULL, CLEAR_READ_FLAG), S_OK);
    cr_expect_eq(flags_of("one") & MSGFLAG_READ, 0);
    assert_hr(IMAPIFolder_SetReadFlags(inbox, NULL, 0, NULL, 0), S_OK);
    cr_expect_eq(flags_of("one") & MSGFLAG_READ, MSGFLAG_READ);
    cr_expect_eq(flags_of("two") & MSGFLAG_READ, MSGFLAG_READ);
    MAPIFreeBuffer(list);
}

Test(changes, messages_are_deleted)
{
    ENTRYLIST *list = entry_list(contents, "one");
    IMAPIFolder *other;

    assert_hr(IMAPIFolder_DeleteMessages(inbox, list, 0, NULL, 0), S_OK);
    cr_expect_eq(flags_of("one"), -1);
    await_table(TABLE_ROW_DELETED);
    expect_hr(IMAPIFolder_DeleteMessages(inbox, list, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    expect_hr(IMsgStore_OpenEntry(mail.store, list->lpbin->cb, (ENTRYID *)list->lpbin->lpb, NULL, 0,
                                  &(ULONG){0}, (IUnknown **)&other),
              MAPI_E_NOT_FOUND);
    MAPIFreeBuffer(list);
}

static void copy(bool move)
{
    IMAPIFolder *root = mail_folder(""), *target = NULL;
    ENTRYLIST *list = entry_list(contents, "one");
    IMAPITable *there;

    assert_hr(
        IMAPIFolder_CreateFolder(root, FOLDER_GENERIC, (LPTSTR) "Target", NULL, NULL, 0, &target),
        S_OK);
    there = mail_contents(target);
    assert_hr(IMAPIFolder_CopyMessages(inbox, list, NULL, target, 0, NULL, move ? MESSAGE_MOVE : 0),
              S_OK);
    mail_await_row(there, "one", true);
    mail_await_row(contents, "one", !move);
    if (move) {
        const NOTIFICATION *heard = mail_await_event(store_sink, fnevObjectMoved, NULL, NULL);
        const OBJECT_NOTIFICATION *object = &heard->info.obj;
        ENTRYLIST *new_list = entry_list(there, "one");

        cr_expect(object->cbOldID == list->lpbin->cb &&
                  memcmp(object->lpOldID, list->lpbin->lpb, object->cbOldID) == 0);
        cr_expect(object->cbEntryID == new_list->lpbin->cb &&
                  memcmp(object->lpEntryID, new_list->lpbin->lpb, object->cbEntryID) == 0);
        MAPIFreeBuffer(new_list);
    }
    IMAPITable_Release(there);
    MAPIFreeBuffer(list);
    IMAPIFolder_Release(target);
    IMAPIFolder_Release(root);
}

Test(changes, messages_are_moved)
{
    copy(true);
}

Test(changes, messages_are_copied)
{
    copy(false);
}

Test(changes, the_folder_counts_follow)
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_CONTENT_COUNT, PR_CONTENT_UNREAD}};
    SPropValue *values;
    ULONG count;

    mail_deliver("three");
    mail_await_row(contents, "three", true);
    assert_hr(IMAPIFolder_GetProps(inbox, (SPropTagArray *)&tags, 0, &count, &values), S_OK);
    cr_expect_eq(values[0].Value.l, 3);
    cr_expect_eq(values[1].Value.l, 3);
    MAPIFreeBuffer(values);
}
