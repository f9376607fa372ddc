/* Quota: which of a server's numbers count (RFC 9208). */
#include "tests/providers/imap/client/client_rig.h"

#include "providers/imap/client/quota.h"

static struct rig rig;
static struct error_info error;
static struct imap_quota quota;

static HRESULT ask(void *arg)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease);

    (void)arg;
    if (FAILED(hr))
        return hr;
    hr = imap_quota_get(lease, "INBOX", &error, &quota);
    imap_lease_end(lease);
    return hr;
}

static HRESULT play(const char *script)
{
    HRESULT hr;

    quota = (struct imap_quota){0};
    error_clear(&error);
    rig_start(&rig, &script, 1);
    rig_client(&rig);
    hr = rig_call(&rig, ask, NULL);
    rig_stop(&rig);
    return hr;
}

#define ASK  "C: %t GETQUOTAROOT \"INBOX\"\n"
#define DONE "S: %t OK x\nE:\n"

Test(imap_quota, the_storage_of_the_root_counts)
{
    expect_hr(play(LOGIN_AS("QUOTA") ASK "S: * QUOTAROOT INBOX \"u\"\n"
                                         "S: * QUOTA \"u\" (MESSAGE 1 2 STORAGE 10 512)\n" DONE),
              S_OK);
    cr_expect(quota.has_storage);
    cr_expect_eq(quota.used, 10u);
    cr_expect_eq(quota.limit, 512u);
}

Test(imap_quota, of_several_roots_the_fullest_counts)
{
    expect_hr(play(LOGIN_AS("QUOTA") ASK "S: * QUOTAROOT INBOX a b c\n"
                                         "S: * QUOTA a (STORAGE 10 9223372036854775808)\n"
                                         "S: * QUOTA b (STORAGE 600 512)\n"
                                         "S: * QUOTA c (STORAGE 1 512)\n" DONE),
              S_OK);
    cr_expect_eq(quota.used, 600u);
    cr_expect_eq(quota.limit, 512u);
}

Test(imap_quota, without_a_limit_there_is_none)
{
    expect_hr(play(LOGIN_AS("QUOTA") ASK "S: * QUOTAROOT INBOX\n" DONE), S_OK);
    cr_expect_not(quota.has_storage);
}

Test(imap_quota, without_quota_nothing_is_asked)
{
    expect_hr(play(LOGIN "E:\n"), MAPI_E_NO_SUPPORT);
}

Test(imap_quota, roots_without_end_end)
{
    char *script = calloc(1, 65536);

    strcat(script, LOGIN_AS("QUOTA") ASK);
    for (int i = 0; i < IMAP_QUOTA_ROOTS_MAX; i++)
        sprintf(script + strlen(script), "S: * QUOTA r%d (STORAGE 1 512)\n", i);
    strcat(script, "S: * QUOTA more (STORAGE 512 512)\n" DONE);
    expect_hr(play(script), S_OK);
    cr_expect_eq(quota.used, 1u);
    free(script);
}
