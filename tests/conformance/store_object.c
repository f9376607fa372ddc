/* docs/requirements/store.md, "IMsgStore" and "Special folders and the store tree" */
#include "tests/conformance/store_rig.h"

#include "mapi/edkmdb.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"

TestSuite(store_object, .init = store_begin, .fini = mail_close);

/* --- The object ------------------------------------------------------------------------------- */

Test(store_object, it_has_its_properties) /* STO-035 STO-036 STO-038 STO-039 */
{
    static const ULONG computed[] = {
        PR_ENTRYID,
        PR_OBJECT_TYPE,
        PR_RECORD_KEY,
        PR_STORE_ENTRYID,
        PR_STORE_RECORD_KEY,
        PR_MDB_PROVIDER,
        PR_STORE_SUPPORT_MASK,
        PR_IPM_OUTBOX_ENTRYID,
        PR_IPM_SENTMAIL_ENTRYID,
        PR_IPM_SUBTREE_ENTRYID,
        PR_IPM_WASTEBASKET_ENTRYID,
    };
    SPropValue *entry = value_of(mail.store, PR_ENTRYID);
    SPropValue *store_entry = value_of(mail.store, PR_STORE_ENTRYID);
    SPropValue *key = value_of(mail.store, PR_RECORD_KEY);
    SPropValue *store_key = value_of(mail.store, PR_STORE_RECORD_KEY);

    for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++) {
        SPropValue *value = value_of(mail.store, computed[i]);

        expect_hr(set_value(mail.store, *value), MAPI_E_COMPUTED);
        MAPIFreeBuffer(value);
    }
    cr_expect_eq(number_of(mail.store, PR_OBJECT_TYPE), MAPI_STORE);
    cr_expect(same_bytes(&entry->Value.bin, &store_entry->Value.bin));
    cr_expect(same_bytes(&key->Value.bin, &store_key->Value.bin));
    assert_hr(set_text(mail.store, PR_DISPLAY_NAME_W, "Renamed"), S_OK);
    cr_expect_str_eq(text_of(mail.store, PR_DISPLAY_NAME_W), "Renamed");
    MAPIFreeBuffer(entry);
    MAPIFreeBuffer(store_entry);
    MAPIFreeBuffer(key);
    MAPIFreeBuffer(store_key);
}

Test(store_object, no_id_opens_the_root_folder) /* STO-042 */
{
    IMAPIFolder *root;
    ULONG type = 0;

    assert_hr(IMsgStore_OpenEntry(mail.store, 0, NULL, NULL, 0, &type, (IUnknown **)&root), S_OK);
    cr_expect_eq(type, MAPI_FOLDER);
    cr_expect_eq(number_of(root, PR_FOLDER_TYPE), FOLDER_ROOT);
    IMAPIFolder_Release(root);
}

