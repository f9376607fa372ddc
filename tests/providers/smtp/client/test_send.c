/* tests/providers/smtp/client/test_send.c - messages, recipients, answers */
#include "smtp_rig.h"

#include "providers/smtp/client/wire.h"

TestSuite(send);

#define MAIL "C: MAIL FROM:<anna@example.org>\nS: 250 2.1.0 ok\n"
#define RCPT "C: RCPT TO:<bob@example.org>\nS: 250 2.1.5 ok\n"
#define BODY "C: Subject: x\nC: \nC: hi\nC: .\n"
#define DATA "C: DATA\nS: 354 go\n" BODY

static struct rig rig;

static void start(const char *script)
{
    static const char *scripts[1];

    scripts[0] = script;
    rig_start(&rig, scripts, 1);
    rig_client(&rig);
}

Test(send, a_message_goes_out_and_the_recipient_is_accepted)
{
    struct sending s = {0};

    start(HELLO MAIL RCPT DATA "S: 250 2.0.0 queued as 1\n" QUIT);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED);
    cr_expect_eq(s.recipients[0].reply.code, 250);
    cr_expect_str_eq(s.recipients[0].reply.status, "2.0.0");
    cr_expect_str_eq(s.recipients[0].reply.words, "queued as 1");
    cr_expect_eq(s.dots, 1);
    cr_expect_str_eq(rig_states(&rig), "connecting,logging in,ready,sending,ready,");
    rig_stop(&rig);
}

Test(send, envelope_commands_are_pipelined_where_offered)
{
    struct sending s = {0};

    /* Nothing is answered before all three have come. */
    start(HELLO_WITH(PIPELINING) "C: MAIL FROM:<anna@example.org>\nC: RCPT TO:<bob@example.org>\n"
                                 "C: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n" BODY
                                 "S: 250 ok\n" QUIT);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED);
    rig_stop(&rig);
}

Test(send, each_recipient_has_its_own_answer)
{
    struct sending s = {0};

    start(HELLO MAIL RCPT "C: RCPT TO:<no@example.org>\nS: 550-5.1.1 no such\nS: 550 5.1.1 user\n"
                          "C: RCPT TO:<later@example.org>\nS: 450 4.2.0 greylisted\n"
                          "C: RCPT TO:<many@example.org>\nS: 552 too many recipients\n" DATA
                          "S: 250 ok\n" QUIT);
    rig_to(&s, "bob@example.org");
    rig_to(&s, "no@example.org");
    rig_to(&s, "later@example.org");
    rig_to(&s, "many@example.org");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED);
    cr_expect_eq(s.recipients[1].result, SMTP_PERMANENT);
    cr_expect_eq(s.recipients[1].reply.code, 550);
    cr_expect_str_eq(s.recipients[1].reply.status, "5.1.1");
    cr_expect_str_eq(s.recipients[1].reply.words, "no such user");
    cr_expect_eq(s.recipients[2].result, SMTP_TEMPORARY);
    cr_expect_str_eq(s.recipients[2].reply.words, "greylisted");
    cr_expect_eq(s.recipients[3].result, SMTP_TEMPORARY);
    rig_stop(&rig);
}

Test(send, nobody_accepted_means_no_data)
{
    struct sending s = {0};

    start(HELLO MAIL "C: RCPT TO:<bob@example.org>\nS: 550 no\nC: RSET\nS: 250 ok\n" QUIT);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_PERMANENT);
    cr_expect_eq(s.dots, 0);
    rig_stop(&rig);
}

Test(send, pipelined_data_for_nobody_is_ended_empty)
{
    struct sending s = {0};

    start(HELLO_WITH(PIPELINING) "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 550 5.1.1 no\n"
                                 "S: 354 go\nC: .\nS: 554 no valid recipients\n"
                                 "C: RSET\nS: 250 ok\n" QUIT);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_PERMANENT);
    cr_expect_str_eq(s.recipients[0].reply.words, "no");
    cr_expect_eq(s.dots, 0);
    rig_stop(&rig);
}

