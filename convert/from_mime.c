/* convert/from_mime.c - IConverterSession::MIMEToMAPI */
#include <string.h>
#include <strings.h>

#include "convert/converter.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/stream.h"
#include "mime/decode.h"
#include "mime/header.h"

static HRESULT fill(IMessage *message, const BYTE *bytes, size_t size, ULONG flags, unsigned depth);

/* --- Properties ------------------------------------------------------------------------------- */

/* What the message itself makes of what it has. */
static bool is_computed(ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_HASATTACH):
    case PROP_ID(PR_NORMALIZED_SUBJECT):
    case PROP_ID(PR_DISPLAY_TO):
    case PROP_ID(PR_DISPLAY_CC):
    case PROP_ID(PR_DISPLAY_BCC):
    case PROP_ID(PR_NATIVE_BODY_INFO):
    case PROP_ID(PR_ATTACH_NUM):
    case PROP_ID(PR_ATTACH_SIZE):
    case PROP_ID(PR_OBJECT_TYPE):
        return true;
    }
    return false;
}

/* All but those; one that the object refuses is no reason to leave the others out. */
static HRESULT set_values(IMAPIProp *object, const SPropValue *values, ULONG count)
{
    SPropValue *kept = mapi_alloc_array(NULL, count + 1u, sizeof(*kept));
    ULONG kept_count = 0;
    HRESULT hr;

    if (!kept)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < count; i++)
        if (!is_computed(values[i].ulPropTag))
            kept[kept_count++] = values[i];
    hr = kept_count ? IMAPIProp_SetProps(object, kept_count, kept, NULL) : S_OK;
    mapi_free(kept);
    return hr;
}

/* CCSF_EMBEDDED_MESSAGE: whether the message has been sent yet is in X-Unsent. */
static HRESULT set_unsent(IMessage *message, const BYTE *bytes, size_t size)
{
    SPropValue flags = {.ulPropTag = PR_MESSAGE_FLAGS, .Value.l = MSGFLAG_READ};
    struct header_field field;

    if (header_find((const char *)bytes, size, "X-Unsent", &field) && field.value_size > 0 &&
        memchr(field.value, '1', field.value_size))
        flags.Value.l |= MSGFLAG_UNSENT;
    return IMessage_SetProps(message, 1, &flags, NULL);
}

/* --- Recipients ------------------------------------------------------------------------------- */

static HRESULT set_recipients(IMessage *message, const struct mime_message *decoded, ULONG flags)
{
    ADRLIST *list = mapi_alloc(NULL, CbNewADRLIST(decoded->recipient_count + 1));
    HRESULT hr = S_OK;

    if (!list)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < decoded->recipient_count; i++) {
        const SRow *row = &decoded->recipients[i];
        const SPropValue *type = PpropFindProp(row->lpProps, row->cValues, PR_RECIPIENT_TYPE);

        if (type && type->Value.l == MAPI_BCC && !(flags & CCSF_INCLUDE_BCC))
            continue;
        list->aEntries[list->cEntries].cValues = row->cValues;
        list->aEntries[list->cEntries++].rgPropVals = row->lpProps;
    }
    if (list->cEntries)
        hr = IMessage_ModifyRecipients(message, 0, list); /* in the place of any that it had */
    mapi_free(list);
    return hr;
}

/* --- Attachments ------------------------------------------------------------------------------ */

static HRESULT set_embedded(IAttach *attach, const BYTE *bytes, size_t size, ULONG flags,
                            unsigned depth)
{
    IMessage *inner;
    HRESULT hr = IAttach_OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
                                      MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&inner);

    if (FAILED(hr))
        return hr;
    hr = fill(inner, bytes, size, flags | CCSF_INCLUDE_BCC, depth + 1);
    if (SUCCEEDED(hr))
        hr = IMessage_SaveChanges(inner, 0);
    IMessage_Release(inner);
    return hr;
}

static HRESULT set_content(IAttach *attach, const struct mime_attachment *attachment,
                           const BYTE *bytes, ULONG flags, unsigned depth)
{
    SPropValue data = {.ulPropTag = PR_ATTACH_DATA_BIN};
    BYTE *content;
    size_t size;
    HRESULT hr = mime_attachment_data(bytes, attachment, NULL, &content, &size);

    if (FAILED(hr))
        return hr;
    if (attachment->kind == MIME_ATTACHMENT_MESSAGE) {
        hr = set_embedded(attach, content, size, flags, depth);
    } else {
        data.Value.bin = (SBinary){.cb = (ULONG)size, .lpb = content};
        hr = IAttach_SetProps(attach, 1, &data, NULL);
    }
    mapi_free(content);
    return hr;
}

static HRESULT add_attachment(IMessage *message, const struct mime_attachment *attachment,
                              const BYTE *bytes, ULONG flags, unsigned depth)
{
    SPropValue *values;
    IAttach *attach;
    ULONG number, count;
    HRESULT hr = IMessage_CreateAttach(message, NULL, 0, &number, &attach);

    if (FAILED(hr))
        return hr;
    hr = mime_attachment_props(attachment, number, NULL, &values, &count);
    if (SUCCEEDED(hr)) {
        hr = set_values((IMAPIProp *)attach, values, count);
        mapi_free(values);
    }
    if (SUCCEEDED(hr))
        hr = set_content(attach, attachment, bytes, flags, depth);
    if (SUCCEEDED(hr))
        hr = IAttach_SaveChanges(attach, 0);
    IAttach_Release(attach);
    return hr;
}

/* --- The message ------------------------------------------------------------------------------ */

static HRESULT fill(IMessage *message, const BYTE *bytes, size_t size, ULONG flags, unsigned depth)
{
    struct mime_message decoded = {0};
    HRESULT hr = depth > CONVERT_DEPTH ? MAPI_E_TOO_COMPLEX : mime_decode(bytes, size, &decoded);

    if (FAILED(hr))
        return hr;
    hr = set_values((IMAPIProp *)message, decoded.props, decoded.prop_count);
    if (SUCCEEDED(hr) && flags & CCSF_EMBEDDED_MESSAGE)
        hr = set_unsent(message, bytes, size);
    if (SUCCEEDED(hr))
        hr = set_recipients(message, &decoded, flags);
    for (size_t i = 0; i < decoded.layout.attachment_count && SUCCEEDED(hr); i++)
        hr = add_attachment(message, &decoded.layout.attachments[i], bytes, flags, depth);
    mime_message_clear(&decoded);
    return hr;
}

HRESULT convert_from_mime(IStream *stream, IMessage *message, ULONG flags)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    HRESULT hr = stream_read_all(stream, CONVERT_SIZE_MAX, &bytes, &size);

    if (FAILED(hr))
        return hr;
    hr = fill(message, bytes, size, flags, 0);
    mapi_free(bytes);
    return hr;
}
