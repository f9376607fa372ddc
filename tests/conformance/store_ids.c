/* docs/requirements/store.md, "Entry identifiers and keys" */
#include "tests/conformance/store_rig.h"

#include <stdlib.h>

TestSuite(store_ids, .init = store_begin, .fini = mail_close);

static const ULONG entry_tags[] = {PR_ENTRYID, PR_PARENT_ENTRYID, PR_STORE_ENTRYID};

static bool no_flags(const SBinary *id)
{
    return id->cb > 20 && memcmp(id->lpb, "\0\0\0\0", 4) == 0;
}

/* All ids that an object and the tables of a folder show. */
static void expect_flags_clear(void *object)
{
    for (size_t i = 0; i < 3; i++) {
        SPropValue *id;

        if (FAILED(state_of(object, entry_tags[i])))
            continue;
        id = value_of(object, entry_tags[i]);
        cr_expect(no_flags(&id->Value.bin), "0x%08X", (unsigned)entry_tags[i]);
        MAPIFreeBuffer(id);
    }
}

Test(store_ids, ids_of_properties_are_for_long) /* STO-291 STO-292 */
{
    IMAPIFolder *folder = new_folder(NULL, "Ids"), *again;
    SPropValue *id = saved_message(folder, "id"), *folder_id = value_of(folder, PR_ENTRYID);
    IMessage *message = open_message(id, 0);

    expect_flags_clear(mail.store);
    expect_flags_clear(folder);
    expect_flags_clear(message);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
    store_restart(); /* another session opens what they name */
    message = open_message(id, 0);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "id");
    IMessage_Release(message);
    assert_hr(open_entry(folder_id, 0, &again), S_OK);
    cr_expect_str_eq(text_of(again, PR_DISPLAY_NAME_W), "Ids");
    IMAPIFolder_Release(again);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
}

/* No id of this store is short-term: those of its tables are for long as well. */
Test(store_ids, what_has_no_short_term_flag_outlives_the_session) /* STO-293 */
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPIFolder *folder = new_folder(NULL, "Rows");
    IMAPITable *table;
    IMessage *message;
    SRowSet *rows;

    MAPIFreeBuffer(saved_message(folder, "row"));
    table = contents_of(folder);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    cr_expect(no_flags(&rows->aRow[0].lpProps[0].Value.bin));
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
    store_restart();
    message = open_message(&rows->aRow[0].lpProps[0], 0);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "row");
    IMessage_Release(message);
    FreeProws(rows);
}

Test(store_ids, the_providers_uid_follows_the_flags) /* STO-294 */
{
    IMAPIFolder *folder = new_folder(NULL, "Uids");
    SPropValue *id = saved_message(folder, "uid"), *folder_id = value_of(folder, PR_ENTRYID);
    IUnknown *object = NULL;
    ULONG type;

    cr_expect_eq(memcmp(id->Value.bin.lpb + 4, folder_id->Value.bin.lpb + 4, sizeof(MAPIUID)), 0);
    /* The session finds the provider by it. */
    assert_hr(IMAPISession_OpenEntry(mail.session, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                     NULL, 0, &type, &object),
              S_OK);
    cr_expect_eq(type, MAPI_MESSAGE);
    IUnknown_Release(object);
    id->Value.bin.lpb[4] ^= 0xFF;
    expect_hr(IMAPISession_OpenEntry(mail.session, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                     NULL, 0, &type, &object),
              MAPI_E_UNKNOWN_ENTRYID);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* Moved away and back, rewritten, deleted and made again: no id comes twice, and the one that a
 * rewrite can keep stays. */
Test(store_ids, an_id_names_one_message_for_ever) /* STO-296 STO-297 */
{
    IMAPIFolder *folder = new_folder(NULL, "Never again"), *other = new_folder(NULL, "Other");
    SPropValue *ids[6];
    SBinary entry;
    IMessage *message;

    cr_expect(number_of(mail.store, PR_STORE_SUPPORT_MASK) & STORE_ENTRYID_UNIQUE);
    ids[0] = saved_message(folder, "first");
    message = open_message(ids[0], MAPI_MODIFY);
    assert_hr(set_text(message, PR_BODY_W, "rewritten on the server"), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    message = open_message(ids[0], 0); /* kept */
    cr_expect_str_eq(text_of(message, PR_BODY_W), "rewritten on the server");
    IMessage_Release(message);
    assert_hr(IMAPIFolder_CopyMessages(folder, entry_list(&entry, ids[0]), NULL, other, 0, NULL,
                                       MESSAGE_MOVE),
              S_OK);
    ids[1] = find_message(other, "first");
    assert_hr(IMAPIFolder_CopyMessages(other, entry_list(&entry, ids[1]), NULL, folder, 0, NULL,
                                       MESSAGE_MOVE),
              S_OK);
    ids[2] = find_message(folder, "first");
    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, ids[2]), 0, NULL, 0), S_OK);
    ids[3] = saved_message(folder, "first");
    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, ids[3]), 0, NULL, 0), S_OK);
    ids[4] = saved_message(folder, "first");
    ids[5] = saved_message(other, "first");
    for (int i = 0; i < 6; i++)
        for (int j = i + 1; j < 6; j++)
            cr_expect(!same_bytes(&ids[i]->Value.bin, &ids[j]->Value.bin), "%d %d", i, j);
    for (int i = 0; i < 6; i++)
        MAPIFreeBuffer(ids[i]);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

