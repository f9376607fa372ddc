/* simple/message_id.c - the message identifiers that callers hold */
#include "simple/message_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "mapi/array.h"
#include "mapi/memory.h"
#include "simple/result.h"

/* "L" or "S", the session's mark, and what the form has. */
#define MARK_SIZE 9

void message_ids_init(struct message_ids *ids)
{
    *ids = (struct message_ids){0};
    pthread_mutex_init(&ids->lock, NULL);
    /* That sessions differ is all that is asked of it. */
    if (getrandom(&ids->mark, sizeof(ids->mark), 0) != sizeof(ids->mark))
        ids->mark = (uint32_t)(uintptr_t)ids;
}

void message_ids_clear(struct message_ids *ids)
{
    for (size_t i = 0; i < ids->kept; i++)
        mapi_free(ids->given[i].lpb);
    free(ids->given);
    pthread_mutex_destroy(&ids->lock);
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Keeps a copy of the entry id under the next number. */
static ULONG keep(struct message_ids *ids, const SBinary *entry_id, uint32_t *ret_number)
{
    SBinary copy = {.cb = entry_id->cb, .lpb = mapi_memdup(NULL, entry_id->lpb, entry_id->cb)};
    ULONG result = SUCCESS_SUCCESS;

    if (!copy.lpb)
        return MAPI_E_INSUFFICIENT_MEMORY;
    pthread_mutex_lock(&ids->lock);
    if (ids->kept == SHORT_IDS_MAX) {
        SBinary *oldest = &ids->given[ids->count % SHORT_IDS_MAX];

        mapi_free(oldest->lpb);
        *oldest = copy;
    } else if (!array_append(&ids->given, &ids->kept, &copy)) {
        result = MAPI_E_INSUFFICIENT_MEMORY;
    }
    if (result == SUCCESS_SUCCESS)
        *ret_number = ids->count++;
    pthread_mutex_unlock(&ids->lock);
    if (result != SUCCESS_SUCCESS)
        mapi_free(copy.lpb);
    return result;
}

ULONG message_id_write(struct message_ids *ids, const SBinary *entry_id, bool is_long,
                       char *ret_text)
{
    uint32_t number;
    ULONG result;

    if (is_long) {
        if (entry_id->cb == 0 || MARK_SIZE + 2 * (size_t)entry_id->cb >= LONG_ID_SIZE)
            return MAPI_E_FAILURE;
        ret_text += sprintf(ret_text, "L%08" PRIx32, ids->mark);
        for (ULONG i = 0; i < entry_id->cb; i++)
            ret_text += sprintf(ret_text, "%02x", entry_id->lpb[i]);
        return SUCCESS_SUCCESS;
    }
    result = keep(ids, entry_id, &number);
    if (result == SUCCESS_SUCCESS)
        sprintf(ret_text, "S%08" PRIx32 "%08" PRIx32, ids->mark, number);
    return result;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Eight digits, as they were written. */
static bool read_number(const char *text, uint32_t *ret_number)
{
    uint32_t number = 0;

    for (int i = 0; i < 8; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0)
            return false; /* the terminator too */
        number = number << 4 | (uint32_t)digit;
    }
    *ret_number = number;
    return true;
}

static ULONG read_long(const char *hex, SBinary *ret_entry_id)
{
    size_t length = strnlen(hex, LONG_ID_SIZE);
    BYTE *bytes;

    if (length == 0 || length % 2 || MARK_SIZE + length >= LONG_ID_SIZE)
        return MAPI_E_INVALID_MESSAGE;
    bytes = mapi_alloc(NULL, length / 2);
    if (!bytes)
        return MAPI_E_INSUFFICIENT_MEMORY;
    for (size_t i = 0; i < length / 2; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

        if (high < 0 || low < 0) {
            mapi_free(bytes);
            return MAPI_E_INVALID_MESSAGE;
        }
        bytes[i] = (BYTE)(high << 4 | low);
    }
    *ret_entry_id = (SBinary){.cb = (ULONG)(length / 2), .lpb = bytes};
    return SUCCESS_SUCCESS;
}

static ULONG read_short(struct message_ids *ids, const char *text, SBinary *ret_entry_id)
{
    ULONG result = MAPI_E_INVALID_MESSAGE;
    uint32_t number;

    if (!read_number(text, &number) || text[8])
        return MAPI_E_INVALID_MESSAGE;
    pthread_mutex_lock(&ids->lock);
    if (number < ids->count && ids->count - number <= ids->kept) {
        const SBinary *given = &ids->given[number % SHORT_IDS_MAX];

        *ret_entry_id = (SBinary){.cb = given->cb, .lpb = mapi_memdup(NULL, given->lpb, given->cb)};
        result = ret_entry_id->lpb ? SUCCESS_SUCCESS : MAPI_E_INSUFFICIENT_MEMORY;
    }
    pthread_mutex_unlock(&ids->lock);
    return result;
}

ULONG message_id_read(struct message_ids *ids, const char *text, SBinary *ret_entry_id)
{
    uint32_t mark;

    if (!text || (text[0] != 'L' && text[0] != 'S') || !read_number(text + 1, &mark) ||
        mark != ids->mark)
        return MAPI_E_INVALID_MESSAGE;
    return text[0] == 'L' ? read_long(text + MARK_SIZE, ret_entry_id)
                          : read_short(ids, text + MARK_SIZE, ret_entry_id);
}
