/* providers/account/side_columns.h - columns of contents tables that the side store keeps
 *
 * What programs set on messages and IMAP has no place for, PR_MSG_STATUS among it, for all messages
 * of a folder at once. Immutable and reference-counted: read on any thread. */
#ifndef MG_ACCOUNT_SIDE_COLUMNS_H
#define MG_ACCOUNT_SIDE_COLUMNS_H

#include "providers/account/messages.h"

#define SIDE_COLUMNS_MAX 256

struct side_columns;

/* Reads the values of `tags` (strings in PT_UNICODE; beyond SIDE_COLUMNS_MAX they are left out) of
 * the folder's messages that have any, and of those that `before` (may be NULL) knew. */
WAITS HRESULT side_columns_load(struct account *account, const struct folder_numbers *numbers,
                                const struct side_columns *before, const ULONG *tags, size_t count,
                                struct error_info *error, struct side_columns **ret_columns);
struct side_columns *side_columns_ref(struct side_columns *columns);
void side_columns_unref(struct side_columns *columns); /* NULL is accepted */

/* Fills *ret_value, which borrows from `columns` (may be NULL), or with an error value:
 * ROW_NOT_PREPARED for a tag that was not loaded, MAPI_E_NOT_FOUND. */
void side_columns_value(const struct side_columns *columns, uint64_t number, ULONG tag,
                        SPropValue *ret_value);

#endif
