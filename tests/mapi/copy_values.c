/* tests/mapi/copy_values.c - the values that the models of copying use */
#include "mapi/copy_values.h"

#include <stdlib.h>
#include <string.h>

#include "support/com.h"
#include "support/soak.h"

#define BIG 100000 /* bytes */

const ULONG value_types[VALUE_TYPES] = {
    PT_I2,         PT_LONG,        PT_R4,      PT_DOUBLE,     PT_CURRENCY,   PT_APPTIME,
    PT_BOOLEAN,    PT_I8,          PT_STRING8, PT_UNICODE,    PT_SYSTIME,    PT_CLSID,
    PT_BINARY,     PT_SVREID,      PT_MV_I2,   PT_MV_LONG,    PT_MV_R4,      PT_MV_DOUBLE,
    PT_MV_APPTIME, PT_MV_CURRENCY, PT_MV_I8,   PT_MV_STRING8, PT_MV_UNICODE, PT_MV_SYSTIME,
    PT_MV_CLSID,   PT_MV_BINARY,
};

/* ---- Bits ---- */

/* Any bytes will do for numbers, times and GUIDs. Zeros and ones have a place of their own. */
static const BYTE *random_bytes(void)
{
    static BYTE bytes[BIG];
    static bool made;
    unsigned state = 1;
    size_t i;

    if (made)
        return bytes;
    for (i = 16; i < BIG; i++) {
        state = state * 1103515245 + 12345;
        bytes[i] = i < 32 ? 0xFF : (BYTE)(state >> 16);
    }
    made = true;
    return bytes;
}

static size_t element_size(ULONG type)
{
    switch (type & ~(ULONG)MV_FLAG) {
    case PT_I2:
    case PT_BOOLEAN:
        return 2;
    case PT_LONG:
    case PT_R4:
        return 4;
    case PT_CLSID:
        return sizeof(GUID);
    default:
        return 8;
    }
}

/* ---- Texts ---- */

struct text {
    const char *narrow;
    const WCHAR *wide;
};

/* 'a' and more of it, `length` characters. */
static struct text long_text(size_t length)
{
    char *narrow = malloc(length + 1);
    WCHAR *wide = malloc((length + 1) * sizeof(*wide));
    size_t i;

    for (i = 0; i < length; i++) {
        narrow[i] = (char)('a' + i % 26);
        wide[i] = (WCHAR)narrow[i];
    }
    narrow[length] = '\0';
    wide[length] = 0;
    return (struct text){narrow, wide};
}

/* The last four lie around the 8 KiB that GetProps gives: the first fits in both widths, the second
 * in 8 bits alone. They stay reachable: leaks they are not. */
static const struct text *all_texts(void)
{
    static const WCHAR lone[] = {0xD800, 'x', 0}, replaced[] = {0xFFFD, 'x', 0};
    static struct text texts[VARIANTS] = {
        {"", u""},
        {"Gr\xC3\xBC\xC3\x9F\x65 \xF0\x9F\x93\xA8", u"Gr\u00FC\u00DFe \U0001F4E8"},
        [TEXT_LONE] = {"\xEF\xBF\xBDx", lone},
        [TEXT_BROKEN] = {"\xFFx", replaced},
        [TEXT_REPLACED] = {"\xEF\xBF\xBDx", replaced},
    };

    if (!texts[5].narrow) {
        texts[5] = long_text(4095);
        texts[6] = long_text(4096);
        texts[7] = long_text(9000);
        texts[8] = long_text(50000);
    }
    return texts;
}

/* ---- Single values ---- */

static void make_single(SPropValue *value, unsigned variant)
{
    static const size_t sizes[VARIANTS] = {0, 1, 16, 300, 8191, 8192, 8193, 20000, BIG - 16};
    const struct text *text = &all_texts()[variant];
    ULONG type = PROP_TYPE(value->ulPropTag);

    switch (type) {
    case PT_STRING8:
        value->Value.lpszA = (char *)text->narrow;
        break;
    case PT_UNICODE:
        value->Value.lpszW = (WCHAR *)text->wide;
        break;
    case PT_BINARY:
    case PT_SVREID:
        value->Value.bin.cb = (ULONG)sizes[variant];
        value->Value.bin.lpb = sizes[variant] ? (BYTE *)random_bytes() + variant : NULL;
        break;
    case PT_BOOLEAN:
        value->Value.b = variant < 2 ? (unsigned short)variant : 7; /* what is not FALSE is TRUE */
        break;
    case PT_CLSID:
        value->Value.lpguid = (GUID *)(random_bytes() + 16 * variant);
        break;
    default:
        memcpy(&value->Value, random_bytes() + 16 * variant, element_size(type));
        break;
    }
}

/* ---- Multi-valued ones ---- */

/* What texts and binaries the multi-valued ones have; lists 2, 3, 4 differ as TEXT_LONE, _BROKEN
 * and _REPLACED do. */
static const struct {
    unsigned count, variants[3];
} lists[VARIANTS] = {
    {1, {0}},
    {3, {1, 0, 5}},
    {2, {1, TEXT_LONE}},
    {2, {1, TEXT_BROKEN}},
    {2, {1, TEXT_REPLACED}},
    {2, {5, 1}},
    {3, {5, 6, 1}},
    {1, {7}},
    {2, {0, 8}},
};

