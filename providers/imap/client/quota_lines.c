/* providers/imap/client/quota_lines.c - QUOTA (RFC 9208 4.2.2) */
#include "providers/imap/client/parse.h"

/* Servers say "no limit" by numbers beyond 63 bits; that is no reason to leave them. */
static uint64_t clamped(struct lex *lex)
{
    struct wire_text digits = lex_atom(lex);
    uint64_t number = 0;

    for (uint32_t i = 0; i < digits.size; i++) {
        unsigned digit = (unsigned)((unsigned char)digits.data[i] - '0');

        if (digit > 9) {
            lex_fail(lex, LEX_MALFORMED);
            return 0;
        }
        number = number > (INT64_MAX - 9) / 10 ? INT64_MAX : number * 10 + digit;
    }
    return number;
}

void parse_quota(struct lex *lex, struct wire_quota *quota)
{
    struct lex_array array = {NULL, 0, 0};

    quota->root = lex_astring(lex);
    lex_spaces(lex);
    if (!lex_expect(lex, '('))
        return;
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        struct wire_quota_resource *resource = lex_array_add(lex, &array, sizeof(*resource));

        if (!resource)
            return;
        resource->name = lex_atom(lex);
        lex_spaces(lex);
        resource->usage = clamped(lex);
        lex_spaces(lex);
        resource->limit = clamped(lex);
        lex_spaces(lex);
    }
    quota->resources = array.items;
    quota->count = array.count;
}
