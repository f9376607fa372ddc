/* tests/session/test_profile_tables.c - the tables of administration: profiles, services, providers
 */
#include <string.h>

#include "mapi/mapiextra.h"
#include "mapi/mapigate.h"
#include "mapi/propval.h"
#include "session/fixture.h"

static IProfAdmin *admin;

static void set_up(void)
{
    fixture_set_up();
    admin = open_admin();
}

static void tear_down(void)
{
    IProfAdmin_Release(admin);
    fixture_tear_down();
}

TestSuite(profile_tables, .init = set_up, .fini = tear_down);

static IMsgServiceAdmin *services_of(const char *profile)
{
    IMsgServiceAdmin *services;

    assert_hr(IProfAdmin_AdminServices(admin, (LPTSTR)profile, NULL, 0, 0, &services), S_OK);
    return services;
}

static IMAPITable *providers_of(IMsgServiceAdmin *services, ULONG flags)
{
    IMAPITable *table;

    assert_hr(IMsgServiceAdmin_GetProviderTable(services, flags, &table), S_OK);
    return table;
}

/* --- Profiles --------------------------------------------------------------------------------- */

Test(profile_tables, the_table_of_profiles_stays_as_it_was) /* PRF-026 */
{
    IMAPITable *table;

    make_profile("Ann", NULL, 0);
    assert_hr(IProfAdmin_GetProfileTable(admin, 0, &table), S_OK);
    make_profile("Bob", NULL, 0);
    cr_expect_eq(row_count(table), 1);
    assert_hr(IProfAdmin_DeleteProfile(admin, (LPTSTR) "Ann", 0), S_OK);
    cr_expect_eq(row_count(table), 1);
    IMAPITable_Release(table);
}

Test(profile_tables, a_profile_is_found_by_its_name) /* PRF-034 PRF-155 */
{
    SPropValue values[2] = {propval_unicode(PR_DISPLAY_NAME_W, u"Bob"),
                            propval_bool(PR_DEFAULT_PROFILE, true)};
    IMAPITable *table;
    SRowSet *rows;

    make_profile("Ann", NULL, 0);
    make_profile("Bob", NULL, 0);
    make_profile("Cid", NULL, 0);
    set_default_profile("Bob");
    for (size_t i = 0; i < 2; i++) {
        SRestriction is = {.rt = RES_PROPERTY};

        is.res.resProperty = (SPropertyRestriction){RELOP_EQ, values[i].ulPropTag, &values[i]};
        assert_hr(IProfAdmin_GetProfileTable(admin, MAPI_UNICODE, &table), S_OK);
        assert_hr(IMAPITable_FindRow(table, &is, BOOKMARK_BEGINNING, 0), S_OK);
        assert_hr(IMAPITable_QueryRows(table, 1, 0, &rows), S_OK);
        cr_assert_eq(rows->cRows, 1);
        cr_expect_eq(memcmp(value_of(&rows->aRow[0], PR_DISPLAY_NAME_W)->Value.lpszW, u"Bob", 8),
                     0);
        FreeProws(rows);
        assert_hr(IMAPITable_Restrict(table, &is, 0), S_OK);
        cr_expect_eq(row_count(table), 1);
        IMAPITable_Release(table);
    }
}

Test(profile_tables, services_are_administered_of_a_named_profile) /* PRF-030 */
{
    IMsgServiceAdmin *services;

    expect_hr(IProfAdmin_AdminServices(admin, NULL, NULL, 0, 0, &services),
              MAPI_E_INVALID_PARAMETER);
}

/* --- Providers -------------------------------------------------------------------------------- */

Test(profile_tables, a_provider_is_described_by_ten_columns) /* PRF-097 */
{
    static const ULONG tags[] = {PR_INSTANCE_KEY,        PR_DISPLAY_NAME_A,   PR_PROVIDER_DISPLAY_A,
                                 PR_PROVIDER_DLL_NAME_A, PR_PROVIDER_ORDINAL, PR_PROVIDER_UID,
                                 PR_RESOURCE_FLAGS,      PR_RESOURCE_TYPE,    PR_SERVICE_NAME_A,
                                 PR_SERVICE_UID};
    IMsgServiceAdmin *services;
    IProviderAdmin *providers;
    IMAPITable *tables[2];
    SRowSet *rows;
    MAPIUID uid;

    make_profile_of("Ann", "ann");
    services = services_of("Ann");
    tables[0] = providers_of(services, 0);
    rows = all_rows(tables[0]);
    memcpy(&uid, value_of(&rows->aRow[0], PR_SERVICE_UID)->Value.bin.lpb, sizeof(uid));
    FreeProws(rows);
    assert_hr(IMsgServiceAdmin_AdminProviders(services, &uid, 0, &providers), S_OK);
    assert_hr(IProviderAdmin_GetProviderTable(providers, 0, &tables[1]), S_OK);
    for (size_t t = 0; t < 2; t++) {
        rows = all_rows(tables[t]);
        cr_assert_eq(rows->cRows, 3);
        for (ULONG i = 0; i < rows->cRows; i++)
            for (size_t j = 0; j < sizeof(tags) / sizeof(tags[0]); j++)
                cr_expect_not_null(value_of(&rows->aRow[i], tags[j]), "%08X", tags[j]);
        FreeProws(rows);
        IMAPITable_Release(tables[t]);
    }
    IProviderAdmin_Release(providers);
    IMsgServiceAdmin_Release(services);
}

