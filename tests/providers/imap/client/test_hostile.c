/* tests/providers/imap/client/test_hostile.c - the rows of docs/hostile-servers.md, seen from the
 * client: a clear error each time, and the client can be used afterwards
 *
 * What exactly is refused, and at which byte, is in test_wire_hostile.c. */
#include "client_rig.h"

TestSuite(imap_hostile);

static struct rig rig;
static struct error_info error;

#define HONEST LOGIN "C: %t NOOP\nS: %t OK x\nE:\n"

/* A NOOP against `script` fails with `words`; one against an honest server that follows does not.
 */
static void expect_refused(const char *script, const char *words)
{
    const char *scripts[] = {script, HONEST};

    rig_start(&rig, scripts, 2);
    rig.options.max_sessions = 1;
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_NETWORK_ERROR);
    cr_expect(strstr(error.text, words), "%s", error.text);
    rig_await_state(&rig, IMAP_READY); /* by itself */
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

static void expect_answer_refused(const char *answer, const char *words)
{
    char script[2048];

    snprintf(script, sizeof(script), "%s%s\nU:\n", LOGIN "C: %t NOOP\n", answer);
    expect_refused(script, words);
}

Test(imap_hostile, what_breaks_the_protocol_costs_one_session)
{
    expect_answer_refused("S: * 1 FETCH (BODY[] {18446744073709551620}\nS: abcd)\nS: %t OK x",
                          "literal larger than allowed");
    expect_answer_refused("S: * 1 FETCH (BODY[] {2147483648}", "literal larger than allowed");
    expect_answer_refused("s: * OK \nF: 2000000 x", "longer than 1 MB");
    expect_answer_refused("s: * 1 FETCH (BODYSTRUCTURE \nF: 10000 (\nS: ", "deeper than 64");
    expect_answer_refused("S: * OK a\\0b", "NUL byte");
    expect_answer_refused("S: * 1 FETCH (UID 4294967296)", "out of range");
    expect_answer_refused("S: other OK done", "never sent");
}

/* It is dropped, and the session goes on: the same connection answers twice. */
Test(imap_hostile, what_only_makes_no_sense_costs_nothing)
{
    static const char *const lines[] = {
        "* OK [PERMANENTFLAGS (((] x",
        "* STATUS",
        "* STATUS INBOX (MESSAGES",
        "* 1 FETCH (BODY[",
        "* CAPABILITY",
        "* FLUBBER",
        "* 1 FETCH (X-NEW (1 (2)))",
        "* LIST (\\\\X) a b c",
        "* SEARCH x",
        "nonsense",
        "",
        "+ not asked for",
        "* 0 EXPUNGE",
        "* 7 EXPUNGE",
        "* 0 EXISTS",
        "* VANISHED 1:4294967295",
        "* OK [X-UNHEARD",
        "* ESEARCH (TAG \"9\") ALL",
    };
    char script[2048];

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const char *scripts[] = {script};

        snprintf(script, sizeof(script), "%s%s\n%s", LOGIN "C: %t NOOP\nS: ", lines[i],
                 "S: %t OK x\nC: %t NOOP\nS: %t OK x\nE:\n");
        rig_start(&rig, scripts, 1);
        rig_client(&rig);
        expect_hr(rig_noop(&rig, NULL, &error), S_OK);
        expect_hr(rig_noop(&rig, NULL, &error), S_OK);
        rig_stop(&rig);
    }
}

Test(imap_hostile, a_server_may_end_in_each_state)
{
    static const char *const ends[] = {
        "X:\n",
        "s: * O\nX:\n",
        GREETING "C: %t AUTHENTICATE *\nX:\n",
        GREETING "C: %t AUTHENTICATE *\ns: %t O\nX:\n",
        "S: * OK hi\nC: %t CAPABILITY\nX:\n",
        "S: * BYE [UNAVAILABLE] too many\nX:\n",
    };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        expect_refused(ends[i], i == 5 ? "too many" : "closed by peer");
}

Test(imap_hostile, a_capability_answer_without_its_line_is_survived)
{
    const char *scripts[] = {"S: * OK hi\nC: %t CAPABILITY\nS: %t OK x\nC: %t LOGIN *\nS: %t OK x\n"
                             "C: %t CAPABILITY\nS: %t OK x\nC: %t NOOP\nS: %t OK x\nE:\n"};

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    rig_stop(&rig);
}

