/* tests/fuzz/rtf.c - compressed RTF of any bytes, and any text compressed
 *
 * The first byte of the input chooses: bit 0 a text that is compressed, else data that is
 * decompressed; bits 1 and up the size of the pieces. Beside the sanitizers these must hold:
 * decoding in pieces gives the same as in one go, and at most eight times as much as there is;
 * a text that was compressed comes back. The text is also read as RTF, and what that shows can be
 * written as RTF that can be read. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapix.h"
#include "mapi/rtf_codec.h"
#include "mapi/rtf_text.h"

struct buffer {
    uint8_t *bytes;
    size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text of `in`, whose room is that of everything that can come out. */
static HRESULT decode(const struct rtf_header *header, const uint8_t *in, size_t size, size_t piece,
                      struct buffer *out)
{
    size_t most = 8 * size + RTF_MATCH_MAX, at = 0, used, made;
    struct rtf_decoder *decoder = malloc(sizeof(*decoder));
    HRESULT hr;

    *out = (struct buffer){.bytes = malloc(most)};
    rtf_decoder_init(decoder, header);
    do {
        size_t left = size - at, room = most - out->size;

        rtf_decode(decoder, in + at, left < piece ? left : piece, out->bytes + out->size,
                   room < piece ? room : piece, &used, &made);
        at += used;
        out->size += made;
        assert(at <= size && out->size < most);
    } while (used || made);
    hr = rtf_decoder_finish(decoder);
    free(decoder);
    return hr;
}

static void check_data(const uint8_t *data, size_t size, size_t piece)
{
    struct rtf_header header;
    struct buffer whole, pieces;

    if (size < RTF_HEADER_SIZE || FAILED(rtf_header_read(data, &header)))
        return;
    data += RTF_HEADER_SIZE;
    size -= RTF_HEADER_SIZE;
    assert(decode(&header, data, size, size * 8 + 32, &whole) ==
           decode(&header, data, size, piece, &pieces));
    assert(whole.size == pieces.size && memcmp(whole.bytes, pieces.bytes, whole.size) == 0);
    free(whole.bytes);
    free(pieces.bytes);
}

static HRESULT keep(void *context, const uint8_t *data, size_t size)
{
    struct buffer *out = context;

    memcpy(out->bytes + out->size, data, size);
    out->size += size;
    return S_OK;
}

static void check_text(const uint8_t *text, size_t size, size_t piece)
{
    struct rtf_encoder *encoder = malloc(sizeof(*encoder));
    struct buffer data = {.bytes = malloc(size * 2 + 64)}, back;
    struct rtf_header header;

    rtf_encoder_init(encoder, true, keep, &data);
    for (size_t at = 0; at < size; at += piece)
        assert(rtf_encode(encoder, text + at, piece < size - at ? piece : size - at) == S_OK);
    assert(rtf_encoder_finish(encoder, &header) == S_OK);
    assert(header.raw_size == size && header.size == data.size + RTF_HEADER_SIZE - 4);
    assert(decode(&header, data.bytes, data.size, piece, &back) == S_OK);
    assert(back.size == size && memcmp(back.bytes, text, size) == 0);
    free(back.bytes);
    free(data.bytes);
    free(encoder);
}

static void check_rtf(const uint8_t *text, size_t size)
{
    WCHAR *shown, *again;
    size_t rtf_size;
    char *rtf;

    if (rtf_to_html((const char *)text, size, &shown) == S_OK)
        MAPIFreeBuffer(shown);
    if (rtf_to_text((const char *)text, size, &shown) != S_OK)
        return;
    assert(rtf_from_text(shown, &rtf, &rtf_size) == S_OK);
    assert(rtf_to_text(rtf, rtf_size, &again) == S_OK);
    assert(strlen(rtf) == rtf_size);
    MAPIFreeBuffer(shown);
    MAPIFreeBuffer(again);
    MAPIFreeBuffer(rtf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t piece = size ? (data[0] >> 1) + 1u : 1;

    if (size == 0)
        return 0;
    if (data[0] & 1) {
        check_text(data + 1, size - 1, piece);
        check_rtf(data + 1, size - 1);
    } else {
        check_data(data + 1, size - 1, piece);
    }
    return 0;
}
