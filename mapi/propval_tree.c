/* mapi/propval_tree.c - values that are trees: restrictions and rule actions
 *
 * One walk measures and copies: without a place to copy to it only counts. */
#include "mapi/propval_tree.h"

#include <string.h>

#include "mapi/propval_types.h"
#include "mapi/wire.h"

struct layer {
    uint8_t *at; /* NULL: only measure */
    size_t size;
};

/* Room for `size` bytes and a copy of `data` in it; where to go on (`data` itself when measuring).
 */
static void *lay(struct layer *layer, const void *data, size_t size)
{
    void *place = layer->at;

    layer->size += align8(size);
    if (!layer->at)
        return (void *)data;
    if (size)
        memcpy(place, data, size);
    layer->at += align8(size);
    return place;
}

/* `*pointer` to `count` things of `size` bytes becomes a pointer to their copies. */
static void *lay_pointer(struct layer *layer, void *pointer, size_t count, size_t size)
{
    void *from, *copy;

    memcpy(&from, pointer, sizeof(from));
    if (!from)
        return NULL;
    copy = lay(layer, from, count * size);
    if (layer->at)
        memcpy(pointer, &copy, sizeof(copy));
    return copy;
}

static void lay_value(struct layer *layer, SPropValue *value)
{
    if (layer->at)
        propval_pack(value, value, &layer->at);
    layer->size += propval_packed_size(value);
}

static void lay_values(struct layer *layer, void *pointer, size_t count)
{
    SPropValue *values = lay_pointer(layer, pointer, count, sizeof(*values));

    for (size_t i = 0; values && i < count; i++)
        lay_value(layer, &values[i]);
}

/* --- Restrictions ----------------------------------------------------------------------------- */

static void lay_restriction(struct layer *layer, SRestriction *node);

static void lay_restrictions(struct layer *layer, void *pointer, size_t count)
{
    SRestriction *nodes = lay_pointer(layer, pointer, count, sizeof(*nodes));

    for (size_t i = 0; nodes && i < count; i++)
        lay_restriction(layer, &nodes[i]);
}

static void lay_restriction(struct layer *layer, SRestriction *node)
{
    switch (node->rt) {
    case RES_AND:
        lay_restrictions(layer, &node->res.resAnd.lpRes, node->res.resAnd.cRes);
        break;
    case RES_OR:
        lay_restrictions(layer, &node->res.resOr.lpRes, node->res.resOr.cRes);
        break;
    case RES_NOT:
        lay_restrictions(layer, &node->res.resNot.lpRes, 1);
        break;
    case RES_SUBRESTRICTION:
        lay_restrictions(layer, &node->res.resSub.lpRes, 1);
        break;
    case RES_COUNT:
        lay_restrictions(layer, &node->res.resCount.lpRes, 1);
        break;
    case RES_CONTENT:
        lay_values(layer, &node->res.resContent.lpProp, 1);
        break;
    case RES_PROPERTY:
        lay_values(layer, &node->res.resProperty.lpProp, 1);
        break;
    case RES_COMMENT:
        lay_values(layer, &node->res.resComment.lpProp, node->res.resComment.cValues);
        lay_restrictions(layer, &node->res.resComment.lpRes, 1);
        break;
    default: /* without pointers */
        break;
    }
}

/* --- Actions ---------------------------------------------------------------------------------- */

static void lay_recipients(struct layer *layer, ACTION *action)
{
    ADRLIST *list = lay_pointer(layer, &action->lpadrlist, 1, CbADRLIST(action->lpadrlist));

    for (ULONG i = 0; list && i < list->cEntries; i++)
        lay_values(layer, &list->aEntries[i].rgPropVals, list->aEntries[i].cValues);
}

static void lay_action(struct layer *layer, ACTION *action)
{
    lay_restrictions(layer, &action->lpRes, 1);
    if (action->lpPropTagArray)
        lay_pointer(layer, &action->lpPropTagArray, 1, CbSPropTagArray(action->lpPropTagArray));
    switch (action->acttype) {
    case OP_MOVE:
    case OP_COPY:
        lay_pointer(layer, &action->actMoveCopy.lpStoreEntryId, action->actMoveCopy.cbStoreEntryId,
                    1);
        lay_pointer(layer, &action->actMoveCopy.lpFldEntryId, action->actMoveCopy.cbFldEntryId, 1);
        break;
    case OP_REPLY:
    case OP_OOF_REPLY:
        lay_pointer(layer, &action->actReply.lpEntryId, action->actReply.cbEntryId, 1);
        break;
    case OP_DEFER_ACTION:
        lay_pointer(layer, &action->actDeferAction.pbData, action->actDeferAction.cbData, 1);
        break;
    case OP_FORWARD:
    case OP_DELEGATE:
        lay_recipients(layer, action);
        break;
    case OP_TAG:
        lay_value(layer, &action->propTag);
        break;
    default: /* without pointers */
        break;
    }
}

/* --- Values ----------------------------------------------------------------------------------- */

static void lay_tree(struct layer *layer, SPropValue *value)
{
    ACTIONS *actions;
    ACTION *items;

    if (PROP_TYPE(value->ulPropTag) == PT_SRESTRICTION) {
        lay_restrictions(layer, &value->Value.lpv, 1);
        return;
    }
    actions = lay_pointer(layer, &value->Value.lpv, 1, sizeof(*actions));
    if (!actions)
        return;
    items = lay_pointer(layer, &actions->lpAction, actions->cActions, sizeof(*items));
    for (UINT i = 0; items && i < actions->cActions; i++)
        lay_action(layer, &items[i]);
}

size_t propval_tree_packed_size(const SPropValue *value)
{
    struct layer layer = {0};
    SPropValue copy = *value; /* measuring changes nothing */

    lay_tree(&layer, &copy);
    return layer.size;
}

void propval_tree_pack(SPropValue *dest, const SPropValue *value, uint8_t **cursor)
{
    struct layer layer = {.at = *cursor};
    SPropValue made = *value;

    lay_tree(&layer, &made);
    *cursor = layer.at;
    *dest = made;
}

static void put_tree(struct wire_writer *writer, const SPropValue *value)
{
    if (PROP_TYPE(value->ulPropTag) == PT_SRESTRICTION)
        wire_put_restriction(writer, (const SRestriction *)value->Value.lpv);
    else
        wire_put_actions(writer, (const ACTIONS *)value->Value.lpv);
}

bool propval_tree_equal(const SPropValue *a, const SPropValue *b)
{
    struct wire_writer one = {0}, other = {0};
    bool equal;

    put_tree(&one, a);
    put_tree(&other, b);
    equal = SUCCEEDED(one.hr) && SUCCEEDED(other.hr) && one.size == other.size &&
            memcmp(one.bytes, other.bytes, one.size) == 0;
    wire_writer_clear(&one);
    wire_writer_clear(&other);
    return equal;
}
