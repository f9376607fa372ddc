/* providers/imap/message_load.c - a message's properties, out of what the server has
 *
 * Header and structure give everything but the bodies; those are fetched whole when somebody asks
 * for one. What other programs set on the message and MIME cannot hold lies in the side store. */
#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mime/body.h"
#include "mime/header_props.h"
#include "providers/account/message_columns.h"
#include "providers/imap/message_private.h"
#include "providers/imap/store.h"
#include "state/props.h"
#include "state/queue.h"

static HRESULT load_values(struct imap_message *message, const SPropValue *values, size_t count,
                           unsigned attributes)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = prop_load_value(&message->props, &values[i], attributes);
    return hr;
}

/* --- Identity --------------------------------------------------------------------------------- */

static bool is_identity(ULONG tag)
{
    switch (tag) {
    case PR_ENTRYID:
    case PR_RECORD_KEY:
    case PR_SOURCE_KEY:
    case PR_PARENT_ENTRYID:
    case PR_PARENT_SOURCE_KEY:
    case PR_STORE_RECORD_KEY:
    case PR_OBJECT_TYPE:
    case PR_MESSAGE_SIZE:
    case PR_HASATTACH:
    case PR_ACCESS:
    case PR_ACCESS_LEVEL:
    case PR_MG_MID:
    case PR_MG_PARENT_FID:
    case PR_MESSAGE_DELIVERY_TIME:
    case PR_CREATION_TIME:
    case PR_LAST_MODIFICATION_TIME:
        return true;
    }
    return false;
}

/* The time of the last save is kept, and stays what it is. */
static bool is_late_time(const struct imap_message *message, ULONG tag)
{
    return tag == PR_LAST_MODIFICATION_TIME &&
           (message->saved.dwHighDateTime || message->saved.dwLowDateTime);
}

/* Zero until somebody sets it (STO-157, STO-159). */
static HRESULT load_status(struct imap_message *message)
{
    SPropValue status = {.ulPropTag = PR_MSG_STATUS}, *known;

    if (SUCCEEDED(prop_dup_value(&message->props, PR_MSG_STATUS, &known))) {
        mapi_free(known);
        return S_OK;
    }
    return prop_load_value(&message->props, &status, PROP_READONLY);
}

HRESULT message_load_identity(struct imap_message *message, uint32_t size, int64_t internaldate,
                              bool has_attachment)
{
    const struct imap_row row = {.flags = message->flags,
                                 .size = size,
                                 .internaldate = internaldate,
                                 .has_attachment = has_attachment};
    struct message_view view = {.guids = imap_link_guids(message->link),
                                .folder = message->folder,
                                .number = message->number,
                                .row = &row,
                                .rights = message->rights};
    struct arena scratch = {0};
    SPropValue value;
    HRESULT hr = message_load_flags(message, has_attachment);

    if (SUCCEEDED(hr))
        hr = message_load_search_key(message, size, internaldate);
    if (SUCCEEDED(hr))
        hr = message_load_tables(message);
    if (SUCCEEDED(hr))
        hr = load_status(message);
    for (size_t i = 0; i < message_column_count && SUCCEEDED(hr); i++) {
        if (!is_identity(message_column_tags[i]))
            continue;
        hr = message_column(&view, message_column_tags[i], &scratch, &value);
        if (hr == MAPI_E_NOT_FOUND) {
            hr = S_OK;
            continue;
        }
        if (SUCCEEDED(hr) && message_column_tags[i] == PR_ACCESS_LEVEL && !message->writable)
            value.Value.l = 0;
        if (SUCCEEDED(hr) && !(is_late_time(message, message_column_tags[i])))
            hr = prop_load_value(&message->props, &value, PROP_READONLY);
    }
    if (SUCCEEDED(hr))
        hr = store_load_shared(&message->props, message->link);
    arena_clear(&scratch);
    return hr;
}

/* --- Header ----------------------------------------------------------------------------------- */

static HRESULT load_header(struct imap_message *message)
{
    const char *header = message->header ? message->header : message->origin->source.header;
    size_t size = message->header ? message->header_size : message->origin->source.header_size;
    SPropValue *values;
    SRow *rows = NULL;
    ULONG count;
    HRESULT hr = mime_header_props(header, size, NULL, &values, &count);

    if (FAILED(hr))
        return hr;
    hr = load_values(message, values, count, 0);
    mapi_free(values);
    if (SUCCEEDED(hr))
        hr = mime_header_recipients(header, size, NULL, &rows, &count);
    if (SUCCEEDED(hr)) {
        hr = row_list_set_many(message->recipients, rows, count);
        message->last_recipient = count;
    }
    mapi_free(rows);
    return hr;
}

