/* docs/requirements/store.md, "Provider object and logon", "IMsgStore" and "Special folders", as
 * far as a client sees them */
#include "tests/conformance/store_rig.h"

#include "mapi/mapispi.h"

TestSuite(store_store, .init = store_begin, .fini = mail_close);

static const ULONG folder_ids[] = {PR_IPM_SUBTREE_ENTRYID,  PR_IPM_OUTBOX_ENTRYID,
                                   PR_IPM_SENTMAIL_ENTRYID, PR_IPM_WASTEBASKET_ENTRYID,
                                   PR_VIEWS_ENTRYID,        PR_COMMON_VIEWS_ENTRYID,
                                   PR_FINDER_ENTRYID};
#define FOLDER_IDS (sizeof(folder_ids) / sizeof(folder_ids[0]))
static const ULONG folder_bits[FOLDER_IDS] = {
    FOLDER_IPM_SUBTREE_VALID,     FOLDER_IPM_OUTBOX_VALID, FOLDER_IPM_SENTMAIL_VALID,
    FOLDER_IPM_WASTEBASKET_VALID, FOLDER_VIEWS_VALID,      FOLDER_COMMON_VIEWS_VALID,
    FOLDER_FINDER_VALID};

static IMAPIFolder *special(ULONG tag)
{
    SPropValue *id = value_of(mail.store, tag);
    IMAPIFolder *folder = NULL;

    assert_hr(open_entry(id, 0, &folder), S_OK);
    MAPIFreeBuffer(id);
    return folder;
}

static IMAPIFolder *root_folder(void)
{
    IMAPIFolder *root = NULL;
    ULONG type;

    assert_hr(IMsgStore_OpenEntry(mail.store, 0, NULL, NULL, 0, &type, (IUnknown **)&root), S_OK);
    cr_expect_eq(type, MAPI_FOLDER);
    return root;
}

static SPropValue *receive_folder(void)
{
    SPropValue *id;
    ENTRYID *entry;
    ULONG size;

    assert_hr(IMsgStore_GetReceiveFolder(mail.store, NULL, 0, &size, &entry, NULL), S_OK);
    assert_hr(MAPIAllocateBuffer(sizeof(*id), (void **)&id), S_OK);
    assert_hr(MAPIAllocateMore(size, id, (void **)&id->Value.bin.lpb), S_OK);
    id->ulPropTag = PR_ENTRYID;
    id->Value.bin.cb = size;
    memcpy(id->Value.bin.lpb, entry, size);
    MAPIFreeBuffer(entry);
    return id;
}

/* --- Logon ------------------------------------------------------------------------------------ */

static unsigned status_rows(void)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_RESOURCE_TYPE}};
    IMAPITable *table;
    SRowSet *rows;
    unsigned count = 0;

    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &table), S_OK);
    rows = rows_of(table, &columns);
    for (ULONG i = 0; i < rows->cRows; i++)
        count += rows->aRow[i].lpProps[0].Value.l == MAPI_STORE_PROVIDER;
    FreeProws(rows);
    IMAPITable_Release(table);
    return count;
}

static HRESULT open_store(const IID *iid, ULONG flags, void *ret_store)
{
    SPropValue *id = value_of(mail.store, PR_ENTRYID);
    HRESULT hr =
        IMAPISession_OpenMsgStore(mail.session, 0, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                  (IID *)iid, flags, ret_store);

    MAPIFreeBuffer(id);
    return hr;
}

Test(store_store, its_status_row_is_there_once_it_is_open) /* STO-007 STO-009 */
{
    IMsgStore *again;

    cr_expect_eq(status_rows(), 1);
    assert_hr(open_store(NULL, MDB_WRITE, &again), S_OK);
    cr_expect_eq(status_rows(), 1);
    IMsgStore_Release(again);
    cr_expect_eq(status_rows(), 1);
}

Test(store_store, a_repeated_logon_gives_the_open_store) /* STO-008 STO-010 */
{
    static const GUID nobody = {0x5EE9, 0, 0, {1}};
    IMsgStore *again = NULL;

    assert_hr(open_store(&IID_IMsgStore, MDB_WRITE, &again), S_OK);
    cr_expect(same_property(mail.store, again, PR_RECORD_KEY));
    IMsgStore_Release(again);
    expect_hr(open_store(&nobody, MDB_WRITE, &again), MAPI_E_INTERFACE_NOT_SUPPORTED);
}

