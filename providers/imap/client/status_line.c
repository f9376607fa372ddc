/* providers/imap/client/status_line.c - OK, NO, BAD, BYE, PREAUTH and the codes in brackets
 *
 * A status line always parses if its condition does: a code that is unknown, or whose arguments
 * are wrong, is WIRE_CODE_OTHER and its text is kept. RFC 3501 7.1, RFC 4315, RFC 5530, RFC 7162,
 * RFC 8474. */
#include <string.h>
#include <strings.h>

#include "providers/imap/client/parse.h"

enum arguments {
    ARGS_IGNORED, /* none, or none that we use */
    ARGS_U32,
    ARGS_U63,
    ARGS_WORDS,
    ARGS_FLAGS,
    ARGS_ID,     /* "(id)" */
    ARGS_SET,    /* a set: into `from` */
    ARGS_APPEND, /* UIDVALIDITY and a set */
    ARGS_COPY,   /* UIDVALIDITY and two sets */
};

static const struct {
    const char *name;
    enum arguments arguments;
} codes[] = {
    [WIRE_CODE_NONE] = {"", ARGS_IGNORED},
    [WIRE_CODE_ALERT] = {"ALERT", ARGS_IGNORED},
    [WIRE_CODE_ALREADYEXISTS] = {"ALREADYEXISTS", ARGS_IGNORED},
    [WIRE_CODE_APPENDUID] = {"APPENDUID", ARGS_APPEND},
    [WIRE_CODE_AUTHENTICATIONFAILED] = {"AUTHENTICATIONFAILED", ARGS_IGNORED},
    [WIRE_CODE_AUTHORIZATIONFAILED] = {"AUTHORIZATIONFAILED", ARGS_IGNORED},
    [WIRE_CODE_BADCHARSET] = {"BADCHARSET", ARGS_IGNORED},
    [WIRE_CODE_CANNOT] = {"CANNOT", ARGS_IGNORED},
    [WIRE_CODE_CAPABILITY] = {"CAPABILITY", ARGS_WORDS},
    [WIRE_CODE_CLIENTBUG] = {"CLIENTBUG", ARGS_IGNORED},
    [WIRE_CODE_CLOSED] = {"CLOSED", ARGS_IGNORED},
    [WIRE_CODE_CONTACTADMIN] = {"CONTACTADMIN", ARGS_IGNORED},
    [WIRE_CODE_COPYUID] = {"COPYUID", ARGS_COPY},
    [WIRE_CODE_CORRUPTION] = {"CORRUPTION", ARGS_IGNORED},
    [WIRE_CODE_EXPIRED] = {"EXPIRED", ARGS_IGNORED},
    [WIRE_CODE_EXPUNGEISSUED] = {"EXPUNGEISSUED", ARGS_IGNORED},
    [WIRE_CODE_HASCHILDREN] = {"HASCHILDREN", ARGS_IGNORED},
    [WIRE_CODE_HIGHESTMODSEQ] = {"HIGHESTMODSEQ", ARGS_U63},
    [WIRE_CODE_INUSE] = {"INUSE", ARGS_IGNORED},
    [WIRE_CODE_LIMIT] = {"LIMIT", ARGS_IGNORED},
    [WIRE_CODE_MAILBOXID] = {"MAILBOXID", ARGS_ID},
    [WIRE_CODE_MODIFIED] = {"MODIFIED", ARGS_SET},
    [WIRE_CODE_NOMODSEQ] = {"NOMODSEQ", ARGS_IGNORED},
    [WIRE_CODE_NONEXISTENT] = {"NONEXISTENT", ARGS_IGNORED},
    [WIRE_CODE_NOPERM] = {"NOPERM", ARGS_IGNORED},
    [WIRE_CODE_NOTSAVED] = {"NOTSAVED", ARGS_IGNORED},
    [WIRE_CODE_OVERQUOTA] = {"OVERQUOTA", ARGS_IGNORED},
    [WIRE_CODE_PARSE] = {"PARSE", ARGS_IGNORED},
    [WIRE_CODE_PERMANENTFLAGS] = {"PERMANENTFLAGS", ARGS_FLAGS},
    [WIRE_CODE_PRIVACYREQUIRED] = {"PRIVACYREQUIRED", ARGS_IGNORED},
    [WIRE_CODE_READ_ONLY] = {"READ-ONLY", ARGS_IGNORED},
    [WIRE_CODE_READ_WRITE] = {"READ-WRITE", ARGS_IGNORED},
    [WIRE_CODE_SERVERBUG] = {"SERVERBUG", ARGS_IGNORED},
    [WIRE_CODE_THROTTLED] = {"THROTTLED", ARGS_IGNORED},
    [WIRE_CODE_TOOBIG] = {"TOOBIG", ARGS_IGNORED},
    [WIRE_CODE_TRYCREATE] = {"TRYCREATE", ARGS_IGNORED},
    [WIRE_CODE_UIDNEXT] = {"UIDNEXT", ARGS_U32},
    [WIRE_CODE_UIDNOTSTICKY] = {"UIDNOTSTICKY", ARGS_IGNORED},
    [WIRE_CODE_UIDVALIDITY] = {"UIDVALIDITY", ARGS_U32},
    [WIRE_CODE_UNAVAILABLE] = {"UNAVAILABLE", ARGS_IGNORED},
    [WIRE_CODE_UNSEEN] = {"UNSEEN", ARGS_U32},
    [WIRE_CODE_USEATTR] = {"USEATTR", ARGS_IGNORED},
    [WIRE_CODE_WEBALERT] = {"WEBALERT", ARGS_IGNORED},
    [WIRE_CODE_OTHER] = {"other", ARGS_IGNORED},
};

