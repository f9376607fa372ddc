/* providers/imap/client/acl_lines.c - ACL, MYRIGHTS (RFC 4314 3.6, 3.8) */
#include "providers/imap/client/parse.h"

void parse_acl(struct lex *lex, struct wire_acl *acl)
{
    struct lex_array array = {NULL, 0, 0};

    acl->mailbox = lex_astring(lex);
    lex_spaces(lex);
    while (!lex_at_end(lex) && lex->failure == LEX_FINE) {
        struct wire_acl_entry *entry = lex_array_add(lex, &array, sizeof(*entry));

        if (!entry)
            return;
        entry->identifier = lex_astring(lex);
        lex_spaces(lex);
        entry->rights = lex_astring(lex);
        lex_spaces(lex);
    }
    acl->entries = array.items;
    acl->count = array.count;
}

void parse_myrights(struct lex *lex, struct wire_acl *acl)
{
    struct lex_array array = {NULL, 0, 0};
    struct wire_acl_entry *entry;

    acl->mailbox = lex_astring(lex);
    lex_spaces(lex);
    entry = lex_array_add(lex, &array, sizeof(*entry));
    if (!entry)
        return;
    entry->identifier = (struct wire_text){NULL, 0};
    entry->rights = lex_astring(lex);
    acl->entries = entry;
    acl->count = 1;
}
