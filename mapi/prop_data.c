/* mapi/prop_data.c - IPropData: properties that a program keeps in memory
 *
 * IMAPIProp over a propbag, with access marks on the object and on each property. Nothing is saved
 * anywhere: SaveChanges succeeds and leaves the marks as they are, since they tell the program what
 * it has to save. What the object gives out is MAPIAllocateBuffer's. Free-threaded.
 *
 * Requirements: UTL-113 to UTL-121, MEM-022. */
#include <stdlib.h>
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/prop.h"

#define ACCESS_MASK (IPROP_READONLY | IPROP_READWRITE)
#define STATE_MASK  (IPROP_CLEAN | IPROP_DIRTY)

struct prop_data {
    IPropData IPropData_iface;
    struct mapi_object object;
    struct mapi_prop props;
    atomic_bool readonly;
};

static void prop_data_destroy(struct mapi_object *object)
{
    struct prop_data *data = container_of(object, struct prop_data, object);

    prop_clear(&data->props);
    mapi_object_clear(&data->object);
    free(data);
}

/* Lock held; NULL: never set, or forgotten. */
static const struct propbag_item *find_item(const struct prop_data *data, ULONG tag)
{
    const struct propbag *bag = &data->props.bag;
    size_t i;

    for (i = 0; i < bag->count; i++)
        if (PROP_ID(bag->items[i].value->ulPropTag) == PROP_ID(tag))
            return &bag->items[i];
    return NULL;
}

/* ---- IMAPIProp, as far as it depends on access ---- */

static HRESULT change_is_allowed(struct mapi_prop *props, ULONG tag, SPropValue *value)
{
    struct prop_data *data = props->context;
    const struct propbag_item *item;
    HRESULT hr = S_OK;

    if (atomic_load(&data->readonly))
        return MAPI_E_NO_ACCESS; /* a stream that was opened before */
    pthread_mutex_lock(&props->lock);
    item = find_item(data, tag);
    if (item && item->attributes & PROP_READONLY)
        hr = MAPI_E_NO_ACCESS;
    pthread_mutex_unlock(&props->lock);
    return hr;
}

static HRESULT save_nothing(struct mapi_prop *props, ULONG flags)
{
    return S_OK;
}

static const struct prop_ops prop_data_ops = {.change = change_is_allowed, .save = save_nothing};

static HRESULT data_SetProps(struct prop_data *data, ULONG count, LPSPropValue values,
                             LPSPropProblemArray *ret_problems)
{
    if (ret_problems)
        *ret_problems = NULL;
    if (atomic_load(&data->readonly))
        return MAPI_E_NO_ACCESS; /* UTL-117 */
    return prop_SetProps(&data->props, count, values, ret_problems);
}

static HRESULT data_DeleteProps(struct prop_data *data, LPSPropTagArray tags,
                                LPSPropProblemArray *ret_problems)
{
    if (ret_problems)
        *ret_problems = NULL;
    if (atomic_load(&data->readonly))
        return MAPI_E_NO_ACCESS;
    return prop_DeleteProps(&data->props, tags, ret_problems);
}

static HRESULT data_OpenProperty(struct prop_data *data, ULONG tag, LPCIID iid,
                                 ULONG interface_options, ULONG flags, LPUNKNOWN *ret_unknown)
{
    if (ret_unknown)
        *ret_unknown = NULL;
    if ((flags & (MAPI_CREATE | MAPI_MODIFY)) && atomic_load(&data->readonly))
        return MAPI_E_NO_ACCESS;
    return prop_OpenProperty(&data->props, tag, iid, interface_options, flags, ret_unknown);
}

/* ---- Access ---- */

static bool access_is_bad(ULONG access)
{
    return access & ~(ULONG)(ACCESS_MASK | STATE_MASK) || (access & ACCESS_MASK) == ACCESS_MASK ||
           (access & STATE_MASK) == STATE_MASK;
}

static HRESULT data_HrSetObjAccess(struct prop_data *data, ULONG access)
{
    if (access != IPROP_READONLY && access != IPROP_READWRITE)
        return MAPI_E_INVALID_PARAMETER;
    atomic_store(&data->readonly, access == IPROP_READONLY);
    return S_OK;
}

/* Lock held. A property that does not exist has no access to be set. */
static void set_access(struct prop_data *data, ULONG tag, ULONG access)
{
    const struct propbag_item *item = find_item(data, tag);
    unsigned set = 0, clear = 0;

    if (!item)
        return;
    if (item->attributes & PROP_DELETED) {
        if (access & IPROP_CLEAN)
            propbag_forget(&data->props.bag, tag);
        return;
    }
    set |= access & IPROP_READONLY ? PROP_READONLY : 0;
    clear |= access & IPROP_READWRITE ? PROP_READONLY : 0;
    set |= access & IPROP_DIRTY ? PROP_DIRTY : 0;
    clear |= access & IPROP_CLEAN ? PROP_DIRTY : 0;
    propbag_mark(&data->props.bag, tag, set, clear);
}

static HRESULT data_HrSetPropAccess(struct prop_data *data, LPSPropTagArray tags, ULONG *access)
{
    ULONG i;

    if (!tags || !access)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < tags->cValues; i++)
        if (access_is_bad(access[i]))
            return MAPI_E_INVALID_PARAMETER; /* UTL-119 */
    if (atomic_load(&data->readonly))
        return MAPI_E_NO_ACCESS; /* UTL-118 */
    pthread_mutex_lock(&data->props.lock);
    for (i = 0; i < tags->cValues; i++)
        set_access(data, tags->aulPropTag[i], access[i]);
    pthread_mutex_unlock(&data->props.lock);
    return S_OK;
}

