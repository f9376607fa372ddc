/* docs/requirements/addressbook.md, "Lists, entries, PrepareRecips" */
#include "tests/conformance/addressbook_rig.h"

TestSuite(addressbook_recipients, .init = ab_begin, .fini = ab_end);

static const SizedSPropTagArray(4, wanted) = {
    4, {PR_EMAIL_ADDRESS_W, PR_TITLE_W, PR_DISPLAY_NAME_W, PR_OBJECT_TYPE}};

/* A list of one entry with the id and a name that somebody typed for it; FreePadrlist. */
static ADRLIST *recipient(const SBinary *id, const char *name)
{
    ADRLIST *list = ab_names(MAPI_UNICODE, name, NULL);
    SPropValue *values = NULL, from = {.ulPropTag = PR_ENTRYID};
    ADRENTRY *entry = &list->aEntries[0];

    from.Value.bin = *id;
    assert_hr(MAPIAllocateBuffer(3 * sizeof(*values), (void **)&values), S_OK);
    assert_hr(PropCopyMore(&values[0], &entry->rgPropVals[0], MAPIAllocateMore, values), S_OK);
    assert_hr(PropCopyMore(&values[1], &entry->rgPropVals[1], MAPIAllocateMore, values), S_OK);
    assert_hr(PropCopyMore(&values[2], &from, MAPIAllocateMore, values), S_OK);
    MAPIFreeBuffer(entry->rgPropVals);
    *entry = (ADRENTRY){.cValues = 3, .rgPropVals = values};
    return list;
}

static HRESULT prepare(const void *tags, ADRLIST *list)
{
    return IAddrBook_PrepareRecips(book, 0, (SPropTagArray *)tags, list);
}

static void expect_prepared(const ADRENTRY *entry, const char *address)
{
    const SPropValue *values = entry->rgPropVals;

    cr_assert_eq(entry->cValues, 6);
    cr_expect_eq(values[0].ulPropTag, PR_EMAIL_ADDRESS_W);
    cr_expect_str_eq(mail_text(&values[0]), address);
    cr_expect_eq(values[1].ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(PR_TITLE_W)));
    cr_expect_eq(values[1].Value.err, MAPI_E_NOT_FOUND);
    cr_expect_eq(values[2].ulPropTag, PR_DISPLAY_NAME_W);
    cr_expect_str_eq(mail_text(&values[2]), "as typed", "what the list has wins");
    cr_expect_eq(values[3].ulPropTag, PR_OBJECT_TYPE);
    cr_expect_eq(values[3].Value.l, MAPI_MAILUSER);
    cr_expect_not_null(entry_value(entry, PR_ENTRYID));
    cr_expect_eq(entry_value(entry, PR_RECIPIENT_TYPE)->Value.l, MAPI_TO);
}

Test(addressbook_recipients, wanted_properties_come_first) /* ABK-054, ABK-055, ABK-057, ABK-124 */
{
    SPropValue *id = ab_add("Carol", "carol@example.org");
    SBinary oneoff;
    ADRLIST *list;

    list = recipient(&id->Value.bin, "as typed");
    assert_hr(prepare(&wanted, list), S_OK);
    expect_prepared(&list->aEntries[0], "carol@example.org");
    FreePadrlist(list);
    oneoff.lpb = (BYTE *)ab_oneoff("Dora", "SMTP", "dora@example.org", &oneoff.cb);
    list = recipient(&oneoff, "as typed");
    assert_hr(prepare(&wanted, list), S_OK);
    expect_prepared(&list->aEntries[0], "dora@example.org");
    FreePadrlist(list);
    MAPIFreeBuffer(oneoff.lpb);
    MAPIFreeBuffer(id);
}

Test(addressbook_recipients, ids_become_long_term_even_without_tags) /* ABK-053, ABK-058 */
{
    SPropValue *id = ab_add("Carol", "carol@example.org");
    BYTE bytes[64];
    SBinary brief = {id->Value.bin.cb, bytes};
    const SPropValue *now;
    ADRLIST *list;

    memcpy(bytes, id->Value.bin.lpb, brief.cb);
    bytes[0] = MAPI_SHORTTERM;
    list = recipient(&brief, "as typed");
    assert_hr(prepare(NULL, list), S_OK);
    now = entry_value(&list->aEntries[0], PR_ENTRYID);
    cr_assert_not_null(now);
    cr_expect(same_bytes(&now->Value.bin, &id->Value.bin));
    cr_expect_eq(list->aEntries[0].cValues, 3);
    FreePadrlist(list);
    MAPIFreeBuffer(id);
}

