/* mapi/prop.c - IMAPIProp, written once: everything but copying (copy.c) */
#include "mapi/prop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiguid.h"
#include "mapi/stream.h"
#include "mapi/text.h"

#define DEFAULT_LIMIT ((size_t)8192)
#define STREAM_MAX    ((size_t)1 << 30)

void prop_init(struct mapi_prop *prop, struct mapi_object *object, void *face, const IID *iid,
               const struct prop_ops *ops, const struct prop_getter *getters, size_t getter_count,
               void *context)
{
    static const struct prop_ops no_ops;

    memset(prop, 0, sizeof(*prop));
    prop->object = object;
    prop->face = face;
    prop->iid = iid;
    prop->ops = ops ? ops : &no_ops;
    prop->context = context;
    pthread_mutex_init(&prop->lock, NULL);
    propbag_init(&prop->bag, getters, getter_count, context);
}

void prop_clear(struct mapi_prop *prop)
{
    if (!prop->object)
        return; /* never initialised */
    propbag_clear(&prop->bag);
    pthread_mutex_destroy(&prop->lock);
    prop->object = NULL;
}

HRESULT prop_load_value(struct mapi_prop *prop, const SPropValue *value, unsigned attributes)
{
    HRESULT hr;

    pthread_mutex_lock(&prop->lock);
    hr = propbag_load(&prop->bag, value, attributes);
    pthread_mutex_unlock(&prop->lock);
    return hr;
}

HRESULT prop_dup_value(struct mapi_prop *prop, ULONG tag, SPropValue **ret_value)
{
    struct arena scratch = {0};
    SPropValue value;
    HRESULT hr;

    pthread_mutex_lock(&prop->lock);
    hr = propbag_get(&prop->bag, tag, MAPI_UNICODE, &scratch, &value);
    if (SUCCEEDED(hr))
        hr = propval_dup(&value, 1, ret_value);
    pthread_mutex_unlock(&prop->lock);
    arena_clear(&scratch);
    return hr;
}

HRESULT prop_GetLastError(struct mapi_prop *prop, HRESULT hr, ULONG flags, LPMAPIERROR *ret_error)
{
    return mapi_object_get_last_error(prop->object, hr, flags, ret_error);
}

HRESULT prop_SaveChanges(struct mapi_prop *prop, ULONG flags)
{
    if (flags & ~(ULONG)PROP_SAVE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!prop->ops->save)
        return MAPI_E_NO_SUPPORT;
    if (!prop->writable)
        return MAPI_E_NO_ACCESS;
    return prop->ops->save(prop, flags);
}

/* ---- Reading ---- */

/* A column list that is as it should be; PT_UNSPECIFIED and PR_NULL are allowed. */
static HRESULT check_tags(const SPropTagArray *tags)
{
    ULONG i;

    if (tags->cValues == 0)
        return MAPI_E_INVALID_PARAMETER; /* STO-242 */
    for (i = 0; i < tags->cValues; i++)
        if (PROP_ID(tags->aulPropTag[i]) == PROP_ID_INVALID)
            return MAPI_E_INVALID_PARAMETER;
    return S_OK;
}

HRESULT prop_GetProps(struct mapi_prop *prop, LPSPropTagArray tags, ULONG flags, ULONG *ret_count,
                      LPSPropValue *ret_values)
{
    HRESULT hr;

    if (!ret_count || !ret_values)
        return MAPI_E_INVALID_PARAMETER;
    *ret_count = 0;
    *ret_values = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (tags) {
        hr = check_tags(tags);
        if (FAILED(hr))
            return hr;
    }
    if (prop->ops->load) {
        hr = prop->ops->load(prop, tags);
        if (FAILED(hr))
            return hr;
    }
    pthread_mutex_lock(&prop->lock);
    hr = propbag_get_props(&prop->bag, tags, flags, prop->limit ? prop->limit : DEFAULT_LIMIT,
                           ret_count, ret_values);
    pthread_mutex_unlock(&prop->lock);
    return hr;
}

