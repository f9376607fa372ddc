/* providers/imap/client/quota.h - how much a mailbox may hold (RFC 9208, RFC 2087)
 *
 * Errors as in client.h. */
#ifndef IMAP_QUOTA_H
#define IMAP_QUOTA_H

#include "providers/imap/client/lease.h"

#define IMAP_QUOTA_ROOTS_MAX 64 /* a server's further ones are not heard */

/* What limits the mailbox most: of several quota roots, that with the least room. */
struct imap_quota {
    bool has_storage;
    uint64_t used, limit; /* STORAGE, in units of 1024 bytes */
};

/* GETQUOTAROOT. No limit at all is S_OK without `has_storage`. MAPI_E_NO_SUPPORT: the server does
 * not offer QUOTA. */
WAITS HRESULT imap_quota_get(struct imap_lease *lease, const char *mailbox,
                             struct error_info *error, struct imap_quota *ret_quota);

#endif
