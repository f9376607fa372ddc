/* providers/imap/client/mailbox_lines.c - LIST, XLIST, LSUB, STATUS, NAMESPACE
 *
 * RFC 3501 7.2, RFC 5258 (what follows the name in LIST is skipped), RFC 6154, RFC 8438, RFC 8474,
 * RFC 2342, and Gmail's XLIST. */
#include <string.h>

#include "providers/imap/client/parse.h"

static uint32_t list_attribute(struct wire_text flag)
{
    static const struct {
        const char *name;
        uint32_t bits;
    } attributes[] = {
        {"\\HasNoChildren", WIRE_LIST_HASNOCHILDREN},
        {"\\HasChildren", WIRE_LIST_HASCHILDREN},
        {"\\Noselect", WIRE_LIST_NOSELECT},
        {"\\NonExistent", WIRE_LIST_NONEXISTENT | WIRE_LIST_NOSELECT}, /* RFC 5258 3 */
        {"\\Noinferiors", WIRE_LIST_NOINFERIORS},
        {"\\Marked", WIRE_LIST_MARKED},
        {"\\UnMarked", WIRE_LIST_UNMARKED},
        {"\\Subscribed", WIRE_LIST_SUBSCRIBED},
        {"\\Remote", WIRE_LIST_REMOTE},
        {"\\All", WIRE_LIST_ALL},
        {"\\AllMail", WIRE_LIST_ALL},
        {"\\Archive", WIRE_LIST_ARCHIVE},
        {"\\Drafts", WIRE_LIST_DRAFTS},
        {"\\Flagged", WIRE_LIST_FLAGGED},
        {"\\Starred", WIRE_LIST_FLAGGED},
        {"\\Junk", WIRE_LIST_JUNK},
        {"\\Spam", WIRE_LIST_JUNK},
        {"\\Sent", WIRE_LIST_SENT},
        {"\\Trash", WIRE_LIST_TRASH},
        {"\\Important", WIRE_LIST_IMPORTANT},
        {"\\Inbox", WIRE_LIST_INBOX},
    };

    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (wire_text_is(flag, attributes[i].name))
            return attributes[i].bits;
    }
    return 0;
}

/* "/" or NIL; a name's separator is one character. */
static char delimiter(struct lex *lex)
{
    struct wire_text text = lex_nstring(lex);

    if (text.size > 1)
        lex_fail(lex, LEX_MALFORMED);
    return text.size == 1 ? text.data[0] : '\0';
}

void parse_list(struct lex *lex, struct wire_list *list)
{
    if (!lex_expect(lex, '('))
        return;
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        list->attributes |= list_attribute(lex_atom(lex));
        lex_spaces(lex);
    }
    lex_spaces(lex);
    list->delimiter = delimiter(lex);
    lex_spaces(lex);
    list->name = lex_astring(lex);
}

static void status_item(struct lex *lex, struct wire_text item, struct wire_mailbox_status *status)
{
    const struct {
        const char *name;
        uint32_t item;
        uint32_t *number;
        uint64_t *big;
        struct wire_text *id;
        bool in_list;
    } items[] = {
        {"MESSAGES", WIRE_MAILBOX_MESSAGES, .number = &status->messages},
        {"RECENT", WIRE_MAILBOX_RECENT, .number = &status->recent},
        {"UIDNEXT", WIRE_MAILBOX_UIDNEXT, .number = &status->uidnext},
        {"UIDVALIDITY", WIRE_MAILBOX_UIDVALIDITY, .number = &status->uidvalidity},
        {"UNSEEN", WIRE_MAILBOX_UNSEEN, .number = &status->unseen},
        {"DELETED", WIRE_MAILBOX_DELETED, .number = &status->deleted},
        {"HIGHESTMODSEQ", WIRE_MAILBOX_HIGHESTMODSEQ, .big = &status->highestmodseq},
        {"SIZE", WIRE_MAILBOX_SIZE, .big = &status->size},
        {"MAILBOXID", WIRE_MAILBOX_MAILBOXID, .id = &status->mailboxid, .in_list = true},
        {"X-GUID", WIRE_MAILBOX_GUID, .id = &status->guid},
    };

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        if (!wire_text_is(item, items[i].name))
            continue;
        status->present |= items[i].item;
        if (items[i].number)
            *items[i].number = lex_u32(lex);
        else if (items[i].big)
            *items[i].big = lex_u63(lex);
        else if (!items[i].in_list)
            *items[i].id = lex_astring(lex);
        else if (lex_expect(lex, '(') && (*items[i].id = lex_astring(lex)).data)
            lex_expect(lex, ')');
        return;
    }
    lex_skip(lex); /* of an extension that we did not ask for */
}

void parse_mailbox_status(struct lex *lex, struct wire_mailbox_status *status)
{
    status->name = lex_astring(lex);
    lex_spaces(lex);
    if (!lex_expect(lex, '('))
        return;
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        struct wire_text item = lex_atom(lex);

        lex_spaces(lex);
        status_item(lex, item, status);
        lex_spaces(lex);
    }
}

static struct wire_namespace_list namespace_list(struct lex *lex)
{
    struct lex_array array = {NULL, 0, 0};
    struct wire_namespace_list list = {NULL, 0};

    lex_spaces(lex);
    if (lex_nil(lex) || !lex_expect(lex, '('))
        return list;
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        struct wire_namespace *item;

        lex_spaces(lex);
        if (!lex_expect(lex, '(') || !(item = lex_array_add(lex, &array, sizeof(*item))))
            return list;
        item->prefix = lex_string(lex);
        lex_spaces(lex);
        item->delimiter = delimiter(lex);
        lex_spaces(lex);
        while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
            lex_skip(lex); /* extensions */
            lex_spaces(lex);
        }
        lex_spaces(lex);
    }
    list.items = array.items;
    list.count = array.count;
    return list;
}

void parse_namespaces(struct lex *lex, struct wire_namespaces *namespaces)
{
    namespaces->personal = namespace_list(lex);
    namespaces->other_users = namespace_list(lex);
    namespaces->shared = namespace_list(lex);
}
