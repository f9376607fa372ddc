/* tests/session/test_services.c - message services out of description files */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapigate.h"
#include "mapi/propval.h"
#include "session/fixture.h"

static char directory[64];
static IProfAdmin *admin;

static void write_description(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = fopen(path, "we");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

/* A service with the fake's code. */
static const char sample[] =
    "[Services]\n"
    "SAMPLE=A sample service\n"
    "[Default Services]\n"
    "SAMPLE=\n"
    "[Help File Mappings]\n"
    "SAMPLE=sample.hlp\n"
    "[SAMPLE]\n"
    "; one store, one transport\n"
    "Providers=SAMPLE-STORE, SAMPLE-TRANSPORT\n"
    "PR_SERVICE_DLL_NAME=mapigate\n"
    "PR_SERVICE_ENTRY_NAME=ServiceEntry\n"
    "PR_SERVICE_SUPPORT_FILES=sample.txt\n"
    "PR_SERVICE_UID=00112233445566778899AABBCCDDEEFF\n"
    "PR_RESOURCE_FLAGS=SERVICE_SINGLE_COPY\n"
    "6620001F=by its number\n"
    "[SAMPLE-STORE]\n"
    "PR_PROVIDER_DLL_NAME=mapigate\n"
    "PR_PROVIDER_DISPLAY=A sample store\n"
    "PR_DISPLAY_NAME=Sample store\n"
    "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\n"
    "PR_RESOURCE_FLAGS=STATUS_NO_DEFAULT_STORE | STATUS_NO_PRIMARY_IDENTITY\n"
    "66210003=0x1F\n"
    "66220102=00ff7E\n"
    "6623000B=true\n"
    "[SAMPLE-TRANSPORT]\n"
    "PR_PROVIDER_DLL_NAME=mapigate\n"
    "PR_PROVIDER_DISPLAY=A sample transport\n"
    "PR_RESOURCE_TYPE=36\n"
    "PR_RESOURCE_FLAGS=STATUS_XP_PREFER_LAST\n"
    "PR_STATUS_CODE=STATUS_OFFLINE\n";

static void set_up(void)
{
    strcpy(directory, "/tmp/mapigate-services-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    setenv("MAPIGATE_SERVICES", directory, 1);
    write_description("sample.conf", sample);
    fixture_set_up();
    admin = open_admin();
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    IProfAdmin_Release(admin);
    nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    fixture_tear_down();
}

TestSuite(services, .init = set_up, .fini = tear_down);

/* --- Asking ----------------------------------------------------------------------------------- */

static IMsgServiceAdmin *new_profile(const char *name, ULONG flags)
{
    IMsgServiceAdmin *services;

    assert_hr(IProfAdmin_CreateProfile(admin, (LPTSTR)name, NULL, 0, flags), S_OK);
    assert_hr(IProfAdmin_AdminServices(admin, (LPTSTR)name, NULL, 0, 0, &services), S_OK);
    return services;
}

static HRESULT create(IMsgServiceAdmin *services, const char *name, const char *display)
{
    return IMsgServiceAdmin_CreateMsgService(services, (LPTSTR)name, (LPTSTR)display, 0, 0);
}

static SRowSet *service_rows(IMsgServiceAdmin *services)
{
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    rows = all_rows(table);
    IMAPITable_Release(table);
    return rows;
}

static MAPIUID uid_at(IMsgServiceAdmin *services, ULONG at)
{
    SRowSet *rows = service_rows(services);
    MAPIUID uid;

    cr_assert_lt(at, rows->cRows);
    memcpy(&uid, value_of(&rows->aRow[at], PR_SERVICE_UID)->Value.bin.lpb, sizeof(uid));
    FreeProws(rows);
    return uid;
}

static ULONG service_count(IMsgServiceAdmin *services)
{
    SRowSet *rows = service_rows(services);
    ULONG count = rows->cRows;

    FreeProws(rows);
    return count;
}

static SRowSet *provider_rows(IMsgServiceAdmin *services)
{
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMsgServiceAdmin_GetProviderTable(services, 0, &table), S_OK);
    rows = all_rows(table);
    IMAPITable_Release(table);
    return rows;
}

/* Of the section: one value, to be freed. */
static SPropValue *section_value(IMsgServiceAdmin *services, const MAPIUID *uid, ULONG tag)
{
    IProfSect *section;
    SPropValue *value = NULL;

    assert_hr(IMsgServiceAdmin_OpenProfileSection(services, (LPMAPIUID)uid, NULL, MAPI_FORCE_ACCESS,
                                                  &section),
              S_OK);
    HrGetOneProp((IMAPIProp *)section, tag, &value);
    IProfSect_Release(section);
    return value;
}

static void expect_text(IMsgServiceAdmin *services, const MAPIUID *uid, ULONG tag,
                        const char *expected)
{
    SPropValue *value = section_value(services, uid, CHANGE_PROP_TYPE(tag, PT_STRING8));

    cr_assert_not_null(value, "%08X", tag);
    cr_expect_str_eq(value->Value.lpszA, expected);
    MAPIFreeBuffer(value);
}

static MAPIUID provider_at(IMsgServiceAdmin *services, ULONG at)
{
    SRowSet *rows = provider_rows(services);
    MAPIUID uid;

    cr_assert_lt(at, rows->cRows);
    memcpy(&uid, value_of(&rows->aRow[at], PR_PROVIDER_UID)->Value.bin.lpb, sizeof(uid));
    FreeProws(rows);
    return uid;
}

/* How often the entry point was called with this. */
static int told(ULONG context)
{
    int count = 0;

    for (size_t i = 0; i < fake.context_count; i++)
        count += fake.contexts[i] == context;
    return count;
}

static char *words_of(IMsgServiceAdmin *services, HRESULT hr)
{
    static char text[512];
    MAPIERROR *error = NULL;

    assert_hr(IMsgServiceAdmin_GetLastError(services, hr, 0, &error), S_OK);
    cr_assert_not_null(error);
    snprintf(text, sizeof(text), "%s", (char *)error->lpszError);
    MAPIFreeBuffer(error);
    return text;
}

/* --- What the file says ----------------------------------------------------------------------- */

Test(services, a_service_is_made_of_its_description)
/* PRF-055 PRF-056 PRF-083 PRF-133 PRF-134 PRF-138 PRF-143 PRF-151 */
{
    IMsgServiceAdmin *services = new_profile("Described", 0);
    MAPIUID uid, store;
    SPropValue *value;

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    cr_expect_eq(told(MSG_SERVICE_CREATE), 1);
    uid = uid_at(services, 0);
    expect_text(services, &uid, PR_SERVICE_NAME_W, "SAMPLE");
    expect_text(services, &uid, PR_DISPLAY_NAME_W, "A sample service");
    expect_text(services, &uid, PROP_TAG(PT_UNICODE, 0x6620), "by its number");
    store = provider_at(services, 0);
    expect_text(services, &store, PR_PROVIDER_DISPLAY_W, "A sample store");
    expect_text(services, &store, PR_DISPLAY_NAME_W, "Sample store");
    value = section_value(services, &store, PROP_TAG(PT_LONG, 0x6621));
    cr_assert_not_null(value);
    cr_expect_eq(value->Value.l, 0x1F);
    MAPIFreeBuffer(value);
    value = section_value(services, &store, PROP_TAG(PT_BINARY, 0x6622));
    cr_assert_not_null(value);
    cr_expect(value->Value.bin.cb == 3 && memcmp(value->Value.bin.lpb, "\x00\xff\x7e", 3) == 0);
    MAPIFreeBuffer(value);
    value = section_value(services, &store, PROP_TAG(PT_BOOLEAN, 0x6623));
    cr_assert_not_null(value);
    cr_expect_eq(value->Value.b, TRUE);
    MAPIFreeBuffer(value);
    IMsgServiceAdmin_Release(services);
}

Test(services, the_services_uid_is_the_librarys) /* PRF-084 */
{
    static const BYTE written[] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                   0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};
    IMsgServiceAdmin *services = new_profile("Uids", 0);
    SRowSet *rows;
    MAPIUID uid;

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    uid = uid_at(services, 0);
    cr_expect_neq(memcmp(&uid, written, sizeof(uid)), 0);
    rows = provider_rows(services);
    for (ULONG i = 0; i < rows->cRows; i++)
        cr_expect_eq(
            memcmp(value_of(&rows->aRow[i], PR_SERVICE_UID)->Value.bin.lpb, &uid, sizeof(uid)), 0);
    FreeProws(rows);
    IMsgServiceAdmin_Release(services);
}

