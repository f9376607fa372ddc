/* conf/server_url.c - imaps://host:993, imap://host?tls=required, smtps://..., smtp://... */
#include "conf/server_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"

struct scheme {
    const char *name;
    enum server_protocol protocol;
    enum server_tls tls;
    uint16_t port;
};

static const struct scheme schemes[] = {
    {"imaps", SERVER_IMAP, SERVER_TLS_FIRST, 993},
    {"imap", SERVER_IMAP, SERVER_TLS_REQUIRED, 143},
    {"smtps", SERVER_SMTP, SERVER_TLS_FIRST, 465},
    {"smtp", SERVER_SMTP, SERVER_TLS_REQUIRED, 587},
};
#define SCHEMES (sizeof(schemes) / sizeof(*schemes))

static HRESULT refuse(const char **ret_problem, const char *words)
{
    if (ret_problem)
        *ret_problem = words;
    return MAPI_E_INVALID_PARAMETER;
}

static const struct scheme *find_scheme(const char *text, const char *colon)
{
    for (size_t i = 0; i < SCHEMES; i++) {
        if (strlen(schemes[i].name) == (size_t)(colon - text) &&
            strncasecmp(schemes[i].name, text, (size_t)(colon - text)) == 0)
            return &schemes[i];
    }
    return NULL;
}

/* A host name's letters (RFC 1123; the underscore lives in private names). Names in other scripts
 * come as xn--. */
static bool is_host_name(const char *host, size_t size)
{
    size_t label = 0;

    for (size_t i = 0; i < size; i++) {
        if (host[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (isalnum((unsigned char)host[i]) || host[i] == '_' ||
                   (host[i] == '-' && label > 0)) {
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return size > 0;
}

static bool is_ipv6(const char *host, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (size >= sizeof(text))
        return false;
    memcpy(text, host, size);
    text[size] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

static HRESULT parse_port(const char *text, size_t size, uint16_t *ret_port,
                          const char **ret_problem)
{
    unsigned port = 0;

    if (size == 0 || size > 5)
        return refuse(ret_problem, "the port must be a number from 1 to 65535");
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)text[i]))
            return refuse(ret_problem, "the port must be a number from 1 to 65535");
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port < 1 || port > UINT16_MAX)
        return refuse(ret_problem, "the port must be a number from 1 to 65535");
    *ret_port = (uint16_t)port;
    return S_OK;
}

/* host, host:port, [v6] or [v6]:port */
static HRESULT parse_authority(const char *text, size_t size, struct server_url *url,
                               const char **ret_problem)
{
    const char *host = text, *end = text + size, *behind;
    size_t length;

    if (memchr(text, '@', size))
        return refuse(ret_problem, "the user does not belong into the URL: it has a setting of "
                                   "its own");
    if (size && *text == '[') {
        behind = memchr(text, ']', size);
        host = text + 1;
        length = behind ? (size_t)(behind - host) : 0;
        if (!behind || !is_ipv6(host, length))
            return refuse(ret_problem, "no IPv6 address between the brackets");
        behind++;
    } else {
        behind = memchr(text, ':', size);
        if (!behind)
            behind = end;
        length = (size_t)(behind - host);
        if (length > SERVER_HOST_MAX || !is_host_name(host, length))
            return refuse(ret_problem, length ? "the host's name has a character or a length that "
                                                "no host's name has"
                                              : "the host is missing");
    }
    for (size_t i = 0; i < length; i++)
        url->host[i] = (char)tolower((unsigned char)host[i]);
    url->host[length] = '\0';
    if (behind == end)
        return S_OK;
    if (*behind != ':')
        return refuse(ret_problem, "only a port may follow the host");
    return parse_port(behind + 1, (size_t)(end - behind - 1), &url->port, ret_problem);
}

static HRESULT parse_query(const char *query, struct server_url *url, const char **ret_problem)
{
    if (strcmp(query, "tls=required") == 0)
        return S_OK;
    if (strcmp(query, "tls=none") != 0)
        return refuse(ret_problem, "only ?tls=required or ?tls=none may follow");
    if (url->tls == SERVER_TLS_FIRST)
        return refuse(ret_problem, "tls=none contradicts the scheme: imaps and smtps are TLS");
    url->tls = SERVER_TLS_NONE;
    return S_OK;
}

HRESULT server_url_parse(const char *text, enum server_protocol protocol,
                         struct server_url *ret_url, const char **ret_problem)
{
    const char *colon = text ? strstr(text, "://") : NULL;
    const struct scheme *scheme = colon ? find_scheme(text, colon) : NULL;
    struct server_url url = {0};
    const char *authority, *tail;
    size_t size;
    HRESULT hr;

    if (!scheme || scheme->protocol != protocol)
        return refuse(ret_problem, protocol == SERVER_IMAP
                                       ? "the URL must begin with imaps:// or imap://"
                                       : "the URL must begin with smtps:// or smtp://");
    url = (struct server_url){.protocol = protocol, .tls = scheme->tls, .port = scheme->port};

    authority = colon + 3;
    size = strcspn(authority, "/?#");
    hr = parse_authority(authority, size, &url, ret_problem);
    tail = authority + size;
    if (SUCCEEDED(hr) && *tail == '/')
        tail++;
    if (SUCCEEDED(hr) && *tail == '?')
        hr = parse_query(tail + 1, &url, ret_problem);
    else if (SUCCEEDED(hr) && *tail)
        hr = refuse(ret_problem, "only ?tls=required or ?tls=none may follow");
    if (SUCCEEDED(hr))
        *ret_url = url;
    return hr;
}

void server_url_format(const struct server_url *url, char buffer[SERVER_URL_MAX])
{
    bool v6 = strchr(url->host, ':') != NULL;
    const char *scheme = "";

    for (size_t i = 0; i < SCHEMES; i++) {
        if (schemes[i].protocol == url->protocol &&
            (schemes[i].tls == SERVER_TLS_FIRST) == (url->tls == SERVER_TLS_FIRST))
            scheme = schemes[i].name;
    }
    snprintf(buffer, SERVER_URL_MAX, "%s://%s%s%s:%u%s", scheme, v6 ? "[" : "", url->host,
             v6 ? "]" : "", (unsigned)url->port, url->tls == SERVER_TLS_NONE ? "?tls=none" : "");
}
