/* net/sasl_scram.c - SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677) through libgsasl
 *
 * libgsasl speaks the protocol; the salted password is computed here, so that the password never
 * enters libgsasl's ordinary heap, the iteration count (which the server chooses) has limits, and
 * the work is done on a worker thread. */
#include "net/sasl-private.h"

#include <gsasl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "net/openssl_init.h"

/* Fewer iterations than the RFCs ask for make the proof cheap to break for whoever listens or
 * plays the server; more than a million is half a second of somebody's CPU. */
#define ITERATIONS_MIN 4096
#define ITERATIONS_MAX 1000000

#define SALT_SIZE_MAX      1024
#define CHALLENGE_SIZE_MAX 4096

struct scram {
    Gsasl *context;
    Gsasl_session *session;
    struct sasl *sasl;        /* who owns us */
    HRESULT hr;               /* why the callback failed */
    struct error_info *error; /* of the step in progress */
};

static const EVP_MD *scram_hash(const struct sasl *sasl)
{
    return strcmp(sasl->mechanism->name, "SCRAM-SHA-256") == 0 ? EVP_sha256() : EVP_sha1();
}

/* Sets *ret_prepared to the password as SASLprep (RFC 4013) has it. ASCII stays as it is, which
 * spares nearly every password a copy in ordinary memory. */
static HRESULT password_prepare(const struct secret *password, struct secret **ret_prepared)
{
    const char *bytes = secret_bytes(password);
    char *prepared = NULL;
    bool ascii = true;
    HRESULT hr;

    for (size_t i = 0; i < secret_size(password); i++)
        ascii = ascii && bytes[i] >= ' ' && bytes[i] <= '~';
    if (ascii) {
        *ret_prepared = secret_ref((struct secret *)password);
        return S_OK;
    }

    if (gsasl_saslprep(bytes, GSASL_ALLOW_UNASSIGNED, &prepared, NULL) != GSASL_OK)
        return MAPI_E_BAD_CHARWIDTH;
    hr = secret_create(prepared, strlen(prepared), ret_prepared);
    secret_wipe(prepared, strlen(prepared));
    gsasl_free(prepared);
    return hr;
}

/* Hi(password, salt, iterations) of RFC 5802, in hex as libgsasl wants it. */
static HRESULT salted_password_compute(struct scram *scram, const struct secret *salt,
                                       int iterations)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char key[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    const EVP_MD *hash = scram_hash(scram->sasl);
    int size = EVP_MD_get_size(hash);
    struct secret *password;
    HRESULT hr = password_prepare(scram->sasl->password, &password);

    if (hr == MAPI_E_BAD_CHARWIDTH)
        return error_set(scram->error, MAPI_E_LOGON_FAILED, scram->sasl->component,
                         "the password holds characters that SCRAM does not allow");
    if (FAILED(hr))
        return hr;

    if (PKCS5_PBKDF2_HMAC(secret_bytes(password), (int)secret_size(password),
                          (const unsigned char *)secret_bytes(salt), (int)secret_size(salt),
                          iterations, hash, size, key) == 1) {
        for (int i = 0; i < size; i++) {
            hex[2 * i] = digits[key[i] >> 4];
            hex[2 * i + 1] = digits[key[i] & 15];
        }
        hex[2 * size] = '\0';
        if (gsasl_property_set(scram->session, GSASL_SCRAM_SALTED_PASSWORD, hex) != GSASL_OK)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    } else {
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }

    secret_wipe(key, sizeof(key));
    secret_wipe(hex, sizeof(hex));
    secret_unref(password);
    return hr;
}

/* Both values are the server's. */
static HRESULT salted_password_set(struct scram *scram)
{
    const char *iterations_text = gsasl_property_fast(scram->session, GSASL_SCRAM_ITER);
    const char *salt_text = gsasl_property_fast(scram->session, GSASL_SCRAM_SALT);
    unsigned long iterations = iterations_text ? strtoul(iterations_text, NULL, 10) : 0;
    struct secret *salt;
    HRESULT hr;

    if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX)
        return error_set(scram->error, MAPI_E_LOGON_FAILED, scram->sasl->component,
                         "the server asks for %lu iterations of %s; %d to %d are accepted",
                         iterations, scram->sasl->mechanism->name, ITERATIONS_MIN, ITERATIONS_MAX);

    hr = salt_text ? secret_from_base64(salt_text, strlen(salt_text), &salt) : MAPI_E_CORRUPT_DATA;
    if (hr == MAPI_E_CORRUPT_DATA || hr == MAPI_E_TOO_BIG)
        return error_set(scram->error, MAPI_E_LOGON_FAILED, scram->sasl->component,
                         "the server sent a salt that cannot be read");
    if (FAILED(hr))
        return hr;

    if (secret_size(salt) > SALT_SIZE_MAX)
        hr = error_set(scram->error, MAPI_E_LOGON_FAILED, scram->sasl->component,
                       "the server sent a salt of %zu bytes", secret_size(salt));
    else
        hr = salted_password_compute(scram, salt, (int)iterations);
    secret_unref(salt);
    return hr;
}

