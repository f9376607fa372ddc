/* providers/imap/client/snapshot.c - rows of a mailbox, compact, immutable and shared
 *
 * See snapshot.h for the three layers. Text of a row is one record of its block's arena: for each
 * field a length (7 bits a byte, low first) with one bit that says "the same as From", then the
 * bytes and a zero. */
#include "providers/imap/client/snapshot.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/message.h"
#include "providers/imap/client/uids.h"

#define EDIT_MERGE_ROWS 256u /* small chunks at the end are merged up to this many rows */
#define ARENA_MAX       (UINT32_MAX / 2)

enum {
    FIELD_SUBJECT,
    FIELD_FROM,
    FIELD_SENDER,
    FIELD_REPLY_TO,
    FIELD_TO,
    FIELD_CC,
    FIELD_BCC,
    FIELD_DATE,
    FIELD_MESSAGE_ID,
    FIELD_IN_REPLY_TO,
    FIELD_COUNT
};

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

/* --- Blocks and chunks ----------------------------------------------------------------------- */

static struct block *block_ref(struct block *block)
{
    atomic_fetch_add(&block->refs, 1);
    return block;
}

static void block_unref(struct block *block)
{
    if (!block || atomic_fetch_sub(&block->refs, 1) != 1)
        return;
    free(block->rows);
    free(block->arena);
    free(block);
}

static struct imap_chunk *chunk_ref(struct imap_chunk *chunk)
{
    atomic_fetch_add(&chunk->refs, 1);
    return chunk;
}

static void chunk_unref(struct imap_chunk *chunk)
{
    if (!chunk || atomic_fetch_sub(&chunk->refs, 1) != 1)
        return;
    for (uint32_t i = 0; i < chunk->sets; i++)
        free(chunk->keyword_sets[i]);
    free(chunk->keyword_sets);
    block_unref(chunk->block);
    free(chunk);
}

static struct imap_chunk *chunk_create(struct block *block, uint32_t space)
{
    struct imap_chunk *chunk = calloc(1, sizeof(*chunk) + space * sizeof(chunk->states[0]));

    if (!chunk)
        return NULL;
    atomic_init(&chunk->refs, 1);
    chunk->block = block_ref(block);
    return chunk;
}

