/* tests/session/test_profiles.c - profiles, services, providers, sections */
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapigate.h"
#include "session/fixture.h"

static IProfAdmin *admin;

static void set_up(void)
{
    fixture_set_up();
    admin = NULL;
}

TestSuite(profiles, .init = set_up, .fini = fixture_tear_down);

static size_t profile_count(void)
{
    IMAPITable *table;
    size_t count;

    assert_hr(IProfAdmin_GetProfileTable(admin, 0, &table), S_OK);
    count = row_count(table);
    IMAPITable_Release(table);
    return count;
}

static bool profile_exists(const char *name, bool *ret_default)
{
    IMAPITable *table;
    SRowSet *rows;
    bool found = false;

    assert_hr(IProfAdmin_GetProfileTable(admin, 0, &table), S_OK);
    rows = all_rows(table);
    for (ULONG i = 0; i < rows->cRows && !found; i++) {
        found = strcmp(value_of(&rows->aRow[i], PR_DISPLAY_NAME_A)->Value.lpszA, name) == 0;
        if (found && ret_default)
            *ret_default = value_of(&rows->aRow[i], PR_DEFAULT_PROFILE)->Value.b;
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    return found;
}

static IMsgServiceAdmin *services_of(const char *name)
{
    IMsgServiceAdmin *services;

    assert_hr(IProfAdmin_AdminServices(admin, (LPTSTR)name, NULL, 0, 0, &services), S_OK);
    return services;
}

/* --- Profiles --------------------------------------------------------------------------------- */

Test(profiles, admin_is_a_whole_object) /* PRF-032, PRF-033 */
{
    MAPIERROR *error = (MAPIERROR *)1;

    admin = open_admin();
    expect_full_vtable(admin);
    expect_interface(admin, &IID_IProfAdmin);
    expect_hr(IProfAdmin_GetLastError(admin, S_OK, 0, &error), S_OK);
    cr_expect_null(error);
    expect_last_release(admin);
    expect_hr(MAPIAdminProfiles(0x40000000, &admin), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(MAPIAdminProfiles(0, NULL), MAPI_E_INVALID_PARAMETER);
}

Test(profiles, are_created_once) /* PRF-002 to PRF-006, PRF-024 to PRF-027 */
{
    IMAPITable *before;
    MAPIERROR *error = NULL;

    admin = open_admin();
    cr_expect_eq(profile_count(), 0);
    assert_hr(IProfAdmin_GetProfileTable(admin, 0, &before), S_OK);
    expect_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) "Ann", NULL, 0, 0), S_OK);
    expect_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) "ann", (LPTSTR) "", 0, 0), MAPI_E_NO_ACCESS);
    expect_hr(IProfAdmin_GetLastError(admin, MAPI_E_NO_ACCESS, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr((char *)error->lpszError, "exists"));
    MAPIFreeBuffer(error);
    expect_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) " Ann", NULL, 0, 0),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) "Bob", (LPTSTR) "secret", 0, 0),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IProfAdmin_CreateProfile(admin, NULL, NULL, 0, 0), MAPI_E_INVALID_PARAMETER);
    expect_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) "Bob", NULL, 0, 0x40000000),
              MAPI_E_UNKNOWN_FLAGS);
    cr_expect_eq(profile_count(), 1);
    cr_expect(profile_exists("Ann", NULL));
    cr_expect_eq(row_count(before), 0); /* the table is a snapshot */
    IMAPITable_Release(before);
    IProfAdmin_Release(admin);
}

