/* docs/requirements/simple_mapi.md, "General" and "MAPILogon and MAPILogoff" */
#include "tests/simple/simple_rig.h"

TestSuite(simple_logon, .init = simple_begin, .fini = simple_end);

static char find_room[512];

static ULONG find(LHANDLE handle)
{
    find_room[0] = '\0';
    return MAPIFindNext(handle, 0, NULL, NULL, MAPI_LONG_MSGID, 0, find_room);
}

static LHANDLE log_on(const char *profile, FLAGS flags)
{
    LHANDLE handle = 0;

    assert_result(MAPILogon(0, (LPSTR)profile, NULL, flags, 0, &handle), SUCCESS_SUCCESS);
    cr_assert_neq(handle, lhSessionNull);
    return handle;
}

static void log_off(LHANDLE handle)
{
    expect_result(MAPILogoff(handle, 0, 0, 0), SUCCESS_SUCCESS);
}

/* Is there a session that anybody may join? */
static bool is_shared(void)
{
    IMAPISession *session;
    HRESULT hr = MAPILogonEx(0, NULL, NULL, MAPI_EXTENDED, &session);

    if (FAILED(hr)) {
        expect_hr(hr, MAPI_E_LOGON_FAILED);
        return false;
    }
    IMAPISession_Logoff(session, 0, 0, 0);
    IMAPISession_Release(session);
    return true;
}

/* A call without a session, which needs one. */
static ULONG implicit(FLAGS flags)
{
    MapiRecipDesc *found = NULL;
    ULONG result = MAPIResolveName(0, 0, "ann@example.test", flags, 0, &found);

    MAPIFreeBuffer(found);
    return result;
}

/* --- Logging on ------------------------------------------------------------------------------- */

Test(simple_logon, a_session_has_the_store) /* SMP-015 */
{
    LHANDLE handle = log_on(PROFILE, 0);

    delivered_id("for the new session");
    expect_result(find(handle), SUCCESS_SUCCESS);
    log_off(handle);
}

Test(simple_logon, names_have_256_characters_at_the_most) /* SMP-016 */
{
    char name[258];

    memset(name, 'x', 257);
    name[257] = '\0';
    expect_result(logon_result(name, NULL, MAPI_NEW_SESSION), MAPI_E_FAILURE);
    expect_result(logon_result(PROFILE, name, MAPI_NEW_SESSION), MAPI_E_FAILURE);
    name[256] = '\0'; /* there is no such profile, and no password is wanted */
    expect_result(logon_result(name, NULL, MAPI_NEW_SESSION), MAPI_E_LOGIN_FAILURE);
    expect_result(logon_result(PROFILE, name, MAPI_NEW_SESSION), MAPI_E_LOGIN_FAILURE);
    expect_result(logon_result(PROFILE, "", MAPI_NEW_SESSION), SUCCESS_SUCCESS);
}

Test(simple_logon, a_shared_session_is_joined_whatever_the_name) /* SMP-017 */
{
    LHANDLE shared;

    expect_result(logon_result("nobody's", NULL, 0), MAPI_E_LOGIN_FAILURE);
    shared = log_on(NULL, MAPI_LOGON_UI);
    expect_result(logon_result("nobody's", NULL, 0), SUCCESS_SUCCESS);
    expect_result(logon_result("nobody's", NULL, MAPI_NEW_SESSION), MAPI_E_LOGIN_FAILURE);
    log_off(shared);
}

Test(simple_logon, without_names_it_asks_whether_there_is_a_shared_session) /* SMP-018 */
{
    LHANDLE shared;

    expect_result(logon_result(NULL, NULL, 0), MAPI_E_LOGIN_FAILURE);
    expect_result(logon_result("", "", 0), MAPI_E_LOGIN_FAILURE);
    shared = log_on(NULL, MAPI_LOGON_UI);
    expect_result(logon_result(NULL, NULL, 0), SUCCESS_SUCCESS);
    log_off(shared);
    expect_result(logon_result(NULL, NULL, 0), MAPI_E_LOGIN_FAILURE);
}

Test(simple_logon, the_default_profile_makes_a_session_that_others_join) /* SMP-012 */
{
    LHANDLE handle;

    cr_expect(!is_shared());
    handle = log_on(NULL, MAPI_LOGON_UI | MAPI_FORCE_DOWNLOAD);
    cr_expect(is_shared());
    log_off(handle);
    cr_expect(!is_shared());
}

Test(simple_logon, a_named_profile_makes_a_session_of_its_own) /* SMP-013 */
{
    LHANDLE handle = log_on(PROFILE, 0);

    cr_expect(!is_shared());
    expect_result(find(handle), MAPI_E_NO_MESSAGES);
    log_off(handle);
}

