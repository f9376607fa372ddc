/* providers/account/contents.h - the messages of the folders that somebody looks at
 *
 * Private to providers/account; others watch a folder through folders.h. Engine thread. */
#ifndef MG_ACCOUNT_CONTENTS_H
#define MG_ACCOUNT_CONTENTS_H

#include "providers/account/account-private.h"
#include "providers/account/messages.h"

struct imap_watch;

struct contents {
    struct contents *next;
    struct account *account; /* whose list this is in */
    uint64_t folder;
    unsigned users;   /* who look at it */
    uint64_t left_at; /* users is 0: since when */
    struct imap_index *index;
    struct imap_watch *watch; /* while there are users */
    struct imap_index_listener listener;
    const struct folder_numbers *numbers;
    bool stale; /* the numbers are of a former generation */

    unsigned held; /* rewrites under way: arrivals are kept until their alias is known */
    uint32_t *waiting;
    size_t waiting_count;

    uint64_t *announced; /* what came or went by a copy or move of ours, which has told so */
    size_t announced_count;
};

struct contents *account_contents_find(struct account *account, uint64_t folder);

/* Around a rewrite: what arrives is reported when the alias that gives it its number is there. */
void account_contents_hold(struct account *account, uint64_t folder);
WAITS HRESULT account_contents_release(struct account *account, uint64_t folder,
                                       struct error_info *error);

/* These are about to come to the folder or to leave it, and their event has said how. */
void account_contents_announce(struct account *account, uint64_t folder, const uint64_t *numbers,
                               size_t count);

/* Reads the aliases again: of one, or of those whose UIDVALIDITY changed. */
WAITS HRESULT account_contents_renumber(struct account *account, struct contents *contents,
                                        struct error_info *error);
WAITS HRESULT account_contents_refresh_stale(struct account *account, struct error_info *error);

/* numbers.c: reads the aliases of a folder from the side store. */
WAITS HRESULT account_numbers_load(struct account *account, uint64_t folder,
                                   struct error_info *error,
                                   const struct folder_numbers **ret_numbers);

#endif
