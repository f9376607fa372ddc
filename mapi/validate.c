/* mapi/validate.c - the exported checks of structures: TRUE means bad
 *
 * Pointers cannot be probed as on other systems: only NULL is a bad pointer. Requirements: UTL-087
 * to UTL-092. */
#include "mapi/arguments.h"
#include <string.h>

#include "mapi/mapiutil.h"
#include "mapi/mapival.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/sort.h"

ULONG STDAPICALLTYPE FBadPropTag(ULONG tag)
{
    ULONG type = prop_base_type(tag);

    if (PROP_ID(tag) == PROP_ID_INVALID)
        return TRUE;
    return type != PT_UNSPECIFIED && !propval_type_is_known(type);
}

ULONG STDAPICALLTYPE FBadProp(LPSPropValue value)
{
    return !value || FBadPropTag(value->ulPropTag) ||
           PROP_TYPE(value->ulPropTag) == PT_UNSPECIFIED || propval_is_bad(value);
}

ULONG STDAPICALLTYPE FBadRow(LPSRow row)
{
    ULONG i;

    if (!row || (row->cValues && !row->lpProps) || argument_count_is_bad(row->cValues))
        return TRUE;
    for (i = 0; i < row->cValues; i++)
        if (FBadProp(&row->lpProps[i]))
            return TRUE;
    return FALSE;
}

BOOL STDAPICALLTYPE FBadRowSet(LPSRowSet rows)
{
    ULONG i;

    if (!rows || argument_count_is_bad(rows->cRows))
        return TRUE; /* UTL-089 */
    for (i = 0; i < rows->cRows; i++)
        if (FBadRow(&rows->aRow[i]))
            return TRUE;
    return FALSE;
}

ULONG STDAPICALLTYPE FBadRestriction(LPSRestriction restriction)
{
    SRestriction *copy;
    HRESULT hr;

    if (!restriction)
        return TRUE;
    hr = restriction_copy(NULL, restriction, &copy); /* walks all of it */
    if (FAILED(hr))
        return TRUE;
    mapi_free(copy);
    return FALSE;
}

BOOL STDAPICALLTYPE FBadEntryList(LPENTRYLIST list)
{
    ULONG i;

    if (!list || argument_entries_are_bad(list))
        return TRUE;
    for (i = 0; i < list->cValues; i++)
        if (list->lpbin[i].cb == 0 || !list->lpbin[i].lpb)
            return TRUE; /* UTL-091 */
    return FALSE;
}

BOOL STDAPICALLTYPE FBadRglpNameID(LPMAPINAMEID *names, ULONG count)
{
    ULONG i;

    if (!names || argument_count_is_bad(count))
        return TRUE;
    for (i = 0; i < count; i++) {
        if (!names[i] || !names[i]->lpguid)
            return TRUE;
        if (names[i]->ulKind != MNID_ID &&
            (names[i]->ulKind != MNID_STRING || !names[i]->Kind.lpwstrName))
            return TRUE;
    }
    return FALSE;
}

BOOL STDAPICALLTYPE FBadRglpszA(LPSTR *strings, ULONG count)
{
    ULONG i;

    if (!strings || argument_count_is_bad(count))
        return TRUE;
    for (i = 0; i < count; i++)
        if (!strings[i])
            return TRUE;
    return FALSE;
}

BOOL STDAPICALLTYPE FBadRglpszW(LPWSTR *strings, ULONG count)
{
    ULONG i;

    if (!strings || argument_count_is_bad(count))
        return TRUE;
    for (i = 0; i < count; i++)
        if (!strings[i])
            return TRUE;
    return FALSE;
}

/* Not bad: ends within `most` characters. */
BOOL STDAPICALLTYPE IsBadBoundedStringPtr(const void *text, UINT most)
{
    return !text || strnlen(text, most) >= most;
}

ULONG STDAPICALLTYPE FBadSortOrderSet(LPSSortOrderSet sort)
{
    ULONG i;

    if (!sort || argument_sort_is_bad(sort) || sort->cExpanded > sort->cCategories ||
        sort->cCategories > sort->cSorts)
        return TRUE;
    for (i = 0; i < sort->cSorts; i++)
        if (FBadPropTag(sort->aSort[i].ulPropTag) || sort->aSort[i].ulOrder > TABLE_SORT_CATEG_MIN)
            return TRUE;
    return FALSE;
}

ULONG STDAPICALLTYPE FBadColumnSet(LPSPropTagArray tags)
{
    ULONG i;

    if (!tags || tags->cValues == 0 || argument_tags_are_bad(tags))
        return TRUE;
    for (i = 0; i < tags->cValues; i++)
        if (FBadPropTag(tags->aulPropTag[i]) || PROP_TYPE(tags->aulPropTag[i]) == PT_ERROR)
            return TRUE;
    return FALSE;
}
