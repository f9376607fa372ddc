/* docs/requirements/store.md, "Folders: making, copying, deleting" */
#include "tests/conformance/store_rig.h"

#include <stdio.h>

#include "mapi/edkmdb.h"

TestSuite(store_folders_changes, .init = store_begin, .fini = mail_close);

static HRESULT create(IMAPIFolder *parent, ULONG type, const char *name, const char *comment,
                      ULONG flags, IMAPIFolder **ret_folder)
{
    *ret_folder = NULL;
    return IMAPIFolder_CreateFolder(parent, type, (LPTSTR)mail_wide(name),
                                    comment ? (LPTSTR)mail_wide(comment) : NULL, NULL,
                                    flags | MAPI_UNICODE, ret_folder);
}

/* CopyFolder of `folder`, a child of `parent`. */
static HRESULT copy_folder(IMAPIFolder *parent, IMAPIFolder *folder, IMAPIFolder *target,
                           const char *name, ULONG flags)
{
    SPropValue *id = value_of(folder, PR_ENTRYID);
    HRESULT hr = IMAPIFolder_CopyFolder(parent, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                        NULL, target, name ? (LPTSTR)mail_wide(name) : NULL, 0,
                                        NULL, flags | MAPI_UNICODE);

    MAPIFreeBuffer(id);
    return hr;
}

static HRESULT delete_folder(IMAPIFolder *parent, IMAPIFolder *folder, ULONG flags)
{
    SPropValue *id = value_of(folder, PR_ENTRYID);
    HRESULT hr = IMAPIFolder_DeleteFolder(parent, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0,
                                          NULL, flags);

    MAPIFreeBuffer(id);
    return hr;
}

static bool exists(const char *path)
{
    IMAPIFolder *folder = NULL;
    HRESULT hr = mail_find_folder(path, &folder);

    if (folder)
        IMAPIFolder_Release(folder);
    return hr == S_OK;
}

static bool has_message(IMAPIFolder *folder, const char *subject)
{
    SPropValue *id = find_message(folder, subject);

    MAPIFreeBuffer(id);
    return id != NULL;
}

static bool path_has(const char *path, const char *subject)
{
    IMAPIFolder *folder = mail_folder(path);
    bool has = has_message(folder, subject);

    IMAPIFolder_Release(folder);
    return has;
}

static void await_message(IMAPIFolder *folder, const char *subject)
{
    IMAPITable *table = mail_contents(folder);

    mail_await_row(table, subject, true);
    IMAPITable_Release(table);
}

/* --- CreateFolder ----------------------------------------------------------------------------- */

