/* state/named_props.h - numbers of named properties
 *
 * Per mailbox, from 0x8000 up, and for ever: a name keeps its number. Conventions: state/state.h.
 * Source: docs/mail.md "Identity"; PRP requirements on GetIDsFromNames. */
#ifndef MG_STATE_NAMED_PROPS_H
#define MG_STATE_NAMED_PROPS_H

#include "state/mailbox.h"

#define NAMED_PROP_FIRST    0x8000u
#define NAMED_PROP_LAST     0xFFFEu
#define NAMED_PROP_NAME_MAX 1024 /* UTF-16 units */

/* The numbers of names: ret_ids[i] (the caller's array) belongs to names[i]; 0 for a name without a
 * number when not `create`, and for one that cannot have one. Returns MAPI_W_ERRORS_RETURNED when
 * some are 0. String names compare exactly. Fails with MAPI_E_NOT_ENOUGH_RESOURCES when all
 * numbers are given. */
WAITS HRESULT state_named_ids(struct state_mailbox *mailbox, const MAPINAMEID *const *names,
                              size_t count, bool create, struct error_info *error,
                              uint16_t *ret_ids);

struct state_named_prop {
    uint16_t id;
    MAPINAMEID name;
};

/* All names, or those of one property set (`set` not NULL), by number. One block. */
WAITS HRESULT state_named_props_list(struct state_mailbox *mailbox, const GUID *set,
                                     struct error_info *error, struct state_named_prop **ret_props,
                                     size_t *ret_count);

#endif
