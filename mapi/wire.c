/* mapi/wire.c - property values as MS-OXCDATA writes them */
#include "mapi/wire.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/propval_types.h"
#include "mapi/text.h"

#define WIRE_MAX ((size_t)1 << 24)

/* ---- Writing ---- */

void wire_writer_clear(struct wire_writer *writer)
{
    free(writer->bytes);
    free(writer->named);
    memset(writer, 0, sizeof(*writer));
}

void wire_put_bytes(struct wire_writer *writer, const void *data, size_t size)
{
    size_t capacity = writer->capacity ? writer->capacity : 256;
    uint8_t *bytes;

    if (FAILED(writer->hr))
        return;
    if (size > WIRE_MAX - writer->size) {
        writer->hr = MAPI_E_TOO_BIG;
        return;
    }
    while (capacity < writer->size + size)
        capacity *= 2;
    if (capacity > writer->capacity) {
        bytes = realloc(writer->bytes, capacity);
        if (!bytes) {
            writer->hr = MAPI_E_NOT_ENOUGH_MEMORY;
            return;
        }
        writer->bytes = bytes;
        writer->capacity = capacity;
    }
    if (size)
        memcpy(writer->bytes + writer->size, data, size);
    writer->size += size;
}

void wire_put(struct wire_writer *writer, uint64_t number, size_t size)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    wire_put_bytes(writer, bytes, size);
}

void wire_put_counted(struct wire_writer *writer, const void *data, size_t size)
{
    wire_put(writer, size, 4);
    wire_put_bytes(writer, data, size);
}

void wire_put_tag(struct wire_writer *writer, ULONG tag)
{
    USHORT id = (USHORT)PROP_ID(tag);
    size_t i;

    wire_put(writer, tag, 4);
    if (id < 0x8000 || id == PROP_ID_INVALID || FAILED(writer->hr))
        return;
    for (i = 0; i < writer->named_count; i++)
        if (writer->named[i] == id)
            return;
    if (writer->named_count == WIRE_NAMES_MAX)
        writer->hr = MAPI_E_TOO_BIG;
    else if (!array_append(&writer->named, &writer->named_count, &id))
        writer->hr = MAPI_E_NOT_ENOUGH_MEMORY;
}

void wire_put_guid(struct wire_writer *writer, const GUID *guid)
{
    wire_put(writer, guid->Data1, 4);
    wire_put(writer, guid->Data2, 2);
    wire_put(writer, guid->Data3, 2);
    wire_put_bytes(writer, guid->Data4, 8);
}

static void put_inline(struct wire_writer *writer, const struct propval_type *type,
                       const void *element)
{
    uint64_t number = 0;
    uint32_t halves[2];

    if (type->type == PT_BOOLEAN) { /* one byte, unlike in memory */
        memcpy(&number, element, 2);
        wire_put(writer, number != 0, 1);
        return;
    }
    if (type->type == PT_SYSTIME) {
        memcpy(halves, element, sizeof(halves));
        wire_put(writer, halves[0], 4);
        wire_put(writer, halves[1], 4);
        return;
    }
    if (type->size == 2) {
        uint16_t two;

        memcpy(&two, element, sizeof(two));
        number = two;
    } else if (type->size == 4) {
        uint32_t four;

        memcpy(&four, element, sizeof(four));
        number = four;
    } else {
        memcpy(&number, element, sizeof(number));
    }
    wire_put(writer, number, type->size);
}

static void put_element(struct wire_writer *writer, const struct propval_type *type,
                        const void *element)
{
    const SBinary *bin = element;
    const WCHAR *wide;
    const char *narrow;

    switch (type->kind) {
    case KIND_INLINE:
        put_inline(writer, type, element);
        break;
    case KIND_STRING8:
        memcpy(&narrow, element, sizeof(narrow));
        wire_put_bytes(writer, narrow, strlen(narrow) + 1);
        break;
    case KIND_UNICODE:
        memcpy(&wide, element, sizeof(wide));
        do
            wire_put(writer, (uint16_t)*wide, 2);
        while (*wide++);
        break;
    case KIND_BINARY:
        wire_put_counted(writer, bin->lpb, bin->cb);
        break;
    case KIND_GUID:
        wire_put_guid(writer, element);
        break;
    case KIND_NONE:
        break;
    }
}

void wire_put_value(struct wire_writer *writer, const SPropValue *value)
{
    const struct propval_multi *items;
    const struct propval_type *type;
    bool multi;

    if (FAILED(writer->hr))
        return;
    type = value ? propval_type_find(prop_base_type(value->ulPropTag), &multi) : NULL;
    if (!type || (type->type != PT_BOOLEAN && propval_is_bad(value))) {
        writer->hr = MAPI_E_INVALID_PARAMETER;
        return;
    }
    wire_put_tag(writer, value->ulPropTag);
    if (!multi) {
        put_element(writer, type,
                    type->kind == KIND_GUID ? (const void *)value->Value.lpguid
                                            : (const void *)&value->Value);
        return;
    }
    items = propval_multi(value);
    wire_put(writer, items->count, 4);
    for (ULONG i = 0; i < items->count; i++)
        put_element(writer, type, (const char *)items->items + i * type->size);
}

/* ---- Reading ---- */

void wire_fail(struct wire_reader *reader, HRESULT hr)
{
    if (SUCCEEDED(reader->hr))
        reader->hr = hr;
}

const uint8_t *wire_get_bytes(struct wire_reader *reader, size_t size)
{
    const uint8_t *bytes = reader->bytes;

    if (size > reader->left)
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    if (FAILED(reader->hr))
        return NULL;
    reader->bytes += size;
    reader->left -= size;
    return bytes;
}

