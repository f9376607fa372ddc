/* mapi/text.c - strings: UTF-8, UTF-16 and the code page of the locale
 *
 * UTF-8 and UTF-16 are converted here; code pages by iconv. Case, accents and compatibility forms
 * are Unicode's, by libunistring, independent of the locale, so that one table sorts the same
 * everywhere. ASCII, which is most of it, takes a short way. */
#include "mapi/text.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#define REPLACEMENT 0xFFFDu

size_t utf16_length(const WCHAR *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

int utf16_compare(const WCHAR *a, const WCHAR *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (int)(uint16_t)*a - (int)(uint16_t)*b;
}

/* Decodes one character of text[0..length), length > 0; *ret_width is how many bytes it took. What
 * is no character takes one byte and gives REPLACEMENT. Rejects overlong forms, surrogates and what
 * lies beyond U+10FFFF (RFC 3629). */
static uint32_t utf8_decode(const char *text, size_t length, size_t *ret_width)
{
    const unsigned char *byte = (const unsigned char *)text;
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code;
    size_t width, i;

    *ret_width = 1;
    if (byte[0] < 0x80)
        return byte[0];
    if (byte[0] < 0xC2 || byte[0] > 0xF4)
        return REPLACEMENT;
    width = byte[0] >= 0xF0 ? 4 : byte[0] >= 0xE0 ? 3 : 2;
    if (width > length)
        return REPLACEMENT;
    code = byte[0] & (0x7Fu >> width);
    for (i = 1; i < width; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return REPLACEMENT;
        code = code << 6 | (byte[i] & 0x3F);
    }
    if (code < smallest[width] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return REPLACEMENT;
    *ret_width = width;
    return code;
}

bool utf8_is_valid(const char *text, size_t length)
{
    size_t at = 0, width;

    while (at < length) {
        uint32_t code = utf8_decode(text + at, length - at, &width);

        if (code == REPLACEMENT && width == 1)
            return false;
        at += width;
    }
    return true;
}

void text_make_presentable(char *text, bool was_cut)
{
    size_t length = strlen(text), at = 0;

    while (at < length) {
        unsigned char byte = (unsigned char)text[at];
        size_t width = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;

        if (was_cut && at + width > length) {
            text[at] = '\0';
            return;
        }
        if (at + width > length || !utf8_is_valid(text + at, width)) {
            text[at++] = '?';
            continue;
        }
        /* C1 begins sequences that terminals obey, as ESC does. */
        if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && (unsigned char)text[at + 1] < 0xA0))
            memset(text + at, ' ', width);
        at += width;
    }
}

size_t utf8_to_utf16(const char *text, size_t length, WCHAR *out, size_t capacity)
{
    size_t at = 0, units = 0, written = 0, width;

    while (at < length) {
        uint32_t code = utf8_decode(text + at, length - at, &width);
        size_t need = code >= 0x10000 ? 2 : 1;

        at += width;
        if (written == units && units + need < capacity) {
            if (need == 1) {
                out[units] = (WCHAR)code;
            } else {
                out[units] = (WCHAR)(0xD800 + ((code - 0x10000) >> 10));
                out[units + 1] = (WCHAR)(0xDC00 + ((code - 0x10000) & 0x3FF));
            }
            written += need;
        }
        units += need;
    }
    if (capacity)
        out[written] = 0;
    return units;
}

static uint32_t utf16_decode(const WCHAR *text, size_t length, size_t *ret_width)
{
    uint32_t unit = (uint16_t)text[0];

    *ret_width = 1;
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit;
    if (unit <= 0xDBFF && length > 1 && (uint16_t)text[1] >= 0xDC00 &&
        (uint16_t)text[1] <= 0xDFFF) {
        *ret_width = 2;
        return 0x10000 + ((unit - 0xD800) << 10) + ((uint16_t)text[1] - 0xDC00u);
    }
    return REPLACEMENT;
}

static size_t utf8_encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

size_t utf16_to_utf8(const WCHAR *text, size_t length, char *out, size_t capacity)
{
    size_t at = 0, bytes = 0, written = 0, width, need;
    char encoded[4];

    while (at < length) {
        need = utf8_encode(utf16_decode(text + at, length - at, &width), encoded);
        at += width;
        if (written == bytes && bytes + need < capacity) {
            memcpy(out + bytes, encoded, need);
            written += need;
        }
        bytes += need;
    }
    if (capacity)
        out[written] = '\0';
    return bytes;
}

WCHAR *arena_utf16(struct arena *arena, const char *text, size_t length)
{
    WCHAR *out;

    /* Never more units than bytes. */
    if (length > (size_t)INT32_MAX)
        return NULL;
    out = arena_alloc(arena, (length + 1) * sizeof(WCHAR));
    if (out)
        utf8_to_utf16(text, length, out, length + 1);
    return out;
}