Test(simple_logon, one_prompt_at_a_time) /* SMP-020 */
{
    expect_result(logon_result(PROFILE, NULL, MAPI_LOGON_UI | MAPI_PASSWORD_UI), MAPI_E_FAILURE);
    expect_result(logon_result(PROFILE, NULL, MAPI_LOGON_UI), SUCCESS_SUCCESS);
    expect_result(logon_result(PROFILE, NULL, MAPI_PASSWORD_UI), SUCCESS_SUCCESS);
}

Test(simple_logon, without_a_default_profile_there_is_no_session) /* SMP-022 */
{
    set_default_profile(false);
    expect_result(logon_result(NULL, NULL, MAPI_LOGON_UI), MAPI_E_LOGIN_FAILURE);
    expect_result(logon_result(NULL, NULL, MAPI_LOGON_UI | MAPI_NEW_SESSION), MAPI_E_LOGIN_FAILURE);
}

Test(simple_logon, the_number_of_sessions_is_limited, .timeout = 120) /* SMP-023 */
{
    LHANDLE handles[256], one = 77;
    unsigned count = 0;

    handles[count++] = log_on(NULL, MAPI_LOGON_UI); /* and the suite's own */
    while (count < 255)
        handles[count++] = log_on(NULL, 0);
    expect_result(MAPILogon(0, NULL, NULL, 0, 0, &one), MAPI_E_TOO_MANY_SESSIONS);
    cr_expect_eq(one, lhSessionNull);
    log_off(handles[--count]);
    handles[count++] = log_on(NULL, 0);
    while (count)
        log_off(handles[--count]);
}

Test(simple_logon, unknown_flags_are_refused)
{
    expect_result(logon_result(PROFILE, NULL, 0x40000000), MAPI_E_FAILURE);
    expect_result(MAPILogon(0, PROFILE, NULL, 0, 0, NULL), MAPI_E_FAILURE);
}

/* --- Logging off ------------------------------------------------------------------------------ */

Test(simple_logon, logging_off_ends_the_session) /* SMP-024 */
{
    LHANDLE handle = log_on(NULL, MAPI_LOGON_UI);

    cr_expect(is_shared());
    log_off(handle);
    cr_expect(!is_shared());
    expect_result(MAPILogoff(handle, 0, 0, 0), MAPI_E_INVALID_SESSION);
}

Test(simple_logon, only_a_session_is_logged_off) /* SMP-025 */
{
    expect_result(MAPILogoff(0, 0, 0, 0), MAPI_E_INVALID_SESSION);
    expect_result(MAPILogoff(simple + 1, 0, 0, 0), MAPI_E_INVALID_SESSION);
    expect_result(MAPILogoff((LHANDLE)-1, 0, 0, 0), MAPI_E_INVALID_SESSION);
}

Test(simple_logon, logging_off_takes_no_flags) /* SMP-026 */
{
    expect_result(MAPILogoff(simple, 0, 1, 0), MAPI_E_FAILURE);
    expect_result(MAPILogoff(simple, 0, MAPI_LOGOFF_SHARED, 0), MAPI_E_FAILURE);
    expect_result(find(simple), MAPI_E_NO_MESSAGES); /* it is still there */
}

Test(simple_logon, a_handle_that_was_logged_off_is_none) /* SMP-027 */
{
    LHANDLE handle = log_on(PROFILE, 0), later;
    MapiRecipDesc bob = TO_BOB, *found = NULL;
    MapiMessage letter = {.nRecipCount = 1, .lpRecips = &bob}, *message = NULL;
    ULONG count = 0;
    char id[512] = "";

    log_off(handle);
    later = log_on(PROFILE, 0); /* its place is taken again, its number is not */
    cr_expect_neq(later, handle);
    expect_result(MAPILogoff(handle, 0, 0, 0), MAPI_E_INVALID_SESSION);
    expect_result(find(handle), MAPI_E_INVALID_SESSION);
    expect_result(MAPIReadMail(handle, 0, "S", 0, 0, &message), MAPI_E_INVALID_SESSION);
    expect_result(MAPISaveMail(handle, 0, &letter, MAPI_LONG_MSGID, 0, id), MAPI_E_INVALID_SESSION);
    expect_result(MAPIDeleteMail(handle, 0, "S", 0, 0), MAPI_E_INVALID_SESSION);
    expect_result(MAPISendMail(handle, 0, &letter, 0, 0), MAPI_E_INVALID_SESSION);
    expect_result(MAPIResolveName(handle, 0, "a@example.test", 0, 0, &found),
                  MAPI_E_INVALID_SESSION);
    expect_result(MAPIAddress(handle, 0, NULL, 1, NULL, 0, NULL, 0, 0, &count, &found),
                  MAPI_E_INVALID_SESSION);
    expect_result(MAPIDetails(handle, 0, &bob, 0, 0), MAPI_E_INVALID_SESSION);
    log_off(later);
}

