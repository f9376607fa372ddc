/* providers/imap/client/guard.h - the scanner that every byte of an IMAP server passes first
 *
 * It frames the stream (where a response ends, where a literal begins and how long it is) and holds
 * it to limits before anything is stored or parsed: docs/libetpan.md, "The server may be hostile".
 * It is the only judge of framing; router, FETCH parser and libetpan follow it. No I/O, no memory
 * of its own; it may be fed in pieces of any size. Numbers are not judged here (a MODSEQ has 63
 * bits, a UID 32): the parsers do that, with the same outcome, a broken stream.
 *
 * Literals exist in data responses ("* ... {12}CRLF") outside quoted strings only; status
 * responses ("* OK", tagged, "+") are one line of text whatever it looks like. */
#ifndef IMAP_WIRE_GUARD_H
#define IMAP_WIRE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_LINE_MAX     (1024u * 1024u)        /* bytes of one line, CRLF included */
#define WIRE_RESPONSE_MAX (2u * 1024u * 1024u)   /* of one response but for streamed literals */
#define WIRE_DEPTH_MAX    64u                    /* of parentheses */
#define WIRE_LITERALS_MAX 4096u                  /* in one response */
#define WIRE_LITERAL_MAX  (128u * 1024u * 1024u) /* of one literal, unless a command says less */
#define WIRE_COMMAND_MAX  (512u * 1024u * 1024u) /* of all responses to one command, likewise */

enum guard_event {
    GUARD_MORE,        /* all bytes used, the response goes on */
    GUARD_RESPONSE,    /* a response ends with the last byte used */
    GUARD_LITERAL,     /* a literal header ends with the last byte used: literal_left more follow
                        (an empty one is over at once: no GUARD_LITERAL_END) */
    GUARD_LITERAL_END, /* the last byte of a literal was used; the response's text goes on */
    GUARD_VIOLATION,   /* `violation` says what; stays so */
};

enum guard_violation {
    GUARD_CLEAN,
    GUARD_LINE_TOO_LONG,
    GUARD_NUL,
    GUARD_TOO_DEEP,
    GUARD_LITERAL_TOO_LARGE, /* above the limit, or a number that no 64 bits hold */
    GUARD_TOO_MANY_LITERALS,
    GUARD_RESPONSES_TOO_LARGE,
};

struct guard {
    /* Limits; the owner's to change between responses. */
    uint64_t literal_max;
    uint64_t command_max;

    /* What the scanner tells. */
    uint64_t literal_left; /* > 0: the bytes that follow are a literal's */
    uint64_t literal_size; /* of the last literal header */
    bool literal8;         /* it was "~{n}" (RFC 3516): NUL is allowed in it */
    unsigned depth;        /* of open parentheses */
    enum guard_violation violation;

    /* Private. */
    uint64_t command_bytes;
    size_t line_bytes;
    unsigned literals;
    unsigned state;
    unsigned start_size;
    char start[8];
    uint64_t number;
};

/* Starts at the beginning of a response, with the default limits. */
void guard_init(struct guard *guard);

/* A new command: its responses are counted from here. */
void guard_begin_command(struct guard *guard);

/* Scans until something happens; *ret_used of the bytes (all of one kind, text or literal) have
 * been judged. Never uses none of a non-empty input but after a violation. */
enum guard_event guard_scan(struct guard *guard, const char *bytes, size_t size, size_t *ret_used);

/* The violation in words that name the server's fault: "sent a line longer than 1 MB". */
const char *guard_violation_text(enum guard_violation violation);

#endif
