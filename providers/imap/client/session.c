/* providers/imap/client/session.c - one logged-in socket
 *
 * Connection, wire and libetpan's session over one another. libetpan keeps the session's state and
 * tags and sends the commands; what servers answer comes typed from the wire (wire.h), so nothing
 * of libetpan's parsers touches a server's data. The read deadline slides: a command may take its
 * time-out, but the server may not be silent longer than silence_timeout. */
#include "providers/imap/client/client_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Between wire and connection: deadlines, last words -------------------------------------- */

static uint64_t read_deadline(const struct imap_session *session)
{
    uint64_t silence = engine_now() + session->client->options.silence_timeout;

    return session->deadline < silence ? session->deadline : silence;
}

static WAITS HRESULT stream_read(void *stream, void *buffer, size_t size, size_t *ret_size)
{
    struct imap_session *session = stream;
    HRESULT hr;

    if (session->broken)
        return session->error.hr;
    conn_set_deadline(session->conn, read_deadline(session));
    hr = conn_read(session->conn, buffer, size, ret_size);
    if (FAILED(hr)) {
        session->stream_hr = hr;
        return hr;
    }
    session->heard = true;
    session->client->heard_at = engine_now();
    return S_OK;
}

static WAITS HRESULT stream_write(void *stream, const void *bytes, size_t size)
{
    struct imap_session *session = stream;
    HRESULT hr;

    if (session->broken)
        return session->error.hr;
    conn_set_deadline(session->conn, read_deadline(session));
    hr = conn_write(session->conn, bytes, size);
    if (FAILED(hr))
        session->stream_hr = hr;
    return hr;
}

static const struct byte_stream_ops stream_ops = {.read = stream_read, .write = stream_write};

/* --- What every response tells --------------------------------------------------------------- */

static const struct {
    const char *word;
    uint32_t bit;
} capability_words[] = {
    {"SASL-IR", IMAP_CAP_SASL_IR},
    {"LITERAL+", IMAP_CAP_LITERAL_PLUS},
    {"LITERAL-", IMAP_CAP_LITERAL_MINUS},
    {"IDLE", IMAP_CAP_IDLE},
    {"NAMESPACE", IMAP_CAP_NAMESPACE},
    {"ID", IMAP_CAP_ID},
    {"ENABLE", IMAP_CAP_ENABLE},
    {"CONDSTORE", IMAP_CAP_CONDSTORE},
    {"QRESYNC", IMAP_CAP_QRESYNC | IMAP_CAP_CONDSTORE},
    {"UIDPLUS", IMAP_CAP_UIDPLUS},
    {"MOVE", IMAP_CAP_MOVE},
    {"SORT", IMAP_CAP_SORT},
    {"ESEARCH", IMAP_CAP_ESEARCH},
    {"SPECIAL-USE", IMAP_CAP_SPECIAL_USE},
    {"XLIST", IMAP_CAP_XLIST},
    {"LIST-EXTENDED", IMAP_CAP_LIST_EXTENDED},
    {"LIST-STATUS", IMAP_CAP_LIST_STATUS},
    {"CHILDREN", IMAP_CAP_CHILDREN},
    {"STATUS=SIZE", IMAP_CAP_STATUS_SIZE},
    {"OBJECTID", IMAP_CAP_OBJECTID},
    {"CREATE-SPECIAL-USE", IMAP_CAP_CREATE_SPECIAL_USE},
    {"UNSELECT", IMAP_CAP_UNSELECT},
    {"STARTTLS", IMAP_CAP_STARTTLS},
    {"LOGINDISABLED", IMAP_CAP_LOGINDISABLED},
    {"ACL", IMAP_CAP_ACL},
    {"QUOTA", IMAP_CAP_QUOTA},
};

static bool starts_with(struct wire_text word, const char *start)
{
    return word.size > strlen(start) && strncasecmp(word.data, start, strlen(start)) == 0;
}

