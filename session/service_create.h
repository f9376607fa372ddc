/* session/service_create.h - putting message services and providers into a profile
 *
 * Private to session/. What the description says is copied into the profile, all or nothing; then
 * the service's entry point hears of it, and what it refuses is taken out again. Behaviour: PRF-054
 * to PRF-064, PRF-088 to PRF-091, PRF-151. */
#ifndef SESSION_SERVICE_CREATE_H
#define SESSION_SERVICE_CREATE_H

#include "session/service_entry.h"

struct service_description;

/* Where a service is to be put; pointers are the caller's. */
struct service_place {
    struct profiles *profiles;
    struct mapi_object *owner; /* as of struct profile_service */
    const MAPIUID *key;
    ULONG_PTR ui_param; /* for the entry point */
    ULONG flags;        /* SERVICE_UI_ALLOWED */
};

/* Adds a service; `display` names it unless its description does (PRF-057). Fails with
 * MAPI_E_NO_ACCESS (there may be one only, PRF-064), what the entry point answers, what the
 * database fails with. */
WAITS HRESULT service_create(const struct service_place *place,
                             const struct service_description *service, const char *display,
                             struct error_info *error, MAPIUID *ret_uid);

/* Adds the services of the default list (PRF-007): all sections first, then the entry points are
 * called (PRF-008). */
WAITS HRESULT service_create_defaults(const struct service_place *place, struct error_info *error);

/* Takes a service out: its entry point first, then its sections (PRF-069). The uid is a service's.
 */
WAITS HRESULT service_delete(const struct service_place *place, const MAPIUID *uid,
                             struct error_info *error);

/* Adds one more provider to a service: the section `name` of its description and `values` (strings
 * in PT_UNICODE). MAPI_E_NOT_FOUND: the description has no such section. */
WAITS HRESULT service_create_provider(const struct service_place *place, const MAPIUID *uid,
                                      const char *name, const SPropValue *values, ULONG count,
                                      struct error_info *error, MAPIUID *ret_provider);

#endif
