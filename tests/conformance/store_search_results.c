/* docs/requirements/store.md, "Search folders": what they show, and what is done to it */
#include "tests/conformance/store_search_rig.h"

#include <stdio.h>

#include "mapi/mapiaux.h"

TestSuite(store_search_results, .init = store_begin, .fini = mail_close);

static void make_slow_server(void)
{
    mail_prepare(false);
    mail_open(0);
}
TestSuite(store_search_slow, .init = make_slow_server, .fini = mail_close);

/* --- Rows ------------------------------------------------------------------------------------- */

Test(store_search_results, rows_are_links_that_name_the_real_folder) /* STO-162 STO-108 */
{
    static const SizedSPropTagArray(3, columns) = {
        3, {PR_ENTRYID, PR_PARENT_ENTRYID, PR_PARENT_DISPLAY_W}};
    IMAPIFolder *work = new_folder(NULL, "Work");
    SPropValue *work_id = value_of(work, PR_ENTRYID), *id = saved_message(work, "linked");
    struct search search = new_search("Links");
    IMAPITable *table;
    IMessage *message;
    SRowSet *rows;

    search_for(&search, has_words(PR_SUBJECT_W, "linked"), work, 0);
    table = contents_of(search.folder);
    expect_columns(table, &columns);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    cr_expect(same_bytes(&rows->aRow[0].lpProps[0].Value.bin, &id->Value.bin));
    cr_expect(same_bytes(&rows->aRow[0].lpProps[1].Value.bin, &work_id->Value.bin));
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[2]), "Work");
    assert_hr(IMAPIFolder_OpenEntry(search.folder, rows->aRow[0].lpProps[0].Value.bin.cb,
                                    (ENTRYID *)rows->aRow[0].lpProps[0].Value.bin.lpb, NULL, 0,
                                    &(ULONG){0}, (IUnknown **)&message),
              S_OK);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "linked");
    IMessage_Release(message);
    FreeProws(rows);
    IMAPITable_Release(table);
    close_search(&search);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(work_id);
    IMAPIFolder_Release(work);
}

Test(store_search_results, folders_below_are_searched_when_asked_for)
{
    IMAPIFolder *above = new_folder(NULL, "Above"), *below = new_folder(above, "Below"), *later;
    struct search search = new_search("Deep");

    MAPIFreeBuffer(saved_message(above, "word above"));
    MAPIFreeBuffer(saved_message(below, "word below"));
    search_for(&search, has_words(PR_SUBJECT_W, "word"), above, SHALLOW_SEARCH);
    cr_expect(shows(&search, "word above"));
    cr_expect_eq(shows_count(&search), 1);
    search_for(&search, NULL, NULL, RECURSIVE_SEARCH);
    cr_expect_eq(shows_count(&search), 2);
    later = new_folder(below, "Later"); /* folders that come later are in the scope as well */
    MAPIFreeBuffer(saved_message(later, "word later"));
    await_shown(&search, "word later", true);
    IMAPIFolder_Release(later);
    close_search(&search);
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(above);
}

static SRestriction *recipient_type_is(LONG type)
{
    static SPropValue value = {.ulPropTag = PR_RECIPIENT_TYPE};
    static SRestriction restriction = {.rt = RES_PROPERTY};

    value.Value.l = type;
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = PR_RECIPIENT_TYPE;
    restriction.res.resProperty.lpProp = &value;
    return &restriction;
}

static void deliver_to(const char *to, const char *cc, const char *subject)
{
    char message[512];

    snprintf(message, sizeof(message),
             "From: Bob <bob@example.test>\r\nTo: %s\r\nCc: %s\r\nSubject: %s\r\n"
             "Date: Tue, 1 Oct 2024 10:00:00 +0000\r\n\r\nhello\r\n",
             to, cc, subject);
    mail_deliver_raw(message);
}