HRESULT text_utf8_to_utf16(void *root, const char *text, WCHAR **ret_text)
{
    size_t length, units;
    WCHAR *out;

    if (!text) {
        *ret_text = NULL;
        return S_OK;
    }
    length = strlen(text);
    units = utf8_to_utf16(text, length, NULL, 0);
    out = mapi_alloc_array(root, units + 1, sizeof(WCHAR));
    if (!out)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    utf8_to_utf16(text, length, out, units + 1);
    *ret_text = out;
    return S_OK;
}

HRESULT text_utf16_to_utf8(void *root, const WCHAR *text, char **ret_text)
{
    size_t length, bytes;
    char *out;

    if (!text) {
        *ret_text = NULL;
        return S_OK;
    }
    length = utf16_length(text);
    bytes = utf16_to_utf8(text, length, NULL, 0);
    out = mapi_alloc(root, bytes + 1);
    if (!out)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    utf16_to_utf8(text, length, out, bytes + 1);
    *ret_text = out;
    return S_OK;
}

/* ---- Code page of the locale ---- */

/* NULL: UTF-8, nothing to convert. */
static const char *locale_code_page(void)
{
    const char *name = nl_langinfo(CODESET);

    if (strcmp(name, "UTF-8") == 0 || strcmp(name, "ANSI_X3.4-1968") == 0)
        return NULL;
    return name;
}

