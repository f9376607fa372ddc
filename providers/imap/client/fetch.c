/* providers/imap/client/fetch.c - one message's FETCH response
 *
 * RFC 3501 7.4.2, RFC 3516 (BINARY), RFC 7162 (MODSEQ), RFC 8474 (ids), Gmail's X-GM items. An item
 * that is unknown, or an envelope or structure that does not parse (servers do send such), is
 * skipped as a value and the rest of the row is used. */
#include "providers/imap/client/fetch.h"

#include <string.h>
#include <strings.h>

#include "providers/imap/client/parse.h"

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static bool digits(const char *at, unsigned count, unsigned *ret_number)
{
    unsigned number = 0;

    for (unsigned i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        number = number * 10 + (unsigned)(at[i] - '0');
    }
    *ret_number = number;
    return true;
}

static unsigned month_of(const char *at)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (unsigned i = 0; i < 12; i++) {
        if (strncasecmp(months + i * 3, at, 3) == 0)
            return i + 1;
    }
    return 0;
}

/* "17-Jul-1996 02:44:25 -0700", the day with a space or (some servers) no padding. */
static int64_t internaldate_of(struct wire_text text)
{
    char buffer[26];
    unsigned day, month, year, hour, minute, second, zone_hour, zone_minute;
    int64_t seconds, zone;

    if (text.size < 25 || text.size > 26)
        return INT64_MIN;
    buffer[0] = '0';
    memcpy(buffer + (26 - text.size), text.data, text.size);
    if (buffer[0] == ' ')
        buffer[0] = '0';
    month = month_of(buffer + 3);
    if (!digits(buffer, 2, &day) || month == 0 || !digits(buffer + 7, 4, &year) ||
        !digits(buffer + 12, 2, &hour) || !digits(buffer + 15, 2, &minute) ||
        !digits(buffer + 18, 2, &second) || !digits(buffer + 22, 2, &zone_hour) ||
        !digits(buffer + 24, 2, &zone_minute) || day == 0 || day > 31 || hour > 23 || minute > 59 ||
        second > 60 || (buffer[21] != '+' && buffer[21] != '-'))
        return INT64_MIN;
    zone = (int64_t)zone_hour * 3600 + zone_minute * 60;
    seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return buffer[21] == '-' ? seconds + zone : seconds - zone;
}

/* Behind "[": to behind "]", which quoted strings may contain. */
static struct wire_text section_name(struct lex *lex)
{
    struct wire_text name = {lex->at, 0};
    bool in_quotes = false;

    for (; lex->at < lex->end; lex->at++) {
        if (*lex->at == '"')
            in_quotes = !in_quotes;
        else if (*lex->at == ']' && !in_quotes)
            break;
    }
    name.size = (uint32_t)(lex->at - name.data);
    lex_expect(lex, ']');
    return name;
}

static struct wire_section *add_section(struct lex *lex, struct lex_array *sections)
{
    struct wire_section *section = lex_array_add(lex, sections, sizeof(*section));

    if (section)
        memset(section, 0, sizeof(*section));
    return section;
}

/* A section's bytes, here or gone by. */
static void section_bytes(struct lex *lex, struct wire_section *section)
{
    uint64_t size;

    lex_spaces(lex);
    if (lex_hole(lex, &size)) {
        section->streamed = true;
        section->size = size;
        return;
    }
    section->bytes = lex_nstring(lex);
    section->size = section->bytes.size;
}

/* "BODY" or "BINARY", at "[". */
static void bracketed_section(struct lex *lex, bool binary, struct lex_array *sections)
{
    struct wire_section *section = add_section(lex, sections);

    if (!section)
        return;
    section->binary = binary;
    lex_expect(lex, '[');
    section->name = section_name(lex);
    if (lex_accept(lex, '<')) {
        section->has_origin = true;
        section->origin = lex_u63(lex);
        if (lex_accept(lex, '.'))
            lex_u63(lex); /* some servers give the request's size back, too */
        lex_expect(lex, '>');
    }
    section_bytes(lex, section);
}

