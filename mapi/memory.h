/* mapi/memory.h - blocks that clients free, and scratch memory that nobody sees
 *
 * What a method hands out hangs off one MAPIAllocateBuffer root and goes with one MAPIFreeBuffer
 * (MEM-003, MEM-004, MEM-010). MAPIAllocateBuffer, MAPIAllocateMore, MAPIReallocateBuffer and
 * MAPIFreeBuffer are declared in the public headers and live in memory.c: any thread, blocks
 * aligned as malloc does. A block carries a mark: freeing a foreign, chained or freed pointer is
 * caught by an assertion where the mark can be read, never silently done.
 *
 * Zeroed variants for our own use, and an arena for values that live as long as one operation. */
#ifndef MG_MEMORY_H
#define MG_MEMORY_H

#include <stddef.h>

#include "mapi/mapidefs.h"

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* A zeroed root (`root` NULL) or a zeroed block that lives as long as `root`. NULL: no memory, or
 * more than 1 GiB was asked for. */
void *mapi_alloc(void *root, size_t size);

/* As mapi_alloc, with the first `size` bytes copied from `data` (may be NULL when size is 0). */
void *mapi_memdup(void *root, const void *data, size_t size);

/* Array of `count` items of `size` bytes, zeroed; NULL also when the product overflows. */
void *mapi_alloc_array(void *root, size_t count, size_t size);

/* The size that a block was asked for with. */
size_t mapi_block_size(const void *block);

/* Frees a root; NULL is accepted. The same as MAPIFreeBuffer, for our own code. */
void mapi_free(void *root);

/* Memory with the lifetime of an operation. Embed by value, zero it (`struct arena a = {0}`); one
 * user at a time. Pointers stay valid until reset or clear. */
struct arena_chunk;
struct arena {
    struct arena_chunk *chunks; /* the newest first */
    size_t used;                /* of the newest */
};
void *arena_alloc(struct arena *arena, size_t size); /* not zeroed; aligned to 8; NULL: no memory */
void arena_reset(struct arena *arena);               /* keeps one chunk for the next round */
void arena_clear(struct arena *arena);

#endif
