/* providers/imap/associated.c - folder associated messages: IMessage
 *
 * Transacted: what SetProps does stays in the bag until SaveChanges writes it to the side store in
 * one step. */
#include "providers/imap/associated.h"

#include <stdlib.h>
#include <time.h>

#include "mapi/edkmdb.h"
#include "mapi/filetime.h"
#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "providers/imap/kept.h"
#include "providers/imap/names.h"
#include "providers/imap/store.h"

struct imap_associated {
    IMessage IMessage_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct imap_link *link; /* our reference */
    uint64_t folder;
    uint64_t number; /* 0: not saved yet */
    bool writable;
    FILETIME saved; /* PR_LAST_MODIFICATION_TIME of the save that we know; 0: none */
};

/* --- Computed properties ---------------------------------------------------------------------- */

static HRESULT add_bytes(SPropValue *value, ULONG tag, size_t size, struct arena *scratch,
                         BYTE **ret_bytes)
{
    *ret_bytes = arena_alloc(scratch, size);
    *value = propval_binary(tag, *ret_bytes, size);
    return *ret_bytes ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT add_ids(const struct associated_view *view, struct arena *scratch,
                       SPropValue *values, ULONG *count)
{
    BYTE *id, *key, *record, *parent, *parent_key;
    HRESULT hr = add_bytes(&values[0], PR_ENTRYID, MESSAGE_ENTRYID_SIZE, scratch, &id);

    if (SUCCEEDED(hr))
        hr = add_bytes(&values[1], PR_INSTANCE_KEY, INSTANCE_KEY_SIZE, scratch, &key);
    if (SUCCEEDED(hr))
        hr = add_bytes(&values[2], PR_RECORD_KEY, SOURCE_KEY_SIZE, scratch, &record);
    if (SUCCEEDED(hr))
        hr = add_bytes(&values[3], PR_PARENT_ENTRYID, FOLDER_ENTRYID_SIZE, scratch, &parent);
    if (SUCCEEDED(hr))
        hr = add_bytes(&values[4], PR_PARENT_SOURCE_KEY, SOURCE_KEY_SIZE, scratch, &parent_key);
    if (FAILED(hr))
        return hr;
    ids_message_entryid(view->guids, view->folder, view->number, id);
    ids_instance_key(view->number, 0, key);
    ids_source_key(view->guids, view->number, record);
    ids_folder_entryid(view->guids, view->folder, parent);
    ids_source_key(view->guids, view->folder, parent_key);
    values[5] = values[2];
    values[5].ulPropTag = PR_SOURCE_KEY;
    values[6] = (SPropValue){.ulPropTag = PR_MG_MID};
    values[6].Value.li.QuadPart = ids_short_id(view->number);
    *count = 7;
    return S_OK;
}

HRESULT associated_computed(const struct associated_view *view, struct arena *scratch,
                            SPropValue *values, ULONG *ret_count)
{
    size_t size = 0;
    ULONG count = 0;
    HRESULT hr = view->number ? add_ids(view, scratch, values, &count) : S_OK;

    for (size_t i = 0; i < view->kept_count; i++)
        size += propval_size(&view->kept[i]);
    values[count++] = propval_long(PR_OBJECT_TYPE, MAPI_MESSAGE);
    values[count++] = propval_long(PR_MESSAGE_FLAGS, MSGFLAG_ASSOCIATED | MSGFLAG_READ);
    values[count++] = propval_long(PR_MESSAGE_SIZE, (LONG)size);
    values[count++] = propval_bool(PR_HASATTACH, false);
    values[count++] =
        propval_long(PR_ACCESS, MAPI_ACCESS_READ |
                                    (view->writable ? MAPI_ACCESS_MODIFY | MAPI_ACCESS_DELETE : 0));
    values[count++] = propval_long(PR_ACCESS_LEVEL, view->writable ? MAPI_MODIFY : 0);
    *ret_count = count;
    return hr;
}

static HRESULT load_computed(struct imap_associated *message, const SPropValue *kept, size_t count)
{
    const struct associated_view view = {.guids = imap_link_guids(message->link),
                                         .folder = message->folder,
                                         .number = message->number,
                                         .kept = kept,
                                         .kept_count = count,
                                         .writable = message->writable};
    SPropValue values[ASSOCIATED_COMPUTED_MAX];
    struct arena scratch = {0};
    ULONG computed;
    HRESULT hr = associated_computed(&view, &scratch, values, &computed);

    for (ULONG i = 0; SUCCEEDED(hr) && i < computed; i++)
        if (values[i].ulPropTag != PR_INSTANCE_KEY) /* a row's */
            hr = prop_load_value(&message->props, &values[i], PROP_READONLY);
    if (SUCCEEDED(hr))
        hr = store_load_shared(&message->props, message->link);
    arena_clear(&scratch);
    return hr;
}

/* --- Saving ----------------------------------------------------------------------------------- */

#define SAVE_FLAGS (KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE | MAPI_DEFERRED_ERRORS)

struct save_call {
    struct link_call base;
    uint64_t folder, number;
    struct kept_change change;
    SPropValue known; /* the save that ours follows; tag 0: whichever it is */
};

static HRESULT save_on_engine(void *arg)
{
    struct save_call *call = arg;

    return account_associated_save(call->base.account, call->folder, &call->number, &call->change,
                                   call->known.ulPropTag ? &call->known : NULL, &call->base.error);
}

/* Now, and later than the save that we know: two saves never have one time (STO-258). */
static FILETIME next_time(const struct imap_associated *message)
{
    uint64_t now = filetime_ticks(filetime_now()), before = filetime_ticks(message->saved);

    return filetime_from_ticks(now > before ? now : before + 1);
}

/* What a save sets by itself; into the bag, as if the program had. */
static HRESULT fill_in(struct imap_associated *message)
{
    static WCHAR ipm[] = u"IPM";
    SPropValue modified = {.ulPropTag = PR_LAST_MODIFICATION_TIME, .Value.ft = next_time(message)};
    SPropValue created = {.ulPropTag = PR_CREATION_TIME, .Value.ft = modified.Value.ft};
    SPropValue class = {.ulPropTag = PR_MESSAGE_CLASS_W, .Value.lpszW = ipm};
    struct propbag *bag = &message->props.bag;
    HRESULT hr;

    pthread_mutex_lock(&message->props.lock);
    hr = propbag_set(bag, &modified);
    if (SUCCEEDED(hr) && !propbag_find(bag, PR_CREATION_TIME))
        hr = propbag_set(bag, &created);
    if (SUCCEEDED(hr) && !propbag_find(bag, PR_MESSAGE_CLASS)) /* STO-177 */
        hr = propbag_set(bag, &class);
    pthread_mutex_unlock(&message->props.lock);
    return hr;
}

static size_t all_values(const struct propbag *snapshot, SPropValue *values)
{
    size_t count = 0;

    for (size_t i = 0; i < snapshot->count; i++)
        if (!(snapshot->items[i].attributes & (PROP_DELETED | PROP_READONLY)))
            values[count++] = *snapshot->items[i].value;
    return count;
}

/* Size and ids follow the save. */
static HRESULT after_save(struct imap_associated *message, const struct propbag *snapshot)
{
    SPropValue *values = calloc(snapshot->count + 1, sizeof(*values));
    HRESULT hr = values ? load_computed(message, values, all_values(snapshot, values))
                        : MAPI_E_NOT_ENOUGH_MEMORY;

    free(values);
    pthread_mutex_lock(&message->props.lock);
    propbag_commit(&message->props.bag, snapshot);
    pthread_mutex_unlock(&message->props.lock);
    return hr;
}

/* STO-258, STO-259: who saved first wins, unless FORCE_SAVE says otherwise. */
static HRESULT write_snapshot(struct imap_associated *message, const struct propbag *snapshot,
                              bool force)
{
    const SPropValue *saved = propbag_find(snapshot, PR_LAST_MODIFICATION_TIME);
    struct save_call call = {.folder = message->folder, .number = message->number};
    HRESULT hr = kept_change_of(snapshot, &call.change);

    if (message->number && !force && filetime_ticks(message->saved)) {
        call.known.ulPropTag = PR_LAST_MODIFICATION_TIME;
        call.known.Value.ft = message->saved;
    }
    if (SUCCEEDED(hr))
        hr = imap_link_run(message->link, &message->object, save_on_engine, &call.base);
    kept_change_clear(&call.change);
    if (FAILED(hr))
        return hr;
    message->number = call.number;
    if (saved && saved->ulPropTag == PR_LAST_MODIFICATION_TIME)
        message->saved = saved->Value.ft;
    return S_OK;
}

static HRESULT save(struct mapi_prop *prop, ULONG flags)
{
    struct imap_associated *message = container_of(prop, struct imap_associated, props);
    struct propbag snapshot = {0};
    HRESULT hr;

    if (flags & ~(ULONG)SAVE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = fill_in(message);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&prop->lock);
        hr = propbag_snapshot(&prop->bag, &snapshot);
        pthread_mutex_unlock(&prop->lock);
    }
    if (SUCCEEDED(hr))
        hr = write_snapshot(message, &snapshot, flags & FORCE_SAVE);
    if (SUCCEEDED(hr))
        hr = after_save(message, &snapshot);
    propbag_clear(&snapshot);
    if (SUCCEEDED(hr) && flags & KEEP_OPEN_READONLY)
        message->writable = prop->writable = false;
    return hr;
}

