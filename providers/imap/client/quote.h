/* providers/imap/client/quote.h - strings for commands
 *
 * A growing command text. Failures stick and come out at the end, so that building reads straight.
 * Plain memory, one owner, any thread. */
#ifndef IMAP_QUOTE_H
#define IMAP_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

struct command_text {
    char *text; /* zero-terminated once anything was added; NULL before */
    size_t size, space;
    size_t *waits; /* where a synchronising literal's bytes begin */
    size_t wait_count;
    HRESULT hr; /* the first failure: MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_INVALID_PARAMETER */
};

void command_text_init(struct command_text *command);
void command_text_clear(struct command_text *command); /* frees; usable again */

/* Protocol text as it is, printf-like. CR or LF in it is a bug of the caller: asserted. */
void command_text_add(struct command_text *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A string argument: quoted where RFC 3501 allows (no CR, LF, NUL, no 8-bit bytes, at most 1000
 * bytes), otherwise a literal: "{n}CRLF" and the bytes ("{n+}" when `literal_plus`). With a
 * synchronising literal the sender must wait for the server's "+" behind each header: split the
 * text by command_text_piece. NUL sets MAPI_E_INVALID_PARAMETER. */
void command_text_string(struct command_text *command, const char *bytes, size_t size,
                         bool literal_plus);

/* A mailbox: UTF-8 in, modified UTF-7 out, always a quoted string or literal; INBOX in any case is
 * sent as INBOX. */
void command_text_mailbox(struct command_text *command, const char *utf8, bool literal_plus);

/* The text up to and with the next synchronising literal header behind *offset, or its rest: send
 * it, then wait for "+" if `*ret_waits`. False when nothing is left. */
bool command_text_piece(const struct command_text *command, size_t *offset, const char **ret_bytes,
                        size_t *ret_size, bool *ret_waits);

#endif
