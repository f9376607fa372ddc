/* mapi/rtf_text.c - RTF as plain text, or the HTML that is hidden in it
 *
 * One pass over control words, groups and characters. A group inherits its parent's state and gives
 * it back. Bytes in a font's character set are gathered until something else comes, for a character
 * may have two. */
#include "mapi/rtf_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapinls.h"
#include "mapi/memory.h"
#include "mapi/text.h"

#define FONTS_MAX 256
#define WORD_MAX  32
#define HEAD_MAX  1024 /* of the file, where it says what it was made from */

struct group {
    bool skip;    /* a destination that is no text */
    bool fonts;   /* the font table: read, but not shown */
    bool no_html; /* \htmlrtf: for those who show the RTF */
    unsigned uc;  /* characters behind \u that stand in for it */
    UINT code_page;
};

struct reader {
    const char *at, *end;
    bool html; /* the HTML that is hidden in it is wanted, not what it shows */
    struct group groups[RTF_DEPTH_MAX];
    size_t depth;
    UINT code_page; /* \ansicpg */
    struct {
        LONG number;
        UINT code_page;
    } fonts[FONTS_MAX];
    size_t font_count;
    LONG font;        /* that the font table is at */
    unsigned to_skip; /* characters that stand in for a \u */
    bool starred;     /* \* came: an unknown destination is skipped */
    char *pending;    /* bytes of one character set; a character of two bytes is never cut */
    size_t pending_count, pending_capacity;
    WCHAR *text;
    size_t size, capacity; /* of the text, in units */
    HRESULT hr;
};

/* ---- Text out ---- */

/* Room for so many units more. */
static bool reserve_units(struct reader *reader, size_t count)
{
    size_t capacity = reader->capacity ? reader->capacity : 256;
    WCHAR *text;

    while (capacity < reader->size + count + 1)
        capacity *= 2;
    if (capacity > reader->capacity) {
        text = realloc(reader->text, capacity * sizeof(*text));
        if (!text) {
            reader->hr = MAPI_E_NOT_ENOUGH_MEMORY;
            return false;
        }
        reader->text = text;
        reader->capacity = capacity;
    }
    return true;
}

static void put_units(struct reader *reader, const WCHAR *units, size_t count)
{
    if (!reserve_units(reader, count))
        return;
    memcpy(reader->text + reader->size, units, count * sizeof(*units));
    reader->size += count;
}

static struct group *top(struct reader *reader)
{
    return &reader->groups[reader->depth];
}

/* ASCII is itself in every character set, and most of the text. */
static bool widen_ascii(const char *bytes, size_t count, WCHAR *units)
{
    for (size_t i = 0; i < count; i++) {
        if ((unsigned char)bytes[i] >= 0x80)
            return false;
        units[i] = (WCHAR)bytes[i];
    }
    return true;
}

static void flush_pending(struct reader *reader)
{
    size_t count = reader->pending_count, room = 2 * count;
    WCHAR *units;

    reader->pending_count = 0;
    if (count == 0 || !reserve_units(reader, room))
        return;
    units = reader->text + reader->size;
    if (widen_ascii(reader->pending, count, units))
        reader->size += count;
    else
        reader->size += (size_t)MNLS_MultiByteToWideChar(top(reader)->code_page, 0, reader->pending,
                                                         (int)count, units, (int)room);
}

static bool reserve_pending(struct reader *reader)
{
    size_t capacity = reader->pending_capacity ? 2 * reader->pending_capacity : 256;
    char *pending = realloc(reader->pending, capacity);

    if (!pending) {
        reader->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return false;
    }
    reader->pending = pending;
    reader->pending_capacity = capacity;
    return true;
}

static bool is_hidden(struct reader *reader)
{
    return top(reader)->skip || top(reader)->fonts || (reader->html && top(reader)->no_html);
}

static void put_byte(struct reader *reader, char byte)
{
    if (reader->to_skip > 0) {
        reader->to_skip--;
        return;
    }
    if (is_hidden(reader) || byte == '\0')
        return;
    if (reader->pending_count == reader->pending_capacity && !reserve_pending(reader))
        return;
    reader->pending[reader->pending_count++] = byte;
}

static void put_text(struct reader *reader, const WCHAR *text)
{
    if (is_hidden(reader))
        return;
    flush_pending(reader);
    put_units(reader, text, utf16_length(text));
}

/* ---- Fonts ---- */

