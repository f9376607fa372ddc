/* providers/account/rights.h - what the user may do with a folder
 *
 * Asked of the server (MYRIGHTS, RFC 4314) when somebody wants to know, and remembered for a
 * minute. Where the server does not offer ACL, and of a folder without a mailbox, all may be done;
 * so it is thought, too, of a folder that nobody has asked for. Fiber of the account's engine
 * unless it says otherwise. */
#ifndef MG_ACCOUNT_RIGHTS_H
#define MG_ACCOUNT_RIGHTS_H

#include "providers/account/account.h"
#include "providers/imap/client/acl.h"

/* As last heard (enum imap_right); any thread, memory only. */
uint32_t account_rights_now(const struct account *account, uint64_t folder);

/* Asks unless it was asked within the last minute; what cannot be asked is as last heard. Observers
 * hear ACCOUNT_FOLDER_CHANGED if that changes what is known. */
WAITS uint32_t account_rights_ask(struct account *account, uint64_t folder);

/* S_OK if the user has all of `needed` (enum imap_right), else MAPI_E_NO_ACCESS: before anything is
 * sent that the server would refuse. */
WAITS HRESULT account_rights_need(struct account *account, uint64_t folder, uint32_t needed,
                                  struct error_info *error);

/* Who has which rights has been changed. */
void account_rights_forget(struct account *account, uint64_t folder);

#endif
