/* docs/requirements/store.md, "Notifications" */
#include "tests/conformance/store_rig.h"

TestSuite(store_notifications, .init = store_begin, .fini = mail_close);

#define OBJECT_EVENTS                                                                              \
    (fnevObjectCreated | fnevObjectDeleted | fnevObjectModified | fnevObjectMoved |                \
     fnevObjectCopied)

/* A sink on the store (id NULL) or an object. */
struct listening {
    struct test_sink *sink;
    ULONG_PTR connection;
};

static struct listening listen_to(const SPropValue *id, ULONG events)
{
    struct listening listening = {.sink = test_sink_create()};

    assert_hr(IMsgStore_Advise(mail.store, id ? id->Value.bin.cb : 0,
                               id ? (ENTRYID *)id->Value.bin.lpb : NULL, events,
                               &listening.sink->IMAPIAdviseSink_iface, &listening.connection),
              S_OK);
    return listening;
}

static void stop_listening(struct listening *listening)
{
    IMsgStore_Unadvise(mail.store, listening->connection);
    test_sink_release(listening->sink);
}

static bool is_about(const NOTIFICATION *notification, const void *context)
{
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary id = {.cb = object->cbEntryID, .lpb = (BYTE *)object->lpEntryID};

    return same_bytes(&id, &((const SPropValue *)context)->Value.bin);
}

static bool was_about(const NOTIFICATION *notification, const void *context)
{
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary id = {.cb = object->cbOldID, .lpb = (BYTE *)object->lpOldID};

    return same_bytes(&id, &((const SPropValue *)context)->Value.bin);
}

static const OBJECT_NOTIFICATION *await_about(struct listening *listening, ULONG event,
                                              const SPropValue *id)
{
    return &mail_await_event(listening->sink, event, is_about, id)->info.obj;
}

/* Has it heard such an event? All that comes before `until` has come. */
static bool heard_about(struct listening *listening, ULONG event, const SPropValue *id)
{
    const NOTIFICATION *notification;
    bool heard = false;

    for (size_t at = 0; (notification = test_sink_at(listening->sink, at)); at++)
        heard = heard || (notification->ulEventType == event && is_about(notification, id));
    return heard;
}

static HRESULT copy_message(IMAPIFolder *from, const SPropValue *id, IMAPIFolder *to, ULONG flags)
{
    SBinary entry;

    return IMAPIFolder_CopyMessages(from, entry_list(&entry, id), NULL, to, 0, NULL, flags);
}

Test(store_notifications, what_is_made_is_told_to_the_store) /* STO-303 */
{
    struct listening store = listen_to(NULL, fnevObjectCreated);
    IMAPIFolder *folder = new_folder(NULL, "Created");
    SPropValue *folder_id = value_of(folder, PR_ENTRYID), *id;

    cr_expect_eq(await_about(&store, fnevObjectCreated, folder_id)->ulObjType, MAPI_FOLDER);
    id = saved_message(folder, "created");
    cr_expect_eq(await_about(&store, fnevObjectCreated, id)->ulObjType, MAPI_MESSAGE);
    stop_listening(&store);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(folder_id);
    IMAPIFolder_Release(folder);
}

