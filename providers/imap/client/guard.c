/* providers/imap/client/guard.c - the scanner that every byte of an IMAP server passes first
 *
 * One pass, one state, no look-back: runs of ordinary bytes are skipped by a table, the rest goes
 * through one switch. */
#include "providers/imap/client/guard.h"

#include <string.h>
#include <strings.h>

enum guard_state {
    AT_START,     /* the first bytes, which tell text from data */
    IN_TEXT,      /* status text: anything up to the line's end */
    IN_DATA,      /* data, outside a quoted string */
    IN_QUOTED,    /* inside one */
    IN_ESCAPE,    /* behind its backslash */
    IN_BRACE,     /* behind "{" or "{12" */
    BEHIND_PLUS,  /* behind "{12+" */
    BEHIND_BRACE, /* behind "{12}" */
    BEHIND_CR,    /* behind "{12}CR" */
    IN_LITERAL,
};

#define STOPS_DATA   1u
#define STOPS_QUOTED 2u

static const uint8_t stops[256] = {
    ['\0'] = STOPS_DATA | STOPS_QUOTED,
    ['\n'] = STOPS_DATA | STOPS_QUOTED,
    ['"'] = STOPS_DATA | STOPS_QUOTED,
    ['\\'] = STOPS_QUOTED,
    ['('] = STOPS_DATA,
    [')'] = STOPS_DATA,
    ['{'] = STOPS_DATA,
    ['~'] = STOPS_DATA,
};

static void begin_response(struct guard *guard)
{
    guard->literal_left = guard->literal_size = 0;
    guard->literal8 = false;
    guard->depth = 0;
    guard->line_bytes = 0;
    guard->literals = 0;
    guard->state = AT_START;
    guard->start_size = 0;
}

void guard_init(struct guard *guard)
{
    memset(guard, 0, sizeof(*guard));
    guard->literal_max = WIRE_LITERAL_MAX;
    guard->command_max = WIRE_COMMAND_MAX;
    begin_response(guard);
}

void guard_begin_command(struct guard *guard)
{
    guard->command_bytes = 0;
}

static enum guard_event refuse(struct guard *guard, enum guard_violation violation)
{
    guard->violation = violation;
    return GUARD_VIOLATION;
}

/* True if what was collected in `start`, a word behind "* ", begins a status response. */
static bool is_status_word(const char *start, size_t size)
{
    static const char words[][8] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == size && strncasecmp(words[i], start, size) == 0)
            return true;
    }
    return false;
}

/* One of the first bytes; returns true when it has decided and `byte` is still to be judged. */
static bool classify(struct guard *guard, char byte)
{
    bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    unsigned size = guard->start_size;

    if (size == 0 && byte != '*') {
        guard->state = IN_TEXT; /* a continuation, a completion, or nonsense */
        return true;
    }
    if (size == 1 && byte != ' ') {
        guard->state = IN_TEXT;
        return true;
    }
    if (size < 2 || (letter && size < sizeof(guard->start) + 2)) {
        if (size >= 2)
            guard->start[size - 2] = byte;
        guard->start_size++;
        return false;
    }
    guard->state = !letter && is_status_word(guard->start, size - 2) ? IN_TEXT : IN_DATA;
    return true;
}

static enum guard_event end_of_line(struct guard *guard)
{
    begin_response(guard);
    return GUARD_RESPONSE;
}

static enum guard_event begin_literal(struct guard *guard)
{
    if (guard->number > guard->literal_max)
        return refuse(guard, GUARD_LITERAL_TOO_LARGE);
    if (++guard->literals > WIRE_LITERALS_MAX)
        return refuse(guard, GUARD_TOO_MANY_LITERALS);

    guard->line_bytes = 0;
    guard->literal_size = guard->literal_left = guard->number;
    guard->state = IN_LITERAL;
    if (guard->literal_left == 0) {
        guard->state = IN_DATA;
        guard->literal8 = false;
    }
    return GUARD_LITERAL;
}

static void add_digit(struct guard *guard, char byte)
{
    unsigned digit = (unsigned)(byte - '0');

    if (guard->number > (UINT64_MAX - digit) / 10)
        guard->number = UINT64_MAX; /* and so it stays: above any limit */
    else
        guard->number = guard->number * 10 + digit;
}

/* A byte of data that the table stopped at. */
static enum guard_event data_byte(struct guard *guard, char byte)
{
    switch (byte) {
    case '"':
        guard->state = IN_QUOTED;
        break;
    case '(':
        if (++guard->depth > WIRE_DEPTH_MAX)
            return refuse(guard, GUARD_TOO_DEEP);
        break;
    case ')':
        if (guard->depth > 0)
            guard->depth--;
        break;
    case '~':
        guard->literal8 = true; /* if "{" comes next: see IN_DATA in judge() */
        return GUARD_MORE;
    case '{':
        guard->state = IN_BRACE;
        guard->number = 0;
        guard->start_size = 0; /* counts the digits now */
        return GUARD_MORE;
    case '\n':
        return end_of_line(guard);
    default:
        break;
    }
    guard->literal8 = false;
    return GUARD_MORE;
}

