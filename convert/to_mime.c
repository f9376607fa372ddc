/* convert/to_mime.c - IConverterSession::MAPIToMIMEStm
 *
 * A message is read whole but for the content of its attachments, which is streamed while it is
 * encoded. */
#include <stdlib.h>
#include <string.h>

#include "convert/converter.h"
#include "convert/header_filter.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/stream.h"
#include "mapi/text.h"
#include "mime/body.h"
#include "mime/charset.h"
#include "mime/encode.h"

struct conversion {
    void *root; /* everything small hangs off it */
    struct mime_outgoing outgoing;
    SRowSet *rows;
    SPropValue *props;
    IStream **streams; /* our references, one an attachment; NULL: none */
    struct conversion **inner;
    ULONG attachment_count;
    ULONG flags;
    unsigned depth;
};

static void conversion_free(struct conversion *conversion)
{
    if (!conversion)
        return;
    for (ULONG i = 0; i < conversion->attachment_count; i++) {
        conversion_free(conversion->inner[i]);
        if (conversion->streams[i])
            IStream_Release(conversion->streams[i]);
    }
    FreeProws(conversion->rows);
    mapi_free(conversion->props);
    mapi_free(conversion->root);
    free(conversion);
}

/* --- Values ----------------------------------------------------------------------------------- */

static HRESULT read_stream(IMAPIProp *object, ULONG tag, void *root, BYTE **ret_bytes,
                           size_t *ret_size)
{
    IStream *stream;
    uint8_t *bytes = NULL;
    HRESULT hr = IMAPIProp_OpenProperty(object, tag, &IID_IStream, 0, 0, (IUnknown **)&stream);

    if (FAILED(hr))
        return hr;
    hr = stream_read_all(stream, CONVERT_SIZE_MAX, &bytes, ret_size);
    IStream_Release(stream);
    if (FAILED(hr))
        return hr;
    *ret_bytes = mapi_memdup(root, bytes, *ret_size + sizeof(WCHAR)); /* with the zero */
    mapi_free(bytes);
    return *ret_bytes ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* A PT_UNICODE (with its zero) or PT_BINARY property, whatever its size; NULL: it is not there. */
static HRESULT read_value(IMAPIProp *object, ULONG tag, void *root, BYTE **ret_bytes,
                          size_t *ret_size)
{
    SPropValue *value = NULL;
    HRESULT hr = HrGetOneProp(object, tag, &value);

    *ret_bytes = NULL;
    *ret_size = 0;
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return read_stream(object, tag, root, ret_bytes, ret_size);
    if (FAILED(hr))
        return hr;
    if (PROP_TYPE(tag) == PT_UNICODE) {
        *ret_size = utf16_length(value->Value.lpszW) * sizeof(WCHAR);
        *ret_bytes = mapi_memdup(root, value->Value.lpszW, *ret_size + sizeof(WCHAR));
    } else {
        *ret_size = value->Value.bin.cb;
        *ret_bytes = mapi_alloc(root, *ret_size + 1);
        if (*ret_bytes)
            memcpy(*ret_bytes, value->Value.bin.lpb, *ret_size);
    }
    mapi_free(value);
    return *ret_bytes ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static const SPropValue *find(const SPropValue *values, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (values[i].ulPropTag == tag)
            return &values[i];
    return NULL;
}

static ULONG number_in(const SPropValue *values, ULONG count, ULONG tag)
{
    const SPropValue *value = find(values, count, tag);

    return value ? (ULONG)value->Value.l : 0;
}

/* UTF-8, or NULL without one. */
static HRESULT text_in(const SPropValue *values, ULONG count, ULONG tag, void *root,
                       const char **ret_text)
{
    const SPropValue *value = find(values, count, tag);

    *ret_text = NULL;
    return value && value->Value.lpszW[0]
               ? text_utf16_to_utf8(root, value->Value.lpszW, (char **)ret_text)
               : S_OK;
}

/* --- Bodies ----------------------------------------------------------------------------------- */

static HRESULT take_text(struct conversion *conversion, const WCHAR *text)
{
    struct mime_outgoing *outgoing = &conversion->outgoing;
    HRESULT hr = text_utf16_to_utf8(conversion->root, text, (char **)&outgoing->text);

    outgoing->text_size = SUCCEEDED(hr) ? strlen(outgoing->text) : 0;
    return hr;
}

/* The text of a message that has only HTML. */
static HRESULT take_text_of_html(struct conversion *conversion)
{
    struct mime_outgoing *outgoing = &conversion->outgoing;
    struct mime_part part = {.type = "text", .subtype = "html"};
    WCHAR *text;
    char *utf8;
    size_t size;
    HRESULT hr =
        mime_body_utf8(&part, outgoing->html, outgoing->html_size, conversion->root, &utf8, &size);

    if (SUCCEEDED(hr))
        hr = mime_html_to_text(utf8, size, conversion->root, &text);
    return SUCCEEDED(hr) ? take_text(conversion, text) : hr;
}

static HRESULT take_bodies(struct conversion *conversion, IMessage *message)
{
    struct mime_outgoing *outgoing = &conversion->outgoing;
    ULONG codepage = number_in(outgoing->props, outgoing->prop_count, PR_INTERNET_CPID);
    bool plain_only = conversion->flags & CCSF_PLAIN_TEXT_ONLY;
    BYTE *text, *html;
    size_t size;
    HRESULT hr = read_value((IMAPIProp *)message, PR_BODY_W, conversion->root, &text, &size);

    if (SUCCEEDED(hr) && text)
        hr = take_text(conversion, (WCHAR *)text);
    if (FAILED(hr) || (plain_only && text))
        return hr;
    hr = read_value((IMAPIProp *)message, PR_HTML, conversion->root, &html, &size);
    if (FAILED(hr) || !html)
        return hr;
    outgoing->html = html;
    outgoing->html_size = size;
    outgoing->html_charset = codepage ? charset_of_codepage(codepage) : NULL;
    if (!plain_only)
        return S_OK;
    hr = take_text_of_html(conversion);
    outgoing->html = NULL;
    return hr;
}

/* --- Attachments ------------------------------------------------------------------------------ */

static HRESULT source_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    ULONG read = 0;
    HRESULT hr =
        IStream_Read((IStream *)arg, buffer, size > 1u << 20 ? 1u << 20 : (ULONG)size, &read);

    *ret_size = read;
    return hr;
}

static HRESULT source_rewind(void *arg)
{
    LARGE_INTEGER start = {.QuadPart = 0};

    return IStream_Seek((IStream *)arg, start, STREAM_SEEK_SET, NULL);
}

static HRESULT read_message(IMessage *message, ULONG flags, unsigned depth,
                            struct conversion **ret_conversion);

static HRESULT take_embedded(struct conversion *conversion, IAttach *attach, ULONG at,
                             struct mime_outgoing_attachment *ret)
{
    ULONG flags = conversion->flags & ~(ULONG)(CCSF_NOHEADERS | CCSF_NO_MSGID);
    IMessage *message;
    HRESULT hr = IAttach_OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0,
                                      (IUnknown **)&message);

    if (FAILED(hr))
        return hr;
    hr = read_message(message, flags, conversion->depth + 1, &conversion->inner[at]);
    IMessage_Release(message);
    if (SUCCEEDED(hr))
        ret->message = &conversion->inner[at]->outgoing;
    return hr;
}