/* Finds or makes a keyword set; index 0 is "". */
static HRESULT chunk_keywords(struct imap_chunk *chunk, const char *bytes, size_t size,
                              uint16_t *ret_index)
{
    char **sets;
    char *copy;

    if (size == 0) {
        *ret_index = 0;
        return S_OK;
    }
    for (uint32_t i = 0; i < chunk->sets; i++) {
        if (strlen(chunk->keyword_sets[i]) == size &&
            memcmp(chunk->keyword_sets[i], bytes, size) == 0) {
            *ret_index = (uint16_t)(i + 1);
            return S_OK;
        }
    }
    if (chunk->sets >= UINT16_MAX - 1)
        return MAPI_E_TOO_BIG;
    copy = strndup(bytes, size);
    sets = reallocarray(chunk->keyword_sets, chunk->sets + 1, sizeof(*sets));
    if (sets)
        chunk->keyword_sets = sets;
    if (!copy || !sets) {
        free(copy);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    chunk->keyword_sets[chunk->sets++] = copy;
    *ret_index = (uint16_t)chunk->sets;
    return S_OK;
}

static struct imap_chunk *chunk_copy(const struct imap_chunk *from)
{
    struct imap_chunk *chunk = chunk_create(from->block, from->count);

    if (!chunk)
        return NULL;
    memcpy(chunk->states, from->states, from->count * sizeof(from->states[0]));
    chunk->count = from->count;
    chunk->unseen = from->unseen;
    if (from->sets > 0) {
        chunk->keyword_sets = calloc(from->sets, sizeof(*chunk->keyword_sets));
        if (!chunk->keyword_sets)
            goto fail;
        for (; chunk->sets < from->sets; chunk->sets++) {
            chunk->keyword_sets[chunk->sets] = strdup(from->keyword_sets[chunk->sets]);
            if (!chunk->keyword_sets[chunk->sets])
                goto fail;
        }
    }
    return chunk;
fail:
    chunk_unref(chunk);
    return NULL;
}

static const struct block_row *chunk_row(const struct imap_chunk *chunk, uint32_t n)
{
    return &chunk->block->rows[chunk->states[n].row];
}

/* Index of the first row whose UID is not below `uid`. */
static uint32_t chunk_lower_bound(const struct imap_chunk *chunk, uint32_t uid)
{
    uint32_t low = 0, high = chunk->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (chunk_row(chunk, middle)->uid < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t chunk_last_uid(const struct imap_chunk *chunk)
{
    return chunk->count ? chunk_row(chunk, chunk->count - 1)->uid : 0;
}

/* --- Text records ---------------------------------------------------------------------------- */

static const char *record_field(const char *at, const struct imap_text *from,
                                struct imap_text *ret_text)
{
    uint32_t value = 0;
    unsigned shift = 0;

    for (;; shift += 7) {
        unsigned char byte = (unsigned char)*at++;

        value |= (uint32_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    if (value & 1) {
        *ret_text = *from;
        return at;
    }
    ret_text->bytes = at;
    ret_text->size = value >> 1;
    return at + ret_text->size + 1;
}

static void record_read(const char *at, struct imap_row *row)
{
    at = record_field(at, NULL, &row->subject);
    at = record_field(at, NULL, &row->from);
    at = record_field(at, &row->from, &row->sender);
    at = record_field(at, &row->from, &row->reply_to);
    at = record_field(at, &row->from, &row->to);
    at = record_field(at, &row->from, &row->cc);
    at = record_field(at, &row->from, &row->bcc);
    at = record_field(at, NULL, &row->date);
    at = record_field(at, NULL, &row->message_id);
    record_field(at, NULL, &row->in_reply_to);
}

/* --- Builder --------------------------------------------------------------------------------- */

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

struct imap_chunk_builder *imap_chunk_builder_create(void)
{
    struct imap_chunk_builder *builder = calloc(1, sizeof(*builder));

    if (builder)
        builder->sorted = true;
    return builder;
}

void imap_chunk_builder_free(struct imap_chunk_builder *builder)
{
    if (!builder)
        return;
    free(builder->rows);
    free(builder->text);
    free(builder);
}

size_t imap_chunk_builder_count(const struct imap_chunk_builder *builder)
{
    return builder->count;
}

static void builder_reset(struct imap_chunk_builder *builder)
{
    builder->count = 0;
    builder->text_size = 0;
    builder->sorted = true;
}

static HRESULT builder_reserve(struct imap_chunk_builder *builder, size_t text)
{
    if (builder->count == builder->space) {
        size_t space = builder->space ? builder->space * 2 : 64;
        struct built_row *rows = reallocarray(builder->rows, space, sizeof(*rows));

        if (!rows)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        builder->rows = rows;
        builder->space = space;
    }
    if (text > ARENA_MAX - builder->text_size)
        return MAPI_E_TOO_BIG;
    if (builder->text_size + text > builder->text_space) {
        size_t space = builder->text_space ? builder->text_space * 2 : 16384;
        char *bytes;

        while (space < builder->text_size + text)
            space *= 2;
        bytes = realloc(builder->text, space);
        if (!bytes)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        builder->text = bytes;
        builder->text_space = space;
    }
    return S_OK;
}

static char *put_field(char *at, const struct imap_text *text, bool same)
{
    uint32_t value = same ? 1 : text->size << 1;

    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(value | 0x80);
    *at++ = (char)value;
    if (same)
        return at;
    memcpy(at, text->bytes, text->size);
    at[text->size] = '\0';
    return at + text->size + 1;
}

static bool text_equal(const struct imap_text *a, const struct imap_text *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

HRESULT imap_chunk_builder_add(struct imap_chunk_builder *builder, const struct imap_row *row)
{
    const struct imap_text *fields[FIELD_COUNT] = {
        &row->subject, &row->from, &row->sender, &row->reply_to,   &row->to,
        &row->cc,      &row->bcc,  &row->date,   &row->message_id, &row->in_reply_to};
    size_t need = row->keywords.size;
    struct built_row *built;
    HRESULT hr;
    char *at;

    for (int i = 0; i < FIELD_COUNT; i++)
        need += fields[i]->size + 6;
    hr = builder_reserve(builder, need);
    if (FAILED(hr))
        return hr;

    built = &builder->rows[builder->count];
    *built = (struct built_row){
        .row = {.internaldate = row->internaldate,
                .uid = row->uid,
                .size = row->size,
                .text = (uint32_t)builder->text_size,
                .has_attachment = row->has_attachment},
        .modseq = row->modseq,
        .flags = row->flags,
        .keywords_size = row->keywords.size,
    };
    at = builder->text + builder->text_size;
    for (int i = 0; i < FIELD_COUNT; i++)
        at = put_field(at, fields[i],
                       (i == FIELD_SENDER || i == FIELD_REPLY_TO) && row->from.size > 0 &&
                           text_equal(fields[i], &row->from));
    built->keywords = (uint32_t)(at - builder->text);
    if (row->keywords.size > 0)
        memcpy(at, row->keywords.bytes, row->keywords.size);
    builder->text_size = built->keywords + row->keywords.size;
    if (builder->count > 0 && builder->rows[builder->count - 1].row.uid >= row->uid)
        builder->sorted = false;
    builder->count++;
    return S_OK;
}

static int compare_built(const void *a, const void *b)
{
    const struct built_row *left = a, *right = b;

    if (left->row.uid != right->row.uid)
        return left->row.uid < right->row.uid ? -1 : 1;
    /* Equal UIDs: the one that came first stays first. */
    return left->row.text < right->row.text ? -1 : left->row.text > right->row.text;
}

static void builder_sort(struct imap_chunk_builder *builder)
{
    size_t kept = 0;

    if (builder->sorted || builder->count == 0)
        return;
    qsort(builder->rows, builder->count, sizeof(*builder->rows), compare_built);
    for (size_t i = 0; i < builder->count; i++) {
        if (kept > 0 && builder->rows[kept - 1].row.uid == builder->rows[i].row.uid)
            continue;
        builder->rows[kept++] = builder->rows[i];
    }
    builder->count = kept;
    builder->sorted = true;
}

/* Makes a chunk of rows first to first+count-1 with a block that holds exactly their text. */
static HRESULT builder_chunk(const struct imap_chunk_builder *builder, size_t first, uint32_t count,
                             struct imap_chunk **ret_chunk)
{
    struct block *block = calloc(1, sizeof(*block));
    struct imap_chunk *chunk = NULL;
    size_t size = 0;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (!block)
        return hr;
    atomic_init(&block->refs, 1);
    for (uint32_t i = 0; i < count; i++)
        size += builder->rows[first + i].keywords - builder->rows[first + i].row.text;
    block->rows = calloc(count, sizeof(*block->rows));
    block->arena = malloc(size ? size : 1);
    chunk = chunk_create(block, count);
    if (!block->rows || !block->arena || !chunk)
        goto out;

    size = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct built_row *built = &builder->rows[first + i];
        size_t text = built->keywords - built->row.text;
        struct row_state *state = &chunk->states[i];

        memcpy(block->arena + size, builder->text + built->row.text, text);
        block->rows[i] = built->row;
        block->rows[i].text = (uint32_t)size;
        size += text;
        *state = (struct row_state){built->modseq, built->flags, (uint16_t)i, 0};
        hr = chunk_keywords(chunk, builder->text + built->keywords, built->keywords_size,
                            &state->keywords);
        if (FAILED(hr))
            goto out;
        chunk->unseen += !(built->flags & IMAP_FLAG_SEEN);
    }
    chunk->count = count;
    *ret_chunk = chunk;
    chunk = NULL;
    hr = S_OK;
out:
    chunk_unref(chunk);
    block_unref(block);
    return hr;
}

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
        chunk_unref(snapshot->chunks[i].chunk);
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
    const struct row_state *state = &chunk->states[n];
    const struct block_row *row = &chunk->block->rows[state->row];

    ret->uid = row->uid;
    ret->flags = state->flags;
    ret->size = row->size;
    ret->modseq = state->modseq;
    ret->internaldate = row->internaldate;
    ret->has_attachment = row->has_attachment;
    ret->keywords.bytes = state->keywords ? chunk->keyword_sets[state->keywords - 1] : "";
    ret->keywords.size = (uint32_t)strlen(ret->keywords.bytes);
    record_read(chunk->block->arena + row->text, ret);
}

uint32_t imap_snapshot_uid(const struct imap_snapshot *snapshot, size_t position)
{
    uint32_t n;
    const struct imap_chunk *chunk = snapshot_locate(snapshot, position, &n);

    return chunk_row(chunk, n)->uid;
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

        if (chunk_last_uid(snapshot->chunks[middle].chunk) < uid)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == snapshot->chunk_count)
        return false;
    chunk = snapshot->chunks[low].chunk;
    n = chunk_lower_bound(chunk, uid);
    if (chunk_row(chunk, n)->uid != uid)
        return false;
    *ret_position = snapshot->chunks[low].first + n;
    return true;
}

/* --- Edits
 * ----------------------------------------------------------------------------------------- */

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
        chunk_unref(chunk);
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
        HRESULT hr = edit_push(edit, chunk_ref(base->chunks[i].chunk), false);

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
        chunk_unref(edit->chunks[i]);
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
        if (chunk_last_uid(edit->chunks[middle]) < uid)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == edit->count)
        return false;
    *ret_row = chunk_lower_bound(edit->chunks[low], uid);
    *ret_chunk = low;
    return chunk_row(edit->chunks[low], *ret_row)->uid == uid;
}

static struct imap_chunk *edit_writable(struct imap_snapshot_edit *edit, size_t n)
{
    struct imap_chunk *copy;

    if (edit_is_fresh(edit, n))
        return edit->chunks[n];
    copy = chunk_copy(edit->chunks[n]);
    if (!copy)
        return NULL;
    chunk_unref(edit->chunks[n]);
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
        HRESULT hr = chunk_keywords(chunk, keywords->bytes, keywords->size, &set);

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
    chunk_unref(edit->chunks[n]);
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
    return edit->count ? chunk_last_uid(edit->chunks[edit->count - 1]) : 0;
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
            hr = uids_add(uids, chunk_row(chunk, i)->uid);
        first += chunk->count;
    }
    return hr;
}