Test(services, the_table_shows_what_services_are) /* PRF-081 */
{
    IMsgServiceAdmin *services = new_profile("Table", 0);
    SRowSet *rows;

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    rows = service_rows(services);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_str_eq(value_of(&rows->aRow[0], PR_SERVICE_ENTRY_NAME)->Value.lpszA, "ServiceEntry");
    cr_expect_eq(value_of(&rows->aRow[0], PR_RESOURCE_FLAGS)->Value.l & SERVICE_SINGLE_COPY,
                 SERVICE_SINGLE_COPY);
    FreeProws(rows);
    IMsgServiceAdmin_Release(services);
}

/* What the description says of flags; nobody else gives the identity or the default store. */
Test(services, a_service_may_decline_its_roles) /* STA-065 PRF-104 */
{
    IMsgServiceAdmin *services = new_profile("Modest", 0);
    const char *users[] = {"ann"};
    SRowSet *rows;

    (void)users;
    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    assert_hr(create(services, "IMAPSMTP", "ann"), S_OK);
    rows = provider_rows(services);
    for (ULONG i = 0; i < rows->cRows; i++) {
        LONG type = value_of(&rows->aRow[i], PR_RESOURCE_TYPE)->Value.l;
        LONG flags = value_of(&rows->aRow[i], PR_RESOURCE_FLAGS)->Value.l;
        bool ours = strncmp(value_of(&rows->aRow[i], PR_PROVIDER_DISPLAY_A)->Value.lpszA,
                            "Internet", 8) == 0;

        if (type == MAPI_STORE_PROVIDER)
            cr_expect_eq(!!(flags & STATUS_DEFAULT_STORE), ours);
    }
    FreeProws(rows);
    IMsgServiceAdmin_Release(services);
}

