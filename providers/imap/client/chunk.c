/* providers/imap/client/chunk.c - blocks, chunks, and building them from rows
 *
 * Text of a row is one record of its block's arena: for each field a length (7 bits a byte, low
 * first) with one bit that says "the same as From", then the bytes and a zero. */
#include "providers/imap/client/chunk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/message.h"

#define ARENA_MAX (UINT32_MAX / 2)

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

struct imap_chunk *imap_chunk_ref(struct imap_chunk *chunk)
{
    atomic_fetch_add(&chunk->refs, 1);
    return chunk;
}

void imap_chunk_unref(struct imap_chunk *chunk)
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
HRESULT imap_chunk_keywords(struct imap_chunk *chunk, const char *bytes, size_t size,
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

struct imap_chunk *imap_chunk_copy(const struct imap_chunk *from)
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
    imap_chunk_unref(chunk);
    return NULL;
}

const struct block_row *imap_chunk_row(const struct imap_chunk *chunk, uint32_t n)
{
    return &chunk->block->rows[chunk->states[n].row];
}

/* Index of the first row whose UID is not below `uid`. */
uint32_t imap_chunk_lower_bound(const struct imap_chunk *chunk, uint32_t uid)
{
    uint32_t low = 0, high = chunk->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (imap_chunk_row(chunk, middle)->uid < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t imap_chunk_last_uid(const struct imap_chunk *chunk)
{
    return chunk->count ? imap_chunk_row(chunk, chunk->count - 1)->uid : 0;
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

void imap_chunk_get_row(const struct imap_chunk *chunk, uint32_t n, struct imap_row *ret)
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

/* --- Builder --------------------------------------------------------------------------------- */

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

void imap_chunk_builder_reset(struct imap_chunk_builder *builder)
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

void imap_chunk_builder_sort(struct imap_chunk_builder *builder)
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
HRESULT imap_chunk_builder_chunk(const struct imap_chunk_builder *builder, size_t first,
                                 uint32_t count, struct imap_chunk **ret_chunk)
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
        hr = imap_chunk_keywords(chunk, builder->text + built->keywords, built->keywords_size,
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
    imap_chunk_unref(chunk);
    block_unref(block);
    return hr;
}

/* --- Addresses ------------------------------------------------------------------------------- */

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
