/* tests/session/test_logon.c - MAPILogonEx: which profile, which session; Logoff */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapiaux.h"
#include "session/fixture.h"

TestSuite(logon, .init = fixture_set_up, .fini = fixture_tear_down);

/* The name of the profile that a session is on (STA-017). */
static bool is_on(IMAPISession *session, const char *profile)
{
    const SRow *row;
    SRowSet *rows = status_row(session, MAPI_SUBSYSTEM, NULL, &row);
    bool same = text_is(value_of(row, PR_DISPLAY_NAME_W), profile);

    FreeProws(rows);
    return same;
}

Test(logon, takes_a_named_profile) /* SES-034, SES-077, SES-092, SES-102, STA-017 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    make_profile_of("Bob", "bob");
    session = logon("Bob", 0);
    cr_expect(is_on(session, "Bob"));
    cr_expect_eq(fake_count("store_logon bob"), 1); /* ready when the call returns */
    cr_expect_eq(fake_count("store_logon ann"), 0);
    expect_full_vtable(session);
    expect_interface(session, &IID_IMAPISession);
    expect_no_interface(session, &IID_IMAPITable);
    logoff(session);
}

Test(logon, takes_wide_names) /* SES-038 */
{
    static WCHAR name[] = u"Ann";
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    assert_hr(MAPILogonEx(0, (LPTSTR)name, NULL, MAPI_EXTENDED | MAPI_UNICODE, &session), S_OK);
    logoff(session);
}

Test(logon,
     refuses_unknown_long_and_missing_names) /* SES-035, SES-051, SES-080, SES-089, SES-090 */
{
    IMAPISession *session = (IMAPISession *)1;
    char name[80];

    make_profile_of("Ann", "ann");
    set_default_profile("Ann"); /* which nobody asks for */
    expect_hr(try_logon("Nobody", 0, &session), MAPI_E_LOGON_FAILED);
    cr_expect_null(session);
    memset(name, 'n', sizeof(name));
    name[65] = '\0';
    expect_hr(try_logon(name, 0, &session), MAPI_E_LOGON_FAILED);
    expect_hr(try_logon(NULL, 0, &session), MAPI_E_LOGON_FAILED);
    expect_hr(try_logon("", 0, &session), MAPI_E_LOGON_FAILED);
    cr_expect_eq(fake_count("store_logon"), 0);
}

Test(logon, refuses_what_is_no_logon) /* SES-036, SES-050, SES-054, SES-088 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    expect_hr(MAPILogonEx(0, (LPTSTR) "Ann", (LPTSTR) "secret", MAPI_EXTENDED, &session),
              MAPI_E_LOGON_FAILED);
    expect_hr(try_logon("Ann", MAPI_LOGON_UI | MAPI_PASSWORD_UI, &session), MAPI_E_LOGON_FAILED);
    expect_hr(try_logon("Ann", 0x00400000, &session), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(MAPILogonEx(0, (LPTSTR) "Ann", NULL, MAPI_EXTENDED, NULL), MAPI_E_LOGON_FAILED);
    expect_hr(try_logon(NULL, MAPI_LOGON_UI, &session), MAPI_E_LOGON_FAILED); /* no screen */
}

Test(logon, default_profile) /* SES-046, SES-081, SES-084 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    expect_hr(try_logon(NULL, MAPI_USE_DEFAULT, &session), MAPI_E_LOGON_FAILED);
    set_default_profile("Ann");
    expect_hr(try_logon(NULL, 0, &session), MAPI_E_LOGON_FAILED); /* it was not asked for */
    session = logon(NULL, MAPI_USE_DEFAULT | MAPI_NEW_SESSION);
    cr_expect(is_on(session, "Ann"));
    logoff(session);
}

