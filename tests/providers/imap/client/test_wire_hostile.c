/* tests/providers/imap/client/test_wire_hostile.c - the table of docs/libetpan.md, row by row
 *
 * "The server may be hostile": what a server may not send is refused with words that name its
 * fault, however its bytes are cut, and before memory is spent on it. What merely makes no sense
 * is dropped. test_wire_libetpan.c plays the same rows to libetpan. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/imap/client/guard.h"
#include "wire_expect.h"

static void refuse(const char *bytes, const char *words)
{
    expect_refused(bytes, strlen(bytes), words);
}

Test(wire_hostile, literal_whose_size_wraps_around)
{
    refuse("* 1 FETCH (BODY[] {18446744073709551620}\r\nabcd)\r\n", "literal larger than allowed");
    refuse("* LIST () \"/\" {18446744073709551615}\r\n", "literal larger than allowed");
    refuse("* X {99999999999999999999999999999999}\r\n", "literal larger than allowed");
}

Test(wire_hostile, literal_of_gigabytes)
{
    refuse("* 1 FETCH (BODY[] {2147483648}\r\n", "literal larger than allowed");
    refuse("* 1 FETCH (BODY[] ~{134217729}\r\n", "literal larger than allowed");
}

/* A literal that is allowed but is not streamed costs no more than what arrives of it. */
Test(wire_hostile, kept_literal_above_the_response_limit)
{
    static const char head[] = "* OK hi\r\n* 1 FETCH (BODY[] {100000000}\r\n";
    static char block[sizeof(head) - 1 + 4096];
    struct wire_feed feed = {.bytes = block, .size = sizeof(block), .repeat = UINT64_MAX};
    const struct wire_response *response;
    struct wire *wire;

    memset(block, 'a', sizeof(block));
    memcpy(block, head, sizeof(head) - 1);
    feed.repeat_from = sizeof(head) - 1;
    cr_assert_eq(wire_create(&wire_feed_ops, &feed, "x", NULL, &wire), S_OK);
    cr_assert_eq(wire_next(wire, &response), S_OK);
    cr_expect_eq(wire_next(wire, &response), MAPI_E_CORRUPT_DATA);
    cr_expect(strstr(wire_error(wire)->text, "larger than 2 MB"));
    cr_expect_lt(feed.given, 4u * 1024 * 1024);
    wire_free(wire);
}

static void expect_endless_refused(const char *head, const char *again, const char *words,
                                   uint64_t most)
{
    size_t head_size = strlen(head), size = head_size + 4096 / strlen(again) * strlen(again);
    char *bytes = malloc(size);
    struct wire_feed feed = {
        .bytes = bytes, .size = size, .repeat = UINT64_MAX, .repeat_from = head_size};
    const struct wire_response *response;
    struct wire *wire;
    HRESULT hr;

    cr_assert(bytes);
    memcpy(bytes, head, head_size);
    for (size_t at = head_size; at < size; at += strlen(again))
        memcpy(bytes + at, again, strlen(again));
    cr_assert_eq(wire_create(&wire_feed_ops, &feed, "x", NULL, &wire), S_OK);
    wire_begin_command(wire, 0, 8 * 1024 * 1024);
    do
        hr = wire_next(wire, &response);
    while (hr == S_OK);
    cr_expect_eq(hr, MAPI_E_CORRUPT_DATA);
    cr_expect(strstr(wire_error(wire)->text, words), "%s", wire_error(wire)->text);
    cr_expect_leq(feed.given, most);

    /* It stays broken, also for writing. */
    cr_expect_eq(wire_next(wire, &response), MAPI_E_CORRUPT_DATA);
    cr_expect_eq(wire_write(wire, "x", 1, false), MAPI_E_CORRUPT_DATA);
    wire_free(wire);
    free(bytes);
}

