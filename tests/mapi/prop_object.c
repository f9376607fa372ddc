/* tests/mapi/prop_object.c - the smallest object with IMAPIProp */
#include "mapi/prop_object.h"

#include <stdlib.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"

int prop_objects_alive;

static struct prop_object *from_props(struct mapi_prop *props)
{
    return props->context;
}

static HRESULT get_signature(void *context, struct arena *scratch, SPropValue *value)
{
    struct prop_object *self = context;

    value->Value.bin.cb = sizeof(self->signature);
    value->Value.bin.lpb = (BYTE *)&self->signature;
    return S_OK;
}

static HRESULT get_depth(void *context, struct arena *scratch, SPropValue *value)
{
    value->Value.l = 3;
    return S_OK;
}

static const struct prop_getter getters[] = {
    {PR_MAPPING_SIGNATURE, get_signature, 0},
    {PR_DEPTH, get_depth, 0},
};

static HRESULT load(struct mapi_prop *props, const SPropTagArray *tags)
{
    if (from_props(props)->watch)
        from_props(props)->watch();
    from_props(props)->loads++;
    return S_OK;
}

static HRESULT changed(struct mapi_prop *props)
{
    if (from_props(props)->watch)
        from_props(props)->watch();
    from_props(props)->changes++;
    return S_OK;
}

static HRESULT save(struct mapi_prop *props, ULONG flags)
{
    if (from_props(props)->watch)
        from_props(props)->watch();
    from_props(props)->saves++;
    return S_OK;
}

static HRESULT refuse_icon(struct mapi_prop *props, ULONG tag, SPropValue *value)
{
    return PROP_ID(tag) == PROP_ID(PR_ICON) ? MAPI_E_NO_ACCESS : S_OK;
}

static HRESULT ids_from_names(struct mapi_prop *props, ULONG count, MAPINAMEID **names, ULONG flags,
                              SPropTagArray **ret_tags)
{
    struct prop_object *self = from_props(props);
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(count));
    ULONG i;

    if (!self->with_names) {
        mapi_free(tags);
        return MAPI_E_NO_SUPPORT;
    }
    tags->cValues = count;
    for (i = 0; i < count; i++)
        tags->aulPropTag[i] = PROP_TAG(PT_UNSPECIFIED, self->name_base + names[i]->Kind.lID);
    *ret_tags = tags;
    return S_OK;
}

static HRESULT names_from_ids(struct mapi_prop *props, SPropTagArray **tags, const GUID *set,
                              ULONG flags, ULONG *ret_count, MAPINAMEID ***ret_names)
{
    struct prop_object *self = from_props(props);
    MAPINAMEID **names;
    HRESULT hr = S_OK;
    ULONG i;

    if (!self->with_names)
        return MAPI_E_NO_SUPPORT;
    names = mapi_alloc(NULL, (*tags)->cValues * sizeof(*names));
    for (i = 0; i < (*tags)->cValues; i++) {
        ULONG id = PROP_ID((*tags)->aulPropTag[i]);

        names[i] = NULL;
        if (id < self->name_base || id >= self->name_base + PROP_OBJECT_NAMES) {
            hr = MAPI_W_ERRORS_RETURNED;
            continue;
        }
        names[i] = mapi_alloc(names, sizeof(**names));
        names[i]->lpguid = (GUID *)&IID_IMAPIProp;
        names[i]->ulKind = MNID_ID;
        names[i]->Kind.lID = (LONG)(id - self->name_base);
    }
    *ret_names = names;
    *ret_count = (*tags)->cValues;
    return hr;
}

static const struct prop_ops ops = {
    .load = load,
    .change = refuse_icon,
    .changed = changed,
    .save = save,
    .names_from_ids = names_from_ids,
    .ids_from_names = ids_from_names,
};

static void prop_object_destroy(struct mapi_object *object)
{
    struct prop_object *self = container_of(object, struct prop_object, object);

    prop_objects_alive--;
    prop_clear(&self->props);
    mapi_object_clear(&self->object);
    free(self);
}

/* @thunks IMAPIProp prop_object prop_object props=props */
#include "mapi/prop_object_thunks.inc"

static const struct mapi_face faces[] = {
    MAPI_FACE(struct prop_object, IID_IMAPIProp, IMAPIProp_iface),
};
static const struct mapi_class prop_object_class = {"prop_object", prop_object_destroy, faces, 1};

struct prop_object *prop_object_create(bool writable)
{
    struct prop_object *self = calloc(1, sizeof(*self));

    prop_objects_alive++;
    self->IMAPIProp_iface.lpVtbl = &prop_object_vtbl;
    mapi_object_init(&self->object, &prop_object_class, NULL);
    prop_init(&self->props, &self->object, &self->IMAPIProp_iface, &IID_IMAPIProp, &ops, getters, 2,
              self);
    self->props.writable = writable;
    self->with_names = true;
    self->name_base = 0x8000;
    return self;
}
