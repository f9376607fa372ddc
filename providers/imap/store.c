/* providers/imap/store.c - the message store object: IMsgStore
 *
 * Behaviour: STO, "Stores". Properties are computed from what is known of the account; nothing is
 * asked of the server for them. */
#include "providers/imap/store.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "providers/account/outbox.h"
#include "providers/imap/entry.h"
#include "providers/imap/kept.h"
#include "providers/imap/names.h"
#include "state/props.h"
#include "state/queue.h"

struct imap_store {
    IMsgStore IMsgStore_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct imap_link *link; /* our reference */
    bool writable;
};

/* PR_MDB_PROVIDER: what kind of store this is. */
static const MAPIUID store_kind = {{0x5D, 0x6B, 0x1E, 0x52, 0x8A, 0x0C, 0x4F, 0x11, 0xA3, 0x70,
                                    0x4E, 0xB8, 0x29, 0xC6, 0xD4, 0x20}};

#define STORE_SUPPORT                                                                              \
    (STORE_ENTRYID_UNIQUE | STORE_SUBMIT_OK | STORE_MODIFY_OK | STORE_CREATE_OK |                  \
     STORE_ATTACH_OK | STORE_NOTIFY_OK | STORE_SORT_OK | STORE_RESTRICTION_OK | STORE_HTML_OK |    \
     STORE_UNICODE_OK)
#define VALID_FOLDERS                                                                              \
    (FOLDER_IPM_SUBTREE_VALID | FOLDER_IPM_INBOX_VALID | FOLDER_IPM_OUTBOX_VALID |                 \
     FOLDER_IPM_WASTEBASKET_VALID | FOLDER_IPM_SENTMAIL_VALID | FOLDER_VIEWS_VALID |               \
     FOLDER_COMMON_VIEWS_VALID | FOLDER_FINDER_VALID)

/* --- Properties ------------------------------------------------------------------------------- */

static const struct {
    ULONG tag;
    enum folder_role role;
} folder_ids[] = {
    {PR_IPM_SUBTREE_ENTRYID, ROLE_IPM_SUBTREE},
    {PR_IPM_OUTBOX_ENTRYID, ROLE_OUTBOX},
    {PR_IPM_SENTMAIL_ENTRYID, ROLE_SENT},
    {PR_IPM_WASTEBASKET_ENTRYID, ROLE_DELETED},
    {PR_VIEWS_ENTRYID, ROLE_VIEWS},
    {PR_COMMON_VIEWS_ENTRYID, ROLE_COMMON_VIEWS},
    {PR_FINDER_ENTRYID, ROLE_FINDER},
    {PR_IPM_DRAFTS_ENTRYID, ROLE_DRAFTS},
};

static uint64_t role_number(struct imap_link *link, enum folder_role role)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(link));
    const struct folder *folder = folder_tree_role(tree, role);
    uint64_t number = folder ? folder->number : 0;

    folder_tree_unref(tree);
    return number;
}

static HRESULT load_binary(struct mapi_prop *prop, ULONG tag, const void *bytes, ULONG size)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.bin.cb = size;
    value.Value.bin.lpb = (BYTE *)bytes;
    return prop_load_value(prop, &value, PROP_READONLY);
}

static HRESULT load_number(struct mapi_prop *prop, ULONG tag, ULONG number)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.l = (LONG)number;
    return prop_load_value(prop, &value, PROP_READONLY);
}

static HRESULT load_text(struct mapi_prop *prop, ULONG tag, const char *utf8, unsigned attributes)
{
    SPropValue value = {.ulPropTag = tag};
    HRESULT hr = text_utf8_to_utf16(NULL, utf8, &value.Value.lpszW);

    if (SUCCEEDED(hr))
        hr = prop_load_value(prop, &value, attributes);
    mapi_free(value.Value.lpszW);
    return hr;
}

