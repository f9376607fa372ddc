/* session/service.h - message services: what they are made of
 *
 * The library's own and those of the description files, mapi.d/NAME.conf (docs/services.md): the
 * directory of the environment's MAPIGATE_SERVICES, else SYSCONFDIR/mapigate/mapi.d. Private to
 * session/. Behaviour: PRF-133 to PRF-145. */
#ifndef SESSION_SERVICE_H
#define SESSION_SERVICE_H

#include <stdbool.h>

#include "mapi/error.h"
#include "mapi/mapidefs.h"

/* A section of a description: what the profile's section begins with. Values are in the file's
 * order, strings in PT_UNICODE. */
struct service_section {
    const char *name; /* in its file, UTF-8 */
    MAPIUID uid;      /* of an extra section; zero otherwise */
    SPropValue *values;
    ULONG value_count;
};

struct service_description {
    const char *name;    /* PR_SERVICE_NAME: the key in the list of services (PRF-083) */
    const char *display; /* what stands behind it there */
    bool is_default;     /* of the list of default services */
    struct service_section own;
    struct service_section *providers, *extras;
    size_t provider_count, extra_count;
};

struct services {
    struct service_description *list; /* the library's own first, then by file */
    size_t count;
    struct error_info problem; /* of the first file that was left out; hr S_OK: none was */
};

/* Reads all descriptions. A file with a mistake is left out whole. Waits for the disk. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY. To free with services_free (NULL is accepted). */
HRESULT services_read(struct services **ret_services);
void services_free(struct services *services);

/* By PR_SERVICE_NAME, without regard to case. MAPI_E_NOT_FOUND, with words that name the mistake
 * when a file was left out. */
HRESULT services_find(const struct services *services, const char *name, struct error_info *error,
                      const struct service_description **ret_service);

#endif
