/* providers/smtp/client/reply.h - what an SMTP server says, read byte by byte
 *
 * Private to this room. A reply is measured before anybody keeps it: a line of at most 2 KB, at
 * most 200 lines and 16 KB in all, no NUL, three digits in front of each line and the same ones.
 * No I/O and no memory of its own; it may be fed in pieces of any size. RFC 5321, 4.2 and
 * 4.5.3.1. */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stddef.h>

#include "providers/smtp/client/send.h"

#define REPLY_LINE_MAX  2048
#define REPLY_LINES_MAX 200
#define REPLY_TEXT_MAX  16384

enum reply_event {
    REPLY_MORE,  /* all bytes used; the line goes on */
    REPLY_LINE,  /* a line ends with the last byte used; the reply goes on */
    REPLY_DONE,  /* the reply ends with the last byte used */
    REPLY_FAULT, /* `fault` says what */
};

/* All zero: a reply begins. */
struct reply {
    unsigned code;                 /* 200 to 599; 0: no line has come */
    size_t text_size;              /* lines without code, separated by '\n' */
    char text[REPLY_TEXT_MAX + 1]; /* zero-terminated */

    size_t line_size; /* the line that has just ended, without its line end */
    char line[REPLY_LINE_MAX + 1];
    const char *fault; /* "a line above 2 KB"; static */

    /* Private. */
    unsigned lines;
    bool line_ended;
};

/* Forgets the reply before. */
void reply_begin(struct reply *reply);

/* Reads on up to the end of a line; *ret_used of the bytes belong to it. */
enum reply_event reply_feed(struct reply *reply, const char *bytes, size_t size, size_t *ret_used);

/* The reply for others to see: enhanced status code taken off each line, the words in one line of
 * UTF-8 without control characters. */
void reply_tell(const struct reply *reply, struct smtp_reply *ret_reply);

#endif
