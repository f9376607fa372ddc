/* mapi/rtf_codec.c - compressed RTF: header, sum and decoder */
#include "mapi/rtf_codec_private.h"

#include <string.h>

const char rtf_dictionary[RTF_DICTIONARY_SIZE + 1] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/* The sum of MS-OXRTFCP 2.1.3.2.2: a CRC-32 whose start and end are not inverted. */
uint32_t rtf_crc(uint32_t crc, const uint8_t *data, size_t size)
{
    while (size-- > 0) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return crc;
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void write_u32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

HRESULT rtf_header_read(const uint8_t bytes[RTF_HEADER_SIZE], struct rtf_header *ret_header)
{
    struct rtf_header header = {
        .size = read_u32(bytes),
        .raw_size = read_u32(bytes + 4),
        .type = read_u32(bytes + 8),
        .crc = read_u32(bytes + 12),
    };

    if (header.type != RTF_COMPRESSED && header.type != RTF_UNCOMPRESSED)
        return MAPI_E_CORRUPT_DATA;
    if (header.size < RTF_HEADER_SIZE - 4 || header.size > RTF_SIZE_MAX)
        return MAPI_E_CORRUPT_DATA;
    *ret_header = header;
    return S_OK;
}

void rtf_header_write(const struct rtf_header *header, uint8_t bytes[RTF_HEADER_SIZE])
{
    write_u32(bytes, header->size);
    write_u32(bytes + 4, header->raw_size);
    write_u32(bytes + 8, header->type);
    write_u32(bytes + 12, header->crc);
}

/* ---- Decoder ---- */

void rtf_decoder_init(struct rtf_decoder *decoder, const struct rtf_header *header)
{
    memset(decoder, 0, sizeof(*decoder));
    decoder->header = *header;
    decoder->left = header->size - (RTF_HEADER_SIZE - 4);
    decoder->at = RTF_DICTIONARY_SIZE;
    memcpy(decoder->ring, rtf_dictionary, RTF_DICTIONARY_SIZE);
}

static void put(struct rtf_decoder *decoder, uint8_t byte, uint8_t *out)
{
    *out = byte;
    decoder->ring[decoder->at] = byte;
    decoder->at = (decoder->at + 1) % RTF_RING_SIZE;
}

/* A reference has come whole. */
static void begin_copy(struct rtf_decoder *decoder, unsigned second)
{
    unsigned reference = decoder->first << 8 | second;

    decoder->half = false;
    decoder->from = reference >> 4;
    if (decoder->from == decoder->at)
        decoder->ended = true;
    else
        decoder->length = (reference & 15) + 2;
}

/* One byte of data; there is room for a byte of text. Returns how many bytes of text it made. */
static size_t take_byte(struct rtf_decoder *decoder, uint8_t byte, uint8_t *out)
{
    bool is_reference;

    if (decoder->half) {
        begin_copy(decoder, byte);
        return 0;
    }
    if (decoder->tokens == 0) {
        decoder->control = byte;
        decoder->tokens = 8;
        return 0;
    }
    is_reference = decoder->control & 1;
    decoder->control >>= 1;
    decoder->tokens--;
    if (!is_reference) {
        put(decoder, byte, out);
        return 1;
    }
    decoder->first = byte;
    decoder->half = true;
    return 0;
}

static void decode_stored(struct rtf_decoder *decoder, const uint8_t *in, size_t in_size,
                          uint8_t *out, size_t out_size, size_t *ret_used, size_t *ret_made)
{
    size_t size = in_size < out_size ? in_size : out_size;

    if (size > decoder->left)
        size = decoder->left;
    if (size)
        memcpy(out, in, size);
    decoder->left -= (uint32_t)size;
    *ret_used = *ret_made = size;
}

void rtf_decode(struct rtf_decoder *decoder, const uint8_t *in, size_t in_size, uint8_t *out,
                size_t out_size, size_t *ret_used, size_t *ret_made)
{
    size_t used = 0, made = 0;

    if (decoder->header.type == RTF_UNCOMPRESSED) {
        decode_stored(decoder, in, in_size, out, out_size, ret_used, ret_made);
        return;
    }
    if (in_size > decoder->left)
        in_size = decoder->left;
    for (;;) {
        while (decoder->length > 0 && made < out_size) {
            put(decoder, decoder->ring[decoder->from], &out[made++]);
            decoder->from = (decoder->from + 1) % RTF_RING_SIZE;
            decoder->length--;
        }
        if (decoder->ended)
            used = in_size; /* behind the end there is nothing, but it counts for the sum */
        if (decoder->ended || made == out_size || used == in_size)
            break;
        made += take_byte(decoder, in[used++], &out[made]);
    }
    decoder->crc = rtf_crc(decoder->crc, in, used);
    decoder->left -= (uint32_t)used;
    *ret_used = used;
    *ret_made = made;
}

bool rtf_decoder_is_done(const struct rtf_decoder *decoder)
{
    return decoder->left == 0 && decoder->length == 0;
}

HRESULT rtf_decoder_finish(const struct rtf_decoder *decoder)
{
    if (decoder->header.type == RTF_UNCOMPRESSED)
        return decoder->left == 0 ? S_OK : MAPI_E_CORRUPT_DATA;
    return decoder->ended && decoder->left == 0 && decoder->crc == decoder->header.crc
               ? S_OK
               : MAPI_E_CORRUPT_DATA;
}