/* libgsasl asks for what it needs. */
static int scram_answer(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
    struct scram *scram = gsasl_session_hook_get(session);

    switch (property) {
    case GSASL_AUTHID:
        return gsasl_property_set(session, GSASL_AUTHID, scram->sasl->user);
    case GSASL_SCRAM_SALTED_PASSWORD:
        scram->hr = salted_password_set(scram);
        return FAILED(scram->hr) ? GSASL_NO_PASSWORD : GSASL_OK;
    default:
        return GSASL_NO_CALLBACK;
    }
}

static HRESULT scram_create(struct sasl *sasl, struct scram **ret_scram)
{
    struct scram *scram = calloc(1, sizeof(*scram));

    if (!scram)
        return MAPI_E_NOT_ENOUGH_MEMORY;

    openssl_init_once();
    scram->sasl = sasl;
    if (gsasl_init(&scram->context) != GSASL_OK ||
        gsasl_client_start(scram->context, sasl->mechanism->name, &scram->session) != GSASL_OK) {
        scram_free(scram);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    gsasl_callback_set(scram->context, scram_answer);
    gsasl_session_hook_set(scram->session, scram);

    *ret_scram = scram;
    return S_OK;
}

void scram_free(struct scram *scram)
{
    if (!scram)
        return;

    if (scram->session) {
        /* As good as the password; libgsasl would free it as it stands. */
        char *salted = (char *)gsasl_property_fast(scram->session, GSASL_SCRAM_SALTED_PASSWORD);

        if (salted)
            secret_wipe(salted, strlen(salted));
        gsasl_finish(scram->session);
    }
    if (scram->context)
        gsasl_done(scram->context);
    free(scram);
}

static HRESULT scram_refuse(struct scram *scram, const char *challenge, size_t size, int code)
{
    struct sasl *sasl = scram->sasl;
    struct error_info *error = scram->error;

    if (FAILED(scram->hr))
        return scram->hr;
    if (code == GSASL_MALLOC_ERROR)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (size > 2 && memcmp(challenge, "e=", 2) == 0) /* server-error of RFC 5802, section 7 */
        return error_set(error, MAPI_E_LOGON_FAILED, sasl->component, "the server said: %.*s",
                         size - 2 < 200 ? (int)(size - 2) : 200, challenge + 2);
    if (sasl->steps == 2)
        return error_set(error, MAPI_E_LOGON_FAILED, sasl->component,
                         "the server could not prove that it knows the password (%s)",
                         sasl->mechanism->name);
    return error_set(error, MAPI_E_LOGON_FAILED, sasl->component, "%s failed: %s",
                     sasl->mechanism->name, gsasl_strerror(code));
}

struct scram_turn {
    struct scram *scram;
    const char *challenge;
    size_t size;
    struct secret *response;
    bool done;
};

static HRESULT scram_turn_take(void *arg)
{
    struct scram_turn *turn = arg;
    struct scram *scram = turn->scram;
    char *output = NULL;
    size_t output_size = 0;
    int code;
    HRESULT hr;

    scram->hr = S_OK;
    code = gsasl_step(scram->session, turn->challenge, turn->size, &output, &output_size);
    if (code != GSASL_OK && code != GSASL_NEEDS_MORE)
        return scram_refuse(scram, turn->challenge, turn->size, code);

    hr = secret_create(output, output_size, &turn->response);
    if (output) {
        secret_wipe(output, output_size);
        gsasl_free(output);
    }
    turn->done = code == GSASL_OK;
    return hr;
}

HRESULT sasl_scram_step(struct sasl *sasl, const char *challenge, size_t size,
                        struct error_info *error, struct secret **ret_response, bool *ret_done)
{
    struct scram_turn turn = {.challenge = challenge, .size = size};
    HRESULT hr = S_OK;

    if (sasl->done || size > CHALLENGE_SIZE_MAX)
        return error_set(error, MAPI_E_LOGON_FAILED, sasl->component,
                         "the server sent a challenge that %s does not know",
                         sasl->mechanism->name);
    if (!sasl->scram)
        hr = scram_create(sasl, &sasl->scram);
    if (FAILED(hr))
        return hr;

    turn.scram = sasl->scram;
    sasl->scram->error = error;
    /* Only the second step computes for long. */
    hr = sasl->steps == 1 ? engine_work(scram_turn_take, &turn) : scram_turn_take(&turn);
    sasl->scram->error = NULL;
    if (FAILED(hr))
        return hr;

    *ret_response = turn.response;
    *ret_done = turn.done;
    return S_OK;
}