Test(store_object, entries_open_read_only_unless_asked) /* STO-043 */
{
    IMAPIFolder *folder = new_folder(NULL, "Opened"), *again;
    SPropValue *id = value_of(folder, PR_ENTRYID), *message_id = saved_message(folder, "Opened");
    IMessage *message;

    assert_hr(open_entry(id, 0, &again), S_OK);
    expect_hr(set_text(again, PR_COMMENT_W, "x"), MAPI_E_NO_ACCESS);
    IMAPIFolder_Release(again);
    assert_hr(open_entry(id, MAPI_MODIFY, &again), S_OK);
    expect_hr(set_text(again, PR_COMMENT_W, "x"), S_OK);
    IMAPIFolder_Release(again);
    message = open_message(message_id, 0);
    expect_hr(set_text(message, PR_SUBJECT_W, "x"), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    message = open_message(message_id, MAPI_BEST_ACCESS);
    expect_hr(set_text(message, PR_SUBJECT_W, "x"), S_OK);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(message_id);
    IMAPIFolder_Release(folder);
}

/* A store opened without MDB_WRITE. */
static IMsgStore *read_only_store(void)
{
    SPropValue *id = value_of(mail.store, PR_ENTRYID);
    IMsgStore *store;

    assert_hr(IMAPISession_OpenMsgStore(mail.session, 0, id->Value.bin.cb,
                                        (ENTRYID *)id->Value.bin.lpb, NULL, 0, &store),
              S_OK);
    MAPIFreeBuffer(id);
    return store;
}

Test(store_object, a_read_only_store_refuses_every_change) /* STO-044 STO-317 */
{
    IMAPIFolder *folder = new_folder(NULL, "Guarded"), *guarded;
    SPropValue *id = value_of(folder, PR_ENTRYID), *message_id = saved_message(folder, "Guarded");
    ENTRYLIST *list;
    SBinary entry;
    IMsgStore *store;
    IMessage *message;
    IMAPIFolder *made;
    ULONG type;

    store = read_only_store();
    cr_expect(number_of(store, PR_STORE_SUPPORT_MASK) & STORE_READONLY);
    expect_hr(set_text(store, PR_DISPLAY_NAME_W, "x"), MAPI_E_NO_ACCESS);
    expect_hr(IMsgStore_SetReceiveFolder(store, (LPTSTR) "IPM.X", 0, id->Value.bin.cb,
                                         (ENTRYID *)id->Value.bin.lpb),
              MAPI_E_NO_ACCESS);
    expect_hr(IMsgStore_OpenEntry(store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                  MAPI_MODIFY, &type, (IUnknown **)&guarded),
              MAPI_E_NO_ACCESS);
    assert_hr(IMsgStore_OpenEntry(store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                  MAPI_BEST_ACCESS, &type, (IUnknown **)&guarded),
              S_OK);
    list = entry_list(&entry, message_id);
    expect_hr(set_text(guarded, PR_COMMENT_W, "x"), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CreateMessage(guarded, NULL, 0, &message), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CreateFolder(guarded, FOLDER_GENERIC, (LPTSTR) "x", NULL, NULL, 0, &made),
              MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_DeleteMessages(guarded, list, 0, NULL, 0), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_SetReadFlags(guarded, list, 0, NULL, 0), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_EmptyFolder(guarded, 0, NULL, 0), MAPI_E_NO_ACCESS);
    IMAPIFolder_Release(guarded);
    IMsgStore_Release(store);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(message_id);
    IMAPIFolder_Release(folder);
}

Test(store_object, a_queued_message_is_not_opened_for_writing) /* STO-045 STO-046 */
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMessage *message = new_message(outbox, "Queued");
    SPropValue *id;

    submit_later(message);
    id = find_message(outbox, "Queued");
    expect_hr(open_entry(id, MAPI_MODIFY, &message), MAPI_E_SUBMITTED);
    message = open_message(id, MAPI_BEST_ACCESS);
    expect_hr(set_text(message, PR_SUBJECT_W, "x"), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(outbox);
}

static ULONG compared(const SPropValue *one, const SPropValue *other)
{
    ULONG same = 99;

    expect_hr(IMsgStore_CompareEntryIDs(mail.store, one->Value.bin.cb,
                                        (ENTRYID *)one->Value.bin.lpb, other->Value.bin.cb,
                                        (ENTRYID *)other->Value.bin.lpb, 0, &same),
              S_OK);
    return same;
}

Test(store_object, ids_are_compared) /* STO-048 */
{
    IMAPIFolder *folder = new_folder(NULL, "Compared"), *other = new_folder(NULL, "Other");
    SPropValue *one = value_of(folder, PR_ENTRYID), *again = value_of(folder, PR_ENTRYID);
    SPropValue *two = value_of(other, PR_ENTRYID);
    ULONG same;

    cr_expect_eq(compared(one, again), TRUE);
    cr_expect_eq(compared(one, two), FALSE);
    again->Value.bin.lpb[6] ^= 1; /* another provider's */
    expect_hr(IMsgStore_CompareEntryIDs(mail.store, one->Value.bin.cb,
                                        (ENTRYID *)one->Value.bin.lpb, again->Value.bin.cb,
                                        (ENTRYID *)again->Value.bin.lpb, 0, &same),
              MAPI_E_UNKNOWN_ENTRYID);
    MAPIFreeBuffer(one);
    MAPIFreeBuffer(again);
    MAPIFreeBuffer(two);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(other);
}

Test(store_object, a_sink_hears_of_the_store_or_of_one_object) /* STO-049 */
{
    IMAPIFolder *folder = new_folder(NULL, "Heard"), *other = new_folder(NULL, "Unheard");
    struct test_sink *all = test_sink_create(), *one = test_sink_create();
    SPropValue *id = value_of(folder, PR_ENTRYID);
    ULONG_PTR connections[2];

    assert_hr(IMsgStore_Advise(mail.store, 0, NULL, fnevObjectModified, &all->IMAPIAdviseSink_iface,
                               &connections[0]),
              S_OK);
    assert_hr(IMsgStore_Advise(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                               fnevObjectModified, &one->IMAPIAdviseSink_iface, &connections[1]),
              S_OK);
    assert_hr(set_text(other, PR_COMMENT_W, "x"), S_OK);
    mail_await_event(all, fnevObjectModified, NULL, NULL);
    cr_expect_eq(one->count, 0);
    assert_hr(set_text(folder, PR_COMMENT_W, "x"), S_OK);
    mail_await_event(one, fnevObjectModified, NULL, NULL);
    IMsgStore_Unadvise(mail.store, connections[0]);
    IMsgStore_Unadvise(mail.store, connections[1]);
    test_sink_release(all);
    test_sink_release(one);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(other);
}

/* --- The queue's lock ------------------------------------------------------------------------- */

static LONG submit_flags(const SPropValue *id)
{
    SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_SUBMIT_FLAGS}};
    IMAPITable *table;
    SRowSet *rows;
    LONG flags = -1;

    assert_hr(IMsgStore_GetOutgoingQueue(mail.store, 0, &table), S_OK);
    rows = rows_of(table, &columns);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (same_bytes(&rows->aRow[i].lpProps[0].Value.bin, &id->Value.bin))
            flags = rows->aRow[i].lpProps[1].Value.l;
    FreeProws(rows);
    IMAPITable_Release(table);
    return flags;
}

