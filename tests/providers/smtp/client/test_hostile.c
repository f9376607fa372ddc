/* tests/providers/smtp/client/test_hostile.c - a server that means harm: a clear error each time,
 * and the client can be used afterwards */
#include "smtp_rig.h"

TestSuite(hostile);

Test(hostile, an_endless_line_is_cut_off)
{
    rig_expect_refused("s: 220 \nF: 100000 x\nU:\n", false, "line above 2 KB");
}

Test(hostile, ten_megabytes_without_a_line_end_are_not_read)
{
    rig_expect_refused(HELLO "C: MAIL *\ns: 250-\nF: 10000000 x\nU:\n", true, "line above 2 KB");
}

Test(hostile, an_endless_reply_is_cut_off)
{
    static char script[8000] = "S: 220 hi\nC: EHLO *\n";

    for (int i = 0; i < 250; i++)
        strcat(script, "S: 250-MORE\n");
    strcat(script, "U:\n");
    rig_expect_refused(script, false, "reply without end");
}

Test(hostile, mechanisms_without_end_do_not_fit)
{
    static char script[12000] = "S: 220 hi\nC: EHLO *\nS: 250-server\nS: 250-AUTH PLAIN\n";
    const char *scripts[] = {script};
    struct sending s = {0};
    static struct rig rig;

    for (int i = 0; i < 150; i++)
        strcat(script, "S: 250-AUTH X-MECHANISM X-MECHANISM X-MECHANISM\n");
    strcat(script, "S: 250 DSN\nC: AUTH PLAIN *\nS: 235 in\n" SENT QUIT);
    rig_start(&rig, scripts, 1);
    rig.options.user = "anna";
    rig.password = "secret";
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED);
    rig_stop(&rig);
}

Test(hostile, a_zero_byte_is_refused)
{
    rig_expect_refused("S: 220 a\\0b\nU:\n", false, "zero byte");
}

Test(hostile, a_reply_without_a_code_is_refused)
{
    rig_expect_refused("S: hello there\nU:\n", false, "without its code");
}

Test(hostile, lines_of_one_reply_have_one_code)
{
    rig_expect_refused("S: 220 hi\nC: EHLO *\nS: 250-server\nS: 550 no\nU:\n", false,
                       "without its code");
}

Test(hostile, codes_that_mean_nothing_are_refused)
{
    rig_expect_refused("S: 999 hi\nU:\n", false, "without its code");
}

Test(hostile, words_are_cleaned_before_anybody_sees_them)
{
    const char *scripts[] = {
        HELLO "C: MAIL *\nS: 250 ok\nC: RCPT *\n"
              "S: 550-5.1.1 \\x1B[31mno\\x07such\\xC2\\x9B0m\nS: 550 5.1.1 gr\\xC3\\xBCn \\xFF\n"
              "C: RSET\nS: 421 4.3.2 \\x1B]0;owned\\x07 bye\nE:\n"};
    struct sending s = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_PERMANENT);
    cr_expect_str_eq(s.recipients[0].reply.status, "5.1.1");
    cr_expect_str_eq(s.recipients[0].reply.words, " [31mno such  0m gr\xC3\xBCn ?");
    rig_stop(&rig);
}

/* "5.10." and the next line's "7" are no status code together. */
Test(hostile, a_status_code_ends_with_its_line)
{
    const char *scripts[] = {HELLO "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 550-5.10.\nS: 550 7 x\n"
                                   "C: RSET\nS: 250 ok\n" QUIT};
    struct sending s = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_str_eq(s.recipients[0].reply.status, "");
    cr_expect_str_eq(s.recipients[0].reply.words, "5.10. 7 x");
    rig_stop(&rig);
}

Test(hostile, a_refusal_of_the_session_is_cleaned_too)
{
    rig_expect_refused("S: 554 \\x1B]0;owned\\x07 \\xFF go away\nE:\n", false,
                       "554  ]0;owned  ? go away");
}

/* Answers ahead of their questions would shift every later answer by one. */
Test(hostile, answers_nobody_asked_for_end_an_idle_connection)
{
    const char *scripts[] = {
        HELLO "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nC: DATA\nS: 354 go\nC: Subject: x\n"
              "C: \nC: hi\nC: .\nS: 250 ok\nS: 250 ok\nS: 250 ok\nE:\n",
        HELLO QUIT, /* the probe that asks why */
        HELLO SENT QUIT,
    };
    struct sending s = {0}, next = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 3);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    rig_send(&rig, &next);
    expect_hr(next.hr, S_OK);
    rig_stop(&rig);
}

Test(hostile, plain_text_behind_the_starttls_answer_is_refused)
{
    const char *scripts[] = {"S: 220 hi\nC: EHLO *\nS: 250-server\nS: 250 STARTTLS\nC: STARTTLS\n"
                             "s: 220 go\\r\\n250 injected\\r\\n\nU:\n"};
    struct sending s = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 1);
    rig.options.tls = CONN_TLS_LATER;
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    cr_expect(strstr(s.error.text, "plain") || strstr(s.error.text, "STARTTLS"), "%s",
              s.error.text);
    rig_stop(&rig);
}

Test(hostile, a_server_without_starttls_gets_no_password)
{
    const char *scripts[] = {HELLO_WITH("S: 250-AUTH PLAIN\n") "E:\n"};
    struct sending s = {0};
    static struct rig rig;

    rig_start(&rig, scripts, 1);
    rig.options.tls = CONN_TLS_LATER;
    rig.options.user = "anna";
    rig.password = "secret";
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NO_SUPPORT);
    cr_expect_eq(rig.asked, 0);
    cr_expect_eq(rig_state(&rig), SMTP_REFUSED);
    rig_stop(&rig);
}

Test(hostile, a_drip_of_bytes_is_given_no_longer_than_silence)
{
    static char script[4000] = "S: 220 hi\nC: EHLO *\n";
    const char *scripts[] = {script};
    struct sending s = {0};
    static struct rig rig;

    for (int i = 0; i < 100; i++)
        strcat(script, "s: 2\nZ: 20\n");
    strcat(script, "U:\n");
    rig_start(&rig, scripts, 1);
    rig.options.command_timeout = 200;
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_TIMEOUT);
    rig_stop(&rig);
}