/* --- Methods ---------------------------------------------------------------------------------- */

static const SizedSPropTagArray(3, attachment_columns) = {
    3, {PR_ATTACH_NUM, PR_INSTANCE_KEY, PR_RENDERING_POSITION}};
static const SizedSPropTagArray(3, recipient_columns) = {
    3, {PR_ROWID, PR_DISPLAY_NAME_W, PR_RECIPIENT_TYPE}};

static HRESULT open_empty(struct imap_associated *message, ULONG key, const SPropTagArray *columns,
                          ULONG flags, IMAPITable **ret_table)
{
    struct table_options options = {
        .owner = &message->object, .columns = columns, .flags = flags & MAPI_UNICODE};
    struct row_list *rows;
    HRESULT hr;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    hr = row_list_create(key, &rows);
    if (FAILED(hr))
        return hr;
    options.source = row_list_source(rows);
    hr = table_create(&options, ret_table);
    row_source_unref(row_list_source(rows));
    return hr;
}

static HRESULT associated_GetAttachmentTable(struct imap_associated *message, ULONG flags,
                                             LPMAPITABLE *ret_table)
{
    return open_empty(message, PR_ATTACH_NUM, (const SPropTagArray *)&attachment_columns, flags,
                      ret_table);
}

static HRESULT associated_GetRecipientTable(struct imap_associated *message, ULONG flags,
                                            LPMAPITABLE *ret_table)
{
    return open_empty(message, PR_ROWID, (const SPropTagArray *)&recipient_columns, flags,
                      ret_table);
}