Test(logon, explicit_profile_forbids_the_default_alone) /* SES-047, SES-048, SES-082, SES-083 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    set_default_profile("Ann");
    expect_hr(try_logon(NULL, MAPI_EXPLICIT_PROFILE | MAPI_NEW_SESSION, &session),
              MAPI_E_LOGON_FAILED);
    session = logon(NULL, MAPI_EXPLICIT_PROFILE | MAPI_USE_DEFAULT | MAPI_NEW_SESSION);
    cr_expect(is_on(session, "Ann"));
    logoff(session);
    logoff(logon("Ann", MAPI_EXPLICIT_PROFILE));
}

Test(logon, shared_session) /* SES-041 to SES-045, SES-075, SES-076, SES-079, SES-085, SES-101 */
{
    IMAPISession *first, *second, *third, *own;

    make_profile_of("Ann", "ann");
    make_profile_of("Bob", "bob");
    first = logon("Ann", MAPI_NEW_SESSION | MAPI_ALLOW_OTHERS);
    second = logon(NULL, 0);
    third = logon("Bob", 0); /* its name is ignored */
    own = logon("Bob", MAPI_NEW_SESSION);
    cr_expect_neq(first, second);
    cr_expect(is_on(second, "Ann"));
    cr_expect(is_on(third, "Ann"));
    cr_expect(is_on(own, "Bob")); /* SES-078 */
    cr_expect_eq(fake_count("store_logon ann"), 1);
    logoff(first);
    cr_expect_eq(fake_count("store_logoff ann"), 0); /* others are still on */
    cr_expect(is_on(second, "Ann"));
    logoff(third);
    logoff(second);
    cr_expect_eq(fake_count("store_logoff ann"), 1);
    expect_hr(try_logon(NULL, 0, &first), MAPI_E_LOGON_FAILED); /* it has gone with its last */
    logoff(own);
}

Test(logon, unshared_session_is_not_handed_out) /* SES-086, SES-099 */
{
    IMAPISession *first, *second;

    make_profile_of("Ann", "ann");
    first = logon("Ann", 0);
    expect_hr(try_logon(NULL, 0, &second), MAPI_E_LOGON_FAILED);
    second = logon("Ann", 0); /* a second one of its own */
    cr_expect_eq(fake_count("store_logon ann"), 2);
    logoff(first);
    logoff(second);
}

struct turn {
    ULONG flags;
    HRESULT hr;
};

static void *log_on(void *arg)
{
    struct turn *turn = arg;
    IMAPISession *session;

    turn->hr = try_logon("Ann", turn->flags, &session);
    if (SUCCEEDED(turn->hr))
        logoff(session);
    return NULL;
}

Test(logon, waits_its_turn_or_gives_up) /* SES-055, SES-056, SES-057 */
{
    struct turn slow = {MAPI_FORCE_DOWNLOAD, 1}, patient = {0, 1};
    pthread_t slow_thread, patient_thread;
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    atomic_store(&fake.hold_transport, true); /* a forced download waits for the transports */
    cr_assert_eq(pthread_create(&slow_thread, NULL, log_on, &slow), 0);
    while (!fake_count("transport_logon"))
        usleep(1000);
    cr_assert_eq(pthread_create(&patient_thread, NULL, log_on, &patient), 0);
    expect_hr(try_logon("Ann", MAPI_TIMEOUT_SHORT, &session), MAPI_E_TIMEOUT);
    cr_expect_eq(fake_count("store_logon"), 1); /* neither has got any further */
    atomic_store(&fake.hold_transport, false);
    pthread_join(slow_thread, NULL);
    pthread_join(patient_thread, NULL);
    cr_expect_eq(slow.hr, S_OK);
    cr_expect_eq(patient.hr, S_OK);
}

Test(logon, transports_start_after_it_has_returned) /* SES-094, SES-186, STA-012 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    atomic_store(&fake.hold_transport, true);
    session = logon("Ann", 0);
    cr_expect_eq(fake_count("begin_outbound"), 0);
    atomic_store(&fake.hold_transport, false);
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER), 1); /* GetStatusTable waited */
    cr_expect_lt(fake_position("transport_logon"), fake_position("types"));
    cr_expect_lt(fake_position("types"), fake_position("begin_outbound"));
    logoff(session);
}

