/* docs/requirements/addressbook.md, "ResolveName" */
#include "tests/conformance/addressbook_rig.h"

#include "mapi/mapiaux.h"

TestSuite(addressbook_resolve, .init = ab_begin, .fini = ab_end);

static HRESULT resolve(ULONG flags, ADRLIST *list)
{
    return IAddrBook_ResolveName(book, 0, flags, NULL, list);
}

static const char *text_in(const ADRENTRY *entry, ULONG tag)
{
    const SPropValue *value = entry_value(entry, tag);

    return value ? mail_text(value) : "(none)";
}

/* The address that a typed name has been resolved to; "(none)". */
static const char *address_for(const char *name)
{
    ADRLIST *list = ab_names(MAPI_UNICODE, name, NULL);
    const char *address;

    resolve(MAPI_UNICODE, list);
    address = text_in(&list->aEntries[0], PR_EMAIL_ADDRESS_W);
    cr_expect_eq(entry_value(&list->aEntries[0], PR_ENTRYID) != NULL,
                 strcmp(address, "(none)") != 0);
    FreePadrlist(list);
    return address;
}

Test(addressbook_resolve, entries_with_an_id_are_left_alone) /* ABK-023 */
{
    SPropValue id = {.ulPropTag = PR_ENTRYID}, *values = NULL;
    ADRLIST *list = ab_names(MAPI_UNICODE, "ann@example.org", NULL);

    id.Value.bin = (SBinary){4, (BYTE *)"mine"};
    assert_hr(MAPIAllocateBuffer(2 * sizeof(*values), (void **)&values), S_OK);
    values[0] = id;
    values[1].ulPropTag = PR_DISPLAY_NAME_A;
    values[1].Value.lpszA = (char *)"ann@example.org";
    MAPIFreeBuffer(list->aEntries[0].rgPropVals);
    list->aEntries[0].rgPropVals = values;
    expect_hr(resolve(MAPI_UNICODE, list), S_OK);
    cr_expect_eq(list->aEntries[0].cValues, 2);
    cr_expect_eq(list->aEntries[0].rgPropVals, values);
    FreePadrlist(list);
}

Test(addressbook_resolve, an_internet_address_becomes_a_one_off) /* ABK-024 */
{
    ADRLIST *list = ab_names(MAPI_UNICODE, "new.one@somewhere.example", NULL);
    const ADRENTRY *entry = &list->aEntries[0];
    SPropValue id;
    IMAPIProp *user;

    assert_hr(resolve(MAPI_UNICODE, list), S_OK);
    cr_expect_str_eq(text_in(entry, PR_ADDRTYPE_W), "SMTP");
    cr_expect_str_eq(text_in(entry, PR_EMAIL_ADDRESS_W), "new.one@somewhere.example");
    cr_expect_str_eq(text_in(entry, PR_DISPLAY_NAME_W), "new.one@somewhere.example");
    cr_expect_eq(entry_value(entry, PR_RECIPIENT_TYPE)->Value.l, MAPI_TO);
    id = *entry_value(entry, PR_ENTRYID);
    user = ab_open(&id, 0);
    cr_expect_str_eq(text_of(user, PR_EMAIL_ADDRESS_W), "new.one@somewhere.example");
    IMAPIProp_Release(user);
    FreePadrlist(list);
}

Test(addressbook_resolve, a_bracketed_address_becomes_a_one_off_of_its_type) /* ABK-025 */
{
    ADRLIST *list = ab_names(MAPI_UNICODE, "Ann Example [FAX:+49 30 1]", NULL);
    const ADRENTRY *entry = &list->aEntries[0];

    assert_hr(resolve(MAPI_UNICODE, list), S_OK);
    cr_expect_str_eq(text_in(entry, PR_ADDRTYPE_W), "FAX");
    cr_expect_str_eq(text_in(entry, PR_EMAIL_ADDRESS_W), "+49 30 1");
    cr_expect_str_eq(text_in(entry, PR_DISPLAY_NAME_W), "Ann Example");
    FreePadrlist(list);
}

Test(addressbook_resolve, names_are_looked_for_along_the_path) /* ABK-026, ABK-032 */
{
    cr_expect_str_eq(address_for("zest"), "zoe@example.org");
    MAPIFreeBuffer(ab_add("Zorro Zest", "zorro@example.org"));
    cr_expect_str_eq(address_for("zest"), "zorro@example.org", "the personal one comes first");
    cr_expect_str_eq(address_for("zoe zest"), "zoe@example.org");
}

Test(addressbook_resolve, who_is_typed_exactly_is_meant)
{
    cr_expect_str_eq(address_for("ann example"), "ann@example.org");
    cr_expect_str_eq(address_for("ZOË ZEST"), "zoe@example.org");
    cr_expect_str_eq(address_for("other anna"), "anna@other.example");
}

