/* docs/requirements/addressbook.md, "The address book object" */
#include "mapi/mapitags.h"
#include "tests/conformance/addressbook_rig.h"

TestSuite(addressbook_object, .init = ab_begin, .fini = ab_end);

static HRESULT try_open(ULONG size, const void *id, LPCIID iid, ULONG flags, ULONG *ret_type,
                        IUnknown **ret_unknown)
{
    *ret_unknown = NULL;
    return IAddrBook_OpenEntry(book, size, (ENTRYID *)id, iid, flags, ret_type, ret_unknown);
}

static HRESULT compare(const SBinary *one, const SBinary *other, ULONG *ret_same)
{
    *ret_same = 77;
    return IAddrBook_CompareEntryIDs(book, one->cb, (ENTRYID *)one->lpb, other->cb,
                                     (ENTRYID *)other->lpb, 0, ret_same);
}

Test(addressbook_object, is_a_whole_object_whose_option_slots_have_no_support) /* ABK-001 */
{
    SPropValue *options = NULL;
    ADRENTRY recipient = {0};
    ULONG count;

    expect_full_vtable(book);
    expect_interface(book, &IID_IAddrBook);
    expect_interface(book, &IID_IMAPIProp);
    expect_no_interface(book, &IID_IABContainer);
    expect_hr(IAddrBook_RecipOptions(book, 0, 0, &recipient), MAPI_E_NO_SUPPORT);
    expect_hr(IAddrBook_QueryDefaultRecipOpt(book, (LPTSTR) "SMTP", 0, &count, &options),
              MAPI_E_NO_SUPPORT);
    cr_expect_eq(number_of(book, PR_OBJECT_TYPE), MAPI_ADDRBOOK);
}

Test(addressbook_object, cannot_be_written_or_saved) /* ABK-002 */
{
    expect_hr(set_text(book, PR_DISPLAY_NAME_W, "mine"), MAPI_E_NO_ACCESS);
    cr_expect(FAILED(IAddrBook_SaveChanges(book, 0)));
}

Test(addressbook_object, no_id_is_the_root_and_lists_all_containers) /* ABK-003, ABK-004, ABK-013 */
{
    IUnknown *root, *none;
    IMAPITable *table = NULL;
    ULONG type = 0;

    assert_hr(try_open(0, NULL, NULL, 0, &type, &root), S_OK);
    cr_expect_eq(type, MAPI_ABCONT);
    expect_interface(root, &IID_IABContainer);
    cr_expect_eq(number_of(root, PR_CONTAINER_FLAGS), AB_SUBCONTAINERS | AB_UNMODIFIABLE);
    assert_hr(IABContainer_GetHierarchyTable((IABContainer *)root, 0, &table), S_OK);
    cr_expect_eq(count_of(table), 3);
    IMAPITable_Release(table);
    root->lpVtbl->Release(root);
    for (int i = 0; i < 3; i++)
        MAPIFreeBuffer(ab_container_id(i == 0 ? PERSONAL : i == 1 ? CONTACTS : USED));
    expect_hr(IMAPISession_OpenEntry(mail.session, 0, NULL, NULL, 0, &type, &none),
              MAPI_E_INVALID_ENTRYID);
}

Test(addressbook_object, entries_open_read_only_unless_asked) /* ABK-005 */
{
    SPropValue *id = ab_add("Carol", "carol@example.org");
    const ULONG flags[] = {0, MAPI_MODIFY, MAPI_BEST_ACCESS};

    for (int i = 0; i < 3; i++) {
        IMAPIProp *entry = ab_open(id, flags[i]);

        expect_hr(set_text(entry, PR_TITLE_W, "Boss"), i ? S_OK : MAPI_E_NO_ACCESS);
        IMAPIProp_Release(entry);
    }
    MAPIFreeBuffer(id);
}

