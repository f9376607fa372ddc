/* session/make_invalid.h - IMAPISupport::MakeInvalid: what is left of a provider's object
 *
 * Private to session. */
#ifndef MG_SESSION_MAKE_INVALID_H
#define MG_SESSION_MAKE_INVALID_H

#include "mapi/mapidefs.h"

/* Makes a stub of a provider's object, a root block of MAPIAllocateBuffer that begins with its
 * vtable pointer: AddRef and Release count on from `refs`, every other one of its `methods` slots
 * answers MAPI_E_INVALID_OBJECT, the last Release frees the block (MEM-033 to MEM-035).
 * MAPI_E_INVALID_PARAMETER: fewer than 16 bytes or three methods, more than
 * MAKE_INVALID_METHODS_MAX, no reference. */
#define MAKE_INVALID_METHODS_MAX 64
HRESULT make_invalid(void *object, ULONG refs, ULONG methods);

#endif
