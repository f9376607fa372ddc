/* session/support.c - what a provider may ask of the session: IMAPISupport
 *
 * One object a logon; with the last one of those that a provider has, its status row goes (STA-026,
 * STA-027): at its logoff, or when the provider gives it up. ModifyStatusRow, Notify and Release
 * may come from an engine thread: memory only. What belongs to dialogs, templates and forms is not
 * there and says so. */
#include <stdlib.h>
#include <string.h>

#include "mapi/dispatch_source.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/progress.h"
#include "mapi/prop.h"
#include "mapi/text.h"
#include "session/address_book.h"
#include "session/make_invalid.h"
#include "session/open_entry.h"
#include "session/session.h"
#include "session/spooler.h"
#include "session/store_entryid.h"
#include "session/support_basics.h"

struct support {
    IMAPISupport IMAPISupport_iface;
    IMgDispatchSource IMgDispatchSource_iface;
    struct mapi_object object;
    struct session *session;           /* our reference */
    struct session_provider *provider; /* the session's */

    /* Under the session's lock. */
    bool has_row; /* counted in provider->row_users */
    bool retired; /* its logon has ended: a call that was under way changes nothing any more */
};

/* --- Memory, ids, errors ---------------------------------------------------------------------- */

static HRESULT support_GetMemAllocRoutines(struct support *support, LPALLOCATEBUFFER *buffer,
                                           LPALLOCATEMORE *more, LPFREEBUFFER *free_buffer)
{
    (void)support;
    return support_basics_allocators(buffer, more, free_buffer);
}

static HRESULT support_NewUID(struct support *support, LPMAPIUID ret_uid)
{
    (void)support;
    return support_basics_uid(ret_uid);
}

static HRESULT support_SetProviderUID(struct support *support, LPMAPIUID uid, ULONG flags)
{
    struct session_provider *provider = support->provider;
    HRESULT hr = S_OK;
    size_t at = 0;

    if (!uid)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    pthread_mutex_lock(&support->session->lock);
    while (at < provider->uid_count && memcmp(&provider->uids[at], uid, sizeof(*uid)) != 0)
        at++;
    if (at == PROVIDER_UIDS_MAX)
        hr = MAPI_E_NOT_ENOUGH_RESOURCES;
    else if (at == provider->uid_count)
        provider->uids[provider->uid_count++] = *uid;
    pthread_mutex_unlock(&support->session->lock);
    return hr;
}

static HRESULT support_WrapStoreEntryID(struct support *support, ULONG size, LPENTRYID id,
                                        ULONG *ret_size, LPENTRYID *ret_wrapped)
{
    if (!ret_size || !ret_wrapped)
        return MAPI_E_INVALID_PARAMETER;
    return store_entryid_wrap(support->provider->profile->dll_name, size, id, ret_size,
                              ret_wrapped);
}

static HRESULT support_CreateOneOff(struct support *support, LPTSTR name, LPTSTR type,
                                    LPTSTR address, ULONG flags, ULONG *ret_size, LPENTRYID *ret_id)
{
    (void)support;
    return oneoff_from_arguments(name, type, address, flags, ret_size, ret_id);
}

static HRESULT support_MakeInvalid(struct support *support, ULONG flags, LPVOID object, ULONG refs,
                                   ULONG methods)
{
    (void)support;
    return flags ? MAPI_E_UNKNOWN_FLAGS : make_invalid(object, refs, methods);
}

/* --- The status row --------------------------------------------------------------------------- */

/* What a transport's row says where the transport says nothing (STA-058). */
static const WCHAR *default_string(ULONG code)
{
    if (code & STATUS_FAILURE)
        return u"failure";
    if (code & STATUS_OFFLINE)
        return u"offline";
    if (code & (STATUS_OUTBOUND_ACTIVE | STATUS_OUTBOUND_FLUSH))
        return u"sending";
    if (code & (STATUS_INBOUND_ACTIVE | STATUS_INBOUND_FLUSH))
        return u"receiving";
    return u"ready";
}

static const SPropValue *find_column(const SPropValue *columns, ULONG count, ULONG id)
{
    for (ULONG i = 0; i < count; i++)
        if (PROP_ID(columns[i].ulPropTag) == id && PROP_TYPE(columns[i].ulPropTag) != PT_ERROR)
            return &columns[i];
    return NULL;
}

