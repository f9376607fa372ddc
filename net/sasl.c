/* net/sasl.c - which SASL mechanism, and its steps
 *
 * Chooses among the rows of `mechanisms`, best first. The mechanisms are in sasl_clear.c and
 * sasl_scram.c. */
#include "net/sasl-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"

static const struct sasl_mechanism mechanisms[] = {
    {"SCRAM-SHA-256", .automatic = true, .client_first = true, .step = sasl_scram_step},
    {"SCRAM-SHA-1", .automatic = true, .client_first = true, .step = sasl_scram_step},
    {"PLAIN", .clear_text = true, .automatic = true, .client_first = true, .step = sasl_plain_step},
    {"LOGIN", .clear_text = true, .automatic = true, .step = sasl_login_step},
    {"OAUTHBEARER", .clear_text = true, .client_first = true, .step = sasl_oauthbearer_step},
    {"XOAUTH2", .clear_text = true, .client_first = true, .step = sasl_xoauth2_step},
};

static bool list_contains(const char *list, const char *name)
{
    size_t length = strlen(name);

    while (*list) {
        size_t word = strcspn(list, " ");

        if (word == length && strncasecmp(list, name, length) == 0)
            return true;
        list += word + strspn(list + word, " ");
    }
    return false;
}

/* *ret_unsafe: there is a common mechanism, but it may not be used without TLS. */
static const struct sasl_mechanism *mechanism_choose(const char *offered, const char *wanted,
                                                     bool tls, bool *ret_unsafe)
{
    bool automatic = strcasecmp(wanted, "auto") == 0;

    *ret_unsafe = false;
    for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
        const struct sasl_mechanism *mechanism = &mechanisms[i];

        if (automatic ? !mechanism->automatic : strcasecmp(wanted, mechanism->name) != 0)
            continue;
        if (!list_contains(offered, mechanism->name))
            continue;
        if (!mechanism->clear_text || tls)
            return mechanism;
        *ret_unsafe = true;
    }
    return NULL;
}

/* "host:port", the host cut so that the port can always be seen. */
static void component_format(char component[64], const struct sasl_identity *identity)
{
    snprintf(component, 64, "%.57s:%u", identity->host, identity->port);
}

static HRESULT identity_check(const struct sasl_identity *identity, const char *component,
                              struct error_info *error)
{
    if (!identity->user || !*identity->user)
        return error_set(error, MAPI_E_UNCONFIGURED, component, "no user name is configured");
    if (!identity->password || secret_size(identity->password) == 0)
        return error_set(error, MAPI_E_UNCONFIGURED, component, "no password is configured");
    if (memchr(secret_bytes(identity->password), '\0', secret_size(identity->password)))
        return error_set(error, MAPI_E_UNCONFIGURED, component,
                         "the password holds a zero byte, which no server can take");
    return S_OK;
}

HRESULT sasl_create(const char *offered, const char *wanted, bool tls,
                    const struct sasl_identity *identity, struct error_info *error,
                    struct sasl **ret_sasl)
{
    const struct sasl_mechanism *mechanism;
    char component[64];
    bool unsafe;
    struct sasl *sasl;
    HRESULT hr;

    component_format(component, identity);
    mechanism = mechanism_choose(offered, wanted, tls, &unsafe);
    if (!mechanism)
        return error_set(error, MAPI_E_NO_SUPPORT, component,
                         unsafe ? "the connection is not encrypted, and of the server's login "
                                  "mechanisms (%s) the setting \"%s\" leaves only those that would "
                                  "show the password"
                                : "the server's login mechanisms are \"%s\", none of which the "
                                  "setting \"%s\" allows",
                         offered, wanted);

    hr = identity_check(identity, component, error);
    if (FAILED(hr))
        return hr;

    sasl = calloc(1, sizeof(*sasl));
    if (!sasl)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    sasl->mechanism = mechanism;
    sasl->port = identity->port;
    sasl->service = strdup(identity->service);
    sasl->host = strdup(identity->host);
    sasl->user = strdup(identity->user);
    sasl->password = secret_ref((struct secret *)identity->password);
    memcpy(sasl->component, component, sizeof(component));
    if (!sasl->service || !sasl->host || !sasl->user) {
        sasl_free(sasl);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }

    *ret_sasl = sasl;
    return S_OK;
}

void sasl_free(struct sasl *sasl)
{
    if (!sasl)
        return;
    scram_free(sasl->scram);
    secret_unref(sasl->password);
    free(sasl->service);
    free(sasl->host);
    free(sasl->user);
    free(sasl);
}

const char *sasl_mechanism(const struct sasl *sasl)
{
    return sasl->mechanism->name;
}

bool sasl_client_first(const struct sasl *sasl)
{
    return sasl->mechanism->client_first;
}

HRESULT sasl_step(struct sasl *sasl, const void *challenge, size_t size, struct error_info *error,
                  struct secret **ret_response, bool *ret_done)
{
    bool done = false;
    HRESULT hr =
        sasl->mechanism->step(sasl, challenge ? challenge : "", size, error, ret_response, &done);

    if (FAILED(hr))
        return hr;
    sasl->steps++;
    sasl->done = done;
    *ret_done = done;
    return S_OK;
}
