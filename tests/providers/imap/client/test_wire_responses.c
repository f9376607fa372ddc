/* tests/providers/imap/client/test_wire_responses.c - everything but FETCH, as servers send it
 *
 * Each sample is read whole, split at every byte, and byte by byte (expect_read). */
#include <criterion/criterion.h>

#include "wire_expect.h"

Test(wire_responses, capability)
{
    expect_read("* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN \r\n",
                "CAPABILITY \"IMAP4rev1\" \"LITERAL+\" \"SASL-IR\" \"AUTH=PLAIN\"\n");
    expect_read("* ENABLED CONDSTORE QRESYNC\r\n* ENABLED\r\n",
                "ENABLED \"CONDSTORE\" \"QRESYNC\"\nENABLED\n");
}

Test(wire_responses, completions)
{
    expect_read("7 OK done\r\na1 NO [TRYCREATE] no such mailbox\r\n3 BAD what?\r\n4 OK\r\n",
                "completion tag=\"7\" OK \"done\"\n"
                "completion tag=\"a1\" NO [TRYCREATE] \"no such mailbox\"\n"
                "completion tag=\"3\" BAD \"what?\"\n"
                "completion tag=\"4\" OK \"\"\n");
}

Test(wire_responses, continuations)
{
    expect_read("+ idling\r\n+\r\n+ \r\n+ dGhlIHNhbXBsZQ==\r\n",
                "continuation text=\"idling\"\n"
                "continuation text=\"\"\n"
                "continuation text=\"\"\n"
                "continuation text=\"dGhlIHNhbXBsZQ==\"\n");
}

Test(wire_responses, select_of_dovecot)
{
    expect_read(
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded NonJunk)\r\n"
        "* OK [PERMANENTFLAGS (\\Answered \\Seen $Forwarded \\*)] Flags permitted.\r\n"
        "* 18 EXISTS\r\n* 0 RECENT\r\n"
        "* OK [UNSEEN 17] First unseen.\r\n"
        "* OK [UIDVALIDITY 1700000000] UIDs valid\r\n"
        "* OK [UIDNEXT 4392] Predicted next UID\r\n"
        "* OK [HIGHESTMODSEQ 90060115205545359] Highest\r\n"
        "* OK [CLOSED] Previous mailbox closed.\r\n"
        "2 OK [READ-WRITE] Select completed (0.001 + 0.000 secs).\r\n",
        "FLAGS SAFDd- \"$Forwarded\" \"NonJunk\"\n"
        "status OK [PERMANENTFLAGS SA* \"$Forwarded\"] \"Flags permitted.\"\n"
        "EXISTS 18\nRECENT 0\n"
        "status OK [UNSEEN 17] \"First unseen.\"\n"
        "status OK [UIDVALIDITY 1700000000] \"UIDs valid\"\n"
        "status OK [UIDNEXT 4392] \"Predicted next UID\"\n"
        "status OK [HIGHESTMODSEQ 90060115205545359] \"Highest\"\n"
        "status OK [CLOSED] \"Previous mailbox closed.\"\n"
        "completion tag=\"2\" OK [READ-WRITE] \"Select completed (0.001 + 0.000 secs).\"\n");
}

Test(wire_responses, uidplus_codes)
{
    expect_read("3 OK [APPENDUID 38505 3955] APPEND completed\r\n"
                "4 OK [COPYUID 38505 304,319:320,7:5 3956:3961] Done\r\n"
                "* OK [COPYUID 1 4 9] Moved\r\n"
                "5 OK [MODIFIED 7,9] Conditional STORE failed\r\n",
                "completion tag=\"3\" OK [APPENDUID validity=38505 to=3955] \"APPEND completed\"\n"
                "completion tag=\"4\" OK [COPYUID validity=38505 from=304,319:320,5:7 "
                "to=3956:3961] \"Done\"\n"
                "status OK [COPYUID validity=1 from=4 to=9] \"Moved\"\n"
                "completion tag=\"5\" OK [MODIFIED from=7,9] \"Conditional STORE failed\"\n");
}

