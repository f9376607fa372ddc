/* providers/imap/message.c - messages of a store: IMessage
 *
 * The object and its methods; loading, recipients, attachments, saving and submitting are in files
 * of their own. Behaviour: STO, "Messages". */
#include "providers/imap/message.h"

#include <stdlib.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "net/fiber.h"
#include "providers/account/messages.h"
#include "providers/account/rights.h"
#include "providers/imap/message_private.h"
#include "providers/imap/names.h"
#include "state/queue.h"

/* --- Methods ---------------------------------------------------------------------------------- */

static HRESULT message_GetAttachmentTable(struct imap_message *message, ULONG flags,
                                          LPMAPITABLE *ret_table)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    return message_attachments_table(message, flags, ret_table);
}

static HRESULT message_OpenAttach(struct imap_message *message, ULONG number, LPCIID iid,
                                  ULONG flags, LPATTACH *ret_attach)
{
    if (flags & ~(ULONG)(MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_attach)
        return MAPI_E_INVALID_PARAMETER;
    *ret_attach = NULL;
    if (iid && !guid_equal(iid, &IID_IAttachment) && !guid_equal(iid, &IID_IMAPIProp))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (flags & MAPI_MODIFY && !message->writable)
        return MAPI_E_NO_ACCESS;
    return message_attachment_open(message, number, flags, ret_attach);
}

static HRESULT message_CreateAttach(struct imap_message *message, LPCIID iid, ULONG flags,
                                    ULONG *ret_number, LPATTACH *ret_attach)
{
    if (flags & ~(ULONG)MAPI_DEFERRED_ERRORS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_number || !ret_attach)
        return MAPI_E_INVALID_PARAMETER;
    *ret_attach = NULL;
    if (iid && !guid_equal(iid, &IID_IAttachment) && !guid_equal(iid, &IID_IMAPIProp))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (!message->writable)
        return MAPI_E_NO_ACCESS;
    return message_attachment_create(message, ret_number, ret_attach);
}

static HRESULT message_DeleteAttach(struct imap_message *message, ULONG number, ULONG_PTR ui_param,
                                    LPMAPIPROGRESS progress, ULONG flags)
{
    (void)ui_param;
    (void)progress;
    if (flags & ~(ULONG)ATTACH_DIALOG)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!message->writable)
        return MAPI_E_NO_ACCESS;
    return message_attachment_delete(message, number);
}

static HRESULT message_GetRecipientTable(struct imap_message *message, ULONG flags,
                                         LPMAPITABLE *ret_table)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    return message_recipients_table(message, flags, ret_table);
}

static HRESULT message_ModifyRecipients(struct imap_message *message, ULONG flags, LPADRLIST list)
{
    if (flags & ~(ULONG)(MODRECIP_ADD | MODRECIP_MODIFY | MODRECIP_REMOVE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!message->writable)
        return MAPI_E_NO_ACCESS;
    return message_recipients_modify(message, flags, list);
}

static HRESULT message_SubmitMessage(struct imap_message *message, ULONG flags)
{
    HRESULT hr;

    if (flags & ~(ULONG)FORCE_SUBMIT)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!message->writable)
        return MAPI_E_NO_ACCESS;
    if (message->embedded)
        return MAPI_E_NO_SUPPORT;
    hr = engine_mutex_lock(&message->gate, NO_DEADLINE);
    if (FAILED(hr))
        return hr;
    hr = message_submit(message, flags);
    engine_mutex_unlock(&message->gate);
    return hr;
}

/* @thunks IMessage imap_message message props=props */
#include "providers/imap/message_thunks.inc"

struct imap_message *message_of(IMessage *iface)
{
    return iface->lpVtbl == &message_vtbl ? message_from_IMessage(iface) : NULL;
}

/* --- Properties ------------------------------------------------------------------------------- */

static bool asks_for_body(const SPropTagArray *tags)
{
    if (!tags)
        return true;
    for (ULONG i = 0; i < tags->cValues; i++)
        switch (PROP_ID(tags->aulPropTag[i])) {
        case PROP_ID(PR_BODY):
        case PROP_ID(PR_HTML):
        case PROP_ID(PR_INTERNET_CPID):
            return true;
        }
    return false;
}

