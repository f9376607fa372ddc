/* providers/imap/client/envelope.c - ENVELOPE (RFC 3501 7.4.2)
 *
 * An empty list "()" and missing spaces between addresses are taken as servers send them. */
#include "providers/imap/client/parse.h"

static void parse_address(struct lex *lex, struct wire_address *address)
{
    lex_expect(lex, '(');
    lex_spaces(lex);
    address->name = lex_loose(lex);
    lex_spaces(lex);
    address->route = lex_loose(lex);
    lex_spaces(lex);
    address->mailbox = lex_loose(lex);
    lex_spaces(lex);
    address->host = lex_loose(lex);
    lex_spaces(lex);
    lex_expect(lex, ')');
}

static void parse_addresses(struct lex *lex, struct wire_address_list *list)
{
    struct lex_array array = {NULL, 0, 0};

    lex_spaces(lex);
    if (lex_nil(lex) || !lex_expect(lex, '('))
        return;
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        struct wire_address *address = lex_array_add(lex, &array, sizeof(*address));

        if (!address)
            return;
        parse_address(lex, address);
        lex_spaces(lex);
    }
    list->items = array.items;
    list->count = array.count;
}

void parse_envelope(struct lex *lex, struct wire_envelope *envelope)
{
    struct wire_envelope parsed = {0};

    lex_expect(lex, '(');
    lex_spaces(lex);
    parsed.date = lex_loose(lex);
    lex_spaces(lex);
    parsed.subject = lex_loose(lex);
    parse_addresses(lex, &parsed.from);
    parse_addresses(lex, &parsed.sender);
    parse_addresses(lex, &parsed.reply_to);
    parse_addresses(lex, &parsed.to);
    parse_addresses(lex, &parsed.cc);
    parse_addresses(lex, &parsed.bcc);
    lex_spaces(lex);
    parsed.in_reply_to = lex_loose(lex);
    lex_spaces(lex);
    parsed.message_id = lex_loose(lex);
    lex_spaces(lex);
    lex_expect(lex, ')');
    if (lex->failure == LEX_FINE)
        *envelope = parsed;
}
