/* providers/account/access.h - IMAP's rights as MAPI says them
 *
 * PR_ACCESS is a set of MAPI_ACCESS bits (STO-286), PR_RIGHTS and PR_MEMBER_RIGHTS of frights bits.
 * IMAP does not know who owns a message: to edit and to delete one's own is to edit and to delete
 * any. Pure functions. */
#ifndef MG_ACCOUNT_ACCESS_H
#define MG_ACCOUNT_ACCESS_H

#include "providers/account/folders.h"
#include "providers/imap/client/acl.h"

ULONG access_of_folder(const struct folder *folder, uint32_t rights);
ULONG access_of_message(uint32_t rights);

/* Between enum imap_right and frights bits. Going to IMAP, what cannot be given without giving
 * more is not given: rights_are_whole says whether all was. */
ULONG frights_of(uint32_t rights);
uint32_t rights_of_frights(ULONG frights);
bool frights_are_whole(ULONG frights);

#endif
