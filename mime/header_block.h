/* mime/header_block.h - the fields of a header that have a meaning in MAPI, found in one pass */
#ifndef MIME_HEADER_BLOCK_H
#define MIME_HEADER_BLOCK_H

#include <stdbool.h>

#include "mime/header.h"
#include "mime/props.h"

enum field {
    FIELD_FROM,
    FIELD_SENDER,
    FIELD_TO,
    FIELD_CC,
    FIELD_BCC,
    FIELD_REPLY_TO,
    FIELD_SUBJECT,
    FIELD_DATE,
    FIELD_RECEIVED,
    FIELD_MESSAGE_ID,
    FIELD_IN_REPLY_TO,
    FIELD_REFERENCES,
    FIELD_THREAD_TOPIC,
    FIELD_THREAD_INDEX,
    FIELD_IMPORTANCE,
    FIELD_MSMAIL_PRIORITY,
    FIELD_PRIORITY,
    FIELD_X_PRIORITY,
    FIELD_SENSITIVITY,
    FIELD_RECEIPT_TO,
    FIELD_RETURN_RECEIPT_TO,
    FIELD_REPLY_BY,
    FIELD_EXPIRES,
    FIELD_EXPIRY_DATE,
    FIELD_AUTO_RESPONSE,
    FIELD_AUTO_SUBMITTED,
    FIELD_PRECEDENCE,
    FIELD_LIST_HELP,
    FIELD_LIST_SUBSCRIBE,
    FIELD_LIST_UNSUBSCRIBE,
    FIELD_CONTENT_TYPE,
    FIELD_COUNT,
};

struct people {
    struct header_address *first;
    size_t count;
};

struct header_block {
    struct arena arena;
    const char *bytes;
    size_t size;
    const char *charset;                     /* of raw 8-bit bytes; NULL: not said */
    struct header_field fields[FIELD_COUNT]; /* the first of each; value NULL: none */
};

/* Finds the first field of each kind. `bytes` are borrowed as long as the block is used; what is
 * beyond MIME_HEADER_MAX is not read. The caller clears header->arena, after a failure too.
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT header_block_read(struct header_block *header, const char *bytes, size_t size);

/* Decoded, "" where there is no such field; NULL without memory. In the block's arena. */
const char *header_block_text(struct header_block *header, enum field field);

/* The addresses of the first field of that kind; none where there is no such field. False without
 * memory. In the block's arena. */
bool header_block_people(struct header_block *header, enum field field, struct people *ret_people);

/* The same of all fields of that kind, for some programs write several; without those that do not
 * fit, and MIME_RECIPIENTS_MAX at most. */
bool header_block_all_people(struct header_block *header, enum field field,
                             struct people *ret_people);

/* False for names and addresses that no entry id can hold. */
bool header_address_fits(const struct header_address *address);

/* PR_IMPORTANCE, PR_PRIORITY, PR_SENSITIVITY, receipts asked for, automatic answers not wanted. */
void header_wishes_add(struct header_block *header, struct props *props);

#endif