static HRESULT load(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct imap_message *message = message_from_prop(prop);
    HRESULT hr;

    if (!asks_for_body(tags))
        return S_OK;
    hr = engine_mutex_lock(&message->gate, NO_DEADLINE);
    if (FAILED(hr))
        return hr;
    hr = message_load_bodies(message);
    engine_mutex_unlock(&message->gate);
    return hr;
}

static HRESULT save(struct mapi_prop *prop, ULONG flags)
{
    struct imap_message *message = message_from_prop(prop);
    HRESULT hr = engine_mutex_lock(&message->gate, NO_DEADLINE);

    if (FAILED(hr))
        return hr;
    hr = message_save(message, flags);
    engine_mutex_unlock(&message->gate);
    return hr;
}

static HRESULT open_property(struct mapi_prop *prop, ULONG tag, const IID *iid, ULONG options,
                             ULONG flags, IUnknown **ret_unknown)
{
    struct imap_message *message = message_from_prop(prop);
    SPropTagArray asked = {.cValues = 1, .aulPropTag = {tag}};
    HRESULT hr;

    (void)flags;
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_MESSAGE_RECIPIENTS):
        return guid_equal(iid, &IID_IMAPITable)
                   ? message_recipients_table(message, options, (IMAPITable **)ret_unknown)
                   : MAPI_E_INTERFACE_NOT_SUPPORTED;
    case PROP_ID(PR_MESSAGE_ATTACHMENTS):
        return guid_equal(iid, &IID_IMAPITable)
                   ? message_attachments_table(message, options, (IMAPITable **)ret_unknown)
                   : MAPI_E_INTERFACE_NOT_SUPPORTED;
    }
    hr = load(prop, &asked);
    return FAILED(hr) ? hr : MAPI_E_NO_SUPPORT; /* a stream on the bag's value */
}

static const struct prop_ops message_prop_ops = {
    .load = load,
    .change = message_change,
    .save = save,
    .open = open_property,
    .names_from_ids = names_from_ids,
    .ids_from_names = names_to_ids,
};

/* --- The object ------------------------------------------------------------------------------- */

static const struct mapi_face message_faces[] = {
    MAPI_FACE(struct imap_message, IID_IMessage, IMessage_iface),
    MAPI_FACE(struct imap_message, IID_IMAPIProp, IMessage_iface),
};

void message_unregister(struct imap_message *message)
{
    if (message->registered)
        open_messages_remove(imap_link_open_messages(message->link), message->number);
    message->registered = false;
}

/* MAPI_BEST_ACCESS does not count: programs show messages with it, and delete what they show. */
static HRESULT message_register(struct imap_message *message)
{
    HRESULT hr = open_messages_add(imap_link_open_messages(message->link), message->number);

    message->registered = SUCCEEDED(hr);
    return hr;
}

static void message_destroy(struct mapi_object *object)
{
    struct imap_message *message = container_of(object, struct imap_message, object);

    message_unregister(message);
    message_attachments_clear(message);
    if (message->recipients)
        row_source_unref(row_list_source(message->recipients));
    if (message->attachments)
        row_source_unref(row_list_source(message->attachments));
    mime_layout_clear(&message->layout);
    message_origin_unref(message->origin);
    while (message->former) {
        struct former_origin *former = message->former;

        message->former = former->next;
        mime_layout_clear(&former->layout);
        message_origin_unref(former->origin);
        free(former);
    }
    free(message->header);
    prop_clear(&message->props);
    engine_mutex_clear(&message->gate);
    pthread_mutex_destroy(&message->lock);
    imap_link_unref(message->link);
    mapi_object_clear(object);
    free(message);
}

static const struct mapi_class message_class = {
    .name = "imap_message",
    .destroy = message_destroy,
    .faces = message_faces,
    .face_count = sizeof(message_faces) / sizeof(message_faces[0]),
};

static HRESULT message_new(struct imap_link *link, struct mapi_object *owner,
                           struct imap_message **ret_message)
{
    struct imap_message *message = calloc(1, sizeof(*message));
    HRESULT hr;

