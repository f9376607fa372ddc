/* docs/requirements/addressbook.md, "Settings"; session/own_status.c's look at them */
#include "tests/conformance/addressbook_rig.h"

TestSuite(addressbook_settings, .init = ab_begin, .fini = ab_end);

typedef HRESULT get_fn(ULONG *ret_size, ENTRYID **ret_id);

static HRESULT get_pab(ULONG *ret_size, ENTRYID **ret_id)
{
    return IAddrBook_GetPAB(book, ret_size, ret_id);
}

static HRESULT get_default(ULONG *ret_size, ENTRYID **ret_id)
{
    return IAddrBook_GetDefaultDir(book, ret_size, ret_id);
}

/* The name of the container that is set. */
static const char *name_of(get_fn *get)
{
    SPropValue id = {.ulPropTag = PR_ENTRYID};
    IMAPIProp *container;
    const char *name;

    assert_hr(get(&id.Value.bin.cb, (ENTRYID **)&id.Value.bin.lpb), S_OK);
    cr_assert(id.Value.bin.lpb != NULL);
    container = ab_open(&id, 0);
    name = text_of(container, PR_DISPLAY_NAME_W);
    IMAPIProp_Release(container);
    MAPIFreeBuffer(id.Value.bin.lpb); /* ABK-035 */
    return name;
}

static HRESULT set_default(const char *name)
{
    SPropValue *id = ab_container_id(name);
    HRESULT hr = IAddrBook_SetDefaultDir(book, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb);

    MAPIFreeBuffer(id);
    return hr;
}

static HRESULT set_pab(const char *name)
{
    SPropValue *id = ab_container_id(name);
    HRESULT hr = IAddrBook_SetPAB(book, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb);

    MAPIFreeBuffer(id);
    return hr;
}

/* The names of the path, each with a comma behind. */
static const char *path_names(void)
{
    static char text[256];
    SRowSet *path = NULL;

    text[0] = '\0';
    assert_hr(IAddrBook_GetSearchPath(book, MAPI_UNICODE, &path), S_OK);
    for (ULONG i = 0; i < path->cRows; i++) {
        cr_assert_eq(path->aRow[i].lpProps[0].ulPropTag, PR_ENTRYID);
        cr_assert_eq(path->aRow[i].lpProps[1].ulPropTag, PR_DISPLAY_NAME_W);
        strcat(text, mail_text(&path->aRow[i].lpProps[1]));
        strcat(text, ",");
    }
    FreeProws(path);
    return text;
}

/* Sets the path to the containers of those names, up to the NULL. */
static HRESULT set_path(const char *first, const char *second)
{
    const char *names[] = {first, second};
    SPropValue *ids[2];
    SRowSet *path = NULL;
    ULONG count = first ? second ? 2 : 1 : 0;
    HRESULT hr;

    assert_hr(MAPIAllocateBuffer(CbNewSRowSet(2), (void **)&path), S_OK);
    path->cRows = count;
    for (ULONG i = 0; i < count; i++) {
        ids[i] = ab_container_id(names[i]);
        path->aRow[i] = (SRow){.cValues = 1, .lpProps = ids[i]};
    }
    hr = IAddrBook_SetSearchPath(book, 0, path);
    for (ULONG i = 0; i < count; i++)
        MAPIFreeBuffer(ids[i]);
    MAPIFreeBuffer(path);
    return hr;
}

Test(addressbook_settings, the_personal_address_book_is_the_first_that_can_be_written)
{
    cr_expect_str_eq(name_of(get_pab), PERSONAL);
}

