/* providers/imap/client/snapshot_edit.c - making the next snapshot out of the present one */
#include "providers/imap/client/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/chunk.h"
#include "providers/imap/client/message.h"
#include "providers/imap/client/uids.h"

#define EDIT_MERGE_ROWS 256u /* small chunks at the end are merged up to this many rows */

/* --- Edits ----------------------------------------------------------------------------------- */

static bool edit_is_fresh(const struct imap_snapshot_edit *edit, size_t n)
{
    return n / 64 < edit->fresh_words && (edit->fresh[n / 64] >> (n % 64) & 1);
}

static HRESULT edit_reserve(struct imap_snapshot_edit *edit)
{
    size_t space, words;
    struct imap_chunk **chunks;
    uint64_t *fresh;

    if (edit->count < edit->space)
        return S_OK;
    space = edit->space ? edit->space * 2 : 16;
    words = (space + 63) / 64;
    chunks = reallocarray(edit->chunks, space, sizeof(*chunks));
    if (chunks)
        edit->chunks = chunks;
    fresh = reallocarray(edit->fresh, words, sizeof(*fresh));
    if (fresh)
        edit->fresh = fresh;
    if (!chunks || !fresh)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memset(fresh + edit->fresh_words, 0, (words - edit->fresh_words) * sizeof(*fresh));
    edit->fresh_words = words;
    edit->space = space;
    return S_OK;
}

/* Takes over the caller's reference, also on failure. */
static HRESULT edit_push(struct imap_snapshot_edit *edit, struct imap_chunk *chunk, bool fresh)
{
    HRESULT hr = edit_reserve(edit);

    if (FAILED(hr)) {
        imap_chunk_unref(chunk);
        return hr;
    }
    edit->chunks[edit->count] = chunk;
    edit->fresh[edit->count / 64] &= ~(UINT64_C(1) << (edit->count % 64));
    edit->fresh[edit->count / 64] |= (uint64_t)fresh << (edit->count % 64);
    edit->count++;
    return S_OK;
}

HRESULT imap_snapshot_edit_init(struct imap_snapshot_edit *edit, const struct imap_snapshot *base)
{
    *edit = (struct imap_snapshot_edit){
        .base = base,
        .uidvalidity = base->uidvalidity,
        .uidnext = base->uidnext,
        .highestmodseq = base->highestmodseq,
        .complete = base->complete,
    };
    for (size_t i = 0; i < base->chunk_count; i++) {
        HRESULT hr = edit_push(edit, imap_chunk_ref(base->chunks[i].chunk), false);

        if (FAILED(hr)) {
            imap_snapshot_edit_clear(edit);
            return hr;
        }
    }
    return S_OK;
}

void imap_snapshot_edit_clear(struct imap_snapshot_edit *edit)
{
    for (size_t i = 0; i < edit->count; i++)
        imap_chunk_unref(edit->chunks[i]);
    free(edit->chunks);
    free(edit->fresh);
    *edit = (struct imap_snapshot_edit){0};
}

/* Finds the row of `uid`: chunk *ret_chunk, index *ret_row. */
static bool edit_find(const struct imap_snapshot_edit *edit, uint32_t uid, size_t *ret_chunk,
                      uint32_t *ret_row)
{
    size_t low = 0, high = edit->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        /* An emptied chunk cannot be compared; it is dropped as soon as it empties. */
        if (imap_chunk_last_uid(edit->chunks[middle]) < uid)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == edit->count)
        return false;
    *ret_row = imap_chunk_lower_bound(edit->chunks[low], uid);
    *ret_chunk = low;
    return imap_chunk_row(edit->chunks[low], *ret_row)->uid == uid;
}

static struct imap_chunk *edit_writable(struct imap_snapshot_edit *edit, size_t n)
{
    struct imap_chunk *copy;

    if (edit_is_fresh(edit, n))
        return edit->chunks[n];
    copy = imap_chunk_copy(edit->chunks[n]);
    if (!copy)
        return NULL;
    imap_chunk_unref(edit->chunks[n]);
    edit->chunks[n] = copy;
    edit->fresh[n / 64] |= UINT64_C(1) << (n % 64);
    return copy;
}

HRESULT imap_snapshot_edit_state(struct imap_snapshot_edit *edit, uint32_t uid, uint32_t flags,
                                 const struct imap_text *keywords, uint64_t modseq,
                                 bool *ret_changed)
{
    struct imap_chunk *chunk;
    struct row_state *state;
    const char *present;
    bool same_keywords;
    uint16_t set;
    uint32_t row;
    size_t n;

    *ret_changed = false;
    if (!edit_find(edit, uid, &n, &row))
        return S_OK;
    chunk = edit->chunks[n];
    state = &chunk->states[row];
    present = state->keywords ? chunk->keyword_sets[state->keywords - 1] : "";
    same_keywords = !keywords || (strlen(present) == keywords->size &&
                                  memcmp(present, keywords->bytes, keywords->size) == 0);
    if (modseq == 0)
        modseq = state->modseq;
    if (same_keywords && state->flags == flags && state->modseq == modseq)
        return S_OK;

    chunk = edit_writable(edit, n);
    if (!chunk)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    state = &chunk->states[row];
    set = state->keywords;
    if (!same_keywords) {
        HRESULT hr = imap_chunk_keywords(chunk, keywords->bytes, keywords->size, &set);

        if (FAILED(hr))
            return hr;
    }
    *ret_changed = !same_keywords || state->flags != flags;
    chunk->unseen += !(flags & IMAP_FLAG_SEEN);
    chunk->unseen -= !(state->flags & IMAP_FLAG_SEEN);
    *state = (struct row_state){modseq, flags, state->row, set};
    return S_OK;
}

