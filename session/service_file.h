/* session/service_file.h - one description file
 *
 * Private to session/. Pure. */
#ifndef SESSION_SERVICE_FILE_H
#define SESSION_SERVICE_FILE_H

#include "conf/ini_file.h"
#include "session/service.h"

/* Adds what the file describes to `services`; what hangs off descriptions hangs off the services,
 * which are a root (mapi/memory.h). Fails with MAPI_E_CORRUPT_DATA, and the words say what is wrong
 * and where, or MAPI_E_NOT_ENOUGH_MEMORY; then nothing is added. */
HRESULT service_file_take(const struct ini_file *file, struct services *services,
                          struct error_info *error);

#endif
