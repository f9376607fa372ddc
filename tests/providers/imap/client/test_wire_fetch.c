/* tests/providers/imap/client/test_wire_fetch.c - FETCH responses, as servers send them
 *
 * Each sample is read whole, split at every byte, and byte by byte. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "wire_expect.h"

Test(wire_fetch, row_of_dovecot)
{
    expect_read(
        "* 1 FETCH (UID 17 FLAGS (\\Seen $Forwarded) RFC822.SIZE 3053 MODSEQ (65402) "
        "INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700\" "
        "\"IMAP4rev1 WG mtg\" ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
        "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
        "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
        "((NIL NIL \"imap\" \"cac.washington.edu\")) "
        "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John\" \"@r\" \"klensin\" \"MIT.EDU\")) "
        "NIL "
        "NIL \"<B27397@cac.washington.edu>\"))\r\n",
        "FETCH 1 uid=17 S- \"$Forwarded\" size=3053 date=837596665 modseq=65402 envelope{ "
        "date=\"Wed, 17 Jul 1996 02:23:25 -0700\" subject=\"IMAP4rev1 WG mtg\" "
        "from=(\"Terry Gray\" \"gray\"@\"cac.washington.edu\") "
        "sender=(\"Terry Gray\" \"gray\"@\"cac.washington.edu\") "
        "reply-to=(\"Terry Gray\" \"gray\"@\"cac.washington.edu\") "
        "to=(NIL \"imap\"@\"cac.washington.edu\") "
        "cc=(NIL \"minutes\"@\"CNRI.Reston.VA.US\" | \"John\" route=\"@r\" \"klensin\"@\"MIT.EDU\")"
        " in-reply-to=NIL id=\"<B27397@cac.washington.edu>\"}\n");
}

Test(wire_fetch, strings_may_be_literals_anywhere)
{
    expect_read(
        "* 2 FETCH (ENVELOPE ({3}\r\nMon {11}\r\n(\"x\") {5}\r\n (({4}\r\nJ\"n) NIL {1}\r\nj "
        "\"h\")) NIL NIL NIL NIL NIL NIL {0}\r\n) UID 9)\r\n",
        "FETCH 2 uid=9 envelope{ date=\"Mon\" subject=\"(\"x\") {5}\\x0d\\x0a\" "
        "from=(\"J\"n)\" \"j\"@\"h\") in-reply-to=NIL id=\"\"}\n");
}

Test(wire_fetch, escapes_and_raw_bytes)
{
    expect_read(
        "* 2 FETCH (ENVELOPE (NIL \"a \\\"b\\\" \\\\ \xe4\xff (\" () NIL NIL NIL NIL NIL NIL "
        "NIL))\r\n",
        "FETCH 2 envelope{ date=NIL subject=\"a \"b\" \\ \\xe4\\xff (\" in-reply-to=NIL "
        "id=NIL}\n");
}

Test(wire_fetch, groups_keep_their_markers)
{
    expect_read("* 2 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL \"friends\" NIL)(NIL NIL \"a\" "
                "\"b\")(NIL NIL NIL NIL)) NIL NIL NIL NIL))\r\n",
                "FETCH 2 envelope{ date=NIL subject=NIL to=(NIL \"friends\"@NIL | NIL \"a\"@\"b\" "
                "| NIL NIL@NIL) in-reply-to=NIL id=NIL}\n");
}

Test(wire_fetch, gmail_items)
{
    expect_read("* 3 FETCH (X-GM-THRID 1278455344230334865 X-GM-MSGID 18446744073709551615 "
                "X-GM-LABELS (\"\\\\Inbox\" \\Sent Important \"Muy Importante\") UID 4)\r\n",
                "FETCH 3 uid=4 gm_msgid=18446744073709551615 gm_thrid=1278455344230334865 labels "
                "\"\\Inbox\" \"\\Sent\" \"Important\" \"Muy Importante\"\n");
}

Test(wire_fetch, object_ids)
{
    expect_read("* 3 FETCH (EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9))\r\n"
                "* 4 FETCH (THREADID NIL)\r\n",
                "FETCH 3 emailid=\"M6d99ac3275bb4e\" threadid=\"T64b478a75b7ea9\"\n"
                "FETCH 4 threadid=NIL\n");
}

Test(wire_fetch, unknown_items_are_skipped)
{
    expect_read("* 3 FETCH (X-NEW (a (b \"c)\" {3}\r\n))) ) NIL) UID 5 BINARY.SIZE[1.2] 77 "
                "PREVIEW {2}\r\nhi X-A[\"]\"]<5> \"q\" FLAGS ())\r\n",
                "FETCH 3 uid=5 - unknown\n");
}

Test(wire_fetch, internaldate)
{
    expect_read("* 1 FETCH (INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\")\r\n"
                "* 1 FETCH (INTERNALDATE \"1-jan-1970 01:00:00 +0100\")\r\n"
                "* 1 FETCH (INTERNALDATE \"29-Feb-2024 23:59:60 +0000\")\r\n"
                "* 1 FETCH (INTERNALDATE \"31-Dec-1969 23:59:59 +0000\")\r\n"
                "* 1 FETCH (INTERNALDATE \"yesterday\")\r\n",
                "FETCH 1 date=0\nFETCH 1 date=0\nFETCH 1 date=1709251200\nFETCH 1 date=-1\n"
                "FETCH 1 date=-9223372036854775808\n");
}

Test(wire_fetch, structure_of_one_part)
{
    expect_read("* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL "
                "\"7BIT\" 2279 48))\r\n"
                "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 2279 48))\r\n",
                "FETCH 1 <TEXT/PLAIN;\"CHARSET\"=\"US-ASCII\" 2279/48 enc=\"7BIT\">\n"
                "FETCH 1 <TEXT/PLAIN 2279/48 enc=\"7BIT\">\n");
}

Test(wire_fetch, structure_with_all_extensions)
{
    expect_read(
        "* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"utf-8\") \"<a@b>\" \"desc\" "
        "\"quoted-printable\" 10 1 \"md5\" (\"inline\" NIL) (\"de\" \"en\") \"http://x\" (1 2))"
        "(\"application\" \"pdf\" (\"name\" \"a.pdf\") NIL NIL \"base64\" 4711 NIL "
        "(\"attachment\" (\"filename\" \"a.pdf\" \"size\" \"4711\")) \"fr\" NIL) \"mixed\" "
        "(\"boundary\" \"=_x\") NIL NIL NIL))\r\n",
        "FETCH 1 <multipart/mixed;\"boundary\"=\"=_x\""
        "<text/plain;\"charset\"=\"utf-8\" 10/1 enc=\"quoted-printable\" id=\"<a@b>\" "
        "desc=\"desc\" md5=\"md5\" disp=\"inline\" lang= \"de\" \"en\" loc=\"http://x\">"
        "<application/pdf;\"name\"=\"a.pdf\" 4711/0 enc=\"base64\" disp=\"attachment\";"
        "\"filename\"=\"a.pdf\";\"size\"=\"4711\" lang= \"fr\">>\n");
}

Test(wire_fetch, structure_with_a_message_inside)
{
    expect_read(
        "* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 900 (NIL "
        "\"inner\" NIL NIL NIL NIL NIL NIL NIL NIL) (\"text\" \"html\" NIL NIL NIL \"8bit\" "
        "20 3) 30 NIL NIL NIL NIL))\r\n",
        "FETCH 1 <message/rfc822 900/30 enc=\"7bit\" envelope{ date=NIL subject=\"inner\" "
        "in-reply-to=NIL id=NIL}<text/html 20/3 enc=\"8bit\">>\n");
}

/* Exchange leaves envelope and body of an attached message out; others send NIL for numbers. */
Test(wire_fetch, structure_with_fields_left_out)
{
    expect_read("* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" NIL))\r\n"
                "* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" () NIL NIL \"7bit\" 5 NIL))\r\n"
                "* 1 FETCH (BODYSTRUCTURE (NIL NIL NIL NIL NIL NIL NIL))\r\n",
                "FETCH 1 <message/rfc822 0/0 enc=\"7bit\">\nFETCH 1 <text/plain 5/0 enc=\"7bit\">\n"
                "FETCH 1 </ 0/0>\n");
}

