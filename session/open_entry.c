/* session/open_entry.c - from an entry id to the provider that owns it */
#include "session/open_entry.h"

#include <string.h>
#include <strings.h>

#include "mapi/memory.h"
#include "session/connections.h"
#include "session/oneoff_entry.h"
#include "session/own_status.h"
#include "session/provider_error.h"
#include "session/store_entryid.h"

#define ID_HEAD (4 + sizeof(MAPIUID)) /* every entry id: flags and the provider's MAPIUID */

/* Who owns an id that is neither a status row's, a store's nor a one-off: a store's or an address
 * book's logon. Address books that nobody has asked for yet are logged on to now. */
static WAITS HRESULT find_owner(struct session *session, ULONG size, const ENTRYID *id,
                                struct provider_objects **ret_logon)
{
    bool partial;
    MAPIUID uid;

    if (!id || size < ID_HEAD)
        return MAPI_E_INVALID_ENTRYID;
    memcpy(&uid, (const BYTE *)id + 4, sizeof(uid));
    *ret_logon = session_find_uid(session, &uid);
    if (!*ret_logon) {
        session_begin_address_books(session, 0, NULL, &partial);
        *ret_logon = session_find_uid(session, &uid);
    }
    return *ret_logon ? S_OK : MAPI_E_UNKNOWN_ENTRYID;
}

/* The logon's words, when it has any for this code. */
static WAITS void take_logon_error(struct provider_objects *logon, HRESULT hr,
                                   struct error_info *error)
{
    MAPIERROR *words = NULL;
    HRESULT got = logon->logon ? IMSLogon_GetLastError(logon->logon, hr, MAPI_UNICODE, &words)
                               : IABLogon_GetLastError(logon->address, hr, MAPI_UNICODE, &words);

    if (SUCCEEDED(got) && words)
        error_from_mapi(error, hr, words);
    mapi_free(words);
}

static WAITS HRESULT open_from_owner(struct provider_objects *logon, ULONG size, const ENTRYID *id,
                                     LPCIID iid, ULONG flags, struct error_info *error,
                                     ULONG *ret_type, IUnknown **ret_unknown)
{
    HRESULT hr = logon->logon ? IMSLogon_OpenEntry(logon->logon, size, (ENTRYID *)id, iid, flags,
                                                   ret_type, ret_unknown)
                              : IABLogon_OpenEntry(logon->address, size, (ENTRYID *)id, iid, flags,
                                                   ret_type, ret_unknown);

    if (FAILED(hr))
        take_logon_error(logon, hr, error);
    return hr;
}

/* --- Stores ----------------------------------------------------------------------------------- */

static struct session_provider *find_section(struct session *session, const MAPIUID *uid)
{
    for (size_t i = 0; i < session->provider_count; i++)
        if (memcmp(&session->providers[i].profile->uid, uid, sizeof(*uid)) == 0)
            return &session->providers[i];
    return NULL;
}

/* Does the provider say that the (unwrapped) id is that of its own store? */
static bool names_store_of(struct session_provider *provider, ULONG size, const ENTRYID *id)
{
    struct provider_objects *entry = provider_get_entry(provider);
    ULONG same = FALSE, own_size, wrapped_size;
    ENTRYID *wrapped = NULL;
    const ENTRYID *own;
    const char *dll_name;

    if (entry && SUCCEEDED(provider_store_entryid(provider, &wrapped_size, &wrapped)) &&
        SUCCEEDED(store_entryid_unwrap(wrapped_size, wrapped, &dll_name, &own_size, &own)) &&
        FAILED(IMSProvider_CompareStoreIDs(entry->stores, own_size, (ENTRYID *)own, size,
                                           (ENTRYID *)id, 0, &same)))
        same = FALSE;
    mapi_free(wrapped);
    provider_objects_unref(entry);
    return same;
}

/* The store provider that an id from the store table, or an equal one, belongs to. */
static HRESULT find_store(struct session *session, ULONG size, const ENTRYID *id,
                          struct session_provider **ret_provider)
{
    const ENTRYID *inner;
    const char *dll_name;
    ULONG inner_size;
    MAPIUID uid;
    HRESULT hr;

    if (!id || size < ID_HEAD)
        return MAPI_E_INVALID_ENTRYID;
    if (store_table_find(session->stores, size, id, &uid)) {
        *ret_provider = find_section(session, &uid);
        return *ret_provider ? S_OK : MAPI_E_NOT_FOUND;
    }
    hr = store_entryid_unwrap(size, id, &dll_name, &inner_size, &inner);
    if (FAILED(hr))
        return hr;
    if (inner_size == ID_HEAD) { /* what the table shows while a store has never been opened */
        memcpy(&uid, (const BYTE *)inner + 4, sizeof(uid));
        *ret_provider = find_section(session, &uid);
        if (*ret_provider)
            return S_OK;
    }
    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *provider = &session->providers[i];