HRESULT store_load_shared(struct mapi_prop *prop, struct imap_link *link)
{
    const struct mailbox_guids *guids = imap_link_guids(link);
    ULONG support = STORE_SUPPORT, size;
    ENTRYID *wrapped;
    HRESULT hr = imap_link_store_entryid(link, &size, &wrapped);

    if (FAILED(hr))
        return hr;
    hr = load_binary(prop, PR_STORE_ENTRYID, wrapped, size);
    mapi_free(wrapped);
    if (imap_link_is_readonly(link)) /* SES-154 */
        support = (support | STORE_READONLY) & ~(ULONG)(STORE_MODIFY_OK | STORE_CREATE_OK);
    if (SUCCEEDED(hr))
        hr = load_number(prop, PR_STORE_SUPPORT_MASK, support);
    if (SUCCEEDED(hr))
        hr = load_binary(prop, PR_STORE_RECORD_KEY, &guids->mailbox, sizeof(MAPIUID));
    if (SUCCEEDED(hr)) /* one mapping for all objects (STO-280) */
        hr = load_binary(prop, PR_MAPPING_SIGNATURE, &guids->mailbox, sizeof(MAPIUID));
    return hr;
}

static HRESULT load_ids(struct imap_store *store)
{
    const struct mailbox_guids *guids = imap_link_guids(store->link);
    struct mapi_prop *props = &store->props;
    BYTE id[FOLDER_ENTRYID_SIZE];
    ENTRYID *wrapped;
    ULONG size;
    HRESULT hr = imap_link_store_entryid(store->link, &size, &wrapped);

    if (FAILED(hr))
        return hr;
    hr = load_binary(props, PR_ENTRYID, wrapped, size);
    mapi_free(wrapped);
    if (SUCCEEDED(hr))
        hr = load_binary(props, PR_RECORD_KEY, &guids->mailbox, sizeof(MAPIUID));
    for (size_t i = 0; i < sizeof(folder_ids) / sizeof(folder_ids[0]) && SUCCEEDED(hr); i++) {
        uint64_t number = role_number(store->link, folder_ids[i].role);

        if (number == 0)
            continue;
        ids_folder_entryid(guids, number, id);
        hr = load_binary(props, folder_ids[i].tag, id, sizeof(id));
    }
    return hr;
}

/* Roles may move between mailboxes, so ids are looked up at each read; the rest is cheap as well.
 * Memory only. */
static HRESULT load_computed(struct imap_store *store)
{
    struct mapi_prop *prop = &store->props;
    HRESULT hr = load_ids(store);

    if (SUCCEEDED(hr))
        hr = store_load_shared(prop, store->link);
    if (SUCCEEDED(hr))
        hr = load_text(prop, PR_PROVIDER_DISPLAY_W, "Internet mail (IMAP)", PROP_READONLY);
    if (SUCCEEDED(hr))
        hr = load_number(prop, PR_STORE_STATE, 0);
    if (SUCCEEDED(hr))
        hr = load_number(prop, PR_VALID_FOLDER_MASK, VALID_FOLDERS);
    if (SUCCEEDED(hr))
        hr = load_number(prop, PR_OBJECT_TYPE, MAPI_STORE);
    if (SUCCEEDED(hr))
        hr = load_number(prop, PR_RESOURCE_TYPE, MAPI_STORE_PROVIDER);
    if (SUCCEEDED(hr))
        hr = load_number(prop, PR_ACCESS_LEVEL, store->writable ? MAPI_MODIFY : 0);
    if (SUCCEEDED(hr))
        hr = load_binary(prop, PR_MDB_PROVIDER, &store_kind, sizeof(MAPIUID));
    return hr;
}

static HRESULT load(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct imap_store *store = container_of(prop, struct imap_store, props);
    SPropValue *name;
    HRESULT hr = load_computed(store);

    if (SUCCEEDED(hr))
        hr = kept_load(prop, store->link, STATE_STORE_NUMBER, tags);
    if (FAILED(hr))
        return hr;
    hr = prop_dup_value(prop, PR_DISPLAY_NAME_W, &name);
    if (hr == MAPI_E_NOT_FOUND) /* until a program sets it (STO-035) */
        return load_text(prop, PR_DISPLAY_NAME_W, account_email(imap_link_account(store->link)), 0);
    if (SUCCEEDED(hr))
        mapi_free(name);
    return hr;
}

