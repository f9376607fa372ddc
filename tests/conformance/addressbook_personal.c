/* docs/requirements/addressbook.md, what changes the personal address book */
#include "tests/conformance/addressbook_rig.h"

TestSuite(addressbook_personal, .init = ab_begin, .fini = ab_end);

static HRESULT save_again(const char *name, const char *address, ULONG flags)
{
    IMAPIProp *entry = ab_new(name, address, flags);
    HRESULT hr = IMAPIProp_SaveChanges(entry, 0);

    IMAPIProp_Release(entry);
    return hr;
}

static HRESULT copy(const SBinary *ids, ULONG count, ULONG flags)
{
    ENTRYLIST list = {count, (SBinary *)ids};
    IABContainer *personal = ab_container(PERSONAL);
    HRESULT hr = IABContainer_CopyEntries(personal, &list, 0, NULL, flags);

    IABContainer_Release(personal);
    return hr;
}

static HRESULT delete_entries(const SBinary *ids, ULONG count)
{
    ENTRYLIST list = {count, (SBinary *)ids};
    IABContainer *personal = ab_container(PERSONAL);
    HRESULT hr = IABContainer_DeleteEntries(personal, &list, 0);

    IABContainer_Release(personal);
    return hr;
}

/* The id of the row of that name; to free. */
static SPropValue *row_id(const char *container, const char *name)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DISPLAY_NAME_W}};
    IMAPITable *table = ab_contents_of(container);
    SRowSet *rows = rows_of(table, &columns);
    SPropValue *id = NULL;

    for (ULONG i = 0; i < rows->cRows && !id; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[1]), name) == 0) {
            assert_hr(MAPIAllocateBuffer(sizeof(*id), (void **)&id), S_OK);
            assert_hr(PropCopyMore(id, &rows->aRow[i].lpProps[0], MAPIAllocateMore, id), S_OK);
        }
    FreeProws(rows);
    IMAPITable_Release(table);
    cr_assert_not_null(id);
    return id;
}

Test(addressbook_personal, an_entry_is_there_once_it_was_saved_and_outlives_the_session)
{
    IMAPIProp *entry = ab_new("Carol", "carol@example.org", 0);
    SPropValue *id;

    assert_hr(set_text(entry, PR_BUSINESS_TELEPHONE_NUMBER_W, "+49 30 1"), S_OK);
    cr_expect_eq(ab_rows_named(PERSONAL, "Carol"), 0);
    expect_hr(state_of(entry, PR_ENTRYID), MAPI_E_NOT_FOUND);
    assert_hr(IMAPIProp_SaveChanges(entry, KEEP_OPEN_READONLY), S_OK);
    id = value_of(entry, PR_ENTRYID);
    IMAPIProp_Release(entry);
    ab_restart();
    entry = ab_open(id, MAPI_MODIFY);
    cr_expect_str_eq(text_of(entry, PR_DISPLAY_NAME_W), "Carol");
    cr_expect_str_eq(text_of(entry, PR_EMAIL_ADDRESS_W), "carol@example.org");
    cr_expect_str_eq(text_of(entry, PR_BUSINESS_TELEPHONE_NUMBER_W), "+49 30 1");
    assert_hr(set_text(entry, PR_EMAIL_ADDRESS_W, "Carol@new.example"), S_OK);
    assert_hr(IMAPIProp_SaveChanges(entry, 0), S_OK);
    IMAPIProp_Release(entry);
    entry = ab_open(id, 0);
    cr_expect_str_eq(text_of(entry, PR_EMAIL_ADDRESS_W), "Carol@new.example");
    IMAPIProp_Release(entry);
    MAPIFreeBuffer(id);
}

Test(addressbook_personal, an_entry_needs_an_address)
{
    SPropTagArray tag = {1, {PR_EMAIL_ADDRESS_W}};
    IMAPIProp *entry = ab_new("Carol", "carol@example.org", 0);

    assert_hr(IMAPIProp_DeleteProps(entry, &tag, NULL), S_OK);
    expect_hr(IMAPIProp_SaveChanges(entry, 0), MAPI_E_MISSING_REQUIRED_COLUMN);
    IMAPIProp_Release(entry);
    cr_expect_eq(ab_rows_named(PERSONAL, "Carol"), 0);
}

Test(addressbook_personal, the_book_s_own_properties_cannot_be_set)
{
    IMAPIProp *entry = ab_new("Carol", "carol@example.org", 0);
    SPropValue id = {.ulPropTag = PR_ENTRYID};

    id.Value.bin = (SBinary){3, (BYTE *)"abc"};
    expect_hr(set_value(entry, id), MAPI_E_COMPUTED);
    id.ulPropTag = PR_SEARCH_KEY;
    expect_hr(set_value(entry, id), MAPI_E_COMPUTED);
    IMAPIProp_Release(entry);
}

Test(addressbook_personal, duplicates_are_looked_for_at_the_save) /* ABK-088, ABK-106 */
{
    MAPIFreeBuffer(ab_add("Carol", "carol@example.org"));
    expect_hr(save_again("Carol", "carol@example.org", 0), S_OK);
    cr_expect_eq(ab_rows_named(PERSONAL, "Carol"), 2);
    expect_hr(save_again("carol", "other@example.org", CREATE_CHECK_DUP_LOOSE), MAPI_E_COLLISION);
    expect_hr(save_again("Carol", "CAROL@example.org", CREATE_CHECK_DUP_STRICT), MAPI_E_COLLISION);
    expect_hr(save_again("Carol", "other@example.org", CREATE_CHECK_DUP_STRICT), S_OK);
    expect_hr(save_again("Caro", "carol@example.org", CREATE_CHECK_DUP_LOOSE), S_OK);
    cr_expect_eq(ab_rows_named(PERSONAL, "Carol"), 3);
}

