/* mime/props.h - collecting properties that hang off one root
 *
 * Private to mime. The first failure sticks; props_finish tells it. */
#ifndef MIME_PROPS_H
#define MIME_PROPS_H

#include "mapi/mapidefs.h"

struct props {
    SPropValue *values; /* room for `capacity` */
    ULONG count, capacity;
    void *root; /* what hangs off: the caller's, or `values` */
    HRESULT hr;
};

/* `root` NULL: the array is the root. */
void props_begin(struct props *props, void *root, ULONG capacity);
void props_add_utf8(struct props *props, ULONG tag, const char *text); /* NULL: nothing */
void props_add_utf8_size(struct props *props, ULONG tag, const char *text, size_t size);
void props_add_long(struct props *props, ULONG tag, LONG value);
void props_add_bool(struct props *props, ULONG tag, bool value);
void props_add_time(struct props *props, ULONG tag, int64_t seconds); /* INT64_MIN: nothing */
void props_add_binary(struct props *props, ULONG tag, const void *bytes, size_t size);
/* The value itself is taken over, not copied. */
void props_add(struct props *props, const SPropValue *value);
/* On failure what was collected without a caller's root is freed. */
HRESULT props_finish(struct props *props, SPropValue **ret_values, ULONG *ret_count);

#endif
