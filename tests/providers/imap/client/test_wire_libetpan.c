/* tests/providers/imap/client/test_wire_libetpan.c - the wire with the real libetpan above it
 *
 * libetpan runs its session on what the wire lets through; a scripted text plays the server.
 * Without the wire several of these crash the process (docs/libetpan.md). */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "net/etpan_stream.h"
#include "providers/imap/client/router.h"
#include "wire_feed.h"

static struct wire_feed feed;
static struct wire_log record;
static struct wire *wire;
static mailimap *session;

static void connect_to(const char *bytes, int expected)
{
    struct wire_handler handler;
    mailstream *stream;

    memset(&feed, 0, sizeof(feed));
    feed.bytes = bytes;
    feed.size = strlen(bytes);
    wire_log_open(&record, &handler);
    cr_assert_eq(wire_create(&wire_feed_ops, &feed, "imap.example.org:143", &handler, &wire), S_OK);
    stream = etpan_stream_create(&wire_byte_stream_ops, wire);
    session = mailimap_new(0, NULL);
    cr_assert(stream && session);
    cr_assert_eq(mailimap_connect(session, stream), expected);
}

static void teardown(void)
{
    if (session)
        mailimap_free(session);
    wire_free(wire);
    wire_log_free(&record);
    session = NULL;
    wire = NULL;
}

TestSuite(wire_libetpan, .fini = teardown);

static const char *told(void)
{
    fflush(record.file);
    return record.text;
}

static const char *traced(void)
{
    fflush(record.trace_file);
    return record.trace;
}

Test(wire_libetpan, carries_a_session)
{
    connect_to("* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi\r\n"
               "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n1 OK [READ-WRITE] selected\r\n"
               "* 4 EXISTS\r\n2 OK nothing\r\n"
               "* 1 EXPUNGE\r\n3 OK [COPYUID 7 1 9] moved\r\n"
               "4 NO [TRYCREATE] no such mailbox\r\n"
               "5 BAD eh\r\n"
               "* BYE see you\r\n6 OK out\r\n",
               MAILIMAP_NO_ERROR_AUTHENTICATED);
    cr_expect_eq(mailimap_select(session, "INBOX"), MAILIMAP_NO_ERROR);
    cr_expect_eq(mailimap_noop(session), MAILIMAP_NO_ERROR);
    cr_expect_eq(mailimap_custom_command(session, "UID MOVE 1 \"x\""), MAILIMAP_NO_ERROR);
    cr_expect_eq(mailimap_create(session, "a \"b\""), MAILIMAP_ERROR_CREATE);
    cr_expect_eq(wire_last_status(wire)->code, WIRE_CODE_TRYCREATE);
    cr_expect_eq(wire_last_status(wire)->condition, WIRE_NO);
    cr_expect_eq(strncmp(wire_last_status(wire)->text.data, "no such mailbox", 15), 0);
    cr_expect_eq(mailimap_noop(session), MAILIMAP_ERROR_PROTOCOL); /* its word for BAD */
    cr_expect_eq(wire_last_status(wire)->condition, WIRE_BAD);
    cr_expect_eq(wire_error(wire)->hr, S_OK);
    cr_expect_eq(mailimap_logout(session), MAILIMAP_NO_ERROR);
    cr_expect_str_eq(told(), "greeting PREAUTH [CAPABILITY \"IMAP4rev1\" \"IDLE\"] \"hi\"\n"
                             "EXISTS 3\nstatus OK [UIDVALIDITY 7] \"ok\"\n"
                             "completion tag=\"1\" OK [READ-WRITE] \"selected\"\n"
                             "EXISTS 4\ncompletion tag=\"2\" OK \"nothing\"\n"
                             "EXPUNGE 1\n"
                             "completion tag=\"3\" OK [COPYUID validity=7 from=1 to=9] \"moved\"\n"
                             "completion tag=\"4\" NO [TRYCREATE] \"no such mailbox\"\n"
                             "completion tag=\"5\" BAD \"eh\"\n"
                             "BYE BYE \"see you\"\ncompletion tag=\"6\" OK \"out\"\n");
    cr_expect(strstr(traced(), "> 4 CREATE \"a \\\"b\\\"\"\n< 4 NO [TRYCREATE] no such mailbox\n"));
}

