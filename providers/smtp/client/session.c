/* providers/smtp/client/session.c - one socket: greeting, EHLO, STARTTLS
 *
 * RFC 5321 (3.1, 3.2), RFC 3207. A server that offers no STARTTLS where the URL wants TLS, or that
 * sends more behind its answer to STARTTLS, is left before anything is said in the clear. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "providers/smtp/client/private.h"

#define QUIT_TIMEOUT 3000u /* ms to wait for the answer */

/* --- Capabilities ----------------------------------------------------------------------------- */

static const struct {
    const char *word;
    uint32_t bit;
} capability_words[] = {
    {"STARTTLS", SMTP_CAP_STARTTLS}, {"AUTH", SMTP_CAP_AUTH},
    {"SIZE", SMTP_CAP_SIZE},         {"8BITMIME", SMTP_CAP_8BITMIME},
    {"SMTPUTF8", SMTP_CAP_SMTPUTF8}, {"PIPELINING", SMTP_CAP_PIPELINING},
    {"DSN", SMTP_CAP_DSN},           {"ENHANCEDSTATUSCODES", SMTP_CAP_ENHANCEDSTATUSCODES},
};

/* Lists that do not fit are left out: no mechanism has half a name. */
static void add_mechanisms(struct smtp_session *session, const char *words)
{
    size_t used = strlen(session->mechanisms);

    if (used + strlen(words) + 2 > sizeof(session->mechanisms))
        return;
    for (; *words; words++)
        session->mechanisms[used++] = (char)toupper((unsigned char)*words);
    session->mechanisms[used++] = ' ';
    session->mechanisms[used] = '\0';
}

/* One line of EHLO's reply: a keyword and its parameters; some servers write AUTH=LOGIN. */
static void learn_line(struct smtp_session *session, const char *line)
{
    size_t length = strcspn(line, " =");
    const char *parameters = line[length] ? line + length + 1 : "";

    for (size_t i = 0; i < sizeof(capability_words) / sizeof(*capability_words); i++) {
        if (strlen(capability_words[i].word) != length ||
            strncasecmp(line, capability_words[i].word, length) != 0)
            continue;
        session->capabilities |= capability_words[i].bit;
        if (capability_words[i].bit == SMTP_CAP_SIZE && isdigit((unsigned char)*parameters)) {
            errno = 0;
            session->size_limit = strtoull(parameters, NULL, 10);
            if (errno)
                session->size_limit = 0;
        }
        if (capability_words[i].bit == SMTP_CAP_AUTH)
            add_mechanisms(session, parameters);
    }
}

void smtp_session_learn(struct smtp_session *session)
{
    const char *line = strchr(session->wire.reply.text, '\n'); /* the first is the greeting */
    char one[REPLY_LINE_MAX];

    session->capabilities = 0;
    session->size_limit = 0;
    session->mechanisms[0] = '\0';
    while (line) {
        size_t length = strcspn(++line, "\n");

        if (length < sizeof(one)) {
            memcpy(one, line, length);
            one[length] = '\0';
            learn_line(session, one);
        }
        line = strchr(line, '\n');
    }
}

/* --- Opening ---------------------------------------------------------------------------------- */

HRESULT smtp_session_refused(struct smtp_session *session, struct error_info *error)
{
    unsigned code = session->wire.reply.code;
    HRESULT hr = MAPI_E_CALL_FAILED;

    if (code < 400) /* 3xx, or a success of another kind */
        return error_set(error, MAPI_E_NETWORK_ERROR, session->wire.server,
                         "the server broke the SMTP protocol: an answer of %u out of place", code);
    if (code == 530 || code == 534 || code == 535 || code == 538)
        hr = MAPI_E_LOGON_FAILED;
    else if (code >= 400 && code < 500)
        hr = MAPI_E_NETWORK_ERROR; /* it may be better later */
    return smtp_wire_refusal(&session->wire, hr, error);
}

static HRESULT stream_error(const struct smtp_session *session, HRESULT hr,
                            struct error_info *error)
{
    if (error)
        *error = session->wire.error;
    return hr;
}

static WAITS HRESULT say_hello(struct smtp_client *client, struct smtp_session *session,
                               struct error_info *error)
{
    char line[300];
    HRESULT hr;