Test(services, a_transport_that_prefers_to_be_last_is) /* PRF-105 STA-071 */
{
    IMsgServiceAdmin *services = new_profile("Last", 0);
    const char *last = NULL;
    SRowSet *rows;

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    assert_hr(create(services, "IMAPSMTP", "ann"), S_OK);
    rows = provider_rows(services);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (value_of(&rows->aRow[i], PR_RESOURCE_TYPE)->Value.l == MAPI_TRANSPORT_PROVIDER)
            last = value_of(&rows->aRow[i], PR_PROVIDER_DISPLAY_A)->Value.lpszA;
    cr_assert_not_null(last);
    cr_expect_str_eq(last, "A sample transport");
    FreeProws(rows);
    IMsgServiceAdmin_Release(services);
}

Test(services, a_second_copy_of_a_single_service_is_refused) /* PRF-064 STA-075 */
{
    IMsgServiceAdmin *services = new_profile("Single", 0);

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    expect_hr(create(services, "SAMPLE", "again"), MAPI_E_NO_ACCESS);
    cr_expect_eq(service_count(services), 1);
    IMsgServiceAdmin_Release(services);
}

Test(services, a_name_in_the_description_wins) /* PRF-057 */
{
    IMsgServiceAdmin *services;
    MAPIUID uid;

    write_description("named.conf", "[Services]\nNAMED=Listed\n[NAMED]\nProviders=NAMED-P\n"
                                    "PR_DISPLAY_NAME=Described\n[NAMED-P]\n"
                                    "PR_PROVIDER_DLL_NAME=mapigate\nPR_PROVIDER_DISPLAY=p\n"
                                    "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\nPR_RESOURCE_FLAGS=0\n");
    services = new_profile("Names", 0);
    assert_hr(create(services, "SAMPLE", "mine"), S_OK);
    assert_hr(create(services, "NAMED", "mine"), S_OK);
    uid = uid_at(services, 0);
    expect_text(services, &uid, PR_DISPLAY_NAME_W, "mine");
    uid = uid_at(services, 1);
    expect_text(services, &uid, PR_DISPLAY_NAME_W, "Described");
    IMsgServiceAdmin_Release(services);
}

