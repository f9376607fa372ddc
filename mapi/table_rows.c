/* mapi/table_rows.c - reading and finding rows */
#include <stdlib.h>
#include <string.h>

#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/table_private.h"

/* Rounds of "not in memory yet, prepare, look again"; then what is missing is not to be had. */
#define PREPARE_ROUNDS 3

/* Fetches what a page lacks, in the columns of the moment. Lock not held. */
static HRESULT prepare_page(struct table *table, const uint64_t *ids, size_t count)
{
    SPropTagArray *columns;
    ULONG *tags = NULL;
    size_t tag_count;
    HRESULT hr;

    pthread_mutex_lock(&table->lock);
    columns = mapi_memdup(NULL, table->columns, CbSPropTagArray(table->columns));
    table_unlock(table);
    if (!columns)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = table_source_tags(columns, &tags, &tag_count);
    if (SUCCEEDED(hr))
        hr = table_prepare(table, ids, count, tags, tag_count);
    free(tags);
    mapi_free(columns);
    return hr;
}

/* The rows that a count from the cursor means: forward from it, or so many before it. Lock held. */
static void plan_page(struct table *table, LONG count, size_t *ret_first, size_t *ret_count)
{
    size_t cursor = marks_cursor(&table->marks)->position, total = table_count(table);
    size_t wanted = count < 0 ? (size_t) - (int64_t)count : (size_t)count;

    if (count < 0) {
        *ret_count = wanted < cursor ? wanted : cursor;
        *ret_first = cursor - *ret_count;
    } else {
        *ret_count = wanted < total - cursor ? wanted : total - cursor;
        *ret_first = cursor;
    }
}

/* How many rows of the source's order a page needs; before the cursor they are there. */
static size_t page_end(struct table *table, LONG count)
{
    size_t cursor;

    pthread_mutex_lock(&table->lock);
    cursor = marks_cursor(&table->marks)->position;
    table_unlock(table);
    return count < 0 ? cursor : cursor + (size_t)count;
}

HRESULT table_QueryRows(struct table *table, LONG count, ULONG flags, LPSRowSet *ret_rows)
{
    size_t first, page, missing_count = 0;
    uint64_t *missing = NULL;
    HRESULT hr;
    int round;

    if (!ret_rows)
        return MAPI_E_INVALID_PARAMETER;
    *ret_rows = NULL;
    if (flags & ~(ULONG)TBL_NOADVANCE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (count == 0)
        return MAPI_E_INVALID_PARAMETER; /* TBL-022 */

    for (round = 0;; round++) {
        hr = table_begin_rows(table, page_end(table, count));
        if (FAILED(hr))
            return hr;
        plan_page(table, count, &first, &page);
        hr = table_read_rows(table, first, page, round == PREPARE_ROUNDS, ret_rows, &missing,
                             &missing_count);
        if (hr != ROW_NOT_PREPARED)
            break;
        table_unlock(table);
        hr = prepare_page(table, missing, missing_count);
        free(missing);
        if (FAILED(hr))
            return hr;
    }
    /* A negative count has stepped back before it reads on (TBL-021, TBL-023). */
    if (SUCCEEDED(hr))
        *marks_cursor(&table->marks) =
            (struct mark){.position = flags & TBL_NOADVANCE ? first : first + page};
    table_unlock(table);
    return hr;
}

/* ---- FindRow ---- */

struct finder {
    struct table *table;
    struct row_ref ref;
    struct arena scratch;
};

static HRESULT finder_value(void *context, ULONG tag, SPropValue *ret_value)
{
    struct finder *finder = context;
    const struct view_stack *stack = finder->table->stack;

    return view_stack_row(stack, stack->snapshot, finder->ref, &tag, 1, &finder->scratch,
                          ret_value);
}

/* Looks through the view from `start`; lock held. */
static HRESULT find_from(struct table *table, const SRestriction *restriction, size_t start,
                         bool backward, size_t *ret_index)
{
    struct finder finder = {.table = table};
    const struct restriction_row row = {.value = finder_value, .context = &finder};
    struct view *top = table->stack->top;
    size_t total = table_count(table), index = start;
    bool matches = false;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && !matches) {
        if (backward ? index == 0 : index >= total)
            break;
        if (backward)
            index--; /* the row before the bookmark first (TBL-055) */
        arena_reset(&finder.scratch);
        finder.ref = top->ops->at(top, index);
        hr = restriction_match(restriction, &row, &matches);
        if (SUCCEEDED(hr) && matches)
            *ret_index = index;
        if (!backward)
            index++;
    }
    arena_clear(&finder.scratch);
    if (SUCCEEDED(hr) && !matches)
        hr = MAPI_E_NOT_FOUND; /* TBL-056 */
    return hr;
}

static HRESULT prepare_search(struct table *table, const SRestriction *restriction)
{
    ULONG *tags;
    size_t count;
    HRESULT hr;

    hr = restriction_tags(restriction, &tags, &count);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count; i++)
        tags[i] = view_source_tag(tags[i]);
    hr = table_prepare(table, NULL, 0, tags, count);
    free(tags);
    return hr;
}

static HRESULT find_compiled(struct table *table, const SRestriction *restriction, BOOKMARK origin,
                             bool backward)
{
    size_t start, index = 0;
    bool moved = false;
    HRESULT hr;
    int round;

    for (round = 0;; round++) {
        hr = table_begin(table);
        if (FAILED(hr))
            return hr;
        hr = table_locate(table, origin, &start, &moved);
        if (SUCCEEDED(hr))
            hr = find_from(table, restriction, start, backward, &index);
        if (hr != ROW_NOT_PREPARED)
            break;
        table_unlock(table);
        if (round == PREPARE_ROUNDS)
            return MAPI_E_BUSY;
        hr = prepare_search(table, restriction);
        if (FAILED(hr))
            return hr;
    }
    if (SUCCEEDED(hr)) {
        *marks_cursor(&table->marks) = (struct mark){.position = index};
        if (moved)
            hr = MAPI_W_POSITION_CHANGED; /* TBL-057 */
    }
    table_unlock(table);
    return hr;
}

HRESULT table_FindRow(struct table *table, LPSRestriction restriction, BOOKMARK origin, ULONG flags)
{
    SRestriction *compiled;
    HRESULT hr;

    if (!restriction)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)DIR_BACKWARD)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = restriction_compile(restriction, &compiled);
    if (FAILED(hr))
        return hr;
    hr = find_compiled(table, compiled, origin, flags & DIR_BACKWARD);
    mapi_free(compiled);
    return hr;
}