Test(wire_fetch, structure_text_is_kept_as_sent)
{
    static const char bytes[] =
        "* OK hi\r\n* 1 FETCH (UID 3 BODYSTRUCTURE (\"a\\\"b\" {2}\r\nxy NIL "
        "NIL NIL \"7bit\" 5) FLAGS ())\r\n";
    struct wire_feed feed = {.bytes = bytes, .size = sizeof(bytes) - 1};
    const struct wire_response *response;
    struct wire *wire;

    cr_assert_eq(wire_create(&wire_feed_ops, &feed, "x", NULL, &wire), S_OK);
    cr_assert_eq(wire_next(wire, &response), S_OK);
    cr_assert_eq(wire_next(wire, &response), S_OK);
    cr_assert_eq(response->kind, WIRE_FETCH);
    cr_expect_eq(response->fetch->structure_text.size,
                 strlen("(\"a\\\"b\" {2}\r\nxy NIL NIL NIL \"7bit\" 5)"));
    cr_expect_eq(memcmp(response->fetch->structure_text.data, "(\"a\\\"b\" {2}\r\nxy NIL", 19), 0);
    cr_expect_eq(response->fetch->structure->type.size, 3);
    wire_free(wire);
}

/* Servers do send such: the row is worth more than its envelope. */
Test(wire_fetch, broken_envelope_costs_only_the_envelope)
{
    expect_read("* 1 FETCH (ENVELOPE (\"d\" \"s\" x) UID 5 FLAGS (\\Seen))\r\n"
                "* 2 FETCH (UID 6 BODYSTRUCTURE (\"a\" -1) FLAGS (\\Deleted))\r\n"
                "* 3 FETCH (UID 7 FLAGS () ENVELOPE (\"d\" \"say \"hi\" (to\" NIL NIL))\r\n",
                "FETCH 1 uid=5 S- unknown\nFETCH 2 uid=6 D- unknown\nFETCH 3 uid=7 - unknown\n");
}

