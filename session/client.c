/* session/client.c - one client of a session: IMAPISession
 *
 * Methods check their arguments, hand the work to the room's other files, and keep what went wrong
 * for GetLastError. Logoff ends what this client has; the session ends with its last client.
 * Behaviour: SES-104 to SES-210. */
#include "session/client.h"

#include <stdlib.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/address_book.h"
#include "session/connections.h"
#include "session/open_entry.h"
#include "session/spooler.h"

struct client {
    IMAPISession IMAPISession_iface;
    struct mapi_object object;
    struct client *next;            /* in the session's list, under its lock */
    struct session *session;        /* our reference */
    struct advise_list events;      /* Advise without an entry id: session events */
    struct connections connections; /* Advise with one, handed on to providers */
    atomic_bool logged_off;
};

static HRESULT keep(struct client *client, HRESULT hr, const struct error_info *error)
{
    if (FAILED(hr) && error->hr == hr)
        return mapi_object_fail(&client->object, error);
    return hr;
}

static WAITS void wait_for_spooler(struct session *session)
{
    struct spooler *spooler = session_spooler(session);

    spooler_wait_started(spooler);
    spooler_unref(spooler);
}

/* --- Tables ----------------------------------------------------------------------------------- */

static HRESULT client_GetMsgStoresTable(struct client *client, ULONG flags, LPMAPITABLE *ret_table)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    return store_table_open(client->session->stores, &client->object, flags, ret_table);
}

static HRESULT client_GetStatusTable(struct client *client, ULONG flags, LPMAPITABLE *ret_table)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    wait_for_spooler(client->session); /* STA-012 */
    return status_table_open(client->session->status, &client->object, flags, ret_table);
}

/* --- Objects ---------------------------------------------------------------------------------- */

static HRESULT client_OpenMsgStore(struct client *client, ULONG_PTR ui_param, ULONG size,
                                   LPENTRYID id, LPCIID iid, ULONG flags, LPMDB *ret_store)
{
    const ULONG known = MDB_NO_DIALOG | MDB_NO_MAIL | MDB_TEMPORARY | MDB_WRITE | MDB_ONLINE |
                        MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS | MAPI_UNICODE;
    struct error_info error = {0};
    HRESULT hr;

    if (flags & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_store)
        return MAPI_E_INVALID_PARAMETER;
    *ret_store = NULL;
    if (!id || size == 0)
        return MAPI_E_INVALID_ENTRYID; /* SES-143 */
    hr = session_open_store(client->session, ui_param, size, id, iid, flags, &error, ret_store);
    return keep(client, hr, &error);
}

static HRESULT client_OpenEntry(struct client *client, ULONG size, LPENTRYID id, LPCIID iid,
                                ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    struct error_info error = {0};
    HRESULT hr = session_open_entry(client->session, &client->object, size, id, iid, flags, &error,
                                    ret_type, ret_unknown);

    return keep(client, hr, &error);
}

static HRESULT client_CompareEntryIDs(struct client *client, ULONG size1, LPENTRYID id1,
                                      ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    return session_compare_entryids(client->session, size1, id1, size2, id2, flags, ret_result);
}

static HRESULT client_OpenProfileSection(struct client *client, LPMAPIUID uid, LPCIID iid,
                                         ULONG flags, LPPROFSECT *ret_section)
{
    const ULONG known = MAPI_MODIFY | MAPI_DEFERRED_ERRORS | MAPI_FORCE_ACCESS;
    struct error_info error = {0};
    HRESULT hr;

    if (flags & ~known)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_section)
        return MAPI_E_INVALID_PARAMETER;
    *ret_section = NULL;
    if (iid && !guid_equal(iid, &IID_IProfSect) && !guid_equal(iid, &IID_IMAPIProp))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = session_profile_open_section(client->session->profile, &client->object, uid, flags,
                                      SECTION_OF_CLIENT, &error, ret_section);
    return keep(client, hr, &error);
}

/* The object comes all the same when address books failed (SES-171, SES-174). */
static HRESULT client_OpenAddressBook(struct client *client, ULONG_PTR ui_param, LPCIID iid,
                                      ULONG flags, LPADRBOOK *ret_book)
{
    struct error_info error = {0};
    HRESULT hr = session_open_address_book(client->session, &client->object, ui_param, iid, flags,
                                           &error, ret_book);

    if (hr == MAPI_W_ERRORS_RETURNED) {
        error.hr = hr; /* GetLastError is asked with what the client got */
        mapi_object_fail(&client->object, &error);
    }
    return keep(client, hr, &error);
}

static HRESULT client_AdminServices(struct client *client, ULONG flags, LPSERVICEADMIN *ret_admin)
{
    if (!ret_admin)
        return MAPI_E_INVALID_PARAMETER;
    *ret_admin = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS; /* SES-183 */
    return session_profile_admin_services(client->session->profile, &client->object, flags,
                                          ret_admin);
}

