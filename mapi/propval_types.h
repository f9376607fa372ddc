/* mapi/propval_types.h - the table of property types, for the propval_*.c files only */
#ifndef MG_PROPVAL_TYPES_H
#define MG_PROPVAL_TYPES_H

#include "mapi/propval.h"

enum propval_kind {
    KIND_NONE,    /* no value: PT_NULL, PT_OBJECT */
    KIND_INLINE,  /* in the union itself */
    KIND_STRING8, /* char pointer */
    KIND_UNICODE, /* WCHAR pointer */
    KIND_BINARY,  /* SBinary */
    KIND_GUID,    /* GUID pointer; in a multi-value the GUIDs themselves */
};

struct propval_type {
    ULONG type; /* single-valued */
    enum propval_kind kind;
    size_t size; /* of an inline value, or of a multi-value's element */
    int (*compare)(const void *a, const void *b); /* of inline values; NULL: no order */
};

/* NULL: unknown. Accepts multi-valued types; *ret_multi tells. PT_NULL, PT_OBJECT, PT_ERROR and
 * PT_SVREID have no multi-valued form. */
const struct propval_type *propval_type_find(ULONG type, bool *ret_multi);

/* Every multi-valued member of the union is a count and a pointer. */
struct propval_multi {
    ULONG count;
    void *items;
};
static inline const struct propval_multi *propval_multi(const SPropValue *value)
{
    return (const struct propval_multi *)&value->Value;
}

static inline size_t align8(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

#endif