/* Commands of our own in between, with a tag that libetpan skips. */
Test(wire_libetpan, shares_the_connection_with_our_own_commands)
{
    const struct wire_response *response;

    connect_to("* PREAUTH hi\r\n1 OK noop\r\n* 1 FETCH (UID 5)\r\n2 OK fetched\r\n3 OK noop\r\n",
               MAILIMAP_NO_ERROR_AUTHENTICATED);
    cr_expect_eq(mailimap_noop(session), MAILIMAP_NO_ERROR);
    session->imap_tag++;
    cr_expect_eq(wire_write(wire, "2 UID FETCH 1:* UID\r\n", 21, false), S_OK);
    cr_expect_eq(wire_finish(wire, "2", &response), S_OK);
    cr_expect_eq(response->kind, WIRE_TAGGED);
    cr_expect_eq(mailimap_noop(session), MAILIMAP_NO_ERROR);
    cr_expect_eq(feed.written_size, strlen("1 NOOP\r\n2 UID FETCH 1:* UID\r\n3 NOOP\r\n"));
}

Test(wire_libetpan, reads_no_byte_beyond_what_it_waits_for)
{
    const struct wire_response *response;

    connect_to("* PREAUTH hi\r\n1 OK noop\r\n* 7 EXISTS\r\n", MAILIMAP_NO_ERROR_AUTHENTICATED);
    cr_expect_eq(mailimap_noop(session), MAILIMAP_NO_ERROR);
    cr_expect_eq(session->imap_stream->read_buffer_len, 0);
    cr_expect_eq(wire_buffered(wire), strlen("* 7 EXISTS\r\n"));
    cr_expect_eq(wire_next(wire, &response), S_OK);
    cr_expect_eq(response->number, 7);
    cr_expect_eq(wire_buffered(wire), 0);
    wire_rest(wire);
}

/* libetpan stores each continuation it is given: it gets one for each literal. */
Test(wire_libetpan, is_given_the_continuations_it_waits_for)
{
    connect_to("* PREAUTH hi\r\n+ a\r\n+ b\r\n+ c\r\n1 OK done\r\n",
               MAILIMAP_NO_ERROR_AUTHENTICATED);
    cr_expect_eq(mailimap_append(session, "x", NULL, NULL, "a\r\n", 3), MAILIMAP_NO_ERROR);
    cr_expect(strstr(traced(), "> 1 APPEND x {3}\n< + a\n> a\n"), "%s", traced());
}

static enum router_verdict route_continuation(struct router *router)
{
    struct wire_response response = {.kind = WIRE_CONTINUATION};
    char line[ROUTER_LINE_MAX];
    size_t size;

    return router_route(router, &response, line, &size);
}

Test(wire_libetpan, is_given_no_other_continuation)
{
    static const char *const commands[] = {"1 NOOP\r\n", "1 X {}\r\n", "1 X {+}\r\n", "}\r\n"};
    struct router router = {0};

    cr_expect_eq(route_continuation(&router), ROUTER_HIDE);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        router_written(&router, commands[i], strlen(commands[i]));
        cr_expect_eq(route_continuation(&router), ROUTER_HIDE, "%s", commands[i]);
    }
    router_written(&router, "{12}\r\n", 6);
    cr_expect_eq(route_continuation(&router), ROUTER_SHOW);
    cr_expect_eq(route_continuation(&router), ROUTER_HIDE);
}