/* The columns, with the string that the spooler adds; `out` has room for one more. Lock held. */
static ULONG with_string(struct session_provider *provider, const SPropValue *columns, ULONG count,
                         SPropValue *out)
{
    const SPropValue *code = find_column(columns, count, PROP_ID(PR_STATUS_CODE));
    bool has_string = find_column(columns, count, PROP_ID(PR_STATUS_STRING)) != NULL;

    if (count)
        memcpy(out, columns, count * sizeof(*out));
    if (has_string)
        provider->row_has_no_string = false;
    else if (!provider->row && provider->profile->resource_type == MAPI_TRANSPORT_PROVIDER)
        provider->row_has_no_string = true;
    if (!provider->row_has_no_string || (provider->row && !code))
        return count;
    out[count].ulPropTag = PR_STATUS_STRING_W;
    out[count].Value.lpszW = (WCHAR *)default_string(code ? (ULONG)code->Value.l : 0);
    return count + 1;
}

static HRESULT add_row(struct support *support, const SPropValue *columns, ULONG count)
{
    const struct profile_provider *profile = support->provider->profile;
    const struct status_resource resource = {
        .uid = profile->uid,
        .type = profile->resource_type,
        .flags = support->provider->resource_flags,
        .dll_name = profile->dll_name,
    };

    return status_table_add(support->session->status, &resource, columns, count,
                            &support->provider->row);
}

static HRESULT write_row(struct support *support, const SPropValue *columns, ULONG count,
                         ULONG flags)
{
    struct session_provider *provider = support->provider;
    HRESULT hr;

    if (provider->row)
        hr = status_table_merge(support->session->status, provider->row, columns, count);
    else if (flags & STATUSROW_UPDATE)
        hr = MAPI_E_NOT_FOUND;
    else
        hr = add_row(support, columns, count);
    if (SUCCEEDED(hr) && !support->has_row) {
        support->has_row = true;
        provider->row_users++;
    }
    return hr;
}

/* A repeated logon adds no second row (STA-031); without flags its columns are merged as well. */
static HRESULT support_ModifyStatusRow(struct support *support, ULONG count, LPSPropValue columns,
                                       ULONG flags)
{
    SPropValue *all;
    HRESULT hr;

    if (flags & ~(ULONG)STATUSROW_UPDATE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (count && !columns)
        return MAPI_E_INVALID_PARAMETER;
    all = mapi_alloc_array(NULL, (size_t)count + 1, sizeof(*all));
    if (!all)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    pthread_mutex_lock(&support->session->lock);
    hr = support->retired
             ? MAPI_E_INVALID_OBJECT
             : write_row(support, all, with_string(support->provider, columns, count, all), flags);
    pthread_mutex_unlock(&support->session->lock);
    mapi_free(all);
    return hr;
}

static void give_row_up(struct support *support)
{
    struct session_provider *provider = support->provider;

    pthread_mutex_lock(&support->session->lock);
    support->retired = true;
    if (support->has_row && --provider->row_users == 0 && provider->row) {
        status_table_remove(support->session->status, provider->row);
        provider->row = 0;
    }
    support->has_row = false;
    pthread_mutex_unlock(&support->session->lock);
}

/* --- Profile, objects of others --------------------------------------------------------------- */

static HRESULT support_OpenProfileSection(struct support *support, LPMAPIUID uid, ULONG flags,
                                          LPPROFSECT *ret_section)
{
    struct error_info error = {0};
    HRESULT hr;

    if (!ret_section)
        return MAPI_E_INVALID_PARAMETER;
    *ret_section = NULL;
    if (flags & ~(ULONG)(MAPI_MODIFY | MAPI_DEFERRED_ERRORS | MAPI_FORCE_ACCESS))
        return MAPI_E_UNKNOWN_FLAGS;
    /* The provider may keep it: it belongs to the library's end, not to this object. */
    hr = session_profile_open_section(
        support->session->profile, &support->session->subsystem->object,
        uid ? uid : &support->provider->profile->uid, flags | MAPI_FORCE_ACCESS,
        SECTION_OF_PROVIDER, &error, ret_section);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&support->object, &error) : hr;
}

static HRESULT support_OpenEntry(struct support *support, ULONG size, LPENTRYID id, LPCIID iid,
                                 ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    struct error_info error = {0};
    HRESULT hr = session_open_entry(support->session, &support->object, size, id, iid, flags,
                                    &error, ret_type, ret_unknown);

    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&support->object, &error) : hr;
}

static HRESULT support_CompareEntryIDs(struct support *support, ULONG size1, LPENTRYID id1,
                                       ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    return session_compare_entryids(support->session, size1, id1, size2, id2, flags, ret_result);
}

static HRESULT copy_between(LPCIID iid, LPVOID source, const SPropTagArray *include,
                            const SPropTagArray *exclude, ULONG_PTR ui_param,
                            LPMAPIPROGRESS progress, LPCIID dest_iid, LPVOID dest, ULONG flags,
                            LPSPropProblemArray *ret_problems)
{
    const struct prop_copy copy = {
        .source = source,
        .dest = dest,
        .iid = dest_iid,
        .include = include,
        .exclude = exclude,
        .progress = progress,
        .ui_param = ui_param,
        .flags = flags,
    };

    (void)iid; /* all that can be copied begins with IMAPIProp's slots */
    if (!source || !dest || !dest_iid)
        return MAPI_E_INVALID_PARAMETER;
    return prop_copy(&copy, ret_problems);
}