static HRESULT take_data(struct conversion *conversion, IAttach *attach, ULONG at,
                         struct mime_outgoing_attachment *ret)
{
    HRESULT hr = IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0,
                                      (IUnknown **)&conversion->streams[at]);

    if (hr == MAPI_E_NOT_FOUND) { /* an empty one */
        static struct mime_bytes nothing;

        ret->content = mime_source_bytes(&nothing);
        return S_OK;
    }
    ret->content = (struct mime_source){
        .read = source_read, .rewind = source_rewind, .arg = conversion->streams[at]};
    return hr;
}

static HRESULT take_attachment(struct conversion *conversion, IAttach *attach, ULONG at,
                               struct mime_outgoing_attachment *ret)
{
    static const SizedSPropTagArray(8, tags) = {8,
                                                {PR_ATTACH_METHOD, PR_ATTACH_LONG_FILENAME_W,
                                                 PR_ATTACH_FILENAME_W, PR_DISPLAY_NAME_W,
                                                 PR_ATTACH_MIME_TAG_W, PR_ATTACH_CONTENT_ID_W,
                                                 PR_ATTACH_CONTENT_LOCATION_W, PR_ATTACH_FLAGS}};
    void *root = conversion->root;
    SPropValue *values = NULL;
    ULONG count = 0, method;
    HRESULT hr = IAttach_GetProps(attach, (SPropTagArray *)&tags, MAPI_UNICODE, &count, &values);

    if (FAILED(hr))
        return hr;
    method = number_in(values, count, PR_ATTACH_METHOD);
    ret->inline_in_html = number_in(values, count, PR_ATTACH_FLAGS) & 4; /* ATT_MHTML_REF */
    hr = S_OK;
    for (ULONG i = 1; i <= 3 && SUCCEEDED(hr) && !ret->name; i++) /* the three names */
        hr = text_in(values, count, tags.aulPropTag[i], root, &ret->name);
    if (SUCCEEDED(hr))
        hr = text_in(values, count, PR_ATTACH_MIME_TAG_W, root, &ret->mime_type);
    if (SUCCEEDED(hr))
        hr = text_in(values, count, PR_ATTACH_CONTENT_ID_W, root, &ret->content_id);
    if (SUCCEEDED(hr))
        hr = text_in(values, count, PR_ATTACH_CONTENT_LOCATION_W, root, &ret->content_location);
    mapi_free(values);
    if (FAILED(hr))
        return hr;
    if (method == ATTACH_EMBEDDED_MSG)
        return take_embedded(conversion, attach, at, ret);
    return method == ATTACH_BY_VALUE ? take_data(conversion, attach, at, ret) : MAPI_E_NO_SUPPORT;
}

