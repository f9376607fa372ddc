/* docs/requirements/addressbook.md, "One-off recipients" (the bytes: tests/mapi/test_oneoff.c) */
#include "tests/conformance/addressbook_rig.h"

#include "mapi/mapiextra.h"

TestSuite(addressbook_oneoff, .init = ab_begin, .fini = ab_end);

static IMAPIProp *open_oneoff(ULONG size, ENTRYID *id)
{
    SPropValue value = {.ulPropTag = PR_ENTRYID};

    value.Value.bin = (SBinary){size, (BYTE *)id};
    return ab_open(&value, 0);
}

static bool is_bytes(void *object, ULONG tag, const void *bytes, ULONG size)
{
    SPropValue *value = value_of(object, tag);
    SBinary expected = {size, (BYTE *)bytes};
    bool same = same_bytes(&value->Value.bin, &expected);

    MAPIFreeBuffer(value);
    return same;
}

Test(addressbook_oneoff, type_and_address_are_required_and_the_name_is_not) /* ABK-034, ABK-035 */
{
    ENTRYID *id = NULL;
    IMAPIProp *entry;
    ULONG size = 0;

    expect_hr(IAddrBook_CreateOneOff(book, NULL, NULL, (LPTSTR) "a@b", 0, &size, &id),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IAddrBook_CreateOneOff(book, NULL, (LPTSTR) "SMTP", NULL, 0, &size, &id),
              MAPI_E_INVALID_PARAMETER);
    assert_hr(IAddrBook_CreateOneOff(book, NULL, (LPTSTR) "SMTP", (LPTSTR) "a@b", 0, &size, &id),
              S_OK);
    entry = open_oneoff(size, id);
    cr_expect_str_eq(text_of(entry, PR_DISPLAY_NAME_W), "a@b");
    IMAPIProp_Release(entry);
    MAPIFreeBuffer(id);
}

Test(addressbook_oneoff, the_support_object_and_the_address_book_make_the_same_bytes)
{
    static const char expected[] =
        "\0\0\0\0\x81\x2B\x1F\xA4\xBE\xA3\x10\x19\x9D\x6E\x00\xDD\x01\x0F"
        "\x54\x02\0\0\0\0Ann\0SMTP\0ann@b";
    ENTRYID *id = NULL;
    ULONG size = 0;

    assert_hr(IAddrBook_CreateOneOff(book, (LPTSTR) "Ann", (LPTSTR) "SMTP", (LPTSTR) "ann@b", 0,
                                     &size, &id),
              S_OK);
    cr_assert_eq(size, sizeof(expected));
    cr_expect_eq(memcmp(id, expected, size), 0);
    MAPIFreeBuffer(id);
}

Test(addressbook_oneoff, opens_as_a_messaging_user) /* ABK-042, ABK-043, ABK-044 */
{
    static const char key[] = "FAX:+49 30 ABC";
    IUnknown *through_session = NULL;
    IMAPIProp *entry;
    ENTRYID *id;
    ULONG size, type = 0;

    id = ab_oneoff("Jörg", "FAX", "+49 30 abc", &size);
    assert_hr(IMAPISession_OpenEntry(mail.session, size, id, NULL, 0, &type, &through_session),
              S_OK);
    cr_expect_eq(type, MAPI_MAILUSER);
    expect_interface(through_session, &IID_IMailUser);
    entry = (IMAPIProp *)through_session;
    cr_expect_str_eq(text_of(entry, PR_DISPLAY_NAME_W), "Jörg");
    cr_expect_str_eq(text_of(entry, PR_ADDRTYPE_W), "FAX");
    cr_expect_str_eq(text_of(entry, PR_EMAIL_ADDRESS_W), "+49 30 abc");
    cr_expect(is_bytes(entry, PR_ENTRYID, id, size));
    cr_expect(is_bytes(entry, PR_RECORD_KEY, id, size));
    cr_expect(is_bytes(entry, PR_SEARCH_KEY, key, sizeof(key)));
    cr_expect_eq(number_of(entry, PR_OBJECT_TYPE), MAPI_MAILUSER);
    cr_expect_eq(number_of(entry, PR_DISPLAY_TYPE), DT_MAILUSER);
    expect_hr(set_text(entry, PR_DISPLAY_NAME_W, "x"), MAPI_E_NO_ACCESS);
    IMAPIProp_Release(entry);
    expect_hr(
        IMAPISession_OpenEntry(mail.session, size, id, NULL, MAPI_MODIFY, &type, &through_session),
        MAPI_E_NO_ACCESS);
    expect_hr(
        IMAPISession_OpenEntry(mail.session, size, id, &IID_IDistList, 0, &type, &through_session),
        MAPI_E_INTERFACE_NOT_SUPPORTED);
    expect_hr(IMAPISession_OpenEntry(mail.session, size - 1, id, NULL, 0, &type, &through_session),
              MAPI_E_INVALID_ENTRYID);
    MAPIFreeBuffer(id);
}