static UINT code_page_of_charset(LONG charset)
{
    static const struct {
        LONG charset;
        UINT code_page;
    } map[] = {
        {0, 1252},   {128, 932},  {129, 949},  {130, 1361}, {134, 936},  {136, 950},
        {161, 1253}, {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257},
        {204, 1251}, {222, 874},  {238, 1250}, {77, 10000},
    };

    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        if (map[i].charset == charset)
            return map[i].code_page;
    return 0;
}

static void choose_font(struct reader *reader, LONG number)
{
    if (top(reader)->fonts) {
        reader->font = number;
        return;
    }
    flush_pending(reader);
    top(reader)->code_page = reader->code_page;
    for (size_t i = 0; i < reader->font_count; i++)
        if (reader->fonts[i].number == number)
            top(reader)->code_page = reader->fonts[i].code_page;
}

static void note_charset(struct reader *reader, LONG charset)
{
    UINT code_page = code_page_of_charset(charset);

    if (!top(reader)->fonts || !code_page || reader->font_count == FONTS_MAX)
        return;
    reader->fonts[reader->font_count].number = reader->font;
    reader->fonts[reader->font_count++].code_page = code_page;
}

/* ---- Control words ---- */

static const struct {
    const char *word;
    const WCHAR *text;
} texts[] = {
    {"par", u"\r\n"},         {"line", u"\r\n"},        {"row", u"\r\n"},
    {"sect", u"\r\n"},        {"page", u"\r\n"},        {"tab", u"\t"},
    {"cell", u"\t"},          {"emdash", u"\u2014"},    {"endash", u"\u2013"},
    {"lquote", u"\u2018"},    {"rquote", u"\u2019"},    {"bullet", u"\u2022"},
    {"ldblquote", u"\u201C"}, {"rdblquote", u"\u201D"}, {"emspace", u"\u2003"},
    {"enspace", u"\u2002"},
};

/* Destinations that hold no text of the document, besides all that begin with \*. */
static const char *const hidden[] = {
    "colortbl",          "stylesheet", "info",    "pict",    "header",    "headerl",  "headerr",
    "headerf",           "footer",     "footerl", "footerr", "footerf",   "footnote", "object",
    "filetbl",           "rxe",        "tc",      "xe",      "bkmkstart", "bkmkend",  "listtable",
    "listoverridetable", "revtbl",
};

static void put_unicode(struct reader *reader, LONG number)
{
    WCHAR unit[2] = {(WCHAR)number, 0}; /* negative numbers are the upper half */

    if (unit[0] && !is_hidden(reader)) {
        flush_pending(reader);
        put_units(reader, unit, 1);
    }
    reader->to_skip = top(reader)->uc;
}

static bool do_state(struct reader *reader, const char *word, LONG number)
{
    if (strcmp(word, "u") == 0) {
        put_unicode(reader, number);
    } else if (strcmp(word, "uc") == 0) {
        top(reader)->uc = number < 0 || number > 16 ? 1 : (unsigned)number;
    } else if (strcmp(word, "ansicpg") == 0) {
        reader->code_page = top(reader)->code_page = (UINT)number;
    } else if (strcmp(word, "f") == 0) {
        choose_font(reader, number);
    } else if (strcmp(word, "fcharset") == 0) {
        note_charset(reader, number);
    } else if (strcmp(word, "plain") == 0) {
        flush_pending(reader);
        top(reader)->code_page = reader->code_page;
    } else if (strcmp(word, "htmlrtf") == 0) {
        flush_pending(reader);
        top(reader)->no_html = number != 0;
    } else if (strcmp(word, "bin") == 0) {
        reader->at += number > 0 && number < reader->end - reader->at ? number : 0;
    } else {
        return false;
    }
    return true;
}

static void do_word(struct reader *reader, const char *word, LONG number)
{
    bool starred = reader->starred;
    size_t i;

    reader->starred = false;
    if (reader->to_skip > 0 && strcmp(word, "u") != 0) {
        reader->to_skip--; /* a word stands in for one character */
        return;
    }
    reader->to_skip = 0;
    if (starred) {
        top(reader)->skip = !(reader->html && strcmp(word, "htmltag") == 0);
        return;
    }
    if (strcmp(word, "fonttbl") == 0) {
        top(reader)->fonts = true;
        return;
    }
    if (do_state(reader, word, number))
        return;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(word, texts[i].word) == 0)
            put_text(reader, texts[i].text);
    for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (strcmp(word, hidden[i]) == 0)
            top(reader)->skip = true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A number behind a word; without one: 1. */
