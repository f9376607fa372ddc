/* mapi/adrlist.h - entries of address lists
 *
 * An entry's properties are an allocation of their own (MAPIAllocateBuffer), which whoever changes
 * the entry frees and replaces (ABK-052, ABK-064). Strings come in either width. Memory only. */
#ifndef MG_ADRLIST_H
#define MG_ADRLIST_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

/* Whether an entry has a malformed value (propval_is_bad): what public methods refuse. */
bool adrlist_is_bad(const ADRLIST *list);

/* The entry's value of that property, whatever its type but PT_ERROR; NULL: none. */
const SPropValue *adrentry_find(const ADRENTRY *entry, ULONG tag);

/* Gives the entry a deep copy of `values` and frees what it had: `values` may borrow from that. A
 * property that comes twice is taken once, the first. Strings become `type`, PT_UNICODE or
 * PT_STRING8, but for PR_7BIT_DISPLAY_NAME (ABK-030); 0: they stay. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY, the entry untouched. */
HRESULT adrentry_set(ADRENTRY *entry, const SPropValue *values, ULONG count, ULONG type);

/* adrentry_set with `values` before what the entry has: they win. */
HRESULT adrentry_put(ADRENTRY *entry, const SPropValue *values, ULONG count, ULONG type);

/* What a name that was resolved to somebody becomes (ABK-084): PR_ENTRYID and the properties of
 * `tags` out of `known`, before what the entry had; what is nowhere is PT_ERROR with
 * MAPI_E_NOT_FOUND. tags NULL: all of `known`. Strings in `type`. */
HRESULT adrentry_resolve(ADRENTRY *entry, const SPropTagArray *tags, const SPropValue *known,
                         ULONG count, ULONG type);

/* PrepareRecips for one entry (ABK-054 to ABK-058): the properties of `tags` come first, from the
 * entry, else from `known`, else as PT_ERROR with MAPI_E_NOT_FOUND, in the type of the tag; then
 * what else the entry has. PR_ENTRYID is that of `known`. */
HRESULT adrentry_prepare(ADRENTRY *entry, const SPropTagArray *tags, const SPropValue *known,
                         ULONG count);

#endif
