/* tests/providers/imap/client/test_hostile_tls.c - around STARTTLS: what was said in the clear does
 * not count, and nothing secret is said to a stranger */
#include <unistd.h>

#include "client_rig.h"
#include "tests/net/peer.h"

TestSuite(imap_hostile_tls);

/* What the peer says: the greeting, then one answer to each line, %t being its tag. TLS begins
 * behind "%t OK go". */
struct dialogue {
    const char *answers[8];
    char heard[4096]; /* "CAPABILITY|STARTTLS|" */
    bool encrypted;
};

static bool hear_line(struct peer_stream *stream, struct dialogue *d, char tag[16])
{
    char line[512], *text;
    size_t size = 0;

    while (size + 1 < sizeof(line) && peer_read(stream, line + size, 1) == 1 && line[size] != '\n')
        size++;
    line[size] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    text = strchr(line, ' ');
    if (!text)
        return false;
    snprintf(tag, 16, "%.*s", (int)(text - line), line);
    snprintf(d->heard + strlen(d->heard), sizeof(d->heard) - strlen(d->heard), "%s|", text + 1);
    return true;
}

static void speak(struct peer_stream *stream, void *arg)
{
    struct dialogue *d = arg;
    char tag[16] = "";

    for (size_t i = 0; d->answers[i]; i++) {
        const char *mark = strstr(d->answers[i], "%t");
        char answer[512];

        if (i > 0 && !hear_line(stream, d, tag))
            return;
        snprintf(answer, sizeof(answer), "%.*s%s%s\r\n",
                 (int)(mark ? (size_t)(mark - d->answers[i]) : strlen(d->answers[i])),
                 d->answers[i], mark ? tag : "", mark ? mark + 2 : "");
        peer_say(stream, answer);
        if (strcmp(d->answers[i], "%t OK go") == 0) {
            d->encrypted = peer_tls(stream);
            if (!d->encrypted)
                return;
        }
    }
    while (hear_line(stream, d, tag))
        ;
}

static struct rig rig;
static struct error_info error;

static HRESULT try_now(void *arg)
{
    (void)arg;
    return imap_client_try_now(rig.client, NO_DEADLINE, &error);
}

static HRESULT try_dialogue(struct dialogue *d, const char *names)
{
    struct identity *authority =
        identity_create(&(struct identity_options){.common_name = "Test CA", .authority = true});
    struct identity *identity = identity_create(
        &(struct identity_options){.common_name = "server", .names = names, .issuer = authority});
    char *ca_file = identity_file(authority);
    struct peer *peer =
        peer_start(&(struct peer_options){.identity = identity, .serve = speak, .arg = d});
    HRESULT hr;

    rig_start_without_script(&rig);
    rig.options.host = "localhost";
    rig.options.port = peer_port(peer);
    rig.options.tls = CONN_TLS_LATER;
    rig.options.ca_file = ca_file;
    rig_client(&rig);
    hr = rig_call(&rig, try_now, NULL);
    rig_stop(&rig);
    peer_stop(peer);
    unlink(ca_file);
    free(ca_file);
    identity_free(identity);
    identity_free(authority);
    return hr;
}

#define OFFER "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN STARTTLS] hi", "%t OK go"

Test(imap_hostile_tls, the_other_dialogues_would_be_fine)
{
    static struct dialogue d = {{OFFER, "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n%t OK x",
                                 "%t OK [CAPABILITY IMAP4rev1] in"}};

    expect_hr(try_dialogue(&d, "DNS:localhost"), S_OK);
    cr_expect(d.encrypted);
    cr_expect(strstr(d.heard, "STARTTLS|CAPABILITY|AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==|"), "%s",
              d.heard);
}

/* RFC 3501, 6.2.1: what was announced before TLS is asked for again, and what was offered only
 * there is not used. */
Test(imap_hostile_tls, a_login_that_was_offered_in_the_clear_only_is_not_tried)
{
    static struct dialogue d = {
        {OFFER, "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n%t OK x", "%t OK in"}};

    cr_expect(FAILED(try_dialogue(&d, "DNS:localhost")));
    cr_expect(error.text[0]);
    cr_expect(d.encrypted);
    cr_expect_str_eq(d.heard, "STARTTLS|CAPABILITY|");
}

Test(imap_hostile_tls, a_certificate_for_another_host_hears_nothing)
{
    static struct dialogue d = {{OFFER, "%t OK x"}};

    expect_hr(try_dialogue(&d, "DNS:other.example.net"), MAPI_E_LOGON_FAILED);
    cr_expect(strstr(error.text, "not for localhost"), "%s", error.text);
    cr_expect_not(d.encrypted);
    cr_expect_str_eq(d.heard, "STARTTLS|");
}

Test(imap_hostile_tls, a_server_that_goes_on_in_the_clear_hears_nothing)
{
    static struct dialogue d = {
        {"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN STARTTLS] hi", "%t NO not today"}};

    expect_hr(try_dialogue(&d, "DNS:localhost"), MAPI_E_LOGON_FAILED);
    cr_expect(strstr(error.text, "not today"), "%s", error.text);
    cr_expect_str_eq(d.heard, "STARTTLS|");
}
