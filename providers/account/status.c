/* providers/account/status.c - what the connections are doing, in MAPI's words
 *
 * The clients report their state machines here; this file turns the two reports, the runner and the
 * flush bits into the one status of each side (docs/mail.md, "Status rows are the connection"), and
 * tells the observers. */
#include <stdio.h>
#include <string.h>

#include "providers/account/account-private.h"

/* --- From the clients ------------------------------------------------------------------------- */

void account_status_changed(struct account *account, enum account_side side)
{
    struct account_observer *observer;

    account->next_observer = account->observers;
    while ((observer = account->next_observer)) {
        account->next_observer = observer->next;
        observer->status_changed(observer, side);
    }
}

void account_emit(struct account *account, const struct account_event *event)
{
    struct account_observer *observer;

    account->next_observer = account->observers;
    while ((observer = account->next_observer)) {
        account->next_observer = observer->next;
        observer->event(observer, event);
    }
}

void account_observe(struct account *account, struct account_observer *observer)
{
    observer->next = account->observers;
    account->observers = observer;
    engine_event_set(&account->runner.wake); /* it begins nothing while nobody is logged on */
}

void account_unobserve(struct account *account, struct account_observer *observer)
{
    struct account_observer **link = &account->observers;

    while (*link && *link != observer)
        link = &(*link)->next;
    if (*link)
        *link = observer->next;
    if (account->next_observer == observer) /* it leaves inside a call */
        account->next_observer = observer->next;
}

void account_imap_state(void *arg, const struct imap_status_report *report)
{
    struct account *account = arg;

    switch (report->state) {
    case IMAP_LOST:
        account->trouble[ACCOUNT_STORE] = TROUBLE_LOST;
        break;
    case IMAP_REFUSED:
        account->trouble[ACCOUNT_STORE] = TROUBLE_REFUSED;
        break;
    case IMAP_CONNECTING:
    case IMAP_LOGGING_IN:
        break;
    case IMAP_UNCONNECTED:
    case IMAP_READY:
    case IMAP_OFFLINE:
        account->trouble[ACCOUNT_STORE] = TROUBLE_NONE;
        break;
    }
    account_status_changed(account, ACCOUNT_STORE);
}

void account_smtp_state(void *arg, const struct smtp_status_report *report)
{
    struct account *account = arg;
    bool was_lost = account->trouble[ACCOUNT_TRANSPORT] == TROUBLE_LOST;

    switch (report->state) {
    case SMTP_LOST:
        account->trouble[ACCOUNT_TRANSPORT] = TROUBLE_LOST;
        break;
    case SMTP_REFUSED:
        account->trouble[ACCOUNT_TRANSPORT] = TROUBLE_REFUSED;
        break;
    case SMTP_CONNECTING:
    case SMTP_LOGGING_IN:
        break;
    case SMTP_UNCONNECTED:
    case SMTP_READY:
    case SMTP_SENDING:
    case SMTP_OFFLINE:
        account->trouble[ACCOUNT_TRANSPORT] = TROUBLE_NONE;
        break;
    }
    account_status_changed(account, ACCOUNT_TRANSPORT);
    if (was_lost && account->trouble[ACCOUNT_TRANSPORT] == TROUBLE_NONE)
        engine_event_set(&account->runner.wake); /* messages wait for this */
}

/* --- The status of a side --------------------------------------------------------------------- */

static enum account_link link_of_imap(const struct account *account, enum imap_state state)
{
    if (state == IMAP_OFFLINE)
        return ACCOUNT_LINK_OFFLINE;
    if (account->trouble[ACCOUNT_STORE] == TROUBLE_LOST)
        return ACCOUNT_LINK_LOST;
    if (account->trouble[ACCOUNT_STORE] == TROUBLE_REFUSED)
        return ACCOUNT_LINK_REFUSED;
    if (state == IMAP_READY)
        return ACCOUNT_LINK_READY;
    return state == IMAP_UNCONNECTED ? ACCOUNT_LINK_NONE : ACCOUNT_LINK_CONNECTING;
}

static enum account_link link_of_smtp(const struct account *account, enum smtp_state state)
{
    if (state == SMTP_OFFLINE)
        return ACCOUNT_LINK_OFFLINE;
    if (account->trouble[ACCOUNT_TRANSPORT] == TROUBLE_LOST)
        return ACCOUNT_LINK_LOST;
    if (account->trouble[ACCOUNT_TRANSPORT] == TROUBLE_REFUSED)
        return ACCOUNT_LINK_REFUSED;
    if (state == SMTP_READY || state == SMTP_SENDING)
        return ACCOUNT_LINK_READY;
    return state == SMTP_UNCONNECTED ? ACCOUNT_LINK_NONE : ACCOUNT_LINK_CONNECTING;
}

struct side_report {
    enum account_link link;
    const char *server, *tls;
    const struct error_info *error;
    uint64_t next_try_in;
    unsigned watching;
};