static HRESULT take_rows(struct conversion *conversion, IMessage *message, const SRowSet *rows)
{
    struct mime_outgoing_attachment *attachments;
    HRESULT hr = S_OK;

    attachments = mapi_alloc_array(conversion->root, rows->cRows + 1u, sizeof(*attachments));
    conversion->streams = mapi_alloc_array(conversion->root, rows->cRows + 1u, sizeof(IStream *));
    conversion->inner =
        mapi_alloc_array(conversion->root, rows->cRows + 1u, sizeof(struct conversion *));
    if (!attachments || !conversion->streams || !conversion->inner)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    conversion->attachment_count = rows->cRows;
    for (ULONG i = 0; i < rows->cRows && SUCCEEDED(hr); i++) {
        IAttach *attach;

        hr =
            IMessage_OpenAttach(message, (ULONG)rows->aRow[i].lpProps[0].Value.l, NULL, 0, &attach);
        if (FAILED(hr))
            break;
        hr = take_attachment(conversion, attach, i, &attachments[i]);
        IAttach_Release(attach);
    }
    conversion->outgoing.attachments = attachments;
    conversion->outgoing.attachment_count = rows->cRows;
    return hr;
}

static HRESULT take_attachments(struct conversion *conversion, IMessage *message)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    HRESULT hr = IMessage_GetAttachmentTable(message, 0, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    IMAPITable_Release(table);
    if (SUCCEEDED(hr))
        hr = take_rows(conversion, message, rows);
    FreeProws(rows);
    return hr;
}

/* --- The message ------------------------------------------------------------------------------ */

static HRESULT take_recipients(struct conversion *conversion, IMessage *message)
{
    IMAPITable *table;
    HRESULT hr = IMessage_GetRecipientTable(message, MAPI_UNICODE, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, NULL, NULL, NULL, 0, &conversion->rows);
    IMAPITable_Release(table);
    if (SUCCEEDED(hr)) {
        conversion->outgoing.recipients = conversion->rows->aRow;
        conversion->outgoing.recipient_count = conversion->rows->cRows;
    }
    return hr;
}

static HRESULT take_properties(struct conversion *conversion, IMessage *message)
{
    struct mime_outgoing *outgoing = &conversion->outgoing;
    HRESULT hr =
        IMessage_GetProps(message, NULL, MAPI_UNICODE, &outgoing->prop_count, &conversion->props);

    if (FAILED(hr))
        return hr;
    outgoing->props = conversion->props;
    if (conversion->flags & CCSF_INCLUDE_BCC)
        outgoing->flags |= MIME_ENCODE_BCC;
    if (conversion->flags & CCSF_EMBEDDED_MESSAGE &&
        number_in(outgoing->props, outgoing->prop_count, PR_MESSAGE_FLAGS) & MSGFLAG_UNSENT)
        outgoing->extra_fields = "X-Unsent: 1\r\n";
    return S_OK;
}

static HRESULT read_message(IMessage *message, ULONG flags, unsigned depth,
                            struct conversion **ret_conversion)
{
    struct conversion *conversion;
    HRESULT hr;

    if (depth > CONVERT_DEPTH)
        return MAPI_E_TOO_COMPLEX;
    conversion = calloc(1, sizeof(*conversion));
    if (!conversion)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    conversion->flags = flags;
    conversion->depth = depth;
    conversion->root = mapi_alloc(NULL, 1);
    hr = conversion->root ? take_properties(conversion, message) : MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        hr = take_recipients(conversion, message);
    if (SUCCEEDED(hr))
        hr = take_bodies(conversion, message);
    if (SUCCEEDED(hr) && !(flags & CCSF_PLAIN_TEXT_ONLY))
        hr = take_attachments(conversion, message);
    if (SUCCEEDED(hr))
        hr = mime_outgoing_prepare(&conversion->outgoing, NULL);
    if (FAILED(hr)) {
        conversion_free(conversion);
        return hr;
    }
    if (flags & CCSF_NO_MSGID)
        conversion->outgoing.message_id[0] = '\0'; /* nobody makes another now */
    *ret_conversion = conversion;
    return S_OK;
}

static HRESULT write_piece(void *arg, const void *bytes, size_t size)
{
    return header_filter_write(arg, bytes, size);
}

HRESULT convert_to_mime(IMessage *message, IStream *stream, ULONG flags)
{
    struct header_filter filter = {.stream = stream, .active = flags & CCSF_NOHEADERS};
    struct conversion *conversion;
    HRESULT hr = read_message(message, flags, 0, &conversion);

    if (FAILED(hr))
        return hr;
    hr = mime_encode(&conversion->outgoing, write_piece, &filter);
    header_filter_clear(&filter);
    conversion_free(conversion);
    return hr;
}
