/* tests/providers/smtp/client/test_connection.c - states, login, keeping alive, probing */
#include "smtp_rig.h"

TestSuite(connection);

#define AUTH_HELLO(mechanisms) HELLO_WITH("S: 250-AUTH " mechanisms "\n")
#define PLAIN_SECRET           "AUTH PLAIN AGFubmEAc2VjcmV0"
#define MESSAGE                                                                                    \
    "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nC: DATA\nS: 354 go\nC: Subject: x\nC: \nC: hi\n"  \
    "C: .\nS: 250 ok\n"

static struct rig rig;

static void start(const char *const *scripts, size_t count)
{
    rig_start(&rig, scripts, count);
    rig.options.user = "anna";
    rig.password = "secret";
}

/* --- Login ------------------------------------------------------------------------------------ */

Test(connection, plain_logs_in_with_an_initial_response)
{
    const char *scripts[] = {AUTH_HELLO("PLAIN LOGIN") "C: " PLAIN_SECRET "\nS: 235 in\n" QUIT};

    start(scripts, 1);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    cr_expect_str_eq(rig_states(&rig), "connecting,logging in,ready,");
    cr_expect_null(strstr(rig.trace, "AGFubmEAc2VjcmV0"));
    cr_expect_not_null(strstr(rig.trace, "C: AUTH PLAIN (secret)"));
    rig_stop(&rig);
}

Test(connection, login_answers_its_two_questions)
{
    const char *scripts[] = {
        AUTH_HELLO("LOGIN") "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW5uYQ==\n"
                            "S: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 in\n" QUIT};

    start(scripts, 1);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    cr_expect_null(strstr(rig.trace, "c2VjcmV0"));
    rig_stop(&rig);
}

Test(connection, a_refused_password_is_the_servers_words)
{
    const char *scripts[] = {AUTH_HELLO("PLAIN") "C: AUTH *\nS: 535 5.7.8 wrong password\nE:\n"};
    struct error_info error = {0};
    struct sending s = {0};

    start(scripts, 1);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, &error), MAPI_E_LOGON_FAILED);
    cr_expect_not_null(strstr(error.text, "wrong password"));
    cr_expect_eq(error.low_level, 535);
    cr_expect_eq(rig_state(&rig), SMTP_REFUSED);
    rig_send(&rig, &s); /* the server is not asked again */
    expect_hr(s.hr, MAPI_E_LOGON_FAILED);
    cr_expect_eq(scripted_server_accepted(rig.server), 1);
    rig_stop(&rig);
}

Test(connection, an_aged_password_is_asked_for_once_more)
{
    const char *scripts[] = {AUTH_HELLO(
        "PLAIN") "C: AUTH PLAIN AGFubmEAb2xk\nS: 535 no\nC: " PLAIN_SECRET "\nS: 235 in\n" QUIT};

    start(scripts, 1);
    rig.password = "old";
    rig.next_password = "secret";
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    cr_expect_eq(rig.asked, 2);
    rig_stop(&rig);
}

Test(connection, a_login_that_cannot_be_had_now_is_lost_not_refused)
{
    const char *scripts[] = {AUTH_HELLO("PLAIN") "C: AUTH *\nS: 454 4.7.0 try later\nE:\n"};

    start(scripts, 1);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), MAPI_E_NETWORK_ERROR);
    cr_expect_eq(rig_state(&rig), SMTP_LOST);
    rig_stop(&rig);
}

Test(connection, no_common_mechanism_says_both_sides)
{
    const char *scripts[] = {AUTH_HELLO("GSSAPI") "E:\n"};
    struct error_info error = {0};

    start(scripts, 1);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, &error), MAPI_E_NO_SUPPORT);
    cr_expect_not_null(strstr(error.text, "GSSAPI"));
    cr_expect_eq(rig_state(&rig), SMTP_REFUSED);
    rig_stop(&rig);
}

static void new_password(struct smtp_client *client)
{
    smtp_client_reconfigure(client, NULL, NULL);
}

Test(connection, reconfiguring_leaves_refused)
{
    const char *scripts[] = {AUTH_HELLO("PLAIN") "C: AUTH *\nS: 535 no\nE:\n",
                             AUTH_HELLO("PLAIN") "C: " PLAIN_SECRET "\nS: 235 in\n" MESSAGE QUIT};
    struct sending s = {0};

    start(scripts, 2);
    rig.password = "old";
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), MAPI_E_LOGON_FAILED);
    rig.next_password = "secret";
    rig_do(&rig, new_password);
    cr_expect_eq(rig_state(&rig), SMTP_UNCONNECTED);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    rig_stop(&rig);
}

Test(connection, helo_serves_where_ehlo_is_unknown)
{
    const char *scripts[] = {
        "S: 220 hi\nC: EHLO *\nS: 500 what?\nC: HELO *\nS: 250 hi\n" MESSAGE QUIT};
    struct sending s = {0};

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    rig_stop(&rig);
}

/* --- Loss and return -------------------------------------------------------------------------- */

