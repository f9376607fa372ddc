/* providers/imap/client/resync.c - bringing an index up to date
 *
 * Three ways, by what the server offers (RFC 7162):
 *
 *   QRESYNC    FETCH ... (CHANGEDSINCE n VANISHED): changed flags and gone UIDs in one answer
 *   CONDSTORE  FETCH ... (CHANGEDSINCE n); gone UIDs by a SEARCH, only when the count says so
 *   neither    FETCH 1:* (UID FLAGS), compared with what we have
 *
 * New messages lie above the last UID we know and are fetched whole, in ranges: the first fill is
 * nothing else. What runs meanwhile (flags stored by us, another watch's news) edits the same
 * snapshot, so each step edits the newest one and publishes before the next wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/index_private.h"
#include "providers/imap/client/message.h"
#include "providers/imap/client/rows.h"
#include "providers/imap/client/uids.h"

#define RANGE_ROWS      2000u /* rows that a range should bring */
#define RANGE_FEW       500u  /* fewer: the next range is wider */
#define RANGE_MANY      5000u /* more: narrower */
#define SEARCH_ROWS_MAX 80000u
#define ROUNDS_MAX      10 /* of asking again because of news */
#define RANGE_MAX       (1u << 24)

struct resync {
    struct imap_index *index;
    struct imap_lease **lease;
    bool give_way;
    uint64_t modseq; /* the highest one that was told */
};

static uint64_t news(const struct resync *resync)
{
    const struct imap_lease *lease = *resync->lease;

    return lease && lease->session ? lease->session->news : 0;
}

static HRESULT no_memory(struct resync *resync, HRESULT hr, struct error_info *error)
{
    return error_set(error, hr, (*resync->lease)->client->server,
                     "the folder's rows cannot be kept");
}

/* --- Another mailbox under the same name ----------------------------------------------------- */

static HRESULT reset(struct resync *resync, uint32_t uidvalidity, struct error_info *error)
{
    struct imap_index *index = resync->index;
    bool had_rows = imap_snapshot_uidvalidity(index->snapshot) != 0;
    struct imap_snapshot_edit edit;
    HRESULT hr = imap_snapshot_edit_init(&edit, index->snapshot);

    if (FAILED(hr))
        return no_memory(resync, hr, error);
    imap_snapshot_edit_empty(&edit);
    edit.uidvalidity = uidvalidity;
    hr = index_publish(index, &edit, had_rows ? IMAP_INDEX_RESET : 0, NULL, NULL, NULL);
    return FAILED(hr) ? no_memory(resync, hr, error) : S_OK;
}

/* --- New rows -------------------------------------------------------------------------------- */

static HRESULT add_row(void *arg, const struct imap_row *row)
{
    return imap_chunk_builder_add(arg, row);
}

/* Publishes what the builder holds. During the first fill nobody is told of single rows. */
static HRESULT publish_rows(struct resync *resync, struct imap_chunk_builder *builder, bool filling,
                            uint32_t uidnext, bool complete)
{
    struct imap_index *index = resync->index;
    size_t known = imap_snapshot_count(index->snapshot);
    struct imap_snapshot_edit edit;
    struct imap_uids added = {0};
    HRESULT hr = imap_snapshot_edit_init(&edit, index->snapshot);

    if (FAILED(hr))
        return hr;
    hr = imap_snapshot_edit_append(&edit, builder);
    if (SUCCEEDED(hr) && !filling)
        hr = imap_snapshot_edit_list_from(&edit, known, &added);
    if (uidnext > edit.uidnext)
        edit.uidnext = uidnext;
    if (imap_snapshot_edit_last_uid(&edit) >= edit.uidnext)
        edit.uidnext = imap_snapshot_edit_last_uid(&edit) + 1;
    if (complete) {
        edit.complete = true;
        edit.highestmodseq = resync->modseq;
    }
    if (SUCCEEDED(hr))
        hr = index_publish(index, &edit, filling && complete ? IMAP_INDEX_FILLED : 0, &added, NULL,
                           NULL);
    else
        imap_snapshot_edit_clear(&edit);
    free(added.uids);
    return hr;
}

