/* providers/imap/client/uidset.h - sets of UIDs or sequence numbers (RFC 3501, sequence-set)
 *
 * Sorted, disjoint, non-adjacent ranges of numbers 1 to 4294967295. Adding ascending numbers is
 * constant time each. Plain memory, one owner, any thread. */
#ifndef IMAP_UIDSET_H
#define IMAP_UIDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

struct uid_range {
    uint32_t first, last; /* 1 <= first <= last */
};

struct uidset {
    struct uid_range *ranges;
    size_t count, space;
};

#define UIDSET_INIT                                                                                \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

void uidset_init(struct uidset *set);
void uidset_clear(struct uidset *set); /* frees; the set is empty and usable */

/* 0 is refused (MAPI_E_INVALID_PARAMETER), otherwise they fail with MAPI_E_NOT_ENOUGH_MEMORY and
 * leave the set as it was. `first` may be above `last`. */
HRESULT uidset_add(struct uidset *set, uint32_t number);
HRESULT uidset_add_range(struct uidset *set, uint32_t first, uint32_t last);
HRESULT uidset_remove(struct uidset *set, uint32_t number);
HRESULT uidset_remove_range(struct uidset *set, uint32_t first, uint32_t last);

/* Builds a set from an array in any order, repetitions allowed. */
HRESULT uidset_add_array(struct uidset *set, const uint32_t *numbers, size_t count);

/* Adds all of `more`. */
HRESULT uidset_add_set(struct uidset *set, const struct uidset *more);

bool uidset_contains(const struct uidset *set, uint32_t number);

/* Numbers in all ranges together: up to 4294967295, whatever memory the set takes. Look at it
 * before walking a set that a server sent. */
uint64_t uidset_size(const struct uidset *set);

/* Walks all numbers in ascending order: start with a zeroed walk; false at the end. The set must
 * not change meanwhile. */
struct uidset_walk {
    size_t range;
    uint32_t next; /* 0: the range's first */
};
bool uidset_next(const struct uidset *set, struct uidset_walk *walk, uint32_t *ret_number);

/* "1:3,7"; parses what uidset_format writes, and any sequence-set without "*" in any order.
 * Fails with MAPI_E_INVALID_PARAMETER for anything else (0, above 32 bits), nothing added. */
HRESULT uidset_parse(struct uidset *set, const char *text, size_t size);

/* Writes ranges from range index *range on into `text` (zero-terminated, at most `space` bytes),
 * moves *range behind what fitted, and returns the length: so long sets go out in several commands.
 * 0: nothing is left (or not even one range fits into `space`: give at least 22 bytes). */
size_t uidset_format(const struct uidset *set, size_t *range, char *text, size_t space);

#endif
