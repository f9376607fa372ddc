/* mapi/absent_system.c - what is about Windows itself and means nothing here (docs/limits.md)
 *
 * COM class objects, component registration, the profile wizard, network drive letters, repair. The
 * answers are those that their pages name for "there is none". */
#include "mapi/mapiextra.h"
#include "mapi/mapiutil.h"
#include "mapi/mapiwz.h"

HRESULT STDAPICALLTYPE DllGetClassObject(REFCLSID rclsid, REFIID riid, LPVOID *ret_object)
{
    if (ret_object)
        *ret_object = NULL;
    return CLASS_E_CLASSNOTAVAILABLE;
}

HRESULT STDAPICALLTYPE DllCanUnloadNow(void)
{
    return S_FALSE; /* it is never unloaded: lib/meson.build */
}

BOOL STDAPICALLTYPE FGetComponentPath(LPCSTR component, LPSTR qualifier, LPSTR dll_path,
                                      DWORD path_size, BOOL install)
{
    return FALSE;
}

HRESULT STDAPICALLTYPE LaunchWizard(HWND parent_wnd, ULONG flags, LPCSTR *service_names,
                                    ULONG buffer_size, LPSTR new_profile_name)
{
    return MAPI_E_NO_SUPPORT;
}

SCODE STDAPICALLTYPE ScUNCFromLocalPath(LPSTR local, LPSTR unc, UINT size)
{
    return MAPI_E_NO_SUPPORT; /* UTL-084 */
}

SCODE STDAPICALLTYPE ScLocalPathFromUNC(LPSTR unc, LPSTR local, UINT size)
{
    return MAPI_E_NO_SUPPORT;
}

DWORD STDAPICALLTYPE FixMAPI(void)
{
    return MAPI_E_NO_SUPPORT;
}

void STDAPICALLTYPE MAPICrashRecovery(ULONG flags)
{
    /* no shared memory of MAPI's is left behind by a crash */
}
