/* mapi/nls.c - MNLS_*: strings by code page and locale
 *
 * Conversion is iconv's, comparison that of text.h. Where a Windows program would ask GetLastError
 * there is nobody to ask: 0 says failure. Code page 0 (CP_ACP) and 1 (CP_OEMCP) are the locale's,
 * UTF-8 where the program set none. */
#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapinls.h"
#include "mapi/memory.h"
#include "mapi/text.h"

#define CODE_PAGE_UTF8 65001
#define CODE_PAGE_UTF7 65000
#define ERR_INVALID    0x8u /* MB_ERR_INVALID_CHARS */
#define TEXT_MAX       (64 << 20)

#define CSTR_LESS_THAN    1
#define CSTR_EQUAL        2
#define CSTR_GREATER_THAN 3

/* ---- Code pages ---- */

static const struct {
    UINT code_page;
    const char *charset;
} code_pages[] = {
    {CODE_PAGE_UTF8, "UTF-8"},
    {CODE_PAGE_UTF7, "UTF-7"},
    {20127, "US-ASCII"},
    {10000, "MACINTOSH"},
    {20866, "KOI8-R"},
    {21866, "KOI8-U"},
    {28591, "ISO-8859-1"},
    {28592, "ISO-8859-2"},
    {28593, "ISO-8859-3"},
    {28594, "ISO-8859-4"},
    {28595, "ISO-8859-5"},
    {28596, "ISO-8859-6"},
    {28597, "ISO-8859-7"},
    {28598, "ISO-8859-8"},
    {28599, "ISO-8859-9"},
    {28603, "ISO-8859-13"},
    {28605, "ISO-8859-15"},
    {50220, "ISO-2022-JP"},
    {50225, "ISO-2022-KR"},
    {51932, "EUC-JP"},
    {51949, "EUC-KR"},
    {51936, "GB2312"},
    {54936, "GB18030"},
    {936, "CP936"},
    {949, "UHC"},
    {950, "BIG5"},
    {874, "CP874"},
    {932, "CP932"},
    {1361, "JOHAB"},
};

#define CODE_PAGE_COUNT (sizeof(code_pages) / sizeof(code_pages[0]))

UINT STDAPICALLTYPE MNLS_GetACP(void)
{
    const char *codeset = nl_langinfo(CODESET);
    unsigned number;
    size_t i;

    for (i = 0; i < CODE_PAGE_COUNT; i++)
        if (strcasecmp(codeset, code_pages[i].charset) == 0)
            return code_pages[i].code_page;
    if (sscanf(codeset, "CP%u", &number) == 1)
        return number;
    return CODE_PAGE_UTF8; /* the C locale, too */
}

/* The name for iconv; NULL: no such code page. */
static const char *charset_of(UINT code_page, char buffer[16])
{
    size_t i;

    if (code_page == CP_ACP || code_page == CP_OEMCP)
        code_page = MNLS_GetACP();
    for (i = 0; i < CODE_PAGE_COUNT; i++)
        if (code_pages[i].code_page == code_page)
            return code_pages[i].charset;
    if (code_page < 37 || (code_page >= 1200 && code_page < 1250) || code_page > 1258)
        return NULL; /* UTF-16 has no bytes to convert */
    snprintf(buffer, 16, "CP%u", code_page);
    return buffer;
}

/* ---- Conversion ---- */

struct growing {
    char *data;
    size_t size, capacity;
};

static bool grow(struct growing *out, size_t room)
{
    size_t capacity = out->capacity ? out->capacity : 256;
    char *data;

    while (capacity - out->size < room)
        capacity *= 2;
    if (capacity == out->capacity)
        return true;
    data = realloc(out->data, capacity);
    if (!data)
        return false;
    out->data = data;
    out->capacity = capacity;
    return true;
}

static bool append(struct growing *out, const void *data, size_t size)
{
    if (!grow(out, size))
        return false;
    if (size)
        memcpy(out->data + out->size, data, size);
    out->size += size;
    return true;
}

/* What stands for a character that cannot be converted: its bytes; `used` tells that it did. */
struct substitute {
    const void *bytes;
    size_t size, width; /* width: of a character of the input */
    bool refuse, used;
};

/* How far to step over what is no character: a surrogate pair is one. */
static size_t bad_width(const char *in, size_t left, size_t unit)
{
    WCHAR first, second;

    if (unit == 1 || left < 4)
        return left < unit ? left : unit;
    memcpy(&first, in, 2);
    memcpy(&second, in + 2, 2);
    return (first & 0xFC00) == 0xD800 && (second & 0xFC00) == 0xDC00 ? 4 : 2;
}

static bool convert(iconv_t how, const char *in, size_t size, struct substitute *bad,
                    struct growing *out)
{
    char *at = (char *)in, *to;
    size_t left = size, room;
    bool flushed = false;