/* RFC822 and its two kin. */
static bool old_section(struct lex *lex, struct wire_text item, struct lex_array *sections)
{
    static const struct {
        const char *item, *name;
    } olds[] = {{"RFC822", ""}, {"RFC822.HEADER", "HEADER"}, {"RFC822.TEXT", "TEXT"}};

    for (size_t i = 0; i < sizeof(olds) / sizeof(olds[0]); i++) {
        struct wire_section *section;

        if (!wire_text_is(item, olds[i].item))
            continue;
        section = add_section(lex, sections);
        if (section) {
            section->name.data = olds[i].name;
            section->name.size = (uint32_t)strlen(olds[i].name);
            section_bytes(lex, section);
        }
        return true;
    }
    return false;
}

/* "(id)" */
static struct wire_text id_in_list(struct lex *lex)
{
    struct wire_text id = {NULL, 0};

    if (lex_nil(lex))
        return id;
    if (lex_expect(lex, '('))
        id = lex_astring(lex);
    lex_expect(lex, ')');
    return id;
}

static void skip_unknown(struct lex *lex)
{
    if (lex_accept(lex, '[')) {
        section_name(lex);
        if (lex_peek(lex) == '<')
            lex_atom(lex);
    }
    lex_spaces(lex);
    lex_skip(lex);
}

static void structure_item(struct lex *lex, struct wire_fetch *fetch)
{
    const char *from = lex->at;

    fetch->structure = parse_structure(lex);
    fetch->structure_text.data = from;
    fetch->structure_text.size = (uint32_t)(lex->at - from);
}

static void item_value(struct lex *lex, unsigned item, struct wire_fetch *fetch)
{
    switch (item) {
    case WIRE_FETCH_UID:
        fetch->uid = lex_u32(lex);
        if (fetch->uid == 0)
            lex_fail(lex, LEX_MALFORMED);
        break;
    case WIRE_FETCH_FLAGS:
        fetch->flags = lex_flags(lex);
        break;
    case WIRE_FETCH_SIZE:
        fetch->size = lex_u63(lex);
        break;
    case WIRE_FETCH_INTERNALDATE:
        fetch->internaldate = internaldate_of(lex_string(lex));
        break;
    case WIRE_FETCH_ENVELOPE:
        parse_envelope(lex, &fetch->envelope);
        break;
    case WIRE_FETCH_STRUCTURE:
        structure_item(lex, fetch);
        break;
    case WIRE_FETCH_MODSEQ:
        if (lex_expect(lex, '('))
            fetch->modseq = lex_u63(lex);
        lex_expect(lex, ')');
        break;
    case WIRE_FETCH_EMAILID:
        fetch->emailid = id_in_list(lex);
        break;
    case WIRE_FETCH_THREADID:
        fetch->threadid = id_in_list(lex);
        break;
    case WIRE_FETCH_GM_MSGID:
        fetch->gm_msgid = lex_number(lex, UINT64_MAX);
        break;
    case WIRE_FETCH_GM_THRID:
        fetch->gm_thrid = lex_number(lex, UINT64_MAX);
        break;
    default: /* WIRE_FETCH_GM_LABELS */
        fetch->gm_labels = lex_text_list(lex);
        break;
    }
}

static unsigned item_of(struct wire_text name)
{
    static const struct {
        const char *name;
        unsigned item;
    } items[] = {
        {"UID", WIRE_FETCH_UID},
        {"FLAGS", WIRE_FETCH_FLAGS},
        {"RFC822.SIZE", WIRE_FETCH_SIZE},
        {"ENVELOPE", WIRE_FETCH_ENVELOPE},
        {"INTERNALDATE", WIRE_FETCH_INTERNALDATE},
        {"BODYSTRUCTURE", WIRE_FETCH_STRUCTURE},
        {"BODY", WIRE_FETCH_STRUCTURE},
        {"MODSEQ", WIRE_FETCH_MODSEQ},
        {"EMAILID", WIRE_FETCH_EMAILID},
        {"THREADID", WIRE_FETCH_THREADID},
        {"X-GM-MSGID", WIRE_FETCH_GM_MSGID},
        {"X-GM-THRID", WIRE_FETCH_GM_THRID},
        {"X-GM-LABELS", WIRE_FETCH_GM_LABELS},
    };

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        if (wire_text_is(name, items[i].name))
            return items[i].item;
    }
    return WIRE_FETCH_UNKNOWN;
}

