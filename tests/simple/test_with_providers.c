/* tests/simple/test_with_providers.c - Simple MAPI on providers that do what a test says */
#include "mapi/mapi.h"
#include "session/fixture.h"

TestSuite(simple_providers, .init = fixture_set_up, .fini = fixture_tear_down);

static LHANDLE log_on(FLAGS flags)
{
    LHANDLE handle = 0;

    cr_assert_eq(MAPILogon(0, "Ann", NULL, flags, 0, &handle), SUCCESS_SUCCESS);
    return handle;
}

Test(simple_providers, force_download_asks_the_transports) /* SMP-019 */
{
    LHANDLE handle;

    make_profile_of("Ann", "ann");
    handle = log_on(MAPI_FORCE_DOWNLOAD);
    cr_expect_eq(fake_count("xp_flush"), 1);
    cr_expect_eq(fake_count("end_inbound_flush"), 1);
    cr_expect_eq(MAPILogoff(handle, 0, 0, 0), SUCCESS_SUCCESS);
    cr_expect_eq(fake.alive, 0);
}

Test(simple_providers, a_store_without_unicode_refuses_what_has_to_stay_so) /* SMP-083 */
{
    static WCHAR address[] = u"SMTP:bob@example.test";
    MapiRecipDescW bob = {.ulRecipClass = MAPI_TO, .lpszAddress = address};
    MapiMessageW message = {.nRecipCount = 1, .lpRecips = &bob};
    LHANDLE handle;

    make_profile_of("Ann", "ann"); /* its store says nothing of Unicode */
    handle = log_on(0);
    cr_expect_eq(MAPISendMailW(handle, 0, &message, MAPI_FORCE_UNICODE, 0),
                 MAPI_E_UNICODE_NOT_SUPPORTED);
    cr_expect_eq(MAPILogoff(handle, 0, 0, 0), SUCCESS_SUCCESS);
}

static void *log_on_and_off(void *arg)
{
    for (int i = 0; i < 20; i++) {
        LHANDLE handle;
        ULONG result = MAPILogon(0, NULL, NULL, MAPI_LOGON_UI, 0, &handle);

        if (result == SUCCESS_SUCCESS)
            result = MAPILogoff(handle, 0, 0, 0);
        if (result != SUCCESS_SUCCESS)
            return arg;
        if (MAPILogoff(handle, 0, 0, 0) != MAPI_E_INVALID_SESSION)
            return arg;
    }
    return NULL;
}

Test(simple_providers, threads_log_on_and_off)
{
    pthread_t threads[4];
    void *failed;

    make_profile_of("Ann", "ann");
    set_default_profile("Ann");
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, log_on_and_off, &failed), 0);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(pthread_join(threads[i], &failed), 0);
        cr_expect_null(failed);
    }
    cr_expect_eq(fake.alive, 0);
}
