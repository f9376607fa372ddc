/* mapi/util_notify.c - the exported helpers for notifications
 *
 * HrDispatchNotifications is the session's: it knows whether MAPI is initialised. Requirements:
 * MEM-026 to MEM-028, MEM-057, MEM-058, MEM-061, MEM-083. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/arguments.h"
#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/notify.h"
#include "mapi/object.h"
#include "mapi/propval_types.h"

SCODE STDAPICALLTYPE ScCountNotifications(int count, LPNOTIFICATION notifications, ULONG *ret_size)
{
    size_t size;
    HRESULT hr;

    if (count <= 0 || argument_count_is_bad((ULONG)count) || !notifications)
        return MAPI_E_INVALID_PARAMETER;
    hr = notification_size(notifications, (size_t)count, &size);
    if (SUCCEEDED(hr) && ret_size)
        *ret_size = (ULONG)size;
    return hr;
}

SCODE STDAPICALLTYPE ScCopyNotifications(int count, LPNOTIFICATION notifications, LPVOID dest,
                                         ULONG *ret_size)
{
    size_t size;
    HRESULT hr;

    if (count <= 0 || argument_count_is_bad((ULONG)count) || !notifications || !dest)
        return MAPI_E_INVALID_PARAMETER;
    hr = notification_size(notifications, (size_t)count, &size);
    if (SUCCEEDED(hr))
        hr = notification_copy(dest, notifications, (size_t)count);
    if (SUCCEEDED(hr) && ret_size)
        *ret_size = (ULONG)size;
    return hr;
}

/* ---- Sinks ---- */

/* A sink that calls a function (HrAllocAdviseSink). */
struct function_sink {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    struct mapi_object object;
    LPNOTIFCALLBACK callback;
    void *context;
};

/* A sink that is called on its thread (HrThisThreadAdviseSink): what it hears goes into that
 * thread's queue. */
struct thread_sink {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    struct mapi_object object;
    struct listener *listener; /* a reference; holds the wrapped sink (MEM-058) */
};

static ULONG function_OnNotify(struct function_sink *sink, ULONG count,
                               LPNOTIFICATION notifications)
{
    return (ULONG)sink->callback(sink->context, count, notifications);
}

static ULONG thread_OnNotify(struct thread_sink *sink, ULONG count, LPNOTIFICATION notifications)
{
    struct notice *notice;
    ULONG i;

    for (i = 0; i < count; i++) {
        if (FAILED(notice_create(&notifications[i], &notice)))
            continue; /* no memory for news */
        listener_post(sink->listener, notice);
        notice_unref(notice);
    }
    return 0;
}

/* @thunks IMAPIAdviseSink function_sink function */
/* @thunks IMAPIAdviseSink thread_sink thread */
#include "mapi/util_notify_thunks.inc"

static void function_sink_destroy(struct mapi_object *object)
{
    struct function_sink *sink = container_of(object, struct function_sink, object);

    mapi_object_clear(&sink->object);
    free(sink);
}

static void thread_sink_destroy(struct mapi_object *object)
{
    struct thread_sink *sink = container_of(object, struct thread_sink, object);

    if (sink->listener)
        listener_cancel(sink->listener);
    listener_unref(sink->listener);
    mapi_object_clear(&sink->object);
    free(sink);
}

HRESULT STDAPICALLTYPE HrAllocAdviseSink(LPNOTIFCALLBACK callback, LPVOID context,
                                         LPMAPIADVISESINK *ret_sink)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct function_sink, IID_IMAPIAdviseSink, IMAPIAdviseSink_iface),
    };
    static const struct mapi_class type = {"function_sink", function_sink_destroy, faces, 1};
    struct function_sink *sink;

    if (!ret_sink)
        return MAPI_E_INVALID_PARAMETER;
    *ret_sink = NULL;
    if (!callback)
        return MAPI_E_INVALID_PARAMETER;
    sink = calloc(1, sizeof(*sink));
    if (!sink)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    sink->IMAPIAdviseSink_iface.lpVtbl = &function_vtbl;
    mapi_object_init(&sink->object, &type, NULL);
    sink->callback = callback;
    sink->context = context;
    *ret_sink = &sink->IMAPIAdviseSink_iface;
    return S_OK;
}

bool sink_has_thread(IMAPIAdviseSink *sink)
{
    return sink->lpVtbl == &thread_vtbl;
}

HRESULT STDAPICALLTYPE HrThisThreadAdviseSink(LPMAPIADVISESINK wrapped, LPMAPIADVISESINK *ret_sink)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct thread_sink, IID_IMAPIAdviseSink, IMAPIAdviseSink_iface),
    };
    static const struct mapi_class type = {"thread_sink", thread_sink_destroy, faces, 1};
    struct dispatcher *queue = NULL;
    struct thread_sink *sink;
    HRESULT hr;

    if (!ret_sink)
        return MAPI_E_INVALID_PARAMETER;
    *ret_sink = NULL;
    if (!wrapped)
        return MAPI_E_INVALID_PARAMETER;
    sink = calloc(1, sizeof(*sink));
    if (!sink)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    sink->IMAPIAdviseSink_iface.lpVtbl = &thread_vtbl;
    mapi_object_init(&sink->object, &type, NULL);
    hr = notify_queue_of_thread(&queue);
    if (SUCCEEDED(hr))
        hr = listener_create(queue, NULL, wrapped, NULL, &sink->listener);
    dispatcher_unref(queue);
    if (FAILED(hr)) {
        mapi_object_unref(&sink->object);
        return hr;
    }
    *ret_sink = &sink->IMAPIAdviseSink_iface;
    return S_OK;
}
