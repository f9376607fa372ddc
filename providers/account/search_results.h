/* providers/account/search_results.h - the messages that a search has found, at one moment
 *
 * Immutable and reference-counted: made on the engine, read on any thread. */
#ifndef MG_ACCOUNT_SEARCH_RESULTS_H
#define MG_ACCOUNT_SEARCH_RESULTS_H

#include "providers/account/messages.h"
#include "providers/imap/client/index.h"

struct search_folder {
    uint64_t folder;
    struct imap_snapshot *mail;
    const struct folder_numbers *numbers;
};

struct search_hit {
    uint64_t number;
    uint32_t at;  /* its folder's place in `folders` */
    uint32_t uid; /* there is such a row */
};

struct search_results {
    struct search_folder *folders;
    size_t folder_count;
    struct search_hit *hits; /* ascending by number */
    size_t count;
    size_t unseen;
};

/* What was found in one folder. */
struct search_finding {
    uint64_t folder;
    struct imap_snapshot *mail;           /* a reference is taken */
    const struct folder_numbers *numbers; /* the same */
    const uint64_t *found;
    size_t found_count;
};

/* Messages that are not in their folder's snapshot any more are left out. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT search_results_create(const struct search_finding *findings, size_t count,
                              const struct search_results **ret_results);
const struct search_results *search_results_ref(const struct search_results *results);
void search_results_unref(const struct search_results *results); /* NULL is accepted */

bool search_results_find(const struct search_results *results, uint64_t number,
                         size_t *ret_position);
void search_results_row(const struct search_results *results, size_t position,
                        struct imap_row *ret_row);

#endif
