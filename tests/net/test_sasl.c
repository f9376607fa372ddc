/* tests/net/test_sasl.c - SASL mechanisms against the RFCs' own examples, and a SCRAM server
 *
 * libgsasl chooses its own nonces, so the RFCs' SCRAM exchanges cannot be replayed through it. They
 * prove the little server below instead, and the server then judges the client. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "net/sasl.h"

#define TOKEN "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="

static struct secret *password;
static struct error_info error;

static void setup(void)
{
    cr_assert_eq(secret_create("tanstaaftanstaaf", 16, &password), S_OK);
}

static void teardown(void)
{
    secret_unref(password);
}

TestSuite(sasl, .init = setup, .fini = teardown);

static void use_password(const char *text)
{
    secret_unref(password);
    password = NULL;
    cr_assert_eq(secret_create(text, strlen(text), &password), S_OK);
}

static HRESULT create(const char *offered, const char *wanted, bool tls, const char *user,
                      struct sasl **ret)
{
    struct sasl_identity identity = {.service = "imap",
                                     .host = "server.example.com",
                                     .port = 143,
                                     .user = user,
                                     .password = password};

    return sasl_create(offered, wanted, tls, &identity, &error, ret);
}

static struct sasl *make(const char *mechanism, const char *user)
{
    struct sasl *sasl = NULL;

    cr_assert_eq(create(mechanism, mechanism, true, user, &sasl), S_OK, "%s", error.text);
    return sasl;
}

static void expect_step(struct sasl *sasl, const char *challenge, const char *expected,
                        size_t expected_size, bool expected_done)
{
    struct secret *response = NULL;
    bool done = !expected_done;

    cr_assert_eq(sasl_step(sasl, challenge, strlen(challenge), &error, &response, &done), S_OK,
                 "%s", error.text);
    cr_expect_eq(secret_size(response), expected_size);
    cr_expect(memcmp(secret_bytes(response), expected, expected_size) == 0);
    cr_expect_eq(done, expected_done);
    secret_unref(response);
}

static void expect_refusal(struct sasl *sasl, const char *challenge)
{
    struct secret *response = NULL;
    bool done;

    cr_expect_eq(sasl_step(sasl, challenge, strlen(challenge), &error, &response, &done),
                 MAPI_E_LOGON_FAILED);
    cr_expect_null(response);
}

/* ---- Choosing ---- */

static void expect_choice(const char *offered, const char *wanted, bool tls, const char *expected)
{
    struct sasl *sasl = NULL;
    HRESULT hr = create(offered, wanted, tls, "tim", &sasl);

    if (!expected) {
        cr_expect_eq(hr, MAPI_E_NO_SUPPORT, "%s of %s: %x", wanted, offered, (unsigned)hr);
        cr_expect_null(sasl);
        return;
    }
    cr_assert_eq(hr, S_OK, "%s of %s: %s", wanted, offered, error.text);
    cr_expect_str_eq(sasl_mechanism(sasl), expected);
    sasl_free(sasl);
}

Test(sasl, auto_takes_the_strongest_that_is_offered)
{
    expect_choice("LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-256", "auto", true, "SCRAM-SHA-256");
    expect_choice("LOGIN PLAIN SCRAM-SHA-1", "auto", true, "SCRAM-SHA-1");
    expect_choice("LOGIN PLAIN XOAUTH2 OAUTHBEARER", "auto", true, "PLAIN");
    expect_choice("CRAM-MD5 LOGIN", "auto", true, "LOGIN");
}

Test(sasl, auto_never_takes_a_password_for_a_token)
{
    expect_choice("XOAUTH2 OAUTHBEARER", "auto", true, NULL);
}

Test(sasl, no_clear_text_without_tls)
{
    expect_choice("PLAIN SCRAM-SHA-256", "auto", false, "SCRAM-SHA-256");
    expect_choice("PLAIN LOGIN", "auto", false, NULL);
    cr_expect_not_null(strstr(error.text, "not encrypted"), "%s", error.text);
    expect_choice("OAUTHBEARER XOAUTH2", "XOAUTH2", false, NULL);
}

