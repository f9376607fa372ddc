/* mapi/util_reloc.c - ScRelocProps and ScRelocNotifications: blocks that were moved
 *
 * A block that ScCopyProps or ScCopyNotifications made holds pointers into itself. Relocating adds
 * the difference of two addresses to each. How large the block is, only its pointers could tell:
 * what lies before the base, or absurdly far behind it, is refused.
 *
 * Requirements: UTL-016, UTL-017, MEM-028. */
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiutil.h"
#include "mapi/propval.h"
#include "mapi/propval_types.h"

struct move {
    const char *old_base;
    char *new_base;
    const char *here; /* where the block lies now: one of the two */
};

#define BLOCK_MAX INT32_MAX

/* Where something is now that a pointer, not yet moved, says. NULL: not in the block. */
static void *find_now(const struct move *move, const void *pointer)
{
    if ((const char *)pointer < move->old_base ||
        (const char *)pointer > move->old_base + BLOCK_MAX)
        return NULL;
    return (char *)move->here + ((const char *)pointer - move->old_base);
}

/* Moves the pointer that stands at `place`; it must point into the block, or be NULL. */
static bool shift(const struct move *move, void *place)
{
    char *pointer;

    memcpy(&pointer, place, sizeof(pointer));
    if (!pointer)
        return true;
    if (!find_now(move, pointer))
        return false;
    pointer = move->new_base + (pointer - move->old_base);
    memcpy(place, &pointer, sizeof(pointer));
    return true;
}

/* ---- Values ---- */

static bool kind_is_text(const struct propval_type *type)
{
    return type->kind == KIND_STRING8 || type->kind == KIND_UNICODE;
}

static bool shift_multi(const struct move *move, const struct propval_type *type,
                        struct propval_multi *items)
{
    char *elements = find_now(move, items->items);
    bool good = elements != NULL;
    size_t i;

    for (i = 0; good && i < items->count; i++) {
        if (type->kind == KIND_BINARY)
            good = shift(move, &((SBinary *)elements)[i].lpb);
        else if (kind_is_text(type))
            good = shift(move, &((char **)elements)[i]);
    }
    return good && shift(move, &items->items);
}

static bool shift_value(const struct move *move, SPropValue *value)
{
    bool multi;
    const struct propval_type *type = propval_type_find(prop_base_type(value->ulPropTag), &multi);

    if (!type)
        return false; /* UTL-017 */
    if (multi)
        return shift_multi(move, type, (struct propval_multi *)&value->Value);
    if (type->kind == KIND_BINARY)
        return shift(move, &value->Value.bin.lpb);
    if (kind_is_text(type) || type->kind == KIND_GUID)
        return shift(move, &value->Value.lpszA);
    return true;
}

static bool shift_values(const struct move *move, SPropValue **values, ULONG count)
{
    SPropValue *now = *values ? find_now(move, *values) : NULL;
    ULONG i;

    if (argument_count_is_bad(count) || (count && !now))
        return false;
    for (i = 0; i < count; i++)
        if (!shift_value(move, &now[i]))
            return false;
    return shift(move, values);
}

SCODE STDAPICALLTYPE ScRelocProps(int count, LPSPropValue values, LPVOID old_base, LPVOID new_base,
                                  ULONG *ret_size)
{
    struct move move = {.old_base = old_base, .new_base = new_base, .here = (const char *)values};
    int i;

    if (count <= 0 || argument_count_is_bad((ULONG)count) || !values || !old_base || !new_base)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < count; i++)
        if (!propval_type_is_known(prop_base_type(values[i].ulPropTag)))
            return MAPI_E_INVALID_PARAMETER; /* UTL-017 */
    for (i = 0; i < count; i++)
        if (!shift_value(&move, &values[i]))
            return MAPI_E_INVALID_PARAMETER;
    if (ret_size && new_base == (LPVOID)values)
        return ScCountProps(count, values, ret_size);
    return S_OK;
}

/* ---- Notifications ---- */

static bool shift_error(const struct move *move, ERROR_NOTIFICATION *err)
{
    MAPIERROR *error = err->lpMAPIError ? find_now(move, err->lpMAPIError) : NULL;

    if (err->lpMAPIError && !error)
        return false;
    if (error && !(shift(move, &error->lpszError) && shift(move, &error->lpszComponent)))
        return false;
    return shift(move, &err->lpEntryID) && shift(move, &err->lpMAPIError);
}

static bool shift_notification(const struct move *move, NOTIFICATION *notification)
{
    NEWMAIL_NOTIFICATION *newmail = &notification->info.newmail;
    OBJECT_NOTIFICATION *obj = &notification->info.obj;
    TABLE_NOTIFICATION *tab = &notification->info.tab;
    STATUS_OBJECT_NOTIFICATION *statobj = &notification->info.statobj;

    switch (notification->ulEventType) {
    case fnevCriticalError:
        return shift_error(move, &notification->info.err);
    case fnevNewMail:
        return shift(move, &newmail->lpEntryID) && shift(move, &newmail->lpParentID) &&
               shift(move, &newmail->lpszMessageClass);
    case fnevObjectCreated:
    case fnevObjectDeleted:
    case fnevObjectModified:
    case fnevObjectMoved:
    case fnevObjectCopied:
    case fnevSearchComplete:
        return shift(move, &obj->lpEntryID) && shift(move, &obj->lpParentID) &&
               shift(move, &obj->lpOldID) && shift(move, &obj->lpOldParentID) &&
               shift(move, &obj->lpPropTagArray);
    case fnevTableModified:
        return (tab->propIndex.ulPropTag == 0 || shift_value(move, &tab->propIndex)) &&
               (tab->propPrior.ulPropTag == 0 || shift_value(move, &tab->propPrior)) &&
               shift_values(move, &tab->row.lpProps, tab->row.cValues);
    case fnevStatusObjectModified:
        return shift(move, &statobj->lpEntryID) &&
               shift_values(move, &statobj->lpPropVals, statobj->cValues);
    case fnevExtended:
        return shift(move, &notification->info.ext.pbEventParameters);
    default:
        return false;
    }
}

SCODE STDAPICALLTYPE ScRelocNotifications(int count, LPNOTIFICATION notifications, LPVOID old_base,
                                          LPVOID new_base, ULONG *ret_size)
{
    struct move move = {
        .old_base = old_base, .new_base = new_base, .here = (const char *)notifications};
    int i;

    if (count <= 0 || argument_count_is_bad((ULONG)count) || !notifications || !old_base ||
        !new_base)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < count; i++)
        if (!shift_notification(&move, &notifications[i]))
            return MAPI_E_INVALID_PARAMETER;
    if (ret_size && new_base == (LPVOID)notifications)
        return ScCountNotifications(count, notifications, ret_size);
    return S_OK;
}
