/* mapi/array.h - appending to a heap array
 *
 * The array is a pointer and a count, nothing else: its space is the next power of two, so it must
 * have been made by array_append alone, from NULL and 0; free() gives it back. */
#ifndef MG_ARRAY_H
#define MG_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline bool array_append_item(void **items, size_t *count, const void *item, size_t size)
{
    if ((*count & (*count - 1)) == 0) { /* full: 0, 1, 2, 4, 8, ... */
        size_t space = *count ? *count * 2 : 1;
        void *grown = space > SIZE_MAX / size ? NULL : realloc(*items, space * size);

        if (!grown)
            return false;
        *items = grown;
    }
    memcpy((char *)*items + *count * size, item, size);
    ++*count;
    return true;
}

/* Appends *item to *items (T **, T *) and counts it; false, and nothing changed, without memory. */
#define array_append(items, count, item)                                                           \
    array_append_item((void **)(items), (count), (item), sizeof(**(items)))

#endif
