/* providers/imap/modify_table.h - tables of a folder that are changed by lists of rows
 *
 * IExchangeModifyTable, as OpenProperty gives it for PR_RULES_TABLE and PR_ACL_TABLE. The table is
 * live: it shows what ModifyTable, of this object and of others, makes of the rows. Private to
 * providers/imap. */
#ifndef IMAP_MODIFY_TABLE_H
#define IMAP_MODIFY_TABLE_H

#include "mapi/edkmdb.h"
#include "providers/imap/link.h"

/* The object for PR_RULES_TABLE or PR_ACL_TABLE (PR_RULES_DATA, PR_ACL_DATA: the same ids); one
 * reference for the caller. Without `writable` ModifyTable answers MAPI_E_NO_ACCESS.
 * MAPI_E_INTERFACE_NOT_SUPPORTED: another property. */
HRESULT modify_table_open(struct imap_link *link, struct mapi_object *folder_object,
                          uint64_t folder, ULONG tag, bool writable,
                          IExchangeModifyTable **ret_table);

/* What is behind the object. The calls run on the caller's thread; their words become the last
 * error of `object`. */
struct modify_table_ops {
    ULONG tag;   /* whose id it has */
    ULONG flags; /* GetTable and ModifyTable take, beside their own */
    WAITS HRESULT (*open)(struct imap_link *link, struct mapi_object *object, uint64_t folder,
                          ULONG flags, IMAPITable **ret_table);
    WAITS HRESULT (*modify)(struct imap_link *link, struct mapi_object *object, uint64_t folder,
                            ULONG flags, const ROWLIST *list);
};
extern const struct modify_table_ops rules_table_ops;       /* rules_table.c */
extern const struct modify_table_ops permissions_table_ops; /* permissions_table.c */

/* A value of a row by its property's id; NULL: it has none. */
const SPropValue *row_entry_find(const ROWENTRY *row, ULONG tag);

#endif
