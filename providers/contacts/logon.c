/* providers/contacts/logon.c - one logon of the address book: IABLogon
 *
 * Hands out containers and entries by their ids. The support object is held until Logoff, which
 * makes everything that the logon gave out invalid (ABK-122). Behaviour: ABK-065 to ABK-073,
 * ABK-099 to ABK-104, ABK-121. */
#include "providers/contacts/logon.h"

#include <stdlib.h>

#include "mapi/adrlist.h"
#include "mapi/dispatch_source.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "providers/contacts/container.h"
#include "providers/contacts/people.h"
#include "providers/contacts/recipients.h"
#include "providers/contacts/status.h"
#include "providers/contacts/user.h"

struct contacts_logon {
    IABLogon IABLogon_iface;
    struct mapi_object object;
    struct book *book;     /* our reference */
    pthread_mutex_t lock;  /* leaf; guards the pointer below */
    IMAPISupport *support; /* our reference; NULL after Logoff */
};

#define LOGON_FLAGS (AB_NO_DIALOG | MAPI_DEFERRED_ERRORS | MAPI_UNICODE)
#define OPEN_FLAGS                                                                                 \
    (MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS | MAPI_CACHE_ONLY | MAPI_NO_CACHE |     \
     MAPI_GAL_ONLY)

static struct contacts_logon *logon_of(struct mapi_object *object)
{
    return container_of(object, struct contacts_logon, object);
}

struct book *contacts_logon_book(struct mapi_object *object)
{
    return logon_of(object)->book;
}

