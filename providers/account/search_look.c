/* providers/account/search_look.c - looking through a folder for what matches
 *
 * Rounds: all that can be said of the rows at hand is said (in engine_work when they are many),
 * then the server is asked what decides the others, and those are looked at again. Each probe is
 * asked at most once about a message: there are at most as many rounds as probes, and one. */
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/row_source.h"
#include "providers/account/search_private.h"
#include "providers/account/uid_search.h"

#define HEAVY_ROWS 2000

struct uid_list {
    uint32_t *uids; /* ascending */
    size_t count;
};

struct look {
    const struct search *search;
    struct search_place *place;
    struct error_info *error;
    char *mailbox;
    struct imap_snapshot *mail;
    const struct folder_numbers *numbers;
    struct side_columns *side;
    struct uid_list candidates, open[SEARCH_PROBES_MAX];
    uint64_t *found;
    size_t found_count;
};

static void look_clear(struct look *look)
{
    for (size_t i = 0; i < SEARCH_PROBES_MAX; i++)
        free(look->open[i].uids);
    free(look->candidates.uids);
    free(look->found);
    free(look->mailbox);
    imap_snapshot_unref(look->mail);
    folder_numbers_unref(look->numbers);
    side_columns_unref(look->side);
}

/* --- What is looked at ------------------------------------------------------------------------ */

static HRESULT take_mailbox(struct look *look)
{
    struct account *account = look->search->account;
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *folder = folder_tree_find(tree, look->place->folder);
    bool there = folder && folder->mailbox;

    if (there)
        look->mailbox = strdup(folder->mailbox);
    folder_tree_unref(tree);
    if (!there)
        return error_set(look->error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    return look->mailbox ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* The rows, all of them, and what they are called. */
static WAITS HRESULT take_rows(struct look *look)
{
    const struct search_restriction *restriction = look->search->restriction;
    struct account *account = look->search->account;
    struct search_place *place = look->place;
    HRESULT hr = take_mailbox(look);

    if (SUCCEEDED(hr))
        hr = account_folder_numbers(account, place->folder, look->error, &look->numbers);
    if (SUCCEEDED(hr) && restriction->tag_count > 0)
        hr = side_columns_load(account, look->numbers, NULL, restriction->tags,
                               restriction->tag_count, look->error, &look->side);
    if (FAILED(hr))
        return hr;
    look->mail = imap_index_snapshot(place->index);
    if (!imap_snapshot_complete(look->mail))
        return error_set(look->error, MAPI_E_BUSY, account->key, "the folder is being read anew");
    if (imap_snapshot_uidvalidity(look->mail) != place->uidvalidity) {
        search_answers_clear(&place->answers);
        place->uidvalidity = imap_snapshot_uidvalidity(look->mail);
    }
    return S_OK;
}

static int compare_uids(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

/* Ascending, each once. */
static void list_sort(struct uid_list *list)
{
    size_t kept = 0;

    if (list->count == 0)
        return;
    qsort(list->uids, list->count, sizeof(*list->uids), compare_uids);
    for (size_t i = 1; i < list->count; i++)
        if (list->uids[i] != list->uids[kept])
            list->uids[++kept] = list->uids[i];
    list->count = kept + 1;
}

static HRESULT take_candidates(struct look *look, const uint64_t *numbers, size_t count)
{
    size_t rows = imap_snapshot_count(look->mail);
    struct uid_list *list = &look->candidates;

    list->uids = calloc((numbers ? count : rows) + 1, sizeof(*list->uids));
    if (!list->uids)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!numbers) {
        while (list->count < rows) {
            list->uids[list->count] = imap_snapshot_uid(look->mail, list->count);
            list->count++;
        }
        return S_OK;
    }
    for (size_t i = 0; i < count; i++)
        if (folder_numbers_uid(look->numbers, numbers[i], &list->uids[list->count]))
            list->count++;
    list_sort(list);
    return S_OK;
}

/* --- One round -------------------------------------------------------------------------------- */

static HRESULT look_at(struct look *look, uint32_t uid, struct arena *scratch)
{
    struct imap_row row;
    struct search_sight sight = {.restriction = look->search->restriction,
                                 .view = {.guids = &look->search->account->guids,
                                          .folder = look->place->folder,
                                          .row = &row},
                                 .side = look->side,
                                 .answers = &look->place->answers,
                                 .scratch = scratch};
    size_t position, probe;
    bool matches = false;
    HRESULT hr;

    sight.view.number = folder_numbers_of_uid(look->numbers, uid);
    if (!sight.view.number || !imap_snapshot_find(look->mail, uid, &position))
        return S_OK;
    imap_snapshot_row(look->mail, position, &row);
    arena_reset(scratch);
    hr = search_match(&sight, &matches, &probe);
    if (hr == ROW_NOT_PREPARED)
        return array_append(&look->open[probe].uids, &look->open[probe].count, &uid)
                   ? S_OK
                   : MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr) || !matches)
        return hr;
    return array_append(&look->found, &look->found_count, &sight.view.number)
               ? S_OK
               : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT look_at_candidates(void *arg)
{
    struct look *look = arg;
    struct arena scratch = {0};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < look->candidates.count && SUCCEEDED(hr); i++)
        hr = look_at(look, look->candidates.uids[i], &scratch);
    arena_clear(&scratch);
    return hr;
}