    if (!message)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    message->IMessage_iface.lpVtbl = &message_vtbl;
    message->link = imap_link_ref(link);
    message->rights = IMAP_RIGHTS_ALL;
    message->kept_flags = MSGFLAG_UNMODIFIED; /* unless something else was kept */
    engine_mutex_init(&message->gate);
    pthread_mutex_init(&message->lock, NULL);
    mapi_object_init(&message->object, &message_class, owner);
    prop_init(&message->props, &message->object, &message->IMessage_iface, &IID_IMessage,
              &message_prop_ops, NULL, 0, message->link);
    hr = row_list_create(PR_ROWID, &message->recipients);
    if (SUCCEEDED(hr))
        hr = row_list_create(PR_ATTACH_NUM, &message->attachments);
    if (FAILED(hr)) {
        mapi_object_unref(&message->object);
        return hr;
    }
    *ret_message = message;
    return S_OK;
}

static bool is_message_iid(const IID *iid)
{
    return !iid || guid_equal(iid, &IID_IMessage) || guid_equal(iid, &IID_IMAPIProp) ||
           guid_equal(iid, &IID_IUnknown);
}

struct read_call {
    struct link_call base;
    uint64_t folder, number;
    uint32_t rights;
    bool must_write, may_write;
    struct message_source source;
    struct message_side side;
};

/* A message in the queue is opened for reading only, and not at all while the spooler has it locked
 * (STO-045 to STO-047). */
static HRESULT check_queue(struct read_call *call)
{
    const struct state_submission *row = call->side.submission;

    if (!row)
        return S_OK;
    if (row->locked)
        return MAPI_E_NO_ACCESS;
    if (row->stage == QUEUE_FAILED)
        return S_OK;
    call->may_write = false;
    return call->must_write ? MAPI_E_SUBMITTED : S_OK;
}

static HRESULT read_side(void *arg)
{
    struct read_call *call = arg;

    return message_side_read(call->base.account, call->number, &call->side);
}

/* A message has the rights of its folder (STO-340). */
static WAITS HRESULT look_at_rights(struct read_call *call)
{
    call->rights = account_rights_ask(call->base.account, call->folder);
    if (call->rights & IMAP_RIGHT_WRITE)
        return S_OK;
    call->may_write = false;
    return call->must_write ? MAPI_E_NO_ACCESS : S_OK;
}

/* The server is asked while the side store is read. */
static HRESULT read_on_engine(void *arg)
{
    struct read_call *call = arg;
    struct fiber *side;
    HRESULT hr = engine_spawn(imap_link_engine(call->base.link), read_side, call, &side), read;

    if (FAILED(hr))
        return hr;
    read = account_message_read(call->base.account, call->number, &call->base.error, &call->source);
    hr = fiber_join(side);
    if (FAILED(hr))
        call->base.error = call->side.error;
    else
        hr = check_queue(call);
    if (SUCCEEDED(hr))
        hr = look_at_rights(call);
    return FAILED(hr) ? hr : read;
}

/* Makes the object of what was read; `source` is taken over. */
static HRESULT open_read(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                         struct read_call *call, bool registers, IMessage **ret_message)
{
    struct imap_message *message;
    HRESULT hr = message_new(link, owner, &message);

    if (FAILED(hr)) {
        message_source_clear(&call->source);
        return hr;
    }
    message->folder = folder;
    message->number = call->number;
    message->writable = message->props.writable = call->may_write;
    message->flags = call->source.flags;
    message->rights = call->rights;
    hr = message_origin_create(link, &call->source, &message->origin);
    if (SUCCEEDED(hr)) {
        message->part = message->origin->root;
        hr = message_load_origin(message, &call->side);
    }
    if (SUCCEEDED(hr) && registers)
        hr = message_register(message);
    if (FAILED(hr)) {
        mapi_object_unref(&message->object);
        return hr;
    }
    *ret_message = &message->IMessage_iface;
    return S_OK;
}

