/* mapi/oneoff.c - one-off entry ids: an address that stands for itself */
#include "mapi/oneoff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>

#include "mapi/memory.h"
#include "mapi/text.h"

/* Bits behind the version (MS-OXCDATA 2.2.5.1): the string form, and MIME without rich text. */
#define ONEOFF_UNICODE      0x8000u
#define ONEOFF_NO_RICH_INFO 0x0001u

static const BYTE oneoff_uid[16] = {0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
                                    0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02};
enum {
    AT_UID = 4,
    AT_VERSION = 20,
    AT_BITS = 22,
    AT_STRINGS = 24,
};

static size_t wide_size(const char *text)
{
    return (utf8_to_utf16(text, strlen(text), NULL, 0) + 1) * sizeof(WCHAR);
}

/* UTF-16 is little-endian in the id, as on every machine that MAPI runs on. */
static BYTE *put_wide(BYTE *at, const char *text)
{
    size_t units = utf8_to_utf16(text, strlen(text), NULL, 0) + 1;

    utf8_to_utf16(text, strlen(text), (WCHAR *)at, units);
    return at + units * sizeof(WCHAR);
}

HRESULT oneoff_create(void *root, const struct oneoff *oneoff, ULONG *ret_size, ENTRYID **ret_id)
{
    size_t size =
        AT_STRINGS + wide_size(oneoff->name) + wide_size(oneoff->type) + wide_size(oneoff->address);
    unsigned bits = ONEOFF_UNICODE | (oneoff->no_rich_info ? ONEOFF_NO_RICH_INFO : 0);
    BYTE *id, *at;

    id = size > ONEOFF_SIZE_MAX ? NULL : mapi_alloc(root, size);
    if (!id)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(id + AT_UID, oneoff_uid, sizeof(oneoff_uid));
    id[AT_BITS] = (BYTE)bits;
    id[AT_BITS + 1] = (BYTE)(bits >> 8);
    at = put_wide(id + AT_STRINGS, oneoff->name);
    at = put_wide(at, oneoff->type);
    put_wide(at, oneoff->address);
    *ret_size = (ULONG)size;
    *ret_id = (ENTRYID *)id;
    return S_OK;
}

/* One string of the id at *at, moved behind it. */
static HRESULT take_string(void *root, bool wide, const BYTE **at, const BYTE *end,
                           const char **ret_text)
{
    size_t unit = wide ? sizeof(WCHAR) : 1, size = 0;
    HRESULT hr;
    char *text, *copy;

    for (;; size += unit) {
        if ((size_t)(end - *at) < size + unit)
            return MAPI_E_INVALID_ENTRYID; /* no terminator */
        if ((*at)[size] == 0 && (!wide || (*at)[size + 1] == 0))
            break;
    }
    copy = mapi_alloc(root, size + unit); /* aligned, which the id's strings are not */
    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(copy, *at, size);
    hr = wide ? text_utf16_to_utf8(root, (WCHAR *)copy, &text)
              : text_8bit_to_utf8(root, copy, &text);
    if (FAILED(hr))
        return hr;
    *at += size + unit;
    *ret_text = text;
    return S_OK;
}

HRESULT oneoff_parse(void *root, ULONG size, const ENTRYID *id, struct oneoff *ret_oneoff)
{
    const BYTE *bytes = (const BYTE *)id, *at, *end;
    struct oneoff oneoff = {0};
    unsigned bits;
    HRESULT hr;

    if (!bytes || size < AT_STRINGS || memcmp(bytes + AT_UID, oneoff_uid, sizeof(oneoff_uid)) != 0)
        return MAPI_E_UNKNOWN_ENTRYID;
    if (size > ONEOFF_SIZE_MAX || bytes[AT_VERSION] || bytes[AT_VERSION + 1])
        return MAPI_E_INVALID_ENTRYID;
    bits = bytes[AT_BITS] | (unsigned)bytes[AT_BITS + 1] << 8;
    oneoff.no_rich_info = bits & ONEOFF_NO_RICH_INFO;
    at = bytes + AT_STRINGS;
    end = bytes + size;
    hr = take_string(root, bits & ONEOFF_UNICODE, &at, end, &oneoff.name);
    if (SUCCEEDED(hr))
        hr = take_string(root, bits & ONEOFF_UNICODE, &at, end, &oneoff.type);
    if (SUCCEEDED(hr))
        hr = take_string(root, bits & ONEOFF_UNICODE, &at, end, &oneoff.address);
    if (FAILED(hr))
        return hr;
    *ret_oneoff = oneoff;
    return S_OK;
}

HRESULT oneoff_search_key(void *root, const char *type, const char *address, SBinary *ret_key)
{
    uint8_t *upper;
    size_t size;
    char *text;
    BYTE *key;

    if (asprintf(&text, "%s:%s", type, address) < 0)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    upper = u8_toupper((const uint8_t *)text, strlen(text) + 1, NULL, NULL, NULL, &size);
    free(text);
    if (!upper)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    key = mapi_memdup(root, upper, size);
    free(upper);
    if (!key)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_key = (SBinary){.cb = (ULONG)size, .lpb = key};
    return S_OK;
}