static HRESULT load_layout(struct imap_message *message)
{
    SPropValue value = {.ulPropTag = PR_MESSAGE_CLASS_A};
    HRESULT hr = mime_layout(message->part, &message->layout);

    if (FAILED(hr))
        return hr;
    value.Value.lpszA = (char *)message->layout.message_class;
    hr = prop_load_value(&message->props, &value, 0);
    value.ulPropTag = PR_NATIVE_BODY_INFO;
    value.Value.l = (LONG)message->layout.native_body;
    if (SUCCEEDED(hr))
        hr = prop_load_value(&message->props, &value, PROP_READONLY);
    return SUCCEEDED(hr) ? message_attachments_load(message) : hr;
}

/* --- The side store --------------------------------------------------------------------------- */

HRESULT message_side_read(struct account *account, uint64_t number, struct message_side *side)
{
    struct state_mailbox *mailbox = account_state(account);
    HRESULT hr = state_queue_find(mailbox, number, &side->error, &side->submission);

    if (hr == MAPI_E_NOT_IN_QUEUE)
        hr = S_OK;
    return FAILED(hr) ? hr
                      : state_props_get(mailbox, number, NULL, 0, &side->error, &side->values,
                                        &side->count);
}

void message_side_clear(struct message_side *side)
{
    free(side->values);
    free(side->submission);
}

/* Flags and time of the last save are the store's; all others are the program's. */
static HRESULT take_side(struct imap_message *message, const SPropValue *value)
{
    switch (value->ulPropTag) {
    case PR_MESSAGE_FLAGS:
        message->kept_flags = value->Value.l;
        return message_load_flags(message, message->layout.has_attachments);
    case PR_MSG_STATUS:
        return prop_load_value(&message->props, value, PROP_READONLY);
    case PR_LAST_MODIFICATION_TIME:
        message->saved = value->Value.ft;
        return prop_load_value(&message->props, value, PROP_READONLY);
    }
    return prop_load_value(&message->props, value, 0);
}

static HRESULT load_side(struct imap_message *message, const struct message_side *side)
{
    HRESULT hr = S_OK;

    if (side->submission && message->flags & IMAP_FLAG_SUBMITTED)
        hr = message_recipients_queued(message, side->submission);
    for (size_t i = 0; i < side->count && SUCCEEDED(hr); i++)
        hr = take_side(message, &side->values[i]);
    if (SUCCEEDED(hr) && side->count > 0) /* a wish for a receipt may be among them */
        hr = message_load_flags(message, message->layout.has_attachments);
    return hr;
}

HRESULT message_load_origin(struct imap_message *message, const struct message_side *side)
{
    const struct message_source *source = &message->origin->source;
    HRESULT hr = load_header(message);

    if (SUCCEEDED(hr))
        hr = load_layout(message);
    if (SUCCEEDED(hr) && message->embedded)
        hr = message_load_tables(message);
    if (SUCCEEDED(hr) && !message->embedded)
        hr = message_load_identity(message, source->size, source->internaldate,
                                   message->layout.has_attachments);
    return SUCCEEDED(hr) && side ? load_side(message, side) : hr;
}

HRESULT message_adopt(struct imap_message *message, struct message_source *source)
{
    struct former_origin *former = calloc(1, sizeof(*former));
    struct message_origin *origin;
    HRESULT hr;

    if (!former) {
        message_source_clear(source);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    hr = message_origin_create(message->link, source, &origin);
    if (FAILED(hr)) {
        free(former);
        return hr;
    }
    former->origin = message->origin;
    former->layout = message->layout;
    former->next = message->former;
    message->former = former;
    message->origin = origin;
    message->part = origin->root;
    memset(&message->layout, 0, sizeof(message->layout));
    hr = mime_layout(message->part, &message->layout);
    if (FAILED(hr))
        return hr;
    return message_attachments_reload(message);
}

/* --- Bodies ----------------------------------------------------------------------------------- */

struct body_call {
    struct link_call base;
    struct imap_message *message;
    const struct mime_part *part;
    char *bytes;
    size_t size;
};

static HRESULT read_body(void *arg)
{
    struct body_call *call = arg;

    return part_read_all(call->base.account, call->message->origin, call->part->section,
                         call->part->encoding, MESSAGE_BODY_MAX, &call->base.error, &call->bytes,
                         &call->size);
}

static WAITS HRESULT fetch_body(struct imap_message *message, const struct mime_part *part,
                                struct body_call *call)
{
    *call = (struct body_call){.message = message, .part = part};
    return message_origin_run(message->origin, &message->object, read_body, &call->base);
}

static HRESULT load_wide(struct imap_message *message, ULONG tag, WCHAR *text)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.lpszW = text;
    return prop_load_value(&message->props, &value, 0);
}

