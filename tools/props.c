/* props.c - properties of any size */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

#define PROP_MAX   (64u << 20) /* bytes that we are ready to show */
#define CHUNK_SIZE 65536

HRESULT prop_stream(IMAPIProp *object, ULONG tag, char **ret_bytes, size_t *ret_size)
{
    size_t room = CHUNK_SIZE;
    char *bytes = NULL, *more;
    IStream *stream;
    ULONG got = 1;
    HRESULT hr = IMAPIProp_OpenProperty(object, tag, &IID_IStream, 0, 0, (IUnknown **)&stream);

    if (FAILED(hr))
        return hr;
    bytes = text_alloc(room + 2);
    *ret_size = 0;
    while (SUCCEEDED(hr) && got > 0) {
        if (*ret_size == room) {
            room *= 2;
            more = room > PROP_MAX ? NULL : realloc(bytes, room + 2);
            if (!more) {
                hr = MAPI_E_TOO_BIG;
                break;
            }
            bytes = more;
        }
        hr = IStream_Read(stream, bytes + *ret_size, (ULONG)(room - *ret_size), &got);
        *ret_size += SUCCEEDED(hr) ? got : 0;
    }
    IStream_Release(stream);
    if (FAILED(hr)) {
        free(bytes);
        return hr;
    }
    memset(bytes + *ret_size, 0, 2);
    *ret_bytes = bytes;
    return S_OK;
}

HRESULT prop_text(IMAPIProp *object, ULONG tag, char **ret_text)
{
    SPropValue *value = NULL;
    char *bytes;
    size_t size;
    HRESULT hr = HrGetOneProp(object, tag, &value);

    *ret_text = NULL;
    if (SUCCEEDED(hr)) {
        *ret_text = text_utf8(value->Value.lpszW);
        MAPIFreeBuffer(value);
        return S_OK;
    }
    if (hr == MAPI_E_NOT_FOUND)
        *ret_text = text_utf8(NULL);
    if (hr != MAPI_E_NOT_ENOUGH_MEMORY)
        return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
    hr = prop_stream(object, tag, &bytes, &size);
    if (FAILED(hr))
        return hr;
    *ret_text = text_utf8((const WCHAR *)bytes);
    free(bytes);
    return S_OK;
}
