/* mime/header_text.c - header fields as a person reads them */
#include "mime/header_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "mapi/text.h"
#include "mime/charset.h"

#define WORD_CHARSET_MAX 64

/* One encoded word, "=?charset*lang?B?text?=". */
struct word {
    char charset[WORD_CHARSET_MAX];
    char encoding; /* 'B' or 'Q' */
    const char *text;
    size_t size;
    const char *end; /* behind it */
};

static bool parse_word(const char *at, const char *end, struct word *word)
{
    const char *charset = at + 2, *mark, *text, *close;
    size_t length;

    if (end - at < 8 || at[0] != '=' || at[1] != '?')
        return false;
    mark = memchr(charset, '?', (size_t)(end - charset));
    if (!mark || end - mark < 4 || mark[2] != '?')
        return false;
    word->encoding = (char)toupper((unsigned char)mark[1]);
    if (word->encoding != 'B' && word->encoding != 'Q')
        return false;
    length = (size_t)(mark - charset);
    if (memchr(charset, '*', length)) /* RFC 2231: a language behind the charset */
        length = (size_t)((const char *)memchr(charset, '*', length) - charset);
    if (length == 0 || length >= sizeof(word->charset))
        return false;
    memcpy(word->charset, charset, length);
    word->charset[length] = '\0';
    text = mark + 3;
    for (close = text; close + 1 < end; close++)
        if (close[0] == '?' && close[1] == '=')
            break;
    if (close + 1 >= end)
        return false;
    word->text = text;
    word->size = (size_t)(close - text);
    word->end = close + 2;
    return true;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)toupper((unsigned char)digit);
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static size_t decode_q(const struct word *word, char *out)
{
    size_t count = 0;

    for (size_t i = 0; i < word->size; i++) {
        char c = word->text[i];

        if (c == '=' && i + 2 < word->size && hex_value(word->text[i + 1]) >= 0 &&
            hex_value(word->text[i + 2]) >= 0) {
            c = (char)(hex_value(word->text[i + 1]) << 4 | hex_value(word->text[i + 2]));
            i += 2;
        } else if (c == '_') {
            c = ' ';
        }
        out[count++] = c;
    }
    return count;
}

static int base64_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Tolerant: what is no digit is passed over. */
static size_t decode_b(const struct word *word, char *out)
{
    unsigned bits = 0, have = 0;
    size_t count = 0;

    for (size_t i = 0; i < word->size; i++) {
        int value = base64_value(word->text[i]);

        if (value < 0)
            continue;
        bits = bits << 6 | (unsigned)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[count++] = (char)(bits >> have);
        }
    }
    return count;
}

/* The output grows in the arena by pieces that are joined at the end. */
struct output {
    struct arena *arena;
    const char *charset;
    char *text;
    size_t size, space;
    bool failed;
};

static void put(struct output *output, const char *bytes, size_t size)
{
    if (output->failed)
        return;
    if (output->size + size + 1 > output->space) {
        size_t space = (output->size + size + 1) * 2;
        char *grown = arena_alloc(output->arena, space);

        if (!grown) {
            output->failed = true;
            return;
        }
        if (output->size)
            memcpy(grown, output->text, output->size);
        output->text = grown;
        output->space = space;
    }
    memcpy(output->text + output->size, bytes, size);
    output->size += size;
}

/* Bytes between encoded words: folds and controls become a space. */
static void put_raw(struct output *output, const char *bytes, size_t size)
{
    const char *text;
    size_t count;

    if (size == 0)
        return;
    text = charset_to_utf8(output->arena, utf8_is_valid(bytes, size) ? NULL : output->charset,
                           bytes, size, &count);
    if (!text) {
        output->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char c = text[i];

        if (c == '\r' || c == '\n')
            continue;
        if ((unsigned char)c < ' ')
            c = ' ';
        put(output, &c, 1);
    }
}

/* A run of words of one charset and encoding, whose bytes belong together: programs split
 * characters between words. */
struct run {
    char charset[WORD_CHARSET_MAX];
    char *bytes;
    size_t size, space;
};

static void put_run(struct output *output, struct run *run)
{
    const char *text;
    size_t size;

    if (run->size == 0)
        return;
    text = charset_to_utf8(output->arena, run->charset, run->bytes, run->size, &size);
    if (!text)
        output->failed = true;
    else
        for (size_t i = 0; i < size; i++) {
            char c = (unsigned char)text[i] < ' ' ? ' ' : text[i];

            put(output, &c, 1);
        }
    run->size = 0;
}

static void add_word(struct output *output, struct run *run, const struct word *word)
{
    if (run->size && strcasecmp(run->charset, word->charset) != 0)
        put_run(output, run);
    memcpy(run->charset, word->charset, sizeof(run->charset));
    run->size += word->encoding == 'B' ? decode_b(word, run->bytes + run->size)
                                       : decode_q(word, run->bytes + run->size);
}

