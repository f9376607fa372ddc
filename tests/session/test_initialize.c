/* tests/session/test_initialize.c - the library's beginning and end */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapi/mapiaux.h"
#include "session/fixture.h"

TestSuite(initialize, .init = fixture_directory, .fini = fixture_tear_down);

Test(initialize, counts) /* SES-001, SES-002, SES-024 */
{
    IProfAdmin *admin;

    expect_hr(MAPIInitialize(NULL), S_OK);
    expect_hr(MAPIInitialize(NULL), S_OK);
    MAPIUninitialize();
    assert_hr(MAPIAdminProfiles(0, &admin), S_OK);
    expect_last_release(admin);
    MAPIUninitialize();
    expect_hr(MAPIAdminProfiles(0, &admin), MAPI_E_NOT_INITIALIZED);
    MAPIUninitialize(); /* one too many does nothing */
    expect_hr(MAPIInitialize(NULL), S_OK);
    MAPIUninitialize();
}

Test(initialize, comes_before_anything_else) /* SES-003, SES-090 */
{
    IMAPISession *session = (IMAPISession *)1;
    IProfAdmin *admin;

    expect_hr(try_logon("Ann", 0, &session), MAPI_E_NOT_INITIALIZED);
    cr_expect_null(session);
    expect_hr(MAPIAdminProfiles(0, &admin), MAPI_E_NOT_INITIALIZED);
}

