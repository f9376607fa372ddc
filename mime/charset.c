/* mime/charset.c - bytes in any charset that iconv knows, to UTF-8 */
#include "mime/charset.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/text.h"

#define LABEL_MAX 64

/* PR_INTERNET_CPID's numbers; the first label of a code page is the one we write. */
static const struct {
    const char *label;
    uint32_t codepage;
} codepages[] = {
    {"utf-8", 65001},
    {"us-ascii", 20127},
    {"windows-1252", 1252},
    {"windows-1250", 1250},
    {"windows-1251", 1251},
    {"windows-1253", 1253},
    {"windows-1254", 1254},
    {"windows-1255", 1255},
    {"windows-1256", 1256},
    {"windows-1257", 1257},
    {"windows-1258", 1258},
    {"iso-8859-1", 28591},
    {"iso-8859-2", 28592},
    {"iso-8859-3", 28593},
    {"iso-8859-4", 28594},
    {"iso-8859-5", 28595},
    {"iso-8859-6", 28596},
    {"iso-8859-7", 28597},
    {"iso-8859-8", 28598},
    {"iso-8859-9", 28599},
    {"iso-8859-13", 28603},
    {"iso-8859-15", 28605},
    {"koi8-r", 20866},
    {"koi8-u", 21866},
    {"shift_jis", 932},
    {"iso-2022-jp", 50220},
    {"euc-jp", 51932},
    {"gb2312", 936},
    {"gbk", 936},
    {"gb18030", 54936},
    {"big5", 950},
    {"euc-kr", 51949},
    {"ks_c_5601-1987", 949},
    {"iso-2022-kr", 50225},
    {"utf-16le", 1200},
    {"utf-16be", 1201},
    {"utf-7", 65000},
    {"windows-874", 874},
    {"utf8", 65001},
    {"ascii", 20127},
    {"latin1", 28591},
    {"cp1252", 1252},
    {"x-sjis", 932},
    {"sjis", 932},
    {"cp932", 932},
    {"iso-8859-10", 28600},
    {"iso-8859-14", 28604},
    {"iso-8859-16", 28606},
    {"tis-620", 874},
    {"iso-8859-11", 874},
    {"windows-31j", 932},
    {"x-gbk", 936},
    {"gb_2312-80", 936},
    {"big5-hkscs", 951},
    {"utf-16", 1200},
    {"ansi_x3.4-1968", 20127},
    {"iso8859-1", 28591},
    {"iso_8859-1", 28591},
    {"latin-1", 28591},
    {"l1", 28591},
    {"ks_c_5601", 949},
    {"uhc", 949},
    {"x-euc-jp", 51932},
    {"iso-8859-8-i", 38598},
    {"macintosh", 10000},
    {"unicode-1-1-utf-8", 65001},
};

/* Labels that mail has and iconv does not. */
static const struct {
    const char *label, *iconv;
} aliases[] = {
    {"x-sjis", "SHIFT_JIS"},
    {"ks_c_5601-1987", "CP949"},
    {"x-gbk", "GBK"},
    {"x-euc-jp", "EUC-JP"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"gb2312", "GBK"},
    {"windows-31j", "CP932"},
    {"ansi_x3.110-1983", "ISO-8859-1"},
    {"x-unknown", "WINDOWS-1252"},
    {"unknown-8bit", "WINDOWS-1252"},
};

/* Labels with the code page's number in them. */
static const char *const numbered[] = {"windows-", "cp", "cp-", "ibm", "ibm-", "x-cp"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

uint32_t charset_codepage(const char *charset)
{
    for (size_t i = 0; i < COUNT(codepages); i++)
        if (strcasecmp(codepages[i].label, charset) == 0)
            return codepages[i].codepage;
    for (size_t i = 0; i < COUNT(numbered); i++) {
        size_t size = strlen(numbered[i]);

        if (strncasecmp(charset, numbered[i], size) == 0 && isdigit((unsigned char)charset[size])) {
            char *stop;
            unsigned long number = strtoul(charset + size, &stop, 10);

            if (*stop == '\0' && number > 0 && number < 65536)
                return (uint32_t)number;
        }
    }
    return 0;
}

const char *charset_of_codepage(uint32_t codepage)
{
    for (size_t i = 0; i < COUNT(codepages); i++)
        if (codepages[i].codepage == codepage)
            return codepages[i].label;
    return NULL;
}

static const char *iconv_name(const char *charset)
{
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (strcasecmp(aliases[i].label, charset) == 0)
            return aliases[i].iconv;
    return charset;
}

static const char *copy(struct arena *arena, const void *bytes, size_t size, size_t *ret_size)
{
    char *text = arena_alloc(arena, size + 1);

    if (!text)
        return NULL;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (ret_size)
        *ret_size = size;
    return text;
}

/* Up to four bytes of UTF-8 for one byte of any single- or multi-byte charset. */
static const char *convert(struct arena *arena, iconv_t converter, const void *bytes, size_t size,
                           size_t *ret_size)
{
    size_t space = size * 4 + 4;
    char *text = arena_alloc(arena, space + 1), *out = text, *in = (char *)bytes;

    if (!text)
        return NULL;
    while (size > 0 && iconv(converter, &in, &size, &out, &space) == (size_t)-1) {
        if (errno == E2BIG)
            break; /* no charset of mail gets here: four bytes a byte is the most there is */
        if (space < 3)
            break;
        memcpy(out, "\xEF\xBF\xBD", 3);
        out += 3;
        space -= 3;
        in++;
        size--;
    }
    iconv(converter, NULL, NULL, &out, &space);
    *out = '\0';
    if (ret_size)
        *ret_size = (size_t)(out - text);
    return text;
}

static bool is_utf8_label(const char *charset)
{
    return strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "us-ascii") == 0 ||
           strcasecmp(charset, "utf8") == 0 || strcasecmp(charset, "ascii") == 0;
}

const char *charset_to_utf8(struct arena *arena, const char *charset, const void *bytes,
                            size_t size, size_t *ret_size)
{
    bool unlabelled = !charset || !charset[0];
    const char *text;
    iconv_t converter;

    if ((unlabelled || is_utf8_label(charset)) && utf8_is_valid(bytes, size))
        return copy(arena, bytes, size, ret_size);
    if (unlabelled || strlen(charset) > LABEL_MAX || strcasecmp(charset, "us-ascii") == 0)
        charset = "WINDOWS-1252";
    converter = iconv_open("UTF-8", iconv_name(charset));
    if (converter == (iconv_t)-1)
        converter = iconv_open("UTF-8", "WINDOWS-1252");
    if (converter == (iconv_t)-1)
        return copy(arena, "", 0, ret_size);
    text = convert(arena, converter, bytes, size, ret_size);
    iconv_close(converter);
    return text;
}