Test(wire_libetpan, survives_what_its_parser_does_not)
{
    static const char *const lines[] = {
        "* OK [PERMANENTFLAGS (((] x",
        "* STATUS",
        "* STATUS INBOX (MESSAGES",
        "* 1 FETCH (BODY[",
        "* 1 FETCH (BODY[HEADER.FIELDS (] x)",
        "* ESEARCH (TAG \"1\") UID ALL 1:3",
        "* METADATA \"\" (/a {2}\r\nbc)",
        "* VANISHED 1:4",
        "* FLUBBER",
        "* 1 FETCH (X-UNHEARD (1 2 (3)) UID 4)",
        "* OK [X-UNHEARD",
        "* CAPABILITY",
        "* LIST (\\X) \"\" \"\"",
        "* SEARCH x",
        "+ not asked for",
        "nonsense",
        "",
        "* BYE",
        "* BYE [ALERT",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char *bytes;

        cr_assert(asprintf(&bytes, "* PREAUTH hi\r\n%s\r\n1 OK done\r\n2 OK done\r\n", lines[i]) >
                  0);
        connect_to(bytes, MAILIMAP_NO_ERROR_AUTHENTICATED);
        cr_expect_eq(mailimap_select(session, "INBOX"), MAILIMAP_NO_ERROR, "%s", lines[i]);
        cr_expect_eq(mailimap_noop(session), MAILIMAP_NO_ERROR, "%s", lines[i]);
        cr_expect_eq(wire_error(wire)->hr, S_OK);
        teardown();
        free(bytes);
    }
}

Test(wire_libetpan, meets_the_end_of_the_stream_when_the_server_is_refused)
{
    static const char *const lines[] = {
        "* 1 FETCH (BODY[] {18446744073709551620}\r\nabcd)",
        "* 1 FETCH (BODY[] {2147483648}",
        "* 1 FETCH (UID 4294967296)",
        "* OK [UIDVALIDITY 4294967296] x",
        "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
        "* X ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
        "9 OK somebody else's",
    };
    static const bool refused[] = {true, true, true, true, false, true, true};

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char *bytes;

        cr_assert(asprintf(&bytes, "* PREAUTH hi\r\n%s\r\n1 OK done\r\n", lines[i]) > 0);
        connect_to(bytes, MAILIMAP_NO_ERROR_AUTHENTICATED);
        cr_expect_eq(mailimap_noop(session), refused[i] ? MAILIMAP_ERROR_STREAM : MAILIMAP_NO_ERROR,
                     "%s", lines[i]);
        cr_expect_eq(wire_error(wire)->hr, refused[i] ? MAPI_E_CORRUPT_DATA : S_OK, "%s", lines[i]);
        teardown();
        free(bytes);
    }
}

/* The session never learns capabilities from the server, and does not crash for it. */
Test(wire_libetpan, capability_without_an_untagged_line)
{
    struct mailimap_capability_data *data = NULL;

    connect_to("* OK hi\r\n1 OK done\r\n", MAILIMAP_NO_ERROR_NON_AUTHENTICATED);
    cr_expect_eq(mailimap_capability(session, &data), MAILIMAP_NO_ERROR);
    cr_assert(data);
    mailimap_capability_data_free(data);
}

Test(wire_libetpan, greeting_that_turns_us_away)
{
    connect_to("* BYE [UNAVAILABLE] too many connections\r\n", MAILIMAP_ERROR_STREAM);
    cr_expect_eq(wire_error(wire)->hr, MAPI_E_NETWORK_ERROR);
    cr_expect_str_eq(wire_error(wire)->text, "the server said goodbye: too many connections");
    cr_expect_eq(wire_last_status(wire)->code, WIRE_CODE_UNAVAILABLE);
}

Test(wire_libetpan, goodbye_in_the_middle_of_a_command)
{
    connect_to("* PREAUTH hi\r\n* BYE going down\r\n", MAILIMAP_NO_ERROR_AUTHENTICATED);
    cr_expect_eq(mailimap_noop(session), MAILIMAP_ERROR_STREAM);
    cr_expect_str_eq(wire_error(wire)->text, "the server said goodbye: going down");
}
