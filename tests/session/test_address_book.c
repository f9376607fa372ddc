/* tests/session/test_address_book.c - the integrated address book over address books of a test
 *
 * What the session owes programs whatever the providers do; the library's own address book is
 * tested in tests/conformance/addressbook_*.c. */
#include <string.h>

#include "mapi/adrlist.h"
#include "mapi/text.h"
#include "session/fake_address_book.h"
#include "session/fixture.h"

TestSuite(address_book, .init = fixture_set_up, .fini = fixture_tear_down);

static IMAPISession *session;
static IAddrBook *book;

static HRESULT begin(const char *const *users, size_t count)
{
    make_profile("Books", users, count);
    try_logon("Books", 0, &session); /* stores may fail as they like */
    cr_assert_not_null(session);
    return IMAPISession_OpenAddressBook(session, 0, NULL, AB_NO_DIALOG, &book);
}

static void end(void)
{
    IAddrBook_Release(book);
    logoff(session);
}

static const char *const two[] = {"ann", "bob"};

Test(address_book, comes_with_the_standard_interface) /* SES-170 */
{
    IAddrBook *other = (IAddrBook *)1;

    assert_hr(begin(two, 2), S_OK);
    expect_full_vtable(book);
    expect_interface(book, &IID_IAddrBook);
    expect_hr(IMAPISession_OpenAddressBook(session, 0, &IID_IMAPITable, 0, &other),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    cr_expect_null(other);
    expect_hr(IMAPISession_OpenAddressBook(session, 0, NULL, 0x40, &other), MAPI_E_UNKNOWN_FLAGS);
    end();
}

Test(address_book, providers_log_on_when_it_is_opened_and_off_with_the_session) /* ABK-067 */
{
    make_profile("Books", two, 2);
    session = logon("Books", 0);
    cr_expect_eq(fake_count("book_logon"), 0);
    assert_hr(IMAPISession_OpenAddressBook(session, 0, NULL, 0, &book), S_OK);
    cr_expect_eq(fake_count("book_logon ann"), 1);
    cr_expect_eq(fake_count("book_logon bob"), 1);
    cr_expect_lt(fake_position("book_logon ann"), fake_position("book_logon bob"));
    IAddrBook_Release(book);
    assert_hr(IMAPISession_OpenAddressBook(session, 0, NULL, 0, &book), S_OK);
    cr_expect_eq(fake_count("book_logon ann"), 1, "one logon a session");
    end();
    cr_expect_eq(fake_count("book_logoff"), 2);
    cr_expect_eq(fake_count("book_shutdown"), 2);
}

Test(address_book, nobody_is_asked) /* SES-173 */
{
    assert_hr(begin(two, 2), S_OK);
    cr_expect_eq(fake_count("book_logon_with_dialog"), 0);
    end();
}

static void expect_words(HRESULT hr, const char *words)
{
    MAPIERROR *error = NULL;

    assert_hr(IMAPISession_GetLastError(session, hr, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr((char *)error->lpszError, words), "%s", (char *)error->lpszError);
    MAPIFreeBuffer(error);
}

Test(address_book, one_that_fails_is_a_warning) /* SES-171, SES-172 */
{
    static const char *const users[] = {"ann", "offline", "offline2"};

    assert_hr(begin(users, 3), MAPI_W_ERRORS_RETURNED);
    cr_assert_not_null(book);
    expect_words(MAPI_W_ERRORS_RETURNED, "no book for offline;");
    expect_words(MAPI_W_ERRORS_RETURNED, "no book for offline2");
    cr_expect_eq(fake_count("book_logon ann"), 1);
    end();
}

static ULONG path_length(void)
{
    SRowSet *path = NULL;
    ULONG count;

    assert_hr(IAddrBook_GetSearchPath(book, 0, &path), S_OK);
    cr_assert_not_null(path);
    count = path->cRows;
    FreeProws(path);
    return count;
}

Test(address_book, is_there_when_every_provider_failed) /* SES-174 */
{
    static const char *const users[] = {"offline"};
    ENTRYID *id = (ENTRYID *)1;
    ULONG size = 1;

    assert_hr(begin(users, 1), MAPI_W_ERRORS_RETURNED);
    cr_assert_not_null(book);
    assert_hr(IAddrBook_GetPAB(book, &size, &id), S_OK);
    cr_expect_eq(size, 0);
    cr_expect_null(id);
    cr_expect_eq(path_length(), 0);
    end();
}

Test(address_book, without_containers_the_path_is_empty) /* ABK-020 */
{
    fake_book.is_empty = true;
    assert_hr(begin(two, 2), S_OK);
    cr_expect_eq(path_length(), 0);
    fake_book.is_empty = false;
    cr_expect_eq(path_length(), 2);
    end();
}

Test(address_book, no_writable_container_is_no_personal_address_book)
{
    ENTRYID *id = (ENTRYID *)1;
    ULONG size = 1;

    assert_hr(begin(two, 2), S_OK);
    assert_hr(IAddrBook_GetPAB(book, &size, &id), S_OK);
    cr_expect_eq(size, 0);
    cr_expect_null(id);
    end();
}

static ADRLIST *typed(const WCHAR *name)
{
    ADRLIST *list = NULL;
    SPropValue *values = NULL;

    assert_hr(MAPIAllocateBuffer(CbNewADRLIST(1), (void **)&list), S_OK);
    assert_hr(MAPIAllocateBuffer(sizeof(*values), (void **)&values), S_OK);
    values[0].ulPropTag = PR_DISPLAY_NAME_W;
    values[0].Value.lpszW = (WCHAR *)name;
    list->cEntries = 1;
    list->aEntries[0] = (ADRENTRY){.cValues = 1, .rgPropVals = values};
    return list;
}

/* The address that a name was resolved to, or "". */
static HRESULT resolve(const WCHAR *name, char address[64])
{
    ADRLIST *list = typed(name);
    HRESULT hr = IAddrBook_ResolveName(book, 0, MAPI_UNICODE, NULL, list);
    const SPropValue *value = adrentry_find(&list->aEntries[0], PR_EMAIL_ADDRESS_W);

    address[0] = '\0';
    if (value)
        utf16_to_utf8(value->Value.lpszW, utf16_length(value->Value.lpszW), address, 64);
    FreePadrlist(list);
    return hr;
}

Test(address_book, the_first_that_knows_ends_the_search) /* ABK-026, ABK-032 */
{
    char address[64];

    assert_hr(begin(two, 2), S_OK);
    expect_hr(resolve(u"only", address), S_OK);
    cr_expect_str_eq(address, "only.ann@example.org");
    cr_expect_eq(fake_count("resolve ann"), 1);
    cr_expect_eq(fake_count("resolve bob"), 0);
    expect_hr(resolve(u"nobody", address), MAPI_E_NOT_FOUND);
    cr_expect_eq(fake_count("resolve bob"), 1);
    expect_hr(resolve(u"same", address), MAPI_E_AMBIGUOUS_RECIP);
    end();
}

Test(address_book, a_container_that_cannot_resolve_is_searched) /* ABK-027 */
{
    char address[64];

    fake_book.cannot_resolve = true;
    assert_hr(begin(two, 2), S_OK);
    expect_hr(resolve(u"only", address), S_OK);
    cr_expect_str_eq(address, "only.ann@example.org");
    cr_expect_eq(fake_count("contents ann"), 1);
    expect_hr(resolve(u"sam", address), MAPI_E_AMBIGUOUS_RECIP);
    expect_hr(resolve(u"nobody", address), MAPI_E_NOT_FOUND);
    end();
    fake_book.cannot_resolve = false;
}

Test(address_book, all_providers_prepare_recipients)
{
    ADRLIST *list = typed(u"x");

    assert_hr(begin(two, 2), S_OK);
    expect_hr(IAddrBook_PrepareRecips(book, 0, NULL, list), S_OK);
    cr_expect_eq(fake_count("prepare"), 2);
    FreePadrlist(list);
    end();
}

Test(address_book, the_support_object_gives_it_too) /* PVD-037 */
{
    static const char *const users[] = {"ann", "offline"};
    IAddrBook *other = NULL;

    begin(users, 2);
    expect_hr(IMAPISupport_OpenAddressBook(fake.store_support, NULL, 0, &other),
              MAPI_W_ERRORS_RETURNED);
    cr_assert_not_null(other);
    expect_interface(other, &IID_IAddrBook);
    IAddrBook_Release(other);
    end();
}
