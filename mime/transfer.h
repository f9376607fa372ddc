/* mime/transfer.h - content transfer encodings, a piece at a time
 *
 * Decoders and encoders take what they can of the input and make what fits into the output; call
 * again with the rest. They never fail: what is no base64 digit is passed over, "=XY" that is no
 * hexadecimal stays as it is (RFC 2045, 6.7 and 6.8), uuencoded lines before "begin" are skipped.
 * `last` says that no input follows: what is held back comes out then. Done when all input is used,
 * `last` was given and *ret_made < space. Pure, plain structs by value. */
#ifndef MIME_TRANSFER_H
#define MIME_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transfer_encoding {
    TRANSFER_IDENTITY, /* 7bit, 8bit, binary, and what is unknown */
    TRANSFER_BASE64,
    TRANSFER_QUOTED_PRINTABLE,
    TRANSFER_UUENCODE,
};

/* By its name in a Content-Transfer-Encoding field, any case; NULL: identity. */
enum transfer_encoding transfer_encoding_find(const char *name, size_t size);

#define TRANSFER_LINE_MAX 80

struct transfer_decoder {
    enum transfer_encoding encoding;
    uint32_t bits; /* base64 */
    unsigned bit_count;
    bool begun, ended; /* uuencode */
    /* What waits to be given out, up to held_ready, and behind it what is not yet decided: white
     * space that may end a line, an escape that is not whole. */
    size_t held_at, held_ready, held_size;
    char held[1024];
    size_t line_size;
    char line[128]; /* uuencode */
};
void transfer_decoder_init(struct transfer_decoder *decoder, enum transfer_encoding encoding);
void transfer_decode(struct transfer_decoder *decoder, const void *in, size_t in_size, bool last,
                     void *out, size_t space, size_t *ret_used, size_t *ret_made);

/* Encoders write lines of 76 characters with CRLF. Base64 takes bytes as they are;
 * quoted-printable takes text with CRLF or LF line ends, and keeps both bytewise: a lone CR or LF
 * is written as "=0D", "=0A". The output ends in the middle of a line: the CRLF behind it belongs
 * to the boundary. */
struct transfer_encoder {
    enum transfer_encoding encoding; /* identity, base64, quoted-printable */
    size_t column;
    unsigned char held[4];
    size_t held_size;
    size_t made_size, made_at;
    char made[TRANSFER_LINE_MAX];
};
void transfer_encoder_init(struct transfer_encoder *encoder, enum transfer_encoding encoding);
void transfer_encode(struct transfer_encoder *encoder, const void *in, size_t in_size, bool last,
                     void *out, size_t space, size_t *ret_used, size_t *ret_made);

#endif
