/* session/store_logon.c - logging on to message stores, and their rows in the store table
 *
 * Each logon is a new one of the provider's (STA-031: it adds no second status row); the first is
 * the session's own. All logons last until the session ends. Behaviour: SES-092 to SES-103,
 * SES-139 to SES-169, docs/mail.md "Status rows are the connection" (store logon). */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "session/provider_error.h"
#include "session/session.h"
#include "session/store_entryid.h"

static WAITS HRESULT logon_store(struct session_provider *provider, struct provider_objects *logon,
                                 const IID *iid, ULONG flags, ULONG_PTR ui_param,
                                 struct error_info *error, IMsgStore **ret_store)
{
    MAPIERROR *words = NULL;
    BYTE *security = NULL;
    ULONG security_size = 0;
    WCHAR *name;
    HRESULT hr = provider_profile_name(provider, &name);

    if (FAILED(hr))
        return error_set(error, hr, "session", "out of memory");
    if (provider->session->no_mail)
        flags |= MDB_NO_MAIL; /* SES-066 */
    hr = IMSProvider_Logon(provider->entry->stores, logon->support, ui_param, (LPTSTR)name, 0, NULL,
                           flags | MAPI_UNICODE, iid, &security_size, &security, &words,
                           &logon->logon, ret_store);
    if (FAILED(hr))
        error_from_mapi(error, hr, words);
    mapi_free(words);
    mapi_free(security);
    mapi_free(name);
    return hr;
}

/* Under the provider's gate, its entry point called. *ret_logon is ours to keep, *ret_store the
 * caller's. */
static WAITS HRESULT add_logon(struct session_provider *provider, const IID *iid, ULONG flags,
                               ULONG_PTR ui_param, struct error_info *error,
                               struct provider_objects **ret_logon, IMsgStore **ret_store)
{
    struct provider_objects *logon = provider_objects_create();
    HRESULT hr = logon ? support_create(provider, &logon->support) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (FAILED(hr))
        error_set(error, hr, "session", "out of memory");
    else
        hr = logon_store(provider, logon, iid, flags, ui_param, error, ret_store);
    if (FAILED(hr)) {
        if (logon && logon->support)
            support_invalidate(logon->support);
        provider_objects_unref(logon);
        return hr;
    }
    *ret_logon = logon;
    return hr;
}

/* --- Rows of the store table ------------------------------------------------------------------ */

/* The id that stands in the store table while the store itself has never answered. */
static HRESULT placeholder_entryid(struct session_provider *provider, ULONG *ret_size,
                                   ENTRYID **ret_id)
{
    BYTE id[4 + sizeof(MAPIUID)] = {0};

    memcpy(id + 4, &provider->profile->uid, sizeof(MAPIUID));
    return store_entryid_wrap(provider->profile->dll_name, sizeof(id), (ENTRYID *)id, ret_size,
                              ret_id);
}