Test(wire_hostile, line_of_600_megabytes)
{
    const uint64_t most = 2 * 1024 * 1024;

    expect_endless_refused("* OK hi\r\n* OK ", "aaaaaaaa", "longer than 1 MB", most);
    expect_endless_refused("* OK hi\r\n* LIST () \"", "aaaaaaaa", "longer than 1 MB", most);
    expect_endless_refused("* OK hi\r\n* SEARCH", " 4 9 12", "longer than 1 MB", most);
    expect_endless_refused("* OK hi\r\n", "aaaaaaaa", "longer than 1 MB", most);
    expect_endless_refused("", "aaaaaaaa", "longer than 1 MB", most);
}

Test(wire_hostile, responses_without_end)
{
    const uint64_t most = 9 * 1024 * 1024;

    expect_endless_refused("* OK hi\r\n", "* 3 EXISTS\r\n", "more data than one command", most);
    expect_endless_refused("* OK hi\r\n", "+\r\n", "more data than one command", most);
    expect_endless_refused("* OK hi\r\n", "\r\n", "more data than one command", most);
    expect_endless_refused("* OK hi\r\n* X ", "{1}\r\nx", "4096 literals", most);
    expect_endless_refused("* OK hi\r\n* X ", "{0}\r\n", "4096 literals", most);
}

static char *nested(const char *head, const char *open, size_t depth)
{
    size_t size = strlen(head) + depth * strlen(open);
    char *text = malloc(size + 3), *at = text;

    cr_assert(text);
    at = stpcpy(at, head);
    for (size_t i = 0; i < depth; i++)
        at = stpcpy(at, open);
    strcpy(at, "\r\n");
    return text;
}

Test(wire_hostile, structure_nested_10000_deep)
{
    char *text = nested("* 1 FETCH (BODYSTRUCTURE ", "(", 10000);

    refuse(text, "deeper than 64");
    free(text);
    text = nested("* X ", "( ", 65);
    refuse(text, "deeper than 64");
    free(text);
    text = nested("* 1 FETCH (BODYSTRUCTURE ", "(\"a\" {1}\r\nb ", 64);
    refuse(text, "deeper than 64");
    free(text);
}

Test(wire_hostile, structure_nested_as_deep_as_allowed)
{
    char *text = nested("* 1 FETCH (UID 3 BODYSTRUCTURE ", "(", 63);

    expect_read(text, "FETCH 1 uid=3 unknown\n");
    free(text);
}

Test(wire_hostile, nul_bytes)
{
    static const struct {
        const char *bytes;
        size_t size;
    } inputs[] = {
#define INPUT(text) {text, sizeof(text) - 1}
        INPUT("* OK a\0b\r\n"),
        INPUT("* 1 EXI\0STS\r\n"),
        INPUT("* LIST () \"/\" \"a\0b\"\r\n"),
        INPUT("* LIST () NIL {3}\r\na\0b\r\n"),
        INPUT("\0"),
        INPUT("* X \"\\\0\"\r\n"),
        INPUT("* LIST () NIL {\0}\r\nab\r\n"),
        INPUT("*\0 OK\r\n"),
#undef INPUT
    };

    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
        expect_refused(inputs[i].bytes, inputs[i].size, "NUL byte");
}

Test(wire_hostile, nul_bytes_are_allowed_in_literal8_only)
{
    static const char fine[] = "* OK hi\r\n* 1 FETCH (BINARY[1] ~{3}\r\na\0b X ~{0}\r\n UID 5)\r\n";
    static const char not_fine[] = "* 1 FETCH (BINARY[1] ~{1}\r\na BODY[] {3}\r\na\0b)\r\n";
    static const char tilde[] = "* 1 FETCH (X ~a {3}\r\na\0b)\r\n";
    static const char empty[] = "* 1 FETCH (X ~{0}\r\n{3}\r\na\0b)\r\n";
    char *log = wire_read_all(fine, sizeof(fine) - 1, false);

    cr_expect(strstr(log, "binary[1] is=\"a\\x00b\" unknown"), "%s", log);
    free(log);
    expect_refused(not_fine, sizeof(not_fine) - 1, "NUL byte");
    expect_refused(tilde, sizeof(tilde) - 1, "NUL byte");
    expect_refused(empty, sizeof(empty) - 1, "NUL byte");
}

