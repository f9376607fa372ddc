/* session/service_entry.h - calling the entry point of a message service
 *
 * Private to session/. Behaviour: PRF-116 to PRF-132. */
#ifndef SESSION_SERVICE_ENTRY_H
#define SESSION_SERVICE_ENTRY_H

#include "mapi/mapispi.h"
#include "mapi/mapix.h"
#include "mapi/object.h"
#include "session/profiles.h"

/* A service of a profile; pointers are the caller's. */
struct profile_service {
    struct profiles *profiles;
    struct mapi_object *owner; /* of what the entry point is given; may be NULL */
    const MAPIUID *key, *uid;  /* of the profile, of the service */
};

struct service_request {
    ULONG context; /* MSG_SERVICE_CREATE and kin */
    ULONG_PTR ui_param;
    ULONG flags; /* SERVICE_UI_ALLOWED and kin; ui_param counts with one of them only */
    SPropValue *values;
    ULONG value_count; /* with MSG_SERVICE_CONFIGURE only (PRF-117) */
};

/* Calls the function that PR_SERVICE_DLL_NAME and PR_SERVICE_ENTRY_NAME of the service's section
 * name, with a support object and a provider administration that know the section as NULL. Passes
 * on what it answers, its words in `error` (PRF-125). MAPI_E_NOT_INITIALIZED: the section names
 * none, or none that can be found (PRF-075; the words say which). */
WAITS HRESULT service_entry_call(const struct profile_service *service,
                                 const struct service_request *request, struct error_info *error);

/* The same for those to whom a service without entry point is as good (PRF-128). */
WAITS HRESULT service_entry_tell(const struct profile_service *service,
                                 const struct service_request *request, struct error_info *error);

#endif