Test(store_object, a_locked_message_is_not_aborted_nor_opened) /* STO-047 STO-066 STO-068 STO-237 */
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMessage *message = new_message(outbox, "Locked"), *other;
    SPropValue *id;

    submit_later(message);
    id = find_message(outbox, "Locked");
    message = open_message(id, 0);
    assert_hr(IMsgStore_SetLockState(mail.store, message, MSG_LOCKED), S_OK);
    cr_expect(submit_flags(id) & SUBMITFLAG_LOCKED);
    expect_hr(open_entry(id, 0, &other), MAPI_E_NO_ACCESS);
    expect_hr(IMsgStore_AbortSubmit(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0),
              MAPI_E_UNABLE_TO_ABORT);
    assert_hr(IMsgStore_SetLockState(mail.store, message, MSG_UNLOCKED), S_OK);
    cr_expect_eq(submit_flags(id) & SUBMITFLAG_LOCKED, 0);
    assert_hr(IMsgStore_AbortSubmit(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0),
              S_OK);
    cr_expect_eq(submit_flags(id), -1);
    expect_hr(IMsgStore_SetLockState(mail.store, message, MSG_LOCKED), MAPI_E_NOT_IN_QUEUE);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(outbox);
}

Test(store_object, finished_msg_is_the_spoolers_alone) /* STO-078 */
{
    SPropValue *id = delivered_message("Finished");

    expect_hr(IMsgStore_FinishedMsg(mail.store, 0, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb),
              MAPI_E_NO_SUPPORT);
    MAPIFreeBuffer(id);
}

/* --- The tree --------------------------------------------------------------------------------- */

static const struct {
    ULONG tag, bit;
    bool in_ipm;
} special[] = {
    {PR_IPM_SUBTREE_ENTRYID, FOLDER_IPM_SUBTREE_VALID, false},
    {PR_IPM_OUTBOX_ENTRYID, FOLDER_IPM_OUTBOX_VALID, true},
    {PR_IPM_SENTMAIL_ENTRYID, FOLDER_IPM_SENTMAIL_VALID, true},
    {PR_IPM_WASTEBASKET_ENTRYID, FOLDER_IPM_WASTEBASKET_VALID, true},
    {PR_VIEWS_ENTRYID, FOLDER_VIEWS_VALID, false},
    {PR_COMMON_VIEWS_ENTRYID, FOLDER_COMMON_VIEWS_VALID, false},
    {PR_FINDER_ENTRYID, FOLDER_FINDER_VALID, false},
};
#define SPECIAL_COUNT (sizeof(special) / sizeof(special[0]))

static IMAPIFolder *open_special(ULONG tag)
{
    SPropValue *id = value_of(mail.store, tag);
    IMAPIFolder *folder;

    assert_hr(open_entry(id, 0, &folder), S_OK);
    MAPIFreeBuffer(id);
    return folder;
}

static IMAPIFolder *open_root(void)
{
    IMAPIFolder *root;
    ULONG type;

    assert_hr(IMsgStore_OpenEntry(mail.store, 0, NULL, NULL, 0, &type, (IUnknown **)&root), S_OK);
    return root;
}

