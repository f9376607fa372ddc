/* mime/charset.h - bytes in any charset that iconv knows, to UTF-8
 *
 * Labels are MIME's ("iso-8859-1", "x-sjis", "cp1252"), compared without case. Conversion never
 * fails for bad input: what is no character becomes U+FFFD, an unknown charset is taken for
 * windows-1252. Pure, any thread. */
#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"
#include "mapi/memory.h"

/* Converts; the result is zero-terminated in `arena`, *ret_size without the terminator (may be
 * NULL). `charset` NULL or "": UTF-8 where the bytes are valid UTF-8, windows-1252 otherwise. NULL:
 * no memory. */
const char *charset_to_utf8(struct arena *arena, const char *charset, const void *bytes,
                            size_t size, size_t *ret_size);

/* The Windows code page of a label, and back (NULL: none); 0: unknown. */
uint32_t charset_codepage(const char *charset);
const char *charset_of_codepage(uint32_t codepage);

#endif
