/* session/support_basics.c - what every kind of support object gives alike */
#include "session/support_basics.h"

#include <openssl/rand.h>

#include "mapi/mapicode.h"

HRESULT support_basics_allocators(LPALLOCATEBUFFER *ret_buffer, LPALLOCATEMORE *ret_more,
                                  LPFREEBUFFER *ret_free)
{
    if (!ret_buffer || !ret_more || !ret_free)
        return MAPI_E_INVALID_PARAMETER;
    *ret_buffer = MAPIAllocateBuffer;
    *ret_more = MAPIAllocateMore;
    *ret_free = MAPIFreeBuffer;
    return S_OK;
}

HRESULT support_basics_uid(MAPIUID *ret_uid)
{
    if (!ret_uid)
        return MAPI_E_INVALID_PARAMETER;
    if (RAND_bytes(ret_uid->ab, sizeof(ret_uid->ab)) != 1)
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    ret_uid->ab[7] = (BYTE)((ret_uid->ab[7] & 0x0F) | 0x40);
    ret_uid->ab[8] = (BYTE)((ret_uid->ab[8] & 0x3F) | 0x80);
    return S_OK;
}
