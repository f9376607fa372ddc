/* tests/mapi/copy_model.c - a slow, obvious model of objects and of copying between them */
#include "mapi/copy_model.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "support/com.h"

/* ---- Objects ---- */

struct model_object *model_plain(void)
{
    return calloc(1, sizeof(struct model_object));
}

struct model_object *model_message(void)
{
    struct model_object *message = model_plain();

    message->is_message = true;
    model_put(message, PR_MESSAGE_RECIPIENTS, 0)->refusal = MAPI_E_NO_ACCESS;
    model_put(message, PR_MESSAGE_ATTACHMENTS, 0)->refusal = MAPI_E_NO_ACCESS;
    return message;
}

struct model_object *model_attach(LONG number)
{
    struct model_object *attach = model_plain();
    struct model_prop *prop = model_put(attach, PR_ATTACH_NUM, (unsigned)number);

    attach->is_attach = true;
    prop->is_number = true;
    prop->refusal = MAPI_E_COMPUTED;
    return attach;
}

void model_free(struct model_object *object)
{
    size_t i;

    if (!object)
        return;
    for (i = 0; i < object->attachment_count; i++)
        model_free(object->attachments[i]);
    model_free(object->embedded);
    free(object);
}

struct model_object *model_clone(const struct model_object *object)
{
    struct model_object *clone = model_plain();
    size_t i;

    *clone = *object;
    for (i = 0; i < object->attachment_count; i++)
        clone->attachments[i] = model_clone(object->attachments[i]);
    if (object->embedded)
        clone->embedded = model_clone(object->embedded);
    return clone;
}

struct model_object *model_add_attachment(struct model_object *message)
{
    struct model_object *attach = model_attach((LONG)message->attachment_count + 7);

    cr_assert(message->attachment_count < MODEL_ATTACHMENTS);
    message->attachments[message->attachment_count++] = attach;
    return attach;
}

struct model_object *model_embed(struct model_object *attach)
{
    model_free(attach->embedded);
    attach->embedded = model_message();
    model_put(attach, PR_ATTACH_DATA_OBJ, 0)->refusal = MAPI_E_NO_ACCESS;
    return attach->embedded;
}

size_t model_weight(const struct model_object *object)
{
    size_t weight = 1, i;

    for (i = 0; i < object->attachment_count; i++)
        weight += model_weight(object->attachments[i]);
    return object->embedded ? weight + model_weight(object->embedded) : weight;
}

/* ---- Properties ---- */

struct model_prop *model_find(struct model_object *object, ULONG id)
{
    size_t i;

    for (i = 0; i < object->count; i++)
        if (object->props[i].id == id)
            return &object->props[i];
    return NULL;
}

struct model_prop *model_put(struct model_object *object, ULONG tag, unsigned variant)
{
    struct model_prop *prop = model_find(object, PROP_ID(tag));

    if (!prop) {
        cr_assert(object->count < MODEL_PROPS);
        prop = &object->props[object->count++];
    }
    *prop = (struct model_prop){.id = PROP_ID(tag),
                                .type = value_type_kept(PROP_TYPE(tag)),
                                .variant = value_kept(PROP_TYPE(tag), variant)};
    return prop;
}

HRESULT model_set(struct model_object *object, ULONG tag, unsigned variant)
{
    const struct model_prop *prop = model_find(object, PROP_ID(tag));

    if (object->refused_id && PROP_ID(tag) == object->refused_id)
        return MAPI_E_NO_ACCESS;
    if (prop && FAILED(prop->refusal))
        return prop->refusal;
    if (prop && prop->type == PT_OBJECT)
        return MAPI_E_NO_ACCESS;
    model_put(object, tag, variant);
    return S_OK;
}

HRESULT model_delete(struct model_object *object, ULONG id)
{
    struct model_prop *prop = model_find(object, id);

    if (object->refused_id && id == object->refused_id)
        return MAPI_E_NO_ACCESS;
    if (!prop)
        return MAPI_E_NOT_FOUND;
    if (FAILED(prop->refusal))
        return prop->refusal;
    *prop = object->props[--object->count];
    return S_OK;
}

SPropValue model_value(const struct model_prop *prop, ULONG type)
{
    SPropValue value;

    if (!prop->is_number)
        return value_made(PROP_TAG(type, prop->id), prop->variant);
    value = (SPropValue){.ulPropTag = PROP_TAG(type, prop->id)};
    if (type == PT_BINARY)
        value.Value.bin = (SBinary){sizeof(prop->variant), (BYTE *)&prop->variant};
    else
        value.Value.l = (LONG)prop->variant;
    return value;
}