Test(store_search_results, recipients_and_attachments_are_searched) /* STO-167 */
{
    IMAPIFolder *inbox = mail_folder("Inbox"), *work = new_folder(NULL, "Work");
    IMAPITable *contents = mail_contents(inbox);
    struct search search = new_search("Within");
    IMessage *message;

    deliver_to("\"Carla Long\" <carla@example.test>", "dora@example.test", "to carla");
    deliver_to("dora@example.test", "carla@example.test", "to dora");
    deliver_to("erwin@example.test", "fred@example.test", "to erwin");
    mail_await_row(contents, "to erwin", true);
    search_for(&search,
               within(PR_MESSAGE_RECIPIENTS, has_words(PR_EMAIL_ADDRESS_W, "carla@example")), inbox,
               0);
    cr_expect(shows(&search, "to carla"));
    cr_expect(shows(&search, "to dora"));
    cr_expect_eq(shows_count(&search), 2);
    search_for(&search, /* of one recipient, not of two */
               within(PR_MESSAGE_RECIPIENTS,
                      both(recipient_type_is(MAPI_CC), has_words(PR_EMAIL_ADDRESS_W, "carla"))),
               inbox, 0);
    cr_expect(shows(&search, "to dora"));
    cr_expect_eq(shows_count(&search), 1);
    search_for(&search, within(PR_MESSAGE_RECIPIENTS, has_words(PR_DISPLAY_NAME_W, "LONG")), inbox,
               0);
    cr_expect(shows(&search, "to carla"));
    cr_expect_eq(shows_count(&search), 1);

    message = new_message(work, "with plans");
    attach_file(message, "plan.txt", "words", 5);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    message = new_message(work, "with notes");
    attach_file(message, "notes.txt", "words", 5);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    MAPIFreeBuffer(saved_message(work, "with nothing"));
    search_for(&search,
               within(PR_MESSAGE_ATTACHMENTS, has_words(PR_ATTACH_LONG_FILENAME_W, "Plan")), work,
               0);
    cr_expect(shows(&search, "with plans"));
    cr_expect_eq(shows_count(&search), 1);
    close_search(&search);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(work);
    IMAPIFolder_Release(inbox);
}

