/* tests/session/test_stores.c - message stores through the session; OpenEntry, CompareEntryIDs */
#include <string.h>

#include "mapi/mapiaux.h"
#include "session/fixture.h"

static IMAPISession *session;

static void set_up(void)
{
    fixture_set_up();
    session = NULL;
}

TestSuite(stores, .init = set_up, .fini = fixture_tear_down);

static void log_on_both(void)
{
    const char *users[] = {"ann", "bob"};

    make_profile("Both", users, 2);
    session = logon("Both", 0);
}

static HRESULT open_store(const SBinary *id, ULONG flags, IMsgStore **ret_store)
{
    return IMAPISession_OpenMsgStore(session, 0, id->cb, (ENTRYID *)id->lpb, NULL, flags,
                                     ret_store);
}

static HRESULT compare(const void *id1, ULONG size1, const void *id2, ULONG size2, ULONG *ret_same)
{
    return IMAPISession_CompareEntryIDs(session, size1, (ENTRYID *)id1, size2, (ENTRYID *)id2, 0,
                                        ret_same);
}

static HRESULT open_folder(const char *user, const char *number, ULONG *ret_type,
                           IUnknown **ret_folder)
{
    BYTE id[FAKE_ID_SIZE];

    fake_folder_id(user, number, id);
    return IMAPISession_OpenEntry(session, sizeof(id), (ENTRYID *)id, NULL, 0, ret_type,
                                  ret_folder);
}

/* --- The table -------------------------------------------------------------------------------- */

static SRowSet *store_rows(void)
{
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPISession_GetMsgStoresTable(session, MAPI_UNICODE, &table), S_OK);
    rows = all_rows(table);
    IMAPITable_Release(table);
    return rows;
}

Test(stores, table_has_a_row_for_each) /* SES-139, SES-141, PRF-111, PRF-112 */
{
    IMAPITable *table;
    SRowSet *rows;

    log_on_both();
    rows = store_rows();
    cr_assert_eq(rows->cRows, 2);
    cr_expect(text_is(value_of(&rows->aRow[0], PR_DISPLAY_NAME_W), "ann"));
    cr_expect(value_of(&rows->aRow[0], PR_DEFAULT_STORE)->Value.b);
    cr_expect(value_of(&rows->aRow[0], PR_RESOURCE_FLAGS)->Value.l & STATUS_DEFAULT_STORE);
    cr_expect(!value_of(&rows->aRow[1], PR_DEFAULT_STORE)->Value.b);
    cr_expect_eq(value_of(&rows->aRow[1], PR_OBJECT_TYPE)->Value.l, MAPI_STORE);
    cr_expect_eq(value_of(&rows->aRow[1], PR_RECORD_KEY)->Value.bin.cb, sizeof(MAPIUID));
    FreeProws(rows);
    assert_hr(IMAPISession_GetMsgStoresTable(session, 0, &table), S_OK);
    rows = all_rows(table);
    cr_expect_not_null(value_of(&rows->aRow[0], PR_DISPLAY_NAME_A));
    FreeProws(rows);
    IMAPITable_Release(table);
    expect_hr(IMAPISession_GetMsgStoresTable(session, 0x40000000, &table), MAPI_E_UNKNOWN_FLAGS);
    logoff(session);
}

Test(stores, an_absent_store_shows_what_it_was) /* SES-139 */
{
    SBinary *before, *after;
    IMsgStore *store;

    make_profile_of("Ann", "wrong");
    atomic_store(&fake.password_is_right, true);
    session = logon("Ann", 0);
    before = store_id(session, "wrong");
    logoff(session);
    atomic_store(&fake.password_is_right, false);
    assert_hr(try_logon("Ann", 0, &session), MAPI_W_ERRORS_RETURNED);
    after = store_id(session, "wrong");
    cr_expect(before->cb == after->cb && memcmp(before->lpb, after->lpb, after->cb) == 0);
    expect_hr(open_store(before, 0, &store), MAPI_E_LOGON_FAILED);
    MAPIFreeBuffer(before);
    MAPIFreeBuffer(after);
    logoff(session);
}

