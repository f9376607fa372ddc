/* tests/providers/sample/sample_transport.c - a transport in a shared object
 *
 * For addresses of type SAMPLE. Its logon may take its time (PR_SAMPLE_DELAY). Carrying messages
 * comes with the spooler's routing (docs/limits.md). */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INITGUID
#include "mapi/mapiguid.h"
#include "tests/providers/sample/sample.h"

#include "sample_transport_refusals.inc"

struct sample_provider {
    IXPProvider iface;
    atomic_uint refs;
};

struct sample_logon {
    IXPLogon iface;
    IMAPIStatus status; /* shares our references */
    atomic_uint refs;
    IMAPISupport *support;
};

#define LOGON(pointer) ((struct sample_logon *)(pointer))
#define STATUS(pointer)                                                                            \
    ((struct sample_logon *)((char *)(pointer)-offsetof(struct sample_logon, status)))

/* --- The logon -------------------------------------------------------------------------------- */

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

static ULONG logon_ref(struct sample_logon *logon)
{
    return atomic_fetch_add(&logon->refs, 1) + 1;
}

static ULONG logon_unref(struct sample_logon *logon)
{
    ULONG left = atomic_fetch_sub(&logon->refs, 1) - 1;

    if (left == 0) {
        logon->support->lpVtbl->Release(logon->support);
        free(logon);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE logon_QueryInterface(IXPLogon *self, REFIID iid, LPVOID *ret)
{
    return give(self, &IID_IXPLogon, iid, ret);
}

static ULONG STDMETHODCALLTYPE logon_AddRef(IXPLogon *self)
{
    return logon_ref(LOGON(self));
}

static ULONG STDMETHODCALLTYPE logon_Release(IXPLogon *self)
{
    return logon_unref(LOGON(self));
}

static HRESULT STDMETHODCALLTYPE logon_AddressTypes(IXPLogon *self, ULONG *flags, ULONG *ret_count,
                                                    LPTSTR **ret_types, ULONG *ret_uid_count,
                                                    LPMAPIUID **ret_uids)
{
    static LPTSTR types[] = {(LPTSTR) "SAMPLE"};

    *flags = 0;
    *ret_count = 1;
    *ret_types = types;
    *ret_uid_count = 0;
    *ret_uids = NULL;
    return S_OK;
}

/* The row follows what the spooler allows (STA-029). */
static HRESULT show(struct sample_logon *logon, ULONG code)
{
    SPropValue row[4] = {{.ulPropTag = PR_STATUS_CODE},
                         {.ulPropTag = PR_RESOURCE_METHODS},
                         {.ulPropTag = PR_DISPLAY_NAME_A},
                         {.ulPropTag = PR_PROVIDER_DISPLAY_A}};

    row[0].Value.l = (LONG)code;
    row[1].Value.l = STATUS_VALIDATE_STATE;
    row[2].Value.lpszA = (LPSTR) "Sample transport";
    row[3].Value.lpszA = (LPSTR) "A sample transport";
    return logon->support->lpVtbl->ModifyStatusRow(logon->support, 4, row, 0);
}

static HRESULT STDMETHODCALLTYPE logon_TransportNotify(IXPLogon *self, ULONG *flags, LPVOID *data)
{
    if (*flags & NOTIFY_BEGIN_OUTBOUND)
        return show(LOGON(self), STATUS_AVAILABLE | STATUS_OUTBOUND_ENABLED);
    if (*flags & NOTIFY_END_OUTBOUND)
        return show(LOGON(self), STATUS_AVAILABLE);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE logon_TransportLogoff(IXPLogon *self, ULONG flags)
{
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE logon_ValidateState(IXPLogon *self, ULONG_PTR window, ULONG flags)
{
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE logon_OpenStatusEntry(IXPLogon *self, LPCIID iid, ULONG flags,
                                                       ULONG *ret_type, LPMAPISTATUS *ret_status)
{
    logon_ref(LOGON(self));
    *ret_type = MAPI_STATUS;
    *ret_status = &LOGON(self)->status;
    return S_OK;
}

/* --- Its status object ------------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE status_QueryInterface(IMAPIStatus *self, REFIID iid, LPVOID *ret)
{
    return give(self, &IID_IMAPIStatus, iid, ret);
}

static ULONG STDMETHODCALLTYPE status_AddRef(IMAPIStatus *self)
{
    return logon_ref(STATUS(self));
}

static ULONG STDMETHODCALLTYPE status_Release(IMAPIStatus *self)
{
    return logon_unref(STATUS(self));
}

static HRESULT STDMETHODCALLTYPE status_ValidateState(IMAPIStatus *self, ULONG_PTR window,
                                                      ULONG flags)
{
    return S_OK;
}

/* --- The provider ----------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE provider_QueryInterface(IXPProvider *self, REFIID iid, LPVOID *ret)
{
    return give(self, &IID_IXPProvider, iid, ret);
}

static ULONG STDMETHODCALLTYPE provider_AddRef(IXPProvider *self)
{
    return atomic_fetch_add(&((struct sample_provider *)self)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE provider_Release(IXPProvider *self)
{
    ULONG left = atomic_fetch_sub(&((struct sample_provider *)self)->refs, 1) - 1;

    if (left == 0)
        free(self);
    return left;
}

static HRESULT STDMETHODCALLTYPE provider_Shutdown(IXPProvider *self, ULONG *flags)
{
    return S_OK;
}

static LPFREEBUFFER free_buffer;

static void take_time(IMAPISupport *support)
{
    SizedSPropTagArray(1, tags) = {1, {PR_SAMPLE_DELAY}};
    SPropValue *values = NULL;
    LPPROFSECT section;
    ULONG count;

    if (FAILED(support->lpVtbl->OpenProfileSection(support, NULL, 0, &section)))
        return;
    if (SUCCEEDED(section->lpVtbl->GetProps(section, (SPropTagArray *)&tags, 0, &count, &values)) &&
        values[0].ulPropTag == PR_SAMPLE_DELAY)
        usleep((useconds_t)values[0].Value.l * 1000);
    free_buffer(values);
    section->lpVtbl->Release(section);
}

static IXPLogonVtbl logon_vtbl;
static IMAPIStatusVtbl status_vtbl;
static IXPProviderVtbl provider_vtbl;

static HRESULT STDMETHODCALLTYPE provider_TransportLogon(IXPProvider *self, LPMAPISUP support,
                                                         ULONG_PTR window, LPTSTR profile,
                                                         ULONG *flags, LPMAPIERROR *ret_error,
                                                         LPXPLOGON *ret_logon)
{
    struct sample_logon *logon = calloc(1, sizeof(*logon));

    if (!logon)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    take_time(support);
    logon->iface.lpVtbl = &logon_vtbl;
    logon->status.lpVtbl = &status_vtbl;
    atomic_init(&logon->refs, 1);
    logon->support = support;
    support->lpVtbl->AddRef(support);
    *flags = 0;
    *ret_logon = &logon->iface;
    return show(logon, STATUS_AVAILABLE);
}

static void fill_vtables(void)
{
    logon_vtbl = IXPLogon_refusals;
    logon_vtbl.QueryInterface = logon_QueryInterface;
    logon_vtbl.AddRef = logon_AddRef;
    logon_vtbl.Release = logon_Release;
    logon_vtbl.AddressTypes = logon_AddressTypes;
    logon_vtbl.TransportNotify = logon_TransportNotify;
    logon_vtbl.TransportLogoff = logon_TransportLogoff;
    logon_vtbl.ValidateState = logon_ValidateState;
    logon_vtbl.OpenStatusEntry = logon_OpenStatusEntry;
    status_vtbl = IMAPIStatus_refusals;
    status_vtbl.QueryInterface = status_QueryInterface;
    status_vtbl.AddRef = status_AddRef;
    status_vtbl.Release = status_Release;
    status_vtbl.ValidateState = status_ValidateState;
    provider_vtbl = IXPProvider_refusals;
    provider_vtbl.QueryInterface = provider_QueryInterface;
    provider_vtbl.AddRef = provider_AddRef;
    provider_vtbl.Release = provider_Release;
    provider_vtbl.Shutdown = provider_Shutdown;
    provider_vtbl.TransportLogon = provider_TransportLogon;
}

/* --- What the module exports ------------------------------------------------------------------ */

__attribute__((visibility("default"))) HRESULT STDMAPIINITCALLTYPE
XPProviderInit(HINSTANCE instance, LPMALLOC allocator, LPALLOCATEBUFFER their_allocate,
               LPALLOCATEMORE their_more, LPFREEBUFFER their_free, ULONG flags, ULONG version,
               ULONG *ret_version, LPXPPROVIDER *ret_provider)
{
    struct sample_provider *provider = calloc(1, sizeof(*provider));

    if (!provider)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    free_buffer = their_free;
    fill_vtables();
    provider->iface.lpVtbl = &provider_vtbl;
    atomic_init(&provider->refs, 1);
    *ret_version = CURRENT_SPI_VERSION;
    *ret_provider = &provider->iface;
    return S_OK;
}

/* Writes down what it was told, and keeps what it was given (PRF-129). */
__attribute__((visibility("default"))) HRESULT STDAPICALLTYPE
SampleServiceEntry(HINSTANCE instance, LPMALLOC allocator, LPMAPISUP support, ULONG_PTR window,
                   ULONG flags, ULONG context, ULONG count, LPSPropValue values,
                   LPPROVIDERADMIN admin, LPMAPIERROR *ret_error);

HRESULT STDAPICALLTYPE SampleServiceEntry(HINSTANCE instance, LPMALLOC allocator, LPMAPISUP support,
                                          ULONG_PTR window, ULONG flags, ULONG context, ULONG count,
                                          LPSPropValue values, LPPROVIDERADMIN admin,
                                          LPMAPIERROR *ret_error)
{
    SizedSPropTagArray(1, tags) = {1, {PR_SAMPLE_SEEN}};
    SPropValue seen = {.ulPropTag = PR_SAMPLE_SEEN}, *before = NULL;
    LPALLOCATEBUFFER own_allocate;
    LPALLOCATEMORE own_more;
    LPFREEBUFFER own_free;
    LPPROFSECT section;
    ULONG got;
    HRESULT hr = support->lpVtbl->GetMemAllocRoutines(support, &own_allocate, &own_more, &own_free);

    if (SUCCEEDED(hr))
        hr = admin->lpVtbl->OpenProfileSection(admin, NULL, NULL, MAPI_MODIFY, &section);
    if (FAILED(hr))
        return hr;
    hr = section->lpVtbl->GetProps(section, (SPropTagArray *)&tags, 0, &got, &before);
    if (SUCCEEDED(hr)) {
        if (before[0].ulPropTag == PR_SAMPLE_SEEN)
            seen.Value.l = before[0].Value.l;
        seen.Value.l |= 1 << context;
        hr = section->lpVtbl->SetProps(section, 1, &seen, NULL);
        own_free(before);
    }
    if (SUCCEEDED(hr) && count)
        hr = section->lpVtbl->SetProps(section, count, values, NULL);
    section->lpVtbl->Release(section);
    return hr;
}