/* A transport from elsewhere may take its time. */
Test(logon, no_transport_waits_for_another)
{
    const char *users[] = {"ann", "bob", "cid"};
    IMAPISession *session;

    make_profile("All", users, 3);
    atomic_store(&fake.hold_transport, true);
    session = logon("All", 0);
    for (int i = 0; i < 30000 && fake_count("transport_logon") < 3; i++)
        usleep(1000);
    cr_expect_eq(fake_count("transport_logon"), 3);
    atomic_store(&fake.hold_transport, false);
    logoff(session);
}

Test(logon, logoff_while_the_transports_start)
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    logoff(session); /* at once: the spooler may be anywhere in its start */
    cr_expect_eq(fake_count("transport_logon"), fake_count("transport_logoff"));
    cr_expect_eq(fake.alive, 0);
}

Test(logon, force_download_asks_the_transports) /* SES-058 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    session = logon("Ann", MAPI_FORCE_DOWNLOAD);
    cr_expect_eq(fake_count("xp_flush"), 1);
    cr_expect_eq(fake_count("end_inbound_flush"), 1);
    logoff(session);
}

Test(logon, no_mail) /* SES-066, SES-070, SES-071, STA-018 */
{
    IMAPISession *session;
    const SRow *row;
    SRowSet *rows;

    make_profile_of("Ann", "ann");
    session = logon("Ann", MAPI_NO_MAIL);
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER), 0);
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    rows = status_row(session, MAPI_SPOOLER, NULL, &row);
    cr_expect_eq(value_of(row, PR_STATUS_CODE)->Value.l, STATUS_FAILURE);
    FreeProws(rows);
    cr_expect(fake.store_flags & MDB_NO_MAIL);
    cr_expect_eq(fake_count("transport_init"), 0);
    logoff(session);
}

Test(logon, as_a_service) /* SES-061 */
{
    IMAPISession *session;

    initialize(0);
    make_profile_of("Ann", "ann");
    session = logon("Ann", MAPI_NT_SERVICE | MAPI_NO_MAIL);
    cr_expect_eq(fake_count("store_init service"), 0); /* MAPIInitialize says it, not the logon */
    logoff(session);
}

Test(logon, a_service_is_told_to_its_providers) /* PVD-002, PVD-006 */
{
    IMAPISession *session;

    fixture_uninitialize();
    initialize(MAPI_NT_SERVICE);
    make_profile_of("Ann", "ann");
    session = logon("Ann", MAPI_NT_SERVICE);
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER), 1); /* it has started */
    cr_expect_eq(fake_count("store_init service"), 1);
    cr_expect_eq(fake_count("transport_init service"), 1);
    cr_expect_eq(fake.allocate_buffer, MAPIAllocateBuffer);
    cr_expect_eq(fake.allocate_more, MAPIAllocateMore);
    cr_expect_eq(fake.free_buffer, MAPIFreeBuffer);
    cr_expect_eq(fake.mapi_version, CURRENT_SPI_VERSION);
    logoff(session);
}

/* --- Failing providers --- */

static void expect_words(IMAPISession *session, HRESULT hr, const char *text)
{
    MAPIERROR *error = NULL;

    assert_hr(IMAPISession_GetLastError(session, hr, 0, &error), S_OK);
    cr_assert_not_null(error, "no words for %08x", (unsigned)hr);
    cr_expect_not_null(strstr((char *)error->lpszError, text), "%s", (char *)error->lpszError);
    MAPIFreeBuffer(error);
}

Test(logon, a_failed_store_does_not_stop_the_session) /* SES-098, SES-195, PVD-017 */
{
    const char *users[] = {"offline", "ann"};
    IMAPISession *session;
    MAPIERROR *error;
    IMsgStore *store;
    SBinary *id;

    make_profile("Both", users, 2);
    assert_hr(try_logon("Both", 0, &session), MAPI_W_ERRORS_RETURNED);
    expect_words(session, MAPI_W_ERRORS_RETURNED, "no logon for offline");
    expect_hr(IMAPISession_GetLastError(session, S_OK, 0, &error), S_OK);
    cr_expect_null(error);
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER),
                 2);                   /* the service is not disabled */
    id = store_id(session, "offline"); /* its row is there */
    expect_hr(IMAPISession_OpenMsgStore(session, 0, id->cb, (ENTRYID *)id->lpb, NULL, 0, &store),
              MAPI_E_NETWORK_ERROR); /* docs/mail.md: whoever opens one store hears the reason */
    expect_words(session, MAPI_E_NETWORK_ERROR, "no logon for offline");
    MAPIFreeBuffer(id);
    logoff(session);
}

