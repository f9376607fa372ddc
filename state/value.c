/* state/value.c - a property value as bytes
 *
 * One table tells for each type how wide an element is and whether it is counted; single and
 * multi-values share all code. */
#include "state/value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "state/props.h"

#define VALUE_VERSION 1

enum shape {
    SHAPE_NONE,
    SHAPE_FIXED,  /* `width` bytes in the union or the array */
    SHAPE_GUID,   /* 16 bytes: behind a pointer when single */
    SHAPE_TEXT8,  /* pointers to zero-terminated bytes */
    SHAPE_TEXT16, /* pointers to zero-terminated 16-bit units */
    SHAPE_BINARY, /* SBinary */
};

struct type_info {
    enum shape shape;
    size_t width;
};

static struct type_info type_info(ULONG type)
{
    switch (type & ~MV_FLAG) {
    case PT_I2:
        return (struct type_info){SHAPE_FIXED, 2};
    case PT_BOOLEAN:
        if (type & MV_FLAG)
            break;
        return (struct type_info){SHAPE_FIXED, 2};
    case PT_LONG:
    case PT_R4:
        return (struct type_info){SHAPE_FIXED, 4};
    case PT_DOUBLE:
    case PT_CURRENCY:
    case PT_APPTIME:
    case PT_I8:
    case PT_SYSTIME:
        return (struct type_info){SHAPE_FIXED, 8};
    case PT_CLSID:
        return (struct type_info){SHAPE_GUID, 16};
    case PT_STRING8:
        return (struct type_info){SHAPE_TEXT8, sizeof(char *)};
    case PT_UNICODE:
        return (struct type_info){SHAPE_TEXT16, sizeof(char *)};
    case PT_SVREID:
        if (type & MV_FLAG)
            break;
        return (struct type_info){SHAPE_BINARY, sizeof(SBinary)};
    case PT_BINARY:
        return (struct type_info){SHAPE_BINARY, sizeof(SBinary)};
    default:
        break;
    }
    return (struct type_info){SHAPE_NONE, 0};
}

bool value_type_is_stored(ULONG tag)
{
    return type_info(PROP_TYPE(tag)).shape != SHAPE_NONE;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static size_t text16_units(const WCHAR *text)
{
    size_t units = 0;

    while (text[units])
        units++;
    return units;
}

/* The bytes of one element as they are stored, without the length. */
static HRESULT element_bytes(struct type_info info, const void *element, const void **ret_bytes,
                             size_t *ret_size)
{
    const void *pointer;
    const SBinary *bin = element;

    switch (info.shape) {
    case SHAPE_TEXT8:
    case SHAPE_TEXT16:
        memcpy(&pointer, element, sizeof(pointer));
        if (!pointer)
            return MAPI_E_INVALID_PARAMETER;
        *ret_bytes = pointer;
        *ret_size =
            info.shape == SHAPE_TEXT8 ? strlen(pointer) : text16_units(pointer) * sizeof(WCHAR);
        return S_OK;
    case SHAPE_BINARY:
        if (bin->cb && !bin->lpb)
            return MAPI_E_INVALID_PARAMETER;
        *ret_bytes = bin->lpb;
        *ret_size = bin->cb;
        return S_OK;
    default:
        *ret_bytes = element;
        *ret_size = info.width;
        return S_OK;
    }
}

static bool is_counted(struct type_info info)
{
    return info.shape >= SHAPE_TEXT8;
}

static void put_u32(uint8_t **at, size_t value)
{
    uint32_t le = htole32((uint32_t)value);

    memcpy(*at, &le, sizeof(le));
    *at += sizeof(le);
}

/* Where the elements stand and how many they are. */
static HRESULT find_elements(const SPropValue *value, struct type_info info,
                             const void **ret_elements, size_t *ret_count)
{
    if (PROP_TYPE(value->ulPropTag) & MV_FLAG) {
        /* Every S*Array is {ULONG, pointer}; SBinaryArray stands for all of them. */
        *ret_elements = value->Value.MVbin.lpbin;
        *ret_count = value->Value.MVbin.cValues;
        return *ret_count && !*ret_elements ? MAPI_E_INVALID_PARAMETER : S_OK;
    }
    *ret_elements = info.shape == SHAPE_GUID ? (const void *)value->Value.lpguid : &value->Value;
    *ret_count = 1;
    return *ret_elements ? S_OK : MAPI_E_INVALID_PARAMETER;
}

HRESULT value_encode(const SPropValue *value, struct value_bytes *ret_bytes)
{
    struct type_info info = type_info(PROP_TYPE(value->ulPropTag));
    bool multi = PROP_TYPE(value->ulPropTag) & MV_FLAG;
    const void *elements, *bytes;
    size_t count, size, total = 1 + (multi ? 4 : 0);
    uint8_t *all, *at;
    HRESULT hr;

    if (info.shape == SHAPE_NONE)
        return MAPI_E_INVALID_TYPE;
    hr = find_elements(value, info, &elements, &count);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = element_bytes(info, (const char *)elements + i * info.width, &bytes, &size);
        if (SUCCEEDED(hr) && (size > STATE_VALUE_MAX || total > STATE_VALUE_MAX))
            hr = MAPI_E_TOO_BIG;
        if (SUCCEEDED(hr))
            total += size + (is_counted(info) ? 4 : 0);
    }
    if (SUCCEEDED(hr) && total > STATE_VALUE_MAX)
        hr = MAPI_E_TOO_BIG;
    if (FAILED(hr))
        return hr;

    all = at = malloc(total);
    if (!all)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *at++ = VALUE_VERSION;
    if (multi)
        put_u32(&at, count);
    for (size_t i = 0; i < count; i++) {
        hr = element_bytes(info, (const char *)elements + i * info.width, &bytes, &size);
        assert(SUCCEEDED(hr));
        if (is_counted(info))
            put_u32(&at, size);
        if (size)
            memcpy(at, bytes, size);
        at += size;
    }
    ret_bytes->bytes = all;
    ret_bytes->size = total;
    return S_OK;
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *at, *end;
};