static LONG rich_info(const char *type, ULONG flags)
{
    ENTRYID *id = NULL;
    IMAPIProp *entry;
    ULONG size;
    LONG rich;

    assert_hr(
        IAddrBook_CreateOneOff(book, (LPTSTR) "A", (LPTSTR)type, (LPTSTR) "a@b", flags, &size, &id),
        S_OK);
    entry = open_oneoff(size, id);
    rich = number_of(entry, PR_SEND_RICH_INFO);
    IMAPIProp_Release(entry);
    MAPIFreeBuffer(id);
    return rich;
}

Test(addressbook_oneoff, rich_text_is_for_those_who_have_it) /* ABK-036 */
{
    cr_expect_eq(rich_info("FAX", 0), TRUE);
    cr_expect_eq(rich_info("FAX", MAPI_SEND_NO_RICH_INFO), FALSE);
    cr_expect_eq(rich_info("SMTP", 0), FALSE);
    cr_expect_eq(rich_info("SMTP", MAPI_SEND_NO_RICH_INFO), FALSE);
}

Test(addressbook_oneoff, both_widths_are_the_same_recipient)
{
    ENTRYID *wide, *narrow = NULL;
    ULONG wide_size, narrow_size, same = 77;

    wide = ab_oneoff("Ann", "SMTP", "ann@example.org", &wide_size);
    assert_hr(IAddrBook_CreateOneOff(book, (LPTSTR) "Ann", (LPTSTR) "smtp",
                                     (LPTSTR) "ANN@example.org", 0, &narrow_size, &narrow),
              S_OK);
    expect_hr(IAddrBook_CompareEntryIDs(book, wide_size, wide, narrow_size, narrow, 0, &same),
              S_OK);
    cr_expect_eq(same, TRUE);
    MAPIFreeBuffer(narrow);
    narrow = ab_oneoff("Bob", "SMTP", "ann@example.org", &narrow_size);
    expect_hr(IAddrBook_CompareEntryIDs(book, wide_size, wide, narrow_size, narrow, 0, &same),
              S_OK);
    cr_expect_eq(same, FALSE);
    MAPIFreeBuffer(narrow);
    MAPIFreeBuffer(wide);
}

Test(addressbook_oneoff, who_the_session_is_opens_as_a_messaging_user) /* SES-192 */
{
    IUnknown *user = NULL;
    ENTRYID *id = NULL;
    ULONG size, type = 0;

    assert_hr(IMAPISession_QueryIdentity(mail.session, &size, &id), S_OK);
    assert_hr(IMAPISession_OpenEntry(mail.session, size, id, NULL, 0, &type, &user), S_OK);
    cr_expect_eq(type, MAPI_MAILUSER);
    expect_interface(user, &IID_IMailUser);
    cr_expect_not_null(strstr(text_of(user, PR_EMAIL_ADDRESS_W), "@example.test"));
    user->lpVtbl->Release(user);
    MAPIFreeBuffer(id);
}

