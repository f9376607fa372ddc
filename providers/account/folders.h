/* providers/account/folders.h - the folder tree of an account
 *
 * Folders of MAPI are mailboxes of IMAP plus a few that have no mailbox (the root and its hidden
 * children, search folders). The account publishes the tree as immutable, reference-counted
 * snapshots that are read on any thread without waiting; changing it needs the engine.
 *
 * Numbers come from the side store at first sight of a mailbox and stay with it (docs/mail.md,
 * "Identity"). A mailbox that has a role when it is first seen gets the role's number; a role
 * without a mailbox is a folder all the same, empty, under that number, and its mailbox is made
 * when something is to be put into it. */
#ifndef MG_ACCOUNT_FOLDERS_H
#define MG_ACCOUNT_FOLDERS_H

#include "providers/account/account.h"
#include "providers/imap/client/index.h"
#include "providers/imap/client/mailbox.h"

/* The folders that every MAPI store has, by their frozen numbers; 0 is no role. */
enum folder_role {
    ROLE_ROOT = 0x01,
    ROLE_DEFERRED_ACTION = 0x02,
    ROLE_SPOOLER_QUEUE = 0x03,
    ROLE_SHORTCUTS = 0x04,
    ROLE_FINDER = 0x05,
    ROLE_VIEWS = 0x06,
    ROLE_COMMON_VIEWS = 0x07,
    ROLE_SCHEDULE = 0x08,
    ROLE_IPM_SUBTREE = 0x09,
    ROLE_SENT = 0x0A,
    ROLE_DELETED = 0x0B,
    ROLE_OUTBOX = 0x0C,
    ROLE_INBOX = 0x0D,
    ROLE_DRAFTS = 0x0E,
    ROLE_CALENDAR = 0x0F,
    ROLE_JOURNAL = 0x10,
    ROLE_NOTES = 0x11,
    ROLE_TASKS = 0x12,
    ROLE_CONTACTS = 0x13,
    ROLE_ARCHIVE = 0x14,
    ROLE_JUNK = 0x17,
};
#define FOLDER_NUMBER_FIRST_USER 0x100u /* below: roles */

struct folder {
    uint64_t number;
    uint64_t parent;       /* the root's is itself */
    enum folder_role role; /* at most one folder has each; 0: none */
    const char *name;      /* display name, UTF-8 */
    const char *mailbox;   /* IMAP name, UTF-8; NULL: no mailbox behind it */
    bool search;           /* a search folder, below ROLE_FINDER: search.h */
    char delimiter;
    uint32_t attributes; /* enum imap_mailbox_attribute */
    uint16_t generation; /* of the present UIDVALIDITY; 0: not known yet */
    uint32_t uidvalidity;
    uint32_t messages, unseen; /* as last heard */
    size_t children;           /* direct ones */
    size_t depth;              /* the root's is 0 */
};

/* Folders in tree order: parents before children, siblings by name. */
struct folder_tree {
    size_t count;
    uint64_t version;
    struct folder folders[];
};

/* The newest tree, one reference; any thread. Never NULL: before account_start it has the root and
 * the IPM subtree only. */
const struct folder_tree *account_folder_tree(const struct account *account);
const struct folder_tree *folder_tree_ref(const struct folder_tree *tree);
void folder_tree_unref(const struct folder_tree *tree); /* NULL is accepted */

/* The folder of that number, or of that role; NULL if there is none. The tree's. */
const struct folder *folder_tree_find(const struct folder_tree *tree, uint64_t number);
const struct folder *folder_tree_role(const struct folder_tree *tree, enum folder_role role);

/* Lists anew and publishes what changed (events to the observers). */
WAITS HRESULT account_folders_refresh(struct account *account, uint64_t deadline,
                                      struct error_info *error);

/* Makes the mailbox of a role that has none yet; S_OK when it has one. Fails as creating does. */
WAITS HRESULT account_folder_ensure(struct account *account, uint64_t number,
                                    struct error_info *error);

/* Makes a folder below `parent` (the IPM subtree or a folder with a mailbox). Fails with
 * MAPI_E_COLLISION (such a name exists), MAPI_E_INVALID_PARAMETER (a name with the delimiter, or
 * empty), MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND (no such parent). */
WAITS HRESULT account_folder_create(struct account *account, uint64_t parent, const char *name,
                                    struct error_info *error, uint64_t *ret_number);

/* Renames, moves, or both; numbers of the folder, its messages and those below it stay. Folders of
 * a role answer MAPI_E_NO_ACCESS. MAPI_E_FOLDER_CYCLE: below itself. */
WAITS HRESULT account_folder_move(struct account *account, uint64_t number, uint64_t parent,
                                  const char *name, struct error_info *error);

/* Deletes the folder. What it holds goes along where `with` says so; else MAPI_E_HAS_FOLDERS, or
 * MAPI_E_HAS_MESSAGES: the server is asked, for what we last heard of it may be old. */
enum folder_delete {
    FOLDER_DELETE_FOLDERS = 1u << 0,
    FOLDER_DELETE_MESSAGES = 1u << 1, /* its own and those of the folders below it */
};
WAITS HRESULT account_folder_delete(struct account *account, uint64_t number, unsigned with,
                                    struct error_info *error);

/* Makes a folder `name` below `parent` with the messages and the kept properties of another, and
 * with `recursive` copies of all folders below that. Fails like account_folder_create, and with
 * MAPI_E_FOLDER_CYCLE (below itself); what has been copied by then stays. */
WAITS HRESULT account_folder_copy(struct account *account, uint64_t number, uint64_t parent,
                                  const char *name, bool recursive, struct error_info *error,
                                  uint64_t *ret_number);

/* Is the folder `above`, or somewhere below it? */
bool folder_is_below(const struct folder_tree *tree, uint64_t number, uint64_t above);

/* --- Contents --------------------------------------------------------------------------------- */

/* Keeps the folder's index current (filled, then watched) until given back as often. The index is
 * the folder's, referenced for the caller; its snapshots are read on any thread. *ret_index is
 * given at once, before it is filled: see imap_index_wait_rows. MAPI_E_NO_SUPPORT: no mailbox. */
WAITS HRESULT account_folder_watch(struct account *account, uint64_t number,
                                   struct error_info *error, struct imap_index **ret_index);
void account_folder_unwatch(struct account *account, uint64_t number);

#endif
