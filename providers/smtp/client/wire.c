/* providers/smtp/client/wire.c - lines and replies on one SMTP connection */
#include "providers/smtp/client/wire.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/text.h"

void smtp_wire_init(struct smtp_wire *wire, struct conn *conn, const char *server)
{
    wire->conn = conn;
    wire->server = server;
    wire->deadline = NO_DEADLINE;
    wire->in_at = wire->in_end = 0;
    wire->broken = false;
    error_clear(&wire->error);
}

void smtp_wire_clear(struct smtp_wire *wire)
{
    conn_close(wire->conn);
    wire->conn = NULL;
}

HRESULT smtp_wire_break(struct smtp_wire *wire, HRESULT hr, const char *words)
{
    wire->broken = true;
    return error_set(&wire->error, hr, wire->server, "%s", words);
}

/* The connection failed: its own words tell. */
static HRESULT stream_failed(struct smtp_wire *wire, HRESULT hr)
{
    const struct error_info *why = conn_error(wire->conn);

    wire->broken = true;
    if (why && why->hr != S_OK)
        wire->error = *why;
    else
        error_set(&wire->error, hr, wire->server, "the connection failed");
    wire->error.hr = hr;
    return hr;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void start_clock(struct smtp_wire *wire)
{
    conn_set_deadline(wire->conn, earlier(engine_now() + wire->timeout, wire->deadline));
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* The next line without its line end, in `line`. */
static WAITS HRESULT read_line(struct smtp_wire *wire, char line[WIRE_LINE_MAX + 1],
                               size_t *ret_size)
{
    size_t size = 0;
    char c;
    HRESULT hr;

    for (;;) {
        if (wire->in_at == wire->in_end) {
            wire->in_at = wire->in_end = 0;
            hr = conn_read(wire->conn, wire->in, sizeof(wire->in), &wire->in_end);
            if (FAILED(hr))
                return stream_failed(wire, hr);
        }
        c = wire->in[wire->in_at++];
        if (c == '\n')
            break;
        if (c == '\0')
            return smtp_wire_break(wire, MAPI_E_NETWORK_ERROR,
                                   "the server broke the SMTP protocol: it sent a zero byte");
        if (size == WIRE_LINE_MAX)
            return smtp_wire_break(wire, MAPI_E_NETWORK_ERROR,
                                   "the server broke the SMTP protocol: a line above 2 KB");
        line[size++] = c;
    }
    if (size && line[size - 1] == '\r')
        size--;
    line[size] = '\0';
    if (wire->trace)
        wire->trace(wire->trace_arg, SMTP_TRACE_RECEIVED, line, size);
    *ret_size = size;
    return S_OK;
}

/* "250-text" or "250 text" or "250"; 0: neither. */
static unsigned line_code(const char *line, size_t size)
{
    unsigned code;

    if (size < 3 || !isdigit((unsigned char)line[0]) || !isdigit((unsigned char)line[1]) ||
        !isdigit((unsigned char)line[2]) || (size > 3 && line[3] != ' ' && line[3] != '-'))
        return 0;
    code = (unsigned)(line[0] - '0') * 100 + (unsigned)(line[1] - '0') * 10 +
           (unsigned)(line[2] - '0');
    return code >= 200 && code <= 599 ? code : 0;
}

HRESULT smtp_wire_read(struct smtp_wire *wire)
{
    char line[WIRE_LINE_MAX + 1];
    unsigned code, lines = 0;
    size_t size = 0, skip;
    HRESULT hr;

    if (wire->broken)
        return wire->error.hr;
    wire->code = 0;
    wire->text_size = 0;
    wire->text[0] = '\0';
    start_clock(wire);
    do {
        hr = read_line(wire, line, &size);
        if (FAILED(hr))
            return hr;
        code = line_code(line, size);
        if (!code || (wire->code && code != wire->code))
            return smtp_wire_break(wire, MAPI_E_NETWORK_ERROR,
                                   "the server broke the SMTP protocol: a reply without its code");
        skip = size > 3 ? 4 : 3;
        if (++lines > WIRE_LINES_MAX || wire->text_size + (size - skip) + 1 > WIRE_REPLY_MAX)
            return smtp_wire_break(wire, MAPI_E_NETWORK_ERROR,
                                   "the server broke the SMTP protocol: a reply without end");
        if (wire->code)
            wire->text[wire->text_size++] = '\n';
        wire->code = code;
        memcpy(wire->text + wire->text_size, line + skip, size - skip);
        wire->text_size += size - skip;
        wire->text[wire->text_size] = '\0';
    } while (size > 3 && line[3] == '-');
    return S_OK;
}

bool smtp_wire_is_quiet(const struct smtp_wire *wire)
{
    return wire->in_at == wire->in_end && conn_buffered(wire->conn) == 0;
}

/* --- Writing ---------------------------------------------------------------------------------- */

HRESULT smtp_wire_write(struct smtp_wire *wire, const void *bytes, size_t size, const char *shown)
{
    HRESULT hr;

    if (wire->broken)
        return wire->error.hr;
    while (shown && *shown && wire->trace) {
        size_t length = strcspn(shown, "\r\n");

        wire->trace(wire->trace_arg, SMTP_TRACE_SENT, shown, length);
        shown += length + strspn(shown + length, "\r\n");
    }
    start_clock(wire);
    hr = conn_write(wire->conn, bytes, size);
    return SUCCEEDED(hr) ? S_OK : stream_failed(wire, hr);
}

HRESULT smtp_wire_command(struct smtp_wire *wire, const char *line)
{
    char text[WIRE_LINE_MAX];
    int size = snprintf(text, sizeof(text), "%s\r\n", line);
    HRESULT hr;

    if (size < 0 || (size_t)size >= sizeof(text))
        return MAPI_E_TOO_BIG;
    hr = smtp_wire_write(wire, text, (size_t)size, text);
    return SUCCEEDED(hr) ? smtp_wire_read(wire) : hr;
}

/* --- Telling ---------------------------------------------------------------------------------- */

/* The length of an enhanced status code of class 2, 4 or 5 and the space behind it (RFC 2034); 0:
 * none. */
static size_t status_length(const char *line, size_t size)
{
    unsigned class, subject, detail;
    int length = 0;

    if (size < 5 || sscanf(line, "%1u.%3u.%3u%n", &class, &subject, &detail, &length) != 3 ||
        (class != 2 && class != 4 && class != 5))
        return 0;
    if ((size_t)length < size && line[length] != ' ')
        return 0;
    return (size_t)length;
}

/* Server's bytes for a person: control characters and what is no UTF-8 do not get out. */
static void clean_words(char *words)
{
    size_t size = strlen(words);
    bool utf8;

    while (size && !utf8_is_valid(words, size) && (words[size - 1] & 0x80))
        words[--size] = '\0'; /* a character that was cut */
    utf8 = utf8_is_valid(words, size);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)words[i] < ' ' || words[i] == 0x7F)
            words[i] = ' ';
        else if (!utf8 && (words[i] & 0x80))
            words[i] = '?';
    }
}