Test(send, a_refused_sender_refuses_every_recipient)
{
    struct sending s = {0};

    start(HELLO "C: MAIL *\nS: 553 5.1.8 sender unknown\nC: RSET\nS: 250 ok\n" QUIT);
    rig_to(&s, "a@example.org");
    rig_to(&s, "b@example.org");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_PERMANENT);
    cr_expect_eq(s.recipients[1].result, SMTP_PERMANENT);
    cr_expect_str_eq(s.recipients[1].reply.words, "sender unknown");
    rig_stop(&rig);
}

Test(send, a_message_refused_after_the_dot_is_no_uncertain_one)
{
    struct sending s = {0};

    start(HELLO MAIL RCPT DATA "S: 554 5.7.1 spam\nC: RSET\nS: 250 ok\n" QUIT);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_PERMANENT);
    cr_expect_str_eq(s.recipients[0].reply.status, "5.7.1");
    rig_stop(&rig);
}

Test(send, data_refused_for_now_is_temporary)
{
    struct sending s = {0};

    start(HELLO MAIL RCPT "C: DATA\nS: 451 4.3.0 disk full\nC: RSET\nS: 250 ok\n" QUIT);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_TEMPORARY);
    cr_expect_eq(s.dots, 0);
    rig_stop(&rig);
}

Test(send, a_connection_lost_after_the_dot_is_uncertain)
{
    struct sending s = {0};

    start(HELLO MAIL RCPT DATA "X:\n");
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    cr_expect_eq(s.recipients[0].result, SMTP_UNCERTAIN);
    cr_expect_eq(s.dots, 1);
    cr_expect(rig_await(&rig, SMTP_LOST));
    rig_stop(&rig);
}

Test(send, a_connection_lost_before_the_dot_is_not_tried)
{
    struct sending s = {0};

    start(HELLO MAIL RCPT "C: DATA\nX:\n");
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    cr_expect_eq(s.recipients[0].result, SMTP_NOT_TRIED);
    cr_expect_eq(s.dots, 0);
    rig_stop(&rig);
}

Test(send, a_journal_that_fails_keeps_the_dot_back)
{
    struct sending s = {.dot_failure = MAPI_E_NOT_ENOUGH_DISK};

    start(HELLO MAIL RCPT "C: DATA\nS: 354 go\nC: Subject: x\nC: \nC: hi\nE:\n");
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NOT_ENOUGH_DISK);
    cr_expect_eq(s.dots, 1);
    cr_expect_eq(s.recipients[0].result, SMTP_NOT_TRIED);
    cr_expect_null(strstr(rig.trace, "C: .\n"));
    cr_expect_eq(rig_state(&rig), SMTP_UNCONNECTED); /* nothing is wrong with the server */
    rig_stop(&rig);
}

Test(send, a_source_that_fails_keeps_the_dot_back)
{
    struct sending s = {.read_failure = MAPI_E_CORRUPT_DATA};

    start(HELLO MAIL RCPT "C: DATA\nS: 354 go\nU:\n");
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_CORRUPT_DATA);
    cr_expect_eq(s.dots, 0);
    rig_stop(&rig);
}

Test(send, a_server_that_refuses_and_closes_within_the_message_is_heard)
{
    struct sending s = {.step = 65536};
    char *content = malloc((32 << 20) + 1);

    memset(content, 'x', 32 << 20);
    for (int i = 70; i < 32 << 20; i += 72)
        content[i] = '\n';
    content[32 << 20] = '\0';
    s.content = content;
    start(HELLO MAIL RCPT "C: DATA\nS: 354 go\nS: 552 5.3.4 too large\nX:\n");
    rig_send(&rig, &s);
    /* The answer may also be lost in the reset: then it is a lost connection before the dot. */
    cr_expect(s.hr == S_OK ? s.recipients[0].result == SMTP_PERMANENT
                           : s.recipients[0].result == SMTP_NOT_TRIED);
    cr_expect_eq(s.dots, 0);
    free(content);
    rig_stop(&rig);
}

