/* providers/imap/client/wire.c - the only way a server's bytes take
 *
 * The buffer holds the response that is being read, from `begin` on, and what was read beyond it.
 * It is scanned once (up to `scanned`); sections that stream are cut out as they pass. */
#include "providers/imap/client/wire.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/imap/client/guard.h"
#include "providers/imap/client/parse.h"
#include "providers/imap/client/router.h"

#define BUFFER_MIN  (16u * 1024u)
#define BUFFER_KEEP (256u * 1024u) /* a larger one is given back once it is empty */
#define READ_MIN    4096u
#define HOLES_MAX   16u /* streamed sections of one response; further ones are kept in it */
#define WORDS_MAX   512u

struct wire {
    const struct byte_stream_ops *ops;
    void *stream;
    struct wire_handler handler;
    char *server;

    void (*piece)(void *arg, const struct wire_body_piece *piece);
    void *piece_arg;

    struct guard guard;
    char *buffer;
    size_t space;
    size_t begin, scanned, filled;
    size_t line; /* where the line that is being scanned begins, from `begin` */

    bool streaming;            /* the literal under way goes to `piece` */
    uint32_t sequence;         /* of its message */
    size_t item_at, item_size; /* its item, from `begin` */
    struct lex_hole holes[HOLES_MAX];
    size_t hole_count;

    struct wire_arena arena;
    struct wire_response response;
    struct wire_fetch fetch;

    bool greeted;
    struct error_info error;
    struct wire_status last; /* its texts are the two arrays below */
    char last_code[WORDS_MAX];
    char last_text[WORDS_MAX];

    struct router router;
    char line_out[ROUTER_LINE_MAX]; /* for libetpan */
    size_t line_out_at, line_out_size;
};

