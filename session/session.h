/* session/session.h - a session: a profile, its providers, its tables, and who uses it
 *
 * Private to session/. MAPILogonEx gives each client an object of its own (client.h); clients that
 * share a session share one `struct session` (SES-075, SES-101). It begins with the first and ends
 * with the last client's Logoff. Reference-counted; what may wait says so. Foreign code (providers
 * from shared objects, sinks) is called on the caller's thread or the spooler's, with no lock held.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "mapi/mapispi.h"
#include "mapi/mapix.h"
#include "mapi/object.h"
#include "session/module.h"
#include "session/profile.h"
#include "session/status_table.h"
#include "session/store_table.h"
#include "session/subsystem.h"

struct client;
struct spooler;
struct session;

#define PROVIDER_UIDS_MAX 16 /* MAPIUIDs that one provider may register */

/* A provider's objects, pinned by those who call them: the session may give them up meanwhile. They
 * are released, like all that is foreign, outside every lock, by the last user. */
struct provider_objects {
    atomic_uint refs;
    struct provider_objects *next; /* in session_provider's list, under the session's lock */
    IMSProvider *stores; /* our references; which of them there are depends on what it is */
    IXPProvider *transports;
    IABProvider *addresses;
    IMSLogon *logon;  /* NULL also where a repeated logon gave none */
    IMsgStore *store; /* the session's own; NULL: the client has it */
    IXPLogon *transport;
    IABLogon *address;
    IMAPISupport *support;
};

/* A provider of the profile, for the session's life. The gate is held over calls that begin or end
 * something; the rest is under the session's lock unless it says so. */
struct session_provider {
    struct session *session;                /* whose array this is in; constant */
    const struct profile_provider *profile; /* constant */
    struct engine_mutex gate;
    struct provider_objects *entry;  /* what the entry point gave */
    struct provider_objects *logons; /* the first is the session's own */

    ULONG resource_flags;    /* as the session has them now */
    ULONG support_mask;      /* PR_STORE_SUPPORT_MASK, as last seen (SES-167) */
    bool disabled;           /* SES-097: its service is out for this session */
    struct error_info error; /* why the last logon failed */

    char **address_types; /* the active transport's, UTF-8, one block; NULL: every type (XPT-031) */
    ULONG address_type_count;

    MAPIUID uids[PROVIDER_UIDS_MAX]; /* registered by SetProviderUID */
    size_t uid_count;
    ULONG row;              /* of the status table; 0: none */
    unsigned row_users;     /* support objects that stand behind it */
    bool row_has_no_string; /* the provider gives no PR_STATUS_STRING (STA-058) */
};

struct session {
    atomic_uint refs;
    struct session *next;             /* in the subsystem's list, under its lock */
    struct mapi_subsystem *subsystem; /* our reference */
    struct session_profile *profile;  /* our reference */
    bool no_mail;                     /* MAPI_NO_MAIL at the first logon */

    struct status_table *status;
    struct store_table *stores;

    struct advise_list notify_keys; /* IMAPISupport::Subscribe and Notify */
    ULONG own_rows[3];              /* subsystem, spooler, address book */
    pthread_mutex_t lock;           /* guards what follows and the providers */
    struct spooler *spooler;        /* our reference; NULL under MAPI_NO_MAIL and at the end */
    struct client *clients;         /* no references */
    size_t client_count;
    bool ended; /* the last client has gone: nobody joins any more */
    size_t provider_count;
    struct session_provider *providers;
};

/* Begins a session on a profile: status table, stores (SES-092, SES-093, SES-102), then the spooler
 * in the background; address books when they are needed. A provider that fails does not stop it:
 * *ret_partial says so (MAPI_W_ERRORS_RETURNED) and `error` keeps the words. One reference. The
 * profile's use passes to the session: its end, or this call's failure, ends it. */
WAITS HRESULT session_begin(struct mapi_subsystem *subsystem, struct session_profile *profile,
                            bool no_mail, ULONG_PTR ui_param, struct error_info *error,
                            bool *ret_partial, struct session **ret_session);
struct session *session_ref(struct session *session);
void session_unref(struct session *session); /* memory only: any thread, an engine's too */

/* The last client has logged off: ends the spooler, logs the providers off, empties the tables,
 * lets the profile go. What is left afterwards is memory. */
WAITS void session_end(struct session *session);

/* The last MAPIUninitialize: logs off all clients of all sessions of the subsystem. */
WAITS void sessions_end_all(struct mapi_subsystem *subsystem);

/* The session's spooler, a reference for the caller (spooler_unref); NULL: there is none. */
struct spooler *session_spooler(struct session *session);

/* --- providers.c ------------------------------------------------------------------------------ */

/* Pins what the entry point gave, or the provider's first logon; NULL: there is none. */
struct provider_objects *provider_get_entry(struct session_provider *provider);
struct provider_objects *provider_get_logon(struct session_provider *provider);
/* The first logon, a store's or an address book's, of the provider that registered this MAPIUID;
 * NULL. */
struct provider_objects *session_find_uid(struct session *session, const MAPIUID *uid);
void provider_objects_unref(
    struct provider_objects *objects); /* foreign Releases; NULL is accepted */

