/* providers/account/config.h - an account's configuration out of a profile section
 *
 * Both providers read the same properties (docs/architecture.md, "Names that outsiders depend on")
 * from their profile section, on the session's thread, before they go to the engine. */
#ifndef MG_ACCOUNT_CONFIG_H
#define MG_ACCOUNT_CONFIG_H

#include "providers/account/account.h"

struct account_settings; /* owns what the account_config points at */

/* Reads PR_MG_* from `section` (a profile section: foreign code, so never on an engine thread). The
 * password is PR_MG_PASSWORD, else the environment's MAPIGATE_PASSWORD, unless there is a password
 * command. What is missing stays NULL: account_open says what must be there. Fails with what
 * GetProps fails with, MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT account_settings_load(IMAPIProp *section, struct account_settings **ret_settings);
const struct account_config *account_settings_config(const struct account_settings *settings);
void account_settings_free(struct account_settings *settings); /* NULL is accepted */

#endif