Test(services, further_sections_come_along) /* PRF-085 PRF-137 */
{
    static const MAPIUID extra = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    IMsgServiceAdmin *services, *other;
    SPropValue *value;
    MAPIUID uid;

    write_description("extra.conf", "[Services]\nEXTRA=With more\n[EXTRA]\nProviders=EXTRA-P\n"
                                    "Sections=EXTRA-S\n[EXTRA-P]\n"
                                    "PR_PROVIDER_DLL_NAME=mapigate\nPR_PROVIDER_DISPLAY=p\n"
                                    "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\nPR_RESOURCE_FLAGS=0\n"
                                    "[EXTRA-S]\nUID=0102030405060708090A0B0C0D0E0F10\n"
                                    "6630001F=further\n");
    services = new_profile("Extra", 0);
    assert_hr(create(services, "EXTRA", NULL), S_OK);
    expect_text(services, &extra, PROP_TAG(PT_UNICODE, 0x6630), "further");
    uid = uid_at(services, 0);
    value = section_value(services, &uid, PR_SERVICE_EXTRA_UIDS);
    cr_assert_not_null(value);
    cr_expect(value->Value.bin.cb == 16 && memcmp(value->Value.bin.lpb, &extra, 16) == 0);
    MAPIFreeBuffer(value);
    other = new_profile("Extra two", 0);
    assert_hr(IMsgServiceAdmin_CopyMsgService(services, &uid, NULL, NULL, &IID_IMsgServiceAdmin,
                                              other, 0, 0),
              S_OK);
    expect_text(other, &extra, PROP_TAG(PT_UNICODE, 0x6630), "further");
    IMsgServiceAdmin_Release(other);
    IMsgServiceAdmin_Release(services);
}

/* --- Files with mistakes ---------------------------------------------------------------------- */

static void expect_mistake(const char *text, const char *words)
{
    IMsgServiceAdmin *services;

    write_description("broken.conf", text);
    services = new_profile("Broken", 0);
    expect_hr(create(services, "BROKEN", NULL), MAPI_E_NOT_FOUND);
    cr_expect_not_null(strstr(words_of(services, MAPI_E_NOT_FOUND), words), "%s",
                       words_of(services, MAPI_E_NOT_FOUND));
    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    IMsgServiceAdmin_Release(services);
    assert_hr(IProfAdmin_DeleteProfile(admin, (LPTSTR) "Broken", 0), S_OK);
}

#define BROKEN "[Services]\nBROKEN=b\n[BROKEN]\n"
#define BROKEN_P                                                                                   \
    "Providers=P\n[P]\nPR_PROVIDER_DLL_NAME=mapigate\nPR_PROVIDER_DISPLAY=p\n"                     \
    "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\n"

