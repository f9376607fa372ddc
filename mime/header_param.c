/* mime/header_param.c - "value; name=value; ..." and RFC 2231 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime/charset.h"
#include "mime/header.h"
#include "mime/header_text.h"

#define SEGMENTS_MAX 1000 /* of one parameter, by their numbers */

/* The name taken apart: "filename*12*". */
struct mark {
    size_t base;      /* length of the name itself */
    bool numbered;    /* a segment */
    unsigned segment; /* its number */
    bool extended;    /* percent-encoded */
};

static struct mark mark_of(const struct header_raw_param *raw)
{
    const char *star = memchr(raw->name, '*', raw->name_size);
    struct mark mark = {.base = raw->name_size};
    const char *at, *end = raw->name + raw->name_size;

    if (!star)
        return mark;
    for (at = star + 1; at < end && isdigit((unsigned char)*at) && mark.segment < SEGMENTS_MAX;
         at++) {
        mark.numbered = true;
        mark.segment = mark.segment * 10 + (unsigned)(*at - '0');
    }
    mark.extended = at == star + 1 ? at == end : at + 1 == end && *at == '*';
    if (at != end && !mark.extended)
        return (struct mark){.base = raw->name_size}; /* some other star */
    mark.base = (size_t)(star - raw->name);
    return mark;
}

static bool same_base(const struct header_raw_param *a, size_t size,
                      const struct header_raw_param *b)
{
    return mark_of(b).base == size && strncasecmp(a->name, b->name, size) == 0;
}

static int hex_value(char digit)
{
    return isdigit((unsigned char)digit)    ? digit - '0'
           : isxdigit((unsigned char)digit) ? tolower((unsigned char)digit) - 'a' + 10
                                            : -1;
}

static size_t percent_decode(const char *bytes, size_t size, char *out)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '%' && i + 2 < size && hex_value(bytes[i + 1]) >= 0 &&
            hex_value(bytes[i + 2]) >= 0) {
            out[count++] = (char)(hex_value(bytes[i + 1]) << 4 | hex_value(bytes[i + 2]));
            i += 2;
        } else {
            out[count++] = bytes[i];
        }
    }
    return count;
}

/* "charset'language'" at the front of the first extended piece. */
static const char *take_charset(struct arena *arena, const char **bytes, size_t *size)
{
    const char *first = memchr(*bytes, '\'', *size), *second;
    size_t length;
    char *charset;

    if (!first)
        return "";
    second = memchr(first + 1, '\'', *size - (size_t)(first + 1 - *bytes));
    if (!second)
        return "";
    length = (size_t)(first - *bytes);
    charset = arena_alloc(arena, length + 1);
    if (!charset)
        return NULL;
    memcpy(charset, *bytes, length);
    charset[length] = '\0';
    *size -= (size_t)(second + 1 - *bytes);
    *bytes = second + 1;
    return charset;
}

/* The pieces of one extended or continued parameter, in order of their numbers. */
static const char *join(struct arena *arena, const struct header_raw_param *raw, size_t count,
                        const struct header_raw_param *first, size_t base)
{
    const char *charset = NULL, *text;
    size_t total = 0, size = 0;
    char *bytes;

    for (size_t i = 0; i < count; i++)
        if (same_base(first, base, &raw[i]))
            total += raw[i].value_size;
    bytes = arena_alloc(arena, total + 1);
    if (!bytes)
        return NULL;
    for (unsigned segment = 0, found = 1; found; segment++) {
        found = 0;
        for (size_t i = 0; i < count && !found; i++) {
            struct mark mark = mark_of(&raw[i]);
            const char *value = raw[i].value;
            size_t value_size = raw[i].value_size;

            if (!same_base(first, base, &raw[i]) || (!mark.numbered && !mark.extended) ||
                mark.segment != segment)
                continue;
            found = 1;
            if (mark.extended && !charset && !(charset = take_charset(arena, &value, &value_size)))
                return NULL;
            if (mark.extended) {
                size += percent_decode(value, value_size, bytes + size);
            } else if (value_size) {
                memcpy(bytes + size, value, value_size);
                size += value_size;
            }
        }
    }
    text = charset_to_utf8(arena, charset, bytes, size, NULL);
    /* Some programs encode words in continued parameters too. */
    return charset || !text ? text : header_text_decode(arena, text, strlen(text));
}

