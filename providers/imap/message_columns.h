/* providers/imap/message_columns.h - what MAPI calls the parts of an index row
 *
 * Private to providers/imap. Contents tables show these; a message object has them too, until it
 * has fetched the message itself. Memory only, any thread. */
#ifndef IMAP_MESSAGE_COLUMNS_H
#define IMAP_MESSAGE_COLUMNS_H

#include "mapi/memory.h"
#include "providers/account/ids.h"
#include "providers/imap/client/index.h"

struct message_view {
    const struct mailbox_guids *guids;
    uint64_t folder;
    uint64_t number;
    const struct imap_row *row;
    uint32_t rights;      /* enum imap_right: ours in the folder (STO-340) */
    const SBinary *store; /* PR_STORE_ENTRYID; NULL: not known here */
};

extern const ULONG message_column_tags[]; /* strings in PT_UNICODE */
extern const size_t message_column_count;

/* As folder_column. */
HRESULT message_column(const struct message_view *view, ULONG tag, struct arena *scratch,
                       SPropValue *ret_value);

/* True for message_column_tags. */
bool message_has_column(ULONG tag);

/* PR_MESSAGE_FLAGS of IMAP's flags. */
ULONG message_flags_of(uint32_t flags, bool has_attachment);

#endif
