/* providers/imap/client/acl.h - who may do what with a mailbox (RFC 4314)
 *
 * Names are UTF-8. Errors as in client.h; where the server does not offer ACL everything here is
 * MAPI_E_NO_SUPPORT. RFC 2086's servers are spoken to in its two letters: their "c" is CREATE and
 * DELETE_MAILBOX, their "d" DELETE and EXPUNGE. */
#ifndef IMAP_ACL_H
#define IMAP_ACL_H

#include "providers/imap/client/lease.h"

enum imap_right {
    IMAP_RIGHT_LOOKUP = 1u << 0,         /* l: LIST shows it */
    IMAP_RIGHT_READ = 1u << 1,           /* r: SELECT, FETCH */
    IMAP_RIGHT_SEEN = 1u << 2,           /* s: \Seen may be changed */
    IMAP_RIGHT_WRITE = 1u << 3,          /* w: other flags and keywords */
    IMAP_RIGHT_INSERT = 1u << 4,         /* i: APPEND, COPY into it */
    IMAP_RIGHT_POST = 1u << 5,           /* p: mail to its address */
    IMAP_RIGHT_CREATE = 1u << 6,         /* k: mailboxes below it */
    IMAP_RIGHT_DELETE_MAILBOX = 1u << 7, /* x: the mailbox itself */
    IMAP_RIGHT_DELETE = 1u << 8,         /* t: \Deleted */
    IMAP_RIGHT_EXPUNGE = 1u << 9,        /* e */
    IMAP_RIGHT_ADMIN = 1u << 10,         /* a: who has which rights */
};
#define IMAP_RIGHTS_ALL ((1u << 11) - 1)

#define IMAP_ACL_MAX        1024 /* entries; more is MAPI_E_TOO_BIG */
#define IMAP_IDENTIFIER_MAX 255  /* bytes; longer ones, and what is no UTF-8, are left out */

/* Ours. */
WAITS HRESULT imap_acl_mine(struct imap_lease *lease, const char *mailbox, struct error_info *error,
                            uint32_t *ret_rights);

struct imap_acl_entry {
    char *identifier; /* "alice", "anyone", "$group"; "-alice" takes rights away */
    uint32_t rights;  /* enum imap_right */
};
struct imap_acl {
    struct imap_acl_entry *entries;
    size_t count;
};
/* Everybody's, in the server's order; needs ADMIN. On S_OK *ret_acl is the caller's to free. */
WAITS HRESULT imap_acl_get(struct imap_lease *lease, const char *mailbox, struct error_info *error,
                           struct imap_acl **ret_acl);
void imap_acl_free(struct imap_acl *acl); /* NULL is accepted */

/* Gives one identifier exactly these rights; takes its entry away. MAPI_E_INVALID_PARAMETER: an
 * empty identifier. */
WAITS HRESULT imap_acl_set(struct imap_lease *lease, const char *mailbox, const char *identifier,
                           uint32_t rights, struct error_info *error);
WAITS HRESULT imap_acl_delete(struct imap_lease *lease, const char *mailbox, const char *identifier,
                              struct error_info *error);

#endif
