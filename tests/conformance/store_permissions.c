/* Who may do what with a folder, on a Dovecot with access control lists (RFC 4314) */
#include "tests/conformance/store_rig.h"

#include <stdio.h>
#include <unistd.h>

#include "mapi/edkguid.h"
#include "mapi/edkmdb.h"
#include "mapi/mapiextra.h"
#include "mapi/oneoff.h"

static void begin(void)
{
    mail_prepare_servers("--acl");
    mail_open(0);
}

TestSuite(store_permissions, .init = begin, .fini = mail_close);

#define OWNER (rightsAll | frightsContact)

/* --- Our own rights --------------------------------------------------------------------------- */

/* A folder with a message, in which we may from now on do what `rights` (doveadm's words) say. */
static IMAPIFolder *limited_folder(const char *name, const char *rights, SPropValue **ret_message)
{
    IMAPIFolder *folder = new_folder(NULL, name), *again = NULL;
    SPropValue *id = value_of(folder, PR_ENTRYID);
    char words[128];

    *ret_message = saved_message(folder, "there");
    IMAPIFolder_Release(folder);
    snprintf(words, sizeof(words), "acl set -u alice %s owner %s", name, rights);
    test_servers_doveadm(mail.servers, words);
    store_restart(); /* what was known of it is forgotten */
    assert_hr(open_entry(id, MAPI_MODIFY, &again), S_OK);
    MAPIFreeBuffer(id);
    return again;
}

Test(store_permissions, a_folder_of_ones_own_gives_all_rights)
{
    IMAPIFolder *folder = new_folder(NULL, "Own");

    cr_expect_eq(number_of(folder, PR_RIGHTS), (LONG)OWNER);
    cr_expect_eq(number_of(folder, PR_ACCESS), 0x3F);
    IMAPIFolder_Release(folder);
}

/* We refuse it, not the server: in our words. */
static void expect_refused(IMAPIFolder *folder, HRESULT hr)
{
    MAPIERROR *error = NULL;

    expect_hr(hr, MAPI_E_NO_ACCESS);
    assert_hr(IMAPIFolder_GetLastError(folder, hr, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr((char *)error->lpszError, "does not give you the right"), "%s",
                       (char *)error->lpszError);
    MAPIFreeBuffer(error);
}

Test(store_permissions, a_folder_to_read_refuses_what_changes_it) /* STO-340 */
{
    SPropValue *id;
    IMAPIFolder *folder = limited_folder("Reading", "lookup read", &id), *root = mail_folder(""),
                *other = new_folder(NULL, "Other"), *made = NULL;
    SPropValue *theirs, *folder_id = value_of(folder, PR_ENTRYID);
    IMessage *message = NULL;
    SBinary entry;

    cr_expect_eq(number_of(folder, PR_RIGHTS), (LONG)(frightsVisible | frightsReadAny));
    cr_expect_eq(number_of(folder, PR_ACCESS), MAPI_ACCESS_READ | MAPI_ACCESS_CREATE_ASSOCIATED);
    expect_refused(folder, IMAPIFolder_CreateMessage(folder, NULL, 0, &message));
    expect_refused(folder, IMAPIFolder_DeleteMessages(folder, entry_list(&entry, id), 0, NULL, 0));
    expect_refused(
        folder, IMAPIFolder_SetReadFlags(folder, entry_list(&entry, id), 0, NULL, CLEAR_READ_FLAG));
    expect_refused(folder, IMAPIFolder_CopyMessages(folder, entry_list(&entry, id), NULL, other, 0,
                                                    NULL, MESSAGE_MOVE));
    expect_hr(IMAPIFolder_CopyMessages(folder, entry_list(&entry, id), NULL, other, 0, NULL, 0),
              S_OK);
    theirs = find_message(other, "there");
    expect_refused(other, IMAPIFolder_CopyMessages(other, entry_list(&entry, theirs), NULL, folder,
                                                   0, NULL, 0));
    expect_refused(folder,
                   IMAPIFolder_CreateFolder(folder, FOLDER_GENERIC, (LPTSTR)mail_wide("Below"),
                                            NULL, NULL, MAPI_UNICODE, &made));
    expect_refused(folder, set_text(folder, PR_DISPLAY_NAME_W, "Renamed"));
    expect_refused(root, IMAPIFolder_DeleteFolder(root, folder_id->Value.bin.cb,
                                                  (ENTRYID *)folder_id->Value.bin.lpb, 0, NULL,
                                                  DEL_MESSAGES));

    /* The same message in two folders. */
    expect_hr(open_entry(id, MAPI_MODIFY, &message), MAPI_E_NO_ACCESS);
    message = open_message(id, MAPI_BEST_ACCESS);
    cr_expect_eq(number_of(message, PR_ACCESS), MAPI_ACCESS_READ);
    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), 0);
    IMessage_Release(message);
    message = open_message(theirs, MAPI_MODIFY);
    cr_expect_eq(number_of(message, PR_ACCESS),
                 MAPI_ACCESS_READ | MAPI_ACCESS_MODIFY | MAPI_ACCESS_DELETE);
    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), MAPI_MODIFY);
    IMessage_Release(message);
    MAPIFreeBuffer(theirs);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(root);
    IMAPIFolder_Release(folder);
}

