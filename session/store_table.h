/* session/store_table.h - the message store table: a row per store of the profile
 *
 * Private to session/. Behaviour: SES-139 to SES-142. Any thread, never waits. */
#ifndef SESSION_STORE_TABLE_H
#define SESSION_STORE_TABLE_H

#include "mapi/mapidefs.h"
#include "mapi/notify.h"
#include "mapi/object.h"

struct store_table;

HRESULT store_table_create(struct dispatcher *dispatcher, struct store_table **ret_table);
void store_table_free(struct store_table *table); /* NULL is accepted */

struct store_row {
    MAPIUID uid;          /* the provider's section; the key of the row */
    SBinary entryid;      /* wrapped */
    SBinary record_key;   /* cb 0: not known yet; so the next */
    SBinary mdb_provider; /* PR_MDB_PROVIDER */
    const char *display;  /* PR_DISPLAY_NAME, UTF-8 */
    const char *provider; /* PR_PROVIDER_DISPLAY */
    ULONG flags;          /* PR_RESOURCE_FLAGS; STATUS_DEFAULT_STORE makes PR_DEFAULT_STORE */
};
/* Adds the row or brings it up to date. */
HRESULT store_table_set(struct store_table *table, const struct store_row *row);
/* Changes PR_RESOURCE_FLAGS and PR_DEFAULT_STORE. MAPI_E_NOT_FOUND. */
HRESULT store_table_set_flags(struct store_table *table, const MAPIUID *uid, ULONG flags);
void store_table_remove(struct store_table *table, const MAPIUID *uid);

/* The uid of the row with this entry id, byte for byte; false: none. */
bool store_table_find(struct store_table *table, ULONG size, const ENTRYID *id, MAPIUID *ret_uid);

/* The wrapped entry id of the row of `uid`; to free with mapi_free. MAPI_E_NOT_FOUND. */
HRESULT store_table_entryid(struct store_table *table, const MAPIUID *uid, ULONG *ret_size,
                            ENTRYID **ret_id);

HRESULT store_table_open(struct store_table *table, struct mapi_object *owner, ULONG flags,
                         IMAPITable **ret_view);

#endif