static void save_with_body(IMAPIFolder *folder, const char *subject, const char *body)
{
    IMessage *message = new_message(folder, subject);

    assert_hr(set_text(message, PR_BODY_W, body), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
}

Test(store_search_results, words_in_the_body_are_found_in_any_case)
{
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Bodies");

    save_with_body(work, "one", "The Quick brown fox");
    save_with_body(work, "two", "The slow one");
    save_with_body(work, "three", "quickly");
    search_for(&search, has_words(PR_BODY_W, "qUICK"), work, 0);
    cr_expect_eq(shows_count(&search), 2);
    cr_expect(!shows(&search, "two"));
    search_for(&search, both(has_words(PR_SUBJECT_W, "one"), has_words(PR_BODY_W, "quick")), work,
               0);
    cr_expect(shows(&search, "one"));
    cr_expect_eq(shows_count(&search), 1);
    save_with_body(work, "one more", "as quick as that");
    await_shown(&search, "one more", true);
    close_search(&search);
    IMAPIFolder_Release(work);
}

Test(store_search_results, what_programs_set_on_messages_is_searched)
{
    static WCHAR name_text[] = u"Project";
    GUID set = {0x20329, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
    MAPINAMEID name = {.lpguid = &set, .ulKind = MNID_STRING, .Kind.lpwstrName = name_text};
    MAPINAMEID *names = &name;
    IMAPIFolder *work = new_folder(NULL, "Work");
    SPropValue *id = saved_message(work, "of a project");
    struct search search = new_search("Named");
    SPropTagArray *tags;
    IMessage *message;
    ULONG tag;

    MAPIFreeBuffer(saved_message(work, "of none"));
    assert_hr(IMAPIFolder_GetIDsFromNames(work, 1, &names, MAPI_CREATE, &tags), S_OK);
    tag = CHANGE_PROP_TYPE(tags->aulPropTag[0], PT_UNICODE);
    MAPIFreeBuffer(tags);
    search_for(&search, has_words(tag, "moon"), work, 0);
    cr_expect_eq(shows_count(&search), 0);
    message = open_message(id, MAPI_MODIFY);
    assert_hr(set_text(message, tag, "To the Moon"), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    await_shown(&search, "of a project", true);
    cr_expect_eq(shows_count(&search), 1);
    IMessage_Release(message);
    close_search(&search);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(work);
}

/* --- What is done to them --------------------------------------------------------------------- */

Test(store_search_results,
     messages_are_opened_copied_moved_and_deleted_and_none_put_in) /* STO-168 */
{
    IMAPIFolder *one = new_folder(NULL, "One"), *two = new_folder(NULL, "Two"),
                *to = new_folder(NULL, "To"), *top = mail_folder("");
    SPropValue *first = saved_message(one, "word one"), *second = saved_message(two, "word two");
    SBinary entries[2] = {first->Value.bin, second->Value.bin}, entry;
    ENTRYLIST list = {.cValues = 2, .lpbin = entries};
    struct search search = new_search("Found");
    IMAPITable *copied;
    IMessage *message;

    search_for(&search, has_words(PR_SUBJECT_W, "word"), top, RECURSIVE_SEARCH);
    cr_expect_eq(shows_count(&search), 2);
    assert_hr(IMAPIFolder_SetReadFlags(search.folder, &list, 0, NULL, CLEAR_READ_FLAG), S_OK);
    message = open_message(first, MAPI_MODIFY);
    cr_expect_eq(number_of(message, PR_MESSAGE_FLAGS) & MSGFLAG_READ, 0);
    IMessage_Release(message);
    assert_hr(IMAPIFolder_CopyMessages(search.folder, &list, NULL, to, 0, NULL, 0), S_OK);
    copied = mail_contents(to);
    mail_await_row(copied, "word one", true);
    mail_await_row(copied, "word two", true);
    IMAPITable_Release(copied);
    cr_expect_eq(number_of(one, PR_CONTENT_COUNT), 1);
    assert_hr(IMAPIFolder_CopyMessages(search.folder, entry_list(&entry, second), NULL, to, 0, NULL,
                                       MESSAGE_MOVE),
              S_OK);
    cr_expect_null(find_message(two, "word two"));
    assert_hr(IMAPIFolder_DeleteMessages(search.folder, entry_list(&entry, first), 0, NULL, 0),
              S_OK);
    cr_expect_null(find_message(one, "word one"));

    expect_hr(IMAPIFolder_CreateMessage(search.folder, NULL, 0, &message), MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIFolder_CreateMessage(search.folder, NULL, MAPI_ASSOCIATED, &message),
              MAPI_E_NO_SUPPORT);
    MAPIFreeBuffer(first);
    first = find_message(to, "word one");
    expect_hr(
        IMAPIFolder_CopyMessages(to, entry_list(&entry, first), NULL, search.folder, 0, NULL, 0),
        MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIFolder_CopyMessages(to, entry_list(&entry, first), NULL, search.folder, 0, NULL,
                                       MESSAGE_MOVE),
              MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIFolder_EmptyFolder(search.folder, 0, NULL, 0), MAPI_E_NO_SUPPORT);
    MAPIFreeBuffer(first);
    MAPIFreeBuffer(second);
    close_search(&search);
    IMAPIFolder_Release(top);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(two);
    IMAPIFolder_Release(one);
}

Test(store_search_results, deletion_is_of_the_real_message_but_not_with_the_folder) /* STO-170 */
{
    IMAPIFolder *work = new_folder(NULL, "Work"), *finder = special_folder(PR_FINDER_ENTRYID);
    SPropValue *id = saved_message(work, "word gone"), *left;
    struct search search = new_search("Gone");
    IUnknown *object;
    SBinary entry;

    MAPIFreeBuffer(saved_message(work, "word left"));
    search_for(&search, has_words(PR_SUBJECT_W, "word"), work, 0);
    assert_hr(IMAPIFolder_DeleteMessages(search.folder, entry_list(&entry, id), 0, NULL, 0), S_OK);
    await_shown(&search, "word gone", false);
    cr_expect_null(find_message(work, "word gone"));
    expect_hr(open_entry(id, 0, &object), MAPI_E_NOT_FOUND);
    /* No flag is needed: none of its messages would go. */
    assert_hr(IMAPIFolder_DeleteFolder(finder, search.id->Value.bin.cb,
                                       (ENTRYID *)search.id->Value.bin.lpb, 0, NULL, DEL_MESSAGES),
              S_OK);
    expect_hr(open_entry(search.id, 0, &object), MAPI_E_NOT_FOUND);
    left = find_message(work, "word left");
    cr_expect_not_null(left);
    MAPIFreeBuffer(left);
    MAPIFreeBuffer(id);
    close_search(&search);
    IMAPIFolder_Release(finder);
    IMAPIFolder_Release(work);
}

/* --- Following -------------------------------------------------------------------------------- */

static bool was_told(struct test_sink *sink, ULONG event)
{
    const NOTIFICATION *notification;

    for (size_t at = 0; (notification = test_sink_at(sink, at)); at++)
        if (notification->info.tab.ulTableEvent == event)
            return true;
    return false;
}

static void await_table_event(struct test_sink *sink, ULONG event)
{
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &event);
    cr_assert(was_told(sink, event));
    test_sink_forget(sink);
}

Test(store_search_results, the_table_tells_what_comes_changes_and_goes)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    struct search search = new_search("Live");
    IMAPITable *table, *contents = mail_contents(inbox);
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection;
    SPropValue *id;
    SBinary entry;

    search_for(&search, is_unread(), inbox, 0);
    table = mail_contents(search.folder);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    cr_expect_eq(count_of(table), 0);
    mail_deliver("news");
    await_table_event(sink, TABLE_ROW_ADDED);
    mail_await_row(table, "news", true);
    mail_await_row(contents, "news", true);
    cr_expect_eq(number_of(search.folder, PR_CONTENT_COUNT), 1);
    cr_expect_eq(number_of(search.folder, PR_CONTENT_UNREAD), 1);
    id = find_message(inbox, "news");
    assert_hr(IMAPIFolder_SetMessageStatus(search.folder, id->Value.bin.cb,
                                           (ENTRYID *)id->Value.bin.lpb, 0x10000, 0x10000, NULL),
              S_OK);
    await_table_event(sink, TABLE_ROW_MODIFIED);
    assert_hr(IMAPIFolder_SetReadFlags(inbox, entry_list(&entry, id), 0, NULL, SUPPRESS_RECEIPT),
              S_OK);
    await_table_event(sink, TABLE_ROW_DELETED); /* it matches no more */
    mail_await_row(table, "news", false);
    assert_hr(IMAPIFolder_SetReadFlags(inbox, entry_list(&entry, id), 0, NULL, CLEAR_READ_FLAG),
              S_OK);
    await_table_event(sink, TABLE_ROW_ADDED);
    assert_hr(IMAPIFolder_DeleteMessages(inbox, entry_list(&entry, id), 0, NULL, 0), S_OK);
    await_table_event(sink, TABLE_ROW_DELETED);
    mail_await_row(table, "news", false);
    IMAPITable_Unadvise(table, connection);
    test_sink_release(sink);
    MAPIFreeBuffer(id);
    IMAPITable_Release(table);
    IMAPITable_Release(contents);
    close_search(&search);
    IMAPIFolder_Release(inbox);
}

Test(store_search_results, a_stopped_search_follows_no_more_until_it_begins_anew)
{
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Stopped");

    MAPIFreeBuffer(saved_message(work, "word one"));
    search_for(&search, has_words(PR_SUBJECT_W, "word"), work, 0);
    assert_hr(set_criteria(&search, NULL, NULL, STOP_SEARCH), S_OK);
    cr_expect_eq(search_state(&search), 0);
    cr_expect(shows(&search, "word one")); /* what was found by then */
    MAPIFreeBuffer(saved_message(work, "word two"));
    cr_expect(!shows(&search, "word two"));
    search_for(&search, NULL, NULL, RESTART_SEARCH);
    cr_expect_eq(search_state(&search), SEARCH_RUNNING);
    cr_expect(shows(&search, "word two"));
    cr_expect_eq(shows_count(&search), 2);
    close_search(&search);
    IMAPIFolder_Release(work);
}

/* What came while nobody looked is there when the search says that it has looked. */
Test(store_search_results, a_search_that_begins_anew_asks_the_server_first)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    struct search search = new_search("Anew");

    for (int i = 0; i < 5; i++) {
        char subject[16];

        snprintf(subject, sizeof(subject), "word %d", i);
        mail_deliver(subject);
        search_for(&search, has_words(PR_SUBJECT_W, "word"), inbox, RESTART_SEARCH);
        cr_expect_eq(shows_count(&search), (ULONG)i + 1);
        assert_hr(set_criteria(&search, NULL, NULL, STOP_SEARCH), S_OK);
    }
    close_search(&search);
    IMAPIFolder_Release(inbox);
}