static HRESULT client_QueryIdentity(struct client *client, ULONG *ret_size, LPENTRYID *ret_id)
{
    if (!ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    wait_for_spooler(client->session); /* SES-091: it may */
    return session_query_identity(client->session, ret_size, ret_id);
}

static HRESULT client_EnumAdrTypes(struct client *client, ULONG flags, ULONG *ret_count,
                                   LPTSTR **ret_types)
{
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_count || !ret_types)
        return MAPI_E_INVALID_PARAMETER;
    wait_for_spooler(client->session);
    return session_address_types(client->session, flags, ret_count, ret_types);
}

/* --- Default store ---------------------------------------------------------------------------- */

static const struct {
    ULONG flag, status;
} store_flags[] = {
    {MAPI_DEFAULT_STORE, STATUS_DEFAULT_STORE},
    {MAPI_SIMPLE_STORE_TEMPORARY, STATUS_SIMPLE_STORE},
    {MAPI_SIMPLE_STORE_PERMANENT, STATUS_SIMPLE_STORE},
    {MAPI_PRIMARY_STORE, STATUS_PRIMARY_STORE},
    {MAPI_SECONDARY_STORE, STATUS_SECONDARY_STORE},
};
#define STORE_FLAG_COUNT (sizeof(store_flags) / sizeof(store_flags[0]))

/* Sets the resource flag on the store of that id and clears it on the others; NULL clears all
 * (SES-159 to SES-168). */
static HRESULT client_SetDefaultStore(struct client *client, ULONG flags, ULONG size, LPENTRYID id)
{
    struct error_info error = {0};
    size_t at = 0;
    MAPIUID uid;
    HRESULT hr;

    while (at < STORE_FLAG_COUNT && store_flags[at].flag != flags)
        at++;
    if (at == STORE_FLAG_COUNT) /* SES-159: none, two, or an unknown one */
        return MAPI_E_UNKNOWN_FLAGS;
    if (id && !store_table_find(client->session->stores, size, id, &uid))
        return MAPI_E_NOT_FOUND;
    hr = session_set_store_flag(client->session, id ? &uid : NULL, store_flags[at].status,
                                flags != MAPI_SIMPLE_STORE_TEMPORARY, &error);
    return keep(client, hr, &error);
}

/* --- Notifications ---------------------------------------------------------------------------- */

static HRESULT advise_session(struct client *client, ULONG mask, LPMAPIADVISESINK sink,
                              ULONG_PTR *ret_connection)
{
    struct listener *listener;
    HRESULT hr =
        listener_create(client->session->subsystem->dispatcher, NULL, sink, NULL, &listener);

    if (FAILED(hr))
        return hr;
    /* SES-201: critical errors come whatever the mask. */
    hr = advise_list_add(&client->events, listener, mask | fnevCriticalError, NULL, 0,
                         ret_connection);
    listener_unref(listener);
    return hr;
}

static HRESULT client_Advise(struct client *client, ULONG size, LPENTRYID id, ULONG mask,
                             LPMAPIADVISESINK sink, ULONG_PTR *ret_connection)
{
    if (!sink || !ret_connection)
        return MAPI_E_INVALID_PARAMETER;
    if (!id)
        return advise_session(client, mask, sink, ret_connection);
    return session_advise_entry(client->session, &client->connections, size, id, mask, sink,
                                ret_connection);
}

static HRESULT client_Unadvise(struct client *client, ULONG_PTR connection)
{
    HRESULT hr = connections_remove(&client->connections, connection);

    return hr == MAPI_E_NOT_FOUND ? advise_list_remove(&client->events, connection) : hr;
}

/* --- The end ---------------------------------------------------------------------------------- */

static void post_to_others(struct client *from, const NOTIFICATION *notification)
{
    struct session *session = from->session;

    pthread_mutex_lock(&session->lock);
    for (struct client *client = session->clients; client; client = client->next)
        if (client != from)
            advise_list_post(&client->events, notification, NULL, 0);
    pthread_mutex_unlock(&session->lock);
}

/* SES-107, SES-111: the sharers are asked to go by a critical error. */
static void tell_shared_logoff(struct client *client)
{
    NOTIFICATION notification = {.ulEventType = fnevCriticalError};

    notification.info.err.scode = MAPI_E_END_OF_SESSION;
    notification.info.err.ulFlags = MAPI_UNICODE;
    post_to_others(client, &notification);
}

static void tell_logoff(struct client *client) /* SES-112 */
{
    NOTIFICATION notification = {.ulEventType = fnevExtended};

    notification.info.ext.ulEvent = MAPI_LOGOFF_SHARED;
    post_to_others(client, &notification);
}

/* Lock held: the subsystem's. */
static void take_out(struct mapi_subsystem *subsystem, struct session *session)
{
    struct session **link = &subsystem->sessions;

    while (*link && *link != session)
        link = &(*link)->next;
    if (*link)
        *link = session->next;
    session->next = NULL;
    if (subsystem->shared == session)
        subsystem->shared = NULL;
}

