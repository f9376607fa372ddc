/* providers/imap/client/arena.c - memory for what one response parses into */
#include "providers/imap/client/arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4096u
#define ALIGNMENT  8u

struct wire_arena_block {
    struct wire_arena_block *next;
    size_t size, used; /* of data */
    _Alignas(ALIGNMENT) char data[];
};

static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void arena_init(struct wire_arena *arena)
{
    memset(arena, 0, sizeof(*arena));
}

static void free_blocks(struct wire_arena_block *block)
{
    while (block) {
        struct wire_arena_block *next = block->next;

        free(block);
        block = next;
    }
}

void wire_arena_clear(struct wire_arena *arena)
{
    free_blocks(arena->blocks);
    arena_init(arena);
}

void wire_arena_reset(struct wire_arena *arena)
{
    struct wire_arena_block *block = arena->blocks;

    arena->full = false;
    if (!block)
        return;
    if (!block->next && block->size == BLOCK_SIZE) {
        block->used = 0;
        return;
    }
    /* An unusual response: keep only the first block, which is of the usual size. */
    while (block->next) {
        struct wire_arena_block *next = block->next;

        free(block);
        block = next;
    }
    if (block->size != BLOCK_SIZE) {
        free(block);
        block = NULL;
    } else {
        block->used = 0;
    }
    arena->blocks = block;
    arena->total = block ? block->size : 0;
}

void *wire_arena_alloc(struct wire_arena *arena, size_t size)
{
    struct wire_arena_block *block = arena->blocks;
    void *memory;

    size = round_up(size);
    if (!block || block->size - block->used < size) {
        size_t space = size > BLOCK_SIZE ? size : BLOCK_SIZE;

        if (arena->total > 0 && space < arena->total / 2)
            space = arena->total / 2; /* few blocks, whatever comes */
        if (size > ARENA_MAX || arena->total + space > ARENA_MAX) {
            arena->full = true;
            return NULL;
        }
        block = malloc(sizeof(*block) + space);
        if (!block)
            return NULL;
        block->size = space;
        block->used = 0;
        block->next = arena->blocks;
        arena->blocks = block;
        arena->total += space;
    }
    memory = block->data + block->used;
    block->used += size;
    return memory;
}

void *wire_arena_grow(struct wire_arena *arena, void *old, size_t old_size, size_t new_size)
{
    struct wire_arena_block *block = arena->blocks;
    void *memory;

    old_size = round_up(old_size);
    if (old && (char *)old + old_size == block->data + block->used) {
        size_t more = round_up(new_size) - old_size;

        if (block->size - block->used >= more) {
            block->used += more;
            return old;
        }
    }
    memory = wire_arena_alloc(arena, new_size);
    if (memory && old)
        memcpy(memory, old, old_size);
    return memory;
}