HRESULT wire_create(const struct byte_stream_ops *ops, void *stream, const char *server,
                    const struct wire_handler *handler, struct wire **ret_wire)
{
    struct wire *wire = calloc(1, sizeof(*wire));

    if (!wire)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    wire->ops = ops;
    wire->stream = stream;
    if (handler)
        wire->handler = *handler;
    guard_init(&wire->guard);
    arena_init(&wire->arena);
    wire->server = strdup(server);
    if (!wire->server) {
        wire_free(wire);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    *ret_wire = wire;
    return S_OK;
}

void wire_free(struct wire *wire)
{
    if (!wire)
        return;
    wire_arena_clear(&wire->arena);
    free(wire->buffer);
    free(wire->server);
    free(wire);
}

/* --- How it ends ----------------------------------------------------------------------------- */

static HRESULT break_stream(struct wire *wire, HRESULT hr, const char *words)
{
    return error_set(&wire->error, hr, wire->server, "%s", words);
}

static HRESULT break_protocol(struct wire *wire, const char *fault)
{
    return error_set(&wire->error, MAPI_E_CORRUPT_DATA, wire->server,
                     "the server broke the IMAP protocol: it %s", fault);
}

static HRESULT out_of_memory(struct wire *wire)
{
    return break_stream(wire, MAPI_E_NOT_ENOUGH_MEMORY, "out of memory");
}

/* The stream failed: a BYE explains it better than "closed by peer" does. */
static HRESULT stream_failed(struct wire *wire, HRESULT hr)
{
    if (hr == MAPI_E_NETWORK_ERROR && wire->last.condition == WIRE_COND_BYE)
        return error_set(&wire->error, hr, wire->server, "the server said goodbye: %s",
                         wire->last_text);
    if (wire->ops == &conn_byte_stream_ops) {
        wire->error = *conn_error(wire->stream);
        if (FAILED(wire->error.hr))
            return wire->error.hr;
    }
    return break_stream(wire, hr, "the connection failed");
}

/* --- The buffer ------------------------------------------------------------------------------ */

/* The response before is done with. */
static void discard_response(struct wire *wire)
{
    wire->begin = wire->scanned;
    wire->line = 0;
    wire->hole_count = 0;
    wire->sequence = 0;
    wire_arena_reset(&wire->arena);
    if (wire->begin < wire->filled)
        return;
    wire->begin = wire->scanned = wire->filled = 0;
    if (wire->space > BUFFER_KEEP) {
        free(wire->buffer);
        wire->buffer = NULL;
        wire->space = 0;
    }
}

static HRESULT make_room(struct wire *wire)
{
    size_t space = wire->space ? wire->space : BUFFER_MIN / 2;
    char *buffer;

    if (wire->space - wire->filled >= READ_MIN)
        return S_OK;
    if (wire->begin > 0) {
        memmove(wire->buffer, wire->buffer + wire->begin, wire->filled - wire->begin);
        wire->scanned -= wire->begin;
        wire->filled -= wire->begin;
        wire->begin = 0;
        if (wire->space - wire->filled >= READ_MIN)
            return S_OK;
    }
    buffer = realloc(wire->buffer, space * 2);
    if (!buffer)
        return out_of_memory(wire);
    wire->buffer = buffer;
    wire->space = space * 2;
    return S_OK;
}

WAITS static HRESULT fill(struct wire *wire)
{
    size_t size = 0;
    HRESULT hr = make_room(wire);

    if (FAILED(hr))
        return hr;
    hr = wire->ops->read(wire->stream, wire->buffer + wire->filled, wire->space - wire->filled,
                         &size);
    if (FAILED(hr))
        return stream_failed(wire, hr);
    if (size == 0)
        return stream_failed(wire, MAPI_E_NETWORK_ERROR);
    wire->filled += size;
    return S_OK;
}

/* --- Framing --------------------------------------------------------------------------------- */

static void trace_line(struct wire *wire)
{
    const char *from = wire->buffer + wire->begin + wire->line;
    const char *to = wire->buffer + wire->scanned;

    if (wire->handler.trace) {
        if (to > from && to[-1] == '\n')
            to--;
        if (to > from && to[-1] == '\r')
            to--;
        wire->handler.trace(wire->handler.arg, WIRE_RECEIVED, from, (size_t)(to - from));
    }
}

static void give_piece(struct wire *wire, uint64_t offset, const char *bytes, size_t size)
{
    struct wire_body_piece piece = {
        .sequence = wire->sequence,
        .item = {wire->buffer + wire->begin + wire->item_at, (uint32_t)wire->item_size},
        .total = wire->guard.literal_size,
        .offset = offset,
        .bytes = bytes,
        .size = size,
    };

    if (wire->piece)
        wire->piece(wire->piece_arg, &piece);
}

/* A literal begins; does it stream? It leaves a hole then. */
static void begin_literal(struct wire *wire)
{
    const char *text = wire->buffer + wire->begin;
    size_t size = wire->scanned - wire->begin;
    struct wire_text item;

    if (!wire->piece || wire->guard.depth != 1 || wire->hole_count == HOLES_MAX)
        return;
    if (wire->sequence == 0)
        wire->sequence = fetch_sequence(text, size);
    if (wire->sequence == 0 || !fetch_section_announced(text, size, &item))
        return;
    wire->item_at = (size_t)(item.data - text);
    wire->item_size = item.size;
    wire->holes[wire->hole_count].offset = size;
    wire->holes[wire->hole_count].size = wire->guard.literal_size;
    wire->hole_count++;
    wire->streaming = wire->guard.literal_left > 0;
    if (!wire->streaming)
        give_piece(wire, 0, text + size, 0);
}

/* `used` bytes of a literal that streams stand at `scanned`. */
static void pass_on(struct wire *wire, size_t used)
{
    char *bytes = wire->buffer + wire->scanned;
    uint64_t before = wire->guard.literal_size - wire->guard.literal_left - used;

    give_piece(wire, before, bytes, used);
    memmove(bytes, bytes + used, wire->filled - wire->scanned - used);
    wire->filled -= used;
    if (wire->guard.literal_left == 0)
        wire->streaming = false;
}

/* Reads until the guard has seen the end of a response: [begin, scanned). */
WAITS static HRESULT frame_response(struct wire *wire)
{
    for (;;) {
        enum guard_event event;
        size_t used;

        if (wire->scanned == wire->filled) {
            HRESULT hr = fill(wire);

            if (FAILED(hr))
                return hr;
        }
        event = guard_scan(&wire->guard, wire->buffer + wire->scanned, wire->filled - wire->scanned,
                           &used);
        if (event == GUARD_VIOLATION)
            return break_protocol(wire, guard_violation_text(wire->guard.violation));
        if (wire->streaming)
            pass_on(wire, used);
        else
            wire->scanned += used;
        if (wire->scanned - wire->begin > WIRE_RESPONSE_MAX)
            return break_protocol(wire, "sent a response larger than 2 MB");

        if (event == GUARD_RESPONSE || event == GUARD_LITERAL)
            trace_line(wire);
        if (event == GUARD_RESPONSE)
            return S_OK;
        if (event == GUARD_LITERAL)
            begin_literal(wire);
        if (event == GUARD_LITERAL || event == GUARD_LITERAL_END)
            wire->line = wire->scanned - wire->begin;
    }
}

/* --- One response ---------------------------------------------------------------------------- */

static void copy_words(struct wire_text *text, char *words)
{
    size_t size = text->size < WORDS_MAX - 1 ? text->size : WORDS_MAX - 1;

    if (size > 0)
        memcpy(words, text->data, size);
    words[size] = '\0';
    if (text->data)
        text->data = words;
    text->size = (uint32_t)size;
}

static void keep_status(struct wire *wire, const struct wire_status *status)
{
    wire->last = *status;
    copy_words(&wire->last.code_text, wire->last_code);
    copy_words(&wire->last.text, wire->last_text);
    memset(&wire->last.from, 0, sizeof(wire->last.from));
    memset(&wire->last.to, 0, sizeof(wire->last.to));
    memset(&wire->last.words, 0, sizeof(wire->last.words));
    memset(&wire->last.flags, 0, sizeof(wire->last.flags));
}

static HRESULT parse(struct wire *wire)
{
    const char *begin = wire->buffer + wire->begin, *end = wire->buffer + wire->scanned;
    struct lex lex;

    end--; /* the guard ends responses with LF */
    if (end > begin && end[-1] == '\r')
        end--;
    lex_init(&lex, begin, end, &wire->arena);
    lex.holes = wire->holes;
    lex.hole_count = wire->hole_count;

    switch (response_parse(&lex, !wire->greeted, &wire->response, &wire->fetch)) {
    case LEX_OUT_OF_RANGE:
        return break_protocol(wire, "sent a number that is out of range");
    case LEX_NO_MEMORY:
        return out_of_memory(wire);
    default:
        break;
    }
    if (!wire->greeted && wire->response.kind != WIRE_GREETING)
        return break_protocol(wire, "did not greet");
    wire->greeted = true;
    if (wire->response.kind == WIRE_GREETING || wire->response.kind == WIRE_TAGGED ||
        wire->response.kind == WIRE_BYE)
        keep_status(wire, &wire->response.status);
    return S_OK;
}

WAITS HRESULT wire_next(struct wire *wire, const struct wire_response **ret_response)
{
    HRESULT hr = wire->error.hr;

    if (FAILED(hr))
        return hr;
    discard_response(wire);
    hr = frame_response(wire);
    if (FAILED(hr))
        return hr;
    hr = parse(wire);
    if (FAILED(hr))
        return hr;
    if (wire->handler.response)
        wire->handler.response(wire->handler.arg, &wire->response);
    *ret_response = &wire->response;
    return S_OK;
}

WAITS HRESULT wire_finish(struct wire *wire, const char *tag,
                          const struct wire_response **ret_response)
{
    for (;;) {
        const struct wire_response *response;
        HRESULT hr = wire_next(wire, &response);

        if (FAILED(hr))
            return hr;
        if (response->kind == WIRE_TAGGED && (response->tag.size != strlen(tag) ||
                                              memcmp(response->tag.data, tag, strlen(tag)) != 0))
            return break_protocol(wire, "completed a command that was never sent");
        if (response->kind == WIRE_TAGGED || response->kind == WIRE_CONTINUATION) {
            *ret_response = response;
            return S_OK;
        }
    }
}

/* --- Writing --------------------------------------------------------------------------------- */

static void trace_sent(struct wire *wire, const char *bytes, size_t size, bool secret)
{
    static const char hidden[] = "(not shown)";

    if (!wire->handler.trace)
        return;
    if (secret) {
        wire->handler.trace(wire->handler.arg, WIRE_SENT, hidden, sizeof(hidden) - 1);
        return;
    }
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t line = end ? (size_t)(end - bytes) : size;
        size_t shown = line > 0 && bytes[line - 1] == '\r' ? line - 1 : line;

        wire->handler.trace(wire->handler.arg, WIRE_SENT, bytes, shown);
        line += end ? 1 : 0;
        bytes += line;
        size -= line;
    }
}