Test(profiles, default_profile) /* PRF-019 to PRF-021 */
{
    bool is_default;

    make_profile_of("Ann", "ann");
    make_profile_of("Bob", "bob");
    admin = open_admin();
    expect_hr(IProfAdmin_SetDefaultProfile(admin, (LPTSTR) "Ann", 0), S_OK);
    expect_hr(IProfAdmin_SetDefaultProfile(admin, (LPTSTR) "Bob", 0), S_OK);
    cr_expect(profile_exists("Ann", &is_default) && !is_default);
    cr_expect(profile_exists("Bob", &is_default) && is_default);
    expect_hr(IProfAdmin_SetDefaultProfile(admin, (LPTSTR) "Nobody", 0), MAPI_E_NOT_FOUND);
    expect_hr(IProfAdmin_SetDefaultProfile(admin, NULL, 0), S_OK);
    cr_expect(profile_exists("Bob", &is_default) && !is_default);
    IProfAdmin_Release(admin);
}

Test(profiles, are_copied_and_renamed) /* PRF-015, PRF-016, PRF-017, PRF-018, PRF-023 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    admin = open_admin();
    expect_hr(IProfAdmin_CopyProfile(admin, (LPTSTR) "Ann", NULL, (LPTSTR) "Copy", 0, 0), S_OK);
    expect_hr(IProfAdmin_CopyProfile(admin, (LPTSTR) "Ann", NULL, (LPTSTR) "Copy", 0, 0),
              MAPI_E_NO_ACCESS);
    expect_hr(IProfAdmin_CopyProfile(admin, (LPTSTR) "Nobody", NULL, (LPTSTR) "X", 0, 0),
              MAPI_E_NOT_FOUND);
    session = logon("Copy", 0);
    cr_expect_eq(fake_count("store_logon ann"), 1); /* the same content */
    expect_hr(IProfAdmin_RenameProfile(admin, (LPTSTR) "Copy", NULL, (LPTSTR) "New", 0, 0), S_OK);
    cr_expect(!profile_exists("New", NULL)); /* it is in use */
    logoff(session);
    cr_expect(profile_exists("New", NULL));
    expect_hr(IProfAdmin_ChangeProfilePassword(admin, (LPTSTR) "Ann", NULL, NULL, 0), S_OK);
    IProfAdmin_Release(admin);
}

Test(profiles, deleted_in_use_goes_with_its_session) /* PRF-010, PRF-011, PRF-014 */
{
    IMAPISession *session, *other;

    make_profile_of("Ann", "ann");
    admin = open_admin();
    expect_hr(IProfAdmin_DeleteProfile(admin, (LPTSTR) "Nobody", 0), MAPI_E_NOT_FOUND);
    session = logon("Ann", 0);
    expect_hr(IProfAdmin_DeleteProfile(admin, (LPTSTR) "Ann", 0), S_OK);
    cr_expect_eq(profile_count(), 0);
    expect_hr(try_logon("Ann", 0, &other), MAPI_E_LOGON_FAILED);
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    logoff(session);
    expect_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) "Ann", NULL, 0, 0), S_OK);
    IProfAdmin_Release(admin);
}

Test(profiles, administering_services_makes_no_session) /* PRF-029 to PRF-031 */
{
    IMsgServiceAdmin *services = NULL;

    make_profile_of("Ann", "ann");
    admin = open_admin();
    expect_hr(IProfAdmin_AdminServices(admin, (LPTSTR) "Nobody", NULL, 0, 0, &services),
              MAPI_E_LOGON_FAILED);
    expect_hr(IProfAdmin_AdminServices(admin, NULL, NULL, 0, 0, &services),
              MAPI_E_INVALID_PARAMETER);
    cr_expect_eq(profile_count(), 1);
    cr_expect_eq(fake.call_count, 0);
    IProfAdmin_Release(admin);
}

/* --- Services --------------------------------------------------------------------------------- */

/* The uid of a service by its display name. */
static MAPIUID service_uid(IMsgServiceAdmin *services, const char *display)
{
    MAPIUID uid = {{0}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    rows = all_rows(table);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(value_of(&rows->aRow[i], PR_DISPLAY_NAME_A)->Value.lpszA, display) == 0)
            memcpy(&uid, value_of(&rows->aRow[i], PR_SERVICE_UID)->Value.bin.lpb, sizeof(uid));
    FreeProws(rows);
    IMAPITable_Release(table);
    return uid;
}

