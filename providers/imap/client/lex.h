/* providers/imap/client/lex.h - tokens of a response that lies whole in memory
 *
 * A cursor with a sticky failure: parse on and ask at the end. It reads strings where they lie and
 * copies only those with escapes. Literals lie inline behind their headers; those that were
 * streamed away have left a hole. Private to the wire. */
#ifndef IMAP_WIRE_LEX_H
#define IMAP_WIRE_LEX_H

#include "providers/imap/client/arena.h"
#include "providers/imap/client/response.h"

enum lex_failure {
    LEX_FINE,
    LEX_MALFORMED,    /* the response is dropped */
    LEX_OUT_OF_RANGE, /* a number that its type does not hold: the stream is broken */
    LEX_NO_MEMORY,
};

/* Where a streamed literal's bytes would have been: at `offset` from the response's start, right
 * behind its header. */
struct lex_hole {
    size_t offset;
    uint64_t size;
};

struct lex {
    const char *begin, *at, *end; /* the response without its last CRLF */
    struct wire_arena *arena;
    const struct lex_hole *holes; /* those that are still ahead */
    size_t hole_count;
    enum lex_failure failure;
};

void lex_init(struct lex *lex, const char *begin, const char *end, struct wire_arena *arena);

/* Sets the first failure and ends the text, so that loops end. */
void lex_fail(struct lex *lex, enum lex_failure failure);

/* True, and behind it, if the next byte is `byte`. */
bool lex_accept(struct lex *lex, char byte);
/* The same, else malformed. */
bool lex_expect(struct lex *lex, char byte);
/* Skips spaces: one is the grammar, servers send more. */
void lex_spaces(struct lex *lex);
bool lex_at_end(const struct lex *lex);
char lex_peek(const struct lex *lex); /* '\0' at the end */

/* Bytes up to a space, parenthesis, bracket, quote or control; may be empty. */
struct wire_text lex_word(struct lex *lex);
/* At least one byte of what RFC 3501 calls an atom, and "]", which servers send in it. */
struct wire_text lex_atom(struct lex *lex);
struct wire_text lex_string(struct lex *lex);  /* quoted or literal */
struct wire_text lex_nstring(struct lex *lex); /* or NIL */
struct wire_text lex_astring(struct lex *lex); /* or an atom */
/* A string, NIL, or an atom where a string belongs: servers differ. */
struct wire_text lex_loose(struct lex *lex);
/* Accepts NIL. */
bool lex_nil(struct lex *lex);

/* A literal that was streamed away: true, and behind it. */
bool lex_hole(struct lex *lex, uint64_t *ret_size);

/* Decimal digits; more than `max` is out of range, none malformed. */
uint64_t lex_number(struct lex *lex, uint64_t max);
uint32_t lex_u32(struct lex *lex);
uint64_t lex_u63(struct lex *lex);

/* "1:5,7" in the text's order, without "*". */
struct wire_ranges lex_ranges(struct lex *lex);

/* Skips one value of any kind: a list with all in it, a string, an atom. */
void lex_skip(struct lex *lex);

/* A growing array in the arena; NULL and failure without memory. Only the newest grows cheaply. */
struct lex_array {
    void *items;
    size_t count, space;
};
void *lex_array_add(struct lex *lex, struct lex_array *array, size_t item_size);

/* "(a b c)" of atoms or strings; NIL gives none. */
struct wire_text_list lex_text_list(struct lex *lex);
/* What is left, parted by spaces. */
struct wire_text_list lex_words(struct lex *lex);
/* "(\Seen $Junk)". */
struct wire_flags lex_flags(struct lex *lex);

#endif
