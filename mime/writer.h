/* mime/writer.h - header fields on the way out
 *
 * Private to mime. Collects pieces into blocks for the caller's write; the first failure sticks.
 * Fields are folded at 76 columns, encoded words are UTF-8 (RFC 2047), parameters RFC 2231. */
#ifndef MIME_WRITER_H
#define MIME_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "mime/encode.h"

#define WRITER_BLOCK 8192

struct writer {
    mime_write_fn write;
    void *arg;
    HRESULT hr;
    size_t size;
    size_t column; /* of the header field being written */
    bool fresh;    /* nothing stands behind its name yet */
    char block[WRITER_BLOCK];
};

void writer_init(struct writer *writer, mime_write_fn write, void *arg);
WAITS void writer_flush(struct writer *writer);
WAITS void writer_put(struct writer *writer, const void *bytes, size_t size);
WAITS void writer_string(struct writer *writer, const char *text);

/* A whole field of free text, "Name: text" CRLF, encoded as far as needed. */
WAITS void writer_text_field(struct writer *writer, const char *name, const char *text);
/* A field of tokens (message ids, dates): folded at spaces, what is not ASCII or would end the
 * field becomes '?'. */
WAITS void writer_token_field(struct writer *writer, const char *name, const char *text);

/* An open field: begin, then pieces, then end. A piece that does not fit goes to the next line. */
WAITS void writer_begin(struct writer *writer, const char *name);
WAITS void writer_piece(struct writer *writer, const char *text);
WAITS void writer_end(struct writer *writer);

/* One mailbox in an open field; `more`: a comma follows. */
WAITS void writer_mailbox(struct writer *writer, const char *name, const char *address, bool more);
/* "; name=value" in an open field, any value. */
WAITS void writer_param(struct writer *writer, const char *name, const char *value);

#endif
