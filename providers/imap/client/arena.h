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

struct wire_arena_block;
struct wire_arena {
    struct wire_arena_block *blocks; /* the newest first */
    size_t total;                    /* bytes of all blocks */
    bool full;                       /* ARENA_MAX was reached: not a lack of memory */
};

void arena_init(struct wire_arena *arena);
void wire_arena_reset(struct wire_arena *arena);
void wire_arena_clear(struct wire_arena *arena);

/* Aligned for any of our structs, not cleared. NULL without memory, or when the cap is reached. */
void *wire_arena_alloc(struct wire_arena *arena, size_t size);

/* Makes an allocation larger: in place if it is the newest, else by copying. */
void *wire_arena_grow(struct wire_arena *arena, void *old, size_t old_size, size_t new_size);

#endif