static HRESULT change(struct mapi_prop *prop, ULONG tag, SPropValue *value)
{
    (void)tag;
    (void)value;
    return load_computed(container_of(prop, struct imap_store, props)); /* the bag tells what is */
}

static HRESULT changed(struct mapi_prop *prop)
{
    struct imap_store *store = container_of(prop, struct imap_store, props);

    return kept_write(prop, store->link, STATE_STORE_NUMBER);
}

static HRESULT save_nothing(struct mapi_prop *prop, ULONG flags)
{
    (void)prop;
    (void)flags; /* not transacted (STO-037): all is done at once */
    return S_OK;
}

static const struct prop_ops store_prop_ops = {
    .load = load,
    .change = change,
    .changed = changed,
    .save = save_nothing,
    .names_from_ids = names_from_ids,
    .ids_from_names = names_to_ids,
};

/* --- Entries ---------------------------------------------------------------------------------- */

static HRESULT store_Advise(struct imap_store *store, ULONG size, LPENTRYID id, ULONG mask,
                            LPMAPIADVISESINK sink, ULONG_PTR *ret_connection)
{
    return entry_advise(store->link, size, id, mask, sink, ret_connection);
}

static HRESULT store_Unadvise(struct imap_store *store, ULONG_PTR connection)
{
    return IMAPISupport_Unsubscribe(imap_link_support(store->link), connection);
}

static HRESULT store_CompareEntryIDs(struct imap_store *store, ULONG size1, LPENTRYID id1,
                                     ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    return entry_compare(store->link, size1, id1, size2, id2, flags, ret_result);
}

static HRESULT store_OpenEntry(struct imap_store *store, ULONG size, LPENTRYID id, LPCIID iid,
                               ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    if (!store->writable) {
        if (flags & MAPI_MODIFY)
            return MAPI_E_NO_ACCESS; /* SES-155 */
        flags &= ~(ULONG)MAPI_BEST_ACCESS;
    }
    return entry_open(store->link, &store->object, size, id, iid, flags, ret_type, ret_unknown);
}

/* --- Receive folder --------------------------------------------------------------------------- */

static HRESULT store_SetReceiveFolder(struct imap_store *store, LPTSTR message_class, ULONG flags,
                                      ULONG size, LPENTRYID id)
{
    (void)store;
    (void)message_class;
    (void)flags;
    (void)size;
    (void)id;
    return MAPI_E_NO_SUPPORT; /* the server delivers, and only into the Inbox */
}

