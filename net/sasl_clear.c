/* net/sasl_clear.c - the mechanisms that show the server the password or the token
 *
 * PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login), OAUTHBEARER (RFC 7628), XOAUTH2 (as its
 * providers document it). Each response is composed inside a secret. */
#include "net/sasl-private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"

/* A piece of a response; `bytes` NULL ends the list. */
struct piece {
    const char *bytes;
    size_t size;
};

static struct piece text_piece(const char *text)
{
    return (struct piece){text, strlen(text)};
}

static struct piece secret_piece(const struct secret *secret)
{
    return (struct piece){secret_bytes(secret), secret_size(secret)};
}

/* A literal may hold zero bytes. */
#define LITERAL(string) ((struct piece){("" string), sizeof(string) - 1})
#define END             ((struct piece){NULL, 0})

static HRESULT pieces_join(const struct piece *pieces, struct secret **ret_joined)
{
    struct secret *joined;
    size_t size = 0;
    char *out;
    HRESULT hr;

    for (const struct piece *piece = pieces; piece->bytes; piece++)
        size += piece->size;
    hr = secret_create_empty(size, &joined);
    if (FAILED(hr))
        return hr;

    out = secret_fill(joined);
    for (const struct piece *piece = pieces; piece->bytes; piece++) {
        memcpy(out, piece->bytes, piece->size);
        out += piece->size;
    }
    *ret_joined = joined;
    return S_OK;
}

static HRESULT refuse_challenge(struct sasl *sasl, struct error_info *error)
{
    return error_set(error, MAPI_E_LOGON_FAILED, sasl->component,
                     "the server sent a challenge that %s does not know", sasl->mechanism->name);
}

HRESULT sasl_plain_step(struct sasl *sasl, const char *challenge, size_t size,
                        struct error_info *error, struct secret **ret_response, bool *ret_done)
{
    /* Some servers send text behind the empty challenge: it means nothing. */
    if (sasl->steps > 0)
        return refuse_challenge(sasl, error);

    *ret_done = true;
    return pieces_join((struct piece[]){LITERAL("\0"), text_piece(sasl->user), LITERAL("\0"),
                                        secret_piece(sasl->password), END},
                       ret_response);
}

HRESULT sasl_login_step(struct sasl *sasl, const char *challenge, size_t size,
                        struct error_info *error, struct secret **ret_response, bool *ret_done)
{
    /* The prompts' words differ between servers; their order does not. */
    if (sasl->steps == 0)
        return pieces_join((struct piece[]){text_piece(sasl->user), END}, ret_response);
    if (sasl->steps > 1)
        return refuse_challenge(sasl, error);

    *ret_done = true;
    return pieces_join((struct piece[]){secret_piece(sasl->password), END}, ret_response);
}

/* A token is printable ASCII without spaces (RFC 6750, section 2.1); the control A that frames it
 * must not come from the user's name either. */
static HRESULT bearer_check(struct sasl *sasl, struct error_info *error)
{
    const char *token = secret_bytes(sasl->password);

    for (size_t i = 0; i < secret_size(sasl->password); i++) {
        if (!isgraph((unsigned char)token[i]))
            return error_set(error, MAPI_E_UNCONFIGURED, sasl->component,
                             "the access token holds a character that none can hold");
    }
    if (strchr(sasl->user, '\1') || strchr(sasl->host, '\1'))
        return error_set(error, MAPI_E_UNCONFIGURED, sasl->component,
                         "the user name holds a control character");
    return S_OK;
}

/* A server that refuses a token sends one more challenge, JSON with the reason, and wants one more
 * answer before it says no (RFC 7628, section 3.2.3). The reason goes to `error` although the step
 * succeeds: it is all that the person will ever hear. */
static HRESULT bearer_refused(struct sasl *sasl, const char *challenge, size_t size,
                              const struct piece *answer, struct error_info *error,
                              struct secret **ret_response, bool *ret_done)
{
    if (sasl->steps > 1)
        return refuse_challenge(sasl, error);

    error_set(error, MAPI_E_LOGON_FAILED, sasl->component, "the access token was refused: %.*s",
              size < 400 ? (int)size : 400, challenge);
    *ret_done = true;
    return pieces_join(answer, ret_response);
}

HRESULT sasl_xoauth2_step(struct sasl *sasl, const char *challenge, size_t size,
                          struct error_info *error, struct secret **ret_response, bool *ret_done)
{
    HRESULT hr;

    if (sasl->steps > 0) /* the answer is an empty line */
        return bearer_refused(sasl, challenge, size, (struct piece[]){END}, error, ret_response,
                              ret_done);

    hr = bearer_check(sasl, error);
    if (FAILED(hr))
        return hr;
    *ret_done = true;
    return pieces_join((struct piece[]){LITERAL("user="), text_piece(sasl->user),
                                        LITERAL("\1auth=Bearer "), secret_piece(sasl->password),
                                        LITERAL("\1\1"), END},
                       ret_response);
}

/* Writes the GS2 header "n,a=USER," (RFC 5801, section 4): ',' and '=' of the name are escaped.
 * False if it does not fit. */
static bool gs2_header_format(const char *user, char *out, size_t size)
{
    static const char start[] = "n,a=";
    size_t at = sizeof(start) - 1;

    memcpy(out, start, at);
    for (; *user; user++) {
        if (at + 5 > size)
            return false;
        if (*user == ',' || *user == '=') {
            memcpy(out + at, *user == ',' ? "=2C" : "=3D", 3);
            at += 3;
        } else {
            out[at++] = *user;
        }
    }
    out[at++] = ',';
    out[at] = '\0';
    return true;
}

HRESULT sasl_oauthbearer_step(struct sasl *sasl, const char *challenge, size_t size,
                              struct error_info *error, struct secret **ret_response,
                              bool *ret_done)
{
    char header[1024], port[8];
    HRESULT hr;

    if (sasl->steps > 0)
        return bearer_refused(sasl, challenge, size, (struct piece[]){LITERAL("\1"), END}, error,
                              ret_response, ret_done);

    hr = bearer_check(sasl, error);
    if (FAILED(hr))
        return hr;
    if (!gs2_header_format(sasl->user, header, sizeof(header)))
        return error_set(error, MAPI_E_UNCONFIGURED, sasl->component, "the user name is too long");
    snprintf(port, sizeof(port), "%u", sasl->port);

    *ret_done = true;
    return pieces_join((struct piece[]){text_piece(header), LITERAL("\1host="),
                                        text_piece(sasl->host), LITERAL("\1port="),
                                        text_piece(port), LITERAL("\1auth=Bearer "),
                                        secret_piece(sasl->password), LITERAL("\1\1"), END},
                       ret_response);
}
