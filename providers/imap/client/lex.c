/* providers/imap/client/lex.c - tokens of a response that lies whole in memory */
#include "providers/imap/client/lex.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define U63_MAX INT64_MAX

static const struct wire_text nothing = {NULL, 0};

void lex_init(struct lex *lex, const char *begin, const char *end, struct wire_arena *arena)
{
    memset(lex, 0, sizeof(*lex));
    lex->begin = lex->at = begin;
    lex->end = end;
    lex->arena = arena;
}

void lex_fail(struct lex *lex, enum lex_failure failure)
{
    if (lex->failure == LEX_FINE)
        lex->failure = failure;
    lex->at = lex->end;
}

bool lex_accept(struct lex *lex, char byte)
{
    if (lex->at == lex->end || *lex->at != byte)
        return false;
    lex->at++;
    return true;
}

bool lex_expect(struct lex *lex, char byte)
{
    if (lex_accept(lex, byte))
        return true;
    lex_fail(lex, LEX_MALFORMED);
    return false;
}

void lex_spaces(struct lex *lex)
{
    while (lex_accept(lex, ' '))
        ;
}

bool lex_at_end(const struct lex *lex)
{
    return lex->at == lex->end;
}

char lex_peek(const struct lex *lex)
{
    return lex->at < lex->end ? *lex->at : '\0';
}

static struct wire_text text_of(const char *from, const char *to)
{
    struct wire_text text = {from, (uint32_t)(to - from)};

    return text;
}

#define ENDS_WORD 1u
#define ENDS_ATOM 2u

static const uint8_t ends[256] = {
    [0 ... 31] = ENDS_WORD | ENDS_ATOM,
    [' '] = ENDS_WORD | ENDS_ATOM,
    ['('] = ENDS_WORD | ENDS_ATOM,
    [')'] = ENDS_WORD | ENDS_ATOM,
    ['"'] = ENDS_WORD | ENDS_ATOM,
    ['['] = ENDS_WORD,
    [']'] = ENDS_WORD,
    ['{'] = ENDS_ATOM,
    [127] = ENDS_WORD | ENDS_ATOM,
};

static struct wire_text run(struct lex *lex, unsigned mask)
{
    const char *from = lex->at;

    while (lex->at < lex->end && !(ends[(uint8_t)*lex->at] & mask))
        lex->at++;
    return text_of(from, lex->at);
}

struct wire_text lex_word(struct lex *lex)
{
    return run(lex, ENDS_WORD);
}

struct wire_text lex_atom(struct lex *lex)
{
    struct wire_text text = run(lex, ENDS_ATOM);

    if (text.size > 0)
        return text;
    lex_fail(lex, LEX_MALFORMED);
    return nothing;
}

/* The quoted string again, without its backslashes. */
static struct wire_text unescape(struct lex *lex, struct wire_text raw)
{
    char *copy = wire_arena_alloc(lex->arena, raw.size);
    uint32_t size = 0;

    if (!copy) {
        lex_fail(lex, lex->arena->full ? LEX_MALFORMED : LEX_NO_MEMORY);
        return nothing;
    }
    for (uint32_t i = 0; i < raw.size; i++) {
        if (raw.data[i] == '\\' && i + 1 < raw.size)
            i++;
        copy[size++] = raw.data[i];
    }
    return text_of(copy, copy + size);
}

/* The quote that ends a string with backslashes in it. */
static const char *closing_quote(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    return at < end ? at : NULL;
}

static struct wire_text quoted(struct lex *lex)
{
    const char *from = ++lex->at;
    const char *quote = memchr(from, '"', (size_t)(lex->end - from));
    bool escaped = quote && memchr(from, '\\', (size_t)(quote - from));

    if (escaped)
        quote = closing_quote(from, lex->end);
    if (!quote) {
        lex_fail(lex, LEX_MALFORMED);
        return nothing;
    }
    lex->at = quote + 1;
    return escaped ? unescape(lex, text_of(from, quote)) : text_of(from, quote);
}