Test(store_permissions, tables_tell_the_rights_of_the_folder)
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_ACCESS, PR_DISPLAY_NAME_W}};
    SPropValue *id;
    IMAPIFolder *folder = limited_folder("Reading", "lookup read", &id), *root = mail_folder("");
    IMAPITable *contents = contents_of(folder), *folders;
    SRowSet *rows = rows_of(contents, &tags);

    cr_assert_eq(rows->cRows, 1);
    cr_expect_eq(rows->aRow[0].lpProps[0].Value.l, MAPI_ACCESS_READ);
    FreeProws(rows);
    assert_hr(IMAPIFolder_GetHierarchyTable(root, MAPI_UNICODE, &folders), S_OK);
    rows = rows_of(folders, &tags);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        bool ours = strcmp(mail_text(&row[1]), "Reading") == 0;

        cr_expect_eq((row[0].Value.l & MAPI_ACCESS_MODIFY) != 0, !ours, "%s", mail_text(&row[1]));
    }
    FreeProws(rows);
    IMAPITable_Release(folders);
    IMAPITable_Release(contents);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(root);
    IMAPIFolder_Release(folder);
}

/* What was known is old: a refusal is asked for again. */
Test(store_permissions, a_right_that_is_given_back_is_noticed)
{
    SPropValue *id;
    IMAPIFolder *folder = limited_folder("Reading", "lookup read", &id);
    IMessage *message = NULL;

    expect_hr(IMAPIFolder_CreateMessage(folder, NULL, 0, &message), MAPI_E_NO_ACCESS);
    test_servers_doveadm(mail.servers, "acl set -u alice Reading owner lookup read insert");
    for (int i = 0; i < 300 && !message; i++) {
        usleep(100000);
        IMAPIFolder_CreateMessage(folder, NULL, 0, &message);
    }
    cr_assert_not_null(message);
    assert_hr(set_text(message, PR_SUBJECT_W, "again"), S_OK);
    expect_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* --- Everybody's ------------------------------------------------------------------------------ */

enum { MEMBER_ID, MEMBER_NAME, MEMBER_RIGHTS, MEMBER_ENTRYID, MEMBER_COLUMNS };
static const SizedSPropTagArray(MEMBER_COLUMNS, member_tags) = {
    MEMBER_COLUMNS, {PR_MEMBER_ID, PR_MEMBER_NAME_W, PR_MEMBER_RIGHTS, PR_MEMBER_ENTRYID}};

static IExchangeModifyTable *permissions_of(IMAPIFolder *folder)
{
    IExchangeModifyTable *table = NULL;

    assert_hr(IMAPIFolder_OpenProperty(folder, PR_ACL_TABLE, &IID_IExchangeModifyTable, 0,
                                       MAPI_DEFERRED_ERRORS, (IUnknown **)&table),
              S_OK);
    return table;
}

static SRowSet *members_of(IExchangeModifyTable *permissions)
{
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IExchangeModifyTable_GetTable(permissions, MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &member_tags);
    IMAPITable_Release(table);
    return rows;
}

/* The rights of the member of that name; -1: there is none. */
static LONG rights_of(IExchangeModifyTable *permissions, const char *name, int64_t *ret_member)
{
    SRowSet *rows = members_of(permissions);
    LONG rights = -1;

    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;

        if (strcmp(mail_text(&row[MEMBER_NAME]), name) != 0)
            continue;
        rights = row[MEMBER_RIGHTS].Value.l;
        if (ret_member)
            *ret_member = row[MEMBER_ID].Value.li.QuadPart;
    }
    FreeProws(rows);
    return rights;
}

