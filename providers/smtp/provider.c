/* providers/smtp/provider.c - the transport provider: IXPProvider
 *
 * One per session; it only makes logons. Behaviour: XPT-001 to XPT-018. */
#include "providers/smtp/provider.h"

#include <stdlib.h>

#include "mapi/memory.h"
#include "mapi/object.h"
#include "providers/smtp/logon.h"

struct smtp_provider {
    IXPProvider IXPProvider_iface;
    struct mapi_object object;
};

static HRESULT provider_Shutdown(struct smtp_provider *provider, ULONG *flags)
{
    (void)provider;
    (void)flags; /* all that there is to end has ended with the logons */
    return S_OK;
}

static HRESULT provider_TransportLogon(struct smtp_provider *provider, LPMAPISUP support,
                                       ULONG_PTR ui_param, LPTSTR profile_name, ULONG *flags,
                                       LPMAPIERROR *ret_error, LPXPLOGON *ret_logon)
{
    struct error_info error = {0};
    HRESULT hr;

    (void)ui_param;     /* no dialog is ever shown (XPT-007) */
    (void)profile_name; /* all that is needed is in the section */
    if (ret_error)
        *ret_error = NULL;
    if (!support || !flags || !ret_logon)
        return MAPI_E_INVALID_PARAMETER;
    *ret_logon = NULL;
    hr = smtp_logon_create(&provider->object, support, *flags, &error, ret_logon);
    if (FAILED(hr) && ret_error)
        mapi_error_create(&error, *flags & MAPI_UNICODE, ret_error);
    if (SUCCEEDED(hr))
        *flags =
            0; /* neither Poll nor Idle is wanted: the account runs by itself (XPT-011, XPT-012) */
    return hr;
}

/* @thunks IXPProvider smtp_provider provider */
#include "providers/smtp/provider_thunks.inc"

static const struct mapi_face provider_faces[] = {
    MAPI_FACE(struct smtp_provider, IID_IXPProvider, IXPProvider_iface),
};

static void provider_destroy(struct mapi_object *object)
{
    struct smtp_provider *provider = container_of(object, struct smtp_provider, object);

    mapi_object_clear(object);
    free(provider);
}

static const struct mapi_class provider_class = {
    .name = "smtp_provider",
    .destroy = provider_destroy,
    .faces = provider_faces,
    .face_count = sizeof(provider_faces) / sizeof(provider_faces[0]),
};

HRESULT STDMAPIINITCALLTYPE smtp_provider_init(HINSTANCE instance, LPMALLOC allocator,
                                               LPALLOCATEBUFFER allocate_buffer,
                                               LPALLOCATEMORE allocate_more,
                                               LPFREEBUFFER free_buffer, ULONG flags,
                                               ULONG mapi_version, ULONG *ret_version,
                                               LPXPPROVIDER *ret_provider)
{
    struct smtp_provider *provider;

    (void)instance;
    (void)allocator; /* the library's own allocators are the ones given here */
    (void)allocate_buffer;
    (void)allocate_more;
    (void)free_buffer;
    (void)flags;
    if (!ret_version || !ret_provider)
        return MAPI_E_INVALID_PARAMETER;
    *ret_version = CURRENT_SPI_VERSION;
    if (mapi_version < CURRENT_SPI_VERSION)
        return MAPI_E_VERSION;
    provider = calloc(1, sizeof(*provider));
    if (!provider)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    provider->IXPProvider_iface.lpVtbl = &provider_vtbl;
    mapi_object_init(&provider->object, &provider_class, NULL);
    *ret_provider = &provider->IXPProvider_iface;
    return S_OK;
}
