/* mime/transfer.c - content transfer encodings, a piece at a time: decoders */
#include "mime/transfer.h"

#include <string.h>
#include <strings.h>

enum transfer_encoding transfer_encoding_find(const char *name, size_t size)
{
    static const struct {
        const char *name;
        enum transfer_encoding encoding;
    } names[] = {
        {"base64", TRANSFER_BASE64},       {"quoted-printable", TRANSFER_QUOTED_PRINTABLE},
        {"x-uuencode", TRANSFER_UUENCODE}, {"uuencode", TRANSFER_UUENCODE},
        {"x-uue", TRANSFER_UUENCODE},      {"x-uu", TRANSFER_UUENCODE},
    };

    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i].name) == size && strncasecmp(names[i].name, name, size) == 0)
            return names[i].encoding;
    return TRANSFER_IDENTITY;
}

void transfer_decoder_init(struct transfer_decoder *decoder, enum transfer_encoding encoding)
{
    memset(decoder, 0, sizeof(*decoder));
    decoder->encoding = encoding;
}

/* --- What is held ----------------------------------------------------------------------------- */

static void hold(struct transfer_decoder *decoder, char c)
{
    decoder->held[decoder->held_size++] = c;
}

static void release(struct transfer_decoder *decoder)
{
    decoder->held_ready = decoder->held_size;
}

static void drop_undecided(struct transfer_decoder *decoder)
{
    decoder->held_size = decoder->held_ready;
}

/* Gives out what is ready; false: the output is full. What is undecided moves to the front. */
static bool drain(struct transfer_decoder *decoder, char *out, size_t space, size_t *made)
{
    size_t ready = decoder->held_ready - decoder->held_at;
    size_t count = ready < space - *made ? ready : space - *made;

    memcpy(out + *made, decoder->held + decoder->held_at, count);
    *made += count;
    decoder->held_at += count;
    if (count < ready)
        return false;
    decoder->held_size -= decoder->held_ready;
    memmove(decoder->held, decoder->held + decoder->held_ready, decoder->held_size);
    decoder->held_at = decoder->held_ready = 0;
    return true;
}

/* --- Base64 ----------------------------------------------------------------------------------- */

/* 64: passed over, 65: padding. */
static const unsigned char base64_values[256] = {
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64, 64, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 65, 64, 64, 64, 0,  1,  2,  3,  4,  5,  6,
    7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64,
    64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
    49, 50, 51, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
};

/* Whole groups of four, which is nearly all there is; what is no digit, and the end, are left. */
static size_t base64_groups(const unsigned char *in, size_t size, char *out, size_t space,
                            size_t *made)
{
    size_t used = 0;

    for (; size - used >= 4 && space - *made >= 3; used += 4) {
        unsigned a = base64_values[in[used]], b = base64_values[in[used + 1]],
                 c = base64_values[in[used + 2]], d = base64_values[in[used + 3]];

        if ((a | b | c | d) >= 64)
            break;
        out[(*made)++] = (char)(a << 2 | b >> 4);
        out[(*made)++] = (char)(b << 4 | c >> 2);
        out[(*made)++] = (char)(c << 6 | d);
    }
    return used;
}

static size_t base64_decode(struct transfer_decoder *decoder, const unsigned char *in, size_t size,
                            char *out, size_t space, size_t *made)
{
    size_t used = 0;

    while (used < size && *made < space) {
        unsigned value;

        if (decoder->bit_count == 0)
            used += base64_groups(in + used, size - used, out, space, made);
        if (used == size || *made == space)
            break;
        value = base64_values[in[used++]];
        if (value > 64) /* padding: programs join several pieces, each with its own */
            decoder->bit_count = 0;
        if (value >= 64)
            continue;
        decoder->bits = decoder->bits << 6 | value;
        decoder->bit_count += 6;
        if (decoder->bit_count >= 8) {
            decoder->bit_count -= 8;
            out[(*made)++] = (char)(decoder->bits >> decoder->bit_count);
        }
    }
    return used;
}

/* --- Quoted-printable ------------------------------------------------------------------------- */

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Goes on with an escape, which is what is undecided. False: it was none, or it ended before `c`,
 * which is still to be looked at. */
static bool qp_escape(struct transfer_decoder *decoder, char c)
{
    const char *escape = decoder->held + decoder->held_ready;
    size_t length = decoder->held_size - decoder->held_ready;
    char last = escape[length - 1];

    if (c == '\n' && (length == 1 || hex_value(last) < 0)) { /* a soft line end */
        drop_undecided(decoder);
        return true;
    }
    if (last == '\r') {
        drop_undecided(decoder);
        return false;
    }
    if (length == 2 && hex_value(escape[1]) >= 0 && hex_value(c) >= 0) {
        char byte = (char)(hex_value(escape[1]) << 4 | hex_value(c));

        drop_undecided(decoder);
        hold(decoder, byte);
        release(decoder);
        return true;
    }
    if (decoder->held_size < sizeof(decoder->held) &&
        ((length == 1 && hex_value(c) >= 0) ||
         (hex_value(last) < 0 && (is_space(c) || c == '\r')))) {
        hold(decoder, c);
        return true;
    }
    release(decoder);
    return false;
}