WAITS HRESULT wire_write(struct wire *wire, const void *bytes, size_t size, bool secret)
{
    HRESULT hr = wire->error.hr;

    if (FAILED(hr))
        return hr;
    trace_sent(wire, bytes, size, secret);
    hr = wire->ops->write(wire->stream, bytes, size);
    return FAILED(hr) ? stream_failed(wire, hr) : S_OK;
}

/* --- libetpan's side ------------------------------------------------------------------------- */

WAITS static HRESULT next_line_for_libetpan(struct wire *wire)
{
    for (;;) {
        const struct wire_response *response;
        HRESULT hr = wire_next(wire, &response);

        if (FAILED(hr))
            return hr;
        switch (router_route(&wire->router, response, wire->line_out, &wire->line_out_size)) {
        case ROUTER_SHOW:
            wire->line_out_at = 0;
            return S_OK;
        case ROUTER_WRONG:
            return break_protocol(wire, "completed a command that was never sent");
        case ROUTER_END:
            return stream_failed(wire, MAPI_E_NETWORK_ERROR);
        case ROUTER_HIDE:
            break;
        }
    }
}

WAITS static HRESULT libetpan_read(void *stream, void *buffer, size_t size, size_t *ret_size)
{
    struct wire *wire = stream;
    size_t left;

    if (wire->line_out_at == wire->line_out_size) {
        HRESULT hr = next_line_for_libetpan(wire);

        if (FAILED(hr))
            return hr;
    }
    left = wire->line_out_size - wire->line_out_at;
    if (size > left)
        size = left;
    memcpy(buffer, wire->line_out + wire->line_out_at, size);
    wire->line_out_at += size;
    *ret_size = size;
    return S_OK;
}