void imap_snapshot_edit_empty(struct imap_snapshot_edit *edit)
{
    for (size_t i = 0; i < edit->count; i++)
        chunk_unref(edit->chunks[i]);
    edit->count = 0;
    edit->uidnext = 0;
    edit->highestmodseq = 0;
    edit->complete = false;
}

static void chunk_get_row(const struct imap_chunk *chunk, uint32_t n, struct imap_row *ret)
{
    const struct row_state *state = &chunk->states[n];
    const struct block_row *row = &chunk->block->rows[state->row];

    *ret = (struct imap_row){
        .uid = row->uid,
        .flags = state->flags,
        .size = row->size,
        .modseq = state->modseq,
        .internaldate = row->internaldate,
        .has_attachment = row->has_attachment,
        .keywords.bytes = state->keywords ? chunk->keyword_sets[state->keywords - 1] : "",
    };
    ret->keywords.size = (uint32_t)strlen(ret->keywords.bytes);
    record_read(chunk->block->arena + row->text, ret);
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

        chunk_get_row(last, i, &row);
        hr = imap_chunk_builder_add(builder, &row);
        if (FAILED(hr))
            return hr;
    }
    edit_drop_chunk(edit, edit->count - 1);
    builder_sort(builder);
    return S_OK;
}

HRESULT imap_snapshot_edit_append(struct imap_snapshot_edit *edit,
                                  struct imap_chunk_builder *builder)
{
    uint32_t last = imap_snapshot_edit_last_uid(edit);
    size_t skip = 0;
    HRESULT hr;