Test(store_folders_changes, create_folder_makes_a_generic_one) /* STO-125 */
{
    IMAPIFolder *root = mail_folder(""), *folder;

    assert_hr(create(root, FOLDER_GENERIC, "Made", "by a test", 0, &folder), S_OK);
    cr_expect_eq(number_of(folder, PR_FOLDER_TYPE), FOLDER_GENERIC);
    cr_expect_str_eq(text_of(folder, PR_DISPLAY_NAME_W), "Made");
    cr_expect_str_eq(text_of(folder, PR_COMMENT_W), "by a test");
    cr_expect(exists("Made"));
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, an_existing_name_collides_or_opens) /* STO-126 */
{
    IMAPIFolder *root = mail_folder(""), *folder, *again;

    assert_hr(create(root, FOLDER_GENERIC, "Once", NULL, 0, &folder), S_OK);
    expect_hr(create(root, FOLDER_GENERIC, "Once", NULL, 0, &again), MAPI_E_COLLISION);
    cr_expect_null(again);
    assert_hr(create(root, FOLDER_GENERIC, "Once", NULL, OPEN_IF_EXISTS, &again), S_OK);
    cr_expect(same_property(folder, again, PR_ENTRYID));
    IMAPIFolder_Release(again);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, without_a_comment_there_is_none) /* STO-127 */
{
    IMAPIFolder *root = mail_folder(""), *folder, *other;

    assert_hr(create(root, FOLDER_GENERIC, "Silent", NULL, 0, &folder), S_OK);
    assert_hr(create(root, FOLDER_GENERIC, "Speaking", "word", 0, &other), S_OK);
    cr_expect_str_eq(text_of(folder, PR_DISPLAY_NAME_W), "Silent");
    expect_hr(state_of(folder, PR_COMMENT_W), MAPI_E_NOT_FOUND);
    cr_expect_str_eq(text_of(other, PR_COMMENT_W), "word");
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

/* --- CopyFolder ------------------------------------------------------------------------------- */

/* Source, with a message, a comment and a subfolder "Below" with a message. */
static IMAPIFolder *make_source(void)
{
    IMAPIFolder *folder = new_folder(NULL, "Source"), *below = new_folder(folder, "Below");

    assert_hr(set_text(folder, PR_COMMENT_W, "comes along"), S_OK);
    MAPIFreeBuffer(saved_message(folder, "above"));
    MAPIFreeBuffer(saved_message(below, "below"));
    IMAPIFolder_Release(below);
    return folder;
}

Test(store_folders_changes, a_folder_is_copied_or_moved_with_all_below) /* STO-130 */
{
    IMAPIFolder *root = mail_folder(""), *source = make_source(),
                *target = new_folder(NULL, "Target"), *copy;

    assert_hr(copy_folder(root, source, target, "Copy", COPY_SUBFOLDERS), S_OK);
    cr_expect(exists("Source"));
    cr_expect(path_has("Target/Copy", "above"));
    cr_expect(path_has("Target/Copy/Below", "below"));
    copy = mail_folder("Target/Copy");
    cr_expect_str_eq(text_of(copy, PR_COMMENT_W), "comes along");
    cr_expect(!same_property(copy, source, PR_ENTRYID));
    IMAPIFolder_Release(copy);

    assert_hr(copy_folder(root, source, target, "Moved", FOLDER_MOVE), S_OK);
    cr_expect(!exists("Source"));
    cr_expect(path_has("Target/Moved", "above"));
    cr_expect(path_has("Target/Moved/Below", "below"));
    IMAPIFolder_Release(source);
    IMAPIFolder_Release(target);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, subfolders_are_copied_when_asked_for) /* STO-131 */
{
    IMAPIFolder *root = mail_folder(""), *source = make_source();

    assert_hr(copy_folder(root, source, root, "Alone", 0), S_OK);
    cr_expect(path_has("Alone", "above"));
    cr_expect(!exists("Alone/Below"));
    assert_hr(copy_folder(root, source, root, "Together", COPY_SUBFOLDERS), S_OK);
    cr_expect(path_has("Together", "above"));
    cr_expect(path_has("Together/Below", "below"));
    IMAPIFolder_Release(source);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, without_a_new_name_it_keeps_its_own) /* STO-132 */
{
    IMAPIFolder *root = mail_folder(""), *source = make_source(),
                *target = new_folder(NULL, "Target"), *other = new_folder(NULL, "Other");

    assert_hr(copy_folder(root, source, target, NULL, 0), S_OK);
    cr_expect(exists("Target/Source"));
    assert_hr(copy_folder(root, source, other, NULL, FOLDER_MOVE), S_OK);
    cr_expect(exists("Other/Source"));
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(target);
    IMAPIFolder_Release(source);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, no_folder_goes_below_itself) /* STO-133 */
{
    IMAPIFolder *root = mail_folder(""), *source = make_source(),
                *below = mail_folder("Source/Below");

    expect_hr(copy_folder(root, source, below, "Copy", COPY_SUBFOLDERS), MAPI_E_FOLDER_CYCLE);
    expect_hr(copy_folder(root, source, source, "Copy", COPY_SUBFOLDERS), MAPI_E_FOLDER_CYCLE);
    expect_hr(copy_folder(root, source, below, "Copy", FOLDER_MOVE), MAPI_E_FOLDER_CYCLE);
    cr_expect(!exists("Source/Below/Copy"));
    cr_expect(!exists("Source/Copy"));
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(source);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, a_name_that_is_taken_collides) /* STO-134 */
{
    IMAPIFolder *root = mail_folder(""), *source = make_source(),
                *target = new_folder(NULL, "Target"), *taken = new_folder(target, "Taken");

    expect_hr(copy_folder(root, source, target, "Taken", COPY_SUBFOLDERS), MAPI_E_COLLISION);
    expect_hr(copy_folder(root, source, target, "Taken", FOLDER_MOVE), MAPI_E_COLLISION);
    cr_expect(path_has("Source", "above"));
    cr_expect(!has_message(taken, "above"));
    IMAPIFolder_Release(taken);
    IMAPIFolder_Release(target);
    IMAPIFolder_Release(source);
    IMAPIFolder_Release(root);
}

/* A folder of nobody's: what CopyFolder is asked of then is the support object's work. */
Test(store_folders_changes, a_copy_to_elsewhere_is_declined_where_that_is_wished) /* STO-135 */
{
    IMAPIFolder *root = mail_folder(""), *source = make_source();
    SPropValue *id = find_message(source, "above");
    IPropData *elsewhere;
    SBinary entry;

    assert_hr(CreateIProp(&IID_IMAPIPropData, (ALLOCATEBUFFER *)MAPIAllocateBuffer,
                          (ALLOCATEMORE *)MAPIAllocateMore, MAPIFreeBuffer, NULL, &elsewhere),
              S_OK);
    expect_hr(copy_folder(root, source, (IMAPIFolder *)elsewhere, "Copy", MAPI_DECLINE_OK),
              MAPI_E_DECLINE_COPY);
    expect_hr(IMAPIFolder_CopyMessages(source, entry_list(&entry, id), NULL, elsewhere, 0, NULL,
                                       MAPI_DECLINE_OK),
              MAPI_E_DECLINE_COPY);
    IPropData_Release(elsewhere);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(source);
    IMAPIFolder_Release(root);
}

/* CopyTo takes messages and folders along, those below with all that they hold. */
Test(store_folders_changes, copying_a_folder_object_copies_what_is_in_it) /* STO-275 STO-357 */
{
    static const SizedSPropTagArray(1, hierarchy) = {1, {PR_CONTAINER_HIERARCHY}};
    IMAPIFolder *source = make_source(), *target = new_folder(NULL, "Target"),
                *other = new_folder(NULL, "Other"), *below = mail_folder("Source/Below"),
                *deeper = new_folder(below, "Deeper");

    MAPIFreeBuffer(saved_message(deeper, "deeper"));
    IMAPIFolder_Release(deeper);
    IMAPIFolder_Release(below);
    assert_hr(IMAPIFolder_CopyTo(source, 0, NULL, NULL, 0, NULL, &IID_IMAPIFolder, target, 0, NULL),
              S_OK);
    cr_expect(path_has("Target", "above"));
    cr_expect(path_has("Target/Below", "below"));
    cr_expect(path_has("Target/Below/Deeper", "deeper"));
    cr_expect_str_eq(text_of(target, PR_COMMENT_W), "comes along");
    assert_hr(IMAPIFolder_CopyProps(source, (SPropTagArray *)&hierarchy, 0, NULL, &IID_IMAPIFolder,
                                    other, 0, NULL),
              S_OK);
    cr_expect(!has_message(other, "above"));
    cr_expect(path_has("Other/Below", "below"));
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(target);
    IMAPIFolder_Release(source);
}

Test(store_folders_changes, a_folder_object_is_not_copied_into_what_it_contains) /* STO-355 */
{
    IMAPIFolder *source = make_source(), *below = mail_folder("Source/Below");

    expect_hr(IMAPIFolder_CopyTo(source, 0, NULL, NULL, 0, NULL, &IID_IMAPIFolder, below, 0, NULL),
              MAPI_E_FOLDER_CYCLE);
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(source);
}

/* --- CopyMessages ----------------------------------------------------------------------------- */

static HRESULT copy_message(IMAPIFolder *from, const SPropValue *id, IMAPIFolder *to, ULONG flags)
{
    SBinary entry;

    return IMAPIFolder_CopyMessages(from, entry_list(&entry, id), NULL, to, 0, NULL, flags);
}

Test(store_folders_changes, messages_are_copied_or_moved) /* STO-136 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    SPropValue *copied = saved_message(from, "copied"), *moved = saved_message(from, "moved");

    assert_hr(copy_message(from, copied, to, 0), S_OK);
    assert_hr(copy_message(from, moved, to, MESSAGE_MOVE), S_OK);
    await_message(to, "copied");
    await_message(to, "moved");
    cr_expect(has_message(from, "copied"));
    cr_expect(!has_message(from, "moved"));
    MAPIFreeBuffer(moved);
    MAPIFreeBuffer(copied);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

Test(store_folders_changes, copying_goes_on_past_what_is_gone) /* STO-137 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    SPropValue *gone = saved_message(from, "gone"), *there = saved_message(from, "there");
    SBinary entries[2] = {gone->Value.bin, there->Value.bin}, entry;
    ENTRYLIST list = {.cValues = 2, .lpbin = entries};

    assert_hr(IMAPIFolder_DeleteMessages(from, entry_list(&entry, gone), 0, NULL, 0), S_OK);
    expect_hr(IMAPIFolder_CopyMessages(from, &list, NULL, to, 0, NULL, 0),
              MAPI_W_PARTIAL_COMPLETION);
    await_message(to, "there");
    cr_expect(!has_message(to, "gone"));
    MAPIFreeBuffer(there);
    MAPIFreeBuffer(gone);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

struct moved {
    const SPropValue *old;
    SPropValue now; /* of the last one seen */
};