static void learn_capabilities(struct imap_session *session, const struct wire_text_list *words)
{
    size_t used = 0;

    session->capabilities = 0;
    session->capabilities_known = true;
    session->mechanisms[0] = '\0';
    for (size_t i = 0; i < words->count; i++) {
        struct wire_text word = words->items[i];

        for (size_t k = 0; k < sizeof(capability_words) / sizeof(capability_words[0]); k++) {
            if (wire_text_is(word, capability_words[k].word))
                session->capabilities |= capability_words[k].bit;
        }
        if (starts_with(word, "RIGHTS="))
            session->capabilities |= IMAP_CAP_RIGHTS;
        if (starts_with(word, "AUTH=") && used + word.size < sizeof(session->mechanisms)) {
            for (uint32_t n = 5; n < word.size; n++) {
                char c = word.data[n];

                session->mechanisms[used++] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
            }
            session->mechanisms[used++] = ' ';
            session->mechanisms[used] = '\0';
        }
    }
}

static void learn_status(struct imap_session *session, const struct wire_status *status)
{
    struct imap_selected *selected = &session->selected;

    switch (status->code) {
    case WIRE_CODE_CAPABILITY:
        learn_capabilities(session, &status->words);
        break;
    case WIRE_CODE_UIDVALIDITY:
        selected->uidvalidity = (uint32_t)status->number;
        break;
    case WIRE_CODE_UIDNEXT:
        selected->uidnext = (uint32_t)status->number;
        break;
    case WIRE_CODE_HIGHESTMODSEQ:
        selected->highestmodseq = status->number;
        break;
    case WIRE_CODE_NOMODSEQ:
        selected->highestmodseq = 0;
        break;
    case WIRE_CODE_PERMANENTFLAGS:
        selected->permanent_flags = status->flags.bits & ~WIRE_FLAG_ANY;
        selected->permanent_keywords = status->flags.bits & WIRE_FLAG_ANY;
        break;
    case WIRE_CODE_READ_ONLY:
        selected->read_only = true;
        break;
    case WIRE_CODE_READ_WRITE:
        selected->read_only = false;
        break;
    default:
        break;
    }
}

static void on_response(void *arg, const struct wire_response *response)
{
    struct imap_session *session = arg;

    switch (response->kind) {
    case WIRE_CAPABILITY:
        learn_capabilities(session, &response->words);
        break;
    case WIRE_GREETING:
    case WIRE_TAGGED:
    case WIRE_STATUS:
    case WIRE_BYE:
        learn_status(session, &response->status);
        break;
    case WIRE_EXISTS:
        session->selected.exists = response->number;
        session->news++;
        break;
    case WIRE_EXPUNGE:
        if (session->selected.exists > 0)
            session->selected.exists--;
        session->news++;
        break;
    case WIRE_VANISHED:
        if (!response->vanished.earlier) {
            uint64_t gone = wire_ranges_size(&response->vanished.uids);

            session->selected.exists -=
                (uint32_t)(gone < session->selected.exists ? gone : session->selected.exists);
        }
        session->news += !response->vanished.earlier;
        break;
    case WIRE_FETCH:
        if (!session->fetching)
            session->news++;
        break;
    default:
        break;
    }
    if (response->kind == WIRE_GREETING && response->status.condition == WIRE_PREAUTH)
        session->preauth = true;
    if (session->observe)
        session->observe(session->observe_arg, response);
}

static void on_trace(void *arg, enum wire_direction direction, const char *line, size_t size)
{
    struct imap_session *session = arg;
    const struct imap_client_options *options = &session->client->options;

    /* A SCRAM challenge lets the password be guessed at leisure. */
    if (session->hush && direction == WIRE_RECEIVED && size > 0 && line[0] == '+') {
        line = "+ (not shown)";
        size = strlen(line);
    }
    options->trace(options->arg, direction == WIRE_SENT ? IMAP_TRACE_SENT : IMAP_TRACE_RECEIVED,
                   session->number, line, size);
}

/* --- Failures -------------------------------------------------------------------------------- */

void imap_session_break(struct imap_session *session, const struct error_info *why)
{
    if (!session->broken) {
        session->broken = true;
        if (session->ready)
            session->client->ready--;
        session->ready = false;
        if (why)
            session->error = *why;
        else
            session->error.hr = MAPI_E_USER_CANCEL;
    }
    if (session->conn)
        conn_abort(session->conn);
}