Test(wire_responses, copyuid_whose_sets_differ_in_size_tells_nothing)
{
    expect_read("4 OK [COPYUID 38505 1:3 1:2] Done\r\n",
                "completion tag=\"4\" OK [other code=\"COPYUID 38505 1:3 1:2\"] \"Done\"\n");
}

Test(wire_responses, codes_of_many_servers)
{
    expect_read(
        "1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"
        "1 NO [ALERT] Application-specific password required (Failure)\r\n"
        "1 NO [WEBALERT https://accounts.example.com/x] Web login required.\r\n"
        "1 NO [THROTTLED] Account exceeded command or bandwidth limits.\r\n"
        "1 NO [BADCHARSET (\"UTF-8\" US-ASCII)] no\r\n"
        "1 NO [OVERQUOTA] full\r\n"
        "1 NO [X-UNHEARD \"of ]\" 5] text\r\n"
        "1 OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] Completed\r\n"
        "1 OK [CAPABILITY IMAP4rev1 IDLE] Logged in\r\n",
        "completion tag=\"1\" NO [AUTHENTICATIONFAILED] \"Authentication failed.\"\n"
        "completion tag=\"1\" NO [ALERT] \"Application-specific password required (Failure)\"\n"
        "completion tag=\"1\" NO [WEBALERT] \"Web login required.\"\n"
        "completion tag=\"1\" NO [THROTTLED] \"Account exceeded command or bandwidth limits.\"\n"
        "completion tag=\"1\" NO [BADCHARSET] \"no\"\n"
        "completion tag=\"1\" NO [OVERQUOTA] \"full\"\n"
        "completion tag=\"1\" NO [other code=\"X-UNHEARD \"of ]\" 5\"] \"text\"\n"
        "completion tag=\"1\" OK [MAILBOXID \"F2212ea87-6097-4256-9d51-71338625\"] "
        "\"Completed\"\n"
        "completion tag=\"1\" OK [CAPABILITY \"IMAP4rev1\" \"IDLE\"] \"Logged in\"\n");
}

Test(wire_responses, text_of_a_status_is_only_text)
{
    expect_read("* OK (((( {5}\r\n* NO \"unbalanced {99}\r\n* BAD [half a code\r\n* ok lower\r\n",
                "status OK \"(((( {5}\"\nstatus NO \"\"unbalanced {99}\"\n"
                "status BAD \"[half a code\"\nstatus OK \"lower\"\n");
}

Test(wire_responses, bye)
{
    expect_read("* BYE [UNAVAILABLE] Server shutting down.\r\n",
                "BYE BYE [UNAVAILABLE] \"Server shutting down.\"\n");
}

Test(wire_responses, expunge_and_vanished)
{
    expect_read("* 44 EXPUNGE\r\n* 23 EXISTS\r\n* VANISHED 405,407,410:425\r\n"
                "* VANISHED (EARLIER) 41,43:116\r\n",
                "EXPUNGE 44\nEXISTS 23\nVANISHED now 405,407,410:425\n"
                "VANISHED earlier 41,43:116\n");
}

Test(wire_responses, list)
{
    expect_read("* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent Mail\"\r\n"
                "* LIST (\\Noselect \\HasChildren) \".\" Archive\r\n"
                "* LIST () NIL INBOX\r\n"
                "* LIST (\\HasNoChildren) \"/\" {7}\r\nUmlauts\r\n"
                "* LIST (\\NonExistent \\Subscribed) \"/\" x (CHILDINFO (\"SUBSCRIBED\"))\r\n"
                "* LIST (\\HasNoChildren) \"\\\\\" \"a\\\\b \\\"c\\\"\"\r\n"
                "* LIST (\\HasNoChildren) \"/\" \"Entw&APw-rfe\"\r\n"
                "* XLIST (\\HasNoChildren \\Spam) \"/\" \"[Gmail]/Spam\"\r\n"
                "* LSUB () \".\" INBOX.Sent\r\n",
                "LIST 200020 '/' \"Sent Mail\"\n"
                "LIST 12 '.' \"Archive\"\n"
                "LIST 0 NIL \"INBOX\"\n"
                "LIST 20 '/' \"Umlauts\"\n"
                "LIST c2 '/' \"x\"\n"
                "LIST 20 '\\' \"a\\b \"c\"\"\n"
                "LIST 20 '/' \"Entw&APw-rfe\"\n"
                "LIST 100020 '/' \"[Gmail]/Spam\"\n"
                "LSUB 0 '.' \"INBOX.Sent\"\n");
}

