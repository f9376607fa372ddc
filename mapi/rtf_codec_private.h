/* mapi/rtf_codec_private.h - what the decoder and the encoder of compressed RTF share */
#ifndef MG_RTF_CODEC_PRIVATE_H
#define MG_RTF_CODEC_PRIVATE_H

#include "mapi/rtf_codec.h"

#define RTF_DICTIONARY_SIZE 207

/* What the ring holds before the first byte (MS-OXRTFCP 2.1.2.1). */
extern const char rtf_dictionary[RTF_DICTIONARY_SIZE + 1];

uint32_t rtf_crc(uint32_t crc, const uint8_t *data, size_t size);

#endif