/* There is no read state to change (STO-188). */
static HRESULT associated_SetReadFlag(struct imap_associated *message, ULONG flags)
{
    (void)message;
    if (flags & ~(ULONG)(SUPPRESS_RECEIPT | CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY |
                         MAPI_DEFERRED_ERRORS | CLEAR_RN_PENDING | CLEAR_NRN_PENDING))
        return MAPI_E_UNKNOWN_FLAGS;
    return S_OK;
}

/* @thunks IMessage imap_associated associated props=props
 * none=OpenAttach,CreateAttach,DeleteAttach, ModifyRecipients,SubmitMessage */
#include "providers/imap/associated_thunks.inc"

/* --- The object ------------------------------------------------------------------------------- */

static const struct prop_ops associated_prop_ops = {
    .save = save,
    .names_from_ids = names_from_ids,
    .ids_from_names = names_to_ids,
};

static const struct mapi_face associated_faces[] = {
    MAPI_FACE(struct imap_associated, IID_IMessage, IMessage_iface),
    MAPI_FACE(struct imap_associated, IID_IMAPIProp, IMessage_iface),
};

static void associated_destroy(struct mapi_object *object)
{
    struct imap_associated *message = container_of(object, struct imap_associated, object);

    prop_clear(&message->props);
    imap_link_unref(message->link);
    mapi_object_clear(object);
    free(message);
}

