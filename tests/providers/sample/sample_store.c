/* tests/providers/sample/sample_store.c - a message store in a shared object
 *
 * It is there, has its rows, and says who it is; it holds no folders. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define INITGUID
#include "mapi/mapiguid.h"
#include "tests/providers/sample/sample.h"

#include "sample_store_refusals.inc"

/* One object is the logon, the store and the status object. */
struct sample_store {
    IMSLogon logon;
    IMsgStore store;
    IMAPIStatus status;
    atomic_uint refs;
    IMAPISupport *support;
};

struct sample_provider {
    IMSProvider iface;
    atomic_uint refs;
};

static LPALLOCATEBUFFER allocate;
static LPALLOCATEMORE allocate_more;

#define SAMPLE_UID                                                                                 \
    {                                                                                              \
        {                                                                                          \
            0x5A, 0x5A, 0x53, 0x41, 0x4D, 0x50, 0x4C, 0x45, 0x53, 0x54, 0x4F, 0x52, 0x45, 0x5A,    \
                0x5A, 0x01                                                                         \
        }                                                                                          \
    }

static const MAPIUID sample_uid = SAMPLE_UID;

#define FROM(pointer, member)                                                                      \
    ((struct sample_store *)((char *)(pointer)-offsetof(struct sample_store, member)))

static ULONG store_ref(struct sample_store *store)
{
    return atomic_fetch_add(&store->refs, 1) + 1;
}

static ULONG store_unref(struct sample_store *store)
{
    ULONG left = atomic_fetch_sub(&store->refs, 1) - 1;

    if (left == 0) {
        store->support->lpVtbl->Release(store->support);
        free(store);
    }
    return left;
}

static HRESULT give(void *object, const IID *wanted, REFIID iid, LPVOID *ret)
{
    if (memcmp(iid, wanted, sizeof(*iid)) != 0 && memcmp(iid, &IID_IUnknown, sizeof(*iid)) != 0) {
        *ret = NULL;
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    }
    *ret = object;
    ((IUnknown *)object)->lpVtbl->AddRef(object);
    return S_OK;
}

/* --- IMsgStore -------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE store_QueryInterface(IMsgStore *self, REFIID iid, LPVOID *ret)
{
    return give(self, &IID_IMsgStore, iid, ret);
}

static ULONG STDMETHODCALLTYPE store_AddRef(IMsgStore *self)
{
    return store_ref(FROM(self, store));
}

static ULONG STDMETHODCALLTYPE store_Release(IMsgStore *self)
{
    return store_unref(FROM(self, store));
}

struct sample_id {
    BYTE flags[4];
    MAPIUID uid;
};

static HRESULT copy_bytes(void *root, const void *bytes, ULONG size, SBinary *ret_bin)
{
    ret_bin->cb = size;
    if (FAILED(allocate_more(size, root, (LPVOID *)&ret_bin->lpb)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(ret_bin->lpb, bytes, size);
    return S_OK;
}

static HRESULT get_value(void *root, ULONG tag, SPropValue *ret_value)
{
    static const struct sample_id id = {.uid = SAMPLE_UID};

    ret_value->ulPropTag = tag;
    switch (tag) {
    case PR_DISPLAY_NAME_A:
        ret_value->Value.lpszA = (LPSTR) "Sample store";
        return S_OK;
    case PR_DISPLAY_NAME_W:
        ret_value->Value.lpszW = (LPWSTR)u"Sample store";
        return S_OK;
    case PR_OBJECT_TYPE:
        ret_value->Value.l = MAPI_STORE;
        return S_OK;
    case PR_STORE_SUPPORT_MASK:
        ret_value->Value.l = STORE_READONLY;
        return S_OK;
    case PR_ENTRYID:
        return copy_bytes(root, &id, sizeof(id), &ret_value->Value.bin);
    case PR_RECORD_KEY:
    case PR_MDB_PROVIDER:
        return copy_bytes(root, &sample_uid, sizeof(sample_uid), &ret_value->Value.bin);
    default:
        ret_value->ulPropTag = CHANGE_PROP_TYPE(tag, PT_ERROR);
        ret_value->Value.err = MAPI_E_NOT_FOUND;
        return S_FALSE;
    }
}

static HRESULT STDMETHODCALLTYPE store_GetProps(IMsgStore *self, LPSPropTagArray tags, ULONG flags,
                                                ULONG *ret_count, LPSPropValue *ret_values)
{
    HRESULT hr = S_OK;

    if (!tags)
        return MAPI_E_NO_SUPPORT;
    if (FAILED(allocate(tags->cValues * (ULONG)sizeof(SPropValue), (LPVOID *)ret_values)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_count = tags->cValues;
    for (ULONG i = 0; i < tags->cValues; i++) {
        HRESULT one = get_value(*ret_values, tags->aulPropTag[i], &(*ret_values)[i]);

        if (FAILED(one))
            return one;
        if (one != S_OK)
            hr = MAPI_W_ERRORS_RETURNED;
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE store_StoreLogoff(IMsgStore *self, ULONG *flags)
{
    return S_OK;
}

/* --- IMSLogon --------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE logon_QueryInterface(IMSLogon *self, REFIID iid, LPVOID *ret)
{
    return give(self, &IID_IMSLogon, iid, ret);
}

static ULONG STDMETHODCALLTYPE logon_AddRef(IMSLogon *self)
{
    return store_ref(FROM(self, logon));
}

static ULONG STDMETHODCALLTYPE logon_Release(IMSLogon *self)
{
    return store_unref(FROM(self, logon));
}

static HRESULT STDMETHODCALLTYPE logon_Logoff(IMSLogon *self, ULONG *flags)
{
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE logon_OpenStatusEntry(IMSLogon *self, LPCIID iid, ULONG flags,
                                                       ULONG *ret_type, LPVOID *ret_status)
{
    store_ref(FROM(self, logon));
    *ret_type = MAPI_STATUS;
    *ret_status = &FROM(self, logon)->status;
    return S_OK;
}

/* --- IMAPIStatus ------------------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE status_QueryInterface(IMAPIStatus *self, REFIID iid, LPVOID *ret)
{
    return give(self, &IID_IMAPIStatus, iid, ret);
}

static ULONG STDMETHODCALLTYPE status_AddRef(IMAPIStatus *self)
{
    return store_ref(FROM(self, status));
}

static ULONG STDMETHODCALLTYPE status_Release(IMAPIStatus *self)
{
    return store_unref(FROM(self, status));
}

static HRESULT STDMETHODCALLTYPE status_ValidateState(IMAPIStatus *self, ULONG_PTR window,
                                                      ULONG flags)
{
    return S_OK;
}

/* --- The provider ----------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE provider_QueryInterface(IMSProvider *self, REFIID iid, LPVOID *ret)
{
    return give(self, &IID_IMSProvider, iid, ret);
}

static ULONG STDMETHODCALLTYPE provider_AddRef(IMSProvider *self)
{
    return atomic_fetch_add(&((struct sample_provider *)self)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE provider_Release(IMSProvider *self)
{
    ULONG left = atomic_fetch_sub(&((struct sample_provider *)self)->refs, 1) - 1;

    if (left == 0)
        free(self);
    return left;
}

static HRESULT STDMETHODCALLTYPE provider_Shutdown(IMSProvider *self, ULONG *flags)
{
    return S_OK;
}

static HRESULT show(IMAPISupport *support)
{
    SPropValue row[4] = {{.ulPropTag = PR_STATUS_CODE},
                         {.ulPropTag = PR_RESOURCE_METHODS},
                         {.ulPropTag = PR_DISPLAY_NAME_A},
                         {.ulPropTag = PR_PROVIDER_DISPLAY_A}};

    row[0].Value.l = STATUS_AVAILABLE;
    row[1].Value.l = STATUS_VALIDATE_STATE;
    row[2].Value.lpszA = (LPSTR) "Sample store";
    row[3].Value.lpszA = (LPSTR) "A sample store";
    return support->lpVtbl->ModifyStatusRow(support, 4, row, 0);
}

static IMSLogonVtbl logon_vtbl;
static IMsgStoreVtbl store_vtbl;
static IMAPIStatusVtbl status_vtbl;
static IMSProviderVtbl provider_vtbl;

static HRESULT STDMETHODCALLTYPE
provider_Logon(IMSProvider *self, LPMAPISUP support, ULONG_PTR window, LPTSTR profile,
               ULONG id_size, LPENTRYID id, ULONG flags, LPCIID iid, ULONG *ret_security_size,
               LPBYTE *ret_security, LPMAPIERROR *ret_error, LPMSLOGON *ret_logon, LPMDB *ret_store)
{
    struct sample_store *store = calloc(1, sizeof(*store));
    HRESULT hr;

    if (!store)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    store->logon.lpVtbl = &logon_vtbl;
    store->store.lpVtbl = &store_vtbl;
    store->status.lpVtbl = &status_vtbl;
    atomic_init(&store->refs, 2); /* one for the logon, one for the store */
    store->support = support;
    support->lpVtbl->AddRef(support);
    *ret_logon = &store->logon;
    *ret_store = &store->store;
    hr = support->lpVtbl->SetProviderUID(support, (LPMAPIUID)&sample_uid, 0);
    return SUCCEEDED(hr) ? show(support) : hr;
}

