/* doctor_net.c - the way to a server, step by step, with plain sockets
 *
 * Looks at the network as any program of this machine sees it, beside what MAPI does, so that what
 * is wrong below MAPI shows by itself. Blocking, each step with a time limit. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/doctor.h"

#define STEP_MS   10000
#define LINE_SIZE 1000
#define LINES_MAX 100

struct server {
    bool is_imap, implicit_tls, no_tls;
    char host[256], port[8];
    const char *ca_file;
    int fd;
    SSL_CTX *context;
    SSL *tls;
};

/* scheme://host[:port][?tls=...]; what is wrong with it the profile would have refused. */
static bool parse_url(const char *url, struct server *server)
{
    static const struct {
        const char *scheme, *port;
        bool imap, tls;
    } schemes[] = {{"imaps://", "993", true, true},
                   {"imap://", "143", true, false},
                   {"smtps://", "465", false, true},
                   {"smtp://", "587", false, false}};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i].scheme);
        const char *at = url + length;
        size_t host;

        if (strncmp(url, schemes[i].scheme, length) != 0)
            continue;
        server->is_imap = schemes[i].imap;
        server->implicit_tls = schemes[i].tls;
        server->no_tls = strstr(url, "tls=none") != NULL;
        if (*at == '[') { /* an IPv6 address */
            host = strcspn(++at, "]");
            snprintf(server->host, sizeof(server->host), "%.*s", (int)host, at);
            at += host + (at[host] == ']');
        } else {
            host = strcspn(at, ":/?");
            snprintf(server->host, sizeof(server->host), "%.*s", (int)host, at);
            at += host;
        }
        snprintf(server->port, sizeof(server->port), "%s", schemes[i].port);
        if (*at == ':')
            snprintf(server->port, sizeof(server->port), "%.*s", (int)strspn(at + 1, "0123456789"),
                     at + 1);
        return server->host[0] != '\0';
    }
    return false;
}

/* --- Name and connection ---------------------------------------------------------------------- */

static int try_address(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    struct timeval limit = {.tv_sec = STEP_MS / 1000};
    int error = 0;
    socklen_t size = sizeof(error);

    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        if (errno == EINPROGRESS)
            error = poll(&wait, 1, STEP_MS) == 1 ? 0 : ETIMEDOUT;
        else
            error = errno;
        if (!error)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error) {
        close(fd);
        errno = error;
        return -1;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    return fd;
}

static int connect_server(struct server *server)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    char text[64] = "", *words;
    int error = getaddrinfo(server->host, server->port, &hints, &list);

    if (error) {
        doctor_say(FINDING_BAD, "host name", gai_strerror(error),
                   "check the spelling in the URL, and this machine's name servers");
        return CODE_UNREACHABLE;
    }
    server->fd = -1;
    for (const struct addrinfo *at = list; at && server->fd < 0; at = at->ai_next) {
        getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST);
        server->fd = try_address(at);
    }
    error = errno;
    freeaddrinfo(list);
    doctor_say(FINDING_GOOD, "host name", server->host, NULL);
    words = server->fd >= 0 ? text_format("%s port %s", text, server->port)
                            : text_format("%s port %s: %s", text, server->port, strerror(error));
    doctor_say(server->fd >= 0 ? FINDING_GOOD : FINDING_BAD, "connection", words,
               "check the port in the URL, that the server runs, and firewalls between");
    free(words);
    return server->fd >= 0 ? CODE_DONE : CODE_UNREACHABLE;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static ssize_t read_byte(struct server *server, char *byte)
{
    return server->tls ? SSL_read(server->tls, byte, 1) : read(server->fd, byte, 1);
}

/* One line without its end; false when the server says no more. */
static bool read_line(struct server *server, char line[LINE_SIZE])
{
    size_t size = 0;
    char byte;

    while (read_byte(server, &byte) == 1) {
        if (byte == '\n') {
            line[size] = '\0';
            return true;
        }
        if (byte != '\r' && size < LINE_SIZE - 1)
            line[size++] = byte;
    }
    line[size] = '\0';
    return false;
}

static bool write_line(struct server *server, const char *line)
{
    int size = (int)strlen(line);

    return server->tls ? SSL_write(server->tls, line, size) == size
                       : send(server->fd, line, (size_t)size, MSG_NOSIGNAL) == size;
}

static bool is_last(const struct server *server, const char *line, const char *tag)
{
    if (server->is_imap)
        return strncmp(line, tag, strlen(tag)) == 0;
    return strlen(line) < 4 || line[3] != '-';
}