Test(sasl, takes_only_what_is_wanted_and_says_both_sides_if_it_cannot)
{
    expect_choice("LOGIN PLAIN SCRAM-SHA-256", "PLAIN", true, "PLAIN");
    expect_choice("LOGIN PLAIN", "login", true, "LOGIN");
    expect_choice("PLAIN-CLIENTTOKEN XPLAIN", "PLAIN", true, NULL);
    expect_choice("LOGIN GSSAPI", "SCRAM-SHA-1", true, NULL);
    cr_expect_not_null(strstr(error.text, "LOGIN GSSAPI"), "%s", error.text);
    cr_expect_not_null(strstr(error.text, "SCRAM-SHA-1"), "%s", error.text);
    cr_expect_str_eq(error.component, "server.example.com:143");
}

Test(sasl, without_user_or_password_it_is_unconfigured)
{
    struct sasl *sasl = NULL;

    cr_expect_eq(create("PLAIN", "auto", true, "", &sasl), MAPI_E_UNCONFIGURED);
    cr_expect_eq(create("PLAIN", "auto", true, NULL, &sasl), MAPI_E_UNCONFIGURED);
    use_password("");
    cr_expect_eq(create("PLAIN", "auto", true, "tim", &sasl), MAPI_E_UNCONFIGURED);
    cr_expect_null(sasl);
    sasl_free(NULL);
}

Test(sasl, a_zero_byte_in_the_password_is_refused)
{
    struct sasl *sasl = NULL;

    secret_unref(password);
    cr_assert_eq(secret_create("a\0b", 3, &password), S_OK);
    cr_expect_eq(create("PLAIN", "auto", true, "tim", &sasl), MAPI_E_UNCONFIGURED);
}

/* ---- The clear ones ---- */

Test(sasl, plain_is_the_example_of_rfc_4616)
{
    struct sasl *sasl = make("PLAIN", "tim");

    cr_expect(sasl_client_first(sasl));
    expect_step(sasl, "", "\0tim\0tanstaaftanstaaf", 21, true);
    expect_refusal(sasl, "more?");
    sasl_free(sasl);
}

Test(sasl, login_answers_two_prompts_and_no_third)
{
    struct sasl *sasl = make("LOGIN", "tim");

    cr_expect_not(sasl_client_first(sasl));
    expect_step(sasl, "Username:", "tim", 3, false);
    expect_step(sasl, "Password:", "tanstaaftanstaaf", 16, true);
    expect_refusal(sasl, "Favourite colour:");
    sasl_free(sasl);
}

Test(sasl, oauthbearer_is_the_example_of_rfc_7628)
{
    static const char expected[] = "n,a=user@example.com,\1host=server.example.com\1port=143\1"
                                   "auth=Bearer " TOKEN "\1\1";
    struct sasl *sasl;

    use_password(TOKEN);
    sasl = make("OAUTHBEARER", "user@example.com");
    expect_step(sasl, "", expected, sizeof(expected) - 1, true);
    sasl_free(sasl);
}

Test(sasl, oauthbearer_answers_the_error_challenge_and_keeps_its_words) /* RFC 7628, 3.2.3 */
{
    struct sasl *sasl;
    struct secret *response = NULL;
    bool done;

    use_password(TOKEN);
    sasl = make("OAUTHBEARER", "user@example.com");
    cr_assert_eq(sasl_step(sasl, "", 0, &error, &response, &done), S_OK);
    secret_unref(response);

    expect_step(sasl, "{\"status\":\"invalid_token\"}", "\1", 1, true);
    cr_expect_eq(error.hr, MAPI_E_LOGON_FAILED);
    cr_expect_not_null(strstr(error.text, "invalid_token"), "%s", error.text);
    expect_refusal(sasl, "{}");
    sasl_free(sasl);
}

