/* The connection: states, login, leases. Scripts are in scripted_server.h's language. */
#include "providers/imap/client/client_private.h"
#include "tests/providers/imap/client/client_rig.h"

static struct rig rig;

/* --- In the engine --------------------------------------------------------------------------- */

static struct error_info error;

static HRESULT select_once(void *arg)
{
    struct imap_lease *lease;
    HRESULT hr;

    error_clear(&error);
    hr = imap_lease_begin(rig.client, arg, 0, NO_DEADLINE, &error, &lease);
    if (SUCCEEDED(hr))
        imap_lease_end(lease);
    return hr;
}

static HRESULT try_now(void *arg)
{
    (void)arg;
    error_clear(&error);
    return imap_client_try_now(rig.client, NO_DEADLINE, &error);
}

static HRESULT go_offline(void *arg)
{
    (void)arg;
    imap_client_go_offline(rig.client);
    return S_OK;
}

static HRESULT go_online(void *arg)
{
    (void)arg;
    imap_client_go_online(rig.client);
    return S_OK;
}

static void start(const char *const *scripts, size_t count)
{
    rig_start(&rig, scripts, count);
    rig_client(&rig);
}

/* --- Logging in ------------------------------------------------------------------------------ */

Test(imap_client, logs_in_when_first_asked_and_tells_each_state)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_str_eq(rig.states, "connecting,logging in,ready,");
    rig_stop(&rig);
}

Test(imap_client, the_password_is_in_no_trace)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
    cr_expect(strstr(rig.trace, "NOOP"), "%s", rig.trace);
    cr_expect_not(strstr(rig.trace, "AGFsaWNl"), "%s", rig.trace);
    cr_expect_not(strstr(rig.trace, "secret"), "%s", rig.trace);
}