/* Lets others have the session between two ranges. */
static WAITS HRESULT give_way(struct resync *resync, struct error_info *error)
{
    struct imap_index *index = resync->index;
    uint32_t uidvalidity = imap_lease_selected(*resync->lease)->uidvalidity;
    HRESULT hr;

    if (!resync->give_way || !(*resync->lease)->client->queue)
        return S_OK;
    imap_lease_end(*resync->lease);
    *resync->lease = NULL;
    if (!index->client)
        return error_set(error, MAPI_E_CANCEL, "", "the folder has been closed");
    hr = imap_lease_begin(index->client, index->mailbox, 0, NO_DEADLINE, error, resync->lease);
    if (SUCCEEDED(hr) && imap_lease_selected(*resync->lease)->uidvalidity != uidvalidity)
        hr = error_set(error, MAPI_E_CALL_FAILED, index->client->server,
                       "the mailbox was replaced while it was read");
    return hr;
}

/* Fetches the rows above the last known UID, up to where the mailbox ended when we began. */
static WAITS HRESULT fetch_new(struct resync *resync, bool filling, struct error_info *error)
{
    struct imap_index *index = resync->index;
    const struct imap_selected *selected = imap_lease_selected(*resync->lease);
    struct imap_chunk_builder *builder = imap_chunk_builder_create();
    struct rows_sink sink = {.row = add_row, .arg = builder};
    uint64_t from = index_last_uid(index) + UINT64_C(1);
    /* Without UIDNEXT there is no telling where it ends: one open range. */
    uint64_t end = selected->uidnext > from ? selected->uidnext : 0;
    uint64_t step = RANGE_ROWS;
    HRESULT hr = builder ? S_OK : no_memory(resync, MAPI_E_NOT_ENOUGH_MEMORY, error);
    bool done = false;

    if (filling && selected->exists == 0)
        done = true;
    if (end && selected->exists > 0 && filling)
        step = (end - from) * RANGE_ROWS / selected->exists + 1;
    while (SUCCEEDED(hr) && !done) {
        uint64_t last = from + (step > RANGE_MAX ? RANGE_MAX : step) - 1;
        char set[32];
        size_t count;

        if (end == 0 || last >= end - 1) {
            snprintf(set, sizeof(set), "%llu:*", (unsigned long long)from);
            done = true;
        } else {
            snprintf(set, sizeof(set), "%llu:%llu", (unsigned long long)from,
                     (unsigned long long)last);
        }
        hr = rows_fetch(*resync->lease, set, &sink, error);
        if (FAILED(hr))
            break;
        count = imap_chunk_builder_count(builder);
        from = last + 1;
        step = count < RANGE_FEW ? step * 4 : count > RANGE_MANY ? step / 2 + 1 : step;
        if (done)
            break;
        hr = publish_rows(resync, builder, filling, (uint32_t)from, false);
        if (FAILED(hr))
            no_memory(resync, hr, error);
        else
            hr = give_way(resync, error);
        if (SUCCEEDED(hr) && !index->client)
            hr = error_set(error, MAPI_E_CANCEL, "", "the folder has been closed");
    }
    if (SUCCEEDED(hr)) {
        hr = publish_rows(resync, builder, filling, (uint32_t)end, true);
        if (FAILED(hr))
            no_memory(resync, hr, error);
    }
    imap_chunk_builder_free(builder);
    return hr;
}

/* --- What changed ---------------------------------------------------------------------------- */

/* Changes are collected while the answer comes, and applied to the snapshot that is newest then. */
struct state {
    uint32_t uid, flags;
    uint64_t modseq;
    uint32_t keywords, keywords_size; /* in `text` */
};

struct changes {
    struct state *states;
    size_t count, space;
    char *text;
    size_t text_size, text_space;
    struct uidset vanished;
    struct uidset present; /* comparing everything: the UIDs that were told */
    bool compare;
    uint32_t last; /* the last UID known before */
    bool has_new;
    uint64_t modseq;
    const struct imap_snapshot *base;
};

static void changes_clear(struct changes *changes)
{
    free(changes->states);
    free(changes->text);
    uidset_clear(&changes->vanished);
    uidset_clear(&changes->present);
}

/* Comparing all: most rows are as they were, and need no keeping. */
static bool state_is_known(const struct changes *changes, const struct imap_row *row)
{
    size_t position;
    struct imap_row known;

    if (!imap_snapshot_find(changes->base, row->uid, &position))
        return false;
    imap_snapshot_row(changes->base, position, &known);
    return known.flags == row->flags && known.keywords.size == row->keywords.size &&
           memcmp(known.keywords.bytes, row->keywords.bytes, known.keywords.size) == 0 &&
           (row->modseq == 0 || row->modseq == known.modseq);
}

