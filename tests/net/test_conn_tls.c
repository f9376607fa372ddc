/* tests/net/test_conn_tls.c - whom a TLS connection trusts, and what it says of others */
#include "tests/net/conns.h"

#include <errno.h>
#include <openssl/err.h>

static struct scene scene;

static void setup(void)
{
    memset(&scene, 0, sizeof(scene));
}

static void teardown(void)
{
    scene_end(&scene);
}

TestSuite(conn_tls, .init = setup, .fini = teardown, .timeout = 60);

/* ---- Good ones ---- */

static void serve_greeting(struct peer_stream *stream, void *arg)
{
    peer_say(stream, "* OK for ");
    peer_say(stream, stream->server_name[0] ? stream->server_name : "nobody");
    peer_say(stream, "\r\n");
    serve_echo(stream, arg);
}

static HRESULT talk_by_name(void *arg)
{
    struct conn *conn = scene_connect(arg, "localhost", CONN_TLS_FIRST);

    cr_expect_str_eq(conn_tls_version(conn), "TLSv1.3");
    expect_read(conn, "* OK for localhost\r\n");
    assert_hr(conn_write(conn, "hello", 5), S_OK);
    expect_read(conn, "hello");
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, a_name_is_verified_and_sent_as_sni)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, talk_by_name);
}

/* The queue is the thread's, and all fibers of an engine share it (docs/libetpan.md, "Traps"). */
static HRESULT talk_after_others_failed(void *arg)
{
    struct conn *conn = scene_connect(arg, "localhost", CONN_TLS_FIRST);
    size_t size;
    char byte;

    expect_read(conn, "* OK for localhost\r\n");
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
    conn_set_deadline(conn, engine_now() + 50);
    assert_hr(conn_read(conn, &byte, 1, &size), MAPI_E_TIMEOUT); /* the peer says nothing */
    conn_set_deadline(conn, NO_DEADLINE);
    assert_hr(conn_write(conn, "hello", 5), S_OK);
    expect_read(conn, "hello");
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, errors_that_others_left_behind_do_not_count)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, talk_after_others_failed);
}

static HRESULT talk_by_address(void *arg)
{
    struct conn *conn = scene_connect(arg, "127.0.0.1", CONN_TLS_FIRST);

    expect_read(conn, "* OK for nobody\r\n"); /* RFC 6066, section 3: no literals in SNI */
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, a_literal_address_is_verified_as_one)
{
    scene_certify(&scene, "IP:127.0.0.1");
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, talk_by_address);
}

static HRESULT talk_by_address_six(void *arg)
{
    struct conn *conn = scene_connect(arg, "::1", CONN_TLS_FIRST);

    expect_read(conn, "* OK for nobody\r\n");
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, a_literal_ipv6_address_too)
{
    scene_certify(&scene, "IP:::1");
    scene.peer = peer_start(&(struct peer_options){
        .address = "::1", .identity = scene.identity, .tls_first = true, .serve = serve_greeting});
    scene_run(&scene, talk_by_address_six);
}

static HRESULT talk_tls_1_2(void *arg)
{
    struct conn *conn = scene_connect(arg, "localhost", CONN_TLS_FIRST);

    cr_expect_str_eq(conn_tls_version(conn), "TLSv1.2");
    expect_read(conn, "* OK for localhost\r\n");
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, tls_1_2_is_good_enough)
{
    scene_certify(&scene, "DNS:localhost");
    scene.peer = peer_start(&(struct peer_options){.identity = scene.identity,
                                                   .max_version = TLS1_2_VERSION,
                                                   .tls_first = true,
                                                   .serve = serve_greeting});
    scene_run(&scene, talk_tls_1_2);
}

Test(conn_tls, a_self_signed_certificate_that_the_user_names_is_trusted)
{
    scene.identity = identity_create(
        &(struct identity_options){.common_name = "server", .names = "DNS:localhost"});
    scene.ca_file = identity_file(scene.identity);
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, talk_by_name);
}

/* ---- Bad ones ---- */

static HRESULT be_refused(void *arg)
{
    struct scene *here = arg;

    assert_hr(scene_open(here, "localhost", CONN_TLS_FIRST), MAPI_E_LOGON_FAILED);
    cr_expect_null(here->conn);
    cr_expect_eq(here->error.hr, MAPI_E_LOGON_FAILED);
    cr_expect(strncmp(here->error.component, "localhost:", 10) == 0, "%s", here->error.component);
    return S_OK;
}

