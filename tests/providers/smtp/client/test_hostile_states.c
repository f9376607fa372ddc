/* tests/providers/smtp/client/test_hostile_states.c - what goes wrong at each step of the dialogue:
 * ends, silence, answers that have no place there */
#include "smtp_rig.h"

TestSuite(hostile_states);

#define MAILED HELLO "C: MAIL *\nS: 250 ok\n"
#define NAMED  MAILED "C: RCPT *\nS: 250 ok\n"
#define GIVEN  NAMED "C: DATA\nS: 354 go\n"
#define DOTTED GIVEN "C: Subject: x\nC: \nC: hi\nC: .\n"
#define AUTHED HELLO_WITH("S: 250-AUTH PLAIN\n") "C: AUTH PLAIN *\n"

/* As rig_expect_refused, for a server that wants a login. */
static void expect_login_fails(const char *script, HRESULT hr, const char *words)
{
    const char *scripts[] = {script,
                             HELLO_WITH("S: 250-AUTH PLAIN\n") "C: AUTH *\nS: 235 in\n" SENT QUIT};
    struct sending s = {0}, next = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 2);
    rig.options.user = "anna";
    rig.password = "secret";
    rig.options.probe_interval = UINT64_MAX;
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, hr);
    cr_expect(strstr(s.error.text, words), "%s", s.error.text);
    cr_expect_null(strstr(rig.trace, "AGFubmEAc2VjcmV0"));
    rig_do(&rig, smtp_client_go_offline); /* and back: nothing of the failure remains */
    rig_do(&rig, smtp_client_go_online);
    rig_send(&rig, &next);
    expect_hr(next.hr, S_OK);
    rig_stop(&rig);
}

/* --- Ends ------------------------------------------------------------------------------------- */

Test(hostile_states, a_server_that_closes_before_the_login_is_lost)
{
    static const char *const scripts[] = {"X:\n", "S: 220 hi\nX:\n", "s: 220 h\nX:\n",
                                          "S: 220 hi\nC: EHLO *\nX:\n",
                                          "S: 220 hi\nC: EHLO *\nS: 250-server\nX:\n"};

    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
        rig_expect_refused(scripts[i], false, "closed by peer");
}

Test(hostile_states, a_server_that_closes_within_the_envelope_has_sent_nothing)
{
    static const char *const scripts[] = {HELLO "C: MAIL *\nX:\n", MAILED "C: RCPT *\nX:\n",
                                          NAMED "C: DATA\nX:\n", NAMED "C: DATA\ns: 354 g\nX:\n"};

    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
        rig_expect_refused(scripts[i], true, "closed by peer");
}

Test(hostile_states, a_server_that_closes_within_the_login_is_lost_and_not_refused)
{
    expect_login_fails(AUTHED "X:\n", MAPI_E_NETWORK_ERROR, "closed by peer");
}

/* --- Silence ---------------------------------------------------------------------------------- */

Test(hostile_states, a_server_that_accepts_and_never_speaks_meets_the_deadline)
{
    static const char *const silences[] = {"U:\n", "S: 220 hi\nC: EHLO *\nU:\n",
                                           HELLO "C: MAIL *\nU:\n", NAMED "C: DATA\nU:\n"};

    for (size_t i = 0; i < sizeof(silences) / sizeof(*silences); i++) {
        const char *scripts[] = {silences[i], HELLO SENT QUIT};
        struct sending s = {0}, next = {0};
        static struct rig rig;

        rig_start(&rig, scripts, 2);
        rig.options.command_timeout = 2000; /* and enough for the honest server */
        rig_client(&rig);
        rig_send(&rig, &s);
        expect_hr(s.hr, MAPI_E_TIMEOUT);
        cr_expect(s.error.text[0]);
        cr_expect_eq(s.recipients[0].result, SMTP_NOT_TRIED);
        rig_do(&rig, smtp_client_go_offline);
        rig_do(&rig, smtp_client_go_online);
        rig_send(&rig, &next);
        expect_hr(next.hr, S_OK);
        rig_stop(&rig);
    }
}

/* --- Answers out of place --------------------------------------------------------------------- */

Test(hostile_states, what_is_no_greeting_is_refused)
{
    static const char *const scripts[] = {"S: 354 go\nE:\n", "S: 250 ok\nE:\n", "S: 421 busy\nE:\n",
                                          "S: 554 no\nE:\n"};
    static const char *const words[] = {"354 go", "250 ok", "421 busy", "554 no"};

    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
        rig_expect_refused(scripts[i], false, words[i]);
}

Test(hostile_states, three_hundred_has_its_place)
{
    rig_expect_refused("S: 220 hi\nC: EHLO *\nS: 354 go\nE:\n", false, "354 out of place");
    rig_expect_refused(HELLO "C: MAIL *\nS: 354 go\nU:\n", true, "3xx to MAIL");
    rig_expect_refused(MAILED "C: RCPT *\nS: 334 go\nU:\n", true, "3xx to RCPT");
    rig_expect_refused(NAMED "C: DATA\nS: 250 ok\nU:\n", true, "no 354 to DATA");
    rig_expect_refused(NAMED "C: DATA\nS: 334 ok\nU:\n", true, "no 354 to DATA");
}