HRESULT prop_GetPropList(struct mapi_prop *prop, ULONG flags, LPSPropTagArray *ret_tags)
{
    HRESULT hr;

    if (!ret_tags)
        return MAPI_E_INVALID_PARAMETER;
    *ret_tags = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (prop->ops->load) {
        hr = prop->ops->load(prop, NULL);
        if (FAILED(hr))
            return hr;
    }
    pthread_mutex_lock(&prop->lock);
    hr = propbag_list(&prop->bag, flags, ret_tags);
    pthread_mutex_unlock(&prop->lock);
    return hr;
}

/* ---- Writing ---- */

/* Collects problems; the array exists only if there are any (PRP-010). */
struct problems {
    SPropProblemArray *array;
    ULONG most;
};

static HRESULT add_problem(struct problems *problems, ULONG index, ULONG tag, HRESULT hr)
{
    SPropProblemArray *array = problems->array;

    if (!array) {
        array = mapi_alloc(NULL, CbNewSPropProblemArray(problems->most));
        if (!array)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        problems->array = array;
    }
    array->aProblem[array->cProblem++] =
        (SPropProblem){.ulIndex = index, .ulPropTag = tag, .scode = hr};
    return S_OK;
}

static HRESULT hand_out_problems(struct problems *problems, HRESULT hr,
                                 SPropProblemArray **ret_problems)
{
    if (FAILED(hr) || !ret_problems)
        mapi_free(problems->array);
    else
        *ret_problems = problems->array;
    return hr;
}

/* What makes the whole call fail, before anything is set (STO-251). */
static HRESULT check_values(ULONG count, const SPropValue *values)
{
    ULONG i;

    if (count == 0 || !values)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < count; i++) {
        SPropValue value = values[i];

        if (PROP_TYPE(value.ulPropTag) == PT_ERROR || PROP_ID(value.ulPropTag) == PROP_ID_NULL)
            continue;
        if (PROP_TYPE(value.ulPropTag) == PT_BOOLEAN)
            value.Value.b = value.Value.b != 0;
        if (PROP_TYPE(value.ulPropTag) == PT_OBJECT || propval_is_bad(&value))
            return MAPI_E_INVALID_PARAMETER;
    }
    return S_OK;
}

static HRESULT set_one(struct mapi_prop *prop, const SPropValue *given)
{
    SPropValue value = *given;
    HRESULT hr = S_OK;

    if (PROP_TYPE(value.ulPropTag) == PT_NULL)
        return MAPI_E_INVALID_TYPE; /* a type of calls, not of values (PRP-005) */
    if (prop->ops->change)
        hr = prop->ops->change(prop, value.ulPropTag, &value);
    if (hr != S_OK)
        return FAILED(hr) ? hr : S_OK;
    pthread_mutex_lock(&prop->lock);
    hr = propbag_set(&prop->bag, &value);
    pthread_mutex_unlock(&prop->lock);
    return hr;
}

static HRESULT tell_changed(struct mapi_prop *prop)
{
    return prop->ops->changed ? prop->ops->changed(prop) : S_OK;
}

HRESULT prop_SetProps(struct mapi_prop *prop, ULONG count, LPSPropValue values,
                      LPSPropProblemArray *ret_problems)
{
    struct problems problems = {.most = count};
    HRESULT hr, result;
    ULONG i;

    if (ret_problems)
        *ret_problems = NULL;
    hr = check_values(count, values);
    if (FAILED(hr))
        return hr;
    if (!prop->writable)
        return MAPI_E_NO_ACCESS;

    result = S_OK;
    for (i = 0; i < count && SUCCEEDED(result); i++) {
        if (PROP_TYPE(values[i].ulPropTag) == PT_ERROR ||
            PROP_ID(values[i].ulPropTag) == PROP_ID_NULL)
            continue; /* STO-250 */
        hr = set_one(prop, &values[i]);
        if (FAILED(hr))
            result = add_problem(&problems, i, values[i].ulPropTag, hr);
    }
    if (SUCCEEDED(result))
        result = tell_changed(prop);
    return hand_out_problems(&problems, result, ret_problems);
}

