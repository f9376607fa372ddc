/* state/block.h - results in one block of memory
 *
 * Private to state/. A result is an array of rows and the data that they point at; neither size is
 * known until the last row has been read. Both grow apart, pointers are noted as places, and
 * block_finish lays all into one block that one free() gives back. Failures stick until finish. */
#ifndef MG_STATE_BLOCK_H
#define MG_STATE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"

struct block_part {
    char *bytes;
    size_t size, capacity;
};

struct block_slot {
    bool in_data;  /* where the pointer stands: in the data or in the rows */
    size_t at;     /* ... at this offset */
    size_t target; /* offset in the data that it is to point to */
};

struct block {
    size_t row_size;
    size_t rows; /* number of rows */
    struct block_part row_part, data_part;
    struct block_slot *slots;
    size_t slot_count, slot_capacity;
    bool failed;
};

void block_init(struct block *block, size_t row_size);
void block_clear(struct block *block);

/* Appends a zeroed row; the pointer is good until the next one. NULL after a failure. */
void *block_add_row(struct block *block);

/* Appends `size` bytes of data (zeroes when `bytes` is NULL), 8-aligned; returns their offset. */
size_t block_add_data(struct block *block, const void *bytes, size_t size);
void *block_data(struct block *block, size_t offset); /* NULL after a failure */

/* The pointer member at `offset` of the last row (or of any), or at `offset` of the data, is to
 * point to the data at `target`. */
void block_point_row(struct block *block, size_t offset, size_t target);
void block_point_any_row(struct block *block, size_t row, size_t offset, size_t target);
void block_point_data(struct block *block, size_t offset, size_t target);

/* Both at once for a string in the last row; NULL text leaves the member NULL. */
void block_row_string(struct block *block, size_t offset, const char *text);
void block_data_string(struct block *block, size_t offset, const char *text);

/* Lays all out and clears the builder; *ret_rows is NULL for no rows. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT block_finish(struct block *block, void **ret_rows, size_t *ret_count);

#endif
