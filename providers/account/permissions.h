/* providers/account/permissions.h - who may do what with a folder
 *
 * The entries of the mailbox's access control list (RFC 4314), each of a member. Entries that take
 * rights away ("-bob") are no members: nobody sees them here, and nothing here changes them. Fiber
 * of the account's engine; failures are those of acl.h, MAPI_E_NO_SUPPORT also for a folder without
 * a mailbox. */
#ifndef MG_ACCOUNT_PERMISSIONS_H
#define MG_ACCOUNT_PERMISSIONS_H

#include "providers/account/account.h"
#include "providers/imap/client/acl.h"

#define MEMBER_DEFAULT   INT64_C(0)  /* "anyone": whoever has no entry of his own */
#define MEMBER_ANONYMOUS INT64_C(-1) /* "anonymous" */

/* The number of the member with that identifier: those above, or one made of the name. Pure. */
int64_t permission_member(const char *identifier);

/* The members' entries, those of MEMBER_DEFAULT and MEMBER_ANONYMOUS first, which are there even
 * without rights. On S_OK *ret_acl is the caller's to imap_acl_free. */
WAITS HRESULT account_permissions_list(struct account *account, uint64_t folder,
                                       struct error_info *error, struct imap_acl **ret_acl);

struct permission_change {
    int64_t member;   /* one that is there; not looked at when `name` is given: */
    const char *name; /* the identifier of a member that may be new */
    bool remove;      /* else: */
    uint32_t rights;  /* exactly these */
};

/* One after the other: what failed says so and what went before stays. `replace` takes away the
 * entries of all members that no change gives rights to, but for our own: without it nobody could
 * give anything any more. Observers hear ACCOUNT_PERMISSIONS_CHANGED. MAPI_E_NOT_FOUND: no such
 * member; MAPI_E_COLLISION: two names make the same number. */
WAITS HRESULT account_permissions_change(struct account *account, uint64_t folder, bool replace,
                                         const struct permission_change *changes, size_t count,
                                         struct error_info *error);

/* Between an identifier and the mail address of that user: a server whose login names have no
 * domain keeps its users in ours. The first gives NULL for what is no user ("anyone", "$group");
 * free(). Any thread. */
char *account_permission_address(const struct account *account, const char *identifier);
char *account_permission_identifier(const struct account *account, const char *address);

#endif