static void edit_drop_chunk(struct imap_snapshot_edit *edit, size_t n)
{
    imap_chunk_unref(edit->chunks[n]);
    for (size_t i = n; i + 1 < edit->count; i++) {
        edit->chunks[i] = edit->chunks[i + 1];
        edit->fresh[i / 64] &= ~(UINT64_C(1) << (i % 64));
        edit->fresh[i / 64] |= (uint64_t)edit_is_fresh(edit, i + 1) << (i % 64);
    }
    edit->count--;
}

HRESULT imap_snapshot_edit_remove(struct imap_snapshot_edit *edit, uint32_t uid, bool *ret_removed)
{
    struct imap_chunk *chunk;
    uint32_t row;
    size_t n;

    *ret_removed = false;
    if (!edit_find(edit, uid, &n, &row))
        return S_OK;
    *ret_removed = true;
    if (edit->chunks[n]->count == 1) {
        edit_drop_chunk(edit, n);
        return S_OK;
    }
    chunk = edit_writable(edit, n);
    if (!chunk) {
        *ret_removed = false;
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    chunk->unseen -= !(chunk->states[row].flags & IMAP_FLAG_SEEN);
    memmove(&chunk->states[row], &chunk->states[row + 1],
            (chunk->count - row - 1) * sizeof(chunk->states[0]));
    chunk->count--;
    return S_OK;
}

uint32_t imap_snapshot_edit_last_uid(const struct imap_snapshot_edit *edit)
{
    return edit->count ? imap_chunk_last_uid(edit->chunks[edit->count - 1]) : 0;
}

HRESULT imap_snapshot_edit_list_from(const struct imap_snapshot_edit *edit, size_t from,
                                     struct imap_uids *uids)
{
    size_t first = 0;
    HRESULT hr = S_OK;

    for (size_t n = 0; n < edit->count; n++) {
        const struct imap_chunk *chunk = edit->chunks[n];

        for (uint32_t i = from > first ? (uint32_t)(from - first) : 0;
             SUCCEEDED(hr) && i < chunk->count; i++)
            hr = uids_add(uids, imap_chunk_row(chunk, i)->uid);
        first += chunk->count;
    }
    return hr;
}

void imap_snapshot_edit_empty(struct imap_snapshot_edit *edit)
{
    for (size_t i = 0; i < edit->count; i++)
        imap_chunk_unref(edit->chunks[i]);
    edit->count = 0;
    edit->uidnext = 0;
    edit->highestmodseq = 0;
    edit->complete = false;
}

/* A mailbox that gets one message at a time would end up with a chunk for each: the rows of a
 * small last chunk join the new ones. */
static HRESULT edit_merge_last(struct imap_snapshot_edit *edit, struct imap_chunk_builder *builder)
{
    const struct imap_chunk *last = edit->count ? edit->chunks[edit->count - 1] : NULL;

    if (!last || last->count + builder->count > EDIT_MERGE_ROWS)
        return S_OK;
    for (uint32_t i = 0; i < last->count; i++) {
        struct imap_row row;
        HRESULT hr;

        imap_chunk_get_row(last, i, &row);
        hr = imap_chunk_builder_add(builder, &row);
        if (FAILED(hr))
            return hr;
    }
    edit_drop_chunk(edit, edit->count - 1);
    imap_chunk_builder_sort(builder);
    return S_OK;
}

HRESULT imap_snapshot_edit_append(struct imap_snapshot_edit *edit,
                                  struct imap_chunk_builder *builder)
{
    uint32_t last = imap_snapshot_edit_last_uid(edit);
    size_t skip = 0;
    HRESULT hr;

    imap_chunk_builder_sort(builder);
    while (skip < builder->count && builder->rows[skip].row.uid <= last)
        skip++;
    if (skip > 0) {
        memmove(builder->rows, builder->rows + skip,
                (builder->count - skip) * sizeof(*builder->rows));
        builder->count -= skip;
    }
    if (builder->count == 0) {
        imap_chunk_builder_reset(builder);
        return S_OK;
    }
    hr = edit_merge_last(edit, builder);
    for (size_t first = 0; SUCCEEDED(hr) && first < builder->count;) {
        size_t left = builder->count - first;
        uint32_t count = (uint32_t)(left < IMAP_CHUNK_ROWS ? left : IMAP_CHUNK_ROWS);
        struct imap_chunk *chunk;

        hr = imap_chunk_builder_chunk(builder, first, count, &chunk);
        if (SUCCEEDED(hr))
            hr = edit_push(edit, chunk, true);
        first += count;
    }
    imap_chunk_builder_reset(builder);
    return hr;
}

HRESULT imap_snapshot_edit_finish(struct imap_snapshot_edit *edit,
                                  struct imap_snapshot **ret_snapshot)
{
    struct imap_snapshot *snapshot =
        calloc(1, sizeof(*snapshot) + edit->count * sizeof(snapshot->chunks[0]));

    if (!snapshot)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&snapshot->refs, 1);
    snapshot->version = edit->base->version + 1;
    snapshot->uidvalidity = edit->uidvalidity;
    snapshot->uidnext = edit->uidnext;
    snapshot->highestmodseq = edit->highestmodseq;
    snapshot->complete = edit->complete;
    for (size_t i = 0; i < edit->count; i++) {
        snapshot->chunks[i].chunk = edit->chunks[i];
        snapshot->chunks[i].first = snapshot->count;
        snapshot->count += edit->chunks[i]->count;
        snapshot->unseen += edit->chunks[i]->unseen;
    }
    snapshot->chunk_count = edit->count;
    edit->count = 0; /* their references went to the snapshot */
    imap_snapshot_edit_clear(edit);
    *ret_snapshot = snapshot;
    return S_OK;
}