const char *wire_code_name(enum wire_code code)
{
    return codes[code].name;
}

static enum wire_code code_of(struct wire_text name)
{
    for (unsigned i = WIRE_CODE_NONE + 1; i < WIRE_CODE_OTHER; i++) {
        if (wire_text_is(name, codes[i].name))
            return (enum wire_code)i;
    }
    return WIRE_CODE_OTHER;
}

static void parse_arguments(struct lex *lex, enum arguments arguments, struct wire_status *status)
{
    switch (arguments) {
    case ARGS_IGNORED:
        lex->at = lex->end;
        break;
    case ARGS_U32:
        status->number = lex_u32(lex);
        break;
    case ARGS_U63:
        status->number = lex_u63(lex);
        break;
    case ARGS_WORDS:
        status->words = lex_words(lex);
        break;
    case ARGS_FLAGS:
        status->flags = lex_flags(lex);
        break;
    case ARGS_ID:
        status->words = lex_text_list(lex);
        if (status->words.count != 1)
            lex_fail(lex, LEX_MALFORMED);
        break;
    case ARGS_SET:
        status->from = lex_ranges(lex);
        break;
    case ARGS_APPEND:
    case ARGS_COPY:
        status->uidvalidity = lex_u32(lex);
        if (arguments == ARGS_COPY && lex_expect(lex, ' '))
            status->from = lex_ranges(lex);
        if (lex_expect(lex, ' '))
            status->to = lex_ranges(lex);
        if (arguments == ARGS_COPY &&
            wire_ranges_size(&status->from) != wire_ranges_size(&status->to))
            lex_fail(lex, LEX_MALFORMED);
        break;
    }
    lex_spaces(lex);
    if (!lex_at_end(lex))
        lex_fail(lex, LEX_MALFORMED);
}

/* Wrong arguments: as if the code were unknown. */
static void forget_arguments(struct wire_status *status)
{
    struct wire_status kept = {.condition = status->condition,
                               .code = WIRE_CODE_OTHER,
                               .code_text = status->code_text,
                               .text = status->text};

    *status = kept;
}

static void parse_code(struct lex *lex, struct wire_status *status)
{
    struct lex inner;
    struct wire_text name;

    lex_init(&inner, status->code_text.data, status->code_text.data + status->code_text.size,
             lex->arena);
    name = lex_word(&inner);
    status->code = code_of(name);
    lex_spaces(&inner);
    parse_arguments(&inner, codes[status->code].arguments, status);
    if (inner.failure == LEX_MALFORMED)
        forget_arguments(status);
    else if (inner.failure != LEX_FINE)
        lex_fail(lex, inner.failure);
}

/* The "]" that ends a code: not one in a quoted string, if that makes sense of the line. */
static const char *code_end(const char *at, const char *end)
{
    bool in_quotes = false;
    const char *p;

    for (p = at; p < end; p++) {
        if (*p == '"')
            in_quotes = !in_quotes;
        else if (*p == '\\' && in_quotes && p + 1 < end)
            p++;
        else if (*p == ']' && !in_quotes)
            return p;
    }
    return memchr(at, ']', (size_t)(end - at));
}

static bool parse_condition(struct lex *lex, enum wire_condition *ret_condition)
{
    static const struct {
        const char *name;
        enum wire_condition condition;
    } conditions[] = {
        {"OK", WIRE_OK},        {"NO", WIRE_NO},           {"BAD", WIRE_BAD},
        {"BYE", WIRE_COND_BYE}, {"PREAUTH", WIRE_PREAUTH},
    };
    const char *at = lex->at;
    struct wire_text word = lex_word(lex);

    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
        if (wire_text_is(word, conditions[i].name) && (lex_at_end(lex) || lex_accept(lex, ' '))) {
            *ret_condition = conditions[i].condition;
            return true;
        }
    }
    lex->at = at;
    return false;
}

bool parse_status_line(struct lex *lex, struct wire_status *status)
{
    const char *end;

    memset(status, 0, sizeof(*status));
    if (!parse_condition(lex, &status->condition))
        return false;
    if (lex_peek(lex) == '[') {
        const char *from = lex->at + 1;

        end = code_end(from, lex->end);
        if (end) {
            status->code_text.data = from;
            status->code_text.size = (uint32_t)(end - from);
            lex->at = end + 1;
            lex_accept(lex, ' ');
        }
    }
    status->text.data = lex->at;
    status->text.size = (uint32_t)(lex->end - lex->at);
    if (status->code_text.data)
        parse_code(lex, status);
    lex->at = lex->end;
    return true;
}
