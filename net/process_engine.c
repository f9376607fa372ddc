/* net/process_engine.c - the engine a caller's work belongs on */
#include "net/process_engine.h"

#include <pthread.h>

/* The one mutable static of net/: the library is one to a process, and so is this. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct engine *process_engine;

void process_engine_set(struct engine *engine)
{
    struct engine *old;

    pthread_mutex_lock(&lock);
    old = process_engine;
    process_engine = engine ? engine_ref(engine) : NULL;
    pthread_mutex_unlock(&lock);
    engine_unref(old);
}

struct engine *process_engine_get(void)
{
    struct engine *engine = engine_current();

    if (engine)
        return engine_ref(engine);
    pthread_mutex_lock(&lock);
    engine = process_engine ? engine_ref(process_engine) : NULL;
    pthread_mutex_unlock(&lock);
    return engine;
}
