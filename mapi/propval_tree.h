/* mapi/propval_tree.h - values that are trees: PT_SRESTRICTION and PT_ACTIONS
 *
 * Columns of rules tables (PR_RULE_CONDITION, PR_RULE_ACTIONS). Such a value is a pointer, in
 * Value.lpszA. It may be copied and compared for equality (propval.h); it has no size, no order and
 * is no property that can be set. Trees are believed to be sound: whoever takes one from outside
 * writes it as bytes (wire.h), which checks it. */
#ifndef MG_PROPVAL_TREE_H
#define MG_PROPVAL_TREE_H

#include "mapi/edkmdb.h"
#include "mapi/propval.h"

static inline bool propval_is_tree(const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag);

    return type == PT_SRESTRICTION || type == PT_ACTIONS;
}

/* Is there a way to copy it? */
static inline bool propval_is_copied(const SPropValue *value)
{
    return propval_type_is_known(prop_base_type(value->ulPropTag)) || propval_is_tree(value);
}

/* As propval_packed_size, propval_pack and propval_equal, for trees; those call these. Without
 * memory nothing is equal. */
size_t propval_tree_packed_size(const SPropValue *value);
void propval_tree_pack(SPropValue *dest, const SPropValue *value, uint8_t **cursor);
bool propval_tree_equal(const SPropValue *a, const SPropValue *b);

static inline SPropValue propval_restriction(ULONG tag, const SRestriction *restriction)
{
    return (SPropValue){.ulPropTag = tag, .Value.lpv = (void *)restriction};
}
static inline SPropValue propval_actions(ULONG tag, const ACTIONS *actions)
{
    return (SPropValue){.ulPropTag = tag, .Value.lpv = (void *)actions};
}

#endif