void smtp_wire_reply(const struct smtp_wire *wire, struct smtp_reply *ret_reply)
{
    const char *line = wire->text;
    size_t used = 0, room, size, skip;

    *ret_reply = (struct smtp_reply){.code = wire->code};
    for (;;) {
        size = strcspn(line, "\n");
        skip = status_length(line, size);
        if (skip && !ret_reply->status[0])
            snprintf(ret_reply->status, sizeof(ret_reply->status), "%.*s", (int)skip, line);
        skip += skip && line[skip] == ' ';
        room = sizeof(ret_reply->words) - 1 - used;
        if (used && room) {
            ret_reply->words[used++] = ' ';
            room--;
        }
        if (size - skip < room)
            room = size - skip;
        memcpy(ret_reply->words + used, line + skip, room);
        used += room;
        if (!line[size])
            break;
        line += size + 1;
    }
    clean_words(ret_reply->words);
}

HRESULT smtp_wire_refusal(const struct smtp_wire *wire, HRESULT hr, struct error_info *error)
{
    struct smtp_reply reply;

    smtp_wire_reply(wire, &reply);
    error_set(error, hr, wire->server, "%u %s%s%s", reply.code, reply.status,
              reply.status[0] ? " " : "", reply.words);
    if (error)
        error->low_level = reply.code;
    return hr;
}