        if (provider->profile->resource_type == MAPI_STORE_PROVIDER &&
            strcasecmp(provider->profile->dll_name, dll_name) == 0 &&
            names_store_of(provider, inner_size, inner)) {
            *ret_provider = provider;
            return S_OK;
        }
    }
    return MAPI_E_NOT_FOUND; /* SES-150 */
}

/* The logon (a store's or an address book's) that registered the id's MAPIUID, or that of the store
 * which a wrapped id names; then *ret_inner is the provider's own id. Pinned. */
static WAITS HRESULT find_logon(struct session *session, ULONG size, const ENTRYID *id,
                                struct provider_objects **ret_logon, ULONG *ret_inner_size,
                                const ENTRYID **ret_inner)
{
    struct session_provider *provider;
    const char *dll_name;
    HRESULT hr;

    *ret_inner_size = size;
    *ret_inner = id;
    if (store_entryid_unwrap(size, id, &dll_name, ret_inner_size, ret_inner) ==
        MAPI_E_UNKNOWN_ENTRYID)
        return find_owner(session, size, id, ret_logon);
    hr = find_store(session, size, id, &provider);
    if (FAILED(hr))
        return hr;
    *ret_logon = provider_get_logon(provider);
    if (*ret_logon && (*ret_logon)->logon)
        return S_OK;
    provider_objects_unref(*ret_logon);
    return MAPI_E_UNKNOWN_ENTRYID;
}

HRESULT session_advise_entry(struct session *session, struct connections *connections, ULONG size,
                             const ENTRYID *id, ULONG mask, IMAPIAdviseSink *sink,
                             ULONG_PTR *ret_connection)
{
    struct provider_objects *logon;
    ULONG inner_size;
    const ENTRYID *inner;
    HRESULT hr;

    if (oneoff_entryid(size, id))
        return MAPI_E_NO_SUPPORT; /* it never changes */
    hr = find_logon(session, size, id, &logon, &inner_size, &inner);
    if (FAILED(hr)) /* SES-204 */
        return hr;
    hr = logon->logon ? IMSLogon_Advise(logon->logon, inner_size, (ENTRYID *)inner, mask, sink,
                                        ret_connection)
                      : IABLogon_Advise(logon->address, inner_size, (ENTRYID *)inner, mask, sink,
                                        ret_connection);
    if (SUCCEEDED(hr))
        hr = connections_add(connections, logon->logon, logon->address, ret_connection);
    provider_objects_unref(logon);
    return hr;
}

HRESULT session_open_store(struct session *session, ULONG_PTR ui_param, ULONG size,
                           const ENTRYID *id, LPCIID iid, ULONG flags, struct error_info *error,
                           IMsgStore **ret_store)
{
    struct session_provider *provider;
    HRESULT hr = find_store(session, size, id, &provider);

    if (FAILED(hr))
        return error_set(error, hr, "session", "no store of this profile has that entry id");
    hr = provider_open_store(provider, iid, flags, ui_param, error, ret_store);
    /* "Fail one provider" is for the session's beginning; whoever opens one store hears the reason,
     * which the provider gives as its low-level error (docs/mail.md, last paragraph). */
    if (hr == MAPI_E_FAILONEPROVIDER && FAILED((HRESULT)error->low_level))
        error->hr = hr = (HRESULT)error->low_level;
    return hr;
}

/* --- Anything --------------------------------------------------------------------------------- */

static HRESULT open_status_row(struct session *session, struct mapi_object *owner,
                               const MAPIUID *uid, LPCIID iid, ULONG flags, ULONG *ret_type,
                               IUnknown **ret_unknown)
{
    struct session_provider *provider = find_section(session, uid);
    HRESULT hr = own_status_open(session, owner, uid, iid, (IMAPIStatus **)ret_unknown);

    if (hr == MAPI_E_NOT_FOUND && provider)
        hr = provider_open_status(provider, iid, flags & MAPI_MODIFY, (IMAPIStatus **)ret_unknown);
    if (SUCCEEDED(hr) && ret_type)
        *ret_type = MAPI_STATUS;
    return hr;
}

