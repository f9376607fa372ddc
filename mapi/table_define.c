/* mapi/table_define.c - restriction and sort order of a table */
#include "mapi/sort.h"
#include "mapi/table_private.h"

/* The present definition, referenced. */
static struct view_definition *present_definition(struct table *table)
{
    struct view_definition *definition;

    pthread_mutex_lock(&table->lock);
    definition = view_definition_ref(table->definition);
    table_unlock(table);
    return definition;
}

HRESULT table_Restrict(struct table *table, LPSRestriction restriction, ULONG flags)
{
    struct view_definition *present, *wanted;
    HRESULT hr;

    if (flags & ~(ULONG)(TBL_ASYNC | TBL_BATCH))
        return MAPI_E_UNKNOWN_FLAGS;
    present = present_definition(table);
    hr = view_definition_create(restriction, present->sort, &wanted);
    view_definition_unref(present);
    return FAILED(hr) ? hr : table_redefine(table, wanted, TBLSTAT_RESTRICT_ERROR);
}

HRESULT table_SortTable(struct table *table, LPSSortOrderSet sort, ULONG flags)
{
    struct view_definition *present, *wanted;
    HRESULT hr;

    if (flags & ~(ULONG)(TBL_ASYNC | TBL_BATCH))
        return MAPI_E_UNKNOWN_FLAGS;
    hr = sort_check(sort);
    if (FAILED(hr))
        return hr;
    if (sort->cCategories > 0)
        return MAPI_E_TOO_COMPLEX; /* not yet; the former order stays (TBL-091) */
    if (sort->cSorts == 0)
        sort = table->default_sort; /* TBL-090 */
    present = present_definition(table);
    hr = view_definition_create(present->restriction, sort, &wanted);
    view_definition_unref(present);
    return FAILED(hr) ? hr : table_redefine(table, wanted, TBLSTAT_SORT_ERROR);
}

HRESULT table_QuerySortOrder(struct table *table, LPSSortOrderSet *ret_sort)
{
    struct view_definition *present;
    HRESULT hr;

    if (!ret_sort)
        return MAPI_E_INVALID_PARAMETER;
    *ret_sort = NULL;
    present = present_definition(table);
    hr = sort_copy(present->sort, ret_sort);
    view_definition_unref(present);
    return hr;
}
