/* tests/providers/imap/client/wire_expect.h - what a text reads as, however it is cut */
#ifndef TEST_WIRE_EXPECT_H
#define TEST_WIRE_EXPECT_H

#include "wire_feed.h"

/* Reads all of `bytes` ("* OK hi" goes in front unless they start so) through a wire and returns
 * the log, to free(): the responses, then "end: HRESULT words". Every way of splitting the bytes in
 * two, and single bytes, must give the same log: asserted. */
char *wire_read_all(const char *bytes, size_t size, bool stream_bodies);

/* Asserts that the responses in `bytes` read as `expected`, the greeting and the end left out. */
void expect_read(const char *bytes, const char *expected);

/* Asserts that reading `bytes` behind a greeting ends with MAPI_E_CORRUPT_DATA and `words`. */
void expect_refused(const char *bytes, size_t size, const char *words);

#endif
