/* mapi/propbag.c - the properties of an object
 *
 * A sorted array of items: objects have tens of properties, and lists, comparisons and snapshots
 * walk them in order. */
#include "mapi/propbag.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void propbag_init(struct propbag *bag, const struct prop_getter *getters, size_t getter_count,
                  void *context)
{
    memset(bag, 0, sizeof(*bag));
    bag->getters = getters;
    bag->getter_count = getter_count;
    bag->context = context;
}

void propbag_clear(struct propbag *bag)
{
    size_t i;

    for (i = 0; i < bag->count; i++)
        mapi_free(bag->items[i].value);
    free(bag->items);
    memset(bag, 0, sizeof(*bag));
}

/* Where the item with this id is, or would have to be. */
static size_t find_place(const struct propbag *bag, ULONG tag)
{
    size_t low = 0, high = bag->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (PROP_ID(bag->items[middle].value->ulPropTag) < PROP_ID(tag))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct propbag_item *find_item(const struct propbag *bag, ULONG tag)
{
    size_t place = find_place(bag, tag);

    if (place < bag->count && PROP_ID(bag->items[place].value->ulPropTag) == PROP_ID(tag))
        return &bag->items[place];
    return NULL;
}

static const struct prop_getter *find_getter(const struct propbag *bag, ULONG tag)
{
    size_t i;

    for (i = 0; i < bag->getter_count; i++)
        if (PROP_ID(bag->getters[i].tag) == PROP_ID(tag))
            return &bag->getters[i];
    return NULL;
}

/* The form in which values are kept: strings in UTF-16, booleans 0 or 1 (PRP-003). */
static HRESULT make_kept(const SPropValue *value, SPropValue **ret_kept)
{
    ULONG type = prop_base_type(value->ulPropTag);
    SPropValue checked = *value, *kept;
    HRESULT hr;

    if (type == PT_BOOLEAN)
        checked.Value.b = checked.Value.b != 0;
    if (propval_is_bad(&checked))
        return MAPI_E_INVALID_PARAMETER;
    hr = propval_dup(&checked, 1, &kept);
    if (FAILED(hr))
        return hr;
    if (propval_type_is_string(type))
        hr = propval_set_width(kept, kept, PT_UNICODE | (type & MV_FLAG));
    if (FAILED(hr)) {
        mapi_free(kept);
        return hr;
    }
    *ret_kept = kept;
    return S_OK;
}

static HRESULT insert_item(struct propbag *bag, SPropValue *kept, unsigned attributes)
{
    size_t place = find_place(bag, kept->ulPropTag);
    struct propbag_item *items;
    size_t capacity;

    if (bag->count == bag->capacity) {
        capacity = bag->capacity ? bag->capacity * 2 : 16;
        items = realloc(bag->items, capacity * sizeof(*items));
        if (!items)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        bag->items = items;
        bag->capacity = capacity;
    }
    memmove(&bag->items[place + 1], &bag->items[place],
            (bag->count - place) * sizeof(bag->items[0]));
    bag->items[place] = (struct propbag_item){.value = kept, .attributes = attributes};
    bag->count++;
    return S_OK;
}

static void drop_item(struct propbag *bag, struct propbag_item *item)
{
    size_t place = (size_t)(item - bag->items);

    mapi_free(item->value);
    bag->count--;
    memmove(item, item + 1, (bag->count - place) * sizeof(*item));
}

HRESULT propbag_set(struct propbag *bag, const SPropValue *value)
{
    struct propbag_item *item = find_item(bag, value->ulPropTag);
    SPropValue *kept;
    HRESULT hr;

    if (find_getter(bag, value->ulPropTag) || (item && (item->attributes & PROP_READONLY)))
        return MAPI_E_COMPUTED;
    if (item && (item->attributes & PROP_OBJECT) && !(item->attributes & PROP_DELETED))
        return MAPI_E_NO_ACCESS;
    hr = make_kept(value, &kept);
    if (FAILED(hr))
        return hr;

    if (!item) {
        hr = insert_item(bag, kept, PROP_DIRTY);
        if (FAILED(hr))
            mapi_free(kept);
        return hr;
    }
    if (!(item->attributes & PROP_DELETED) && propval_equal(item->value, kept)) {
        mapi_free(kept);
        return S_OK;
    }
    mapi_free(item->value);
    item->value = kept;
    item->attributes &= ~(unsigned)(PROP_DELETED | PROP_OBJECT);
    item->attributes |= PROP_DIRTY;
    return S_OK;
}

HRESULT propbag_load(struct propbag *bag, const SPropValue *value, unsigned attributes)
{
    struct propbag_item *item = find_item(bag, value->ulPropTag);
    SPropValue *kept;
    HRESULT hr;

    attributes &= PROP_READONLY | PROP_HIDDEN | PROP_OBJECT;
    hr = make_kept(value, &kept);
    if (FAILED(hr))
        return hr;
    if (!item) {
        hr = insert_item(bag, kept, attributes);
        if (FAILED(hr))
            mapi_free(kept);
        return hr;
    }
    mapi_free(item->value);
    item->value = kept;
    item->attributes = attributes;
    return S_OK;
}

HRESULT propbag_delete(struct propbag *bag, ULONG tag)
{
    struct propbag_item *item = find_item(bag, tag);

    if (item && (item->attributes & PROP_READONLY))
        return MAPI_E_COMPUTED;
    if (!item || (item->attributes & PROP_DELETED))
        return find_getter(bag, tag) ? MAPI_E_COMPUTED : MAPI_E_NOT_FOUND;
    item->attributes |= PROP_DELETED | PROP_DIRTY;
    return S_OK;
}

void propbag_forget(struct propbag *bag, ULONG tag)
{
    struct propbag_item *item = find_item(bag, tag);

    if (item)
        drop_item(bag, item);
}

const SPropValue *propbag_find(const struct propbag *bag, ULONG tag)
{
    const struct propbag_item *item = find_item(bag, tag);

    return item && !(item->attributes & (PROP_DELETED | PROP_OBJECT)) ? item->value : NULL;
}

HRESULT propbag_mark(struct propbag *bag, ULONG tag, unsigned set, unsigned clear)
{
    struct propbag_item *item = find_item(bag, tag);

    if (!item)
        return MAPI_E_NOT_FOUND;
    item->attributes = (item->attributes & ~clear) | set;
    return S_OK;
}

bool propbag_is_dirty(const struct propbag *bag)
{
    return propbag_dirty(bag, 0) != NULL;
}

void propbag_clean(struct propbag *bag)
{
    size_t i = 0;

    while (i < bag->count) {
        if (bag->items[i].attributes & PROP_DELETED) {
            drop_item(bag, &bag->items[i]);
            continue;
        }
        bag->items[i].attributes &= ~(unsigned)PROP_DIRTY;
        i++;
    }
}

const struct propbag_item *propbag_dirty(const struct propbag *bag, size_t index)
{
    size_t i;

    for (i = 0; i < bag->count; i++)
        if ((bag->items[i].attributes & PROP_DIRTY) && index-- == 0)
            return &bag->items[i];
    return NULL;
}

HRESULT propbag_snapshot(const struct propbag *bag, struct propbag *ret_snapshot)
{
    struct propbag copy = {0};
    SPropValue *kept;
    HRESULT hr;
    size_t i;

    for (i = 0; i < bag->count; i++) {
        hr = propval_dup(bag->items[i].value, 1, &kept);
        if (SUCCEEDED(hr)) {
            hr = insert_item(&copy, kept, bag->items[i].attributes);
            if (FAILED(hr))
                mapi_free(kept);
        }
        if (FAILED(hr)) {
            propbag_clear(&copy);
            return hr;
        }
    }
    *ret_snapshot = copy;
    return S_OK;
}

void propbag_commit(struct propbag *bag, const struct propbag *snapshot)
{
    struct propbag_item *item;
    const struct propbag_item *taken;
    size_t i;

    for (i = 0; i < snapshot->count; i++) {
        taken = &snapshot->items[i];
        if (!(taken->attributes & PROP_DIRTY))
            continue;
        item = find_item(bag, taken->value->ulPropTag);
        if (!item || (item->attributes & PROP_DELETED) != (taken->attributes & PROP_DELETED))
            continue; /* changed since */
        if (item->attributes & PROP_DELETED)
            drop_item(bag, item);
        else if (propval_equal(item->value, taken->value))
            item->attributes &= ~(unsigned)PROP_DIRTY;
    }
}

/* ---- Reading ---- */

/* The type a caller sees when they do not name one. */
static ULONG natural_tag(ULONG tag, ULONG flags)
{
    ULONG type = PROP_TYPE(tag);

    if (!propval_type_is_string(type))
        return tag;
    return CHANGE_PROP_TYPE(tag,
                            (flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8) | (type & MV_FLAG));
}

/* Brings a string to the width of `type` with memory from the arena. */
static HRESULT set_width_in_arena(struct arena *scratch, SPropValue *value, ULONG type)
{
    SPropValue *root = mapi_alloc(NULL, sizeof(*root));
    SPropValue converted = *value;
    uint8_t *cursor;
    HRESULT hr;

    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = propval_set_width(root, &converted, type);
    if (SUCCEEDED(hr)) {
        cursor = arena_alloc(scratch, propval_packed_size(&converted));
        hr = cursor ? propval_pack(value, &converted, &cursor) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    mapi_free(root);
    return hr;
}

/* The value as kept or computed, in its own type. */
static HRESULT get_own(const struct propbag *bag, ULONG tag, struct arena *scratch,
                       SPropValue *ret_value)
{
    const struct propbag_item *item = find_item(bag, tag);
    const struct prop_getter *getter;
    SPropValue value = {0};
    HRESULT hr;

    if (item && (item->attributes & PROP_OBJECT) && !(item->attributes & PROP_DELETED))
        return MAPI_E_NOT_ENOUGH_MEMORY; /* listed, to be opened */
    if (item && !(item->attributes & PROP_DELETED)) {
        *ret_value = *item->value;
        return S_OK;
    }
    getter = find_getter(bag, tag);
    if (!getter)
        return MAPI_E_NOT_FOUND;
    if (!getter->get)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    value.ulPropTag = getter->tag;
    hr = getter->get(bag->context, scratch, &value);
    if (SUCCEEDED(hr))
        *ret_value = value;
    return hr;
}

HRESULT propbag_get(const struct propbag *bag, ULONG tag, ULONG flags, struct arena *scratch,
                    SPropValue *ret_value)
{
    SPropValue value;
    ULONG wanted;
    HRESULT hr;

    hr = get_own(bag, tag, scratch, &value);
    if (FAILED(hr))
        return hr;
    wanted = PROP_TYPE(tag) == PT_UNSPECIFIED ? natural_tag(value.ulPropTag, flags) : tag;
    if (PROP_TYPE(wanted) != PROP_TYPE(value.ulPropTag)) {
        if (!propval_type_is_string(PROP_TYPE(wanted)) ||
            !propval_type_is_string(PROP_TYPE(value.ulPropTag)) ||
            (PROP_TYPE(wanted) & MV_FLAG) != (PROP_TYPE(value.ulPropTag) & MV_FLAG))
            return MAPI_E_NOT_FOUND;
        hr = set_width_in_arena(scratch, &value, PROP_TYPE(wanted));
        if (FAILED(hr))
            return hr;
    }
    *ret_value = value;
    return S_OK;
}

static bool item_is_listed(const struct propbag_item *item)
{
    return !(item->attributes & (PROP_DELETED | PROP_HIDDEN));
}

/* Is the computed property to be listed: not shadowed by an item, and has it a value now? */
static bool getter_is_listed(const struct propbag *bag, const struct prop_getter *getter,
                             struct arena *scratch)
{
    const struct propbag_item *item = find_item(bag, getter->tag);
    SPropValue value;

    if ((item && !(item->attributes & PROP_DELETED)) || (getter->flags & PROP_HIDDEN))
        return false;
    return !getter->get || SUCCEEDED(get_own(bag, getter->tag, scratch, &value));
}

HRESULT propbag_list(const struct propbag *bag, ULONG flags, SPropTagArray **ret_tags)
{
    size_t most = bag->count + bag->getter_count, i;
    struct arena scratch = {0};
    SPropTagArray *tags;

    tags = mapi_alloc(NULL, CbNewSPropTagArray(most ? most : 1));
    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < bag->count; i++)
        if (item_is_listed(&bag->items[i]))
            tags->aulPropTag[tags->cValues++] = natural_tag(bag->items[i].value->ulPropTag, flags);
    for (i = 0; i < bag->getter_count; i++)
        if (getter_is_listed(bag, &bag->getters[i], &scratch))
            tags->aulPropTag[tags->cValues++] = natural_tag(bag->getters[i].tag, flags);
    arena_clear(&scratch);
    *ret_tags = tags;
    return S_OK;
}

/* Only what a stream gives may be withheld (PRP-008): a long multi-value has no other way out. */
static bool is_too_large(const SPropValue *value, size_t limit)
{
    return limit && propval_type_has_stream(PROP_TYPE(value->ulPropTag)) &&
           propval_size(value) > limit;
}

static HRESULT get_listed(const struct propbag *bag, const SPropTagArray *tags, ULONG flags,
                          size_t limit, ULONG *ret_count, SPropValue **ret_values)
{
    struct arena scratch = {0};
    HRESULT hr, result = S_OK;
    SPropValue *borrowed;
    ULONG i;

    borrowed = arena_alloc(&scratch, tags->cValues * sizeof(*borrowed));
    if (!borrowed)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < tags->cValues; i++) {
        ULONG tag = tags->aulPropTag[i];

        if (PROP_ID(tag) == PROP_ID_NULL) { /* an empty slot */
            borrowed[i] = (SPropValue){.ulPropTag = PR_NULL};
            continue;
        }
        hr = propbag_get(bag, tag, flags, &scratch, &borrowed[i]);
        if (SUCCEEDED(hr) && is_too_large(&borrowed[i], limit))
            hr = MAPI_E_NOT_ENOUGH_MEMORY; /* STO-244 */
        if (FAILED(hr)) {
            propval_set_error(&borrowed[i], tag, hr);
            result = MAPI_W_ERRORS_RETURNED;
        }
    }
    hr = propval_dup(borrowed, tags->cValues, ret_values);
    if (SUCCEEDED(hr))
        *ret_count = tags->cValues;
    arena_clear(&scratch);
    return FAILED(hr) ? hr : result;
}

HRESULT propbag_get_props(const struct propbag *bag, const SPropTagArray *tags, ULONG flags,
                          size_t limit, ULONG *ret_count, SPropValue **ret_values)
{
    SPropTagArray *all = NULL;
    HRESULT hr;

    if (!tags) {
        hr = propbag_list(bag, flags, &all);
        if (FAILED(hr))
            return hr;
        tags = all;
    }
    if (tags->cValues == 0) {
        *ret_count = 0;
        *ret_values = NULL;
        hr = S_OK;
    } else {
        hr = get_listed(bag, tags, flags, limit, ret_count, ret_values);
    }
    mapi_free(all);
    return hr;
}
