/* tests/providers/smtp/client/test_hostile_tls.c - around STARTTLS: what was said in the clear does
 * not count, and nothing secret is said to a stranger */
#include <unistd.h>

#include "smtp_rig.h"
#include "tests/net/peer.h"

TestSuite(hostile_tls);

static struct rig rig;
static struct identity *authority, *identity;
static char *ca_file;

/* What the peer says, step by step: a line is awaited before each answer but the first; TLS begins
 * behind "220 go". */
struct dialogue {
    const char *answers[12];
    char heard[4096]; /* "EHLO x|STARTTLS|" */
    bool encrypted;
};

static bool hear_line(struct peer_stream *stream, struct dialogue *d)
{
    size_t used = strlen(d->heard);
    char c;

    while (peer_read(stream, &c, 1) == 1) {
        if (c == '\n') {
            strcat(d->heard, "|");
            return true;
        }
        if (c != '\r' && used + 3 < sizeof(d->heard))
            d->heard[used++] = c;
        d->heard[used] = '\0';
    }
    return false;
}

static void speak(struct peer_stream *stream, void *arg)
{
    struct dialogue *d = arg;

    for (size_t i = 0; d->answers[i]; i++) {
        if (i > 0 && !hear_line(stream, d))
            return;
        peer_say(stream, d->answers[i]);
        if (strcmp(d->answers[i], "220 go\r\n") == 0) {
            d->encrypted = peer_tls(stream);
            if (!d->encrypted)
                return;
        }
    }
    while (hear_line(stream, d))
        ;
}

static HRESULT try_dialogue(struct dialogue *d, const char *names, const char *user,
                            struct error_info *error)
{
    struct peer *peer;
    HRESULT hr;

    authority =
        identity_create(&(struct identity_options){.common_name = "Test CA", .authority = true});
    identity = identity_create(
        &(struct identity_options){.common_name = "server", .names = names, .issuer = authority});
    ca_file = identity_file(authority);
    peer = peer_start(&(struct peer_options){.identity = identity, .serve = speak, .arg = d});

    rig_start(&rig, NULL, 0);
    rig.options.host = "localhost";
    rig.options.port = peer_port(peer);
    rig.options.tls = CONN_TLS_LATER;
    rig.options.ca_file = ca_file;
    rig.options.user = user;
    rig.password = "secret";
    rig_client(&rig);
    hr = rig_try_now(&rig, error);
    rig_stop(&rig);
    peer_stop(peer);

    unlink(ca_file);
    free(ca_file);
    identity_free(identity);
    identity_free(authority);
    return hr;
}

#define OFFER "220 hi\r\n", "250-server\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n", "220 go\r\n"

Test(hostile_tls, the_other_dialogues_would_be_fine)
{
    static struct dialogue d = {{OFFER, "250-server\r\n250 AUTH PLAIN\r\n", "235 in\r\n"}};

    expect_hr(try_dialogue(&d, "DNS:localhost", "anna", NULL), S_OK);
    cr_expect(d.encrypted);
    cr_expect(strstr(d.heard, "|STARTTLS|EHLO "), "%s", d.heard);
    cr_expect(strstr(d.heard, "|AUTH PLAIN AGFubmEAc2VjcmV0|"), "%s", d.heard);
}

/* RFC 3207, 4.2: the mechanisms of before are forgotten. */
Test(hostile_tls, a_login_that_was_offered_in_the_clear_only_is_not_tried)
{
    static struct dialogue d = {{OFFER, "250-server\r\n250 SIZE 10\r\n"}};
    struct error_info error = {0};

    expect_hr(try_dialogue(&d, "DNS:localhost", "anna", &error), MAPI_E_NO_SUPPORT);
    cr_expect(error.text[0]);
    cr_expect(d.encrypted);
    cr_expect_null(strstr(d.heard, "AUTH"), "%s", d.heard);
}

Test(hostile_tls, a_certificate_for_another_host_hears_nothing)
{
    static struct dialogue d = {{OFFER, "250-server\r\n250 AUTH PLAIN\r\n", "235 in\r\n"}};
    struct error_info error = {0};

    expect_hr(try_dialogue(&d, "DNS:other.example.net", "anna", &error), MAPI_E_LOGON_FAILED);
    cr_expect(strstr(error.text, "not for localhost"), "%s", error.text);
    cr_expect_not(d.encrypted);
    cr_expect_null(strstr(d.heard, "AUTH"), "%s", d.heard);
    cr_expect_eq(rig.state, SMTP_REFUSED);
}

Test(hostile_tls, a_server_that_goes_on_in_the_clear_hears_nothing)
{
    static struct dialogue d = {
        {"220 hi\r\n", "250-server\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", "454 not now\r\n"}};
    struct error_info error = {0};

    expect_hr(try_dialogue(&d, "DNS:localhost", "anna", &error), MAPI_E_NETWORK_ERROR);
    cr_expect(strstr(error.text, "454 not now"), "%s", error.text);
    cr_expect_null(strstr(d.heard, "AUTH"), "%s", d.heard);
}
