/* session/provider_error.h - what a provider said, as our error record
 *
 * Private to session/. Pure. */
#ifndef SESSION_PROVIDER_ERROR_H
#define SESSION_PROVIDER_ERROR_H

#include "mapi/error.h"

/* `words` (may be NULL: it gave none) with strings in Unicode; they stay the caller's. */
void error_from_mapi(struct error_info *error, HRESULT hr, const MAPIERROR *words);

#endif