Test(connection, a_server_that_is_away_is_lost_and_comes_back_by_itself)
{
    const char *scripts[] = {"E:\n" /* the prober */, HELLO QUIT, HELLO MESSAGE QUIT};
    struct sending s = {0}, next = {0};

    rig_start(&rig, scripts, 3);
    scripted_server_refuse(rig.server);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    cr_expect_eq(s.recipients[0].result, SMTP_NOT_TRIED);
    cr_expect_str_eq(rig_states(&rig), "connecting,lost,");
    cr_expect_eq(rig_error(&rig), MAPI_E_NETWORK_ERROR);
    scripted_server_accept_again(rig.server);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    rig_send(&rig, &next);
    expect_hr(next.hr, S_OK);
    rig_stop(&rig);
}

static void go_offline(struct smtp_client *client)
{
    smtp_client_go_offline(client);
}

static void go_online(struct smtp_client *client)
{
    smtp_client_go_online(client);
}

Test(connection, offline_by_request_until_asked_back)
{
    const char *scripts[] = {HELLO MESSAGE "E:\n", HELLO QUIT};
    struct sending first = {0}, second = {0};

    rig_start(&rig, scripts, 2);
    rig_client(&rig);
    rig_send(&rig, &first);
    rig_do(&rig, go_offline);
    cr_expect_eq(rig_state(&rig), SMTP_OFFLINE);
    rig_send(&rig, &second);
    expect_hr(second.hr, MAPI_E_NETWORK_ERROR);
    cr_expect_str_eq(second.error.text, "working offline");
    expect_hr(rig_try_now(&rig, NULL), MAPI_E_NETWORK_ERROR);
    rig_do(&rig, go_online);
    cr_expect(rig_await(&rig, SMTP_READY));
    rig_stop(&rig);
}

/* --- Keeping alive, probing ------------------------------------------------------------------- */

Test(connection, an_unused_connection_is_closed_after_a_while)
{
    const char *scripts[] = {HELLO MESSAGE QUIT};
    struct sending s = {0};

    rig_start(&rig, scripts, 1);
    rig.options.keep_alive = 50;
    rig_client(&rig);
    rig_send(&rig, &s);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    cr_expect_str_eq(rig_states(&rig), "connecting,logging in,ready,sending,ready,unconnected,");
    rig_stop(&rig);
}

Test(connection, try_now_asks_a_ready_connection)
{
    const char *scripts[] = {HELLO "C: NOOP\nS: 250 ok\n" QUIT};

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    rig_stop(&rig);
}

static void start_probing(struct smtp_client *client)
{
    smtp_client_start_probing(client);
}

Test(connection, an_idle_client_probes_and_does_not_log_in)
{
    const char *scripts[] = {AUTH_HELLO("PLAIN") "P: probed\n" QUIT,
                             AUTH_HELLO("PLAIN") "P: again\n" QUIT};

    start(scripts, 2);
    rig.options.probe_interval = 50;
    rig_client(&rig);
    rig_do(&rig, start_probing);
    cr_expect_eq(scripted_server_await(rig.server, "probed"), 0);
    cr_expect_eq(scripted_server_await(rig.server, "again"), 0);
    /* beyond its scripts the server closes at once */
    cr_expect(rig_await(&rig, SMTP_LOST));
    cr_expect_str_eq(rig_states(&rig), "lost,");
    cr_expect_eq(rig.asked, 0);
    rig_stop(&rig);
}

Test(connection, an_idle_connection_is_asked_and_replaced_by_a_probe_when_it_fails)
{
    const char *scripts[] = {HELLO MESSAGE "C: NOOP\nS: 250 ok\nP: asked\nC: NOOP\nX:\n",
                             HELLO "P: probed\n" QUIT};
    struct sending s = {0};

    rig_start(&rig, scripts, 2);
    rig.options.probe_interval = 50;
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    rig_do(&rig, start_probing);
    cr_expect_eq(scripted_server_await(rig.server, "asked"), 0);
    cr_expect_eq(scripted_server_await(rig.server, "probed"), 0);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    rig_stop(&rig);
}

Test(connection, a_connection_closed_at_the_other_end_is_looked_into)
{
    const char *scripts[] = {HELLO MESSAGE "S: 421 idle too long\nX:\n", HELLO "P: probed\n" QUIT};
    struct sending s = {0};

    rig_start(&rig, scripts, 2);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(scripted_server_await(rig.server, "probed"), 0);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    cr_expect_null(strstr(rig_states(&rig), "lost"));
    rig_stop(&rig);
}

struct waiting {
    struct sending sending;
    HRESULT hr;
};

static HRESULT abort_it(void *arg)
{
    (void)arg;
    smtp_client_abort(rig.client);
    return S_OK;
}

static void *abort_when_reached(void *arg)
{
    scripted_server_await(rig.server, "mail");
    engine_call(rig.engine, abort_it, arg);
    return NULL;
}

Test(connection, abort_ends_a_send_in_progress)
{
    const char *scripts[] = {HELLO "C: MAIL *\nP: mail\nE:\n"};
    struct sending s = {0};
    pthread_t thread;

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    pthread_create(&thread, NULL, abort_when_reached, NULL);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    pthread_join(thread, NULL);
    rig_stop(&rig);
}