Test(services, a_file_with_a_mistake_is_left_out_and_named)
/* PRF-054 PRF-135 PRF-136 PRF-140 PRF-141 PRF-142 */
{
    expect_mistake("nonsense\n", "broken.conf: line 1");
    expect_mistake(BROKEN "PR_NO_SUCH_THING=1\n" BROKEN_P "PR_RESOURCE_FLAGS=0\n",
                   "there is no property PR_NO_SUCH_THING");
    expect_mistake(BROKEN "PR_RESOURCE_FLAGS=SERVICE_WHAT\n" BROKEN_P "PR_RESOURCE_FLAGS=0\n",
                   "that is no value");
    expect_mistake(BROKEN "67F0001F=secret\n" BROKEN_P "PR_RESOURCE_FLAGS=0\n", "no secrets");
    expect_mistake(BROKEN "PR_SERVICE_DLL_NAME=x\n", "must have a Providers line");
    expect_mistake(BROKEN BROKEN_P, "must have PR_RESOURCE_FLAGS");
    expect_mistake(BROKEN BROKEN_P "PR_RESOURCE_FLAGS=0\nProviders=Q\n", "only a service's");
    expect_mistake(BROKEN "Providers=NOWHERE\n", "no such section");
    expect_mistake("[Default Services]\nBROKEN=\n" BROKEN BROKEN_P "PR_RESOURCE_FLAGS=0\n"
                   "[Default Services]\nNOBODY=\n",
                   "does not list NOBODY");
    expect_mistake("[Services]\nIMAPSMTP=mine\n[IMAPSMTP]\nProviders=P\n", "another service");
}

/* --- The entry point -------------------------------------------------------------------------- */

Test(services, default_services_are_added_to_a_default_profile) /* PRF-007 PRF-135 */
{
    IMsgServiceAdmin *services = new_profile("Default", MAPI_DEFAULT_SERVICES);

    cr_expect_eq(service_count(services), 1);
    cr_expect_eq(told(MSG_SERVICE_CREATE), 1);
    IMsgServiceAdmin_Release(services);
}

Test(services, a_window_is_passed_on_where_a_dialog_is_allowed) /* PRF-009 PRF-058 */
{
    IMsgServiceAdmin *services = new_profile("Window", 0);

    assert_hr(IMsgServiceAdmin_CreateMsgService(services, (LPTSTR) "IMAPSMTP", NULL, 77, 0), S_OK);
    cr_expect_eq(fake.service_ui, 0);
    assert_hr(IMsgServiceAdmin_CreateMsgService(services, (LPTSTR) "IMAPSMTP", NULL, 77,
                                                SERVICE_UI_ALLOWED),
              S_OK);
    cr_expect_eq(fake.service_ui, 77);
    IMsgServiceAdmin_Release(services);
    assert_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) "Quiet", NULL, 88, MAPI_DEFAULT_SERVICES),
              S_OK);
    cr_expect_eq(fake.service_ui, 0);
    assert_hr(IProfAdmin_CreateProfile(admin, (LPTSTR) "Asking", NULL, 88,
                                       MAPI_DEFAULT_SERVICES | MAPI_DIALOG),
              S_OK);
    cr_expect_eq(fake.service_ui, 88);
}

Test(services, what_the_entry_point_refuses_is_not_made)
{
    IMsgServiceAdmin *services = new_profile("Refused", 0);

    fake.refuse_context = MSG_SERVICE_CREATE;
    fake.refuse_service = MAPI_E_USER_CANCEL;
    expect_hr(create(services, "SAMPLE", NULL), MAPI_E_USER_CANCEL);
    cr_expect_eq(service_count(services), 0);
    IMsgServiceAdmin_Release(services);
}

Test(services, the_entry_point_hears_of_the_end_first) /* PRF-012 PRF-013 PRF-069 PRF-120 */
{
    IMsgServiceAdmin *services = new_profile("Ends", 0);
    MAPIUID uid;

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    assert_hr(create(services, "IMAPSMTP", "ann"), S_OK);
    uid = uid_at(services, 0);
    fake.refuse_context = MSG_SERVICE_DELETE;
    fake.refuse_service = MAPI_E_USER_CANCEL;
    expect_hr(IMsgServiceAdmin_DeleteMsgService(services, &uid), MAPI_E_USER_CANCEL);
    cr_expect_eq(service_count(services), 2);
    fake.refuse_service = S_OK;
    assert_hr(IMsgServiceAdmin_DeleteMsgService(services, &uid), S_OK);
    cr_expect_eq(told(MSG_SERVICE_DELETE), 2);
    IMsgServiceAdmin_Release(services);
    assert_hr(IProfAdmin_DeleteProfile(admin, (LPTSTR) "Ends", 0), S_OK);
    cr_expect_eq(told(MSG_SERVICE_DELETE), 3); /* of the one that was left */
}

