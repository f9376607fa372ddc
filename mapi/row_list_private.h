/* mapi/row_list_private.h - what the row_list*.c files share
 *
 * Rows are immutable and shared between the list and its snapshots; a change replaces the row. */
#ifndef MG_ROW_LIST_PRIVATE_H
#define MG_ROW_LIST_PRIVATE_H

#include "mapi/propval.h"
#include "mapi/row_list.h"

struct list_row {
    atomic_uint refs;
    uint64_t id;
    SPropValue *values; /* one root, strings in UTF-16 */
    ULONG count;
    uint64_t hash;              /* of its key; the list's, as is the next */
    struct list_row *in_bucket; /* the next row of the list with such a hash */
};

struct row_list {
    struct row_source source;
    ULONG key;
    pthread_mutex_t lock; /* all below */
    struct list_row **rows;
    size_t count, capacity;
    struct list_row **buckets; /* rows by hash of their key */
    size_t bucket_count;       /* a power of two, or 0 */
    uint64_t version, last_id;
    bool id_order; /* positions are in order of ids */
    struct change_log log;
    ULONG *columns; /* every tag ever seen (TBL-151) */
    size_t column_count, column_capacity;
};

/* row_list_source.c: rows as they are kept. create copies what is worth keeping. */
HRESULT list_row_create(const SPropValue *values, size_t count, struct list_row **ret_row);
void list_row_unref(struct list_row *row); /* NULL is accepted */
bool list_row_equal(const struct list_row *a, const struct list_row *b);

/* row_list_edit.c: changing the list; its lock is held in all these. */
const SPropValue *list_row_key(const struct row_list *list, const struct list_row *row);
bool list_find(const struct row_list *list, const SPropValue *key, size_t *ret_position);
HRESULT list_reserve(struct row_list *list, size_t count); /* room for so many rows in all */
void list_note_columns(struct row_list *list, const struct list_row *row);
void list_replace_at(struct row_list *list, size_t position, struct list_row *row);
void list_insert_at(struct row_list *list, size_t position, struct list_row *row);
void list_remove_at(struct row_list *list, size_t position);
/* Adds or replaces, taking the row over; true if something changed. Room has been made. */
bool list_put(struct row_list *list, struct list_row *row);
/* The index by key: room for so many rows; a row that has come. */
HRESULT list_index_reserve(struct row_list *list, size_t count);
void list_index_add(struct row_list *list, struct list_row *row);

#endif