/* A known item; if its value is not what it should be it is skipped like an unknown one. */
static void known_item(struct lex *lex, unsigned item, struct wire_fetch *fetch)
{
    struct lex before = *lex;

    item_value(lex, item, fetch);
    if (lex->failure == LEX_FINE) {
        fetch->present |= item;
        return;
    }
    if (lex->failure != LEX_MALFORMED || item == WIRE_FETCH_UID)
        return;
    *lex = before;
    fetch->present = (fetch->present & ~item) | WIRE_FETCH_UNKNOWN;
    lex_skip(lex);
}

static void parse_item(struct lex *lex, struct wire_fetch *fetch, struct lex_array *sections)
{
    struct wire_text name = lex_word(lex);
    unsigned item = item_of(name);

    if (name.size == 0) {
        lex_fail(lex, LEX_MALFORMED);
        return;
    }
    if (lex_peek(lex) == '[' && (wire_text_is(name, "BODY") || wire_text_is(name, "BINARY"))) {
        bracketed_section(lex, !wire_text_is(name, "BODY"), sections);
        return;
    }
    if (item == WIRE_FETCH_UNKNOWN && old_section(lex, name, sections))
        return;
    if (item == WIRE_FETCH_UNKNOWN) {
        fetch->present |= WIRE_FETCH_UNKNOWN;
        skip_unknown(lex);
        return;
    }
    lex_spaces(lex);
    known_item(lex, item, fetch);
}

void parse_fetch(struct lex *lex, uint32_t sequence, struct wire_fetch *fetch)
{
    struct lex_array sections = {NULL, 0, 0};

    memset(fetch, 0, sizeof(*fetch));
    fetch->sequence = sequence;
    fetch->internaldate = INT64_MIN;
    if (!lex_expect(lex, '('))
        return;
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        parse_item(lex, fetch, &sections);
        lex_spaces(lex);
    }
    fetch->sections = sections.items;
    fetch->section_count = sections.count;
    if (sections.count > 0)
        fetch->present |= WIRE_FETCH_SECTION;
    /* Quotes that do not pair leave no way to skip. A message that has told its UID is better shown
     * with what is known than not at all. */
    if (lex->failure == LEX_MALFORMED && (fetch->present & WIRE_FETCH_UID) && sections.count == 0) {
        lex->failure = LEX_FINE;
        fetch->present |= WIRE_FETCH_UNKNOWN;
    }
}

uint32_t fetch_sequence(const char *text, size_t size)
{
    struct lex lex;
    uint32_t number;

    lex_init(&lex, text, text + size, NULL);
    if (!lex_accept(&lex, '*') || !lex_accept(&lex, ' '))
        return 0;
    number = lex_u32(&lex);
    lex_spaces(&lex);
    return lex.failure == LEX_FINE && wire_text_is(lex_word(&lex), "FETCH") ? number : 0;
}

/* Where the item that ends at `end` begins: its name stands in front of "[" or alone. */
static const char *item_start(const char *text, const char *end)
{
    while (end > text && end[-1] != ' ' && end[-1] != '(')
        end--;
    return end;
}

static const char *last(char byte, const char *text, const char *end)
{
    while (end > text && end[-1] != byte)
        end--;
    return end > text ? end - 1 : NULL;
}

bool fetch_section_announced(const char *text, size_t size, struct wire_text *ret_item)
{
    const char *brace = last('{', text, text + size);
    const char *end, *bracket, *name_end, *start;
    struct wire_text name;

    if (!brace || brace == text)
        return false;
    end = brace[-1] == '~' ? brace - 1 : brace;
    if (end == text || end[-1] != ' ')
        return false;
    while (end > text && end[-1] == ' ')
        end--;
    name_end = end;
    if (end > text && (end[-1] == ']' || end[-1] == '>')) {
        bracket = last('[', text, end);
        if (!bracket)
            return false;
        name_end = bracket;
    }
    start = item_start(text, name_end);
    name.data = start;
    name.size = (uint32_t)(name_end - start);
    ret_item->data = start;
    ret_item->size = (uint32_t)(end - start);
    if (name_end != end)
        return wire_text_is(name, "BODY") || wire_text_is(name, "BINARY");
    return wire_text_is(name, "RFC822") || wire_text_is(name, "RFC822.HEADER") ||
           wire_text_is(name, "RFC822.TEXT");
}
