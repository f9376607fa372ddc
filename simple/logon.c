/* simple/logon.c - MAPILogon, MAPILogoff, and the way from a handle to an extended session
 *
 * Requirements: SMP-004, SMP-015 to SMP-027. */
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/mapiguid.h"
#include "mapi/object.h"
#include "simple/result.h"
#include "simple/session.h"

#define NAME_MAX_LENGTH 256 /* of profile and password (SMP-016) */
#define UI_FLAGS        (MAPI_LOGON_UI | MAPI_PASSWORD_UI)
#define LOGON_FLAGS     (UI_FLAGS | MAPI_NEW_SESSION | MAPI_FORCE_DOWNLOAD | MAPI_EXTENDED)

static bool is_too_long(const char *text)
{
    return text && strnlen(text, NAME_MAX_LENGTH + 1) > NAME_MAX_LENGTH;
}

MAPI_API ULONG STDAPICALLTYPE MAPILogon(ULONG_PTR ui_param, LPSTR profile, LPSTR password,
                                        FLAGS flags, ULONG reserved, LPLHANDLE ret_handle)
{
    const struct simple_logon logon = {
        .profile = profile,
        .password = password,
        .flags = flags,
        .ui_param = ui_param,
        .may_use_default = flags & MAPI_LOGON_UI, /* else a name is needed (SMP-018) */
    };
    struct simple_session *session;
    ULONG result;

    if (!ret_handle)
        return MAPI_E_FAILURE;
    *ret_handle = lhSessionNull;
    if (reserved || flags & ~(ULONG)LOGON_FLAGS || (flags & UI_FLAGS) == UI_FLAGS || /* SMP-020 */
        is_too_long(profile) || is_too_long(password))
        return MAPI_E_FAILURE;
    result = simple_session_begin(&logon, &session);
    if (result != SUCCESS_SUCCESS)
        return result;
    result = simple_session_publish(session, ret_handle);
    if (result != SUCCESS_SUCCESS)
        simple_session_unref(session);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPILogoff(LHANDLE handle, ULONG_PTR ui_param, FLAGS flags,
                                         ULONG reserved)
{
    struct simple_session *session;
    ULONG result;

    (void)ui_param; /* no dialog is ever shown (SMP-010) */
    if (flags || reserved)
        return MAPI_E_FAILURE; /* SMP-026 */
    result = simple_session_withdraw(handle, &session);
    if (result == SUCCESS_SUCCESS)
        simple_session_unref(session);
    return result;
}

/* An extended interface: its codes are HRESULTs. The session is the handle's own and ends with it.
 */
MAPI_API SCODE STDAPICALLTYPE ScMAPIXFromSMAPI(LHANDLE handle, ULONG flags, LPCIID iid,
                                               LPMAPISESSION *ret_session)
{
    struct simple_session *session;
    HRESULT hr;

    if (!ret_session)
        return MAPI_E_INVALID_PARAMETER;
    *ret_session = NULL;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (iid && !guid_equal(iid, &IID_IMAPISession) && !guid_equal(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (simple_session_find(handle, &session) != SUCCESS_SUCCESS)
        return MAPI_E_INVALID_PARAMETER;
    hr = IMAPISession_QueryInterface(session->session, iid ? iid : &IID_IMAPISession,
                                     (void **)ret_session);
    simple_session_unref(session);
    return hr;
}
