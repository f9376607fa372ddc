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
#include "session/builtin.h"
#include "session/profile.h"
#include "session/status_table.h"
#include "session/store_table.h"
#include "session/subsystem.h"

struct client;
struct spooler;
struct session;

#define PROVIDER_UIDS_MAX 16 /* MAPIUIDs that one provider may register */

/* A logon to a store: what the session must log off at its end. */
struct store_logon {
    struct store_logon *next;
    IMSLogon *logon;  /* our references */
    IMsgStore *store; /* the session's own; NULL: the client has it */
    IMAPISupport *support;
};

/* A provider of the profile, for the session's life. */
struct session_provider {
    struct session *session; /* whose array this is in */
    const struct profile_provider *profile;
    ULONG resource_flags;                   /* as the session has them now; under its lock */
    const struct builtin_provider *builtin; /* NULL: nothing of that name is known */
    struct engine_mutex gate;               /* one logon or logoff at a time; held over waits */
    bool disabled;           /* SES-097: failed twice, its service is out for this session */
    struct error_info error; /* why the last logon failed */

    IMSProvider *stores; /* our references; by the resource type, made at the first logon */
    IXPProvider *transports;
    struct store_logon *logons; /* the first is the session's own */
    IXPLogon *transport;
    IMAPISupport *transport_support;
    LPTSTR *address_types; /* the transport's, until its logoff */
    ULONG address_type_count;

    MAPIUID uids[PROVIDER_UIDS_MAX]; /* registered by SetProviderUID */
    size_t uid_count;
    ULONG row;          /* of the status table; 0: none */
    unsigned row_users; /* support objects that stand behind it */
};

struct session {
    atomic_uint refs;
    struct session *next;             /* in the subsystem's list, under its lock */
    struct mapi_subsystem *subsystem; /* our reference */
    struct session_profile *profile;  /* our reference */
    bool no_mail;                     /* MAPI_NO_MAIL at the first logon */

    struct status_table *status;
    struct store_table *stores;
    struct spooler *spooler; /* NULL under MAPI_NO_MAIL */

    struct advise_list notify_keys; /* IMAPISupport::Subscribe and Notify */
    ULONG own_rows[3];              /* subsystem, spooler, address book */
    pthread_mutex_t lock;           /* leaf; guards the clients and what providers registered */
    struct client *clients;         /* no references */
    size_t client_count;
    size_t provider_count;
    struct session_provider *providers;
};

/* Begins a session on a profile: status table, address books, stores (SES-092, SES-093, SES-102),
 * then the spooler in the background. A provider that fails does not stop it: *ret_partial says
 * so (MAPI_W_ERRORS_RETURNED) and `error` keeps the words. One reference. */
WAITS HRESULT session_begin(struct mapi_subsystem *subsystem, struct session_profile *profile,
                            bool no_mail, ULONG_PTR ui_param, struct error_info *error,
                            bool *ret_partial, struct session **ret_session);
struct session *session_ref(struct session *session);
void session_unref(struct session *session);

/* The last client has logged off: ends the spooler, logs the providers off, empties the tables. */
WAITS void session_end(struct session *session);

/* --- providers.c -------------------------------------------------------------------------------
 */

/* Logs on to the provider's store, as its profile section says: at the session's beginning, or for
 * a client's OpenMsgStore (flags are its). On S_OK *ret_store is the caller's reference. */
WAITS HRESULT provider_open_store(struct session_provider *provider, const IID *iid, ULONG flags,
                                  ULONG_PTR ui_param, struct error_info *error,
                                  IMsgStore **ret_store);

/* The session's own logon to a store, at its beginning. */
WAITS HRESULT provider_begin_store(struct session_provider *provider, ULONG_PTR ui_param,
                                   struct error_info *error);

/* The wrapped entry id of the provider's store, from the store table; to free with mapi_free. */
HRESULT provider_store_entryid(struct session_provider *provider, ULONG *ret_size,
                               ENTRYID **ret_id);

/* Logs on to a transport and lets it begin to send (the spooler's thread). */
WAITS HRESULT provider_begin_transport(struct session_provider *provider, struct error_info *error);

/* The status object of the provider's logon. MAPI_E_NOT_FOUND: it is not logged on. */
WAITS HRESULT provider_open_status(struct session_provider *provider, const IID *iid, ULONG flags,
                                   IMAPIStatus **ret_status);

/* What a provider said, as our error record. */
void error_from_mapi(struct error_info *error, HRESULT hr, const MAPIERROR *words);

/* Logs off from all that there is, and shuts the provider down. */
WAITS void provider_logoff(struct session_provider *provider);

/* The provider that registered this MAPIUID and has a store logon, with a reference on it; NULL. */
struct session_provider *session_find_uid(struct session *session, const MAPIUID *uid,
                                          IMSLogon **ret_logon);

/* Sets a STATUS_* flag on the store of `uid` and clears it on the others (NULL: on all), in the
 * store table, the status table and, if `permanent`, the profile (SES-160 to SES-168). */
WAITS HRESULT session_set_store_flag(struct session *session, const MAPIUID *uid, ULONG flag,
                                     bool permanent, struct error_info *error);

/* --- support.c ---------------------------------------------------------------------------------
 */

/* The support object of one logon of `provider`; it holds the session. The caller's reference. */
HRESULT support_create(struct session_provider *provider, IMAPISupport **ret_support);

/* --- identity.c --------------------------------------------------------------------------------
 */

/* SES-187 to SES-190: one block for MAPIFreeBuffer. */
HRESULT session_query_identity(struct session *session, ULONG *ret_size, ENTRYID **ret_id);

#endif
