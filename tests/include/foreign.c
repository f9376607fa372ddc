/* A program of somebody else's: includes MAPI in both styles, implements a sink and calls the
 * library. Compiled as C and as C++. Answers 0 when all is well. */
#include <mapi/mapiutil.h>
#include <mapix.h>
#include <stdbool.h>

#ifdef __cplusplus
class Sink : public IMAPIAdviseSink
{
    ULONG refs = 1;

  public:
    MAPI_IUNKNOWN_METHODS(IMPL)
    MAPI_IMAPIADVISESINK_METHODS(IMPL)
};

HRESULT STDMETHODCALLTYPE Sink::QueryInterface(REFIID iid, LPVOID *object)
{
    *object = NULL;
    if (iid != IID_IMAPIAdviseSink)
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    AddRef();
    *object = this;
    return S_OK;
}

ULONG STDMETHODCALLTYPE Sink::AddRef()
{
    return ++refs;
}

ULONG STDMETHODCALLTYPE Sink::Release()
{
    return --refs;
}

ULONG STDMETHODCALLTYPE Sink::OnNotify(ULONG count, LPNOTIFICATION)
{
    return count;
}

static bool sink_works()
{
    Sink sink;
    LPMAPIADVISESINK same;
    LPVOID object;

    if (sink.QueryInterface(IID_IMAPIAdviseSink, &object) != S_OK)
        return false;
    same = (LPMAPIADVISESINK)object;
    return same->OnNotify(7, NULL) == 7 && same->Release() == 1;
}
#else
static bool sink_works(void)
{
    return true;
}
#endif

int main(void)
{
    LPVOID buffer = NULL, more = NULL;

    if (MAPIAllocateBuffer(16, &buffer) != S_OK || MAPIAllocateMore(16, buffer, &more) != S_OK)
        return 1;
    memset(more, 0, 16);
    if (MAPIFreeBuffer(buffer) != S_OK)
        return 2;
    if (IID_IMAPIProp.Data1 != 0x00020303 || PROP_ID(PR_SUBJECT_W) != 0x0037)
        return 3;
    return sink_works() ? 0 : 4;
}