Test(addressbook_object, what_cannot_be_opened_says_why) /* ABK-006 */
{
    SPropValue *id = ab_add("Carol", "carol@example.org"), *file = ab_container_id(CONTACTS);
    IABContainer *personal = ab_container(PERSONAL);
    BYTE nobody[24] = {0, 0, 0, 0, 9, 9, 9};
    ENTRYLIST list = {1, &id->Value.bin};
    IUnknown *entry;
    ULONG type;

    expect_hr(try_open(file->Value.bin.cb, file->Value.bin.lpb, NULL, MAPI_MODIFY, &type, &entry),
              MAPI_E_NO_ACCESS);
    cr_expect_null(entry);
    expect_hr(try_open(sizeof(nobody), nobody, NULL, 0, &type, &entry), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(IABContainer_DeleteEntries(personal, &list, 0), S_OK);
    expect_hr(try_open(id->Value.bin.cb, id->Value.bin.lpb, NULL, 0, &type, &entry),
              MAPI_E_NOT_FOUND);
    IABContainer_Release(personal);
    MAPIFreeBuffer(file);
    MAPIFreeBuffer(id);
}

Test(addressbook_object, the_kind_of_object_decides_the_interface)
{
    SPropValue *id = ab_add("Carol", "carol@example.org"), *shelf = ab_container_id(CONTACTS);
    IUnknown *entry;
    ULONG type = 0;

    assert_hr(try_open(id->Value.bin.cb, id->Value.bin.lpb, NULL, 0, &type, &entry), S_OK);
    cr_expect_eq(type, MAPI_MAILUSER);
    expect_interface(entry, &IID_IMailUser);
    entry->lpVtbl->Release(entry);
    assert_hr(try_open(shelf->Value.bin.cb, shelf->Value.bin.lpb, NULL, 0, &type, &entry), S_OK);
    cr_expect_eq(type, MAPI_ABCONT);
    expect_interface(entry, &IID_IABContainer);
    entry->lpVtbl->Release(entry);
    expect_hr(try_open(id->Value.bin.cb, id->Value.bin.lpb, &IID_IABContainer, 0, &type, &entry),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    cr_expect_null(entry);
    MAPIFreeBuffer(shelf);
    MAPIFreeBuffer(id);
}

Test(addressbook_object, ids_are_compared) /* ABK-008 */
{
    SPropValue *ann = ab_add("Ann", "a@example.org"), *bob = ab_add("Bob", "b@example.org");
    BYTE nobody[24] = {0, 0, 0, 0, 9, 9, 9};
    SBinary unclaimed = {sizeof(nobody), nobody};
    ULONG same;

    expect_hr(compare(&ann->Value.bin, &ann->Value.bin, &same), S_OK);
    cr_expect_eq(same, TRUE);
    expect_hr(compare(&ann->Value.bin, &bob->Value.bin, &same), S_OK);
    cr_expect_eq(same, FALSE);
    expect_hr(compare(&unclaimed, &unclaimed, &same), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(compare(&ann->Value.bin, &unclaimed, &same), MAPI_E_UNKNOWN_ENTRYID);
    MAPIFreeBuffer(ann);
    MAPIFreeBuffer(bob);
}

Test(addressbook_object, a_short_term_id_is_that_of_the_same_entry) /* ABK-009 */
{
    SPropValue *id = ab_add("Ann", "a@example.org");
    BYTE bytes[64];
    SBinary brief = {id->Value.bin.cb, bytes};
    ULONG same;

    memcpy(bytes, id->Value.bin.lpb, brief.cb);
    bytes[0] = MAPI_SHORTTERM | MAPI_NOTRECIP;
    expect_hr(compare(&id->Value.bin, &brief, &same), S_OK);
    cr_expect_eq(same, TRUE);
    MAPIFreeBuffer(id);
}

Test(addressbook_object, ids_of_different_kinds_are_different) /* ABK-010 */
{
    SPropValue *id = ab_add("Ann", "a@example.org"), *shelf = ab_container_id(PERSONAL);
    SBinary cut = {id->Value.bin.cb - 1, id->Value.bin.lpb}, oneoff;
    ULONG same;

    oneoff.lpb = (BYTE *)ab_oneoff("Ann", "SMTP", "a@example.org", &oneoff.cb);
    expect_hr(compare(&id->Value.bin, &shelf->Value.bin, &same), S_OK);
    cr_expect_eq(same, FALSE);
    expect_hr(compare(&id->Value.bin, &oneoff, &same), S_OK);
    cr_expect_eq(same, FALSE);
    expect_hr(compare(&id->Value.bin, &cut, &same), MAPI_E_UNKNOWN_ENTRYID);
    MAPIFreeBuffer(oneoff.lpb);
    MAPIFreeBuffer(shelf);
    MAPIFreeBuffer(id);
}

static HRESULT advise(const SBinary *id, struct test_sink *sink, ULONG_PTR *ret_connection)
{
    return IAddrBook_Advise(book, id ? id->cb : 0, (ENTRYID *)(id ? id->lpb : NULL),
                            fnevObjectModified, &sink->IMAPIAdviseSink_iface, ret_connection);
}

Test(addressbook_object, entries_do_not_notify) /* ABK-100 */
{
    SPropValue *id = ab_add("Ann", "a@example.org");
    struct test_sink *sink = test_sink_create();
    BYTE nobody[24] = {0, 0, 0, 0, 9, 9, 9};
    SBinary unclaimed = {sizeof(nobody), nobody}, brief = {3, nobody};
    ULONG_PTR connection = 0;

    expect_hr(advise(&id->Value.bin, sink, &connection), MAPI_E_NO_SUPPORT);
    expect_hr(advise(&unclaimed, sink, &connection), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(advise(&brief, sink, &connection), MAPI_E_INVALID_ENTRYID);
    test_sink_release(sink);
    MAPIFreeBuffer(id);
}

Test(addressbook_object, no_id_is_for_critical_errors_and_ends_with_unadvise)
{
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection = 0;

    assert_hr(advise(NULL, sink, &connection), S_OK);
    cr_expect_neq(connection, 0);
    EXPECT_REF(&sink->IMAPIAdviseSink_iface, 2);
    expect_hr(IAddrBook_Unadvise(book, connection), S_OK);
    EXPECT_REF(&sink->IMAPIAdviseSink_iface, 1);
    expect_hr(IAddrBook_Unadvise(book, connection), MAPI_E_NOT_FOUND);
    test_sink_release(sink);
}

Test(addressbook_object, opens_the_session_s_other_entries_too)
{
    SPropValue *id = value_of(mail.store, PR_ENTRYID);
    IMAPIProp *store = ab_open(id, 0);

    cr_expect(same_property(store, mail.store, PR_RECORD_KEY));
    IMAPIProp_Release(store);
    MAPIFreeBuffer(id);
}

/* Address books are logged on to when they are needed: the session opens what it has an id of. */
Test(addressbook_object, an_entry_opens_without_the_address_book)
{
    SPropValue *id = ab_add("Carol", "carol@example.org");
    IUnknown *entry = NULL;
    ULONG type;

    IAddrBook_Release(book);
    book = NULL;
    store_restart();
    cr_expect_eq(mail_status(MAPI_AB_PROVIDER), -1);
    assert_hr(IMAPISession_OpenEntry(mail.session, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                     NULL, 0, &type, &entry),
              S_OK);
    cr_expect_str_eq(text_of(entry, PR_DISPLAY_NAME_W), "Carol");
    cr_expect_eq(mail_status(MAPI_AB_PROVIDER), STATUS_AVAILABLE); /* ABK-067 */
    entry->lpVtbl->Release(entry);
    MAPIFreeBuffer(id);
}