static HRESULT open_as_store(struct session *session, ULONG size, const ENTRYID *id, LPCIID iid,
                             ULONG flags, struct error_info *error, ULONG *ret_type,
                             IUnknown **ret_unknown)
{
    ULONG mdb_flags = MDB_NO_DIALOG | (flags & MAPI_BEST_ACCESS); /* SES-129 */
    HRESULT hr;

    if (flags & MAPI_MODIFY)
        mdb_flags |= MDB_WRITE;
    hr = session_open_store(session, 0, size, id, iid, mdb_flags, error, (IMsgStore **)ret_unknown);
    if (SUCCEEDED(hr) && ret_type)
        *ret_type = MAPI_STORE;
    return hr;
}

HRESULT session_open_entry(struct session *session, struct mapi_object *owner, ULONG size,
                           const ENTRYID *id, LPCIID iid, ULONG flags, struct error_info *error,
                           ULONG *ret_type, IUnknown **ret_unknown)
{
    struct provider_objects *logon;
    const ENTRYID *inner;
    const char *dll_name;
    ULONG inner_size;
    MAPIUID uid;
    HRESULT hr;

    if (!ret_unknown)
        return MAPI_E_INVALID_PARAMETER;
    *ret_unknown = NULL;
    if (!id || size < ID_HEAD)
        return MAPI_E_INVALID_ENTRYID; /* SES-118 */
    if (status_entryid_parse(size, id, &uid))
        return open_status_row(session, owner, &uid, iid, flags, ret_type, ret_unknown);
    if (store_entryid_unwrap(size, id, &dll_name, &inner_size, &inner) != MAPI_E_UNKNOWN_ENTRYID)
        return open_as_store(session, size, id, iid, flags, error, ret_type, ret_unknown);
    if (oneoff_entryid(size, id)) /* ABK-044 */
        return oneoff_entry_open(owner, size, id, iid, flags, ret_type, ret_unknown);
    hr = find_owner(session, size, id, &logon);
    if (FAILED(hr))
        return error_set(error, hr, "session", "no provider of this session owns that entry id");
    hr = open_from_owner(logon, size, id, iid, flags, error, ret_type, ret_unknown);
    provider_objects_unref(logon);
    return hr;
}

/* Does it name something that this session could open? MAPI_E_UNKNOWN_ENTRYID. */
static WAITS HRESULT check_known(struct session *session, ULONG size, const ENTRYID *id)
{
    struct session_provider *store;
    struct provider_objects *logon;
    MAPIUID uid;
    HRESULT hr;

    if (status_entryid_parse(size, id, &uid) || oneoff_entryid(size, id) ||
        SUCCEEDED(find_store(session, size, id, &store)))
        return S_OK;
    hr = find_owner(session, size, id, &logon);
    if (SUCCEEDED(hr))
        provider_objects_unref(logon);
    return hr;
}

HRESULT session_compare_entryids(struct session *session, ULONG size1, const ENTRYID *id1,
                                 ULONG size2, const ENTRYID *id2, ULONG flags, ULONG *ret_result)
{
    struct session_provider *store1, *store2;
    struct provider_objects *logon;
    MAPIUID uid1, uid2;
    HRESULT hr;

    if (!ret_result)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS; /* SES-137 */
    *ret_result = FALSE;
    if (!id1 || !id2 || size1 < ID_HEAD || size2 < ID_HEAD)
        return MAPI_E_INVALID_ENTRYID;
    if (status_entryid_parse(size1, id1, &uid1) && status_entryid_parse(size2, id2, &uid2)) {
        *ret_result = memcmp(&uid1, &uid2, sizeof(uid1)) == 0;
        return S_OK;
    }
    if (SUCCEEDED(find_store(session, size1, id1, &store1)) &&
        SUCCEEDED(find_store(session, size2, id2, &store2))) {
        *ret_result = store1 == store2;
        return S_OK;
    }
    if (memcmp((const BYTE *)id1 + 4, (const BYTE *)id2 + 4, sizeof(MAPIUID)) != 0) {
        /* Different, if both are somebody's (SES-133, SES-135). */
        hr = check_known(session, size1, id1);
        return SUCCEEDED(hr) ? check_known(session, size2, id2) : hr;
    }
    if (oneoff_entryid(size1, id1))
        return oneoff_entries_compare(size1, id1, size2, id2, ret_result);
    hr = find_owner(session, size1, id1, &logon);
    if (FAILED(hr))
        return hr;
    hr = logon->logon ? IMSLogon_CompareEntryIDs(logon->logon, size1, (ENTRYID *)id1, size2,
                                                 (ENTRYID *)id2, 0, ret_result)
                      : IABLogon_CompareEntryIDs(logon->address, size1, (ENTRYID *)id1, size2,
                                                 (ENTRYID *)id2, 0, ret_result);
    provider_objects_unref(logon);
    return hr;
}