Test(logon, a_mended_password_opens_the_store_later) /* PVD-018 */
{
    IMAPISession *session;
    IMsgStore *store;
    SBinary *id;

    make_profile_of("Ann", "wrong");
    assert_hr(try_logon("Ann", 0, &session), MAPI_W_ERRORS_RETURNED);
    id = store_id(session, "wrong");
    expect_hr(IMAPISession_OpenMsgStore(session, 0, id->cb, (ENTRYID *)id->lpb, NULL, 0, &store),
              MAPI_E_LOGON_FAILED);
    atomic_store(&fake.password_is_right, true);
    assert_hr(IMAPISession_OpenMsgStore(session, 0, id->cb, (ENTRYID *)id->lpb, NULL, 0, &store),
              S_OK);
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    MAPIFreeBuffer(id);
    id = store_id(session, "wrong"); /* the same id still, or a better one, opens it */
    IMsgStore_Release(store);
    MAPIFreeBuffer(id);
    logoff(session);
}

Test(logon, a_broken_store_takes_its_service_down) /* SES-097, SES-098, XPT-015 */
{
    const char *users[] = {"broken", "ann"};
    IMAPISession *session;
    IMsgStore *store;
    SBinary *id;

    make_profile("Both", users, 2);
    assert_hr(try_logon("Both", 0, &session), MAPI_W_ERRORS_RETURNED);
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER), 1);
    cr_expect_eq(fake_count("transport_logon broken"), 0);
    cr_expect_eq(fake_count("transport_logon ann"), 1);
    id = store_id(session, "broken");
    expect_hr(IMAPISession_OpenMsgStore(session, 0, id->cb, (ENTRYID *)id->lpb, NULL, 0, &store),
              MAPI_E_LOGON_FAILED);
    cr_expect_eq(fake_count("store_logon broken"), 1); /* it was not even asked */
    expect_words(session, MAPI_E_LOGON_FAILED, "no logon for broken");
    MAPIFreeBuffer(id);
    logoff(session);
}

Test(logon, an_unconfigured_service_is_configured_once) /* SES-103, PRF-116, PRF-132 */
{
    IMAPISession *session;

    make_profile_of("Ann", "unconfigured");
    session = logon("Ann", 0);
    cr_expect_eq(fake.configure_calls, 1);
    cr_expect_eq(fake.with_admin, 1);
    cr_expect_eq(fake_count("store_logon unconfigured"), 2);
    logoff(session);
}

Test(logon, a_provider_of_another_version_is_released) /* PVD-003, XPT-003 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    atomic_store(&fake.old_version, true);
    assert_hr(try_logon("Ann", 0, &session), MAPI_W_ERRORS_RETURNED);
    cr_expect_eq(fake_count("store_init"), 1);
    cr_expect_eq(fake_count("store_logon"), 0);
    cr_expect_eq(fake.alive, 0);
    logoff(session);
}

Test(logon, a_transport_that_fails_half_way_is_logged_off)
{
    IMAPISession *session;

    make_profile_of("Ann", "deaf");
    session = logon("Ann", 0);
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER), 0);
    cr_expect_eq(fake_count("transport_logoff deaf"), 1);
    logoff(session);
    cr_expect_eq(fake_count("transport_logoff deaf"), 1);
}

/* --- Logoff --- */

