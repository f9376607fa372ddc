/* providers/imap/store_manage.c - IExchangeManageStore of a store: ids of source keys, rights
 *
 * What manages the stores of a server (other mailboxes, tables of them) answers MAPI_E_NO_SUPPORT:
 * IMAP shows nobody that. */
#include "mapi/edkmdb.h"
#include "mapi/memory.h"
#include "providers/account/access.h"
#include "providers/account/rights.h"
#include "providers/imap/store_private.h"

/* --- Source keys ------------------------------------------------------------------------------ */

static bool folder_exists(const struct imap_store *store, uint64_t number)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(store->link));
    bool exists = folder_tree_find(tree, number) != NULL;

    folder_tree_unref(tree);
    return exists;
}

static HRESULT take_key(const struct imap_store *store, ULONG size, BYTE *bytes,
                        uint64_t *ret_number)
{
    const SBinary key = {.cb = size, .lpb = bytes};

    if (!bytes || size == 0)
        return MAPI_E_INVALID_PARAMETER;
    return ids_parse_source_key(imap_link_guids(store->link), &key, ret_number) ? S_OK
                                                                                : MAPI_E_NOT_FOUND;
}

/* The way back from PR_SOURCE_KEY is arithmetic (docs/mail.md, "Identity"): a folder must be there,
 * whether a message is, OpenEntry tells. Without a message key the id is the folder's. */
static HRESULT manage_EntryIDFromSourceKey(struct imap_store *store, ULONG folder_size,
                                           BYTE *folder_key, ULONG message_size, BYTE *message_key,
                                           ULONG *ret_size, LPENTRYID *ret_id)
{
    const struct mailbox_guids *guids = imap_link_guids(store->link);
    ULONG size = message_size ? MESSAGE_ENTRYID_SIZE : FOLDER_ENTRYID_SIZE;
    uint64_t folder, message = 0;
    HRESULT hr;
    BYTE *id;

    if (!ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    *ret_size = 0;
    *ret_id = NULL;
    hr = take_key(store, folder_size, folder_key, &folder);
    if (SUCCEEDED(hr) && message_size)
        hr = take_key(store, message_size, message_key, &message);
    if (SUCCEEDED(hr) && !folder_exists(store, folder))
        hr = MAPI_E_NOT_FOUND;
    if (FAILED(hr))
        return hr;
    id = mapi_alloc(NULL, size);
    if (!id)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (message_size)
        ids_message_entryid(guids, folder, message, id);
    else
        ids_folder_entryid(guids, folder, id);
    *ret_size = size;
    *ret_id = (ENTRYID *)id;
    return S_OK;
}

/* --- Rights ----------------------------------------------------------------------------------- */

struct rights_call {
    struct link_call base;
    uint64_t folder;
    uint32_t rights;
};

static HRESULT rights_on_engine(void *arg)
{
    struct rights_call *call = arg;

    call->rights = account_rights_ask(call->base.account, call->folder);
    return S_OK;
}

/* Our own alone: those of others are in the folder's PR_ACL_TABLE. */
static HRESULT manage_GetRights(struct imap_store *store, ULONG user_size, LPENTRYID user,
                                ULONG size, LPENTRYID id, ULONG *ret_rights)
{
    struct rights_call call = {0};
    struct entry_ref ref;
    HRESULT hr;

    if (!ret_rights)
        return MAPI_E_INVALID_PARAMETER;
    if (user_size && user)
        return MAPI_E_NO_SUPPORT;
    hr = ids_parse_entryid(imap_link_guids(store->link), size, id, &ref);
    if (SUCCEEDED(hr) && ref.kind == ENTRY_STORE)
        hr = MAPI_E_INVALID_ENTRYID;
    if (SUCCEEDED(hr) && !folder_exists(store, ref.folder))
        hr = MAPI_E_NOT_FOUND;
    if (FAILED(hr))
        return hr;
    call.folder = ref.folder;
    hr = store_run(store, rights_on_engine, &call.base);
    if (SUCCEEDED(hr))
        *ret_rights = frights_of(call.rights);
    return hr;
}

/* @thunks IExchangeManageStore imap_store manage
 * none=CreateStoreEntryID,GetMailboxTable,GetPublicFolderTable */
#include "providers/imap/store_manage_thunks.inc"

void store_manage_init(struct imap_store *store)
{
    store->IExchangeManageStore_iface.lpVtbl = &manage_vtbl;
}