/* Behind "{": the size and what ends the header. The guard has seen to the limits. */
static bool literal_header(struct lex *lex, uint64_t *ret_size)
{
    lex_accept(lex, '~');
    if (!lex_expect(lex, '{'))
        return false;
    *ret_size = lex_number(lex, UINT32_MAX);
    lex_accept(lex, '+');
    if (!lex_expect(lex, '}'))
        return false;
    lex_accept(lex, '\r');
    return lex_expect(lex, '\n');
}

static struct wire_text literal(struct lex *lex)
{
    uint64_t size;
    const char *from;

    if (!literal_header(lex, &size))
        return nothing;
    from = lex->at;
    if (lex->hole_count > 0 && lex->holes->offset == (size_t)(from - lex->begin)) {
        lex_fail(lex, LEX_MALFORMED); /* streamed away: only a section may be */
        return nothing;
    }
    if (size > (size_t)(lex->end - from)) {
        lex_fail(lex, LEX_MALFORMED);
        return nothing;
    }
    lex->at += size;
    return text_of(from, lex->at);
}

bool lex_hole(struct lex *lex, uint64_t *ret_size)
{
    struct lex ahead = *lex;
    uint64_t size;

    if (lex->hole_count == 0 || !literal_header(&ahead, &size) ||
        lex->holes->offset != (size_t)(ahead.at - ahead.begin))
        return false;
    *ret_size = lex->holes->size;
    lex->at = ahead.at;
    lex->holes++;
    lex->hole_count--;
    return true;
}

struct wire_text lex_string(struct lex *lex)
{
    switch (lex_peek(lex)) {
    case '"':
        return quoted(lex);
    case '{':
    case '~':
        return literal(lex);
    default:
        lex_fail(lex, LEX_MALFORMED);
        return nothing;
    }
}

bool lex_nil(struct lex *lex)
{
    const char *at = lex->at;

    if (lex->end - at < 3 || (*at & ~0x20) != 'N' || strncasecmp(at, "NIL", 3) != 0)
        return false;
    if (at + 3 < lex->end && !(ends[(uint8_t)at[3]] & ENDS_ATOM))
        return false;
    lex->at += 3;
    return true;
}

struct wire_text lex_nstring(struct lex *lex)
{
    return lex_nil(lex) ? nothing : lex_string(lex);
}

static bool starts_string(const struct lex *lex)
{
    char byte = lex_peek(lex);

    return byte == '"' || byte == '{' ||
           (byte == '~' && lex->at + 1 < lex->end && lex->at[1] == '{');
}

struct wire_text lex_astring(struct lex *lex)
{
    return starts_string(lex) ? lex_string(lex) : lex_atom(lex);
}

struct wire_text lex_loose(struct lex *lex)
{
    return lex_nil(lex) ? nothing : lex_astring(lex);
}

uint64_t lex_number(struct lex *lex, uint64_t max)
{
    const char *from = lex->at;
    uint64_t number = 0;

    while (lex->at < lex->end && *lex->at >= '0' && *lex->at <= '9') {
        unsigned digit = (unsigned)(*lex->at - '0');

        if (number > (max - digit) / 10) {
            lex_fail(lex, LEX_OUT_OF_RANGE);
            return 0;
        }
        number = number * 10 + digit;
        lex->at++;
    }
    if (lex->at == from)
        lex_fail(lex, LEX_MALFORMED);
    return number;
}

uint32_t lex_u32(struct lex *lex)
{
    return (uint32_t)lex_number(lex, UINT32_MAX);
}

uint64_t lex_u63(struct lex *lex)
{
    return lex_number(lex, U63_MAX);
}

struct wire_ranges lex_ranges(struct lex *lex)
{
    struct lex_array array = {NULL, 0, 0};
    struct wire_ranges ranges = {NULL, 0};

