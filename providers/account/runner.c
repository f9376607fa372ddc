/* providers/account/runner.c - the fiber that sends what the queue holds
 *
 * Claims a row, sends it, journals what happened, and does what follows sending; sleeps until a row
 * is due or something wakes it. What a row's stage means when we die between two steps stands in
 * state/queue.h: never lost; sent twice only if we die between the server's 250 and our journal. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "providers/account/account-private.h"
#include "providers/account/delivery.h"
#include "state/queue.h"

#define SLEEP_MAX_MS 30000 /* another process may have put a row there */

/* How long a last logoff waits for the message on its way: cut off after the final dot, nobody
 * knows whether it was sent. */
#define FINISH_MS          5000
#define FINISH_AWAITING_MS 30000

/* When to try again after `attempts` failures: soon at first, then every hour; seconds. */
static const unsigned retry_after[] = {60, 300, 900, 1800, 3600};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t next_try(uint32_t attempts)
{
    size_t last = sizeof(retry_after) / sizeof(retry_after[0]) - 1;

    return now_ms() + INT64_C(1000) * retry_after[attempts < last ? attempts : last];
}

/* Somebody is logged on, and the server is not known to be away. */
static bool may_begin(const struct account *account)
{
    struct smtp_status_report report;

    if (!account->observers || account->runner.stopping || fiber_cancelled())
        return false;
    smtp_client_status(account->smtp, &report);
    return report.state != SMTP_LOST && report.state != SMTP_REFUSED &&
           report.state != SMTP_OFFLINE;
}

static void set_sending(struct account *account, bool sending)
{
    if (account->runner.sending == sending)
        return;
    account->runner.sending = sending;
    account_status_changed(account, ACCOUNT_TRANSPORT);
}

/* One row, from the claim to its end or its next try. */
static WAITS void work_on(struct account *account, struct state_submission *row)
{
    enum state_queue_stage stage = row->stage;
    HRESULT hr = S_OK;

    if (stage == QUEUE_CLAIMED) {
        set_sending(account, true);
        hr = delivery_send(account, row, next_try(row->attempts), &stage);
        set_sending(account, false);
        account->runner.sent++;
    }
    if (SUCCEEDED(hr) && (stage == QUEUE_SENT || stage == QUEUE_FAILED))
        hr = delivery_conclude(account, row->number, stage);
    /* What failed has been journalled, or its lease ends and the row is claimed again. */
    (void)hr;
}

/* Sends until nothing is due; *ret_wait: milliseconds until something may be. */
static WAITS void run_queue(struct account *account, uint64_t *ret_wait)
{
    struct account_runner *runner = &account->runner;
    size_t ahead;

    *ret_wait = SLEEP_MAX_MS;
    state_queue_count(account->mailbox, NULL, &ahead);
    runner->sent = 0;
    runner->total = (unsigned)ahead; /* "sending 2 of 5" */
    while (may_begin(account)) {
        struct state_submission *row;
        uint64_t wait = UINT64_MAX;
        HRESULT hr = state_queue_claim(account->mailbox, 0, NULL, &row, &wait);

        if (FAILED(hr)) {
            if (hr == MAPI_E_NOT_FOUND && wait < *ret_wait)
                *ret_wait = wait;
            return;
        }
        runner->working = true;
        work_on(account, row);
        runner->working = false;
        account_queue_changed(account);
        free(row);
    }
}

static HRESULT runner_run(void *arg)
{
    struct account *account = arg;
    struct account_runner *runner = &account->runner;

    while (!runner->stopping && !fiber_cancelled()) {
        uint64_t wait;

        engine_event_reset(&runner->wake);
        run_queue(account, &wait);
        runner->rounds++;
        engine_event_set(&runner->round_ended);
        engine_event_wait(&runner->wake, engine_now() + wait);
    }
    engine_event_set(&runner->round_ended);
    return S_OK;
}

HRESULT account_runner_start(struct account *account)
{
    if (account->runner.fiber || !account->smtp)
        return S_OK;
    return engine_spawn(account->engine, runner_run, account, &account->runner.fiber);
}

void account_finish_sending(struct account *account)
{
    struct account_runner *runner = &account->runner;
    uint64_t started = engine_now(), deadline;

    while (runner->working && !account->observers && !fiber_cancelled()) {
        deadline = started + (runner->awaiting ? FINISH_AWAITING_MS : FINISH_MS);
        if (engine_now() >= deadline)
            return;
        engine_event_reset(&runner->round_ended);
        engine_event_wait(&runner->round_ended, deadline);
    }
}

void account_runner_stop(struct account *account)
{
    account->runner.stopping = true;
    engine_event_set(&account->runner.wake);
    if (account->runner.fiber) {
        fiber_cancel(account->runner.fiber);
        fiber_join(account->runner.fiber);
        account->runner.fiber = NULL;
    }
}