Test(hostile_states, three_hundred_to_the_message_is_uncertain)
{
    const char *scripts[] = {DOTTED "S: 354 go on\nU:\n", "E:\n", HELLO QUIT};
    struct sending s = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 3);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    cr_expect_eq(s.recipients[0].result, SMTP_UNCERTAIN);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    rig_stop(&rig);
}

/* The refusal stands; a session that answers so is of no use. */
Test(hostile_states, three_hundred_to_rset_costs_the_connection)
{
    const char *scripts[] = {HELLO "C: MAIL *\nS: 550 no\nC: RSET\nS: 354 go\nE:\n",
                             HELLO SENT QUIT};
    struct sending s = {0}, next = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 2);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_PERMANENT);
    rig_send(&rig, &next);
    expect_hr(next.hr, S_OK);
    rig_stop(&rig);
}

/* --- The login -------------------------------------------------------------------------------- */

Test(hostile_states, the_login_is_answered_by_235_alone)
{
    expect_login_fails(AUTHED "S: 250 welcome\nU:\n", MAPI_E_NETWORK_ERROR, "250 out of place");
    expect_login_fails(AUTHED "S: 354 go\nU:\n", MAPI_E_NETWORK_ERROR, "354 out of place");
}

Test(hostile_states, challenges_without_end_are_given_up)
{
    static char script[4000] = HELLO_WITH("S: 250-AUTH LOGIN\n") "C: AUTH LOGIN\n"
                                                                 "S: 334 VXNlcm5hbWU6\nC: *\n"
                                                                 "S: 334 UGFzc3dvcmQ6\nC: *\n"
                                                                 "S: 334 TW9yZTo=\nC: [*]\n"
                                                                 "S: 334 TW9yZTo=\nU:\n";

    expect_login_fails(script, MAPI_E_LOGON_FAILED, "");
}

Test(hostile_states, a_challenge_that_is_no_base64_ends_the_login)
{
    expect_login_fails(HELLO_WITH("S: 250-AUTH LOGIN\n") "C: AUTH LOGIN\nS: 334 (((\nC: [*]\n"
                                                         "S: 501 cancelled\nU:\n",
                       MAPI_E_LOGON_FAILED, "no base64");
}

/* RFC 5802: who has not shown that it knows the password is not the server. */
Test(hostile_states, a_scram_server_that_skips_its_proof_is_refused)
{
    expect_login_fails(HELLO_WITH("S: 250-AUTH SCRAM-SHA-256\n") "C: AUTH SCRAM-SHA-256 *\n"
                                                                 "S: 235 welcome\nU:\n",
                       MAPI_E_LOGON_FAILED, "did not prove");
}

Test(hostile_states, a_mechanism_that_is_wanted_is_not_replaced_by_a_weaker_one)
{
    const char *scripts[] = {HELLO_WITH("S: 250-AUTH PLAIN LOGIN\n") "E:\n"};
    struct sending s = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 1);
    rig.options.user = "anna";
    rig.options.auth = "SCRAM-SHA-256";
    rig.password = "secret";
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NO_SUPPORT);
    cr_expect(strstr(s.error.text, "SCRAM-SHA-256") && strstr(s.error.text, "PLAIN LOGIN"), "%s",
              s.error.text);
    cr_expect_null(strstr(rig.trace, "C: AUTH"));
    cr_expect_eq(rig_state(&rig), SMTP_REFUSED);
    rig_stop(&rig);
}

/* --- Pieces ----------------------------------------------------------------------------------- */

/* Each S: line of a script as one s: step a byte. */
static void in_single_bytes(const char *script, char *out, size_t space)
{
    char *at = out;

    while (*script) {
        size_t size = strcspn(script, "\n");

        cr_assert((size_t)(at - out) + size * 8 + 64 < space);
        if (script[0] == 'S') {
            for (size_t i = 3; i < size; i++)
                at += sprintf(at, "s: %c\n", script[i]);
            at += sprintf(at, "s: \\r\ns: \\n\n");
        } else {
            at += sprintf(at, "%.*s\n", (int)size, script);
        }
        script += size + 1;
    }
    *at = '\0';
}

Test(hostile_states, replies_may_come_byte_by_byte)
{
    static char script[16384];
    const char *scripts[] = {script};
    struct sending s = {0};
    static struct rig rig;

    in_single_bytes(HELLO_WITH(PIPELINING) "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250-2.1.0 fine\n"
                                           "S: 250 2.1.0 sender\nS: 250 2.1.5 recipient\n"
                                           "S: 354 go\nC: Subject: x\nC: \nC: hi\nC: .\n"
                                           "S: 250-2.0.0 taken\nS: 250 2.0.0 as 7\n" QUIT,
                    script, sizeof(script));
    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED);
    cr_expect_str_eq(s.recipients[0].reply.status, "2.0.0");
    cr_expect_str_eq(s.recipients[0].reply.words, "taken as 7");
    rig_stop(&rig);
}