Test(addressbook_resolve, ambiguous_and_unknown_names_are_told) /* ABK-028, ABK-029, ABK-083 */
{
    ADRLIST *list = ab_names(MAPI_UNICODE, "ann", NULL);
    SPropValue *before = list->aEntries[0].rgPropVals;

    expect_hr(resolve(MAPI_UNICODE, list), MAPI_E_AMBIGUOUS_RECIP);
    cr_expect_eq(list->aEntries[0].rgPropVals, before, "an ambiguous entry is not changed");
    FreePadrlist(list);
    list = ab_names(MAPI_UNICODE, "nobody", NULL);
    expect_hr(resolve(MAPI_UNICODE, list), MAPI_E_NOT_FOUND);
    FreePadrlist(list);
    list = ab_names(MAPI_UNICODE, "nobody", "ann", NULL);
    expect_hr(resolve(MAPI_UNICODE, list), MAPI_E_AMBIGUOUS_RECIP);
    FreePadrlist(list);
}

/* There is no screen: a dialog would have asked, so the answer is as without. */
Test(addressbook_resolve, a_dialog_cannot_be_had)
{
    ADRLIST *list = ab_names(MAPI_UNICODE, "ann", "zest", NULL);
    MAPIERROR *error = NULL;

    expect_hr(resolve(MAPI_UNICODE | MAPI_DIALOG, list), MAPI_E_AMBIGUOUS_RECIP);
    cr_expect_not_null(entry_value(&list->aEntries[1], PR_ENTRYID));
    assert_hr(IAddrBook_GetLastError(book, MAPI_E_AMBIGUOUS_RECIP, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr((char *)error->lpszError, "screen"));
    MAPIFreeBuffer(error);
    FreePadrlist(list);
}

Test(addressbook_resolve, the_width_is_what_was_asked_for) /* ABK-030 */
{
    ADRLIST *list = ab_names(0, "zest", "a@b.example", NULL);

    assert_hr(resolve(0, list), S_OK);
    for (ULONG i = 0; i < 2; i++) {
        const ADRENTRY *entry = &list->aEntries[i];

        cr_expect_not_null(entry_value(entry, PR_DISPLAY_NAME_A));
        cr_expect_not_null(entry_value(entry, PR_ADDRTYPE_A));
        cr_expect_not_null(entry_value(entry, PR_EMAIL_ADDRESS_A));
        cr_expect_not_null(entry_value(entry, PR_TRANSMITABLE_DISPLAY_NAME_A));
    }
    FreePadrlist(list);
    list = ab_names(0, "zest", "a@b.example", NULL);
    assert_hr(resolve(MAPI_UNICODE, list), S_OK);
    for (ULONG i = 0; i < 2; i++) {
        const ADRENTRY *entry = &list->aEntries[i];

        cr_expect_not_null(entry_value(entry, PR_DISPLAY_NAME_W));
        cr_expect_not_null(entry_value(entry, PR_ADDRTYPE_W));
        cr_expect_not_null(entry_value(entry, PR_EMAIL_ADDRESS_W));
        cr_expect_not_null(entry_value(entry, PR_TRANSMITABLE_DISPLAY_NAME_W));
        cr_expect_null(entry_value(entry, PR_DISPLAY_NAME_A));
    }
    FreePadrlist(list);
}

Test(addressbook_resolve, what_was_resolved_before_a_failure_stays) /* ABK-031 */
{
    ADRLIST *list = ab_names(MAPI_UNICODE, "zest", "nobody", "x@y.example", NULL);

    expect_hr(resolve(MAPI_UNICODE, list), MAPI_E_NOT_FOUND);
    cr_expect_str_eq(text_in(&list->aEntries[0], PR_EMAIL_ADDRESS_W), "zoe@example.org");
    cr_expect_not_null(entry_value(&list->aEntries[0], PR_ENTRYID));
    cr_expect_null(entry_value(&list->aEntries[1], PR_ENTRYID));
    cr_expect_not_null(entry_value(&list->aEntries[2], PR_ENTRYID));
    FreePadrlist(list);
}

Test(addressbook_resolve, entries_without_properties_are_ignored) /* ABK-033 */
{
    ADRLIST *list = ab_names(MAPI_UNICODE, "zest", "gone", NULL);

    MAPIFreeBuffer(list->aEntries[1].rgPropVals);
    list->aEntries[1] = (ADRENTRY){0};
    expect_hr(resolve(MAPI_UNICODE, list), S_OK);
    cr_expect_eq(list->aEntries[1].cValues, 0);
    FreePadrlist(list);
}

/* What mail went to is found by name from then on. */
Test(addressbook_resolve, an_address_that_was_used_is_found)
{
    static const char *const to[] = {"dave.used@example.test"};

    cr_expect_str_eq(address_for("dave"), "(none)");
    mail_send("hello", "words", to, 1);
    cr_expect_str_eq(address_for("dave"), "dave.used@example.test");
    cr_expect_eq(ab_rows_named(USED, "dave.used@example.test"), 1);
    ab_restart();
    cr_expect_str_eq(address_for("used"), "dave.used@example.test");
}

/* The file is read anew at each look. */
Test(addressbook_resolve, a_file_that_was_edited_counts_at_once)
{
    ab_write_contacts("BEGIN:VCARD\nFN:Eve New\nEMAIL:eve@example.org\nEND:VCARD\n");
    cr_expect_str_eq(address_for("eve"), "eve@example.org");
    cr_expect_str_eq(address_for("zest"), "(none)");
}
