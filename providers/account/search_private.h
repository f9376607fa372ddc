/* providers/account/search_private.h - what the files of a search share
 *
 * Private to providers/account/search*.c. Engine thread. */
#ifndef MG_ACCOUNT_SEARCH_PRIVATE_H
#define MG_ACCOUNT_SEARCH_PRIVATE_H

#include "providers/account/account-private.h"
#include "providers/account/search.h"
#include "providers/account/search_match.h"
#include "providers/account/search_restriction.h"

/* A folder in the scope of a running search. */
struct search_place {
    uint64_t folder;
    struct imap_index *index; /* reference, and a watch; NULL: it could not be watched yet */
    bool fresh;               /* the index has been asked for since it is watched */
    bool due;                 /* to be looked through whole */
    bool refused;             /* that failed, and not for want of a connection */
    uint64_t retry_at;        /* due: not before */
    uint64_t *waiting;        /* messages to look at again */
    size_t waiting_count;

    uint32_t uidvalidity; /* of `answers` */
    struct search_answers answers;
    uint64_t *found; /* numbers, ascending */
    size_t found_count;
};

struct search {
    struct search *next; /* of the account's */
    struct account *account;
    unsigned refs; /* the account's list, and who waits */
    uint64_t number;
    char *name;

    /* What it looks for; changed only while no fiber runs. */
    struct search_restriction *restriction; /* NULL: not set yet */
    uint64_t *folders;                      /* as they were given */
    size_t folder_count;
    bool recursive, foreground, stopped;

    const struct search_results *results; /* reference */
    bool rebuilding;                      /* the first pass goes on */
    bool resumed;                         /* kept from an earlier run, and nobody set it anew */
    struct engine_event settled;          /* it does not, or nothing runs */

    /* Of the fiber. */
    struct fiber *fiber;
    struct engine_event wake;
    struct account_observer observer;
    struct search_place **places;
    size_t place_count;
    bool scope_due;
};

struct search *account_search_find(const struct account *account, uint64_t number);

/* search_kept.c: what the side store has of a search folder. */
WAITS HRESULT search_kept_create(struct account *account, const char *name,
                                 struct error_info *error, uint64_t *ret_number);
WAITS HRESULT search_kept_rename(struct search *search, const char *name, struct error_info *error);
struct search_kept {
    const struct search_restriction *restriction;
    const uint64_t *folders;
    size_t folder_count;
    bool recursive, foreground, stopped;
};
WAITS HRESULT search_kept_write(struct search *search, const struct search_kept *kept,
                                struct error_info *error);
/* Fills a new search out of the side store; what is not understood is as if it were not set. */
WAITS HRESULT search_kept_read(struct search *search, struct error_info *error);

/* search_run.c: the fiber that follows; it begins with no results. */
WAITS HRESULT search_run_start(struct search *search);
WAITS void search_run_stop(struct search *search);

/* search_look.c: looks through a place (numbers NULL), or at some of its messages again, and brings
 * `found` up to date. Fails as the server does; then nothing has changed. */
WAITS HRESULT search_look(struct search *search, struct search_place *place,
                          const uint64_t *numbers, size_t count, struct error_info *error);

#endif