Test(store_store, the_interface_is_what_was_asked_for) /* STO-011 */
{
    IMsgStore *store = NULL;
    IUnknown *unknown = NULL;

    assert_hr(open_store(NULL, MDB_WRITE, &store), S_OK);
    expect_interface(store, &IID_IMsgStore);
    expect_hr(state_of(store, PR_ENTRYID), S_OK);
    IMsgStore_Release(store);
    assert_hr(open_store(&IID_IUnknown, MDB_WRITE, &unknown), S_OK);
    expect_interface(unknown, &IID_IMsgStore);
    IUnknown_Release(unknown);
}

Test(store_store, store_ids_are_compared_with_no_store_open) /* STO-026 STO-027 */
{
    SPropValue *id = value_of(mail.store, PR_ENTRYID);
    ULONG equal = 77;

    mail_logoff();
    assert_hr(mail_logon(0), S_OK);
    assert_hr(IMAPISession_CompareEntryIDs(mail.session, id->Value.bin.cb,
                                           (ENTRYID *)id->Value.bin.lpb, id->Value.bin.cb,
                                           (ENTRYID *)id->Value.bin.lpb, 0, &equal),
              S_OK);
    cr_expect_eq(equal, TRUE);
    expect_hr(IMAPISession_CompareEntryIDs(mail.session, id->Value.bin.cb,
                                           (ENTRYID *)id->Value.bin.lpb, id->Value.bin.cb,
                                           (ENTRYID *)id->Value.bin.lpb, 1, &equal),
              MAPI_E_UNKNOWN_FLAGS);
    MAPIFreeBuffer(id);
}

/* --- IMsgStore -------------------------------------------------------------------------------- */

Test(store_store, it_leads_to_the_folders_of_interpersonal_mail) /* STO-036 */
{
    for (size_t i = 0; i < 4; i++) {
        IMAPIFolder *folder = special(folder_ids[i]);
        SPropValue *own = value_of(folder, PR_ENTRYID),
                   *stores = value_of(mail.store, folder_ids[i]);

        cr_expect(same_bytes(&own->Value.bin, &stores->Value.bin));
        expect_hr(set_value(mail.store, *stores), MAPI_E_COMPUTED);
        MAPIFreeBuffer(stores);
        MAPIFreeBuffer(own);
        IMAPIFolder_Release(folder);
    }
}

Test(store_store, its_store_record_key_is_its_record_key) /* STO-039 */
{
    SPropValue *own = value_of(mail.store, PR_RECORD_KEY),
               *stores = value_of(mail.store, PR_STORE_RECORD_KEY);

    cr_expect(same_bytes(&own->Value.bin, &stores->Value.bin));
    MAPIFreeBuffer(stores);
    MAPIFreeBuffer(own);
}

Test(store_store, no_id_names_the_root) /* STO-042 */
{
    IMAPIFolder *root = root_folder();

    cr_expect_eq(number_of(root, PR_FOLDER_TYPE), FOLDER_ROOT);
    IMAPIFolder_Release(root);
}

