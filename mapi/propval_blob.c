/* mapi/propval_blob.c - a property value as bytes for the side store
 *
 * Version 1, for ever: byte 1, tag (4 bytes), value. All numbers little-endian. By kind:
 *
 *   numbers, times   their 2, 4 or 8 bytes (floating point: IEEE 754 bits)
 *   strings          length in units (4 bytes), units without terminator (1 or 2 bytes each)
 *   binary           length (4 bytes), bytes
 *   CLSID            16 bytes, first three fields little-endian as in a MAPIUID (MEM-092)
 *   multi-valued     count (4 bytes), then each value as above
 *   NULL, OBJECT     nothing
 *
 * Nothing may follow. Decoding trusts no length: it is a parser of bytes that may be damaged. */
#include <stdlib.h>
#include <string.h>

#include "mapi/filetime.h"
#include "mapi/propval_types.h"
#include "mapi/text.h"

#define BLOB_VERSION 1
#define BLOB_MAX     ((size_t)1 << 30)

struct writer {
    uint8_t *bytes; /* NULL: only measure */
    size_t at;
};

static void write_number(struct writer *writer, uint64_t number, size_t size)
{
    size_t i;

    for (i = 0; i < size; i++, writer->at++)
        if (writer->bytes)
            writer->bytes[writer->at] = (uint8_t)(number >> (8 * i));
}

static void write_bytes(struct writer *writer, const void *data, size_t size)
{
    if (writer->bytes && size)
        memcpy(writer->bytes + writer->at, data, size);
    writer->at += size;
}

static void write_inline(struct writer *writer, const struct propval_type *type,
                         const void *element)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    const FILETIME *time;

    if (type->type == PT_SYSTIME) { /* two halves, not one number */
        time = element;
        write_number(writer, filetime_ticks(*time), 8);
        return;
    }
    switch (type->size) {
    case 2:
        memcpy(&two, element, sizeof(two));
        write_number(writer, two, sizeof(two));
        break;
    case 4:
        memcpy(&four, element, sizeof(four));
        write_number(writer, four, sizeof(four));
        break;
    default:
        memcpy(&eight, element, sizeof(eight));
        write_number(writer, eight, sizeof(eight));
        break;
    }
}

static void write_guid(struct writer *writer, const GUID *guid)
{
    write_number(writer, guid->Data1, 4);
    write_number(writer, guid->Data2, 2);
    write_number(writer, guid->Data3, 2);
    write_bytes(writer, guid->Data4, 8);
}

static void write_element(struct writer *writer, const struct propval_type *type,
                          const void *element)
{
    const SBinary *bin;
    const char *narrow;
    const WCHAR *wide;
    size_t length, i;

    switch (type->kind) {
    case KIND_INLINE:
        write_inline(writer, type, element);
        break;
    case KIND_STRING8:
        memcpy(&narrow, element, sizeof(narrow));
        length = strlen(narrow);
        write_number(writer, length, 4);
        write_bytes(writer, narrow, length);
        break;
    case KIND_UNICODE:
        memcpy(&wide, element, sizeof(wide));
        length = utf16_length(wide);
        write_number(writer, length, 4);
        for (i = 0; i < length; i++)
            write_number(writer, (uint16_t)wide[i], 2);
        break;
    case KIND_BINARY:
        bin = element;
        write_number(writer, bin->cb, 4);
        write_bytes(writer, bin->lpb, bin->cb);
        break;
    case KIND_GUID:
        write_guid(writer, element);
        break;
    case KIND_NONE:
        break;
    }
}

static void write_value(struct writer *writer, const struct propval_type *type, bool multi,
                        const SPropValue *value)
{
    const struct propval_multi *items = propval_multi(value);
    size_t i;

    write_number(writer, BLOB_VERSION, 1);
    write_number(writer, value->ulPropTag, 4);
    if (!multi) {
        write_element(writer, type,
                      type->kind == KIND_GUID ? (void *)value->Value.lpguid
                                              : (const void *)&value->Value);
        return;
    }
    write_number(writer, items->count, 4);
    for (i = 0; i < items->count; i++)
        write_element(writer, type, (const char *)items->items + i * type->size);
}