static HRESULT modify(IExchangeModifyTable *permissions, ULONG flags, ULONG how, SPropValue id,
                      LONG rights)
{
    SPropValue values[2] = {id, {.ulPropTag = PR_MEMBER_RIGHTS}};
    ROWLIST list = {1, {{how, how == ROW_REMOVE ? 1 : 2, values}}};

    values[1].Value.l = rights;
    return IExchangeModifyTable_ModifyTable(permissions, flags, &list);
}

static SPropValue member(int64_t number)
{
    SPropValue id = {.ulPropTag = PR_MEMBER_ID};

    id.Value.li.QuadPart = number;
    return id;
}

/* The entry id of a mail address, its bytes to free. */
static SPropValue user_id(const char *address)
{
    const struct oneoff oneoff = {.name = "Somebody", .type = "SMTP", .address = address};
    SPropValue id = {.ulPropTag = PR_MEMBER_ENTRYID};

    assert_hr(oneoff_create(NULL, &oneoff, &id.Value.bin.cb, (ENTRYID **)&id.Value.bin.lpb), S_OK);
    return id;
}

static HRESULT add(IExchangeModifyTable *permissions, const char *address, LONG rights)
{
    SPropValue id = user_id(address);
    HRESULT hr = modify(permissions, 0, ROW_ADD, id, rights);

    MAPIFreeBuffer(id.Value.bin.lpb);
    return hr;
}

Test(store_permissions, there_is_a_row_for_everybody_and_one_for_nobody)
{
    IMAPIFolder *folder = new_folder(NULL, "Shared");
    IExchangeModifyTable *permissions = permissions_of(folder);
    int64_t everybody = 7, nobody = 7;

    cr_expect(lists(folder, PR_ACL_TABLE));
    cr_expect_eq(rights_of(permissions, "", &everybody), 0);
    cr_expect_eq(rights_of(permissions, "Anonymous", &nobody), 0);
    cr_expect_eq(everybody, 0);
    cr_expect_eq(nobody, -1);
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(folder);
}

Test(store_permissions, members_are_added_changed_and_removed)
{
    IMAPIFolder *folder = new_folder(NULL, "Shared");
    IExchangeModifyTable *permissions = permissions_of(folder), *again;
    int64_t bob = 0;

    assert_hr(add(permissions, "bob@example.test", frightsVisible | frightsReadAny), S_OK);
    cr_expect_eq(rights_of(permissions, "bob", &bob), (LONG)(frightsVisible | frightsReadAny));
    cr_expect(bob != 0 && bob != -1);
    assert_hr(modify(permissions, 0, ROW_MODIFY, member(bob), (LONG)OWNER), S_OK);
    again = permissions_of(folder);
    cr_expect_eq(rights_of(again, "bob", NULL), (LONG)OWNER);
    assert_hr(modify(permissions, 0, ROW_MODIFY, member(0), (LONG)frightsVisible), S_OK);
    cr_expect_eq(rights_of(permissions, "", NULL), (LONG)frightsVisible);
    assert_hr(modify(permissions, 0, ROW_REMOVE, member(bob), 0), S_OK);
    cr_expect_eq(rights_of(permissions, "bob", NULL), -1);
    expect_hr(modify(permissions, 0, ROW_MODIFY, member(bob), 0), MAPI_E_NOT_FOUND);
    IExchangeModifyTable_Release(again);
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(folder);
}

/* IMAP does not know whose a message is: a right on one's own messages would be one on all. */
Test(store_permissions, what_would_give_more_than_was_asked_for_is_not_given)
{
    IMAPIFolder *folder = new_folder(NULL, "Shared");
    IExchangeModifyTable *permissions = permissions_of(folder);

    expect_hr(add(permissions, "bob@example.test",
                  frightsVisible | frightsReadAny | frightsCreate | frightsEditOwned |
                      frightsDeleteOwned),
              MAPI_W_PARTIAL_COMPLETION);
    cr_expect_eq(rights_of(permissions, "bob", NULL),
                 (LONG)(frightsVisible | frightsReadAny | frightsCreate));
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(folder);
}