    snprintf(line, sizeof(line), "EHLO %s", client->options.helo);
    hr = smtp_wire_command(&session->wire, line);
    if (SUCCEEDED(hr) && session->wire.reply.code >= 500) { /* a server from before 1995 */
        snprintf(line, sizeof(line), "HELO %s", client->options.helo);
        hr = smtp_wire_command(&session->wire, line);
    }
    if (FAILED(hr))
        return stream_error(session, hr, error);
    if (session->wire.reply.code != 250)
        return smtp_session_refused(session, error);
    smtp_session_learn(session);
    return S_OK;
}

static WAITS HRESULT start_tls(struct smtp_client *client, struct smtp_session *session,
                               struct error_info *error)
{
    struct smtp_wire *wire = &session->wire;
    HRESULT hr;

    if (!(session->capabilities & SMTP_CAP_STARTTLS))
        return error_set(error, MAPI_E_NO_SUPPORT, client->server,
                         "the server offers no STARTTLS, and the URL does not say tls=none");
    hr = smtp_wire_command(wire, "STARTTLS");
    if (FAILED(hr))
        return stream_error(session, hr, error);
    if (wire->reply.code != 220)
        return smtp_session_refused(session, error);
    if (wire->in_at != wire->in_end) {
        smtp_wire_break(wire, MAPI_E_NETWORK_ERROR,
                        "the server sent plain text behind its answer to STARTTLS");
        return stream_error(session, MAPI_E_NETWORK_ERROR, error);
    }
    hr = conn_start_tls(wire->conn, error);
    if (FAILED(hr)) {
        wire->broken = true;
        return hr;
    }
    /* What was said in the clear does not count any more (RFC 3207, 4.2). */
    return say_hello(client, session, error);
}

static WAITS HRESULT greet(struct smtp_client *client, struct smtp_session *session,
                           struct error_info *error)
{
    HRESULT hr = smtp_wire_read(&session->wire);

    if (FAILED(hr))
        return stream_error(session, hr, error);
    if (session->wire.reply.code != 220)
        return smtp_wire_refusal(&session->wire, MAPI_E_NETWORK_ERROR, error);
    hr = say_hello(client, session, error);
    if (SUCCEEDED(hr) && client->options.tls == CONN_TLS_LATER)
        hr = start_tls(client, session, error);
    return hr;
}

HRESULT smtp_session_open(struct smtp_client *client, bool login, uint64_t deadline,
                          struct error_info *error, struct smtp_session **ret_session,
                          bool *ret_reached)
{
    const struct smtp_client_options *options = &client->options;
    uint64_t limit = engine_now() + options->connect_timeout;
    struct conn_options where = {.host = options->host,
                                 .port = options->port,
                                 .tls = options->tls,
                                 .ca_file = options->ca_file,
                                 .deadline = deadline < limit ? deadline : limit};
    struct smtp_session *session = calloc(1, sizeof(*session));
    struct conn *conn = NULL;
    HRESULT hr;

    *ret_reached = false;
    if (!session)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = conn_open(&where, error, &conn);
    if (FAILED(hr)) {
        free(session);
        return hr;
    }
    *ret_reached = true;
    smtp_wire_init(&session->wire, conn, client->server);
    session->wire.timeout = options->command_timeout;
    session->wire.deadline = where.deadline;
    session->wire.trace = options->trace;
    session->wire.trace_arg = options->arg;

    client->opening = conn; /* whoever ends the client, or goes offline, aborts it */
    if (login)
        smtp_connection_phase(client, SMTP_LOGGING_IN);
    if (client->closing || client->state == SMTP_OFFLINE)
        hr = error_set(error, MAPI_E_NETWORK_ERROR, client->server, "working offline");
    else
        hr = greet(client, session, error);
    if (SUCCEEDED(hr) && login && options->user)
        hr = smtp_session_login(client, session, error);
    client->opening = NULL;
    if (FAILED(hr)) {
        smtp_session_free(session);
        return hr;
    }
    session->wire.deadline = NO_DEADLINE;
    *ret_session = session;
    return S_OK;
}

/* --- Closing ---------------------------------------------------------------------------------- */

void smtp_session_quit(struct smtp_session *session)
{
    struct smtp_wire *wire = &session->wire;

    wire->timeout = QUIT_TIMEOUT;
    if (!wire->broken)
        smtp_wire_command(wire, "QUIT");
}

void smtp_session_free(struct smtp_session *session)
{
    if (!session)
        return;
    smtp_wire_clear(&session->wire);
    free(session);
}