/* A reference for the caller; NULL after Logoff. */
static IMAPISupport *get_support(struct contacts_logon *logon)
{
    IMAPISupport *support;

    pthread_mutex_lock(&logon->lock);
    support = logon->support;
    if (support)
        IMAPISupport_AddRef(support);
    pthread_mutex_unlock(&logon->lock);
    return support;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* Whether the access asked for can be had: what may not be written is not opened for it (ABK-071).
 */
static HRESULT check_access(const struct contacts_ref *ref, ULONG flags, bool *ret_writable)
{
    bool can = ref->kind != CONTACTS_ROOT && shelf_is_writable(ref->shelf);

    if (flags & MAPI_MODIFY && !can)
        return MAPI_E_NO_ACCESS;
    *ret_writable = can && flags & (MAPI_MODIFY | MAPI_BEST_ACCESS);
    return S_OK;
}

static HRESULT open_ref(struct mapi_object *object, const struct contacts_ref *ref, LPCIID iid,
                        bool writable, ULONG *ret_type, IUnknown **ret_unknown)
{
    ULONG type = ref->kind == CONTACTS_PERSON ? MAPI_MAILUSER : MAPI_ABCONT;
    HRESULT hr;

    switch (ref->kind) {
    case CONTACTS_ROOT:
    case CONTACTS_SHELF:
        hr = contacts_container_open(object, ref->shelf, iid, writable, ret_unknown);
        break;
    case CONTACTS_PERSON:
        hr = contacts_user_open(object, ref, iid, writable, ret_unknown);
        break;
    default: /* a template is good for CreateEntry only */
        return MAPI_E_NO_SUPPORT;
    }
    if (SUCCEEDED(hr) && ret_type)
        *ret_type = type;
    return hr;
}

HRESULT contacts_logon_open(struct mapi_object *object, ULONG size, const ENTRYID *id, LPCIID iid,
                            ULONG flags, ULONG *ret_type, IUnknown **ret_unknown)
{
    struct contacts_ref ref = {.kind = CONTACTS_ROOT};
    bool writable = false;
    HRESULT hr = S_OK;

    if (!ret_unknown)
        return MAPI_E_INVALID_PARAMETER;
    *ret_unknown = NULL;
    if (flags & ~(ULONG)OPEN_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (size || id) /* neither: the root (ABK-070) */
        hr = contacts_parse_entryid(book_uid(logon_of(object)->book), size, id, &ref);
    if (SUCCEEDED(hr))
        hr = check_access(&ref, flags, &writable);
    return SUCCEEDED(hr) ? open_ref(object, &ref, iid, writable, ret_type, ret_unknown) : hr;
}

HRESULT contacts_logon_open_any(struct mapi_object *object, ULONG size, const ENTRYID *id,
                                IMAPIProp **ret_entry)
{
    IMAPISupport *support = get_support(logon_of(object));
    ULONG type = 0;
    HRESULT hr;

    if (!support)
        return MAPI_E_INVALID_OBJECT;
    hr = IMAPISupport_OpenEntry(support, size, (ENTRYID *)id, NULL, 0, &type,
                                (IUnknown **)ret_entry);
    IMAPISupport_Release(support);
    if (SUCCEEDED(hr) && type != MAPI_MAILUSER) { /* lists have no home here (docs/limits.md) */
        IMAPIProp_Release(*ret_entry);
        hr = type == MAPI_DISTLIST ? MAPI_E_NO_SUPPORT : MAPI_E_INVALID_ENTRYID;
    }
    return hr;
}

/* --- The status row --------------------------------------------------------------------------- */

/* Each shelf is read; the first that cannot be is the answer. */
static WAITS HRESULT read_shelves(struct book *book, struct error_info *error)
{
    struct shelf_info info;
    struct people people;
    HRESULT hr = S_OK;

    for (enum shelf shelf = SHELF_PERSONAL; shelf < SHELF_END && SUCCEEDED(hr); shelf++) {
        if (!book_shelf(book, shelf, &info))
            continue;
        hr = people_read(book, shelf, error, &people);
        if (SUCCEEDED(hr))
            people_clear(&people);
    }
    return hr;
}

static HRESULT fill_row(struct contacts_logon *logon, void *root, HRESULT state, const char *words,
                        SPropValue values[CONTACTS_ROW])
{
    HRESULT hr;

    values[0] = propval_long(PR_STATUS_CODE, FAILED(state) ? STATUS_FAILURE : STATUS_AVAILABLE);
    values[1] = propval_long(PR_RESOURCE_METHODS, STATUS_VALIDATE_STATE);
    values[2].ulPropTag = PR_DISPLAY_NAME_W;
    values[3].ulPropTag = PR_PROVIDER_DISPLAY_W;
    values[4].ulPropTag = PR_STATUS_STRING_W;
    hr = text_utf8_to_utf16(root, book_email(logon->book), &values[2].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, "Address book", &values[3].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, FAILED(state) ? words : "ready", &values[4].Value.lpszW);
    return hr;
}

HRESULT contacts_logon_check(struct mapi_object *object, void *root, struct error_info *error,
                             SPropValue ret_values[CONTACTS_ROW])
{
    struct contacts_logon *logon = logon_of(object);
    HRESULT state, hr;

    error_clear(error);
    state = read_shelves(logon->book, error);
    hr = fill_row(logon, root, state, error->text, ret_values);
    return FAILED(hr) ? hr : state;
}

HRESULT contacts_logon_validate(struct mapi_object *object, struct error_info *error)
{
    SPropValue values[CONTACTS_ROW] = {0};
    IMAPISupport *support = get_support(logon_of(object));
    void *root = mapi_alloc(NULL, 1);
    HRESULT state =
        root ? contacts_logon_check(object, root, error, values) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (support && root && values[CONTACTS_ROW - 1].Value.lpszW)
        IMAPISupport_ModifyStatusRow(support, CONTACTS_ROW, values, 0);
    unknown_release(support);
    mapi_free(root);
    return state;
}

HRESULT contacts_logon_status_id(struct mapi_object *object, void *root, SBinary *ret_id)
{
    IMAPISupport *support = get_support(logon_of(object));
    HRESULT hr =
        support ? status_entryid_of((IUnknown *)support, root, ret_id) : MAPI_E_INVALID_OBJECT;

    unknown_release(support);
    return hr;
}

/* --- IABLogon --------------------------------------------------------------------------------- */

static HRESULT logon_OpenEntry(struct contacts_logon *logon, ULONG size, LPENTRYID id, LPCIID iid,
                               ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    return contacts_logon_open(&logon->object, size, id, iid, flags, ret_type, ret_unknown);
}

static HRESULT logon_CompareEntryIDs(struct contacts_logon *logon, ULONG size1, LPENTRYID id1,
                                     ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    struct contacts_ref ref1, ref2;
    HRESULT hr;

    if (!ret_result)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    *ret_result = FALSE;
    hr = contacts_parse_entryid(book_uid(logon->book), size1, id1, &ref1);
    if (SUCCEEDED(hr))
        hr = contacts_parse_entryid(book_uid(logon->book), size2, id2, &ref2);
    if (SUCCEEDED(hr))
        *ret_result = contacts_same(&ref1, &ref2);
    return hr;
}

static HRESULT logon_OpenStatusEntry(struct contacts_logon *logon, LPCIID iid, ULONG flags,
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
    hr = contacts_status_create(&logon->object, ret_status);
    if (SUCCEEDED(hr) && ret_type)
        *ret_type = MAPI_STATUS;
    return hr;
}

static HRESULT logon_PrepareRecips(struct contacts_logon *logon, ULONG flags, LPSPropTagArray tags,
                                   LPADRLIST recipients)
{
    if (flags & ~(ULONG)MAPI_CACHE_ONLY)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!recipients || adrlist_is_bad(recipients))
        return MAPI_E_INVALID_PARAMETER;
    return contacts_prepare(logon->book, tags, recipients);
}

static HRESULT logon_Logoff(struct contacts_logon *logon, ULONG flags)
{
    IMAPISupport *support;

    (void)flags; /* reserved */
    mapi_object_invalidate(&logon->object);
    pthread_mutex_lock(&logon->lock);
    support = logon->support;
    logon->support = NULL;
    pthread_mutex_unlock(&logon->lock);
    unknown_release(support);
    return S_OK;
}

/* Objects do not notify, their tables do (ABK-100, ABK-101); there are no templates of addresses
 * (ABK-072, ABK-073). */
/* @thunks IABLogon contacts_logon logon none=Advise,Unadvise,OpenTemplateID,GetOneOffTable */
#include "providers/contacts/logon_thunks.inc"

static const struct mapi_face logon_faces[] = {
    MAPI_FACE(struct contacts_logon, IID_IABLogon, IABLogon_iface),
};

static void logon_destroy(struct mapi_object *object)
{
    struct contacts_logon *logon = logon_of(object);

    unknown_release(logon->support);
    book_unref(logon->book);
    pthread_mutex_destroy(&logon->lock);
    mapi_object_clear(object);
    free(logon);
}

static const struct mapi_class logon_class = {
    .name = "contacts_logon",
    .destroy = logon_destroy,
    .faces = logon_faces,
    .face_count = sizeof(logon_faces) / sizeof(logon_faces[0]),
};

/* Logs on in full; a contacts file that cannot be read shows in the row and stops nothing. */
static WAITS HRESULT begin(struct contacts_logon *logon, IMAPISupport *support,
                           struct error_info *error)
{
    struct error_info state;
    HRESULT hr = book_open(support, error, &logon->book);

    if (FAILED(hr) && hr != MAPI_E_UNCONFIGURED && hr != MAPI_E_NOT_ENOUGH_MEMORY) {
        error->hr = MAPI_E_FAILONEPROVIDER;
        error->low_level = (uint32_t)hr; /* this provider cannot, the others of its service can */
        return MAPI_E_FAILONEPROVIDER;
    }
    if (FAILED(hr))
        return hr;
    hr = IMAPISupport_SetProviderUID(support, (MAPIUID *)book_uid(logon->book), 0);
    if (SUCCEEDED(hr))
        contacts_logon_validate(&logon->object, &state);
    return hr;
}

HRESULT contacts_logon_create(struct mapi_object *provider, IMAPISupport *support, ULONG flags,
                              struct error_info *error, IABLogon **ret_logon)
{
    struct contacts_logon *logon;
    HRESULT hr;

    if (flags & ~(ULONG)LOGON_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    logon = calloc(1, sizeof(*logon));
    if (!logon)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    logon->IABLogon_iface.lpVtbl = &logon_vtbl;
    mapi_object_init(&logon->object, &logon_class, provider);
    pthread_mutex_init(&logon->lock, NULL);
    IMAPISupport_AddRef(support);
    logon->support = support;
    hr = begin(logon, support, error);
    if (FAILED(hr)) {
        mapi_object_unref(&logon->object);
        return hr;
    }
    *ret_logon = &logon->IABLogon_iface;
    return S_OK;
}