HRESULT propval_encode(const SPropValue *value, uint8_t **ret_blob, size_t *ret_size)
{
    struct writer writer = {0};
    const struct propval_type *type;
    bool multi;
    size_t size;

    type = propval_type_find(prop_base_type(value->ulPropTag), &multi);
    if (!type)
        return MAPI_E_NO_SUPPORT;
    if (type->type != PT_BOOLEAN && propval_is_bad(value))
        return MAPI_E_INVALID_PARAMETER;

    write_value(&writer, type, multi, value);
    size = writer.at;
    if (size > BLOB_MAX)
        return MAPI_E_TOO_BIG;
    writer.bytes = mapi_alloc(NULL, size);
    if (!writer.bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    writer.at = 0;
    write_value(&writer, type, multi, value);
    *ret_blob = writer.bytes;
    *ret_size = size;
    return S_OK;
}

/* ---- Reading ---- */

struct reader {
    const uint8_t *bytes;
    size_t left;
    void *root;
};

static bool read_number(struct reader *reader, size_t size, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t i;

    if (reader->left < size)
        return false;
    for (i = 0; i < size; i++)
        number |= (uint64_t)reader->bytes[i] << (8 * i);
    reader->bytes += size;
    reader->left -= size;
    *ret_number = number;
    return true;
}

static HRESULT read_inline(struct reader *reader, const struct propval_type *type, void *element)
{
    uint64_t number;
    uint16_t two;
    uint32_t four;
    FILETIME *time;

    if (!read_number(reader, type->size, &number))
        return MAPI_E_CORRUPT_DATA;
    if (type->type == PT_SYSTIME) {
        time = element;
        *time = filetime_from_ticks(number);
    } else if (type->size == 2) {
        two = (uint16_t)number;
        memcpy(element, &two, sizeof(two));
    } else if (type->size == 4) {
        four = (uint32_t)number;
        memcpy(element, &four, sizeof(four));
    } else {
        memcpy(element, &number, sizeof(number));
    }
    return S_OK;
}

/* Length and so many units of `unit` bytes; memory for them and a terminator. */
static HRESULT read_counted(struct reader *reader, size_t unit, void **ret_data, size_t *ret_length)
{
    uint64_t length;
    void *data;

    if (!read_number(reader, 4, &length) || length > reader->left / unit)
        return MAPI_E_CORRUPT_DATA;
    data = mapi_alloc(reader->root, (size_t)(length + 1) * unit);
    if (!data)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_data = data;
    *ret_length = (size_t)length;
    return S_OK;
}

static HRESULT read_string8(struct reader *reader, void *element)
{
    size_t length;
    void *text;
    HRESULT hr;

    hr = read_counted(reader, 1, &text, &length);
    if (FAILED(hr))
        return hr;
    if (memchr(reader->bytes, 0, length))
        return MAPI_E_CORRUPT_DATA;
    memcpy(text, reader->bytes, length);
    reader->bytes += length;
    reader->left -= length;
    memcpy(element, &text, sizeof(text));
    return S_OK;
}

static HRESULT read_unicode(struct reader *reader, void *element)
{
    size_t length, i;
    uint64_t unit;
    void *text;
    HRESULT hr;

    hr = read_counted(reader, sizeof(WCHAR), &text, &length);
    if (FAILED(hr))
        return hr;
    for (i = 0; i < length; i++) {
        if (!read_number(reader, 2, &unit) || unit == 0)
            return MAPI_E_CORRUPT_DATA;
        ((WCHAR *)text)[i] = (WCHAR)unit;
    }
    memcpy(element, &text, sizeof(text));
    return S_OK;
}

static HRESULT read_binary(struct reader *reader, SBinary *bin)
{
    size_t length;
    void *data;
    HRESULT hr;

    hr = read_counted(reader, 1, &data, &length);
    if (FAILED(hr))
        return hr;
    if (length)
        memcpy(data, reader->bytes, length);
    reader->bytes += length;
    reader->left -= length;
    bin->cb = (ULONG)length;
    bin->lpb = data;
    return S_OK;
}

static HRESULT read_guid(struct reader *reader, GUID *guid)
{
    uint64_t data1, data2, data3;

    if (!read_number(reader, 4, &data1) || !read_number(reader, 2, &data2) ||
        !read_number(reader, 2, &data3) || reader->left < 8)
        return MAPI_E_CORRUPT_DATA;
    guid->Data1 = (uint32_t)data1;
    guid->Data2 = (uint16_t)data2;
    guid->Data3 = (uint16_t)data3;
    memcpy(guid->Data4, reader->bytes, 8);
    reader->bytes += 8;
    reader->left -= 8;
    return S_OK;
}

static HRESULT read_element(struct reader *reader, const struct propval_type *type, void *element)
{
    switch (type->kind) {
    case KIND_INLINE:
        return read_inline(reader, type, element);
    case KIND_STRING8:
        return read_string8(reader, element);
    case KIND_UNICODE:
        return read_unicode(reader, element);
    case KIND_BINARY:
        return read_binary(reader, element);
    case KIND_GUID:
        return read_guid(reader, element);
    default:
        return S_OK;
    }
}

static size_t smallest_element(const struct propval_type *type)
{
    return type->kind == KIND_INLINE ? type->size : type->kind == KIND_GUID ? sizeof(GUID) : 4;
}

static HRESULT read_multi(struct reader *reader, const struct propval_type *type, SPropValue *value)
{
    struct propval_multi *items = (struct propval_multi *)&value->Value;
    uint64_t count;
    HRESULT hr;
    size_t i;

    if (!read_number(reader, 4, &count) || count == 0 ||
        count > reader->left / smallest_element(type))
        return MAPI_E_CORRUPT_DATA;
    items->items = mapi_alloc_array(reader->root, (size_t)count, type->size);
    if (!items->items)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    items->count = (ULONG)count;
    for (i = 0; i < count; i++) {
        hr = read_element(reader, type, (char *)items->items + i * type->size);
        if (FAILED(hr))
            return hr;
    }
    return S_OK;
}

HRESULT propval_decode(void *root, const uint8_t *blob, size_t size, SPropValue *ret_value)
{
    struct reader reader = {.bytes = blob, .left = size, .root = root};
    const struct propval_type *type;
    SPropValue value = {0};
    uint64_t version, tag;
    bool multi;
    HRESULT hr;

    if (!read_number(&reader, 1, &version) || version != BLOB_VERSION ||
        !read_number(&reader, 4, &tag))
        return MAPI_E_CORRUPT_DATA;
    type = propval_type_find((ULONG)tag, &multi);
    if (!type || (PROP_TYPE(tag) & MV_INSTANCE))
        return MAPI_E_CORRUPT_DATA;

    value.ulPropTag = (ULONG)tag;
    if (multi) {
        hr = read_multi(&reader, type, &value);
    } else if (type->kind == KIND_GUID) {
        value.Value.lpguid = mapi_alloc(root, sizeof(GUID));
        hr = value.Value.lpguid ? read_guid(&reader, value.Value.lpguid) : MAPI_E_NOT_ENOUGH_MEMORY;
    } else {
        hr = read_element(&reader, type, &value.Value);
    }
    if (SUCCEEDED(hr) && reader.left > 0)
        hr = MAPI_E_CORRUPT_DATA;
    if (SUCCEEDED(hr))
        *ret_value = value;
    return hr;
}
