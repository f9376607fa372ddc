/* tests/mapi/copy_values.h - the values that the models of copying use
 *
 * Every property type has a handful of values, each known by its number: a model keeps type and
 * number and nothing else, so it cannot make the mistakes of code that copies values. A text is one
 * number in both widths. Borrowed, never freed, made at the first call. One thread. */
#ifndef MG_TEST_COPY_VALUES_H
#define MG_TEST_COPY_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"

#define VARIANTS 9

/* A text that UTF-16 can hold and 8-bit text cannot, the other way round, and what both become. */
#define TEXT_LONE     2
#define TEXT_BROKEN   3
#define TEXT_REPLACED 4

#define VALUE_TYPES 26
extern const ULONG value_types[VALUE_TYPES]; /* all that can be set */

/* Value `variant` of the tag's type. Of PT_OBJECT only the tag. */
SPropValue value_made(ULONG tag, unsigned variant);

unsigned chance_variant(void); /* large ones are rare */
ULONG chance_width(void);      /* MAPI_UNICODE or 0 */

/* The number under which an object keeps what was given in this type: texts by their UTF-16. */
unsigned value_kept(ULONG type, unsigned variant);

/* The type under which it is kept, and that type in the width of `flags` (MAPI_UNICODE). */
ULONG value_type_kept(ULONG type);
ULONG value_type_shown(ULONG type, ULONG flags);

/* Same tag and the same bits; not the library's own comparison. */
bool value_same(const SPropValue *a, const SPropValue *b);

/* Bytes, as GetProps' limit counts them. */
size_t value_bytes(const SPropValue *value);

bool value_has_stream(ULONG type);

#endif
