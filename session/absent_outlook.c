/* session/absent_outlook.c - what Outlook added to its library and no session here has
 *
 * Address book entries of Exchange, its offline mode and cached mode, wrapped stores. All answer
 * MAPI_E_NO_SUPPORT or, where they cannot, "no"; docs/limits.md. */
#include "mapi/mapiextra.h"

HRESULT STDAPICALLTYPE HrOpenABEntryWithExchangeContext(LPMAPISESSION session,
                                                        const MAPIUID *emsmdb_uid, LPADRBOOK book,
                                                        ULONG entry_id_size, LPENTRYID entry_id,
                                                        LPCIID iid, ULONG flags, ULONG *ret_type,
                                                        LPUNKNOWN *ret_object)
{
    if (ret_object)
        *ret_object = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrDoABDetailsWithExchangeContext(
    LPMAPISESSION session, const MAPIUID *emsmdb_uid, LPADRBOOK book, ULONG_PTR *ui_param,
    LPFNDISMISS dismiss, LPVOID dismiss_context, ULONG entry_id_size, LPENTRYID entry_id,
    LPFNBUTTON button_callback, LPVOID button_context, LPTSTR button_text, ULONG flags)
{
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrDoABDetailsWithProviderUID(const MAPIUID *emsabp_uid, LPADRBOOK book,
                                                    ULONG_PTR *ui_param, LPFNDISMISS dismiss,
                                                    LPVOID dismiss_context, ULONG entry_id_size,
                                                    LPENTRYID entry_id, LPFNBUTTON button_callback,
                                                    LPVOID button_context, LPTSTR button_text,
                                                    ULONG flags)
{
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrOpenABEntryUsingDefaultContext(LPMAPISESSION session, LPADRBOOK book,
                                                        ULONG entry_id_size, LPENTRYID entry_id,
                                                        LPCIID iid, ULONG flags, ULONG *ret_type,
                                                        LPUNKNOWN *ret_object)
{
    if (ret_object)
        *ret_object = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrOpenABEntryWithProviderUID(const MAPIUID *emsabp_uid, LPADRBOOK book,
                                                    ULONG entry_id_size, LPENTRYID entry_id,
                                                    LPCIID iid, ULONG flags, ULONG *ret_type,
                                                    LPUNKNOWN *ret_object)
{
    if (ret_object)
        *ret_object = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrOpenABEntryWithProviderUIDSupport(const MAPIUID *emsabp_uid, LPMAPISUP sup,
                                                           ULONG entry_id_size, LPENTRYID entry_id,
                                                           LPCIID iid, ULONG flags, ULONG *ret_type,
                                                           LPUNKNOWN *ret_object)
{
    if (ret_object)
        *ret_object = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrOpenABEntryWithResolvedRow(LPSRow resolved, LPADRBOOK book,
                                                    ULONG entry_id_size, LPENTRYID entry_id,
                                                    LPCIID iid, ULONG flags, ULONG *ret_type,
                                                    LPUNKNOWN *ret_object)
{
    if (ret_object)
        *ret_object = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrCompareABEntryIDsWithExchangeContext(
    LPMAPISESSION session, const MAPIUID *emsmdb_uid, LPADRBOOK book, ULONG entry_id1_size,
    LPENTRYID entry_id1, ULONG entry_id2_size, LPENTRYID entry_id2, ULONG flags, ULONG *ret_same)
{
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrOpenABEntryWithSupport(LPMAPISUP sup, ULONG entry_id_size,
                                                LPENTRYID entry_id, LPCIID iid, ULONG flags,
                                                ULONG *ret_type, LPUNKNOWN *ret_object)
{
    if (ret_object)
        *ret_object = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrGetGALFromEmsmdbUID(LPMAPISESSION session, LPADRBOOK book,
                                             const MAPIUID *emsmdb_uid, ULONG *ret_size,
                                             LPENTRYID *ret_id)
{
    if (ret_id)
        *ret_id = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrGetAutoDiscoverXML(LPCWSTR address, LPCWSTR password, HANDLE cancel_event,
                                            ULONG flags, IStream **ret_xml_stream)
{
    if (ret_xml_stream)
        *ret_xml_stream = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE CreateMAPIInitializationMonitor(IMAPIInitMonitor **ret_monitor)
{
    if (ret_monitor)
        *ret_monitor = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrOpenOfflineObj(ULONG reserved, LPCWSTR profile, const GUID *guid,
                                        const GUID *unused, IMAPIOfflineMgr **ret_offline_obj)
{
    if (ret_offline_obj)
        *ret_offline_obj = NULL;
    return MAPI_E_NO_SUPPORT;
}

HRESULT STDAPICALLTYPE HrCreateOfflineObj(ULONG flags, MAPIOFFLINE_CREATEINFO *create_info,
                                          IMAPIOfflineMgr **ret_offline)
{
    if (ret_offline)
        *ret_offline = NULL;
    return MAPI_E_NO_SUPPORT;
}

BOOL STDAPICALLTYPE GetDefCachedMode(BOOL *ret_policy)
{
    if (ret_policy)
        *ret_policy = FALSE;
    return FALSE;
}

BOOL STDAPICALLTYPE GetDefCachedModeDownloadPubFoldFavs(BOOL *ret_policy)
{
    if (ret_policy)
        *ret_policy = FALSE;
    return FALSE;
}

HRESULT STDAPICALLTYPE HrCreateNewWrappedObject(void *object, ULONG obj_type, ULONG flags,
                                                const IID *iid, const ULONG *reserved, BOOL unused,
                                                void **ret_wrapped)
{
    if (ret_wrapped)
        *ret_wrapped = NULL;
    return MAPI_E_NO_SUPPORT;
}
