/* state/props.h - property rows: what neither a flag nor the MIME can hold
 *
 * Keyed (mailbox, number), typed values, for messages, folders, FAI and the store itself (number
 * STATE_STORE_NUMBER). A row is named by its property id: setting a tag of another type replaces
 * it. Conventions: state/state.h. Source: docs/mail.md "Saving". */
#ifndef MG_STATE_PROPS_H
#define MG_STATE_PROPS_H

#include "state/mailbox.h"
#include "state/objects.h"

/* Properties of the mailbox as a whole; no object has this number. */
#define STATE_STORE_NUMBER UINT64_C(0)

/* One value; more is MAPI_E_TOO_BIG. */
#define STATE_VALUE_MAX (256u * 1024 * 1024)

/* Sets values. PT_ERROR, PT_NULL, PT_OBJECT and unknown types are MAPI_E_INVALID_TYPE, and then
 * nothing is set. */
WAITS HRESULT state_props_set(struct state_mailbox *mailbox, uint64_t number,
                              const SPropValue *values, size_t count, struct error_info *error);

/* Sets and deletes in one transaction. `object`: it is made first (its number as in
 * state_object_create, the answer in *ret_number); NULL: the object has `number`. Fails as
 * state_props_set and state_object_create do. */
struct state_change {
    const struct state_object *object;
    uint64_t number;
    const SPropValue *set;
    size_t set_count;
    const ULONG *deleted; /* by id */
    size_t deleted_count;
    const SPropValue *unchanged; /* must be there as it is, else MAPI_E_OBJECT_CHANGED; or NULL */
};
WAITS HRESULT state_props_change(struct state_mailbox *mailbox, const struct state_change *change,
                                 struct error_info *error, uint64_t *ret_number);

/* Gets the values of `tags` that are there (in the order of property ids, matched by id: the tag
 * that comes back has the stored type); tags NULL: all. *ret_values is one block, NULL when
 * *ret_count is 0. */
WAITS HRESULT state_props_get(struct state_mailbox *mailbox, uint64_t number, const ULONG *tags,
                              size_t count, struct error_info *error, SPropValue **ret_values,
                              size_t *ret_count);

/* Deletes properties by id; tags NULL: all of the object. What is not there is no error. */
WAITS HRESULT state_props_delete(struct state_mailbox *mailbox, uint64_t number, const ULONG *tags,
                                 size_t count, struct error_info *error);

/* All objects with rows in [first, last], by number: one read for a table's columns. */
struct state_object_props {
    uint64_t number;
    size_t count;
    SPropValue *values;
};
WAITS HRESULT state_props_range(struct state_mailbox *mailbox, uint64_t first, uint64_t last,
                                const ULONG *tags, size_t count, struct error_info *error,
                                struct state_object_props **ret_objects, size_t *ret_count);

/* Gives the rows (and the match key) of `from` to `to`, replacing what `to` had. */
WAITS HRESULT state_props_move(struct state_mailbox *mailbox, uint64_t from, uint64_t to,
                               struct error_info *error);

/* The rows (and match keys) of messages that were copied, or with `move` moved: from[i] gives them
 * to to[i], but for the property ids in `left`, which go or stay behind. Pairs with a 0 are passed
 * over. One transaction. */
struct state_transfer {
    const uint64_t *from, *to;
    size_t count;
    const ULONG *left;
    size_t left_count;
    bool move;
};
WAITS HRESULT state_props_transfer(struct state_mailbox *mailbox,
                                   const struct state_transfer *transfer, struct error_info *error);

/* Forgets the rows (and match keys) of messages that are gone. One transaction. */
WAITS HRESULT state_props_forget(struct state_mailbox *mailbox, const uint64_t *numbers,
                                 size_t count, struct error_info *error);

/* What finds a message again after its folder's UIDVALIDITY changed: Message-ID, size and
 * INTERNALDATE. Kept for messages that have rows. */
struct state_match_key {
    uint64_t number;
    const char *message_id;
    uint32_t size;
    int64_t internal_date; /* seconds since 1970 */
};
WAITS HRESULT state_match_key_set(struct state_mailbox *mailbox, const struct state_match_key *key,
                                  struct error_info *error);
/* The keys of the messages in [first, last], by number. */
WAITS HRESULT state_match_keys_list(struct state_mailbox *mailbox, uint64_t first, uint64_t last,
                                    struct error_info *error, struct state_match_key **ret_keys,
                                    size_t *ret_count);

#endif