static void fill_vtables(void)
{
    store_vtbl = IMsgStore_refusals;
    store_vtbl.QueryInterface = store_QueryInterface;
    store_vtbl.AddRef = store_AddRef;
    store_vtbl.Release = store_Release;
    store_vtbl.GetProps = store_GetProps;
    store_vtbl.StoreLogoff = store_StoreLogoff;
    logon_vtbl = IMSLogon_refusals;
    logon_vtbl.QueryInterface = logon_QueryInterface;
    logon_vtbl.AddRef = logon_AddRef;
    logon_vtbl.Release = logon_Release;
    logon_vtbl.Logoff = logon_Logoff;
    logon_vtbl.OpenStatusEntry = logon_OpenStatusEntry;
    status_vtbl = IMAPIStatus_refusals;
    status_vtbl.QueryInterface = status_QueryInterface;
    status_vtbl.AddRef = status_AddRef;
    status_vtbl.Release = status_Release;
    status_vtbl.ValidateState = status_ValidateState;
    provider_vtbl = IMSProvider_refusals;
    provider_vtbl.QueryInterface = provider_QueryInterface;
    provider_vtbl.AddRef = provider_AddRef;
    provider_vtbl.Release = provider_Release;
    provider_vtbl.Shutdown = provider_Shutdown;
    provider_vtbl.Logon = provider_Logon;
}

__attribute__((visibility("default"))) HRESULT STDMAPIINITCALLTYPE
MSProviderInit(HINSTANCE instance, LPMALLOC allocator, LPALLOCATEBUFFER their_allocate,
               LPALLOCATEMORE their_more, LPFREEBUFFER their_free, ULONG flags, ULONG version,
               ULONG *ret_version, LPMSPROVIDER *ret_provider)
{
    struct sample_provider *provider = calloc(1, sizeof(*provider));

    if (!provider)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    allocate = their_allocate;
    allocate_more = their_more;
    fill_vtables();
    provider->iface.lpVtbl = &provider_vtbl;
    atomic_init(&provider->refs, 1);
    *ret_version = CURRENT_SPI_VERSION;
    *ret_provider = &provider->iface;
    return S_OK;
}