Test(send, content_is_streamed_and_stuffed)
{
    struct sending s = {.content = "a\n.b\r\n.\n", .step = 1};

    start(HELLO MAIL RCPT "C: DATA\nS: 354 go\nC: a\nC: ..b\nC: ..\nC: .\nS: 250 ok\n" QUIT);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    rig_stop(&rig);
}

Test(send, the_connection_carries_the_next_message)
{
    struct sending first = {0}, second = {0};

    start(HELLO MAIL RCPT DATA "S: 250 ok\n" MAIL RCPT DATA "S: 250 ok\n" QUIT);
    rig_send(&rig, &first);
    rig_send(&rig, &second);
    expect_hr(second.hr, S_OK);
    cr_expect_eq(second.recipients[0].result, SMTP_ACCEPTED);
    cr_expect_eq(scripted_server_accepted(rig.server), 1);
    rig_stop(&rig);
}

Test(send, an_idle_connection_that_died_is_replaced_unseen)
{
    const char *scripts[] = {HELLO MAIL RCPT DATA "S: 250 ok\nC: MAIL *\nX:\n",
                             HELLO MAIL RCPT DATA "S: 250 ok\n" QUIT};
    struct sending first = {0}, second = {0};

    rig_start(&rig, scripts, 2);
    rig_client(&rig);
    rig_send(&rig, &first);
    rig_send(&rig, &second);
    expect_hr(second.hr, S_OK);
    cr_expect_eq(second.recipients[0].result, SMTP_ACCEPTED);
    cr_expect_eq(second.dots, 1);
    cr_expect_null(strstr(rig_states(&rig), "lost"));
    rig_stop(&rig);
}

Test(send, dsn_is_asked_for_where_offered)
{
    struct sending s = {.message = {.ret = SMTP_RETURN_HEADERS, .envelope_id = "id+1="}};

    start(HELLO_WITH(
        "S: 250-DSN\nS: 250-SIZE 1000000\n") "C: MAIL FROM:<anna@example.org> SIZE=16 RET=HDRS "
                                             "ENVID=id+2B1+3D\nS: 250 ok\n"
                                             "C: RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY "
                                             "ORCPT=rfc822;b+2Bx@example.org\n"
                                             "S: 250 ok\n"
                                             "C: RCPT TO:<carol@example.org> NOTIFY=NEVER\nS: 250 "
                                             "ok\n" DATA "S: 250 ok\n" QUIT);
    rig_to(&s, "bob@example.org");
    rig_to(&s, "carol@example.org");
    s.recipients[0].notify = SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_DELAY;
    s.recipients[0].original = "b+x@example.org";
    s.recipients[1].notify = SMTP_NOTIFY_NEVER;
    s.message.size = 16;
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    rig_stop(&rig);
}

Test(send, dsn_is_left_out_where_not_offered)
{
    struct sending s = {.message = {.ret = SMTP_RETURN_FULL, .envelope_id = "x", .size = 16}};

    start(HELLO MAIL RCPT DATA "S: 250 ok\n" QUIT);
    rig_to(&s, "bob@example.org");
    s.recipients[0].notify = SMTP_NOTIFY_NEVER;
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    rig_stop(&rig);
}

Test(send, utf8_and_eight_bit_are_declared_where_offered)
{
    struct sending s = {.message = {.utf8 = true, .eight_bit = true}};

    start(HELLO_WITH(
        "S: 250-8BITMIME\nS: 250-SMTPUTF8\n") "C: MAIL FROM:<anna@example.org> BODY=8BITMIME "
                                              "SMTPUTF8\nS: 250 ok\n"
                                              "C: RCPT TO:<b\xC3\xBC@example.org>\nS: 250 ok\n" DATA
                                              "S: 250 ok\n" QUIT);
    rig_to(&s, "b\xC3\xBC@example.org");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED);
    rig_stop(&rig);
}

