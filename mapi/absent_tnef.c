/* mapi/absent_tnef.c - TNEF streams, which nobody here reads or writes yet (docs/limits.md) */
#include "mapi/tnef.h"

HRESULT STDAPICALLTYPE OpenTnefStream(LPVOID support, LPSTREAM stream, LPTSTR stream_name,
                                      ULONG flags, LPMESSAGE message, WORD key, LPITNEF *ret_tnef)
{
    if (ret_tnef)
        *ret_tnef = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE OpenTnefStreamEx(LPVOID support, LPSTREAM stream, LPTSTR stream_name,
                                        ULONG flags, LPMESSAGE message, WORD key,
                                        LPADRBOOK address_book, LPITNEF *ret_tnef)
{
    if (ret_tnef)
        *ret_tnef = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE GetTnefStreamCodepage(LPSTREAM stream, ULONG *ret_code_page,
                                             ULONG *ret_sub_code_page)
{
    return MAPI_E_NO_SUPPORT;
}