SPropValue model_get(struct model_object *object, ULONG tag, ULONG flags)
{
    const struct model_prop *prop = model_find(object, PROP_ID(tag));
    SPropValue value = {.ulPropTag = CHANGE_PROP_TYPE(tag, PT_ERROR)};
    ULONG type = PROP_TYPE(tag);

    value.Value.err = MAPI_E_NOT_FOUND;
    if (!prop)
        return value;
    if (prop->type == PT_OBJECT) {
        value.Value.err = MAPI_E_NOT_ENOUGH_MEMORY; /* to be opened */
        return value;
    }
    if (type == PT_UNSPECIFIED)
        type = value_type_shown(prop->type, flags);
    if (value_type_kept(type) != prop->type)
        return value;
    value = model_value(prop, type);
    if (value_has_stream(type) && value_bytes(&value) > GET_LIMIT) {
        value = (SPropValue){.ulPropTag = CHANGE_PROP_TYPE(tag, PT_ERROR)};
        value.Value.err = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return value;
}

/* ---- Copying ---- */

static bool same_mapping(struct model_object *source, struct model_object *dest)
{
    SPropValue here = model_get(source, PR_MAPPING_SIGNATURE, 0),
               there = model_get(dest, PR_MAPPING_SIGNATURE, 0);

    return PROP_TYPE(here.ulPropTag) == PT_BINARY && value_same(&here, &there);
}

/* The destination's id for a property of the source; 0: it cannot have one. */
static ULONG id_there(struct model_object *source, struct model_object *dest, ULONG id)
{
    if (id < 0x8000 || same_mapping(source, dest))
        return id;
    if (!source->names || !dest->names || id < source->names || id >= source->names + 0x100)
        return 0;
    return id - source->names + dest->names;
}

static void copy_all(struct model_object *source, struct model_object *dest, ULONG without)
{
    ULONG ids[MODEL_PROPS];
    struct model_copy copy = {.source = source, .dest = dest, .ids = ids, .to_message = true};
    size_t i;

    for (i = 0; i < source->count; i++)
        if (source->props[i].id != without)
            ids[copy.count++] = source->props[i].id;
    cr_assert(model_copy(&copy) == S_OK);
}

static HRESULT copy_object(const struct model_copy *copy, ULONG id)
{
    struct model_object *source = copy->source, *dest = copy->dest;
    size_t i, count = source->attachment_count;

    if (id == PROP_ID(PR_ATTACH_DATA_OBJ)) {
        if (dest->readonly)
            return MAPI_E_NO_ACCESS;
        if (!dest->is_attach)
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        copy_all(source->embedded, model_embed(dest), 0);
        return S_OK;
    }
    if (!source->is_message)
        return MAPI_E_NO_SUPPORT;
    if (!copy->to_message)
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (id == PROP_ID(PR_MESSAGE_RECIPIENTS)) {
        memcpy(dest->recipients, source->recipients, sizeof(dest->recipients));
        dest->recipient_count = source->recipient_count;
        return S_OK;
    }
    for (i = 0; i < count; i++)
        copy_all(source->attachments[i], model_add_attachment(dest), PROP_ID(PR_ATTACH_NUM));
    return S_OK;
}

static bool is_streamed(struct model_object *source, ULONG id)
{
    SPropValue value = model_get(source, PROP_TAG(PT_UNSPECIFIED, id), MAPI_UNICODE);

    return PROP_TYPE(value.ulPropTag) == PT_ERROR;
}

/* Whether the source has what is in place `i` of the list, and had the destination room for it. */
static bool is_to_be_copied(struct model_copy *copy, size_t i, bool objects)
{
    struct model_prop *prop = model_find(copy->source, copy->ids[i]);

    return prop && (prop->type == PT_OBJECT) == objects && SUCCEEDED(copy->problems[i]);
}

HRESULT model_copy(struct model_copy *copy)
{
    struct model_object *source = copy->source, *dest = copy->dest;
    bool copied[2 * MODEL_PROPS] = {false}, kept[2 * MODEL_PROPS] = {false}, any = false;
    ULONG there[2 * MODEL_PROPS];
    struct model_prop *prop;
    HRESULT *problems = copy->problems;
    size_t i;

    for (i = 0; i < copy->count; i++) {
        there[i] = id_there(source, dest, copy->ids[i]);
        problems[i] = !model_find(source, copy->ids[i]) ? MAPI_E_NOT_FOUND
                      : there[i] == 0                   ? MAPI_E_UNEXPECTED_ID
                                                        : S_OK;
        kept[i] = copy->flags & MAPI_NOREPLACE && there[i] && model_find(dest, there[i]);
    }
    for (i = 0; i < copy->count; i++) {
        if (kept[i] || !is_to_be_copied(copy, i, false))
            continue;
        if (dest->readonly && !is_streamed(source, copy->ids[i]))
            return MAPI_E_NO_ACCESS; /* SetProps says so as a whole, a stream for itself */
        prop = model_find(source, copy->ids[i]);
        problems[i] = dest->readonly
                          ? MAPI_E_NO_ACCESS
                          : model_set(dest, PROP_TAG(prop->type, there[i]), prop->variant);
        if (SUCCEEDED(problems[i]) && prop->is_number)
            model_find(dest, there[i])->is_number = true;
        copied[i] = SUCCEEDED(problems[i]);
        any = any || copied[i];
    }
    for (i = 0; i < copy->count; i++)
        if (!kept[i] && !copy->no_objects && is_to_be_copied(copy, i, true))
            problems[i] = copy_object(copy, copy->ids[i]);

    if (!(copy->flags & MAPI_MOVE) || !any)
        return S_OK;
    if (source->readonly)
        return MAPI_E_NO_ACCESS;
    for (i = 0; i < copy->count; i++)
        if (copied[i] && model_find(source, copy->ids[i])) /* listed twice, it goes once */
            problems[i] = model_delete(source, copy->ids[i]);
    return S_OK;
}