/* Folders keep theirs over moves. */
Test(store_ids, a_moved_folder_keeps_its_id) /* STO-140 STO-296 */
{
    IMAPIFolder *root = mail_folder(""), *folder = new_folder(NULL, "Moves"),
                *to = new_folder(NULL, "To"), *after;
    SPropValue *id = value_of(folder, PR_ENTRYID);

    assert_hr(IMAPIFolder_CopyFolder(root, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL, to,
                                     NULL, 0, NULL, FOLDER_MOVE),
              S_OK);
    after = mail_folder("To/Moves");
    cr_expect(same_property(folder, after, PR_ENTRYID));
    IMAPIFolder_Release(after);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

struct moved {
    const SPropValue *old;
    SPropValue now;
};

static bool is_move_of(const NOTIFICATION *notification, const void *context)
{
    struct moved *moved = (struct moved *)context;
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary old = {.cb = object->cbOldID, .lpb = (BYTE *)object->lpOldID};

    moved->now.Value.bin = (SBinary){.cb = object->cbEntryID, .lpb = (BYTE *)object->lpEntryID};
    return same_bytes(&old, &moved->old->Value.bin);
}

Test(store_ids, a_move_tells_the_new_id) /* STO-298 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    SPropValue *id = saved_message(from, "moves"), *after;
    struct test_sink *sink = test_sink_create();
    struct moved moved = {.old = id};
    ULONG_PTR connection;
    SBinary entry;

    assert_hr(IMsgStore_Advise(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                               fnevObjectMoved, &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    assert_hr(
        IMAPIFolder_CopyMessages(from, entry_list(&entry, id), NULL, to, 0, NULL, MESSAGE_MOVE),
        S_OK);
    mail_await_event(sink, fnevObjectMoved, is_move_of, &moved);
    after = find_message(to, "moves");
    cr_assert(after);
    cr_expect(same_bytes(&after->Value.bin, &moved.now.Value.bin));
    IMsgStore_Unadvise(mail.store, connection);
    test_sink_release(sink);
    MAPIFreeBuffer(after);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

/* The undefined behaviour sanitizer watches. */
Test(store_ids, ids_are_read_at_any_alignment) /* STO-299 */
{
    IMAPIFolder *folder = new_folder(NULL, "Aligned");
    SPropValue *id = saved_message(folder, "aligned"), shifted = *id;
    BYTE *room = malloc(id->Value.bin.cb + 8);

    for (unsigned at = 0; at < 8; at++) {
        IMessage *message;
        ULONG equal = 0;

        memcpy(room + at, id->Value.bin.lpb, id->Value.bin.cb);
        shifted.Value.bin.lpb = room + at;
        message = open_message(&shifted, 0);
        cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "aligned");
        IMessage_Release(message);
        assert_hr(IMsgStore_CompareEntryIDs(mail.store, id->Value.bin.cb,
                                            (ENTRYID *)id->Value.bin.lpb, id->Value.bin.cb,
                                            (ENTRYID *)shifted.Value.bin.lpb, 0, &equal),
                  S_OK);
        cr_expect(equal);
    }
    free(room);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_ids, a_copy_has_its_own_record_key_and_the_same_search_key) /* STO-300, PRP-021 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    SPropValue *id = saved_message(from, "copied"), *other_id = saved_message(from, "other"),
               *copy_id;
    IMessage *message = open_message(id, 0), *other = open_message(other_id, 0), *copy;
    SBinary entry;

    assert_hr(IMAPIFolder_CopyMessages(from, entry_list(&entry, id), NULL, to, 0, NULL, 0), S_OK);
    copy_id = find_message(to, "copied");
    copy = open_message(copy_id, 0);
    cr_expect(!same_property(message, copy, PR_RECORD_KEY));
    cr_expect(!same_property(message, other, PR_RECORD_KEY));
    cr_expect(!same_property(from, to, PR_RECORD_KEY));
    cr_expect(!same_property(from, message, PR_RECORD_KEY));
    cr_expect(same_property(message, copy, PR_SEARCH_KEY));
    cr_expect(!same_property(message, other, PR_SEARCH_KEY));
    IMessage_Release(copy);
    IMessage_Release(other);
    IMessage_Release(message);
    MAPIFreeBuffer(copy_id);
    MAPIFreeBuffer(other_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

/* Two mailboxes of one server. */
Test(store_ids, no_two_stores_have_one_record_key) /* STO-301 */
{
    SPropValue *key = value_of(mail.store, PR_RECORD_KEY), *other;

    mail_close();
    store_begin();
    other = value_of(mail.store, PR_RECORD_KEY);
    cr_expect_eq(key->Value.bin.cb, sizeof(MAPIUID));
    cr_expect(!same_bytes(&key->Value.bin, &other->Value.bin));
    MAPIFreeBuffer(other);
    MAPIFreeBuffer(key);
}

