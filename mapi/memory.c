/* mapi/memory.c - blocks that clients free, and scratch memory
 *
 * Each block is a malloc block of its own, so that sanitizers see its true bounds. Chained blocks
 * hang in a list at their root; chaining is atomic because several threads may fill one result. */
#include "mapi/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapi.h"
#include "mapi/mapix.h"

#define MARK_ROOT  ((uintptr_t)0x4d41504952304f54u)
#define MARK_MORE  ((uintptr_t)0x4d4150494d304f52u)
#define MARK_FREED ((uintptr_t)0x4d41504946724545u)

#define ALLOC_MAX ((size_t)1 << 30)

/* Sits before the bytes that the caller gets; its size keeps malloc's alignment. */
struct block {
    uintptr_t mark; /* xor the block's own address: a copied header is no header */
    struct block *root;
    _Atomic(struct block *) next;
    size_t size;
};
static_assert(sizeof(struct block) % 16 == 0, "blocks keep malloc's alignment");

static struct block *block_of(void *bytes)
{
    return (struct block *)bytes - 1;
}

static void *block_bytes(struct block *block)
{
    return block + 1;
}

static bool block_is(const struct block *block, uintptr_t mark)
{
    return (block->mark ^ (uintptr_t)block) == mark;
}

static struct block *block_create(size_t size, uintptr_t mark, bool zeroed)
{
    struct block *block;

    if (size > SIZE_MAX - sizeof(*block))
        return NULL;
    block = zeroed ? calloc(1, sizeof(*block) + size) : malloc(sizeof(*block) + size);
    if (!block)
        return NULL;
    block->mark = mark ^ (uintptr_t)block;
    block->root = block;
    atomic_init(&block->next, NULL);
    block->size = size;
    return block;
}

static void block_chain(struct block *block, struct block *to)
{
    struct block *root, *first;

    /* A foreign pointer or a freed block ends here. A chained block stands for its root. */
    assert(block_is(to, MARK_ROOT) || block_is(to, MARK_MORE));
    root = to->root;
    block->root = root;
    first = atomic_load(&root->next);
    do
        atomic_store_explicit(&block->next, first, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&root->next, &first, block));
}

static void block_destroy(struct block *block)
{
    /* Without volatile the compiler drops a write to what is freed at once. */
    *(volatile uintptr_t *)&block->mark = MARK_FREED;
    free(block);
}

SCODE STDAPICALLTYPE MAPIAllocateBuffer(ULONG size, LPVOID *ret_buffer)
{
    struct block *block;

    if (!ret_buffer)
        return MAPI_E_INVALID_PARAMETER;
    *ret_buffer = NULL;
    block = block_create(size, MARK_ROOT, false);
    if (!block)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_buffer = block_bytes(block);
    return S_OK;
}

SCODE STDAPICALLTYPE MAPIAllocateMore(ULONG size, LPVOID object, LPVOID *ret_buffer)
{
    struct block *block;

    if (!ret_buffer || !object)
        return MAPI_E_INVALID_PARAMETER;
    *ret_buffer = NULL;
    block = block_create(size, MARK_MORE, false);
    if (!block)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    block_chain(block, block_of(object));
    *ret_buffer = block_bytes(block);
    return S_OK;
}

ULONG STDAPICALLTYPE MAPIFreeBuffer(LPVOID buffer)
{
    struct block *root, *block, *next;

    if (!buffer)
        return S_OK; /* MEM-005 */
    root = block_of(buffer);
    assert(block_is(root, MARK_ROOT)); /* foreign, chained or freed already */
    for (block = atomic_load(&root->next); block; block = next) {
        next = atomic_load_explicit(&block->next, memory_order_relaxed);
        assert(block_is(block, MARK_MORE));
        block_destroy(block);
    }
    block_destroy(root);
    return S_OK;
}

SCODE STDAPICALLTYPE MAPIReallocateBuffer(LPVOID buffer, ULONG size, LPVOID *ret_buffer)
{
    struct block *old, *block, *more;

    if (!ret_buffer)
        return MAPI_E_INVALID_PARAMETER;
    if (!buffer)
        return MAPIAllocateBuffer(size, ret_buffer);

    old = block_of(buffer);
    assert(block_is(old, MARK_ROOT));
    block = block_create(size, MARK_ROOT, false);
    if (!block)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(block_bytes(block), buffer, size < old->size ? size : old->size);

    /* What was chained to the old root now lives as long as the new one. */
    atomic_store(&block->next, atomic_load(&old->next));
    for (more = atomic_load(&block->next); more; more = atomic_load(&more->next))
        more->root = block;
    block_destroy(old);
    *ret_buffer = block_bytes(block);
    return S_OK;
}

void *mapi_alloc(void *root, size_t size)
{
    struct block *block;

    if (size > ALLOC_MAX)
        return NULL;
    block = block_create(size, root ? MARK_MORE : MARK_ROOT, true);
    if (!block)
        return NULL;
    if (root)
        block_chain(block, block_of(root));
    return block_bytes(block);
}

void *mapi_memdup(void *root, const void *data, size_t size)
{
    void *copy = mapi_alloc(root, size);

    if (copy && size)
        memcpy(copy, data, size);
    return copy;
}

void *mapi_alloc_array(void *root, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    return mapi_alloc(root, total);
}

size_t mapi_block_size(const void *block)
{
    const struct block *header = block_of((void *)block);

    assert(block_is(header, MARK_ROOT) || block_is(header, MARK_MORE));
    return header->size;
}

void mapi_free(void *root)
{
    MAPIFreeBuffer(root);
}

/* ---- Arena ---- */

#define ARENA_CHUNK ((size_t)4096)

struct arena_chunk {
    struct arena_chunk *older;
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = arena->chunks;
    size_t room;
    void *bytes;

    if (size > ALLOC_MAX)
        return NULL;
    size = (size + 7) & ~(size_t)7;
    if (!chunk || chunk->size - arena->used < size) {
        room = chunk ? chunk->size * 2 : ARENA_CHUNK;
        if (room > ARENA_CHUNK * 64)
            room = ARENA_CHUNK * 64;
        if (room < size)
            room = size;
        chunk = malloc(sizeof(*chunk) + room);
        if (!chunk)
            return NULL;
        chunk->older = arena->chunks;
        chunk->size = room;
        arena->chunks = chunk;
        arena->used = 0;
    }
    bytes = chunk->bytes + arena->used;
    arena->used += size;
    return bytes;
}

static void arena_free_older(struct arena_chunk *chunk)
{
    struct arena_chunk *older;

    for (; chunk; chunk = older) {
        older = chunk->older;
        free(chunk);
    }
}

void arena_reset(struct arena *arena)
{
    if (!arena->chunks)
        return;
    arena_free_older(arena->chunks->older);
    arena->chunks->older = NULL;
    arena->used = 0;
}

void arena_clear(struct arena *arena)
{
    arena_free_older(arena->chunks);
    arena->chunks = NULL;
    arena->used = 0;
}