    builder_sort(builder);
    while (skip < builder->count && builder->rows[skip].row.uid <= last)
        skip++;
    if (skip > 0) {
        memmove(builder->rows, builder->rows + skip,
                (builder->count - skip) * sizeof(*builder->rows));
        builder->count -= skip;
    }
    if (builder->count == 0) {
        builder_reset(builder);
        return S_OK;
    }
    hr = edit_merge_last(edit, builder);
    for (size_t first = 0; SUCCEEDED(hr) && first < builder->count;) {
        size_t left = builder->count - first;
        uint32_t count = (uint32_t)(left < IMAP_CHUNK_ROWS ? left : IMAP_CHUNK_ROWS);
        struct imap_chunk *chunk;

        hr = builder_chunk(builder, first, count, &chunk);
        if (SUCCEEDED(hr))
            hr = edit_push(edit, chunk, true);
        first += count;
    }
    builder_reset(builder);
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

/* --- Addresses
 * --------------------------------------------------------------------------------------- */

bool imap_addresses_next(struct imap_text *list, const char **ret_name, const char **ret_address)
{
    const char *name = list->bytes, *end = list->bytes + list->size, *address;
    size_t used;

    if (list->size == 0)
        return false;
    address = memchr(name, '\0', (size_t)(end - name));
    assert(address); /* the room's own writing: name, 0, address, 0 */
    address++;
    used = (size_t)(address - name) + strlen(address) + 1;
    *ret_name = name;
    *ret_address = address;
    list->bytes += used;
    list->size = used >= list->size ? 0 : list->size - (uint32_t)used;
    return true;
}
