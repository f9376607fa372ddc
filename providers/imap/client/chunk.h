/* providers/imap/client/chunk.h - the chunks that snapshots are made of
 *
 * Private to snapshot.c, snapshot_edit.c and chunk.c; the three layers are told in snapshot.h. A
 * chunk may be written until a snapshot has it. */
#ifndef IMAP_CHUNK_H
#define IMAP_CHUNK_H

#include <stdatomic.h>

#include "providers/imap/client/snapshot.h"

struct block_row {
    int64_t internaldate;
    uint32_t uid;
    uint32_t size;
    uint32_t text; /* offset of the record in the arena */
    bool has_attachment;
};

struct block {
    atomic_uint refs;
    struct block_row *rows;
    char *arena;
};

struct row_state {
    uint64_t modseq;
    uint32_t flags;
    uint16_t row;      /* in the block */
    uint16_t keywords; /* in the chunk's keyword sets */
};

struct imap_chunk {
    atomic_uint refs;
    struct block *block;
    uint32_t count;
    uint32_t unseen;
    uint32_t sets; /* keyword sets; set 0 is the empty one */
    char **keyword_sets;
    struct row_state states[];
};

struct built_row {
    struct block_row row;
    uint64_t modseq;
    uint32_t flags;
    uint32_t keywords; /* offset in the builder's text, size keywords_size */
    uint32_t keywords_size;
};

struct imap_chunk_builder {
    struct built_row *rows;
    size_t count, space;
    char *text;
    size_t text_size, text_space;
    bool sorted;
};

struct imap_snapshot {
    atomic_uint refs;
    uint64_t version;
    uint64_t highestmodseq;
    uint32_t uidvalidity, uidnext;
    bool complete;
    size_t count, unseen;
    size_t chunk_count;
    struct {
        struct imap_chunk *chunk; /* our reference */
        size_t first;             /* position of its first row */
    } chunks[];
};

struct imap_chunk *imap_chunk_ref(struct imap_chunk *chunk);
void imap_chunk_unref(struct imap_chunk *chunk); /* NULL is accepted */

/* A chunk of one's own that shares the block; NULL without memory. */
struct imap_chunk *imap_chunk_copy(const struct imap_chunk *from);

/* Finds or makes a keyword set; index 0 is "". */
HRESULT imap_chunk_keywords(struct imap_chunk *chunk, const char *bytes, size_t size,
                            uint16_t *ret_index);

const struct block_row *imap_chunk_row(const struct imap_chunk *chunk, uint32_t n);
/* Row `n` with its texts, the chunk's. */
void imap_chunk_get_row(const struct imap_chunk *chunk, uint32_t n, struct imap_row *ret);
/* Index of the first row whose UID is not below `uid`. */
uint32_t imap_chunk_lower_bound(const struct imap_chunk *chunk, uint32_t uid);
uint32_t imap_chunk_last_uid(const struct imap_chunk *chunk);

/* Sorts by UID, dropping repetitions; empties. */
void imap_chunk_builder_sort(struct imap_chunk_builder *builder);
void imap_chunk_builder_reset(struct imap_chunk_builder *builder);
/* Makes a chunk of rows first to first + count - 1 with a block that holds exactly their text. */
HRESULT imap_chunk_builder_chunk(const struct imap_chunk_builder *builder, size_t first,
                                 uint32_t count, struct imap_chunk **ret_chunk);

#endif