/* --- Sessions for one call -------------------------------------------------------------------- */

Test(simple_logon, a_call_without_a_session_makes_one_for_itself) /* SMP-005 */
{
    LHANDLE shared;

    expect_result(implicit(0), SUCCESS_SUCCESS); /* on the default profile */
    cr_expect(!is_shared());
    shared = log_on(NULL, MAPI_LOGON_UI);
    set_default_profile(false);
    expect_result(implicit(0), SUCCESS_SUCCESS); /* the shared one */
    cr_expect(is_shared());
    log_off(shared);
}

Test(simple_logon, no_session_can_be_had) /* SMP-006 */
{
    set_default_profile(false);
    expect_result(implicit(0), MAPI_E_LOGIN_FAILURE);
}

Test(simple_logon, a_new_session_is_not_the_shared_one) /* SMP-007 */
{
    LHANDLE shared = log_on(NULL, MAPI_LOGON_UI);

    expect_result(implicit(MAPI_NEW_SESSION), SUCCESS_SUCCESS);
    set_default_profile(false);
    expect_result(implicit(0), SUCCESS_SUCCESS);
    expect_result(implicit(MAPI_NEW_SESSION), MAPI_E_LOGIN_FAILURE);
    log_off(shared);
}

/* --- Other profiles --------------------------------------------------------------------------- */

/* A message service for `user` in the profile `name`, which is made if there is none. */
static void add_service(const char *name, const char *user, const char *password)
{
    SPropValue values[] = {{.ulPropTag = PR_MG_IMAP_URL},    {.ulPropTag = PR_MG_SMTP_URL},
                           {.ulPropTag = PR_MG_USER},        {.ulPropTag = PR_MG_EMAIL},
                           {.ulPropTag = PR_MG_TLS_CA_FILE}, {.ulPropTag = PR_MG_PASSWORD}};
    static const SizedSPropTagArray(1, columns) = {1, {PR_SERVICE_UID}};
    IMsgServiceAdmin *services;
    IProfAdmin *profiles;
    IMAPITable *table;
    SRowSet *rows;
    char email[64];

    snprintf(email, sizeof(email), "%s@example.test", user);
    values[0].Value.lpszW = mail_wide(test_servers_get(mail.servers, "MG_IMAP_URL"));
    values[1].Value.lpszW = mail_wide(test_servers_get(mail.servers, "MG_SMTP_URL"));
    values[2].Value.lpszW = mail_wide(user);
    values[3].Value.lpszW = mail_wide(email);
    values[4].Value.lpszW = mail_wide(test_servers_get(mail.servers, "MG_CA_FILE"));
    values[5].Value.lpszW = mail_wide(password ? password : "");
    assert_hr(MAPIAdminProfiles(0, &profiles), S_OK);
    IProfAdmin_CreateProfile(profiles, (LPTSTR)name, NULL, 0, 0);
    assert_hr(IProfAdmin_AdminServices(profiles, (LPTSTR)name, NULL, 0, 0, &services), S_OK);
    assert_hr(IMsgServiceAdmin_CreateMsgService(services, (LPTSTR)MG_SERVICE_NAME_A, NULL, 0, 0),
              S_OK);
    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    rows = rows_of(table, &columns);
    assert_hr(IMsgServiceAdmin_ConfigureMsgService(
                  services, (MAPIUID *)rows->aRow[rows->cRows - 1].lpProps[0].Value.bin.lpb, 0,
                  MAPI_UNICODE, password ? 6 : 5, values),
              S_OK);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(profiles);
}

Test(simple_logon, a_profile_that_needs_a_password_fails) /* SMP-008 */
{
    IProfAdmin *profiles;

    unsetenv("MAPIGATE_PASSWORD");
    add_service("asks", mail.user, NULL);
    expect_result(logon_result("asks", NULL, MAPI_NEW_SESSION), MAPI_E_LOGIN_FAILURE);
    assert_hr(MAPIAdminProfiles(0, &profiles), S_OK);
    assert_hr(IProfAdmin_SetDefaultProfile(profiles, (LPTSTR) "asks", 0), S_OK);
    IProfAdmin_Release(profiles);
    expect_result(implicit(MAPI_NEW_SESSION), MAPI_E_LOGIN_FAILURE);
}