Test(store_permissions, a_list_replaces_all_members_but_ourselves)
{
    IMAPIFolder *folder = new_folder(NULL, "Shared");
    IExchangeModifyTable *permissions = permissions_of(folder);
    SPropValue id = user_id("carol@example.test");
    LONG ours = frightsVisible | frightsReadAny | frightsCreate | frightsOwner | frightsContact;

    test_servers_doveadm(mail.servers,
                         "acl set -u alice Shared user=alice lookup read insert admin");
    assert_hr(add(permissions, "bob@example.test", frightsReadAny), S_OK);
    assert_hr(modify(permissions, 0, ROW_MODIFY, member(0), (LONG)frightsVisible), S_OK);
    assert_hr(modify(permissions, ROWLIST_REPLACE, ROW_ADD, id, frightsReadAny), S_OK);
    MAPIFreeBuffer(id.Value.bin.lpb);
    cr_expect_eq(rights_of(permissions, "bob", NULL), -1);
    cr_expect_eq(rights_of(permissions, "", NULL), 0);
    cr_expect_eq(rights_of(permissions, "carol", NULL), (LONG)frightsReadAny);
    cr_expect_eq(number_of(folder, PR_RIGHTS), ours);
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(folder);
}

Test(store_permissions, an_entry_id_of_a_member_names_the_member_again)
{
    IMAPIFolder *folder = new_folder(NULL, "Shared"), *other = new_folder(NULL, "Other");
    IExchangeModifyTable *permissions = permissions_of(folder), *others = permissions_of(other);
    SRowSet *rows;

    assert_hr(add(permissions, "bob@example.test", frightsReadAny), S_OK);
    rows = members_of(permissions);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[MEMBER_NAME]), "bob") == 0)
            assert_hr(
                modify(others, 0, ROW_ADD, rows->aRow[i].lpProps[MEMBER_ENTRYID], frightsReadAny),
                S_OK);
    FreeProws(rows);
    cr_expect_eq(rights_of(others, "bob", NULL), (LONG)frightsReadAny);
    IExchangeModifyTable_Release(others);
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

Test(store_permissions, an_open_table_hears_of_members_that_change)
{
    IMAPIFolder *folder = new_folder(NULL, "Shared");
    IExchangeModifyTable *permissions = permissions_of(folder);
    struct test_sink *sink = test_sink_create();
    ULONG added = TABLE_ROW_ADDED;
    ULONG_PTR connection;
    IMAPITable *table;

    assert_hr(IExchangeModifyTable_GetTable(permissions, 0, &table), S_OK);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    assert_hr(add(permissions, "bob@example.test", frightsReadAny), S_OK);
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &added);
    IMAPITable_Unadvise(table, connection);
    test_sink_release(sink);
    IMAPITable_Release(table);
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(folder);
}

Test(store_permissions, a_folder_without_a_mailbox_has_no_members)
{
    IMAPIFolder *folder = mail_folder("");
    IExchangeModifyTable *permissions = permissions_of(folder);
    IMAPITable *table = NULL;

    expect_hr(IExchangeModifyTable_GetTable(permissions, 0, &table), MAPI_E_NO_SUPPORT);
    cr_expect_null(table);
    expect_hr(modify(permissions, 0, ROW_MODIFY, member(0), 0), MAPI_E_NO_SUPPORT);
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(folder);
}

/* What is known stays known: no property waits for a server that is not there. */
Test(store_permissions, without_the_server_rights_are_as_last_heard)
{
    SPropValue *id;
    IMAPIFolder *folder = limited_folder("Reading", "lookup read", &id),
                *other = mail_folder("Sent");

    cr_expect_eq(number_of(folder, PR_ACCESS), MAPI_ACCESS_READ | MAPI_ACCESS_CREATE_ASSOCIATED);
    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    mail_await_status(STORE_ROW, STATUS_OFFLINE, STATUS_OFFLINE);
    cr_expect_eq(number_of(folder, PR_ACCESS), MAPI_ACCESS_READ | MAPI_ACCESS_CREATE_ASSOCIATED);
    cr_expect(number_of(other, PR_ACCESS) & MAPI_ACCESS_MODIFY);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}
