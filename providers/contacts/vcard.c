/* providers/contacts/vcard.c - reads vCards
 *
 * Lines are put together again (RFC 6350 section 3.2), split into name, parameters and value
 * (section 3.3), and their values freed of quotations (section 3.4). */
#include "providers/contacts/vcard.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/memory.h"
#include "mapi/text.h"

struct reader {
    const char *at, *end;
    char line[VCARD_LINE_MAX + 1]; /* the logical line */
    struct arena texts;            /* of the card that is being read */
    struct vcard card;
    unsigned depth; /* of BEGIN: 1 is a card, more a card inside it */
};

/* --- Lines ------------------------------------------------------------------------------------ */

static size_t rest(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

/* One physical line without its end. */
static void take_physical(struct reader *reader, const char **ret_text, size_t *ret_size)
{
    const char *newline = memchr(reader->at, '\n', rest(reader));
    size_t size = newline ? (size_t)(newline - reader->at) : rest(reader);

    *ret_text = reader->at;
    reader->at = newline ? newline + 1 : reader->end;
    *ret_size = size > 0 && (*ret_text)[size - 1] == '\r' ? size - 1 : size;
}

/* Adds it to the logical line; false: it does not fit, or is no text. */
static bool add_physical(struct reader *reader, size_t *length)
{
    const char *text;
    size_t size;

    take_physical(reader, &text, &size);
    if (size > VCARD_LINE_MAX - *length || memchr(text, '\0', size))
        return false;
    memcpy(reader->line + *length, text, size);
    *length += size;
    return true;
}

static bool goes_on(const struct reader *reader)
{
    return reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t');
}

static void skip_rest(struct reader *reader)
{
    const char *text;
    size_t size;

    while (goes_on(reader))
        take_physical(reader, &text, &size);
}

/* The next logical line that is not too long; false at the end. */
static bool next_line(struct reader *reader)
{
    while (reader->at < reader->end) {
        size_t length = 0;
        bool fits = add_physical(reader, &length);

        while (fits && goes_on(reader)) {
            reader->at++;
            fits = add_physical(reader, &length);
        }
        skip_rest(reader);
        reader->line[length] = '\0';
        if (fits && length > 0)
            return true;
    }
    return false;
}

/* --- Content lines ---------------------------------------------------------------------------- */

struct property {
    const char *name; /* without its group */
    const char *value;
    bool is_encoded; /* as vCard 2.1 does it */
};

/* Where the name and its parameters end: the first colon that is not in quotes. */
static char *find_colon(char *line)
{
    bool quoted = false;

    for (char *at = line; *at; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (*at == ':' && !quoted)
            return at;
    }
    return NULL;
}

static bool names_encoding(const char *parameters)
{
    return strcasestr(parameters, "QUOTED-PRINTABLE") || strcasestr(parameters, "ENCODING=B");
}

static bool split(char *line, struct property *ret_property)
{
    char *colon = find_colon(line), *semicolon, *dot;

    if (!colon)
        return false;
    *colon = '\0';
    semicolon = strchr(line, ';');
    ret_property->is_encoded = semicolon && names_encoding(semicolon + 1);
    if (semicolon)
        *semicolon = '\0';
    dot = strrchr(line, '.');
    ret_property->name = dot ? dot + 1 : line;
    ret_property->value = colon + 1;
    return true;
}

/* --- Values ----------------------------------------------------------------------------------- */

/* The component (from 0) of a structured value without its quotations, kept with the card; a simple
 * value has no components: `separator` is 0. *ret_text NULL: it is empty. */
static HRESULT take_text(struct reader *reader, const char *value, unsigned component,
                         char separator, const char **ret_text)
{
    char *text = arena_alloc(&reader->texts, strlen(value) + 1), *out = text;

    if (!text)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (; *value; value++) {
        char unit = *value;

        if (separator && unit == separator) {
            if (component-- == 0)
                break;
            continue;
        }
        if (unit == '\\' && value[1]) {
            unit = *++value;
            if (unit == 'n' || unit == 'N')
                unit = ' ';
        }
        if (component == 0 || !separator)
            *out++ = unit;
    }
    *out = '\0';
    text_make_presentable(text, false);
    text += strspn(text, " ");
    for (size_t length = strlen(text); length > 0 && text[length - 1] == ' ';)
        text[--length] = '\0';
    *ret_text = *text ? text : NULL;
    return S_OK;
}

static HRESULT add_email(struct reader *reader, const char *value)
{
    struct vcard *card = &reader->card;
    const char *address;
    HRESULT hr;

    if (card->email_count == VCARD_EMAILS_MAX)
        return S_OK;
    if (strncasecmp(value, "mailto:", strlen("mailto:")) == 0)
        value += strlen("mailto:");
    hr = take_text(reader, value, 0, '\0', &address);
    if (SUCCEEDED(hr) && address && strchr(address, '@') && !strchr(address, ' '))
        card->emails[card->email_count++] = address;
    return hr;
}

/* The first of a kind counts. */
static HRESULT add_text(struct reader *reader, const char *value, unsigned component,
                        char separator, const char **text)
{
    return *text ? S_OK : take_text(reader, value, component, separator, text);
}

static HRESULT add_property(struct reader *reader, const struct property *property)
{
    struct vcard *card = &reader->card;
    const char *value = property->value;
    HRESULT hr;

    if (property->is_encoded)
        return S_OK;
    if (strcasecmp(property->name, "EMAIL") == 0)
        return add_email(reader, value);
    if (strcasecmp(property->name, "FN") == 0)
        return add_text(reader, value, 0, '\0', &card->name);
    if (strcasecmp(property->name, "UID") == 0)
        return add_text(reader, value, 0, '\0', &card->uid);
    if (strcasecmp(property->name, "NICKNAME") == 0)
        return add_text(reader, value, 0, ',', &card->nickname);
    if (strcasecmp(property->name, "TITLE") == 0)
        return add_text(reader, value, 0, '\0', &card->title);
    if (strcasecmp(property->name, "ORG") == 0)
        return add_text(reader, value, 0, ';', &card->company);
    if (strcasecmp(property->name, "N") != 0)
        return S_OK;
    hr = add_text(reader, value, 0, ';', &card->surname);
    return SUCCEEDED(hr) ? add_text(reader, value, 1, ';', &card->given) : hr;
}

/* --- Cards ------------------------------------------------------------------------------------ */

static HRESULT join_name(struct reader *reader)
{
    struct vcard *card = &reader->card;
    size_t size;
    char *name;

    if (!card->given || !card->surname) {
        card->name = card->given ? card->given : card->surname;
        return S_OK;
    }
    size = strlen(card->given) + strlen(card->surname) + 2;
    name = arena_alloc(&reader->texts, size);
    if (!name)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    strcpy(name, card->given);
    strcat(name, " ");
    strcat(name, card->surname);
    card->name = name;
    return S_OK;
}

static HRESULT end_card(struct reader *reader, vcard_fn *fn, void *context)
{
    struct vcard *card = &reader->card;
    HRESULT hr = S_OK;

    if (card->email_count == 0)
        return S_OK;
    if (!card->name)
        hr = join_name(reader);
    if (!card->name)
        card->name = card->company ? card->company : card->emails[0];
    return SUCCEEDED(hr) ? fn(context, card) : hr;
}

static void begin_card(struct reader *reader)
{
    arena_reset(&reader->texts);
    reader->card = (struct vcard){0};
}

static HRESULT read_line(struct reader *reader, vcard_fn *fn, void *context)
{
    struct property property;

    if (!split(reader->line, &property))
        return S_OK;
    if (strcasecmp(property.name, "BEGIN") == 0) {
        if (reader->depth++ == 0)
            begin_card(reader);
        return S_OK;
    }
    if (strcasecmp(property.name, "END") == 0) {
        if (reader->depth > 0 && --reader->depth == 0)
            return end_card(reader, fn, context);
        return S_OK;
    }
    return reader->depth == 1 ? add_property(reader, &property) : S_OK;
}

HRESULT vcards_read(const char *bytes, size_t size, vcard_fn *fn, void *context)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    HRESULT hr = S_OK;

    if (!reader)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
        bytes += 3;
        size -= 3;
    }
    reader->at = bytes;
    reader->end = bytes + size;
    while (SUCCEEDED(hr) && next_line(reader))
        hr = read_line(reader, fn, context);
    arena_clear(&reader->texts);
    free(reader);
    return hr;
}
