/* providers/imap/client/response.c - what a server said: names, and the way to each parser */
#include "providers/imap/client/response.h"

#include <string.h>
#include <strings.h>

#include "providers/imap/client/parse.h"

uint64_t wire_ranges_size(const struct wire_ranges *ranges)
{
    uint64_t size = 0;

    for (size_t i = 0; i < ranges->count; i++)
        size += (uint64_t)ranges->ranges[i].last - ranges->ranges[i].first + 1;
    return size;
}

bool wire_text_is(struct wire_text text, const char *word)
{
    return text.data && strlen(word) == text.size && strncasecmp(text.data, word, text.size) == 0;
}

const char *wire_kind_name(enum wire_kind kind)
{
    static const char *const names[] = {
        [WIRE_GREETING] = "greeting",
        [WIRE_CONTINUATION] = "continuation",
        [WIRE_TAGGED] = "completion",
        [WIRE_STATUS] = "status",
        [WIRE_BYE] = "BYE",
        [WIRE_CAPABILITY] = "CAPABILITY",
        [WIRE_ENABLED] = "ENABLED",
        [WIRE_FLAGS] = "FLAGS",
        [WIRE_EXISTS] = "EXISTS",
        [WIRE_RECENT] = "RECENT",
        [WIRE_EXPUNGE] = "EXPUNGE",
        [WIRE_VANISHED] = "VANISHED",
        [WIRE_FETCH] = "FETCH",
        [WIRE_LIST] = "LIST",
        [WIRE_LSUB] = "LSUB",
        [WIRE_MAILBOX_STATUS] = "STATUS",
        [WIRE_SEARCH] = "SEARCH",
        [WIRE_SORT] = "SORT",
        [WIRE_ESEARCH] = "ESEARCH",
        [WIRE_NAMESPACE] = "NAMESPACE",
        [WIRE_ID] = "ID",
        [WIRE_ACL] = "ACL",
        [WIRE_MYRIGHTS] = "MYRIGHTS",
        [WIRE_QUOTA] = "QUOTA",
        [WIRE_OTHER] = "other",
        [WIRE_MALFORMED] = "malformed",
    };

    return names[kind];
}

/* Untagged responses by name. Those with a number in front ("* 3 EXISTS") are below. */
static const struct {
    const char *name;
    enum wire_kind kind;
} named[] = {
    {"CAPABILITY", WIRE_CAPABILITY},
    {"ENABLED", WIRE_ENABLED},
    {"FLAGS", WIRE_FLAGS},
    {"VANISHED", WIRE_VANISHED},
    {"LIST", WIRE_LIST},
    {"XLIST", WIRE_LIST},
    {"LSUB", WIRE_LSUB},
    {"SEARCH", WIRE_SEARCH},
    {"STATUS", WIRE_MAILBOX_STATUS},
    {"SORT", WIRE_SORT},
    {"ESEARCH", WIRE_ESEARCH},
    {"NAMESPACE", WIRE_NAMESPACE},
    {"ID", WIRE_ID},
    {"ACL", WIRE_ACL},
    {"MYRIGHTS", WIRE_MYRIGHTS},
    {"QUOTA", WIRE_QUOTA},
};

static enum wire_kind kind_of(struct wire_text name)
{
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (wire_text_is(name, named[i].name))
            return named[i].kind;
    }
    return WIRE_OTHER;
}

static struct wire_text rest_of(struct lex *lex)
{
    struct wire_text text;

    lex_accept(lex, ' ');
    text.data = lex->at;
    text.size = (uint32_t)(lex->end - lex->at);
    lex->at = lex->end;
    return text;
}