HRESULT message_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                     uint64_t number, const IID *iid, ULONG flags, struct error_info *error,
                     IMessage **ret_message)
{
    struct read_call call = {
        .folder = folder,
        .number = number,
        .must_write = flags & MAPI_MODIFY,
        .may_write = flags & (MAPI_MODIFY | MAPI_BEST_ACCESS) && !imap_link_is_readonly(link),
    };
    HRESULT hr;

    if (!is_message_iid(iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = imap_link_call(link, read_on_engine, &call.base);
    if (SUCCEEDED(hr)) {
        hr = open_read(link, owner, folder, &call, flags & MAPI_MODIFY, ret_message);
    } else {
        *error = call.base.error;
        message_source_clear(&call.source);
    }
    message_side_clear(&call.side);
    return hr;
}

static HRESULT set_new_properties(struct imap_message *message)
{
    SPropValue value = {.ulPropTag = PR_MESSAGE_FLAGS};
    HRESULT hr;

    value.Value.l = MSGFLAG_UNSENT | MSGFLAG_READ | MSGFLAG_UNMODIFIED;
    hr = prop_load_value(&message->props, &value, 0);
    if (SUCCEEDED(hr))
        hr = message_load_tables(message);
    value.ulPropTag = PR_OBJECT_TYPE;
    value.Value.l = MAPI_MESSAGE;
    if (SUCCEEDED(hr))
        hr = prop_load_value(&message->props, &value, PROP_READONLY);
    value.ulPropTag = PR_ACCESS;
    value.Value.l = MAPI_ACCESS_MODIFY | MAPI_ACCESS_READ | MAPI_ACCESS_DELETE;
    if (SUCCEEDED(hr))
        hr = prop_load_value(&message->props, &value, PROP_READONLY);
    value.ulPropTag = PR_ACCESS_LEVEL;
    value.Value.l = MAPI_MODIFY;
    return SUCCEEDED(hr) ? prop_load_value(&message->props, &value, PROP_READONLY) : hr;
}

static HRESULT create(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                      bool embedded, IMessage **ret_message)
{
    struct imap_message *message;
    HRESULT hr = message_new(link, owner, &message);

    if (FAILED(hr))
        return hr;
    message->folder = folder;
    message->embedded = embedded;
    message->writable = message->props.writable = true;
    message->bodies_loaded = true; /* there are none to load */
    hr = mime_message_id_make(account_email(imap_link_account(link)), message->made_id);
    if (SUCCEEDED(hr))
        hr = set_new_properties(message);
    if (SUCCEEDED(hr))
        hr = message_load_search_key(message, 0, 0);
    if (FAILED(hr)) {
        mapi_object_unref(&message->object);
        return hr;
    }
    *ret_message = &message->IMessage_iface;
    return S_OK;
}

HRESULT message_create(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                       IMessage **ret_message)
{
    return create(link, owner, folder, false, ret_message);
}

HRESULT message_create_embedded(struct imap_link *link, struct mapi_object *owner,
                                IMessage **ret_message)
{
    return create(link, owner, 0, true, ret_message);
}

struct header_call {
    struct link_call base;
    const struct message_origin *origin;
    const struct mime_part *part;
    char *header;
    size_t size;
};

static HRESULT read_header(void *arg)
{
    struct header_call *call = arg;

    return part_read_all(call->base.account, call->origin, call->part->header_section,
                         TRANSFER_IDENTITY, MESSAGE_HEADER_MAX, &call->base.error, &call->header,
                         &call->size);
}

HRESULT message_open_embedded(struct message_origin *origin, struct mapi_object *owner,
                              const struct mime_part *part, struct error_info *error,
                              IMessage **ret_message)
{
    struct header_call call = {.origin = origin, .part = part->children};
    struct imap_message *message;
    HRESULT hr;

    if (!part->children)
        return MAPI_E_CORRUPT_DATA;
    hr = message_origin_call(origin, read_header, &call.base);
    if (FAILED(hr)) {
        *error = call.base.error;
        return hr;
    }
    hr = message_new(origin->link, owner, &message);
    if (FAILED(hr)) {
        free(call.header);
        return hr;
    }
    message->embedded = true;
    message->origin = message_origin_ref(origin);
    message->part = part->children;
    message->header = call.header;
    message->header_size = call.size;
    hr = message_load_origin(message, NULL);
    if (FAILED(hr)) {
        mapi_object_unref(&message->object);
        return hr;
    }
    *ret_message = &message->IMessage_iface;
    return S_OK;
}