Test(logon, logoff_ends_providers_in_order) /* SES-104, PVD-022 to PVD-024, STA-137 */
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER), 1);
    expect_hr(IMAPISession_Logoff(session, 0, 0x40000000, 0), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(IMAPISession_Logoff(session, 0, 0, 1), MAPI_E_INVALID_PARAMETER);
    logoff(session);
    cr_expect_lt(fake_position("end_outbound_flush"), fake_position("transport_logoff"));
    cr_expect_lt(fake_position("end_inbound_flush"), fake_position("transport_logoff"));
    cr_expect_lt(fake_position("transport_logoff"), fake_position("transport_shutdown"));
    cr_expect_lt(fake_position("store_logoff"), fake_position("store_shutdown"));
    cr_expect_eq(fake.alive, 0);
}

Test(logon, release_alone_logs_off)
{
    IMAPISession *session;

    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    expect_last_release(session);
    cr_expect_eq(fake_count("store_logoff"), 1);
    cr_expect_eq(fake.alive, 0);
}

Test(logon, shared_logoff_asks_the_others_to_go) /* SES-107, SES-108, SES-111, SES-112, SES-201 */
{
    struct test_sink *sink = test_sink_create(), *own = test_sink_create();
    IMAPISession *first, *second;
    ULONG_PTR connection, owns;

    make_profile_of("Ann", "ann");
    first = logon("Ann", MAPI_NEW_SESSION | MAPI_ALLOW_OTHERS);
    second = logon(NULL, 0);
    assert_hr(IMAPISession_Advise(first, 0, NULL, fnevExtended, &sink->IMAPIAdviseSink_iface,
                                  &connection),
              S_OK);
    assert_hr(
        IMAPISession_Advise(second, 0, NULL, fnevExtended, &own->IMAPIAdviseSink_iface, &owns),
        S_OK);
    expect_hr(IMAPISession_Logoff(second, 0, MAPI_LOGOFF_SHARED, 0), S_OK);
    cr_assert(test_sink_wait(sink, 2));
    cr_expect_eq(test_sink_at(sink, 0)->ulEventType, fnevCriticalError);
    cr_expect_eq(test_sink_at(sink, 0)->info.err.scode, MAPI_E_END_OF_SESSION);
    cr_expect_eq(test_sink_at(sink, 1)->ulEventType, fnevExtended);
    cr_expect_eq(own->count, 0);
    expect_last_release(second);
    cr_expect(sink_is_free(own)); /* Logoff gave it back */
    expect_hr(IMAPISession_Unadvise(first, connection), S_OK);
    logoff(first);
    test_sink_release(sink);
    test_sink_release(own);
}

Test(logon, shared_logoff_alone_disturbs_nobody) /* SES-109 */
{
    IMAPISession *first, *second;

    make_profile_of("Ann", "ann");
    first = logon("Ann", MAPI_NEW_SESSION);
    second = logon("Ann", MAPI_NEW_SESSION);
    expect_hr(IMAPISession_Logoff(first, 0, MAPI_LOGOFF_SHARED, 0), S_OK);
    cr_expect(is_on(second, "Ann"));
    expect_last_release(first);
    logoff(second);
}

/* Many threads share, use and leave one session; every logon that succeeded works. */
static void *join_and_leave(void *arg)
{
    atomic_int *bad = arg;

    for (int i = 0; i < 40; i++) {
        IMAPISession *session;
        IMAPITable *table;
        HRESULT hr = try_logon("Ann", MAPI_ALLOW_OTHERS, &session);

        if (hr != S_OK) {
            atomic_fetch_add(bad, 1);
            continue;
        }
        hr = IMAPISession_GetMsgStoresTable(session, 0, &table);
        if (hr == S_OK) {
            ULONG count = 0;

            IMAPITable_GetRowCount(table, 0, &count);
            atomic_fetch_add(bad, count != 1);
            IMAPITable_Release(table);
        } else {
            atomic_fetch_add(bad, 1);
        }
        IMAPISession_Logoff(session, 0, 0, 0);
        IMAPISession_Release(session);
    }
    return NULL;
}

Test(logon, sharers_come_and_go_on_many_threads)
{
    pthread_t threads[4];
    atomic_int bad = 0;

    make_profile_of("Ann", "ann");
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, join_and_leave, &bad), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(bad, 0, "%d logons were no good", (int)bad);
    cr_expect_eq(fake.alive, 0);
}