static bool is_move_of(const NOTIFICATION *notification, const void *context)
{
    struct moved *moved = (struct moved *)context;
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary old = {.cb = object->cbOldID, .lpb = (BYTE *)object->lpOldID};

    if (object->ulObjType != MAPI_MESSAGE || !same_bytes(&old, &moved->old->Value.bin))
        return false;
    moved->now.Value.bin = (SBinary){.cb = object->cbEntryID, .lpb = (BYTE *)object->lpEntryID};
    return true;
}

/* A server that renumbers makes keeping impossible: the new id comes with the notification. */
Test(store_folders_changes, a_move_tells_the_new_id_where_it_cannot_keep_the_old) /* STO-140 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    SPropValue *id = saved_message(from, "moves");
    struct test_sink *sink = test_sink_create();
    struct moved moved = {.old = id};
    ULONG_PTR connection;
    IMessage *message;

    assert_hr(IMsgStore_Advise(mail.store, 0, NULL, fnevObjectMoved, &sink->IMAPIAdviseSink_iface,
                               &connection),
              S_OK);
    assert_hr(copy_message(from, id, to, MESSAGE_MOVE), S_OK);
    mail_await_event(sink, fnevObjectMoved, is_move_of, &moved);
    message = open_message(&moved.now, 0);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "moves");
    cr_expect(same_property(message, message, PR_ENTRYID));
    IMessage_Release(message);
    IMsgStore_Unadvise(mail.store, connection);
    test_sink_release(sink);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

static bool is_in(const NOTIFICATION *notification, const void *context)
{
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary parent = {.cb = object->cbParentID, .lpb = (BYTE *)object->lpParentID};

    return object->ulObjType == MAPI_MESSAGE &&
           same_bytes(&parent, &((const SPropValue *)context)->Value.bin);
}

Test(store_folders_changes, copy_and_move_are_told) /* STO-141 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    SPropValue *copied = saved_message(from, "copied"), *moved = saved_message(from, "moved"),
               *target = value_of(to, PR_ENTRYID);
    struct test_sink *sink = test_sink_create();
    IMAPITable *watched = contents_of(to);
    ULONG_PTR connection;

    assert_hr(IMsgStore_Advise(mail.store, 0, NULL,
                               fnevObjectMoved | fnevObjectCopied | fnevObjectCreated,
                               &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    assert_hr(copy_message(from, copied, to, 0), S_OK);
    mail_await_event(sink, fnevObjectCopied, is_in, target);
    assert_hr(copy_message(from, moved, to, MESSAGE_MOVE), S_OK);
    mail_await_event(sink, fnevObjectMoved, is_in, target);
    IMsgStore_Unadvise(mail.store, connection);
    test_sink_release(sink);
    IMAPITable_Release(watched);
    MAPIFreeBuffer(target);
    MAPIFreeBuffer(moved);
    MAPIFreeBuffer(copied);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

/* --- CreateMessage ---------------------------------------------------------------------------- */

