/* mapi/propval.c - one property value: measure, copy, compare, check */
#include "mapi/propval.h"

#include <assert.h>
#include <string.h>

#include "mapi/filetime.h"
#include "mapi/propval_tree.h"
#include "mapi/propval_types.h"
#include "mapi/text.h"

/* ---- The types ---- */

#define COMPARE_NUMBERS(name, type)                                                                \
    static int name(const void *a, const void *b)                                                  \
    {                                                                                              \
        type left, right;                                                                          \
        memcpy(&left, a, sizeof(left));                                                            \
        memcpy(&right, b, sizeof(right));                                                          \
        return (left > right) - (left < right);                                                    \
    }
COMPARE_NUMBERS(compare_i2, int16_t)
COMPARE_NUMBERS(compare_long, int32_t)
COMPARE_NUMBERS(compare_i8, int64_t)
COMPARE_NUMBERS(compare_float, float)
COMPARE_NUMBERS(compare_double, double)

static int compare_boolean(const void *a, const void *b)
{
    uint16_t left, right;

    memcpy(&left, a, sizeof(left));
    memcpy(&right, b, sizeof(right));
    return (left != 0) - (right != 0); /* anything but zero is true (PRP-003) */
}

static int compare_time(const void *a, const void *b)
{
    const FILETIME *left = a, *right = b;
    uint64_t left_ticks = filetime_ticks(*left);
    uint64_t right_ticks = filetime_ticks(*right);

    return (left_ticks > right_ticks) - (left_ticks < right_ticks);
}

/* SCODEs have no order: unequal is non-zero and stable (TBL-088). */
static int compare_error(const void *a, const void *b)
{
    return compare_long(a, b);
}

static const struct propval_type types[] = {
    {PT_NULL, KIND_NONE, 0, NULL},
    {PT_I2, KIND_INLINE, 2, compare_i2},
    {PT_LONG, KIND_INLINE, 4, compare_long},
    {PT_R4, KIND_INLINE, 4, compare_float},
    {PT_DOUBLE, KIND_INLINE, 8, compare_double},
    {PT_CURRENCY, KIND_INLINE, 8, compare_i8},
    {PT_APPTIME, KIND_INLINE, 8, compare_double},
    {PT_ERROR, KIND_INLINE, 4, compare_error},
    {PT_BOOLEAN, KIND_INLINE, 2, compare_boolean},
    {PT_OBJECT, KIND_NONE, 0, NULL},
    {PT_I8, KIND_INLINE, 8, compare_i8},
    {PT_STRING8, KIND_STRING8, sizeof(char *), NULL},
    {PT_UNICODE, KIND_UNICODE, sizeof(WCHAR *), NULL},
    {PT_SYSTIME, KIND_INLINE, 8, compare_time},
    {PT_CLSID, KIND_GUID, sizeof(GUID), NULL},
    {PT_SVREID, KIND_BINARY, sizeof(SBinary), NULL},
    {PT_BINARY, KIND_BINARY, sizeof(SBinary), NULL},
};

static bool type_has_multi(ULONG type)
{
    return type != PT_NULL && type != PT_ERROR && type != PT_BOOLEAN && type != PT_OBJECT &&
           type != PT_SVREID;
}

const struct propval_type *propval_type_find(ULONG type, bool *ret_multi)
{
    bool multi = type & MV_FLAG;
    ULONG single = PROP_TYPE(type) & ~(ULONG)MV_FLAG;
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (types[i].type != single)
            continue;
        if (multi && !type_has_multi(single))
            return NULL;
        *ret_multi = multi;
        return &types[i];
    }
    return NULL;
}

bool propval_type_is_known(ULONG type)
{
    bool multi;

    return propval_type_find(type, &multi) != NULL;
}

bool propval_type_is_string(ULONG type)
{
    ULONG single = PROP_TYPE(type) & ~(ULONG)(MV_FLAG | MV_INSTANCE);

    return single == PT_STRING8 || single == PT_UNICODE;
}

