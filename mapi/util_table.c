/* mapi/util_table.c - the exported helpers for tables and row sets
 *
 * Requirements: UTL-029 to UTL-034, TBL-134, TBL-135, MEM-014 to MEM-016. */
#include <stdlib.h>
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"

/* Rows asked for at a time. */
#define PAGE 256

void STDAPICALLTYPE FreeProws(LPSRowSet rows)
{
    ULONG i;

    for (i = 0; rows && i < rows->cRows; i++)
        MAPIFreeBuffer(rows->aRow[i].lpProps);
    MAPIFreeBuffer(rows);
}

void STDAPICALLTYPE FreePadrlist(LPADRLIST list)
{
    ULONG i;

    for (i = 0; list && i < list->cEntries; i++)
        MAPIFreeBuffer(list->aEntries[i].rgPropVals);
    MAPIFreeBuffer(list);
}

/* Appends the rows of `page`, which is emptied, to `rows`, which may move. */
static HRESULT append_rows(SRowSet **rows, SRowSet *page, ULONG *capacity)
{
    ULONG wanted = (*rows)->cRows + page->cRows;
    SRowSet *bigger;

    if (wanted > *capacity) {
        *capacity = wanted > *capacity * 2 ? wanted : *capacity * 2;
        bigger = mapi_alloc(NULL, CbNewSRowSet(*capacity));
        if (!bigger)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        memcpy(bigger, *rows, CbSRowSet(*rows));
        MAPIFreeBuffer(*rows);
        *rows = bigger;
    }
    memcpy(&(*rows)->aRow[(*rows)->cRows], page->aRow, page->cRows * sizeof(SRow));
    (*rows)->cRows = wanted;
    page->cRows = 0;
    return S_OK;
}

static HRESULT read_all(IMAPITable *table, ULONG limit, SRowSet **ret_rows)
{
    ULONG capacity = PAGE, got;
    SRowSet *rows = mapi_alloc(NULL, CbNewSRowSet(capacity)), *page;
    HRESULT hr = rows ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    do {
        page = NULL;
        got = 0;
        if (SUCCEEDED(hr))
            hr = table->lpVtbl->QueryRows(table, PAGE, 0, &page);
        if (SUCCEEDED(hr) && page) {
            got = page->cRows;
            if (limit && rows->cRows + got > limit)
                hr = MAPI_E_TABLE_TOO_BIG; /* TBL-135 */
            else
                hr = append_rows(&rows, page, &capacity);
        }
        FreeProws(page);
    } while (SUCCEEDED(hr) && got > 0);
    if (FAILED(hr)) {
        FreeProws(rows);
        return hr;
    }
    *ret_rows = rows;
    return S_OK;
}

HRESULT STDAPICALLTYPE HrQueryAllRows(LPMAPITABLE table, LPSPropTagArray tags,
                                      LPSRestriction restriction, LPSSortOrderSet sort, LONG most,
                                      LPSRowSet *ret_rows)
{
    HRESULT hr = S_OK;

    if (!table || !ret_rows || most < 0)
        return MAPI_E_INVALID_PARAMETER;
    *ret_rows = NULL;
    if (tags)
        hr = table->lpVtbl->SetColumns(table, tags, TBL_BATCH);
    if (SUCCEEDED(hr) && restriction)
        hr = table->lpVtbl->Restrict(table, restriction, TBL_BATCH);
    if (SUCCEEDED(hr) && sort)
        hr = table->lpVtbl->SortTable(table, sort, TBL_BATCH);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    if (FAILED(hr))
        return hr;
    return read_all(table, (ULONG)most, ret_rows);
}

static bool has_tag(const SPropTagArray *tags, ULONG tag)
{
    ULONG i;

    for (i = 0; i < tags->cValues; i++)
        if (tags->aulPropTag[i] == tag)
            return true;
    return false;
}

HRESULT STDAPICALLTYPE HrAddColumnsEx(LPMAPITABLE table, LPSPropTagArray wanted,
                                      LPALLOCATEBUFFER allocate, LPFREEBUFFER free_buffer,
                                      void (*filter)(LPSPropTagArray))
{
    SPropTagArray *old = NULL, *tags;
    HRESULT hr;
    ULONG i;

    if (!table || !wanted || wanted->cValues == 0 || argument_tags_are_bad(wanted))
        return MAPI_E_INVALID_PARAMETER;
    hr = table->lpVtbl->QueryColumns(table, 0, &old);
    if (FAILED(hr))
        return hr;
    if (filter)
        filter(old); /* UTL-032 */
    tags = mapi_alloc(NULL, CbNewSPropTagArray(wanted->cValues + old->cValues));
    if (!tags) {
        MAPIFreeBuffer(old);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    memcpy(tags, wanted, CbSPropTagArray(wanted));
    for (i = 0; i < old->cValues; i++)
        if (!has_tag(wanted, old->aulPropTag[i])) /* UTL-031 */
            tags->aulPropTag[tags->cValues++] = old->aulPropTag[i];
    hr = table->lpVtbl->SetColumns(table, tags, 0);
    MAPIFreeBuffer(tags);
    MAPIFreeBuffer(old);
    return hr;
}

HRESULT STDAPICALLTYPE HrAddColumns(LPMAPITABLE table, LPSPropTagArray wanted,
                                    LPALLOCATEBUFFER allocate, LPFREEBUFFER free_buffer)
{
    return HrAddColumnsEx(table, wanted, allocate, free_buffer, NULL);
}