Test(wire_hostile, codes_and_responses_that_make_no_sense)
{
    expect_read("* OK [PERMANENTFLAGS (((] x\r\n* OK [PERMANENTFLAGS] y\r\n* OK [] z\r\n"
                "* OK [UIDNEXT x] w\r\n* STATUS\r\n* STATUS INBOX\r\n* STATUS INBOX (\r\n"
                "* 1 FETCH (BODY[\r\n* 1 FETCH (BODY[HEADER.FIELDS (] x)\r\n* 1 FETCH (\r\n"
                "* CAPABILITY\r\n9 OK\r\n",
                "status OK [other code=\"PERMANENTFLAGS (((\"] \"x\"\n"
                "status OK [other code=\"PERMANENTFLAGS\"] \"y\"\n"
                "status OK [other code=\"\"] \"z\"\n"
                "status OK [other code=\"UIDNEXT x\"] \"w\"\n"
                "malformed text=\"* STATUS\"\nmalformed text=\"* STATUS INBOX\"\n"
                "malformed text=\"* STATUS INBOX (\"\nmalformed text=\"* 1 FETCH (BODY[\"\n"
                "malformed text=\"* 1 FETCH (BODY[HEADER.FIELDS (] x)\"\n"
                "malformed text=\"* 1 FETCH (\"\nCAPABILITY\ncompletion tag=\"9\" OK \"\"\n");
}

