/* mapi/arguments.h - arguments that no call can mean, one check for each kind
 *
 * The generated thunks (mapi/thunks.py) put every method's arguments to these before the method
 * sees them, and answer MAPI_E_INVALID_PARAMETER; exported functions call them themselves. A count
 * is never larger than what the memory behind it can be, so that sizes computed from it do not
 * overflow and a mistaken count is not read to the end of the address space. NULL is not judged
 * here: what it means is the method's affair. Memory only, any thread. Source: PRP-064. */
#ifndef MG_ARGUMENTS_H
#define MG_ARGUMENTS_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

/* Elements of an array, or bytes of an entry id or key, that a caller can hand in. */
#define ARGUMENT_COUNT_MAX (1u << 24)

static inline bool argument_count_is_bad(ULONG count)
{
    return count > ARGUMENT_COUNT_MAX;
}

static inline bool argument_tags_are_bad(const SPropTagArray *tags)
{
    return tags && argument_count_is_bad(tags->cValues);
}

static inline bool argument_sort_is_bad(const SSortOrderSet *sort)
{
    return sort && argument_count_is_bad(sort->cSorts);
}

/* Also a list without its entries, or an entry without its bytes. */
static inline bool argument_entries_are_bad(const ENTRYLIST *list)
{
    if (!list)
        return false;
    if (argument_count_is_bad(list->cValues) || (list->cValues && !list->lpbin))
        return true;
    for (ULONG i = 0; i < list->cValues; i++)
        if (list->lpbin[i].cb && !list->lpbin[i].lpb)
            return true;
    return false;
}

/* Also a row without its properties. */
static inline bool argument_row_is_bad(const SRow *row)
{
    return row && (argument_count_is_bad(row->cValues) || (row->cValues && !row->lpProps));
}

static inline bool argument_rows_are_bad(const SRowSet *rows)
{
    if (!rows)
        return false;
    if (argument_count_is_bad(rows->cRows))
        return true;
    for (ULONG i = 0; i < rows->cRows; i++)
        if (argument_row_is_bad(&rows->aRow[i]))
            return true;
    return false;
}

/* Also a row without its properties. */
static inline bool argument_addresses_are_bad(const ADRLIST *list)
{
    if (!list)
        return false;
    if (argument_count_is_bad(list->cEntries))
        return true;
    for (ULONG i = 0; i < list->cEntries; i++)
        if (argument_count_is_bad(list->aEntries[i].cValues) ||
            (list->aEntries[i].cValues && !list->aEntries[i].rgPropVals))
            return true;
    return false;
}

#endif