Test(store_notifications, a_deletion_is_told_to_the_store_and_on_the_object) /* STO-304 */
{
    IMAPIFolder *root = mail_folder(""), *folder = new_folder(NULL, "Deleted");
    SPropValue *folder_id = value_of(folder, PR_ENTRYID), *id = saved_message(folder, "deleted");
    struct listening store = listen_to(NULL, fnevObjectDeleted),
                     on_message = listen_to(id, fnevObjectDeleted),
                     on_folder = listen_to(folder_id, fnevObjectDeleted);
    SBinary entry;

    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, id), 0, NULL, 0), S_OK);
    await_about(&store, fnevObjectDeleted, id);
    await_about(&on_message, fnevObjectDeleted, id);
    assert_hr(IMAPIFolder_DeleteFolder(root, folder_id->Value.bin.cb,
                                       (ENTRYID *)folder_id->Value.bin.lpb, 0, NULL, 0),
              S_OK);
    await_about(&store, fnevObjectDeleted, folder_id);
    await_about(&on_folder, fnevObjectDeleted, folder_id);
    stop_listening(&store);
    stop_listening(&on_message);
    stop_listening(&on_folder);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(folder_id);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(store_notifications, a_move_is_told_to_the_store_and_on_the_object) /* STO-305 */
{
    IMAPIFolder *root = mail_folder(""), *from = new_folder(NULL, "From"),
                *to = new_folder(NULL, "To");
    SPropValue *id = saved_message(from, "moved"), *folder_id = value_of(from, PR_ENTRYID);
    struct listening store = listen_to(NULL, fnevObjectMoved),
                     on_message = listen_to(id, fnevObjectMoved),
                     on_folder = listen_to(folder_id, fnevObjectMoved);

    assert_hr(copy_message(from, id, to, MESSAGE_MOVE), S_OK);
    mail_await_event(store.sink, fnevObjectMoved, was_about, id);
    mail_await_event(on_message.sink, fnevObjectMoved, was_about, id);
    assert_hr(IMAPIFolder_CopyFolder(root, folder_id->Value.bin.cb,
                                     (ENTRYID *)folder_id->Value.bin.lpb, NULL, to, NULL, 0, NULL,
                                     FOLDER_MOVE),
              S_OK);
    await_about(&store, fnevObjectMoved, folder_id);
    await_about(&on_folder, fnevObjectMoved, folder_id);
    stop_listening(&store);
    stop_listening(&on_message);
    stop_listening(&on_folder);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
    IMAPIFolder_Release(root);
}

static void await_row(IMAPIFolder *folder, const char *subject)
{
    IMAPITable *table = mail_contents(folder);

    mail_await_row(table, subject, true);
    IMAPITable_Release(table);
}

