/* providers/imap/attach.c - one attachment: IAttach
 *
 * On the server its content is streamed from there, in windows; ours lies in the bag. */
#include "providers/imap/attach.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/stream.h"
#include "providers/imap/names.h"
#include "providers/imap/part_stream.h"

#define DATA_MAX (32u * 1024u * 1024u) /* PR_ATTACH_DATA_BIN by GetProps: beyond, open a stream */

struct imap_attach {
    IAttach IAttach_iface;
    struct mapi_object object; /* owned by the message */
    struct mapi_prop props;
    struct imap_message *message;   /* our owner */
    struct attachment_entry *entry; /* our reference; NULL: new and not saved */
    ULONG number;
    pthread_mutex_t lock; /* leaf */
    IMessage *embedded;   /* our reference; a new PR_ATTACH_DATA_OBJ */
};

static const struct mime_attachment *on_server(const struct imap_attach *attach)
{
    return attach->entry ? attach->entry->on_server : NULL;
}

/* --- Content on the server -------------------------------------------------------------------- */

static const char *data_section(const struct mime_attachment *attachment,
                                enum transfer_encoding *ret_encoding)
{
    *ret_encoding =
        attachment->kind == MIME_ATTACHMENT_VALUE ? attachment->part->encoding : TRANSFER_IDENTITY;
    return attachment->part->section;
}

struct data_call {
    struct link_call base;
    struct imap_message *message;
    const char *section;
    enum transfer_encoding encoding;
    char *bytes;
    size_t size;
};

static HRESULT read_data(void *arg)
{
    struct data_call *call = arg;

    return part_read_all(call->base.account, call->message->origin, call->section, call->encoding,
                         DATA_MAX, &call->base.error, &call->bytes, &call->size);
}

static WAITS HRESULT read_section(struct imap_attach *attach, const char *section,
                                  enum transfer_encoding encoding, struct data_call *call)
{
    *call =
        (struct data_call){.message = attach->message, .section = section, .encoding = encoding};
    return message_origin_run(attach->message->origin, &attach->object, read_data, &call->base);
}

/* The lines of one field, folded ones too, out of a header block. */
static const char *find_field(const char *header, const char *name, size_t *ret_size)
{
    size_t length = strlen(name);

    for (const char *at = header; *at;) {
        const char *end = strchr(at, '\n');
        bool found = strncasecmp(at, name, length) == 0 && at[length] == ':';
        const char *start = at;

        while (end && (end[1] == ' ' || end[1] == '\t'))
            end = strchr(end + 1, '\n');
        at = end ? end + 1 : at + strlen(at);
        if (found) {
            *ret_size = (size_t)(at - start);
            return start;
        }
    }
    return NULL;
}

