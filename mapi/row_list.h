/* mapi/row_list.h - a row source in memory
 *
 * Status table, message store table, profile tables, recipients, attachments, hierarchies: rows
 * with one key column. Every change publishes a new version and announces it; a change that changes
 * nothing does neither. Rows are kept with strings in UTF-16. Own leaf lock, any thread. */
#ifndef MG_ROW_LIST_H
#define MG_ROW_LIST_H

#include "mapi/row_source.h"

struct row_list;

/* `key` is the column that identifies a row (PR_INSTANCE_KEY, PR_ROWID, ...): one reference, to be
 * given back with row_source_unref(row_list_source(list)). */
HRESULT row_list_create(ULONG key, struct row_list **ret_list);
struct row_source *row_list_source(struct row_list *list); /* no new reference */

/* Adds a row or replaces the one with the same key; without the key column:
 * MAPI_E_INVALID_PARAMETER. */
HRESULT row_list_set(struct row_list *list, const SPropValue *values, size_t count);

/* Several at once, one version, one announcement; all or nothing. */
HRESULT row_list_set_many(struct row_list *list, const SRow *rows, size_t count);

/* Replaces the whole content by `rows`, telling only what differs. */
HRESULT row_list_replace(struct row_list *list, const SRow *rows, size_t count);

/* Changes some columns of the row with this key, leaving the others; MAPI_E_NOT_FOUND. PT_ERROR
 * values take a column away. */
HRESULT row_list_merge(struct row_list *list, const SPropValue *key, const SPropValue *values,
                       size_t count);

/* New row before position `position` (at the end when beyond); MAPI_E_INVALID_PARAMETER when the
 * key exists (TBL-140). */
HRESULT row_list_insert(struct row_list *list, size_t position, const SPropValue *values,
                        size_t count);

/* MAPI_E_NOT_FOUND. */
HRESULT row_list_remove(struct row_list *list, const SPropValue *key);
void row_list_remove_all(struct row_list *list);

/* The rows with these keys, one announcement; keys that no row has count for nothing. */
void row_list_remove_many(struct row_list *list, const SPropValue *keys, size_t count,
                          size_t *ret_removed);

/* Empties the list, which tables tell as TABLE_RELOAD, not row by row (TBL-149). Returns how many
 * rows there were. */
size_t row_list_reset(struct row_list *list);

/* Tells that a row was modified though nothing changed (TBL-142). */
HRESULT row_list_touch(struct row_list *list, const SPropValue *key);

/* A copy of the row with this key, or at a position, as one block; MAPI_E_NOT_FOUND. */
HRESULT row_list_get(struct row_list *list, const SPropValue *key, SPropValue **ret_values,
                     ULONG *ret_count, size_t *ret_position);
HRESULT row_list_get_at(struct row_list *list, size_t position, SPropValue **ret_values,
                        ULONG *ret_count);
size_t row_list_count(struct row_list *list);

#endif
