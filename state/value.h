/* state/value.h - a property value as bytes
 *
 * Private to state/. The encoding is what stands in the databases: one byte version (1), then the
 * value in little-endian order; variable parts carry their length (32 bits) in front, multi-values
 * their count (32 bits). Strings are stored without terminator, PT_UNICODE as UTF-16. Reading
 * checks every length: a damaged row is MAPI_E_CORRUPT_DATA, never a crash. */
#ifndef MG_STATE_VALUE_H
#define MG_STATE_VALUE_H

#include "mapi/mapidefs.h"
#include "state/block.h"

struct value_bytes {
    uint8_t *bytes; /* malloc'd */
    size_t size;
};

/* True for types that have a stored form. */
bool value_type_is_stored(ULONG tag);

/* Fails with MAPI_E_INVALID_TYPE, MAPI_E_TOO_BIG (above STATE_VALUE_MAX),
 * MAPI_E_INVALID_PARAMETER (a NULL pointer inside), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT value_encode(const SPropValue *value, struct value_bytes *ret_bytes);

/* Decodes into the SPropValue at `at` of the block's last row (in_data false: offset in the row) or
 * at offset `at` of its data. */
HRESULT value_decode(ULONG tag, const void *bytes, size_t size, struct block *block, bool in_data,
                     size_t at);

#endif