static bool take(struct reader *reader, size_t size, const uint8_t **ret_bytes)
{
    if ((size_t)(reader->end - reader->at) < size)
        return false;
    *ret_bytes = reader->at;
    reader->at += size;
    return true;
}

static bool take_u32(struct reader *reader, uint32_t *ret)
{
    const uint8_t *bytes;

    if (!take(reader, 4, &bytes))
        return false;
    memcpy(ret, bytes, 4);
    *ret = le32toh(*ret);
    return true;
}

/* A place in the block that is still to be written: inside its last row or inside its data. */
struct place {
    struct block *block;
    bool in_data;
    size_t at;
};

static void place_write(struct place place, size_t offset, const void *bytes, size_t size)
{
    char *base = place.in_data ? block_data(place.block, place.at)
                               : place.block->row_part.bytes + place.block->row_part.size -
                                     place.block->row_size + place.at;

    if (!place.block->failed)
        memcpy(base + offset, bytes, size);
}

static void place_point(struct place place, size_t offset, size_t target)
{
    if (place.in_data)
        block_point_data(place.block, place.at + offset, target);
    else
        block_point_row(place.block, place.at + offset, target);
}

/* Text gets its terminator back: two zero bytes do for both widths. */
static size_t add_counted(struct block *block, const uint8_t *bytes, size_t size)
{
    size_t target = block_add_data(block, NULL, size + 2);

    if (!block->failed && size)
        memcpy(block_data(block, target), bytes, size);
    return target;
}

static bool decode_element(struct reader *reader, struct type_info info, struct place place)
{
    const uint8_t *bytes;
    uint32_t size = (uint32_t)info.width;
    ULONG cb;

    if (is_counted(info) && !take_u32(reader, &size))
        return false;
    if (!take(reader, size, &bytes))
        return false;

    switch (info.shape) {
    case SHAPE_TEXT16:
        if (size % sizeof(WCHAR))
            return false;
        /* fall through */
    case SHAPE_TEXT8:
        place_point(place, 0, add_counted(place.block, bytes, size));
        break;
    case SHAPE_BINARY:
        cb = size;
        place_write(place, offsetof(SBinary, cb), &cb, sizeof(cb));
        place_point(place, offsetof(SBinary, lpb), add_counted(place.block, bytes, size));
        break;
    default:
        place_write(place, 0, bytes, size);
        break;
    }
    return true;
}

static bool decode_multi(struct reader *reader, struct type_info info, struct place value)
{
    struct place element = {value.block, true, 0};
    uint32_t count;
    ULONG count_out;

    /* Each element takes at least its width, or its length: a count beyond the bytes is damage, and
     * must not make us allocate. */
    if (!take_u32(reader, &count) ||
        count > (size_t)(reader->end - reader->at) / (is_counted(info) ? 4 : info.width))
        return false;

    count_out = count;
    place_write(value, offsetof(SBinaryArray, cValues), &count_out, sizeof(count_out));
    element.at = block_add_data(value.block, NULL, count * info.width);
    place_point(value, offsetof(SBinaryArray, lpbin), element.at);
    for (uint32_t i = 0; i < count; i++) {
        if (!decode_element(reader, info, element))
            return false;
        element.at += info.width;
    }
    return true;
}

HRESULT value_decode(ULONG tag, const void *bytes, size_t size, struct block *block, bool in_data,
                     size_t at)
{
    struct type_info info = type_info(PROP_TYPE(tag));
    struct reader reader = {bytes, (const uint8_t *)bytes + size};
    struct place head = {block, in_data, at};
    struct place value = {block, in_data, at + offsetof(SPropValue, Value)};
    const uint8_t *version;
    bool sound;

    if (info.shape == SHAPE_NONE || !take(&reader, 1, &version) || *version != VALUE_VERSION)
        return MAPI_E_CORRUPT_DATA;

    place_write(head, offsetof(SPropValue, ulPropTag), &tag, sizeof(tag));
    if (PROP_TYPE(tag) & MV_FLAG) {
        sound = decode_multi(&reader, info, value);
    } else if (info.shape == SHAPE_GUID) {
        struct place guid = {block, true, block_add_data(block, NULL, info.width)};

        place_point(value, 0, guid.at);
        sound = decode_element(&reader, info, guid);
    } else {
        sound = decode_element(&reader, info, value);
    }
    if (!sound || reader.at != reader.end)
        return MAPI_E_CORRUPT_DATA;
    return block->failed ? MAPI_E_NOT_ENOUGH_MEMORY : S_OK;
}
