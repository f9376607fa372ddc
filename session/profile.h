/* session/profile.h - one profile, as a session uses it
 *
 * A profile names message services; a service has providers, each with a section of properties
 * under its MAPIUID. Administration (IProfAdmin, IMsgServiceAdmin, IProviderAdmin) works on the
 * same store; a session reads its profile at logon and keeps what it read (SES-184).
 * Reference-counted, any thread or fiber that may wait. */
#ifndef SESSION_PROFILE_H
#define SESSION_PROFILE_H

#include "mapi/error.h"
#include "mapi/mapix.h"
#include "mapi/object.h"
#include "session/profiles.h"
#include "session/section.h"
#include "session/service_entry.h"

struct session_profile;

/* What one provider of the profile is, in the order of logon: address books, stores, transports,
 * each in the profile's order. Strings are the profile's. */
struct profile_provider {
    MAPIUID uid;          /* its section */
    MAPIUID service;      /* its message service */
    const char *dll_name; /* PR_PROVIDER_DLL_NAME: "mapigate" */
    const char *display;  /* PR_PROVIDER_DISPLAY */
    ULONG resource_type;  /* MAPI_STORE_PROVIDER, MAPI_TRANSPORT_PROVIDER, MAPI_AB_PROVIDER */
    ULONG resource_flags; /* PR_RESOURCE_FLAGS: STATUS_DEFAULT_STORE, STATUS_OWN_STORE, ... */
};

/* Fails with MAPI_E_NOT_FOUND (no such profile), MAPI_E_INVALID_PARAMETER (a name of no or more
 * than 64 characters), and what the side store fails with. */
WAITS HRESULT session_profile_open(struct profiles *store, const char *name,
                                   struct error_info *error, struct session_profile **ret_profile);
/* Nobody uses it any more: what was put off until now happens (PRF-011, PRF-018). Once. */
WAITS void session_profile_end(struct session_profile *profile);

struct session_profile *session_profile_ref(struct session_profile *profile);
void session_profile_unref(struct session_profile *profile); /* memory only; NULL is accepted */

const char *session_profile_name(const struct session_profile *profile); /* UTF-8 */
size_t session_profile_provider_count(const struct session_profile *profile);
const struct profile_provider *session_profile_provider(const struct session_profile *profile,
                                                        size_t at);

/* The section of that uid as an IProfSect owned by `owner` (a reference is taken; NULL: none), as
 * IMAPISession::OpenProfileSection and IMAPISupport::OpenProfileSection say (SES-175 to SES-182).
 * Properties that a provider's own section lacks are read from its service's section, so that both
 * providers of a service see what ConfigureMsgService was given. MAPI_MODIFY, MAPI_FORCE_ACCESS
 * and MAPI_DEFERRED_ERRORS are taken. */
WAITS HRESULT session_profile_open_section(struct session_profile *profile,
                                           struct mapi_object *owner, const MAPIUID *uid,
                                           ULONG flags, enum section_user user,
                                           struct error_info *error, IProfSect **ret_section);

/* The session's own look into a section: nothing is opened, nobody is kept out. As
 * profile_props_get and profile_props_set (state/profiles.h). */
WAITS HRESULT session_profile_get_props(struct session_profile *profile, const MAPIUID *uid,
                                        const ULONG *tags, size_t count, struct error_info *error,
                                        SPropValue **ret_values, size_t *ret_count);
WAITS HRESULT session_profile_set_props(struct session_profile *profile, const MAPIUID *uid,
                                        const SPropValue *values, size_t count,
                                        struct error_info *error);

/* Changes PR_RESOURCE_FLAGS of a provider: sets and clears bits (SetDefaultStore). */
WAITS HRESULT session_profile_set_resource_flags(struct session_profile *profile,
                                                 const MAPIUID *uid, ULONG set, ULONG clear,
                                                 struct error_info *error);

/* IMsgServiceAdmin on the profile, owned by `owner` (SES-183). */
WAITS HRESULT session_profile_admin_services(struct session_profile *profile,
                                             struct mapi_object *owner, ULONG flags,
                                             IMsgServiceAdmin **ret_admin);

/* Calls the entry point of one of its services (session/service_entry.h). */
WAITS HRESULT session_profile_call_service(struct session_profile *profile,
                                           struct mapi_object *owner, const MAPIUID *service,
                                           const struct service_request *request,
                                           struct error_info *error);

#endif
