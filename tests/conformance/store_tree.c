/* docs/requirements/store.md, "Provider object and logon", "IMsgStore" and "Special folders", as
 * far as a client sees them */
#include "tests/conformance/store_rig.h"

#include "mapi/mapispi.h"

TestSuite(store_tree, .init = store_begin, .fini = mail_close);

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

Test(store_tree, its_status_row_is_there_once_it_is_open) /* STO-007 STO-009 */
{
    IMsgStore *again;

    cr_expect_eq(status_rows(), 1);
    assert_hr(open_store(NULL, MDB_WRITE, &again), S_OK);
    cr_expect_eq(status_rows(), 1);
    IMsgStore_Release(again);
    cr_expect_eq(status_rows(), 1);
}

Test(store_tree, a_repeated_logon_gives_the_open_store) /* STO-008 STO-010 */
{
    static const GUID nobody = {0x5EE9, 0, 0, {1}};
    IMsgStore *again = NULL;

    assert_hr(open_store(&IID_IMsgStore, MDB_WRITE, &again), S_OK);
    cr_expect(same_property(mail.store, again, PR_RECORD_KEY));
    IMsgStore_Release(again);
    expect_hr(open_store(&nobody, MDB_WRITE, &again), MAPI_E_INTERFACE_NOT_SUPPORTED);
}

Test(store_tree, the_interface_is_what_was_asked_for) /* STO-011 */
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

Test(store_tree, store_ids_are_compared_with_no_store_open) /* STO-026 STO-027 */
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

/* --- Special folders -------------------------------------------------------------------------- */

Test(store_tree, the_standard_folders_are_there) /* STO-086 STO-090 STO-096 STO-097 */
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

Test(store_tree, a_bit_says_that_a_folder_is_there) /* STO-092 */
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

Test(store_tree, the_inbox_is_found_as_the_receive_folder) /* STO-094 */
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

Test(store_tree, the_outbox_shows_the_queue_and_the_queue_more) /* STO-346 STO-347 */
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