static void describe(const struct side_report *report, char *text, size_t size)
{
    const char *words = report->error && report->error->text[0] ? report->error->text : NULL;
    const int most = (int)size / 2; /* of the server's words */

    switch (report->link) {
    case ACCOUNT_LINK_NONE:
        snprintf(text, size, "not connected");
        break;
    case ACCOUNT_LINK_CONNECTING:
        snprintf(text, size, "connecting to %s", report->server);
        break;
    case ACCOUNT_LINK_READY:
        if (report->watching)
            snprintf(text, size, "%s, %s, watching %u folder%s", report->server,
                     report->tls ? report->tls : "no TLS", report->watching,
                     report->watching == 1 ? "" : "s");
        else
            snprintf(text, size, "%s, %s", report->server, report->tls ? report->tls : "no TLS");
        break;
    case ACCOUNT_LINK_LOST:
        if (report->next_try_in == 0)
            snprintf(text, size, "trying again: %.*s", most, words ? words : "connection lost");
        else
            snprintf(text, size, "next try in %llu s: %.*s",
                     (unsigned long long)(report->next_try_in + 999) / 1000, most,
                     words ? words : "connection lost");
        break;
    case ACCOUNT_LINK_OFFLINE:
        snprintf(text, size, "working offline");
        break;
    case ACCOUNT_LINK_REFUSED:
        snprintf(text, size, "%.*s", (int)size - 1, words ? words : "refused");
        break;
    }
}

static void store_status(const struct account *account, struct account_status *status)
{
    struct imap_status_report imap;
    struct side_report report;

    imap_client_status(account->imap, &imap);
    report = (struct side_report){
        .link = link_of_imap(account, imap.state),
        .server = imap.server,
        .tls = imap.tls,
        .error = imap.error,
        .next_try_in = imap.next_try_in,
        .watching = imap.watching,
    };
    status->link = report.link;
    status->flush_in = account->flush_in;
    if (imap.error)
        status->error = *imap.error;
    describe(&report, status->text, sizeof(status->text));
}

static void transport_status(const struct account *account, struct account_status *status)
{
    const struct account_runner *runner = &account->runner;
    struct smtp_status_report smtp;
    struct side_report report;

    if (!account->smtp) {
        status->link = ACCOUNT_LINK_REFUSED;
        snprintf(status->text, sizeof(status->text), "no SMTP server is configured");
        return;
    }
    smtp_client_status(account->smtp, &smtp);
    report = (struct side_report){
        .link = link_of_smtp(account, smtp.state),
        .server = smtp.server,
        .tls = smtp.tls,
        .error = smtp.error,
        .next_try_in = smtp.next_try_in,
    };
    status->link = report.link;
    status->sending = runner->sending && report.link != ACCOUNT_LINK_LOST;
    status->flush_out = runner->flushing;
    status->flush_in = account->flush_in;
    if (smtp.error)
        status->error = *smtp.error;
    if (status->sending && report.link == ACCOUNT_LINK_READY)
        snprintf(status->text, sizeof(status->text), "sending %u of %u", runner->sent + 1,
                 runner->total > runner->sent ? runner->total : runner->sent + 1);
    else
        describe(&report, status->text, sizeof(status->text));
}

void account_status(const struct account *account, enum account_side side,
                    struct account_status *ret_status)
{
    memset(ret_status, 0, sizeof(*ret_status));
    if (side == ACCOUNT_STORE)
        store_status(account, ret_status);
    else
        transport_status(account, ret_status);
}

ULONG account_status_code(const struct account_status *status, enum account_side side)
{
    ULONG code = STATUS_AVAILABLE;

    if (status->link == ACCOUNT_LINK_LOST || status->link == ACCOUNT_LINK_OFFLINE)
        code = STATUS_OFFLINE;
    else if (status->link == ACCOUNT_LINK_REFUSED)
        code = STATUS_FAILURE;
    if (side == ACCOUNT_STORE) /* STA-051: directions are the transport's */
        return code;

    if (status->link != ACCOUNT_LINK_REFUSED && status->link != ACCOUNT_LINK_OFFLINE)
        code |= STATUS_OUTBOUND_ENABLED; /* while the server is lost messages wait */
    if (status->sending)
        code |= STATUS_OUTBOUND_ACTIVE;
    if (status->flush_out)
        code |= STATUS_OUTBOUND_FLUSH;
    if (status->flush_in)
        code |= STATUS_INBOUND_FLUSH;
    return code;
}

/* --- Requests --------------------------------------------------------------------------------- */

HRESULT account_try_now(struct account *account, enum account_side side, uint64_t deadline,
                        struct error_info *error)
{
    if (side == ACCOUNT_STORE)
        return imap_client_try_now(account->imap, deadline, error);
    if (!account->smtp)
        return error_set(error, MAPI_E_UNCONFIGURED, account->key, "no SMTP server is configured");
    return smtp_client_try_now(account->smtp, deadline, error);
}

void account_go_offline(struct account *account, enum account_side side)
{
    if (side == ACCOUNT_STORE)
        imap_client_go_offline(account->imap);
    else if (account->smtp)
        smtp_client_go_offline(account->smtp);
}

void account_go_online(struct account *account, enum account_side side)
{
    if (side == ACCOUNT_STORE)
        imap_client_go_online(account->imap);
    else if (account->smtp)
        smtp_client_go_online(account->smtp);
}