static void parse_data(struct lex *lex, struct wire_response *response)
{
    switch (response->kind) {
    case WIRE_CAPABILITY:
    case WIRE_ENABLED:
        response->words = lex_words(lex);
        break;
    case WIRE_FLAGS:
        response->flags = lex_flags(lex);
        break;
    case WIRE_VANISHED:
        parse_vanished(lex, &response->vanished);
        break;
    case WIRE_LIST:
    case WIRE_LSUB:
        parse_list(lex, &response->list);
        break;
    case WIRE_MAILBOX_STATUS:
        parse_mailbox_status(lex, &response->mailbox_status);
        break;
    case WIRE_SEARCH:
    case WIRE_SORT:
        parse_search(lex, response->kind == WIRE_SORT, &response->search);
        break;
    case WIRE_ESEARCH:
        parse_esearch(lex, &response->esearch);
        break;
    case WIRE_NAMESPACE:
        parse_namespaces(lex, &response->namespaces);
        break;
    case WIRE_ID:
        response->words = lex_text_list(lex);
        break;
    case WIRE_ACL:
        parse_acl(lex, &response->acl);
        break;
    case WIRE_MYRIGHTS:
        parse_myrights(lex, &response->acl);
        break;
    case WIRE_QUOTA:
        parse_quota(lex, &response->quota);
        break;
    default:
        response->text = rest_of(lex);
        break;
    }
}

/* "* 12 NAME ..." */
static void parse_numbered(struct lex *lex, struct wire_response *response,
                           struct wire_fetch *fetch)
{
    uint32_t number = lex_u32(lex);

    lex_spaces(lex);
    response->name = lex_word(lex);
    response->number = number;
    if (wire_text_is(response->name, "EXISTS")) {
        response->kind = WIRE_EXISTS;
    } else if (wire_text_is(response->name, "RECENT")) {
        response->kind = WIRE_RECENT;
    } else if (wire_text_is(response->name, "EXPUNGE")) {
        response->kind = WIRE_EXPUNGE;
    } else if (wire_text_is(response->name, "FETCH")) {
        response->kind = WIRE_FETCH;
        response->fetch = fetch;
        lex_spaces(lex);
        parse_fetch(lex, number, fetch);
    } else {
        response->kind = WIRE_OTHER;
        response->text = rest_of(lex);
    }
    if (number == 0 && (response->kind == WIRE_EXPUNGE || response->kind == WIRE_FETCH))
        lex_fail(lex, LEX_MALFORMED);
}

/* Behind "* ". */
static void parse_untagged(struct lex *lex, bool first, struct wire_response *response,
                           struct wire_fetch *fetch)
{
    char byte = lex_peek(lex);

    if (parse_status_line(lex, &response->status)) {
        enum wire_condition condition = response->status.condition;

        if (first && condition != WIRE_NO && condition != WIRE_BAD)
            response->kind = WIRE_GREETING;
        else if (condition == WIRE_COND_BYE)
            response->kind = WIRE_BYE;
        else if (condition == WIRE_PREAUTH)
            lex_fail(lex, LEX_MALFORMED); /* a greeting, and it is late */
        else
            response->kind = WIRE_STATUS;
        return;
    }
    if (byte >= '0' && byte <= '9') {
        parse_numbered(lex, response, fetch);
        return;
    }
    response->name = lex_word(lex);
    if (response->name.size == 0) {
        lex_fail(lex, LEX_MALFORMED);
        return;
    }
    response->kind = kind_of(response->name);
    if (response->kind != WIRE_OTHER)
        lex_spaces(lex);
    parse_data(lex, response);
}

static void parse_tagged(struct lex *lex, struct wire_response *response)
{
    response->kind = WIRE_TAGGED;
    response->tag = lex_word(lex);
    if (response->tag.size == 0 || !lex_expect(lex, ' ') ||
        !parse_status_line(lex, &response->status) ||
        (response->status.condition != WIRE_OK && response->status.condition != WIRE_NO &&
         response->status.condition != WIRE_BAD))
        lex_fail(lex, LEX_MALFORMED);
}

enum lex_failure response_parse(struct lex *lex, bool first, struct wire_response *response,
                                struct wire_fetch *fetch)
{
    struct wire_text whole = {lex->begin, (uint32_t)(lex->end - lex->begin)};

    memset(response, 0, sizeof(*response));
    if (lex_accept(lex, '+')) {
        response->kind = WIRE_CONTINUATION;
        response->text = rest_of(lex);
    } else if (lex_accept(lex, '*')) {
        if (lex_expect(lex, ' '))
            parse_untagged(lex, first, response, fetch);
    } else {
        parse_tagged(lex, response);
    }
    if (lex->failure != LEX_MALFORMED)
        return lex->failure;

    memset(response, 0, sizeof(*response));
    response->kind = WIRE_MALFORMED;
    response->text = whole;
    return LEX_FINE;
}