static void make_multi(SPropValue *value, unsigned variant)
{
    static const ULONG counts[VARIANTS] = {1, 2, 3, 10, 500, 1000, 1025, 3000, 6000};
    static union {
        char *narrow[3];
        WCHAR *wide[3];
        SBinary bin[3];
    } kept[3][VARIANTS];
    ULONG type = PROP_TYPE(value->ulPropTag), i;
    unsigned kind = type == PT_MV_STRING8 ? 0 : type == PT_MV_UNICODE ? 1 : 2;

    value->Value.MVl.cValues = lists[variant].count;
    value->Value.MVl.lpl = (LONG *)&kept[kind][variant];
    for (i = 0; i < lists[variant].count; i++) {
        SPropValue single = {.ulPropTag = type & ~(ULONG)MV_FLAG};

        if (type != PT_MV_STRING8 && type != PT_MV_UNICODE && type != PT_MV_BINARY)
            break;
        make_single(&single, lists[variant].variants[i]);
        if (type == PT_MV_STRING8)
            kept[0][variant].narrow[i] = single.Value.lpszA;
        else if (type == PT_MV_UNICODE)
            kept[1][variant].wide[i] = single.Value.lpszW;
        else
            kept[2][variant].bin[i] = single.Value.bin;
    }
    if (i == 0) {
        value->Value.MVl.cValues = counts[variant];
        value->Value.MVl.lpl = (LONG *)(random_bytes() + 16 * variant);
        cr_assert(counts[variant] * element_size(type) + 16 * variant <= BIG);
    }
}

SPropValue value_made(ULONG tag, unsigned variant)
{
    SPropValue value = {.ulPropTag = tag};

    if (PROP_TYPE(tag) & MV_FLAG)
        make_multi(&value, variant);
    else if (PROP_TYPE(tag) != PT_OBJECT)
        make_single(&value, variant);
    return value;
}

/* ---- What objects make of them ---- */

unsigned value_kept(ULONG type, unsigned variant)
{
    switch (type & ~(ULONG)MV_FLAG) {
    case PT_BOOLEAN:
        return variant < 1 ? 0 : 1;
    case PT_STRING8:
        return variant == TEXT_LONE || variant == TEXT_BROKEN ? TEXT_REPLACED : variant;
    case PT_UNICODE:
        return variant == TEXT_BROKEN ? TEXT_REPLACED : variant;
    default:
        return variant;
    }
}

ULONG value_type_kept(ULONG type)
{
    return value_type_shown(type, MAPI_UNICODE);
}

ULONG value_type_shown(ULONG type, ULONG flags)
{
    ULONG single = type & ~(ULONG)MV_FLAG;

    if (single != PT_STRING8 && single != PT_UNICODE)
        return type;
    return (flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8) | (type & MV_FLAG);
}

bool value_has_stream(ULONG type)
{
    return type == PT_STRING8 || type == PT_UNICODE || type == PT_BINARY;
}

/* ---- Bytes ---- */

struct bytes {
    const void *start;
    size_t size;
};

static size_t wide_size(const WCHAR *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return (length + 1) * sizeof(WCHAR);
}

/* Of element `i`, or of the single value. */
static struct bytes bytes_of(const SPropValue *value, ULONG i)
{
    ULONG type = PROP_TYPE(value->ulPropTag);
    bool multi = type & MV_FLAG;
    const char *narrow;
    const WCHAR *wide;
    const SBinary *bin;

    switch (type & ~(ULONG)MV_FLAG) {
    case PT_STRING8:
        narrow = multi ? value->Value.MVszA.lppszA[i] : value->Value.lpszA;
        return (struct bytes){narrow, strlen(narrow) + 1};
    case PT_UNICODE:
        wide = multi ? value->Value.MVszW.lppszW[i] : value->Value.lpszW;
        return (struct bytes){wide, wide_size(wide)};
    case PT_BINARY:
    case PT_SVREID:
        bin = multi ? &value->Value.MVbin.lpbin[i] : &value->Value.bin;
        return (struct bytes){bin->lpb, bin->cb};
    case PT_OBJECT:
        return (struct bytes){NULL, 0};
    default:
        break;
    }
    if (multi)
        return (struct bytes){(BYTE *)value->Value.MVl.lpl + i * element_size(type),
                              element_size(type)};
    return (struct bytes){type == PT_CLSID ? (const void *)value->Value.lpguid : &value->Value,
                          element_size(type)};
}

static ULONG count_of(const SPropValue *value)
{
    return PROP_TYPE(value->ulPropTag) & MV_FLAG ? value->Value.MVl.cValues : 1;
}

bool value_same(const SPropValue *a, const SPropValue *b)
{
    ULONG count = count_of(a), i;

    if (a->ulPropTag != b->ulPropTag || count != count_of(b))
        return false;
    if (PROP_TYPE(a->ulPropTag) == PT_ERROR)
        return a->Value.err == b->Value.err;
    for (i = 0; i < count; i++) {
        struct bytes left = bytes_of(a, i), right = bytes_of(b, i);

        if (left.size != right.size ||
            (left.size && memcmp(left.start, right.start, left.size) != 0))
            return false;
    }
    return true;
}

size_t value_bytes(const SPropValue *value)
{
    size_t total = 0;
    ULONG i;

    for (i = 0; i < count_of(value); i++)
        total += bytes_of(value, i).size;
    return total;
}

/* ---- Chance ---- */

unsigned chance_variant(void)
{
    return chance(8) ? chance(5) : chance(VARIANTS);
}

ULONG chance_width(void)
{
    return chance(2) ? MAPI_UNICODE : 0;
}
