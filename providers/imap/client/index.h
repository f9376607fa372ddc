/* providers/imap/client/index.h - what we know of every message of one mailbox
 *
 * An index is written on its engine, by fibers that resynchronise it, and read anywhere: it
 * publishes snapshots, immutable and reference-counted, made of chunks that successive snapshots
 * share (docs/engine.md). A snapshot is taken and read on any thread without waiting. While the
 * index is first filled its snapshots grow, so that rows can be used as they arrive.
 *
 * Text fields are the server's ENVELOPE, raw: encoded words are for mime to decode. One row takes
 * about 40 bytes plus its text. */
#ifndef IMAP_INDEX_H
#define IMAP_INDEX_H

#include "providers/imap/client/client.h"

struct imap_index;
struct imap_snapshot;

/* Slices of a chunk: valid while a snapshot that has the row is held. Never NULL; size excludes a
 * zero byte that follows the bytes. */
struct imap_text {
    const char *bytes;
    uint32_t size;
};

struct imap_row {
    uint32_t uid;
    uint32_t flags;            /* enum imap_flag (message.h) */
    uint32_t size;             /* RFC822.SIZE */
    uint64_t modseq;           /* 0: not offered */
    int64_t internaldate;      /* seconds since 1970, UTC; INT64_MIN: not told */
    bool has_attachment;       /* BODYSTRUCTURE has a part that a person would call one */
    struct imap_text keywords; /* further keywords, parted by spaces */
    struct imap_text subject;
    struct imap_text date;       /* the Date header as sent */
    struct imap_text message_id; /* with <> */
    struct imap_text in_reply_to;
    struct imap_text from, sender, reply_to, to, cc, bcc; /* for imap_addresses_next */
};

/* Walks an address list: start with a copy of the row's field; false at the end. *ret_name may be
 * "" and is raw (encoded words), *ret_address is "local@host"; both zero-terminated, the
 * snapshot's. Group markers are left out. */
bool imap_addresses_next(struct imap_text *list, const char **ret_name, const char **ret_address);

/* --- The index; any thread unless said otherwise --------------------------------------------- */

/* Makes the index of a mailbox, empty; engine thread. It belongs to its client: no lease is taken
 * until imap_index_refresh. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT imap_index_create(struct imap_client *client, const char *mailbox,
                          struct imap_index **ret_index);

/* References, any thread, never waiting. imap_index_close cuts it off from its client (engine
 * thread; the running refresh ends with MAPI_E_CANCEL); the last unref frees. */
struct imap_index *imap_index_ref(struct imap_index *index);
void imap_index_unref(struct imap_index *index); /* NULL is accepted */
WAITS void imap_index_close(struct imap_index *index);

/* Brings the index up to date with the server: fills it the first time (in ranges, publishing as
 * rows arrive, leases given back in between), afterwards by QRESYNC or CONDSTORE where offered,
 * otherwise by comparing UIDs and flags. One refresh runs at a time; callers that come meanwhile
 * wait for a refresh that begins after their call. Fiber. A changed UIDVALIDITY empties and fills
 * again. On failure what was known stays. MAPI_E_NOT_FOUND: the mailbox is gone. */
WAITS HRESULT imap_index_refresh(struct imap_index *index, uint64_t deadline,
                                 struct error_info *error);

/* Starts a refresh in a fiber of its own unless one runs; engine thread. */
HRESULT imap_index_refresh_later(struct imap_index *index);

/* Tells the index what a command of ours did, before the server reports it; engine thread.
 * Publishes and calls listeners like any other change. */
void imap_index_flags_stored(struct imap_index *index, const uint32_t *uids, size_t count,
                             int how /* enum imap_store_how */, uint32_t flags);
void imap_index_removed(struct imap_index *index, const uint32_t *uids, size_t count);

/* The newest snapshot, one reference; never NULL (it may be empty). */
struct imap_snapshot *imap_index_snapshot(struct imap_index *index);

/* Waits until a snapshot has more than `rows` rows, or the index is complete (filled), or the fill
 * fails; any thread or fiber, not the loop. The caller starts the refresh. *ret_snapshot is one
 * reference, also set to the newest snapshot when this fails. Fails with the refresh's error,
 * MAPI_E_TIMEOUT, MAPI_E_USER_CANCEL. */
WAITS HRESULT imap_index_wait_rows(struct imap_index *index, size_t rows, uint64_t deadline,
                                   struct error_info *error, struct imap_snapshot **ret_snapshot);

/* --- Listeners: engine thread ---------------------------------------------------------------- */

enum imap_index_event {
    IMAP_INDEX_ROWS = 1u << 0,   /* rows came, went or changed: the arrays say which */
    IMAP_INDEX_FILLED = 1u << 1, /* first fill (or refill) is complete; the rows it brought are
                                    not listed one by one: `added` is empty */
    IMAP_INDEX_RESET = 1u << 2,  /* another UIDVALIDITY: all former rows are gone */
    IMAP_INDEX_GONE = 1u << 3,   /* the mailbox no longer exists */
};

struct imap_index_change {
    unsigned events;
    struct imap_snapshot *before, *after;      /* referenced during the call */
    const uint32_t *added, *removed, *changed; /* UIDs, ascending; changed: flags or keywords */
    size_t added_count, removed_count, changed_count;
};

struct imap_index_listener {
    struct imap_index_listener *next;
    /* On the engine, loop or fiber; must not wait. */
    void (*changed)(struct imap_index_listener *listener, const struct imap_index_change *change);
};
void imap_index_listen(struct imap_index *index, struct imap_index_listener *listener);
void imap_index_unlisten(struct imap_index *index, struct imap_index_listener *listener);

/* --- Snapshots: any thread ------------------------------------------------------------------- */

struct imap_snapshot *imap_snapshot_ref(struct imap_snapshot *snapshot);
void imap_snapshot_unref(struct imap_snapshot *snapshot); /* NULL is accepted */

uint64_t imap_snapshot_version(const struct imap_snapshot *snapshot);     /* grows by publication */
uint32_t imap_snapshot_uidvalidity(const struct imap_snapshot *snapshot); /* 0: never selected */
uint32_t imap_snapshot_uidnext(const struct imap_snapshot *snapshot);
bool imap_snapshot_complete(const struct imap_snapshot *snapshot);
size_t imap_snapshot_count(const struct imap_snapshot *snapshot);
size_t imap_snapshot_unseen(const struct imap_snapshot *snapshot);

/* Row `position` in UID order, 0 the oldest; position < count. Constant time but for a search over
 * chunks. */
void imap_snapshot_row(const struct imap_snapshot *snapshot, size_t position, struct imap_row *ret);
/* Position of `uid`; false if there is none. */
bool imap_snapshot_find(const struct imap_snapshot *snapshot, uint32_t uid, size_t *ret_position);
/* The UID alone, and the flags alone: cheap, for counting and sorting. */
uint32_t imap_snapshot_uid(const struct imap_snapshot *snapshot, size_t position);
uint32_t imap_snapshot_flags(const struct imap_snapshot *snapshot, size_t position);

#endif