/* Zeroed, one reference; NULL: no memory. */
struct provider_objects *provider_objects_create(void);

/* Calls the provider's entry point if that has not been done; under its gate. */
WAITS HRESULT provider_init(struct session_provider *provider, struct error_info *error);

/* Keeps a logon for the end, behind the session's own; takes over the reference. */
void provider_keep_logon(struct session_provider *provider, struct provider_objects *logon);

/* Keeps why the logon failed. But for MAPI_E_FAILONEPROVIDER it disables all providers of the same
 * service for the rest of the session (SES-097, SES-098, XPT-015). */
void provider_failed(struct session_provider *provider, HRESULT hr, const struct error_info *error);
/* S_OK, or MAPI_E_LOGON_FAILED with the words of the logon that disabled the service. */
HRESULT provider_check_enabled(struct session_provider *provider, struct error_info *error);

/* Takes that back: the configuration has changed (STA-104). */
void provider_pardon(struct session_provider *provider);

/* MAPI_E_UNCONFIGURED is the service's to mend; S_OK: the logon is to be tried again (SES-103). */
WAITS HRESULT provider_configure(struct session_provider *provider);

/* The status object of the provider's logon. MAPI_E_NOT_FOUND: it is not logged on. */
WAITS HRESULT provider_open_status(struct session_provider *provider, const IID *iid, ULONG flags,
                                   IMAPIStatus **ret_status);

/* Logs off from all that there is, and shuts the provider down. */
WAITS void provider_logoff(struct session_provider *provider);

/* The profile's name for a provider; to free with mapi_free. */
HRESULT provider_profile_name(struct session_provider *provider, WCHAR **ret_name);

/* --- store_logon.c ---------------------------------------------------------------------------- */

/* Logs on to the provider's store, as its profile section says: for a client's OpenMsgStore (flags
 * are its). On S_OK *ret_store is the caller's reference. */
WAITS HRESULT provider_open_store(struct session_provider *provider, const IID *iid, ULONG flags,
                                  ULONG_PTR ui_param, struct error_info *error,
                                  IMsgStore **ret_store);

/* The session's own logon to a store, at its beginning. */
WAITS HRESULT provider_begin_store(struct session_provider *provider, ULONG_PTR ui_param,
                                   struct error_info *error);

/* The wrapped entry id of the provider's store, from the store table; to free with mapi_free. */
HRESULT provider_store_entryid(struct session_provider *provider, ULONG *ret_size,
                               ENTRYID **ret_id);

/* Sets a STATUS_* flag on the store of `uid` and clears it on the others (NULL: on all), in the
 * store table, the status table and, if `permanent`, the profile (SES-160 to SES-168). */
WAITS HRESULT session_set_store_flag(struct session *session, const MAPIUID *uid, ULONG flag,
                                     bool permanent, struct error_info *error);

/* --- address_logon.c -------------------------------------------------------------------------- */

/* Logs on to all address books that are not there yet (ABK-067). One that fails stops no other:
 * *ret_partial says so, and `error` (its hr left alone) has the words of all of them (SES-172). */
WAITS void session_begin_address_books(struct session *session, ULONG_PTR ui_param,
                                       struct error_info *error, bool *ret_partial);

/* The logons that there are, pinned, in the profile's order: a malloc'd array, each to give back
 * with provider_objects_unref. */
HRESULT session_address_books(struct session *session, struct provider_objects ***ret_books,
                              size_t *ret_count);
void address_books_free(struct provider_objects **books, size_t count);

/* --- transport_logon.c ------------------------------------------------------------------------ */

/* Logs on to a transport and lets it begin to send (the spooler's thread). One that is logged on is
 * asked for its address types again when `again` (STA-103). */
WAITS HRESULT provider_begin_transport(struct session_provider *provider, bool again,
                                       struct error_info *error);

/* IXPLogon::ValidateState and FlushQueues; S_OK when it is not logged on. */
WAITS HRESULT provider_validate_transport(struct session_provider *provider, ULONG_PTR ui_param,
                                          ULONG flags);
WAITS HRESULT provider_flush_transport(struct session_provider *provider, ULONG flags);

/* The transport's END notices and its TransportLogoff; for provider_logoff. */
WAITS void provider_end_transport(struct provider_objects *logon);

/* The address types of the active transports, each once, as one block (SES-193, SES-194). */
HRESULT session_address_types(struct session *session, ULONG flags, ULONG *ret_count,
                              LPTSTR **ret_types);

/* --- support.c -------------------------------------------------------------------------------- */

/* The support object of one logon of `provider`; it holds the session. The caller's reference. */
HRESULT support_create(struct session_provider *provider, IMAPISupport **ret_support);

/* The logon has ended: whoever still holds the support object gets MAPI_E_INVALID_OBJECT. */
void support_invalidate(IMAPISupport *support);

/* --- identity.c ------------------------------------------------------------------------------- */

/* SES-187 to SES-190: one block for MAPIFreeBuffer. */
HRESULT session_query_identity(struct session *session, ULONG *ret_size, ENTRYID **ret_id);

#endif
