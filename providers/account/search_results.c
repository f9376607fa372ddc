/* providers/account/search_results.c - the messages that a search has found, at one moment */
#include "providers/account/search_results.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "providers/imap/client/message.h"

struct shared_results {
    atomic_uint refs;
    struct search_results results;
};

static struct shared_results *shared_from_results(const struct search_results *results)
{
    return (struct shared_results *)((char *)results - offsetof(struct shared_results, results));
}

const struct search_results *search_results_ref(const struct search_results *results)
{
    atomic_fetch_add(&shared_from_results(results)->refs, 1);
    return results;
}

void search_results_unref(const struct search_results *results)
{
    if (!results || atomic_fetch_sub(&shared_from_results(results)->refs, 1) > 1)
        return;
    for (size_t i = 0; i < results->folder_count; i++) {
        imap_snapshot_unref(results->folders[i].mail);
        folder_numbers_unref(results->folders[i].numbers);
    }
    free(results->folders);
    free(results->hits);
    free(shared_from_results(results));
}

static int compare_hits(const void *a, const void *b)
{
    uint64_t left = ((const struct search_hit *)a)->number;
    uint64_t right = ((const struct search_hit *)b)->number;

    return (left > right) - (left < right);
}

static void take_finding(struct search_results *results, const struct search_finding *finding)
{
    struct search_folder *folder = &results->folders[results->folder_count];

    *folder = (struct search_folder){.folder = finding->folder,
                                     .mail = imap_snapshot_ref(finding->mail),
                                     .numbers = folder_numbers_ref(finding->numbers)};
    for (size_t i = 0; i < finding->found_count; i++) {
        struct search_hit hit = {.number = finding->found[i],
                                 .at = (uint32_t)results->folder_count};
        size_t position;

        if (!folder_numbers_uid(folder->numbers, hit.number, &hit.uid) ||
            !imap_snapshot_find(folder->mail, hit.uid, &position))
            continue;
        if (!(imap_snapshot_flags(folder->mail, position) & IMAP_FLAG_SEEN))
            results->unseen++;
        results->hits[results->count++] = hit;
    }
    results->folder_count++;
}

HRESULT search_results_create(const struct search_finding *findings, size_t count,
                              const struct search_results **ret_results)
{
    struct shared_results *shared = calloc(1, sizeof(*shared));
    size_t found = 0;

    if (!shared)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&shared->refs, 1);
    for (size_t i = 0; i < count; i++)
        found += findings[i].found_count;
    shared->results.folders = calloc(count + 1, sizeof(*shared->results.folders));
    shared->results.hits = calloc(found + 1, sizeof(*shared->results.hits));
    if (!shared->results.folders || !shared->results.hits) {
        search_results_unref(&shared->results);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        take_finding(&shared->results, &findings[i]);
    qsort(shared->results.hits, shared->results.count, sizeof(*shared->results.hits), compare_hits);
    *ret_results = &shared->results;
    return S_OK;
}

bool search_results_find(const struct search_results *results, uint64_t number,
                         size_t *ret_position)
{
    size_t low = 0, high = results->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (results->hits[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_position = low;
    return low < results->count && results->hits[low].number == number;
}

void search_results_row(const struct search_results *results, size_t position,
                        struct imap_row *ret_row)
{
    const struct search_hit *hit = &results->hits[position];
    const struct search_folder *folder = &results->folders[hit->at];
    size_t at = 0;

    imap_snapshot_find(folder->mail, hit->uid, &at);
    imap_snapshot_row(folder->mail, at, ret_row);
}