static ULONG item_access(const struct propbag_item *item)
{
    if (!item || item->attributes & PROP_DELETED)
        return 0; /* UTL-121 */
    return (item->attributes & PROP_READONLY ? IPROP_READONLY : IPROP_READWRITE) |
           (item->attributes & PROP_DIRTY ? IPROP_DIRTY : IPROP_CLEAN);
}

/* Lock held. */
static HRESULT list_all(const struct prop_data *data, SPropTagArray **ret_tags)
{
    const struct propbag *bag = &data->props.bag;
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(bag->count ? bag->count : 1));

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (; tags->cValues < bag->count; tags->cValues++)
        tags->aulPropTag[tags->cValues] = bag->items[tags->cValues].value->ulPropTag;
    *ret_tags = tags;
    return S_OK;
}

static HRESULT data_HrGetPropAccess(struct prop_data *data, LPSPropTagArray *tags,
                                    ULONG **ret_access)
{
    SPropTagArray *all = NULL, *asked;
    ULONG *access = NULL, i;
    HRESULT hr = S_OK;

    if (!tags || !ret_access)
        return MAPI_E_INVALID_PARAMETER;
    *ret_access = NULL;
    if (argument_tags_are_bad(*tags))
        return MAPI_E_INVALID_PARAMETER;
    pthread_mutex_lock(&data->props.lock);
    if (!*tags)
        hr = list_all(data, &all); /* UTL-120 */
    asked = *tags ? *tags : all;
    if (SUCCEEDED(hr)) {
        access = mapi_alloc_array(NULL, asked->cValues, sizeof(*access));
        hr = access ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    for (i = 0; SUCCEEDED(hr) && i < asked->cValues; i++)
        access[i] = item_access(find_item(data, asked->aulPropTag[i]));
    pthread_mutex_unlock(&data->props.lock);
    if (FAILED(hr)) {
        mapi_free(all);
        return hr;
    }
    *tags = asked;
    *ret_access = access;
    return S_OK;
}

/* ---- Object properties ---- */

static HRESULT add_object(struct prop_data *data, ULONG tag)
{
    const SPropValue value = {.ulPropTag = tag};
    const struct propbag_item *item;
    HRESULT hr;

    pthread_mutex_lock(&data->props.lock);
    item = find_item(data, tag);
    if (item && !(item->attributes & (PROP_OBJECT | PROP_DELETED)))
        hr = MAPI_E_COLLISION; /* there is a value under this number */
    else
        hr = propbag_load(&data->props.bag, &value, PROP_OBJECT);
    pthread_mutex_unlock(&data->props.lock);
    return hr;
}

static HRESULT data_HrAddObjProps(struct prop_data *data, LPSPropTagArray tags,
                                  LPSPropProblemArray *ret_problems)
{
    SPropProblemArray *problems;
    HRESULT hr;
    ULONG i;

    if (ret_problems)
        *ret_problems = NULL;
    if (!tags || tags->cValues == 0 || tags->cValues > 1u << 16)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < tags->cValues; i++)
        if (PROP_TYPE(tags->aulPropTag[i]) != PT_OBJECT)
            return MAPI_E_INVALID_TYPE; /* UTL-113 */
    if (atomic_load(&data->readonly))
        return MAPI_E_NO_ACCESS; /* UTL-114 */
    problems = mapi_alloc(NULL, CbNewSPropProblemArray(tags->cValues));
    if (!problems)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < tags->cValues; i++) {
        hr = add_object(data, tags->aulPropTag[i]);
        if (FAILED(hr))
            problems->aProblem[problems->cProblem++] = (SPropProblem){i, tags->aulPropTag[i], hr};
    }
    hr = problems->cProblem ? MAPI_W_PARTIAL_COMPLETION : S_OK; /* UTL-116 */
    if (ret_problems && problems->cProblem)
        *ret_problems = problems;
    else
        mapi_free(problems);
    return hr;
}

/* ---- Creation ---- */

/* @thunks IPropData prop_data data props=props */
#include "mapi/prop_data_thunks.inc"

static const struct mapi_face prop_data_faces[] = {
    MAPI_FACE(struct prop_data, IID_IMAPIPropData, IPropData_iface),
    MAPI_FACE(struct prop_data, IID_IMAPIProp, IPropData_iface),
};

static const struct mapi_class prop_data_class = {
    .name = "prop_data",
    .destroy = prop_data_destroy,
    .faces = prop_data_faces,
    .face_count = 2,
};

SCODE STDAPICALLTYPE CreateIProp(LPCIID iid, ALLOCATEBUFFER *allocate, ALLOCATEMORE *allocate_more,
                                 FREEBUFFER *free_buffer, LPVOID reserved, LPPROPDATA *ret_data)
{
    struct prop_data *data;

    if (!ret_data)
        return MAPI_E_INVALID_PARAMETER;
    *ret_data = NULL;
    if (iid && !guid_equal(iid, &IID_IMAPIPropData))
        return MAPI_E_INTERFACE_NOT_SUPPORTED; /* MEM-022 */
    if (!allocate || !allocate_more || !free_buffer)
        return MAPI_E_INVALID_PARAMETER;
    data = calloc(1, sizeof(*data));
    if (!data)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    data->IPropData_iface.lpVtbl = &data_vtbl;
    mapi_object_init(&data->object, &prop_data_class, NULL);
    prop_init(&data->props, &data->object, &data->IPropData_iface, &IID_IMAPIPropData,
              &prop_data_ops, NULL, 0, data);
    data->props.writable = true;
    atomic_init(&data->readonly, false);
    *ret_data = &data->IPropData_iface;
    return S_OK;
}