static const struct mapi_class associated_class = {
    .name = "imap_associated",
    .destroy = associated_destroy,
    .faces = associated_faces,
    .face_count = sizeof(associated_faces) / sizeof(associated_faces[0]),
};

static struct imap_associated *associated_new(struct imap_link *link, struct mapi_object *owner,
                                              uint64_t folder, uint64_t number, bool writable)
{
    struct imap_associated *message = calloc(1, sizeof(*message));

    if (!message)
        return NULL;
    message->IMessage_iface.lpVtbl = &associated_vtbl;
    message->link = imap_link_ref(link);
    message->folder = folder;
    message->number = number;
    message->writable = writable;
    mapi_object_init(&message->object, &associated_class, owner);
    prop_init(&message->props, &message->object, &message->IMessage_iface, &IID_IMessage,
              &associated_prop_ops, NULL, 0, message->link);
    message->props.writable = writable;
    return message;
}

HRESULT associated_create(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                          IMessage **ret_message)
{
    struct imap_associated *message = associated_new(link, owner, folder, 0, true);
    HRESULT hr;

    if (!message)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = load_computed(message, NULL, 0);
    if (FAILED(hr)) {
        mapi_object_unref(&message->object);
        return hr;
    }
    *ret_message = &message->IMessage_iface;
    return S_OK;
}

struct open_call {
    struct link_call base;
    uint64_t folder, number;
    SPropValue *values;
    size_t count;
};

static HRESULT open_on_engine(void *arg)
{
    struct open_call *call = arg;
    struct state_mailbox *mailbox = account_state(call->base.account);
    struct state_object object;
    HRESULT hr = state_object_find(mailbox, call->number, &call->base.error, &object);

    if (SUCCEEDED(hr) && (object.folder != call->folder || object.kind != STATE_OBJECT_FAI))
        hr = MAPI_E_NOT_FOUND;
    return FAILED(hr) ? hr
                      : state_props_get(mailbox, call->number, NULL, 0, &call->base.error,
                                        &call->values, &call->count);
}

HRESULT associated_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                        uint64_t number, const IID *iid, ULONG flags, struct error_info *error,
                        IMessage **ret_message)
{
    struct open_call call = {.folder = folder, .number = number};
    struct imap_associated *message = NULL;
    HRESULT hr = imap_link_call(link, open_on_engine, &call.base);

    if (FAILED(hr)) {
        *error = call.base.error;
        return hr;
    }
    message =
        associated_new(link, owner, folder, number,
                       flags & (MAPI_MODIFY | MAPI_BEST_ACCESS) && !imap_link_is_readonly(link));
    hr = message ? load_computed(message, call.values, call.count) : MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; SUCCEEDED(hr) && i < call.count; i++) {
        if (call.values[i].ulPropTag == PR_LAST_MODIFICATION_TIME)
            message->saved = call.values[i].Value.ft;
        hr = prop_load_value(&message->props, &call.values[i], 0);
    }
    free(call.values);
    if (SUCCEEDED(hr))
        hr = mapi_object_query(&message->object, iid ? iid : &IID_IMessage, (void **)ret_message);
    if (message)
        mapi_object_unref(&message->object);
    return hr;
}
