/* A host process that ends without stopping its engine, in each of the ways a program can. Its
 * exit status is what meson looks at; under a sanitizer also the reports. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/engine.h"
#include "net/fiber.h"
#include "net/wait.h"

static struct engine *engine;
static struct engine_event calling;

static HRESULT nothing(void *arg)
{
    return S_OK;
}

static HRESULT sleep_for_ever(void *arg)
{
    engine_event_set(&calling);
    return fiber_sleep_until(NO_DEADLINE);
}

static void *call_for_ever(void *arg)
{
    engine_call(engine, sleep_for_ever, NULL);
    return NULL;
}

static HRESULT keep_busy(void *arg)
{
    while (fiber_yield() == S_OK)
        ;
    return S_OK;
}

static HRESULT work_too(void *arg)
{
    HRESULT hr = engine_work(nothing, NULL);

    return FAILED(hr) ? hr : engine_spawn(engine, keep_busy, NULL, NULL);
}

static void *exit_here(void *arg)
{
    exit(0);
}

int main(int argc, char **argv)
{
    struct engine_options options = {.name = "guest"};
    const char *way = argc > 1 ? argv[1] : "";
    pthread_t thread;

    alarm(30);
    engine_event_init(&calling);
    if (engine_create(&options, &engine) != S_OK)
        return 1;
    if (engine_call(engine, work_too, NULL) != S_OK)
        return 2;
    /* Now there are a loop that turns, a worker, a parked fiber and a thread that waits for it. */
    if (pthread_create(&thread, NULL, call_for_ever, NULL) != 0)
        return 3;
    engine_event_wait(&calling, NO_DEADLINE);

    if (strcmp(way, "return") == 0)
        return 0;
    if (strcmp(way, "exit") == 0)
        exit(0);
    if (strcmp(way, "exit-in-thread") == 0) {
        pthread_create(&thread, NULL, exit_here, NULL);
        for (;;)
            pause();
    }
    return 4;
}