/* `held` is not full of what is ready: it was drained. */
static void qp_step(struct transfer_decoder *decoder, char c)
{
    bool undecided = decoder->held_size > decoder->held_ready;

    if (undecided && decoder->held[decoder->held_ready] == '=' && qp_escape(decoder, c))
        return;
    if (is_space(c) && decoder->held_size < sizeof(decoder->held) - 1) {
        hold(decoder, c);
        return;
    }
    if (c == '\r' || c == '\n')
        drop_undecided(decoder); /* white space at the end of a line was put there on the way */
    release(decoder);
    hold(decoder, c);
    if (c != '=')
        release(decoder);
}

static size_t qp_decode(struct transfer_decoder *decoder, const char *in, size_t size, char *out,
                        size_t space, size_t *made)
{
    size_t used = 0;

    for (;;) {
        if (!drain(decoder, out, space, made) || used == size)
            return used;
        while (decoder->held_size == 0 && used < size && *made < space &&
               (unsigned char)in[used] > ' ' && in[used] != '=')
            out[(*made)++] = in[used++];
        if (used < size && decoder->held_size < sizeof(decoder->held) - 2)
            qp_step(decoder, in[used++]);
        else
            release(decoder); /* more white space than a line has */
    }
}

static void qp_finish(struct transfer_decoder *decoder)
{
    size_t length = decoder->held_size - decoder->held_ready;

    if (length == 2 && decoder->held[decoder->held_ready] == '=' &&
        hex_value(decoder->held[decoder->held_ready + 1]) >= 0)
        release(decoder); /* half an escape stays as it is */
    else
        drop_undecided(decoder);
}

/* --- Uuencode --------------------------------------------------------------------------------- */

static void uu_line(struct transfer_decoder *decoder)
{
    const char *line = decoder->line;
    size_t size = decoder->line_size, count, made = 0;

    decoder->line_size = 0;
    while (size > 0 && (line[size - 1] == '\r'))
        size--;
    if (!decoder->begun) {
        decoder->begun = size > 6 && memcmp(line, "begin ", 6) == 0;
        return;
    }
    if (decoder->ended || size == 0)
        return;
    if (size >= 3 && memcmp(line, "end", 3) == 0) {
        decoder->ended = true;
        return;
    }
    count = ((unsigned char)line[0] - ' ') & 63u;
    for (size_t at = 1; made < count; at += 4) {
        unsigned bits = 0;

        for (size_t i = 0; i < 4; i++) { /* spaces at the end of a line get lost: they are zeros */
            unsigned char c = at + i < size ? (unsigned char)line[at + i] : ' ';

            bits = bits << 6 | ((c - ' ') & 63u);
        }
        for (int shift = 16; shift >= 0 && made < count; shift -= 8, made++)
            hold(decoder, (char)(bits >> shift));
    }
    release(decoder);
}

static size_t uu_decode(struct transfer_decoder *decoder, const char *in, size_t size, char *out,
                        size_t space, size_t *made)
{
    size_t used = 0;

    while (drain(decoder, out, space, made) && used < size) {
        char c = in[used++];

        if (c == '\n')
            uu_line(decoder);
        else if (decoder->line_size < sizeof(decoder->line))
            decoder->line[decoder->line_size++] = c;
    }
    return used;
}

/* --- All -------------------------------------------------------------------------------------- */

static size_t identity_copy(const void *in, size_t size, char *out, size_t space, size_t *made)
{
    size_t count = size < space - *made ? size : space - *made;

    if (count)
        memcpy(out + *made, in, count);
    *made += count;
    return count;
}

void transfer_decode(struct transfer_decoder *decoder, const void *in, size_t in_size, bool last,
                     void *out, size_t space, size_t *ret_used, size_t *ret_made)
{
    size_t used = 0, made = 0;

    switch (decoder->encoding) {
    case TRANSFER_IDENTITY:
        used = identity_copy(in, in_size, out, space, &made);
        break;
    case TRANSFER_BASE64:
        used = base64_decode(decoder, in, in_size, out, space, &made);
        break;
    case TRANSFER_QUOTED_PRINTABLE:
        used = qp_decode(decoder, in, in_size, out, space, &made);
        break;
    case TRANSFER_UUENCODE:
        used = uu_decode(decoder, in, in_size, out, space, &made);
        break;
    }
    if (last && used == in_size) {
        if (decoder->encoding == TRANSFER_QUOTED_PRINTABLE)
            qp_finish(decoder);
        else if (decoder->encoding == TRANSFER_UUENCODE && decoder->line_size)
            uu_line(decoder);
        drain(decoder, out, space, &made);
    }
    *ret_used = used;
    *ret_made = made;
}