HRESULT imap_session_failed(struct imap_session *session, HRESULT hr, struct error_info *error)
{
    const struct error_info *wire = session->wire ? wire_error(session->wire) : NULL;
    const char *server = session->client->server;
    struct error_info why = {0};

    if (session->broken) { /* somebody broke it first, and knows why */
        if (error)
            *error = session->error;
        return session->error.hr;
    }
    if (session->stream_hr == MAPI_E_USER_CANCEL || hr == MAPI_E_USER_CANCEL) {
        hr = error_set(&why, MAPI_E_USER_CANCEL, server, "cancelled");
    } else if (session->stream_hr == MAPI_E_TIMEOUT || hr == MAPI_E_TIMEOUT) {
        hr = error_set(&why, MAPI_E_TIMEOUT, server, "the server did not answer in time");
    } else if (session->stream_hr != S_OK && conn_error(session->conn)->hr != S_OK &&
               wire_last_status(session->wire)->condition != WIRE_COND_BYE) {
        why = *conn_error(session->conn);
        hr = MAPI_E_NETWORK_ERROR;
    } else if (wire && wire->hr != S_OK) { /* the server's fault, or its good-bye */
        why = *wire;
        hr = wire->hr == MAPI_E_NOT_ENOUGH_MEMORY ? wire->hr : MAPI_E_NETWORK_ERROR;
    } else if (hr == MAPI_E_CORRUPT_DATA) {
        hr = error_set(&why, MAPI_E_NETWORK_ERROR, server,
                       "the server broke the IMAP protocol: it answered out of turn");
    } else {
        hr = error_set(&why, SUCCEEDED(hr) ? MAPI_E_NETWORK_ERROR : hr, server,
                       "the connection failed");
    }
    why.hr = hr;
    imap_session_break(session, &why);
    if (error)
        *error = why;
    return hr;
}

static const struct {
    enum wire_code code;
    HRESULT hr;
} code_results[] = {
    {WIRE_CODE_NONEXISTENT, MAPI_E_NOT_FOUND},
    {WIRE_CODE_TRYCREATE, MAPI_E_NOT_FOUND},
    {WIRE_CODE_EXPUNGEISSUED, MAPI_E_OBJECT_DELETED},
    {WIRE_CODE_ALREADYEXISTS, MAPI_E_COLLISION},
    {WIRE_CODE_NOPERM, MAPI_E_NO_ACCESS},
    {WIRE_CODE_AUTHORIZATIONFAILED, MAPI_E_LOGON_FAILED},
    {WIRE_CODE_AUTHENTICATIONFAILED, MAPI_E_LOGON_FAILED},
    {WIRE_CODE_EXPIRED, MAPI_E_LOGON_FAILED},
    {WIRE_CODE_PRIVACYREQUIRED, MAPI_E_LOGON_FAILED},
    {WIRE_CODE_INUSE, MAPI_E_BUSY},
    {WIRE_CODE_UNAVAILABLE, MAPI_E_NETWORK_ERROR},
    {WIRE_CODE_THROTTLED, MAPI_E_BUSY},
    {WIRE_CODE_OVERQUOTA, MAPI_E_STORE_FULL},
    {WIRE_CODE_LIMIT, MAPI_E_NOT_ENOUGH_RESOURCES},
    {WIRE_CODE_TOOBIG, MAPI_E_TOO_BIG},
    {WIRE_CODE_CANNOT, MAPI_E_INVALID_PARAMETER},
    {WIRE_CODE_HASCHILDREN, MAPI_E_HAS_FOLDERS},
    {WIRE_CODE_CORRUPTION, MAPI_E_CORRUPT_STORE},
};

