/* mapi/object.c - what every COM object of ours embeds */
#include "mapi/object.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/notify.h"
#include "mapi/text.h"

void mapi_object_init(struct mapi_object *object, const struct mapi_class *type,
                      struct mapi_object *owner)
{
    assert(type->face_count > 0);
    object->type = type;
    atomic_init(&object->refs, 1);
    atomic_init(&object->dead, S_OK);
    object->owner = owner;
    if (owner)
        mapi_object_ref(owner);
    pthread_mutex_init(&object->error_lock, NULL);
    object->last_error = NULL;
}

void mapi_object_clear(struct mapi_object *object)
{
    struct mapi_object *owner = object->owner;

    if (!object->type)
        return; /* never initialised */
    object->type = NULL;
    object->owner = NULL;
    free(object->last_error);
    object->last_error = NULL;
    pthread_mutex_destroy(&object->error_lock);
    mapi_object_unref(owner);
}

ULONG mapi_object_ref(struct mapi_object *object)
{
    unsigned refs = atomic_fetch_add_explicit(&object->refs, 1, memory_order_relaxed);

    assert(refs > 0); /* a stale pointer */
    return refs + 1;
}

bool mapi_object_try_ref(struct mapi_object *object)
{
    unsigned refs = atomic_load(&object->refs);

    while (refs > 0)
        if (atomic_compare_exchange_weak(&object->refs, &refs, refs + 1))
            return true;
    return false;
}

ULONG mapi_object_unref(struct mapi_object *object)
{
    unsigned refs;

    if (!object)
        return 0;
    refs = atomic_fetch_sub_explicit(&object->refs, 1, memory_order_acq_rel);
    assert(refs > 0);
    if (refs == 1)
        object->type->destroy(object);
    return refs - 1;
}

void mapi_object_invalidate(struct mapi_object *object)
{
    int alive = S_OK;

    atomic_compare_exchange_strong(&object->dead, &alive, (int)MAPI_E_INVALID_OBJECT);
}

void mapi_object_shut(struct mapi_object *object)
{
    atomic_store(&object->dead, (int)MAPI_E_NOT_INITIALIZED);
}

/* What its methods answer. A shut owner has the last word: an object that was invalid before is
 * still part of what was shut down. */
static HRESULT answer_of(const struct mapi_object *object)
{
    HRESULT answer = S_OK, hr;

    for (; object; object = object->owner) {
        hr = atomic_load_explicit(&object->dead, memory_order_acquire);
        if (hr == (HRESULT)MAPI_E_NOT_INITIALIZED || answer == S_OK)
            answer = hr;
    }
    return answer;
}

bool mapi_object_is_alive(const struct mapi_object *object)
{
    return answer_of(object) == S_OK;
}

bool mapi_object_gives(const struct mapi_object *object, const IID *iid)
{
    if (!iid || guid_equal(iid, &IID_IUnknown))
        return true;
    for (size_t i = 0; i < object->type->face_count; i++)
        if (guid_equal(iid, object->type->faces[i].iid))
            return true;
    return false;
}

HRESULT mapi_object_query(struct mapi_object *object, REFIID iid, void **ret)
{
    const struct mapi_class *type = object->type;
    HRESULT hr;
    size_t i;

    if (!ret)
        return MAPI_E_INVALID_PARAMETER;
    *ret = NULL;
    if (!iid)
        return MAPI_E_INVALID_PARAMETER;

    if (guid_equal(iid, &IID_IUnknown)) {
        mapi_object_ref(object);
        *ret = (char *)object + type->faces[0].offset;
        return S_OK;
    }
    hr = answer_of(object);
    if (FAILED(hr))
        return hr;
    for (i = 0; i < type->face_count; i++) {
        if (!guid_equal(iid, type->faces[i].iid))
            continue;
        mapi_object_ref(object);
        *ret = (char *)object + type->faces[i].offset;
        return S_OK;
    }
    return MAPI_E_INTERFACE_NOT_SUPPORTED;
}

HRESULT mapi_object_enter(struct mapi_object *object)
{
    HRESULT hr = answer_of(object);

    if (SUCCEEDED(hr))
        mapi_object_ref(object);
    return hr;
}

HRESULT mapi_object_leave(struct mapi_object *object, HRESULT hr)
{
    mapi_object_unref(object);
    notify_queue_drain_bound();
    return hr;
}

HRESULT mapi_object_fail(struct mapi_object *object, const struct error_info *error)
{
    struct error_info *kept, *old;

    if (SUCCEEDED(error->hr) && !error->text[0])
        return error->hr;
    kept = malloc(sizeof(*kept));
    if (!kept)
        return error->hr; /* the sentence is lost, the code is not */
    *kept = *error;
    pthread_mutex_lock(&object->error_lock);
    old = object->last_error;
    object->last_error = kept;
    pthread_mutex_unlock(&object->error_lock);
    free(old);
    return kept->hr;
}

HRESULT mapi_object_error(struct mapi_object *object, HRESULT hr, const char *component,
                          const char *format, ...)
{
    struct error_info error;
    char text[ERROR_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error_set(&error, hr, component, "%s", text);
    return mapi_object_fail(object, &error);
}

void mapi_object_last_error(struct mapi_object *object, struct error_info *ret_error)
{
    pthread_mutex_lock(&object->error_lock);
    if (object->last_error)
        *ret_error = *object->last_error;
    else
        error_clear(ret_error);
    pthread_mutex_unlock(&object->error_lock);
}

HRESULT mapi_error_create(const struct error_info *error, ULONG flags, MAPIERROR **ret_error)
{
    MAPIERROR *made = mapi_alloc(NULL, sizeof(*made));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (!made)
        return hr;
    made->ulVersion = MAPI_ERROR_VERSION;
    made->ulLowLevelError = error->low_level;
    hr = S_OK;
    if (error->text[0])
        hr = text_to_result(made, error->text, flags, &made->lpszError);
    if (SUCCEEDED(hr) && error->component[0])
        hr = text_to_result(made, error->component, flags, &made->lpszComponent);
    if (FAILED(hr)) {
        mapi_free(made);
        return hr;
    }
    *ret_error = made;
    return S_OK;
}

HRESULT mapi_object_get_last_error(struct mapi_object *object, HRESULT hr, ULONG flags,
                                   MAPIERROR **ret_error)
{
    struct error_info error;

    if (!ret_error)
        return MAPI_E_INVALID_PARAMETER;
    *ret_error = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    mapi_object_last_error(object, &error);
    if (hr == S_OK || error.hr != hr)
        return S_OK;
    return mapi_error_create(&error, flags, ret_error);
}

void unknown_addref(void *iface)
{
    IUnknown *unknown = iface;

    if (unknown)
        unknown->lpVtbl->AddRef(unknown);
}

void unknown_release(void *iface)
{
    IUnknown *unknown = iface;

    if (unknown)
        unknown->lpVtbl->Release(unknown);
}