Test(addressbook_settings, a_personal_address_book_must_be_there_and_be_writable)
{
    BYTE nobody[24] = {0, 0, 0, 0, 9, 9, 9};

    expect_hr(IAddrBook_SetPAB(book, 0, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(IAddrBook_SetPAB(book, sizeof(nobody), (ENTRYID *)nobody), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(set_pab(CONTACTS), MAPI_E_NO_ACCESS);
    expect_hr(set_pab(PERSONAL), S_OK);
    cr_expect_str_eq(name_of(get_pab), PERSONAL);
    ab_restart();
    cr_expect_str_eq(name_of(get_pab), PERSONAL);
}

Test(addressbook_settings, the_default_directory_is_the_first_with_names)
{
    cr_expect_str_eq(name_of(get_default), CONTACTS);
    assert_hr(set_default(USED), S_OK);
    cr_expect_str_eq(name_of(get_default), USED);
    ab_restart_with(NULL);
    cr_expect_str_eq(name_of(get_default), USED);
}

Test(addressbook_settings, the_default_directory_outlives_the_session) /* ABK-017 */
{
    expect_hr(IAddrBook_SetDefaultDir(book, 0, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(set_default(PERSONAL), S_OK);
    ab_restart();
    cr_expect_str_eq(name_of(get_default), PERSONAL);
}

Test(addressbook_settings, a_container_that_has_gone_is_not_set_any_more)
{
    assert_hr(set_default(CONTACTS), S_OK);
    assert_hr(set_path(CONTACTS, USED), S_OK);
    ab_restart_with(NULL);
    cr_expect_str_eq(name_of(get_default), USED); /* the first with names */
    cr_expect_str_eq(path_names(), USED ",");     /* ABK-019 */
    ab_restart_with("");
    cr_expect_str_eq(name_of(get_default), CONTACTS);
    cr_expect_str_eq(path_names(), CONTACTS "," USED ",");
}

Test(addressbook_settings, the_path_is_the_writable_one_then_the_global_ones)
{
    cr_expect_str_eq(path_names(), PERSONAL "," CONTACTS "," USED ",");
}

Test(addressbook_settings, a_path_holds_at_once_and_outlives_the_session) /* ABK-022 */
{
    IAddrBook *second = NULL;

    assert_hr(set_path(USED, CONTACTS), S_OK);
    cr_expect_str_eq(path_names(), USED "," CONTACTS ",");
    assert_hr(IMAPISession_OpenAddressBook(mail.session, 0, NULL, 0, &second), S_OK);
    IAddrBook_Release(book);
    book = second;
    cr_expect_str_eq(path_names(), USED "," CONTACTS ",");
    ab_restart();
    cr_expect_str_eq(path_names(), USED "," CONTACTS ",");
    assert_hr(set_path(NULL, NULL), S_OK); /* back to the default */
    cr_expect_str_eq(path_names(), PERSONAL "," CONTACTS "," USED ",");
}

Test(addressbook_settings, a_path_without_an_id_is_refused) /* ABK-021 */
{
    SPropValue values[2] = {{.ulPropTag = PR_DISPLAY_NAME_W}, {.ulPropTag = PR_ENTRYID}};
    SPropValue *id = ab_container_id(USED);
    SRowSet *path = NULL;

    values[0].Value.lpszW = mail_wide(USED);
    values[1].Value = id->Value;
    assert_hr(MAPIAllocateBuffer(CbNewSRowSet(1), (void **)&path), S_OK);
    path->cRows = 1;
    path->aRow[0] = (SRow){.cValues = 2, .lpProps = values};
    expect_hr(IAddrBook_SetSearchPath(book, 0, path), MAPI_E_MISSING_REQUIRED_COLUMN);
    path->aRow[0] = (SRow){0};
    expect_hr(IAddrBook_SetSearchPath(book, 0, path), MAPI_E_MISSING_REQUIRED_COLUMN);
    cr_expect_str_eq(path_names(), PERSONAL "," CONTACTS "," USED ",");
    MAPIFreeBuffer(path);
    MAPIFreeBuffer(id);
}

Test(addressbook_settings, a_path_comes_in_the_width_that_is_asked_for)
{
    SRowSet *path = NULL;

    assert_hr(IAddrBook_GetSearchPath(book, 0, &path), S_OK);
    cr_expect_eq(path->aRow[0].lpProps[1].ulPropTag, PR_DISPLAY_NAME_A);
    cr_expect_str_eq(path->aRow[0].lpProps[1].Value.lpszA, PERSONAL);
    FreeProws(path);
    path = (SRowSet *)1;
    expect_hr(IAddrBook_GetSearchPath(book, 1, &path), MAPI_E_UNKNOWN_FLAGS);
    cr_expect_null(path);
}

Test(addressbook_settings, validation_looks_at_what_is_set) /* STA-099 */
{
    IMAPIStatus *status = mail_status_object(MAPI_AB);

    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), S_OK);
    assert_hr(set_default(CONTACTS), S_OK);
    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), S_OK);
    IMAPIStatus_Release(status);
    ab_restart_with(NULL);
    status = mail_status_object(MAPI_AB);
    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), MAPI_E_NOT_FOUND);
    IMAPIStatus_Release(status);
}