HRESULT imap_session_refusal(const struct imap_session *session, const struct wire_status *status,
                             const char *what, struct error_info *error)
{
    HRESULT hr = MAPI_E_CALL_FAILED;
    int size = (int)(status->text.data ? status->text.size : 0);
    const char *text = size ? status->text.data : what;

    if (!size)
        size = (int)strlen(text);
    for (size_t i = 0; i < sizeof(code_results) / sizeof(code_results[0]); i++) {
        if (code_results[i].code == status->code)
            hr = code_results[i].hr;
    }
    if (status->code == WIRE_CODE_NONE)
        return error_set(error, hr, session->client->server, "%.*s", size, text);
    return error_set(error, hr, session->client->server, "%.*s: %.*s",
                     (int)strcspn(wire_code_name(status->code), " "), wire_code_name(status->code),
                     size, text);
}

/* --- Commands --------------------------------------------------------------------------------- */

void imap_session_begin(struct imap_session *session, const struct imap_session_command *command,
                        uint64_t deadline)
{
    session->observe = command->observe;
    session->observe_arg = command->arg;
    session->deadline = deadline;
    session->heard = false;
    session->fetching = command->fetching;
    wire_begin_command(session->wire, command->literal_max, command->command_max);
    wire_stream_bodies(session->wire, command->piece, command->arg);
}

void imap_session_end(struct imap_session *session)
{
    session->observe = NULL;
    session->observe_arg = NULL;
    session->fetching = false;
    session->deadline = session->open_deadline;
    if (session->wire)
        wire_stream_bodies(session->wire, NULL, NULL);
}

/* libetpan counts the tags; ours are taken from the same row. */
void imap_session_next_tag(struct imap_session *session, char tag[16])
{
    session->imap->imap_tag++;
    snprintf(tag, 16, "%d", session->imap->imap_tag);
}

HRESULT imap_session_write(struct imap_session *session, const void *bytes, size_t size,
                           bool secret)
{
    return wire_write(session->wire, bytes, size, secret);
}

HRESULT imap_session_write_text(struct imap_session *session, const char *tag,
                                const struct command_text *text, const char *end,
                                const struct wire_response **ret_response)
{
    const char *bytes;
    size_t size, offset = 0;
    bool waits = true, first = true;
    HRESULT hr = S_OK;

    /* One write a line: one TLS record, one packet, one line of trace. */
    while (SUCCEEDED(hr) && waits && command_text_piece(text, &offset, &bytes, &size, &waits)) {
        size_t space = strlen(tag) + size + strlen(end) + 2;
        char *line = malloc(space);

        if (!line)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        space = (size_t)snprintf(line, space, "%s%s", first ? tag : "", first ? " " : "");
        memcpy(line + space, bytes, size);
        space += size;
        if (!waits) {
            memcpy(line + space, end, strlen(end));
            space += strlen(end);
        }
        hr = imap_session_write(session, line, space, false);
        free(line);
        first = false;
        if (SUCCEEDED(hr) && waits)
            hr = imap_session_read(session, tag, ret_response);
        if (SUCCEEDED(hr) && waits && (*ret_response)->kind == WIRE_TAGGED)
            return S_OK;
    }
    return hr;
}

HRESULT imap_session_read(struct imap_session *session, const char *tag,
                          const struct wire_response **ret_response)
{
    return wire_finish(session->wire, tag, ret_response);
}

static HRESULT status_result(struct imap_session *session, const struct wire_status *status,
                             const char *what, struct error_info *error)
{
    return status->condition == WIRE_OK ? S_OK : imap_session_refusal(session, status, what, error);
}

/* By ourselves: piece by piece where literals wait for the server. */
static WAITS HRESULT command_by_text(struct imap_session *session,
                                     const struct imap_session_command *command,
                                     struct error_info *error)
{
    const struct wire_response *response = NULL;
    char tag[16];
    HRESULT hr;

    imap_session_next_tag(session, tag);
    hr = imap_session_write_text(session, tag, command->text, "\r\n", &response);
    if (SUCCEEDED(hr) && (!response || response->kind != WIRE_TAGGED))
        hr = imap_session_read(session, tag, &response);
    if (SUCCEEDED(hr) && response->kind != WIRE_TAGGED)
        hr = MAPI_E_CORRUPT_DATA; /* it asked for more than there is */
    if (FAILED(hr))
        return imap_session_failed(session, hr, error);
    return status_result(session, &response->status, command->what, error);
}