Test(conn_tls, a_certificate_for_another_host_is_refused_by_both_names)
{
    scene_certify(&scene, "DNS:mail.example.net,DNS:imap.example.net,IP:127.0.0.1");
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, "mail.example.net, imap.example.net, 127.0.0.1");
    expect_words(scene.error, "not for localhost");
}

Test(conn_tls, the_common_name_and_partial_wildcards_do_not_count)
{
    scene_certify(&scene, "DNS:local*");
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, "not for localhost");
}

static HRESULT be_refused_by_address(void *arg)
{
    struct scene *here = arg;

    assert_hr(scene_open(here, "127.0.0.1", CONN_TLS_FIRST), MAPI_E_LOGON_FAILED);
    expect_words(here->error, "not for 127.0.0.1");
    return S_OK;
}

Test(conn_tls, an_address_counts_only_as_an_address)
{
    scene_certify(&scene, "IP:127.0.0.2,DNS:127.0.0.1");
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused_by_address);
}

static void certify_dated(long from, long to)
{
    scene_certify(&scene, "DNS:localhost");
    identity_free(scene.identity);
    scene.identity = identity_create(&(struct identity_options){.common_name = "server",
                                                                .names = "DNS:localhost",
                                                                .issuer = scene.authority,
                                                                .from = from,
                                                                .to = to});
}

Test(conn_tls, an_expired_certificate_is_refused_with_its_date)
{
    const ASN1_TIME *end;
    char date[32];
    struct tm tm;

    certify_dated(-20 * 86400, -10 * 86400);
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    end = X509_get0_notAfter(scene.identity->certificate);
    ASN1_TIME_to_tm(end, &tm);
    strftime(date, sizeof(date), "expired on %Y-%m-%d", &tm);
    expect_words(scene.error, date);
    cr_expect_eq(scene.error.low_level, SSL_AD_CERTIFICATE_EXPIRED);
}

Test(conn_tls, a_certificate_of_the_future_is_refused)
{
    certify_dated(86400, 2 * 86400);
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, "not valid before");
}

Test(conn_tls, an_authority_that_is_not_trusted_is_named)
{
    struct identity *other =
        identity_create(&(struct identity_options){.common_name = "Other CA", .authority = true});

    scene_certify(&scene, "DNS:localhost");
    identity_write(other, scene.ca_file);
    identity_free(other);
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, "signed by \"Test CA\", which is not trusted");
    cr_expect_eq(scene.error.low_level, SSL_AD_UNKNOWN_CA);
}

Test(conn_tls, without_a_ca_file_the_systems_authorities_count)
{
    scene_certify(&scene, "DNS:localhost");
    unlink(scene.ca_file);
    free(scene.ca_file);
    scene.ca_file = NULL;
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, "not trusted");
}

Test(conn_tls, a_self_signed_certificate_is_refused)
{
    struct identity *other =
        identity_create(&(struct identity_options){.common_name = "Other CA", .authority = true});

    scene.identity = identity_create(
        &(struct identity_options){.common_name = "server", .names = "DNS:localhost"});
    scene.ca_file = identity_file(other);
    identity_free(other);
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, "self-signed");
}

Test(conn_tls, tls_1_1_is_refused)
{
    scene_certify(&scene, "DNS:localhost");
    scene.peer = peer_start(&(struct peer_options){.identity = scene.identity,
                                                   .max_version = TLS1_1_VERSION,
                                                   .tls_first = true,
                                                   .serve = serve_greeting});
    scene_run(&scene, be_refused);
    expect_words(scene.error, "no TLS 1.2 or newer");
}

Test(conn_tls, a_ca_file_that_cannot_be_read_is_named)
{
    scene_certify(&scene, "DNS:localhost");
    unlink(scene.ca_file);
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, scene.ca_file);
    expect_words(scene.error, "No such file");
}

Test(conn_tls, a_ca_file_without_certificates_is_refused)
{
    FILE *file;

    scene_certify(&scene, "DNS:localhost");
    file = fopen(scene.ca_file, "w");
    fputs("nothing\n", file);
    fclose(file);
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, be_refused);
    expect_words(scene.error, scene.ca_file);
}

static HRESULT reopen_after_change(void *arg)
{
    struct scene *here = arg;
    struct identity *other;

    conn_close(scene_connect(here, "localhost", CONN_TLS_FIRST));
    conn_close(scene_connect(here, "localhost", CONN_TLS_FIRST));

    other =
        identity_create(&(struct identity_options){.common_name = "Other, CA", .authority = true});
    identity_write(other, here->ca_file);
    identity_free(other);
    return be_refused(here);
}