static bool is_done(const struct header_raw_param *raw, size_t at, size_t base)
{
    for (size_t i = 0; i < at; i++)
        if (same_base(&raw[at], base, &raw[i]))
            return true;
    return false;
}

static const char *lower(struct arena *arena, const char *bytes, size_t size)
{
    char *text = arena_alloc(arena, size + 1);

    for (size_t i = 0; text && i < size; i++)
        text[i] = (char)tolower((unsigned char)bytes[i]);
    if (text)
        text[size] = '\0';
    return text;
}

bool header_params_decode(struct arena *arena, const struct header_raw_param *raw, size_t count,
                          struct mime_param **ret_params, size_t *ret_count)
{
    struct mime_param *params;
    size_t made = 0;

    if (count > MIME_PARAMS_MAX)
        count = MIME_PARAMS_MAX;
    params = arena_alloc(arena, (count + 1) * sizeof(*params));
    if (!params)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct mark mark = mark_of(&raw[i]);
        bool marked = false;

        if (is_done(raw, i, mark.base))
            continue;
        for (size_t k = i; k < count; k++) { /* the marked form is the better one */
            struct mark other = mark_of(&raw[k]);

            marked |= (other.numbered || other.extended) && other.segment == 0 &&
                      same_base(&raw[i], mark.base, &raw[k]);
        }
        params[made].name = lower(arena, raw[i].name, mark.base);
        params[made].value = marked ? join(arena, raw, count, &raw[i], mark.base)
                                    : header_text_decode(arena, raw[i].value, raw[i].value_size);
        if (!params[made].name || !params[made].value)
            return false;
        made++;
    }
    *ret_params = params;
    *ret_count = made;
    return true;
}

const char *header_param_find(const struct mime_param *params, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(params[i].name, name) == 0)
            return params[i].value;
    return NULL;
}

/* --- The text form ---------------------------------------------------------------------------- */

static const char *skip_blank(const char *at, const char *end)
{
    int depth = 0;

    for (; at < end; at++) {
        if (*at == '\\' && depth > 0 && at + 1 < end)
            at++;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && depth > 0)
            depth--;
        else if (depth == 0 && !isspace((unsigned char)*at))
            break;
    }
    return at;
}

/* Up to one of `stops`, without the white space before it. */
static const char *take_token(const char *at, const char *end, const char *stops, size_t *ret_size)
{
    const char *stop = at, *last;

    while (stop < end && !strchr(stops, *stop))
        stop++;
    for (last = stop; last > at && isspace((unsigned char)last[-1]);)
        last--;
    *ret_size = (size_t)(last - at);
    return stop;
}

/* A quoted string; the end of the field closes an open one. */
static const char *take_quoted(struct arena *arena, const char *at, const char *end,
                               struct header_raw_param *raw)
{
    char *text = arena_alloc(arena, (size_t)(end - at) + 1);

    raw->value_size = 0;
    raw->value = text ? text : "";
    for (at++; at < end && *at != '"'; at++) {
        /* A backslash of a Windows path is no escape. */
        if (*at == '\\' && at + 1 < end && (at[1] == '"' || at[1] == '\\'))
            at++;
        if (text && *at != '\r' && *at != '\n')
            text[raw->value_size++] = *at;
    }
    return at < end ? at + 1 : at;
}

bool header_value_parse(struct arena *arena, const char *bytes, size_t size, const char **ret_value,
                        struct mime_param **ret_params, size_t *ret_count)
{
    const char *at = skip_blank(bytes, bytes + size), *end = bytes + size, *value = at;
    struct header_raw_param raw[MIME_PARAMS_MAX];
    size_t count = 0, value_size;

    at = take_token(at, end, ";(", &value_size);
    *ret_value = lower(arena, value, value_size);
    if (!*ret_value)
        return false;
    while (count < MIME_PARAMS_MAX) {
        struct header_raw_param *param = &raw[count];

        while (at < end && *at != ';')
            at++;
        if (at == end)
            break;
        param->name = at = skip_blank(at + 1, end);
        at = take_token(at, end, "=;", &param->name_size);
        if (at == end || *at == ';' || param->name_size == 0)
            continue;
        at = skip_blank(at + 1, end);
        if (at < end && *at == '"') {
            at = take_quoted(arena, at, end, param);
        } else {
            param->value = at;
            at = take_token(at, end, ";", &param->value_size);
        }
        count++;
    }
    return header_params_decode(arena, raw, count, ret_params, ret_count);
}
