/* providers/imap/store.c - the message store object: IMsgStore
 *
 * Behaviour: STO, "Stores". Properties are computed from what is known of the account; nothing is
 * asked of the server for them. */
#include "providers/imap/store_private.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/edkguid.h"
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

/* PR_MDB_PROVIDER: what kind of store this is. */
static const MAPIUID store_kind = {{0x5D, 0x6B, 0x1E, 0x52, 0x8A, 0x0C, 0x4F, 0x11, 0xA3, 0x70,
                                    0x4E, 0xB8, 0x29, 0xC6, 0xD4, 0x20}};

#define STORE_SUPPORT                                                                              \
    (STORE_ENTRYID_UNIQUE | STORE_SUBMIT_OK | STORE_MODIFY_OK | STORE_CREATE_OK |                  \
     STORE_ATTACH_OK | STORE_NOTIFY_OK | STORE_SORT_OK | STORE_RESTRICTION_OK | STORE_HTML_OK |    \
     STORE_UNICODE_OK | STORE_SEARCH_OK)
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

static bool has_searches(const struct imap_store *store)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(store->link));
    const struct folder *finder = folder_tree_role(tree, ROLE_FINDER);
    bool has = finder && finder->children > 0;

    folder_tree_unref(tree);
    return has;
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
        hr = load_number(prop, PR_STORE_STATE, has_searches(store) ? STORE_HAS_SEARCHES : 0);
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
        hr = store_load_quota(store, tags);
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
    (void)value;
    if (store_is_quota(tag))
        return MAPI_E_COMPUTED;
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

HRESULT store_run(struct imap_store *store, engine_fn *fn, struct link_call *call)
{
    return imap_link_run(store->link, &store->object, fn, call);
}

/* --- The end ---------------------------------------------------------------------------------- */

struct logoff_call {
    struct link_call base;
    ULONG activity;
};

static HRESULT activity_on_engine(void *arg)
{
    struct logoff_call *call = arg;
    struct account_status status;
    size_t waiting;
    HRESULT hr = state_queue_count(account_state(call->base.account), &call->base.error, &waiting);

    account_status(call->base.account, ACCOUNT_TRANSPORT, &status);
    if (status.sending)
        call->activity |= LOGOFF_OUTBOUND;
    if (status.flush_in)
        call->activity |= LOGOFF_INBOUND;
    if (SUCCEEDED(hr) && waiting)
        call->activity |= LOGOFF_OUTBOUND_QUEUE;
    return hr;
}

/* The account goes on sending by itself: there is nothing to wait for and nothing to abort, but the
 * caller hears what goes on (STO-082). */
static HRESULT store_StoreLogoff(struct imap_store *store, ULONG *flags)
{
    const ULONG known =
        LOGOFF_NO_WAIT | LOGOFF_ORDERLY | LOGOFF_PURGE | LOGOFF_ABORT | LOGOFF_QUIET;
    struct logoff_call call = {0};
    ULONG wanted;

    if (!flags)
        return MAPI_E_INVALID_PARAMETER;
    wanted = *flags;
    if (wanted & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    if (wanted == 0 || wanted & (wanted - 1))
        return MAPI_E_INVALID_PARAMETER;                         /* STO-081 */
    imap_link_call(store->link, activity_on_engine, &call.base); /* what cannot be told is not */
    *flags = call.activity ? call.activity : LOGOFF_COMPLETE;
    if (wanted == LOGOFF_QUIET && call.activity & (LOGOFF_OUTBOUND | LOGOFF_INBOUND))
        return S_OK; /* STO-085: the store stays */
    mapi_object_invalidate(&store->object);
    return S_OK;
}

/* @thunks IMsgStore imap_store store props=props none=FinishedMsg,NotifyNewMail */
#include "providers/imap/store_thunks.inc"

static const struct mapi_face store_faces[] = {
    MAPI_FACE(struct imap_store, IID_IMsgStore, IMsgStore_iface),
    MAPI_FACE(struct imap_store, IID_IMAPIProp, IMsgStore_iface),
    MAPI_FACE(struct imap_store, IID_IExchangeManageStore, IExchangeManageStore_iface),
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
    store_manage_init(store);
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