static HRESULT take_state(void *arg, const struct imap_row *row)
{
    struct changes *changes = arg;
    struct state *state;

    if (row->modseq > changes->modseq)
        changes->modseq = row->modseq;
    if (row->uid > changes->last) {
        changes->has_new = true;
        return S_OK;
    }
    if (changes->compare) {
        HRESULT hr = uidset_add(&changes->present, row->uid);

        if (FAILED(hr))
            return hr;
    }
    if (state_is_known(changes, row))
        return S_OK;
    if (changes->count == changes->space) {
        size_t space = changes->space ? changes->space * 2 : 256;
        struct state *states = reallocarray(changes->states, space, sizeof(*states));

        if (!states)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        changes->states = states;
        changes->space = space;
    }
    if (changes->text_size + row->keywords.size > changes->text_space) {
        size_t space = changes->text_space * 2 + row->keywords.size + 256;
        char *text = realloc(changes->text, space);

        if (!text)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        changes->text = text;
        changes->text_space = space;
    }
    state = &changes->states[changes->count++];
    *state = (struct state){row->uid, row->flags, row->modseq, (uint32_t)changes->text_size,
                            row->keywords.size};
    if (row->keywords.size > 0)
        memcpy(changes->text + changes->text_size, row->keywords.bytes, row->keywords.size);
    changes->text_size += row->keywords.size;
    return S_OK;
}

static HRESULT take_vanished(void *arg, const struct wire_ranges *uids)
{
    struct changes *changes = arg;
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < uids->count; i++)
        hr = uidset_add_range(&changes->vanished, uids->ranges[i].first, uids->ranges[i].last);
    return hr;
}

/* Every row of the present snapshot that is gone by what was collected. */
static HRESULT find_removed(const struct changes *changes, const struct imap_snapshot *snapshot,
                            struct imap_uids *removed)
{
    size_t count = imap_snapshot_count(snapshot);
    HRESULT hr = S_OK;

    if (!changes->compare && changes->vanished.count == 0)
        return S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        uint32_t uid = imap_snapshot_uid(snapshot, i);
        bool gone =
            uidset_contains(&changes->vanished, uid) ||
            (changes->compare && uid <= changes->last && !uidset_contains(&changes->present, uid));

        if (gone)
            hr = uids_add(removed, uid);
    }
    return hr;
}

static HRESULT apply(struct resync *resync, const struct changes *changes)
{
    struct imap_index *index = resync->index;
    struct imap_uids removed = {0}, changed = {0};
    struct imap_snapshot_edit edit;
    HRESULT hr = imap_snapshot_edit_init(&edit, index->snapshot);
    bool moved = false;

    if (SUCCEEDED(hr))
        hr = find_removed(changes, index->snapshot, &removed);
    for (size_t i = 0; SUCCEEDED(hr) && i < removed.count; i++) {
        bool is_removed;

        hr = imap_snapshot_edit_remove(&edit, removed.uids[i], &is_removed);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < changes->count; i++) {
        const struct state *state = &changes->states[i];
        struct imap_text keywords = {changes->text ? changes->text + state->keywords : "",
                                     state->keywords_size};
        bool is_changed;

        hr = imap_snapshot_edit_state(&edit, state->uid, state->flags, &keywords, state->modseq,
                                      &is_changed);
        if (SUCCEEDED(hr) && is_changed)
            hr = uids_add(&changed, state->uid);
    }
    uids_sort(&changed);
    /* New rows come next and carry the new mod-sequence: until they are in, the old one holds. */
    if (SUCCEEDED(hr) && !changes->has_new && resync->modseq > edit.highestmodseq) {
        edit.highestmodseq = resync->modseq;
        moved = true;
    }
    if (SUCCEEDED(hr) && (removed.count || changes->count || moved))
        hr = index_publish(index, &edit, 0, NULL, &removed, &changed);
    else
        imap_snapshot_edit_clear(&edit);
    free(removed.uids);
    free(changed.uids);
    return hr;
}

