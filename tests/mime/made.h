/* tests/mime/made.h - messages that tests make and take apart again */
#ifndef MG_TEST_MADE_H
#define MG_TEST_MADE_H

#include "mime/decode.h"
#include "mime/encode.h"

/* Encodes into a buffer for free(), checks that a second run and mime_encode_size agree. */
char *made_encode(const struct mime_outgoing *outgoing, size_t *ret_size);

/* A struct with fixed seed, date and message id. */
struct mime_outgoing made_outgoing(void);

/* Random bytes; text: UTF-8 lines with CRLF that end with a line end or not. */
void made_bytes(unsigned seed, char *bytes, size_t size);
size_t made_text(unsigned seed, char *text, size_t space);

/* NULL: there is none. */
const SPropValue *made_prop(const SPropValue *props, ULONG count, ULONG tag);
void made_expect_string(const SPropValue *props, ULONG count, ULONG tag, const char *expected);

#endif
