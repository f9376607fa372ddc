/* mime/header_text.h - header fields as a person reads them
 *
 * Encoded words (RFC 2047) in any charset, raw 8-bit bytes, folded lines; tolerant of what mail
 * programs really send (words without space between, split characters). Dates of RFC 5322 with
 * their obsolete forms. Pure, any thread; results are zero-terminated UTF-8 in `arena`; NULL: no
 * memory. */
#ifndef MIME_HEADER_TEXT_H
#define MIME_HEADER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "mapi/memory.h"

const char *header_text_decode(struct arena *arena, const char *bytes, size_t size);
/* `charset` (may be NULL) is what raw 8-bit bytes are in that are no UTF-8. */
const char *header_text_decode_in(struct arena *arena, const char *charset, const char *bytes,
                                  size_t size);

/* Seconds since 1970, UTC; INT64_MIN: no date. */
int64_t header_date_parse(const char *text);

/* "Re: AW: x" -> the prefix "Re: AW: " by its length, 0: none; the rest is the normalised subject
 * (MS-OXCMSG 2.2.1.9: up to three letters before a colon). */
size_t subject_prefix_length(const char *subject);

#endif