Test(addressbook_personal, a_duplicate_can_be_replaced) /* ABK-107 */
{
    SPropValue *old = ab_add("Carol", "carol@example.org"), *now;
    IMAPIProp *entry;
    IUnknown *gone;
    ULONG type;

    expect_hr(save_again("Carol", "new@example.org", CREATE_CHECK_DUP_LOOSE | CREATE_REPLACE),
              S_OK);
    cr_expect_eq(ab_rows_named(PERSONAL, "Carol"), 1);
    now = row_id(PERSONAL, "Carol");
    entry = ab_open(now, 0);
    cr_expect_str_eq(text_of(entry, PR_EMAIL_ADDRESS_W), "new@example.org");
    IMAPIProp_Release(entry);
    expect_hr(IAddrBook_OpenEntry(book, old->Value.bin.cb, (ENTRYID *)old->Value.bin.lpb, NULL, 0,
                                  &type, &gone),
              MAPI_E_NOT_FOUND);
    MAPIFreeBuffer(now);
    MAPIFreeBuffer(old);
}

Test(addressbook_personal, entries_are_copied_from_anywhere) /* ABK-089, ABK-108, ABK-109 */
{
    static const BYTE nobody[24] = {0, 0, 0, 0, 9, 9, 9};
    SPropValue *zoe = row_id(CONTACTS, "Zoë Zest"), *copied;
    SBinary ids[3] = {zoe->Value.bin, {0}, {sizeof(nobody), (BYTE *)nobody}};
    IMAPIProp *entry;

    ids[1].lpb = (BYTE *)ab_oneoff("Dora", "SMTP", "dora@example.org", &ids[1].cb);
    expect_hr(copy(ids, 2, 0), S_OK);
    cr_expect_eq(ab_rows_named(PERSONAL, "Dora"), 1);
    copied = row_id(PERSONAL, "Zoë Zest");
    cr_expect_not(same_bytes(&copied->Value.bin, &zoe->Value.bin));
    entry = ab_open(copied, 0);
    cr_expect_str_eq(text_of(entry, PR_EMAIL_ADDRESS_W), "zoe@example.org");
    IMAPIProp_Release(entry);
    expect_hr(copy(ids, 2, CREATE_CHECK_DUP_STRICT), S_OK); /* duplicates are no failure */
    cr_expect_eq(ab_rows_named(PERSONAL, "Dora"), 1);
    expect_hr(copy(ids, 3, 0), MAPI_W_PARTIAL_COMPLETION);
    cr_expect_eq(ab_rows_named(PERSONAL, "Dora"), 2);
    MAPIFreeBuffer(ids[1].lpb);
    MAPIFreeBuffer(copied);
    MAPIFreeBuffer(zoe);
}

Test(addressbook_personal, deleting_goes_on_past_failures) /* ABK-090 */
{
    SPropValue *ann = ab_add("A", "a@example.org"), *bob = ab_add("B", "b@example.org"),
               *zoe = row_id(CONTACTS, "Zoë Zest");
    SBinary ids[3] = {ann->Value.bin, zoe->Value.bin, bob->Value.bin};

    expect_hr(delete_entries(ids, 3), MAPI_W_PARTIAL_COMPLETION);
    cr_expect_eq(ab_rows_named(PERSONAL, "A"), 0);
    cr_expect_eq(ab_rows_named(PERSONAL, "B"), 0);
    cr_expect_eq(ab_rows_named(CONTACTS, "Zoë Zest"), 1);
    expect_hr(delete_entries(ids, 1), MAPI_W_PARTIAL_COMPLETION);
    MAPIFreeBuffer(ann);
    MAPIFreeBuffer(bob);
    MAPIFreeBuffer(zoe);
}

static void expect_event(struct test_sink *sink, ULONG kind)
{
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &kind);
}

Test(addressbook_personal, open_tables_hear_of_it) /* ABK-101, ABK-105 */
{
    IMAPITable *table = ab_contents_of(PERSONAL);
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection = 0;
    SPropValue *id;

    cr_expect_eq(count_of(table), 0);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    id = ab_add("Carol", "carol@example.org");
    expect_event(sink, TABLE_ROW_ADDED);
    cr_expect_eq(count_of(table), 1);
    expect_hr(delete_entries(&id->Value.bin, 1), S_OK);
    expect_event(sink, TABLE_ROW_DELETED);
    cr_expect_eq(count_of(table), 0);
    assert_hr(IMAPITable_Unadvise(table, connection), S_OK);
    IMAPITable_Release(table);
    test_sink_release(sink);
    MAPIFreeBuffer(id);
}

Test(addressbook_personal, the_other_shelves_cannot_be_changed)
{
    const char *const shelves[] = {CONTACTS, USED};
    SPropValue *zoe = row_id(CONTACTS, "Zoë Zest");
    ENTRYLIST list = {1, &zoe->Value.bin};

    for (int i = 0; i < 2; i++) {
        IABContainer *shelf = ab_container(shelves[i]);
        IMAPIProp *entry = NULL;

        expect_hr(IABContainer_CreateEntry(shelf, zoe->Value.bin.cb, (ENTRYID *)zoe->Value.bin.lpb,
                                           0, &entry),
                  MAPI_E_NO_ACCESS);
        expect_hr(IABContainer_CopyEntries(shelf, &list, 0, NULL, 0), MAPI_E_NO_ACCESS);
        expect_hr(IABContainer_DeleteEntries(shelf, &list, 0), MAPI_E_NO_ACCESS);
        IABContainer_Release(shelf);
    }
    MAPIFreeBuffer(zoe);
}
