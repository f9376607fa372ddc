/* IExchangeManageStore: the way back from source keys, and rights */
#include "tests/conformance/store_rig.h"

#include "mapi/edkguid.h"
#include "mapi/edkmdb.h"
#include "mapi/mapiextra.h"

TestSuite(store_manage, .init = store_begin, .fini = mail_close);

static IExchangeManageStore *manage(void)
{
    IExchangeManageStore *made = NULL;

    assert_hr(IMsgStore_QueryInterface(mail.store, &IID_IExchangeManageStore, (void **)&made),
              S_OK);
    return made;
}

/* The id of these keys (message NULL: a folder's); its bytes to free. */
static HRESULT find_id(const SPropValue *folder, const SPropValue *message, SBinary *ret_id)
{
    IExchangeManageStore *store = manage();
    HRESULT hr = IExchangeManageStore_EntryIDFromSourceKey(
        store, folder->Value.bin.cb, folder->Value.bin.lpb, message ? message->Value.bin.cb : 0,
        message ? message->Value.bin.lpb : NULL, &ret_id->cb, (ENTRYID **)&ret_id->lpb);

    IExchangeManageStore_Release(store);
    return hr;
}

Test(store_manage, the_store_has_one_identity)
{
    IExchangeManageStore *store = manage();
    IUnknown *one, *other;

    assert_hr(IExchangeManageStore_QueryInterface(store, &IID_IUnknown, (void **)&one), S_OK);
    assert_hr(IMsgStore_QueryInterface(mail.store, &IID_IUnknown, (void **)&other), S_OK);
    cr_expect_eq(one, other);
    IUnknown_Release(other);
    IUnknown_Release(one);
    IExchangeManageStore_Release(store);
}

Test(store_manage, source_keys_lead_back_to_entry_ids)
{
    IMAPIFolder *folder = new_folder(NULL, "Keyed");
    SPropValue *id = saved_message(folder, "keyed"), *folder_id = value_of(folder, PR_ENTRYID),
               *folder_key = value_of(folder, PR_SOURCE_KEY), *key, *parent_key;
    IMessage *message = open_message(id, 0);
    SBinary found;

    key = value_of(message, PR_SOURCE_KEY);
    parent_key = value_of(message, PR_PARENT_SOURCE_KEY);
    cr_expect(same_bytes(&folder_key->Value.bin, &parent_key->Value.bin));
    assert_hr(find_id(folder_key, NULL, &found), S_OK);
    cr_expect(same_bytes(&found, &folder_id->Value.bin));
    MAPIFreeBuffer(found.lpb);
    assert_hr(find_id(parent_key, key, &found), S_OK);
    cr_expect(same_bytes(&found, &id->Value.bin));
    MAPIFreeBuffer(found.lpb);
    IMessage_Release(message);
    MAPIFreeBuffer(parent_key);
    MAPIFreeBuffer(key);
    MAPIFreeBuffer(folder_key);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_manage, what_is_no_source_key_of_ours_is_not_found)
{
    IMAPIFolder *folder = new_folder(NULL, "Keyed"), *root = mail_folder("");
    SPropValue *key = value_of(folder, PR_SOURCE_KEY), *id = value_of(folder, PR_ENTRYID),
               foreign = *key, shorter = *key, none = *key;
    IExchangeManageStore *store = manage();
    BYTE bytes[22];
    SBinary found = {7, NULL};
    IMAPITable *table;

    memcpy(bytes, key->Value.bin.lpb, sizeof(bytes));
    bytes[3] ^= 1; /* another replica */
    foreign.Value.bin.lpb = bytes;
    expect_hr(find_id(&foreign, NULL, &found), MAPI_E_NOT_FOUND);
    cr_expect_null(found.lpb);
    shorter.Value.bin.cb = 21;
    expect_hr(find_id(&shorter, NULL, &found), MAPI_E_NOT_FOUND);
    none.Value.bin.cb = 0;
    expect_hr(find_id(&none, NULL, &found), MAPI_E_INVALID_PARAMETER);
    expect_hr(find_id(key, &foreign, &found), MAPI_E_NOT_FOUND);
    assert_hr(
        IMAPIFolder_DeleteFolder(root, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0, NULL, 0),
        S_OK);
    expect_hr(find_id(key, NULL, &found), MAPI_E_NOT_FOUND);
    expect_hr(IExchangeManageStore_GetMailboxTable(store, NULL, &table, 0), MAPI_E_NO_SUPPORT);
    IExchangeManageStore_Release(store);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(key);
    IMAPIFolder_Release(root);
    IMAPIFolder_Release(folder);
}

Test(store_manage, our_rights_in_a_folder_are_its_own)
{
    IMAPIFolder *folder = new_folder(NULL, "Ours");
    SPropValue *id = value_of(folder, PR_ENTRYID);
    IExchangeManageStore *store = manage();
    ULONG rights = 0;

    assert_hr(IExchangeManageStore_GetRights(store, 0, NULL, id->Value.bin.cb,
                                             (ENTRYID *)id->Value.bin.lpb, &rights),
              S_OK);
    cr_expect_eq((LONG)rights, number_of(folder, PR_RIGHTS));
    cr_expect_eq(rights, rightsAll | frightsContact);
    expect_hr(IExchangeManageStore_GetRights(store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                             id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                             &rights),
              MAPI_E_NO_SUPPORT);
    IExchangeManageStore_Release(store);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* Without ACL on the server there is nobody else to show. */
Test(store_manage, a_server_without_acl_has_no_permissions)
{
    IMAPIFolder *folder = new_folder(NULL, "Ours");
    IExchangeModifyTable *permissions = NULL;
    IMAPITable *table = NULL;

    assert_hr(IMAPIFolder_OpenProperty(folder, PR_ACL_TABLE, &IID_IExchangeModifyTable, 0, 0,
                                       (IUnknown **)&permissions),
              S_OK);
    expect_hr(IExchangeModifyTable_GetTable(permissions, 0, &table), MAPI_E_NO_SUPPORT);
    cr_expect_null(table);
    expect_hr(state_of(mail.store, PR_STORAGE_QUOTA_LIMIT), MAPI_E_NOT_FOUND);
    IExchangeModifyTable_Release(permissions);
    IMAPIFolder_Release(folder);
}
