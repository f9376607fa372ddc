/* mapi/rtf_sync.c - RTFSync: a message's text follows its RTF, or the other way round
 *
 * RTF that has changed gives PR_BODY. A body that has changed gives PR_RTF_COMPRESSED, unless the
 * RTF already shows that very text: then its formatting is kept. Where both have changed the RTF
 * counts (CNV, essential 10). The PR_RTF_SYNC_* numbers, with which Windows finds text that was
 * added around the RTF, are not public enough to be kept. Works on any message, on the caller's
 * thread, with the whole text in memory.
 *
 * Requirements: UTL-048, UTL-049. */
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/object.h"
#include "mapi/propval.h"
#include "mapi/rtf_text.h"
#include "mapi/stream.h"
#include "mapi/text.h"

#define BODY_MAX ((size_t)64 << 20)

/* ---- Reading; a property that is not there gives NULL and S_OK ---- */

static HRESULT open_stream(IMessage *message, ULONG tag, ULONG flags, IStream **ret_stream)
{
    HRESULT hr = message->lpVtbl->OpenProperty(message, tag, &IID_IStream, 0, flags,
                                               (IUnknown **)ret_stream);

    return hr;
}

static HRESULT read_body(IMessage *message, WCHAR **ret_text)
{
    IStream *stream;
    uint8_t *data;
    size_t size;
    HRESULT hr;

    *ret_text = NULL;
    hr = open_stream(message, PR_BODY_W, 0, &stream);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (FAILED(hr))
        return hr;
    hr = stream_read_all(stream, BODY_MAX, &data, &size); /* a zero unit stands behind it */
    unknown_release(stream);
    if (SUCCEEDED(hr))
        *ret_text = (WCHAR *)data;
    return hr;
}

static HRESULT read_rtf(IMessage *message, char **ret_rtf, size_t *ret_size)
{
    IStream *compressed, *plain;
    uint8_t *data;
    HRESULT hr;

    *ret_rtf = NULL;
    hr = open_stream(message, PR_RTF_COMPRESSED, 0, &compressed);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (FAILED(hr))
        return hr;
    hr = WrapCompressedRTFStream(compressed, 0, &plain);
    if (SUCCEEDED(hr)) {
        hr = stream_read_all(plain, BODY_MAX, &data, ret_size);
        unknown_release(plain);
    }
    unknown_release(compressed);
    if (SUCCEEDED(hr))
        *ret_rtf = (char *)data;
    return hr;
}

/* ---- Writing ---- */

static HRESULT write_and_commit(IStream *stream, const void *data, size_t size)
{
    HRESULT hr = stream_write_all(stream, data, size);

    return SUCCEEDED(hr) ? stream->lpVtbl->Commit(stream, STGC_DEFAULT) : hr;
}

static HRESULT write_body(IMessage *message, const WCHAR *text)
{
    IStream *stream;
    HRESULT hr;

    hr = open_stream(message, PR_BODY_W, MAPI_CREATE | MAPI_MODIFY, &stream);
    if (FAILED(hr))
        return hr;
    hr = write_and_commit(stream, text, utf16_length(text) * sizeof(*text));
    unknown_release(stream);
    return hr;
}

static HRESULT write_rtf(IMessage *message, const WCHAR *text)
{
    IStream *compressed, *plain;
    size_t size;
    char *rtf;
    HRESULT hr;

    hr = rtf_from_text(text, &rtf, &size);
    if (FAILED(hr))
        return hr;
    hr = open_stream(message, PR_RTF_COMPRESSED, MAPI_CREATE | MAPI_MODIFY, &compressed);
    if (SUCCEEDED(hr)) {
        hr = WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain);
        if (SUCCEEDED(hr)) {
            hr = write_and_commit(plain, rtf, size);
            unknown_release(plain);
        }
        if (SUCCEEDED(hr))
            hr = compressed->lpVtbl->Commit(compressed, STGC_DEFAULT);
        unknown_release(compressed);
    }
    mapi_free(rtf);
    return hr;
}

/* ---- The two directions ---- */

/* The same to a reader: line ends and space at the end do not count. */
static bool same_text(const WCHAR *a, const WCHAR *b)
{
    for (;;) {
        while (*a == '\r' || *a == '\n' || *a == ' ')
            a++;
        while (*b == '\r' || *b == '\n' || *b == ' ')
            b++;
        if (!*a || !*b || *a != *b)
            return *a == *b;
        a++;
        b++;
    }
}

static HRESULT sync(IMessage *message, ULONG flags, bool *ret_updated)
{
    WCHAR *body = NULL, *shown = NULL;
    size_t size;
    char *rtf = NULL;
    HRESULT hr;

    hr = read_rtf(message, &rtf, &size);
    if (SUCCEEDED(hr) && rtf && size)
        hr = rtf_to_text(rtf, size, &shown);
    if (SUCCEEDED(hr))
        hr = read_body(message, &body);
    if (FAILED(hr) || (body && shown && same_text(body, shown))) {
        /* nothing to do */
    } else if (shown && flags & RTF_SYNC_RTF_CHANGED) {
        hr = write_body(message, shown);
        *ret_updated = SUCCEEDED(hr);
    } else if (body && flags & RTF_SYNC_BODY_CHANGED) {
        hr = write_rtf(message, body);
        *ret_updated = SUCCEEDED(hr);
    }
    mapi_free(rtf);
    mapi_free(shown);
    mapi_free(body);
    return hr;
}

HRESULT STDAPICALLTYPE RTFSync(LPMESSAGE message, ULONG flags, BOOL *ret_updated)
{
    const ULONG known = RTF_SYNC_RTF_CHANGED | RTF_SYNC_BODY_CHANGED;
    SPropValue in_sync = propval_bool(PR_RTF_IN_SYNC, true);
    bool updated = false;
    HRESULT hr;

    if (!ret_updated)
        return MAPI_E_INVALID_PARAMETER;
    *ret_updated = FALSE;
    if (!message)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!flags)
        return MAPI_E_INVALID_PARAMETER; /* UTL-048 */
    hr = sync(message, flags, &updated);
    *ret_updated = updated;
    if (updated)
        HrSetOneProp((LPMAPIPROP)message, &in_sync); /* a store that computes it knows better */
    return hr;
}
