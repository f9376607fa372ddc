/* providers/imap/client/arena.h - memory for what one response parses into
 *
 * A bump allocator: everything goes at the next reset, which keeps one block for the next response.
 * It is capped, so that no response costs more than ARENA_MAX however it is written. Private to the
 * wire; one fiber at a time. */
#ifndef IMAP_WIRE_ARENA_H
#define IMAP_WIRE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define ARENA_MAX (16u * 1024u * 1024u)

struct arena_block;
struct arena {
    struct arena_block *blocks; /* the newest first */
    size_t total;               /* bytes of all blocks */
    bool full;                  /* ARENA_MAX was reached: not a lack of memory */
};

void arena_init(struct arena *arena);
void arena_reset(struct arena *arena);
void arena_clear(struct arena *arena);

/* Aligned for any of our structs, not cleared. NULL without memory, or when the cap is reached. */
void *arena_alloc(struct arena *arena, size_t size);

/* Makes an allocation larger: in place if it is the newest, else by copying. */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size);

#endif
