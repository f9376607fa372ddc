/* providers/account/message_columns.h - what MAPI calls the parts of an index row
 *
 * Contents tables show these and searches look at them; a message object has them too, until it has
 * fetched the message itself. Memory only, any thread. */
#ifndef MG_ACCOUNT_MESSAGE_COLUMNS_H
#define MG_ACCOUNT_MESSAGE_COLUMNS_H

#include "mapi/memory.h"
#include "providers/account/ids.h"
#include "providers/account/side_columns.h"
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

/* Fills *ret_value, which borrows from `scratch` and the view; MAPI_E_NOT_FOUND: the message has no
 * such thing; MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT message_column(const struct message_view *view, ULONG tag, struct arena *scratch,
                       SPropValue *ret_value);

/* The values of `tags` of one row as contents tables show it: the index row's own columns, all
 * others out of `side` (may be NULL); strings in either width are given in PT_UNICODE. Fails for
 * lack of memory only. */
HRESULT message_row(const struct message_view *view, const struct side_columns *side,
                    const ULONG *tags, size_t count, struct arena *scratch, SPropValue *values);

/* Whether one of the tags tells the rights: they are looked up under a lock, and not for rows that
 * do not show them. */
bool message_tells_rights(const ULONG *tags, size_t count);

/* True for message_column_tags. */
bool message_has_column(ULONG tag);

/* PR_MESSAGE_FLAGS of IMAP's flags. */
ULONG message_flags_of(uint32_t flags, bool has_attachment);

#endif