Test(initialize, refuses_other_versions_and_unknown_flags) /* SES-005, SES-014 */
{
    MAPIINIT_0 version = {MAPI_INIT_VERSION + 1, 0}, flags = {MAPI_INIT_VERSION, 0x40000000};
    IProfAdmin *admin;

    expect_hr(MAPIInitialize(&version), MAPI_E_INVALID_PARAMETER);
    expect_hr(MAPIInitialize(&flags), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(MAPIAdminProfiles(0, &admin), MAPI_E_NOT_INITIALIZED); /* nothing was counted */
}

Test(initialize, takes_every_documented_flag) /* SES-017, SES-018 */
{
    initialize(MAPI_MULTITHREAD_NOTIFICATIONS | MAPI_NT_SERVICE | MAPI_NO_COINIT);
}

Test(initialize, utilities_are_paired_in_any_order) /* SES-027, SES-032, SES-033 */
{
    expect_hr(ScInitMapiUtil(0), S_OK);
    DeinitMapiUtil();
    expect_hr(ScInitMapiUtil(1), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScInitMapiUtil(0), S_OK);
    expect_hr(MAPIInitialize(NULL), S_OK);
    MAPIUninitialize();
    DeinitMapiUtil();
}

Test(initialize, whole_cycles_repeat) /* SES-026 */
{
    for (int i = 0; i < 5; i++) {
        IMAPISession *session;

        expect_hr(MAPIInitialize(NULL), S_OK);
        if (i == 0)
            make_profile_of("Ann", "ann");
        session = logon("Ann", 0);
        logoff(session);
        MAPIUninitialize();
        cr_expect_eq(fake.alive, 0, "%d objects of the providers left", (int)fake.alive);
    }
    cr_expect_eq(fake_count("store_logoff ann"), 5);
}

/* Objects of all kinds, while the library is uninitialised under them. */
struct things {
    IMAPISession *session;
    IMAPITable *stores, *status;
    IMAPIStatus *spooler, *of_store;
    IProfSect *section;
    IMsgServiceAdmin *services;
    IProfAdmin *admin;
    IMsgStore *store;
};

static void open_things(struct things *things)
{
    MAPIUID uid = {{1, 2, 3}};
    SBinary *id;

    make_profile_of("Ann", "ann");
    things->session = logon("Ann", 0);
    assert_hr(IMAPISession_GetMsgStoresTable(things->session, 0, &things->stores), S_OK);
    assert_hr(IMAPISession_GetStatusTable(things->session, 0, &things->status), S_OK);
    things->spooler = open_status(things->session, MAPI_SPOOLER, NULL);
    things->of_store = open_status(things->session, MAPI_STORE_PROVIDER, NULL);
    assert_hr(
        IMAPISession_OpenProfileSection(things->session, &uid, NULL, MAPI_MODIFY, &things->section),
        S_OK);
    assert_hr(IMAPISession_AdminServices(things->session, 0, &things->services), S_OK);
    things->admin = open_admin();
    id = store_id(things->session, "ann");
    assert_hr(IMAPISession_OpenMsgStore(things->session, 0, id->cb, (ENTRYID *)id->lpb, NULL,
                                        MDB_WRITE, &things->store),
              S_OK);
    MAPIFreeBuffer(id);
}

static void expect_all(const struct things *things, HRESULT expected, bool admin_too)
{
    ULONG count, size;
    SRowSet *rows;
    IMAPITable *table;
    ENTRYID *id;
    MAPIERROR *error;

    expect_hr(IMAPISession_GetStatusTable(things->session, 0, &table), expected);
    expect_hr(IMAPISession_GetLastError(things->session, S_OK, 0, &error), expected);
    expect_hr(IMAPISession_QueryIdentity(things->session, &size, &id), expected);
    expect_hr(IMAPISession_Logoff(things->session, 0, 0, 0), expected);
    expect_hr(IMAPITable_GetRowCount(things->stores, 0, &count), expected);
    expect_hr(IMAPITable_QueryRows(things->status, 1, 0, &rows), expected);
    expect_hr(IMAPIStatus_ValidateState(things->spooler, 0, 0), expected);
    expect_hr(IMAPIStatus_FlushQueues(things->spooler, 0, 0, NULL, FLUSH_UPLOAD), expected);
    expect_hr(IProfSect_SaveChanges(things->section, 0), expected);
    expect_hr(IMsgServiceAdmin_GetMsgServiceTable(things->services, 0, &table), expected);
    if (admin_too)
        expect_hr(IProfAdmin_GetProfileTable(things->admin, 0, &table), expected);
}

static void release_things(struct things *things)
{
    expect_last_release(things->stores);
    expect_last_release(things->status);
    expect_last_release(things->spooler);
    expect_last_release(things->of_store);
    expect_last_release(things->section);
    expect_last_release(things->services);
    expect_last_release(things->admin);
    expect_last_release(things->store);
    expect_last_release(things->session);
}

Test(initialize, what_outlives_the_library_answers) /* SES-025, SES-113 */
{
    struct things things;
    ULONG count;

    expect_hr(MAPIInitialize(NULL), S_OK);
    open_things(&things);
    MAPIUninitialize(); /* nobody has logged off */
    cr_expect_eq(fake_count("store_logoff ann"), 2);
    cr_expect_eq(fake_count("transport_logoff ann"), 1);
    expect_all(&things, MAPI_E_NOT_INITIALIZED, true);
    expect_hr(IMAPIStatus_ValidateState(things.of_store, 0, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(IMsgStore_GetPropList(things.store, 0, NULL), MAPI_E_INVALID_OBJECT);
    (void)count;

    expect_hr(MAPIInitialize(NULL), S_OK); /* the next life does not raise the dead */
    expect_all(&things, MAPI_E_NOT_INITIALIZED, true);
    release_things(&things);
    cr_expect_eq(fake.alive, 0);
    MAPIUninitialize();
}

Test(initialize, what_outlives_a_logoff_answers) /* SES-105, SES-106, SES-113 */
{
    struct things things;

    initialize(MAPI_MULTITHREAD_NOTIFICATIONS);
    open_things(&things);
    expect_hr(IMAPISession_Logoff(things.session, 0, 0, 0), S_OK);
    expect_all(&things, MAPI_E_INVALID_OBJECT, false);
    expect_hr(IMAPIStatus_ValidateState(things.of_store, 0, 0), MAPI_E_INVALID_OBJECT);
    release_things(&things);
    cr_expect_eq(fake.alive, 0);
}

/* One thread logs on and off while the library comes and goes: every call answers. */
static void *log_on_and_off(void *arg)
{
    atomic_bool *stop = arg;
    intptr_t bad = 0;

    while (!*stop) {
        IMAPISession *session = NULL;
        HRESULT hr = try_logon("Ann", 0, &session);

        if (SUCCEEDED(hr)) {
            IMAPITable *table = NULL;

            if (IMAPISession_GetStatusTable(session, 0, &table) == S_OK)
                IMAPITable_Release(table);
            hr = IMAPISession_Logoff(session, 0, 0, 0);
            bad += hr != S_OK && hr != MAPI_E_NOT_INITIALIZED && hr != MAPI_E_INVALID_OBJECT;
            IMAPISession_Release(session);
        } else {
            bad += session != NULL;
        }
    }
    return (void *)bad;
}

Test(initialize, the_library_goes_under_a_busy_thread) /* SES-025, docs/engine.md */
{
    MAPIINIT_0 options = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};
    atomic_bool stop = false;
    pthread_t thread;
    void *bad;

    assert_hr(MAPIInitialize(&options), S_OK);
    make_profile_of("Ann", "ann");
    cr_assert_eq(pthread_create(&thread, NULL, log_on_and_off, &stop), 0);
    for (size_t i = 0; i < 15; i++) {
        size_t before = fake_count("store_logon");

        while (fake_count("store_logon") == before)
            usleep(500);
        MAPIUninitialize();
        assert_hr(MAPIInitialize(&options), S_OK);
    }
    atomic_store(&stop, true);
    pthread_join(thread, &bad);
    cr_expect_null(bad, "%d strange answers", (int)(intptr_t)bad);
    MAPIUninitialize();
    cr_expect_eq(fake.alive, 0);
}

/* The child has none of the threads. It may look at nothing that they might have locked. */
static int child_of(struct things *things)
{
    IMAPISession *session;
    IProfAdmin *admin;
    ULONG count;

    if (MAPIInitialize(NULL) != MAPI_E_NOT_INITIALIZED)
        return 1;
    if (try_logon("Ann", 0, &session) != MAPI_E_NOT_INITIALIZED)
        return 2;
    if (MAPIAdminProfiles(0, &admin) != MAPI_E_NOT_INITIALIZED)
        return 3;
    if (IMAPISession_Logoff(things->session, 0, 0, 0) != MAPI_E_NOT_INITIALIZED)
        return 4;
    if (IMAPITable_GetRowCount(things->status, 0, &count) != MAPI_E_NOT_INITIALIZED)
        return 5;
    if (IMAPIStatus_ValidateState(things->spooler, 0, 0) != MAPI_E_NOT_INITIALIZED)
        return 6;
    IMAPIStatus_Release(things->spooler);
    IMAPITable_Release(things->status);
    IMAPISession_Release(things->session);
    MAPIUninitialize();
    return 0;
}

Test(initialize, a_forked_child_is_refused_and_the_parent_goes_on)
{
    struct things things;
    int status = -1;
    pid_t pid;

    initialize(MAPI_MULTITHREAD_NOTIFICATIONS);
    open_things(&things);
    pid = fork();
    if (pid == 0)
        _exit(child_of(&things)); /* leaks there are the child's nature */
    cr_assert(pid > 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", status);
    expect_hr(IMAPIStatus_ValidateState(things.spooler, 0, 0), S_OK);
    expect_hr(IMAPISession_Logoff(things.session, 0, 0, 0), S_OK);
    release_things(&things);
}
