/* net/work.c - engine_work: an engine's own threads for what would block its loop
 *
 * Not libuv's pool, which is process-wide and may belong to the host. Threads start when they are
 * first needed and end with the engine. A job lives on the stack of the fiber that waits for it,
 * so there are never more of them than fibers. */
#include <assert.h>
#include <stdio.h>

#include "net/engine-struct.h"

struct job {
    struct job *next;
    struct engine_node node; /* brings the answer back */
    struct engine *engine;
    engine_fn *fn;
    void *arg;
    HRESULT result;
    struct fiber_wait done;
};

int workers_init(struct workers *workers, unsigned max)
{
    const unsigned limit = sizeof(workers->threads) / sizeof(*workers->threads);

    workers->max = max == 0 ? 2 : max > limit ? limit : max;
    pthread_mutex_init(&workers->lock, NULL);
    return pthread_cond_init(&workers->wanted, NULL);
}

void workers_clear(struct workers *workers)
{
    pthread_mutex_destroy(&workers->lock);
    pthread_cond_destroy(&workers->wanted);
}

static void job_done(struct engine_node *node)
{
    struct job *job = container_of(node, struct job, node);

    fiber_wake(&job->done, job->result);
}

static void job_run(struct job *job)
{
    struct engine *engine = job->engine;

    job->result = job->fn(job->arg);
    pthread_mutex_lock(&engine->workers.lock);
    engine->workers.jobs--;
    pthread_mutex_unlock(&engine->workers.lock);
    engine_post(engine, &job->node, job_done);
}

static void *worker_main(void *arg)
{
    struct engine *engine = arg;
    struct workers *workers = &engine->workers;
    char name[24];
    struct job *job;

    snprintf(name, sizeof(name), "%.10s-work", engine->name);
    pthread_setname_np(pthread_self(), name);
    engine_enter_worker(engine);

    pthread_mutex_lock(&workers->lock);
    for (;;) {
        while (!workers->head && !workers->ending)
            pthread_cond_wait(&workers->wanted, &workers->lock);
        job = workers->head;
        if (!job)
            break;
        workers->head = job->next;
        if (!workers->head)
            workers->tail = NULL;
        pthread_mutex_unlock(&workers->lock);
        job_run(job);
        pthread_mutex_lock(&workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

/* False when there is no thread to run it. */
static bool workers_add(struct engine *engine, struct job *job)
{
    struct workers *workers = &engine->workers;
    bool ok = true;

    pthread_mutex_lock(&workers->lock);
    if (workers->jobs >= workers->count && workers->count < workers->max &&
        engine_thread_create(&workers->threads[workers->count], worker_main, engine) == 0)
        workers->count++;
    if (workers->count == 0) {
        ok = false;
    } else {
        if (workers->tail)
            workers->tail->next = job;
        else
            workers->head = job;
        workers->tail = job;
        workers->jobs++;
        pthread_cond_signal(&workers->wanted);
    }
    pthread_mutex_unlock(&workers->lock);
    return ok;
}

HRESULT engine_work(engine_fn *fn, void *arg)
{
    struct job job = {.engine = engine_current(), .fn = fn, .arg = arg};

    switch (engine_place()) {
    case ENGINE_OUTSIDE:
        return fn(arg);
    case ENGINE_FIBER:
        if (fiber_cancelled())
            return MAPI_E_USER_CANCEL;
        if (!workers_add(job.engine, &job))
            return MAPI_E_NOT_ENOUGH_RESOURCES;
        return fiber_wait_out(&job.done);
    default:
        assert(!"waits on the loop or in a job");
        return MAPI_E_CALL_FAILED;
    }
}

bool workers_busy(struct workers *workers)
{
    bool busy;

    pthread_mutex_lock(&workers->lock);
    busy = workers->jobs > 0;
    pthread_mutex_unlock(&workers->lock);
    return busy;
}

void workers_end(struct workers *workers)
{
    unsigned i;

    pthread_mutex_lock(&workers->lock);
    workers->ending = true;
    pthread_cond_broadcast(&workers->wanted);
    pthread_mutex_unlock(&workers->lock);
    for (i = 0; i < workers->count; i++)
        pthread_join(workers->threads[i], NULL);
    workers->count = 0;
}
