/* mapi/dispatch_source.c - where a provider's tables find the session's delivery of notifications
 */
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
