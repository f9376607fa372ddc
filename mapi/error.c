/* mapi/error.c - what went wrong, for a program and for a person */
#include "mapi/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mapi/text.h"

/* Makes `text` fit to be shown: valid UTF-8 without control characters. A sequence that was cut at
 * the end goes; bytes that are no UTF-8 become '?'. */
static void text_make_presentable(char *text, bool was_cut)
{
    size_t length = strlen(text);
    size_t at = 0;

    while (at < length) {
        unsigned char byte = (unsigned char)text[at];
        size_t width = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;

        if (byte < 0x20 || byte == 0x7F) {
            text[at++] = ' ';
            continue;
        }
        if (was_cut && at + width > length) {
            text[at] = '\0';
            return;
        }
        if (at + width <= length && utf8_is_valid(text + at, width)) {
            at += width;
        } else {
            text[at++] = '?';
        }
    }
}

HRESULT error_set(struct error_info *error, HRESULT hr, const char *component, const char *format,
                  ...)
{
    struct error_info made = {.hr = hr}; /* arguments may lie in *error */
    va_list args;
    int length;

    if (!error)
        return hr;

    if (component) {
        length = snprintf(made.component, sizeof(made.component), "%s", component);
        text_make_presentable(made.component, length >= (int)sizeof(made.component));
    }
    if (format) {
        va_start(args, format);
        length = vsnprintf(made.text, sizeof(made.text), format, args);
        va_end(args);
        if (length < 0)
            made.text[0] = '\0';
        text_make_presentable(made.text, length >= (int)sizeof(made.text));
    }
    *error = made;
    return hr;
}

void error_clear(struct error_info *error)
{
    if (error)
        memset(error, 0, sizeof(*error));
}