static LONG read_number(struct reader *reader)
{
    bool negative = reader->at < reader->end && *reader->at == '-', any = false;
    LONG number = 0;

    if (negative)
        reader->at++;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
        if (number < 100000000)
            number = number * 10 + (*reader->at - '0');
        any = true;
    }
    return !any ? 1 : negative ? -number : number;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void do_hex(struct reader *reader)
{
    int high, low;

    if (reader->end - reader->at < 2)
        return;
    high = hex(reader->at[0]);
    low = hex(reader->at[1]);
    reader->at += 2;
    if (high >= 0 && low >= 0)
        put_byte(reader, (char)(high << 4 | low));
}

static void do_symbol(struct reader *reader, char symbol)
{
    switch (symbol) {
    case '\'':
        do_hex(reader);
        break;
    case '*':
        reader->starred = true;
        break;
    case '~':
        put_text(reader, u"\u00A0");
        break;
    case '_':
        put_text(reader, u"-");
        break;
    case '\r':
    case '\n':
        put_text(reader, u"\r\n");
        break;
    case '\\':
    case '{':
    case '}':
        put_byte(reader, symbol);
        break;
    default: /* \- and others show nothing */
        break;
    }
}

static void do_control(struct reader *reader)
{
    char word[WORD_MAX];
    size_t length = 0;
    LONG number;

    if (reader->at == reader->end)
        return;
    if (!is_letter(*reader->at)) {
        do_symbol(reader, *reader->at++);
        return;
    }
    for (; reader->at < reader->end && is_letter(*reader->at); reader->at++)
        if (length < WORD_MAX - 1)
            word[length++] = *reader->at;
    word[length] = '\0';
    number = read_number(reader);
    if (reader->at < reader->end && *reader->at == ' ')
        reader->at++;
    do_word(reader, word, number);
}

/* ---- The pass ---- */

static void open_group(struct reader *reader)
{
    flush_pending(reader);
    reader->to_skip = 0;
    if (reader->depth + 1 == RTF_DEPTH_MAX) {
        reader->hr = MAPI_E_TOO_COMPLEX;
        return;
    }
    reader->depth++;
    reader->groups[reader->depth] = reader->groups[reader->depth - 1];
}

static void close_group(struct reader *reader)
{
    flush_pending(reader);
    reader->to_skip = 0;
    reader->starred = false;
    if (reader->depth > 0)
        reader->depth--;
}

static void read_all(struct reader *reader)
{
    while (reader->at < reader->end && SUCCEEDED(reader->hr)) {
        char c = *reader->at++;

        if (c == '{')
            open_group(reader);
        else if (c == '}')
            close_group(reader);
        else if (c == '\\')
            do_control(reader);
        else if (c != '\r' && c != '\n')
            put_byte(reader, c);
    }
    flush_pending(reader);
}

/* Where the head of the file says so, before any group. */
enum rtf_kind rtf_kind(const char *rtf, size_t size)
{
    const char *end = size > 1 ? memchr(rtf + 1, '{', size - 1) : NULL;
    size_t head = end ? (size_t)(end - rtf) : size;

    if (head > HEAD_MAX)
        head = HEAD_MAX;
    if (memmem(rtf, head, "\\fromhtml1", 10))
        return RTF_KIND_HTML;
    return memmem(rtf, head, "\\fromtext", 9) ? RTF_KIND_TEXT : RTF_KIND_RTF;
}

static HRESULT convert(const char *rtf, size_t size, bool html, WCHAR **ret_text)
{
    struct reader *reader;
    WCHAR *text;
    HRESULT hr;

    if (size < 5 || memcmp(rtf, "{\\rtf", 5) != 0)
        return MAPI_E_CORRUPT_DATA;
    if (size > RTF_TEXT_MAX)
        return MAPI_E_TOO_BIG;
    reader = calloc(1, sizeof(*reader));
    if (!reader)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    reader->html = html;
    reader->at = rtf;
    reader->end = rtf + size;
    reader->code_page = 1252;
    reader->groups[0] = (struct group){.uc = 1, .code_page = 1252};
    read_all(reader);
    hr = reader->hr;
    if (SUCCEEDED(hr)) {
        text = mapi_alloc(NULL, (reader->size + 1) * sizeof(*text));
        hr = text ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
        if (text && reader->size)
            memcpy(text, reader->text, reader->size * sizeof(*text));
        if (text)
            *ret_text = text;
    }
    free(reader->pending);
    free(reader->text);
    free(reader);
    return hr;
}

HRESULT rtf_to_text(const char *rtf, size_t size, WCHAR **ret_text)
{
    return convert(rtf, size, false, ret_text);
}

HRESULT rtf_to_html(const char *rtf, size_t size, WCHAR **ret_html)
{
    return convert(rtf, size, true, ret_html);
}