static void expect_copied_only(bool watched)
{
    IMAPIFolder *from = new_folder(NULL, watched ? "From watched" : "From"),
                *to = new_folder(NULL, watched ? "To watched" : "To");
    IMAPITable *table = watched ? contents_of(to) : NULL;
    SPropValue *id = saved_message(from, "copied"), *copy, *marker;
    struct listening store = listen_to(NULL, fnevObjectCopied | fnevObjectCreated | fnevNewMail);

    assert_hr(copy_message(from, id, to, 0), S_OK);
    mail_await_event(store.sink, fnevObjectCopied, was_about, id);
    await_row(to, "copied");
    copy = find_message(to, "copied");
    marker = saved_message(to, "marker");
    await_about(&store, fnevObjectCreated, marker);
    cr_expect(!heard_about(&store, fnevObjectCreated, copy));
    cr_expect(!heard_about(&store, fnevNewMail, copy));
    stop_listening(&store);
    MAPIFreeBuffer(marker);
    MAPIFreeBuffer(copy);
    MAPIFreeBuffer(id);
    if (table)
        IMAPITable_Release(table);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

Test(store_notifications, a_copy_is_told_as_a_copy_alone) /* STO-306 */
{
    expect_copied_only(false);
    expect_copied_only(true);
}

Test(store_notifications, counts_are_told_on_their_folder) /* STO-307 */
{
    IMAPIFolder *above = new_folder(NULL, "Above"), *folder = new_folder(above, "Counted");
    SPropValue *above_id = value_of(above, PR_ENTRYID), *folder_id = value_of(folder, PR_ENTRYID);
    struct listening store = listen_to(NULL, fnevObjectModified),
                     on_folder = listen_to(folder_id, fnevObjectModified),
                     on_parent = listen_to(above_id, fnevObjectModified);
    IMAPITable *watched = contents_of(folder);

    MAPIFreeBuffer(saved_message(folder, "counted"));
    await_about(&store, fnevObjectModified, folder_id);
    await_about(&on_folder, fnevObjectModified, folder_id);
    cr_expect_eq(number_of(folder, PR_CONTENT_COUNT), 1);
    assert_hr(set_text(above, PR_COMMENT_W, "last"), S_OK);
    await_about(&on_parent, fnevObjectModified, above_id);
    cr_expect(!heard_about(&on_parent, fnevObjectModified, folder_id));
    stop_listening(&store);
    stop_listening(&on_folder);
    stop_listening(&on_parent);
    IMAPITable_Release(watched);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(above_id);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(above);
}

Test(store_notifications, a_second_save_is_told_to_the_store_and_on_the_message) /* STO-308 */
{
    IMAPIFolder *folder = new_folder(NULL, "Saved");
    SPropValue *id = saved_message(folder, "saved");
    IMessage *message = open_message(id, MAPI_MODIFY);

    for (int kind = 0; kind < 2; kind++) { /* what MIME holds, and what it does not */
        struct listening store = listen_to(NULL, fnevObjectModified),
                         on_message = listen_to(id, fnevObjectModified);

        assert_hr(set_text(message, kind ? PR_COMMENT_W : PR_SUBJECT_W, "again"), S_OK);
        assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
        await_about(&store, fnevObjectModified, id);
        await_about(&on_message, fnevObjectModified, id);
        stop_listening(&store);
        stop_listening(&on_message);
    }
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* The Inbox need not be open anywhere. */
Test(store_notifications, new_mail_is_told_to_the_store) /* STO-310 STO-324 */
{
    struct listening store = listen_to(NULL, fnevNewMail);

    mail_deliver("new");
    mail_await_event(store.sink, fnevNewMail, NULL, NULL);
    stop_listening(&store);
}

Test(store_notifications, new_mail_says_what_came_and_where) /* STO-311 STO-325 */
{
    struct listening store = listen_to(NULL, fnevNewMail);
    IMAPIFolder *inbox = mail_folder("Inbox");
    SPropValue *inbox_id = value_of(inbox, PR_ENTRYID), *id = delivered_message("tells");
    const NEWMAIL_NOTIFICATION *mail_of =
        &mail_await_event(store.sink, fnevNewMail, NULL, NULL)->info.newmail;
    SBinary entry = {.cb = mail_of->cbEntryID, .lpb = (BYTE *)mail_of->lpEntryID},
            parent = {.cb = mail_of->cbParentID, .lpb = (BYTE *)mail_of->lpParentID};
    SPropValue message_class = {.ulPropTag = PR_MESSAGE_CLASS_W};
    IMessage *message = open_message(id, 0);

    cr_expect(same_bytes(&entry, &id->Value.bin));
    cr_expect(same_bytes(&parent, &inbox_id->Value.bin));
    cr_assert_eq(mail_of->ulFlags, MAPI_UNICODE);
    message_class.Value.lpszW = (WCHAR *)mail_of->lpszMessageClass;
    cr_expect_str_eq(mail_text(&message_class), "IPM.Note");
    cr_expect_eq((LONG)mail_of->ulMessageFlags, number_of(message, PR_MESSAGE_FLAGS));
    IMessage_Release(message);
    stop_listening(&store);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(inbox_id);
    IMAPIFolder_Release(inbox);
}

/* One of each kind: old ids with moves and copies alone, and nothing in what is not used. */
Test(store_notifications, old_ids_are_of_moves_and_copies) /* STO-312 STO-313 STO-314 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    struct listening store = listen_to(NULL, OBJECT_EVENTS);
    SPropValue *id = saved_message(from, "all"), *other = saved_message(from, "other");
    const NOTIFICATION *notification;
    ULONG seen = 0;
    SBinary entry;

    assert_hr(copy_message(from, id, to, 0), S_OK);
    mail_await_event(store.sink, fnevObjectCopied, was_about, id);
    assert_hr(copy_message(from, id, to, MESSAGE_MOVE), S_OK);
    mail_await_event(store.sink, fnevObjectMoved, was_about, id);
    assert_hr(IMAPIFolder_SetReadFlags(from, entry_list(&entry, other), 0, NULL, CLEAR_READ_FLAG),
              S_OK);
    await_about(&store, fnevObjectModified, other);
    assert_hr(IMAPIFolder_DeleteMessages(from, entry_list(&entry, other), 0, NULL, 0), S_OK);
    await_about(&store, fnevObjectDeleted, other);

    for (size_t at = 0; (notification = test_sink_at(store.sink, at)); at++) {
        const OBJECT_NOTIFICATION *object = &notification->info.obj;
        bool has_old = notification->ulEventType & (fnevObjectMoved | fnevObjectCopied);

        seen |= notification->ulEventType;
        cr_expect_eq(object->cbOldID != 0, has_old && object->ulObjType == MAPI_MESSAGE);
        cr_expect_eq(object->cbOldParentID != 0, has_old);
        cr_expect_eq(object->lpOldID != NULL, object->cbOldID != 0);
        cr_expect_eq(object->lpOldParentID != NULL, object->cbOldParentID != 0);
        cr_expect_eq(notification->ulAlignPad, 0);
        cr_expect_null(object->lpPropTagArray); /* of which properties is not told */
    }
    cr_expect_eq(seen, OBJECT_EVENTS);
    stop_listening(&store);
    MAPIFreeBuffer(other);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}
