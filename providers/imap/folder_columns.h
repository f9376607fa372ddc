/* providers/imap/folder_columns.h - what MAPI calls the parts of a folder
 *
 * Private to providers/imap. One table of tag and getter serves hierarchy tables and folder objects
 * alike. Memory only, any thread. */
#ifndef IMAP_FOLDER_COLUMNS_H
#define IMAP_FOLDER_COLUMNS_H

#include "mapi/memory.h"
#include "providers/account/folders.h"
#include "providers/account/ids.h"
#include "providers/account/kept.h"

struct folder_view {
    const struct mailbox_guids *guids;
    const struct folder_tree *tree;
    const struct folder *folder;
    const struct kept_values *kept; /* what programs set; NULL: nothing */
    uint32_t rights;                /* enum imap_right: ours in the folder */
    bool readonly;                  /* the object was opened without MAPI_MODIFY */
    ULONG depth; /* PR_DEPTH: levels below the first that a table shows (STO-116) */
};

/* All tags that folder_column answers, strings in PT_UNICODE. */
extern const ULONG folder_column_tags[];
extern const size_t folder_column_count;

/* Fills *ret_value, which borrows from the view or from `scratch`. MAPI_E_NOT_FOUND: a folder has
 * no such property of its own; MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT folder_column(const struct folder_view *view, ULONG tag, struct arena *scratch,
                      SPropValue *ret_value);

#endif