    while (!flushed) {
        size_t done;

        if (!grow(out, 64))
            return false;
        to = out->data + out->size;
        room = out->capacity - out->size;
        flushed = left == 0;
        done = flushed ? iconv(how, NULL, NULL, &to, &room) : iconv(how, &at, &left, &to, &room);
        out->size = (size_t)(to - out->data);
        if (done != (size_t)-1)
            continue;
        if (errno == E2BIG) {
            flushed = false;
            if (!grow(out, out->capacity))
                return false;
            continue;
        }
        if (bad->refuse || !append(out, bad->bytes, bad->size))
            return false;
        bad->used = true;
        done = bad_width(at, left, bad->width);
        at += done;
        left -= done;
    }
    return true;
}

/* The whole result, malloc'd; NULL: failure. */
static char *convert_all(const char *to, const char *from, const char *in, size_t size,
                         struct substitute *bad, size_t *ret_size)
{
    struct growing out = {0};
    iconv_t how = iconv_open(to, from);
    bool good;

    if (how == (iconv_t)-1)
        return NULL;
    good = convert(how, in, size, bad, &out);
    iconv_close(how);
    if (!good) {
        free(out.data);
        return NULL;
    }
    *ret_size = out.size;
    return out.data;
}

/* Units of the result that go to the caller, who may only have asked how many there are. */
static int hand_out(char *data, size_t size, size_t unit, void *out, int capacity)
{
    int count = -1;

    if (data && size / unit <= INT_MAX)
        count = (int)(size / unit);
    if (count > 0 && capacity > 0) {
        if (count > capacity)
            count = -1;
        else
            memcpy(out, data, size);
    }
    free(data);
    return count < 0 ? 0 : count;
}

int STDAPICALLTYPE MNLS_MultiByteToWideChar(UINT code_page, DWORD flags, LPCSTR text, int count,
                                            LPWSTR out, int capacity)
{
    static const WCHAR unknown = 0xFFFD;
    struct substitute bad = {&unknown, sizeof(unknown), 1, flags & ERR_INVALID, false};
    char buffer[16];
    const char *charset = charset_of(code_page, buffer);
    size_t size, made = 0;
    char *result;

    if (!text || count == 0 || count < -1 || capacity < 0 || (!out && capacity) || !charset)
        return 0;
    size = count < 0 ? strlen(text) + 1 : (size_t)count;
    if (size > TEXT_MAX)
        return 0;
    result = convert_all("UTF-16LE", charset, text, size, &bad, &made);
    return hand_out(result, made, sizeof(WCHAR), out, capacity);
}

int STDAPICALLTYPE MNLS_WideCharToMultiByte(UINT code_page, DWORD flags, LPCWSTR text, int count,
                                            LPSTR out, int capacity, LPCSTR default_char,
                                            BOOL *ret_used_default)
{
    struct substitute bad = {default_char ? default_char : "?", 1, sizeof(WCHAR), false, false};
    bool unicode = code_page == CODE_PAGE_UTF8 || code_page == CODE_PAGE_UTF7;
    char buffer[16];
    const char *charset = charset_of(code_page, buffer);
    size_t size, made = 0;
    char *result;

    if (!text || count == 0 || count < -1 || capacity < 0 || (!out && capacity) || !charset)
        return 0;
    if (unicode && (default_char || ret_used_default))
        return 0; /* there is no character that these lack */
    size = count < 0 ? utf16_length(text) + 1 : (size_t)count;
    if (size > TEXT_MAX)
        return 0;
    result =
        convert_all(charset, "UTF-16LE", (const char *)text, size * sizeof(WCHAR), &bad, &made);
    if (ret_used_default)
        *ret_used_default = bad.used;
    return hand_out(result, made, 1, out, capacity);
}

/* ---- Comparison ---- */

static WCHAR *terminated(const WCHAR *text, int count)
{
    size_t length = count < 0 ? utf16_length(text) : (size_t)count;
    WCHAR *copy = calloc(length + 1, sizeof(*copy));

    if (copy && length)
        memcpy(copy, text, length * sizeof(*copy));
    return copy;
}

