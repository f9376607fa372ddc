/* mapi/ref_map.h - from the rows of a view to numbers
 *
 * Filled once and looked up: open addressing, no removal. Ours because a view asks it for each of
 * many rows under the table's lock; tsearch allocates for each, hsearch knows one table only. */
#ifndef MG_REF_MAP_H
#define MG_REF_MAP_H

#include "mapi/marks.h"
#include "mapi/memory.h"

struct ref_map {
    struct {
        struct row_ref ref; /* id 0: empty */
        size_t value;
    } * slots;
    size_t mask;
};

/* Room for `count` rows. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT ref_map_init(struct ref_map *map, size_t count);
void ref_map_clear(struct ref_map *map);

/* The first value that is put for a row stays. */
void ref_map_put(struct ref_map *map, struct row_ref ref, size_t value);
bool ref_map_get(const struct ref_map *map, struct row_ref ref, size_t *ret_value);

#endif
