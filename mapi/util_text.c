/* mapi/util_text.c - the exported helpers for strings, numbers and times
 *
 * LPTSTR here is the 8-bit string that these exports take on every system. Requirements: UTL-038 to
 * UTL-040, UTL-073 to UTL-083. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/random.h>

#include "mapi/arguments.h"
#include "mapi/filetime.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

SCODE STDAPICALLTYPE ScBinFromHexBounded(LPTSTR text, LPBYTE bytes, ULONG size)
{
    const char *at = (const char *)text;
    int high, low;

    if (!text || (!bytes && size))
        return MAPI_E_INVALID_PARAMETER;
    for (; at[0]; at += 2) {
        high = hex_digit(at[0]);
        low = high < 0 ? -1 : hex_digit(at[1]);
        if (low < 0 || size == 0)
            return MAPI_E_CALL_FAILED; /* UTL-082 */
        *bytes++ = (BYTE)(high << 4 | low);
        size--;
    }
    return S_OK;
}

BOOL STDAPICALLTYPE FBinFromHex(LPTSTR text, LPBYTE bytes)
{
    return text && SUCCEEDED(ScBinFromHexBounded(text, bytes, UINT32_MAX));
}

void STDAPICALLTYPE HexFromBin(LPBYTE bytes, int size, LPTSTR text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = (char *)text;
    int i;

    if (!out)
        return;
    if (!bytes || argument_count_is_bad((ULONG)size))
        size = 0;
    for (i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

ULONG STDAPICALLTYPE UlFromSzHex(LPCTSTR text)
{
    const char *at = (const char *)text;
    ULONG value = 0;
    int digit;

    while (at && (digit = hex_digit(*at)) >= 0) {
        value = value << 4 | (ULONG)digit;
        at++;
    }
    return value;
}

unsigned int STDAPICALLTYPE UFromSz(LPCTSTR text)
{
    const char *at = (const char *)text;
    unsigned value = 0;

    for (; at && *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (unsigned)(*at - '0');
    return value;
}

LPTSTR STDAPICALLTYPE SzFindCh(LPCTSTR text, USHORT ch)
{
    return text && ch < 256 ? (LPTSTR)strchr((const char *)text, (char)ch) : NULL;
}

LPTSTR STDAPICALLTYPE SzFindLastCh(LPCTSTR text, USHORT ch)
{
    return text && ch < 256 ? (LPTSTR)strrchr((const char *)text, (char)ch) : NULL;
}

LPTSTR STDAPICALLTYPE SzFindSz(LPCTSTR text, LPCTSTR key)
{
    return text && key ? (LPTSTR)strstr((const char *)text, (const char *)key) : NULL;
}

HRESULT STDAPICALLTYPE HrSzFromEntryID(ULONG size, LPENTRYID entry_id, LPTSTR *ret_text)
{
    char *text;

    if (size < CbNewENTRYID(0) || argument_count_is_bad(size) || !entry_id || !ret_text)
        return MAPI_E_INVALID_PARAMETER;
    text = mapi_alloc(NULL, 2 * (size_t)size + 1);
    if (!text)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    HexFromBin((LPBYTE)entry_id, (int)size, (LPTSTR)text);
    *ret_text = (LPTSTR)text;
    return S_OK;
}

HRESULT STDAPICALLTYPE HrEntryIDFromSz(LPTSTR text, ULONG *ret_size, LPENTRYID *ret_entry_id)
{
    size_t length;
    BYTE *bytes;

    if (!text || !ret_size || !ret_entry_id)
        return MAPI_E_INVALID_PARAMETER;
    length = strlen((const char *)text);
    if (length % 2 || length / 2 < CbNewENTRYID(0) || length > UINT32_MAX)
        return MAPI_E_INVALID_ENTRYID; /* UTL-039 */
    bytes = mapi_alloc(NULL, length / 2);
    if (!bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(ScBinFromHexBounded(text, bytes, (ULONG)(length / 2)))) {
        mapi_free(bytes);
        return MAPI_E_INVALID_ENTRYID;
    }
    *ret_size = (ULONG)(length / 2);
    *ret_entry_id = (LPENTRYID)bytes;
    return S_OK;
}

/* ---- Times ---- */

FILETIME STDAPICALLTYPE FtAddFt(FILETIME a, FILETIME b)
{
    return filetime_from_ticks(filetime_ticks(a) + filetime_ticks(b));
}

FILETIME STDAPICALLTYPE FtSubFt(FILETIME a, FILETIME b)
{
    return filetime_from_ticks(filetime_ticks(a) - filetime_ticks(b));
}

FILETIME STDAPICALLTYPE FtNegFt(FILETIME time)
{
    return filetime_from_ticks(-filetime_ticks(time));
}

FILETIME STDAPICALLTYPE FtMulDwDw(DWORD a, DWORD b)
{
    return filetime_from_ticks((uint64_t)a * b);
}

FILETIME STDAPICALLTYPE FtMulDw(DWORD a, FILETIME b)
{
    return filetime_from_ticks(a * filetime_ticks(b));
}

FILETIME STDAPICALLTYPE FtAdcFt(FILETIME a, FILETIME b, WORD *carry)
{
    uint64_t sum, first;
    bool over;

    over = __builtin_add_overflow(filetime_ticks(a), filetime_ticks(b), &first);
    over |= __builtin_add_overflow(first, (uint64_t)(carry && *carry), &sum);
    if (carry)
        *carry = over;
    return filetime_from_ticks(sum);
}

/* ---- Conversations ---- */

#define CONVERSATION_HEADER 22
#define CONVERSATION_CHILD  5

/* A byte of 1, five bytes of time, a GUID (PRP-051). The time is the top 48 bits, whose first is 1
 * until the year 2057. */
static HRESULT write_header(BYTE *out)
{
    uint64_t now = filetime_ticks(filetime_now());
    int i;

    out[0] = 1;
    for (i = 0; i < 5; i++)
        out[1 + i] = (BYTE)(now >> (48 - 8 * i));
    return getrandom(out + 6, 16, 0) == 16 ? S_OK : MAPI_E_CALL_FAILED;
}

static uint64_t header_ticks(const BYTE *header)
{
    uint64_t value = 1ull << 56;
    int i;

    for (i = 0; i < 5; i++)
        value |= (uint64_t)header[1 + i] << (48 - 8 * i);
    return value;
}

/* One reply level: a bit that tells the scale, 31 bits of time since the header, then random bits.
 */
static HRESULT write_child(const BYTE *header, BYTE *out)
{
    uint64_t now = filetime_ticks(filetime_now()), then = header_ticks(header);
    uint64_t difference = now > then ? now - then : then - now;
    uint32_t scaled;
    BYTE noise;

    if (difference < 1ull << 49)
        scaled = (uint32_t)(difference >> 18) & 0x7FFFFFFF;
    else
        scaled = ((uint32_t)(difference >> 23) & 0x7FFFFFFF) | 0x80000000;
    if (getrandom(&noise, 1, 0) != 1)
        return MAPI_E_CALL_FAILED;
    out[0] = (BYTE)(scaled >> 24);
    out[1] = (BYTE)(scaled >> 16);
    out[2] = (BYTE)(scaled >> 8);
    out[3] = (BYTE)scaled;
    out[4] = (BYTE)(noise & 0xF0);
    return S_OK;
}

SCODE STDAPICALLTYPE ScCreateConversationIndex(ULONG parent_size, LPBYTE parent, ULONG *ret_size,
                                               LPBYTE *ret_index)
{
    bool child = parent_size >= CONVERSATION_HEADER;
    ULONG size = child ? parent_size + CONVERSATION_CHILD : CONVERSATION_HEADER;
    BYTE *index;
    HRESULT hr;

    if (!ret_size || !ret_index || (parent_size && !parent) || parent_size > 65535)
        return MAPI_E_INVALID_PARAMETER;
    index = mapi_alloc(NULL, size);
    if (!index)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (child) {
        memcpy(index, parent, parent_size);
        hr = write_child(parent, index + parent_size);
    } else {
        hr = write_header(index); /* also for a parent that is none */
    }
    if (FAILED(hr)) {
        mapi_free(index);
        return hr;
    }
    *ret_size = size;
    *ret_index = index;
    return S_OK;
}