    do {
        uint32_t first = lex_u32(lex), last = first;
        struct uid_range *range;

        if (lex_accept(lex, ':'))
            last = lex_u32(lex);
        if (lex->failure == LEX_FINE && (first == 0 || last == 0))
            lex_fail(lex, LEX_MALFORMED);
        if (lex->failure != LEX_FINE)
            return ranges;
        range = lex_array_add(lex, &array, sizeof(*range));
        if (!range)
            return ranges;
        range->first = first < last ? first : last;
        range->last = first < last ? last : first;
    } while (lex_accept(lex, ','));
    ranges.ranges = array.items;
    ranges.count = array.count;
    return ranges;
}

void lex_skip(struct lex *lex)
{
    unsigned depth = 0; /* the guard has limited it */

    do {
        lex_spaces(lex);
        if (lex_at_end(lex)) {
            lex_fail(lex, LEX_MALFORMED);
        } else if (lex_accept(lex, '(')) {
            depth++;
        } else if (depth > 0 && lex_accept(lex, ')')) {
            depth--;
        } else if (starts_string(lex)) {
            lex_string(lex);
        } else {
            lex_atom(lex);
        }
    } while (depth > 0 && lex->failure == LEX_FINE);
}

void *lex_array_add(struct lex *lex, struct lex_array *array, size_t item_size)
{
    if (array->count == array->space) {
        size_t space = array->space ? array->space * 2 : 2;
        void *items =
            wire_arena_grow(lex->arena, array->items, array->space * item_size, space * item_size);

        if (!items) {
            lex_fail(lex, lex->arena->full ? LEX_MALFORMED : LEX_NO_MEMORY);
            return NULL;
        }
        array->items = items;
        array->space = space;
    }
    return (char *)array->items + array->count++ * item_size;
}

static void add_text(struct lex *lex, struct lex_array *array, struct wire_text text)
{
    struct wire_text *item;

    if (lex->failure != LEX_FINE)
        return;
    item = lex_array_add(lex, array, sizeof(*item));
    if (item)
        *item = text;
}

static struct wire_text_list text_list_of(const struct lex_array *array)
{
    struct wire_text_list list = {array->items, array->count};

    return list;
}

struct wire_text_list lex_text_list(struct lex *lex)
{
    struct lex_array array = {NULL, 0, 0};

    if (lex_nil(lex) || !lex_expect(lex, '('))
        return text_list_of(&array);
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        add_text(lex, &array, lex_loose(lex));
        lex_spaces(lex);
    }
    return text_list_of(&array);
}

struct wire_text_list lex_words(struct lex *lex)
{
    struct lex_array array = {NULL, 0, 0};

    lex_spaces(lex);
    while (!lex_at_end(lex)) {
        const char *from = lex->at;

        while (lex->at < lex->end && *lex->at != ' ')
            lex->at++;
        add_text(lex, &array, text_of(from, lex->at));
        lex_spaces(lex);
    }
    return text_list_of(&array);
}

static uint32_t flag_bit(struct wire_text flag)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } flags[] = {
        {"\\Seen", WIRE_FLAG_SEEN},       {"\\Answered", WIRE_FLAG_ANSWERED},
        {"\\Flagged", WIRE_FLAG_FLAGGED}, {"\\Deleted", WIRE_FLAG_DELETED},
        {"\\Draft", WIRE_FLAG_DRAFT},     {"\\Recent", WIRE_FLAG_RECENT},
        {"\\*", WIRE_FLAG_ANY},
    };

    if (flag.size == 0 || flag.data[0] != '\\')
        return 0;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (wire_text_is(flag, flags[i].name))
            return flags[i].bit;
    }
    return 0;
}

struct wire_flags lex_flags(struct lex *lex)
{
    struct lex_array array = {NULL, 0, 0};
    struct wire_flags flags = {0};

    if (lex_nil(lex) || !lex_expect(lex, '('))
        return flags;
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        struct wire_text flag = lex_astring(lex);
        uint32_t bit = flag_bit(flag);

        flags.bits |= bit;
        if (bit == 0)
            add_text(lex, &array, flag);
        lex_spaces(lex);
    }
    flags.keywords = text_list_of(&array);
    return flags;
}