/* PR_HTML in the part's own bytes where its charset has a code page, else in UTF-8. */
static HRESULT load_html_bytes(struct imap_message *message, const struct body_call *call)
{
    SPropValue html = {.ulPropTag = PR_HTML}, cpid = {.ulPropTag = PR_INTERNET_CPID};
    uint32_t codepage = mime_body_codepage(call->part, call->bytes, call->size);
    char *utf8 = NULL;
    size_t size = call->size;
    HRESULT hr = S_OK;

    if (codepage == 0)
        hr = mime_body_utf8(call->part, call->bytes, call->size, NULL, &utf8, &size);
    html.Value.bin.cb = (ULONG)size;
    html.Value.bin.lpb = (BYTE *)(utf8 ? utf8 : call->bytes);
    cpid.Value.l = codepage ? (LONG)codepage : 65001;
    if (SUCCEEDED(hr))
        hr = prop_load_value(&message->props, &html, 0);
    if (SUCCEEDED(hr))
        hr = prop_load_value(&message->props, &cpid, 0);
    mapi_free(utf8);
    return hr;
}

static WAITS HRESULT load_html(struct imap_message *message, bool make_text)
{
    struct body_call call;
    WCHAR *text = NULL;
    char *utf8 = NULL;
    size_t size;
    HRESULT hr = fetch_body(message, message->layout.html, &call);

    if (FAILED(hr))
        return hr;
    hr = load_html_bytes(message, &call);
    if (SUCCEEDED(hr) && make_text) {
        hr = mime_body_utf8(call.part, call.bytes, call.size, NULL, &utf8, &size);
        if (SUCCEEDED(hr))
            hr = mime_html_to_text(utf8, size, NULL, &text);
        if (SUCCEEDED(hr))
            hr = load_wide(message, PR_BODY_W, text);
    }
    mapi_free(text);
    mapi_free(utf8);
    free(call.bytes);
    return hr;
}

static WAITS HRESULT load_plain(struct imap_message *message)
{
    SPropValue cpid = {.ulPropTag = PR_INTERNET_CPID};
    struct body_call call;
    WCHAR *text = NULL;
    HRESULT hr = fetch_body(message, message->layout.plain, &call);

    if (FAILED(hr))
        return hr;
    hr = mime_body_text(call.part, call.bytes, call.size, NULL, &text);
    if (SUCCEEDED(hr))
        hr = load_wide(message, PR_BODY_W, text);
    cpid.Value.l = (LONG)mime_body_codepage(call.part, call.bytes, call.size);
    if (SUCCEEDED(hr) && cpid.Value.l && !message->layout.html)
        hr = prop_load_value(&message->props, &cpid, 0);
    mapi_free(text);
    free(call.bytes);
    return hr;
}

/* Changes that wait in the bag win over what is loaded late. */
static bool body_is_dirty(struct imap_message *message)
{
    const struct propbag_item *item;
    bool dirty = false;

    pthread_mutex_lock(&message->props.lock);
    for (size_t at = 0; !dirty && (item = propbag_dirty(&message->props.bag, at)); at++)
        dirty = PROP_ID(item->value->ulPropTag) == PROP_ID(PR_BODY) ||
                PROP_ID(item->value->ulPropTag) == PROP_ID(PR_HTML);
    pthread_mutex_unlock(&message->props.lock);
    return dirty;
}

HRESULT message_load_bodies(struct imap_message *message)
{
    HRESULT hr = S_OK;
    bool loaded;

    pthread_mutex_lock(&message->lock);
    loaded = message->bodies_loaded;
    pthread_mutex_unlock(&message->lock);
    if (loaded || !message->origin || body_is_dirty(message))
        return S_OK;
    if (message->layout.plain)
        hr = load_plain(message);
    if (SUCCEEDED(hr) && message->layout.html)
        hr = load_html(message, !message->layout.plain);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&message->lock);
        message->bodies_loaded = true;
        pthread_mutex_unlock(&message->lock);
    }
    return hr;
}