bool propval_type_has_stream(ULONG type)
{
    return type == PT_BINARY || type == PT_STRING8 || type == PT_UNICODE;
}

void propval_set_error(SPropValue *value, ULONG tag, HRESULT hr)
{
    memset(value, 0, sizeof(*value));
    value->ulPropTag = CHANGE_PROP_TYPE(tag, PT_ERROR);
    value->Value.err = hr;
}

/* ---- Elements: a single value and an item of a multi-value are handled alike ---- */

/* Where the value, or item `index` of a multi-value, lies. A single GUID lies behind a pointer. */
static const void *element_at(const struct propval_type *type, bool multi, const SPropValue *value,
                              size_t index)
{
    if (multi)
        return (const char *)propval_multi(value)->items + index * type->size;
    if (type->kind == KIND_GUID)
        return value->Value.lpguid;
    return &value->Value;
}

/* What an element points to: start and size. */
static const void *element_data(const struct propval_type *type, const void *element,
                                size_t *ret_size)
{
    const SBinary *bin;
    char *narrow;
    WCHAR *wide;

    switch (type->kind) {
    case KIND_STRING8:
        memcpy(&narrow, element, sizeof(narrow));
        *ret_size = narrow ? strlen(narrow) + 1 : 0;
        return narrow;
    case KIND_UNICODE:
        memcpy(&wide, element, sizeof(wide));
        *ret_size = wide ? (utf16_length(wide) + 1) * sizeof(WCHAR) : 0;
        return wide;
    case KIND_BINARY:
        bin = element;
        *ret_size = bin->lpb ? bin->cb : 0;
        return bin->lpb;
    default:
        *ret_size = 0;
        return NULL;
    }
}

size_t propval_count(const SPropValue *value)
{
    return PROP_TYPE(value->ulPropTag) & MV_FLAG ? propval_multi(value)->count : 1;
}

size_t propval_size(const SPropValue *value)
{
    bool multi;
    const struct propval_type *type = propval_type_find(prop_base_type(value->ulPropTag), &multi);
    size_t count = propval_count(value), total = 0, size, i;

    if (!type)
        return 0;
    if (type->kind == KIND_INLINE || type->kind == KIND_GUID)
        return type->size * count;
    if (type->kind == KIND_NONE)
        return 0;
    for (i = 0; i < count; i++) {
        element_data(type, element_at(type, multi, value, i), &size);
        total += size;
    }
    return total;
}

size_t propval_packed_size(const SPropValue *value)
{
    bool multi;
    const struct propval_type *type = propval_type_find(prop_base_type(value->ulPropTag), &multi);
    size_t count = propval_count(value), total = 0, size, i;

    if (propval_is_tree(value))
        return propval_tree_packed_size(value);
    if (!type || type->kind == KIND_NONE)
        return 0;
    if (multi)
        total = align8(count * type->size);
    else if (type->kind == KIND_GUID)
        return value->Value.lpguid ? align8(sizeof(GUID)) : 0;
    if (type->kind == KIND_INLINE || type->kind == KIND_GUID)
        return total;
    for (i = 0; i < count; i++) {
        element_data(type, element_at(type, multi, value, i), &size);
        total += align8(size);
    }
    return total;
}

/* Lays down `size` bytes at *cursor. The copy of nothing is nothing. */
static void *lay_down(const void *data, size_t size, uint8_t **cursor)
{
    void *place = *cursor;

    if (!data)
        return NULL;
    memcpy(place, data, size);
    *cursor += align8(size);
    return place;
}

/* Copies what `element` (already copied bit by bit) points to. */
static void pack_element(const struct propval_type *type, void *element, uint8_t **cursor)
{
    size_t size;
    const void *data = element_data(type, element, &size);
    void *copy = lay_down(data, size, cursor);

    switch (type->kind) {
    case KIND_STRING8:
    case KIND_UNICODE:
        memcpy(element, &copy, sizeof(copy));
        break;
    case KIND_BINARY:
        ((SBinary *)element)->lpb = size ? copy : NULL;
        break;
    default:
        break;
    }
}