/* By libetpan's function for it. */
static WAITS HRESULT command_by_etpan(struct imap_session *session,
                                      const struct imap_session_command *command,
                                      struct error_info *error)
{
    int rc = command->etpan(session->imap, command->argument, command->second);

    if (rc == MAILIMAP_NO_ERROR)
        return S_OK;
    if (wire_error(session->wire)->hr != S_OK || session->stream_hr != S_OK || session->broken ||
        rc == MAILIMAP_ERROR_STREAM || rc == MAILIMAP_ERROR_PARSE || rc == MAILIMAP_ERROR_BAD_STATE)
        return imap_session_failed(session, MAPI_E_NETWORK_ERROR, error);
    return imap_session_refusal(session, wire_last_status(session->wire), command->what, error);
}

HRESULT imap_session_command(struct imap_session *session,
                             const struct imap_session_command *command, uint64_t deadline,
                             struct error_info *error)
{
    HRESULT hr;

    if (command->text && FAILED(command->text->hr))
        return error_set(error, command->text->hr, session->client->server,
                         "%s cannot be sent: an argument is not valid", command->what);
    if (session->broken)
        return imap_session_failed(session, session->error.hr, error);
    imap_session_begin(session, command, deadline);
    hr = command->etpan ? command_by_etpan(session, command, error)
                        : command_by_text(session, command, error);
    imap_session_end(session);
    return hr;
}

static int etpan_noop(mailimap *imap, const char *argument, const char *second)
{
    (void)argument;
    (void)second;
    return mailimap_noop(imap);
}

const struct imap_session_command imap_session_noop = {
    .etpan = etpan_noop, .what = "NOOP", .repeatable = true};

/* --- Making, greeting, freeing --------------------------------------------------------------- */

HRESULT imap_session_create(struct imap_client *client, struct imap_session **ret_session)
{
    struct imap_session *session = calloc(1, sizeof(*session));

    if (!session)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    session->client = client;
    session->number = ++client->session_number;
    session->use = SESSION_LEASED;
    session->deadline = NO_DEADLINE;
    session->open_deadline = NO_DEADLINE;
    *ret_session = session;
    return S_OK;
}

void imap_session_free(struct imap_session *session)
{
    if (!session)
        return;
    if (session->imap) {
        /* Without a stream libetpan sends no LOGOUT: that would wait. */
        if (session->imap->imap_stream)
            mailstream_close(session->imap->imap_stream);
        session->imap->imap_stream = NULL;
        mailimap_free(session->imap);
    }
    wire_free(session->wire);
    conn_close(session->conn);
    free(session->mailbox);
    free(session);
}

/* Wire and libetpan over the connection, and the greeting. */
HRESULT imap_session_greet(struct imap_session *session, struct error_info *error)
{
    struct wire_handler handler = {.response = on_response,
                                   .trace = session->client->options.trace ? on_trace : NULL,
                                   .arg = session};
    mailstream *stream;
    HRESULT hr =
        wire_create(&stream_ops, session, session->client->server, &handler, &session->wire);
    int rc;

    if (FAILED(hr))
        return error_set(error, hr, session->client->server, "out of memory");
    session->imap = mailimap_new(0, NULL);
    stream = session->imap ? etpan_stream_create(&wire_byte_stream_ops, session->wire) : NULL;
    if (!stream)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, session->client->server, "out of memory");
    rc = mailimap_connect(session->imap, stream);
    if (session->imap->imap_stream != stream) /* libetpan keeps it also when the greeting fails */
        session->imap->imap_stream = stream;
    if (wire_error(session->wire)->hr != S_OK || session->stream_hr != S_OK)
        return imap_session_failed(session, MAPI_E_NETWORK_ERROR, error);
    if (rc != MAILIMAP_NO_ERROR_NON_AUTHENTICATED && rc != MAILIMAP_NO_ERROR_AUTHENTICATED) {
        imap_session_refusal(session, wire_last_status(session->wire), "refused at the greeting",
                             error);
        return error ? (error->hr = MAPI_E_NETWORK_ERROR) : MAPI_E_NETWORK_ERROR;
    }
    return S_OK;
}
