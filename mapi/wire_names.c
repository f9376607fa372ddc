/* mapi/wire_names.c - the names of named properties in front of what uses them
 *
 * MS-OXORULE 2.2.4.2: a count (2 bytes) and, unless it is 0, the ids (2 each), the size of what
 * follows (4), and for each a name: kind (1), set (16), then a number (4) or the size in bytes (1)
 * and the UTF-16 text of a string with its end. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "mapi/wire.h"

#define KIND_NUMBER   0
#define KIND_STRING   1
#define NAME_SMALLEST 18

static void put_name(struct wire_writer *writer, const MAPINAMEID *name)
{
    size_t length;

    if (!name || !name->lpguid) {
        writer->hr = MAPI_E_NOT_FOUND; /* an id that nobody has named */
        return;
    }
    wire_put(writer, name->ulKind == MNID_STRING ? KIND_STRING : KIND_NUMBER, 1);
    wire_put_guid(writer, name->lpguid);
    if (name->ulKind != MNID_STRING) {
        wire_put(writer, (uint32_t)name->Kind.lID, 4);
        return;
    }
    length = utf16_length(name->Kind.lpwstrName) + 1;
    if (length * sizeof(WCHAR) > UINT8_MAX) {
        writer->hr = MAPI_E_TOO_BIG;
        return;
    }
    wire_put(writer, length * sizeof(WCHAR), 1);
    for (size_t i = 0; i < length; i++)
        wire_put(writer, (uint16_t)name->Kind.lpwstrName[i], 2);
}

static HRESULT ask_names(const struct wire_writer *body, IMAPIProp *prop, MAPINAMEID ***ret_names)
{
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(body->named_count)), *asked = tags;
    ULONG count = 0;
    HRESULT hr;

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    tags->cValues = (ULONG)body->named_count;
    for (size_t i = 0; i < body->named_count; i++)
        tags->aulPropTag[i] = PROP_TAG(PT_UNSPECIFIED, body->named[i]);
    *ret_names = NULL;
    hr = prop->lpVtbl->GetNamesFromIDs(prop, &asked, NULL, 0, &count, ret_names);
    mapi_free(tags);
    if (SUCCEEDED(hr) && count != body->named_count)
        hr = MAPI_E_CALL_FAILED;
    return hr;
}

static HRESULT put_names(struct wire_writer *writer, const struct wire_writer *body,
                         IMAPIProp *prop)
{
    struct wire_writer list = {0};
    MAPINAMEID **names;
    HRESULT hr;

    wire_put(writer, body->named_count, 2);
    if (body->named_count == 0)
        return writer->hr;
    if (!prop)
        return MAPI_E_INVALID_PARAMETER;
    hr = ask_names(body, prop, &names);
    for (size_t i = 0; SUCCEEDED(hr) && i < body->named_count; i++) {
        wire_put(writer, body->named[i], 2);
        put_name(&list, names[i]);
    }
    if (SUCCEEDED(hr) && SUCCEEDED(list.hr))
        wire_put_counted(writer, list.bytes, list.size);
    if (SUCCEEDED(hr))
        hr = FAILED(list.hr) ? list.hr : writer->hr;
    MAPIFreeBuffer(names);
    wire_writer_clear(&list);
    return hr;
}

HRESULT wire_writer_finish(struct wire_writer *body, IMAPIProp *prop, BYTE **ret_bytes,
                           ULONG *ret_size)
{
    struct wire_writer whole = {0};
    HRESULT hr = body->hr;
    BYTE *copy;

    if (SUCCEEDED(hr))
        hr = put_names(&whole, body, prop);
    if (SUCCEEDED(hr)) {
        wire_put_bytes(&whole, body->bytes, body->size);
        hr = whole.hr;
    }
    if (SUCCEEDED(hr)) {
        copy = mapi_memdup(NULL, whole.bytes, whole.size);
        hr = copy ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
        if (copy) {
            *ret_bytes = copy;
            *ret_size = (ULONG)whole.size;
        }
    }
    wire_writer_clear(&whole);
    return hr;
}

