/* convert/converter.c - IConverterSession: the object */
#include "convert/converter.h"

#include <stdlib.h>

#include "mapi/mapigate.h"
#include "mapi/mapiguid.h"
#include "mapi/object.h"

#define TO_MIME_FLAGS                                                                              \
    (CCSF_SMTP | CCSF_NOHEADERS | CCSF_USE_TNEF | CCSF_INCLUDE_BCC | CCSF_8BITHEADERS |            \
     CCSF_USE_RTF | CCSF_PLAIN_TEXT_ONLY | CCSF_NO_MSGID | CCSF_EMBEDDED_MESSAGE |                 \
     CCSF_GLOBAL_MESSAGE)
#define FROM_MIME_FLAGS                                                                            \
    (CCSF_SMTP | CCSF_INCLUDE_BCC | CCSF_USE_RTF | CCSF_EMBEDDED_MESSAGE | CCSF_GLOBAL_MESSAGE)

struct converter {
    IConverterSession IConverterSession_iface;
    struct mapi_object object;
};

static WAITS HRESULT converter_MAPIToMIMEStm(struct converter *converter, LPMESSAGE message,
                                             LPSTREAM stream, ULONG flags)
{
    (void)converter;
    if (!message || !stream || !(flags & CCSF_SMTP) || flags & ~(ULONG)TO_MIME_FLAGS)
        return E_INVALIDARG;
    if (flags & (CCSF_USE_TNEF | CCSF_USE_RTF))
        return MAPI_E_NO_SUPPORT; /* PRP-056 leaves the choice */
    return convert_to_mime(message, stream, flags);
}

static HRESULT converter_MIMEToMAPI(struct converter *converter, LPSTREAM stream, LPMESSAGE message,
                                    LPCSTR server, ULONG flags)
{
    (void)converter;
    if (!message || !stream || server || flags & ~(ULONG)FROM_MIME_FLAGS)
        return E_INVALIDARG;
    if (flags & CCSF_USE_RTF)
        return MAPI_E_NO_SUPPORT;
    return convert_from_mime(stream, message, flags);
}

/* Names are not looked up, and the encoder chooses encodings by itself. */
/* @thunks IConverterSession converter converter none=SetAdrBook,SetEncoding,Placeholder5,
 * Placeholder8,Placeholder9,Placeholder10,SetTextWrapping,SetSaveFormat,Placeholder13,SetCharSet */
#include "convert/converter_thunks.inc"

static const struct mapi_face converter_faces[] = {
    MAPI_FACE(struct converter, IID_IConverterSession, IConverterSession_iface),
};

static void converter_destroy(struct mapi_object *object)
{
    struct converter *converter = container_of(object, struct converter, object);

    mapi_object_clear(object);
    free(converter);
}

static const struct mapi_class converter_class = {
    .name = "converter",
    .destroy = converter_destroy,
    .faces = converter_faces,
    .face_count = sizeof(converter_faces) / sizeof(converter_faces[0]),
};

HRESULT STDAPICALLTYPE MGCreateConverterSession(IConverterSession **ret_session)
{
    struct converter *converter;

    if (!ret_session)
        return MAPI_E_INVALID_PARAMETER;
    *ret_session = NULL;
    converter = calloc(1, sizeof(*converter));
    if (!converter)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    converter->IConverterSession_iface.lpVtbl = &converter_vtbl;
    mapi_object_init(&converter->object, &converter_class, NULL);
    *ret_session = &converter->IConverterSession_iface;
    return S_OK;
}