Test(imap_client, authenticates_without_sasl_ir)
{
    static const char *const scripts[] = {"S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\n"
                                          "C: %t AUTHENTICATE PLAIN\nS: + \n"
                                          "C: AGFsaWNlAHNlY3JldA==\nS: %t OK in\n"
                                          "C: %t CAPABILITY\nS: * CAPABILITY IMAP4rev1\n"
                                          "S: %t OK x\nC: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

Test(imap_client, uses_login_where_no_mechanism_is_offered)
{
    static const char *const scripts[] = {"S: * OK [CAPABILITY IMAP4rev1] hello\n"
                                          "C: %t LOGIN {5}\nS: + go\nC: alice {6}\nS: + go\n"
                                          "C: secret\nS: %t OK [CAPABILITY IMAP4rev1] in\n"
                                          "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
    cr_expect_not(strstr(rig.trace, "secret"), "%s", rig.trace);
}

Test(imap_client, a_refused_login_is_refused_in_the_servers_words)
{
    static const char *const scripts[] = {
        GREETING "C: %t AUTHENTICATE PLAIN *\n"
                 "S: %t NO [AUTHENTICATIONFAILED] No such user here.\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_LOGON_FAILED);
    cr_expect_str_eq(error.text, "AUTHENTICATIONFAILED: No such user here.");
    cr_expect_str_eq(rig.states, "connecting,logging in,refused,");
    /* It stays refused, and nobody asks the server again. */
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_LOGON_FAILED);
    cr_expect_str_eq(error.text, "AUTHENTICATIONFAILED: No such user here.");
    rig_stop(&rig);
}

Test(imap_client, a_refused_credential_is_asked_for_once_more)
{
    static const char *const scripts[] = {GREETING "C: %t AUTHENTICATE PLAIN AGFsaWNlAG9sZA==\n"
                                                   "S: %t NO [AUTHENTICATIONFAILED] no\n"
                                                   "C: %t AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\n"
                                                   "S: %t OK [CAPABILITY IMAP4rev1] in\n"
                                                   "C: %t NOOP\nS: %t OK x\nE:\n"};

    rig_start(&rig, scripts, 1);
    rig.password = "old";
    rig.next_password = "secret";
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_eq(rig.asked, 2u);
    rig_stop(&rig);
}

Test(imap_client, starttls_is_not_given_up_when_the_server_does_not_offer_it)
{
    static const char *const scripts[] = {"S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\nE:\n"};

    rig_start(&rig, scripts, 1);
    rig.options.tls = CONN_TLS_LATER;
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_LOGON_FAILED);
    cr_expect(strstr(error.text, "STARTTLS"), "%s", error.text);
    rig_stop(&rig);
    cr_expect_eq(rig.asked, 0u, "no password for a server in the clear");
}

Test(imap_client, plain_text_behind_the_starttls_answer_is_refused)
{
    static const char *const scripts[] = {
        "S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hello\n"
        "C: %t STARTTLS\ns: %t OK go\\r\\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\\r\\n\nE:\n"};

    rig_start(&rig, scripts, 1);
    rig.options.tls = CONN_TLS_LATER;
    rig_client(&rig);
    cr_expect(FAILED(rig_noop(&rig, NULL, &error)));
    cr_expect_neq(rig.state, IMAP_READY);
    rig_stop(&rig);
}

Test(imap_client, a_server_that_is_full_is_lost_and_not_refused)
{
    static const char *const scripts[] = {
        GREETING "C: %t AUTHENTICATE PLAIN *\n"
                 "S: %t NO [UNAVAILABLE] Temporary authentication failure.\nE:\n",
        LOGIN "E:\n"};

    start(scripts, 2);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    cr_expect_str_eq(error.text, "UNAVAILABLE: Temporary authentication failure.");
    rig_await_state(&rig, IMAP_READY); /* tried again by itself */
    cr_expect_str_eq(rig.states, "connecting,logging in,lost,ready,");
    rig_stop(&rig);
}

Test(imap_client, a_greeting_that_never_comes_has_a_reason)
{
    static const char *const scripts[] = {"X:\n"};

    start(scripts, 1);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    cr_expect(strstr(error.text, "closed"), "%s", error.text);
    rig_stop(&rig);
}

/* --- Losing and finding the server ----------------------------------------------------------- */

Test(imap_client, an_unreachable_server_is_lost_and_found_again)
{
    static const char *const scripts[] = {PROBE, LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 2);
    scripted_server_refuse(rig.server);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    cr_expect(strstr(error.text, "refused"), "%s", error.text);
    cr_expect_eq(rig.state, IMAP_LOST);
    scripted_server_accept_again(rig.server);
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

Test(imap_client, a_server_that_dies_is_noticed_while_nobody_asks)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nH: die\nR:\n", PROBE,
                                          LOGIN "E:\n"};

    start(scripts, 3);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    scripted_server_refuse(rig.server);
    scripted_server_release(rig.server, "die");
    rig_await_state(&rig, IMAP_LOST);
    scripted_server_accept_again(rig.server);
    rig_await_state(&rig, IMAP_READY);
    rig_stop(&rig);
}

Test(imap_client, a_pooled_session_that_the_server_closed_is_replaced_unseen)
{
    static const char *const scripts[] = {LOGIN
                                          "C: %t NOOP\nS: %t OK x\nS: * BYE idle\nP: bye\nX:\n",
                                          LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 2);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_assert_eq(scripted_server_await(rig.server, "bye"), 0);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_str_eq(rig.states, "connecting,logging in,ready,", "nobody hears of it");
    rig_stop(&rig);
}

Test(imap_client, a_pooled_session_that_dies_under_a_command_is_replaced_once)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nC: %t NOOP\nX:\n",
                                          LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 2);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_eq(scripted_server_accepted(rig.server), 2u);
    cr_expect_str_eq(rig.states, "connecting,logging in,ready,");
    rig_stop(&rig);
}

Test(imap_client, a_session_that_dies_under_select_is_replaced_once)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nC: %t SELECT INBOX\nX:\n",
                                          LOGIN SELECT("INBOX", "9", "5", "4") "E:\n"};

    start(scripts, 2);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    expect_hr(rig_call(&rig, select_once, "INBOX"), S_OK);
    rig_stop(&rig);
}

Test(imap_client, a_silent_server_is_lost_by_an_unanswered_ping)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nU:\n", LOGIN "E:\n"};

    rig_start(&rig, scripts, 2);
    rig.options.ping_interval = 100;
    rig.options.silence_timeout = 300;
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_await_state(&rig, IMAP_LOST);
    cr_expect(strstr(rig.error.text, "did not answer"), "%s", rig.error.text);
    rig.options.ping_interval = 3600000;
    rig_await_state(&rig, IMAP_READY);
    rig_stop(&rig);
}

Test(imap_client, a_server_that_sends_us_away_is_asked_until_it_lets_us_in)
{
    static const char *const scripts[] = {"S: * BYE not today\nX:\n", "S: * BYE not today\nX:\n",
                                          LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 3);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    cr_expect(strstr(error.text, "not today"), "%s", error.text);
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_str_eq(rig.states, "connecting,logging in,lost,ready,");
    rig_stop(&rig);
}

