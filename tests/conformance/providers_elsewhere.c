/* docs/services.md: a service whose providers come from shared objects, beside ours in one profile
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mapi/mapiextra.h"
#include "tests/conformance/store_rig.h"
#include "tests/providers/sample/sample.h"

static const char description[] = "[Services]\n"
                                  "SAMPLE=Sample service\n"
                                  "SLOW=A transport alone\n"
                                  "GONE=A service whose module is not there\n"
                                  "[SAMPLE]\n"
                                  "Providers=SAMPLE-XP, SAMPLE-MS\n"
                                  "PR_SERVICE_DLL_NAME=sample_transport\n"
                                  "PR_SERVICE_ENTRY_NAME=SampleServiceEntry\n"
                                  "[SLOW]\n"
                                  "Providers=SAMPLE-XP\n"
                                  "PR_SERVICE_DLL_NAME=sample_transport\n"
                                  "PR_SERVICE_ENTRY_NAME=SampleServiceEntry\n"
                                  "[SAMPLE-XP]\n"
                                  "PR_PROVIDER_DLL_NAME=sample_transport\n"
                                  "PR_PROVIDER_DISPLAY=A sample transport\n"
                                  "PR_RESOURCE_TYPE=MAPI_TRANSPORT_PROVIDER\n"
                                  "PR_RESOURCE_FLAGS=0\n"
                                  "[SAMPLE-MS]\n"
                                  "PR_PROVIDER_DLL_NAME=sample_store\n"
                                  "PR_PROVIDER_DISPLAY=A sample store\n"
                                  "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\n"
                                  "PR_RESOURCE_FLAGS=STATUS_NO_DEFAULT_STORE\n"
                                  "[GONE]\n"
                                  "Providers=GONE-XP\n"
                                  "PR_SERVICE_DLL_NAME=no_such_module\n"
                                  "PR_SERVICE_ENTRY_NAME=SampleServiceEntry\n"
                                  "[GONE-XP]\n"
                                  "PR_PROVIDER_DLL_NAME=no_such_module\n"
                                  "PR_PROVIDER_DISPLAY=A transport that is gone\n"
                                  "PR_RESOURCE_TYPE=MAPI_TRANSPORT_PROVIDER\n"
                                  "PR_RESOURCE_FLAGS=0\n";

static char directory[64], path[96];
static IMsgServiceAdmin *services;

static void set_up(void)
{
    IProfAdmin *profiles;
    FILE *file;

    strcpy(directory, "/tmp/mapigate-elsewhere-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/sample.conf", directory);
    file = fopen(path, "we");
    cr_assert_not_null(file);
    fputs(description, file);
    fclose(file);
    setenv("MAPIGATE_SERVICES", directory, 1);
    setenv("MAPIGATE_PROVIDERS", SAMPLE_PROVIDERS, 1);
    mail_prepare_shared();
    mail_begin("secret");
    assert_hr(MAPIAdminProfiles(0, &profiles), S_OK);
    assert_hr(IProfAdmin_AdminServices(profiles, (LPTSTR)PROFILE, NULL, 0, 0, &services), S_OK);
    IProfAdmin_Release(profiles);
}

static void tear_down(void)
{
    IMsgServiceAdmin_Release(services);
    remove(path);
    remove(directory);
    mail_close();
}

TestSuite(providers_elsewhere, .init = set_up, .fini = tear_down);

/* The uid of the service that was added last (PRF-063). */
static MAPIUID last_service(void)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_SERVICE_UID}};
    IMAPITable *table;
    SRowSet *rows;
    MAPIUID uid;

    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    memcpy(&uid, rows->aRow[rows->cRows - 1].lpProps[0].Value.bin.lpb, sizeof(uid));
    FreeProws(rows);
    IMAPITable_Release(table);
    return uid;
}

static void add_service(const char *name)
{
    assert_hr(IMsgServiceAdmin_CreateMsgService(services, (LPTSTR)name, NULL, 0, 0), S_OK);
}

static LONG seen(const MAPIUID *service)
{
    IProfSect *section;
    SPropValue *value;
    LONG bits;

    assert_hr(IMsgServiceAdmin_OpenProfileSection(services, (LPMAPIUID)service, NULL,
                                                  MAPI_FORCE_ACCESS, &section),
              S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)section, PR_SAMPLE_SEEN, &value), S_OK);
    bits = value->Value.l;
    MAPIFreeBuffer(value);
    IProfSect_Release(section);
    return bits;
}

static void configure(const MAPIUID *service, ULONG tag, LONG number)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.l = number;
    assert_hr(IMsgServiceAdmin_ConfigureMsgService(services, (LPMAPIUID)service, 0, 0, 1, &value),
              S_OK);
}

