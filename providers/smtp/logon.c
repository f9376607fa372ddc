/* providers/smtp/logon.c - one logon of the transport: IXPLogon
 *
 * The account sends what its store submitted by itself (docs/mail.md, "Sending"), so the spooler
 * hands messages over only for recipients that another store's message has. Behaviour: XPT-019 to
 * XPT-050, STA-077 to STA-079, STA-116. */
#include "providers/smtp/logon.h"

#include <stdlib.h>

#include "mapi/memory.h"
#include "providers/smtp/status.h"

struct smtp_logon {
    IXPLogon IXPLogon_iface;
    struct mapi_object object;
    struct smtp_link *link;
    pthread_mutex_t lock;       /* leaf; guards the pointer below */
    struct smtp_status *status; /* no reference: it holds us, and empties this when it goes */
    LPTSTR types[1];            /* what AddressTypes answers, valid until the logoff (XPT-032) */
};

#define LOGON_FLAGS                                                                                \
    (LOGON_NO_DIALOG | LOGON_NO_CONNECT | LOGON_NO_INBOUND | LOGON_NO_OUTBOUND | MAPI_UNICODE)

static char type_8bit[] = "SMTP";
static WCHAR type_wide[] = u"SMTP";

static HRESULT logon_AddressTypes(struct smtp_logon *logon, ULONG *flags, ULONG *ret_type_count,
                                  LPTSTR **ret_types, ULONG *ret_uid_count, LPMAPIUID **ret_uids)
{
    if (!flags || !ret_type_count || !ret_types || !ret_uid_count || !ret_uids)
        return MAPI_E_INVALID_PARAMETER;
    /* MAPI_UNICODE, in or out, says which form the strings have; we have both and follow. */
    logon->types[0] = *flags & MAPI_UNICODE ? (LPTSTR)type_wide : (LPTSTR)type_8bit;
    *ret_type_count = 1;
    *ret_types = logon->types;
    *ret_uid_count = 0;
    *ret_uids = NULL;
    return S_OK;
}

static HRESULT logon_TransportNotify(struct smtp_logon *logon, ULONG *flags, LPVOID *data)
{
    (void)data;
    if (!flags)
        return MAPI_E_INVALID_PARAMETER;
    if ((*flags & NOTIFY_BEGIN_OUTBOUND && *flags & NOTIFY_END_OUTBOUND) ||
        (*flags & NOTIFY_BEGIN_INBOUND && *flags & NOTIFY_END_INBOUND))
        return MAPI_E_INVALID_PARAMETER; /* XPT-038 */
    if (*flags & NOTIFY_BEGIN_OUTBOUND)
        return smtp_link_enable_outbound(logon->link, true); /* XPT-037 */
    if (*flags & NOTIFY_END_OUTBOUND)
        return smtp_link_enable_outbound(logon->link, false);
    return S_OK; /* mail arrives in the store: there is no inbound side to begin or end */
}

static HRESULT logon_Idle(struct smtp_logon *logon, ULONG flags)
{
    (void)logon;
    return flags ? MAPI_E_UNKNOWN_FLAGS : S_OK;
}

static HRESULT logon_EndMessage(struct smtp_logon *logon, ULONG_PTR message, ULONG *flags)
{
    (void)logon;
    (void)message;
    (void)flags;
    return MAPI_E_NO_SUPPORT; /* no message was taken */
}

static HRESULT logon_Poll(struct smtp_logon *logon, ULONG *ret_incoming)
{
    (void)logon;
    if (!ret_incoming)
        return MAPI_E_INVALID_PARAMETER;
    *ret_incoming = 0;
    return S_OK;
}

/* STA-077: the same one again, while somebody holds it. */
static HRESULT status_get(struct smtp_logon *logon, IMAPIStatus **ret_status)
{
    HRESULT hr;

    pthread_mutex_lock(&logon->lock);
    *ret_status = logon->status ? smtp_status_try_ref(logon->status) : NULL;
    pthread_mutex_unlock(&logon->lock);
    if (*ret_status)
        return S_OK;
    hr = smtp_status_create(&logon->object, logon->link, ret_status);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&logon->lock);
        logon->status = smtp_status_of(*ret_status);
        pthread_mutex_unlock(&logon->lock);
    }
    return hr;
}