/* The states inside and behind "{12+}CR"; false: it was none, `byte` is to be judged as data. */
static bool brace_byte(struct guard *guard, char byte, enum guard_event *ret_event)
{
    *ret_event = GUARD_MORE;
    switch (guard->state) {
    case IN_BRACE:
        if (byte >= '0' && byte <= '9') {
            guard->start_size = 1;
            add_digit(guard, byte);
            return true;
        }
        if (guard->start_size > 0 && byte == '+') {
            guard->state = BEHIND_PLUS;
            return true;
        }
        if (guard->start_size > 0 && byte == '}') {
            guard->state = BEHIND_BRACE;
            return true;
        }
        break;
    case BEHIND_PLUS:
        if (byte == '}') {
            guard->state = BEHIND_BRACE;
            return true;
        }
        break;
    case BEHIND_BRACE:
        if (byte == '\r') {
            guard->state = BEHIND_CR;
            return true;
        }
        /* fall through */
    default: /* BEHIND_CR */
        if (byte == '\n') {
            *ret_event = begin_literal(guard);
            return true;
        }
        break;
    }
    guard->state = IN_DATA;
    guard->literal8 = false;
    return false;
}

/* Judges one byte that may change the state. */
static enum guard_event judge(struct guard *guard, char byte)
{
    enum guard_event event;

    if (byte == '\0')
        return refuse(guard, GUARD_NUL);

    switch (guard->state) {
    case AT_START:
        if (!classify(guard, byte))
            return GUARD_MORE;
        return judge(guard, byte);
    case IN_TEXT:
        return byte == '\n' ? end_of_line(guard) : GUARD_MORE;
    case IN_DATA:
        return data_byte(guard, byte);
    case IN_QUOTED:
        if (byte == '"')
            guard->state = IN_DATA;
        else if (byte == '\\')
            guard->state = IN_ESCAPE;
        else if (byte == '\n')
            return end_of_line(guard); /* not terminated: for the parser to refuse */
        return GUARD_MORE;
    case IN_ESCAPE:
        if (byte == '\n')
            return end_of_line(guard);
        guard->state = IN_QUOTED;
        return GUARD_MORE;
    default:
        return brace_byte(guard, byte, &event) ? event : data_byte(guard, byte);
    }
}

/* How many bytes from `bytes` on cannot change the state. */
static size_t dull_bytes(const struct guard *guard, const char *bytes, size_t size)
{
    size_t n = 0;
    unsigned mask;

    switch (guard->state) {
    case IN_TEXT:
        while (n < size && bytes[n] != '\n' && bytes[n] != '\0')
            n++;
        return n;
    case IN_DATA:
        mask = STOPS_DATA;
        break;
    case IN_QUOTED:
        mask = STOPS_QUOTED;
        break;
    default:
        return 0;
    }
    while (n < size && !(stops[(uint8_t)bytes[n]] & mask))
        n++;
    return n;
}

static enum guard_event scan_literal(struct guard *guard, const char *bytes, size_t size,
                                     size_t *ret_used)
{
    size_t used = size < guard->literal_left ? size : (size_t)guard->literal_left;

    *ret_used = used;
    if (!guard->literal8 && memchr(bytes, '\0', used))
        return refuse(guard, GUARD_NUL);
    guard->literal_left -= used;
    if (guard->literal_left > 0)
        return GUARD_MORE;
    guard->literal8 = false;
    guard->state = IN_DATA;
    return GUARD_LITERAL_END;
}

static enum guard_event scan_text(struct guard *guard, const char *bytes, size_t size,
                                  size_t *ret_used)
{
    enum guard_event event = GUARD_MORE;
    size_t room = WIRE_LINE_MAX - guard->line_bytes;
    size_t limit = size < room ? size : room;
    size_t used = 0;

    while (used < limit && event == GUARD_MORE) {
        size_t dull = dull_bytes(guard, bytes + used, limit - used);

        if (dull > 0 && guard->literal8)
            guard->literal8 = false; /* "~" was not followed by "{" */
        used += dull;
        if (used < limit)
            event = judge(guard, bytes[used++]);
    }
    *ret_used = used;
    if (event != GUARD_MORE)
        return event;
    guard->line_bytes += used;
    return guard->line_bytes < WIRE_LINE_MAX ? GUARD_MORE : refuse(guard, GUARD_LINE_TOO_LONG);
}

enum guard_event guard_scan(struct guard *guard, const char *bytes, size_t size, size_t *ret_used)
{
    enum guard_event event;

    *ret_used = 0;
    if (guard->violation != GUARD_CLEAN)
        return GUARD_VIOLATION;
    if (size == 0)
        return GUARD_MORE;

    if (guard->state == IN_LITERAL)
        event = scan_literal(guard, bytes, size, ret_used);
    else
        event = scan_text(guard, bytes, size, ret_used);

    guard->command_bytes += *ret_used;
    if (event != GUARD_VIOLATION && guard->command_bytes > guard->command_max)
        return refuse(guard, GUARD_RESPONSES_TOO_LARGE);
    return event;
}

const char *guard_violation_text(enum guard_violation violation)
{
    switch (violation) {
    case GUARD_CLEAN:
        break;
    case GUARD_LINE_TOO_LONG:
        return "sent a line longer than 1 MB";
    case GUARD_NUL:
        return "sent a NUL byte";
    case GUARD_TOO_DEEP:
        return "sent parentheses nested deeper than 64";
    case GUARD_LITERAL_TOO_LARGE:
        return "announced a literal larger than allowed";
    case GUARD_TOO_MANY_LITERALS:
        return "sent more than 4096 literals in one response";
    case GUARD_RESPONSES_TOO_LARGE:
        return "sent more data than one command may answer with";
    }
    return "sent what it should";
}
