/* mapi/row_source.h - where a table's rows come from
 *
 * A row source gives snapshots: immutable, ref-counted, versioned, read on any thread without a
 * lock. The views of a table (mapi/table.h) stand on one. Two sets of operations: memory only
 * (snapshot, row, changes), and those that may wait (prepare, search, order), which a table calls
 * with no lock held on its caller's thread or fiber.
 *
 * Everything on a snapshot must be cheap: `count`, `id` and `find` are called per row, `row` only
 * for rows that somebody reads, compares or restricts. A folder of 100,000 messages gives its
 * snapshot in constant time. */
#ifndef MG_ROW_SOURCE_H
#define MG_ROW_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/error.h"
#include "mapi/mapidefs.h"
#include "mapi/memory.h"

/* A value that is not in memory yet: `row` answers PT_ERROR with this code, and the table calls
 * prepare. Never reaches a client. */
#define ROW_NOT_PREPARED MAPI_E_WAIT

enum row_change_kind { ROW_ADDED, ROW_MODIFIED, ROW_DELETED };
struct row_change {
    enum row_change_kind kind;
    uint64_t id;
};

struct row_snapshot;
struct row_snapshot_ops {
    void (*destroy)(struct row_snapshot *snapshot);

    /* Rows, and the number of the row at a position (0 is the first in the natural order). A number
     * is non-zero, unique in the source and never used twice; below 2^62. */
    size_t (*count)(const struct row_snapshot *snapshot);
    uint64_t (*id)(const struct row_snapshot *snapshot, size_t position);
    bool (*find)(const struct row_snapshot *snapshot, uint64_t id, size_t *ret_position);

    /* Fills values[i] for tags[i]; values borrow from the snapshot or from `scratch`. String tags
     * are PT_UNICODE, and so are their values; tags have no MVI bit. What a row lacks:
     * propval_set_error(..., MAPI_E_NOT_FOUND). Fails only for lack of memory. */
    HRESULT(*row)
    (const struct row_snapshot *snapshot, size_t position, const ULONG *tags, size_t count,
     struct arena *scratch, SPropValue *values);

    /* What changed from version `since` to this one, one entry a row, in any order; prepared values
     * alone are no change. MAPI_E_TOO_BIG: more than `capacity`, or too long ago to know;
     * MAPI_E_OBJECT_CHANGED: all rows have been replaced, which is told as TABLE_RELOAD. */
    HRESULT(*changes)
    (const struct row_snapshot *snapshot, uint64_t since, struct row_change *changes,
     size_t capacity, size_t *ret_count);

    /* True when the rows of version `since` are all here, unchanged and in their places, and what
     * is new lies behind them. Optional, for sources that are partial at first. */
    bool (*extends)(const struct row_snapshot *snapshot, uint64_t since);
};
struct row_snapshot {
    const struct row_snapshot_ops *ops;
    atomic_uint refs;
    uint64_t version; /* grows with each publication; equal versions have equal content */
    bool partial;     /* the source is still being filled: more rows will come behind these */
};
void row_snapshot_init(struct row_snapshot *snapshot, const struct row_snapshot_ops *ops,
                       uint64_t version);
struct row_snapshot *row_snapshot_ref(struct row_snapshot *snapshot);
void row_snapshot_unref(struct row_snapshot *snapshot); /* NULL is accepted */

/* Rows and columns that are about to be read. */
struct row_request {
    const uint64_t *ids; /* NULL: all rows */
    size_t count;
    const ULONG *tags;
    size_t tag_count;
};

struct row_source;
struct row_source_ops {
    void (*destroy)(struct row_source *source);

    /* The present rows, a reference for the caller. Any thread, takes a leaf lock at most.
     * MAPI_E_NOT_ENOUGH_MEMORY. */
    HRESULT (*snapshot)(struct row_source *source, struct row_snapshot **ret_snapshot);

    /* All columns that can be had (TBL_ALL_COLUMNS), strings in PT_UNICODE: a root. NULL op: the
     * table's default columns are all there is. */
    HRESULT (*columns)(struct row_source *source, SPropTagArray **ret_tags);

    /* May wait, until the next snapshot has at least `rows` rows or is not partial; constant time
     * when it is so already. Optional: snapshots are never partial. */
    HRESULT (*await)(struct row_source *source, size_t rows, struct error_info *error);

    /* May wait. Brings the values into memory; they show in the next snapshot. Optional. */
    HRESULT(*prepare)
    (struct row_source *source, const struct row_request *request, struct error_info *error);

    /* May wait. What the server does exactly: the numbers of the rows that `restriction` matches,
     * or all rows in the order of `sort`, in a malloc'd array. MAPI_E_NO_SUPPORT (or no op): the
     * views do it. Rows that are not in the table's snapshot are ignored, missing ones are done by
     * the views. */
    HRESULT(*search)
    (struct row_source *source, const SRestriction *restriction, uint64_t **ret_ids,
     size_t *ret_count, struct error_info *error);
    HRESULT(*order)
    (struct row_source *source, const SSortOrderSet *sort, uint64_t **ret_ids, size_t *ret_count,
     struct error_info *error);
};

/* Embed by value. */
struct row_source {
    const struct row_source_ops *ops;
    atomic_uint refs;
    pthread_mutex_t watch_lock;
    struct row_watch *watches;
};
void row_source_init(struct row_source *source, const struct row_source_ops *ops);
void row_source_clear(struct row_source *source); /* for destroy */
struct row_source *row_source_ref(struct row_source *source);
void row_source_unref(struct row_source *source); /* NULL is accepted */

/* Tells every watch that a newer snapshot can be had. Memory only, any thread, the source's own
 * lock not held. */
void row_source_announce(struct row_source *source);

/* A watch is the ref-counted link between a source (which may live on an engine) and a table (which
 * a program holds). `changed` is memory only. After cancel returns, it does not run and never will;
 * not to be called from inside `changed`. Cancel gives the watch back. */
typedef void row_changed_fn(void *context);
HRESULT row_source_watch(struct row_source *source, row_changed_fn *changed, void *context,
                         struct row_watch **ret_watch);
void row_watch_cancel(struct row_watch *watch); /* NULL is accepted */

/* A memory of recent changes, for sources that implement `changes`. Embed by value, zeroed; the
 * source's lock covers it. */
#define CHANGE_LOG_SIZE 512
struct change_log {
    struct {
        uint64_t version;
        struct row_change change;
    } entries[CHANGE_LOG_SIZE];
    size_t count;      /* ever written */
    uint64_t lost;     /* changes up to this version cannot be told any more */
    uint64_t reloaded; /* the version that began anew */
};
void change_log_add(struct change_log *log, uint64_t version, enum row_change_kind kind,
                    uint64_t id);
/* Too much changed at once to log: nobody can follow from before `version`. */
void change_log_break(struct change_log *log, uint64_t version);
/* With `version` all begins anew. */
void change_log_reload(struct change_log *log, uint64_t version);
/* Net changes in (since, upto]: a row that came and went is not told, added and then modified is
 * added. */
HRESULT change_log_read(const struct change_log *log, uint64_t since, uint64_t upto,
                        struct row_change *changes, size_t capacity, size_t *ret_count);

#endif
