/* mime/decode.c - a whole message in memory as properties, recipients, bodies and attachments */
#include "mime/decode.h"

#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mime/body.h"
#include "mime/header.h"
#include "mime/header_props.h"
#include "mime/props.h"
#include "mime/scan.h"

#define BODY_PROPS 8

static void add_text(struct props *props, const void *bytes, const struct mime_part *part)
{
    SPropValue value = {.ulPropTag = PR_BODY_W};
    BYTE *content;
    size_t size;

    if (FAILED(props->hr))
        return;
    props->hr = mime_part_content(bytes, part, NULL, &content, &size);
    if (FAILED(props->hr))
        return;
    props->hr = mime_body_text(part, content, size, props->root, &value.Value.lpszW);
    mapi_free(content);
    props_add(props, &value);
}

static void add_html(struct props *props, const void *bytes, const struct mime_part *part)
{
    SPropValue value = {.ulPropTag = PR_HTML};
    uint32_t codepage;
    BYTE *content;
    char *utf8;
    size_t size;

    if (FAILED(props->hr))
        return;
    props->hr = mime_part_content(bytes, part, props->root, &content, &size);
    if (FAILED(props->hr))
        return;
    codepage = mime_body_codepage(part, content, size);
    if (codepage == 0) {
        props->hr = mime_body_utf8(part, content, size, props->root, &utf8, &size);
        if (FAILED(props->hr))
            return;
        content = (BYTE *)utf8;
        codepage = 65001;
    }
    value.Value.bin = (SBinary){.cb = (ULONG)size, .lpb = content};
    props_add(props, &value);
    props_add_long(props, PR_INTERNET_CPID, (LONG)codepage);
}

/* The class that a report's second part decides. */
static HRESULT refine_class(struct mime_message *message, const void *bytes)
{
    const struct mime_part *root = message->structure, *status;
    BYTE *content;
    size_t size;
    HRESULT hr;

    if (strncmp(message->layout.message_class, "REPORT.", 7) != 0)
        return S_OK;
    status = root->children ? root->children->next : NULL;
    if (!status || !mime_part_is(status, "message", NULL))
        return S_OK;
    hr = mime_part_content(bytes, status, NULL, &content, &size);
    if (SUCCEEDED(hr)) {
        message->layout.message_class = mime_report_class(root, content, size);
        mapi_free(content);
    }
    return hr;
}

static HRESULT collect_props(struct mime_message *message, const void *bytes)
{
    const struct mime_layout *layout = &message->layout;
    SPropValue *header;
    ULONG header_count;
    struct props props;
    HRESULT hr = mime_header_props(bytes, message->structure->header_size, message->root, &header,
                                   &header_count);

    if (FAILED(hr))
        return hr;
    props_begin(&props, message->root, header_count + BODY_PROPS);
    for (ULONG i = 0; i < header_count; i++)
        props_add(&props, &header[i]);
    props_add_utf8(&props, PR_MESSAGE_CLASS_W, layout->message_class);
    props_add_bool(&props, PR_HASATTACH, layout->has_attachments);
    if (layout->native_body != MIME_NATIVE_NONE)
        props_add_long(&props, PR_NATIVE_BODY_INFO, (LONG)layout->native_body);
    if (layout->plain)
        add_text(&props, bytes, layout->plain);
    if (layout->html)
        add_html(&props, bytes, layout->html);
    return props_finish(&props, &message->props, &message->prop_count);
}

HRESULT mime_decode(const void *bytes, size_t size, struct mime_message *ret_message)
{
    struct mime_message message = {0};
    HRESULT hr = mime_scan(bytes, size, &message.structure);

    if (SUCCEEDED(hr))
        hr = mime_layout(message.structure, &message.layout);
    if (SUCCEEDED(hr) && !(message.root = mapi_alloc(NULL, 1)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        hr = refine_class(&message, bytes);
    if (SUCCEEDED(hr))
        hr = collect_props(&message, bytes);
    if (SUCCEEDED(hr))
        hr = mime_header_recipients(bytes, message.structure->header_size, message.root,
                                    &message.recipients, &message.recipient_count);
    if (FAILED(hr)) {
        mime_message_clear(&message);
        return hr;
    }
    *ret_message = message;
    return S_OK;
}

void mime_message_clear(struct mime_message *message)
{
    mapi_free(message->root);
    mime_layout_clear(&message->layout);
    mime_structure_free(message->structure);
    *message = (struct mime_message){0};
}

/* The Content-Type field as it stands, an empty line, and the content untouched. */
static HRESULT entity_data(const void *bytes, const struct mime_part *part, void *root,
                           BYTE **ret_data, size_t *ret_size)
{
    const char *message = bytes;
    struct header_field type;
    size_t size;
    BYTE *data;

    if (!header_find(message + part->header_offset, part->header_size, "Content-Type", &type))
        return MAPI_E_CORRUPT_DATA;
    size = sizeof("Content-Type: \r\n\r\n") - 1 + type.value_size + part->body_size;
    data = mapi_alloc(root, size + 1);
    if (!data)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_data = data;
    *ret_size = size;
    data = mempcpy(data, "Content-Type: ", 14);
    data = mempcpy(data, type.value, type.value_size);
    data = mempcpy(data, "\r\n\r\n", 4);
    memcpy(data, message + part->body_offset, part->body_size);
    return S_OK;
}

HRESULT mime_attachment_data(const void *bytes, const struct mime_attachment *attachment,
                             void *root, BYTE **ret_data, size_t *ret_size)
{
    if (attachment->kind == MIME_ATTACHMENT_ENTITY)
        return entity_data(bytes, attachment->part, root, ret_data, ret_size);
    return mime_part_content(bytes, attachment->part, root, ret_data, ret_size);
}