Test(profiles, service_table_of_a_new_profile) /* PRF-080, PRF-081 */
{
    static const ULONG wanted[] = {
        PR_DISPLAY_NAME_A,     PR_INSTANCE_KEY,   PR_RESOURCE_FLAGS,        PR_SERVICE_DLL_NAME_A,
        PR_SERVICE_ENTRY_NAME, PR_SERVICE_NAME_A, PR_SERVICE_SUPPORT_FILES, PR_SERVICE_UID};
    IMsgServiceAdmin *services;
    IMAPITable *table;
    SPropTagArray *columns;

    make_profile("Empty", NULL, 0);
    admin = open_admin();
    services = services_of("Empty");
    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    cr_expect_eq(row_count(table), 0);
    assert_hr(IMAPITable_QueryColumns(table, 0, &columns), S_OK);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        bool found = false;

        for (ULONG at = 0; at < columns->cValues; at++)
            found |= PROP_ID(columns->aulPropTag[at]) == PROP_ID(wanted[i]);
        cr_expect(found, "0x%08X", (unsigned)wanted[i]);
    }
    MAPIFreeBuffer(columns);
    add_service(services, "ann");
    cr_expect_eq(row_count(table), 0); /* static */
    IMAPITable_Release(table);
    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    cr_expect_eq(row_count(table), 1);
    IMAPITable_Release(table);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

Test(profiles, service_table) /* PRF-055, PRF-060, PRF-062, PRF-063, PRF-083 */
{
    const char *users[] = {"ann", "bob"};
    IMsgServiceAdmin *services;
    IMAPITable *table;
    const SRow *last;
    SRowSet *rows;

    make_profile("Both", users, 2);
    admin = open_admin();
    services = services_of("Both");
    expect_full_vtable(services);
    expect_interface(services, &IID_IMsgServiceAdmin);
    expect_interface(services, &IID_IMsgServiceAdmin2);
    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    rows = all_rows(table);
    cr_assert_eq(rows->cRows, 2);
    last = &rows->aRow[1];
    cr_expect_str_eq(value_of(last, PR_DISPLAY_NAME_A)->Value.lpszA, "bob");
    cr_expect_str_eq(value_of(last, PR_SERVICE_NAME_A)->Value.lpszA, "IMAPSMTP");
    cr_expect_eq(value_of(last, PR_SERVICE_UID)->Value.bin.cb, sizeof(MAPIUID));
    FreeProws(rows);
    IMAPITable_Release(table);
    assert_hr(IMsgServiceAdmin_GetProviderTable(services, 0, &table), S_OK);
    rows = all_rows(table);
    cr_assert_eq(rows->cRows, 6); /* PRF-097, PRF-098, PRF-101 */
    for (ULONG i = 0; i < 6; i++) {
        cr_expect_eq(value_of(&rows->aRow[i], PR_PROVIDER_ORDINAL)->Value.l, (LONG)i);
        cr_expect_str_eq(value_of(&rows->aRow[i], PR_SERVICE_NAME_A)->Value.lpszA, "IMAPSMTP");
        cr_expect_str_eq(value_of(&rows->aRow[i], PR_PROVIDER_DLL_NAME_A)->Value.lpszA, "mapigate");
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

Test(profiles, services_that_are_not_there) /* PRF-054, PRF-070, PRF-071, PRF-074, PRF-079 */
{
    SPropValue value = {.ulPropTag = PR_MG_USER};
    IMsgServiceAdmin *services;
    IProviderAdmin *providers;
    MAPIUID nobody = {{9}};

    value.Value.lpszW = (WCHAR *)u"x";
    make_profile_of("Ann", "ann");
    admin = open_admin();
    services = services_of("Ann");
    expect_hr(IMsgServiceAdmin_CreateMsgService(services, (LPTSTR) "NONE", NULL, 0, 0),
              MAPI_E_NOT_FOUND);
    expect_hr(IMsgServiceAdmin_DeleteMsgService(services, &nobody), MAPI_E_NOT_FOUND);
    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &nobody, 0, 0, 1, &value),
              MAPI_E_NOT_FOUND);
    expect_hr(IMsgServiceAdmin_AdminProviders(services, &nobody, 0, &providers), MAPI_E_NOT_FOUND);
    expect_hr(IMsgServiceAdmin_RenameMsgService(services, &nobody, 0, (LPTSTR) "x"),
              MAPI_E_NO_SUPPORT);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

Test(profiles, changes_are_for_the_next_session) /* SES-184, PRF-087, PRF-095 */
{
    IMsgServiceAdmin *services;
    IMAPISession *session;
    MAPIUID uid;

    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    assert_hr(IMAPISession_AdminServices(session, 0, &services), S_OK);
    add_service(services, "bob");
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    uid = service_uid(services, "ann");
    expect_hr(IMsgServiceAdmin_DeleteMsgService(services, &uid), S_OK);
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    IMsgServiceAdmin_Release(services);
    logoff(session);
    session = logon("Ann", 0);
    cr_expect_eq(fake_count("store_logon bob"), 1);
    cr_expect_eq(fake_count("store_logon ann"), 1); /* the first session's */
    logoff(session);
}

Test(profiles, configuration_is_checked) /* PRF-072, PRF-073, PRF-125, PRF-126 */
{
    SPropValue value = {.ulPropTag = PR_MG_IMAP_URL};
    IMsgServiceAdmin *services;
    MAPIERROR *error = NULL;
    MAPIUID uid;

    make_profile_of("Ann", "ann");
    admin = open_admin();
    services = services_of("Ann");
    uid = service_uid(services, "ann");
    value.Value.lpszW = (WCHAR *)u"gopher://example.org";
    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &uid, 0, 0, 1, &value),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IMsgServiceAdmin_GetLastError(services, MAPI_E_INVALID_PARAMETER, 0, &error), S_OK);
    cr_expect_not_null(error);
    MAPIFreeBuffer(error);
    value.Value.lpszW = (WCHAR *)u"imaps://imap.example.org";
    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &uid, 0, 0, 1, &value), S_OK);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