/* The entry id of the store that is not the default one, by a session on the profile. */
static void choose_second_store(const char *profile, ULONG flag)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DEFAULT_STORE}};
    IMAPISession *session;
    IMAPITable *stores;
    SRowSet *rows;
    unsigned chosen = 0;

    assert_hr(MAPILogonEx(0, (LPTSTR)profile, NULL, MAPI_EXTENDED | MAPI_NEW_SESSION, &session),
              S_OK);
    assert_hr(IMAPISession_GetMsgStoresTable(session, 0, &stores), S_OK);
    rows = rows_of(stores, &columns);
    cr_assert_eq(rows->cRows, 2);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;

        if (row[1].ulPropTag == PR_DEFAULT_STORE && row[1].Value.b)
            continue;
        assert_hr(IMAPISession_SetDefaultStore(session, flag, row[0].Value.bin.cb,
                                               (ENTRYID *)row[0].Value.bin.lpb),
                  S_OK);
        chosen++;
    }
    cr_assert_eq(chosen, 1);
    FreeProws(rows);
    IMAPITable_Release(stores);
    IMAPISession_Logoff(session, 0, 0, 0);
    IMAPISession_Release(session);
}

Test(simple_logon, it_works_on_the_store_that_is_flagged_for_it) /* SMP-011, SMP-014 */
{
    char other[16];
    LHANDLE handle;
    unsigned user;

    test_servers_stop(test_servers_share(&user));
    snprintf(other, sizeof(other), "user%u", user);
    add_service("two", other, "secret"); /* the first: its store is the default */
    add_service("two", mail.user, "secret");
    delivered_id("in the second store");
    handle = log_on("two", MAPI_NEW_SESSION);
    expect_result(find(handle), MAPI_E_NO_MESSAGES);
    log_off(handle);
    choose_second_store("two", MAPI_SIMPLE_STORE_PERMANENT);
    handle = log_on("two", MAPI_NEW_SESSION);
    expect_result(find(handle), SUCCESS_SUCCESS);
    log_off(handle);
}

/* --- Windows ---------------------------------------------------------------------------------- */

Test(simple_logon, windows_are_not_asked_for) /* SMP-010 */
{
    const ULONG_PTR window = 0xDEAD;
    MapiRecipDesc *found = NULL;
    LHANDLE handle;

    assert_result(MAPILogon(window, PROFILE, NULL, MAPI_NEW_SESSION, 0, &handle), SUCCESS_SUCCESS);
    expect_result(MAPIResolveName(handle, window, "a@example.test", 0, 0, &found), SUCCESS_SUCCESS);
    MAPIFreeBuffer(found);
    expect_result(MAPIFindNext(handle, window, NULL, NULL, 0, 0, find_room), MAPI_E_NO_MESSAGES);
    expect_result(MAPILogoff(handle, window, 0, 0), SUCCESS_SUCCESS);
}

/* --- The way to extended MAPI ----------------------------------------------------------------- */

Test(simple_logon, the_extended_session_behind_a_handle)
{
    IMAPISession *session = NULL;
    IMAPITable *table;
    LHANDLE handle = log_on(PROFILE, MAPI_NEW_SESSION);

    assert_hr(ScMAPIXFromSMAPI(handle, 0, NULL, &session), S_OK);
    expect_interface(session, &IID_IMAPISession);
    assert_hr(IMAPISession_GetMsgStoresTable(session, 0, &table), S_OK);
    IMAPITable_Release(table);
    log_off(handle);
    expect_hr(IMAPISession_GetMsgStoresTable(session, 0, &table), MAPI_E_INVALID_OBJECT);
    IMAPISession_Release(session);
}

Test(simple_logon, there_is_none_behind_a_bad_handle)
{
    IMAPISession *session = (IMAPISession *)&simple;

    expect_hr(ScMAPIXFromSMAPI(0, 0, NULL, &session), MAPI_E_INVALID_PARAMETER);
    cr_expect_null(session);
    expect_hr(ScMAPIXFromSMAPI(simple + 1, 0, NULL, &session), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScMAPIXFromSMAPI(simple, 1, NULL, &session), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(ScMAPIXFromSMAPI(simple, 0, &IID_IMsgStore, &session),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    expect_hr(ScMAPIXFromSMAPI(simple, 0, NULL, NULL), MAPI_E_INVALID_PARAMETER);
}

/* --- A program that knows nothing else -------------------------------------------------------- */

TestSuite(simple_alone, .init = mail_prepare_shared, .fini = mail_close);

Test(simple_alone, nothing_has_to_be_initialised)
{
    MapiRecipDesc *found = NULL;

    mail_begin("secret");
    set_default_profile(true);
    MAPIUninitialize();
    expect_result(MAPILogon(0, PROFILE, NULL, MAPI_NEW_SESSION, 0, &simple), SUCCESS_SUCCESS);
    expect_result(find(simple), MAPI_E_NO_MESSAGES);
    expect_result(MAPILogoff(simple, 0, 0, 0), SUCCESS_SUCCESS);
    expect_result(MAPIResolveName(0, 0, "a@example.test", 0, 0, &found), SUCCESS_SUCCESS);
    cr_assert_not_null(found); /* the library has gone, the block is the caller's */
    cr_expect_str_eq(found->lpszAddress, "SMTP:a@example.test");
    expect_result(MAPIFreeBuffer(found), SUCCESS_SUCCESS);
}