void smtp_logon_forget_status(struct mapi_object *object, struct smtp_status *status)
{
    struct smtp_logon *logon = container_of(object, struct smtp_logon, object);

    pthread_mutex_lock(&logon->lock);
    if (logon->status == status)
        logon->status = NULL;
    pthread_mutex_unlock(&logon->lock);
}

static HRESULT logon_OpenStatusEntry(struct smtp_logon *logon, LPCIID iid, ULONG flags,
                                     ULONG *ret_type, LPMAPISTATUS *ret_status)
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
    hr = status_get(logon, ret_status);
    if (SUCCEEDED(hr) && ret_type)
        *ret_type = MAPI_STATUS;
    return hr;
}

static HRESULT logon_ValidateState(struct smtp_logon *logon, ULONG_PTR ui_param, ULONG flags)
{
    IMAPIStatus *status; /* STA-116: exactly what the status object does */
    HRESULT hr = logon_OpenStatusEntry(logon, NULL, 0, NULL, &status);

    if (FAILED(hr))
        return hr;
    hr = IMAPIStatus_ValidateState(status, ui_param, flags);
    IMAPIStatus_Release(status);
    return hr;
}

static HRESULT logon_FlushQueues(struct smtp_logon *logon, ULONG_PTR ui_param, ULONG target_size,
                                 LPENTRYID target, ULONG flags)
{
    IMAPIStatus *status;
    HRESULT hr = logon_OpenStatusEntry(logon, NULL, 0, NULL, &status);

    if (FAILED(hr))
        return hr;
    hr = IMAPIStatus_FlushQueues(status, ui_param, target_size, target, flags);
    IMAPIStatus_Release(status);
    return hr;
}

static HRESULT logon_TransportLogoff(struct smtp_logon *logon, ULONG flags)
{
    struct smtp_link *link;

    (void)flags;
    mapi_object_invalidate(&logon->object); /* the status object with it (STA-093) */
    pthread_mutex_lock(&logon->lock);
    link = logon->link;
    logon->link = NULL;
    pthread_mutex_unlock(&logon->lock);
    smtp_link_close(link); /* the support object goes last (XPT-022) */
    return S_OK;
}

/* @thunks IXPLogon smtp_logon logon none=RegisterOptions,SubmitMessage,StartMessage */
#include "providers/smtp/logon_thunks.inc"

static const struct mapi_face logon_faces[] = {
    MAPI_FACE(struct smtp_logon, IID_IXPLogon, IXPLogon_iface),
};

static void logon_destroy(struct mapi_object *object)
{
    struct smtp_logon *logon = container_of(object, struct smtp_logon, object);

    smtp_link_drop(logon->link); /* XPT-023 */
    pthread_mutex_destroy(&logon->lock);
    mapi_object_clear(object);
    free(logon);
}

static const struct mapi_class logon_class = {
    .name = "smtp_logon",
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

HRESULT smtp_logon_create(struct mapi_object *provider, IMAPISupport *support, ULONG flags,
                          struct error_info *error, IXPLogon **ret_logon)
{
    struct account_settings *settings = NULL;
    struct smtp_logon *logon;
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
    logon->IXPLogon_iface.lpVtbl = &logon_vtbl;
    mapi_object_init(&logon->object, &logon_class, provider);
    pthread_mutex_init(&logon->lock, NULL);
    hr = smtp_link_create(settings, support, !(flags & LOGON_NO_OUTBOUND), error, &logon->link);
    account_settings_free(settings);
    if (hr == MAPI_E_INVALID_PARAMETER) /* a bad URL: this provider cannot, the others can */
        hr = MAPI_E_FAILONEPROVIDER;
    if (FAILED(hr)) {
        mapi_object_unref(&logon->object);
        return hr;
    }
    *ret_logon = &logon->IXPLogon_iface;
    return S_OK;
}
