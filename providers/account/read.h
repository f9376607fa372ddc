/* providers/account/read.h - one message, as the server has it
 *
 * Fiber of the account's engine. */
#ifndef MG_ACCOUNT_READ_H
#define MG_ACCOUNT_READ_H

#include "providers/account/messages.h"

/* The largest header block that is read. */
#define MESSAGE_HEADER_MAX (1024 * 1024)

struct message_source {
    struct message_place place;
    uint32_t flags;       /* enum imap_flag */
    uint32_t size;        /* RFC822.SIZE */
    int64_t internaldate; /* seconds since 1970; INT64_MIN: not told */
    char *header;         /* as it is on the server, zero-terminated */
    size_t header_size;
    char *structure; /* BODYSTRUCTURE, "(...)"; NULL: `whole` is there */
    char *whole;     /* the message, if it is small, header and all; NULL: it is not here */
    size_t whole_size;
};

/* Fetches flags, header and structure of a message, or all of it when it is known to be below
 * IMAP_WHOLE_WINDOW bytes: then one command does for whatever is read of it. message_source_clear
 * in any case. Fails with MAPI_E_NOT_FOUND, MAPI_E_TOO_BIG (header), and as the IMAP client does.
 */
WAITS HRESULT account_message_read(struct account *account, uint64_t number,
                                   struct error_info *error, struct message_source *ret_source);
void message_source_clear(struct message_source *source);

#endif