Test(send, what_ehlo_ruled_out_is_refused_before_mail)
{
    struct sending large = {.message = {.size = 1001}}, utf8 = {.message = {.utf8 = true}},
                   mixed = {.message = {.eight_bit = true}};

    start(HELLO_WITH("S: 250-SIZE 1000\n") MAIL RCPT DATA "S: 250 ok\n" QUIT);
    rig_send(&rig, &large);
    expect_hr(large.hr, S_OK);
    cr_expect_eq(large.recipients[0].result, SMTP_PERMANENT);
    cr_expect_str_eq(large.recipients[0].reply.status, "5.3.4");
    rig_send(&rig, &utf8);
    cr_expect_str_eq(utf8.recipients[0].reply.status, "5.6.7");
    rig_to(&mixed, "bob@example.org");
    rig_to(&mixed, "b\xC3\xBC@example.org");
    rig_send(&rig, &mixed);
    cr_expect_eq(mixed.recipients[0].result, SMTP_ACCEPTED);
    cr_expect_eq(mixed.recipients[1].result, SMTP_PERMANENT);
    rig_stop(&rig);
}

Test(send, addresses_cannot_smuggle_commands)
{
    static const char *const bad[] = {
        "a@b>\r\nRCPT TO:<c@d", "a@b\nDATA", "a b@c", "<a@b>", "", "a@b\x01"};
    struct sending s = {0}, sender = {.message = {.sender = "x@y>\r\nRSET"}};

    start(HELLO QUIT);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        rig_to(&s, bad[i]);
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_expect_eq(s.recipients[i].result, SMTP_PERMANENT, "%zu", i);
    rig_send(&rig, &sender);
    cr_expect_str_eq(sender.recipients[0].reply.status, "5.1.7");
    rig_stop(&rig);
}

Test(send, four_hundred_twenty_one_refuses_nobody)
{
    struct sending s = {0};

    start(HELLO MAIL "C: RCPT *\nS: 421 4.3.2 shutting down\nX:\n");
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    cr_expect_eq(s.recipients[0].result, SMTP_NOT_TRIED);
    cr_expect_not_null(strstr(s.error.text, "shutting down"));
    cr_expect_eq(s.error.low_level, 421);
    rig_stop(&rig);
}

Test(send, a_server_that_wants_a_login_refuses_the_account_not_the_message)
{
    struct sending s = {0}, again = {0};

    start(HELLO "C: MAIL *\nS: 530 5.7.0 Authentication required\nE:\n");
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_LOGON_FAILED);
    cr_expect_eq(s.recipients[0].result, SMTP_NOT_TRIED);
    cr_expect_eq(rig_state(&rig), SMTP_REFUSED);
    rig_send(&rig, &again); /* not asked again by itself */
    expect_hr(again.hr, MAPI_E_LOGON_FAILED);
    rig_stop(&rig);
}

Test(send, many_recipients_go_in_windows)
{
    static char script[20000];
    struct sending s = {0};
    static char addresses[50][32];

    strcpy(script, HELLO_WITH(PIPELINING) "C: MAIL *\n");
    /* 32 commands under way: MAIL and 31 recipients, then 19 and DATA */
    for (int i = 0; i < 31; i++)
        strcat(script, "C: RCPT *\n");
    for (int i = 0; i < 32; i++)
        strcat(script, "S: 250 ok\n");
    for (int i = 0; i < 19; i++)
        strcat(script, "C: RCPT *\n");
    strcat(script, "C: DATA\n");
    for (int i = 0; i < 19; i++)
        strcat(script, "S: 250 ok\n");
    strcat(script, "S: 354 go\n" BODY "S: 250 ok\n" QUIT);
    start(script);
    for (int i = 0; i < 50; i++) {
        snprintf(addresses[i], sizeof(addresses[i]), "r%d@example.org", i);
        rig_to(&s, addresses[i]);
    }
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[49].result, SMTP_ACCEPTED);
    rig_stop(&rig);
}