Test(services, a_service_without_entry_point_cannot_be_configured) /* PRF-075 PRF-128 PRF-139 */
{
    SPropValue value = propval_unicode(PR_MG_USER, u"ann");
    IMsgServiceAdmin *services;
    MAPIUID uid;

    write_description("mute.conf",
                      "[Services]\nMUTE=m\n[MUTE]\nPR_SERVICE_DLL_NAME=mapigate\n" BROKEN_P
                      "PR_RESOURCE_FLAGS=0\n");
    services = new_profile("Mute", 0);
    assert_hr(create(services, "MUTE", NULL), S_OK);
    uid = uid_at(services, 0);
    expect_hr(IMsgServiceAdmin_ConfigureMsgService(services, &uid, 0, 0, 1, &value),
              MAPI_E_NOT_INITIALIZED);
    cr_expect_eq(fake.context_count, 0);
    assert_hr(IMsgServiceAdmin_DeleteMsgService(services, &uid), S_OK);
    IMsgServiceAdmin_Release(services);
}

/* --- Copies ----------------------------------------------------------------------------------- */

Test(services, a_copy_has_all_settings_and_nobody_is_told) /* PRF-065 PRF-067 PRF-068 */
{
    static const MAPIUID nobody = {{9}};
    IMsgServiceAdmin *services = new_profile("From", 0), *other = new_profile("To", 0);
    SPropValue values[2] = {propval_unicode(PR_MG_USER, u"ann"),
                            propval_unicode(PR_MG_PASSWORD, u"secret")};
    IMAPISession *session;
    MAPIUID uid, copy;
    size_t calls;

    assert_hr(create(services, "IMAPSMTP", "ann"), S_OK);
    uid = uid_at(services, 0);
    assert_hr(IMsgServiceAdmin_ConfigureMsgService(services, &uid, 0, 0, 2, values), S_OK);
    calls = fake.context_count;
    expect_hr(IMsgServiceAdmin_CopyMsgService(services, (LPMAPIUID)&nobody, NULL, NULL,
                                              &IID_IMsgServiceAdmin, other, 0, 0),
              MAPI_E_NOT_FOUND);
    assert_hr(IMsgServiceAdmin_CopyMsgService(services, &uid, (LPTSTR) "copied", NULL,
                                              &IID_IMsgServiceAdmin, other, 0, 0),
              S_OK);
    cr_expect_eq(fake.context_count, calls);
    copy = uid_at(other, 0);
    cr_expect_neq(memcmp(&copy, &uid, sizeof(uid)), 0);
    expect_text(other, &copy, PR_DISPLAY_NAME_W, "copied");
    expect_text(other, &copy, PR_MG_USER, "ann");
    expect_text(other, &copy, PR_MG_PASSWORD, "secret");

    session = logon("To", MAPI_NEW_SESSION);
    assert_hr(IMsgServiceAdmin_CopyMsgService(services, &uid, NULL, NULL, NULL, session, 0, 0),
              S_OK);
    cr_expect_eq(service_count(other), 2);
    logoff(session);
    IMsgServiceAdmin_Release(other);
    IMsgServiceAdmin_Release(services);
}

Test(services, a_single_service_is_not_copied_to_where_it_is) /* PRF-066 */
{
    IMsgServiceAdmin *services = new_profile("Alone", 0);
    MAPIUID uid;

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    uid = uid_at(services, 0);
    expect_hr(IMsgServiceAdmin_CopyMsgService(services, &uid, NULL, NULL, &IID_IMsgServiceAdmin,
                                              services, 0, 0),
              MAPI_E_NO_ACCESS);
    IMsgServiceAdmin_Release(services);
}

/* --- Identity --------------------------------------------------------------------------------- */

