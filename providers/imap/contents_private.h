/* providers/imap/contents_private.h - what the files of the contents table share */
#ifndef IMAP_CONTENTS_PRIVATE_H
#define IMAP_CONTENTS_PRIVATE_H

#include <pthread.h>

#include "mapi/row_source.h"
#include "providers/account/messages.h"
#include "providers/account/side_columns.h"
#include "providers/imap/link.h"

struct contents_source {
    struct row_source source;
    struct engine_node node; /* posted at the last unref */
    struct imap_link *link;  /* our reference */
    struct link_listener listener;
    uint64_t folder;
    SBinary store;            /* PR_STORE_ENTRYID; mapi_free */
    struct imap_index *index; /* our reference; NULL: no mailbox, no rows */

    /* Numbers that the account has told of and not settled; on the engine only. */
    uint64_t *pending;
    size_t pending_count;
    bool pending_lost; /* without memory: there was more */

    pthread_mutex_t lock; /* leaf; guards what follows */
    struct imap_snapshot *mail;
    const struct folder_numbers *numbers;
    struct side_columns *side; /* reference; NULL: none asked for, or out of date */
    uint64_t side_drops;       /* how often it went out of date */
    uint64_t version;
    uint64_t grown_from; /* since that version rows have only been put behind the others */
    struct change_log log;
};

struct contents_snapshot {
    struct row_snapshot base;
    struct contents_source *source; /* our reference */
    struct imap_snapshot *mail;
    const struct folder_numbers *numbers;
    struct side_columns *side;
    uint64_t grown_from; /* the source's at that moment */
    size_t hidden_count;
    size_t hidden[]; /* positions in `mail` that are not shown, ascending */
};

static inline struct contents_source *contents_from_source(struct row_source *source)
{
    return container_of(source, struct contents_source, source);
}

/* contents_snapshot.c: the source's present rows, as row_source_ops.snapshot. */
HRESULT contents_snapshot(struct row_source *base, struct row_snapshot **ret_snapshot);

#endif
