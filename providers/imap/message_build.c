/* providers/imap/message_build.c - a message object as what mime/ encodes */
#include "providers/imap/message_build.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "mime/charset.h"

/* The content of one attachment: bytes of ours, or a part on the server. */
struct build_input {
    struct build_input *next;
    struct mime_bytes bytes;
    struct message_origin *origin; /* our reference; NULL: `bytes` */
    const char *section;
    enum transfer_encoding encoding;
    struct part_reader *reader; /* while encoding */
    struct message_build *top;
};

struct message_build {
    void *root; /* everything small hangs off it */
    struct mime_outgoing outgoing;
    SRow *rows;
    ULONG row_count;
    struct build_input *inputs;
    struct message_build *embedded, *next; /* builds of embedded messages, chained */
    struct message_build *top;

    /* While encoding. */
    struct account *account;
    struct error_info *error;
};

/* --- Sources ---------------------------------------------------------------------------------- */

static HRESULT input_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct build_input *input = arg;
    HRESULT hr = S_OK;

    if (!input->reader)
        hr = part_reader_open(input->top->account, input->origin, input->section, input->encoding,
                              &input->reader);
    return FAILED(hr) ? hr
                      : part_reader_read(input->reader, buffer, size, input->top->error, ret_size);
}

static HRESULT input_rewind(void *arg)
{
    struct build_input *input = arg;

    if (input->reader)
        part_reader_rewind(input->reader);
    return S_OK;
}

static struct build_input *add_input(struct message_build *build)
{
    struct build_input *input = mapi_alloc(build->root, sizeof(*input));

    if (input) {
        input->top = build->top;
        input->next = build->inputs;
        build->inputs = input;
    }
    return input;
}

/* --- Attachments ------------------------------------------------------------------------------ */

static HRESULT take_server_part(struct message_build *build, struct imap_message *message,
                                const struct mime_attachment *attachment,
                                struct mime_outgoing_attachment *ret)
{
    const struct mime_part *part = attachment->part;
    struct build_input *input;

    if (attachment->kind == MIME_ATTACHMENT_ENTITY)
        return MAPI_E_NO_SUPPORT;
    input = add_input(build);
    if (!input)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    input->origin = message_origin_ref(message->origin);
    input->section = part->section;
    input->encoding =
        attachment->kind == MIME_ATTACHMENT_MESSAGE ? TRANSFER_IDENTITY : part->encoding;
    *ret = (struct mime_outgoing_attachment){
        .name = attachment->name,
        .mime_type = attachment->mime_type,
        .content_id = part->content_id,
        .content_location = part->location,
        .inline_in_html = attachment->hidden,
        .created = part->created,
        .modified = part->modified,
        .raw_message = attachment->kind == MIME_ATTACHMENT_MESSAGE,
        .content = {.read = input_read, .rewind = input_rewind, .arg = input},
    };
    return S_OK;
}

static HRESULT take_text(struct message_build *build, const struct propbag *bag, ULONG tag,
                         const char **ret_text)
{
    const SPropValue *value = propbag_find(bag, tag);

    if (!value || PROP_TYPE(value->ulPropTag) != PT_UNICODE || !value->Value.lpszW[0])
        return S_OK;
    return text_utf16_to_utf8(build->root, value->Value.lpszW, (char **)ret_text);
}

static ULONG take_number(const struct propbag *bag, ULONG tag)
{
    const SPropValue *value = propbag_find(bag, tag);

    return value && PROP_TYPE(value->ulPropTag) == PT_LONG ? (ULONG)value->Value.l : 0;
}

static HRESULT build_message(struct imap_message *message, struct message_build *top,
                             struct message_build **ret_build);

static HRESULT take_embedded(struct message_build *build, IMessage *embedded,
                             struct mime_outgoing_attachment *ret)
{
    struct imap_message *message = message_of(embedded);
    struct message_build *inner;
    HRESULT hr;

    if (!message)
        return MAPI_E_NO_SUPPORT;
    hr = build_message(message, build->top, &inner);
    if (FAILED(hr))
        return hr;
    inner->next = build->embedded;
    build->embedded = inner;
    ret->message = &inner->outgoing;
    return S_OK;
}

static HRESULT take_own(struct message_build *build, const struct attachment_entry *entry,
                        struct mime_outgoing_attachment *ret)
{
    const SPropValue *data = propbag_find(&entry->bag, PR_ATTACH_DATA_BIN);
    struct build_input *input;
    HRESULT hr;

    *ret = (struct mime_outgoing_attachment){.inline_in_html =
                                                 take_number(&entry->bag, PR_ATTACH_FLAGS) & 4};
    hr = take_text(build, &entry->bag, PR_ATTACH_LONG_FILENAME_W, &ret->name);
    if (SUCCEEDED(hr) && !ret->name)
        hr = take_text(build, &entry->bag, PR_ATTACH_FILENAME_W, &ret->name);
    if (SUCCEEDED(hr) && !ret->name)
        hr = take_text(build, &entry->bag, PR_DISPLAY_NAME_W, &ret->name);
    if (SUCCEEDED(hr))
        hr = take_text(build, &entry->bag, PR_ATTACH_MIME_TAG_W, &ret->mime_type);
    if (SUCCEEDED(hr))
        hr = take_text(build, &entry->bag, PR_ATTACH_CONTENT_ID_W, &ret->content_id);
    if (SUCCEEDED(hr))
        hr = take_text(build, &entry->bag, PR_ATTACH_CONTENT_LOCATION_W, &ret->content_location);
    if (SUCCEEDED(hr) && entry->embedded)
        return take_embedded(build, entry->embedded, ret);
    if (FAILED(hr))
        return hr;
    input = add_input(build);
    if (!input)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (data && PROP_TYPE(data->ulPropTag) == PT_BINARY) {
        input->bytes.bytes = mapi_memdup(build->root, data->Value.bin.lpb, data->Value.bin.cb);
        input->bytes.size = data->Value.bin.cb;
        if (!input->bytes.bytes)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    ret->content = mime_source_bytes(&input->bytes);
    return S_OK;
}

static HRESULT take_attachments(struct message_build *build, struct imap_message *message)
{
    struct mime_outgoing_attachment *attachments;
    size_t count = 0;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&message->lock);
    for (struct attachment_entry *entry = message->entries; entry; entry = entry->next)
        count++;
    attachments = mapi_alloc_array(build->root, count + 1, sizeof(*attachments));
    if (!attachments)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    count = 0;
    for (struct attachment_entry *entry = message->entries; entry && SUCCEEDED(hr);
         entry = entry->next) {
        hr = entry->on_server
                 ? take_server_part(build, message, entry->on_server, &attachments[count])
                 : take_own(build, entry, &attachments[count]);
        count++;
    }
    pthread_mutex_unlock(&message->lock);
    build->outgoing.attachments = attachments;
    build->outgoing.attachment_count = count;
    return hr;
}

