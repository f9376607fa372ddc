/* providers/account/folder_tree.h - building a folder tree from what LIST said
 *
 * Private to providers/account: others read trees through folders.h. Pure functions. */
#ifndef MG_ACCOUNT_FOLDER_TREE_H
#define MG_ACCOUNT_FOLDER_TREE_H

#include "providers/account/folders.h"

/* A mailbox with the number that the side store gave it. Strings are the caller's. */
struct folder_seed {
    uint64_t number;
    enum folder_role role;
    const char *mailbox; /* IMAP name, UTF-8 */
    char delimiter;
    uint32_t attributes; /* enum imap_mailbox_attribute */
    uint16_t generation;
    uint32_t uidvalidity;
    uint32_t messages, unseen;
};

/* What every store has: the role, where it hangs, and how it is called without a mailbox. */
struct folder_role_info {
    enum folder_role role;
    enum folder_role parent;
    const char *name;    /* display name */
    const char *mailbox; /* leaf of the mailbox to make when one is needed; NULL: none is made */
    enum imap_special_use use;
};
extern const struct folder_role_info folder_roles[];
extern const size_t folder_role_count;
const struct folder_role_info *folder_role_info(enum folder_role role); /* NULL: no such role */

/* Gives out roles among listed mailboxes: special uses first, then well-known names at the top
 * level. `roles[i]` (count places) becomes the role of mailboxes[i], or 0. `prefix` is the personal
 * namespace's. */
void folder_roles_assign(const struct imap_mailbox *mailboxes, size_t count, const char *prefix,
                         enum folder_role *roles);

/* Builds a tree of the seeds and of the roles that none of them has. Each seed but the top-level
 * ones has its parent among the seeds. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT folder_tree_build(const struct folder_seed *seeds, size_t count, const char *prefix,
                          uint64_t version, const struct folder_tree **ret_tree);

/* A copy of the tree with other counts for one folder. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT folder_tree_with_counts(const struct folder_tree *tree, uint64_t number, uint32_t messages,
                                uint32_t unseen, const struct folder_tree **ret_tree);

/* A copy of the tree with these search folders and no others; of each the number, the name and the
 * counts are taken. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT folder_tree_with_searches(const struct folder_tree *tree, const struct folder *searches,
                                  size_t count, const struct folder_tree **ret_tree);

/* The name of `mailbox`'s parent mailbox: the length of its leading part, 0 at the top level. The
 * personal namespace's prefix counts as no level ("INBOX.Sent" is at the top when it is "INBOX.").
 */
size_t mailbox_parent_size(const char *mailbox, char delimiter, const char *prefix);

#endif