Test(store_store, entries_open_for_reading_unless_asked_otherwise) /* STO-043 */
{
    static const struct {
        ULONG flags;
        HRESULT changing;
    } ways[] = {{0, MAPI_E_NO_ACCESS}, {MAPI_MODIFY, S_OK}, {MAPI_BEST_ACCESS, S_OK}};
    IMAPIFolder *folder = new_folder(NULL, "Opened"), *opened;
    SPropValue *id = saved_message(folder, "opened"), *folder_id = value_of(folder, PR_ENTRYID);

    for (size_t i = 0; i < 3; i++) {
        IMessage *message = open_message(id, ways[i].flags);

        expect_hr(set_text(message, PR_COMMENT_W, "x"), ways[i].changing);
        IMessage_Release(message);
        assert_hr(open_entry(folder_id, ways[i].flags, &opened), S_OK);
        expect_hr(set_text(opened, PR_COMMENT_W, "x"), ways[i].changing);
        IMAPIFolder_Release(opened);
    }
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* The same store, opened for reading. */
static void reopen_readonly(void)
{
    SPropValue *id = value_of(mail.store, PR_ENTRYID);
    IMsgStore *store = NULL;

    mail_logoff();
    assert_hr(mail_logon(0), S_OK);
    assert_hr(IMAPISession_OpenMsgStore(mail.session, 0, id->Value.bin.cb,
                                        (ENTRYID *)id->Value.bin.lpb, NULL, 0, &store),
              S_OK);
    mail.store = store;
    MAPIFreeBuffer(id);
}

Test(store_store, without_rights_nothing_opens_for_writing) /* STO-044 */
{
    IMAPIFolder *folder = new_folder(NULL, "Rights");
    SPropValue *id = saved_message(folder, "rights");
    IMessage *message = NULL;

    IMAPIFolder_Release(folder);
    reopen_readonly();
    expect_hr(open_entry(id, MAPI_MODIFY, &message), MAPI_E_NO_ACCESS);
    assert_hr(open_entry(id, MAPI_BEST_ACCESS, &message), S_OK);
    expect_hr(set_text(message, PR_COMMENT_W, "x"), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_store, a_readonly_store_refuses_every_change) /* STO-317 */
{
    IMAPIFolder *folder = new_folder(NULL, "Fixed"), *made = NULL;
    SPropValue *folder_id = value_of(folder, PR_ENTRYID), *id = saved_message(folder, "fixed");
    IMessage *message = NULL;
    SBinary entry;

    IMAPIFolder_Release(folder);
    reopen_readonly();
    cr_expect(number_of(mail.store, PR_STORE_SUPPORT_MASK) & STORE_READONLY);
    expect_hr(set_text(mail.store, PR_DISPLAY_NAME_W, "x"), MAPI_E_NO_ACCESS);
    assert_hr(open_entry(folder_id, MAPI_BEST_ACCESS, &folder), S_OK);
    expect_hr(set_text(folder, PR_COMMENT_W, "x"), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CreateFolder(folder, FOLDER_GENERIC, (LPTSTR) "x", NULL, NULL, 0, &made),
              MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CreateMessage(folder, NULL, 0, &message), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, id), 0, NULL, 0),
              MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_EmptyFolder(folder, 0, NULL, 0), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_SetReadFlags(folder, NULL, 0, NULL, 0), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CopyMessages(folder, entry_list(&entry, id), NULL, folder, 0, NULL, 0),
              MAPI_E_NO_ACCESS);
    message = open_message(id, 0);
    expect_hr(IMessage_SetReadFlag(message, 0), MAPI_E_NO_ACCESS);
    expect_hr(IMessage_SubmitMessage(message, 0), MAPI_E_NO_ACCESS);
    expect_hr(IMessage_SaveChanges(message, 0), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
}

Test(store_store, a_queued_message_is_not_opened_for_writing) /* STO-045 STO-046 */
{
    IMAPIFolder *folder = new_folder(NULL, "Queued");
    SPropValue *id = saved_message(folder, "queued");
    IMessage *message = NULL;

    submit_later(open_message(id, MAPI_MODIFY));
    expect_hr(open_entry(id, MAPI_MODIFY, &message), MAPI_E_SUBMITTED);
    assert_hr(open_entry(id, MAPI_BEST_ACCESS, &message), S_OK);
    expect_hr(set_text(message, PR_COMMENT_W, "x"), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    assert_hr(IMsgStore_AbortSubmit(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0),
              S_OK);
    assert_hr(open_entry(id, MAPI_MODIFY, &message), S_OK);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

static HRESULT compare(const SPropValue *one, const SPropValue *other, ULONG *ret_equal)
{
    return IMsgStore_CompareEntryIDs(mail.store, one->Value.bin.cb, (ENTRYID *)one->Value.bin.lpb,
                                     other->Value.bin.cb, (ENTRYID *)other->Value.bin.lpb, 0,
                                     ret_equal);
}

Test(store_store, ids_are_compared) /* STO-048 */
{
    IMAPIFolder *folder = new_folder(NULL, "Compared");
    SPropValue *id = saved_message(folder, "one"), *other = saved_message(folder, "other");
    ULONG equal = 77;

    assert_hr(compare(id, id, &equal), S_OK);
    cr_expect_eq(equal, TRUE);
    assert_hr(compare(id, other, &equal), S_OK);
    cr_expect_eq(equal, FALSE);
    other->Value.bin.lpb[5] ^= 0xFF; /* another provider's */
    expect_hr(compare(id, other, &equal), MAPI_E_UNKNOWN_ENTRYID);
    MAPIFreeBuffer(other);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

static bool is_about(const NOTIFICATION *notification, const void *context)
{
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary id = {.cb = object->cbEntryID, .lpb = (BYTE *)object->lpEntryID};

    return same_bytes(&id, &((const SPropValue *)context)->Value.bin);
}

static size_t count_about(struct test_sink *sink, const SPropValue *id)
{
    const NOTIFICATION *notification;
    size_t found = 0;

    for (size_t at = 0; (notification = test_sink_at(sink, at)); at++)
        found += is_about(notification, id);
    return found;
}

Test(store_store, a_sink_covers_the_store_or_one_object) /* STO-049 */
{
    IMAPIFolder *folder = new_folder(NULL, "Advised"), *other = new_folder(NULL, "Other");
    SPropValue *id = value_of(folder, PR_ENTRYID), *other_id = value_of(other, PR_ENTRYID);
    struct test_sink *all = test_sink_create(), *one = test_sink_create();
    ULONG_PTR connections[2];

    assert_hr(IMsgStore_Advise(mail.store, 0, NULL, fnevObjectModified, &all->IMAPIAdviseSink_iface,
                               &connections[0]),
              S_OK);
    assert_hr(IMsgStore_Advise(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                               fnevObjectModified, &one->IMAPIAdviseSink_iface, &connections[1]),
              S_OK);
    cr_expect(connections[0] && connections[1]);
    assert_hr(set_text(other, PR_COMMENT_W, "x"), S_OK);
    mail_await_event(all, fnevObjectModified, is_about, other_id);
    assert_hr(set_text(folder, PR_COMMENT_W, "x"), S_OK);
    mail_await_event(all, fnevObjectModified, is_about, id);
    mail_await_event(one, fnevObjectModified, is_about, id);
    cr_expect_eq(count_about(one, other_id), 0);
    IMsgStore_Unadvise(mail.store, connections[0]);
    IMsgStore_Unadvise(mail.store, connections[1]);
    test_sink_release(all);
    test_sink_release(one);
    MAPIFreeBuffer(other_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

/* --- Special folders -------------------------------------------------------------------------- */

Test(store_store, the_standard_folders_are_there) /* STO-086 STO-090 STO-096 STO-097 */
{
    SPropValue *inbox_id = receive_folder();
    IMAPIFolder *inbox;

    for (size_t i = 0; i < FOLDER_IDS; i++) {
        IMAPIFolder *folder = special(folder_ids[i]);

        cr_expect_eq(number_of(folder, PR_OBJECT_TYPE), MAPI_FOLDER);
        cr_expect(i == 0 || text_of(folder, PR_DISPLAY_NAME_W)[0], "0x%08X",
                  (unsigned)folder_ids[i]);
        IMAPIFolder_Release(folder);
    }
    assert_hr(open_entry(inbox_id, 0, &inbox), S_OK);
    cr_expect_str_eq(text_of(inbox, PR_DISPLAY_NAME_W), "Inbox");
    IMAPIFolder_Release(inbox);
    MAPIFreeBuffer(inbox_id);
    /* They hold mail, although the server had no Outbox. */
    inbox = mail_folder("Outbox");
    MAPIFreeBuffer(saved_message(inbox, "kept"));
    IMAPIFolder_Release(inbox);
}

Test(store_store, views_and_searches_hang_below_the_root) /* STO-091 */
{
    static const ULONG tags[] = {PR_VIEWS_ENTRYID, PR_COMMON_VIEWS_ENTRYID, PR_FINDER_ENTRYID};
    IMAPIFolder *root = root_folder();
    SPropValue *root_id = value_of(root, PR_ENTRYID);

    for (size_t i = 0; i < 3; i++) {
        IMAPIFolder *folder = special(tags[i]);
        SPropValue *parent = value_of(folder, PR_PARENT_ENTRYID);

        cr_expect(same_bytes(&parent->Value.bin, &root_id->Value.bin));
        MAPIFreeBuffer(parent);
        IMAPIFolder_Release(folder);
    }
    MAPIFreeBuffer(root_id);
    IMAPIFolder_Release(root);
}

Test(store_store, a_bit_says_that_a_folder_is_there) /* STO-092 */
{
    LONG mask = number_of(mail.store, PR_VALID_FOLDER_MASK), known = FOLDER_IPM_INBOX_VALID;

    cr_expect(mask & FOLDER_IPM_INBOX_VALID);
    for (size_t i = 0; i < FOLDER_IDS; i++) {
        cr_expect_eq((mask & (LONG)folder_bits[i]) != 0,
                     state_of(mail.store, folder_ids[i]) == S_OK);
        known |= (LONG)folder_bits[i];
    }
    cr_expect_eq(mask & ~known, 0);
}

Test(store_store, the_inbox_is_found_as_the_receive_folder) /* STO-094 */
{
    SPropValue *inbox_id = receive_folder();
    IMAPIFolder *inbox = mail_folder("Inbox");
    SPropValue *own = value_of(inbox, PR_ENTRYID);

    cr_expect(same_bytes(&inbox_id->Value.bin, &own->Value.bin));
    for (size_t i = 0; i < FOLDER_IDS; i++) {
        SPropValue *id = value_of(mail.store, folder_ids[i]);

        cr_expect(!same_bytes(&id->Value.bin, &own->Value.bin));
        MAPIFreeBuffer(id);
    }
    MAPIFreeBuffer(own);
    MAPIFreeBuffer(inbox_id);
    IMAPIFolder_Release(inbox);
}

Test(store_store, the_store_table_has_its_columns) /* STO-098 */
{
    static const SizedSPropTagArray(10, columns) = {
        10,
        {PR_DEFAULT_STORE, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_MDB_PROVIDER,
         PR_OBJECT_TYPE, PR_PROVIDER_DISPLAY_W, PR_RECORD_KEY, PR_RESOURCE_FLAGS,
         PR_RESOURCE_TYPE}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPISession_GetMsgStoresTable(mail.session, MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    for (ULONG c = 0; c < columns.cValues; c++)
        cr_expect_eq(rows->aRow[0].lpProps[c].ulPropTag, columns.aulPropTag[c], "0x%08X",
                     (unsigned)columns.aulPropTag[c]);
    FreeProws(rows);
    IMAPITable_Release(table);
}

Test(store_store, search_folders_are_refused_where_the_mask_has_none) /* STO-322 */
{
    IMAPIFolder *root = mail_folder(""), *made = NULL;
    HRESULT hr =
        IMAPIFolder_CreateFolder(root, FOLDER_SEARCH, (LPTSTR) "search", NULL, NULL, 0, &made);

    if (number_of(mail.store, PR_STORE_SUPPORT_MASK) & STORE_SEARCH_OK)
        expect_hr(hr, S_OK);
    else
        expect_hr(hr, MAPI_E_NO_SUPPORT);
    if (made)
        IMAPIFolder_Release(made);
    IMAPIFolder_Release(root);
}

Test(store_store, the_outbox_shows_the_queue_and_the_queue_more) /* STO-346 STO-347 */
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPIFolder *outbox = mail_folder("Outbox"), *folder = new_folder(NULL, "Elsewhere");
    SPropValue *in_outbox = saved_message(outbox, "in the Outbox"),
               *elsewhere = saved_message(folder, "elsewhere"), *shown;
    unsigned found = 0;
    IMAPITable *queue;
    SRowSet *rows;

    submit_later(open_message(in_outbox, MAPI_MODIFY));
    submit_later(open_message(elsewhere, MAPI_MODIFY));
    shown = find_message(outbox, "in the Outbox");
    cr_assert(shown);
    cr_expect(same_bytes(&shown->Value.bin, &in_outbox->Value.bin));
    assert_hr(IMsgStore_GetOutgoingQueue(mail.store, 0, &queue), S_OK);
    rows = rows_of(queue, &columns);
    for (ULONG i = 0; i < rows->cRows; i++)
        found += same_bytes(&rows->aRow[i].lpProps[0].Value.bin, &in_outbox->Value.bin) ||
                 same_bytes(&rows->aRow[i].lpProps[0].Value.bin, &elsewhere->Value.bin);
    cr_expect_eq(found, 2);
    FreeProws(rows);
    IMAPITable_Release(queue);
    MAPIFreeBuffer(shown);
    MAPIFreeBuffer(elsewhere);
    MAPIFreeBuffer(in_outbox);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(outbox);
}