/* Sends a command and reads its answer; capabilities are kept in `features` (may be NULL). */
static bool ask(struct server *server, const char *command, char *features, size_t size,
                char last[LINE_SIZE])
{
    if (command[0] && !write_line(server, command))
        return false;
    for (int i = 0; i < LINES_MAX; i++) {
        const char *feature;

        if (!read_line(server, last))
            return false;
        if (server->is_imap)
            feature = strncmp(last, "* CAPABILITY ", 13) == 0 ? last + 13 : NULL;
        else
            feature = strncmp(last, "250", 3) == 0 && i > 0 && last[3] ? last + 4 : NULL;
        if (feature && features)
            snprintf(features + strlen(features), size - strlen(features), "%s%s",
                     features[0] ? ", " : "", feature);
        if (!command[0] || is_last(server, last, "a "))
            break;
    }
    return server->is_imap ? strncmp(last, "a OK", 4) == 0 || !command[0] : last[0] == '2';
}

static int greet(struct server *server)
{
    char line[LINE_SIZE];
    bool good;

    do
        good = read_line(server, line);
    while (good && !server->is_imap && strlen(line) > 3 && line[3] == '-');
    good = good && (server->is_imap ? strncmp(line, "* OK", 4) == 0 : strncmp(line, "220", 3) == 0);
    doctor_say(good ? FINDING_GOOD : FINDING_BAD, "greeting",
               line[0] ? line : "the server says nothing",
               "is this the right port? One port speaks TLS at once (imaps, smtps), another after "
               "a command (imap, smtp)");
    return good ? CODE_DONE : CODE_UNREACHABLE;
}

/* --- TLS -------------------------------------------------------------------------------------- */

static const char *tls_mend(long verify)
{
    switch (verify) {
    case X509_V_OK:
        return "is this the right port? imaps and smtps mean TLS from the first byte";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "use the name that stands in the certificate in the URL";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "check this machine's clock; if it is right, the server needs a new certificate";
    default:
        return "if you trust its authority, give the authority's certificate with --ca-file";
    }
}

static int start_tls(struct server *server)
{
    char *words;
    long verify;
    bool good;

    server->context = SSL_CTX_new(TLS_client_method());
    if (!server->context)
        return CODE_FAILED;
    SSL_CTX_set_min_proto_version(server->context, TLS1_2_VERSION);
    SSL_CTX_set_verify(server->context, SSL_VERIFY_PEER, NULL);
    if (server->ca_file)
        SSL_CTX_load_verify_file(server->context, server->ca_file);
    else
        SSL_CTX_set_default_verify_paths(server->context);
    server->tls = SSL_new(server->context);
    if (!server->tls || !SSL_set_fd(server->tls, server->fd))
        return CODE_FAILED;
    SSL_set_tlsext_host_name(server->tls, server->host);
    if (!X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(server->tls), server->host))
        SSL_set1_host(server->tls, server->host);
    good = SSL_connect(server->tls) == 1;
    verify = SSL_get_verify_result(server->tls);
    if (good)
        words = text_format("%s, certificate verified", SSL_get_version(server->tls));
    else if (verify != X509_V_OK)
        words = text_format("certificate refused: %s", X509_verify_cert_error_string(verify));
    else {
        unsigned long error = ERR_peek_last_error();
        const char *reason = error ? ERR_reason_error_string(error) : NULL;

        words = text_format("no TLS: %s", reason ? reason : "the server closed the connection");
    }
    ERR_clear_error();
    doctor_say(good ? FINDING_GOOD : FINDING_BAD, "TLS", words, tls_mend(verify));
    free(words);
    return good ? CODE_DONE : CODE_REFUSED;
}

static int talk(struct server *server)
{
    const char *hello = server->is_imap ? "a CAPABILITY\r\n" : "EHLO localhost\r\n";
    char line[LINE_SIZE], features[4000] = "";
    int code = server->implicit_tls ? start_tls(server) : CODE_DONE;

    if (!code)
        code = greet(server);
    if (!code && !server->implicit_tls && !server->no_tls) {
        bool good = server->is_imap || ask(server, hello, NULL, 0, line);

        good =
            good && ask(server, server->is_imap ? "a STARTTLS\r\n" : "STARTTLS\r\n", NULL, 0, line);
        if (!good)
            doctor_say(FINDING_BAD, "STARTTLS", line,
                       "the server offers no TLS on this port: use imaps:// or smtps://");
        code = good ? start_tls(server) : CODE_REFUSED;
    }
    if (!code) {
        bool good = ask(server, hello, features, sizeof(features), line);

        doctor_say(good ? FINDING_GOOD : FINDING_BAD, "capabilities", good ? features : line,
                   "the server does not speak what the URL says");
        code = good ? CODE_DONE : CODE_REFUSED;
    }
    if (!code)
        write_line(server, server->is_imap ? "a LOGOUT\r\n" : "QUIT\r\n");
    return code;
}

int doctor_server(const char *url, const char *ca_file)
{
    struct server server = {.ca_file = ca_file, .fd = -1};
    int code;

    puts(url);
    if (!parse_url(url, &server)) {
        doctor_say(FINDING_BAD, "URL", url, "write imaps://HOST or smtps://HOST");
        return CODE_REFUSED;
    }
    code = connect_server(&server);
    if (!code)
        code = talk(&server);
    SSL_free(server.tls);
    SSL_CTX_free(server.context);
    if (server.fd >= 0)
        close(server.fd);
    return code;
}
