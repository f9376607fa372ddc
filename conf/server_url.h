/* conf/server_url.h - imaps://host:993, imap://host?tls=required, smtps://..., smtp://...
 *
 * The server URLs of service properties, configuration and command line (docs/architecture.md):
 * imaps and smtps speak TLS from the first byte, imap and smtp by STARTTLS, which is required
 * unless the URL says tls=none. Memory only, any thread. */
#ifndef MG_CONF_SERVER_URL_H
#define MG_CONF_SERVER_URL_H

#include <stdint.h>

#include "mapi/mapidefs.h"

#define SERVER_HOST_MAX 255
#define SERVER_URL_MAX  320

enum server_protocol {
    SERVER_IMAP,
    SERVER_SMTP,
};

enum server_tls {
    SERVER_TLS_FIRST,    /* from the first byte */
    SERVER_TLS_REQUIRED, /* STARTTLS, refused without */
    SERVER_TLS_NONE,     /* plain, because the URL says so */
};

struct server_url {
    enum server_protocol protocol;
    enum server_tls tls;
    uint16_t port;
    char host[SERVER_HOST_MAX + 1]; /* lower case; a literal IPv6 address without brackets */
};

/* Parses `text` as a URL of `protocol`. Fails with MAPI_E_INVALID_PARAMETER; *ret_problem (may be
 * NULL) is then a static sentence for a person ("the scheme must be imaps or imap"). */
HRESULT server_url_parse(const char *text, enum server_protocol protocol,
                         struct server_url *ret_url, const char **ret_problem);

/* Writes the canonical URL, which always names the port. */
void server_url_format(const struct server_url *url, char buffer[SERVER_URL_MAX]);

#endif
