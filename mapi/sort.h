/* mapi/sort.h - sort orders: check, copy, compare
 *
 * Memory only. Absent values last in either direction (TBL-094), strings without regard to case,
 * equal rows keep their natural order. */
#ifndef MG_SORT_H
#define MG_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"
#include "mapi/memory.h"

#define SORT_KEYS_MAX 16

/* S_OK, MAPI_E_INVALID_PARAMETER (counts), MAPI_E_TOO_COMPLEX (too many keys, unsortable type). */
HRESULT sort_check(const SSortOrderSet *sort);

/* One root; NULL gives an empty set. */
HRESULT sort_copy(const SSortOrderSet *sort, SSortOrderSet **ret_sort);

/* Turns a value into the form that sort_compare compares (folded strings), in `arena`. */
HRESULT sort_key(const SPropValue *value, struct arena *arena, SPropValue *ret_key);

/* Compares two rows of keys (made by sort_key), one per sort column. */
int sort_compare(const SSortOrderSet *sort, const SPropValue *a, const SPropValue *b);

#endif