/* --- OpenMsgStore ----------------------------------------------------------------------------- */

Test(stores, are_opened_by_their_row) /* SES-143, SES-144, SES-146, SES-148, PVD-009, PVD-010 */
{
    SBinary *id;
    IMsgStore *store;

    log_on_both();
    id = store_id(session, "bob");
    assert_hr(open_store(id, MDB_WRITE | MDB_NO_MAIL | MDB_NO_DIALOG, &store), S_OK);
    cr_expect(fake.store_flags & MDB_WRITE);
    cr_expect(fake.store_flags & MDB_NO_MAIL);
    expect_interface(store, &IID_IMsgStore);
    IMsgStore_Release(store);
    assert_hr(open_store(id, 0, &store), S_OK);
    cr_expect(!(fake.store_flags & MDB_WRITE));
    IMsgStore_Release(store);
    cr_expect_eq(fake_count("store_logon bob"), 3);
    MAPIFreeBuffer(id);
    logoff(session);
}

Test(stores, wrong_arguments) /* SES-143, SES-150 */
{
    SBinary *id;
    IMsgStore *store = (IMsgStore *)1;
    BYTE strange[40] = {0};

    log_on_both();
    id = store_id(session, "bob");
    expect_hr(IMAPISession_OpenMsgStore(session, 0, 0, NULL, NULL, 0, &store),
              MAPI_E_INVALID_ENTRYID);
    cr_expect_null(store);
    expect_hr(IMAPISession_OpenMsgStore(session, 0, 3, (ENTRYID *)strange, NULL, 0, &store),
              MAPI_E_INVALID_ENTRYID);
    expect_hr(IMAPISession_OpenMsgStore(session, 0, 40, (ENTRYID *)strange, NULL, 0, &store),
              MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(open_store(id, 0x40000000, &store), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(open_store(id, 0, NULL), MAPI_E_INVALID_PARAMETER);
    id->lpb[id->cb - 5] ^= 0xFF; /* wrapped still, and nobody's */
    expect_hr(open_store(id, 0, &store), MAPI_E_NOT_FOUND);
    MAPIFreeBuffer(id);
    logoff(session);
}

/* --- OpenEntry -------------------------------------------------------------------------------- */

Test(stores,
     entries_go_to_the_owner_of_their_uid) /* SES-118 to SES-121, SES-127, SES-128, PRF-146 */
{
    MAPIERROR *error = NULL;
    IUnknown *folder = NULL;
    BYTE strange[30] = {0};
    ULONG type = 0;

    log_on_both();
    assert_hr(open_folder("bob", "F1", &type, &folder), S_OK);
    cr_expect_eq(type, MAPI_FOLDER);
    folder->lpVtbl->Release(folder);
    expect_hr(open_folder("bob", "FX", &type, &folder), MAPI_E_NOT_FOUND);
    cr_expect_null(folder);
    expect_hr(IMAPISession_GetLastError(session, MAPI_E_NOT_FOUND, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_str_eq((char *)error->lpszError, "the fake store says no");
    MAPIFreeBuffer(error);
    expect_hr(open_folder("carl", "F1", &type, &folder), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(IMAPISession_OpenEntry(session, 0, NULL, NULL, 0, &type, &folder),
              MAPI_E_INVALID_ENTRYID);
    expect_hr(IMAPISession_OpenEntry(session, sizeof(strange), (ENTRYID *)strange, NULL, 0, &type,
                                     &folder),
              MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(
        IMAPISession_OpenEntry(session, sizeof(strange), (ENTRYID *)strange, NULL, 0, &type, NULL),
        MAPI_E_INVALID_PARAMETER);
    logoff(session);
}

Test(stores, a_stores_id_opens_the_store) /* SES-129 */
{
    IUnknown *unknown;
    SBinary *id;
    ULONG type = 0;

    log_on_both();
    id = store_id(session, "bob");
    assert_hr(IMAPISession_OpenEntry(session, id->cb, (ENTRYID *)id->lpb, NULL, MAPI_MODIFY, &type,
                                     &unknown),
              S_OK);
    cr_expect_eq(type, MAPI_STORE);
    cr_expect(fake.store_flags & MDB_WRITE);
    cr_expect(fake.store_flags & MDB_NO_DIALOG);
    expect_interface(unknown, &IID_IMsgStore);
    unknown->lpVtbl->Release(unknown);
    MAPIFreeBuffer(id);
    logoff(session);
}

Test(stores, a_provider_opens_what_another_has) /* SES-228, SES-229, PVD-035, PVD-036 */
{
    BYTE id[FAKE_ID_SIZE];
    IUnknown *folder;
    ULONG type, same = 0;

    log_on_both(); /* the support object is bob's */
    fake_folder_id("ann", "F1", id);
    assert_hr(IMAPISupport_OpenEntry(fake.store_support, sizeof(id), (ENTRYID *)id, NULL, 0, &type,
                                     &folder),
              S_OK);
    folder->lpVtbl->Release(folder);
    expect_hr(IMAPISupport_OpenEntry(fake.store_support, 0, NULL, NULL, 0, &type, &folder),
              MAPI_E_INVALID_ENTRYID);
    expect_hr(IMAPISupport_CompareEntryIDs(fake.store_support, sizeof(id), (ENTRYID *)id,
                                           sizeof(id), (ENTRYID *)id, 0, &same),
              S_OK);
    cr_expect(same);
    logoff(session);
}

/* --- CompareEntryIDs -------------------------------------------------------------------------- */

Test(stores, ids_are_compared_by_their_owner) /* SES-132 to SES-137 */
{
    BYTE ann[FAKE_ID_SIZE], again[FAKE_ID_SIZE], other[FAKE_ID_SIZE], bob[FAKE_ID_SIZE],
        carl[FAKE_ID_SIZE];
    SBinary *store, *second;
    ULONG same = 7;

    log_on_both();
    fake_folder_id("ann", "F1", ann);
    fake_folder_id("ann", "f1", again);
    fake_folder_id("ann", "F2", other);
    fake_folder_id("bob", "F1", bob);
    fake_folder_id("carl", "F1", carl);
    expect_hr(compare(ann, sizeof(ann), again, sizeof(again), &same), S_OK);
    cr_expect_eq(same, TRUE);
    expect_hr(compare(ann, sizeof(ann), other, sizeof(other), &same), S_OK);
    cr_expect_eq(same, FALSE);
    expect_hr(compare(ann, sizeof(ann), bob, sizeof(bob), &same), S_OK);
    cr_expect_eq(same, FALSE);
    expect_hr(compare(ann, sizeof(ann), carl, sizeof(carl), &same), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(compare(carl, sizeof(carl), ann, sizeof(ann), &same), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(compare(ann, 3, ann, sizeof(ann), &same), MAPI_E_INVALID_ENTRYID);
    expect_hr(compare(NULL, 0, ann, sizeof(ann), &same), MAPI_E_INVALID_ENTRYID);
    expect_hr(IMAPISession_CompareEntryIDs(session, sizeof(ann), (ENTRYID *)ann, sizeof(ann),
                                           (ENTRYID *)ann, 1, &same),
              MAPI_E_UNKNOWN_FLAGS);

    store = store_id(session, "ann");
    second = store_id(session, "bob");
    expect_hr(compare(store->lpb, store->cb, store->lpb, store->cb, &same), S_OK);
    cr_expect_eq(same, TRUE);
    expect_hr(compare(store->lpb, store->cb, second->lpb, second->cb, &same), S_OK);
    cr_expect_eq(same, FALSE);
    expect_hr(compare(store->lpb, store->cb, ann, sizeof(ann), &same), S_OK);
    cr_expect_eq(same, FALSE); /* a store is none of its folders */
    store->lpb[0] ^= 1;        /* its flags do not count */
    expect_hr(compare(store->lpb, store->cb, second->lpb, second->cb, &same), S_OK);
    MAPIFreeBuffer(store);
    MAPIFreeBuffer(second);
    logoff(session);
}

/* --- SetDefaultStore -------------------------------------------------------------------------- */

static ULONG flags_of(const char *display, bool in_status)
{
    const SRow *row = NULL;
    SRowSet *rows;
    ULONG flags;

    if (in_status) {
        rows = status_row(session, MAPI_STORE_PROVIDER, display, &row);
    } else {
        rows = store_rows();
        for (ULONG i = 0; i < rows->cRows; i++)
            if (text_is(value_of(&rows->aRow[i], PR_DISPLAY_NAME_W), display))
                row = &rows->aRow[i];
    }
    cr_assert_not_null(row);
    flags = (ULONG)value_of(row, PR_RESOURCE_FLAGS)->Value.l;
    FreeProws(rows);
    return flags;
}

static HRESULT set_default(ULONG flags, const char *display)
{
    SBinary *id = store_id(session, display);
    HRESULT hr = IMAPISession_SetDefaultStore(session, flags, id->cb, (ENTRYID *)id->lpb);

    MAPIFreeBuffer(id);
    return hr;
}

Test(stores,
     default_store_moves) /* SES-140, SES-159, SES-160, SES-165, SES-168, STA-023, STA-064 */
{
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection;
    IMAPITable *table;

    log_on_both();
    assert_hr(IMAPISession_GetMsgStoresTable(session, MAPI_UNICODE, &table), S_OK);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    row_count(table);
    expect_hr(set_default(MAPI_DEFAULT_STORE, "bob"), S_OK);
    cr_assert(test_sink_wait(sink, 2)); /* one lost it, one got it */
    cr_expect_eq(test_sink_at(sink, 1)->info.tab.ulTableEvent, TABLE_ROW_MODIFIED);
    for (int in_status = 0; in_status < 2; in_status++) {
        cr_expect(flags_of("bob", in_status) & STATUS_DEFAULT_STORE);
        cr_expect(!(flags_of("ann", in_status) & STATUS_DEFAULT_STORE));
    }
    expect_hr(set_default(0, "bob"), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(set_default(MAPI_DEFAULT_STORE | 0x10, "bob"), MAPI_E_UNKNOWN_FLAGS);
    IMAPITable_Release(table);
    logoff(session);
    session = logon("Both", 0); /* the profile has kept it */
    cr_expect(flags_of("bob", false) & STATUS_DEFAULT_STORE);
    expect_hr(IMAPISession_SetDefaultStore(session, MAPI_DEFAULT_STORE, 0, NULL), S_OK);
    cr_expect(!(flags_of("bob", true) & STATUS_DEFAULT_STORE)); /* SES-166 */
    logoff(session);
    cr_expect(sink_is_free(sink));
    test_sink_release(sink);
}

Test(stores, other_flags) /* SES-161 to SES-164, STA-070, STA-073 */
{
    log_on_both();
    expect_hr(set_default(MAPI_PRIMARY_STORE, "bob"), S_OK);
    cr_expect(flags_of("bob", true) & STATUS_PRIMARY_STORE);
    expect_hr(set_default(MAPI_SECONDARY_STORE, "ann"), S_OK);
    cr_expect(flags_of("ann", false) & STATUS_SECONDARY_STORE);
    expect_hr(set_default(MAPI_SIMPLE_STORE_TEMPORARY, "ann"), S_OK);
    cr_expect(flags_of("ann", true) & STATUS_SIMPLE_STORE);
    logoff(session);
    session = logon("Both", 0);
    cr_expect(!(flags_of("ann", true) & STATUS_SIMPLE_STORE));
    expect_hr(set_default(MAPI_SIMPLE_STORE_PERMANENT, "bob"), S_OK);
    cr_expect(flags_of("bob", true) & STATUS_SIMPLE_STORE);
    logoff(session);
    session = logon("Both", 0);
    cr_expect(flags_of("bob", false) & STATUS_SIMPLE_STORE);
    cr_expect(flags_of("bob", false) & STATUS_PRIMARY_STORE);
    logoff(session);
}

Test(stores, a_store_that_takes_no_messages_is_no_default) /* SES-167 */
{
    const char *users[] = {"ann", "poor"};
    MAPIERROR *error = NULL;

    make_profile("Both", users, 2);
    session = logon("Both", 0);
    expect_hr(set_default(MAPI_DEFAULT_STORE, "poor"), MAPI_E_NO_ACCESS);
    expect_hr(IMAPISession_GetLastError(session, MAPI_E_NO_ACCESS, 0, &error), S_OK);
    cr_expect_not_null(error);
    MAPIFreeBuffer(error);
    cr_expect(flags_of("ann", false) & STATUS_DEFAULT_STORE);
    logoff(session);
}

/* --- Helpers that look into the table --------------------------------------------------------- */

Test(stores, compound_ids_find_their_store) /* UTL-043 UTL-046 */
{
    ENTRYID *compound, *store, *object;
    ULONG size, store_size, object_size, same = FALSE;
    const SBinary *key, *id;
    BYTE folder[FAKE_ID_SIZE];
    SRowSet *rows;
    LPTSTR text;

    log_on_both();
    rows = store_rows();
    key = &value_of(&rows->aRow[1], PR_RECORD_KEY)->Value.bin;
    id = &value_of(&rows->aRow[1], PR_ENTRYID)->Value.bin;
    fake_folder_id("bob", "F1", folder);
    assert_hr(HrComposeEID(session, key->cb, key->lpb, sizeof(folder), (ENTRYID *)folder, &size,
                           &compound),
              S_OK);
    assert_hr(HrDecomposeEID(session, size, compound, &store_size, &store, &object_size, &object),
              S_OK);
    assert_hr(compare(store, store_size, id->lpb, id->cb, &same), S_OK);
    cr_expect(same);
    cr_assert_eq(object_size, sizeof(folder));
    cr_expect_arr_eq(object, folder, sizeof(folder));
    MAPIFreeBuffer(store);
    MAPIFreeBuffer(object);
    MAPIFreeBuffer(compound);

    assert_hr(HrComposeMsgID(session, 5, (BYTE *)"other", sizeof(folder), (ENTRYID *)folder, &text),
              S_OK);
    expect_hr(HrDecomposeMsgID(session, text, &store_size, &store, &object_size, &object),
              MAPI_E_NOT_FOUND);
    MAPIFreeBuffer(text);
    FreeProws(rows);
    logoff(session);
}

Test(stores, ids_are_wrapped_as_the_support_object_does)
{
    static const BYTE inner[8] = {0, 0, 0, 0, 1, 2, 3, 4};
    ENTRYID *narrow, *wide;
    ULONG narrow_size, wide_size;

    assert_hr(WrapStoreEntryID(0, (LPTSTR) "store.dll", 8, (ENTRYID *)inner, &narrow_size, &narrow),
              S_OK);
    assert_hr(WrapStoreEntryID(MAPI_UNICODE, (LPTSTR)u"store.dll", 8, (ENTRYID *)inner, &wide_size,
                               &wide),
              S_OK);
    cr_assert_eq(narrow_size, wide_size);
    cr_expect_arr_eq(narrow, wide, wide_size);
    cr_expect_not_null(memmem(wide, wide_size, inner, sizeof(inner)));
    MAPIFreeBuffer(narrow);
    MAPIFreeBuffer(wide);
    expect_hr(WrapStoreEntryID(1, (LPTSTR) "store.dll", 8, (ENTRYID *)inner, &wide_size, &wide),
              MAPI_E_UNKNOWN_FLAGS);
    expect_hr(WrapStoreEntryID(0, NULL, 8, (ENTRYID *)inner, &wide_size, &wide),
              MAPI_E_INVALID_PARAMETER);
}
