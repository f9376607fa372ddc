/* session/store_entryid.h - a store's entry id as clients hold it: wrapped
 *
 * The provider's own id behind muidStoreWrap and the provider's DLL name (MS-OXCDATA 2.2.4.3), so
 * that the session finds the provider without asking each. Pure. */
#ifndef SESSION_STORE_ENTRYID_H
#define SESSION_STORE_ENTRYID_H

#include "mapi/mapidefs.h"

#define STORE_DLL_NAME_MAX 255

/* Hangs off nothing: a root of its own. MAPI_E_INVALID_ENTRYID (no id), MAPI_E_NOT_ENOUGH_MEMORY.
 */
HRESULT store_entryid_wrap(const char *dll_name, ULONG size, const ENTRYID *id, ULONG *ret_size,
                           ENTRYID **ret_wrapped);

/* MAPI_E_UNKNOWN_ENTRYID: not wrapped; MAPI_E_INVALID_ENTRYID: malformed. The results point into
 * the id. */
HRESULT store_entryid_unwrap(ULONG size, const ENTRYID *wrapped, const char **ret_dll_name,
                             ULONG *ret_size, const ENTRYID **ret_id);

#endif
