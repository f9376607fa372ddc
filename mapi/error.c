/* mapi/error.c - what went wrong, for a program and for a person */
#include "mapi/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mapi/text.h"

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