/* The row of that provider in the status table: its PR_STATUS_CODE, -1: there is none. */
static LONG code_of(const char *provider)
{
    SizedSPropTagArray(2, columns) = {2, {PR_PROVIDER_DISPLAY_A, PR_STATUS_CODE}};
    IMAPITable *table;
    SRowSet *rows;
    LONG code = -1;

    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (PROP_TYPE(rows->aRow[i].lpProps[0].ulPropTag) == PT_STRING8 &&
            strcmp(rows->aRow[i].lpProps[0].Value.lpszA, provider) == 0)
            code = rows->aRow[i].lpProps[1].Value.l;
    FreeProws(rows);
    IMAPITable_Release(table);
    return code;
}

static void await_code(const char *provider, LONG bits)
{
    for (int i = 0; i < 3000; i++) {
        LONG code = code_of(provider);

        if (code != -1 && (code & bits) == bits)
            return;
        usleep(10000);
    }
    cr_assert(false, "%s: %d", provider, (int)code_of(provider));
}

/* --- The service ------------------------------------------------------------------------------ */

Test(providers_elsewhere, the_entry_point_reads_and_writes_its_own_section)
/* PRF-049 PRF-116 PRF-129 PRF-139 */
{
    MAPIUID uid;

    add_service("SAMPLE");
    uid = last_service();
    cr_expect_eq(seen(&uid), 1 << MSG_SERVICE_CREATE);
    configure(&uid, PR_SAMPLE_DELAY, 1);
    cr_expect_eq(seen(&uid), 1 << MSG_SERVICE_CREATE | 1 << MSG_SERVICE_CONFIGURE);
}

/* It can be added and taken out; the words say what is missing when it is needed. */
Test(providers_elsewhere, a_module_that_is_gone_harms_nobody_else)
{
    SPropValue value = {.ulPropTag = PR_SAMPLE_DELAY};
    MAPIERROR *error = NULL;
    MAPIUID uid;

    add_service("GONE");
    uid = last_service();
    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &uid, 0, 0, 1, &value),
              MAPI_E_NOT_INITIALIZED);
    assert_hr(IMsgServiceAdmin_GetLastError(services, MAPI_E_NOT_INITIALIZED, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr((char *)error->lpszError, "no_such_module.so"));
    MAPIFreeBuffer(error);
    assert_hr(mail_logon(0), S_OK);
    await_code("Internet mail (SMTP)", STATUS_AVAILABLE);
    assert_hr(IMsgServiceAdmin_DeleteMsgService(services, &uid), S_OK);
}

/* Our own, as a client sees it. */
Test(providers_elsewhere, our_service_is_configured_by_program_alone) /* PRF-078 PRF-124 */
{
    SPropValue url = {.ulPropTag = PR_MG_IMAP_URL};
    MAPIERROR *error = NULL;
    MAPIUID uid = last_service(), bare;

    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &uid, 0, 0, 0, NULL), S_OK);
    add_service(MG_SERVICE_NAME_A);
    bare = last_service();
    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &bare, 0, 0, 0, NULL),
              MAPI_E_UNCONFIGURED);
    url.Value.lpszW = (WCHAR *)u"gopher://example.test";
    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &bare, 0, 0, 1, &url),
              MAPI_E_INVALID_PARAMETER);
    assert_hr(IMsgServiceAdmin_GetLastError(services, MAPI_E_INVALID_PARAMETER, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr((char *)error->lpszError, "imaps"));
    MAPIFreeBuffer(error);
}

/* --- The session ------------------------------------------------------------------------------ */

Test(providers_elsewhere, they_have_their_rows_beside_ours) /* STA-003 */
{
    IMAPITable *stores;
    ULONG count;

    add_service("SAMPLE");
    assert_hr(mail_logon(0), S_OK);
    await_code("A sample transport", STATUS_AVAILABLE | STATUS_OUTBOUND_ENABLED);
    await_code("A sample store", STATUS_AVAILABLE);
    await_code("Internet mail (IMAP)", STATUS_AVAILABLE);
    await_code("Internet mail (SMTP)", STATUS_AVAILABLE);
    assert_hr(IMAPISession_GetMsgStoresTable(mail.session, 0, &stores), S_OK);
    assert_hr(IMAPITable_GetRowCount(stores, 0, &count), S_OK);
    cr_expect_eq(count, 2);
    IMAPITable_Release(stores);
}

