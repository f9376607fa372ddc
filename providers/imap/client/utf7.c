/* providers/imap/client/utf7.c - mailbox names: UTF-8 here, modified UTF-7 on the wire
 *
 * Printable ASCII stands for itself, "&" is "&-", the rest is UTF-16BE in base64 with "," for "/"
 * and without padding, between "&" and "-" (RFC 3501, 5.1.3). */
#include "providers/imap/client/utf7.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

#define REPLACEMENT 0xFFFDu

struct output {
    char *at;
};

static void put_byte(struct output *output, unsigned byte)
{
    *output->at++ = (char)byte;
}

static void put_utf8(struct output *output, uint32_t c)
{
    if (c < 0x80) {
        put_byte(output, c);
    } else if (c < 0x800) {
        put_byte(output, 0xC0 | c >> 6);
        put_byte(output, 0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put_byte(output, 0xE0 | c >> 12);
        put_byte(output, 0x80 | (c >> 6 & 0x3F));
        put_byte(output, 0x80 | (c & 0x3F));
    } else {
        put_byte(output, 0xF0 | c >> 18);
        put_byte(output, 0x80 | (c >> 12 & 0x3F));
        put_byte(output, 0x80 | (c >> 6 & 0x3F));
        put_byte(output, 0x80 | (c & 0x3F));
    }
}

/* One character of UTF-8 (RFC 3629: shortest form, no surrogates); 0 bytes used: it is none. */
static size_t get_utf8(const char *text, size_t size, uint32_t *ret_c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *p = (const uint8_t *)text;
    size_t length = p[0] < 0x80             ? 1
                    : (p[0] & 0xE0) == 0xC0 ? 2
                    : (p[0] & 0xF0) == 0xE0 ? 3
                    : (p[0] & 0xF8) == 0xF0 ? 4
                                            : 0;
    uint32_t c;

    if (length == 0 || length > size)
        return 0;
    if (length == 1) {
        *ret_c = p[0];
        return 1;
    }
    c = p[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *ret_c = c;
    return length;
}

/* --- To the wire ----------------------------------------------------------------------------- */

struct encoder {
    struct output output;
    bool shifted; /* between "&" and "-" */
    uint32_t bits;
    unsigned bit_count;
};

static void put_unit(struct encoder *encoder, uint32_t unit)
{
    encoder->bits = encoder->bits << 16 | unit;
    encoder->bit_count += 16;
    while (encoder->bit_count >= 6) {
        encoder->bit_count -= 6;
        put_byte(&encoder->output, (uint8_t)alphabet[encoder->bits >> encoder->bit_count & 0x3F]);
    }
    encoder->bits &= (1u << encoder->bit_count) - 1;
}

static void unshift(struct encoder *encoder)
{
    if (!encoder->shifted)
        return;
    if (encoder->bit_count > 0)
        put_byte(&encoder->output,
                 (uint8_t)alphabet[encoder->bits << (6 - encoder->bit_count) & 0x3F]);
    put_byte(&encoder->output, '-');
    encoder->bits = encoder->bit_count = 0;
    encoder->shifted = false;
}

static void encode(struct encoder *encoder, uint32_t c)
{
    if (c >= 0x20 && c <= 0x7E) {
        unshift(encoder);
        put_byte(&encoder->output, c);
        if (c == '&')
            put_byte(&encoder->output, '-');
        return;
    }
    if (!encoder->shifted)
        put_byte(&encoder->output, '&');
    encoder->shifted = true;
    if (c >= 0x10000) {
        put_unit(encoder, 0xD800 + ((c - 0x10000) >> 10));
        put_unit(encoder, 0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
        put_unit(encoder, c);
    }
}

HRESULT utf7_from_utf8(const char *utf8, char **ret_name)
{
    struct encoder encoder = {0};
    size_t left = strlen(utf8);
    /* The worst byte is a lone control character: "&AAE-" is five. */
    char *name = malloc(left * 5 + 1);

    if (!name)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    encoder.output.at = name;
    while (left > 0) {
        uint32_t c;
        size_t used = get_utf8(utf8, left, &c);

        if (used == 0) {
            free(name);
            return MAPI_E_INVALID_PARAMETER;
        }
        encode(&encoder, c);
        utf8 += used;
        left -= used;
    }
    unshift(&encoder);
    *encoder.output.at = '\0';
    *ret_name = name;
    return S_OK;
}

/* --- From the wire --------------------------------------------------------------------------- */

static void put_name_char(struct output *output, uint32_t c)
{
    put_utf8(output, c < 0x20 || c == 0x7F ? REPLACEMENT : c);
}

static int digit_of(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;

    return at ? (int)(at - alphabet) : -1;
}

/* Behind "&" to behind "-": false if it is no proper base64 of UTF-16. */
static bool decode_shifted(const char **at, const char *end, struct output *output)
{
    uint32_t bits = 0, high = 0;
    unsigned bit_count = 0;

    for (; *at < end && **at != '-'; ++*at) {
        int digit = digit_of(**at);
        uint32_t unit;

        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        bit_count += 6;
        if (bit_count < 16)
            continue;
        bit_count -= 16;
        unit = bits >> bit_count & 0xFFFF;
        bits &= (1u << bit_count) - 1;
        if (high) {
            if (unit < 0xDC00 || unit > 0xDFFF)
                return false;
            put_utf8(output, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
            high = 0;
        } else if (unit >= 0xD800 && unit <= 0xDBFF) {
            high = unit;
        } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
            return false;
        } else {
            put_name_char(output, unit);
        }
    }
    if (*at == end || high || bit_count >= 6 || bits != 0)
        return false;
    ++*at;
    return true;
}

static bool decode(const char *at, const char *end, struct output *output)
{
    while (at < end) {
        char c = *at++;

        if (c & 0x80)
            return false;
        if (c != '&') {
            put_name_char(output, (uint8_t)c);
        } else if (at < end && *at == '-') {
            put_byte(output, '&');
            at++;
        } else if (!decode_shifted(&at, end, output)) {
            return false;
        }
    }
    return true;
}

/* No modified UTF-7: UTF-8, or bytes of who knows what. */
static void take_as_it_is(const char *name, size_t size, struct output *output)
{
    while (size > 0) {
        uint32_t c;
        size_t used = get_utf8(name, size, &c);

        put_name_char(output, used ? c : REPLACEMENT);
        name += used ? used : 1;
        size -= used ? used : 1;
    }
}

HRESULT utf7_to_utf8(const char *name, size_t size, char **ret_utf8)
{
    /* The worst byte is one that becomes U+FFFD: three. */
    char *utf8 = malloc(size * 3 + 1);
    struct output output = {utf8};

    if (!utf8)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!decode(name, name + size, &output)) {
        output.at = utf8;
        take_as_it_is(name, size, &output);
    }
    *output.at = '\0';
    *ret_utf8 = utf8;
    return S_OK;
}