Test(imap_client, working_offline_drops_everything_until_asked_back)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nE:\n",
                                          LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 2);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    expect_hr(rig_call(&rig, go_offline, NULL), S_OK);
    cr_expect_eq(rig.state, IMAP_OFFLINE);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    cr_expect_str_eq(error.text, "working offline");
    expect_hr(rig_call(&rig, try_now, NULL), MAPI_E_NETWORK_ERROR);
    expect_hr(rig_call(&rig, go_online, NULL), S_OK);
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

Test(imap_client, try_now_asks_again_after_a_refusal)
{
    static const char *const scripts[] = {
        GREETING "C: %t AUTHENTICATE PLAIN *\nS: %t NO [AUTHENTICATIONFAILED] no\nE:\n",
        LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};
    struct timespec second = {.tv_sec = 1, .tv_nsec = 50000000};

    start(scripts, 2);
    expect_hr(rig_call(&rig, try_now, NULL), MAPI_E_LOGON_FAILED);
    expect_hr(rig_call(&rig, try_now, NULL), MAPI_E_LOGON_FAILED); /* not twice in a second */
    cr_expect_eq(scripted_server_accepted(rig.server), 1u);
    nanosleep(&second, NULL);
    expect_hr(rig_call(&rig, try_now, NULL), S_OK);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_str_eq(rig.states, "connecting,logging in,refused,ready,");
    rig_stop(&rig);
}

/* --- Leases ---------------------------------------------------------------------------------- */

Test(imap_client, a_mailbox_is_selected_once_while_nobody_else_wants_another)
{
    static const char *const scripts[] = {LOGIN SELECT(
        "INBOX", "9", "5", "4") "C: %t NOOP\nS: %t OK x\nC: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_noop(&rig, "inbox", &error), S_OK);
    expect_hr(rig_noop(&rig, "INBOX", &error), S_OK);
    rig_stop(&rig);
}

static HRESULT look_at_selected(void *arg)
{
    const struct imap_selected *selected;
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(rig.client, "INBOX", 0, NO_DEADLINE, NULL, &lease);

    (void)arg;
    if (FAILED(hr))
        return hr;
    selected = imap_lease_selected(lease);
    cr_expect_str_eq(selected->mailbox, "INBOX");
    cr_expect_eq(selected->uidvalidity, 9u);
    cr_expect_eq(selected->uidnext, 5u);
    cr_expect_eq(selected->exists, 4u);
    cr_expect_eq(selected->permanent_flags, (uint32_t)(IMAP_FLAG_SEEN | IMAP_FLAG_DELETED));
    cr_expect(selected->permanent_keywords);
    cr_expect_not(selected->read_only);
    imap_lease_end(lease);
    return S_OK;
}

Test(imap_client, a_lease_knows_what_select_said)
{
    static const char *const scripts[] = {LOGIN SELECT("INBOX", "9", "5", "4") "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, look_at_selected, NULL), S_OK);
    rig_stop(&rig);
}

Test(imap_client, a_mailbox_that_is_not_there_is_not_found_and_the_session_lives)
{
    static const char *const scripts[] = {LOGIN "C: %t SELECT nix\n"
                                                "S: %t NO [NONEXISTENT] No such mailbox\n"
                                                "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, select_once, "nix"), MAPI_E_NOT_FOUND);
    cr_expect_str_eq(error.text, "NONEXISTENT: No such mailbox");
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

struct short_lease {
    uint64_t deadline;
};

static HRESULT timed_noop(void *arg)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease);

    (void)arg;
    if (FAILED(hr))
        return hr;
    imap_lease_set_deadline(lease, engine_now() + 50);
    hr = imap_noop(lease, &error);
    expect_hr(imap_noop(lease, NULL), MAPI_E_TIMEOUT); /* the lease has nothing left to give */
    imap_lease_end(lease);
    return hr;
}

Test(imap_client, a_command_that_times_out_drops_its_session)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nU:\n",
                                          LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 2);
    expect_hr(rig_call(&rig, timed_noop, NULL), MAPI_E_TIMEOUT);
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

static HRESULT two_at_once(void *arg)
{
    struct imap_lease *a, *b;
    HRESULT hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &a);

    (void)arg;
    if (FAILED(hr))
        return hr;
    hr = imap_lease_begin(rig.client, NULL, 0, engine_now() + 300, &error, &b);
    imap_lease_end(a);
    if (SUCCEEDED(hr))
        imap_lease_end(b);
    return hr;
}

