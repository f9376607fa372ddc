/* mapi/rtf_native.c - WrapCompressedRTFStreamEx: the body from which RTF was made
 *
 * RTF that HTML or text was put into (MS-OXRTFEX) gives it back, in the code page that is asked
 * for; other RTF stays RTF. That takes the whole text in memory, and gives a stream on memory.
 *
 * Requirements: UTL-057, UTL-058. */
#include <string.h>

#include "mapi/mapinls.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/object.h"
#include "mapi/rtf_text.h"
#include "mapi/stream.h"
#include "mapi/text.h"

#define BODY_MAX ((size_t)64 << 20)

static HRESULT make_stream(const void *data, size_t size, IStream **ret_stream)
{
    const struct memory_stream_options options = {.data = data, .size = size};

    return memory_stream_create(&options, ret_stream);
}

/* A text as bytes of a code page, without its end. */
static HRESULT make_text_stream(const WCHAR *text, UINT code_page, IStream **ret_stream)
{
    int length = (int)utf16_length(text), size;
    char *bytes;
    HRESULT hr;

    if (length == 0)
        return make_stream(NULL, 0, ret_stream);
    size = MNLS_WideCharToMultiByte(code_page, 0, text, length, NULL, 0, NULL, NULL);
    if (size <= 0)
        return MAPI_E_INVALID_PARAMETER; /* no such code page */
    bytes = mapi_alloc(NULL, (size_t)size);
    if (!bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    MNLS_WideCharToMultiByte(code_page, 0, text, length, bytes, size, NULL, NULL);
    hr = make_stream(bytes, (size_t)size, ret_stream);
    mapi_free(bytes);
    return hr;
}

static HRESULT make_native(const char *rtf, size_t size, UINT code_page, IStream **ret_stream,
                           ULONG *ret_type)
{
    WCHAR *text = NULL;
    HRESULT hr;

    switch (rtf_kind(rtf, size)) {
    case RTF_KIND_HTML:
        *ret_type = MAPI_NATIVE_BODY_TYPE_HTML;
        hr = rtf_to_html(rtf, size, &text);
        break;
    case RTF_KIND_TEXT:
        *ret_type = MAPI_NATIVE_BODY_TYPE_PLAINTEXT;
        hr = rtf_to_text(rtf, size, &text);
        break;
    default:
        *ret_type = MAPI_NATIVE_BODY_TYPE_RTF;
        return make_stream(rtf, size, ret_stream);
    }
    if (SUCCEEDED(hr))
        hr = make_text_stream(text, code_page, ret_stream);
    mapi_free(text);
    return hr;
}

static HRESULT open_native(IStream *compressed, UINT code_page, IStream **ret_stream,
                           ULONG *ret_type)
{
    IStream *plain;
    uint8_t *rtf = NULL;
    size_t size;
    HRESULT hr;

    hr = WrapCompressedRTFStream(compressed, 0, &plain);
    if (FAILED(hr))
        return hr;
    hr = stream_read_all(plain, BODY_MAX, &rtf, &size);
    unknown_release(plain);
    if (SUCCEEDED(hr))
        hr = make_native((const char *)rtf, size, code_page, ret_stream, ret_type);
    mapi_free(rtf);
    return hr;
}

/* ulInCodePage is what the RTF says of itself, and not needed. */
HRESULT STDAPICALLTYPE WrapCompressedRTFStreamEx(LPSTREAM compressed, const RTF_WCSINFO *info,
                                                 LPSTREAM *ret_stream, RTF_WCSRETINFO *ret_info)
{
    ULONG type = MAPI_NATIVE_BODY_TYPE_RTF;
    HRESULT hr;

    if (!ret_stream)
        return MAPI_E_INVALID_PARAMETER;
    *ret_stream = NULL;
    if (!compressed || !info || info->size < sizeof(*info) ||
        (ret_info && ret_info->size < sizeof(*ret_info)))
        return MAPI_E_INVALID_PARAMETER;
    if (!(info->ulFlags & MAPI_NATIVE_BODY))
        hr = WrapCompressedRTFStream(compressed, info->ulFlags, ret_stream);
    else if (info->ulFlags & MAPI_MODIFY)
        hr = MAPI_E_INVALID_PARAMETER; /* UTL-057 */
    else if (info->ulFlags & ~(ULONG)MAPI_NATIVE_BODY)
        hr = MAPI_E_UNKNOWN_FLAGS;
    else
        hr = open_native(compressed, info->ulOutCodePage, ret_stream, &type);
    if (SUCCEEDED(hr) && ret_info)
        ret_info->ulStreamFlags = type;
    return hr;
}
