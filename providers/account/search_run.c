/* providers/account/search_run.c - a search that runs: the first pass, and following the store
 *
 * One fiber a search. Events only say what is to be looked at; the fiber looks, one folder after
 * the other, and publishes results after each. A folder that cannot be read now is tried again
 * later: the first pass has ended when each folder has been looked through, or refused for reasons
 * other than the connection (STO-173, STO-174). */
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "providers/account/contents.h"
#include "providers/account/search_private.h"

#define FILL_TIMEOUT_MS 120000
#define RETRY_MS        30000
#define WAITING_MAX     256  /* more: the folder is looked through whole */
#define HEAVY_HITS      2000 /* more: results are made in engine_work */

/* --- Places ----------------------------------------------------------------------------------- */

static struct search_place *find_place(const struct search *search, uint64_t folder)
{
    for (size_t i = 0; i < search->place_count; i++)
        if (search->places[i]->folder == folder)
            return search->places[i];
    return NULL;
}

static WAITS void place_free(struct search *search, struct search_place *place)
{
    if (place->index) {
        account_folder_unwatch(search->account, place->folder);
        imap_index_unref(place->index);
    }
    search_answers_clear(&place->answers);
    free(place->waiting);
    free(place->found);
    free(place);
}

static HRESULT add_place(struct search *search, uint64_t folder)
{
    struct search_place *place = calloc(1, sizeof(*place));

    if (!place)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    place->folder = folder;
    place->due = true;
    if (!array_append(&search->places, &search->place_count, &place)) {
        free(place);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

/* A folder with mail that was named, or is below one that was; a search folder never is (STO-169).
 */
static bool is_in_scope(const struct search *search, const struct folder_tree *tree,
                        const struct folder *folder)
{
    if (folder->search || !folder->mailbox || folder->attributes & IMAP_MAILBOX_NOSELECT)
        return false;
    for (size_t i = 0; i < search->folder_count; i++)
        if (folder->number == search->folders[i] ||
            (search->recursive && folder_is_below(tree, folder->number, search->folders[i])))
            return true;
    return false;
}

/* Brings the places up to date with the folder tree. */
static WAITS HRESULT take_scope(struct search *search)
{
    const struct folder_tree *tree = account_folder_tree(search->account);
    HRESULT hr = S_OK;

    search->scope_due = false;
    for (size_t i = search->place_count; i-- > 0;) {
        struct search_place *place = search->places[i];
        const struct folder *folder = folder_tree_find(tree, place->folder);

        if (folder && is_in_scope(search, tree, folder))
            continue;
        search->places[i] = search->places[--search->place_count];
        place_free(search, place);
    }
    for (size_t i = 0; i < tree->count && SUCCEEDED(hr); i++)
        if (search->place_count < SEARCH_FOLDERS_MAX &&
            is_in_scope(search, tree, &tree->folders[i]) &&
            !find_place(search, tree->folders[i].number))
            hr = add_place(search, tree->folders[i].number);
    folder_tree_unref(tree);
    return hr;
}

/* --- Results ---------------------------------------------------------------------------------- */

struct making {
    struct search_finding *findings;
    size_t count, found;
    const struct search_results *results;
};

static HRESULT make_job(void *arg)
{
    struct making *making = arg;

    return search_results_create(making->findings, making->count, &making->results);
}

static void take_findings(const struct search *search, struct making *making)
{
    for (size_t i = 0; i < search->place_count; i++) {
        const struct search_place *place = search->places[i];
        struct search_finding *finding = &making->findings[making->count];

        if (!place->index || place->found_count == 0)
            continue;
        *finding = (struct search_finding){
            .folder = place->folder, .found = place->found, .found_count = place->found_count};
        finding->numbers = account_folder_numbers_now(search->account, place->folder);
        if (!finding->numbers)
            continue;
        finding->mail = imap_index_snapshot(place->index);
        making->found += finding->found_count;
        making->count++;
    }
}

static WAITS HRESULT make_results(struct search *search, const struct search_results **ret_results)
{
    struct making making = {.findings = calloc(search->place_count + 1, sizeof(*making.findings))};
    HRESULT hr;

    if (!making.findings)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    take_findings(search, &making);
    hr = making.found > HEAVY_HITS ? engine_work(make_job, &making) : make_job(&making);
    for (size_t i = 0; i < making.count; i++) {
        imap_snapshot_unref(making.findings[i].mail);
        folder_numbers_unref(making.findings[i].numbers);
    }
    free(making.findings);
    if (SUCCEEDED(hr))
        *ret_results = making.results;
    return hr;
}

/* Without memory the results stay as they are until the next change. */
static WAITS void publish(struct search *search, const uint64_t *numbers, size_t count)
{
    struct account_event event = {.kind = ACCOUNT_SEARCH_RESULTS,
                                  .folder = search->number,
                                  .numbers = numbers,
                                  .count = count};
    const struct search_results *results, *old;

    if (FAILED(make_results(search, &results)))
        return;
    old = search->results;
    search->results = results;
    account_emit(search->account, &event);
    if (old->count != results->count || old->unseen != results->unseen)
        account_tree_set_counts(search->account, search->number, (uint32_t)results->count,
                                (uint32_t)results->unseen);
    search_results_unref(old);
}

static void end_first_pass(struct search *search)
{
    struct account_event event = {.kind = ACCOUNT_SEARCH_COMPLETE, .folder = search->number};

    if (!search->rebuilding)
        return;
    search->rebuilding = false;
    engine_event_set(&search->settled);
    account_emit(search->account, &event);
}

/* --- Looking ---------------------------------------------------------------------------------- */

static bool is_of_the_connection(HRESULT hr)
{
    return hr == MAPI_E_NETWORK_ERROR || hr == MAPI_E_TIMEOUT || hr == MAPI_E_BUSY ||
           hr == MAPI_E_CANCEL || hr == MAPI_E_USER_CANCEL || hr == MAPI_E_LOGON_FAILED;
}

/* Watches the folder and waits until all its rows are there, at first as the server has them now:
 * an index at which nobody looked for a while is old. */
static WAITS HRESULT await_rows(struct search *search, struct search_place *place)
{
    uint64_t deadline = engine_now() + FILL_TIMEOUT_MS;
    struct imap_snapshot *filled = NULL;
    HRESULT hr = S_OK;

    if (!place->index)
        hr = account_folder_watch(search->account, place->folder, NULL, &place->index);
    if (FAILED(hr))
        return hr;
    if (!place->fresh) {
        hr = imap_index_refresh(place->index, deadline, NULL);
        place->fresh = SUCCEEDED(hr);
        return hr;
    }
    hr = imap_index_wait_rows(place->index, SIZE_MAX, deadline, NULL, &filled);
    imap_snapshot_unref(filled);
    return hr;
}

/* Without the server, what is known is looked through, and again later. */
static WAITS void look_through(struct search *search, struct search_place *place)
{
    HRESULT hr = await_rows(search, place), looked = hr;

    place->waiting_count = 0;
    free(place->waiting);
    place->waiting = NULL;
    place->due = false; /* what comes from now on is looked at again */
    if (place->index)
        looked = search_look(search, place, NULL, 0, NULL);
    if (SUCCEEDED(looked))
        publish(search, NULL, 0);
    if (SUCCEEDED(hr))
        hr = looked;
    place->refused = FAILED(hr) && !is_of_the_connection(hr);
    if (FAILED(hr)) {
        place->due = true;
        place->retry_at = engine_now() + RETRY_MS;
    }
}

static WAITS void look_again(struct search *search, struct search_place *place)
{
    uint64_t *numbers = place->waiting;
    size_t count = place->waiting_count;
    HRESULT hr;

    place->waiting = NULL;
    place->waiting_count = 0;
    hr = search_look(search, place, numbers, count, NULL);
    if (FAILED(hr)) {
        place->due = true;
        place->retry_at = engine_now() + RETRY_MS;
    } else {
        publish(search, numbers, count);
    }
    free(numbers);
}

/* The next place to look at; else *ret_at is when one is to be tried again. */
static struct search_place *next_place(const struct search *search, uint64_t *ret_at)
{
    uint64_t now = engine_now();

    *ret_at = NO_DEADLINE;
    for (size_t i = 0; i < search->place_count; i++) {
        struct search_place *place = search->places[i];

        if ((place->due && place->retry_at <= now) || (!place->due && place->waiting_count > 0))
            return place;
        if (place->due && place->retry_at < *ret_at)
            *ret_at = place->retry_at;
    }
    return NULL;
}

static bool has_looked_at_all(const struct search *search)
{
    for (size_t i = 0; i < search->place_count; i++)
        if (search->places[i]->due && !search->places[i]->refused)
            return false;
    return true;
}

static HRESULT run(void *arg)
{
    struct search *search = arg;
    uint64_t at;

    while (!fiber_cancelled()) {
        struct search_place *place;

        if (search->scope_due) {
            if (FAILED(take_scope(search)))
                search->scope_due = true;
            publish(search, NULL, 0);
        }
        place = next_place(search, &at);
        if (place) {
            if (place->due)
                look_through(search, place);
            else
                look_again(search, place);
            continue;
        }
        if (search->scope_due)
            at = engine_now() + RETRY_MS;
        else if (has_looked_at_all(search))
            end_first_pass(search);
        engine_event_wait(&search->wake, at);
        engine_event_reset(&search->wake);
    }
    return S_OK;
}

/* --- Events ----------------------------------------------------------------------------------- */

static void wait_for(struct search_place *place, const uint64_t *numbers, size_t count)
{
    if (place->due)
        return;
    for (size_t i = 0; i < count && !place->due; i++)
        if (place->waiting_count >= WAITING_MAX ||
            !array_append(&place->waiting, &place->waiting_count, &numbers[i])) {
            place->due = true;
            place->retry_at = 0;
        }
}

static bool is_in_scope_now(const struct search *search, uint64_t number)
{
    const struct folder *folder = folder_tree_find(search->account->tree, number);

    return search->place_count < SEARCH_FOLDERS_MAX && folder &&
           is_in_scope(search, search->account->tree, folder);
}

static void told(struct account_observer *observer, const struct account_event *event)
{
    struct search *search = (struct search *)((char *)observer - offsetof(struct search, observer));
    struct search_place *place = find_place(search, event->folder);

    switch (event->kind) {
    case ACCOUNT_FOLDER_ADDED:
    case ACCOUNT_FOLDER_REMOVED:
    case ACCOUNT_FOLDER_MOVED:
        search->scope_due = true;
        break;
    case ACCOUNT_FOLDER_CHANGED: /* it may have got its mailbox */
        if (place || !is_in_scope_now(search, event->folder))
            return;
        search->scope_due = true;
        break;
    case ACCOUNT_MESSAGES_ADDED:
    case ACCOUNT_MESSAGES_REMOVED:
    case ACCOUNT_MESSAGES_CHANGED:
    case ACCOUNT_MESSAGES_PROPS:
        if (!place)
            return;
        wait_for(place, event->numbers, event->count);
        break;
    case ACCOUNT_MESSAGES_MOVED: /* their properties came with them */
    case ACCOUNT_MESSAGES_COPIED:
        if (!place)
            return;
        wait_for(place, event->new_numbers, event->count);
        break;
    case ACCOUNT_MESSAGES_RELOADED:
        if (!place)
            return;
        place->due = true;
        place->retry_at = 0;
        break;
    default:
        return;
    }
    engine_event_set(&search->wake);
}

static void nothing_changed(struct account_observer *observer, enum account_side side)
{
    (void)observer;
    (void)side;
}

/* --- Beginning and end ------------------------------------------------------------------------ */

HRESULT search_run_start(struct search *search)
{
    HRESULT hr;

    publish(search, NULL, 0); /* there are no places yet: nothing */
    search->scope_due = true;
    hr = engine_spawn(search->account->engine, run, search, &search->fiber);
    if (FAILED(hr))
        return hr;
    search->rebuilding = true;
    engine_event_reset(&search->settled);
    search->observer = (struct account_observer){.status_changed = nothing_changed, .event = told};
    account_observe(search->account, &search->observer);
    return S_OK;
}

void search_run_stop(struct search *search)
{
    struct fiber *fiber = search->fiber;

    if (!fiber)
        return;
    fiber_cancel(fiber);
    fiber_join(fiber);
    search->fiber = NULL;
    account_unobserve(search->account, &search->observer);
    while (search->place_count > 0)
        place_free(search, search->places[--search->place_count]);
    free(search->places);
    search->places = NULL;
    search->rebuilding = false;
    engine_event_set(&search->settled);
}