HRESULT propval_pack(SPropValue *dest, const SPropValue *value, uint8_t **cursor)
{
    bool multi;
    const struct propval_type *type = propval_type_find(prop_base_type(value->ulPropTag), &multi);
    struct propval_multi *items;
    SPropValue made = *value;
    size_t i;

    if (propval_is_tree(value)) {
        propval_tree_pack(dest, value, cursor);
        return S_OK;
    }
    if (!type)
        return MAPI_E_NO_SUPPORT;
    made.dwAlignPad = 0;
    if (multi) {
        items = (struct propval_multi *)&made.Value;
        items->items = lay_down(items->items, items->count * type->size, cursor);
        for (i = 0; items->items && i < items->count; i++)
            pack_element(type, (char *)items->items + i * type->size, cursor);
    } else if (type->kind == KIND_GUID) {
        made.Value.lpguid = lay_down(value->Value.lpguid, sizeof(GUID), cursor);
    } else if (type->kind != KIND_NONE) {
        pack_element(type, &made.Value, cursor);
    }
    *dest = made;
    return S_OK;
}

HRESULT propval_copy(void *root, SPropValue *dest, const SPropValue *value)
{
    size_t size = propval_packed_size(value);
    uint8_t *cursor = NULL;

    if (!propval_is_copied(value))
        return MAPI_E_NO_SUPPORT;
    if (size) {
        cursor = mapi_alloc(root, size);
        if (!cursor)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return propval_pack(dest, value, &cursor);
}

HRESULT propval_dup(const SPropValue *values, size_t count, SPropValue **ret_values)
{
    size_t size, i;
    SPropValue *copies;
    uint8_t *cursor;
    HRESULT hr;

    if (count == 0) {
        *ret_values = NULL;
        return S_OK;
    }
    if (__builtin_mul_overflow(count, sizeof(*copies), &size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < count; i++)
        size += propval_packed_size(&values[i]);
    copies = mapi_alloc(NULL, size);
    if (!copies)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    cursor = (uint8_t *)(copies + count);
    for (i = 0; i < count; i++) {
        hr = propval_pack(&copies[i], &values[i], &cursor);
        if (FAILED(hr)) {
            mapi_free(copies);
            return hr;
        }
    }
    *ret_values = copies;
    return S_OK;
}

/* ---- Width ---- */

static HRESULT convert_string(void *root, bool to_wide, const void *from, void *ret_text)
{
    WCHAR *wide;
    char *narrow;
    HRESULT hr;

    if (to_wide) {
        hr = text_8bit_to_utf16(root, from, &wide);
        if (SUCCEEDED(hr))
            memcpy(ret_text, &wide, sizeof(wide));
    } else {
        hr = text_utf16_to_8bit(root, from, &narrow);
        if (SUCCEEDED(hr))
            memcpy(ret_text, &narrow, sizeof(narrow));
    }
    return hr;
}

HRESULT propval_set_width(void *root, SPropValue *value, ULONG type)
{
    ULONG present = prop_base_type(value->ulPropTag);
    bool to_wide = (type & ~(ULONG)MV_FLAG) == PT_UNICODE;
    SPropValue made = *value;
    struct propval_multi *items;
    void **texts;
    HRESULT hr = S_OK;
    size_t i;

    if (!propval_type_is_string(present) || !propval_type_is_string(type) || present == type ||
        (present & MV_FLAG) != (type & MV_FLAG))
        return S_OK;

    made.ulPropTag = CHANGE_PROP_TYPE(value->ulPropTag, type);
    if (!(present & MV_FLAG)) {
        hr = convert_string(root, to_wide, value->Value.lpszA, &made.Value);
    } else {
        items = (struct propval_multi *)&made.Value;
        texts = mapi_alloc_array(root, items->count, sizeof(*texts));
        if (!texts)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        for (i = 0; SUCCEEDED(hr) && i < items->count; i++)
            hr = convert_string(root, to_wide, ((void **)items->items)[i], &texts[i]);
        items->items = texts;
    }
    if (SUCCEEDED(hr))
        *value = made;
    return hr;
}

HRESULT propvals_widen(void *root, const SPropValue *values, size_t count, SPropValue *wide)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        ULONG type = PROP_TYPE(values[i].ulPropTag);

        if (propval_is_bad(&values[i]))
            return MAPI_E_INVALID_PARAMETER;
        wide[i] = values[i];
        if (type == PT_STRING8 || type == PT_MV_STRING8)
            hr = propval_set_width(root, &wide[i], type + PT_UNICODE - PT_STRING8);
    }
    return hr;
}