Test(store_folders_changes, a_new_message_is_in_no_table_before_its_save) /* STO-142 */
{
    IMAPIFolder *folder = new_folder(NULL, "New");
    IMAPITable *table = contents_of(folder);
    IMessage *message = new_message(folder, "new");

    cr_expect_eq(count_of(table), 0);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    IMAPITable_Release(table);
    await_message(folder, "new");
    IMAPIFolder_Release(folder);
}

Test(store_folders_changes, no_two_messages_have_one_id) /* STO-145 */
{
    IMAPIFolder *folder = new_folder(NULL, "Twins"), *other = new_folder(NULL, "Third");
    SPropValue *ids[3] = {saved_message(folder, "same"), saved_message(folder, "same"),
                          saved_message(other, "same")};
    ULONG equal;

    for (int i = 0; i < 3; i++)
        for (int j = i + 1; j < 3; j++) {
            assert_hr(IMsgStore_CompareEntryIDs(
                          mail.store, ids[i]->Value.bin.cb, (ENTRYID *)ids[i]->Value.bin.lpb,
                          ids[j]->Value.bin.cb, (ENTRYID *)ids[j]->Value.bin.lpb, 0, &equal),
                      S_OK);
            cr_expect(!equal);
            cr_expect(!same_bytes(&ids[i]->Value.bin, &ids[j]->Value.bin));
        }
    for (int i = 0; i < 3; i++)
        MAPIFreeBuffer(ids[i]);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

Test(store_folders_changes, a_hard_deletion_is_for_good) /* STO-147 */
{
    IMAPIFolder *folder = new_folder(NULL, "Hard");
    SPropValue *id = saved_message(folder, "gone");
    IMessage *message = NULL;
    SBinary entry;

    assert_hr(
        IMAPIFolder_DeleteMessages(folder, entry_list(&entry, id), 0, NULL, DELETE_HARD_DELETE),
        S_OK);
    IMAPIFolder_Release(folder);
    store_restart();
    expect_hr(open_entry(id, 0, &message), MAPI_E_NOT_FOUND);
    MAPIFreeBuffer(id);
}

Test(store_folders_changes, a_sort_order_is_not_saved) /* STO-155 */
{
    static const SizedSSortOrderSet(1, order) = {1, 0, 0, {{PR_SUBJECT_W, TABLE_SORT_ASCEND}}};
    IMAPIFolder *folder = new_folder(NULL, "Sorted");

    expect_hr(IMAPIFolder_SaveContentsSort(folder, (SSortOrderSet *)&order, 0), MAPI_E_NO_SUPPORT);
    IMAPIFolder_Release(folder);
}

/* --- Deleting --------------------------------------------------------------------------------- */

Test(store_folders_changes, what_cannot_be_deleted_is_left_and_told) /* STO-146 */
{
    IMAPIFolder *folder = new_folder(NULL, "Deleting"), *other = new_folder(NULL, "Other");
    SPropValue *there = saved_message(folder, "there"), *gone = saved_message(folder, "gone"),
               *moved = saved_message(folder, "moved"), *open = saved_message(folder, "open"),
               *later = saved_message(folder, "submitted");
    SBinary entries[5] = {gone->Value.bin, moved->Value.bin, open->Value.bin, later->Value.bin,
                          there->Value.bin};
    ENTRYLIST list = {.cValues = 5, .lpbin = entries};
    IMessage *writing, *submitting;
    SBinary entry;

    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, gone), 0, NULL, 0), S_OK);
    assert_hr(copy_message(folder, moved, other, MESSAGE_MOVE), S_OK);
    submitting = open_message(later, MAPI_MODIFY);
    submit_later(submitting);
    writing = open_message(open, MAPI_MODIFY);
    expect_hr(IMAPIFolder_DeleteMessages(folder, &list, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    cr_expect(!has_message(folder, "there"));
    cr_expect(has_message(folder, "open"));
    cr_expect(has_message(folder, "submitted"));
    cr_expect(has_message(other, "moved"));
    IMessage_Release(writing);
    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, open), 0, NULL, 0), S_OK);
    cr_expect(!has_message(folder, "open"));
    MAPIFreeBuffer(there);
    MAPIFreeBuffer(gone);
    MAPIFreeBuffer(moved);
    MAPIFreeBuffer(open);
    MAPIFreeBuffer(later);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

