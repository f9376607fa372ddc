/* mapi/table.h - IMAPITable over a row source
 *
 * The whole interface, written once: a stack of views (multi-value instances, restriction, order,
 * categories) over the newest snapshot of a row source, then columns, cursor and bookmarks. A table
 * follows its source: TABLE_ROW_ADDED, MODIFIED and DELETED for rows of the view, in the columns of
 * that moment; more than `event_limit` changes at once become one TABLE_CHANGED. A table without
 * restriction and sort order holds nothing per row.
 *
 * Free-threaded. Asynchronous flags are taken and the work is done at once (TBL-006). */
#ifndef MG_TABLE_H
#define MG_TABLE_H

#include "mapi/mapidefs.h"
#include "mapi/notify.h"
#include "mapi/object.h"
#include "mapi/row_source.h"

#define TABLE_EVENT_LIMIT   32
#define TABLE_BOOKMARKS_MAX 1024

struct table_options {
    struct row_source *source;     /* required; a reference is taken */
    struct mapi_object *owner;     /* a reference is taken; NULL: none */
    struct dispatcher *dispatcher; /* a reference is taken; NULL: Advise is MAPI_E_NO_SUPPORT */
    struct notify_hold *hold;      /* see notify.h; may be NULL */
    const SPropTagArray *columns;  /* default set, strings in PT_UNICODE; required */
    const SSortOrderSet *sort;     /* default order; NULL: the source's */
    ULONG flags;                   /* MAPI_UNICODE: width of the default string columns */
    ULONG type;                    /* TBLTYPE_KEYSET; 0: TBLTYPE_DYNAMIC */
    bool is_snapshot;              /* GetStatus says TBLTYPE_SNAPSHOT, whose number is 0 */
    ULONG index_tag;               /* propIndex of events; 0: PR_INSTANCE_KEY */
    unsigned event_limit;          /* 0: TABLE_EVENT_LIMIT */
    bool no_bookmarks;             /* attachment tables (TBL-048) */

    /* Runs CPU-heavy work elsewhere and waits for it (net's engine_work); NULL: in place. */
    HRESULT (*run_heavy)(HRESULT (*fn)(void *arg), void *arg);

    /* Once, when the table goes (ITableData's CALLERRELEASE); may be NULL. */
    void (*closed)(void *context);
    void *context;
};

/* One reference for the caller. MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_INVALID_PARAMETER. Memory only:
 * rows are read when somebody asks for them. */
HRESULT table_create(const struct table_options *options, IMAPITable **ret_table);

#endif
