/* mapi/absent_storage.c - messages on structured storage, which this system does not have
 *
 * All but the translation of codes answers MAPI_E_NO_SUPPORT (UTL-066); docs/limits.md. */
#include "mapi/imessage.h"
#include "mapi/mapiutil.h"

SCODE STDAPICALLTYPE OpenIMsgSession(LPMALLOC allocator, ULONG flags, LPMSGSESS *ret_session)
{
    if (ret_session)
        *ret_session = NULL;
    return MAPI_E_NO_SUPPORT;
}

void STDAPICALLTYPE CloseIMsgSession(LPMSGSESS session)
{
    /* nothing was ever opened */
}

SCODE STDAPICALLTYPE OpenIMsgOnIStg(LPMSGSESS session, LPALLOCATEBUFFER allocate_buffer,
                                    LPALLOCATEMORE allocate_more, LPFREEBUFFER free_buffer,
                                    LPMALLOC allocator, LPVOID support, LPSTORAGE storage,
                                    MSGCALLRELEASE *call_release, ULONG caller_data, ULONG flags,
                                    LPMESSAGE *ret_msg)
{
    if (ret_msg)
        *ret_msg = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE GetAttribIMsgOnIStg(LPVOID object, LPSPropTagArray tags,
                                           LPSPropAttrArray *ret_attributes)
{
    if (ret_attributes)
        *ret_attributes = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE SetAttribIMsgOnIStg(LPVOID object, LPSPropTagArray tags,
                                           LPSPropAttrArray attributes,
                                           LPSPropProblemArray *ret_problems)
{
    if (ret_problems)
        *ret_problems = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrIStorageFromStream(LPUNKNOWN bytes, LPCIID iid, ULONG flags,
                                            LPSTORAGE *ret_storage)
{
    if (ret_storage)
        *ret_storage = NULL;
    return MAPI_E_NO_SUPPORT;
}

SCODE STDAPICALLTYPE MapStorageSCode(SCODE code)
{
    switch (code) {
    case STG_E_FILENOTFOUND:
    case STG_E_PATHNOTFOUND:
    case STG_E_NOMOREFILES:
        return MAPI_E_NOT_FOUND;
    case STG_E_ACCESSDENIED:
    case STG_E_SHAREVIOLATION:
    case STG_E_LOCKVIOLATION:
    case STG_E_DISKISWRITEPROTECTED:
    case STG_E_FILEALREADYEXISTS:
        return MAPI_E_NO_ACCESS;
    case STG_E_INSUFFICIENTMEMORY:
        return MAPI_E_NOT_ENOUGH_MEMORY;
    case STG_E_TOOMANYOPENFILES:
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    case STG_E_MEDIUMFULL:
        return MAPI_E_NOT_ENOUGH_DISK;
    case STG_E_SEEKERROR:
    case STG_E_READFAULT:
    case STG_E_WRITEFAULT:
        return MAPI_E_DISK_ERROR;
    case STG_E_INVALIDHANDLE:
    case STG_E_INVALIDPOINTER:
    case STG_E_INVALIDPARAMETER:
    case STG_E_INVALIDNAME:
    case STG_E_INVALIDFLAG:
        return MAPI_E_INVALID_PARAMETER;
    case STG_E_UNIMPLEMENTEDFUNCTION:
        return MAPI_E_NO_SUPPORT;
    case STG_E_INVALIDHEADER:
    case STG_E_DOCFILECORRUPT:
        return MAPI_E_CORRUPT_DATA;
    case STG_E_REVERTED:
        return MAPI_E_OBJECT_DELETED;
    case STG_E_INUSE:
        return MAPI_E_BUSY;
    default:
        /* one of MAPI's own stays what it is */
        return HRESULT_FACILITY(code) == FACILITY_STORAGE && FAILED(code) ? MAPI_E_CALL_FAILED
                                                                          : code;
    }
}