Test(addressbook_recipients, others_are_left_alone_and_counted) /* ABK-056 */
{
    static const BYTE nobody[24] = {0, 0, 0, 0, 9, 9, 9};
    SBinary foreign = {sizeof(nobody), (BYTE *)nobody};
    ADRLIST *list = recipient(&foreign, "as typed"), *unresolved = ab_names(0, "ann", "bob", NULL);
    SPropValue *before = list->aEntries[0].rgPropVals;

    assert_hr(prepare(&wanted, list), S_OK);
    cr_expect_eq(list->cEntries, 1);
    cr_expect_eq(list->aEntries[0].rgPropVals, before);
    assert_hr(prepare(&wanted, unresolved), S_OK);
    cr_expect_eq(unresolved->cEntries, 2);
    cr_expect_eq(unresolved->aEntries[1].cValues, 2);
    FreePadrlist(unresolved);
    FreePadrlist(list);
}

Test(addressbook_recipients, a_tag_asks_for_its_width)
{
    static const SizedSPropTagArray(2, narrow) = {2, {PR_DISPLAY_NAME_A, PR_EMAIL_ADDRESS_A}};
    SPropValue *id = ab_add("Carol", "carol@example.org");
    ADRLIST *list = recipient(&id->Value.bin, "as typed");

    assert_hr(prepare(&narrow, list), S_OK);
    cr_expect_eq(list->aEntries[0].rgPropVals[0].ulPropTag, PR_DISPLAY_NAME_A);
    cr_expect_str_eq(list->aEntries[0].rgPropVals[0].Value.lpszA, "as typed");
    cr_expect_str_eq(list->aEntries[0].rgPropVals[1].Value.lpszA, "carol@example.org");
    FreePadrlist(list);
    MAPIFreeBuffer(id);
}

Test(addressbook_recipients, every_entry_is_memory_of_its_own) /* ABK-052 */
{
    ADRLIST *list = ab_names(MAPI_UNICODE, "zest", "x@y.example", NULL);

    assert_hr(IAddrBook_ResolveName(book, 0, MAPI_UNICODE, NULL, list), S_OK);
    MAPIFreeBuffer(list->aEntries[0].rgPropVals);
    list->aEntries[0] = (ADRENTRY){0};
    cr_expect_not_null(entry_value(&list->aEntries[1], PR_ENTRYID));
    FreePadrlist(list);
}

/* The whole way: typed, resolved, prepared, sent. */
Test(addressbook_recipients, a_resolved_list_is_what_a_message_takes) /* ABK-051 */
{
    static const SizedSPropTagArray(6, needed) = {6,
                                                  {PR_ADDRTYPE_W, PR_DISPLAY_NAME_W,
                                                   PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_OBJECT_TYPE,
                                                   PR_SEARCH_KEY}};
    ADRLIST *list = ab_names(MAPI_UNICODE, "zest", "x@y.example", NULL);
    IMAPIFolder *folder = new_folder(NULL, "Drafts of mine");
    IMessage *message = new_message(folder, "to all");
    IMAPITable *table = NULL;
    SRowSet *rows;

    assert_hr(IAddrBook_ResolveName(book, 0, MAPI_UNICODE, NULL, list), S_OK);
    assert_hr(prepare(&needed, list), S_OK);
    assert_hr(IMessage_ModifyRecipients(message, MODRECIP_ADD, list), S_OK);
    FreeProws((SRowSet *)list); /* as good as FreePadrlist */
    assert_hr(IMessage_GetRecipientTable(message, MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &needed);
    cr_assert_eq(rows->cRows, 2);
    for (ULONG i = 0; i < 2; i++)
        for (ULONG j = 0; j < needed.cValues; j++)
            cr_expect_eq(rows->aRow[i].lpProps[j].ulPropTag, needed.aulPropTag[j]);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}