uint64_t wire_get(struct wire_reader *reader, size_t size)
{
    const uint8_t *bytes = wire_get_bytes(reader, size);
    uint64_t number = 0;

    for (size_t i = 0; bytes && i < size; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

ULONG wire_get_count(struct wire_reader *reader, size_t smallest)
{
    ULONG count = (ULONG)wire_get(reader, 4);

    if (count > reader->left / smallest)
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    return FAILED(reader->hr) ? 0 : count;
}

void *wire_alloc(struct wire_reader *reader, size_t count, size_t size)
{
    void *block;

    if (FAILED(reader->hr))
        return NULL;
    block = mapi_alloc_array(reader->root, count ? count : 1, size);
    if (!block)
        wire_fail(reader, MAPI_E_NOT_ENOUGH_MEMORY);
    return block;
}

void *wire_get_counted(struct wire_reader *reader, ULONG *ret_size)
{
    ULONG size = wire_get_count(reader, 1);
    const uint8_t *bytes = wire_get_bytes(reader, size);
    void *copy = wire_alloc(reader, size, 1);

    if (!bytes || !copy)
        return NULL;
    if (size)
        memcpy(copy, bytes, size);
    *ret_size = size;
    return copy;
}

ULONG wire_get_tag(struct wire_reader *reader)
{
    ULONG tag = (ULONG)wire_get(reader, 4);
    size_t i;

    for (i = 0; i < reader->named_count; i++)
        if (reader->there[i] == PROP_ID(tag))
            return PROP_TAG(PROP_TYPE(tag), PROP_ID(reader->here->aulPropTag[i]));
    return tag;
}

void wire_get_guid(struct wire_reader *reader, GUID *ret_guid)
{
    const uint8_t *tail;

    ret_guid->Data1 = (uint32_t)wire_get(reader, 4);
    ret_guid->Data2 = (uint16_t)wire_get(reader, 2);
    ret_guid->Data3 = (uint16_t)wire_get(reader, 2);
    tail = wire_get_bytes(reader, 8);
    if (tail)
        memcpy(ret_guid->Data4, tail, 8);
}

static void get_inline(struct wire_reader *reader, const struct propval_type *type, void *element)
{
    uint64_t number = wire_get(reader, type->type == PT_BOOLEAN ? 1 : type->size);
    uint16_t two = (uint16_t)number;
    uint32_t halves[2] = {(uint32_t)number, (uint32_t)(number >> 32)};

    if (type->type == PT_BOOLEAN)
        two = number != 0;
    if (type->size == 2)
        memcpy(element, &two, sizeof(two));
    else if (type->size == 4)
        memcpy(element, &halves[0], sizeof(halves[0]));
    else if (type->type == PT_SYSTIME)
        memcpy(element, halves, sizeof(halves));
    else
        memcpy(element, &number, sizeof(number));
}

/* Text up to its zero unit, which must be there. */
static void get_text(struct wire_reader *reader, size_t unit, void *element)
{
    size_t size = 0;
    uint8_t *text;
    const uint8_t *bytes;

    if (FAILED(reader->hr))
        return;
    while (size + unit <= reader->left &&
           (reader->bytes[size] || (unit == 2 && reader->bytes[size + 1])))
        size += unit;
    bytes = wire_get_bytes(reader, size + unit);
    text = wire_alloc(reader, size + unit, 1);
    if (!bytes || !text)
        return;
    memcpy(text, bytes, size + unit);
    memcpy(element, &text, sizeof(text));
}

static void get_element(struct wire_reader *reader, const struct propval_type *type, void *element)
{
    SBinary *bin = element;

    switch (type->kind) {
    case KIND_INLINE:
        get_inline(reader, type, element);
        break;
    case KIND_STRING8:
        get_text(reader, 1, element);
        break;
    case KIND_UNICODE:
        get_text(reader, sizeof(WCHAR), element);
        break;
    case KIND_BINARY:
        bin->lpb = wire_get_counted(reader, &bin->cb);
        break;
    case KIND_GUID:
        wire_get_guid(reader, element);
        break;
    case KIND_NONE:
        break;
    }
}

static size_t smallest_element(const struct propval_type *type)
{
    switch (type->kind) {
    case KIND_STRING8:
        return 1;
    case KIND_UNICODE:
        return sizeof(WCHAR);
    case KIND_GUID:
        return sizeof(GUID);
    case KIND_BINARY:
        return 4;
    default:
        return type->size ? type->size : 1;
    }
}

static void get_multi(struct wire_reader *reader, const struct propval_type *type,
                      struct propval_multi *items)
{
    ULONG count = wire_get_count(reader, smallest_element(type));

    if (count == 0)
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    items->items = wire_alloc(reader, count, type->size);
    if (!items->items)
        return;
    items->count = count;
    for (ULONG i = 0; i < count && SUCCEEDED(reader->hr); i++)
        get_element(reader, type, (char *)items->items + i * type->size);
}

void wire_get_value(struct wire_reader *reader, SPropValue *ret_value)
{
    const struct propval_type *type;
    SPropValue value = {0};
    bool multi;

    value.ulPropTag = wire_get_tag(reader);
    type = SUCCEEDED(reader->hr) ? propval_type_find(PROP_TYPE(value.ulPropTag), &multi) : NULL;
    if (!type) {
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
        return;
    }
    if (multi) {
        get_multi(reader, type, (struct propval_multi *)&value.Value);
    } else if (type->kind == KIND_GUID) {
        value.Value.lpguid = wire_alloc(reader, 1, sizeof(GUID));
        if (value.Value.lpguid)
            wire_get_guid(reader, value.Value.lpguid);
    } else {
        get_element(reader, type, &value.Value);
    }
    *ret_value = value;
}