static HRESULT delete_one(struct mapi_prop *prop, ULONG tag)
{
    HRESULT hr = S_OK;

    if (prop->ops->change)
        hr = prop->ops->change(prop, tag, NULL);
    if (hr != S_OK)
        return FAILED(hr) ? hr : S_OK;
    pthread_mutex_lock(&prop->lock);
    hr = propbag_delete(&prop->bag, tag);
    pthread_mutex_unlock(&prop->lock);
    return hr;
}

HRESULT prop_DeleteProps(struct mapi_prop *prop, LPSPropTagArray tags,
                         LPSPropProblemArray *ret_problems)
{
    struct problems problems = {0};
    HRESULT hr, result;
    ULONG i;

    if (ret_problems)
        *ret_problems = NULL;
    if (!tags)
        return MAPI_E_INVALID_PARAMETER; /* STO-254 */
    hr = check_tags(tags);
    if (FAILED(hr))
        return hr;
    if (!prop->writable)
        return MAPI_E_NO_ACCESS; /* STO-255 */
    if (prop->ops->load) {
        hr = prop->ops->load(prop, tags);
        if (FAILED(hr))
            return hr;
    }

    problems.most = tags->cValues;
    result = S_OK;
    for (i = 0; i < tags->cValues && SUCCEEDED(result); i++) {
        hr = delete_one(prop, tags->aulPropTag[i]);
        if (FAILED(hr))
            result = add_problem(&problems, i, tags->aulPropTag[i], hr);
    }
    if (SUCCEEDED(result))
        result = tell_changed(prop);
    return hand_out_problems(&problems, result, ret_problems);
}

/* ---- Streams on properties of the bag ---- */

struct prop_stream {
    struct mapi_prop *prop; /* kept alive by the stream's owner reference */
    ULONG tag;
};

static HRESULT prop_stream_commit(void *context, const void *data, size_t size, bool last)
{
    struct prop_stream *stream = context;
    SPropValue value = {.ulPropTag = stream->tag};
    char *text = NULL;
    HRESULT hr;

    if (PROP_TYPE(stream->tag) == PT_BINARY) {
        value.Value.bin.cb = (ULONG)size;
        value.Value.bin.lpb = (BYTE *)data;
    } else {
        /* Streams hold text without its terminator. */
        text = mapi_alloc(NULL, size + sizeof(WCHAR));
        if (!text)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        if (size)
            memcpy(text, data, size);
        if (PROP_TYPE(stream->tag) == PT_UNICODE && size % sizeof(WCHAR))
            text[size - 1] = '\0'; /* half a unit is none */
        value.Value.lpszA = text;
    }
    hr = set_one(stream->prop, &value);
    mapi_free(text);
    if (last || FAILED(hr))
        return hr; /* a Release may not wait: the change stays dirty in the bag */
    return tell_changed(stream->prop);
}

static size_t stream_size(const SPropValue *value)
{
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_BINARY:
        return value->Value.bin.cb;
    case PT_STRING8:
        return strlen(value->Value.lpszA);
    default:
        return utf16_length(value->Value.lpszW) * sizeof(WCHAR);
    }
}

