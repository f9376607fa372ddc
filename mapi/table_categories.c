/* mapi/table_categories.c - expanding and collapsing the categories of a table
 *
 * Neither sends a notification (TBL-108). */
#include <stdlib.h>
#include <string.h>

#include "mapi/table_private.h"

/* Expands or collapses the heading with this key. *ret_index: its place; *ret_rows: how many rows
 * came or went, 0 when it was so already. */
static HRESULT set_expanded(struct table *table, ULONG key_size, LPBYTE key, bool expand,
                            size_t *ret_index, size_t *ret_rows)
{
    SBinary instance_key = {.cb = key_size, .lpb = key};
    struct row_ref heading;
    bool expanded;
    size_t before = table_count(table);
    HRESULT hr;

    *ret_rows = 0;
    if (!table->stack->definition->level_count)
        return MAPI_E_NO_SUPPORT; /* TBL-111 */
    if (!view_stack_find_heading(table->stack, &instance_key, ret_index, &heading, &expanded))
        return MAPI_E_NOT_FOUND; /* TBL-105, TBL-107 */
    if (expanded == expand)
        return S_OK;
    hr = view_toggles_flip(&table->toggles, heading.id);
    if (SUCCEEDED(hr))
        hr = view_stack_toggle(table->stack, &table->toggles, &table->marks);
    if (FAILED(hr)) {
        table->broken = true;
        return hr;
    }
    *ret_rows = expand ? table_count(table) - before : before - table_count(table);
    return S_OK;
}

static HRESULT check_key(ULONG key_size, const BYTE *key, ULONG flags)
{
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    return key_size == 0 || !key ? MAPI_E_INVALID_PARAMETER : S_OK;
}

HRESULT table_ExpandRow(struct table *table, ULONG key_size, LPBYTE key, ULONG row_count,
                        ULONG flags, LPSRowSet *ret_rows, ULONG *ret_more)
{
    size_t index, rows;
    HRESULT hr = check_key(key_size, key, flags);

    if (FAILED(hr))
        return hr;
    if (row_count && !ret_rows)
        return MAPI_E_INVALID_PARAMETER;
    if (ret_rows)
        *ret_rows = NULL;
    hr = table_begin(table);
    if (FAILED(hr))
        return hr;
    hr = set_expanded(table, key_size, key, true, &index, &rows);
    if (SUCCEEDED(hr)) /* TBL-104; reading on from there moves it behind what is read (TBL-103) */
        *marks_cursor(&table->marks) = (struct mark){.position = index + 1};
    table_unlock(table);
    if (FAILED(hr))
        return hr;
    if (ret_more)
        *ret_more = (ULONG)rows;
    if (row_count > rows)
        row_count = (ULONG)rows;
    return row_count ? table_QueryRows(table, (LONG)row_count, 0, ret_rows) : S_OK;
}

HRESULT table_CollapseRow(struct table *table, ULONG key_size, LPBYTE key, ULONG flags,
                          ULONG *ret_count)
{
    size_t index, rows;
    HRESULT hr = check_key(key_size, key, flags);

    if (SUCCEEDED(hr))
        hr = table_begin(table);
    if (FAILED(hr))
        return hr;
    hr = set_expanded(table, key_size, key, false, &index, &rows);
    table_unlock(table);
    if (SUCCEEDED(hr) && ret_count)
        *ret_count = (ULONG)rows;
    return hr;
}

/* --- The collapse state --------------------------------------------------------------------------
 *
 * Opaque to clients: a mark with the version, the number of toggled categories, their ids, the
 * instance key of the row that the bookmark is to stand on. Integers little-endian. */

static const uint8_t state_mark[4] = {'c', 'o', 'l', '1'};
#define STATE_HEAD   8
#define STATE_KEYMAX 1024

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void put_u64(uint8_t *at, uint64_t value)
{
    put_u32(at, (uint32_t)value);
    put_u32(at + 4, (uint32_t)(value >> 32));
}

static uint64_t get_number(const uint8_t *at, size_t size)
{
    uint64_t value = 0;

    while (size-- > 0)
        value = value << 8 | at[size];
    return value;
}

