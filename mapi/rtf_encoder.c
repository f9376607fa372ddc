/* mapi/rtf_encoder.c - compressed RTF: the encoder
 *
 * Takes at each place the longest piece that the ring holds, of equal ones the oldest, which is
 * what the examples of MS-OXRTFCP 3 do. Places are chained by the two bytes that stand there. */
#include <string.h>

#include "mapi/rtf_codec_private.h"

/* Places looked at for one match: enough for text, and a bound for zeros by the megabyte. */
#define STEPS_MAX 512

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static unsigned hash_of(uint8_t first, uint8_t second)
{
    return (first * 31u ^ second * 7u ^ second << 4) % ELEMENTS(((struct rtf_encoder *)0)->heads);
}

static void add_place(struct rtf_encoder *encoder, uint32_t place, uint8_t first, uint8_t second)
{
    uint32_t *head = &encoder->heads[hash_of(first, second)];

    encoder->older[place % RTF_RING_SIZE] = *head;
    *head = place + 1;
}

void rtf_encoder_init(struct rtf_encoder *encoder, bool compress, rtf_write_fn *write,
                      void *context)
{
    memset(encoder, 0, sizeof(*encoder));
    encoder->compress = compress;
    encoder->write = write;
    encoder->context = context;
    encoder->at = RTF_DICTIONARY_SIZE;
    memcpy(encoder->ring, rtf_dictionary, RTF_DICTIONARY_SIZE);
    for (uint32_t i = 0; i + 1 < RTF_DICTIONARY_SIZE; i++)
        add_place(encoder, i, encoder->ring[i], encoder->ring[i + 1]);
}

static HRESULT write_data(struct rtf_encoder *encoder, const uint8_t *data, size_t size)
{
    if (encoder->data_size + size > RTF_SIZE_MAX - RTF_HEADER_SIZE)
        return MAPI_E_TOO_BIG;
    encoder->data_size += (uint32_t)size;
    if (encoder->compress)
        encoder->crc = rtf_crc(encoder->crc, data, size);
    return encoder->write(encoder->context, data, size);
}

/* ---- Runs of eight tokens ---- */

static HRESULT flush_run(struct rtf_encoder *encoder)
{
    HRESULT hr;

    if (encoder->tokens == 0)
        return S_OK;
    encoder->bytes[0] = (uint8_t)encoder->control;
    hr = write_data(encoder, encoder->bytes, 1 + encoder->run);
    encoder->control = encoder->tokens = encoder->run = 0;
    return hr;
}

static HRESULT add_literal(struct rtf_encoder *encoder, uint8_t byte)
{
    encoder->bytes[1 + encoder->run++] = byte;
    return ++encoder->tokens == 8 ? flush_run(encoder) : S_OK;
}

static HRESULT add_reference(struct rtf_encoder *encoder, uint32_t place, unsigned length)
{
    unsigned reference = (place % RTF_RING_SIZE) << 4 | (length - 2);

    encoder->control |= 1u << encoder->tokens;
    encoder->bytes[1 + encoder->run++] = (uint8_t)(reference >> 8);
    encoder->bytes[1 + encoder->run++] = (uint8_t)reference;
    return ++encoder->tokens == 8 ? flush_run(encoder) : S_OK;
}

/* ---- Matches ---- */

/* How much of the waiting text stands at `place`, which may run on into that text itself. */
static unsigned match_at(const struct rtf_encoder *encoder, uint32_t place)
{
    unsigned most = encoder->waiting < RTF_MATCH_MAX ? encoder->waiting : RTF_MATCH_MAX, length = 0;
    uint32_t distance = encoder->at - place;

    while (length < most) {
        uint8_t there = length < distance ? encoder->ring[(place + length) % RTF_RING_SIZE]
                                          : encoder->ahead[length - distance];

        if (there != encoder->ahead[length])
            break;
        length++;
    }
    return length;
}

static unsigned find_match(const struct rtf_encoder *encoder, uint32_t *ret_place)
{
    uint32_t next = encoder->heads[hash_of(encoder->ahead[0], encoder->ahead[1])], place;
    unsigned best = 1, length, steps;

    if (encoder->waiting < 2)
        return 0;
    for (steps = 0; next && steps < STEPS_MAX; steps++) {
        place = next - 1;
        if (encoder->at - place >= RTF_RING_SIZE)
            break; /* has been overwritten, and so have all older ones */
        length = match_at(encoder, place);
        if (length > 1 && length >= best) {
            best = length;
            *ret_place = place;
        }
        next = encoder->older[place % RTF_RING_SIZE];
    }
    return best > 1 ? best : 0;
}

/* One byte of the waiting text goes into the ring. With it the place before is known whole. */
static void advance(struct rtf_encoder *encoder, uint8_t byte)
{
    encoder->ring[encoder->at % RTF_RING_SIZE] = byte;
    encoder->at++;
}

static void know_last_place(struct rtf_encoder *encoder, uint8_t next)
{
    add_place(encoder, encoder->at - 1, encoder->ring[(encoder->at - 1) % RTF_RING_SIZE], next);
}

static HRESULT encode_token(struct rtf_encoder *encoder)
{
    uint32_t place = 0;
    unsigned length, i;
    HRESULT hr;

    know_last_place(encoder, encoder->ahead[0]);
    length = find_match(encoder, &place);
    if (length)
        hr = add_reference(encoder, place, length);
    else
        hr = add_literal(encoder, encoder->ahead[0]);
    for (i = 0; i < (length ? length : 1); i++) {
        if (i > 0)
            know_last_place(encoder, encoder->ahead[i]);
        advance(encoder, encoder->ahead[i]);
    }
    encoder->waiting -= i;
    memmove(encoder->ahead, encoder->ahead + i, encoder->waiting);
    return hr;
}

/* ---- The calls ---- */

HRESULT rtf_encode(struct rtf_encoder *encoder, const void *text, size_t size)
{
    const uint8_t *at = text;
    HRESULT hr = S_OK;

    if (size > RTF_SIZE_MAX - encoder->raw_size)
        return MAPI_E_TOO_BIG;
    encoder->raw_size += (uint32_t)size;
    if (!encoder->compress)
        return size ? write_data(encoder, at, size) : S_OK;
    while (SUCCEEDED(hr) && size > 0) {
        unsigned room = sizeof(encoder->ahead) - encoder->waiting;
        unsigned part = size < room ? (unsigned)size : room;

        memcpy(encoder->ahead + encoder->waiting, at, part);
        encoder->waiting += part;
        at += part;
        size -= part;
        while (SUCCEEDED(hr) && encoder->waiting >= RTF_MATCH_MAX)
            hr = encode_token(encoder);
    }
    return hr;
}

HRESULT rtf_encoder_finish(struct rtf_encoder *encoder, struct rtf_header *ret_header)
{
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && encoder->waiting > 0)
        hr = encode_token(encoder);
    if (SUCCEEDED(hr) && encoder->compress)
        hr = add_reference(encoder, encoder->at, 2); /* to itself: the end */
    if (SUCCEEDED(hr))
        hr = flush_run(encoder);
    *ret_header = (struct rtf_header){
        .size = encoder->data_size + RTF_HEADER_SIZE - 4,
        .raw_size = encoder->raw_size,
        .type = encoder->compress ? RTF_COMPRESSED : RTF_UNCOMPRESSED,
        .crc = encoder->crc,
    };
    return hr;
}