/* ---- Order ---- */

static int compare_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    size_t common = a_size < b_size ? a_size : b_size;
    int order = common ? memcmp(a, b, common) : 0;

    return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* 8-bit strings fold ASCII case only when asked to: with other alphabets convert first. */
static int compare_narrow(const char *a, const char *b, ULONG fuzzy)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    if (fuzzy & (FL_IGNORECASE | FL_LOOSE)) {
        WCHAR *wide_a = NULL, *wide_b = NULL;
        int order = 0;

        if (SUCCEEDED(text_8bit_to_utf16(NULL, a, &wide_a)) &&
            SUCCEEDED(text_8bit_to_utf16(NULL, b, &wide_b)))
            order = text_compare(wide_a, wide_b, fuzzy);
        else
            order = strcmp(a, b);
        mapi_free(wide_a);
        mapi_free(wide_b);
        return order;
    }
    return strcmp(a, b);
}

static int compare_element(const struct propval_type *type, const void *a, const void *b,
                           ULONG fuzzy)
{
    const SBinary *bin_a = a, *bin_b = b;
    char *narrow_a, *narrow_b;
    WCHAR *wide_a, *wide_b;

    switch (type->kind) {
    case KIND_INLINE:
        return type->compare(a, b);
    case KIND_STRING8:
        memcpy(&narrow_a, a, sizeof(narrow_a));
        memcpy(&narrow_b, b, sizeof(narrow_b));
        return compare_narrow(narrow_a, narrow_b, fuzzy);
    case KIND_UNICODE:
        memcpy(&wide_a, a, sizeof(wide_a));
        memcpy(&wide_b, b, sizeof(wide_b));
        if (!wide_a || !wide_b)
            return (wide_a != NULL) - (wide_b != NULL);
        return text_compare(wide_a, wide_b, fuzzy);
    case KIND_BINARY:
        return compare_bytes(bin_a->lpb, bin_a->cb, bin_b->lpb, bin_b->cb);
    case KIND_GUID:
        if (!a || !b)
            return (a != NULL) - (b != NULL);
        return memcmp(a, b, sizeof(GUID));
    default:
        return 0;
    }
}

int propval_compare(const SPropValue *a, const SPropValue *b, ULONG fuzzy)
{
    ULONG type_a = prop_base_type(a->ulPropTag), type_b = prop_base_type(b->ulPropTag);
    size_t count_a = propval_count(a), count_b = propval_count(b), i;
    const struct propval_type *type;
    bool multi;
    int order;

    if (type_a != type_b)
        return type_a < type_b ? -1 : 1;
    type = propval_type_find(type_a, &multi);
    if (!type)
        return memcmp(&a->Value, &b->Value, sizeof(a->Value));
    for (i = 0; i < count_a && i < count_b; i++) {
        order = compare_element(type, element_at(type, multi, a, i), element_at(type, multi, b, i),
                                fuzzy);
        if (order)
            return order;
    }
    return (count_a > count_b) - (count_a < count_b); /* TBL-065 */
}

