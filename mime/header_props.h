/* mime/header_props.h - a header block as MAPI properties
 *
 * The mapping of mime/README.md: From is PR_SENT_REPRESENTING_*, Sender is PR_SENDER_*, each
 * standing in for the other when it is missing (docs/requirements/README.md, CNV-086). Strings are
 * PT_UNICODE. The block may be cut off and may end with or without the empty line; MIME_HEADER_MAX
 * bytes of it are read. Results hang off `root`, or *ret_* is a root of its own when that is NULL.
 * Errors: MAPI_E_NOT_ENOUGH_MEMORY only. Pure, any thread. */
#ifndef MIME_HEADER_PROPS_H
#define MIME_HEADER_PROPS_H

#include "mapi/mapidefs.h"

#define MIME_RECIPIENTS_MAX 10000 /* of one message; what follows is dropped */

/* PR_SUBJECT_W with prefix and normalised form, PR_SENDER_* and PR_SENT_REPRESENTING_* (name,
 * address type, address, SMTP address, entry id, search key), PR_DISPLAY_TO/CC/BCC_W,
 * PR_CLIENT_SUBMIT_TIME, PR_INTERNET_MESSAGE_ID_W, PR_IN_REPLY_TO_ID_W, PR_INTERNET_REFERENCES_W,
 * PR_CONVERSATION_TOPIC_W/_INDEX, PR_REPLY_RECIPIENT_ENTRIES/_NAMES_W, PR_IMPORTANCE, PR_PRIORITY,
 * PR_SENSITIVITY, PR_READ_RECEIPT_REQUESTED and so on, PR_TRANSPORT_MESSAGE_HEADERS_W. Subject,
 * importance, priority, sensitivity, topic and display lists are always there; the rest where the
 * header has it. PR_MESSAGE_DELIVERY_TIME is the caller's (INTERNALDATE). */
HRESULT mime_header_props(const char *header, size_t size, void *root, SPropValue **ret_props,
                          ULONG *ret_count);

/* One row for each address of To, Cc and Bcc, in this order: PR_ROWID, PR_RECIPIENT_TYPE,
 * PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_SMTP_ADDRESS_W, PR_ADDRTYPE_W, PR_ENTRYID (one-off),
 * PR_RECORD_KEY (the same), PR_SEARCH_KEY, PR_OBJECT_TYPE, PR_DISPLAY_TYPE. An array of rows, each
 * with its lpProps. */
HRESULT mime_header_recipients(const char *header, size_t size, void *root, SRow **ret_rows,
                               ULONG *ret_count);

#endif
