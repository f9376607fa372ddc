/* providers/imap/client/snapshot.c - reading snapshots */
#include "providers/imap/client/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/chunk.h"

/* --- Snapshots ------------------------------------------------------------------------------- */

struct imap_snapshot *imap_snapshot_create_empty(uint32_t uidvalidity)
{
    struct imap_snapshot *snapshot = calloc(1, sizeof(*snapshot));

    if (!snapshot)
        return NULL;
    atomic_init(&snapshot->refs, 1);
    snapshot->uidvalidity = uidvalidity;
    return snapshot;
}

struct imap_snapshot *imap_snapshot_ref(struct imap_snapshot *snapshot)
{
    atomic_fetch_add(&snapshot->refs, 1);
    return snapshot;
}

void imap_snapshot_unref(struct imap_snapshot *snapshot)
{
    if (!snapshot || atomic_fetch_sub(&snapshot->refs, 1) != 1)
        return;
    for (size_t i = 0; i < snapshot->chunk_count; i++)
        imap_chunk_unref(snapshot->chunks[i].chunk);
    free(snapshot);
}

uint64_t imap_snapshot_version(const struct imap_snapshot *snapshot)
{
    return snapshot->version;
}

uint64_t imap_snapshot_highestmodseq(const struct imap_snapshot *snapshot)
{
    return snapshot->highestmodseq;
}

uint32_t imap_snapshot_uidvalidity(const struct imap_snapshot *snapshot)
{
    return snapshot->uidvalidity;
}

uint32_t imap_snapshot_uidnext(const struct imap_snapshot *snapshot)
{
    return snapshot->uidnext;
}

bool imap_snapshot_complete(const struct imap_snapshot *snapshot)
{
    return snapshot->complete;
}

size_t imap_snapshot_count(const struct imap_snapshot *snapshot)
{
    return snapshot->count;
}

size_t imap_snapshot_unseen(const struct imap_snapshot *snapshot)
{
    return snapshot->unseen;
}

/* The chunk that holds `position`, and the row's index in it. */
static const struct imap_chunk *snapshot_locate(const struct imap_snapshot *snapshot,
                                                size_t position, uint32_t *ret_index)
{
    size_t low = 0, high = snapshot->chunk_count;

    assert(position < snapshot->count);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (snapshot->chunks[middle].first <= position)
            low = middle;
        else
            high = middle;
    }
    *ret_index = (uint32_t)(position - snapshot->chunks[low].first);
    return snapshot->chunks[low].chunk;
}

void imap_snapshot_row(const struct imap_snapshot *snapshot, size_t position, struct imap_row *ret)
{
    uint32_t n;
    const struct imap_chunk *chunk = snapshot_locate(snapshot, position, &n);

    imap_chunk_get_row(chunk, n, ret);
}

uint32_t imap_snapshot_uid(const struct imap_snapshot *snapshot, size_t position)
{
    uint32_t n;
    const struct imap_chunk *chunk = snapshot_locate(snapshot, position, &n);

    return imap_chunk_row(chunk, n)->uid;
}

uint32_t imap_snapshot_flags(const struct imap_snapshot *snapshot, size_t position)
{
    uint32_t n;
    const struct imap_chunk *chunk = snapshot_locate(snapshot, position, &n);

    return chunk->states[n].flags;
}

bool imap_snapshot_find(const struct imap_snapshot *snapshot, uint32_t uid, size_t *ret_position)
{
    size_t low = 0, high = snapshot->chunk_count;
    const struct imap_chunk *chunk;
    uint32_t n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (imap_chunk_last_uid(snapshot->chunks[middle].chunk) < uid)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == snapshot->chunk_count)
        return false;
    chunk = snapshot->chunks[low].chunk;
    n = imap_chunk_lower_bound(chunk, uid);
    if (imap_chunk_row(chunk, n)->uid != uid)
        return false;
    *ret_position = snapshot->chunks[low].first + n;
    return true;
}