static bool is_ascii(const char *text, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* What could not be converted at *in: steps over one character and writes `substitute`. */
static void skip_bad(char **in, size_t *in_left, bool from_utf8, const char *substitute, char **out,
                     size_t *out_left)
{
    size_t width = 1, length = strlen(substitute);

    if (from_utf8)
        utf8_decode(*in, *in_left, &width);
    *in += width;
    *in_left -= width;
    if (*out_left >= length) {
        memcpy(*out, substitute, length);
        *out += length;
        *out_left -= length;
    }
}

/* iconv of the whole text. The output is at most 4 bytes a byte for the code pages of locales. */
static HRESULT convert(void *root, const char *text, const char *to, const char *from,
                       char **ret_text)
{
    bool from_utf8 = strcmp(from, "UTF-8") == 0;
    const char *substitute = from_utf8 ? "?" : "\xEF\xBF\xBD";
    size_t in_left = strlen(text), capacity, out_left;
    char *in = (char *)text, *buffer, *out;
    iconv_t cd;

    cd = iconv_open(to, from);
    if (cd == (iconv_t)-1)
        return MAPI_E_BAD_CHARWIDTH;
    capacity = in_left * 4 + 16;
    buffer = malloc(capacity);
    if (!buffer) {
        iconv_close(cd);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    out = buffer;
    out_left = capacity;
    while (in_left > 0 && iconv(cd, &in, &in_left, &out, &out_left) == (size_t)-1) {
        if (errno == E2BIG)
            break;
        skip_bad(&in, &in_left, from_utf8, substitute, &out, &out_left);
    }
    iconv(cd, NULL, NULL, &out, &out_left);
    iconv_close(cd);

    *ret_text = mapi_alloc(root, capacity - out_left + 1);
    if (*ret_text)
        memcpy(*ret_text, buffer, capacity - out_left);
    free(buffer);
    return *ret_text ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT text_dup(void *root, const char *text, char **ret_text)
{
    *ret_text = mapi_memdup(root, text, strlen(text) + 1);
    return *ret_text ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT text_utf8_to_8bit(void *root, const char *text, char **ret_text)
{
    const char *page = locale_code_page();

    *ret_text = NULL;
    if (!text)
        return S_OK;
    if (!page || is_ascii(text, strlen(text)))
        return text_dup(root, text, ret_text);
    return convert(root, text, page, "UTF-8", ret_text);
}

HRESULT text_8bit_to_utf8(void *root, const char *text, char **ret_text)
{
    const char *page = locale_code_page();
    WCHAR *wide;
    HRESULT hr;

    *ret_text = NULL;
    if (!text)
        return S_OK;
    if (page && !is_ascii(text, strlen(text)))
        return convert(root, text, "UTF-8", page, ret_text);
    if (utf8_is_valid(text, strlen(text)))
        return text_dup(root, text, ret_text);

    /* There and back replaces what is no UTF-8. */
    hr = text_utf8_to_utf16(NULL, text, &wide);
    if (FAILED(hr))
        return hr;
    hr = text_utf16_to_utf8(root, wide, ret_text);
    mapi_free(wide);
    return hr;
}

HRESULT text_utf16_to_8bit(void *root, const WCHAR *text, char **ret_text)
{
    char *utf8;
    HRESULT hr;

    if (!locale_code_page())
        return text_utf16_to_utf8(root, text, ret_text);
    hr = text_utf16_to_utf8(NULL, text, &utf8);
    if (FAILED(hr))
        return hr;
    hr = text_utf8_to_8bit(root, utf8, ret_text);
    mapi_free(utf8);
    return hr;
}

HRESULT text_8bit_to_utf16(void *root, const char *text, WCHAR **ret_text)
{
    char *utf8;
    HRESULT hr;

    if (!locale_code_page())
        return text_utf8_to_utf16(root, text, ret_text);
    hr = text_8bit_to_utf8(NULL, text, &utf8);
    if (FAILED(hr))
        return hr;
    hr = text_utf8_to_utf16(root, utf8, ret_text);
    mapi_free(utf8);
    return hr;
}

HRESULT text_from_argument(void *root, const void *text, ULONG flags, char **ret_utf8)
{
    if (flags & MAPI_UNICODE)
        return text_utf16_to_utf8(root, text, ret_utf8);
    return text_8bit_to_utf8(root, text, ret_utf8);
}

HRESULT text_to_result(void *root, const char *utf8, ULONG flags, LPTSTR *ret_text)
{
    WCHAR *wide;
    char *narrow;
    HRESULT hr;

    if (flags & MAPI_UNICODE) {
        hr = text_utf8_to_utf16(root, utf8, &wide);
        if (SUCCEEDED(hr))
            *ret_text = (LPTSTR)wide;
    } else {
        hr = text_utf8_to_8bit(root, utf8, &narrow);
        if (SUCCEEDED(hr))
            *ret_text = (LPTSTR)narrow;
    }
    return hr;
}

/* ---- Loose comparison ---- */

#define FUZZY_FLAGS (FL_IGNORECASE | FL_IGNORENONSPACE | FL_LOOSE)

static bool utf16_is_ascii(const WCHAR *text, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        if ((uint16_t)text[i] >= 0x80)
            return false;
    return true;
}

static WCHAR ascii_fold(WCHAR unit)
{
    return unit >= 'A' && unit <= 'Z' ? (WCHAR)(unit + ('a' - 'A')) : unit;
}

/* Takes the accents out of decomposed text, in place. */
static size_t drop_nonspacing(uint16_t *text, size_t length)
{
    size_t at = 0, kept = 0, width;

    while (at < length) {
        uint32_t code = utf16_decode((const WCHAR *)text + at, length - at, &width);

        if (!uc_is_general_category_withtable(code, UC_CATEGORY_MASK_Mn)) {
            memmove(text + kept, text + at, width * sizeof(*text));
            kept += width;
        }
        at += width;
    }
    return kept;
}

const WCHAR *text_fold(struct arena *arena, const WCHAR *text, ULONG fuzzy)
{
    bool ignore_case = fuzzy & (FL_IGNORECASE | FL_LOOSE);
    uninorm_t form = fuzzy & FL_LOOSE ? UNINORM_NFKD : UNINORM_NFD;
    size_t length = utf16_length(text), folded_length, i;
    uint16_t *folded;
    WCHAR *out;

    if (!(fuzzy & FUZZY_FLAGS))
        return text;
    if (utf16_is_ascii(text, length)) {
        if (!ignore_case)
            return text;
        out = arena_alloc(arena, (length + 1) * sizeof(WCHAR));
        for (i = 0; out && i <= length; i++)
            out[i] = ascii_fold(text[i]);
        return out;
    }

    /* A lone surrogate is no text to libunistring: it is compared as it stands. */
    folded = ignore_case
                 ? u16_casefold((const uint16_t *)text, length, NULL, form, NULL, &folded_length)
                 : u16_normalize(form, (const uint16_t *)text, length, NULL, &folded_length);
    if (!folded)
        return errno == ENOMEM ? NULL : text;
    if (fuzzy & (FL_IGNORENONSPACE | FL_LOOSE))
        folded_length = drop_nonspacing(folded, folded_length);
    out = arena_alloc(arena, (folded_length + 1) * sizeof(WCHAR));
    if (out) {
        memcpy(out, folded, folded_length * sizeof(WCHAR));
        out[folded_length] = 0;
    }
    free(folded);
    return out;
}

const WCHAR *text_sort_key(struct arena *arena, const WCHAR *text)
{
    const WCHAR *folded = text_fold(arena, text, FL_IGNORECASE);
    size_t length, bare;
    WCHAR *key;

    if (!folded)
        return NULL;
    length = utf16_length(folded);
    if (utf16_is_ascii(folded, length))
        return folded;
    key = arena_alloc(arena, (2 * length + 2) * sizeof(WCHAR));
    if (!key)
        return NULL;
    memcpy(key, folded, length * sizeof(WCHAR));
    bare = drop_nonspacing((uint16_t *)key, length);
    key[bare] = 1; /* below every character, above the end */
    memcpy(key + bare + 1, folded, (length + 1) * sizeof(WCHAR));
    return key;
}

int text_compare(const WCHAR *a, const WCHAR *b, ULONG fuzzy)
{
    struct arena arena = {0};
    const WCHAR *folded_a, *folded_b;
    int order;

    if (!(fuzzy & FUZZY_FLAGS))
        return utf16_compare(a, b);
    if ((fuzzy & FUZZY_FLAGS) == FL_IGNORECASE) {
        folded_a = text_sort_key(&arena, a);
        folded_b = text_sort_key(&arena, b);
    } else {
        folded_a = text_fold(&arena, a, fuzzy);
        folded_b = text_fold(&arena, b, fuzzy);
    }
    order = utf16_compare(folded_a ? folded_a : a, folded_b ? folded_b : b);
    arena_clear(&arena);
    return order;
}