/* multipart/signed: its Content-Type field stands before the undecoded content. */
static HRESULT read_entity(struct imap_attach *attach, IStream **ret_stream)
{
    const struct mime_part *part = on_server(attach)->part;
    struct memory_stream_options options = {.owner = &attach->object};
    struct data_call header, content;
    char *bytes;
    const char *field;
    size_t size = 0;
    HRESULT hr = read_section(attach, part->header_section, TRANSFER_IDENTITY, &header);

    if (FAILED(hr))
        return hr;
    hr = read_section(attach, part->section, TRANSFER_IDENTITY, &content);
    if (FAILED(hr)) {
        free(header.bytes);
        return hr;
    }
    field = find_field(header.bytes, "Content-Type", &size);
    bytes = malloc(size + 2 + content.size);
    if (bytes) {
        memcpy(bytes, field ? field : "", size);
        memcpy(bytes + size, "\r\n", 2);
        memcpy(bytes + size + 2, content.bytes, content.size);
        options.data = bytes;
        options.size = size + 2 + content.size;
        hr = memory_stream_create(&options, ret_stream);
    } else {
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    free(bytes);
    free(header.bytes);
    free(content.bytes);
    return hr;
}

static HRESULT open_data(struct imap_attach *attach, IStream **ret_stream)
{
    enum transfer_encoding encoding;
    const char *section;

    if (on_server(attach)->kind == MIME_ATTACHMENT_ENTITY)
        return read_entity(attach, ret_stream);
    section = data_section(on_server(attach), &encoding);
    return part_stream_create(attach->message->origin, &attach->object, section, encoding,
                              ret_stream);
}

/* --- Properties ------------------------------------------------------------------------------- */

static bool asks_for_data(const SPropTagArray *tags)
{
    for (ULONG i = 0; tags && i < tags->cValues; i++)
        if (tags->aulPropTag[i] == PR_ATTACH_DATA_BIN)
            return true;
    return false;
}

/* PR_ATTACH_DATA_BIN is brought in when it is named; in lists it only stands there. */
static HRESULT load(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct imap_attach *attach = container_of(prop, struct imap_attach, props);
    SPropValue value = {.ulPropTag = PR_ATTACH_DATA_BIN};
    enum transfer_encoding encoding;
    struct data_call call;
    HRESULT hr;

    if (!on_server(attach) || on_server(attach)->kind != MIME_ATTACHMENT_VALUE ||
        !asks_for_data(tags) || on_server(attach)->part->size > DATA_MAX)
        return S_OK;
    hr = read_section(attach, data_section(on_server(attach), &encoding),
                      on_server(attach)->part->encoding, &call);
    if (FAILED(hr))
        return hr;
    value.Value.bin.cb = (ULONG)call.size;
    value.Value.bin.lpb = (BYTE *)call.bytes;
    hr = prop_load_value(prop, &value, 0);
    free(call.bytes);
    return hr;
}

static HRESULT open_embedded(struct imap_attach *attach, ULONG flags, IMessage **ret_message)
{
    struct error_info error = {0};
    HRESULT hr;

    if (on_server(attach)) {
        if (on_server(attach)->kind != MIME_ATTACHMENT_MESSAGE)
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        hr = message_open_embedded(attach->message->origin, &attach->object,
                                   on_server(attach)->part, &error, ret_message);
        return FAILED(hr) && error.hr == hr ? mapi_object_fail(&attach->object, &error) : hr;
    }
    pthread_mutex_lock(&attach->lock);
    hr = attach->embedded ? S_OK : MAPI_E_NOT_FOUND;
    if (hr == MAPI_E_NOT_FOUND && flags & MAPI_CREATE)
        /* Not owned by the message, which holds it once the attachment has been saved. */
        hr = message_create_embedded(attach->message->link, attach->message->object.owner,
                                     &attach->embedded);
    if (SUCCEEDED(hr)) {
        *ret_message = attach->embedded;
        IMessage_AddRef(*ret_message);
    }
    pthread_mutex_unlock(&attach->lock);
    return hr;
}

static HRESULT open_property(struct mapi_prop *prop, ULONG tag, const IID *iid, ULONG options,
                             ULONG flags, IUnknown **ret_unknown)
{
    struct imap_attach *attach = container_of(prop, struct imap_attach, props);

    (void)options;
    if (PROP_ID(tag) != PROP_ID(PR_ATTACH_DATA_OBJ)) /* ..._BIN and ..._OBJ have one id */
        return MAPI_E_NO_SUPPORT;
    if (guid_equal(iid, &IID_IMessage))
        return open_embedded(attach, flags, (IMessage **)ret_unknown);
    if (guid_equal(iid, &IID_IStream) && on_server(attach)) {
        if (flags & (MAPI_MODIFY | MAPI_CREATE))
            return MAPI_E_NO_ACCESS; /* DeleteAttach and CreateAttach replace content */
        return open_data(attach, (IStream **)ret_unknown);
    }
    return MAPI_E_NO_SUPPORT; /* a stream on the bag's value; OLE storages are not supported */
}

/* MIME has no place for links to files, and OLE storages are not supported: rather than as an empty
 * file they are not saved at all. */
static bool can_be_saved(struct mapi_prop *prop)
{
    const SPropValue *method;
    bool can;

    pthread_mutex_lock(&prop->lock);
    method = propbag_find(&prop->bag, PR_ATTACH_METHOD);
    can = !method || method->Value.l == NO_ATTACHMENT || method->Value.l == ATTACH_BY_VALUE ||
          method->Value.l == ATTACH_EMBEDDED_MSG;
    pthread_mutex_unlock(&prop->lock);
    return can;
}

/* SaveChanges: what the bag has becomes an entry of the message. */
static HRESULT save(struct mapi_prop *prop, ULONG flags)
{
    struct imap_attach *attach = container_of(prop, struct imap_attach, props);
    struct attachment_entry *entry;
    HRESULT hr;

    if (flags &
        ~(ULONG)(KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (on_server(attach))
        return propbag_is_dirty(&prop->bag) ? MAPI_E_NO_SUPPORT : S_OK;
    if (!can_be_saved(prop))
        return mapi_object_error(&attach->object, MAPI_E_NO_SUPPORT, "mapigate",
                                 "only data and messages can be attached");
    entry = calloc(1, sizeof(*entry));
    if (!entry)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&entry->refs, 1);
    entry->number = attach->number;
    pthread_mutex_lock(&prop->lock);
    hr = propbag_snapshot(&prop->bag, &entry->bag);
    propbag_clean(&prop->bag);
    pthread_mutex_unlock(&prop->lock);
    pthread_mutex_lock(&attach->lock);
    entry->embedded = attach->embedded;
    if (entry->embedded)
        IMessage_AddRef(entry->embedded);
    pthread_mutex_unlock(&attach->lock);
    if (SUCCEEDED(hr))
        hr = message_attachment_put(attach->message, entry);
    attachment_entry_unref(entry);
    return hr;
}

static const struct prop_ops attach_prop_ops = {
    .load = load,
    .save = save,
    .open = open_property,
    .names_from_ids = names_from_ids,
    .ids_from_names = names_to_ids,
};

/* --- The object ------------------------------------------------------------------------------- */

/* @thunks IAttach imap_attach attach props=props */
#include "providers/imap/attach_thunks.inc"

static const struct mapi_face attach_faces[] = {
    MAPI_FACE(struct imap_attach, IID_IAttachment, IAttach_iface),
    MAPI_FACE(struct imap_attach, IID_IMAPIProp, IAttach_iface),
};

static void attach_destroy(struct mapi_object *object)
{
    struct imap_attach *attach = container_of(object, struct imap_attach, object);

    if (attach->embedded)
        IMessage_Release(attach->embedded);
    attachment_entry_unref(attach->entry);
    prop_clear(&attach->props);
    pthread_mutex_destroy(&attach->lock);
    mapi_object_clear(object);
    free(attach);
}

static const struct mapi_class attach_class = {
    .name = "imap_attach",
    .destroy = attach_destroy,
    .faces = attach_faces,
    .face_count = sizeof(attach_faces) / sizeof(attach_faces[0]),
};

static struct imap_attach *attach_new(struct imap_message *message, ULONG number, bool writable)
{
    struct imap_attach *attach = calloc(1, sizeof(*attach));

    if (!attach)
        return NULL;
    attach->IAttach_iface.lpVtbl = &attach_vtbl;
    attach->message = message;
    attach->number = number;
    pthread_mutex_init(&attach->lock, NULL);
    mapi_object_init(&attach->object, &attach_class, &message->object);
    prop_init(&attach->props, &attach->object, &attach->IAttach_iface, &IID_IAttachment,
              &attach_prop_ops, NULL, 0, message->link);
    attach->props.writable = writable;
    attach->props.limit = DATA_MAX;
    return attach;
}

static HRESULT load_values(struct imap_attach *attach, const SPropValue *values, ULONG count)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = prop_load_value(&attach->props, &values[i], 0);
    return hr;
}

static HRESULT load_record_key(struct imap_attach *attach)
{
    SPropValue value = {.ulPropTag = PR_RECORD_KEY};
    BYTE key[ATTACHMENT_KEY_MAX];

    value.Value.bin.lpb = key;
    value.Value.bin.cb =
        (ULONG)message_attachment_key(attach->message, on_server(attach), attach->number, key);
    return prop_load_value(&attach->props, &value, PROP_READONLY);
}

/* The content of one on the server stands in lists and is opened or named. */
static HRESULT load_placeholder(struct imap_attach *attach)
{
    SPropValue value = {.ulPropTag = on_server(attach)->kind == MIME_ATTACHMENT_VALUE
                                         ? PR_ATTACH_DATA_BIN
                                         : PR_ATTACH_DATA_OBJ};

    return prop_load_value(&attach->props, &value, PROP_OBJECT);
}

HRESULT attach_open(struct imap_message *message, struct attachment_entry *entry, bool writable,
                    IAttach **ret_attach)
{
    struct imap_attach *attach = attach_new(message, entry->number, writable);
    SPropValue *values;
    ULONG count;
    HRESULT hr;

    if (!attach)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    attach->entry = attachment_entry_ref(entry);
    if (entry->embedded) {
        attach->embedded = entry->embedded;
        IMessage_AddRef(attach->embedded);
    }
    hr = entry->on_server
             ? mime_attachment_props(entry->on_server, entry->number, NULL, &values, &count)
             : propbag_get_props(&entry->bag, NULL, MAPI_UNICODE, 0, &count, &values);
    if (SUCCEEDED(hr)) {
        hr = load_values(attach, values, count);
        mapi_free(values);
    }
    if (SUCCEEDED(hr))
        hr = load_record_key(attach);
    if (SUCCEEDED(hr) && entry->on_server)
        hr = load_placeholder(attach);
    if (FAILED(hr)) {
        mapi_object_unref(&attach->object);
        return hr;
    }
    *ret_attach = &attach->IAttach_iface;
    return S_OK;
}

HRESULT attach_create(struct imap_message *message, ULONG number, IAttach **ret_attach)
{
    struct imap_attach *attach = attach_new(message, number, true);
    SPropValue value = {.ulPropTag = PR_ATTACH_NUM};
    HRESULT hr;

    if (!attach)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    value.Value.l = (LONG)number;
    hr = prop_load_value(&attach->props, &value, PROP_READONLY);
    value.ulPropTag = PR_OBJECT_TYPE;
    value.Value.l = MAPI_ATTACH;
    if (SUCCEEDED(hr))
        hr = prop_load_value(&attach->props, &value, PROP_READONLY);
    value.ulPropTag = PR_RENDERING_POSITION;
    value.Value.l = -1;
    if (SUCCEEDED(hr))
        hr = prop_load_value(&attach->props, &value, 0);
    if (SUCCEEDED(hr))
        hr = load_record_key(attach);
    if (FAILED(hr)) {
        mapi_object_unref(&attach->object);
        return hr;
    }
    *ret_attach = &attach->IAttach_iface;
    return S_OK;
}
