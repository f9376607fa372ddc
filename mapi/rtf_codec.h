/* mapi/rtf_codec.h - compressed RTF: the bytes of PR_RTF_COMPRESSED
 *
 * MS-OXRTFCP: a header of 16 bytes, then either the text as it is ("MELA") or LZFu, an LZ77 over a
 * ring of 4,096 bytes that begins with 207 bytes of usual RTF. Both ways work on pieces of any size
 * and hold nothing but the ring and some bytes: a decoder 4 KB, an encoder 25 KB. Data and memory
 * only. What LZFu says can grow to eight times its size, not more. */
#ifndef MG_RTF_CODEC_H
#define MG_RTF_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

#define RTF_HEADER_SIZE  16
#define RTF_RING_SIZE    4096
#define RTF_MATCH_MAX    17
#define RTF_SIZE_MAX     0x7FFFFFF0u /* of text or data */
#define RTF_COMPRESSED   0x75465A4Cu /* "LZFu" */
#define RTF_UNCOMPRESSED 0x414C454Du /* "MELA" */

struct rtf_header {
    uint32_t size;     /* of what follows this field: the data and 12 */
    uint32_t raw_size; /* of the text; told, not relied upon */
    uint32_t type;     /* RTF_COMPRESSED or RTF_UNCOMPRESSED */
    uint32_t crc;      /* of the data; 0 for RTF_UNCOMPRESSED */
};

/* MAPI_E_CORRUPT_DATA: no such type, or a size that cannot be. */
HRESULT rtf_header_read(const uint8_t bytes[RTF_HEADER_SIZE], struct rtf_header *ret_header);
void rtf_header_write(const struct rtf_header *header, uint8_t bytes[RTF_HEADER_SIZE]);

/* --- From data to text --- */

struct rtf_decoder {
    struct rtf_header header;
    uint32_t crc;             /* of what has come */
    uint32_t left;            /* data that is still to come, as the header says */
    unsigned at;              /* the ring's write position */
    unsigned control, tokens; /* the run's bits, and how many tokens are left in it */
    unsigned first;           /* the first byte of a reference that was cut in two */
    unsigned from, length;    /* a reference that is being copied */
    bool half, ended;         /* `first` is set; the end has been read */
    uint8_t ring[RTF_RING_SIZE];
};
void rtf_decoder_init(struct rtf_decoder *decoder, const struct rtf_header *header);

/* Reads data and makes text, as much of both as there is and fits. */
void rtf_decode(struct rtf_decoder *decoder, const uint8_t *in, size_t in_size, uint8_t *out,
                size_t out_size, size_t *ret_used, size_t *ret_made);

/* All text has been made, and all data read that belongs to it. */
bool rtf_decoder_is_done(const struct rtf_decoder *decoder);

/* No data is left: is what came whole? MAPI_E_CORRUPT_DATA: it ended early, or the sum is wrong. */
HRESULT rtf_decoder_finish(const struct rtf_decoder *decoder);

/* --- From text to data --- */

typedef HRESULT rtf_write_fn(void *context, const uint8_t *data, size_t size);

struct rtf_encoder {
    rtf_write_fn *write; /* takes the data, without header, in order */
    void *context;
    bool compress;
    uint32_t raw_size, data_size, crc;
    uint32_t at;                      /* text that went into the ring, the first 207 bytes too */
    unsigned waiting;                 /* bytes in `ahead` */
    uint8_t ahead[RTF_MATCH_MAX * 2]; /* text that is not encoded yet */
    unsigned control, tokens, run;    /* the run that is being built; bytes in `bytes` */
    uint8_t bytes[1 + 8 * 2];
    uint8_t ring[RTF_RING_SIZE];
    uint32_t heads[1024];          /* by two bytes: the newest place, plus one */
    uint32_t older[RTF_RING_SIZE]; /* by place: the next older one, plus one */
};
void rtf_encoder_init(struct rtf_encoder *encoder, bool compress, rtf_write_fn *write,
                      void *context);

/* What `write` says, or MAPI_E_TOO_BIG. */
HRESULT rtf_encode(struct rtf_encoder *encoder, const void *text, size_t size);

/* The end: writes what is left, and fills the header that goes before the data. */
HRESULT rtf_encoder_finish(struct rtf_encoder *encoder, struct rtf_header *ret_header);

#endif
