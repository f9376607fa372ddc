/* session/service.h - message services: what they are made of
 *
 * Private to session/. Descriptions of third-party services (files in mapi.d) will join the
 * built-in one here. */
#ifndef SESSION_SERVICE_H
#define SESSION_SERVICE_H

#include <stdbool.h>

#include "mapi/error.h"
#include "mapi/mapidefs.h"

struct service_provider {
    const char *dll_name, *display;
    ULONG resource_type, resource_flags;
};

struct service_description {
    const char *name, *display;
    const struct service_provider *providers;
    size_t provider_count;
    bool single_copy; /* SERVICE_SINGLE_COPY */

    /* Checks what ConfigureMsgService was given, strings in PT_UNICODE: MAPI_E_INVALID_PARAMETER
     * with words for a person. */
    HRESULT (*check)(const SPropValue *values, size_t count, struct error_info *error);
};

/* By PR_SERVICE_NAME, without regard to case; NULL: none. */
const struct service_description *service_find(const char *name);

#endif
