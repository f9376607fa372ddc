/* mapi/rtf_from_text.c - plain text as RTF
 *
 * A line is a paragraph; what is not ASCII is written as \u with a question mark for readers that
 * do not know it. \fromtext says that the text is all there is (MS-OXRTFEX 2.1.3.1). */
#include <stdio.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/rtf_text.h"
#include "mapi/text.h"

static const char head[] = "{\\rtf1\\ansi\\ansicpg1252\\fromtext \\deff0{\\fonttbl\r\n"
                           "{\\f0\\fswiss Arial;}}\r\n\\uc1\\pard\\plain\\f0\\fs20 ";

#define UNIT_MAX 10 /* bytes that one unit can need */

/* What stands for one unit; its length. CR is left to the LF that follows it. */
static size_t write_unit(WCHAR unit, WCHAR next, char out[UNIT_MAX + 1])
{
    if (unit == '\r' && next == '\n')
        return 0;
    if (unit == '\r' || unit == '\n')
        return (size_t)sprintf(out, "\\par\r\n");
    if (unit == '\t')
        return (size_t)sprintf(out, "\\tab ");
    if (unit == '\\' || unit == '{' || unit == '}')
        return (size_t)sprintf(out, "\\%c", (char)unit);
    if (unit < 0x20)
        return 0;
    if (unit < 0x7F) {
        out[0] = (char)unit;
        return 1;
    }
    return (size_t)sprintf(out, "\\u%d?", (int16_t)unit);
}

HRESULT rtf_from_text(const WCHAR *text, char **ret_rtf, size_t *ret_size)
{
    size_t length = utf16_length(text), most;
    char *rtf, *at;

    if (__builtin_mul_overflow(length, UNIT_MAX, &most))
        return MAPI_E_TOO_BIG;
    rtf = at = mapi_alloc(NULL, sizeof(head) + most + UNIT_MAX + 4);
    if (!rtf)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(at, head, sizeof(head) - 1);
    at += sizeof(head) - 1;
    for (; *text; text++)
        at += write_unit(text[0], text[1], at);
    *at++ = '}';
    *ret_rtf = rtf;
    *ret_size = (size_t)(at - rtf);
    return S_OK;
}
