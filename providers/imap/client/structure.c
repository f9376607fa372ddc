/* providers/imap/client/structure.c - BODYSTRUCTURE and BODY (RFC 3501 7.4.2)
 *
 * Recursion is as deep as the guard lets parentheses nest. Where servers leave fields out (a
 * message/rfc822 without its envelope, a text without its lines) the shape of what follows
 * decides. */
#include <string.h>

#include "providers/imap/client/parse.h"

static void parse_part(struct lex *lex, struct wire_part *part);

struct wire_text wire_parameter_find(const struct wire_parameter_list *list, const char *name)
{
    struct wire_text nothing = {NULL, 0};

    for (size_t i = 0; i < list->count; i++) {
        if (wire_text_is(list->items[i].name, name))
            return list->items[i].value;
    }
    return nothing;
}

static void parse_parameters(struct lex *lex, struct wire_parameter_list *list)
{
    struct lex_array array = {NULL, 0, 0};

    lex_spaces(lex);
    if (lex_nil(lex) || !lex_expect(lex, '('))
        return;
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        struct wire_parameter *parameter = lex_array_add(lex, &array, sizeof(*parameter));

        if (!parameter)
            return;
        parameter->name = lex_loose(lex);
        lex_spaces(lex);
        parameter->value = lex_loose(lex);
        lex_spaces(lex);
    }
    list->items = array.items;
    list->count = array.count;
}

static bool at_digit(const struct lex *lex)
{
    char byte = lex_peek(lex);

    return byte >= '0' && byte <= '9';
}

static uint64_t loose_number(struct lex *lex)
{
    lex_spaces(lex);
    return lex_nil(lex) ? 0 : lex_u63(lex);
}

static struct wire_text spaced_text(struct lex *lex)
{
    lex_spaces(lex);
    return lex_loose(lex);
}

static void parse_disposition(struct lex *lex, struct wire_part *part)
{
    lex_spaces(lex);
    if (!lex_accept(lex, '(')) {
        part->disposition = lex_loose(lex);
        return;
    }
    part->disposition = spaced_text(lex);
    lex_spaces(lex);
    if (lex_peek(lex) != ')')
        parse_parameters(lex, &part->disposition_parameters);
    lex_spaces(lex);
    lex_expect(lex, ')');
}

static void parse_languages(struct lex *lex, struct wire_part *part)
{
    struct wire_text *one;

    lex_spaces(lex);
    if (lex_peek(lex) == '(') {
        part->languages = lex_text_list(lex);
        return;
    }
    if (lex_nil(lex))
        return;
    one = wire_arena_alloc(lex->arena, sizeof(*one));
    if (!one) {
        lex_fail(lex, lex->arena->full ? LEX_MALFORMED : LEX_NO_MEMORY);
        return;
    }
    *one = lex_astring(lex);
    part->languages.items = one;
    part->languages.count = 1;
}

static bool at_part_end(struct lex *lex)
{
    lex_spaces(lex);
    return lex_peek(lex) == ')';
}

/* Disposition, language, location, and whatever a later RFC adds; each may be the last. */
static void parse_extensions(struct lex *lex, struct wire_part *part)
{
    if (!at_part_end(lex))
        parse_disposition(lex, part);
    if (!at_part_end(lex))
        parse_languages(lex, part);
    if (!at_part_end(lex))
        part->location = spaced_text(lex);
    while (!at_part_end(lex) && lex->failure == LEX_FINE)
        lex_skip(lex);
}

static void parse_multipart(struct lex *lex, struct wire_part *part)
{
    struct lex_array array = {NULL, 0, 0};

    part->type.data = "multipart";
    part->type.size = 9;
    while (lex_peek(lex) == '(' && lex->failure == LEX_FINE) {
        struct wire_part child, *item;

        parse_part(lex, &child);
        item = lex_array_add(lex, &array, sizeof(*item));
        if (!item)
            return;
        *item = child;
        lex_spaces(lex);
    }
    part->parts = array.items;
    part->part_count = array.count;
    part->subtype = spaced_text(lex);
    if (!at_part_end(lex))
        parse_parameters(lex, &part->parameters);
    parse_extensions(lex, part);
}

static void parse_message(struct lex *lex, struct wire_part *part)
{
    struct wire_envelope *envelope = wire_arena_alloc(lex->arena, sizeof(*envelope));
    struct wire_part *inner = wire_arena_alloc(lex->arena, sizeof(*inner));

    if (!envelope || !inner) {
        lex_fail(lex, lex->arena->full ? LEX_MALFORMED : LEX_NO_MEMORY);
        return;
    }
    memset(envelope, 0, sizeof(*envelope));
    parse_envelope(lex, envelope);
    part->envelope = envelope;
    lex_spaces(lex);
    if (lex_nil(lex))
        return;
    parse_part(lex, inner);
    part->parts = inner;
    part->part_count = 1;
}

static void parse_single(struct lex *lex, struct wire_part *part)
{
    part->type = lex_loose(lex);
    part->subtype = spaced_text(lex);
    parse_parameters(lex, &part->parameters);
    part->id = spaced_text(lex);
    part->description = spaced_text(lex);
    part->encoding = spaced_text(lex);
    part->size = loose_number(lex);
    lex_spaces(lex);
    if (lex_peek(lex) == '(' && wire_text_is(part->type, "message"))
        parse_message(lex, part);
    lex_spaces(lex);
    if (at_digit(lex))
        part->lines = lex_u63(lex);
    if (!at_part_end(lex))
        part->md5 = spaced_text(lex);
    parse_extensions(lex, part);
}

static void parse_part(struct lex *lex, struct wire_part *part)
{
    memset(part, 0, sizeof(*part));
    if (!lex_expect(lex, '('))
        return;
    lex_spaces(lex);
    if (lex_peek(lex) == '(')
        parse_multipart(lex, part);
    else
        parse_single(lex, part);
    lex_spaces(lex);
    lex_expect(lex, ')');
}

const struct wire_part *parse_structure(struct lex *lex)
{
    struct wire_part *part = wire_arena_alloc(lex->arena, sizeof(*part));

    if (!part) {
        lex_fail(lex, lex->arena->full ? LEX_MALFORMED : LEX_NO_MEMORY);
        return NULL;
    }
    parse_part(lex, part);
    return part;
}
