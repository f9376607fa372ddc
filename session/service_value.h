/* session/service_value.h - property lines of service descriptions
 *
 * Private to session/. Behaviour: PRF-138, PRF-142, PRF-084. */
#ifndef SESSION_SERVICE_VALUE_H
#define SESSION_SERVICE_VALUE_H

#include <stdbool.h>

#include "mapi/error.h"
#include "mapi/mapidefs.h"

/* The tag that a line's name stands for: PR_DISPLAY_NAME and kin, or eight hexadecimal digits of
 * identifier and type ("3001001F"). Strings of both widths become PT_UNICODE where the property has
 * that form. 0: neither. */
ULONG service_value_tag(const char *name);

/* Whether the library computes the property itself and a line for it is passed over (PRF-084). */
bool service_value_is_computed(ULONG tag);

/* Reads the value of a line: text, several with commas between them; a number, or names of flags
 * with '|' between; true or false; an even count of hexadecimal digits. What hangs off the value
 * hangs off `root`. Fails with MAPI_E_INVALID_PARAMETER (the text is no value of that type),
 * MAPI_E_NO_SUPPORT (no description has a value of that type, or it would be a secret),
 * MAPI_E_NOT_ENOUGH_MEMORY; words without the value. */
HRESULT service_value_read(void *root, ULONG tag, const char *text, struct error_info *error,
                           SPropValue *ret_value);

/* `size` bytes from exactly twice as many hexadecimal digits; false otherwise. */
bool service_value_hex(const char *text, void *bytes, size_t size);

#endif
