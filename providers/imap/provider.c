/* providers/imap/provider.c - the message store provider: IMSProvider
 *
 * One per session and provider section; it makes logons and compares store ids. */
#include "providers/imap/provider.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/object.h"
#include "providers/imap/logon.h"

struct imap_provider {
    IMSProvider IMSProvider_iface;
    struct mapi_object object;
};

static HRESULT provider_Shutdown(struct imap_provider *provider, ULONG *flags)
{
    (void)provider;
    (void)flags; /* all that there is to end has ended with the logons */
    return S_OK;
}

static HRESULT provider_Logon(struct imap_provider *provider, LPMAPISUP support, ULONG_PTR ui_param,
                              LPTSTR profile_name, ULONG id_size, LPENTRYID id, ULONG flags,
                              LPCIID iid, ULONG *ret_security_size, LPBYTE *ret_security,
                              LPMAPIERROR *ret_error, LPMSLOGON *ret_logon, LPMDB *ret_store)
{
    struct error_info error = {0};
    HRESULT hr;

    (void)ui_param; /* no dialog is ever shown */
    (void)profile_name;
    (void)id_size; /* the section names the store; there is one to a section */
    (void)id;
    if (ret_error)
        *ret_error = NULL;
    if (!support || !ret_logon || !ret_store)
        return MAPI_E_INVALID_PARAMETER;
    *ret_logon = NULL;
    *ret_store = NULL;
    if (ret_security_size)
        *ret_security_size = 0; /* the spooler needs no credential of its own */
    if (ret_security)
        *ret_security = NULL;
    hr = imap_logon_create(&provider->object, support, flags, iid, &error, ret_logon, ret_store);
    if (FAILED(hr) && ret_error)
        mapi_error_create(&error, flags & MAPI_UNICODE, ret_error);
    return hr;
}

static HRESULT provider_SpoolerLogon(struct imap_provider *provider, LPMAPISUP support,
                                     ULONG_PTR ui_param, LPTSTR profile_name, ULONG id_size,
                                     LPENTRYID id, ULONG flags, LPCIID iid, ULONG security_size,
                                     LPBYTE security, LPMAPIERROR *ret_error, LPMSLOGON *ret_logon,
                                     LPMDB *ret_store)
{
    (void)security_size;
    (void)security;
    return provider_Logon(provider, support, ui_param, profile_name, id_size, id, flags, iid, NULL,
                          NULL, ret_error, ret_logon, ret_store);
}

static HRESULT provider_CompareStoreIDs(struct imap_provider *provider, ULONG size1, LPENTRYID id1,
                                        ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    (void)provider;
    if (!id1 || !id2 || !ret_result)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    /* The four flag bytes do not count (SES-136). */
    *ret_result =
        size1 == size2 && size1 > 4 && memcmp((BYTE *)id1 + 4, (BYTE *)id2 + 4, size1 - 4) == 0;
    return S_OK;
}

/* @thunks IMSProvider imap_provider provider */
#include "providers/imap/provider_thunks.inc"

static const struct mapi_face provider_faces[] = {
    MAPI_FACE(struct imap_provider, IID_IMSProvider, IMSProvider_iface),
};

static void provider_destroy(struct mapi_object *object)
{
    struct imap_provider *provider = container_of(object, struct imap_provider, object);

    mapi_object_clear(object);
    free(provider);
}

static const struct mapi_class provider_class = {
    .name = "imap_provider",
    .destroy = provider_destroy,
    .faces = provider_faces,
    .face_count = sizeof(provider_faces) / sizeof(provider_faces[0]),
};

HRESULT STDMAPIINITCALLTYPE imap_provider_init(HINSTANCE instance, LPMALLOC allocator,
                                               LPALLOCATEBUFFER allocate_buffer,
                                               LPALLOCATEMORE allocate_more,
                                               LPFREEBUFFER free_buffer, ULONG flags,
                                               ULONG mapi_version, ULONG *ret_version,
                                               LPMSPROVIDER *ret_provider)
{
    struct imap_provider *provider;

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
    provider->IMSProvider_iface.lpVtbl = &provider_vtbl;
    mapi_object_init(&provider->object, &provider_class, NULL);
    *ret_provider = &provider->IMSProvider_iface;
    return S_OK;
}