Test(store_folders_changes, a_folder_with_messages_is_not_deleted_unasked) /* STO-148 */
{
    IMAPIFolder *root = mail_folder(""), *folder = new_folder(NULL, "Full");

    MAPIFreeBuffer(saved_message(folder, "in the way"));
    expect_hr(delete_folder(root, folder, 0), MAPI_E_HAS_MESSAGES);
    expect_hr(delete_folder(root, folder, DEL_FOLDERS), MAPI_E_HAS_MESSAGES);
    cr_expect(exists("Full"));
    expect_hr(delete_folder(root, folder, DEL_MESSAGES), S_OK);
    cr_expect(!exists("Full"));
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

/* What another program has just put there counts too, although no table has seen it. */
Test(store_folders_changes, messages_that_only_the_server_knows_count) /* STO-148 */
{
    IMAPIFolder *root = mail_folder(""), *folder = new_folder(NULL, "Theirs");
    SPropValue *id = delivered_message("theirs");
    char words[128];

    snprintf(words, sizeof(words), "copy -u %s Theirs mailbox INBOX all", mail.user);
    test_servers_doveadm(mail.servers, words);
    expect_hr(delete_folder(root, folder, 0), MAPI_E_HAS_MESSAGES);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, a_folder_with_folders_is_not_deleted_unasked) /* STO-149 */
{
    IMAPIFolder *root = mail_folder(""), *folder = new_folder(NULL, "Parent"),
                *below = new_folder(folder, "Child");

    expect_hr(delete_folder(root, folder, 0), MAPI_E_HAS_FOLDERS);
    expect_hr(delete_folder(root, folder, DEL_MESSAGES), MAPI_E_HAS_FOLDERS);
    cr_expect(exists("Parent/Child"));
    expect_hr(delete_folder(root, folder, DEL_FOLDERS), S_OK);
    cr_expect(!exists("Parent"));
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, an_empty_folder_is_deleted_with_no_flag) /* STO-150 */
{
    IMAPIFolder *root = mail_folder(""), *folder = new_folder(NULL, "Empty");

    expect_hr(delete_folder(root, folder, 0), S_OK);
    cr_expect(!exists("Empty"));
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(store_folders_changes, emptying_keeps_the_folder_and_what_is_submitted) /* STO-151 STO-153 */
{
    IMAPIFolder *folder = new_folder(NULL, "Emptied"), *below = new_folder(folder, "Below");
    SPropValue *id = saved_message(folder, "leaves later");
    IMessage *submitting;

    MAPIFreeBuffer(saved_message(folder, "goes"));
    MAPIFreeBuffer(saved_message(below, "goes too"));
    submitting = open_message(id, MAPI_MODIFY);
    submit_later(submitting);
    expect_hr(IMAPIFolder_EmptyFolder(folder, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    cr_expect(exists("Emptied"));
    cr_expect(!exists("Emptied/Below"));
    cr_expect(!has_message(folder, "goes"));
    cr_expect(has_message(folder, "leaves later"));
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(folder);
}

Test(store_folders_changes, the_wastebasket_takes_what_is_moved_there) /* STO-154 */
{
    IMAPIFolder *folder = new_folder(NULL, "Two steps"), *basket;
    SPropValue *id = saved_message(folder, "thrown away"),
               *basket_id = value_of(mail.store, PR_IPM_WASTEBASKET_ENTRYID);

    assert_hr(open_entry(basket_id, MAPI_MODIFY, &basket), S_OK);
    assert_hr(copy_message(folder, id, basket, MESSAGE_MOVE), S_OK);
    await_message(basket, "thrown away");
    cr_expect(!has_message(folder, "thrown away"));
    MAPIFreeBuffer(basket_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(basket);
    IMAPIFolder_Release(folder);
}