static HRESULT support_DoCopyTo(struct support *support, LPCIID iid, LPVOID source,
                                ULONG exclude_count, LPCIID exclude_iids, LPSPropTagArray exclude,
                                ULONG_PTR ui_param, LPMAPIPROGRESS progress, LPCIID dest_iid,
                                LPVOID dest, ULONG flags, LPSPropProblemArray *ret_problems)
{
    (void)support;
    (void)exclude_count;
    (void)exclude_iids;
    return copy_between(iid, source, NULL, exclude, ui_param, progress, dest_iid, dest, flags,
                        ret_problems);
}

static HRESULT support_DoCopyProps(struct support *support, LPCIID iid, LPVOID source,
                                   LPSPropTagArray include, ULONG_PTR ui_param,
                                   LPMAPIPROGRESS progress, LPCIID dest_iid, LPVOID dest,
                                   ULONG flags, LPSPropProblemArray *ret_problems)
{
    (void)support;
    if (!include)
        return MAPI_E_INVALID_PARAMETER;
    return copy_between(iid, source, include, NULL, ui_param, progress, dest_iid, dest, flags,
                        ret_problems);
}

/* --- Notifications between providers and clients ---------------------------------------------- */

/* NOTIFY_SYNC is for a provider's own sinks: those of clients never run inside the call that causes
 * an event (MEM-071). */
static HRESULT support_Subscribe(struct support *support, LPNOTIFKEY key, ULONG mask, ULONG flags,
                                 LPMAPIADVISESINK sink, ULONG_PTR *ret_connection)
{
    struct listener *listener;
    HRESULT hr;

    if (!key || !sink || !ret_connection)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)NOTIFY_SYNC)
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & NOTIFY_SYNC && sink_has_thread(sink))
        return MAPI_E_INVALID_PARAMETER;
    hr = listener_create(flags & NOTIFY_SYNC ? NULL : support->session->subsystem->dispatcher, NULL,
                         sink, NULL, &listener);
    if (FAILED(hr))
        return hr;
    hr = advise_list_add(&support->session->notify_keys, listener, mask, key->ab, key->cb,
                         ret_connection);
    listener_unref(listener);
    return hr;
}

static HRESULT support_Unsubscribe(struct support *support, ULONG_PTR connection)
{
    return advise_list_remove(&support->session->notify_keys, connection);
}

/* One that cancels stops the synchronous ones only: what clients wait for still comes. */
static HRESULT support_Notify(struct support *support, LPNOTIFKEY key, ULONG count,
                              LPNOTIFICATION notifications, ULONG *flags)
{
    bool canceled;

    if (!key || (count && !notifications))
        return MAPI_E_INVALID_PARAMETER;
    for (ULONG i = 0; i < count; i++)
        advise_list_post(&support->session->notify_keys, &notifications[i], key->ab, key->cb);
    canceled =
        !advise_list_call(&support->session->notify_keys, notifications, count, key->ab, key->cb);
    if (flags)
        *flags = canceled ? NOTIFY_CANCELED : 0;
    return S_OK;
}

/* --- Spooler ---------------------------------------------------------------------------------- */

static HRESULT support_SpoolerNotify(struct support *support, ULONG flags, LPVOID data)
{
    struct spooler *spooler = session_spooler(support->session);
    HRESULT hr = spooler_notify(spooler, flags);

    (void)data;
    spooler_unref(spooler);
    return hr;
}

static HRESULT support_SpoolerYield(struct support *support, ULONG flags)
{
    (void)support;
    return flags ? MAPI_E_UNKNOWN_FLAGS
                 : S_OK; /* it has a thread of its own: nothing to yield to */
}

static HRESULT support_StoreLogoffTransports(struct support *support, ULONG *flags)
{
    (void)support;
    if (!flags)
        return MAPI_E_INVALID_PARAMETER;
    *flags = 0; /* nothing of the store is in the spooler's hands: it may go at once */
    return S_OK;
}

/* --- The address book ------------------------------------------------------------------------- */

static HRESULT support_OpenAddressBook(struct support *support, LPCIID iid, ULONG flags,
                                       LPADRBOOK *ret_book)
{
    struct error_info error = {0};
    HRESULT hr = session_open_address_book(support->session, &support->object, 0, iid, flags,
                                           &error, ret_book);

    if (hr == MAPI_W_ERRORS_RETURNED) {
        error.hr = hr; /* GetLastError is asked with what the provider got */
        mapi_object_fail(&support->object, &error);
    }
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&support->object, &error) : hr;
}

