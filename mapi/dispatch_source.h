/* mapi/dispatch_source.h - what our own providers ask of the session beside IMAPISupport
 *
 * Where their tables find its delivery of notifications, and the entry id of their status row.
 *
 * IMAPISupport::Subscribe serves IMsgStore::Advise; a provider's tables deliver by themselves and
 * need to know how. A support object of ours answers QueryInterface for this; another's does not,
 * and then Advise on tables answers MAPI_E_NO_SUPPORT. */
#ifndef MG_DISPATCH_SOURCE_H
#define MG_DISPATCH_SOURCE_H

#include "mapi/mapidefs.h"
#include "mapi/notify.h"

extern const IID IID_IMgDispatchSource;

typedef struct IMgDispatchSource IMgDispatchSource;
typedef struct IMgDispatchSourceVtbl {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(IMgDispatchSource *self, REFIID iid, LPVOID *ret);
    ULONG(STDMETHODCALLTYPE *AddRef)(IMgDispatchSource *self);
    ULONG(STDMETHODCALLTYPE *Release)(IMgDispatchSource *self);
    /* A reference for the caller. */
    struct dispatcher *(*GetDispatcher)(IMgDispatchSource *self);
    /* PR_ENTRYID of the provider's status row; the bytes hang off `root`. */
    HRESULT (*GetStatusEntryID)(IMgDispatchSource *self, void *root, SBinary *ret_id);
} IMgDispatchSourceVtbl;
struct IMgDispatchSource {
    const IMgDispatchSourceVtbl *lpVtbl;
};

/* The dispatcher behind a support object, a reference for the caller; NULL: it has none. */
struct dispatcher *dispatcher_of(IUnknown *support);

/* PR_ENTRYID of the status row behind it, for the status object itself (PRP-023).
 * MAPI_E_NO_SUPPORT: somebody else's support object. */
HRESULT status_entryid_of(IUnknown *support, void *root, SBinary *ret_id);

#endif
