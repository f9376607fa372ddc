/* providers/imap/logon.c - one logon of the store provider: IMSLogon
 *
 * Owns everything that the logon's client opens: a logoff makes all of it invalid. Behaviour: STO,
 * PVD; STA-077 to STA-081. */
#include "providers/imap/logon.h"

#include <stdlib.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiaux.h"
#include "mapi/memory.h"
#include "providers/imap/entry.h"
#include "providers/imap/status.h"
#include "providers/imap/store.h"

struct imap_logon {
    IMSLogon IMSLogon_iface;
    struct mapi_object object;
    struct imap_link *link;     /* our reference */
    pthread_mutex_t lock;       /* leaf; guards the pointer below */
    struct imap_status *status; /* no reference: it holds us, and empties this when it goes */
};

#define LOGON_FLAGS                                                                                \
    (MDB_NO_DIALOG | MDB_NO_MAIL | MDB_TEMPORARY | MDB_WRITE | MDB_ONLINE | MAPI_BEST_ACCESS |     \
     MAPI_DEFERRED_ERRORS | MAPI_UNICODE)

static HRESULT logon_Logoff(struct imap_logon *logon, ULONG *flags)
{
    (void)flags;
    mapi_object_invalidate(&logon->object);
    imap_link_close(logon->link);
    return S_OK;
}

static HRESULT logon_OpenEntry(struct imap_logon *logon, ULONG size, LPENTRYID id, LPCIID iid,
                               ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    return entry_open(logon->link, &logon->object, size, id, iid, flags, ret_type, ret_unknown);
}

static HRESULT logon_CompareEntryIDs(struct imap_logon *logon, ULONG size1, LPENTRYID id1,
                                     ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    return entry_compare(logon->link, size1, id1, size2, id2, flags, ret_result);
}

static HRESULT logon_Advise(struct imap_logon *logon, ULONG size, LPENTRYID id, ULONG mask,
                            LPMAPIADVISESINK sink, ULONG_PTR *ret_connection)
{
    return entry_advise(logon->link, size, id, mask, sink, ret_connection);
}

static HRESULT logon_Unadvise(struct imap_logon *logon, ULONG_PTR connection)
{
    return IMAPISupport_Unsubscribe(imap_link_support(logon->link), connection);
}

/* STA-077: the same one again, while somebody holds it. */
static HRESULT status_get(struct imap_logon *logon, IMAPIStatus **ret_status)
{
    HRESULT hr;

    pthread_mutex_lock(&logon->lock);
    *ret_status = logon->status ? imap_status_try_ref(logon->status) : NULL;
    pthread_mutex_unlock(&logon->lock);
    if (*ret_status)
        return S_OK;
    hr = imap_status_create(&logon->object, logon->link, ret_status);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&logon->lock);
        logon->status = imap_status_of(*ret_status);
        pthread_mutex_unlock(&logon->lock);
    }
    return hr;
}

void imap_logon_forget_status(struct mapi_object *object, struct imap_status *status)
{
    struct imap_logon *logon = container_of(object, struct imap_logon, object);

    pthread_mutex_lock(&logon->lock);
    if (logon->status == status)
        logon->status = NULL;
    pthread_mutex_unlock(&logon->lock);
}

static HRESULT logon_OpenStatusEntry(struct imap_logon *logon, LPCIID iid, ULONG flags,
                                     ULONG *ret_type, LPVOID *ret_status)
{
    HRESULT hr;

    if (!ret_status)
        return MAPI_E_INVALID_PARAMETER;
    *ret_status = NULL;
    if (iid && !guid_equal(iid, &IID_IMAPIStatus) && !guid_equal(iid, &IID_IMAPIProp) &&
        !guid_equal(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (flags & ~(ULONG)MAPI_MODIFY) /* taken, and the object is read-only all the same (STA-078) */
        return MAPI_E_UNKNOWN_FLAGS;
    hr = status_get(logon, (IMAPIStatus **)ret_status);
    if (SUCCEEDED(hr) && ret_type)
        *ret_type = MAPI_STATUS;
    return hr;
}

/* @thunks IMSLogon imap_logon logon */
#include "providers/imap/logon_thunks.inc"

static const struct mapi_face logon_faces[] = {
    MAPI_FACE(struct imap_logon, IID_IMSLogon, IMSLogon_iface),
};

static void logon_destroy(struct mapi_object *object)
{
    struct imap_logon *logon = container_of(object, struct imap_logon, object);

    imap_link_unref(logon->link);
    pthread_mutex_destroy(&logon->lock);
    mapi_object_clear(object);
    free(logon);
}

static const struct mapi_class logon_class = {
    .name = "imap_logon",
    .destroy = logon_destroy,
    .faces = logon_faces,
    .face_count = sizeof(logon_faces) / sizeof(logon_faces[0]),
};

static HRESULT load_settings(IMAPISupport *support, struct account_settings **ret_settings)
{
    IProfSect *section;
    HRESULT hr = IMAPISupport_OpenProfileSection(support, NULL, 0, &section);

    if (FAILED(hr))
        return hr;
    hr = account_settings_load((IMAPIProp *)section, ret_settings);
    IProfSect_Release(section);
    return hr;
}

HRESULT imap_logon_create(struct mapi_object *provider, IMAPISupport *support, ULONG flags,
                          const IID *iid, struct error_info *error, IMSLogon **ret_logon,
                          IMsgStore **ret_store)
{
    struct account_settings *settings;
    struct imap_logon *logon;
    HRESULT hr;

    if (flags & ~(ULONG)LOGON_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = load_settings(support, &settings);
    if (FAILED(hr))
        return hr;
    logon = calloc(1, sizeof(*logon));
    if (!logon) {
        account_settings_free(settings);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    logon->IMSLogon_iface.lpVtbl = &logon_vtbl;
    mapi_object_init(&logon->object, &logon_class, provider);
    pthread_mutex_init(&logon->lock, NULL);
    hr = imap_link_create(settings, support, error, &logon->link);
    account_settings_free(settings);
    if (SUCCEEDED(hr))
        hr = store_create(logon->link, &logon->object, flags & (MDB_WRITE | MAPI_BEST_ACCESS), iid,
                          ret_store);
    if (FAILED(hr)) {
        if (logon->link)
            imap_link_close(logon->link);
        mapi_object_unref(&logon->object);
        return hr;
    }
    *ret_logon = &logon->IMSLogon_iface;
    return S_OK;
}
