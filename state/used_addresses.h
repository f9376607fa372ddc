/* state/used_addresses.h - addresses that mail was sent to
 *
 * Kept per mailbox and by address, without regard to ASCII case; the newest
 * STATE_USED_ADDRESSES_MAX stay. The address book shows them. Conventions: state/state.h. */
#ifndef MG_STATE_USED_ADDRESSES_H
#define MG_STATE_USED_ADDRESSES_H

#include "state/mailbox.h"

#define STATE_USED_ADDRESSES_MAX 2000
#define STATE_USED_TEXT_MAX      512 /* bytes of a name or address that is kept */

struct state_used_address {
    uint64_t number;     /* names the row for ever, never used twice */
    const char *address; /* as first seen; UTF-8 */
    const char *name;    /* the last one that was not empty; or NULL */
    int64_t last_used;   /* milliseconds since 1970 */
};

/* Mail has been sent to these (numbers and times are ignored): one transaction. What is empty or
 * too long is passed over. */
WAITS HRESULT state_used_addresses_add(struct state_mailbox *mailbox,
                                       const struct state_used_address *addresses, size_t count,
                                       struct error_info *error);

/* All of them, the last used first: one block, NULL for none. */
WAITS HRESULT state_used_addresses_list(struct state_mailbox *mailbox, struct error_info *error,
                                        struct state_used_address **ret_addresses,
                                        size_t *ret_count);

#endif