/* The store's id as clients hold it: as the provider gives it, wrapped if it is not. */
static HRESULT wrapped_entryid(struct session_provider *provider, const SPropValue *id,
                               ULONG *ret_size, ENTRYID **ret_id)
{
    const ENTRYID *inner;
    const char *dll_name;
    ULONG inner_size;

    if (!id)
        return placeholder_entryid(provider, ret_size, ret_id);
    if (FAILED(store_entryid_unwrap(id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, &dll_name,
                                    &inner_size, &inner)))
        return store_entryid_wrap(provider->profile->dll_name, id->Value.bin.cb,
                                  (ENTRYID *)id->Value.bin.lpb, ret_size, ret_id);
    *ret_id = mapi_memdup(NULL, id->Value.bin.lpb, id->Value.bin.cb);
    *ret_size = id->Value.bin.cb;
    return *ret_id ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT set_store_row(struct session_provider *provider, const SPropValue *values,
                             ULONG count)
{
    const SPropValue *name = propval_find(values, count, PR_DISPLAY_NAME_W);
    const SPropValue *mask = propval_find(values, count, PR_STORE_SUPPORT_MASK);
    const SPropValue *record_key = propval_find(values, count, PR_RECORD_KEY);
    const SPropValue *mdb_provider = propval_find(values, count, PR_MDB_PROVIDER);
    struct store_row row = {
        .uid = provider->profile->uid,
        .display = provider->profile->display,
        .provider = provider->profile->display,
    };
    ENTRYID *id = NULL;
    char *display = NULL;
    HRESULT hr =
        wrapped_entryid(provider, propval_find(values, count, PR_ENTRYID), &row.entryid.cb, &id);

    pthread_mutex_lock(&provider->session->lock);
    row.flags = provider->resource_flags;
    if (mask)
        provider->support_mask = (ULONG)mask->Value.l;
    pthread_mutex_unlock(&provider->session->lock);
    if (SUCCEEDED(hr) && name)
        hr = text_utf16_to_utf8(NULL, name->Value.lpszW, &display);
    if (display)
        row.display = display;
    if (record_key)
        row.record_key = record_key->Value.bin;
    if (mdb_provider)
        row.mdb_provider = mdb_provider->Value.bin;
    row.entryid.lpb = (BYTE *)id;
    if (SUCCEEDED(hr))
        hr = store_table_set(provider->session->stores, &row);
    mapi_free(id);
    mapi_free(display);
    return hr;
}

static const SizedSPropTagArray(5, store_columns) = {
    5, {PR_ENTRYID, PR_DISPLAY_NAME_W, PR_RECORD_KEY, PR_STORE_SUPPORT_MASK, PR_MDB_PROVIDER}};

/* Keeps what a store says of itself in its section, so that its row is right while it is away. The
 * name there is the profile's (PRF-046). */
static WAITS void remember_store(struct session_provider *provider, const SPropValue *values,
                                 ULONG count)
{
    SPropValue kept[4];
    size_t kept_count = 0;

    for (ULONG i = 0; i < count && i < store_columns.cValues; i++)
        if (PROP_TYPE(values[i].ulPropTag) != PT_ERROR && values[i].ulPropTag != PR_DISPLAY_NAME_W)
            kept[kept_count++] = values[i];
    session_profile_set_props(provider->session->profile, &provider->profile->uid, kept, kept_count,
                              NULL); /* the row is right all the same */
}

static WAITS void show_store(struct session_provider *provider, IMsgStore *store)
{
    SPropValue *values = NULL;
    ULONG count = 0;

    if (SUCCEEDED(IMsgStore_GetProps(store, (SPropTagArray *)&store_columns, MAPI_UNICODE, &count,
                                     &values))) {
        set_store_row(provider, values, count);
        remember_store(provider, values, count);
    }
    mapi_free(values);
}

/* The row of a store that did not answer: what its section remembers. */
static WAITS void show_absent_store(struct session_provider *provider)
{
    SPropValue *values = NULL;
    size_t count = 0;

    if (FAILED(session_profile_get_props(provider->session->profile, &provider->profile->uid,
                                         store_columns.aulPropTag, store_columns.cValues, NULL,
                                         &values, &count)))
        count = 0;
    set_store_row(provider, values, (ULONG)count);
    free(values);
}

HRESULT provider_store_entryid(struct session_provider *provider, ULONG *ret_size, ENTRYID **ret_id)
{
    return store_table_entryid(provider->session->stores, &provider->profile->uid, ret_size,
                               ret_id);
}

/* --- Logging on ------------------------------------------------------------------------------- */

HRESULT provider_begin_store(struct session_provider *provider, ULONG_PTR ui_param,
                             struct error_info *error)
{
    const ULONG flags = MDB_NO_DIALOG | MDB_WRITE;
    struct provider_objects *logon = NULL;
    IMsgStore *store = NULL;
    HRESULT hr = engine_mutex_lock(&provider->gate, NO_DEADLINE);

    if (FAILED(hr))
        return error_set(error, hr, "session", "given up waiting for another logon");
    hr = provider_init(provider, error);
    if (SUCCEEDED(hr))
        hr = add_logon(provider, NULL, flags, ui_param, error, &logon, &store);
    if (hr == MAPI_E_UNCONFIGURED && SUCCEEDED(provider_configure(provider))) /* SES-103 */
        hr = add_logon(provider, NULL, flags, ui_param, error, &logon, &store);
    if (SUCCEEDED(hr)) {
        logon->store = store;
        show_store(provider, store);
        provider_keep_logon(provider, logon);
    } else {
        show_absent_store(provider);
        provider_failed(provider, hr, error);
    }
    engine_mutex_unlock(&provider->gate);
    return hr;
}

HRESULT provider_open_store(struct session_provider *provider, const IID *iid, ULONG flags,
                            ULONG_PTR ui_param, struct error_info *error, IMsgStore **ret_store)
{
    struct provider_objects *logon;
    bool first;
    HRESULT hr;

    *ret_store = NULL;
    hr = provider_check_enabled(provider, error);
    if (FAILED(hr))
        return hr;
    hr = engine_mutex_lock(&provider->gate, NO_DEADLINE);
    if (FAILED(hr))
        return error_set(error, hr, "session", "given up waiting for another logon");
    hr = provider_init(provider, error);
    if (SUCCEEDED(hr))
        hr = add_logon(provider, iid, flags, ui_param, error, &logon, ret_store);
    if (SUCCEEDED(hr)) {
        first = !provider->logons; /* the session's own failed: this one shows what the store is */
        provider_keep_logon(provider, logon);
        if (first && !(flags & MDB_TEMPORARY)) /* SES-147 */
            show_store(provider, *ret_store);
    }
    engine_mutex_unlock(&provider->gate);
    return hr;
}

/* --- The default store ------------------------------------------------------------------------ */

#define DEFAULT_STORE_MASK (STORE_SUBMIT_OK | STORE_CREATE_OK | STORE_MODIFY_OK)

/* SES-167, STA-065. */
static HRESULT check_default(struct session_provider *provider, struct error_info *error)
{
    bool able;

    pthread_mutex_lock(&provider->session->lock);
    able = (provider->support_mask & DEFAULT_STORE_MASK) == DEFAULT_STORE_MASK &&
           !(provider->resource_flags & STATUS_NO_DEFAULT_STORE);
    pthread_mutex_unlock(&provider->session->lock);
    return able ? S_OK
                : error_set(error, MAPI_E_NO_ACCESS, "session",
                            "that store cannot be the default one: it does not take messages");
}

/* The profile first: what the session shows is what was kept. */
static WAITS HRESULT set_flag(struct session_provider *provider, ULONG flag, bool set,
                              bool permanent, struct error_info *error)
{
    struct session *session = provider->session;
    const MAPIUID *uid = &provider->profile->uid;
    ULONG flags, row;
    HRESULT hr = S_OK;

    if (permanent)
        hr = session_profile_set_resource_flags(session->profile, uid, set ? flag : 0,
                                                set ? 0 : flag, error);
    if (FAILED(hr))
        return hr;
    pthread_mutex_lock(&session->lock);
    if (set)
        provider->resource_flags |= flag;
    else
        provider->resource_flags &= ~flag;
    flags = provider->resource_flags;
    row = provider->row;
    pthread_mutex_unlock(&session->lock);
    hr = store_table_set_flags(session->stores, uid, flags);
    if (SUCCEEDED(hr) && row)
        hr = status_table_set_flags(session->status, row, flags);
    return hr;
}

HRESULT session_set_store_flag(struct session *session, const MAPIUID *uid, ULONG flag,
                               bool permanent, struct error_info *error)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < session->provider_count && uid && SUCCEEDED(hr); i++)
        if (memcmp(&session->providers[i].profile->uid, uid, sizeof(*uid)) == 0 &&
            flag == STATUS_DEFAULT_STORE)
            hr = check_default(&session->providers[i], error);
    for (size_t i = 0; i < session->provider_count && SUCCEEDED(hr); i++) {
        struct session_provider *provider = &session->providers[i];

        if (provider->profile->resource_type == MAPI_STORE_PROVIDER)
            hr = set_flag(provider, flag,
                          uid && memcmp(&provider->profile->uid, uid, sizeof(*uid)) == 0, permanent,
                          error);
    }
    return hr;
}