Test(wire_fetch, sections_are_kept_without_a_stream)
{
    expect_read(
        "* 1 FETCH (UID 5 BODY[HEADER.FIELDS (\"X-]\" Subject)] {12}\r\nSubject: x\r\n "
        "BODY[1]<100> \"abc\" BODY[2] NIL RFC822.HEADER {1}\r\nh BINARY[3] ~{2}\r\nzz "
        "BODY[TEXT]<0.5> \"\")\r\n",
        "FETCH 1 uid=5 section[HEADER.FIELDS (\"X-]\" Subject)] is=\"Subject: x\\x0d\\x0a\" "
        "section[1]<100> is=\"abc\" section[2] is=NIL section[HEADER] is=\"h\" "
        "binary[3] is=\"zz\" section[TEXT]<0> is=\"\"\n");
}

static void expect_streamed(const char *bytes, const char *expected)
{
    char *log = wire_read_all(bytes, strlen(bytes), true);
    char *end = strstr(log, "end: 80040115");

    cr_assert(end, "%s", log);
    *end = '\0';
    cr_expect_str_eq(log, expected);
    free(log);
}

Test(wire_fetch, sections_stream)
{
    expect_streamed(
        "* OK hi\r\n* 7 FETCH (FLAGS () BODY[1.2]<512> {11}\r\nhello)\r\n{9} UID 5 BODY[] "
        "{0}\r\n RFC822.TEXT {2}\r\nab BODY[TEXT] \"short\")\r\n* 8 EXISTS\r\n",
        "greeting OK \"hi\"\n"
        "piece 7 BODY[1.2]<512> 11: hello)\r\n{9}\n"
        "piece 7 BODY[] 0: \npiece 7 RFC822.TEXT 2: ab\n"
        "FETCH 7 uid=5 - section[1.2]<512>=streamed 11 section[]=streamed 0 "
        "section[TEXT]=streamed 2 section[TEXT] is=\"short\"\n"
        "EXISTS 8\n");
}

/* What only looks like a section, deeper down or in another item, stays in the response. */
Test(wire_fetch, other_literals_do_not_stream)
{
    expect_streamed(
        "* OK hi\r\n* 7 FETCH (X-Y (BODY[1] {3}\r\nabc) ENVELOPE (NIL {6}\r\nBODY[] NIL NIL "
        "NIL NIL NIL NIL NIL NIL) XBODY[] {2}\r\nzz UID 3)\r\n"
        "* LIST () NIL {2}\r\nxy\r\n",
        "greeting OK \"hi\"\n"
        "FETCH 7 uid=3 envelope{ date=NIL subject=\"BODY[]\" in-reply-to=NIL id=NIL} "
        "unknown\nLIST 0 NIL \"xy\"\n");
}

Test(wire_fetch, malformed_sections_are_dropped)
{
    expect_read(
        "* 1 FETCH (BODY[\r\n* 1 FETCH (BODY[1 {3}\r\nabc)\r\n* 1 FETCH (BODY[1]<x> NIL)\r\n"
        "* 1 FETCH (BODY[1]<5 NIL)\r\n* 1 FETCH BODY[1]\r\n* 1 FETCH (UID 0)\r\n"
        "* 0 FETCH (UID 1)\r\n* 1 FETCH (BODY[1] atom)\r\n* 2 EXISTS\r\n",
        "malformed text=\"* 1 FETCH (BODY[\"\n"
        "malformed text=\"* 1 FETCH (BODY[1 {3}\\x0d\\x0aabc)\"\n"
        "malformed text=\"* 1 FETCH (BODY[1]<x> NIL)\"\n"
        "malformed text=\"* 1 FETCH (BODY[1]<5 NIL)\"\n"
        "malformed text=\"* 1 FETCH BODY[1]\"\nmalformed text=\"* 1 FETCH (UID 0)\"\n"
        "malformed text=\"* 0 FETCH (UID 1)\"\n"
        "malformed text=\"* 1 FETCH (BODY[1] atom)\"\nEXISTS 2\n");
}
