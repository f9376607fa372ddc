/* session/absent_simple.c - the way from a Simple MAPI session to an extended one (docs/limits.md)
 */
#include "mapi/mapix.h"

SCODE STDAPICALLTYPE ScMAPIXFromSMAPI(LHANDLE simple, ULONG flags, LPCIID iid,
                                      LPMAPISESSION *ret_session)
{
    if (ret_session)
        *ret_session = NULL;
    return MAPI_E_NO_SUPPORT;
}
