/* mime/transfer_encode.c - content transfer encodings, a piece at a time: encoders */
#include "mime/transfer.h"

#include <string.h>

#define LINE 76 /* RFC 2045, 6.7 and 6.8 */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void transfer_encoder_init(struct transfer_encoder *encoder, enum transfer_encoding encoding)
{
    memset(encoder, 0, sizeof(*encoder));
    encoder->encoding = encoding;
}

static void make(struct transfer_encoder *encoder, char c)
{
    encoder->made[encoder->made_size++] = c;
}

/* False: the output is full. */
static bool drain(struct transfer_encoder *encoder, char *out, size_t space, size_t *made)
{
    size_t left = encoder->made_size - encoder->made_at;
    size_t count = left < space - *made ? left : space - *made;

    memcpy(out + *made, encoder->made + encoder->made_at, count);
    *made += count;
    encoder->made_at += count;
    if (count < left)
        return false;
    encoder->made_at = encoder->made_size = 0;
    return true;
}

/* --- Base64 ----------------------------------------------------------------------------------- */

static void base64_group(struct transfer_encoder *encoder)
{
    const unsigned char *held = encoder->held;
    size_t size = encoder->held_size;
    uint32_t bits = (uint32_t)held[0] << 16 | (size > 1 ? (uint32_t)held[1] << 8 : 0) |
                    (size > 2 ? (uint32_t)held[2] : 0);

    if (encoder->column == LINE) {
        make(encoder, '\r');
        make(encoder, '\n');
        encoder->column = 0;
    }
    make(encoder, base64_digits[bits >> 18]);
    make(encoder, base64_digits[bits >> 12 & 63]);
    make(encoder, size > 1 ? base64_digits[bits >> 6 & 63] : '=');
    make(encoder, size > 2 ? base64_digits[bits & 63] : '=');
    encoder->column += 4;
    encoder->held_size = 0;
}

static void base64_step(struct transfer_encoder *encoder, unsigned char c)
{
    encoder->held[encoder->held_size++] = c;
    if (encoder->held_size == 3)
        base64_group(encoder);
}

/* --- Quoted-printable ------------------------------------------------------------------------- */

static void qp_room(struct transfer_encoder *encoder, size_t size)
{
    if (encoder->column + size < LINE)
        return;
    make(encoder, '=');
    make(encoder, '\r');
    make(encoder, '\n');
    encoder->column = 0;
}

static void qp_escape(struct transfer_encoder *encoder, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";

    qp_room(encoder, 3);
    make(encoder, '=');
    make(encoder, digits[c >> 4]);
    make(encoder, digits[c & 15]);
    encoder->column += 3;
}

/* A dot or "From " at the beginning of a line does not survive every relay. */
static void qp_literal(struct transfer_encoder *encoder, unsigned char c)
{
    qp_room(encoder, 1);
    if (encoder->column == 0 && (c == '.' || c == 'F')) {
        qp_escape(encoder, c);
        return;
    }
    make(encoder, (char)c);
    encoder->column++;
}

/* Held: white space, a CR, or white space and a CR, until it is clear whether the line ends. */
static void qp_release(struct transfer_encoder *encoder, bool at_end)
{
    for (size_t i = 0; i < encoder->held_size; i++) {
        unsigned char c = encoder->held[i];

        if (c == '\r' || at_end)
            qp_escape(encoder, c);
        else
            qp_literal(encoder, c);
    }
    encoder->held_size = 0;
}

static void qp_step(struct transfer_encoder *encoder, unsigned char c)
{
    size_t held = encoder->held_size;

    if (held && encoder->held[held - 1] == '\r' && c == '\n') {
        encoder->held_size--;
        qp_release(encoder, true);
        make(encoder, '\r');
        make(encoder, '\n');
        encoder->column = 0;
        return;
    }
    if (held == 1 && encoder->held[0] != '\r' && c == '\r') {
        encoder->held[encoder->held_size++] = c;
        return;
    }
    qp_release(encoder, false);
    if (c == ' ' || c == '\t' || c == '\r')
        encoder->held[encoder->held_size++] = c;
    else if (c > ' ' && c < 127 && c != '=')
        qp_literal(encoder, c);
    else
        qp_escape(encoder, c);
}

/* --- All -------------------------------------------------------------------------------------- */

void transfer_encode(struct transfer_encoder *encoder, const void *in, size_t in_size, bool last,
                     void *out, size_t space, size_t *ret_used, size_t *ret_made)
{
    const unsigned char *bytes = in;
    size_t used = 0, made = 0;

    if (encoder->encoding == TRANSFER_BASE64 || encoder->encoding == TRANSFER_QUOTED_PRINTABLE) {
        while (drain(encoder, out, space, &made) && used < in_size) {
            if (encoder->encoding == TRANSFER_BASE64)
                base64_step(encoder, bytes[used++]);
            else
                qp_step(encoder, bytes[used++]);
        }
        if (last && used == in_size && encoder->held_size && encoder->made_size == 0) {
            if (encoder->encoding == TRANSFER_BASE64)
                base64_group(encoder);
            else
                qp_release(encoder, true);
            drain(encoder, out, space, &made);
        }
    } else {
        used = in_size < space ? in_size : space;
        if (used)
            memcpy(out, in, used);
        made = used;
    }
    *ret_used = used;
    *ret_made = made;
}