static SPropValue *instance_of(IMAPITable *table, const char *subject)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_SUBJECT_W, PR_INSTANCE_KEY}};
    SRowSet *rows = rows_of(table, &columns);
    SPropValue *key = NULL;

    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[0]), subject) == 0)
            assert_hr(ScDupPropset(1, &rows->aRow[i].lpProps[1], MAPIAllocateBuffer, &key), S_OK);
    FreeProws(rows);
    cr_assert(key, "%s", subject);
    return key;
}

Test(store_ids, an_instance_key_stays_and_is_not_used_again) /* STO-302 */
{
    IMAPIFolder *folder = new_folder(NULL, "Instances");
    SPropValue *stays_id = saved_message(folder, "stays"), *goes_id = saved_message(folder, "goes");
    IMAPITable *table = mail_contents(folder);
    SPropValue *stays = instance_of(table, "stays"), *gone = instance_of(table, "goes"), *now,
               *fresh;
    SBinary entry;

    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, goes_id), 0, NULL, 0), S_OK);
    MAPIFreeBuffer(saved_message(folder, "comes"));
    mail_await_row(table, "comes", true);
    now = instance_of(table, "stays");
    fresh = instance_of(table, "comes");
    cr_expect(same_bytes(&now->Value.bin, &stays->Value.bin));
    cr_expect(!same_bytes(&fresh->Value.bin, &gone->Value.bin));
    cr_expect(!same_bytes(&fresh->Value.bin, &stays->Value.bin));
    MAPIFreeBuffer(fresh);
    MAPIFreeBuffer(now);
    MAPIFreeBuffer(gone);
    MAPIFreeBuffer(stays);
    IMAPITable_Release(table);
    MAPIFreeBuffer(goes_id);
    MAPIFreeBuffer(stays_id);
    IMAPIFolder_Release(folder);
}