static HRESULT support_NewEntry(struct support *support, ULONG_PTR ui_param, ULONG flags,
                                ULONG container_size, LPENTRYID container, ULONG template_size,
                                LPENTRYID template, ULONG *ret_size, LPENTRYID *ret_id)
{
    (void)ui_param;
    return session_new_entry(support->session, &support->object, flags, container_size, container,
                             template_size, template, ret_size, ret_id);
}

/* There is no screen: what is reported is kept and shown nowhere. */
static HRESULT support_DoProgressDialog(struct support *support, ULONG_PTR ui_param, ULONG flags,
                                        LPMAPIPROGRESS *ret_progress)
{
    (void)ui_param;
    if (!ret_progress)
        return MAPI_E_INVALID_PARAMETER;
    *ret_progress = NULL;
    if (flags & ~(ULONG)MAPI_TOP_LEVEL)
        return MAPI_E_UNKNOWN_FLAGS;
    return progress_create(&support->object, ret_progress);
}

/* @thunks IMAPISupport support support none=RegisterPreprocessor,OpenTemplateID,
 * GetOneOffTable,Address,Details,DoConfigPropsheet,CopyMessages,CopyFolder,
 * ReadReceipt,PrepareSubmit,ExpandRecips,UpdatePAB,DoSentMail,
 * Preprocess,CompleteMsg,StatusRecips,ModifyProfile,IStorageFromStream,GetSvcConfigSupportObj */
#include "session/support_thunks.inc"

/* --- Where our own providers' tables deliver --- */

static struct support *support_from_source(IMgDispatchSource *iface)
{
    return container_of(iface, struct support, IMgDispatchSource_iface);
}

static HRESULT STDMETHODCALLTYPE source_QueryInterface(IMgDispatchSource *iface, REFIID iid,
                                                       LPVOID *ret)
{
    return mapi_object_query(&support_from_source(iface)->object, iid, ret);
}

static ULONG STDMETHODCALLTYPE source_AddRef(IMgDispatchSource *iface)
{
    return mapi_object_ref(&support_from_source(iface)->object);
}

static ULONG STDMETHODCALLTYPE source_Release(IMgDispatchSource *iface)
{
    return mapi_object_unref(&support_from_source(iface)->object);
}

static struct dispatcher *source_GetDispatcher(IMgDispatchSource *iface)
{
    return dispatcher_ref(support_from_source(iface)->session->subsystem->dispatcher);
}

static HRESULT source_GetStatusEntryID(IMgDispatchSource *iface, void *root, SBinary *ret_id)
{
    BYTE id[STATUS_ENTRYID_SIZE];

    status_entryid_make(&support_from_source(iface)->provider->profile->uid, id);
    ret_id->lpb = mapi_memdup(root, id, sizeof(id));
    ret_id->cb = sizeof(id);
    return ret_id->lpb ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static const IMgDispatchSourceVtbl source_vtbl = {
    .QueryInterface = source_QueryInterface,
    .AddRef = source_AddRef,
    .Release = source_Release,
    .GetDispatcher = source_GetDispatcher,
    .GetStatusEntryID = source_GetStatusEntryID,
};

static const struct mapi_face support_faces[] = {
    MAPI_FACE(struct support, IID_IMAPISup, IMAPISupport_iface),
    MAPI_FACE(struct support, IID_IMgDispatchSource, IMgDispatchSource_iface),
};

static void support_destroy(struct mapi_object *object)
{
    struct support *support = container_of(object, struct support, object);

    if (!atomic_load(&support->session->subsystem->left_behind)) {
        give_row_up(support);
        session_unref(support->session);
    }
    mapi_object_clear(object);
    free(support);
}

static const struct mapi_class support_class = {
    .name = "support",
    .destroy = support_destroy,
    .faces = support_faces,
    .face_count = sizeof(support_faces) / sizeof(support_faces[0]),
};

HRESULT support_create(struct session_provider *provider, IMAPISupport **ret_support)
{
    struct support *support = calloc(1, sizeof(*support));

    if (!support)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    support->IMAPISupport_iface.lpVtbl = &support_vtbl;
    support->IMgDispatchSource_iface.lpVtbl = &source_vtbl;
    support->provider = provider;
    support->session = session_ref(provider->session);
    mapi_object_init(&support->object, &support_class, &provider->session->subsystem->object);
    *ret_support = &support->IMAPISupport_iface;
    return S_OK;
}

void support_invalidate(IMAPISupport *iface)
{
    struct support *support = support_from_IMAPISupport(iface);

    mapi_object_invalidate(&support->object);
    give_row_up(support);
}
