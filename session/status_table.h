/* session/status_table.h - the status table: a row per resource, live
 *
 * Private to session/. One per session (STA-001). Rows are written by the session (its own three,
 * and the columns that are the library's) and by providers through ModifyStatusRow. All functions
 * take the table's leaf lock at most and never wait, so that they may be called on an engine
 * thread; events go to the dispatcher. A change that changes nothing is no event. */
#ifndef SESSION_STATUS_TABLE_H
#define SESSION_STATUS_TABLE_H

#include "mapi/mapidefs.h"
#include "mapi/notify.h"
#include "mapi/object.h"

struct status_table;

HRESULT status_table_create(struct dispatcher *dispatcher, struct status_table **ret_table);
void status_table_free(struct status_table *table); /* NULL is accepted */

/* What the library supplies for a row (STA-006, STA-007). */
struct status_resource {
    MAPIUID uid;          /* names the row in its entry id: a provider's section, or one of ours */
    ULONG type;           /* PR_RESOURCE_TYPE */
    ULONG flags;          /* PR_RESOURCE_FLAGS */
    const char *dll_name; /* PR_PROVIDER_DLL_NAME, UTF-8 */
};

/* Adds a row with these columns and the library's, which win. *ret_row is its PR_ROWID, not 0. */
HRESULT status_table_add(struct status_table *table, const struct status_resource *resource,
                         const SPropValue *columns, ULONG count, ULONG *ret_row);
/* Merges columns (STA-034); the library's are left out. MAPI_E_NOT_FOUND. */
HRESULT status_table_merge(struct status_table *table, ULONG row, const SPropValue *columns,
                           ULONG count);
/* Changes PR_RESOURCE_FLAGS. */
HRESULT status_table_set_flags(struct status_table *table, ULONG row, ULONG flags);
void status_table_remove(struct status_table *table, ULONG row);

/* The row as one block (MAPIFreeBuffer), or by position in the order of adding. MAPI_E_NOT_FOUND.
 */
HRESULT status_table_row(struct status_table *table, ULONG row, SPropValue **ret_columns,
                         ULONG *ret_count);
HRESULT status_table_row_at(struct status_table *table, size_t position, SPropValue **ret_columns,
                            ULONG *ret_count);

/* GetStatusTable: a view of it, owned by `owner`; flags MAPI_UNICODE. */
HRESULT status_table_open(struct status_table *table, struct mapi_object *owner, ULONG flags,
                          IMAPITable **ret_view);

/* The entry id of a resource's row. */
#define STATUS_ENTRYID_SIZE (4 + 2 * sizeof(MAPIUID)) /* flags, ours, the resource's */
void status_entryid_make(const MAPIUID *uid, BYTE ret_id[STATUS_ENTRYID_SIZE]);
/* Is it the entry id of a status row? Then *ret_uid is the resource's. */
bool status_entryid_parse(ULONG size, const ENTRYID *id, MAPIUID *ret_uid);

/* The uids of the library's own rows. */
extern const MAPIUID status_uid_subsystem, status_uid_spooler, status_uid_address_book;

#endif
