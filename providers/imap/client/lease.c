/* providers/imap/client/lease.c - a session lent, with its mailbox selected */
#include "providers/imap/client/client_private.h"

#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/utf7.h"

static bool is_inbox(const char *name)
{
    return strcasecmp(name, "INBOX") == 0;
}

/* --- Selecting ------------------------------------------------------------------------------- */

static int etpan_select(mailimap *imap, const char *name, const char *second)
{
    (void)second;
    return mailimap_select(imap, name);
}

static int etpan_examine(mailimap *imap, const char *name, const char *second)
{
    (void)second;
    return mailimap_examine(imap, name);
}

/* SELECT or EXAMINE of a name in modified UTF-7. */
static WAITS HRESULT select_command(struct imap_session *session, const char *name, bool read_only,
                                    uint64_t deadline, struct error_info *error)
{
    struct imap_session_command command = {.what = read_only ? "EXAMINE" : "SELECT",
                                           .etpan = read_only ? etpan_examine : etpan_select,
                                           .argument = name};
    struct command_text text;
    HRESULT hr;

    command_text_init(&text);
    /* Where ENABLE has not switched it on, CONDSTORE is asked for here (RFC 7162, 3.1.8). */
    if ((session->capabilities & (IMAP_CAP_CONDSTORE | IMAP_CAP_ENABLE)) == IMAP_CAP_CONDSTORE) {
        command_text_add(&text, "%s ", command.what);
        command_text_string(&text, name, strlen(name), false);
        command_text_add(&text, " (CONDSTORE)");
        command.text = &text;
        command.etpan = NULL;
    }
    hr = imap_session_command(session, &command, deadline, error);
    command_text_clear(&text);
    return hr;
}

static WAITS HRESULT session_select(struct imap_session *session, const char *mailbox,
                                    bool read_only, uint64_t deadline, struct error_info *error)
{
    char *own = strdup(mailbox), *name = NULL;
    HRESULT hr = own ? utf7_from_utf8(mailbox, &name) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (FAILED(hr)) {
        free(own);
        return error_set(error, hr, session->client->server, "no such name can be sent");
    }
    free(session->mailbox);
    session->mailbox = NULL; /* a SELECT that fails leaves nothing selected */
    session->selected = (struct imap_selected){0};
    hr = select_command(session, name, read_only, deadline, error);
    free(name);
    if (FAILED(hr)) {
        free(own);
        /* Servers without response codes say only NO to a mailbox that is not there. */
        if (hr == MAPI_E_CALL_FAILED) {
            hr = MAPI_E_NOT_FOUND;
            if (error)
                error->hr = hr;
        }
        return hr;
    }
    session->synced = session->client->news;
    session->mailbox = own;
    session->examined = read_only;
    session->selected.mailbox = own;
    session->selected.read_only |= read_only;
    return S_OK;
}

static WAITS HRESULT session_ping(struct imap_session *session, uint64_t deadline,
                                  struct error_info *error)
{
    uint64_t latest = engine_now() + SESSION_PING_TIMEOUT;
    HRESULT hr;
    hr = imap_session_command(session, &imap_session_noop, deadline < latest ? deadline : latest,
                              error);
    return hr;
}

/* Makes the session fit for the lease: alive, mailbox selected. */
static WAITS HRESULT lease_prepare(struct imap_lease *lease, uint64_t deadline,
                                   struct error_info *error)
{
    struct imap_session *session = lease->session;
    uint64_t latest = engine_now() + lease->client->options.command_timeout;
    bool select = false;

    lease->current = false;
    if (deadline > latest)
        deadline = latest;
    if (lease->mailbox)
        select = !session->mailbox || strcmp(session->mailbox, lease->mailbox) != 0 ||
                 (lease->flags & IMAP_LEASE_FRESH) ||
                 session->selected.uidvalidity == 0 || /* of no use: it may say it this time */
                 (session->examined && !(lease->flags & IMAP_LEASE_READ_ONLY));
    if (select) {
        lease->reused = false;
        lease->current = true;
        return session_select(session, lease->mailbox, lease->flags & IMAP_LEASE_READ_ONLY,
                              deadline, error);
    }
    /* A session shows new messages only with the answer to a command: one that another session put
     * there, or heard of, would be missing from this one's. */
    if (lease->reused && (engine_now() - session->used_at > SESSION_PING_AFTER ||
                          (lease->mailbox && session->synced != lease->client->news))) {
        session->synced = lease->client->news;
        lease->reused = false;
        lease->current = true;
        return session_ping(session, deadline, error);
    }
    return S_OK;
}

/* Takes sessions until one is fit; one that was dead in the pool is replaced once. */
static WAITS HRESULT lease_acquire(struct imap_lease *lease, uint64_t deadline,
                                   struct error_info *error)
{
    bool replaced = false;