static bool is_blank(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!strchr(" \t\r\n", bytes[i]))
            return false;
    return true;
}

const char *header_text_decode(struct arena *arena, const char *bytes, size_t size)
{
    return header_text_decode_in(arena, NULL, bytes, size);
}

const char *header_text_decode_in(struct arena *arena, const char *charset, const char *bytes,
                                  size_t size)
{
    const char *end = bytes + size, *raw = bytes;
    struct output output = {.arena = arena, .charset = charset};
    struct run run = {0};

    if (!memchr(bytes, '=', size)) { /* most fields have no encoded word */
        put_raw(&output, bytes, size);
    } else {
        run.bytes = arena_alloc(arena, size + 1); /* decoded words are shorter than the field */
        if (!run.bytes)
            return NULL;
        for (const char *at = bytes; at < end;) {
            struct word word;

            if (*at != '=' || !parse_word(at, end, &word)) {
                at++;
                continue;
            }
            if (run.size == 0 || !is_blank(raw, (size_t)(at - raw))) {
                put_run(&output, &run);
                put_raw(&output, raw, (size_t)(at - raw));
            } /* white space between two words is not shown */
            add_word(&output, &run, &word);
            raw = at = word.end;
        }
        put_run(&output, &run);
        put_raw(&output, raw, (size_t)(end - raw));
    }
    put(&output, "", 1);
    return output.failed ? NULL : output.text;
}

/* --- Dates ------------------------------------------------------------------------------------ */

static const char *skip_space(const char *at)
{
    int depth = 0;

    for (; *at; at++) {
        if (*at == '(')
            depth++;
        else if (*at == ')' && depth > 0)
            depth--;
        else if (depth == 0 && !isspace((unsigned char)*at) && *at != ',')
            break;
    }
    return at;
}

static bool take_number(const char **at, int digits, int *ret)
{
    int count = 0;

    *ret = 0;
    for (; isdigit((unsigned char)**at) && count < digits; ++*at, count++)
        *ret = *ret * 10 + (**at - '0');
    return count > 0;
}

static int take_month(const char **at)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (strncasecmp(*at, months + 3 * i, 3) == 0) {
            while (isalpha((unsigned char)**at))
                ++*at;
            return i;
        }
    return -1;
}

/* "+0130", "EST" and so on, in seconds east of UTC; unknown names are UTC (RFC 5322, 4.3). */
static int zone_offset(const char *at)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                 {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    int sign = *at == '-' ? -1 : 1, value;

    if (*at == '+' || *at == '-') {
        at++;
        if (take_number(&at, 4, &value) && value / 100 < 24)
            return sign * (value / 100 * 3600 + value % 100 * 60);
        return 0;
    }
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
        if (strncasecmp(at, zones[i].name, 3) == 0)
            return zones[i].hours * 3600;
    return 0;
}

int64_t header_date_parse(const char *text)
{
    const char *at = skip_space(text);
    struct tm tm = {0};
    int year;

    if (isalpha((unsigned char)*at)) { /* day of the week */
        while (isalpha((unsigned char)*at))
            at++;
        at = skip_space(at);
    }
    if (!take_number(&at, 2, &tm.tm_mday))
        return INT64_MIN;
    while (*at == '-' || isspace((unsigned char)*at))
        at++;
    tm.tm_mon = take_month(&at);
    while (*at == '-' || isspace((unsigned char)*at))
        at++;
    if (tm.tm_mon < 0 || !take_number(&at, 4, &year))
        return INT64_MIN;
    if (year < 100)
        year += year < 50 ? 2000 : 1900;
    tm.tm_year = year - 1900;
    at = skip_space(at);
    if (!take_number(&at, 2, &tm.tm_hour) || (*at != ':' && *at != '.'))
        return INT64_MIN;
    at++;
    if (!take_number(&at, 2, &tm.tm_min))
        return INT64_MIN;
    if (*at == ':' || *at == '.') {
        at++;
        take_number(&at, 2, &tm.tm_sec);
    }
    if (tm.tm_mday > 31 || tm.tm_hour > 24 || tm.tm_min > 59 || tm.tm_sec > 60 || year < 1601)
        return INT64_MIN;
    return (int64_t)timegm(&tm) - zone_offset(skip_space(at));
}

size_t subject_prefix_length(const char *subject)
{
    size_t length = 0;

    for (;;) {
        size_t at = length;

        while (at - length < 3 && isalpha((unsigned char)subject[at]))
            at++;
        if (at == length || subject[at] != ':' || subject[at + 1] != ' ')
            return length;
        length = at + 2;
    }
}