/* --- The login -------------------------------------------------------------------------------- */

#define OFFER(mechanism) "S: * OK [CAPABILITY IMAP4rev1 AUTH=" mechanism "] hello\n"

/* Refused, and asked again only by request. */
static void expect_login_fails(const char *script, HRESULT hr, const char *words)
{
    const char *scripts[] = {script};

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), hr);
    cr_expect(strstr(error.text, words), "%s", error.text);
    cr_expect_neq(rig.state, IMAP_READY);
    rig_stop(&rig);
}

Test(imap_hostile, challenges_without_end_are_given_up)
{
    expect_login_fails(OFFER("LOGIN") "C: %t AUTHENTICATE LOGIN\nS: + VXNlcm5hbWU6\nC: *\n"
                                      "S: + UGFzc3dvcmQ6\nC: *\nS: + TW9yZTo=\nC: [*]\n"
                                      "S: + TW9yZTo=\nU:\n",
                       MAPI_E_NETWORK_ERROR, "out of turn");
}

Test(imap_hostile, a_challenge_that_is_no_base64_ends_the_login)
{
    expect_login_fails(OFFER("LOGIN") "C: %t AUTHENTICATE LOGIN\nS: + (((\nC: [*]\n"
                                      "S: %t BAD cancelled\nU:\n",
                       MAPI_E_LOGON_FAILED, "base64");
}

/* RFC 5802: who has not shown that it knows the password is not the server. */
Test(imap_hostile, a_scram_server_that_skips_its_proof_is_refused)
{
    expect_login_fails(OFFER("SCRAM-SHA-256") "C: %t AUTHENTICATE SCRAM-SHA-256\nS: %t OK in\nU:\n",
                       MAPI_E_LOGON_FAILED, "did not prove");
}

/* --- Around TLS ------------------------------------------------------------------------------- */

Test(imap_hostile, a_server_that_logs_us_in_before_tls_is_not_believed)
{
    const char *scripts[] = {"S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\nE:\n"};

    rig_start(&rig, scripts, 1);
    rig.options.tls = CONN_TLS_LATER;
    rig_client(&rig);
    expect_hr(rig_noop(&rig, NULL, &error), MAPI_E_LOGON_FAILED);
    cr_expect(strstr(error.text, "before TLS"), "%s", error.text);
    cr_expect_eq(rig.asked, 0u);
    rig_stop(&rig);
}

/* --- Words ------------------------------------------------------------------------------------ */

Test(imap_hostile, words_are_cleaned_before_anybody_sees_them)
{
    const char *scripts[] = {
        LOGIN "C: %t NOOP\n"
              "S: %t NO [ALERT] \\x1B]0;owned\\x07 gr\\xC3\\xBCn \\xC2\\x9B0m \\xFF\n"
              "E:\n"};

    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    cr_expect(FAILED(rig_noop(&rig, NULL, &error)));
    cr_expect(strstr(error.text, " ]0;owned  gr\xC3\xBCn   0m ?"), "%s", error.text);
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
        if (script[0] != 'S') {
            at += sprintf(at, "%.*s\n", (int)size, script);
        } else {
            for (size_t i = 3; i < size; i++) {
                bool tag = script[i] == '%' && script[i + 1] == 't';

                at += sprintf(at, tag ? "s: %%t\n" : "s: %c\n", script[i]);
                i += tag;
            }
            at += sprintf(at, "s: \\r\ns: \\n\n");
        }
        script += size + 1;
    }
    *at = '\0';
}

Test(imap_hostile, answers_may_come_byte_by_byte)
{
    static char script[16384];
    const char *scripts[] = {script};

    in_single_bytes("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\n"
                    "C: %t AUTHENTICATE PLAIN *\nS: %t OK [CAPABILITY IMAP4rev1] in\n"
                    "C: %t SELECT INBOX\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 9] x\n"
                    "S: %t OK [READ-WRITE] x\nC: %t NOOP\nS: * 4 EXISTS\nS: %t OK x\nE:\n",
                    script, sizeof(script));
    rig_start(&rig, scripts, 1);
    rig_client(&rig);
    expect_hr(rig_noop(&rig, "INBOX", &error), S_OK);
    rig_stop(&rig);
}