/* One thread works with the session while another logs it off: calls answer, nothing crashes. */
struct used {
    IMAPISession *session;
    atomic_bool ready;
};

static void *use_until_invalid(void *arg)
{
    struct used *used = arg;
    IMAPIStatus *spooler = open_status(used->session, MAPI_SPOOLER, NULL);
    BYTE id[FAKE_ID_SIZE];
    HRESULT hr = S_OK;

    fake_folder_id("ann", "F1", id);
    atomic_store(&used->ready, true);
    while (hr != MAPI_E_INVALID_OBJECT) {
        IUnknown *folder;
        LPTSTR *types;
        ULONG type, count;

        if (IMAPISession_OpenEntry(used->session, sizeof(id), (ENTRYID *)id, NULL, 0, &type,
                                   &folder) == S_OK)
            folder->lpVtbl->Release(folder);
        IMAPIStatus_ValidateState(spooler, 0, CONFIG_CHANGED);
        IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD | FLUSH_ASYNC_OK);
        hr = IMAPISession_EnumAdrTypes(used->session, 0, &count, &types);
        if (hr == S_OK)
            MAPIFreeBuffer(types);
    }
    IMAPIStatus_Release(spooler);
    return NULL;
}

Test(logon, logoff_under_a_busy_thread) /* SES-113 */
{
    make_profile_of("Ann", "ann");
    for (int i = 0; i < 10; i++) {
        struct used used = {logon("Ann", 0), false};
        pthread_t thread;

        cr_assert_eq(pthread_create(&thread, NULL, use_until_invalid, &used), 0);
        while (!used.ready)
            usleep(1000);
        expect_hr(IMAPISession_Logoff(used.session, 0, 0, 0), S_OK);
        pthread_join(thread, NULL);
        expect_last_release(used.session);
        cr_expect_eq(fake.alive, 0);
    }
}

/* --- Sessions side by side -------------------------------------------------------------------- */

Test(logon, a_new_session_is_another_one) /* SES-040 SES-078 */
{
    IMAPISession *shared, *own;
    IMsgServiceAdmin *services;

    make_profile_of("Ann", "ann");
    make_profile_of("Bob", "bob");
    shared = logon("Ann", MAPI_ALLOW_OTHERS);
    own = logon("Bob", MAPI_NEW_SESSION);
    cr_expect_eq(fake_count("store_logon ann"), 1);
    cr_expect_eq(fake_count("store_logon bob"), 1);
    assert_hr(IMAPISession_AdminServices(own, 0, &services), S_OK);
    IMsgServiceAdmin_Release(services);
    logoff(own);
    logoff(shared);
}

Test(logon, a_shared_session_is_joined_without_a_name) /* SES-042 SES-043 */
{
    IMAPISession *shared, *joined, *named;

    make_profile_of("Ann", "ann");
    make_profile_of("Bob", "bob");
    shared = logon("Ann", MAPI_ALLOW_OTHERS);
    joined = logon(NULL, 0);
    named = logon("Bob", 0); /* the name says nothing */
    cr_expect_eq(fake_count("store_logon ann"), 1);
    cr_expect_eq(fake_count("store_logon bob"), 0);
    logoff(named);
    logoff(joined);
    logoff(shared);
}

Test(logon, no_dialog_appears_unasked) /* SES-037 SES-049 SES-110 */
{
    IMAPISession *session = NULL;

    expect_hr(MAPILogonEx(1234, NULL, NULL, MAPI_EXTENDED | MAPI_NEW_SESSION, &session),
              MAPI_E_LOGON_FAILED);
    make_profile_of("Ann", "ann");
    assert_hr(MAPILogonEx(1234, (LPTSTR) "Ann", NULL, MAPI_EXTENDED | MAPI_NEW_SESSION, &session),
              S_OK);
    expect_hr(IMAPISession_Logoff(session, 5678, 0, 0), S_OK);
    expect_last_release(session);
}
