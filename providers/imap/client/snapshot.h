/* providers/imap/client/snapshot.h - how an index keeps its rows
 *
 * Private to this room. Three layers, each immutable once shared and counted by atomics:
 *
 *   block     what never changes for a UID (envelope, size, date): rows and one text arena
 *   chunk     up to IMAP_CHUNK_ROWS rows of a block with what does change: flags, keywords, modseq
 *   snapshot  the chunks of a mailbox in UID order
 *
 * A changed flag costs a copy of its chunk's states (16 bytes a row), never of text. Writers run on
 * the engine, one at a time; readers on any thread. */
#ifndef IMAP_SNAPSHOT_H
#define IMAP_SNAPSHOT_H

#include "providers/imap/client/index.h"

#define IMAP_CHUNK_ROWS 1024u

struct imap_chunk;
struct imap_uids;

/* --- Building chunks from rows --------------------------------------------------------------- */

struct imap_chunk_builder;
struct imap_chunk_builder *imap_chunk_builder_create(void);       /* NULL without memory */
void imap_chunk_builder_free(struct imap_chunk_builder *builder); /* NULL is accepted */

/* Copies a row; any order, the first of two equal UIDs is kept. */
HRESULT imap_chunk_builder_add(struct imap_chunk_builder *builder, const struct imap_row *row);
size_t imap_chunk_builder_count(const struct imap_chunk_builder *builder);

/* --- Making the next snapshot ---------------------------------------------------------------- */

struct imap_snapshot_edit {
    struct imap_chunk **chunks; /* one reference each */
    size_t count, space;
    uint64_t *fresh; /* bit n: chunk n was made by this edit and may be written */
    size_t fresh_words;
    const struct imap_snapshot *base;
    uint32_t uidvalidity, uidnext;
    uint64_t highestmodseq;
    bool complete;
};

/* The snapshot before any row. */
struct imap_snapshot *imap_snapshot_create_empty(uint32_t uidvalidity);
uint64_t imap_snapshot_highestmodseq(const struct imap_snapshot *snapshot);

/* Starts from `base` (referenced by the caller until finish or clear). */
HRESULT imap_snapshot_edit_init(struct imap_snapshot_edit *edit, const struct imap_snapshot *base);
void imap_snapshot_edit_clear(struct imap_snapshot_edit *edit);

/* Sets what may change of a row; *ret_changed tells whether flags or keywords did (a modseq alone
 * is kept but is no change). An unknown UID changes nothing. `keywords` NULL: as they are. */
HRESULT imap_snapshot_edit_state(struct imap_snapshot_edit *edit, uint32_t uid, uint32_t flags,
                                 const struct imap_text *keywords, uint64_t modseq,
                                 bool *ret_changed);
HRESULT imap_snapshot_edit_remove(struct imap_snapshot_edit *edit, uint32_t uid, bool *ret_removed);

/* Appends the builder's rows that lie above the last UID, and empties the builder. */
HRESULT imap_snapshot_edit_append(struct imap_snapshot_edit *edit,
                                  struct imap_chunk_builder *builder);

/* Lists the UIDs from position `from` on, ascending. */
HRESULT imap_snapshot_edit_list_from(const struct imap_snapshot_edit *edit, size_t from,
                                     struct imap_uids *uids);

/* Drops every row and what is known of the mailbox. */
void imap_snapshot_edit_empty(struct imap_snapshot_edit *edit);

/* The highest UID that the edit holds, 0 when empty. */
uint32_t imap_snapshot_edit_last_uid(const struct imap_snapshot_edit *edit);

/* Makes the snapshot, with version `base`'s + 1, and clears the edit. */
HRESULT imap_snapshot_edit_finish(struct imap_snapshot_edit *edit,
                                  struct imap_snapshot **ret_snapshot);

#endif
