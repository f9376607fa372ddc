/* mapi/copy_names.h - named properties on their way to another object
 *
 * For copy.c only. */
#ifndef MG_COPY_NAMES_H
#define MG_COPY_NAMES_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

/* The id of a property with a name (PRP-015). */
static inline bool copy_is_named(ULONG tag)
{
    return PROP_ID(tag) >= 0x8000 && PROP_ID(tag) < PROP_ID_INVALID;
}

/* The destination's ids for `tags`, all of named properties, each in its place: the same where both
 * have one mapping (STO-285), else by name, which makes it there if need be (PRP-017). 0: it has no
 * name here, or the destination has no names (STO-284). Foreign code runs: caller's thread, no
 * lock. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT copy_ids_there(IMAPIProp *source, IMAPIProp *dest, SPropTagArray *tags, ULONG *ret_ids);

#endif
