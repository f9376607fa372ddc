/* providers/account/associated.h - folder associated messages
 *
 * IMAP has no place for them: they live in the side store alone (docs/mail.md, "Identity"). Fiber
 * of the account's engine. */
#ifndef MG_ACCOUNT_ASSOCIATED_H
#define MG_ACCOUNT_ASSOCIATED_H

#include "providers/account/kept.h"
#include "state/objects.h"

/* Makes an associated message of `folder` (*number 0, which is set) or changes one; observers hear
 * of it. `unchanged`: a property of it that nobody may have changed meanwhile, or NULL. Fails with
 * MAPI_E_OBJECT_DELETED, MAPI_E_OBJECT_CHANGED, and as state_props_change. */
WAITS HRESULT account_associated_save(struct account *account, uint64_t folder, uint64_t *number,
                                      const struct kept_change *change, const SPropValue *unchanged,
                                      struct error_info *error);

/* Deletes those of `numbers` that are associated messages of `folder`; *missing counts the others.
 */
WAITS HRESULT account_associated_delete(struct account *account, uint64_t folder,
                                        const uint64_t *numbers, size_t count,
                                        struct error_info *error, size_t *missing);

/* Deletes all of a folder. */
WAITS HRESULT account_associated_empty(struct account *account, uint64_t folder,
                                       struct error_info *error);

#endif