WAITS static HRESULT libetpan_write(void *stream, const void *bytes, size_t size)
{
    struct wire *wire = stream;

    router_written(&wire->router, bytes, size);
    return wire_write(wire, bytes, size, false);
}

const struct byte_stream_ops wire_byte_stream_ops = {
    .read = libetpan_read,
    .write = libetpan_write,
};

/* --- Limits and state ------------------------------------------------------------------------ */

void wire_begin_command(struct wire *wire, uint64_t literal_max, uint64_t command_max)
{
    wire->guard.literal_max = literal_max ? literal_max : WIRE_LITERAL_MAX;
    wire->guard.command_max = command_max ? command_max : WIRE_COMMAND_MAX;
    guard_begin_command(&wire->guard);
}

void wire_stream_bodies(struct wire *wire,
                        void (*piece)(void *arg, const struct wire_body_piece *piece), void *arg)
{
    wire->piece = piece;
    wire->piece_arg = arg;
}

const struct error_info *wire_error(const struct wire *wire)
{
    return &wire->error;
}

const struct wire_status *wire_last_status(const struct wire *wire)
{
    return &wire->last;
}

size_t wire_buffered(const struct wire *wire)
{
    return wire->filled - wire->scanned;
}

HRESULT wire_check_before_tls(struct wire *wire)
{
    if (FAILED(wire->error.hr))
        return wire->error.hr;
    if (wire_buffered(wire) > 0)
        return break_protocol(wire, "sent plain text behind its answer to STARTTLS");
    return S_OK;
}

void wire_rest(struct wire *wire)
{
    if (wire_buffered(wire) > 0)
        return;
    discard_response(wire);
    wire_arena_clear(&wire->arena);
    free(wire->buffer);
    wire->buffer = NULL;
    wire->space = 0;
}