/* ---- Reading ---- */

static void get_name(struct wire_reader *reader, MAPINAMEID *ret_name)
{
    unsigned kind = (unsigned)wire_get(reader, 1), size;
    const uint8_t *text;
    WCHAR *copy;

    ret_name->lpguid = wire_alloc(reader, 1, sizeof(GUID));
    if (!ret_name->lpguid)
        return;
    wire_get_guid(reader, ret_name->lpguid);
    if (kind == KIND_NUMBER) {
        ret_name->ulKind = MNID_ID;
        ret_name->Kind.lID = (LONG)wire_get(reader, 4);
        return;
    }
    size = (unsigned)wire_get(reader, 1);
    text = wire_get_bytes(reader, size);
    copy = wire_alloc(reader, size / 2 + 1, sizeof(*copy)); /* zeroed: it ends */
    if (kind != KIND_STRING || size < 4 || size % 2)
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    if (!text || !copy || FAILED(reader->hr))
        return;
    memcpy(copy, text, size);
    ret_name->ulKind = MNID_STRING;
    ret_name->Kind.lpwstrName = copy;
}

static void get_names(struct wire_reader *reader, MAPINAMEID **names, size_t count)
{
    MAPINAMEID *items = wire_alloc(reader, count, sizeof(*items));
    size_t size = wire_get_count(reader, 1), left = reader->left;

    for (size_t i = 0; i < count && SUCCEEDED(reader->hr); i++) {
        get_name(reader, &items[i]);
        names[i] = &items[i];
    }
    if (SUCCEEDED(reader->hr) && left - reader->left != size)
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
}

static void begin(struct wire_reader *reader, IMAPIProp *prop)
{
    size_t count = (size_t)wire_get(reader, 2);
    MAPINAMEID **names;
    HRESULT hr;

    if (FAILED(reader->hr) || count == 0)
        return;
    if (count > WIRE_NAMES_MAX || count > reader->left / (NAME_SMALLEST + 2)) {
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
        return;
    }
    names = wire_alloc(reader, count, sizeof(MAPINAMEID *));
    reader->there = calloc(count, sizeof(*reader->there));
    if (!reader->there)
        wire_fail(reader, MAPI_E_NOT_ENOUGH_MEMORY);
    for (size_t i = 0; i < count && SUCCEEDED(reader->hr); i++)
        reader->there[i] = (USHORT)wire_get(reader, 2);
    if (SUCCEEDED(reader->hr))
        get_names(reader, names, count);
    if (SUCCEEDED(reader->hr) && !prop)
        wire_fail(reader, MAPI_E_INVALID_PARAMETER);
    if (FAILED(reader->hr))
        return;
    hr = prop->lpVtbl->GetIDsFromNames(prop, (ULONG)count, names, MAPI_CREATE, &reader->here);
    if (SUCCEEDED(hr) && (!reader->here || reader->here->cValues != count))
        hr = MAPI_E_CALL_FAILED;
    wire_fail(reader, FAILED(hr) ? hr : S_OK);
    if (SUCCEEDED(reader->hr))
        reader->named_count = count;
}

HRESULT wire_decode(const BYTE *bytes, ULONG size, IMAPIProp *prop, size_t root_size,
                    void (*get)(struct wire_reader *reader, void *root), void **ret_root)
{
    struct wire_reader reader = {.bytes = bytes, .left = size};

    if (!bytes || size == 0)
        return MAPI_E_INVALID_PARAMETER;
    reader.root = mapi_alloc(NULL, root_size);
    if (!reader.root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    begin(&reader, prop);
    if (SUCCEEDED(reader.hr))
        get(&reader, reader.root);
    if (reader.left)
        wire_fail(&reader, MAPI_E_CORRUPT_DATA);
    mapi_free(reader.here);
    free(reader.there);
    if (FAILED(reader.hr))
        mapi_free(reader.root);
    else
        *ret_root = reader.root;
    return reader.hr;
}