static IMAPIStatus *status_object(const char *provider)
{
    SizedSPropTagArray(2, columns) = {2, {PR_PROVIDER_DISPLAY_A, PR_ENTRYID}};
    IMAPIStatus *status = NULL;
    IMAPITable *table;
    SRowSet *rows;
    ULONG type;

    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (PROP_TYPE(rows->aRow[i].lpProps[0].ulPropTag) == PT_STRING8 &&
            strcmp(rows->aRow[i].lpProps[0].Value.lpszA, provider) == 0)
            assert_hr(IMAPISession_OpenEntry(mail.session, rows->aRow[i].lpProps[1].Value.bin.cb,
                                             (ENTRYID *)rows->aRow[i].lpProps[1].Value.bin.lpb,
                                             NULL, 0, &type, (IUnknown **)&status),
                      S_OK);
    FreeProws(rows);
    IMAPITable_Release(table);
    cr_assert_not_null(status);
    return status;
}

Test(providers_elsewhere, their_status_objects_are_opened_by_their_rows) /* STA-055 */
{
    IMAPIStatus *status;

    add_service("SAMPLE");
    assert_hr(mail_logon(0), S_OK);
    await_code("A sample transport", STATUS_AVAILABLE | STATUS_OUTBOUND_ENABLED);
    status = status_object("A sample transport");
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0), S_OK);
    expect_hr(IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD), MAPI_E_NO_SUPPORT);
    IMAPIStatus_Release(status);
    status = status_object("A sample store");
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0), S_OK);
    IMAPIStatus_Release(status);
}

Test(providers_elsewhere, their_store_opens_through_the_session)
{
    SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DISPLAY_NAME_A}};
    IMAPITable *stores;
    IMsgStore *store = NULL;
    SPropValue *name;
    SRowSet *rows;

    add_service("SAMPLE");
    assert_hr(mail_logon(0), S_OK);
    assert_hr(IMAPISession_GetMsgStoresTable(mail.session, 0, &stores), S_OK);
    assert_hr(HrQueryAllRows(stores, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(rows->aRow[i].lpProps[1].Value.lpszA, "Sample store") == 0)
            assert_hr(IMAPISession_OpenMsgStore(
                          mail.session, 0, rows->aRow[i].lpProps[0].Value.bin.cb,
                          (ENTRYID *)rows->aRow[i].lpProps[0].Value.bin.lpb, NULL, 0, &store),
                      S_OK);
    FreeProws(rows);
    IMAPITable_Release(stores);
    cr_assert_not_null(store);
    assert_hr(HrGetOneProp((IMAPIProp *)store, PR_DISPLAY_NAME_A, &name), S_OK);
    cr_expect_str_eq(name->Value.lpszA, "Sample store");
    MAPIFreeBuffer(name);
    IMsgStore_Release(store);
}

/* The transports, the sample first. */
static void transport_uids(MAPIUID uids[2])
{
    SizedSPropTagArray(3, columns) = {3,
                                      {PR_RESOURCE_TYPE, PR_PROVIDER_DISPLAY_A, PR_PROVIDER_UID}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMsgServiceAdmin_GetProviderTable(services, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *props = rows->aRow[i].lpProps;

        if (props[0].Value.l == MAPI_TRANSPORT_PROVIDER)
            memcpy(&uids[strcmp(props[1].Value.lpszA, "A sample transport") != 0],
                   props[2].Value.bin.lpb, sizeof(MAPIUID));
    }
    FreeProws(rows);
    IMAPITable_Release(table);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Its logon takes 10 s, and it is asked first. The status table waits for it (SES-186); the account
 * beside it has sent long before. */
Test(providers_elsewhere, one_that_blocks_slows_nobody_else)
{
    char address[64];
    const char *const to[] = {address};
    MAPIUID uid, order[2];
    IMAPIFolder *inbox;
    IMAPITable *contents;
    double begun;

    add_service("SLOW");
    uid = last_service();
    configure(&uid, PR_SAMPLE_DELAY, 10000);
    transport_uids(order);
    assert_hr(IMsgServiceAdmin_MsgServiceTransportOrder(services, 2, order, 0), S_OK);
    begun = seconds();
    assert_hr(mail_logon(0), S_OK);
    assert_hr(mail_open_store(&mail.store), S_OK);
    snprintf(address, sizeof(address), "%s@example.test", mail.user);
    mail_send("not slowed", "by anybody", to, 1);
    inbox = mail_folder("Inbox");
    contents = mail_contents(inbox);
    mail_await_row(contents, "not slowed", true);
    cr_expect_lt(seconds() - begun, 9);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
    await_code("A sample transport", STATUS_AVAILABLE);
    cr_expect_gt(seconds() - begun, 9.9);
}
