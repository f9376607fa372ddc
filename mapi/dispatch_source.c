/* mapi/dispatch_source.c - what our own providers ask of the session beside IMAPISupport */
#include "mapi/dispatch_source.h"

const IID IID_IMgDispatchSource = {
    0x5d6b1e52, 0x8a0c, 0x4f11, {0xa3, 0x70, 0x4e, 0xb8, 0x29, 0xc6, 0xd4, 0x10}};

struct dispatcher *dispatcher_of(IUnknown *support)
{
    IMgDispatchSource *source;
    struct dispatcher *dispatcher;

    if (FAILED(IUnknown_QueryInterface(support, &IID_IMgDispatchSource, (LPVOID *)&source)))
        return NULL;
    dispatcher = source->lpVtbl->GetDispatcher(source);
    source->lpVtbl->Release(source);
    return dispatcher;
}

HRESULT status_entryid_of(IUnknown *support, void *root, SBinary *ret_id)
{
    IMgDispatchSource *source;
    HRESULT hr;

    if (FAILED(IUnknown_QueryInterface(support, &IID_IMgDispatchSource, (LPVOID *)&source)))
        return MAPI_E_NO_SUPPORT;
    hr = source->lpVtbl->GetStatusEntryID(source, root, ret_id);
    source->lpVtbl->Release(source);
    return hr;
}