/* --- NewEntry --------------------------------------------------------------------------------- */

Test(addressbook_oneoff, a_new_entry_without_container_is_a_one_off) /* ABK-059, ABK-061, ABK-117 */
{
    SPropValue *carol = ab_add("Carol", "carol@example.org");
    ENTRYID *id = NULL, *expected;
    ULONG size = 0, same = FALSE, expected_size;

    expected = ab_oneoff("Carol", "SMTP", "carol@example.org", &expected_size);
    assert_hr(IAddrBook_NewEntry(book, 0, MAPI_UNICODE, 0, NULL, carol->Value.bin.cb,
                                 (ENTRYID *)carol->Value.bin.lpb, &size, &id),
              S_OK);
    expect_hr(IAddrBook_CompareEntryIDs(book, size, id, expected_size, expected, 0, &same), S_OK);
    cr_expect_eq(same, TRUE);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(expected);
    MAPIFreeBuffer(carol);
}

Test(addressbook_oneoff, a_new_entry_in_a_container_is_kept_there)
{
    SPropValue *personal = ab_container_id(PERSONAL), kept = {.ulPropTag = PR_ENTRYID};
    IMAPIProp *entry;
    ENTRYID *oneoff;
    ULONG size;

    oneoff = ab_oneoff("Dora", "SMTP", "dora@example.org", &size);
    assert_hr(IAddrBook_NewEntry(book, 0, 0, personal->Value.bin.cb,
                                 (ENTRYID *)personal->Value.bin.lpb, size, oneoff,
                                 &kept.Value.bin.cb, (ENTRYID **)&kept.Value.bin.lpb),
              S_OK);
    entry = ab_open(&kept, 0);
    cr_expect_str_eq(text_of(entry, PR_EMAIL_ADDRESS_W), "dora@example.org");
    IMAPIProp_Release(entry);
    cr_expect_eq(ab_rows_named(PERSONAL, "Dora"), 1);
    MAPIFreeBuffer(kept.Value.bin.lpb);
    MAPIFreeBuffer(oneoff);
    MAPIFreeBuffer(personal);
}

Test(addressbook_oneoff, what_needs_a_dialog_is_refused) /* ABK-060 */
{
    SPropValue *personal = ab_container_id(PERSONAL), *template;
    IABContainer *container = ab_container(PERSONAL);
    ADRPARM parameters = {.ulFlags = DIALOG_MODAL};
    ADRLIST *list = NULL;
    ULONG_PTR window = 0;
    ENTRYID *id = NULL;
    ULONG size = 0;

    template = value_of(container, PR_DEF_CREATE_MAILUSER);
    expect_hr(IAddrBook_NewEntry(book, 0, 0, 0, NULL, 0, NULL, &size, &id), MAPI_E_NO_SUPPORT);
    expect_hr(IAddrBook_NewEntry(book, 0, 0, personal->Value.bin.cb,
                                 (ENTRYID *)personal->Value.bin.lpb, template->Value.bin.cb,
                                 (ENTRYID *)template->Value.bin.lpb, &size, &id),
              MAPI_E_NO_SUPPORT);
    expect_hr(IAddrBook_Address(book, &window, &parameters, &list), MAPI_E_NO_SUPPORT);
    expect_hr(IAddrBook_Details(book, &window, NULL, NULL, personal->Value.bin.cb,
                                (ENTRYID *)personal->Value.bin.lpb, NULL, NULL, NULL, DIALOG_MODAL),
              MAPI_E_NO_SUPPORT);
    cr_expect_eq(ab_rows_named(PERSONAL, ""), 0);
    IABContainer_Release(container);
    MAPIFreeBuffer(template);
    MAPIFreeBuffer(personal);
}
