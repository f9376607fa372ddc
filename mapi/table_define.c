/* mapi/table_define.c - restriction and sort order of a table */
#include "mapi/mapitags.h"
#include "mapi/sort.h"
#include "mapi/table_private.h"

struct view_definition *table_definition(struct table *table)
{
    struct view_definition *definition;

    pthread_mutex_lock(&table->lock);
    definition = view_definition_ref(table->definition);
    table_unlock(table);
    return definition;
}

/* A definition with the present columns. */
static HRESULT define(struct table *table, const SRestriction *restriction,
                      const SSortOrderSet *sort, struct view_definition **ret_definition)
{
    HRESULT hr;

    pthread_mutex_lock(&table->lock);
    hr = view_definition_create(restriction, sort, table->columns, ret_definition);
    table_unlock(table);
    return hr;
}

HRESULT table_Restrict(struct table *table, LPSRestriction restriction, ULONG flags)
{
    struct view_definition *present, *wanted;
    HRESULT hr;

    if (flags & ~(ULONG)(TBL_ASYNC | TBL_BATCH))
        return MAPI_E_UNKNOWN_FLAGS;
    present = table_definition(table);
    hr = define(table, restriction, present->sort, &wanted);
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
    if (sort->cCategories > 0 && table->options.index_tag != PR_INSTANCE_KEY)
        return MAPI_E_TOO_COMPLEX; /* headings could not be told apart (TBL-155) */
    if (sort->cSorts == 0)
        sort = table->default_sort; /* TBL-090 */
    present = table_definition(table);
    hr = define(table, present->restriction, sort, &wanted);
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
    present = table_definition(table);
    hr = sort_copy(present->sort, ret_sort);
    view_definition_unref(present);
    return hr;
}
