/* mapi/propbag.h - the properties of an object
 *
 * Knows nothing of COM and has no lock: embed by value in whatever has properties, and let the
 * owner lock. Strings are kept in UTF-16 and given out in the width that is asked for. Identified
 * by property id: setting a property replaces one of another type.
 *
 * Computed properties come from a table of tag and getter; they are read-only and appear in lists
 * when their getter has a value for them. */
#ifndef MG_PROPBAG_H
#define MG_PROPBAG_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"
#include "mapi/propval.h"

/* A computed property. get: memory only; fills *ret_value (whose tag is set already, and may be
 * changed to another type) with a value that borrows from the object or from `scratch`, or returns
 * MAPI_E_NOT_FOUND. `context` is the bag's. Sorted in any order; strings are PT_UNICODE. get NULL:
 * the property is listed and answers MAPI_E_NOT_ENOUGH_MEMORY, that is "open it" (PT_OBJECT,
 * big bodies). */
struct prop_getter {
    ULONG tag;
    HRESULT (*get)(void *context, struct arena *scratch, SPropValue *ret_value);
    ULONG flags; /* PROP_HIDDEN */
};

enum prop_attribute {
    PROP_DIRTY = 1u << 0,    /* set or deleted since propbag_clean */
    PROP_READONLY = 1u << 1, /* SetProps and DeleteProps report MAPI_E_COMPUTED */
    PROP_HIDDEN = 1u << 2,   /* not listed, and left out when all properties are asked for; can be
                                read by its tag (secrets of profile sections) */
    PROP_DELETED = 1u << 3,  /* deleted and not yet cleaned: kept for SaveChanges, not visible */
    PROP_OBJECT = 1u << 4,   /* listed, opened by OpenProperty only */
};

struct propbag_item {
    SPropValue *value; /* a root of its own; for deleted and object items only the tag counts */
    unsigned attributes;
};

struct propbag {
    struct propbag_item *items; /* sorted by property id */
    size_t count;
    size_t capacity;
    const struct prop_getter *getters;
    size_t getter_count;
    void *context; /* for the getters */
};

/* A zeroed bag is an empty bag without getters. clear accepts it and leaves an empty bag. */
void propbag_init(struct propbag *bag, const struct prop_getter *getters, size_t getter_count,
                  void *context);
void propbag_clear(struct propbag *bag);

/* Sets a property, a copy of `value`. MAPI_E_COMPUTED for computed and read-only ones,
 * MAPI_E_INVALID_PARAMETER for malformed values, MAPI_E_NOT_ENOUGH_MEMORY. An equal value is no
 * change and leaves the dirty mark alone. */
HRESULT propbag_set(struct propbag *bag, const SPropValue *value);

/* The same from the object's own side: read-only marks do not count, the item is clean afterwards
 * and gets `attributes` (PROP_READONLY, PROP_HIDDEN, PROP_OBJECT). */
HRESULT propbag_load(struct propbag *bag, const SPropValue *value, unsigned attributes);

/* Deletes by id whatever the type (STO-254). MAPI_E_NOT_FOUND, MAPI_E_COMPUTED. */
HRESULT propbag_delete(struct propbag *bag, ULONG tag);

/* Forgets an item from the object's own side. */
void propbag_forget(struct propbag *bag, ULONG tag);

/* The stored value by id, borrowed until the bag changes; NULL: none, or deleted, or computed. */
const SPropValue *propbag_find(const struct propbag *bag, ULONG tag);

/* Sets or takes away attributes of a stored item; MAPI_E_NOT_FOUND. */
HRESULT propbag_mark(struct propbag *bag, ULONG tag, unsigned set, unsigned clear);
bool propbag_is_dirty(const struct propbag *bag);
void propbag_clean(struct propbag *bag); /* all marks gone, deleted items dropped */

/* The dirty items, by number from 0, for SaveChanges; NULL past the end. Deleted ones show only
 * their tag. */
const struct propbag_item *propbag_dirty(const struct propbag *bag, size_t index);

/* Snapshot and commit (docs/engine.md, "operation gate"): a deep copy without getters, and taking
 * off only those dirty marks whose values are still what the snapshot holds. */
HRESULT propbag_snapshot(const struct propbag *bag, struct propbag *ret_snapshot);
void propbag_commit(struct propbag *bag, const struct propbag *snapshot);

/* One value in the type that `tag` asks for, borrowed from the bag or from `scratch`:
 * PT_UNSPECIFIED gives the type kept (strings in the width of `flags`), strings come in the width
 * asked for (STO-245, STO-246). MAPI_E_NOT_FOUND also for another type. */
HRESULT propbag_get(const struct propbag *bag, ULONG tag, ULONG flags, struct arena *scratch,
                    SPropValue *ret_value);

/* GetProps: one block in the order asked for; `tags` NULL: all visible ones. A missing value is
 * PT_ERROR with MAPI_E_NOT_FOUND, one longer than `limit` bytes (0: none) that a stream can give
 * PT_ERROR with MAPI_E_NOT_ENOUGH_MEMORY; then MAPI_W_ERRORS_RETURNED (STO-240 to STO-248). */
HRESULT propbag_get_props(const struct propbag *bag, const SPropTagArray *tags, ULONG flags,
                          size_t limit, ULONG *ret_count, SPropValue **ret_values);

/* GetPropList: string types in the width of `flags` (STO-249). */
HRESULT propbag_list(const struct propbag *bag, ULONG flags, SPropTagArray **ret_tags);

#endif
