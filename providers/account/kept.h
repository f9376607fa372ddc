/* providers/account/kept.h - properties of folders and of the store that the side store keeps
 *
 * IMAP has no place for them (docs/mail.md, "Saving"). The few that tables show are published as
 * immutable, reference-counted snapshots, read on any thread; all others are read where they are.
 */
#ifndef MG_ACCOUNT_KEPT_H
#define MG_ACCOUNT_KEPT_H

#include "providers/account/account.h"
#include "state/props.h"

/* PR_CONTAINER_CLASS, PR_COMMENT, PR_ATTR_HIDDEN and others of kept_columns. */
extern const ULONG kept_columns[];
extern const size_t kept_column_count;

/* Properties of the store and of search folders that are ours alone: no program sees them. */
#define KEPT_RECEIVE_FOLDERS    PROP_TAG(PT_MV_UNICODE, 0x67E0) /* receive.c */
#define KEPT_SEARCH_NAME        PROP_TAG(PT_UNICODE, 0x67E1)    /* search_kept.c, as all below */
#define KEPT_SEARCH_RESTRICTION PROP_TAG(PT_BINARY, 0x67E2)
#define KEPT_SEARCH_FOLDERS     PROP_TAG(PT_MV_I8, 0x67E3)
#define KEPT_SEARCH_FLAGS       PROP_TAG(PT_LONG, 0x67E4)
/* From here on: search_restriction.c, in memory only. */
#define KEPT_SEARCH_PROBES 0x67E8
#define KEPT_OURS_FIRST    0x67E0
#define KEPT_OURS_LAST     0x67FF
static inline bool kept_is_ours(ULONG tag)
{
    return PROP_ID(tag) >= KEPT_OURS_FIRST && PROP_ID(tag) <= KEPT_OURS_LAST;
}

struct kept_values;

/* The newest snapshot, one reference; NULL before there is one. Any thread. */
const struct kept_values *account_kept_values(const struct account *account);
void kept_values_unref(const struct kept_values *kept); /* NULL is accepted */

/* The value of a folder's column, the snapshot's; NULL: none. `kept` may be NULL. */
const SPropValue *kept_value(const struct kept_values *kept, uint64_t folder, ULONG tag);

/* How many associated messages the folder has. */
size_t kept_associated_count(const struct kept_values *kept, uint64_t folder);

/* Reads the snapshot anew. */
WAITS HRESULT account_kept_load(struct account *account, struct error_info *error);

/* Sets and deletes properties of a folder or (STATE_STORE_NUMBER) the store in one step; a folder's
 * observers hear ACCOUNT_FOLDER_CHANGED. Fails as state_props_set. */
struct kept_change {
    const SPropValue *set;
    size_t set_count;
    const ULONG *deleted;
    size_t deleted_count;
};
WAITS HRESULT account_kept_change(struct account *account, uint64_t number,
                                  const struct kept_change *change, struct error_info *error);

/* The same step for a folder or a message, of which nobody is told; within state_transaction too.
 */
WAITS HRESULT account_kept_write(struct state_mailbox *mailbox, uint64_t number,
                                 const struct kept_change *change, struct error_info *error);

/* The same for a message; observers hear ACCOUNT_MESSAGES_PROPS if there is anything to do. */
WAITS HRESULT account_kept_change_message(struct account *account, uint64_t folder, uint64_t number,
                                          const struct kept_change *change,
                                          struct error_info *error);

#endif
