/* simple/result.c - from an HRESULT to the small codes of Simple MAPI */
#include "simple/result.h"

#include <stddef.h>

#include "mapi/mapicode.h"

static const struct {
    HRESULT hr;
    ULONG result;
} results[] = {
    {MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_INSUFFICIENT_MEMORY},
    {MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_E_INSUFFICIENT_MEMORY},
    {STG_E_INSUFFICIENTMEMORY, MAPI_E_INSUFFICIENT_MEMORY},
    {MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_FULL},
    {STG_E_MEDIUMFULL, MAPI_E_DISK_FULL},
    {MAPI_E_USER_CANCEL, MAPI_E_USER_ABORT},
    {MAPI_E_LOGON_FAILED, MAPI_E_LOGIN_FAILURE},
    {MAPI_E_UNCONFIGURED, MAPI_E_LOGIN_FAILURE},
    {MAPI_E_SESSION_LIMIT, MAPI_E_TOO_MANY_SESSIONS},
    {MAPI_E_NO_ACCESS, MAPI_E_ACCESS_DENIED},
    {MAPI_E_NETWORK_ERROR, MAPI_E_NETWORK_FAILURE},
    {MAPI_E_NO_SUPPORT, MAPI_E_NOT_SUPPORTED},
    {MAPI_E_AMBIGUOUS_RECIP, MAPI_E_AMBIGUOUS_RECIPIENT},
    {MAPI_E_OBJECT_CHANGED, MAPI_E_MESSAGE_IN_USE},
    {MAPI_E_SUBMITTED, MAPI_E_MESSAGE_IN_USE},
};

ULONG simple_result(HRESULT hr)
{
    if (SUCCEEDED(hr))
        return SUCCESS_SUCCESS;
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if (results[i].hr == hr)
            return results[i].result;
    return MAPI_E_FAILURE;
}

ULONG simple_result_of_message(HRESULT hr)
{
    switch (hr) {
    case MAPI_E_NOT_FOUND:
    case MAPI_E_OBJECT_DELETED:
    case MAPI_E_INVALID_ENTRYID:
    case MAPI_E_UNKNOWN_ENTRYID:
        return MAPI_E_INVALID_MESSAGE;
    }
    return simple_result(hr);
}

ULONG simple_result_of_logon(HRESULT hr)
{
    ULONG result = simple_result(hr);

    switch (result) {
    case SUCCESS_SUCCESS:
    case MAPI_E_INSUFFICIENT_MEMORY:
    case MAPI_E_TOO_MANY_SESSIONS:
    case MAPI_E_USER_ABORT:
        return result;
    }
    return MAPI_E_LOGIN_FAILURE;
}