Test(sasl, oauthbearer_escapes_the_name) /* RFC 5801, section 4 */
{
    static const char expected[] = "n,a=a=2Cb=3Dc,\1host=server.example.com\1port=143\1"
                                   "auth=Bearer t\1\1";
    struct sasl *sasl;

    use_password("t");
    sasl = make("OAUTHBEARER", "a,b=c");
    expect_step(sasl, "", expected, sizeof(expected) - 1, true);
    sasl_free(sasl);
}

Test(sasl, xoauth2_is_its_documented_example)
{
    static const char expected[] = "user=someuser@example.com\1auth=Bearer "
                                   "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1";
    struct sasl *sasl;

    use_password("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
    sasl = make("XOAUTH2", "someuser@example.com");
    expect_step(sasl, "", expected, sizeof(expected) - 1, true);
    expect_step(sasl, "{\"status\":\"401\"}", "", 0, true);
    cr_expect_not_null(strstr(error.text, "401"), "%s", error.text);
    sasl_free(sasl);
}

Test(sasl, a_token_that_would_break_the_frame_is_refused)
{
    struct secret *response = NULL;
    struct sasl *sasl;
    bool done;

    use_password("token\1\1auth=Bearer other");
    sasl = make("XOAUTH2", "tim");
    cr_expect_eq(sasl_step(sasl, "", 0, &error, &response, &done), MAPI_E_UNCONFIGURED);
    cr_expect_null(response);
    sasl_free(sasl);
}

/* ---- A SCRAM server ---- */

struct scram_server {
    const EVP_MD *hash;
    const char *password;
    const char *salt; /* base64 */
    int iterations;
    char client_first[512]; /* without the GS2 header */
    char server_first[512];
    char proof[64], signature[64]; /* what they must be, base64 */
};

static int base64_decode(const char *text, unsigned char *out)
{
    int size = EVP_DecodeBlock(out, (const unsigned char *)text, (int)strlen(text));

    for (const char *end = text + strlen(text); end > text && end[-1] == '='; end--)
        size--;
    return size;
}

static void hmac(const EVP_MD *hash, const unsigned char *key, const char *text, unsigned char *out)
{
    HMAC(hash, key, EVP_MD_get_size(hash), (const unsigned char *)text, strlen(text), out, NULL);
}

/* Computes proof and signature from the messages (RFC 5802, section 3). */
static void server_compute(struct scram_server *server, const char *client_final_without_proof)
{
    unsigned char salt[256], salted[64], client_key[64], stored_key[64], server_key[64], out[64];
    char message[2048];
    int size = EVP_MD_get_size(server->hash);

    PKCS5_PBKDF2_HMAC(server->password, (int)strlen(server->password), salt,
                      base64_decode(server->salt, salt), server->iterations, server->hash, size,
                      salted);
    snprintf(message, sizeof(message), "%s,%s,%s", server->client_first, server->server_first,
             client_final_without_proof);
    hmac(server->hash, salted, "Client Key", client_key);
    hmac(server->hash, salted, "Server Key", server_key);
    EVP_Digest(client_key, (size_t)size, stored_key, NULL, server->hash, NULL);
    hmac(server->hash, stored_key, message, out);
    for (int i = 0; i < size; i++)
        out[i] ^= client_key[i];
    EVP_EncodeBlock((unsigned char *)server->proof, out, size);
    hmac(server->hash, server_key, message, out);
    EVP_EncodeBlock((unsigned char *)server->signature, out, size);
}

Test(sasl, the_tests_own_scram_server_is_that_of_rfc_5802)
{
    struct scram_server server = {
        .hash = EVP_sha1(),
        .password = "pencil",
        .salt = "QSXCR+Q6sek8bf92",
        .iterations = 4096,
        .client_first = "n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        .server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    };

    server_compute(&server, "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j");
    cr_expect_str_eq(server.proof, "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    cr_expect_str_eq(server.signature, "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

Test(sasl, the_tests_own_scram_server_is_that_of_rfc_7677)
{
    struct scram_server server = {
        .hash = EVP_sha256(),
        .password = "pencil",
        .salt = "W22ZaJ0SNY7soEsUEjb6gQ==",
        .iterations = 4096,
        .client_first = "n=user,r=rOprNGfwEbeRWgbNEkqO",
        .server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    };

    server_compute(&server, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
    cr_expect_str_eq(server.proof, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    cr_expect_str_eq(server.signature, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

/* Hears the client's first message and composes the server's. */
static void server_first(struct scram_server *server, struct sasl *sasl)
{
    struct secret *response = NULL;
    const char *nonce;
    bool done = true;

    cr_assert_eq(sasl_step(sasl, "", 0, &error, &response, &done), S_OK, "%s", error.text);
    cr_assert_not(done);
    cr_assert(strncmp(secret_bytes(response), "n,,n=", 5) == 0, "%s", secret_bytes(response));
    snprintf(server->client_first, sizeof(server->client_first), "%s", secret_bytes(response) + 3);
    secret_unref(response);

    nonce = strstr(server->client_first, ",r=");
    cr_assert_not_null(nonce);
    snprintf(server->server_first, sizeof(server->server_first), "r=%.200sSERVER,s=%s,i=%d",
             nonce + 3, server->salt, server->iterations);
}

/* Hears the client's proof; true if it holds. */
static bool server_judge(struct scram_server *server, struct sasl *sasl)
{
    struct secret *response = NULL;
    char final[1024], *proof;
    bool done = true;

    cr_assert_eq(sasl_step(sasl, server->server_first, strlen(server->server_first), &error,
                           &response, &done),
                 S_OK, "%s", error.text);
    cr_expect_not(done, "the server has not proved itself yet");
    snprintf(final, sizeof(final), "%s", secret_bytes(response));
    secret_unref(response);

    proof = strstr(final, ",p=");
    cr_assert_not_null(proof);
    *proof = '\0';
    server_compute(server, final);
    return strcmp(proof + 3, server->proof) == 0;
}

static void expect_scram_works(const char *mechanism, struct scram_server *server)
{
    struct sasl *sasl = make(mechanism, "user");
    char final[128];

    cr_expect(sasl_client_first(sasl));
    server_first(server, sasl);
    cr_expect(server_judge(server, sasl), "%s: wrong proof", mechanism);
    snprintf(final, sizeof(final), "v=%s", server->signature);
    expect_step(sasl, final, "", 0, true);
    expect_refusal(sasl, "more?");
    sasl_free(sasl);
}

static struct scram_server sha1_server(void)
{
    return (struct scram_server){
        .hash = EVP_sha1(), .password = "pencil", .salt = "QSXCR+Q6sek8bf92", .iterations = 4096};
}

static struct scram_server sha256_server(void)
{
    return (struct scram_server){.hash = EVP_sha256(),
                                 .password = "pencil",
                                 .salt = "W22ZaJ0SNY7soEsUEjb6gQ==",
                                 .iterations = 4096};
}

Test(sasl, scram_proves_the_password_and_checks_the_server)
{
    struct scram_server sha1 = sha1_server(), sha256 = sha256_server();

    use_password("pencil");
    expect_scram_works("SCRAM-SHA-1", &sha1);
    expect_scram_works("SCRAM-SHA-256", &sha256);
}

Test(sasl, scram_prepares_a_password_that_is_not_ascii) /* RFC 4013, section 3: examples 1, 3 */
{
    struct scram_server server = sha256_server();

    use_password("I\xC2\xADX");
    server.password = "IX";
    expect_scram_works("SCRAM-SHA-256", &server);

    use_password("\xC2\xAA");
    server.password = "a";
    expect_scram_works("SCRAM-SHA-256", &server);
}

Test(sasl, scram_refuses_a_server_that_does_not_know_the_password)
{
    struct scram_server server = sha256_server();
    struct sasl *sasl;
    char final[128];

    use_password("pencil");
    sasl = make("SCRAM-SHA-256", "user");
    server_first(&server, sasl);
    cr_expect(server_judge(&server, sasl));
    server.password = "guess";
    server_compute(&server, "c=biws");
    snprintf(final, sizeof(final), "v=%s", server.signature);
    expect_refusal(sasl, final);
    cr_expect_not_null(strstr(error.text, "could not prove"), "%s", error.text);
    sasl_free(sasl);
}

Test(sasl, scram_gives_the_servers_own_words)
{
    struct scram_server server = sha1_server();
    struct sasl *sasl;

    use_password("wrong");
    sasl = make("SCRAM-SHA-1", "user");
    server_first(&server, sasl);
    cr_expect_not(server_judge(&server, sasl));
    expect_refusal(sasl, "e=invalid-proof");
    cr_expect_not_null(strstr(error.text, "invalid-proof"), "%s", error.text);
    sasl_free(sasl);
}

static void expect_server_first_refused(struct scram_server *server, const char *words)
{
    struct sasl *sasl;

    use_password("pencil");
    sasl = make("SCRAM-SHA-256", "user");
    server_first(server, sasl);
    expect_refusal(sasl, server->server_first);
    cr_expect_not_null(strstr(error.text, words), "%s", error.text);
    sasl_free(sasl);
}

Test(sasl, scram_limits_what_a_server_may_ask_for)
{
    struct scram_server server = sha256_server();
    struct sasl *sasl;

    server.iterations = 4095;
    expect_server_first_refused(&server, "iterations");
    server.iterations = 1000001;
    expect_server_first_refused(&server, "iterations");
    server.iterations = 4096;
    server.salt = "not/base64!";
    expect_server_first_refused(&server, "");

    /* A nonce that does not begin with ours is an old exchange played again. */
    use_password("pencil");
    server = sha256_server();
    sasl = make("SCRAM-SHA-256", "user");
    server_first(&server, sasl);
    expect_refusal(sasl, "r=somebodyelses,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    sasl_free(sasl);
}

/* ---- Base64 ---- */

static void expect_base64(const char *text, const char *encoded)
{
    struct secret *plain = NULL, *there = NULL, *back = NULL;

    cr_assert_eq(secret_create(text, strlen(text), &plain), S_OK);
    cr_assert_eq(secret_base64(plain, &there), S_OK);
    cr_expect_str_eq(secret_bytes(there), encoded);
    cr_assert_eq(secret_from_base64(encoded, strlen(encoded), &back), S_OK);
    cr_expect_eq(secret_size(back), strlen(text));
    cr_expect_str_eq(secret_bytes(back), text);
    secret_unref(plain);
    secret_unref(there);
    secret_unref(back);
}

Test(sasl, base64_is_that_of_rfc_4648) /* section 10 */
{
    expect_base64("", "");
    expect_base64("f", "Zg==");
    expect_base64("fo", "Zm8=");
    expect_base64("foo", "Zm9v");
    expect_base64("foob", "Zm9vYg==");
    expect_base64("fooba", "Zm9vYmE=");
    expect_base64("foobar", "Zm9vYmFy");
}

Test(sasl, base64_that_is_none_is_refused)
{
    static const char *const bad[] = {
        "Zg", "Zg=", "Z===", "Zg==Zg==", "=Zg=", "Zm9v\n", "Zm 9", " Zm9v", "Zm9-", "===="};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct secret *decoded = NULL;

        cr_expect_eq(secret_from_base64(bad[i], strlen(bad[i]), &decoded), MAPI_E_CORRUPT_DATA,
                     "%s", bad[i]);
        cr_expect_null(decoded);
    }
    cr_expect_eq(secret_from_base64("Zm\0v", 4, &(struct secret *){NULL}), MAPI_E_CORRUPT_DATA);
}
