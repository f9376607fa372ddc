/* tests/providers/imap/client/wire_feed.h - a server that is a text in memory
 *
 * Gives a wire bytes in pieces of any size and keeps what the wire writes. */
#ifndef TEST_WIRE_FEED_H
#define TEST_WIRE_FEED_H

#include <stdio.h>

#include "providers/imap/client/wire.h"

struct wire_feed {
    const char *bytes;
    size_t size, at;
    size_t piece;    /* at most so many bytes a read; 0: all */
    size_t split;    /* the read that comes here stops here; 0: none */
    size_t stop;     /* no byte from here on until it is moved; 0: none */
    uint64_t repeat; /* once the bytes are used up, give them again from `repeat_from` */
    size_t repeat_from;
    uint64_t given; /* bytes altogether */

    char written[4096];
    size_t written_size;
};

extern const struct byte_stream_ops wire_feed_ops; /* the stream is a struct wire_feed */

/* What a wire told its handler, one line a response (wire_dump.c), to free(). */
struct wire_log {
    char *text;
    size_t size;
    FILE *file;
    char *trace;
    size_t trace_size;
    FILE *trace_file;
};
void wire_log_open(struct wire_log *log, struct wire_handler *ret_handler);
void wire_log_close(struct wire_log *log); /* text and trace are complete; still to be freed */
void wire_log_free(struct wire_log *log);

/* For wire_stream_bodies: logs pieces as "piece ITEM OFFSET/TOTAL bytes", joined by item, so that
 * the log does not depend on how the bytes came. `arg` is the struct wire_log. */
void wire_log_piece(void *arg, const struct wire_body_piece *piece);

/* Writes one response as a line. */
void wire_dump(FILE *file, const struct wire_response *response);

#endif