static bool is_complete_of(const NOTIFICATION *notification, const void *context)
{
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary id = {.cb = object->cbEntryID, .lpb = (BYTE *)object->lpEntryID};

    return object->ulObjType == MAPI_FOLDER &&
           same_bytes(&id, &((const SPropValue *)context)->Value.bin);
}

static size_t heard_count(struct test_sink *sink)
{
    size_t count = 0;

    while (test_sink_at(sink, count))
        count++;
    return count;
}

Test(store_search_results, the_end_of_the_search_is_told_to_store_and_folder) /* STO-309 */
{
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Told");
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection;

    assert_hr(IMsgStore_Advise(mail.store, 0, NULL, fnevSearchComplete,
                               &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    assert_hr(set_criteria(&search, is_unread(), work, 0), S_OK);
    mail_await_event(sink, fnevSearchComplete, is_complete_of, search.id);
    mail_await_event(search.sink, fnevSearchComplete, is_complete_of, search.id);
    cr_expect_eq(heard_count(search.sink), 1);
    IMsgStore_Unadvise(mail.store, connection);
    test_sink_release(sink);
    close_search(&search);
    IMAPIFolder_Release(work);
}

/* While the server is silent nothing can be looked through. */
Test(store_search_slow, the_first_pass_ends_when_all_has_been_looked_at) /* STO-173 STO-174 */
{
    IMAPIFolder *one = new_folder(NULL, "One"), *two = new_folder(one, "Two");
    struct search search = new_search("Slow");
    ULONG first;

    MAPIFreeBuffer(saved_message(one, "word one"));
    MAPIFreeBuffer(saved_message(two, "word two"));
    test_server_freeze(mail.servers, TEST_SERVER_IMAP);
    assert_hr(set_criteria(&search, has_words(PR_SUBJECT_W, "word"), one,
                           RECURSIVE_SEARCH | FOREGROUND_SEARCH),
              S_OK);
    first = search_state(&search);
    cr_expect_eq(first, SEARCH_RUNNING | SEARCH_REBUILD | SEARCH_RECURSIVE | SEARCH_FOREGROUND);
    cr_expect_eq(shows_count(&search), 0);
    cr_expect_eq(heard_count(search.sink), 0);
    test_server_thaw(mail.servers, TEST_SERVER_IMAP);
    await_complete(&search);
    cr_expect_eq(search_state(&search), SEARCH_RUNNING | SEARCH_RECURSIVE | SEARCH_FOREGROUND);
    cr_expect_eq(shows_count(&search), 2);
    MAPIFreeBuffer(saved_message(two, "word three"));
    await_shown(&search, "word three", true); /* and what comes later is followed (STO-173) */
    cr_expect_eq(heard_count(search.sink), 1);
    close_search(&search);
    IMAPIFolder_Release(two);
    IMAPIFolder_Release(one);
}

Test(store_search_slow, a_search_goes_on_when_the_server_is_back)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    struct search search = new_search("Lost");

    search_for(&search, has_words(PR_SUBJECT_W, "after"), inbox, 0);
    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    test_server_start(mail.servers, TEST_SERVER_IMAP);
    mail_deliver("after all");
    await_shown(&search, "after all", true);
    close_search(&search);
    IMAPIFolder_Release(inbox);
}

Test(store_search_slow, a_first_pass_that_the_server_did_not_answer_goes_on_when_it_is_back)
{
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Patient");

    MAPIFreeBuffer(saved_message(work, "word"));
    test_server_kill(mail.servers, TEST_SERVER_IMAP);
    mail_await_status(STORE_ROW, STATUS_OFFLINE, STATUS_OFFLINE);
    assert_hr(set_criteria(&search, has_words(PR_SUBJECT_W, "word"), work, 0), S_OK);
    cr_expect_eq(shows_count(&search), 0); /* its fiber has had its turn, and failed */
    cr_expect_eq(search_state(&search), SEARCH_RUNNING | SEARCH_REBUILD);
    test_server_start(mail.servers, TEST_SERVER_IMAP);
    await_complete(&search);
    cr_expect_eq(shows_count(&search), 1);
    cr_expect_eq(heard_count(search.sink), 1);
    close_search(&search);
    IMAPIFolder_Release(work);
}
