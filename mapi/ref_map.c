/* mapi/ref_map.c - from the rows of a view to numbers */
#include "mapi/ref_map.h"

#include <stdlib.h>

HRESULT ref_map_init(struct ref_map *map, size_t count)
{
    size_t size = 16;

    while (size < 2 * count)
        size *= 2;
    map->slots = calloc(size, sizeof(*map->slots));
    map->mask = size - 1;
    return map->slots ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

void ref_map_clear(struct ref_map *map)
{
    free(map->slots);
    *map = (struct ref_map){0};
}

/* The row's slot, or the empty one where it belongs. */
static size_t find_slot(const struct ref_map *map, struct row_ref ref)
{
    uint64_t hash = (ref.id ^ ref.instance << 40 ^ ref.instance >> 24) * 0x9E3779B97F4A7C15u;
    size_t slot = (size_t)(hash >> 20) & map->mask;

    while (map->slots[slot].ref.id && !row_ref_equal(map->slots[slot].ref, ref))
        slot = (slot + 1) & map->mask;
    return slot;
}

void ref_map_put(struct ref_map *map, struct row_ref ref, size_t value)
{
    size_t slot = find_slot(map, ref);

    if (map->slots[slot].ref.id)
        return;
    map->slots[slot].ref = ref;
    map->slots[slot].value = value;
}

bool ref_map_get(const struct ref_map *map, struct row_ref ref, size_t *ret_value)
{
    size_t slot = find_slot(map, ref);

    if (!map->slots[slot].ref.id)
        return false;
    *ret_value = map->slots[slot].value;
    return true;
}