/* Takes away what is neither letter nor digit nor outside ASCII. */
static void drop_symbols(WCHAR *text)
{
    WCHAR *to = text;

    for (; *text; text++)
        if (*text >= 0x80 || (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
            (*text >= 'a' && *text <= 'z'))
            *to++ = *text;
    *to = 0;
}

static ULONG fuzzy_of(DWORD flags)
{
    ULONG fuzzy = 0;

    if (flags & NORM_IGNORECASE)
        fuzzy |= FL_IGNORECASE;
    if (flags & NORM_IGNORENONSPACE)
        fuzzy |= FL_IGNORENONSPACE;
    return fuzzy;
}

int STDAPICALLTYPE MNLS_CompareStringW(LCID locale, DWORD flags, LPCWSTR a, int a_count, LPCWSTR b,
                                       int b_count)
{
    const DWORD known = NORM_IGNORECASE | NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS |
                        NORM_IGNOREKANATYPE | NORM_IGNOREWIDTH | 0x1000 /* SORT_STRINGSORT */;
    WCHAR *left, *right;
    int result = 0, order;

    if (!a || !b || flags & ~known)
        return 0;
    left = terminated(a, a_count);
    right = terminated(b, b_count);
    if (left && right) {
        if (flags & NORM_IGNORESYMBOLS) {
            drop_symbols(left);
            drop_symbols(right);
        }
        order = text_compare(left, right, fuzzy_of(flags));
        result = order < 0 ? CSTR_LESS_THAN : order > 0 ? CSTR_GREATER_THAN : CSTR_EQUAL;
    }
    free(left);
    free(right);
    return result;
}

int STDAPICALLTYPE MNLS_CompareStringA(LCID locale, DWORD flags, LPCSTR a, int a_count, LPCSTR b,
                                       int b_count)
{
    WCHAR *left = NULL, *right = NULL;
    char *a_copy, *b_copy;
    int result = 0;

    if (!a || !b)
        return 0;
    a_copy = a_count < 0 ? strdup(a) : strndup(a, (size_t)a_count);
    b_copy = b_count < 0 ? strdup(b) : strndup(b, (size_t)b_count);
    if (a_copy && b_copy && SUCCEEDED(text_8bit_to_utf16(NULL, a_copy, &left)) &&
        SUCCEEDED(text_8bit_to_utf16(NULL, b_copy, &right)))
        result = MNLS_CompareStringW(locale, flags, left, -1, right, -1);
    mapi_free(left);
    mapi_free(right);
    free(a_copy);
    free(b_copy);
    return result;
}

int STDAPICALLTYPE MNLS_lstrcmpW(LPCWSTR a, LPCWSTR b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return text_compare(a, b, 0);
}

int STDAPICALLTYPE MNLS_lstrlenW(LPCWSTR text)
{
    return text ? (int)utf16_length(text) : 0;
}

LPWSTR STDAPICALLTYPE MNLS_lstrcpyW(LPWSTR to, LPCWSTR from)
{
    if (to && from)
        memmove(to, from, (utf16_length(from) + 1) * sizeof(*from));
    return to && from ? to : NULL;
}

BOOL STDAPICALLTYPE MNLS_IsBadStringPtrW(LPCWSTR text, UINT most)
{
    return !text && most; /* only NULL is seen */
}

/* ---- The user's locale ---- */

static const struct {
    char name[6];
    LCID id;
} locales[] = {
    {"ar_SA", 0x0401}, {"bg_BG", 0x0402}, {"ca_ES", 0x0403}, {"zh_TW", 0x0404}, {"cs_CZ", 0x0405},
    {"da_DK", 0x0406}, {"de_DE", 0x0407}, {"el_GR", 0x0408}, {"en_US", 0x0409}, {"fi_FI", 0x040B},
    {"fr_FR", 0x040C}, {"he_IL", 0x040D}, {"hu_HU", 0x040E}, {"is_IS", 0x040F}, {"it_IT", 0x0410},
    {"ja_JP", 0x0411}, {"ko_KR", 0x0412}, {"nl_NL", 0x0413}, {"nb_NO", 0x0414}, {"pl_PL", 0x0415},
    {"pt_BR", 0x0416}, {"ro_RO", 0x0418}, {"ru_RU", 0x0419}, {"hr_HR", 0x041A}, {"sk_SK", 0x041B},
    {"sq_AL", 0x041C}, {"sv_SE", 0x041D}, {"th_TH", 0x041E}, {"tr_TR", 0x041F}, {"ur_PK", 0x0420},
    {"id_ID", 0x0421}, {"uk_UA", 0x0422}, {"be_BY", 0x0423}, {"sl_SI", 0x0424}, {"et_EE", 0x0425},
    {"lv_LV", 0x0426}, {"lt_LT", 0x0427}, {"fa_IR", 0x0429}, {"vi_VN", 0x042A}, {"eu_ES", 0x042D},
    {"mk_MK", 0x042F}, {"hi_IN", 0x0439}, {"ms_MY", 0x043E}, {"gl_ES", 0x0456}, {"zh_CN", 0x0804},
    {"de_CH", 0x0807}, {"en_GB", 0x0809}, {"es_MX", 0x080A}, {"fr_BE", 0x080C}, {"it_CH", 0x0810},
    {"nl_BE", 0x0813}, {"nn_NO", 0x0814}, {"pt_PT", 0x0816}, {"sv_FI", 0x081D}, {"zh_HK", 0x0C04},
    {"de_AT", 0x0C07}, {"en_AU", 0x0C09}, {"es_ES", 0x0C0A}, {"fr_CA", 0x0C0C}, {"zh_SG", 0x1004},
    {"en_CA", 0x1009}, {"fr_CH", 0x100C}, {"en_NZ", 0x1409}, {"en_IE", 0x1809}, {"en_IN", 0x4009},
};

LCID STDAPICALLTYPE MNLS_GetUserDefaultLCID(void)
{
    const size_t count = sizeof(locales) / sizeof(locales[0]);
    const char *name = setlocale(LC_COLLATE, NULL);
    size_t i;

    for (i = 0; name && i < count; i++)
        if (strncmp(name, locales[i].name, 5) == 0)
            return locales[i].id;
    for (i = 0; name && i < count; i++) /* the language at least */
        if (strncmp(name, locales[i].name, 3) == 0)
            return locales[i].id;
    return 0x0409; /* the C locale is English */
}