Test(wire_responses, list_with_raw_8_bit_names)
{
    expect_read("* LIST () \"/\" \"Entw\xc3\xbcrfe\"\r\n", "LIST 0 '/' \"Entw\\xc3\\xbcrfe\"\n");
}

Test(wire_responses, status)
{
    expect_read("* STATUS INBOX (MESSAGES 231 UIDNEXT 44292 UNSEEN 3 UIDVALIDITY 9 RECENT 1)\r\n",
                "STATUS \"INBOX\" has=1f messages=231 recent=1 uidnext=44292 uidvalidity=9 "
                "unseen=3 modseq=0 size=0 id=NIL guid=NIL\n");
    expect_read("* STATUS \"a b\" (HIGHESTMODSEQ 7011231777 SIZE 4294967299 MAILBOXID (F22) "
                "X-GUID 6a5d XX (1 \"2)\") MESSAGES 0 )\r\n",
                "STATUS \"a b\" has=1e1 messages=0 recent=0 uidnext=0 uidvalidity=0 unseen=0 "
                "modseq=7011231777 size=4294967299 id=\"F22\" guid=\"6a5d\"\n");
}

Test(wire_responses, search_gives_ranges)
{
    expect_read("* SEARCH\r\n* SEARCH \r\n* SEARCH 2 84 882\r\n* SEARCH 5 6 7 9 10\r\n"
                "* SEARCH 9 3 4 1 2 4\r\n* SEARCH 2 5 (MODSEQ 917162500)\r\n",
                "SEARCH \nSEARCH \nSEARCH 2,84,882\nSEARCH 5:7,9:10\nSEARCH 1:4,9\n"
                "SEARCH 2,5 modseq=917162500\n");
}

Test(wire_responses, sort_keeps_the_servers_order)
{
    expect_read("* SORT 5 3 4 1 2\r\n", "SORT 5,3,4,1,2\n");
}

Test(wire_responses, esearch)
{
    expect_read("* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\n"
                "* ESEARCH (TAG \"A283\") UID ALL 2,10:11 MODSEQ 1236\r\n"
                "* ESEARCH (TAG \"A284\")\r\n* ESEARCH UID COUNT 0 XNEW (1 2)\r\n"
                "* ESEARCH (TAG x) MAX 9\r\n",
                "ESEARCH tag=\"A282\" min=2 count=3\n"
                "ESEARCH tag=\"A283\" uid all=2,10:11 modseq=1236\n"
                "ESEARCH tag=\"A284\"\nESEARCH tag=NIL uid count=0\n"
                "ESEARCH tag=\"x\" max=9\n");
}

Test(wire_responses, namespaces)
{
    expect_read("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"
                "* NAMESPACE ((\"INBOX.\" \".\")(\"#mh/\" \"/\" \"X-PARAM\" (\"F\"))) "
                "((\"~\" \"/\")) ((\"#public/\" NIL))\r\n",
                "NAMESPACE (\"\"'/') () ()\n"
                "NAMESPACE (\"INBOX.\"'.' \"#mh/\"'/') (\"~\"'/') (\"#public/\"NIL)\n");
}

Test(wire_responses, id)
{
    expect_read("* ID (\"name\" \"Dovecot\" \"version\" NIL)\r\n* ID NIL\r\n",
                "ID \"name\" \"Dovecot\" \"version\" NIL\nID\n");
}

Test(wire_responses, acl_and_myrights)
{
    expect_read("* ACL INBOX Fred rwipslxetad -Fred wetd \"$team\" \"\"\r\n* ACL \"a b\"\r\n"
                "* ACL {5}\r\nINBOX {4}\r\nJo n lr\r\n* MYRIGHTS INBOX rwiptsldaex\r\n",
                "ACL \"INBOX\" \"Fred\"=\"rwipslxetad\" \"-Fred\"=\"wetd\" \"$team\"=\"\"\n"
                "ACL \"a b\"\n"
                "ACL \"INBOX\" \"Jo n\"=\"lr\"\n"
                "MYRIGHTS \"INBOX\" NIL=\"rwiptsldaex\"\n");
}