/* The uids of the transports in the order of PR_PROVIDER_ORDINAL; asked for the other way round,
 * for the rows may stand in order by themselves. */
static void transport_uids(IMsgServiceAdmin *services, MAPIUID uids[2])
{
    SizedSSortOrderSet(1, last_first) = {1, 0, 0, {{PR_PROVIDER_ORDINAL, TABLE_SORT_DESCEND}}};
    IMAPITable *table;
    SRowSet *rows;
    size_t count = 0;

    assert_hr(IMsgServiceAdmin_GetProviderTable(services, 0, &table), S_OK);
    assert_hr(IMAPITable_SortTable(table, (SSortOrderSet *)&last_first, 0), S_OK);
    rows = all_rows(table);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (value_of(&rows->aRow[i], PR_RESOURCE_TYPE)->Value.l == MAPI_TRANSPORT_PROVIDER) {
            cr_assert_lt(count, 2);
            memcpy(&uids[1 - count++], value_of(&rows->aRow[i], PR_PROVIDER_UID)->Value.bin.lpb,
                   sizeof(MAPIUID));
        }
    cr_assert_eq(count, 2);
    FreeProws(rows);
    IMAPITable_Release(table);
}

Test(profiles, transports_are_put_in_order) /* PRF-102, PRF-107, PRF-108 */
{
    const char *users[] = {"ann", "bob"};
    IMsgServiceAdmin *services;
    IMAPISession *session;
    IMAPIStatus *spooler;
    MAPIUID uids[2], wanted[2], twice[2];

    make_profile("Both", users, 2);
    admin = open_admin();
    services = services_of("Both");
    transport_uids(services, uids);
    wanted[0] = uids[1];
    wanted[1] = uids[0];
    twice[0] = twice[1] = uids[0];
    expect_hr(IMsgServiceAdmin_MsgServiceTransportOrder(services, 1, wanted, 0), MAPI_E_BUSY);
    expect_hr(IMsgServiceAdmin_MsgServiceTransportOrder(services, 2, twice, 0), MAPI_E_NOT_FOUND);
    expect_hr(IMsgServiceAdmin_MsgServiceTransportOrder(services, 2, wanted, 0), S_OK);
    transport_uids(services, uids);
    cr_expect_eq(memcmp(uids, wanted, sizeof(uids)), 0);
    session = logon("Both", 0);
    spooler = open_status(session, MAPI_SPOOLER, NULL); /* all have started */
    assert_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD), S_OK);
    cr_expect_lt(fake_position("end_outbound_flush bob"), fake_position("end_outbound_flush ann"));
    cr_expect_lt(fake_position("store_logon ann"), fake_position("store_logon bob"));
    IMAPIStatus_Release(spooler);
    logoff(session);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

