/* mapi/util_compose.c - compound identifiers: a store's record key and an object's entry id in one
 *
 * Windows' byte form is not public; ours is a long-term entry id behind a MAPIUID of its own:
 *
 *     flags (4 bytes, 0), MAPIUID, version (1), 3 zeros, size of the key (4, little-endian), key,
 * id
 *
 * HrDecomposeEID looks for the store in the session's message store table by its record key. The
 * identifier that is decomposed stays its caller's. Text forms are those of HrSzFromEntryID.
 * Requirements: UTL-041 to UTL-047. */
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/propval.h"

#define VERSION        1
#define HEAD_SIZE      28
#define SIZE_MAX_OF_ID 65536

static const BYTE compound_uid[16] = {0x7c, 0x1e, 0x5d, 0x42, 0x90, 0x3b, 0x4e, 0x6f,
                                      0xa8, 0x15, 0x2c, 0xd4, 0x60, 0x9b, 0xf7, 0x33};

static HRESULT copy_id(const void *id, ULONG size, ULONG *ret_size, LPENTRYID *ret_id)
{
    LPENTRYID copy = mapi_memdup(NULL, id, size);

    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_size = size;
    *ret_id = copy;
    return S_OK;
}

HRESULT STDAPICALLTYPE HrComposeEID(LPMAPISESSION session, ULONG key_size, LPBYTE key,
                                    ULONG id_size, LPENTRYID id, ULONG *ret_size, LPENTRYID *ret_id)
{
    BYTE *compound;

    if (!ret_size || !ret_id || !id || id_size < CbNewENTRYID(0) || id_size > SIZE_MAX_OF_ID ||
        key_size > SIZE_MAX_OF_ID || (key_size && !key))
        return MAPI_E_INVALID_PARAMETER;
    if (key_size == 0)
        return copy_id(id, id_size, ret_size, ret_id); /* UTL-042 */
    compound = mapi_alloc(NULL, HEAD_SIZE + (size_t)key_size + id_size);
    if (!compound)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(compound + 4, compound_uid, sizeof(compound_uid));
    compound[20] = VERSION;
    for (int i = 0; i < 4; i++)
        compound[24 + i] = (BYTE)(key_size >> 8 * i);
    memcpy(compound + HEAD_SIZE, key, key_size);
    memcpy(compound + HEAD_SIZE + key_size, id, id_size);
    *ret_size = HEAD_SIZE + key_size + id_size;
    *ret_id = (LPENTRYID)compound;
    return S_OK;
}

/* The store with this record key, from the session's table. */
static HRESULT find_store(IMAPISession *session, const SBinary *key, ULONG *ret_size,
                          LPENTRYID *ret_id)
{
    SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_RECORD_KEY}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    HRESULT hr, found = MAPI_E_NOT_FOUND;
    ULONG i;

    hr = session->lpVtbl->GetMsgStoresTable(session, 0, &table);
    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    for (i = 0; SUCCEEDED(hr) && found == MAPI_E_NOT_FOUND && i < rows->cRows; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;

        if (values[0].ulPropTag == PR_ENTRYID && values[1].ulPropTag == PR_RECORD_KEY &&
            values[1].Value.bin.cb == key->cb &&
            memcmp(values[1].Value.bin.lpb, key->lpb, key->cb) == 0)
            found = copy_id(values[0].Value.bin.lpb, values[0].Value.bin.cb, ret_size, ret_id);
    }
    FreeProws(rows);
    table->lpVtbl->Release(table);
    return FAILED(hr) ? hr : found;
}

/* MAPI_E_NOT_FOUND: not a compound one. The results point into it. */
static HRESULT split(const BYTE *id, ULONG size, SBinary *ret_key, SBinary *ret_object)
{
    uint32_t key_size;

    if (size < HEAD_SIZE || memcmp(id + 4, compound_uid, sizeof(compound_uid)) != 0)
        return MAPI_E_NOT_FOUND;
    key_size = id[24] | (uint32_t)id[25] << 8 | (uint32_t)id[26] << 16 | (uint32_t)id[27] << 24;
    if (id[20] != VERSION || key_size == 0 || key_size > size - HEAD_SIZE ||
        size - HEAD_SIZE - key_size < CbNewENTRYID(0))
        return MAPI_E_INVALID_ENTRYID;
    *ret_key = (SBinary){.cb = key_size, .lpb = (BYTE *)id + HEAD_SIZE};
    *ret_object = (SBinary){.cb = size - HEAD_SIZE - key_size, .lpb = ret_key->lpb + key_size};
    return S_OK;
}

HRESULT STDAPICALLTYPE HrDecomposeEID(LPMAPISESSION session, ULONG size, LPENTRYID id,
                                      ULONG *ret_store_size, LPENTRYID *ret_store,
                                      ULONG *ret_object_size, LPENTRYID *ret_object)
{
    SBinary key = {0}, object = {.cb = size, .lpb = (BYTE *)id};
    LPENTRYID store = NULL;
    ULONG store_size = 0;
    HRESULT hr;

    if (!id || size < CbNewENTRYID(0) || argument_count_is_bad(size) || !ret_store_size ||
        !ret_store || !ret_object_size || !ret_object)
        return MAPI_E_INVALID_PARAMETER;
    hr = split((const BYTE *)id, size, &key, &object);
    if (hr == S_OK)
        hr = session ? find_store(session, &key, &store_size, &store) : MAPI_E_INVALID_PARAMETER;
    else if (hr == MAPI_E_NOT_FOUND)
        hr = S_OK; /* a plain one (UTL-044) */
    if (SUCCEEDED(hr))
        hr = copy_id(object.lpb, object.cb, ret_object_size, ret_object);
    if (FAILED(hr)) {
        mapi_free(store);
        return hr;
    }
    *ret_store_size = store_size;
    *ret_store = store;
    return S_OK;
}

HRESULT STDAPICALLTYPE HrComposeMsgID(LPMAPISESSION session, ULONG key_size, LPBYTE key,
                                      ULONG id_size, LPENTRYID id, LPTSTR *ret_text)
{
    LPENTRYID compound;
    ULONG size;
    HRESULT hr;

    if (!ret_text)
        return MAPI_E_INVALID_PARAMETER;
    hr = HrComposeEID(session, key_size, key, id_size, id, &size, &compound);
    if (FAILED(hr))
        return hr;
    hr = HrSzFromEntryID(size, compound, ret_text);
    mapi_free(compound);
    return hr;
}

HRESULT STDAPICALLTYPE HrDecomposeMsgID(LPMAPISESSION session, LPTSTR text, ULONG *ret_store_size,
                                        LPENTRYID *ret_store, ULONG *ret_object_size,
                                        LPENTRYID *ret_object)
{
    LPENTRYID compound;
    ULONG size;
    HRESULT hr;

    hr = HrEntryIDFromSz(text, &size, &compound);
    if (FAILED(hr))
        return hr;
    hr = HrDecomposeEID(session, size, compound, ret_store_size, ret_store, ret_object_size,
                        ret_object);
    mapi_free(compound);
    return hr;
}
