/* providers/contacts/provider.c - the address book provider: IABProvider
 *
 * One per session; it only makes logons. Behaviour: ABK-065, ABK-066. */
#include "providers/contacts/provider.h"

#include <stdlib.h>

#include "mapi/memory.h"
#include "mapi/object.h"
#include "providers/contacts/logon.h"

struct contacts_provider {
    IABProvider IABProvider_iface;
    struct mapi_object object;
};

static HRESULT provider_Shutdown(struct contacts_provider *provider, ULONG *flags)
{
    (void)provider;
    (void)flags; /* all that there is to end has ended with the logons */
    return S_OK;
}

static HRESULT provider_Logon(struct contacts_provider *provider, LPMAPISUP support,
                              ULONG_PTR ui_param, LPTSTR profile_name, ULONG flags,
                              ULONG *ret_security_size, LPBYTE *ret_security,
                              LPMAPIERROR *ret_error, LPABLOGON *ret_logon)
{
    struct error_info error = {0};
    HRESULT hr;

    (void)ui_param;     /* no dialog is ever shown */
    (void)profile_name; /* all that is needed is in the section */
    if (ret_error)
        *ret_error = NULL;
    if (ret_security_size)
        *ret_security_size = 0;
    if (ret_security)
        *ret_security = NULL;
    if (!support || !ret_logon)
        return MAPI_E_INVALID_PARAMETER;
    *ret_logon = NULL;
    hr = contacts_logon_create(&provider->object, support, flags, &error, ret_logon);
    if (FAILED(hr) && ret_error)
        mapi_error_create(&error, flags & MAPI_UNICODE, ret_error);
    return hr;
}

/* @thunks IABProvider contacts_provider provider */
#include "providers/contacts/provider_thunks.inc"

static const struct mapi_face provider_faces[] = {
    MAPI_FACE(struct contacts_provider, IID_IABProvider, IABProvider_iface),
};

static void provider_destroy(struct mapi_object *object)
{
    struct contacts_provider *provider = container_of(object, struct contacts_provider, object);

    mapi_object_clear(object);
    free(provider);
}

static const struct mapi_class provider_class = {
    .name = "contacts_provider",
    .destroy = provider_destroy,
    .faces = provider_faces,
    .face_count = sizeof(provider_faces) / sizeof(provider_faces[0]),
};

HRESULT STDMAPIINITCALLTYPE contacts_provider_init(HINSTANCE instance, LPMALLOC allocator,
                                                   LPALLOCATEBUFFER allocate_buffer,
                                                   LPALLOCATEMORE allocate_more,
                                                   LPFREEBUFFER free_buffer, ULONG flags,
                                                   ULONG mapi_version, ULONG *ret_version,
                                                   LPABPROVIDER *ret_provider)
{
    struct contacts_provider *provider;

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
    provider->IABProvider_iface.lpVtbl = &provider_vtbl;
    mapi_object_init(&provider->object, &provider_class, NULL);
    *ret_provider = &provider->IABProvider_iface;
    return S_OK;
}