/* What the service table says of a service's identity. */
static ULONG service_identity(IMsgServiceAdmin *services, const char *display)
{
    ULONG flags = 0;
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    rows = all_rows(table);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(value_of(&rows->aRow[i], PR_DISPLAY_NAME_A)->Value.lpszA, display) == 0)
            flags = (ULONG)value_of(&rows->aRow[i], PR_RESOURCE_FLAGS)->Value.l;
    FreeProws(rows);
    IMAPITable_Release(table);
    return flags & (SERVICE_PRIMARY_IDENTITY | SERVICE_NO_PRIMARY_IDENTITY);
}

Test(profiles, primary_identity) /* STA-066, STA-074, STA-156, STA-158, STA-159, STA-161, SES-187,
                                  * SES-189 */
{
    const char *users[] = {"ann", "bob"};
    IMsgServiceAdmin *services;
    IMAPISession *session;
    MAPIUID uid;
    const SRow *row;
    SRowSet *rows;
    ENTRYID *id;
    ULONG size;

    make_profile("Both", users, 2);
    admin = open_admin();
    services = services_of("Both");
    uid = service_uid(services, "bob");
    expect_hr(IMsgServiceAdmin_SetPrimaryIdentity(services, &uid, 1), MAPI_E_UNKNOWN_FLAGS);
    cr_expect_eq(service_identity(services, "ann"), SERVICE_PRIMARY_IDENTITY);
    expect_hr(IMsgServiceAdmin_SetPrimaryIdentity(services, &uid, 0), S_OK);
    cr_expect_eq(service_identity(services, "ann"), SERVICE_NO_PRIMARY_IDENTITY);
    cr_expect_eq(service_identity(services, "bob"), SERVICE_PRIMARY_IDENTITY);
    atomic_store(&fake.identity, 1);
    session = logon("Both", 0);
    rows = status_row(session, MAPI_STORE_PROVIDER, "bob", &row);
    cr_expect(value_of(row, PR_RESOURCE_FLAGS)->Value.l & STATUS_PRIMARY_IDENTITY);
    assert_hr(IMAPISession_QueryIdentity(session, &size, &id), S_OK);
    cr_expect(size == value_of(row, PR_IDENTITY_ENTRYID)->Value.bin.cb &&
              memcmp(id, value_of(row, PR_IDENTITY_ENTRYID)->Value.bin.lpb, size) == 0);
    MAPIFreeBuffer(id);
    FreeProws(rows);
    rows = status_row(session, MAPI_STORE_PROVIDER, "ann", &row);
    cr_expect(value_of(row, PR_RESOURCE_FLAGS)->Value.l & STATUS_NO_PRIMARY_IDENTITY);
    FreeProws(rows);
    logoff(session);
    expect_hr(IMsgServiceAdmin_SetPrimaryIdentity(services, NULL, 0), S_OK);
    session = logon("Both", 0);
    rows = status_row(session, MAPI_STORE_PROVIDER, "bob", &row);
    cr_expect(!(value_of(row, PR_RESOURCE_FLAGS)->Value.l & STATUS_PRIMARY_IDENTITY));
    FreeProws(rows);
    rows = status_row(session, MAPI_STORE_PROVIDER, "ann", &row); /* the first that has one */
    assert_hr(IMAPISession_QueryIdentity(session, &size, &id), S_OK);
    cr_expect(size == value_of(row, PR_IDENTITY_ENTRYID)->Value.bin.cb &&
              memcmp(id, value_of(row, PR_IDENTITY_ENTRYID)->Value.bin.lpb, size) == 0);
    MAPIFreeBuffer(id);
    FreeProws(rows);
    logoff(session);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

Test(profiles, providers_of_one_service) /* PRF-048, PRF-051, PRF-093, PRF-099 */
{
    const char *users[] = {"ann", "bob"};
    IMsgServiceAdmin *services;
    IProviderAdmin *providers;
    IProfSect *section;
    IMAPITable *table;
    MAPIUID uid, uids[2];

    make_profile("Both", users, 2);
    admin = open_admin();
    services = services_of("Both");
    uid = service_uid(services, "ann");
    transport_uids(services, uids);
    assert_hr(IMsgServiceAdmin_AdminProviders(services, &uid, 0, &providers), S_OK);
    expect_full_vtable(providers);
    assert_hr(IProviderAdmin_GetProviderTable(providers, 0, &table), S_OK);
    cr_expect_eq(row_count(table), 3);
    expect_hr(IProviderAdmin_OpenProfileSection(providers, NULL, NULL, 0, &section),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IProviderAdmin_OpenProfileSection(providers, &uids[0], NULL, 0, &section),
              MAPI_E_NO_ACCESS);
    assert_hr(
        IProviderAdmin_OpenProfileSection(providers, &uids[0], NULL, MAPI_FORCE_ACCESS, &section),
        S_OK);
    IProfSect_Release(section);
    expect_hr(IProviderAdmin_DeleteProvider(providers, &uids[1]), MAPI_E_NOT_FOUND); /* bob's */
    expect_hr(IProviderAdmin_DeleteProvider(providers, &uids[0]), S_OK);
    cr_expect_eq(row_count(table), 3); /* static */
    IMAPITable_Release(table);
    assert_hr(IProviderAdmin_GetProviderTable(providers, 0, &table), S_OK);
    cr_expect_eq(row_count(table), 2);
    IMAPITable_Release(table);
    IProviderAdmin_Release(providers);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

/* --- Sections --------------------------------------------------------------------------------- */

static IMAPISession *session;

static HRESULT open_section(const MAPIUID *uid, ULONG flags, IProfSect **ret_section)
{
    return IMAPISession_OpenProfileSection(session, (MAPIUID *)uid, NULL, flags, ret_section);
}

static const MAPIUID some_uid = {{7, 7, 7}};

Test(profiles, sections_are_made_for_writers) /* SES-175, SES-180, SES-181, PRF-035 to PRF-039 */
{
    SizedSPropTagArray(2, tags) = {2, {PR_OBJECT_TYPE, PR_PROFILE_NAME_W}};
    SPropValue value = {.ulPropTag = PR_COMMENT_W}, *values;
    MAPINAMEID name = {.lpguid = (GUID *)&some_uid}, *names[] = {&name}, **found;
    SPropProblemArray *problems = NULL;
    SPropTagArray *named;
    IProfSect *section;
    ULONG count;

    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    expect_hr(open_section(&some_uid, 0, &section), MAPI_E_NOT_FOUND);
    cr_expect_null(section);
    expect_hr(open_section(&some_uid, 0x40000000, &section), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(open_section(&some_uid, MAPI_MODIFY, &section), S_OK);
    expect_full_vtable(section);
    expect_interface(section, &IID_IProfSect);
    value.Value.lpszW = (WCHAR *)u"kept";
    expect_hr(IProfSect_SetProps(section, 1, &value, NULL), S_OK); /* holds at once */
    expect_last_release(section);

    assert_hr(open_section(&some_uid, 0, &section), S_OK);
    expect_hr(IProfSect_SetProps(section, 1, &value, NULL), MAPI_E_NO_ACCESS); /* SES-176 */
    expect_hr(IProfSect_SaveChanges(section, 0), S_OK);
    assert_hr(IProfSect_GetProps(section, NULL, MAPI_UNICODE, &count, &values), S_OK);
    for (ULONG i = 0, seen = 0; i < count; i++) {
        seen += values[i].ulPropTag == PR_COMMENT_W && text_is(&values[i], "kept");
        if (i == count - 1)
            cr_expect_eq(seen, 1);
    }
    MAPIFreeBuffer(values);
    assert_hr(IProfSect_GetProps(section, (SPropTagArray *)&tags, 0, &count, &values), S_OK);
    cr_expect_eq(values[0].Value.l, MAPI_PROFSECT);
    cr_expect(text_is(&values[1], "Ann"));
    MAPIFreeBuffer(values);
    expect_last_release(section);

    assert_hr(open_section(&some_uid, MAPI_MODIFY, &section), S_OK);
    value.ulPropTag = PROP_TAG(PT_UNICODE, 0x8001); /* PRF-040 */
    expect_hr(IProfSect_SetProps(section, 1, &value, &problems), S_OK);
    cr_expect(problems && problems->cProblem == 1);
    MAPIFreeBuffer(problems);
    expect_hr(IProfSect_GetIDsFromNames(section, 1, names, MAPI_CREATE, &named),
              MAPI_E_NO_SUPPORT); /* PRF-039 */
    named = (SPropTagArray *)&tags;
    expect_hr(IProfSect_GetNamesFromIDs(section, &named, NULL, 0, &count, &found),
              MAPI_E_NO_SUPPORT);
    expect_last_release(section);
    logoff(session);
}

Test(profiles, secure_properties_are_not_listed) /* PRF-041, PRF-042 */
{
    SizedSPropTagArray(1, tags) = {1, {PR_MG_PASSWORD}};
    SPropValue value = {.ulPropTag = PR_MG_PASSWORD}, *values;
    SPropTagArray *list;
    IProfSect *section;
    ULONG count;

    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    assert_hr(open_section(&some_uid, MAPI_MODIFY, &section), S_OK);
    value.Value.lpszW = (WCHAR *)u"secret";
    expect_hr(IProfSect_SetProps(section, 1, &value, NULL), S_OK);
    for (int again = 0; again < 2; again++) {
        assert_hr(IProfSect_GetPropList(section, 0, &list), S_OK);
        for (ULONG i = 0; i < list->cValues; i++)
            cr_expect_neq(PROP_ID(list->aulPropTag[i]), PROP_ID(PR_MG_PASSWORD));
        MAPIFreeBuffer(list);
        assert_hr(IProfSect_GetProps(section, NULL, 0, &count, &values), S_OK);
        for (ULONG i = 0; i < count; i++)
            cr_expect_neq(PROP_ID(values[i].ulPropTag), PROP_ID(PR_MG_PASSWORD));
        MAPIFreeBuffer(values);
        assert_hr(IProfSect_GetProps(section, (SPropTagArray *)&tags, 0, &count, &values), S_OK);
        cr_expect(text_is(&values[0], "secret"));
        MAPIFreeBuffer(values);
        IProfSect_Release(section); /* and when it is opened anew */
        assert_hr(open_section(&some_uid, again ? 0 : MAPI_MODIFY, &section), S_OK);
    }
    IProfSect_Release(section);
    logoff(session);
}

Test(profiles, one_writer_or_many_readers) /* SES-177 to SES-179, PRF-050 */
{
    IProfSect *reader, *other, *writer;
    MAPIERROR *error = NULL;

    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    assert_hr(open_section(&some_uid, MAPI_MODIFY, &writer), S_OK);
    expect_hr(open_section(&some_uid, 0, &reader), MAPI_E_NO_ACCESS);
    expect_hr(open_section(&some_uid, MAPI_MODIFY, &reader), MAPI_E_NO_ACCESS);
    expect_hr(IMAPISession_GetLastError(session, MAPI_E_NO_ACCESS, 0, &error), S_OK);
    cr_expect_not_null(error);
    MAPIFreeBuffer(error);
    IProfSect_Release(writer);
    assert_hr(open_section(&some_uid, 0, &reader), S_OK);
    assert_hr(open_section(&some_uid, 0, &other), S_OK);
    IProfSect_Release(reader);
    expect_hr(open_section(&some_uid, MAPI_MODIFY, &writer), MAPI_E_NO_ACCESS);
    IProfSect_Release(other);
    assert_hr(open_section(&some_uid, MAPI_MODIFY, &writer), S_OK);
    IProfSect_Release(writer);
    logoff(session);
}

Test(profiles, providers_sections_need_force) /* SES-182, PRF-047 */
{
    IMsgServiceAdmin *services;
    IProfSect *section;
    MAPIUID uids[2], uid;
    const char *users[] = {"ann", "bob"};

    make_profile("Both", users, 2);
    session = logon("Both", 0);
    assert_hr(IMAPISession_AdminServices(session, 0, &services), S_OK);
    transport_uids(services, uids);
    uid = service_uid(services, "ann");
    expect_hr(open_section(&uids[0], 0, &section), MAPI_E_NO_ACCESS);
    assert_hr(open_section(&uids[0], MAPI_FORCE_ACCESS, &section), S_OK);
    IProfSect_Release(section);
    expect_hr(IMsgServiceAdmin_OpenProfileSection(services, &uid, NULL, 0, &section),
              MAPI_E_NO_ACCESS);
    assert_hr(
        IMsgServiceAdmin_OpenProfileSection(services, &uid, NULL, MAPI_FORCE_ACCESS, &section),
        S_OK);
    IProfSect_Release(section);
    IMsgServiceAdmin_Release(services);
    logoff(session);
}

static void search_key(BYTE key[16])
{
    SizedSPropTagArray(1, tags) = {1, {PR_SEARCH_KEY}};
    SPropValue *values;
    IProfSect *section;
    ULONG count;

    session = logon("Ann", 0);
    assert_hr(open_section((const MAPIUID *)&MUID_PROFILE_INSTANCE, 0, &section), S_OK);
    assert_hr(IProfSect_GetProps(section, (SPropTagArray *)&tags, 0, &count, &values), S_OK);
    cr_assert_eq(values[0].Value.bin.cb, 16);
    memcpy(key, values[0].Value.bin.lpb, 16);
    MAPIFreeBuffer(values);
    IProfSect_Release(section);
    logoff(session);
}

Test(profiles, an_instance_is_unique_for_ever) /* PRF-044, PRF-045 */
{
    BYTE first[16], again[16], later[16];

    make_profile_of("Ann", "ann");
    search_key(first);
    search_key(again);
    cr_expect_eq(memcmp(first, again, 16), 0);
    admin = open_admin();
    expect_hr(IProfAdmin_DeleteProfile(admin, (LPTSTR) "Ann", 0), S_OK);
    IProfAdmin_Release(admin);
    make_profile_of("Ann", "ann");
    search_key(later);
    cr_expect_neq(memcmp(first, later, 16), 0);
}