Test(imap_client, too_many_connections_lowers_the_limit_and_leases_wait_instead)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: %t OK x\nE:\n",
                                          "S: * BYE Too many connections from your host\nX:\n"};

    start(scripts, 2);
    /* The second lease finds no room and stands in line for the first one's session. */
    expect_hr(rig_call(&rig, two_at_once, NULL), MAPI_E_TIMEOUT);
    cr_expect_eq(scripted_server_accepted(rig.server), 2u);
    cr_expect_eq(rig.state, IMAP_READY);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_eq(scripted_server_accepted(rig.server), 2u);
    rig_stop(&rig);
}

static struct engine_event order_done;
static char order[16];
static int waiting;

static HRESULT take_in_order(void *arg)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease);

    cr_expect_eq(hr, S_OK);
    strcat(order, arg);
    imap_lease_end(lease);
    if (--waiting == 0)
        engine_event_set(&order_done);
    return S_OK;
}

static HRESULT queue_up(void *arg)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease);

    (void)arg;
    if (FAILED(hr))
        return hr;
    engine_event_init(&order_done);
    waiting = 3;
    for (int i = 0; i < 3; i++) {
        static char *names[] = {"a", "b", "c"};

        cr_expect_eq(engine_spawn(rig.engine, take_in_order, names[i], NULL), S_OK);
    }
    for (int i = 0; i < 10; i++)
        fiber_yield();
    cr_expect_str_eq(order, "");
    imap_lease_end(lease);
    hr = engine_event_wait(&order_done, NO_DEADLINE);
    engine_event_clear(&order_done);
    return hr;
}

Test(imap_client, leases_are_given_in_the_order_they_were_asked_for)
{
    static const char *const scripts[] = {LOGIN "E:\n"};

    rig_start(&rig, scripts, 1);
    rig.options.max_sessions = 1;
    rig_client(&rig);
    expect_hr(rig_call(&rig, queue_up, NULL), S_OK);
    cr_expect_str_eq(order, "abc");
    rig_stop(&rig);
}

Test(imap_client, a_hostile_answer_costs_the_session_and_not_the_client)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: * 1 FETCH (UID 4294967296)\nE:\n",
                                          LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    start(scripts, 2);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    cr_expect_str_eq(error.text,
                     "the server broke the IMAP protocol: it sent a number that is out of range");
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

/* The second death of a session that has just been opened is no reason to log in at once again. */
Test(imap_client, a_server_that_lets_us_in_only_to_fail_us_is_given_a_pause)
{
    static const char *const scripts[] = {LOGIN "C: %t NOOP\nS: * 1 FETCH (UID 4294967296)\nE:\n",
                                          LOGIN "C: %t NOOP\nS: other OK x\nE:\n",
                                          LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    rig_start(&rig, scripts, 3);
    rig.options.max_sessions = 1;
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    rig_await_state(&rig, IMAP_LOST);
    cr_expect_str_eq(
        rig.error.text,
        "the server broke the IMAP protocol: it completed a command that was never sent");
    rig_await_state(&rig, IMAP_READY); /* by itself */
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    cr_expect_str_eq(rig.states, "connecting,logging in,ready,lost,ready,");
    rig_stop(&rig);
}

/* Bytes that never make a line end with the command's deadline, as silence does. */
Test(imap_client, an_endless_drip_meets_the_deadline)
{
    static char drip[8192] = LOGIN "C: %t NOOP\n";
    const char *const scripts[] = {drip, LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"};

    for (int i = 0; i < 400; i++)
        strcat(drip, "s: x\nZ: 5\n");
    strcat(drip, "U:\n");
    start(scripts, 2);
    expect_hr(rig_call(&rig, timed_noop, NULL), MAPI_E_TIMEOUT);
    cr_expect(error.text[0]);
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

/* --- A session that is taken away ------------------------------------------------------------- */

static void take_away(void *arg, const struct wire_response *response)
{
    struct imap_lease *lease = arg;

    (void)response;
    imap_session_break(lease->session, NULL); /* as the pool does when the client closes */
}

static HRESULT taken_away_behind_a_command(void *arg)
{
    struct imap_session_command command = imap_session_noop;
    struct imap_lease *lease;

    (void)arg;
    error_clear(&error);
    expect_hr(imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease), S_OK);
    command.observe = take_away;
    command.arg = lease;
    expect_hr(lease_command(lease, &command, &error), S_OK);
    expect_hr(imap_noop(lease, &error), MAPI_E_USER_CANCEL);
    imap_lease_end(lease);
    return S_OK;
}

Test(imap_client, a_session_taken_away_behind_its_last_answer_answers_no_more)
{
    static const char *const scripts[] = {LOGIN
                                          "C: %t NOOP\nS: * OK still here\\r\\n%t OK x\nE:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, taken_away_behind_a_command, NULL), S_OK);
    rig_stop(&rig);
}
