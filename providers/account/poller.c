/* providers/account/poller.c - looking at what is not watched
 *
 * One fiber per account lists the folders with their counts every 60 s, at once when the server is
 * back or somebody asks, finishes what a crash left in the save journal, and brings folders whose
 * UIDVALIDITY changed up to date. Failures show in the status; the next round tries again. */
#include "providers/account/contents.h"

#define POLL_INTERVAL_MS 60000

static WAITS void poll_once(struct account *account)
{
    struct imap_status_report report;

    imap_client_status(account->imap, &report);
    if (report.state != IMAP_READY && report.state != IMAP_UNCONNECTED)
        return; /* it is being tried already, or not wanted */
    if (FAILED(account_folders_refresh(account, NO_DEADLINE, NULL)))
        return;
    account_contents_refresh_stale(account, NULL);
    account_rewrites_recover(account, NULL);
}

static HRESULT poller_run(void *arg)
{
    struct account *account = arg;
    struct account_poller *poller = &account->poller;

    while (!poller->stopping && !fiber_cancelled()) {
        engine_event_wait(&poller->wake, engine_now() + POLL_INTERVAL_MS);
        engine_event_reset(&poller->wake);
        if (!poller->stopping && !fiber_cancelled())
            poll_once(account);
    }
    return S_OK;
}

HRESULT account_poller_start(struct account *account)
{
    if (account->poller.fiber)
        return S_OK;
    return engine_spawn(account->engine, poller_run, account, &account->poller.fiber);
}

void account_poll_now(struct account *account)
{
    engine_event_set(&account->poller.wake);
}

void account_poller_stop(struct account *account)
{
    account->poller.stopping = true;
    engine_event_set(&account->poller.wake);
    if (account->poller.fiber) {
        fiber_cancel(account->poller.fiber);
        fiber_join(account->poller.fiber);
        account->poller.fiber = NULL;
    }
}
