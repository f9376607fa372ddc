/* net/sasl-private.h - what sasl.c and the mechanisms share
 *
 * A mechanism is a row of the table in sasl.c, in the order of preference. */
#ifndef MG_SASL_PRIVATE_H
#define MG_SASL_PRIVATE_H

#include "net/sasl.h"

struct scram;

struct sasl_mechanism {
    const char *name;
    bool clear_text;   /* the server, or a listener, sees what it needs to log in as the user */
    bool automatic;    /* "auto" may choose it: it takes a password, not a token */
    bool client_first; /* RFC 4422, section 3: there is an initial response */
    WAITS HRESULT (*step)(struct sasl *sasl, const char *challenge, size_t size,
                          struct error_info *error, struct secret **ret_response, bool *ret_done);
};

struct sasl {
    const struct sasl_mechanism *mechanism;
    unsigned steps; /* taken so far */
    bool done;
    char *service, *host, *user;
    char component[64]; /* "host:port", for errors */
    uint16_t port;
    struct secret *password; /* our reference */
    struct scram *scram;     /* made by the first SCRAM step */
};

/* sasl_clear.c */
WAITS HRESULT sasl_plain_step(struct sasl *sasl, const char *challenge, size_t size,
                              struct error_info *error, struct secret **ret_response,
                              bool *ret_done);
WAITS HRESULT sasl_login_step(struct sasl *sasl, const char *challenge, size_t size,
                              struct error_info *error, struct secret **ret_response,
                              bool *ret_done);
WAITS HRESULT sasl_xoauth2_step(struct sasl *sasl, const char *challenge, size_t size,
                                struct error_info *error, struct secret **ret_response,
                                bool *ret_done);
WAITS HRESULT sasl_oauthbearer_step(struct sasl *sasl, const char *challenge, size_t size,
                                    struct error_info *error, struct secret **ret_response,
                                    bool *ret_done);

/* sasl_scram.c; the mechanism's name chooses the hash */
WAITS HRESULT sasl_scram_step(struct sasl *sasl, const char *challenge, size_t size,
                              struct error_info *error, struct secret **ret_response,
                              bool *ret_done);
void scram_free(struct scram *scram); /* NULL is accepted */

#endif
