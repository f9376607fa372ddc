/* mapi/table_private.h - what the table_*.c files share
 *
 * Locking. `lock` covers everything from `columns` on and is held for memory work only. The source
 * announces changes from any thread, an engine's too: it never waits for the lock, but leaves
 * `stale` behind, and whoever holds the lock looks again when giving it back (table_unlock). What
 * may wait or take long (prepare, search, order, build) runs without the lock on a private stack
 * that is put in place afterwards. */
#ifndef MG_TABLE_PRIVATE_H
#define MG_TABLE_PRIVATE_H

#include "mapi/table.h"
#include "mapi/view.h"

struct table {
    IMAPITable IMAPITable_iface;
    struct mapi_object object;

    struct row_source *source;      /* reference */
    struct dispatcher *dispatcher;  /* reference or NULL */
    struct notify_hold *hold;       /* reference or NULL */
    struct row_watch *watch;        /* owned */
    struct table_options options;   /* the plain values; pointers not to be used */
    SPropTagArray *default_columns; /* owned, strings in the table's width */
    SSortOrderSet *default_sort;    /* owned */
    struct advise_list advises;     /* own lock */
    atomic_bool stale;              /* the source has something newer */

    pthread_mutex_t lock;
    SPropTagArray *columns;             /* owned; default_columns until SetColumns */
    struct view_definition *definition; /* reference */
    struct view_stack *stack;           /* owned; NULL: not built yet */
    bool broken;                        /* the stack could not follow: to be built anew */
    bool reloaded;                      /* and no mark outlives it (TBL-124) */
    struct marks marks;
    struct view_toggles toggles; /* categories expanded or collapsed by request */
    ULONG status;                /* TBLSTAT_* */
};

/* Takes the lock with the view built and up to date. On failure the lock is not held. May wait. */
HRESULT table_begin(struct table *table);
/* Like table_begin for who needs only the first `rows` rows: in the source's own order they can be
 * had while the source is still being filled. */
HRESULT table_begin_rows(struct table *table, size_t rows);
/* Gives the lock back, after looking whether the source has changed meanwhile. */
void table_unlock(struct table *table);

/* Replaces the definition (the reference is taken over), cursor to the start, bookmarks gone; with
 * `failed_status` when the view cannot be built. Lock not held. May wait. */
HRESULT table_redefine(struct table *table, struct view_definition *definition,
                       ULONG failed_status);

/* Asks the source to bring values into memory. Lock not held. May wait. */
HRESULT table_prepare(struct table *table, const uint64_t *ids, size_t count, const ULONG *tags,
                      size_t tag_count);

/* Up to `changes` of the source came in: brings the stack along and tells the listeners. Lock held,
 * memory only. */
void table_follow(struct table *table);

/* Reads rows first..first+count of the view as a row set. ROW_NOT_PREPARED: *ret_missing is a
 * malloc'd array of the ids to prepare (not if `last_try`: then the values are MAPI_E_NOT_FOUND).
 * Lock held. */
HRESULT table_read_rows(struct table *table, size_t first, size_t count, bool last_try,
                        SRowSet **ret_rows, uint64_t **ret_missing, size_t *ret_missing_count);

/* One row in the columns of `columns`, and the value of the index column; values borrow from the
 * snapshot and the arena. *ret_complete false: some value is not prepared. Lock held. */
HRESULT table_read_row(struct table *table, const struct row_snapshot *snapshot, struct row_ref ref,
                       const SPropTagArray *columns, struct arena *arena, SPropValue *values,
                       bool *ret_complete);

/* The distinct tags that the source has to be asked for, malloc'd. */
HRESULT table_source_tags(const SPropTagArray *columns, ULONG **ret_tags, size_t *ret_count);

/* Whether the row's index column is `key`. Lock held. */
bool table_row_has_key(struct table *table, struct row_ref ref, const SBinary *key);

size_t table_count(const struct table *table);

/* The present definition, referenced. Lock not held. */
struct view_definition *table_definition(struct table *table);

/* Where a bookmark is; *ret_moved: its row has left. MAPI_E_INVALID_BOOKMARK. Lock held. */
HRESULT table_locate(struct table *table, BOOKMARK bookmark, size_t *ret_position, bool *ret_moved);

/* IMAPITable's slots, by file. */
/* table_columns.c */
HRESULT table_SetColumns(struct table *table, LPSPropTagArray tags, ULONG flags);
HRESULT table_QueryColumns(struct table *table, ULONG flags, LPSPropTagArray *ret_tags);
/* table_position.c */
HRESULT table_GetRowCount(struct table *table, ULONG flags, ULONG *ret_count);
HRESULT table_SeekRow(struct table *table, BOOKMARK origin, LONG count, LONG *ret_sought);
HRESULT table_SeekRowApprox(struct table *table, ULONG numerator, ULONG denominator);
HRESULT table_QueryPosition(struct table *table, ULONG *ret_row, ULONG *ret_numerator,
                            ULONG *ret_denominator);
HRESULT table_CreateBookmark(struct table *table, BOOKMARK *ret_bookmark);
HRESULT table_FreeBookmark(struct table *table, BOOKMARK bookmark);
/* table_rows.c */
HRESULT table_QueryRows(struct table *table, LONG count, ULONG flags, LPSRowSet *ret_rows);
HRESULT table_FindRow(struct table *table, LPSRestriction restriction, BOOKMARK origin,
                      ULONG flags);
/* table_define.c */
HRESULT table_Restrict(struct table *table, LPSRestriction restriction, ULONG flags);
HRESULT table_SortTable(struct table *table, LPSSortOrderSet sort, ULONG flags);
HRESULT table_QuerySortOrder(struct table *table, LPSSortOrderSet *ret_sort);
/* table_categories.c */
HRESULT table_ExpandRow(struct table *table, ULONG key_size, LPBYTE key, ULONG row_count,
                        ULONG flags, LPSRowSet *ret_rows, ULONG *ret_more);
HRESULT table_CollapseRow(struct table *table, ULONG key_size, LPBYTE key, ULONG flags,
                          ULONG *ret_count);
HRESULT table_GetCollapseState(struct table *table, ULONG flags, ULONG key_size, LPBYTE key,
                               ULONG *ret_size, LPBYTE *ret_state);
HRESULT table_SetCollapseState(struct table *table, ULONG flags, ULONG size, LPBYTE state,
                               BOOKMARK *ret_bookmark);
/* table_events.c */
HRESULT table_Advise(struct table *table, ULONG events, LPMAPIADVISESINK sink,
                     ULONG_PTR *ret_connection);
HRESULT table_Unadvise(struct table *table, ULONG_PTR connection);

#endif
