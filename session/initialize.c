/* session/initialize.c - MAPIInitialize, MAPIUninitialize and their smaller sisters
 *
 * The one mutable static of the room: the library's subsystem and how often it was asked for. The
 * first call does the work; each failing step has its own code (SES-006 to SES-011). Behaviour:
 * SES-001 to SES-033. */
#include <pthread.h>
#include <stdlib.h>

#include "mapi/idle.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "net/process_engine.h"
#include "session/profiles.h"
#include "session/session.h"

static struct {
    pthread_mutex_t lock;
    unsigned count;                   /* MAPIInitialize minus MAPIUninitialize */
    struct mapi_subsystem *subsystem; /* our reference while count > 0 */
    bool forked;                      /* in a child: what the parent had is not ours */
} library = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define INIT_FLAGS (MAPI_MULTITHREAD_NOTIFICATIONS | MAPI_NT_SERVICE | MAPI_NO_COINIT)

/* --- The subsystem ---------------------------------------------------------------------------- */

struct mapi_subsystem *subsystem_ref(struct mapi_subsystem *subsystem)
{
    mapi_object_ref(&subsystem->object);
    return subsystem;
}

void subsystem_unref(struct mapi_subsystem *subsystem)
{
    if (subsystem)
        mapi_object_unref(&subsystem->object);
}

/* Sessions and what they handed out have gone; the engine has been stopped. */
static void subsystem_destroy(struct mapi_object *object)
{
    struct mapi_subsystem *subsystem = container_of(object, struct mapi_subsystem, object);

    profiles_unref(subsystem->profiles);
    dispatcher_unref(subsystem->dispatcher);
    engine_unref(subsystem->engine);
    engine_mutex_clear(&subsystem->logon_gate);
    pthread_mutex_destroy(&subsystem->lock);
    mapi_object_clear(object);
    free(subsystem);
}

static const struct mapi_face subsystem_faces[] = {{&IID_IUnknown, 0}};

static const struct mapi_class subsystem_class = {
    .name = "subsystem",
    .destroy = subsystem_destroy,
    .faces = subsystem_faces,
    .face_count = 1,
};

static HRESULT subsystem_create(ULONG flags, struct mapi_subsystem **ret_subsystem)
{
    const struct engine_options options = {.name = "mapigate"};
    struct mapi_subsystem *subsystem = calloc(1, sizeof(*subsystem));
    HRESULT hr;

    if (!subsystem)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    mapi_object_init(&subsystem->object, &subsystem_class, NULL);
    subsystem->initializer = pthread_self();
    engine_mutex_init(&subsystem->logon_gate);
    pthread_mutex_init(&subsystem->lock, NULL);
    subsystem->notifies_thread = flags & MAPI_MULTITHREAD_NOTIFICATIONS;
    subsystem->is_service = flags & MAPI_NT_SERVICE;
    hr = engine_create(&options, &subsystem->engine);
    if (FAILED(hr))
        hr = MAPI_E_SESSION_LIMIT; /* SES-008 */
    if (SUCCEEDED(hr)) {
        hr = subsystem->notifies_thread ? notify_thread_create(&subsystem->dispatcher)
                                        : notify_queue_create(&subsystem->dispatcher);
        if (FAILED(hr))
            hr = MAPI_E_INVALID_OBJECT; /* SES-010 */
    }
    if (SUCCEEDED(hr)) {
        hr = profiles_create(&subsystem->profiles);
        if (FAILED(hr))
            hr = MAPI_E_NOT_INITIALIZED; /* SES-011 */
    }
    if (FAILED(hr)) {
        if (subsystem->engine)
            engine_stop(subsystem->engine);
        subsystem_unref(subsystem);
        return hr;
    }
    *ret_subsystem = subsystem;
    return S_OK;
}

/* The end. The engine goes first: who waits in it is woken, so that no gate stays held while the
 * sessions that nobody logged off are ended (docs/engine.md). */
static WAITS void subsystem_close(struct mapi_subsystem *subsystem)
{
    pthread_mutex_lock(&subsystem->lock);
    subsystem->closed = true; /* no session begins any more */
    pthread_mutex_unlock(&subsystem->lock);
    engine_stop(subsystem->engine);
    if (subsystem->notifies_thread) {
        notify_thread_stop(subsystem->dispatcher);
    } else {
        notify_queue_close(subsystem->dispatcher);
        if (pthread_equal(pthread_self(), subsystem->initializer))
            notify_queue_bind(NULL);
    }
    sessions_end_all(subsystem);
    mapi_object_shut(&subsystem->object); /* SES-025 */
}

