/* tests/session/test_absent.c - what no session here has says so, and leaves nothing to free */
#include "mapi/mapiextra.h"
#include "mapi/mapiform.h"
#include "mapi/mapix.h"
#include "mapi/xcmc.h"
#include "support/com.h"

static int something;

Test(absent, forms)
{
    IMAPIFormContainer *container = (IMAPIFormContainer *)&something;
    IMAPIFormMgr *manager = (IMAPIFormMgr *)&something;

    expect_hr(MAPIOpenFormMgr(NULL, &manager), MAPI_E_NO_SUPPORT);
    cr_expect_null(manager);
    expect_hr(MAPIOpenLocalFormContainer(&container), MAPI_E_NO_SUPPORT);
    cr_expect_null(container);
}

Test(absent, exchange_entries)
{
    IUnknown *entry = (IUnknown *)&something;
    ENTRYID *id = (ENTRYID *)&something;
    ULONG type, size;

    expect_hr(HrOpenABEntryWithExchangeContext(NULL, NULL, NULL, 0, NULL, NULL, 0, &type, &entry),
              MAPI_E_NO_SUPPORT);
    cr_expect_null(entry);
    expect_hr(HrOpenABEntryUsingDefaultContext(NULL, NULL, 0, NULL, NULL, 0, &type, &entry),
              MAPI_E_NO_SUPPORT);
    expect_hr(HrOpenABEntryWithProviderUID(NULL, NULL, 0, NULL, NULL, 0, &type, &entry),
              MAPI_E_NO_SUPPORT);
    expect_hr(HrOpenABEntryWithProviderUIDSupport(NULL, NULL, 0, NULL, NULL, 0, &type, &entry),
              MAPI_E_NO_SUPPORT);
    expect_hr(HrOpenABEntryWithResolvedRow(NULL, NULL, 0, NULL, NULL, 0, &type, &entry),
              MAPI_E_NO_SUPPORT);
    expect_hr(HrOpenABEntryWithSupport(NULL, 0, NULL, NULL, 0, &type, &entry), MAPI_E_NO_SUPPORT);
    expect_hr(HrDoABDetailsWithExchangeContext(NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL,
                                               NULL, NULL, 0),
              MAPI_E_NO_SUPPORT);
    expect_hr(
        HrDoABDetailsWithProviderUID(NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 0),
        MAPI_E_NO_SUPPORT);
    expect_hr(HrCompareABEntryIDsWithExchangeContext(NULL, NULL, NULL, 0, NULL, 0, NULL, 0, &type),
              MAPI_E_NO_SUPPORT);
    expect_hr(HrGetGALFromEmsmdbUID(NULL, NULL, NULL, &size, &id), MAPI_E_NO_SUPPORT);
    cr_expect_null(id);
}

Test(absent, offline_and_cached_mode)
{
    IMAPIInitMonitor *monitor = (IMAPIInitMonitor *)&something;
    IMAPIOfflineMgr *manager = (IMAPIOfflineMgr *)&something;
    IStream *stream = (IStream *)&something;
    void *wrapped = &something;
    BOOL policy = TRUE;

    expect_hr(HrGetAutoDiscoverXML(u"a@example.org", u"", NULL, 0, &stream), MAPI_E_NO_SUPPORT);
    cr_expect_null(stream);
    expect_hr(CreateMAPIInitializationMonitor(&monitor), MAPI_E_NO_SUPPORT);
    cr_expect_null(monitor);
    expect_hr(HrOpenOfflineObj(0, u"p", NULL, NULL, &manager), MAPI_E_NO_SUPPORT);
    cr_expect_null(manager);
    expect_hr(HrCreateOfflineObj(0, NULL, &manager), MAPI_E_NO_SUPPORT);
    expect_hr(HrCreateNewWrappedObject(NULL, 0, 0, NULL, NULL, FALSE, &wrapped), MAPI_E_NO_SUPPORT);
    cr_expect_null(wrapped);
    cr_expect(!GetDefCachedMode(&policy) && !policy);
    policy = TRUE;
    cr_expect(!GetDefCachedModeDownloadPubFoldFavs(&policy) && !policy);
}

Test(absent, common_messaging_calls)
{
    CMC_session_id session;
    CMC_uint32 count;

    cr_expect_eq(cmc_logon(NULL, NULL, NULL, NULL, 0, 100, 0, &session, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_send(0, NULL, 0, 0, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_send_documents(NULL, NULL, NULL, 0, NULL, NULL, NULL, 0), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_act_on(0, NULL, 0, 0, 0, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_list(0, NULL, 0, NULL, &count, 0, NULL, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_read(0, NULL, 0, NULL, 0, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_look_up(0, NULL, 0, 0, &count, NULL, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_query_configuration(0, 0, NULL, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_logoff(0, 0, 0, NULL), CMC_E_NOT_SUPPORTED);
    cr_expect_eq(cmc_free(NULL), CMC_SUCCESS);
    cr_expect_eq(cmc_free(&something), CMC_E_INVALID_MEMORY);
}