static ULONG flags_at(IMsgServiceAdmin *services, ULONG at)
{
    SRowSet *rows = service_rows(services);
    ULONG flags = (ULONG)value_of(&rows->aRow[at], PR_RESOURCE_FLAGS)->Value.l;

    FreeProws(rows);
    return flags;
}

Test(services, the_identity_passes_to_the_next_that_can_give_it) /* STA-155 STA-157 STA-160 */
{
    IMsgServiceAdmin *services;
    MAPIUID uid, mute;

    write_description("mute.conf", "[Services]\nMUTE=m\n[MUTE]\n"
                                   "PR_RESOURCE_FLAGS=SERVICE_NO_PRIMARY_IDENTITY\n" BROKEN_P
                                   "PR_RESOURCE_FLAGS=0\n");
    services = new_profile("Heirs", 0);
    assert_hr(create(services, "MUTE", NULL), S_OK);
    assert_hr(create(services, "IMAPSMTP", "ann"), S_OK);
    assert_hr(create(services, "IMAPSMTP", "bob"), S_OK);
    cr_expect_eq(flags_at(services, 0) & SERVICE_PRIMARY_IDENTITY, 0);
    cr_expect_neq(flags_at(services, 1) & SERVICE_PRIMARY_IDENTITY, 0);
    cr_expect_eq(flags_at(services, 2) & SERVICE_PRIMARY_IDENTITY, 0);
    mute = uid_at(services, 0);
    expect_hr(IMsgServiceAdmin_SetPrimaryIdentity(services, &mute, 0), MAPI_E_NO_ACCESS);
    uid = uid_at(services, 1);
    assert_hr(IMsgServiceAdmin_DeleteMsgService(services, &uid), S_OK);
    cr_expect_eq(flags_at(services, 0) & SERVICE_PRIMARY_IDENTITY, 0);
    cr_expect_neq(flags_at(services, 1) & SERVICE_PRIMARY_IDENTITY, 0);
    IMsgServiceAdmin_Release(services);
}

/* --- Providers -------------------------------------------------------------------------------- */

Test(services, a_provider_is_added_and_taken_out) /* PRF-088 PRF-089 PRF-091 PRF-093 */
{
    IMsgServiceAdmin *services = new_profile("More", 0);
    SPropValue value = propval_unicode(PROP_TAG(PT_UNICODE, 0x6640), u"given");
    IProviderAdmin *providers;
    MAPIUID uid, made, nobody = {{7}};

    assert_hr(create(services, "SAMPLE", NULL), S_OK);
    uid = uid_at(services, 0);
    assert_hr(IMsgServiceAdmin_AdminProviders(services, &uid, 0, &providers), S_OK);
    expect_hr(IProviderAdmin_CreateProvider(providers, (LPTSTR) "NOWHERE", 0, NULL, 0, 0, &made),
              MAPI_E_NOT_FOUND);
    assert_hr(
        IProviderAdmin_CreateProvider(providers, (LPTSTR) "SAMPLE-STORE", 1, &value, 0, 0, &made),
        S_OK);
    cr_expect_eq(told(MSG_SERVICE_PROVIDER_CREATE), 1);
    expect_text(services, &made, PR_PROVIDER_DISPLAY_W, "A sample store");
    expect_text(services, &made, PROP_TAG(PT_UNICODE, 0x6640), "given");
    expect_hr(IProviderAdmin_DeleteProvider(providers, &nobody), MAPI_E_NOT_FOUND);
    assert_hr(IProviderAdmin_DeleteProvider(providers, &made), S_OK);
    cr_expect_eq(told(MSG_SERVICE_PROVIDER_DELETE), 1);
    fake.refuse_context = MSG_SERVICE_PROVIDER_CREATE;
    fake.refuse_service = MAPI_E_NO_SUPPORT;
    expect_hr(
        IProviderAdmin_CreateProvider(providers, (LPTSTR) "SAMPLE-STORE", 0, NULL, 0, 0, &made),
        MAPI_E_NO_SUPPORT);
    IProviderAdmin_Release(providers);
    IMsgServiceAdmin_Release(services);
}
