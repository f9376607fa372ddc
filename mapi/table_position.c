/* mapi/table_position.c - cursor and bookmarks of a table */
#include "mapi/table_private.h"

HRESULT table_locate(struct table *table, BOOKMARK bookmark, size_t *ret_position, bool *ret_moved)
{
    const struct mark *mark;

    *ret_moved = false;
    switch (bookmark) {
    case BOOKMARK_BEGINNING:
        *ret_position = 0;
        return S_OK;
    case BOOKMARK_CURRENT:
        *ret_position = marks_cursor(&table->marks)->position;
        return S_OK;
    case BOOKMARK_END:
        *ret_position = table_count(table);
        return S_OK;
    default:
        mark = marks_find(&table->marks, bookmark);
        if (!mark)
            return MAPI_E_INVALID_BOOKMARK;
        *ret_position = mark->position;
        *ret_moved = mark->moved;
        return S_OK;
    }
}

HRESULT table_GetRowCount(struct table *table, ULONG flags, ULONG *ret_count)
{
    HRESULT hr;

    if (!ret_count)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)TBL_NOWAIT)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = table_begin(table);
    if (FAILED(hr))
        return hr;
    *ret_count = (ULONG)table_count(table);
    table_unlock(table);
    return S_OK;
}

HRESULT table_SeekRow(struct table *table, BOOKMARK origin, LONG count, LONG *ret_sought)
{
    size_t position, total;
    int64_t target;
    bool moved;
    HRESULT hr;

    /* Going to the start waits for no rows. */
    hr = table_begin_rows(table, origin == BOOKMARK_BEGINNING && count <= 0 ? 0 : SIZE_MAX);
    if (FAILED(hr))
        return hr;
    hr = table_locate(table, origin, &position, &moved);
    if (SUCCEEDED(hr)) {
        total = table_count(table);
        target = (int64_t)position + count;
        target = target < 0 ? 0 : target > (int64_t)total ? (int64_t)total : target; /* TBL-038 */
        *marks_cursor(&table->marks) = (struct mark){.position = (size_t)target};
        if (ret_sought)
            *ret_sought = (LONG)(target - (int64_t)position);
        hr = moved ? MAPI_W_POSITION_CHANGED : S_OK; /* TBL-040 */
    }
    table_unlock(table);
    return hr;
}

HRESULT table_SeekRowApprox(struct table *table, ULONG numerator, ULONG denominator)
{
    size_t total;
    HRESULT hr;

    if (denominator == 0)
        return MAPI_E_INVALID_PARAMETER; /* TBL-044 */
    hr = table_begin(table);
    if (FAILED(hr))
        return hr;
    total = table_count(table);
    *marks_cursor(&table->marks) = (struct mark){
        .position =
            numerator >= denominator ? total : (size_t)((uint64_t)total * numerator / denominator)};
    table_unlock(table);
    return S_OK;
}

HRESULT table_QueryPosition(struct table *table, ULONG *ret_row, ULONG *ret_numerator,
                            ULONG *ret_denominator)
{
    size_t position, total;
    HRESULT hr;

    if (!ret_row || !ret_numerator || !ret_denominator)
        return MAPI_E_INVALID_PARAMETER;
    hr = table_begin(table);
    if (FAILED(hr))
        return hr;
    position = marks_cursor(&table->marks)->position;
    total = table_count(table);
    table_unlock(table);
    *ret_row = (ULONG)position;
    *ret_numerator = total ? (ULONG)position : 0;
    *ret_denominator = total ? (ULONG)total : 1; /* never zero (TBL-036) */
    return S_OK;
}

HRESULT table_CreateBookmark(struct table *table, BOOKMARK *ret_bookmark)
{
    HRESULT hr;

    if (!ret_bookmark)
        return MAPI_E_INVALID_PARAMETER;
    if (table->options.no_bookmarks)
        return MAPI_E_NO_SUPPORT; /* TBL-048 */
    hr = table_begin(table);
    if (FAILED(hr))
        return hr;
    if (table->marks.count > TABLE_BOOKMARKS_MAX)
        hr = MAPI_E_UNABLE_TO_COMPLETE; /* TBL-047 */
    else
        hr = marks_add(&table->marks, marks_cursor(&table->marks)->position, ret_bookmark);
    table_unlock(table);
    return hr;
}

HRESULT table_FreeBookmark(struct table *table, BOOKMARK bookmark)
{
    bool known;

    if (bookmark <= BOOKMARK_END)
        return S_OK; /* TBL-050 */
    pthread_mutex_lock(&table->lock);
    known = marks_remove(&table->marks, bookmark);
    table_unlock(table);
    return known ? S_OK : MAPI_E_INVALID_BOOKMARK;
}
