/* simple/session.c - a session of Simple MAPI: logging on, the store, the end */
#include "simple/session.h"

#include <stdlib.h>

#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "simple/outgoing.h"
#include "simple/result.h"

/* --- Logging on ------------------------------------------------------------------------------- */

static bool is_given(const char *text)
{
    return text && text[0];
}

/* A name asks for that profile, unless there is a shared session and no new one is wanted
 * (SMP-017); the session stays the caller's own (SMP-013). */
static HRESULT log_on_named(const struct simple_logon *logon, ULONG ui, IMAPISession **ret_session)
{
    HRESULT hr = MAPI_E_LOGON_FAILED;

    if (!(logon->flags & MAPI_NEW_SESSION))
        hr = MAPILogonEx(logon->ui_param, NULL, NULL, MAPI_EXTENDED, ret_session);
    if (FAILED(hr))
        hr = MAPILogonEx(logon->ui_param, (LPTSTR)logon->profile, (LPTSTR)logon->password,
                         MAPI_EXTENDED | MAPI_SIMPLE_EXPLICIT | ui, ret_session);
    return hr;
}

/* Without one it is the shared session, or the default profile, then shared (SMP-012). Of
 * MAPI_SIMPLE_DEFAULT the dialog is left out unless the caller asks for it (SMP-006). */
static HRESULT log_on_default(const struct simple_logon *logon, ULONG ui,
                              IMAPISession **ret_session)
{
    ULONG flags = MAPI_EXTENDED | ui;

    if (logon->flags & MAPI_NEW_SESSION)
        flags |= MAPI_NEW_SESSION | MAPI_FORCE_DOWNLOAD;
    else
        flags |= MAPI_SIMPLE_DEFAULT & ~(ULONG)MAPI_LOGON_UI;
    if (logon->may_use_default)
        flags |= MAPI_USE_DEFAULT;
    return MAPILogonEx(logon->ui_param, NULL, (LPTSTR)logon->password, flags, ret_session);
}

static HRESULT log_on(const struct simple_logon *logon, IMAPISession **ret_session)
{
    ULONG ui = logon->flags & (MAPI_LOGON_UI | MAPI_PASSWORD_UI);

    if (is_given(logon->profile))
        return log_on_named(logon, ui, ret_session);
    return log_on_default(logon, ui, ret_session);
}

/* --- The store -------------------------------------------------------------------------------- */

/* How fit a store is: flagged for Simple MAPI, the default one, any (SMP-011). */
static int rank_of(const SRow *row)
{
    const SPropValue *flags = PpropFindProp(row->lpProps, row->cValues, PR_RESOURCE_FLAGS);
    const SPropValue *is_default = PpropFindProp(row->lpProps, row->cValues, PR_DEFAULT_STORE);

    if (flags && flags->Value.l & STATUS_SIMPLE_STORE)
        return 2;
    return is_default && is_default->Value.b ? 1 : 0;
}

static const SBinary *choose_store(const SRowSet *rows)
{
    const SBinary *chosen = NULL;
    int best = -1;

    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *id =
            PpropFindProp(rows->aRow[i].lpProps, rows->aRow[i].cValues, PR_ENTRYID);

        if (id && rank_of(&rows->aRow[i]) > best) {
            best = rank_of(&rows->aRow[i]);
            chosen = &id->Value.bin;
        }
    }
    return chosen;
}

