/* mapi/oneoff.c - one-off entry ids: an address that stands for itself */
#include "mapi/oneoff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicase.h>

#include "mapi/memory.h"
#include "mapi/text.h"

static const BYTE oneoff_uid[16] = {0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
                                    0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02};
enum {
    AT_UID = 4,
    AT_VERSION = 20,
    AT_BITS = 22,
    AT_STRINGS = 24,
};

/* One string in the form of the id, its size with terminator. UTF-16 is little-endian there, as on
 * every machine that MAPI runs on. */
static HRESULT to_form(void *root, const char *text, bool is_8bit, void **ret_text,
                       size_t *ret_size)
{
    HRESULT hr = is_8bit ? text_utf8_to_8bit(root, text, (char **)ret_text)
                         : text_utf8_to_utf16(root, text, (WCHAR **)ret_text);

    if (SUCCEEDED(hr))
        *ret_size = is_8bit ? strlen(*ret_text) + 1 : (utf16_length(*ret_text) + 1) * sizeof(WCHAR);
    return hr;
}

static HRESULT build(void *scratch, void *root, const struct oneoff *oneoff, ULONG *ret_size,
                     ENTRYID **ret_id)
{
    const char *const texts[] = {oneoff->name, oneoff->type, oneoff->address};
    unsigned bits = (oneoff->is_8bit ? 0 : MAPI_ONE_OFF_UNICODE) |
                    (oneoff->no_rich_info ? MAPI_ONE_OFF_NO_RICH_INFO : 0);
    size_t size = AT_STRINGS, sizes[3];
    void *parts[3];
    BYTE *id, *at;
    HRESULT hr;

    for (size_t i = 0; i < 3; i++) {
        hr = to_form(scratch, texts[i], oneoff->is_8bit, &parts[i], &sizes[i]);
        if (FAILED(hr))
            return hr;
        size += sizes[i];
    }
    id = size > ONEOFF_SIZE_MAX ? NULL : mapi_alloc(root, size);
    if (!id)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(id + AT_UID, oneoff_uid, sizeof(oneoff_uid));
    id[AT_BITS] = (BYTE)bits;
    id[AT_BITS + 1] = (BYTE)(bits >> 8);
    at = id + AT_STRINGS;
    for (size_t i = 0; i < 3; i++) {
        memcpy(at, parts[i], sizes[i]);
        at += sizes[i];
    }
    *ret_size = (ULONG)size;
    *ret_id = (ENTRYID *)id;
    return S_OK;
}

HRESULT oneoff_create(void *root, const struct oneoff *oneoff, ULONG *ret_size, ENTRYID **ret_id)
{
    void *scratch = mapi_alloc(NULL, 1);
    HRESULT hr =
        scratch ? build(scratch, root, oneoff, ret_size, ret_id) : MAPI_E_NOT_ENOUGH_MEMORY;

    mapi_free(scratch);
    return hr;
}

HRESULT oneoff_from_arguments(LPTSTR name, LPTSTR type, LPTSTR address, ULONG flags,
                              ULONG *ret_size, ENTRYID **ret_id)
{
    struct oneoff oneoff = {.no_rich_info = flags & MAPI_SEND_NO_RICH_INFO,
                            .is_8bit = !(flags & MAPI_UNICODE)};
    void *root;
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_SEND_NO_RICH_INFO))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!type || !address || !ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    root = mapi_alloc(NULL, 1);
    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = text_from_argument(root, type, flags, (char **)&oneoff.type);
    if (SUCCEEDED(hr))
        hr = text_from_argument(root, address, flags, (char **)&oneoff.address);
    oneoff.name = oneoff.address;
    if (SUCCEEDED(hr) && name)
        hr = text_from_argument(root, name, flags, (char **)&oneoff.name);
    if (SUCCEEDED(hr))
        hr = oneoff_create(NULL, &oneoff, ret_size, ret_id);
    mapi_free(root);
    return hr;
}

bool oneoff_takes_rich_info(const struct oneoff *oneoff)
{
    return !oneoff->no_rich_info && strcasecmp(oneoff->type, "SMTP") != 0;
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
    oneoff.no_rich_info = bits & MAPI_ONE_OFF_NO_RICH_INFO;
    oneoff.is_8bit = !(bits & MAPI_ONE_OFF_UNICODE);
    at = bytes + AT_STRINGS;
    end = bytes + size;
    hr = take_string(root, !oneoff.is_8bit, &at, end, &oneoff.name);
    if (SUCCEEDED(hr))
        hr = take_string(root, !oneoff.is_8bit, &at, end, &oneoff.type);
    if (SUCCEEDED(hr))
        hr = take_string(root, !oneoff.is_8bit, &at, end, &oneoff.address);
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