/* --- Bodies and properties -------------------------------------------------------------------- */

static HRESULT take_bodies(struct message_build *build, const struct propbag *bag)
{
    const SPropValue *html = propbag_find(bag, PR_HTML);
    struct mime_outgoing *outgoing = &build->outgoing;
    ULONG codepage = take_number(bag, PR_INTERNET_CPID);
    HRESULT hr = take_text(build, bag, PR_BODY_W, &outgoing->text);

    if (FAILED(hr))
        return hr;
    outgoing->text_size = outgoing->text ? strlen(outgoing->text) : 0;
    if (!html || PROP_TYPE(html->ulPropTag) != PT_BINARY)
        return S_OK;
    outgoing->html = mapi_memdup(build->root, html->Value.bin.lpb, html->Value.bin.cb);
    outgoing->html_size = html->Value.bin.cb;
    outgoing->html_charset = codepage ? charset_of_codepage(codepage) : NULL;
    return outgoing->html ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT take_properties(struct message_build *build, struct imap_message *message)
{
    struct propbag snapshot = {0};
    SPropValue *values;
    ULONG count;
    HRESULT hr;

    pthread_mutex_lock(&message->props.lock);
    hr = propbag_snapshot(&message->props.bag, &snapshot);
    pthread_mutex_unlock(&message->props.lock);
    if (SUCCEEDED(hr))
        hr = propbag_get_props(&snapshot, NULL, MAPI_UNICODE, 64 * 1024, &count, &values);
    if (SUCCEEDED(hr)) {
        build->outgoing.props = values; /* freed with the build */
        build->outgoing.prop_count = count;
        if (!propbag_find(&snapshot, PR_INTERNET_MESSAGE_ID_W))
            strcpy(build->outgoing.message_id, message->made_id);
        hr = take_bodies(build, &snapshot);
    }
    propbag_clear(&snapshot);
    return hr;
}

static HRESULT build_message(struct imap_message *message, struct message_build *top,
                             struct message_build **ret_build)
{
    struct message_build *build = calloc(1, sizeof(*build));
    HRESULT hr;

    if (!build)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    build->top = top ? top : build;
    build->root = mapi_alloc(NULL, 1);
    hr = build->root ? take_properties(build, message) : MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        hr = message_recipients_take(message, &build->rows, &build->row_count);
    if (SUCCEEDED(hr))
        hr = take_attachments(build, message);
    if (SUCCEEDED(hr)) {
        build->outgoing.recipients = build->rows;
        build->outgoing.recipient_count = build->row_count;
        build->outgoing.flags = MIME_ENCODE_BCC; /* taken out when it is sent: outgoing.c */
        hr = mime_outgoing_prepare(&build->outgoing, NULL);
    }
    if (FAILED(hr)) {
        message_build_free(build);
        return hr;
    }
    *ret_build = build;
    return S_OK;
}

HRESULT message_build_create(struct imap_message *message, struct message_build **ret_build)
{
    return build_message(message, NULL, ret_build);
}

void message_build_free(struct message_build *build)
{
    if (!build)
        return;
    while (build->embedded) {
        struct message_build *inner = build->embedded;

        build->embedded = inner->next;
        message_build_free(inner);
    }
    for (struct build_input *input = build->inputs; input; input = input->next)
        message_origin_unref(input->origin);
    message_rows_free(build->rows, build->row_count);
    mapi_free((void *)build->outgoing.props);
    mapi_free(build->root);
    free(build);
}

const char *message_build_id(const struct message_build *build)
{
    return build->outgoing.message_id;
}

/* --- Encoding --------------------------------------------------------------------------------- */

static WAITS void close_readers(struct message_build *build)
{
    for (struct build_input *input = build->inputs; input; input = input->next) {
        part_reader_close(input->reader);
        input->reader = NULL;
    }
    for (struct message_build *inner = build->embedded; inner; inner = inner->next)
        close_readers(inner);
}

HRESULT message_build_encode(struct message_build *build, struct account *account,
                             struct error_info *error, struct mime_spool **ret_spool)
{
    struct mime_spool *spool;
    HRESULT hr = mime_spool_create(&spool);

    if (FAILED(hr))
        return error_set(error, hr, account_key(account), "out of memory");
    build->account = account;
    build->error = error;
    hr = mime_encode(&build->outgoing, mime_spool_write, spool);
    close_readers(build);
    if (FAILED(hr)) {
        mime_spool_free(spool);
        return error && error->hr == hr
                   ? hr
                   : error_set(error, hr, account_key(account), "the message cannot be encoded");
    }
    *ret_spool = spool;
    return S_OK;
}
