/* session/store_entryid.c - a store's entry id as clients hold it: wrapped */
#include "session/store_entryid.h"

#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/text.h"

static const BYTE wrap_uid[16] = {0x38, 0xA1, 0xBB, 0x10, 0x05, 0xE5, 0x10, 0x1A,
                                  0xA1, 0xBB, 0x08, 0x00, 0x2B, 0x2A, 0x56, 0xC2};
enum {
    AT_UID = 4,
    AT_VERSION = 20,
    AT_NAME = 22,
};

/* The name's zero byte is padded so that what follows is aligned to four bytes. */
static size_t inner_offset(size_t name_length)
{
    return (AT_NAME + name_length + 1 + 3) & ~(size_t)3;
}

HRESULT store_entryid_wrap(const char *dll_name, ULONG size, const ENTRYID *id, ULONG *ret_size,
                           ENTRYID **ret_wrapped)
{
    size_t length = strlen(dll_name), offset = inner_offset(length);
    BYTE *bytes;

    if (!id || size == 0 || argument_count_is_bad(size) || length > STORE_DLL_NAME_MAX)
        return MAPI_E_INVALID_ENTRYID;
    bytes = mapi_alloc(NULL, offset + size);
    if (!bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(bytes + AT_UID, wrap_uid, sizeof(wrap_uid));
    memcpy(bytes + AT_NAME, dll_name, length);
    memcpy(bytes + offset, id, size);
    *ret_size = (ULONG)(offset + size);
    *ret_wrapped = (ENTRYID *)bytes;
    return S_OK;
}

/* The exported form, for providers without a support object; the name is 8-bit or, with
 * MAPI_UNICODE, wide. */
MAPI_API HRESULT STDAPICALLTYPE WrapStoreEntryID(ULONG flags, LPTSTR dll_name, ULONG size,
                                                 LPENTRYID id, ULONG *ret_size,
                                                 LPENTRYID *ret_wrapped)
{
    char *name;
    HRESULT hr;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!dll_name || !id || size == 0 || !ret_size || !ret_wrapped)
        return MAPI_E_INVALID_PARAMETER;
    hr = text_from_argument(NULL, dll_name, flags, &name);
    if (FAILED(hr))
        return hr;
    hr = store_entryid_wrap(name, size, id, ret_size, ret_wrapped);
    mapi_free(name);
    return hr;
}

HRESULT store_entryid_unwrap(ULONG size, const ENTRYID *wrapped, const char **ret_dll_name,
                             ULONG *ret_size, const ENTRYID **ret_id)
{
    const BYTE *bytes = (const BYTE *)wrapped;
    size_t length, offset;

    if (!wrapped || size < AT_VERSION || memcmp(bytes + AT_UID, wrap_uid, sizeof(wrap_uid)) != 0)
        return MAPI_E_UNKNOWN_ENTRYID;
    if (size <= AT_NAME || bytes[AT_VERSION] != 0)
        return MAPI_E_INVALID_ENTRYID;
    length = strnlen((const char *)bytes + AT_NAME, size - AT_NAME);
    offset = inner_offset(length);
    if (length > STORE_DLL_NAME_MAX || offset >= size)
        return MAPI_E_INVALID_ENTRYID;
    *ret_dll_name = (const char *)bytes + AT_NAME;
    *ret_size = size - (ULONG)offset;
    *ret_id = (const ENTRYID *)(bytes + offset);
    return S_OK;
}
