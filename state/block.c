/* state/block.c - results in one block of memory */
#include "state/block.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"

#define BLOCK_ALIGN 8u

static size_t align_up(size_t size)
{
    return (size + BLOCK_ALIGN - 1) & ~(size_t)(BLOCK_ALIGN - 1);
}

void block_init(struct block *block, size_t row_size)
{
    assert(row_size % BLOCK_ALIGN == 0);
    *block = (struct block){.row_size = row_size};
}

void block_clear(struct block *block)
{
    free(block->row_part.bytes);
    free(block->data_part.bytes);
    free(block->slots);
    *block = (struct block){.row_size = block->row_size};
}

/* Makes room for `size` zeroed bytes more; returns their offset. */
static size_t part_grow(struct block *block, struct block_part *part, size_t size)
{
    size_t offset = part->size;

    if (size > SIZE_MAX / 4 || part->size > SIZE_MAX / 4)
        block->failed = true;
    if (block->failed)
        return 0;
    if (part->capacity - part->size < size) {
        size_t capacity = (part->size + size) * 2;
        char *bytes = realloc(part->bytes, capacity);

        if (!bytes) {
            block->failed = true;
            return 0;
        }
        part->bytes = bytes;
        part->capacity = capacity;
    }
    if (size)
        memset(part->bytes + offset, 0, size);
    part->size += size;
    return offset;
}

void *block_add_row(struct block *block)
{
    size_t offset = part_grow(block, &block->row_part, block->row_size);

    if (block->failed)
        return NULL;
    block->rows++;
    return block->row_part.bytes + offset;
}

size_t block_add_data(struct block *block, const void *bytes, size_t size)
{
    size_t offset = part_grow(block, &block->data_part, align_up(size ? size : 1));

    if (!block->failed && bytes && size)
        memcpy(block->data_part.bytes + offset, bytes, size);
    return offset;
}

void *block_data(struct block *block, size_t offset)
{
    return block->failed ? NULL : block->data_part.bytes + offset;
}

static void add_slot(struct block *block, bool in_data, size_t at, size_t target)
{
    if (block->failed)
        return;
    if (block->slot_count == block->slot_capacity) {
        size_t capacity = block->slot_capacity ? block->slot_capacity * 2 : 16;
        struct block_slot *slots = realloc(block->slots, capacity * sizeof(*slots));

        if (!slots) {
            block->failed = true;
            return;
        }
        block->slots = slots;
        block->slot_capacity = capacity;
    }
    block->slots[block->slot_count++] = (struct block_slot){in_data, at, target};
}

void block_point_row(struct block *block, size_t offset, size_t target)
{
    if (!block->failed)
        add_slot(block, false, block->row_part.size - block->row_size + offset, target);
}

void block_point_any_row(struct block *block, size_t row, size_t offset, size_t target)
{
    add_slot(block, false, row * block->row_size + offset, target);
}

void block_point_data(struct block *block, size_t offset, size_t target)
{
    add_slot(block, true, offset, target);
}

void block_row_string(struct block *block, size_t offset, const char *text)
{
    if (text)
        block_point_row(block, offset, block_add_data(block, text, strlen(text) + 1));
}

void block_data_string(struct block *block, size_t offset, const char *text)
{
    if (text)
        block_point_data(block, offset, block_add_data(block, text, strlen(text) + 1));
}

HRESULT block_finish(struct block *block, void **ret_rows, size_t *ret_count)
{
    size_t rows_size = align_up(block->row_part.size);
    char *all = NULL;

    if (!block->failed && block->rows) {
        all = malloc(rows_size + block->data_part.size);
        if (!all)
            block->failed = true;
    }
    if (block->failed) {
        block_clear(block);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }

    if (all) {
        memcpy(all, block->row_part.bytes, block->row_part.size);
        if (block->data_part.size)
            memcpy(all + rows_size, block->data_part.bytes, block->data_part.size);
        for (size_t i = 0; i < block->slot_count; i++) {
            const struct block_slot *slot = &block->slots[i];
            void *target = all + rows_size + slot->target;

            memcpy(all + (slot->in_data ? rows_size : 0) + slot->at, &target, sizeof(target));
        }
    }
    *ret_rows = all;
    if (ret_count)
        *ret_count = block->rows;
    block_clear(block);
    return S_OK;
}
