/* mime/props.c - collecting properties that hang off one root */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mapi/filetime.h"
#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "mime/props.h"

void props_begin(struct props *props, void *root, ULONG capacity)
{
    *props = (struct props){.capacity = capacity, .root = root};
    props->values = mapi_alloc_array(root, capacity, sizeof(SPropValue));
    if (!props->values)
        props->hr = MAPI_E_NOT_ENOUGH_MEMORY;
    else if (!root)
        props->root = props->values;
}

void props_add(struct props *props, const SPropValue *value)
{
    if (FAILED(props->hr))
        return;
    if (props->count == props->capacity)
        props->hr = MAPI_E_CALL_FAILED; /* our own mistake: the capacity is a constant */
    else
        props->values[props->count++] = *value;
}

void props_add_utf8_size(struct props *props, ULONG tag, const char *text, size_t size)
{
    SPropValue value = {.ulPropTag = tag};
    size_t units;

    if (FAILED(props->hr))
        return;
    units = utf8_to_utf16(text, size, NULL, 0) + 1;
    value.Value.lpszW = mapi_alloc(props->root, units * sizeof(WCHAR));
    if (!value.Value.lpszW) {
        props->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    utf8_to_utf16(text, size, value.Value.lpszW, units);
    props_add(props, &value);
}

void props_add_utf8(struct props *props, ULONG tag, const char *text)
{
    if (text)
        props_add_utf8_size(props, tag, text, strlen(text));
}

void props_add_long(struct props *props, ULONG tag, LONG value)
{
    props_add(props, &(SPropValue){.ulPropTag = tag, .Value.l = value});
}

void props_add_bool(struct props *props, ULONG tag, bool value)
{
    props_add(props, &(SPropValue){.ulPropTag = tag, .Value.b = value});
}

void props_add_time(struct props *props, ULONG tag, int64_t seconds)
{
    if (seconds != INT64_MIN)
        props_add(props, &(SPropValue){.ulPropTag = tag, .Value.ft = filetime_from_unix(seconds)});
}

void props_add_binary(struct props *props, ULONG tag, const void *bytes, size_t size)
{
    SPropValue value = {.ulPropTag = tag, .Value.bin.cb = (ULONG)size};

    if (FAILED(props->hr))
        return;
    value.Value.bin.lpb = mapi_memdup(props->root, bytes, size);
    if (!value.Value.bin.lpb)
        props->hr = MAPI_E_NOT_ENOUGH_MEMORY;
    props_add(props, &value);
}

HRESULT props_finish(struct props *props, SPropValue **ret_values, ULONG *ret_count)
{
    if (FAILED(props->hr)) {
        if (props->values && props->root == props->values)
            mapi_free(props->values);
        return props->hr;
    }
    *ret_values = props->values;
    *ret_count = props->count;
    return S_OK;
}