bool propval_equal(const SPropValue *a, const SPropValue *b)
{
    bool multi;
    const struct propval_type *type = propval_type_find(prop_base_type(a->ulPropTag), &multi);
    size_t count, i;

    if (a->ulPropTag == b->ulPropTag && propval_is_tree(a))
        return propval_tree_equal(a, b);
    if (a->ulPropTag != b->ulPropTag || !type)
        return false;
    count = propval_count(a);
    if (count != propval_count(b))
        return false;
    if (type->kind != KIND_INLINE)
        return propval_compare(a, b, 0) == 0;
    for (i = 0; i < count; i++)
        if (memcmp(element_at(type, multi, a, i), element_at(type, multi, b, i), type->size) != 0)
            return false;
    return true;
}

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *byte = data;

    for (; size > 0; size--)
        hash = (hash ^ *byte++) * 0x100000001B3ull; /* FNV-1a */
    return hash;
}

uint64_t propval_hash(const SPropValue *value)
{
    bool multi;
    const struct propval_type *type = propval_type_find(prop_base_type(value->ulPropTag), &multi);
    uint64_t hash = hash_bytes(0xCBF29CE484222325ull, &value->ulPropTag, sizeof(ULONG));
    size_t count = propval_count(value), size, i;
    const void *element, *data;

    for (i = 0; type && type->kind != KIND_NONE && i < count; i++) {
        element = element_at(type, multi, value, i);
        data = element_data(type, element, &size);
        if (type->kind == KIND_INLINE || type->kind == KIND_GUID) {
            data = element;
            size = data ? type->size : 0;
        }
        hash = hash_bytes(hash, data, size);
    }
    return hash;
}

void propval_get_instance(const SPropValue *value, size_t index, SPropValue *ret_value)
{
    bool multi;
    const struct propval_type *type = propval_type_find(prop_base_type(value->ulPropTag), &multi);
    const void *element;

    assert(type && multi && index < propval_count(value));
    element = element_at(type, multi, value, index);
    memset(ret_value, 0, sizeof(*ret_value));
    ret_value->ulPropTag = CHANGE_PROP_TYPE(value->ulPropTag, type->type);
    if (type->kind == KIND_GUID)
        ret_value->Value.lpguid = (GUID *)element;
    else
        memcpy(&ret_value->Value, element, type->size);
}

/* ---- Checks ---- */

static bool element_is_bad(const struct propval_type *type, const void *element)
{
    const SBinary *bin;
    const void *pointer;
    uint16_t boolean;

    switch (type->kind) {
    case KIND_STRING8:
    case KIND_UNICODE:
        memcpy(&pointer, element, sizeof(pointer));
        return pointer == NULL;
    case KIND_BINARY:
        bin = element;
        return bin->cb > 0 && bin->lpb == NULL;
    case KIND_GUID:
        return element == NULL;
    case KIND_INLINE:
        if (type->type != PT_BOOLEAN)
            return false;
        memcpy(&boolean, element, sizeof(boolean));
        return boolean > 1; /* UTL-088 */
    default:
        return false;
    }
}

bool propval_is_bad(const SPropValue *value)
{
    bool multi;
    const struct propval_type *type;
    size_t count, i;

    if (!value || PROP_ID(value->ulPropTag) == PROP_ID_INVALID)
        return true;
    type = propval_type_find(prop_base_type(value->ulPropTag), &multi);
    if (!type)
        return true;
    count = propval_count(value);
    if (multi && (count == 0 || propval_multi(value)->items == NULL))
        return true;
    if (multi && count > (1u << 26))
        return true; /* cannot be meant */
    for (i = 0; i < count; i++)
        if (element_is_bad(type, element_at(type, multi, value, i)))
            return true;
    return false;
}

const SPropValue *propval_find(const SPropValue *values, size_t count, ULONG tag)
{
    size_t i;

    for (i = 0; values && i < count; i++) {
        if (values[i].ulPropTag == tag)
            return &values[i];
        if (PROP_TYPE(tag) == PT_UNSPECIFIED && PROP_ID(values[i].ulPropTag) == PROP_ID(tag))
            return &values[i];
    }
    return NULL;
}
