/* tests/mapi/sink.c - an advise sink that writes down what it hears */
#include "mapi/sink.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mapi/mapiguid.h"
#include "mapi/object.h"

static struct test_sink *from_iface(IMAPIAdviseSink *iface)
{
    return container_of(iface, struct test_sink, IMAPIAdviseSink_iface);
}

static HRESULT STDMETHODCALLTYPE sink_QueryInterface(IMAPIAdviseSink *iface, REFIID iid, void **ret)
{
    if (!guid_equal(iid, &IID_IUnknown) && !guid_equal(iid, &IID_IMAPIAdviseSink)) {
        *ret = NULL;
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    }
    *ret = iface;
    iface->lpVtbl->AddRef(iface);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_AddRef(IMAPIAdviseSink *iface)
{
    return __atomic_add_fetch(&from_iface(iface)->refs, 1, __ATOMIC_SEQ_CST);
}

static ULONG STDMETHODCALLTYPE sink_Release(IMAPIAdviseSink *iface)
{
    struct test_sink *sink = from_iface(iface);
    unsigned refs = __atomic_sub_fetch(&sink->refs, 1, __ATOMIC_SEQ_CST);

    if (refs == 0) {
        test_sink_forget(sink);
        free(sink);
    }
    return refs;
}

static ULONG STDMETHODCALLTYPE sink_OnNotify(IMAPIAdviseSink *iface, ULONG count,
                                             NOTIFICATION *notifications)
{
    struct test_sink *sink = from_iface(iface);
    ULONG i;

    pthread_mutex_lock(&sink->lock);
    for (i = 0; i < count && sink->count < SINK_MAX; i++)
        if (SUCCEEDED(notice_create(&notifications[i], &sink->notices[sink->count])))
            sink->count++;
    sink->calls++;
    sink->thread = pthread_self();
    pthread_cond_broadcast(&sink->heard);
    pthread_mutex_unlock(&sink->lock);
    if (sink->during)
        sink->during(sink);
    return 0;
}

struct test_sink *test_sink_create(void)
{
    static const IMAPIAdviseSinkVtbl vtbl = {
        .QueryInterface = sink_QueryInterface,
        .AddRef = sink_AddRef,
        .Release = sink_Release,
        .OnNotify = sink_OnNotify,
    };
    struct test_sink *sink = calloc(1, sizeof(*sink));

    sink->IMAPIAdviseSink_iface.lpVtbl = &vtbl;
    sink->refs = 1;
    pthread_mutex_init(&sink->lock, NULL);
    pthread_cond_init(&sink->heard, NULL);
    return sink;
}

bool test_sink_wait(struct test_sink *sink, size_t count)
{
    struct timespec guard;
    bool enough;

    clock_gettime(CLOCK_REALTIME, &guard);
    guard.tv_sec += 30;
    pthread_mutex_lock(&sink->lock);
    while (sink->count < count && pthread_cond_timedwait(&sink->heard, &sink->lock, &guard) == 0)
        ;
    enough = sink->count >= count;
    pthread_mutex_unlock(&sink->lock);
    return enough;
}

const NOTIFICATION *test_sink_at(struct test_sink *sink, size_t index)
{
    const NOTIFICATION *notification = NULL;

    pthread_mutex_lock(&sink->lock);
    if (index < sink->count)
        notification = notice_get(sink->notices[index]);
    pthread_mutex_unlock(&sink->lock);
    return notification;
}

void test_sink_forget(struct test_sink *sink)
{
    size_t i;

    pthread_mutex_lock(&sink->lock);
    for (i = 0; i < sink->count; i++)
        notice_unref(sink->notices[i]);
    sink->count = sink->calls = 0;
    pthread_mutex_unlock(&sink->lock);
}

void test_sink_release(struct test_sink *sink)
{
    sink->IMAPIAdviseSink_iface.lpVtbl->Release(&sink->IMAPIAdviseSink_iface);
}

unsigned test_sink_refs(struct test_sink *sink)
{
    return __atomic_load_n(&sink->refs, __ATOMIC_SEQ_CST);
}