Test(store_object,
     its_special_folders_are_there) /* STO-086 STO-090 STO-092 STO-094 STO-096 STO-097 */
{
    LONG mask = number_of(mail.store, PR_VALID_FOLDER_MASK);

    for (size_t i = 0; i < SPECIAL_COUNT; i++) {
        IMAPIFolder *folder = open_special(special[i].tag);

        cr_expect(mask & special[i].bit, "0x%08X", (unsigned)special[i].tag);
        cr_expect_eq(number_of(folder, PR_OBJECT_TYPE), MAPI_FOLDER);
        IMAPIFolder_Release(folder);
    }
    cr_expect(mask & FOLDER_IPM_INBOX_VALID);
}

Test(store_object, view_and_search_roots_lie_outside_the_ipm_tree) /* STO-091 STO-095 */
{
    SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPIFolder *root = open_root(), *ipm = open_special(PR_IPM_SUBTREE_ENTRYID);
    IMAPITable *tree;
    SRowSet *rows;

    assert_hr(IMAPIFolder_GetHierarchyTable(ipm, CONVENIENT_DEPTH, &tree), S_OK);
    rows = rows_of(tree, &columns);
    for (size_t i = 0; i < SPECIAL_COUNT; i++) {
        SPropValue *id = value_of(mail.store, special[i].tag);
        IMAPIFolder *folder = open_special(special[i].tag);
        bool found = false;

        for (ULONG row = 0; row < rows->cRows; row++)
            found |= same_bytes(&rows->aRow[row].lpProps[0].Value.bin, &id->Value.bin);
        cr_expect_eq(found, special[i].in_ipm, "0x%08X", (unsigned)special[i].tag);
        if (!special[i].in_ipm) {
            SPropValue *parent = value_of(folder, PR_PARENT_ENTRYID);
            SPropValue *own = value_of(root, PR_ENTRYID);

            cr_expect(same_bytes(&parent->Value.bin, &own->Value.bin));
            MAPIFreeBuffer(parent);
            MAPIFreeBuffer(own);
        }
        MAPIFreeBuffer(id);
        IMAPIFolder_Release(folder);
    }
    FreeProws(rows);
    IMAPITable_Release(tree);
    IMAPIFolder_Release(root);
    IMAPIFolder_Release(ipm);
}

Test(store_object, the_store_table_has_its_columns) /* STO-098 */
{
    static const SizedSPropTagArray(10, columns) = {
        10,
        {PR_DEFAULT_STORE, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_MDB_PROVIDER,
         PR_OBJECT_TYPE, PR_PROVIDER_DISPLAY_W, PR_RECORD_KEY, PR_RESOURCE_FLAGS,
         PR_RESOURCE_TYPE}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPISession_GetMsgStoresTable(mail.session, MAPI_UNICODE, &table), S_OK);
    expect_columns(table, &columns);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    for (ULONG i = 0; i < columns.cValues; i++)
        cr_expect_eq(rows->aRow[0].lpProps[i].ulPropTag, columns.aulPropTag[i], "column %u", i);
    FreeProws(rows);
    IMAPITable_Release(table);
}

/* Where search folders are made, they are promised. */
Test(store_object, each_feature_that_is_promised_works) /* STO-041 STO-322 */
{
    static const ULONG works = STORE_ENTRYID_UNIQUE | STORE_SUBMIT_OK | STORE_MODIFY_OK |
                               STORE_CREATE_OK | STORE_ATTACH_OK | STORE_NOTIFY_OK | STORE_SORT_OK |
                               STORE_RESTRICTION_OK | STORE_HTML_OK | STORE_UNICODE_OK |
                               STORE_SEARCH_OK;
    SPropValue *id = value_of(mail.store, PR_FINDER_ENTRYID);
    IMAPIFolder *finder, *made;
    ULONG mask = (ULONG)number_of(mail.store, PR_STORE_SUPPORT_MASK);

    cr_expect_eq(mask & ~(works | STORE_CATEGORIZE_OK | STORE_MV_PROPS_OK), 0);
    cr_expect(mask & STORE_SEARCH_OK);
    assert_hr(open_entry(id, MAPI_MODIFY, &finder), S_OK);
    MAPIFreeBuffer(id);
    assert_hr(IMAPIFolder_CreateFolder(finder, FOLDER_SEARCH, (LPTSTR) "x", NULL, NULL, 0, &made),
              S_OK);
    IMAPIFolder_Release(made);
    IMAPIFolder_Release(finder);
}
