/* providers/account/identity.h - who the account is, as its providers' status rows say it
 *
 * The three identity properties come together and are equal for both providers of the service
 * (docs/requirements/status.md, essential 9). */
#ifndef MG_ACCOUNT_IDENTITY_H
#define MG_ACCOUNT_IDENTITY_H

#include <stdbool.h>

#include "mapi/mapitags.h"
#include "providers/account/account.h"

#define IDENTITY_PROPS 3

/* Fills PR_IDENTITY_DISPLAY, PR_IDENTITY_ENTRYID (a one-off) and PR_IDENTITY_SEARCH_KEY; what they
 * point at hangs off `root`. Any thread. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT account_identity(const struct account *account, void *root,
                         SPropValue ret_values[IDENTITY_PROPS]);

/* They stand in the status table only, not on the status object (STA-151). */
static inline bool account_identity_has(ULONG tag)
{
    return tag == PR_IDENTITY_DISPLAY_W || tag == PR_IDENTITY_ENTRYID ||
           tag == PR_IDENTITY_SEARCH_KEY;
}

#endif