Test(profile_tables, all_providers_of_the_profile_and_nothing_else) /* PRF-098 PRF-101 */
{
    const char *users[] = {"ann", "bob"};
    bool seen[6] = {false};
    IMsgServiceAdmin *services;
    IMAPITable *table;
    SRowSet *rows;

    make_profile("Both", users, 2);
    services = services_of("Both");
    table = providers_of(services, 0);
    rows = all_rows(table);
    cr_assert_eq(rows->cRows, 6);
    for (ULONG i = 0; i < rows->cRows; i++) {
        LONG type = value_of(&rows->aRow[i], PR_RESOURCE_TYPE)->Value.l,
             ordinal = value_of(&rows->aRow[i], PR_PROVIDER_ORDINAL)->Value.l;

        cr_expect(type == MAPI_AB_PROVIDER || type == MAPI_STORE_PROVIDER ||
                  type == MAPI_TRANSPORT_PROVIDER);
        cr_assert(ordinal >= 0 && ordinal < 6);
        cr_expect(!seen[ordinal]);
        seen[ordinal] = true;
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    IMsgServiceAdmin_Release(services);
}

Test(profile_tables, the_table_of_providers_stays_as_it_was) /* PRF-100 */
{
    IMsgServiceAdmin *services;
    IMAPITable *table, *empty;

    make_profile("Ann", NULL, 0);
    services = services_of("Ann");
    empty = providers_of(services, 0);
    cr_expect_eq(row_count(empty), 0);
    add_service(services, "ann");
    cr_expect_eq(row_count(empty), 0);
    IMAPITable_Release(empty);
    table = providers_of(services, 0);
    add_service(services, "bob");
    cr_expect_eq(row_count(table), 3);
    IMAPITable_Release(table);
    IMsgServiceAdmin_Release(services);
}

Test(profile_tables, the_width_of_texts_follows_the_flag) /* PRF-103 */
{
    IMsgServiceAdmin *services;
    IMAPITable *table;
    SRowSet *rows;

    make_profile_of("Ann", "ann");
    services = services_of("Ann");
    for (int wide = 0; wide < 2; wide++) {
        table = providers_of(services, wide ? MAPI_UNICODE : 0);
        rows = all_rows(table);
        cr_expect_not_null(
            value_of(&rows->aRow[0], wide ? PR_PROVIDER_DISPLAY_W : PR_PROVIDER_DISPLAY_A));
        cr_expect_null(
            value_of(&rows->aRow[0], wide ? PR_PROVIDER_DISPLAY_A : PR_PROVIDER_DISPLAY_W));
        FreeProws(rows);
        IMAPITable_Release(table);
    }
    IMsgServiceAdmin_Release(services);
}

Test(profile_tables, unknown_sections_are_made_for_writers_only) /* PRF-052 */
{
    MAPIUID uid, fresh = {{0x42, 0x42}};
    IMsgServiceAdmin *services;
    IProviderAdmin *providers;
    IProfSect *section;
    IMAPITable *table;
    SRowSet *rows;

    make_profile_of("Ann", "ann");
    services = services_of("Ann");
    table = providers_of(services, 0);
    rows = all_rows(table);
    memcpy(&uid, value_of(&rows->aRow[0], PR_SERVICE_UID)->Value.bin.lpb, sizeof(uid));
    FreeProws(rows);
    IMAPITable_Release(table);
    assert_hr(IMsgServiceAdmin_AdminProviders(services, &uid, 0, &providers), S_OK);
    expect_hr(IProviderAdmin_OpenProfileSection(providers, &fresh, NULL, 0, &section),
              MAPI_E_NOT_FOUND);
    assert_hr(IProviderAdmin_OpenProfileSection(providers, &fresh, NULL, MAPI_MODIFY, &section),
              S_OK);
    IProfSect_Release(section);
    assert_hr(IProviderAdmin_OpenProfileSection(providers, &fresh, NULL, 0, &section), S_OK);
    IProfSect_Release(section);
    IProviderAdmin_Release(providers);
    IMsgServiceAdmin_Release(services);
}