/* Takes the client out of its session; true: it was the last. */
static bool leave(struct client *client)
{
    struct session *session = client->session;
    struct client **link = &session->clients;
    bool last;

    pthread_mutex_lock(&session->subsystem->lock);
    pthread_mutex_lock(&session->lock);
    while (*link && *link != client)
        link = &(*link)->next;
    if (*link)
        *link = client->next;
    last = --session->client_count == 0;
    session->ended |= last;
    pthread_mutex_unlock(&session->lock);
    if (last)
        take_out(session->subsystem, session);
    pthread_mutex_unlock(&session->subsystem->lock);
    return last;
}

static HRESULT join(struct client *client)
{
    struct session *session = client->session;
    struct mapi_subsystem *subsystem = session->subsystem;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&subsystem->lock);
    pthread_mutex_lock(&session->lock);
    if (subsystem->closed)
        hr = MAPI_E_NOT_INITIALIZED;
    else if (session->ended)
        hr = MAPI_E_END_OF_SESSION;
    if (SUCCEEDED(hr)) {
        client->next = session->clients;
        session->clients = client;
        if (session->client_count++ == 0) {
            session->next = subsystem->sessions;
            subsystem->sessions = session;
        }
    }
    pthread_mutex_unlock(&session->lock);
    pthread_mutex_unlock(&subsystem->lock);
    return hr;
}

static WAITS void log_off(struct client *client)
{
    if (atomic_exchange(&client->logged_off, true))
        return;
    mapi_object_invalidate(&client->object); /* SES-105, SES-113 */
    tell_logoff(client);
    advise_list_clear(&client->events);
    connections_clear(&client->connections);
    if (leave(client))
        session_end(client->session);
}

/* One that can still be logged off, with a reference; those that go by themselves are left out. */
static struct client *pick_client(struct session *session)
{
    struct client *client;

    pthread_mutex_lock(&session->lock);
    for (client = session->clients; client; client = client->next)
        if (!atomic_load(&client->logged_off) && mapi_object_try_ref(&client->object))
            break;
    pthread_mutex_unlock(&session->lock);
    return client;
}

void clients_log_off(struct session *session)
{
    struct client *client;

    while ((client = pick_client(session))) {
        log_off(client);
        mapi_object_unref(&client->object);
    }
}

static HRESULT client_Logoff(struct client *client, ULONG_PTR ui_param, ULONG flags, ULONG reserved)
{
    (void)ui_param; /* no dialog is ever shown (SES-110) */
    if (flags & ~(ULONG)(MAPI_LOGOFF_SHARED | MAPI_LOGOFF_UI))
        return MAPI_E_UNKNOWN_FLAGS;
    if (reserved)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & MAPI_LOGOFF_SHARED)
        tell_shared_logoff(client);
    log_off(client);
    return S_OK;
}

/* @thunks IMAPISession client client none=MessageOptions,QueryDefaultMessageOpt,
 * ShowForm,PrepareForm */
#include "session/client_thunks.inc"

static const struct mapi_face client_faces[] = {
    MAPI_FACE(struct client, IID_IMAPISession, IMAPISession_iface),
};

/* In a forked child the session is left as it is (mapi_subsystem.left_behind). */
static void client_destroy(struct mapi_object *object)
{
    struct client *client = container_of(object, struct client, object);

    if (!atomic_load(&client->session->subsystem->left_behind)) {
        log_off(client); /* a client that only released has logged off all the same */
        advise_list_clear(&client->events); /* an Advise that was under way meanwhile */
        connections_clear(&client->connections);
        session_unref(client->session);
    }
    mapi_object_clear(object);
    free(client);
}

static const struct mapi_class client_class = {
    .name = "session",
    .destroy = client_destroy,
    .faces = client_faces,
    .face_count = sizeof(client_faces) / sizeof(client_faces[0]),
};

HRESULT client_create(struct session *session, IMAPISession **ret_session)
{
    struct client *client = calloc(1, sizeof(*client));
    HRESULT hr;

    if (!client)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    client->IMAPISession_iface.lpVtbl = &client_vtbl;
    client->session = session_ref(session);
    advise_list_init(&client->events);
    connections_init(&client->connections);
    mapi_object_init(&client->object, &client_class, &session->subsystem->object);
    hr = join(client);
    if (FAILED(hr)) {
        atomic_store(&client->logged_off, true); /* it never was on */
        mapi_object_unref(&client->object);
        return hr;
    }
    *ret_session = &client->IMAPISession_iface;
    return S_OK;
}

void client_keep_error(IMAPISession *session, const struct error_info *error)
{
    struct client *client = client_from_IMAPISession(session);

    mapi_object_fail(&client->object, error);
}
