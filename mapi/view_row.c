/* mapi/view_row.c - the values of a view's rows
 *
 * A row of the source has the source's; an instance has one value of each multi-valued column that
 * makes instances, and a PR_INSTANCE_KEY of its own (TBL-007). */
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/view.h"

#define INSTANCES_MAX 65536 /* of one row */

/* ---- Instances ---- */

/* How many values the property has for instances: none counts as one. */
static size_t value_count(const SPropValue *value)
{
    size_t count = PROP_TYPE(value->ulPropTag) & MV_FLAG ? propval_count(value) : 1;

    return count ? count : 1;
}

HRESULT view_instances_count(const struct view_definition *definition,
                             const struct row_snapshot *snapshot, size_t position,
                             struct arena *arena, size_t *ret_count)
{
    SPropValue values[INSTANCE_COLUMNS_MAX];
    size_t i;
    HRESULT hr = snapshot->ops->row(snapshot, position, definition->instances,
                                    definition->instance_count, arena, values);

    *ret_count = 1;
    for (i = 0; SUCCEEDED(hr) && i < definition->instance_count; i++) {
        if (PROP_TYPE(values[i].ulPropTag) == PT_ERROR && values[i].Value.err == ROW_NOT_PREPARED)
            return ROW_NOT_PREPARED;
        *ret_count *= value_count(&values[i]);
        if (*ret_count > INSTANCES_MAX)
            return MAPI_E_TOO_COMPLEX;
    }
    return hr;
}

/* Which of `tag`'s values the instance has: instances count through the last column first. */
static HRESULT instance_index(const struct view_definition *definition,
                              const struct row_snapshot *snapshot, size_t position,
                              uint64_t instance, ULONG tag, struct arena *arena, size_t *ret_index)
{
    SPropValue values[INSTANCE_COLUMNS_MAX];
    size_t rest = (size_t)instance - 1, i;
    HRESULT hr = snapshot->ops->row(snapshot, position, definition->instances,
                                    definition->instance_count, arena, values);

    for (i = definition->instance_count; SUCCEEDED(hr) && i-- > 0;) {
        *ret_index = rest % value_count(&values[i]);
        if (definition->instances[i] == tag)
            return S_OK;
        rest /= value_count(&values[i]);
    }
    return FAILED(hr) ? hr : MAPI_E_NOT_FOUND;
}

/* The source's multi-value becomes the instance's single value. */
static HRESULT take_instance(const struct view_definition *definition,
                             const struct row_snapshot *snapshot, size_t position,
                             uint64_t instance, struct arena *arena, SPropValue *value)
{
    SPropValue whole = *value;
    size_t index;
    HRESULT hr;

    if (PROP_TYPE(whole.ulPropTag) == PT_ERROR || !(PROP_TYPE(whole.ulPropTag) & MV_FLAG))
        return S_OK;
    hr = instance_index(definition, snapshot, position, instance, whole.ulPropTag, arena, &index);
    if (hr == MAPI_E_NOT_FOUND) /* not one that makes instances: it stays whole */
        return S_OK;
    if (FAILED(hr))
        return hr;
    if (index < propval_count(&whole))
        propval_get_instance(&whole, index, value);
    else
        propval_set_error(value, whole.ulPropTag, MAPI_E_NOT_FOUND);
    return S_OK;
}

static HRESULT extend_key(uint64_t instance, struct arena *arena, SPropValue *value)
{
    uint32_t number = (uint32_t)instance;
    size_t size = value->Value.bin.cb;
    uint8_t *key;

    if (PROP_TYPE(value->ulPropTag) != PT_BINARY)
        return S_OK;
    key = arena_alloc(arena, size + sizeof(number));
    if (!key)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(key, value->Value.bin.lpb, size);
    memcpy(key + size, &number, sizeof(number));
    *value = propval_binary(value->ulPropTag, key, size + sizeof(number));
    return S_OK;
}

/* ---- Rows ---- */

/* What every row of a table has, if the source does not say (TBL-101, TBL-102). */
static void fill_in(const struct view_definition *definition, ULONG tag, SPropValue *value)
{
    if (PROP_TYPE(value->ulPropTag) != PT_ERROR && definition->level_count == 0)
        return;
    if (tag == PR_ROW_TYPE)
        *value = propval_long(tag, TBL_LEAF_ROW);
    else if (tag == PR_DEPTH)
        *value = propval_long(tag, (LONG)definition->level_count);
}

HRESULT view_row(const struct view_definition *definition, const struct row_snapshot *snapshot,
                 struct row_ref ref, const ULONG *tags, size_t count, struct arena *arena,
                 SPropValue *values)
{
    ULONG *asked = arena_alloc(arena, (count + 1) * sizeof(*asked));
    size_t position, i;
    HRESULT hr;

    if (!asked)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!snapshot->ops->find(snapshot, ref.id, &position))
        return MAPI_E_CALL_FAILED;
    for (i = 0; i < count; i++)
        asked[i] = tags[i] & ~(ULONG)MV_INSTANCE;
    hr = snapshot->ops->row(snapshot, position, asked, count, arena, values);
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        if (ref.instance && (tags[i] & MV_INSTANCE))
            hr = take_instance(definition, snapshot, position, ref.instance, arena, &values[i]);
        else if (ref.instance && tags[i] == PR_INSTANCE_KEY)
            hr = extend_key(ref.instance, arena, &values[i]);
        else if (tags[i] == PR_ROW_TYPE || tags[i] == PR_DEPTH)
            fill_in(definition, tags[i], &values[i]);
    }
    return hr;
}

HRESULT view_stack_row(const struct view_stack *stack, const struct row_snapshot *snapshot,
                       struct row_ref ref, const ULONG *tags, size_t count, struct arena *arena,
                       SPropValue *values)
{
    if (ref.instance & ROW_HEADING)
        return view_categories_row(stack->top, ref, tags, count, arena, values);
    return view_row(stack->definition, snapshot, ref, tags, count, arena, values);
}

/* ---- Order ---- */

HRESULT view_row_keys(const struct view_definition *definition, const struct row_snapshot *snapshot,
                      struct row_ref ref, struct arena *arena, SPropValue *keys)
{
    const SSortOrderSet *order = definition->order;
    ULONG tags[SORT_KEYS_MAX], i;
    HRESULT hr;

    for (i = 0; i < order->cSorts; i++)
        tags[i] = view_tag(order->aSort[i].ulPropTag);
    hr = view_row(definition, snapshot, ref, tags, order->cSorts, arena, keys);
    for (i = 0; SUCCEEDED(hr) && i < order->cSorts; i++) {
        if (PROP_TYPE(keys[i].ulPropTag) != PT_ERROR)
            hr = sort_key(&keys[i], arena, &keys[i]);
        else if (keys[i].Value.err == ROW_NOT_PREPARED)
            hr = ROW_NOT_PREPARED;
    }
    return hr;
}

int view_row_order(const struct row_snapshot *snapshot, struct row_ref a, struct row_ref b)
{
    size_t at_a = 0, at_b = 0;

    if (a.id == b.id)
        return (a.instance > b.instance) - (a.instance < b.instance);
    snapshot->ops->find(snapshot, a.id, &at_a);
    snapshot->ops->find(snapshot, b.id, &at_b);
    return (at_a > at_b) - (at_a < at_b);
}