/* All classes go to the Inbox; the class answered is the empty one, which matches all. */
static HRESULT store_GetReceiveFolder(struct imap_store *store, LPTSTR message_class, ULONG flags,
                                      ULONG *ret_size, LPENTRYID *ret_id, LPTSTR *ret_class)
{
    uint64_t inbox = role_number(store->link, ROLE_INBOX);
    BYTE *id;
    HRESULT hr = S_OK;

    (void)message_class;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    if (ret_class)
        hr = text_to_result(NULL, "", flags, ret_class);
    if (FAILED(hr))
        return hr;
    id = mapi_alloc(NULL, FOLDER_ENTRYID_SIZE);
    if (!id) {
        if (ret_class)
            mapi_free(*ret_class);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    ids_folder_entryid(imap_link_guids(store->link), inbox, id);
    *ret_size = FOLDER_ENTRYID_SIZE;
    *ret_id = (ENTRYID *)id;
    return S_OK;
}

static const SizedSPropTagArray(4, receive_columns) = {
    4, {PR_MESSAGE_CLASS_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_RECORD_KEY}};

static HRESULT store_GetReceiveFolderTable(struct imap_store *store, ULONG flags,
                                           LPMAPITABLE *ret_table)
{
    const struct mailbox_guids *guids = imap_link_guids(store->link);
    uint64_t inbox = role_number(store->link, ROLE_INBOX);
    BYTE id[FOLDER_ENTRYID_SIZE], key[SOURCE_KEY_SIZE], instance[INSTANCE_KEY_SIZE];
    static WCHAR all_classes[] = u"";
    struct table_options options = {.owner = &store->object,
                                    .columns = (const SPropTagArray *)&receive_columns,
                                    .flags = flags & MAPI_UNICODE};
    SPropValue row[4] = {{.ulPropTag = PR_MESSAGE_CLASS_W},
                         {.ulPropTag = PR_ENTRYID},
                         {.ulPropTag = PR_INSTANCE_KEY},
                         {.ulPropTag = PR_RECORD_KEY}};
    struct row_list *rows;
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    ids_folder_entryid(guids, inbox, id);
    ids_source_key(guids, inbox, key);
    ids_instance_key(inbox, 0, instance);
    row[0].Value.lpszW = all_classes;
    row[1].Value.bin = (SBinary){.cb = sizeof(id), .lpb = id};
    row[2].Value.bin = (SBinary){.cb = sizeof(instance), .lpb = instance};
    row[3].Value.bin = (SBinary){.cb = sizeof(key), .lpb = key};
    hr = row_list_create(PR_INSTANCE_KEY, &rows);
    if (FAILED(hr))
        return hr;
    hr = row_list_set(rows, row, 4);
    options.source = row_list_source(rows);
    if (SUCCEEDED(hr))
        hr = table_create(&options, ret_table);
    row_source_unref(row_list_source(rows));
    return hr;
}

/* --- The queue -------------------------------------------------------------------------------- */

struct abort_call {
    struct link_call base;
    uint64_t message;
};

static HRESULT abort_on_engine(void *arg)
{
    struct abort_call *call = arg;

    return account_abort_submit(call->base.account, call->message, &call->base.error);
}

static HRESULT store_AbortSubmit(struct imap_store *store, ULONG size, LPENTRYID id, ULONG flags)
{
    struct abort_call call = {0};
    struct entry_ref ref;
    HRESULT hr;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = ids_parse_entryid(imap_link_guids(store->link), size, id, &ref);
    if (SUCCEEDED(hr) && ref.kind != ENTRY_MESSAGE)
        hr = MAPI_E_INVALID_ENTRYID;
    if (FAILED(hr))
        return hr;
    call.message = ref.message;
    hr = imap_link_call(store->link, abort_on_engine, &call.base);
    if (FAILED(hr) && call.base.error.hr == hr)
        return mapi_object_fail(&store->object, &call.base.error);
    return hr;
}

struct queue_call {
    struct link_call base;
    struct row_list *rows;
};

static HRESULT add_queue_row(struct queue_call *call, const struct state_submission *submission)
{
    BYTE id[MESSAGE_ENTRYID_SIZE], instance[INSTANCE_KEY_SIZE];
    SPropValue values[4] = {{.ulPropTag = PR_ENTRYID},
                            {.ulPropTag = PR_INSTANCE_KEY},
                            {.ulPropTag = PR_SUBMIT_FLAGS},
                            {.ulPropTag = PR_CLIENT_SUBMIT_TIME}};
    uint64_t ticks = ((uint64_t)submission->submitted_at / 1000 + UINT64_C(11644473600)) * 10000000;

    ids_message_entryid(imap_link_guids(call->base.link), submission->folder, submission->number,
                        id);
    ids_instance_key(submission->number, 0, instance);
    values[0].Value.bin = (SBinary){.cb = sizeof(id), .lpb = id};
    values[1].Value.bin = (SBinary){.cb = sizeof(instance), .lpb = instance};
    values[2].Value.l = submission->locked ? SUBMITFLAG_LOCKED : 0;
    values[3].Value.ft.dwLowDateTime = (DWORD)ticks;
    values[3].Value.ft.dwHighDateTime = (DWORD)(ticks >> 32);
    return row_list_set(call->rows, values, 4);
}

static HRESULT queue_on_engine(void *arg)
{
    struct queue_call *call = arg;
    struct state_submission *rows;
    size_t count;
    HRESULT hr =
        state_queue_list(account_state(call->base.account), &call->base.error, &rows, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = add_queue_row(call, &rows[i]);
    free(rows);
    return hr;
}

static const SizedSPropTagArray(4, queue_columns) = {
    4, {PR_ENTRYID, PR_INSTANCE_KEY, PR_SUBMIT_FLAGS, PR_CLIENT_SUBMIT_TIME}};

/* The queue as it is now. */
static HRESULT store_GetOutgoingQueue(struct imap_store *store, ULONG flags, LPMAPITABLE *ret_table)
{
    struct table_options options = {.owner = &store->object,
                                    .columns = (const SPropTagArray *)&queue_columns};
    struct queue_call call = {0};
    HRESULT hr;

    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    hr = row_list_create(PR_INSTANCE_KEY, &call.rows);
    if (FAILED(hr))
        return hr;
    hr = imap_link_call(store->link, queue_on_engine, &call.base);
    options.source = row_list_source(call.rows);
    if (SUCCEEDED(hr))
        hr = table_create(&options, ret_table);
    row_source_unref(row_list_source(call.rows));
    return hr;
}

/* --- The end ---------------------------------------------------------------------------------- */

static HRESULT store_StoreLogoff(struct imap_store *store, ULONG *flags)
{
    const ULONG known =
        LOGOFF_NO_WAIT | LOGOFF_ORDERLY | LOGOFF_PURGE | LOGOFF_ABORT | LOGOFF_QUIET;

    if (!flags)
        return MAPI_E_INVALID_PARAMETER;
    if (*flags & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    if (*flags == 0 || *flags & (*flags - 1))
        return MAPI_E_INVALID_PARAMETER; /* STO-081 */
    /* The account goes on sending by itself: nothing to wait for, nothing to abort. */
    *flags = LOGOFF_COMPLETE;
    mapi_object_invalidate(&store->object);
    return S_OK;
}

/* @thunks IMsgStore imap_store store props=props none=SetLockState,FinishedMsg,NotifyNewMail */
#include "providers/imap/store_thunks.inc"

static const struct mapi_face store_faces[] = {
    MAPI_FACE(struct imap_store, IID_IMsgStore, IMsgStore_iface),
    MAPI_FACE(struct imap_store, IID_IMAPIProp, IMsgStore_iface),
};

static void store_destroy(struct mapi_object *object)
{
    struct imap_store *store = container_of(object, struct imap_store, object);

    prop_clear(&store->props);
    imap_link_unref(store->link);
    mapi_object_clear(object);
    free(store);
}

static const struct mapi_class store_class = {
    .name = "imap_store",
    .destroy = store_destroy,
    .faces = store_faces,
    .face_count = sizeof(store_faces) / sizeof(store_faces[0]),
};

HRESULT store_create(struct imap_link *link, struct mapi_object *logon, bool writable,
                     const IID *iid, IMsgStore **ret_store)
{
    struct imap_store *store = calloc(1, sizeof(*store));
    HRESULT hr;

    if (!store)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    store->IMsgStore_iface.lpVtbl = &store_vtbl;
    store->link = imap_link_ref(link);
    store->writable = writable;
    if (!writable)
        imap_link_set_readonly(link);
    mapi_object_init(&store->object, &store_class, logon);
    prop_init(&store->props, &store->object, &store->IMsgStore_iface, &IID_IMsgStore,
              &store_prop_ops, NULL, 0, store->link);
    store->props.writable = writable;
    hr = mapi_object_query(&store->object, iid ? iid : &IID_IMsgStore, (void **)ret_store);
    mapi_object_unref(&store->object);
    return hr;
}