/* --- Counting --------------------------------------------------------------------------------- */

static void fork_prepare(void)
{
    pthread_mutex_lock(&library.lock);
}

static void fork_parent(void)
{
    pthread_mutex_unlock(&library.lock);
}

static void fork_child(void)
{
    library.forked = library.count > 0;
    if (library.forked) {
        atomic_store(&library.subsystem->left_behind, true);
        mapi_object_shut(&library.subsystem->object);
    }
    pthread_mutex_unlock(&library.lock);
}

static struct dispatcher *default_dispatcher(void)
{
    struct mapi_subsystem *subsystem = subsystem_get();
    struct dispatcher *dispatcher;

    if (!subsystem)
        return NULL;
    dispatcher = dispatcher_ref(subsystem->dispatcher);
    subsystem_unref(subsystem);
    return dispatcher;
}

static void prepare_process(void)
{
    pthread_atfork(fork_prepare, fork_parent, fork_child);
    notify_default_from(default_dispatcher);
}

struct mapi_subsystem *subsystem_get(void)
{
    struct mapi_subsystem *subsystem = NULL;

    pthread_mutex_lock(&library.lock);
    if (library.count > 0 && !library.forked)
        subsystem = subsystem_ref(library.subsystem);
    pthread_mutex_unlock(&library.lock);
    return subsystem;
}

static HRESULT initialize_locked(ULONG flags)
{
    HRESULT hr = S_OK;

    if (library.forked)
        return MAPI_E_NOT_INITIALIZED;
    if (library.count == 0) {
        hr = subsystem_create(flags, &library.subsystem);
        if (FAILED(hr))
            return hr;
        process_engine_set(library.subsystem->engine);
        if (!library.subsystem->notifies_thread) /* SES-016 */
            notify_queue_bind(library.subsystem->dispatcher);
    }
    library.count++;
    return S_OK;
}

MAPI_API HRESULT STDAPICALLTYPE MAPIInitialize(LPVOID init)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const MAPIINIT_0 *options = init;
    HRESULT hr;

    if (options && options->ulVersion != MAPI_INIT_VERSION)
        return MAPI_E_INVALID_PARAMETER; /* SES-014 */
    if (options && options->ulFlags & ~(ULONG)INIT_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS; /* SES-005 */
    pthread_once(&once, prepare_process);
    pthread_mutex_lock(&library.lock);
    hr = initialize_locked(options ? options->ulFlags : 0);
    pthread_mutex_unlock(&library.lock);
    return hr;
}

MAPI_API void STDAPICALLTYPE MAPIUninitialize(void)
{
    struct mapi_subsystem *ended = NULL;

    pthread_mutex_lock(&library.lock);
    if (library.count > 0 && !library.forked && --library.count == 0) {
        ended = library.subsystem;
        library.subsystem = NULL;
        process_engine_set(NULL); /* before the lock goes: the next one sets its own */
    }
    pthread_mutex_unlock(&library.lock);
    if (!ended)
        return;
    subsystem_close(ended);
    subsystem_unref(ended);
}

/* Delivers what waits for the calling thread: the first initialiser's events, and those of sinks
 * that HrThisThreadAdviseSink wrapped here (MEM-085). */
MAPI_API HRESULT STDAPICALLTYPE HrDispatchNotifications(ULONG flags)
{
    struct mapi_subsystem *subsystem = subsystem_get();

    if (!subsystem)
        return MAPI_E_NOT_INITIALIZED;
    subsystem_unref(subsystem);
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    notify_queue_drain_bound();
    idle_run(); /* UTL-105 */
    return S_OK;
}

/* The utilities need no state of their own: both calls are there to be paired (SES-027 to SES-033).
 */
MAPI_API SCODE STDAPICALLTYPE ScInitMapiUtil(ULONG flags)
{
    return flags ? MAPI_E_INVALID_PARAMETER : S_OK;
}

MAPI_API void STDAPICALLTYPE DeinitMapiUtil(void)
{
}
