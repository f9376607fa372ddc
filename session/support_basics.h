/* session/support_basics.h - what every kind of support object gives alike
 *
 * Private to session/. Pure. */
#ifndef SESSION_SUPPORT_BASICS_H
#define SESSION_SUPPORT_BASICS_H

#include "mapi/mapix.h"

/* IMAPISupport::GetMemAllocRoutines. MAPI_E_INVALID_PARAMETER. */
HRESULT support_basics_allocators(LPALLOCATEBUFFER *ret_buffer, LPALLOCATEMORE *ret_more,
                                  LPFREEBUFFER *ret_free);

/* A new unique identifier (RFC 4122, version 4). MAPI_E_INVALID_PARAMETER,
 * MAPI_E_NOT_ENOUGH_RESOURCES. */
HRESULT support_basics_uid(MAPIUID *ret_uid);

#endif