/* Lock held. */
static HRESULT write_state(const struct view_toggles *toggles, ULONG key_size, const BYTE *key,
                           ULONG *ret_size, LPBYTE *ret_state)
{
    size_t ids_size = toggles->count * sizeof(uint64_t);
    uint8_t *state = mapi_alloc(NULL, STATE_HEAD + ids_size + key_size);
    size_t i;

    if (!state)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(state, state_mark, sizeof(state_mark));
    put_u32(state + 4, (uint32_t)toggles->count);
    for (i = 0; i < toggles->count; i++)
        put_u64(state + STATE_HEAD + i * sizeof(uint64_t), toggles->ids[i]);
    if (key_size)
        memcpy(state + STATE_HEAD + ids_size, key, key_size);
    *ret_size = (ULONG)(STATE_HEAD + ids_size + key_size);
    *ret_state = state;
    return S_OK;
}

HRESULT table_GetCollapseState(struct table *table, ULONG flags, ULONG key_size, LPBYTE key,
                               ULONG *ret_size, LPBYTE *ret_state)
{
    HRESULT hr;

    if (!ret_size || !ret_state || (key_size && !key) || key_size > STATE_KEYMAX)
        return MAPI_E_INVALID_PARAMETER;
    *ret_size = 0;
    *ret_state = NULL;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = table_begin(table);
    if (FAILED(hr))
        return hr;
    hr = table->stack->definition->level_count
             ? write_state(&table->toggles, key_size, key, ret_size, ret_state)
             : MAPI_E_NO_SUPPORT; /* TBL-111 */
    table_unlock(table);
    return hr;
}

static HRESULT read_state(const uint8_t *state, ULONG size, struct view_toggles *toggles,
                          SBinary *ret_key)
{
    size_t count, i;
    HRESULT hr = S_OK;

    if (size < STATE_HEAD || memcmp(state, state_mark, sizeof(state_mark)) != 0)
        return MAPI_E_INVALID_PARAMETER;
    count = (size_t)get_number(state + 4, 4);
    if (count > VIEW_TOGGLES_MAX || size - STATE_HEAD < count * sizeof(uint64_t))
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = view_toggles_flip(toggles, get_number(state + STATE_HEAD + i * 8, 8));
    *ret_key = (SBinary){.cb = size - STATE_HEAD - (ULONG)(count * sizeof(uint64_t)),
                         .lpb = (BYTE *)state + STATE_HEAD + count * sizeof(uint64_t)};
    return hr;
}

/* The row of this key, or else the first. */
static size_t find_key(struct table *table, const SBinary *key)
{
    const struct view *top = table->stack->top;
    size_t i;

    for (i = 0; key->cb && i < table_count(table); i++)
        if (table_row_has_key(table, top->ops->at(top, i), key))
            return i;
    return 0;
}

/* Lock held. */
static HRESULT apply_state(struct table *table, struct view_toggles *toggles, const SBinary *key,
                           BOOKMARK *ret_bookmark)
{
    HRESULT hr;

    if (!table->stack->definition->level_count)
        return MAPI_E_NO_SUPPORT; /* TBL-111 */
    hr = view_stack_toggle(table->stack, toggles, &table->marks);
    if (FAILED(hr)) {
        table->broken = true;
        return hr;
    }
    view_toggles_clear(&table->toggles);
    table->toggles = *toggles;
    *toggles = (struct view_toggles){0};
    if (table->marks.count > TABLE_BOOKMARKS_MAX)
        return MAPI_E_UNABLE_TO_COMPLETE;
    return marks_add(&table->marks, find_key(table, key), ret_bookmark); /* TBL-110 */
}

HRESULT table_SetCollapseState(struct table *table, ULONG flags, ULONG size, LPBYTE state,
                               BOOKMARK *ret_bookmark)
{
    struct view_toggles toggles = {0};
    SBinary key;
    HRESULT hr;

    if (!state || !ret_bookmark)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    hr = read_state(state, size, &toggles, &key);
    if (SUCCEEDED(hr))
        hr = table_begin(table);
    if (SUCCEEDED(hr)) {
        hr = apply_state(table, &toggles, &key, ret_bookmark);
        table_unlock(table);
    }
    view_toggles_clear(&toggles);
    return hr;
}