static HRESULT open_stream(struct mapi_prop *prop, ULONG tag, ULONG flags, IUnknown **ret_unknown)
{
    struct memory_stream_options options = {0};
    struct prop_stream *context;
    SPropValue *value = NULL;
    IStream *stream;
    HRESULT hr;

    if (!(flags & MAPI_CREATE)) { /* else what was there does not count (STO-265) */
        hr = prop_dup_value(prop, tag, &value);
        if (FAILED(hr))
            return hr;
    }
    context = malloc(sizeof(*context));
    if (!context) {
        mapi_free(value);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    context->prop = prop;
    context->tag = tag;
    if (value) {
        options.data =
            PROP_TYPE(tag) == PT_BINARY ? (void *)value->Value.bin.lpb : (void *)value->Value.lpszA;
        options.size = stream_size(value);
    }
    options.writable = flags & (MAPI_MODIFY | MAPI_CREATE);
    options.dirty = flags & MAPI_CREATE;
    options.max_size = STREAM_MAX;
    options.owner = prop->object;
    options.hooks.commit = prop_stream_commit;
    options.hooks.dropped = free;
    options.hooks.context = context;
    hr = memory_stream_create(&options, &stream);
    mapi_free(value);
    if (FAILED(hr)) {
        free(context);
        return hr;
    }
    *ret_unknown = (IUnknown *)stream;
    return S_OK;
}

HRESULT prop_OpenProperty(struct mapi_prop *prop, ULONG tag, LPCIID iid, ULONG interface_options,
                          ULONG flags, LPUNKNOWN *ret_unknown)
{
    SizedSPropTagArray(1, tags) = {1, {tag}};
    HRESULT hr;

    if (!ret_unknown)
        return MAPI_E_INVALID_PARAMETER;
    *ret_unknown = NULL;
    if (!iid || PROP_TYPE(tag) == PT_UNSPECIFIED || PROP_ID(tag) == PROP_ID_NULL ||
        PROP_ID(tag) == PROP_ID_INVALID)
        return MAPI_E_INVALID_PARAMETER; /* STO-266 */
    if (flags & ~(ULONG)(MAPI_CREATE | MAPI_MODIFY | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if ((flags & (MAPI_CREATE | MAPI_MODIFY)) && !prop->writable)
        return MAPI_E_NO_ACCESS;
    if (prop->ops->open) {
        hr = prop->ops->open(prop, tag, iid, interface_options, flags, ret_unknown);
        if (hr != MAPI_E_NO_SUPPORT)
            return hr;
    }
    if (!propval_type_has_stream(PROP_TYPE(tag)) ||
        !(guid_equal(iid, &IID_IStream) || guid_equal(iid, &IID_ISequentialStream)))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (prop->ops->load) {
        hr = prop->ops->load(prop, (SPropTagArray *)&tags);
        if (FAILED(hr))
            return hr;
    }
    return open_stream(prop, tag, flags, ret_unknown);
}

/* ---- Names ---- */

HRESULT prop_GetNamesFromIDs(struct mapi_prop *prop, LPSPropTagArray *tags, LPGUID set, ULONG flags,
                             ULONG *ret_count, LPMAPINAMEID **ret_names)
{
    if (!tags || !ret_count || !ret_names || argument_tags_are_bad(*tags))
        return MAPI_E_INVALID_PARAMETER;
    *ret_count = 0;
    *ret_names = NULL;
    if (flags & ~(ULONG)(MAPI_NO_IDS | MAPI_NO_STRINGS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!prop->ops->names_from_ids)
        return MAPI_E_NO_SUPPORT; /* STO-284 */
    return prop->ops->names_from_ids(prop, tags, set, flags, ret_count, ret_names);
}

static bool name_is_bad(const MAPINAMEID *name)
{
    if (!name || !name->lpguid)
        return true;
    return name->ulKind != MNID_ID && (name->ulKind != MNID_STRING || !name->Kind.lpwstrName);
}

HRESULT prop_GetIDsFromNames(struct mapi_prop *prop, ULONG count, LPMAPINAMEID *names, ULONG flags,
                             LPSPropTagArray *ret_tags)
{
    ULONG i;

    if (!ret_tags)
        return MAPI_E_INVALID_PARAMETER;
    *ret_tags = NULL;
    if (flags & ~(ULONG)MAPI_CREATE)
        return MAPI_E_UNKNOWN_FLAGS;
    if ((!names && (flags & MAPI_CREATE)) || (names && count == 0))
        return MAPI_E_INVALID_PARAMETER; /* STO-279 */
    for (i = 0; names && i < count; i++)
        if (name_is_bad(names[i]))
            return MAPI_E_INVALID_PARAMETER; /* PRP-066 */
    if (!prop->ops->ids_from_names)
        return MAPI_E_NO_SUPPORT;
    return prop->ops->ids_from_names(prop, names ? count : 0, names, flags, ret_tags);
}