    for (;;) {
        bool reused;
        HRESULT hr = pool_take(lease->client, lease->mailbox, lease->flags, deadline, error,
                               &lease->session, &reused);

        if (FAILED(hr))
            return hr;
        lease->reused = reused;
        hr = lease_prepare(lease, deadline, error);
        if (SUCCEEDED(hr))
            return S_OK;
        pool_give(lease->session);
        lease->session = NULL;
        if (hr != MAPI_E_NETWORK_ERROR || !reused || replaced)
            return hr;
        replaced = true;
    }
}

/* --- Leases ----------------------------------------------------------------------------------- */

HRESULT imap_lease_begin(struct imap_client *client, const char *mailbox, unsigned flags,
                         uint64_t deadline, struct error_info *error, struct imap_lease **ret_lease)
{
    struct imap_lease *lease = calloc(1, sizeof(*lease));
    HRESULT hr;

    if (lease && mailbox)
        lease->mailbox = strdup(is_inbox(mailbox) ? "INBOX" : mailbox);
    if (!lease || (mailbox && !lease->mailbox)) {
        free(lease);
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, client->server, "out of memory");
    }
    lease->client = client;
    lease->flags = flags;
    lease->deadline = NO_DEADLINE;
    hr = lease_acquire(lease, deadline, error);
    if (FAILED(hr)) {
        imap_lease_end(lease);
        return hr;
    }
    *ret_lease = lease;
    return S_OK;
}

void imap_lease_end(struct imap_lease *lease)
{
    if (!lease)
        return;
    if (lease->session)
        pool_give(lease->session);
    free(lease->mailbox);
    free(lease);
}

void imap_lease_set_deadline(struct imap_lease *lease, uint64_t deadline)
{
    lease->deadline = deadline;
}

uint64_t lease_take_deadline(struct imap_lease *lease, uint64_t least)
{
    uint64_t deadline = lease->deadline;
    uint64_t timeout = lease->client->options.command_timeout;

    lease->deadline = NO_DEADLINE;
    if (deadline != NO_DEADLINE)
        return deadline;
    return engine_now() + (timeout > least ? timeout : least);
}

static const struct imap_selected nothing_selected = {.mailbox = ""};

const struct imap_selected *imap_lease_selected(const struct imap_lease *lease)
{
    return lease->session ? &lease->session->selected : &nothing_selected;
}

uint32_t imap_lease_capabilities(const struct imap_lease *lease)
{
    return lease->session ? lease->session->capabilities : 0;
}

void lease_lose(struct imap_lease *lease, const struct error_info *why)
{
    lease->error = *why;
    if (!lease->session)
        return;
    imap_session_break(lease->session, why);
    pool_give(lease->session);
    lease->session = NULL;
}

HRESULT lease_session(struct imap_lease *lease, struct error_info *error,
                      struct imap_session **ret_session)
{
    if (lease->session && lease->session->broken)
        lease_lose(lease, &lease->session->error);
    if (!lease->session) {
        if (error)
            *error = lease->error;
        return lease->error.hr;
    }
    *ret_session = lease->session;
    return S_OK;
}

/* The session was dead while it lay in the pool: nothing was done, and the caller need not know.
 * Unless the mailbox is another one by now; then the caller's UIDs mean nothing. */
static WAITS HRESULT lease_repeat(struct imap_lease *lease,
                                  const struct imap_session_command *command, uint32_t uidvalidity,
                                  uint64_t deadline, struct error_info *why)
{
    HRESULT hr = lease_acquire(lease, deadline, why);

    if (FAILED(hr))
        return hr;
    lease->reused = false;
    if (lease->mailbox && lease->session->selected.uidvalidity != uidvalidity) {
        hr = error_set(why, MAPI_E_NETWORK_ERROR, lease->client->server,
                       "the mailbox was replaced while the connection was lost");
        lease->error = *why;
        pool_give(lease->session);
        lease->session = NULL;
        return hr;
    }
    hr = imap_session_command(lease->session, command, deadline, why);
    if (lease->session->broken)
        lease_lose(lease, &lease->session->error);
    return hr;
}

HRESULT lease_command(struct imap_lease *lease, const struct imap_session_command *command,
                      struct error_info *error)
{
    uint64_t deadline = lease_take_deadline(lease, 0);
    struct imap_session *session = NULL;
    struct error_info why = {0};
    HRESULT hr = lease_session(lease, error, &session);
    uint32_t uidvalidity;
    bool heard;

    lease->current = false;
    if (FAILED(hr))
        return hr;
    uidvalidity = session->selected.uidvalidity;
    hr = imap_session_command(session, command, deadline, &why);
    heard = session->heard;
    if (session->broken) {
        bool again = lease->reused && command->repeatable && !heard && hr == MAPI_E_NETWORK_ERROR;

        /* Not `why`: one whose command succeeded may have been broken meanwhile (shutdown). */
        lease_lose(lease, &session->error);
        if (again)
            hr = lease_repeat(lease, command, uidvalidity, deadline, &why);
    }
    lease->reused = false;
    if (FAILED(hr) && error)
        *error = why;
    return hr;
}
