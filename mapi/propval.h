/* mapi/propval.h - one property value: compare, copy, measure, check, serialise
 *
 * One table describes the types (PRP-001); every function here and each test walks it. A value that
 * is `const SPropValue *` is only read. Types known: all of PRP-001 and their multi-valued forms,
 * PT_NULL, PT_SVREID; PT_OBJECT carries nothing. Not known: PT_PTR, and PT_SRESTRICTION and
 * PT_ACTIONS, which are packed, copied and compared for equality all the same (propval_tree.h). */
#ifndef MG_PROPVAL_H
#define MG_PROPVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"
#include "mapi/memory.h"

/* The type of a tag without MVI_FLAG's instance bit. */
static inline ULONG prop_base_type(ULONG tag)
{
    return PROP_TYPE(tag) & ~(ULONG)MV_INSTANCE;
}

bool propval_type_is_known(ULONG type);
bool propval_type_is_string(ULONG type); /* 8-bit or UTF-16, single or multi-valued */

/* Whether OpenProperty gives an IStream on values of this type (STO-263). */
bool propval_type_has_stream(ULONG type);

/* Makes *value say that property `tag` has no value: PT_ERROR with `hr` and the tag's id. */
void propval_set_error(SPropValue *value, ULONG tag, HRESULT hr);

/* Bytes of the value alone, as UlPropSize counts them (strings with their terminator, multi-values
 * with their elements but without the array of pointers); 0 for unknown types. */
size_t propval_size(const SPropValue *value);

/* Bytes that propval_pack needs beside the SPropValue itself, each piece aligned to 8. */
size_t propval_packed_size(const SPropValue *value);

/* Copies `value` to *dest with everything it points to laid down from *cursor on, which moves. The
 * caller made room for propval_packed_size bytes, *cursor aligned to 8. MAPI_E_NO_SUPPORT for
 * unknown types, dest untouched. */
HRESULT propval_pack(SPropValue *dest, const SPropValue *value, uint8_t **cursor);

/* Copies one value; what it points to is chained to `root`. On failure dest is untouched. */
HRESULT propval_copy(void *root, SPropValue *dest, const SPropValue *value);

/* Copies an array into one new block, one MAPIFreeBuffer. count 0 gives NULL. */
HRESULT propval_dup(const SPropValue *values, size_t count, SPropValue **ret_values);

/* Converts a string value between the widths: *value gets type `type` (PT_STRING8, PT_UNICODE or
 * their PT_MV_ forms); what it points to is chained to `root`. No string, or that width already:
 * nothing happens. */
HRESULT propval_set_width(void *root, SPropValue *value, ULONG type);

/* Copies values to `wide` (may be `values`), strings as PT_UNICODE; those hang off `root`, the rest
 * is borrowed. */
HRESULT propvals_widen(void *root, const SPropValue *values, size_t count, SPropValue *wide);

/* Same tag and same value. Bytes of strings and binaries exactly, doubles by bits. */
bool propval_equal(const SPropValue *a, const SPropValue *b);

/* Equal values have equal hashes. */
uint64_t propval_hash(const SPropValue *value);

/* Order of two values of the same type: < 0, 0, > 0. Integers signed (PRP-004), strings by
 * text_compare with `fuzzy` (0: exactly), binaries by bytes then length, booleans FALSE first,
 * multi-values element by element, a missing element first (TBL-065). Types without an order give a
 * stable non-zero result when unequal (TBL-088); differing types order by type. */
int propval_compare(const SPropValue *a, const SPropValue *b, ULONG fuzzy);

/* The single value `index` of a multi-valued property, borrowed from it, with the single type. */
void propval_get_instance(const SPropValue *value, size_t index, SPropValue *ret_value);
size_t propval_count(const SPropValue *value); /* elements; 1 for single values */

/* TRUE when the value is malformed: unknown type or id, NULL where a pointer must be, a boolean
 * that is neither TRUE nor FALSE (UTL-087, UTL-088), a multi-value without values. */
bool propval_is_bad(const SPropValue *value);

/* The first value with this tag; PT_UNSPECIFIED looks for the id in any type (UTL-004). */
const SPropValue *propval_find(const SPropValue *values, size_t count, ULONG tag);

/* A value as bytes for state/: a version byte, the tag, then the value, little-endian whatever the
 * machine; unknown versions and damaged bytes give MAPI_E_CORRUPT_DATA. The format of version 1 is
 * for ever (docs in propval_blob.c). ret_blob is a root of its own. decode chains to `root`. */
HRESULT propval_encode(const SPropValue *value, uint8_t **ret_blob, size_t *ret_size);
HRESULT propval_decode(void *root, const uint8_t *blob, size_t size, SPropValue *ret_value);

/* Short cuts that fill a value without copying what it points to. */
static inline SPropValue propval_long(ULONG tag, LONG value)
{
    return (SPropValue){.ulPropTag = tag, .Value.l = value};
}
static inline SPropValue propval_bool(ULONG tag, bool value)
{
    return (SPropValue){.ulPropTag = tag, .Value.b = value};
}
static inline SPropValue propval_unicode(ULONG tag, const WCHAR *value)
{
    return (SPropValue){.ulPropTag = tag, .Value.lpszW = (WCHAR *)value};
}
static inline SPropValue propval_binary(ULONG tag, const void *data, size_t size)
{
    return (SPropValue){.ulPropTag = tag, .Value.bin = {.cb = (ULONG)size, .lpb = (BYTE *)data}};
}

#endif
