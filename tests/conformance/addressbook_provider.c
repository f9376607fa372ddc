/* docs/requirements/addressbook.md, "Provider side": the provider's status, and what it refuses */
#include <stdio.h>

#include "tests/conformance/addressbook_rig.h"

TestSuite(addressbook_provider, .init = ab_begin, .fini = ab_end);

Test(addressbook_provider, has_a_status_row_and_object) /* ABK-069, STA-082 */
{
    IMAPIStatus *status = mail_status_object(MAPI_AB_PROVIDER);
    ENTRYID *target = NULL;

    expect_full_vtable(status);
    cr_expect_eq(number_of(status, PR_RESOURCE_TYPE), MAPI_AB_PROVIDER);
    cr_expect_eq(number_of(status, PR_RESOURCE_METHODS), STATUS_VALIDATE_STATE);
    cr_expect_eq(number_of(status, PR_STATUS_CODE), STATUS_AVAILABLE);
    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), S_OK);
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0x40000000), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(IMAPIStatus_SettingsDialog(status, 0, 0), MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIStatus_ChangePassword(status, (LPTSTR) "a", (LPTSTR) "b", 0), MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIStatus_FlushQueues(status, 0, 0, target, FLUSH_UPLOAD), MAPI_E_NO_SUPPORT);
    IMAPIStatus_Release(status);
}

Test(addressbook_provider, a_file_that_cannot_be_read_shows_in_the_row)
{
    IABContainer *shelf = ab_container(CONTACTS);
    IMAPIStatus *status = mail_status_object(MAPI_AB_PROVIDER);
    IMAPITable *table = NULL;
    ADRLIST *list;

    cr_assert_eq(remove(mail.contacts_file), 0);
    expect_hr(IABContainer_GetContentsTable(shelf, 0, &table), MAPI_E_NOT_FOUND);
    cr_expect_null(table);
    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), MAPI_E_NOT_FOUND);
    mail_await_status(MAPI_AB_PROVIDER, STATUS_FAILURE, STATUS_FAILURE);
    cr_expect_not_null(strstr(mail_status_text(MAPI_AB_PROVIDER), "contacts.vcf"));
    MAPIFreeBuffer(ab_add("Zest", "z@example.org")); /* the others work on */
    list = ab_names(MAPI_UNICODE, "zest", NULL);
    expect_hr(IAddrBook_ResolveName(book, 0, MAPI_UNICODE, NULL, list), S_OK);
    FreePadrlist(list);
    ab_write_contacts("BEGIN:VCARD\nFN:Eve\nEMAIL:eve@example.org\nEND:VCARD\n");
    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), S_OK);
    mail_await_status(MAPI_AB_PROVIDER, STATUS_FAILURE, 0);
    IMAPIStatus_Release(status);
    IABContainer_Release(shelf);
}

Test(addressbook_provider, goes_with_the_session)
{
    IABContainer *shelf = ab_container(PERSONAL);
    SPropValue *id = ab_add("Carol", "carol@example.org"), *value = NULL;
    IMAPIProp *person = ab_open(id, 0);
    IMAPITable *table = NULL;

    mail_logoff();
    expect_hr(IABContainer_GetContentsTable(shelf, 0, &table), MAPI_E_INVALID_OBJECT);
    expect_hr(HrGetOneProp(person, PR_DISPLAY_NAME_W, &value), MAPI_E_INVALID_OBJECT);
    expect_hr(IAddrBook_GetPAB(book, &(ULONG){0}, &(ENTRYID *){NULL}), MAPI_E_INVALID_OBJECT);
    expect_last_release(person);
    expect_last_release(shelf);
    MAPIFreeBuffer(id);
}

Test(addressbook_provider, what_is_not_written_is_not_opened_for_writing) /* ABK-071 */
{
    SPropValue *id = ab_container_id(USED);
    IUnknown *shelf = (IUnknown *)book;
    ULONG type;

    expect_hr(IAddrBook_OpenEntry(book, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                  MAPI_MODIFY, &type, &shelf),
              MAPI_E_NO_ACCESS);
    cr_expect_null(shelf);
    MAPIFreeBuffer(id);
}

Test(addressbook_provider, without_a_file_there_is_no_such_container)
{
    IABContainer *root = NULL;
    IMAPITable *table = NULL;
    ULONG type;

    ab_restart_with(NULL);
    assert_hr(IAddrBook_OpenEntry(book, 0, NULL, NULL, 0, &type, (IUnknown **)&root), S_OK);
    assert_hr(IABContainer_GetHierarchyTable(root, 0, &table), S_OK);
    cr_expect_eq(count_of(table), 2);
    IMAPITable_Release(table);
    IABContainer_Release(root);
}
