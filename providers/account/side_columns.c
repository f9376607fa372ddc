/* providers/account/side_columns.c - columns of contents tables that the side store keeps */
#include "providers/account/side_columns.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/row_source.h"
#include "state/props.h"

struct side_columns {
    atomic_uint refs;
    ULONG *tags;
    size_t tag_count;
    struct state_object_props *rows; /* by number: what the folder's generation has */
    size_t row_count;
    struct state_object_props *others; /* messages with numbers of their own; a block each */
    size_t other_count;
};

struct side_columns *side_columns_ref(struct side_columns *columns)
{
    atomic_fetch_add(&columns->refs, 1);
    return columns;
}

void side_columns_unref(struct side_columns *columns)
{
    if (!columns || atomic_fetch_sub(&columns->refs, 1) > 1)
        return;
    for (size_t i = 0; i < columns->other_count; i++)
        free(columns->others[i].values);
    free(columns->others);
    free(columns->rows);
    free(columns->tags);
    free(columns);
}

/* --- Loading ---------------------------------------------------------------------------------- */

static bool has_tag(const struct side_columns *columns, ULONG tag)
{
    for (size_t i = 0; i < columns->tag_count; i++)
        if (columns->tags[i] == tag)
            return true;
    return false;
}

static void add_tags(struct side_columns *columns, const ULONG *tags, size_t count)
{
    for (size_t i = 0; i < count && columns->tag_count < SIDE_COLUMNS_MAX; i++)
        if (!has_tag(columns, tags[i]))
            columns->tags[columns->tag_count++] = tags[i];
}

/* Messages that were written anew keep their number, which is not of the folder's generation then.
 */
static WAITS HRESULT load_others(struct account *account, const struct folder_numbers *numbers,
                                 struct side_columns *columns, struct error_info *error)
{
    HRESULT hr = S_OK;

    columns->others = calloc(numbers->alias_count + 1, sizeof(*columns->others));
    if (!columns->others)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; SUCCEEDED(hr) && i < numbers->alias_count; i++) {
        struct state_object_props *other = &columns->others[columns->other_count];
        uint64_t number = numbers->aliases[i].number;

        if (!number || (number_kind(number) == NUMBER_MESSAGE &&
                        number_generation(number) == numbers->generation))
            continue;
        hr = state_props_get(account_state(account), number, columns->tags, columns->tag_count,
                             error, &other->values, &other->count);
        other->number = number;
        columns->other_count += SUCCEEDED(hr);
    }
    return hr;
}

HRESULT side_columns_load(struct account *account, const struct folder_numbers *numbers,
                          const struct side_columns *before, const ULONG *tags, size_t count,
                          struct error_info *error, struct side_columns **ret_columns)
{
    struct side_columns *columns = calloc(1, sizeof(*columns));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (!columns)
        return hr;
    atomic_init(&columns->refs, 1);
    columns->tags = calloc(SIDE_COLUMNS_MAX, sizeof(ULONG));
    if (columns->tags) {
        if (before)
            add_tags(columns, before->tags, before->tag_count);
        add_tags(columns, tags, count);
        hr = state_props_range(account_state(account), number_from_uid(numbers->generation, 1),
                               number_from_uid(numbers->generation, UINT32_MAX), columns->tags,
                               columns->tag_count, error, &columns->rows, &columns->row_count);
    }
    if (SUCCEEDED(hr))
        hr = load_others(account, numbers, columns, error);
    if (FAILED(hr)) {
        side_columns_unref(columns);
        return hr;
    }
    *ret_columns = columns;
    return S_OK;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static int compare_number(const void *key, const void *element)
{
    uint64_t number = *(const uint64_t *)key;
    const struct state_object_props *row = element;

    return (number > row->number) - (number < row->number);
}

static const struct state_object_props *find_row(const struct side_columns *columns,
                                                 uint64_t number)
{
    for (size_t i = 0; i < columns->other_count; i++)
        if (columns->others[i].number == number)
            return &columns->others[i];
    return columns->row_count ? bsearch(&number, columns->rows, columns->row_count,
                                        sizeof(*columns->rows), compare_number)
                              : NULL;
}

void side_columns_value(const struct side_columns *columns, uint64_t number, ULONG tag,
                        SPropValue *ret_value)
{
    const struct state_object_props *row;
    const SPropValue *found = NULL;

    if (!columns || !has_tag(columns, tag)) {
        propval_set_error(ret_value, tag,
                          columns && columns->tag_count == SIDE_COLUMNS_MAX ? MAPI_E_NOT_FOUND
                                                                            : ROW_NOT_PREPARED);
        return;
    }
    row = find_row(columns, number);
    if (row)
        found = propval_find(row->values, row->count, tag);
    if (found)
        *ret_value = *found;
    else if (tag == PR_MSG_STATUS) /* every message has one (STO-157) */
        *ret_value = propval_long(tag, 0);
    else
        propval_set_error(ret_value, tag, MAPI_E_NOT_FOUND);
}