/* --- Asking the server ------------------------------------------------------------------------ */

static WAITS HRESULT lease_mailbox(struct look *look, struct imap_lease **ret_lease)
{
    struct account *account = look->search->account;
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(account->imap, look->mailbox, IMAP_LEASE_READ_ONLY, NO_DEADLINE,
                                  look->error, &lease);

    if (FAILED(hr))
        return hr;
    if (imap_lease_selected(lease)->uidvalidity != look->place->uidvalidity) {
        imap_lease_end(lease);
        return error_set(look->error, MAPI_E_BUSY, account->key, "the folder has been made anew");
    }
    *ret_lease = lease;
    return S_OK;
}

static WAITS HRESULT ask_bodies(struct look *look, const struct search_probe *probe,
                                const struct uid_list *asked, struct imap_uids *yes)
{
    struct imap_lease *lease;
    HRESULT hr = lease_mailbox(look, &lease);

    if (FAILED(hr))
        return hr;
    hr = account_search_uids(lease, asked->uids, asked->count, probe->words, look->error, yes);
    imap_lease_end(lease);
    return hr;
}

/* A structure that is no such thing, or of a message that has gone, matches nothing. */
static WAITS HRESULT ask_structure(struct look *look, const struct search_probe *probe,
                                   uint32_t uid, bool *ret_matches)
{
    struct imap_content content = {0};
    struct imap_lease *lease;
    HRESULT hr = lease_mailbox(look, &lease);

    *ret_matches = false;
    if (FAILED(hr))
        return hr;
    hr = imap_fetch_content(lease, uid, false, look->error, &content);
    imap_lease_end(lease);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (SUCCEEDED(hr)) {
        hr = search_match_attachments(probe, content.structure, ret_matches);
        if (hr != MAPI_E_NOT_ENOUGH_MEMORY)
            hr = S_OK;
    }
    imap_content_clear(&content);
    return hr;
}

/* Message by message, but only those that the index says have any. */
static WAITS HRESULT ask_attachments(struct look *look, const struct search_probe *probe,
                                     const struct uid_list *asked, struct imap_uids *yes)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < asked->count && SUCCEEDED(hr); i++) {
        struct imap_row row;
        size_t position;
        bool matches;

        if (!imap_snapshot_find(look->mail, asked->uids[i], &position))
            continue;
        imap_snapshot_row(look->mail, position, &row);
        if (!row.has_attachment)
            continue;
        hr = ask_structure(look, probe, asked->uids[i], &matches);
        if (SUCCEEDED(hr) && matches && !array_append(&yes->uids, &yes->count, &asked->uids[i]))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return hr;
}

/* Those that were open become the candidates of the next round. */
static WAITS HRESULT ask_probe(struct look *look, size_t number)
{
    const struct search_probe *probe = &look->search->restriction->probes[number];
    struct uid_list *asked = &look->open[number];
    struct imap_uids yes = {0};
    HRESULT hr = probe->words ? ask_bodies(look, probe, asked, &yes)
                              : ask_attachments(look, probe, asked, &yes);

    if (SUCCEEDED(hr))
        hr = search_answers_add(&look->place->answers, number, asked->uids, asked->count, yes.uids,
                                yes.count);
    for (size_t i = 0; i < asked->count && SUCCEEDED(hr); i++)
        if (!array_append(&look->candidates.uids, &look->candidates.count, &asked->uids[i]))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    free(asked->uids);
    *asked = (struct uid_list){0};
    free(yes.uids);
    return hr;
}

static WAITS HRESULT look_on(struct look *look)
{
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && look->candidates.count > 0) {
        hr = look->candidates.count > HEAVY_ROWS ? engine_work(look_at_candidates, look)
                                                 : look_at_candidates(look);
        free(look->candidates.uids);
        look->candidates = (struct uid_list){0};
        for (size_t i = 0; i < SEARCH_PROBES_MAX && SUCCEEDED(hr); i++)
            if (look->open[i].count > 0)
                hr = ask_probe(look, i);
        list_sort(&look->candidates);
    }
    return hr;
}

/* --- The outcome ------------------------------------------------------------------------------ */

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static bool is_among(const uint64_t *numbers, size_t count, uint64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static HRESULT settle(struct look *look, const uint64_t *numbers, size_t count)
{
    struct search_place *place = look->place;

    for (size_t i = 0; numbers && i < place->found_count; i++)
        if (!is_among(numbers, count, place->found[i]) &&
            !array_append(&look->found, &look->found_count, &place->found[i]))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    if (look->found_count > 0)
        qsort(look->found, look->found_count, sizeof(*look->found), compare_numbers);
    free(place->found);
    place->found = look->found;
    place->found_count = look->found_count;
    look->found = NULL;
    return S_OK;
}

HRESULT search_look(struct search *search, struct search_place *place, const uint64_t *numbers,
                    size_t count, struct error_info *error)
{
    struct look look = {.search = search, .place = place, .error = error};
    HRESULT hr = take_rows(&look);

    if (SUCCEEDED(hr))
        hr = take_candidates(&look, numbers, count);
    if (SUCCEEDED(hr))
        hr = look_on(&look);
    if (SUCCEEDED(hr))
        hr = settle(&look, numbers, count);
    look_clear(&look);
    return hr;
}
