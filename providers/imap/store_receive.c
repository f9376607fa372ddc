/* providers/imap/store_receive.c - the receive folders of a store (STO-051 to STO-061) */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "providers/account/receive.h"
#include "providers/imap/store_private.h"

struct receive_call {
    struct link_call base;
    const char *message_class;
    uint64_t folder;
    struct receive_tie *ties;
    size_t count;
};

/* --- Setting ---------------------------------------------------------------------------------- */

static HRESULT set_on_engine(void *arg)
{
    struct receive_call *call = arg;

    return account_receive_set(call->base.account, call->message_class, call->folder,
                               &call->base.error);
}

/* NULL is the empty class. */
static HRESULT take_class(LPTSTR message_class, ULONG flags, char **ret_class)
{
    static char empty[] = "";

    if (!message_class) {
        *ret_class = mapi_memdup(NULL, empty, 1);
        return *ret_class ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return text_from_argument(NULL, message_class, flags, ret_class);
}

HRESULT store_SetReceiveFolder(struct imap_store *store, LPTSTR message_class, ULONG flags,
                               ULONG size, LPENTRYID id)
{
    struct receive_call call = {0};
    char *utf8;
    HRESULT hr = S_OK;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!store->writable)
        return MAPI_E_NO_ACCESS;
    if (id || size)
        hr = ids_number_of(imap_link_guids(store->link), size, id, ENTRY_FOLDER, &call.folder);
    if (SUCCEEDED(hr))
        hr = take_class(message_class, flags, &utf8);
    if (FAILED(hr))
        return hr;
    call.message_class = utf8;
    hr = store_run(store, set_on_engine, &call.base);
    mapi_free(utf8);
    return hr;
}

/* --- Asking ----------------------------------------------------------------------------------- */

static HRESULT list_on_engine(void *arg)
{
    struct receive_call *call = arg;

    return account_receive_list(call->base.account, &call->base.error, &call->ties, &call->count);
}

static HRESULT give_folder(struct imap_store *store, uint64_t folder, ULONG *ret_size,
                           LPENTRYID *ret_id)
{
    BYTE *id = mapi_alloc(NULL, FOLDER_ENTRYID_SIZE);

    if (!id)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    ids_folder_entryid(imap_link_guids(store->link), folder, id);
    *ret_size = FOLDER_ENTRYID_SIZE;
    *ret_id = (ENTRYID *)id;
    return S_OK;
}

HRESULT store_GetReceiveFolder(struct imap_store *store, LPTSTR message_class, ULONG flags,
                               ULONG *ret_size, LPENTRYID *ret_id, LPTSTR *ret_class)
{
    struct receive_call call = {0};
    const struct receive_tie *tie;
    char *utf8;
    HRESULT hr;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    *ret_size = 0;
    *ret_id = NULL;
    hr = take_class(message_class, flags, &utf8);
    if (FAILED(hr))
        return hr;
    hr = store_run(store, list_on_engine, &call.base);
    if (SUCCEEDED(hr)) {
        tie = receive_find(call.ties, call.count, utf8);
        hr = give_folder(store, tie->folder, ret_size, ret_id);
        if (SUCCEEDED(hr) && ret_class) /* STO-056 */
            hr = text_to_result(NULL, tie->message_class, flags, ret_class);
        if (FAILED(hr)) {
            mapi_free(*ret_id);
            *ret_id = NULL;
        }
    }
    free(call.ties);
    mapi_free(utf8);
    return hr;
}

/* --- The table -------------------------------------------------------------------------------- */

static const SizedSPropTagArray(4, receive_columns) = {
    4, {PR_MESSAGE_CLASS_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_RECORD_KEY}};

static HRESULT add_row(struct imap_store *store, struct row_list *rows,
                       const struct receive_tie *tie)
{
    const struct mailbox_guids *guids = imap_link_guids(store->link);
    BYTE id[FOLDER_ENTRYID_SIZE], key[SOURCE_KEY_SIZE];
    SPropValue values[4] = {{.ulPropTag = PR_MESSAGE_CLASS_W}};
    HRESULT hr;

    ids_folder_entryid(guids, tie->folder, id);
    ids_source_key(guids, tie->folder, key);
    /* Several classes may have one folder: the class is the row's name, with its terminator. */
    values[1] = propval_binary(PR_INSTANCE_KEY, tie->message_class, strlen(tie->message_class) + 1);
    values[2] = propval_binary(PR_ENTRYID, id, sizeof(id));
    values[3] = propval_binary(PR_RECORD_KEY, key, sizeof(key));
    hr = text_utf8_to_utf16(NULL, tie->message_class, &values[0].Value.lpszW);
    if (FAILED(hr))
        return hr;
    hr = row_list_set(rows, values, 4);
    mapi_free(values[0].Value.lpszW);
    return hr;
}

HRESULT store_GetReceiveFolderTable(struct imap_store *store, ULONG flags, LPMAPITABLE *ret_table)
{
    struct receive_call call = {0};
    struct table_options options = {.owner = &store->object,
                                    .columns = (const SPropTagArray *)&receive_columns,
                                    .flags = flags & MAPI_UNICODE,
                                    .is_snapshot = true}; /* TBL-132 */
    struct row_list *rows;
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    hr = row_list_create(PR_INSTANCE_KEY, &rows);
    if (FAILED(hr))
        return hr;
    hr = store_run(store, list_on_engine, &call.base);
    for (size_t i = 0; SUCCEEDED(hr) && i < call.count; i++)
        hr = add_row(store, rows, &call.ties[i]);
    options.source = row_list_source(rows);
    if (SUCCEEDED(hr))
        hr = table_create(&options, ret_table);
    row_source_unref(row_list_source(rows));
    free(call.ties);
    return hr;
}