static HRESULT open_store(IMAPISession *session, IMsgStore **ret_store)
{
    static const SizedSPropTagArray(3, columns) = {
        3, {PR_ENTRYID, PR_RESOURCE_FLAGS, PR_DEFAULT_STORE}};
    const SBinary *chosen;
    IMAPITable *table;
    SRowSet *rows = NULL;
    HRESULT hr = IMAPISession_GetMsgStoresTable(session, 0, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    IMAPITable_Release(table);
    if (FAILED(hr))
        return hr;
    chosen = choose_store(rows);
    hr = chosen ? IMAPISession_OpenMsgStore(session, 0, chosen->cb, (ENTRYID *)chosen->lpb, NULL,
                                            MAPI_BEST_ACCESS | MDB_NO_DIALOG, ret_store)
                : MAPI_E_LOGON_FAILED;
    FreeProws(rows);
    return hr;
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void end_session(struct simple_session *session)
{
    walk_clear(&session->walk);
    if (session->store) {
        if (session->submitted.lpb)
            outgoing_wait(session->session, session->store, &session->submitted);
        IMsgStore_Release(session->store);
    }
    if (session->session) {
        IMAPISession_Logoff(session->session, 0, 0, 0);
        IMAPISession_Release(session->session);
    }
    MAPIUninitialize();
    mapi_free(session->submitted.lpb);
    message_ids_clear(&session->ids);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

ULONG simple_session_begin(const struct simple_logon *logon, struct simple_session **ret_session)
{
    MAPIINIT_0 init = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};
    struct simple_session *session;
    HRESULT hr = MAPIInitialize(&init);

    if (FAILED(hr))
        return simple_result_of_logon(hr);
    session = calloc(1, sizeof(*session));
    if (!session) {
        MAPIUninitialize();
        return MAPI_E_INSUFFICIENT_MEMORY;
    }
    atomic_init(&session->refs, 1);
    pthread_mutex_init(&session->lock, NULL);
    message_ids_init(&session->ids);
    walk_init(&session->walk);
    hr = log_on(logon, &session->session);
    if (SUCCEEDED(hr))
        hr = open_store(session->session, &session->store);
    if (FAILED(hr)) {
        end_session(session);
        return simple_result_of_logon(hr);
    }
    *ret_session = session;
    return SUCCESS_SUCCESS;
}

void simple_session_unref(struct simple_session *session)
{
    if (session && atomic_fetch_sub(&session->refs, 1) == 1)
        end_session(session);
}

/* --- Handles ---------------------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    LHANDLE last; /* that was given */
    struct {
        LHANDLE handle; /* 0: a free place */
        struct simple_session *session;
    } places[SESSIONS_MAX];
} handles = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Lock held. SESSIONS_MAX: nowhere. */
static size_t place_of(LHANDLE handle)
{
    size_t at = 0;

    while (at < SESSIONS_MAX && handles.places[at].handle != handle)
        at++;
    return at;
}

ULONG simple_session_publish(struct simple_session *session, LHANDLE *ret_handle)
{
    ULONG result = MAPI_E_TOO_MANY_SESSIONS;
    size_t at;

    pthread_mutex_lock(&handles.lock);
    at = place_of(0);
    if (at < SESSIONS_MAX) {
        handles.places[at].session = session;
        handles.places[at].handle = ++handles.last;
        *ret_handle = handles.last;
        result = SUCCESS_SUCCESS;
    }
    pthread_mutex_unlock(&handles.lock);
    return result;
}

ULONG simple_session_withdraw(LHANDLE handle, struct simple_session **ret_session)
{
    ULONG result = MAPI_E_INVALID_SESSION;
    size_t at;

    if (handle == lhSessionNull)
        return result;
    pthread_mutex_lock(&handles.lock);
    at = place_of(handle);
    if (at < SESSIONS_MAX) {
        *ret_session = handles.places[at].session;
        handles.places[at].session = NULL;
        handles.places[at].handle = 0;
        result = SUCCESS_SUCCESS;
    }
    pthread_mutex_unlock(&handles.lock);
    return result;
}

ULONG simple_session_find(LHANDLE handle, struct simple_session **ret_session)
{
    ULONG result = MAPI_E_INVALID_SESSION;
    size_t at;

    if (handle == lhSessionNull)
        return result;
    pthread_mutex_lock(&handles.lock);
    at = place_of(handle);
    if (at < SESSIONS_MAX) {
        *ret_session = handles.places[at].session;
        atomic_fetch_add(&(*ret_session)->refs, 1);
        result = SUCCESS_SUCCESS;
    }
    pthread_mutex_unlock(&handles.lock);
    return result;
}

ULONG simple_session_use(LHANDLE handle, ULONG_PTR ui_param, FLAGS flags,
                         struct simple_session **ret_session)
{
    const struct simple_logon logon = {
        .flags = flags & (MAPI_LOGON_UI | MAPI_PASSWORD_UI | MAPI_NEW_SESSION),
        .ui_param = ui_param,
        .may_use_default = true,
    };

    return handle == lhSessionNull ? simple_session_begin(&logon, ret_session)
                                   : simple_session_find(handle, ret_session);
}

/* --- Objects ---------------------------------------------------------------------------------- */

ULONG simple_session_open(struct simple_session *session, const SBinary *entry_id,
                          ULONG wanted_type, void *ret_object)
{
    IUnknown *object = NULL;
    ULONG type = 0;
    HRESULT hr = IMsgStore_OpenEntry(session->store, entry_id->cb, (ENTRYID *)entry_id->lpb, NULL,
                                     MAPI_BEST_ACCESS, &type, &object);

    if (FAILED(hr))
        return simple_result_of_message(hr);
    if (type != wanted_type) {
        IUnknown_Release(object);
        return MAPI_E_INVALID_MESSAGE;
    }
    *(IUnknown **)ret_object = object;
    return SUCCESS_SUCCESS;
}

ULONG simple_session_open_folder(struct simple_session *session, ULONG id_tag,
                                 IMAPIFolder **ret_folder)
{
    SPropValue *id = NULL;
    ULONG result;
    HRESULT hr = HrGetOneProp((IMAPIProp *)session->store, id_tag, &id);

    if (FAILED(hr))
        return simple_result(hr);
    result = simple_session_open(session, &id->Value.bin, MAPI_FOLDER, ret_folder);
    MAPIFreeBuffer(id);
    return result == MAPI_E_INVALID_MESSAGE ? MAPI_E_FAILURE : result;
}

ULONG simple_session_open_message(struct simple_session *session, const char *message_id,
                                  IMessage **ret_message)
{
    SBinary entry_id;
    ULONG result = message_id_read(&session->ids, message_id, &entry_id);

    if (result != SUCCESS_SUCCESS)
        return result;
    result = simple_session_open(session, &entry_id, MAPI_MESSAGE, ret_message);
    mapi_free(entry_id.lpb);
    return result;
}