Test(conn_tls, a_ca_file_that_changes_is_read_again)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, true, serve_greeting);
    scene_run(&scene, reopen_after_change);
}

static void serve_plain(struct peer_stream *stream, void *arg)
{
    peer_say(stream, "* OK this is not TLS\r\n");
    serve_silence(stream, arg);
}

static HRESULT find_no_tls(void *arg)
{
    struct scene *here = arg;

    assert_hr(scene_open(here, "localhost", CONN_TLS_FIRST), MAPI_E_NETWORK_ERROR);
    expect_words(here->error, "does not speak TLS");
    return S_OK;
}

Test(conn_tls, a_port_without_tls_is_told)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, false, serve_plain);
    scene_run(&scene, find_no_tls);
}

static HRESULT find_closed(void *arg)
{
    struct scene *here = arg;

    assert_hr(scene_open(here, "localhost", CONN_TLS_FIRST), MAPI_E_NETWORK_ERROR);
    expect_words(here->error, "closed by peer");
    return S_OK;
}

Test(conn_tls, a_server_that_closes_in_the_handshake_is_told)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, false, NULL);
    scene_run(&scene, find_closed);
}

static HRESULT time_out_in_handshake(void *arg)
{
    struct scene *here = arg;
    struct conn_options options = {.host = "localhost",
                                   .port = peer_port(here->peer),
                                   .tls = CONN_TLS_FIRST,
                                   .ca_file = here->ca_file,
                                   .deadline = engine_now() + 100};

    assert_hr(conn_open(&options, &here->error, &here->conn), MAPI_E_TIMEOUT);
    return S_OK;
}

Test(conn_tls, a_server_that_is_silent_in_the_handshake_meets_the_deadline)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, false, serve_silence);
    scene_run(&scene, time_out_in_handshake);
}

/* ---- STARTTLS ---- */

static void serve_starttls(struct peer_stream *stream, void *arg)
{
    char line[16];

    peer_say(stream, "* OK\r\n");
    peer_read_all(stream, line, 10);
    peer_say(stream, "a OK go on\r\n");
    if (peer_tls(stream))
        serve_echo(stream, arg);
}

static HRESULT start_tls(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", CONN_TLS_LATER);

    cr_expect_null(conn_tls_version(conn));
    expect_read(conn, "* OK\r\n");
    assert_hr(conn_write(conn, "a STARTTLS", 10), S_OK);
    expect_read(conn, "a OK go on\r\n");
    assert_hr(conn_start_tls(conn, &here->error), S_OK);
    cr_expect_str_eq(conn_tls_version(conn), "TLSv1.3");
    assert_hr(conn_write(conn, "secret", 6), S_OK);
    expect_read(conn, "secret");
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, starttls_goes_from_plain_to_encrypted)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, false, serve_starttls);
    scene_run(&scene, start_tls);
}

static void serve_injection(struct peer_stream *stream, void *arg)
{
    char line[16];

    peer_read_all(stream, line, 10);
    peer_say(stream, "a OK go on\r\n* OK injected\r\n");
    if (peer_tls(stream))
        serve_echo(stream, arg);
}

static HRESULT meet_injection(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", CONN_TLS_LATER);

    assert_hr(conn_write(conn, "a STARTTLS", 10), S_OK);
    expect_read(conn, "a OK go on\r\n");
    assert_hr(conn_start_tls(conn, &here->error), MAPI_E_NETWORK_ERROR);
    expect_words(here->error, "unencrypted bytes");
    assert_hr(conn_write(conn, "a LOGIN", 7), MAPI_E_NETWORK_ERROR); /* no way back to plain */
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, plaintext_behind_the_starttls_answer_is_refused)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, false, serve_injection);
    scene_run(&scene, meet_injection);
}

static HRESULT start_tls_elsewhere(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", CONN_TLS_LATER);

    assert_hr(conn_write(conn, "a STARTTLS", 10), S_OK);
    expect_read(conn, "* OK\r\na OK go on\r\n");
    assert_hr(conn_start_tls(conn, &here->error), MAPI_E_LOGON_FAILED);
    expect_words(here->error, "not for localhost");
    assert_hr(conn_write(conn, "a LOGIN", 7), MAPI_E_LOGON_FAILED);
    conn_close(conn);
    return S_OK;
}

Test(conn_tls, a_refused_starttls_leaves_no_plain_connection)
{
    scene_certify(&scene, "DNS:other.example.net");
    scene_serve(&scene, false, serve_starttls);
    scene_run(&scene, start_tls_elsewhere);
}
