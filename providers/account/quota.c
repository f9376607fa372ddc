/* providers/account/quota.c - how much the store holds, and may hold */
#include "providers/account/quota.h"

#include "providers/account/account-private.h"

#define QUOTA_FRESH_MS 10000

static WAITS HRESULT ask(struct account *account, struct imap_quota *ret_quota)
{
    struct imap_lease *lease;
    uint64_t deadline = engine_now() + ACCOUNT_ASK_MS;
    HRESULT hr = imap_lease_begin(account->imap, NULL, 0, deadline, NULL, &lease);

    if (FAILED(hr))
        return hr;
    imap_lease_set_deadline(lease, deadline);
    hr = imap_quota_get(lease, "INBOX", NULL, ret_quota);
    imap_lease_end(lease);
    return hr;
}

void account_quota_ask(struct account *account, struct imap_quota *ret_quota)
{
    struct imap_quota heard = {0};
    uint64_t now = engine_now();

    if (account_may_ask(account, IMAP_CAP_QUOTA) &&
        (!account->quota_at || now >= account->quota_at + QUOTA_FRESH_MS)) {
        account->quota_at = now; /* a failure is not asked for again at once either */
        if (SUCCEEDED(ask(account, &heard)))
            account->quota = heard;
    }
    *ret_quota = account->quota;
}

void account_quota_forget(struct account *account)
{
    account->quota_at = 0;
}
