/* providers/imap/client/mailbox.h - the mailboxes of an account: LIST, STATUS, CREATE and kin
 *
 * Names are UTF-8 here and whole ("INBOX", "Archive/2024"); modified UTF-7 stays on the wire. INBOX
 * is always spelled in capitals. Errors as in client.h. */
#ifndef IMAP_MAILBOX_H
#define IMAP_MAILBOX_H

#include "providers/imap/client/lease.h"

enum imap_special_use { /* RFC 6154, and XLIST's names for the same */
                        IMAP_USE_NONE,
                        IMAP_USE_INBOX,
                        IMAP_USE_ALL,
                        IMAP_USE_ARCHIVE,
                        IMAP_USE_DRAFTS,
                        IMAP_USE_FLAGGED,
                        IMAP_USE_JUNK,
                        IMAP_USE_SENT,
                        IMAP_USE_TRASH,
                        IMAP_USE_IMPORTANT,
};

enum imap_mailbox_attribute {
    IMAP_MAILBOX_NOSELECT = 1u << 0,
    IMAP_MAILBOX_NOINFERIORS = 1u << 1,
    IMAP_MAILBOX_NONEXISTENT = 1u << 2,
    IMAP_MAILBOX_HAS_CHILDREN = 1u << 3,
    IMAP_MAILBOX_HAS_NO_CHILDREN = 1u << 4,
    IMAP_MAILBOX_SUBSCRIBED = 1u << 5,
    IMAP_MAILBOX_OTHER_USERS = 1u << 6, /* below an "other users" namespace */
    IMAP_MAILBOX_SHARED = 1u << 7,      /* below a shared namespace */
};

#define IMAP_MAILBOX_ID_MAX 256

struct imap_mailbox_status {
    bool known; /* the server answered STATUS for this mailbox */
    uint32_t messages;
    uint32_t unseen;
    uint32_t uidnext;
    uint32_t uidvalidity;
    uint64_t highestmodseq;       /* 0: not offered */
    uint64_t size;                /* bytes of all messages; UINT64_MAX: not offered */
    char id[IMAP_MAILBOX_ID_MAX]; /* MAILBOXID (RFC 8474) as "M" + id, else Dovecot's X-GUID as
                                     "G" + id; "": neither is offered */
};

struct imap_mailbox {
    char *name;     /* UTF-8 */
    char delimiter; /* '\0': flat */
    uint32_t attributes;
    enum imap_special_use use;
    struct imap_mailbox_status status;
};

struct imap_mailbox_list {
    struct imap_mailbox *mailboxes; /* sorted by name, bytewise, INBOX first */
    size_t count;
};

/* Lists all mailboxes of all namespaces, with their status (LIST-STATUS, or a STATUS each for those
 * that can be selected) unless `with_status` is false. At most 100,000. On S_OK *ret_list is the
 * caller's to free. */
WAITS HRESULT imap_mailbox_list(struct imap_lease *lease, bool with_status,
                                struct error_info *error, struct imap_mailbox_list **ret_list);
void imap_mailbox_list_free(struct imap_mailbox_list *list); /* NULL is accepted */

/* STATUS of one mailbox (not of the selected one, where it can be avoided). */
WAITS HRESULT imap_mailbox_status(struct imap_lease *lease, const char *mailbox,
                                  struct error_info *error, struct imap_mailbox_status *ret_status);

/* The personal namespace: its prefix ("" or "INBOX.") and delimiter, which new top-level mailboxes
 * take. Strings are the client's, known after the first login. */
struct imap_namespace {
    const char *prefix;
    char delimiter;
};
void imap_client_namespace(const struct imap_client *client, struct imap_namespace *ret_namespace);

/* `use` asks for a special use where CREATE-SPECIAL-USE is offered; otherwise it is ignored.
 * MAPI_E_COLLISION: exists. */
WAITS HRESULT imap_mailbox_create(struct imap_lease *lease, const char *mailbox,
                                  enum imap_special_use use, struct error_info *error);
WAITS HRESULT imap_mailbox_delete(struct imap_lease *lease, const char *mailbox,
                                  struct error_info *error);
WAITS HRESULT imap_mailbox_rename(struct imap_lease *lease, const char *from, const char *to,
                                  struct error_info *error);
WAITS HRESULT imap_mailbox_subscribe(struct imap_lease *lease, const char *mailbox, bool subscribe,
                                     struct error_info *error);

#endif