/* CONDSTORE tells no removals: when the count is not what it should be, ask for all UIDs. */
static WAITS HRESULT find_vanished(struct resync *resync, struct changes *changes,
                                   const struct rows_sink *sink, struct error_info *error)
{
    bool esearch = imap_lease_capabilities(*resync->lease) & IMAP_CAP_ESEARCH;
    struct imap_query query;
    struct imap_uids uids = {0};
    HRESULT hr;

    changes->compare = true;
    /* A plain SEARCH answers in one line, which may be too long for the wire's limit. */
    if (!esearch && imap_lease_selected(*resync->lease)->exists > SEARCH_ROWS_MAX)
        return rows_fetch_states(*resync->lease, "1:*", 0, sink, error);
    imap_query_init(&query);
    imap_query_add(&query, "ALL");
    hr = imap_search(*resync->lease, &query, error, &uids);
    imap_query_clear(&query);
    if (FAILED(hr))
        return hr;
    hr = uidset_add_array(&changes->present, uids.uids, uids.count);
    changes->has_new |= uids.count > 0 && uids.uids[uids.count - 1] > changes->last;
    free(uids.uids);
    return FAILED(hr) ? no_memory(resync, hr, error) : S_OK;
}

static WAITS HRESULT collect(struct resync *resync, struct changes *changes,
                             struct error_info *error)
{
    struct rows_sink sink = {.row = take_state, .vanished = take_vanished, .arg = changes};
    uint32_t capabilities = imap_lease_capabilities(*resync->lease);
    uint64_t since = imap_snapshot_highestmodseq(changes->base);
    HRESULT hr;

    if (!(capabilities & IMAP_CAP_CONDSTORE) ||
        imap_lease_selected(*resync->lease)->highestmodseq == 0)
        since = 0;
    changes->compare = since == 0;
    hr = rows_fetch_states(*resync->lease, "1:*", since, &sink, error);
    if (SUCCEEDED(hr) && since && !(capabilities & IMAP_CAP_QRESYNC)) {
        size_t known = imap_snapshot_count(changes->base);

        if (changes->has_new || imap_lease_selected(*resync->lease)->exists != known)
            hr = find_vanished(resync, changes, &sink, error);
    }
    return hr;
}

/* Everything up to the highest mod-sequence is known: those of rows, and those told in passing. */
static void advance(struct resync *resync, uint64_t modseq)
{
    uint64_t selected = imap_lease_selected(*resync->lease)->highestmodseq;

    if (modseq > resync->modseq)
        resync->modseq = modseq;
    if (selected > resync->modseq)
        resync->modseq = selected;
}

static WAITS HRESULT update(struct resync *resync, struct error_info *error)
{
    struct imap_index *index = resync->index;
    struct imap_snapshot *base = imap_index_snapshot(index);
    struct changes changes = {.last = index_last_uid(index), .base = base};
    uint64_t told = news(resync);
    HRESULT hr;

    hr = collect(resync, &changes, error);
    if (SUCCEEDED(hr)) {
        /* With news in the middle of the answer, mod-sequences run ahead of what it holds (a new
         * message is told by its count alone): the next round asks from the old one again. */
        if (news(resync) == told)
            advance(resync, changes.modseq);
        hr = apply(resync, &changes);
        if (FAILED(hr))
            no_memory(resync, hr, error);
    }
    if (SUCCEEDED(hr) && changes.has_new)
        hr = fetch_new(resync, false, error);
    changes_clear(&changes);
    imap_snapshot_unref(base);
    return hr;
}

/* --- All of it ------------------------------------------------------------------------------- */

HRESULT index_resync(struct imap_index *index, struct imap_lease **lease, bool may_give_way,
                     struct error_info *error)
{
    struct resync resync = {.index = index, .lease = lease, .give_way = may_give_way};
    const struct imap_selected *selected = imap_lease_selected(*lease);
    uint32_t uidvalidity = selected->uidvalidity;
    bool again = true, current = (*lease)->current;
    HRESULT hr = S_OK;
    uint64_t told;

    (*lease)->current = false;
    if (uidvalidity == 0)
        return error_set(error, MAPI_E_NO_SUPPORT, (*lease)->client->server,
                         "the server gives the mailbox no UIDVALIDITY");
    if (imap_snapshot_uidvalidity(index->snapshot) != uidvalidity)
        hr = reset(&resync, uidvalidity, error);
    if (FAILED(hr))
        return hr;
    resync.modseq = selected->highestmodseq;
    told = news(&resync);
    if (!imap_snapshot_complete(index->snapshot)) {
        hr = fetch_new(&resync, true, error);
        again = SUCCEEDED(hr) && news(&resync) != told;
    } else if (!current) {
        hr = imap_noop(*lease, error); /* what happened since it was selected */
    }
    /* What is told while we ask is told once, and may have come too late for the answer. */
    for (int rounds = 0; SUCCEEDED(hr) && again && rounds < ROUNDS_MAX; rounds++) {
        told = news(&resync);
        hr = update(&resync, error);
        again = news(&resync) != told;
    }
    return hr;
}
