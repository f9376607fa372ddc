/* tests/providers/smtp/client/test_real_server.c - against a real SMTP server (aiosmtpd) */
#include "smtp_rig.h"

#include "tests/servers/servers.h"

TestSuite(real_server);

static struct rig rig;
static struct test_servers *servers;

static void start(const char *options, const char *port, enum conn_tls tls)
{
    servers = test_servers_start(options);
    rig_start(&rig, NULL, 0);
    rig.options.host = "localhost";
    rig.options.port = test_servers_port(servers, port);
    rig.options.tls = tls;
    rig.options.ca_file = test_servers_get(servers, "MG_CA_FILE");
    rig.options.user = "alice";
    rig.password = "secret";
}

static void stop(void)
{
    rig_stop(&rig);
    test_servers_stop(servers);
}

static void expect_arrival(const char *port, enum conn_tls tls)
{
    struct sending s = {.content = "Subject: hello\r\n\r\n.dot\r\nlast\r\n",
                        .message = {.sender = "alice@example.test"}};
    unsigned long size = 0;
    char *taken;

    start(NULL, port, tls);
    rig_client(&rig);
    rig_to(&s, "bob@example.test");
    rig_to(&s, "refuse550@example.test");
    rig_to(&s, "refuse451@example.test");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED, "%s", s.recipients[0].reply.words);
    cr_expect_eq(s.recipients[1].result, SMTP_PERMANENT);
    cr_expect_eq(s.recipients[2].result, SMTP_TEMPORARY);
    cr_expect_eq(test_servers_accepted(servers), 1);
    taken = test_servers_read_accepted(servers, 1, &size);
    cr_assert_not_null(taken);
    cr_expect_not_null(memmem(taken, size, s.content, strlen(s.content)));
    free(taken);
    stop();
}

Test(real_server, a_message_arrives_over_tls)
{
    expect_arrival("SMTPS", CONN_TLS_FIRST);
}

Test(real_server, a_message_arrives_over_starttls)
{
    expect_arrival("SMTP", CONN_TLS_LATER);
}

Test(real_server, a_wrong_password_is_refused_with_its_words)
{
    struct error_info error = {0};

    start(NULL, "SMTPS", CONN_TLS_FIRST);
    rig.password = "wrong";
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, &error), MAPI_E_LOGON_FAILED);
    cr_expect_eq(error.low_level, 535);
    cr_expect_eq(rig_state(&rig), SMTP_REFUSED);
    stop();
}

Test(real_server, a_strangers_certificate_is_refused)
{
    struct error_info error = {0};

    start(NULL, "SMTPS", CONN_TLS_FIRST);
    rig.options.ca_file = test_servers_get(servers, "MG_STRANGER_CA_FILE");
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, &error), MAPI_E_LOGON_FAILED);
    cr_expect_eq(rig_state(&rig), SMTP_REFUSED);
    cr_expect_eq(rig.asked, 0);
    stop();
}

Test(real_server, a_killed_server_is_seen_at_once_and_its_return_too)
{
    struct sending s = {.message = {.sender = "alice@example.test"}};

    start(NULL, "SMTPS", CONN_TLS_FIRST);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    cr_expect_eq(rig_state(&rig), SMTP_READY);
    test_server_kill(servers, TEST_SERVER_SMTP);
    cr_expect(rig_await(&rig, SMTP_LOST));
    test_server_start(servers, TEST_SERVER_SMTP);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    rig_to(&s, "bob@example.test");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED);
    stop();
}

static unsigned count_hellos(void)
{
    unsigned count = 0;

    for (const char *at = rig.trace; (at = strstr(at, "C: EHLO")) != NULL; at++)
        count++;
    return count;
}

/* TLS 1.3 sends tickets after the handshake: they are no news of the server. */
Test(real_server, an_idle_tls_connection_is_left_in_peace)
{
    struct sending s = {.message = {.sender = "alice@example.test"}};

    start(NULL, "SMTPS", CONN_TLS_FIRST);
    rig_client(&rig);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    rig_to(&s, "bob@example.test");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    expect_hr(rig_try_now(&rig, NULL), S_OK);
    cr_expect_eq(count_hellos(), 1);
    cr_expect_not_null(strstr(rig.trace, "C: NOOP"));
    stop();
}

Test(real_server, a_large_message_arrives_byte_for_byte)
{
    struct sending s = {.message = {.sender = "alice@example.test"}};
    size_t size = 3u << 20;
    char *content = malloc(size + 1), *taken;
    unsigned long taken_size = 0;

    for (size_t i = 0; i < size; i++)
        content[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : i % 64 == 0 ? '.' : 'x';
    content[size] = '\0';
    start(NULL, "SMTPS", CONN_TLS_FIRST);
    rig_client(&rig);
    s.content = content;
    s.message.size = size;
    rig_to(&s, "bob@example.test");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_ACCEPTED, "%s", s.recipients[0].reply.words);
    taken = test_servers_read_accepted(servers, 1, &taken_size);
    cr_assert_not_null(taken);
    cr_expect_not_null(memmem(taken, taken_size, content, size));
    free(taken);
    free(content);
    stop();
}

Test(real_server, a_message_above_its_size_is_refused_before_it_is_sent)
{
    struct sending s = {.message = {.sender = "alice@example.test", .size = 2000}};

    start("--size 1000", "SMTPS", CONN_TLS_FIRST);
    rig_client(&rig);
    rig_to(&s, "bob@example.test");
    rig_send(&rig, &s);
    expect_hr(s.hr, S_OK);
    cr_expect_eq(s.recipients[0].result, SMTP_PERMANENT);
    cr_expect_str_eq(s.recipients[0].reply.status, "5.3.4");
    stop();
}
