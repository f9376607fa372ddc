/* session/absent_forms.c - forms, which need a screen (docs/limits.md) */
#include "mapi/mapiform.h"

HRESULT STDAPICALLTYPE MAPIOpenFormMgr(LPMAPISESSION session, LPMAPIFORMMGR *ret_manager)
{
    if (ret_manager)
        *ret_manager = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE MAPIOpenLocalFormContainer(LPMAPIFORMCONTAINER *ret_container)
{
    if (ret_container)
        *ret_container = NULL;
    return MAPI_E_NO_SUPPORT;
}