Test(wire_responses, quota_beyond_63_bits_is_a_large_number)
{
    expect_read("* QUOTA \"\" (STORAGE 10 512 MESSAGE 3 99)\r\n* QUOTA user ()\r\n"
                "* QUOTA \"#u\" (STORAGE 5 18446744073709551615)\r\n",
                "QUOTA \"\" STORAGE=10/512 MESSAGE=3/99\n"
                "QUOTA \"user\"\n"
                "QUOTA \"#u\" STORAGE=5/9223372036854775807\n");
}

Test(wire_responses, half_of_an_acl_or_a_quota_is_dropped)
{
    expect_read("* ACL INBOX Fred\r\n* ACL\r\n* MYRIGHTS INBOX\r\n* QUOTA x\r\n"
                "* QUOTA x (STORAGE 10)\r\n* QUOTA x (STORAGE 1 -2)\r\n* QUOTA x (STORAGE 1 2\r\n",
                "malformed text=\"* ACL INBOX Fred\"\n"
                "malformed text=\"* ACL\"\n"
                "malformed text=\"* MYRIGHTS INBOX\"\n"
                "malformed text=\"* QUOTA x\"\n"
                "malformed text=\"* QUOTA x (STORAGE 10)\"\n"
                "malformed text=\"* QUOTA x (STORAGE 1 -2)\"\n"
                "malformed text=\"* QUOTA x (STORAGE 1 2\"\n");
}

Test(wire_responses, what_nobody_knows_is_handed_on_as_text)
{
    expect_read("* QUOTAROOT INBOX \"\"\r\n* METADATA \"INBOX\" (/shared/x {3}\r\nabc)\r\n"
                "* THREAD (2)(3 6 (4 23))\r\n* 5 X-NEW thing\r\n* XFOO\r\n* FLUBBER[1]\r\n",
                "other name=\"QUOTAROOT\" text=\"INBOX \"\"\"\n"
                "other name=\"METADATA\" text=\"\"INBOX\" (/shared/x {3}\\x0d\\x0aabc)\"\n"
                "other name=\"THREAD\" text=\"(2)(3 6 (4 23))\"\n"
                "other name=\"X-NEW\" text=\"thing\"\n"
                "other name=\"XFOO\" text=\"\"\n"
                "other name=\"FLUBBER\" text=\"[1]\"\n");
}

Test(wire_responses, what_does_not_parse_is_dropped_and_the_next_is_read)
{
    expect_read("* STATUS INBOX (MESSAGES)\r\n* STATUS\r\n* LIST (\r\n* LIST () \"/\r\n"
                "* FLAGS x\r\n* VANISHED\r\n* SEARCH x\r\n* ESEARCH (TAG\r\n* NAMESPACE ((\r\n"
                "*\r\n* \r\n\r\nnonsense\r\n* 0 EXPUNGE\r\n* PREAUTH late\r\n* 12 EXISTS\r\n",
                "malformed text=\"* STATUS INBOX (MESSAGES)\"\nmalformed text=\"* STATUS\"\n"
                "malformed text=\"* LIST (\"\nmalformed text=\"* LIST () \"/\"\n"
                "malformed text=\"* FLAGS x\"\nmalformed text=\"* VANISHED\"\n"
                "malformed text=\"* SEARCH x\"\nmalformed text=\"* ESEARCH (TAG\"\n"
                "malformed text=\"* NAMESPACE ((\"\nmalformed text=\"*\"\n"
                "malformed text=\"* \"\nmalformed text=\"\"\nmalformed text=\"nonsense\"\n"
                "malformed text=\"* 0 EXPUNGE\"\nmalformed text=\"* PREAUTH late\"\nEXISTS 12\n");
}

Test(wire_responses, bare_lf_ends_a_line)
{
    expect_read("* 3 EXISTS\n* 1 RECENT\n", "EXISTS 3\nRECENT 1\n");
}