/* Wherever a number of 32 bits (or of 63) is read. */
Test(wire_hostile, numbers_that_do_not_fit)
{
    static const char *const texts[] = {
        "* 1 FETCH (UID 4294967296)\r\n",
        "* 1 FETCH (UID 4294967297 FLAGS ())\r\n",
        "* 4294967296 FETCH (UID 1)\r\n",
        "* 4294967296 EXISTS\r\n",
        "* 4294967297 EXPUNGE\r\n",
        "* 99999999999999999999999999 RECENT\r\n",
        "* SEARCH 1 4294967296\r\n",
        "* SORT 4294967296\r\n",
        "* ESEARCH UID ALL 1:4294967296\r\n",
        "* ESEARCH COUNT 4294967296\r\n",
        "* VANISHED 4294967296\r\n",
        "* STATUS INBOX (UIDNEXT 4294967296)\r\n",
        "* STATUS INBOX (HIGHESTMODSEQ 9223372036854775808)\r\n",
        "* OK [UIDVALIDITY 4294967296] x\r\n",
        "* OK [UIDNEXT 4294967296] x\r\n",
        "* OK [HIGHESTMODSEQ 9223372036854775808] x\r\n",
        "1 OK [APPENDUID 1 4294967296] x\r\n",
        "1 OK [COPYUID 1 1 4294967297] x\r\n",
        "* 1 FETCH (MODSEQ (9223372036854775808))\r\n",
        "* 1 FETCH (RFC822.SIZE 9223372036854775808)\r\n",
        "* 1 FETCH (X-GM-MSGID 18446744073709551616)\r\n",
        "* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL NIL 18446744073709551617))\r\n",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        refuse(texts[i], "number that is out of range");
}

Test(wire_hostile, largest_numbers_that_fit)
{
    expect_read("* 4294967295 EXISTS\r\n* 1 FETCH (UID 4294967295 MODSEQ (9223372036854775807))\r\n"
                "* VANISHED 1:4294967295\r\n",
                "EXISTS 4294967295\nFETCH 1 uid=4294967295 modseq=9223372036854775807\n"
                "VANISHED now 1:4294967295\n");
}

Test(wire_hostile, no_greeting)
{
    static const char *const texts[] = {"* NO go away\r\n", "* BAD x\r\n",    "+ hi\r\n",
                                        "1 OK hi\r\n",      "* 1 EXISTS\r\n", "HTTP/1.1 400\r\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *log = wire_read_all(texts[i], strlen(texts[i]), false);

        cr_expect(strstr(log, "did not greet"), "%s", log);
        free(log);
    }
}

Test(wire_hostile, completion_of_a_command_that_was_never_sent)
{
    static const char bytes[] = "* OK hi\r\n* 1 EXISTS\r\n8 OK done\r\n";
    struct wire_feed feed = {.bytes = bytes, .size = sizeof(bytes) - 1};
    const struct wire_response *response;
    struct wire *wire;

    cr_assert_eq(wire_create(&wire_feed_ops, &feed, "imap.example.org:993", NULL, &wire), S_OK);
    cr_expect_eq(wire_finish(wire, "7", &response), MAPI_E_CORRUPT_DATA);
    cr_expect_str_eq(
        wire_error(wire)->text,
        "the server broke the IMAP protocol: it completed a command that was never sent");
    cr_expect_str_eq(wire_error(wire)->component, "imap.example.org:993");
    wire_free(wire);
}

Test(wire_hostile, plain_text_behind_the_starttls_answer)
{
    static const char bytes[] = "* OK hi\r\n1 OK begin TLS\r\n* 1 EXISTS\r\n";
    struct wire_feed feed = {.bytes = bytes, .size = sizeof(bytes) - 1};
    const struct wire_response *response;
    struct wire *wire;

    cr_assert_eq(wire_create(&wire_feed_ops, &feed, "x", NULL, &wire), S_OK);
    cr_assert_eq(wire_finish(wire, "1", &response), S_OK);
    cr_expect_eq(wire_check_before_tls(wire), MAPI_E_CORRUPT_DATA);
    cr_expect(strstr(wire_error(wire)->text, "plain text behind its answer to STARTTLS"));
    cr_expect_eq(wire_next(wire, &response), MAPI_E_CORRUPT_DATA);
    wire_free(wire);
}

Test(wire_hostile, clean_starttls_answer)
{
    static const char bytes[] = "* OK hi\r\n1 OK begin TLS\r\n* 1 EXISTS\r\n";
    struct wire_feed feed = {.bytes = bytes, .size = sizeof(bytes) - 1, .stop = 25};
    const struct wire_response *response;
    struct wire *wire;

    cr_assert_eq(wire_create(&wire_feed_ops, &feed, "x", NULL, &wire), S_OK);
    cr_assert_eq(wire_finish(wire, "1", &response), S_OK);
    cr_expect_eq(wire_check_before_tls(wire), S_OK);
    feed.stop = 0;
    cr_expect_eq(wire_next(wire, &response), S_OK);
    cr_expect_eq(response->kind, WIRE_EXISTS);
    wire_free(wire);
}

/* A response of 2 MB that is all structure must not grow a hundredfold in memory. */
Test(wire_hostile, memory_of_a_response_is_bounded)
{
    char *text = malloc(1024 * 1024), *at = text;

    cr_assert(text);
    at = stpcpy(at, "* OK hi\r\n* 1 FETCH (UID 4 BODYSTRUCTURE (");
    while (at - text < 1000000)
        at = stpcpy(at, "(\"\" \"\")");
    strcpy(at, "))\r\n");
    {
        struct wire_feed feed = {.bytes = text, .size = strlen(text)};
        const struct wire_response *response;
        struct wire *wire;

        cr_assert_eq(wire_create(&wire_feed_ops, &feed, "x", NULL, &wire), S_OK);
        cr_assert_eq(wire_next(wire, &response), S_OK);
        cr_assert_eq(wire_next(wire, &response), S_OK);
        cr_assert_eq(response->kind, WIRE_FETCH);
        cr_expect_eq(response->fetch->uid, 4);
        cr_expect(!(response->fetch->present & WIRE_FETCH_STRUCTURE));
        wire_free(wire);
    }
    free(text);
}
