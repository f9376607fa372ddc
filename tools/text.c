/* text.c - strings between MAPI, the terminal and JSON */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistr.h>
#include <uniwidth.h>

#include "tools/tool.h"

#define FILETIME_1970   11644473600LL /* seconds from 1601 */
#define FILETIME_SECOND 10000000LL

void *text_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);

    if (!memory) {
        fputs("mapigate: no memory left\n", stderr);
        exit(CODE_FAILED);
    }
    return memory;
}

char *text_utf8(const WCHAR *text)
{
    size_t length = text ? u16_strlen((const uint16_t *)text) : 0, size = 0;
    char *result = text_alloc(3 * length + 1);

    /* Half of a surrogate pair cannot be said in UTF-8; the rest of the text can. */
    for (size_t at = 0; at < length;) {
        ucs4_t letter;

        at += (size_t)u16_mbtouc(&letter, (const uint16_t *)text + at, length - at);
        size += (size_t)u8_uctomb((uint8_t *)result + size, letter, 4);
    }
    return result;
}

WCHAR *text_utf16(const char *text)
{
    size_t length = text ? strlen(text) : 0, count = 0;
    WCHAR *result = text_alloc((length + 1) * sizeof(WCHAR));

    for (size_t at = 0; at < length;) {
        ucs4_t letter;

        at += (size_t)u8_mbtouc(&letter, (const uint8_t *)text + at, length - at);
        count += (size_t)u16_uctomb((uint16_t *)result + count, letter, 2);
    }
    return result;
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = text_alloc(1);
    va_end(arguments);
    return text;
}

/* --- To the terminal -------------------------------------------------------------------------- */

static bool is_control(ucs4_t letter)
{
    return letter < 0x20 || (letter >= 0x7F && letter < 0xA0) || /* C0, DEL, C1 */
           (letter >= 0x202A && letter <= 0x202E) ||             /* turn the direction round */
           (letter >= 0x2066 && letter <= 0x2069);
}

static int put_letter(FILE *out, const uint8_t *at, int size, ucs4_t letter)
{
    if (is_control(letter)) {
        fputc(' ', out);
        return 1;
    }
    if (letter == 0xFFFD)
        fputs("\xEF\xBF\xBD", out); /* what was no UTF-8 */
    else
        fwrite(at, 1, (size_t)size, out);
    return uc_width(letter, "UTF-8") > 0 ? uc_width(letter, "UTF-8") : 0;
}

void text_print(FILE *out, const char *text, int width)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    bool cut = width > 0 && u8_width(at, (size_t)(end - at), "UTF-8") > width;
    int column = 0;

    while (at < end) {
        ucs4_t letter;
        int size = u8_mbtouc(&letter, at, (size_t)(end - at));

        if (cut && column + uc_width(letter, "UTF-8") > width - 1) {
            fputs("\xE2\x80\xA6", out); /* an ellipsis */
            column++;
            break;
        }
        column += put_letter(out, at, size, letter);
        at += size;
    }
    for (; column < width; column++)
        fputc(' ', out);
}

void text_print_body(FILE *out, const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + size;

    while (at < end) {
        ucs4_t letter;
        int length = u8_mbtouc(&letter, at, (size_t)(end - at));

        if (letter == '\n' || letter == '\t')
            fputc((int)letter, out);
        else if (letter != '\r')
            put_letter(out, at, length, letter);
        at += length;
    }
    if (size > 0 && end[-1] != '\n')
        fputc('\n', out);
}

char *text_time(const FILETIME *time)
{
    char text[64] = "";
    struct tm parts;
    time_t seconds;

    if (time) {
        int64_t ticks = (int64_t)((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime);

        seconds = (time_t)(ticks / FILETIME_SECOND - FILETIME_1970);
        if (localtime_r(&seconds, &parts))
            strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &parts);
    }
    return text_format("%s", text);
}

void json_print(json_t *value, bool one_line)
{
    json_dumpf(value, stdout, one_line ? JSON_COMPACT : JSON_INDENT(2));
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(value);
}
